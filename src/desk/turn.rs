//! One turn: a mail, or a case with something due, from the store through the rules and back, in one transaction.
//!
//! Turns of many cases share a commit; within it a later turn sees what an earlier one wrote, and turns of one case
//! keep their order. A batch that fails is repeated mail by mail, so that one bad mail holds up no other; a mail that
//! fails three times is quarantined with its bytes and a case for staff. Nothing here talks to a server.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context as _, anyhow};
use futures_util::FutureExt as _;
use jiff::Timestamp;
use tracing::{error, info};

use crate::classify::{self, Place, Verdict};
use crate::decide::case::Case;
use crate::decide::command::Assignee;
use crate::decide::event::{Event, Facts};
use crate::decide::{Decision, decide};
use crate::mail::{CaseId, MailId, ReturnPath};
use crate::store::Tx;
use crate::store::mails::Pending;

use super::drafts::{Composing, Work};
use super::found::{Answers, Asked, look_up};
use super::reading::{Read, Reading, ask_dns, done};
use super::settle::{quarantined, settled};
use super::{Desk, blank, end_if_fatal, facts, letters, signed};

/// Turns that share a commit: enough that a sync is cheap, few enough that nobody waits long for the writer.
pub const BATCH: usize = 200;
/// Mails that the store is asked about at once.
const LOOK_AHEAD: usize = 16;
/// The try after which a mail is set aside (mail-rules section 6, poison).
const TRIES: u32 = 3;

impl Desk {
    /// Turns of the mails that wait, at most a batch of them. How many there were.
    pub async fn turn_mails(&self) -> anyhow::Result<usize> {
        let now = self.time.now();
        let pending = self.store.look().await?.pending(BATCH, now).await?;
        if pending.is_empty() {
            return Ok(0);
        }
        self.read_absences().await?;
        let count = pending.len();
        let (fresh, tried): (Vec<_>, Vec<_>) = pending.into_iter().partition(|p| p.attempts == 0);
        let ids: Vec<MailId> = fresh.iter().map(|p| p.id).collect();
        if let Err(error) = self.turn_together(fresh, Composing::Aside, now).await {
            end_if_fatal(&error)?;
            error!(
                error = format!("{error:#}"),
                mails = ids.len(),
                "a batch of mail failed: its mails are tried one by one"
            );
            let again = self.store.look().await?.pending(BATCH, now).await?;
            for mail in again.into_iter().filter(|p| ids.contains(&p.id)) {
                self.turn_alone(mail, now).await?;
            }
        }
        for mail in tried {
            let id = mail.id;
            // That one cannot even be set aside holds up no other.
            if let Err(error) = self.turn_alone(mail, now).await {
                end_if_fatal(&error)?;
                error!(mail = %id, error = format!("{error:#}"), "the mail could not be set aside");
            }
        }
        self.after_commit();
        Ok(count)
    }

    /// Turns of the cases that have something due, at most a batch of them. How many there were.
    pub async fn turn_due(&self) -> anyhow::Result<usize> {
        let now = self.time.now();
        let due = self.store.look().await?.due_cases(now, BATCH).await?;
        if due.is_empty() {
            return Ok(0);
        }
        self.read_absences().await?;
        if let Err(error) = self.due_together(&due, Composing::Aside, now).await {
            end_if_fatal(&error)?;
            error!(error = format!("{error:#}"), cases = due.len(), "what is due failed: it is tried case by case");
            self.due_alone(&due, now).await?;
        }
        self.after_commit();
        Ok(due.len())
    }

    async fn due_together(&self, due: &[CaseId], composing: Composing, now: Timestamp) -> anyhow::Result<()> {
        let mut tx = self.begin(composing).await?;
        for case in due {
            guarded(self.due(&mut tx, *case, now)).await.with_context(|| format!("case {case}"))?;
        }
        tx.commit(self).await
    }

    /// A case that fails keeps no other from its turn. It stays due, and the admin is told.
    async fn due_alone(&self, due: &[CaseId], now: Timestamp) -> anyhow::Result<()> {
        let mut failed = Vec::new();
        for case in due {
            let Err(error) = self.due_together(&[*case], Composing::Here, now).await else { continue };
            end_if_fatal(&error)?;
            let what = format!("what is due cannot be done: {error:#}");
            error!(%case, what);
            let mut tx = self.store.begin().await?;
            letters::alert(self, &mut tx, &format!("due-{case}"), &what, now).await?;
            tx.commit().await?;
            failed.push(*case);
        }
        self.after_commit();
        anyhow::ensure!(failed.is_empty(), "{} of {} cases that are due failed", failed.len(), due.len());
        Ok(())
    }

