//! What happens by itself: clocks, digests, letters that are stale, in doubt or held; and when to look next.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use tracing::info;

use crate::decide::case::Case;
use crate::decide::effect::{LetterKey, RingNote};
use crate::decide::event::Event;
use crate::deliver::compose::compose_digest;
use crate::deliver::outbox::LetterState;
use crate::mail::PersonId;
use crate::store::Tx;
use crate::store::outbox::Moved;

use super::drafts::{Composing, Work};
use super::{Desk, letters};

/// Held letters that are asked about in one go.
const HELD: usize = 200;
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// The breaker opens for so long.
const BREAKER: SignedDuration = SignedDuration::from_mins(30);

impl Desk {
    /// All that is due now but cases and mail: one transaction, empty if there is nothing.
    pub async fn tick(&self) -> anyhow::Result<()> {
        let now = self.time.now();
        if !self.anything_to_tick(now).await? {
            return Ok(());
        }
        let until = now + self.longest_doubt();
        let mut tx = self.begin(Composing::Here).await?;
        for stale in tx.void_stale(now).await? {
            self.tell_stale(&mut tx, &stale, now).await?;
        }
        self.tell_moved(&mut tx, now, until).await?;
        self.release_held(&mut tx, now).await?;
        self.write_digests(&mut tx, now).await?;
        self.write_lists(&mut tx, now).await?;
        tx.commit(self).await?;
        self.nudges.letters.notify_waiters();
        Ok(())
    }

    /// When something happens by itself next, turn or try, at the latest in an hour.
    pub async fn next_wake(&self) -> anyhow::Result<Timestamp> {
        let letters = self.store.look().await?.next_letter_due().await?;
        let turn = self.next_turn().await?;
        Ok(letters.map_or(turn, |at| at.min(turn)))
    }

    /// When a turn is due next. Not for letters that may be tried: they wake their senders, and while a server is away
    /// they are due all the time.
    pub async fn next_turn(&self) -> anyhow::Result<Timestamp> {
        let now = self.time.now();
        let mut tx = self.store.look().await?;
        let mut wakes = vec![tx.next_due().await?, tx.next_pending().await?, tx.next_letter_change().await?];
        wakes.push(self.next_list(&mut tx).await?);
        for (_, since) in tx.waiting_for_digest().await? {
            wakes.push(Some(since + HOUR));
        }
        if !tx.held(1).await?.is_empty() {
            wakes.push(Some(now + SignedDuration::from_mins(1)));
        }
        Ok(wakes.into_iter().flatten().chain([now + HOUR]).min().unwrap_or(now))
    }

    async fn anything_to_tick(&self, now: Timestamp) -> anyhow::Result<bool> {
        let mut tx = self.store.look().await?;
        let letters = tx.next_letter_change().await?.is_some_and(|at| at <= now);
        let lists = self.is_list_due(&mut tx, now).await?;
        Ok(letters || lists || !tx.waiting_for_digest().await?.is_empty() || !tx.held(1).await?.is_empty())
    }

    /// A letter that was not worth sending any more: the case decides what takes its place.
    async fn tell_stale(&self, tx: &mut Work, stale: &Moved, now: Timestamp) -> anyhow::Result<()> {
        info!(letter = %stale.id, name = %stale.letter, "withdrawn: it had become stale before it could leave");
        match stale.case {
            Some(case) => self.event(tx, case, &Event::Stale { name: stale.letter.clone() }, now).await,
            None => Ok(()),
        }
    }

    async fn tell_moved(&self, tx: &mut Tx, now: Timestamp, until: Timestamp) -> anyhow::Result<()> {
        let mut moved = tx.release_expired(now, until).await?;
        moved.extend(tx.resolve_doubts(now).await?);
        for letter in moved.iter().filter(|m| m.state == LetterState::Held) {
            letters::tell_held(self, tx, letter.id, now).await?;
        }
        Ok(())
    }

    /// Held letters go when their limit allows; what a person holds stays held.
    async fn release_held(&self, tx: &mut Tx, now: Timestamp) -> anyhow::Result<()> {
        let limits = &self.shop.config.limits;
        for letter in tx.held(HELD).await? {
            let reason = letter.last_answer.as_deref().unwrap_or_default();
            if !reason.starts_with(letters::HELD_BY_LIMIT) {
                continue;
            }
            let still = match (&letter.person, letters::is_breaker(reason)) {
                (Some(person), _) => letters::person_limit(tx, limits, person, now).await?.is_some(),
                (None, true) => {
                    now.duration_since(letter.created_at) < BREAKER
                        || letters::breaker(tx, limits, now).await?.is_some()
                }
                (None, false) => letters::outsider_limit(tx, limits, &letter.to, now).await?.is_some(),
            };
            if !still {
                tx.retry(letter.id, now).await?;
            }
        }
        Ok(())
    }

    /// Rings that were too many for an hour: at once when several were queued together, else at the hour's end.
    async fn write_digests(&self, tx: &mut Tx, now: Timestamp) -> anyhow::Result<()> {
        for (person, since) in tx.waiting_for_digest().await? {
            let rings: Vec<RingNote> = tx.folded_rings(&person).await?.into_iter().map(|f| f.ring).collect();
            let fresh = tx.last_digest(&person).await?.is_none_or(|at| now.duration_since(at) >= HOUR);
            if now.duration_since(since) >= HOUR || (fresh && rings.len() > 1) {
                self.write_digest(tx, &person, &rings, now).await?;
            }
        }
        Ok(())
    }

    async fn write_digest(
        &self,
        tx: &mut Tx,
        person: &PersonId,
        rings: &[RingNote],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let mut cases: BTreeMap<crate::mail::CaseId, Case> = BTreeMap::new();
        for ring in rings {
            if let Some(case) = tx.case(ring.case).await? {
                cases.insert(ring.case, case);
            }
        }
        let pairs: Vec<(&RingNote, &Case)> = rings.iter().filter_map(|r| Some((r, cases.get(&r.case)?))).collect();
        let Some(first) = cases.values().next() else { return Ok(()) };
        let letter = tx.next_letter_id().await?;
        let keys: Vec<LetterKey> = rings.iter().map(|r| r.key.clone()).collect();
        let policy = self.shop.policy();
        match compose_digest(
            &self.reader_for(person),
            &pairs,
            &self.shop.context(&policy, &first.mailbox, letter, now)?,
        ) {
            Ok(composed) => {
                let key = LetterKey(format!("dig:{person}:{}", now.as_second().div_euclid(60)));
                if letters::queue_unbound(tx, composed, key, now).await? {
                    tx.tell_folded(&keys, letter).await?;
                }
            }
            // One person's list must not keep all else of a tick from happening, now and for ever.
            Err(error) => {
                tx.forget_folded(&keys).await?;
                let cases: Vec<String> = cases.keys().map(ToString::to_string).collect();
                let what = format!("the rings of cases {} for {person} could not be told: {error}", cases.join(", "));
                letters::alert(self, tx, &format!("digest-{person}"), &what, now).await?;
            }
        }
        Ok(())
    }

    /// Whoever left the configuration while rings waited for them: somebody who can decide reads these instead.
    fn reader_for(&self, person: &PersonId) -> PersonId {
        let policy = &self.shop.config.policy;
        let gone = policy.person(person).is_none();
        let heir = policy.people.iter().find(|p| p.authority).filter(|_| gone);
        heir.map_or_else(|| person.clone(), |p| p.id.clone())
    }
}
