//! What is remembered of addresses and of people of staff: switches, turns, rings that wait for a digest.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::values::{broken, instant, instant_or_none, micros, micros_before, number};
use super::{StoreError, Tx};
use crate::decide::effect::{LetterKey, RingNote};
use crate::decide::event::AskedLately;
use crate::mail::{Address, LetterId, PersonId};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// What stands against writing to an address by itself (mail-rules sections 3 and 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    pub hard_failures: u32,
    /// Automatic mail has ended: three hard failures, or a complaint.
    pub stopped_at: Option<Timestamp>,
    pub muted_until: Option<Timestamp>,
    /// Marked by `#spam`.
    pub spam: bool,
}

/// A ring that waits for its person's digest.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedRing {
    pub person: PersonId,
    pub ring: RingNote,
    pub at: Timestamp,
}

impl Tx {
    /// All off where nothing is known.
    pub async fn switches(&mut self, address: &Address) -> Result<Switches, StoreError> {
        if self.absent.lacks_sender(address) {
            return Ok(Switches::default());
        }
        let found =
            sqlx::query_as("SELECT hard_failures, stopped_at, muted_until, spam FROM addresses WHERE address = $1");
        let found = found.bind(address.folded()).fetch_optional(&mut *self.inner).await?;
        let Some((hard_failures, stopped_at, muted_until, spam)): Option<(i64, Option<i64>, Option<i64>, i64)> = found
        else {
            return Ok(Switches::default());
        };
        Ok(Switches {
            hard_failures: number(hard_failures)?,
            stopped_at: instant_or_none(stopped_at)?,
            muted_until: instant_or_none(muted_until)?,
            spam: spam != 0,
        })
    }

