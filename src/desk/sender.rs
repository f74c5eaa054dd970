//! Letters leave: claimed in batches, one recipient a transaction, the state committed before the final dot.
//!
//! `sent` of one letter and `committing` of the next share a commit, so a crash can double at most one letter a
//! connection (mail-rules section 7). No transaction is open while a server is spoken to.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};
use tracing::{info, warn};

use crate::deliver::outbox::{Attempt, LetterState};
use crate::mail::{MailboxName, Outgoing};
use crate::store::Tx;
use crate::store::outbox::Claimed;

use super::{Desk, letters, report};

/// Letters that one connection claims at a time.
const CLAIM: usize = 20;
/// Longer than the ten minutes that a server may take to answer the final dot (RFC 5321 section 4.5.3.2.6).
const LEASE: SignedDuration = SignedDuration::from_mins(20);

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
        let claimed = self.claim(mailbox, at_most.min(CLAIM)).await?;
        if claimed.is_empty() {
            return Ok(Round::Idle);
        }
        let mut round = Sending { desk: self, ended: None, tried: 0 };
        let mut waiting = claimed.into_iter();
        while let Some(letter) = waiting.next() {
            if !round.send(road, post, letter).await? {
                let rest: Vec<Claimed> = waiting.collect();
                round.give_back(rest).await?;
                return Ok(Round::Trouble);
            }
        }
        round.settle_last().await?;
        Ok(Round::Tried(round.tried))
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

/// The letters of one claim on their way.
struct Sending<'a> {
    desk: &'a Desk,
    /// The letter before: its end is written with the next one's `committing`.
    ended: Option<(Claimed, Attempt)>,
    tried: usize,
}

impl Sending<'_> {
    /// One letter. `false`: the server cannot be used, the rest of the claim goes back.
    async fn send<R: Road>(&mut self, road: &R, post: &mut Option<R::Post>, letter: Claimed) -> anyhow::Result<bool> {
        self.tried += 1;
        let connection = match usable(road, post).await {
            Ok(connection) => connection,
            Err(attempt) => {
                self.settle(letter, attempt).await?;
                return Ok(false);
            }
        };
        if let Err(attempt) = connection.offer(&letter.outgoing).await {
            // Our own fault, or a connection that is gone, says nothing of this letter: the others would fare the same.
            let goes_on = !matches!(attempt, Attempt::OurFault { .. }) && connection.is_usable();
            self.settle(letter, attempt).await?;
            return Ok(goes_on);
        }
        if !self.commit_before_dot(&letter).await? {
            // Withdrawn at the last moment: without its final dot the server must forget it (RFC 5321 section 4.1.1.10).
            *post = None;
            return Ok(true);
        }
        let attempt = connection.hand_over(&letter.outgoing).await;
        let goes_on = !matches!(attempt, Attempt::OurFault { .. });
        self.ended = Some((letter, attempt));
        Ok(goes_on)
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
    async fn write_end(&self, tx: &mut Tx, letter: &Claimed, attempt: &Attempt, now: Timestamp) -> anyhow::Result<()> {
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
            Some(LetterState::Held) => {
                let what = format!("letter {id} was in doubt twice and is held: see `amends outbox list`");
                letters::alert(self.desk, tx, &format!("held-{id}"), &what, now).await
            }
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
        let (Some(case), Some(own)) = (letter.case, tx.own_letter(letter.outgoing.id).await?) else { return Ok(()) };
        let stopped = matches!(attempt, Attempt::Never { .. }) && report::count_failure(tx, &own.to, now).await?;
        let event = report::undelivered(&own, attempt.answer().to_owned(), stopped);
        self.desk.event(tx, case, &event, now).await
    }

    fn doubt_wait(&self, mailbox: &MailboxName) -> SignedDuration {
        let wait = self.desk.shop.mailbox(mailbox).map(|m| m.in_doubt_wait).unwrap_or_default();
        SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15))
    }
}

/// The open connection, or a new one.
async fn usable<'p, R: Road>(road: &R, post: &'p mut Option<R::Post>) -> Result<&'p mut R::Post, Attempt> {
    if post.as_ref().is_some_and(|p| !p.is_usable()) {
        *post = None;
    }
    match post {
        Some(open) => Ok(open),
        empty => Ok(empty.insert(road.open().await?)),
    }
}
