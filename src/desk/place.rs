//! Where a mail goes: a case of its own, one that is there, aside, or to the letter that it reports about.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};

use crate::arrive::parse;
use crate::classify::{self, Place, Sender, Verdict};
use crate::decide::case::{Case, Writer};
use crate::decide::event::{Event, Incoming, StaffMail};
use crate::mail::{CaseId, MailId};
use crate::store::cases::CaseHead;
use crate::store::mails::Disposition;
use crate::store::{StoreError, Tx};

use super::drafts::Work;
use super::reading::Read;
use super::settle::{class_word, parked};
use super::{Desk, blank, facts, report};

/// So long a customer's mail brings a closed case back; later it opens one of its own.
const REOPENS_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The case itself, or the one that it became part of.
pub(super) async fn lives_in(tx: &mut Tx, mut id: CaseId) -> Result<CaseId, StoreError> {
    // A case is merged into an open one only, so that no ring of them can close.
    while let Some(next) = tx.case(id).await?.and_then(|case| case.merged_into) {
        id = next;
    }
    Ok(id)
}

impl Desk {
    /// Puts the mail where the verdict says, and lets the rules decide what follows.
    pub(super) async fn place(
        &self,
        tx: &mut Work,
        read: &Read,
        verdict: &Verdict,
        of_sender: &[CaseHead],
        now: Timestamp,
    ) -> anyhow::Result<(Disposition, Option<CaseId>)> {
        let place = self.as_merged(tx, &verdict.place).await?;
        match &place {
            Place::New { linked, .. } => self.open_case(tx, read, verdict, (of_sender, *linked), now).await,
            Place::Case(id) if self.is_long_over(tx, *id, verdict, now).await? => {
                self.open_case(tx, read, verdict, (of_sender, Some(*id)), now).await
            }
            Place::Case(id) => self.join_case(tx, read, verdict, *id, now).await,
            Place::Park => {
                self.note_strange_answer(tx, verdict).await?;
                Ok((parked(verdict), None))
            }
            Place::Welcome => self.measure(tx, read, verdict, now).await,
            Place::Duplicate(original) => self.join_original(tx, *original, (read, verdict), now).await,
            Place::Echo(letter) => {
                tx.prove_sent(*letter, "it came back to us", now).await?;
                let case = tx.own_letter(*letter).await?.and_then(|l| l.case);
                Ok((Disposition::SelfEcho, case))
            }
            Place::Report { letter, case, proven } => {
                let mail = blank::incoming(read, verdict, now);
                let about = report::About { letter: *letter, case: *case, proven: *proven };
                report::apply(self, tx, &about, verdict, mail, now).await?;
                Ok((Disposition::BounceLinked, Some(*case)))
            }
        }
    }

    /// What is for a case that became part of another is for that one.
    async fn as_merged(&self, tx: &mut Tx, place: &Place) -> anyhow::Result<Place> {
        Ok(match place {
            Place::Case(id) => Place::Case(lives_in(tx, *id).await?),
            Place::Report { letter, case, proven } => {
                Place::Report { letter: *letter, case: lives_in(tx, *case).await?, proven: *proven }
            }
            Place::New { linked: Some(id), claims } => {
                Place::New { linked: Some(lives_in(tx, *id).await?), claims: *claims }
            }
            other => other.clone(),
        })
    }

    async fn open_case(
        &self,
        tx: &mut Work,
        read: &Read,
        verdict: &Verdict,
        (of_sender, linked): (&[CaseHead], Option<CaseId>),
        now: Timestamp,
    ) -> anyhow::Result<(Disposition, Option<CaseId>)> {
        let mail = Incoming { language: parse::language(&read.mail), ..blank::incoming(read, verdict, now) };
        let id = tx.next_case_id().await?;
        let case = Case::blank(id, read.pending.mailbox.clone(), read.pending.received_at);
        let team = self.shop.config.policy.inbox(&case.mailbox).map_or("", |i| i.team.as_str());
        let mut facts = facts::of_opening(tx, team, of_sender, verdict.authenticated, linked, now).await?;
        if let Sender::Person(person) = &verdict.sender {
            facts::of_staff(tx, &mut facts, (team, id), person, now).await?;
            let prefix = &self.shop.config.policy.company.case_prefix;
            facts::of_named(tx, &mut facts, &case, &read.mail.new_text, prefix).await?;
        }
        let malformed = verdict.class == classify::Class::Malformed;
        let event = match &verdict.sender {
            Sender::Person(person) => {
                let own = &self.shop.rules(&read.pending.mailbox)?.own;
                Event::OpenedByStaff(blank::staff_mail(read, verdict, person, own, now))
            }
            Sender::Own | Sender::Outsider(_) => Event::Opened(mail),
        };
        let case = self.decide_and_keep(tx, &facts, case, &event, now).await?;
        if let Some(owner) = &case.owner {
            tx.set_last_assigned(&case.team, owner);
        }
        self.mention(tx, id, read, verdict).await?;
        if let Some(linked) = linked {
            self.event(tx, linked, &Event::Linked { from: id }, now).await?;
        }
        Ok((if malformed { Disposition::Quarantined } else { Disposition::CaseNew }, Some(id)))
    }