    fn after_commit(&self) {
        self.nudges.letters.notify_waiters();
        self.nudges.settled.notify_waiters();
    }

    async fn turn_together(&self, pending: Vec<Pending>, composing: Composing, now: Timestamp) -> anyhow::Result<()> {
        let mut reading = self.read_all(pending).into_iter();
        let mut work: Option<Work> = None;
        loop {
            let mut group: Vec<Reading> = reading.by_ref().take(LOOK_AHEAD).collect();
            if group.is_empty() {
                break;
            }
            // No transaction is open while a server is asked.
            if ask_dns(&mut group).await
                && let Some(work) = work.take()
            {
                work.commit(self).await?;
            }
            let read = done(group).await?;
            let mut tx = match work.take() {
                Some(work) => work,
                None => self.begin(composing).await?,
            };
            self.group(&mut tx, read, now).await?;
            // In a flood the first letters leave while the last mails are still read.
            match self.books.is_waited_for() {
                true => tx.commit(self).await?,
                false => work = Some(tx),
            }
        }
        match work {
            Some(work) => work.commit(self).await,
            None => Ok(()),
        }
    }

    /// Mails that the store is asked about together.
    async fn group(&self, tx: &mut Work, mut read: Vec<Read>, now: Timestamp) -> anyhow::Result<()> {
        tx.look_ahead(&read.iter().map(Read::marks).collect::<Vec<_>>()).await?;
        for one in &mut read {
            let id = one.pending.id;
            guarded(self.one(tx, one, now)).await.with_context(|| format!("mail {id}"))?;
        }
        tx.write_ready(self).await
    }

    /// A mail that failed before: the try is counted before it is read, so that a crash counts too.
    async fn turn_alone(&self, pending: Pending, now: Timestamp) -> anyhow::Result<()> {
        let id = pending.id;
        if pending.attempts >= TRIES {
            return self.quarantine(&pending, now).await;
        }
        self.count_tries(&[id]).await?;
        if let Err(error) = self.turn_together(vec![pending], Composing::Here, now).await {
            end_if_fatal(&error)?;
            error!(mail = %id, error = format!("{error:#}"), "the mail's turn failed; it will be tried again");
        }
        Ok(())
    }

    async fn count_tries(&self, mails: &[MailId]) -> anyhow::Result<()> {
        let mut tx = self.store.begin().await?;
        tx.count_attempts(mails, self.time.now()).await?;
        Ok(tx.commit().await?)
    }

    async fn one(&self, tx: &mut Work, read: &mut Read, now: Timestamp) -> anyhow::Result<()> {
        let rules = self.shop.rules(&read.pending.mailbox)?;
        let asked = Asked { id: read.pending.id, received_at: read.pending.received_at };
        let mut answers = look_up(tx, &self.shop, asked, &read.questions, now).await?;
        if let Some(why) = signed::objection(tx, read, rules, &answers).await? {
            info!(mail = %asked.id, why, "its signature does not count");
            read.proven = signed::UNPROVEN;
            read.why = format!("a DKIM signature, but {why}");
            // Who counts as the writer may have changed (contact forms).
            read.questions = classify::questions(&read.mail, read.proven, rules);
            answers = look_up(tx, &self.shop, asked, &read.questions, now).await?;
        }
        signed::note(tx, read, now).await?;
        let Read { pending, mail, proven, questions, .. } = &*read;
        let verdict = classify::classify(mail, *proven, &answers.found, rules);
        self.note_quick_answer(tx, &answers, questions, now).await?;
        self.tell_admin(tx, read, &verdict, now).await?;
        let (disposition, case) = self.place(tx, read, &verdict, &answers.cases, now).await?;
        let settled = settled(read, &verdict, disposition, case, questions.words);
        tx.settle_mail(pending.id, &settled, now).await?;
        let case = case.map_or(0, |c| c.0);
        let (class, disposition) = (settled.class.as_str(), disposition.as_str());
        info!(mail = %pending.id, case, class, sign = %verdict.sign, disposition, "mail handled");
        Ok(())
    }

    /// What a mail shows to be wrong with the house or the road to it.
    async fn tell_admin(&self, tx: &mut Tx, read: &Read, verdict: &Verdict, now: Timestamp) -> anyhow::Result<()> {
        let name = &read.pending.mailbox;
        if verdict.alert {
            let what = format!(
                "mail {} to mailbox {name} goes in circles and was set aside: {}",
                read.pending.id, verdict.sign
            );
            letters::alert(self, tx, &format!("loop-{name}"), &what, now).await?;
        }
        // RFC 3834 section 4: without it nobody whose address is not proven can be answered at all.
        let nameless = read.mail.return_path == ReturnPath::Absent && !read.proven.authenticated;
        if nameless && verdict.class == classify::Class::Human && matches!(verdict.place, Place::New { .. }) {
            let what = format!(
                "mail of mailbox {name} comes without Return-Path and without proof of its sender, so it gets no answer: \
                 the server has to write Return-Path (Postfix, for a pipe: flags=R), or be named in security.trusted_authserv_id"
            );
            letters::alert(self, tx, &format!("return-path-{name}"), &what, now).await?;
        }
        Ok(())
    }

