//! What senders write down between two letters, as many senders at once as wait for it.
//!
//! Each letter costs a synced commit before its final dot. Senders that come while one is being made share the next: the
//! first of them leads, writes what all of them have put down, and gives each its answer.

use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use crate::classify;
use crate::config::{self, Leave};
use crate::decide::event::Event;
use crate::deliver::outbox::{Attempt, LetterState};
use crate::mail::{LetterId, MailboxName};
use crate::store::Tx;
use crate::store::outbox::{Claimed, Fence};

use super::drafts::{Composing, Work};
use super::sender::LEASE;
use super::{Desk, letters, report};

/// After so long somebody who waits for an answer should be called.
const DELAYED: SignedDuration = SignedDuration::from_mins(30);

/// What one sender wants written.
pub struct Entry {
    /// A letter whose try is over, and how.
    pub ended: Option<(Claimed, Attempt)>,
    /// The letter whose final dot comes next.
    pub next: Option<(LetterId, Fence)>,
}

/// What came of it, once it is on the disk.
#[derive(Debug, Clone, Copy)]
pub struct Booked {
    /// The next letter may be handed over: its lease holds and nobody has withdrawn it.
    pub may_go: bool,
    /// A try ended otherwise than well: others have to look anew.
    pub consequences: bool,
}

type Answer = oneshot::Sender<anyhow::Result<Booked>>;

/// The entries that wait, and the place of whoever writes them.
#[derive(Debug, Default)]
pub struct Books {
    waiting: Mutex<Vec<Waiting>>,
    /// Ends of tries that could not be written when they came. Forgotten, a letter that arrived would pass for one in
    /// doubt, and go again.
    owed: Mutex<Vec<(Claimed, Attempt)>>,
    lead: tokio::sync::Mutex<()>,
}

struct Waiting {
    entry: Entry,
    answer: Answer,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiting")
    }
}