    async fn join_case(
        &self,
        tx: &mut Work,
        read: &Read,
        verdict: &Verdict,
        id: CaseId,
        now: Timestamp,
    ) -> anyhow::Result<(Disposition, Option<CaseId>)> {
        if let Sender::Person(person) = &verdict.sender {
            let own = &self.shop.rules(&read.pending.mailbox)?.own;
            let mail = blank::staff_mail(read, verdict, person, own, now);
            self.event(tx, id, &Event::Staff(mail), now).await?;
            return Ok((Disposition::StaffAction, Some(id)));
        }
        let mut mail = blank::incoming(read, verdict, now);
        self.burn_where_it_was(tx, id, verdict, &mail).await?;
        self.number_here(tx, id, verdict, &mut mail).await?;
        self.event(tx, id, &Event::Wrote(mail), now).await?;
        self.mention(tx, id, read, verdict).await?;
        Ok((Disposition::CaseAppend, Some(id)))
    }

    /// The serial of a token stands on the case that it was made for, also when that one became part of another.
    async fn burn_where_it_was(
        &self,
        tx: &mut Tx,
        id: CaseId,
        verdict: &Verdict,
        mail: &Incoming,
    ) -> anyhow::Result<()> {
        let (Place::Case(was), Some(person)) = (&verdict.place, &mail.burns) else { return Ok(()) };
        if *was != id
            && let Some(mut case) = tx.case(*was).await?
        {
            let serial = case.serials.entry(person.clone()).or_default();
            *serial = serial.saturating_add(1);
            tx.save_case(&mut case).await?;
        }
        Ok(())
    }

    /// Participants are numbered by case: of a mail for a case that became part of this one, the writer's number here.
    async fn number_here(&self, tx: &mut Tx, id: CaseId, verdict: &Verdict, mail: &mut Incoming) -> anyhow::Result<()> {
        let (Writer::Participant(no), true) = (&mail.writer, verdict.place != Place::Case(id)) else { return Ok(()) };
        let Place::Case(was) = verdict.place else { return Ok(()) };
        let there = tx.case(was).await?.and_then(|case| case.participant(*no).map(|p| p.address.clone()));
        let here = tx.case(id).await?;
        let known = there.zip(here).and_then(|(address, case)| case.participant_at(&address).map(|p| p.no));
        mail.writer = known.map_or(Writer::Unknown, Writer::Participant);
        Ok(())
    }

    /// Long closed: who writes now begins anew, and the old case is linked (design section 5).
    async fn is_long_over(&self, tx: &mut Tx, id: CaseId, verdict: &Verdict, now: Timestamp) -> anyhow::Result<bool> {
        let is_human = verdict.class == classify::Class::Human || verdict.is_only_hinted();
        if matches!(verdict.sender, Sender::Person(_)) || !is_human {
            return Ok(false);
        }
        let closed_at = tx.case(id).await?.and_then(|c| c.closed_at);
        Ok(closed_at.is_some_and(|at| now.duration_since(at) > REOPENS_WITHIN))
    }

    /// A copy shares what became of its original; one that proves more, or came by a straighter road, is still looked at
    /// for what it may do.
    async fn join_original(
        &self,
        tx: &mut Work,
        original: MailId,
        (read, verdict): (&Read, &Verdict),
        now: Timestamp,
    ) -> anyhow::Result<(Disposition, Option<CaseId>)> {
        let row = tx.mail(original).await?.and_then(|m| m.settled);
        let first = row.with_context(|| format!("mail {original}, which this one copies, has no disposition"))?;
        // A list may have been quicker than the mail itself, and what comes by a list gives no orders.
        let human = classify::Class::Human;
        let straighter = verdict.class == human && first.class != class_word(human);
        if verdict.level.0 > first.level || straighter {
            tx.raise_level(original, verdict.level.0).await?;
            // Once: what no longer waits was done, or taken back.
            if let (Some(case), Sender::Person(person), Some(_)) = (first.case, &verdict.sender, &verdict.staff) {
                let case = lives_in(tx, case).await?;
                let own = &self.shop.rules(&read.pending.mailbox)?.own;
                let copy = blank::staff_mail(read, verdict, person, own, now);
                let mail = Incoming { mail: original, ..copy.mail };
                self.event(tx, case, &Event::ProvenLater(StaffMail { mail, ..copy }), now).await?;
            }
        }
        Ok((first.disposition, first.case))
    }

    /// Whoever stands in To or Cc of a participant's mail may write on the case; they are sent nothing. A stranger, or who
    /// calls themselves one of staff, lets nobody in.
    async fn mention(&self, tx: &mut Tx, case: CaseId, read: &Read, verdict: &Verdict) -> anyhow::Result<()> {
        if !matches!(verdict.standing, classify::Standing::Participant(_) | classify::Standing::Opener) {
            return Ok(());
        }
        let rules = self.shop.rules(&read.pending.mailbox)?;
        let named = read.mail.to.iter().chain(&read.mail.cc).map(|p| &p.address);
        let outside = named.filter(|a| !rules.own.contains(&a.split_detail().0) && !rules.people.contains_key(*a));
        let addresses: Vec<_> = outside.cloned().collect();
        Ok(tx.mention(case, &addresses).await?)
    }
}
