//! Letters leave: claimed in batches, one recipient a transaction, the state committed before the final dot.
//!
//! `sent` of one letter and `committing` of the next share a commit, so a crash can double at most one letter a
//! connection (mail-rules section 7). No transaction is open while a server is spoken to.

use std::future::Future;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::classify;
use crate::deliver::outbox::{Attempt, LetterState};
use crate::mail::{MailboxName, Outgoing};
use crate::store::Tx;
use crate::store::outbox::Claimed;

use super::run::{Stop, asked};
use super::{Desk, letters, report};

/// Letters that one connection claims at a time.
const CLAIM: usize = 20;
/// Longer than the ten minutes that a server may take to answer the final dot (RFC 5321 section 4.5.3.2.6).
const LEASE: SignedDuration = SignedDuration::from_mins(20);
/// Servers answer a final dot within a second, rarely within some; a supervisor gives us a minute or more to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// A way out for letters: an SMTP server, a Maildir, or the memory of a test.
pub trait Road: Send + Sync {
    type Post: Post;

    /// A connection ready for letters. The error says how the try of a letter would have ended.
    fn open(&self) -> impl Future<Output = Result<Self::Post, Attempt>> + Send;
}

/// One open connection.
pub trait Post: Send {
    /// Everything before the content. Err: nothing of the letter was sent, the outcome is certain.
    fn offer(&mut self, letter: &Outgoing) -> impl Future<Output = Result<(), Attempt>> + Send;

    /// The content and its final dot.
    fn hand_over(&mut self, letter: &Outgoing) -> impl Future<Output = Attempt> + Send;

    /// May a further letter be offered on it?
    fn is_usable(&self) -> bool;

    fn close(self) -> impl Future<Output = ()> + Send;
}

/// How a round of sending ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Nothing was due.
    Idle,
    /// So many letters were tried.
    Tried(usize),
    /// The server cannot be used at the moment: wait before the next round.
    Trouble,
}

impl Desk {
    /// One round: claims what is due in this mailbox and sends it over `post`, which is opened when there is none.
    pub async fn send_due<R: Road>(
        &self,
        mailbox: &MailboxName,
        road: &R,
        post: &mut Option<R::Post>,
        at_most: usize,
    ) -> anyhow::Result<Round> {
        let (_nobody, stop) = tokio::sync::watch::channel(false);
        self.send_until(mailbox, road, post, at_most, &stop).await
    }

    /// As [`Desk::send_due`], ended by a stop: what is not on the wire yet goes back as it was, and an answer to a final
    /// dot is waited for a little, because a letter in doubt may go twice.
    pub async fn send_until<R: Road>(
        &self,
        mailbox: &MailboxName,
        road: &R,
        post: &mut Option<R::Post>,
        at_most: usize,
        stop: &Stop,
    ) -> anyhow::Result<Round> {
        let claimed = self.claim(mailbox, at_most.min(CLAIM)).await?;
        if claimed.is_empty() {
            return Ok(Round::Idle);
        }
        let mut round = Sending { desk: self, stop: stop.clone(), ended: None, tried: 0, consequences: false };
        let ended = round.send_all(road, post, claimed).await;
        if round.consequences {
            // Doubts to wait for, notices to send: others have to look anew.
            self.nudges.turn.notify_one();
            self.nudges.letters.notify_waiters();
        }
        ended
    }

    async fn claim(&self, mailbox: &MailboxName, limit: usize) -> anyhow::Result<Vec<Claimed>> {
        let now = self.time.now();
        let mut tx = self.store.begin().await?;
        let claimed = tx.claim(mailbox, limit, now, now + LEASE).await?;
        if !claimed.is_empty() {
            tx.commit().await?;
        }
        Ok(claimed)
    }
}

/// What a letter's try means for the rest of its claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    /// The server cannot be used.
    Trouble,
    Stopped,
}