impl Books {
    fn put(&self, entry: Entry) -> oneshot::Receiver<anyhow::Result<Booked>> {
        let (answer, answered) = oneshot::channel();
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Waiting { entry, answer });
        answered
    }

    /// Somebody has put an entry down that nobody has begun to write.
    pub fn is_waited_for(&self) -> bool {
        !self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn owe(&self, ended: (Claimed, Attempt)) {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner).push(ended);
    }

    fn owed(&self) -> Vec<(Claimed, Attempt)> {
        std::mem::take(&mut *self.owed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Desk {
    /// Returns when the entry is committed.
    pub async fn book(&self, entry: Entry) -> anyhow::Result<Booked> {
        let mut answered = self.books.put(entry);
        tokio::select! {
            biased;
            answer = &mut answered => return answer.context("whoever wrote for us has died")?,
            _leading = self.books.lead.lock() => self.write_all().await,
        }
        answered.await.context("whoever wrote for us has died")?
    }

    /// Writes what an earlier failure left unwritten; what fails again stays owed.
    pub async fn book_owed(&self) -> anyhow::Result<()> {
        let mut result = Ok(());
        for ended in self.books.owed() {
            match self.book(Entry { ended: Some(ended), next: None }).await {
                Ok(_) => self.nudges.turn.notify_one(),
                Err(error) => result = Err(error),
            }
        }
        result
    }

    /// Together, or, should that fail, each by itself: no letter suffers for another.
    async fn write_all(&self) {
        // Before the entries are taken: who comes while we wait for the writer shares the commit.
        let work = self.begin(Composing::Here).await;
        let taken = self.books.take().into_iter().map(|w| (w.entry, w.answer));
        let (entries, answers): (Vec<Entry>, Vec<Answer>) = taken.unzip();
        let together = async { self.write_together(work?, &entries).await };
        let mut results = match together.await {
            Ok(booked) => booked.into_iter().map(Ok).collect(),
            Err(error) => vec![Err(error)],
        };
        if results.len() < entries.len() {
            results.clear();
            for entry in &entries {
                let alone = async {
                    self.write_together(self.begin(Composing::Here).await?, std::slice::from_ref(entry)).await
                };
                let alone = alone.await;
                results.push(alone.and_then(|booked| booked.first().copied().context("an entry without an answer")));
            }
        }
        for ((entry, answer), result) in entries.into_iter().zip(answers).zip(results) {
            if let (Err(_), Some(ended)) = (&result, entry.ended) {
                self.books.owe(ended);
            }
            // Who does not wait any more was stopped.
            drop(answer.send(result));
        }
    }

    async fn write_together(&self, mut tx: Work, entries: &[Entry]) -> anyhow::Result<Vec<Booked>> {
        let now = self.time.now();
        let mut booked = Vec::with_capacity(entries.len());
        for entry in entries {
            booked.push(self.write(&mut tx, entry, now).await?);
        }
        tx.commit(self).await?;
        Ok(booked)
    }

    async fn write(&self, tx: &mut Work, entry: &Entry, now: Timestamp) -> anyhow::Result<Booked> {
        if let Some((letter, attempt)) = &entry.ended {
            self.write_end(tx, letter, attempt, now).await?;
        }
        let may_go = match entry.next {
            Some((letter, fence)) => tx.committing(letter, fence, now + LEASE).await?,
            None => false,
        };
        let consequences = entry.ended.as_ref().is_some_and(|(_, attempt)| !matches!(attempt, Attempt::Sent { .. }));
        Ok(Booked { may_go, consequences })
    }

    /// How the try ended, and what follows from it for the case and the admin.
    async fn write_end(
        &self,
        tx: &mut Work,
        letter: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let id = letter.outgoing.envelope.id;
        let until = now + self.doubt_wait(&letter.outgoing.envelope.mailbox);
        let state = tx.settle_try(id, letter.fence, attempt, now, until).await?;
        let mailbox = &letter.outgoing.envelope.mailbox;
        let answer = self.advised(mailbox, attempt);
        info!(letter = %id, name = %letter.letter, outcome = attempt.word(), answer, "letter tried");
        if let Attempt::OurFault { .. } = attempt {
            let matter = format!("smtp-{mailbox}");
            let what = format!("letters of mailbox {mailbox} cannot leave: {answer}");
            letters::alert(self, tx, &matter, &what, now).await?;
        }
        match state {
            Some(LetterState::Failed) => self.undelivered(tx, letter, attempt, now).await,
            Some(LetterState::Held) => letters::tell_held(self, tx, id, now).await,
            Some(LetterState::Deferred) => self.delayed(tx, letter, attempt, now).await,
            Some(_) => Ok(()),
            None => {
                warn!(letter = %id, "its lease ran out while it was tried; the doubt is settled as such");
                Ok(())
            }
        }
    }

    async fn undelivered(
        &self,
        tx: &mut Work,
        letter: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let Some(own) = tx.own_letter(letter.outgoing.envelope.id).await? else { return Ok(()) };
        let Some(case) = letter.case else { return self.unbound_undelivered(tx, letter, attempt, now).await };
        let is_dead = matches!(attempt, Attempt::Never { answer } if classify::bounce::says_dead(answer));
        let stopped = is_dead && report::count_failure(self, tx, &own.to, now).await?;
        let event = report::undelivered(&own, attempt.answer().to_owned(), stopped);
        self.event(tx, case, &event, now).await
    }

    /// The server's words, with what to do about them where that is known.
    fn advised(&self, mailbox: &MailboxName, attempt: &Attempt) -> String {
        let config = self.shop.config.mailboxes.iter().find(|m| m.name == *mailbox);
        let at = config.map_or("", |m| match &m.leave {
            Leave::Smtp(smtp) => smtp.host.as_str(),
            Leave::Maildir(_) => "",
        });
        match attempt {
            Attempt::Sent { answer } => answer.clone(),
            other => config::advised(at, other.answer()),
        }
    }

    /// A digest of rings that reached nobody: no case will tell. That an alert did not arrive only the log can say.
    async fn unbound_undelivered(
        &self,
        tx: &mut Tx,
        letter: &Claimed,
        attempt: &Attempt,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let (id, name, to) = (letter.outgoing.envelope.id, &letter.letter, letter.outgoing.envelope.to.masked());
        let what = format!("the {name} letter {id} did not reach {to}: {}", attempt.answer());
        if name == "alert" {
            error!(letter = %id, what, "the admin could not be told");
            return Ok(());
        }
        letters::alert(self, tx, &format!("undelivered-{id}"), &what, now).await
    }

    /// The writer of a reply is told once that it does not leave: they can call meanwhile (mail-rules section 7).
    async fn delayed(&self, tx: &mut Work, letter: &Claimed, attempt: &Attempt, now: Timestamp) -> anyhow::Result<()> {
        let (Some(case), "reply") = (letter.case, letter.letter.as_str()) else { return Ok(()) };
        let id = letter.outgoing.envelope.id;
        let Some(row) = tx.letter(id).await? else { return Ok(()) };
        let late = |at: Timestamp| at.duration_since(row.created_at) >= DELAYED;
        let first = tx.attempts(id).await?.iter().filter(|tried| late(tried.at)).count() == 1;
        if !late(now) || !first {
            return Ok(());
        }
        let (to, answer) = (row.to, attempt.answer().to_owned());
        self.event(tx, case, &Event::Delayed { letter: id, to, answer }, now).await
    }

    fn doubt_wait(&self, mailbox: &MailboxName) -> SignedDuration {
        let wait = self.shop.mailbox(mailbox).map(|m| m.in_doubt_wait).unwrap_or_default();
        SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(15))
    }
}