    async fn know_address(&mut self, address: &Address) -> Result<(), StoreError> {
        self.absent.now_has_sender(Some(&address.folded()));
        let insert = sqlx::query(
            "INSERT INTO addresses (address, hard_failures, spam, quick_answers) VALUES ($1, 0, 0, 0) \
             ON CONFLICT (address) DO NOTHING",
        );
        insert.bind(address.folded()).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// One more hard failure; how many there are now.
    pub async fn count_hard_failure(&mut self, address: &Address) -> Result<u32, StoreError> {
        self.know_address(address).await?;
        let count = sqlx::query_scalar(
            "UPDATE addresses SET hard_failures = hard_failures + 1 WHERE address = $1 RETURNING hard_failures",
        );
        number(count.bind(address.folded()).fetch_one(&mut *self.inner).await?)
    }

    /// Ends automatic mail to the address; the first instant stays. `false`: it had ended before.
    pub async fn stop_address(&mut self, address: &Address, now: Timestamp) -> Result<bool, StoreError> {
        self.know_address(address).await?;
        let update = sqlx::query("UPDATE addresses SET stopped_at = $2 WHERE address = $1 AND stopped_at IS NULL");
        let update = update.bind(address.folded()).bind(micros(now));
        Ok(update.execute(&mut *self.inner).await?.rows_affected() == 1)
    }

    pub async fn mute_address(&mut self, address: &Address, until: Timestamp) -> Result<(), StoreError> {
        self.know_address(address).await?;
        let update = sqlx::query("UPDATE addresses SET muted_until = $2 WHERE address = $1");
        update.bind(address.folded()).bind(micros(until)).execute(&mut *self.inner).await?;
        Ok(())
    }

    pub async fn mark_spam(&mut self, address: &Address, spam: bool) -> Result<(), StoreError> {
        self.know_address(address).await?;
        let update = sqlx::query("UPDATE addresses SET spam = $2 WHERE address = $1");
        update.bind(address.folded()).bind(i64::from(spam)).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// An answer to an automatic letter within 120 seconds; how many there are now since the first, at most 24 hours ago.
    pub async fn count_quick_answer(&mut self, address: &Address, now: Timestamp) -> Result<u32, StoreError> {
        self.know_address(address).await?;
        let count = sqlx::query_scalar(
            "UPDATE addresses SET quick_answers = CASE WHEN quick_since > $3 THEN quick_answers + 1 ELSE 1 END, \
             quick_since = CASE WHEN quick_since > $3 THEN quick_since ELSE $2 END \
             WHERE address = $1 RETURNING quick_answers",
        );
        let count = count.bind(address.folded()).bind(micros(now)).bind(micros_before(now, 24 * 3600));
        number(count.fetch_one(&mut *self.inner).await?)
    }

    /// Who got the last case of a team that assigns in rotation.
    pub async fn last_assigned(&mut self, team: &str) -> Result<Option<PersonId>, StoreError> {
        if let Some((person, _)) = self.counted.rotation.get(team) {
            return Ok(person.clone());
        }
        let found = sqlx::query_scalar("SELECT person FROM rotation WHERE team = $1").bind(team);
        let found: Option<String> = found.fetch_optional(&mut *self.inner).await?;
        let person = found.map(PersonId::new);
        self.counted.rotation.insert(team.to_owned(), (person.clone(), false));
        Ok(person)
    }

    /// Written by the commit.
    pub fn set_last_assigned(&mut self, team: &str, person: &PersonId) {
        self.counted.rotation.insert(team.to_owned(), (Some(person.clone()), true));
    }

    pub(super) async fn write_rotation(&mut self) -> Result<(), StoreError> {
        for (team, (person, is_new)) in std::mem::take(&mut self.counted.rotation) {
            let Some(person) = person.filter(|_| is_new) else { continue };
            let upsert = sqlx::query(
                "INSERT INTO rotation (team, person) VALUES ($1, $2) \
                 ON CONFLICT (team) DO UPDATE SET person = excluded.person",
            );
            upsert.bind(team).bind(person.as_str()).execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    /// Keeps a ring for its person's digest. `false` when its key was used before.
    pub async fn fold_ring(&mut self, person: &PersonId, ring: &RingNote, now: Timestamp) -> Result<bool, StoreError> {
        let sent = sqlx::query_scalar("SELECT id FROM outbox WHERE key = $1").bind(ring.key.0.as_str());
        let sent: Option<i64> = sent.fetch_optional(&mut *self.inner).await?;
        if sent.is_some() {
            return Ok(false);
        }
        let note = serde_json::to_string(ring).map_err(|e| broken(format!("ring {}: {e}", ring.key.0)))?;
        let insert = sqlx::query(
            "INSERT INTO folded_rings (key, person, case_id, ring, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (key) DO NOTHING",
        );
        let insert = insert.bind(ring.key.0.as_str()).bind(person.as_str()).bind(ring.case.0).bind(note);
        Ok(insert.bind(micros(now)).execute(&mut *self.inner).await?.rows_affected() == 1)
    }

    /// Rings of a person that no digest has told yet, oldest first.
    pub async fn folded_rings(&mut self, person: &PersonId) -> Result<Vec<FoldedRing>, StoreError> {
        let found =
            sqlx::query_as("SELECT ring, at FROM folded_rings WHERE person = $1 AND told_in IS NULL ORDER BY at, key");
        let found: Vec<(String, i64)> = found.bind(person.as_str()).fetch_all(&mut *self.inner).await?;
        let read = |(note, at): (String, i64)| {
            let ring = serde_json::from_str(&note).map_err(|e| broken(format!("a folded ring of {person}: {e}")))?;
            Ok(FoldedRing { person: person.clone(), ring, at: instant(at)? })
        };
        found.into_iter().map(read).collect()
    }

    /// Who has such rings, and since when the oldest waits.
    pub async fn waiting_for_digest(&mut self) -> Result<BTreeMap<PersonId, Timestamp>, StoreError> {
        let found = "SELECT person, MIN(at) FROM folded_rings WHERE told_in IS NULL GROUP BY person";
        let found: Vec<(String, i64)> = sqlx::query_as(found).fetch_all(&mut *self.inner).await?;
        found.into_iter().map(|(person, at)| Ok((PersonId::new(person), instant(at)?))).collect()
    }

    /// When the last digest of rings was written to that person.
    pub async fn last_digest(&mut self, person: &PersonId) -> Result<Option<Timestamp>, StoreError> {
        let last = "SELECT MAX(created_at) FROM outbox WHERE person = $1 AND letter = 'escalation-digest'";
        let (last,): (Option<i64>,) = sqlx::query_as(last).bind(person.as_str()).fetch_one(&mut *self.inner).await?;
        last.map(instant).transpose()
    }

    /// These rings stand in this digest now.
    pub async fn tell_folded(&mut self, keys: &[LetterKey], digest: LetterId) -> Result<(), StoreError> {
        for key in keys {
            let update = sqlx::query("UPDATE folded_rings SET told_in = $2 WHERE key = $1 AND told_in IS NULL");
            update.bind(key.0.as_str()).bind(digest.0).execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    /// These need not be told any more (their clock was met, their case closed); how many were waiting.
    pub async fn forget_folded(&mut self, keys: &[LetterKey]) -> Result<u64, StoreError> {
        let mut forgotten = 0;
        for key in keys {
            // The row stays: its key is used up. No letter is number 0.
            let update = sqlx::query("UPDATE folded_rings SET told_in = 0 WHERE key = $1 AND told_in IS NULL");
            forgotten += update.bind(key.0.as_str()).execute(&mut *self.inner).await?.rows_affected();
        }
        Ok(forgotten)
    }

    /// How many single rings (`escalation`) were written to each person since then.
    pub async fn rings_since(&mut self, since: Timestamp) -> Result<BTreeMap<PersonId, u32>, StoreError> {
        if let Some((_, rings)) = self.counted.rings.as_ref().filter(|(from, _)| *from == since) {
            return Ok(rings.clone());
        }
        // Not grouped: for the sake of an order of persons it would read all that they were ever sent.
        let people = sqlx::query_scalar(
            "SELECT person FROM outbox WHERE letter = 'escalation' AND created_at >= $1 AND state <> 'voided'",
        );
        let people: Vec<Option<String>> = people.bind(micros(since)).fetch_all(&mut *self.inner).await?;
        let mut rings = BTreeMap::new();
        for person in people.into_iter().flatten() {
            *rings.entry(PersonId::new(person)).or_default() += 1;
        }
        self.counted.rings = Some((since, rings.clone()));
        Ok(rings)
    }

    /// Which mails about doubtful mail a person had lately (mail-rules section 5).
    pub async fn asked_lately(&mut self, person: &PersonId, now: Timestamp) -> Result<AskedLately, StoreError> {
        let open = sqlx::query_scalar("SELECT COUNT(*) FROM held WHERE person = $1 AND asked_at > $2");
        let open: i64 = open.bind(person.as_str()).bind(micros(now - HOUR)).fetch_one(&mut *self.inner).await?;
        Ok(AskedLately {
            open: number(open)?,
            hour: self.letters_about(person, &["confirm"], now - HOUR).await?
                + self.of_unproven(person, now - HOUR).await?,
            confirmations_day: self.letters_about(person, &["confirm"], now - DAY).await?,
        })
    }

    /// What a person was told about mail that did not prove to be theirs.
    async fn of_unproven(&mut self, person: &PersonId, since: Timestamp) -> Result<u32, StoreError> {
        let found = sqlx::query_scalar(
            "SELECT COUNT(*) FROM outbox WHERE person = $1 AND created_at > $2 AND key LIKE 'res:%:unproven'",
        );
        let found: i64 = found.bind(person.as_str()).bind(micros(since)).fetch_one(&mut *self.inner).await?;
        number(found)
    }

    async fn letters_about(&mut self, person: &PersonId, names: &[&str], since: Timestamp) -> Result<u32, StoreError> {
        let mut count = 0;
        for name in names {
            let found =
                sqlx::query_scalar("SELECT COUNT(*) FROM outbox WHERE person = $1 AND created_at > $2 AND letter = $3");
            let found = found.bind(person.as_str()).bind(micros(since)).bind(*name);
            let found: i64 = found.fetch_one(&mut *self.inner).await?;
            count += number(found)?;
        }
        Ok(count)
    }

    /// When a customer was last written to without asking, on whatever case.
    pub async fn unasked_at(&mut self, customer: &Address) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar(
            "SELECT MAX(created_at) FROM outbox \
             WHERE address = $1 AND person IS NULL AND unasked = 1 AND state <> 'voided'",
        );
        instant_or_none(at.bind(customer.folded()).fetch_one(&mut *self.inner).await?)
    }
}
