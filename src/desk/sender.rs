//! Letters leave: claimed in batches, one recipient a transaction, the state committed before the final dot.
//!
//! `sent` of one letter and `committing` of the next share a commit ([`super::books`]), so a crash can double at most
//! one letter a connection (mail-rules section 7). No transaction is open while a server is spoken to.

use std::future::Future;
use std::time::Duration;

use jiff::SignedDuration;

use crate::deliver::outbox::Attempt;
use crate::mail::{MailboxName, Outgoing};
use crate::store::outbox::Claimed;

use super::Desk;
use super::books::Entry;
use super::run::{Stop, asked};

/// Letters that one connection claims at a time.
const CLAIM: usize = 40;
/// Longer than the ten minutes that a server may take to answer the final dot (RFC 5321 section 4.5.3.2.6).
pub(super) const LEASE: SignedDuration = SignedDuration::from_mins(20);
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
        match claimed.is_empty() {
            // Another connection of the mailbox was faster.
            true => tx.roll_back().await?,
            false => tx.commit().await?,
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
        let next = Some((letter.outgoing.envelope.id, letter.fence));
        let booked = self.desk.book(Entry { ended: self.ended.take(), next }).await?;
        self.consequences |= booked.consequences;
        Ok(booked.may_go)
    }

    async fn settle(&mut self, letter: Claimed, attempt: Attempt) -> anyhow::Result<()> {
        self.settle_last().await?;
        self.ended = Some((letter, attempt));
        self.settle_last().await
    }

    async fn settle_last(&mut self) -> anyhow::Result<()> {
        let Some(ended) = self.ended.take() else { return Ok(()) };
        let booked = self.desk.book(Entry { ended: Some(ended), next: None }).await?;
        self.consequences |= booked.consequences;
        Ok(())
    }

    async fn give_back(&mut self, rest: Vec<Claimed>) -> anyhow::Result<()> {
        self.settle_last().await?;
        if rest.is_empty() {
            return Ok(());
        }
        let now = self.desk.time.now();
        let mut tx = self.desk.store.begin().await?;
        for letter in rest {
            tx.unclaim(letter.outgoing.envelope.id, letter.fence, now).await?;
        }
        Ok(tx.commit().await?)
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
