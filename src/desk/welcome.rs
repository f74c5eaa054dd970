//! The welcome of people of staff: one letter each, and what their answer proves, noted and told once.
//!
//! An answer opens no case and reaches nobody. The first to a letter is told what was measured; a further one is
//! measured as well and set aside, where the list shows it: it may hold words that were meant for somebody.

use anyhow::Context as _;
use jiff::Timestamp;
use tracing::info;

use crate::classify::{Class, Sender, Verdict};
use crate::decide::effect::LetterKey;
use crate::decide::policy::Person;
use crate::decide::welcome::Measured;
use crate::deliver::compose::{compose_measured, compose_welcome};
use crate::mail::{CaseId, LetterId, MailboxName, PersonId};
use crate::store::Tx;
use crate::store::mails::Disposition;

use super::drafts::Work;
use super::reading::Read;
use super::{Desk, letters};

/// The letters whose answers are measured.
pub(super) const WELCOMES: [&str; 2] = ["welcome", "measured"];

/// What became of the wish to welcome somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Welcomed {
    Queued(LetterId),
    /// They had their letter then.
    Before(Timestamp),
}

impl Desk {
    /// Writes the person their letter, once unless `again`.
    pub async fn welcome(&self, tx: &mut Tx, person: &Person, again: bool, now: Timestamp) -> anyhow::Result<Welcomed> {
        let known = tx.welcome(&person.id).await?;
        if let Some(before) = known.written_at.filter(|_| !again) {
            return Ok(Welcomed::Before(before));
        }
        tx.note_welcome(&person.id, now).await?;
        let letter = tx.next_letter_id().await?;
        let policy = self.shop.policy();
        let composed =
            compose_welcome(&person.id, &self.shop.context(&policy, &self.mailbox_for(person)?, letter, now)?)?;
        let key = LetterKey(format!("per:welcome:{}:{}", person.id, known.letters + 1));
        let fell_back = composed.fell_back.clone();
        anyhow::ensure!(letters::queue_unbound(tx, composed, key, now).await?, "it was written before");
        if let Some(what) = fell_back {
            letters::tell_fell_back(self, tx, "welcome", &what, now).await?;
        }
        Ok(Welcomed::Queued(letter))
    }

    /// That of a team of theirs, whose cases they will be written to about.
    fn mailbox_for(&self, person: &Person) -> anyhow::Result<MailboxName> {
        let inboxes = &self.shop.config.policy.inboxes;
        let own = inboxes.iter().find(|inbox| person.teams.contains(&inbox.team));
        let found = own.or(inboxes.first()).map(|inbox| inbox.name.clone());
        found.context("no mailbox is configured")
    }

    pub(super) async fn measure(
        &self,
        tx: &mut Work,
        read: &Read,
        verdict: &Verdict,
        now: Timestamp,
    ) -> anyhow::Result<(Disposition, Option<CaseId>)> {
        let (Sender::Person(person), Some(from)) = (&verdict.sender, read.mail.sender()) else {
            return Ok((Disposition::MachineParked, None));
        };
        let measured =
            Measured { level: verdict.level.0, proof: read.why.clone(), address: from.address.clone(), at: now };
        tx.note_measured(person, &measured).await?;
        info!(%person, level = measured.level, proof = measured.proof, "what their mail proves");
        let told = self.tell_measured(tx, read, person, &measured, now).await?;
        Ok((if told { Disposition::StaffAction } else { Disposition::MachineParked }, None))
    }

    /// Once for each welcome letter, so that nothing goes round. `false` where they were told before.
    async fn tell_measured(
        &self,
        tx: &mut Work,
        read: &Read,
        person: &PersonId,
        measured: &Measured,
        now: Timestamp,
    ) -> anyhow::Result<bool> {
        let key = LetterKey(format!("per:measured:{person}:{}", tx.welcome(person).await?.letters));
        let letter = tx.next_letter_id().await?;
        let answered: Vec<_> = read.mail.message_id.clone().into_iter().collect();
        let policy = self.shop.policy();
        let context = self.shop.context(&policy, &read.pending.mailbox, letter, now)?;
        let composed = compose_measured(person, measured, answered, &context)?;
        if let Some(what) = composed.fell_back.clone() {
            letters::tell_fell_back(self, tx, "measured", &what, now).await?;
        }
        letters::queue_unbound(tx, composed, key, now).await
    }

    /// A letter that was answered from an address which the configuration does not know: the admin may add it.
    pub(super) async fn note_strange_answer(&self, tx: &mut Tx, verdict: &Verdict) -> anyhow::Result<()> {
        // Set aside although a person wrote it: by the token of a welcome letter.
        if let (Class::Human, Sender::Outsider(Some(from)), Some(of)) =
            (verdict.class, &verdict.sender, &verdict.token_of)
        {
            tx.note_stranger(of, from).await?;
        }
        Ok(())
    }
}