    /// Three answers within two minutes of automatic letters: a machine without any header (mail-rules section 3).
    async fn note_quick_answer(
        &self,
        tx: &mut Tx,
        answers: &Answers,
        questions: &classify::Questions,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        // One answer that came by three roads is one answer.
        let quick =
            answers.found.copies.is_empty() && answers.found.answered_after_secs.is_some_and(|secs| secs <= 120);
        let automatic = answers.answered.as_ref().is_some_and(|l| l.automatic);
        if let (true, true, Some(sender)) = (quick, automatic, &questions.sender)
            && tx.count_quick_answer(sender, now).await? >= 3
        {
            tx.mute_address(sender, now + jiff::SignedDuration::from_hours(24)).await?;
        }
        if let Some(letter) = &answers.answered {
            tx.prove_sent(letter.id, "it was answered", now).await?;
        }
        Ok(())
    }

    async fn due(&self, tx: &mut Work, id: CaseId, now: Timestamp) -> anyhow::Result<()> {
        let case = tx.case(id).await?.context("something is due on a case that does not exist")?;
        let facts = facts::of_due(tx, &case, now).await?;
        self.decide_and_keep(tx, &facts, case, &Event::Due, now).await?;
        Ok(())
    }

    /// An event on a case that exists.
    pub(super) async fn event(&self, tx: &mut Work, id: CaseId, event: &Event, now: Timestamp) -> anyhow::Result<()> {
        let case = tx.case(id).await?.with_context(|| format!("case {id} does not exist"))?;
        let mut facts = facts::of_due(tx, &case, now).await?;
        if let Event::Staff(mail) | Event::ProvenLater(mail) = event {
            facts::of_staff(tx, &mut facts, (&case.team, id), &mail.person, now).await?;
            facts::of_answered(tx, &mut facts, &mail.mail.thread).await?;
            facts.other_cases = facts::other_cases(tx, &case).await?;
            let prefix = &self.shop.config.policy.company.case_prefix;
            facts::of_named(tx, &mut facts, &case, &mail.mail.words, prefix).await?;
        }
        if let Event::HandedOver { to, .. } = event {
            let team = match to {
                Some(Assignee::Team(team)) => team,
                _ => &case.team,
            };
            facts::of_assigning(tx, &mut facts, team).await?;
        }
        self.decide_and_keep(tx, &facts, case, event, now).await?;
        Ok(())
    }

    /// Decides, composes what is asked for, and writes it all.
    pub(super) async fn decide_and_keep(
        &self,
        tx: &mut Work,
        facts: &Facts,
        case: Case,
        event: &Event,
        now: Timestamp,
    ) -> anyhow::Result<Case> {
        let policy = self.shop.policy();
        let deciding = AssertUnwindSafe(|| decide(&policy, facts, case, event, now));
        let Decision { mut case, effects } = catch_unwind(deciding).map_err(|_| anyhow!("the rules panicked"))?;
        // The case first: letters and rings point to it.
        tx.save_case(&mut case).await?;
        for effect in &effects {
            letters::carry_out(self, tx, &mut case, effect, now).await?;
        }
        if !case.log.is_empty() {
            tx.save_case(&mut case).await?;
        }
        Ok(case)
    }

    async fn quarantine(&self, pending: &Pending, now: Timestamp) -> anyhow::Result<()> {
        let mut tx = self.begin(Composing::Here).await?;
        let id = tx.next_case_id().await?;
        let case = Case::blank(id, pending.mailbox.clone(), pending.received_at);
        let facts = facts::of_opening(&mut tx, "", &[], false, None, now).await?;
        let event = Event::Opened(blank::unreadable(pending.id, pending.received_at));
        self.decide_and_keep(&mut tx, &facts, case, &event, now).await?;
        tx.settle_mail(pending.id, &quarantined(pending, id), now).await?;
        tx.commit(self).await?;
        error!(mail = %pending.id, case = %id, "a mail failed three times: quarantined, its bytes are kept");
        Ok(())
    }
}

/// A panic is an error of the one turn: its transaction is dropped, and nothing of it happened.
async fn guarded(turn: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    AssertUnwindSafe(turn).catch_unwind().await.unwrap_or_else(|_| Err(anyhow!("the turn panicked")))
}