/// The letters of one claim on their way.
struct Sending<'a> {
    desk: &'a Desk,
    stop: Stop,
    /// The letter before: its end is written with the next one's `committing`.
    ended: Option<(Claimed, Attempt)>,
    tried: usize,
    /// Some try ended otherwise than well.
    consequences: bool,
}

impl Sending<'_> {
    async fn send_all<R: Road>(
        &mut self,
        road: &R,
        post: &mut Option<R::Post>,
        claimed: Vec<Claimed>,
    ) -> anyhow::Result<Round> {
        let mut waiting = claimed.into_iter();
        while let Some(letter) = waiting.next() {
            let next = self.send(road, post, letter).await?;
            if next != Next::GoOn {
                self.give_back(waiting.collect()).await?;
                return Ok(if next == Next::Trouble { Round::Trouble } else { Round::Tried(self.tried) });
            }
        }
        self.settle_last().await?;
        Ok(Round::Tried(self.tried))
    }

    async fn send<R: Road>(&mut self, road: &R, post: &mut Option<R::Post>, letter: Claimed) -> anyhow::Result<Next> {
        let offered = tokio::select! {
            biased;
            () = asked(&mut self.stop) => None,
            offered = offer(road, post, &letter.outgoing) => Some(offered),
        };
        let Some(offered) = offered else {
            *post = None;
            self.give_back(vec![letter]).await?;
            return Ok(Next::Stopped);
        };
        self.tried += 1;
        if let Err(attempt) = offered {
            // Our own fault, or a connection that is gone, says nothing of this letter: the others would fare the same.
            let is_usable = post.as_ref().is_some_and(Post::is_usable);
            let goes_on = !matches!(attempt, Attempt::OurFault { .. }) && is_usable;
            self.settle(letter, attempt).await?;
            return Ok(if goes_on { Next::GoOn } else { Next::Trouble });
        }
        if !self.commit_before_dot(&letter).await? {
            // Withdrawn at the last moment: without its final dot the server must forget it (RFC 5321 section 4.1.1.10).
            *post = None;
            return Ok(Next::GoOn);
        }
        let attempt = self.hand_over(post, &letter).await;
        let goes_on = !matches!(attempt, Attempt::OurFault { .. });
        self.ended = Some((letter, attempt));
        Ok(if goes_on { Next::GoOn } else { Next::Trouble })
    }

    async fn hand_over<P: Post>(&mut self, post: &mut Option<P>, letter: &Claimed) -> Attempt {
        let Some(open) = post else { return Attempt::Later { answer: "the connection is gone".into() } };
        let attempt = tokio::select! {
            biased;
            attempt = open.hand_over(&letter.outgoing) => return attempt,
            () = patience(&mut self.stop) => Attempt::InDoubt { answer: "stopped before the server answered".into() },
        };
        *post = None;
        attempt
    }

    /// Committed before the final dot, so that after a crash we know that the letter may have gone.
    async fn commit_before_dot(&mut self, letter: &Claimed) -> anyhow::Result<bool> {
        let now = self.desk.time.now();
        let mut tx = self.desk.store.begin().await?;
        if let Some((before, attempt)) = self.ended.take() {
            self.write_end(&mut tx, &before, &attempt, now).await?;
        }
        let may_go = tx.committing(letter.outgoing.id, letter.fence, now + LEASE).await?;
        tx.commit().await?;
        Ok(may_go)
    }

    async fn settle(&mut self, letter: Claimed, attempt: Attempt) -> anyhow::Result<()> {
        self.settle_last().await?;
        self.ended = Some((letter, attempt));
        self.settle_last().await
    }

    async fn settle_last(&mut self) -> anyhow::Result<()> {
        let Some((letter, attempt)) = self.ended.take() else { return Ok(()) };
        let mut tx = self.desk.store.begin().await?;
        self.write_end(&mut tx, &letter, &attempt, self.desk.time.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn give_back(&mut self, rest: Vec<Claimed>) -> anyhow::Result<()> {
        let now = self.desk.time.now();
        let mut tx = self.desk.store.begin().await?;
        if let Some((before, attempt)) = self.ended.take() {
            self.write_end(&mut tx, &before, &attempt, now).await?;
        }
        for letter in rest {
            tx.unclaim(letter.outgoing.id, letter.fence, now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// How the try ended, and what follows from it for the case and the admin.
    async fn write_end(
        &mut self,
        tx: &mut Tx,
        letter: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        self.consequences |= !matches!(attempt, Attempt::Sent { .. });
        let id = letter.outgoing.id;
        let until = now + self.doubt_wait(&letter.outgoing.mailbox);
        let state = tx.settle_try(id, letter.fence, attempt, now, until).await?;
        info!(letter = %id, name = %letter.letter, outcome = attempt.word(), answer = attempt.answer(), "letter tried");
        if let Attempt::OurFault { answer } = attempt {
            let matter = format!("smtp-{}", letter.outgoing.mailbox);
            let what = format!("letters of mailbox {} cannot leave: {answer}", letter.outgoing.mailbox);
            letters::alert(self.desk, tx, &matter, &what, now).await?;
        }
        match state {
            Some(LetterState::Failed) => self.undelivered(tx, letter, attempt, now).await,
            Some(LetterState::Held) => letters::tell_held(self.desk, tx, id, now).await,
            Some(_) => Ok(()),
            None => {
                warn!(letter = %id, "its lease ran out while it was tried; the doubt is settled as such");
                Ok(())
            }
        }
    }

    async fn undelivered(
        &self,
        tx: &mut Tx,
        letter: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let Some(own) = tx.own_letter(letter.outgoing.id).await? else { return Ok(()) };
        let Some(case) = letter.case else { return self.unbound_undelivered(tx, letter, attempt, now).await };
        let is_dead = matches!(attempt, Attempt::Never { answer } if classify::bounce::says_dead(answer));
        let stopped = is_dead && report::count_failure(self.desk, tx, &own.to, now).await?;
        let event = report::undelivered(&own, attempt.answer().to_owned(), stopped);
        self.desk.event(tx, case, &event, now).await
    }

    /// A digest of rings that reached nobody: no case will tell. That an alert did not arrive only the log can say.
    async fn unbound_undelivered(
        &self,
        tx: &mut Tx,
        letter: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let (id, name, to) = (letter.outgoing.id, &letter.letter, letter.outgoing.to.masked());
        let what = format!("the {name} letter {id} did not reach {to}: {}", attempt.answer());
        if name == "alert" {
            error!(letter = %id, what, "the admin could not be told");
            return Ok(());
        }
        letters::alert(self.desk, tx, &format!("undelivered-{id}"), &what, now).await
    }

    fn doubt_wait(&self, mailbox: &MailboxName) -> SignedDuration {
        let wait = self.desk.shop.mailbox(mailbox).map(|m| m.in_doubt_wait).unwrap_or_default();
        SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15))
    }
}

/// Offers the letter on the open connection, or on a new one. That an open one is gone by now (servers close what
/// idles) says nothing of the letter nor of the server: it is offered once more.
async fn offer<R: Road>(road: &R, post: &mut Option<R::Post>, letter: &Outgoing) -> Result<(), Attempt> {
    if let Some(open) = post.as_mut().filter(|p| p.is_usable()) {
        match open.offer(letter).await {
            Err(Attempt::Later { .. }) if !open.is_usable() => {}
            offered => return offered,
        }
    }
    // Before trying, so that an error leaves no connection behind.
    *post = None;
    post.insert(road.open().await?).offer(letter).await
}

/// From the stop on, how long the answer to a final dot is waited for.
async fn patience(stop: &mut Stop) {
    asked(stop).await;
    tokio::time::sleep(PATIENCE).await;
}
