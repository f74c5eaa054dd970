//! Letters that leave: one row each, under a key that is used once for ever (mail-rules sections 1 and 7).
//!
//! The states and their steps are `deliver::outbox`'s; here they are kept. A letter has one lease at a time; its
//! fencing number keeps a sender that was thought dead from writing over its successor.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::{ROWS_AT_ONCE, rows};
use super::values::{address, broken, instant, micros, number, pack_here};
use super::{Number, StoreError, Tx};
use crate::decide::effect::LetterKey;
use crate::deliver::outbox::{Happening, LetterState, Past, step};
use crate::mail::{Address, CaseId, Envelope, LetterId, MailboxName, MessageId, Outgoing, PersonId};

/// A letter to be queued, and what limits and voiding need to know of it; its bytes follow before the commit.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLetter {
    pub envelope: Envelope,
    pub key: LetterKey,
    /// The name of its template.
    pub letter: String,
    pub case: Option<CaseId>,
    /// To somebody of staff.
    pub person: Option<PersonId>,
    /// Nobody asked for it: holding, escalated, check-in.
    pub unasked: bool,
    /// It answers an authenticated sender.
    pub authenticated: bool,
    /// Carries an Auto-Submitted field: counts in the limits.
    pub automatic: bool,
    /// Not tried before; `now` for at once.
    pub not_before: Timestamp,
    /// From then on it is not worth sending.
    pub stale_after: Option<Timestamp>,
    /// `Some`: queued as `held`, for that reason.
    pub held_because: Option<String>,
}

/// A letter's bytes as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    size_bytes: usize,
    zstd: Vec<u8>,
}

impl Packed {
    /// Work for a processor: some tens of microseconds a letter.
    pub fn of(bytes: &[u8]) -> Result<Self, StoreError> {
        Ok(Self { size_bytes: bytes.len(), zstd: pack_here(bytes)? })
    }
}

/// A letter under a lease, with all that a sender needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub outgoing: Outgoing,
    pub key: LetterKey,
    pub letter: String,
    pub case: Option<CaseId>,
    pub fence: Fence,
    /// Tries that ended before.
    pub tries: u32,
}

/// Which lease of a letter: rises with each claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence(pub i64);

/// A letter as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterRow {
    pub id: LetterId,
    pub key: LetterKey,
    pub letter: String,
    pub case: Option<CaseId>,
    pub mailbox: MailboxName,
    pub to: Address,
    pub person: Option<PersonId>,
    pub unasked: bool,
    pub authenticated: bool,
    pub automatic: bool,
    pub message_id: MessageId,
    pub state: LetterState,
    pub next_try_at: Timestamp,
    pub tries: u32,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub stale_after: Option<Timestamp>,
    /// What the server said last, or why it is held or voided.
    pub last_answer: Option<String>,
}

/// A try that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    pub at: Timestamp,
    /// `sent later never our_fault in_doubt`.
    pub outcome: String,
    pub answer: String,
}

/// A letter whose state just changed by itself: enough to tell its case.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub id: LetterId,
    pub key: LetterKey,
    pub letter: String,
    pub case: Option<CaseId>,
    pub to: Address,
    pub person: Option<PersonId>,
    pub state: LetterState,
}

/// Which letters a list shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LetterFilter {
    /// Empty: all.
    pub states: Vec<LetterState>,
    pub case: Option<CaseId>,
    /// 0: all.
    pub limit: usize,
}

/// Automatic letters to an outsider, counted for the limits of mail-rules section 3; each count stops at 1,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LetterCounts {
    /// To the address, in the last 60 minutes and 24 hours.
    pub hour: u32,
    pub day: u32,
    /// To unauthenticated senders of its domain, in the last 60 minutes.
    pub domain_hour: u32,
}

/// A letter of ours that a mail answers or returns.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnLetter {
    pub id: LetterId,
    pub case: Option<CaseId>,
    pub letter: String,
    pub to: Address,
    pub automatic: bool,
    pub sent_at: Option<Timestamp>,
    pub state: LetterState,
}

/// What a step needs of a letter's row, and what it changes there.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct Live {
    pub(super) id: i64,
    key: String,
    letter: String,
    case_id: Option<i64>,
    recipient: String,
    person: Option<String>,
    state: String,
    pub(super) next_try_at: i64,
    pub(super) tries: i64,
    pub(super) doubts: i64,
    pub(super) interruptions: i64,
    pub(super) fence: i64,
    pub(super) lease_until: Option<i64>,
    pub(super) created_at: i64,
    pub(super) sent_at: Option<i64>,
    pub(super) last_answer: Option<String>,
}

impl Live {
    pub(super) fn state(&self) -> Result<LetterState, StoreError> {
        letter_state(&self.state)
    }

    pub(super) fn past(&self) -> Result<Past, StoreError> {
        Ok(Past {
            letter: LetterId(self.id),
            created_at: instant(self.created_at)?,
            tries: number(self.tries)?,
            doubts: number(self.doubts)?,
        })
    }

    pub(super) fn moved(self, state: LetterState) -> Result<Moved, StoreError> {
        Ok(Moved {
            id: LetterId(self.id),
            key: LetterKey(self.key),
            letter: self.letter,
            case: self.case_id.map(CaseId),
            to: address(&self.recipient)?,
            person: self.person.map(PersonId::new),
            state,
        })
    }
}

pub(super) fn letter_state(word: &str) -> Result<LetterState, StoreError> {
    LetterState::parse(word).ok_or_else(|| broken(format!("\"{word}\" is no state of a letter")))
}

const INSERT_LETTER: &str = "INSERT INTO outbox (id, key, case_id, mailbox, letter, recipient, address, domain, person, \
     unasked, authenticated, automatic, envelope_from, message_id, state, next_try_at, tries, doubts, \
     interruptions, fence, created_at, stale_after, last_answer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
     $12, $13, $14, $15, $16, 0, 0, 0, 0, $17, $18, $19) ON CONFLICT (key) DO NOTHING";

impl Tx {
    /// The id of a letter that is about to be composed: its Message-ID, loop mark and bounce token are made from it.
    pub async fn next_letter_id(&mut self) -> Result<LetterId, StoreError> {
        Ok(LetterId(self.next(Number::Letter).await?))
    }

    /// `false`, and nothing written, when its key was used before (by a letter, or by a ring told in a digest). `true`:
    /// its bytes are owed, and nothing is committed without them ([`Tx::put_bytes`]).
    pub async fn queue(&mut self, letter: &NewLetter, now: Timestamp) -> Result<bool, StoreError> {
        if letter.letter == "escalation" && self.is_folded(&letter.key).await? {
            return Ok(false);
        }
        let out = &letter.envelope;
        self.absent.now_has_message_id(Some(&out.message_id));
        let state = if letter.held_because.is_some() { LetterState::Held } else { LetterState::Queued };
        let insert = sqlx::query(INSERT_LETTER).bind(out.id.0).bind(letter.key.0.as_str());
        let insert = insert.bind(letter.case.map(|c| c.0)).bind(out.mailbox.as_str()).bind(letter.letter.as_str());
        let insert = insert.bind(out.to.as_str()).bind(out.to.folded()).bind(out.to.domain());
        let insert = insert.bind(letter.person.as_ref().map(PersonId::as_str)).bind(i64::from(letter.unasked));
        let insert = insert.bind(i64::from(letter.authenticated)).bind(i64::from(letter.automatic));
        let insert = insert.bind(out.from.as_ref().map(Address::as_str)).bind(out.message_id.as_str());
        let insert = insert.bind(state.as_str()).bind(micros(letter.not_before)).bind(micros(now));
        let insert = insert.bind(letter.stale_after.map(micros)).bind(letter.held_because.as_deref());
        if insert.execute(&mut *self.inner).await?.rows_affected() == 0 {
            return Ok(false);
        }
        self.lack_bytes.insert(out.id);
        if letter.letter == "escalation" {
            self.counted.rings = None;
        }
        Ok(true)
    }

    /// The bytes of letters that were queued here.
    pub async fn put_bytes(&mut self, letters: &[(LetterId, Packed)]) -> Result<(), StoreError> {
        for some in letters.chunks(ROWS_AT_ONCE) {
            let places = rows(some.len(), 3);
            let text = format!("INSERT INTO letter_bytes (letter_id, size_bytes, zstd) VALUES {places}");
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for (id, packed) in some {
                insert = insert.bind(id.0).bind(packed.size_bytes as i64).bind(packed.zstd.as_slice());
                self.lack_bytes.remove(id);
            }
            insert.execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    async fn is_folded(&mut self, key: &LetterKey) -> Result<bool, StoreError> {
        let found = sqlx::query_scalar("SELECT key FROM folded_rings WHERE key = $1").bind(key.0.as_str());
        let found: Option<String> = found.fetch_optional(&mut *self.inner).await?;
        Ok(found.is_some())
    }

    /// A letter that is not yet on the wire, composed anew under its key and Message-ID. `false` when it is too late,
    /// or when it may have been on the wire before: then its bytes are frozen (mail-rules section 1).
    pub async fn compose_anew(&mut self, outgoing: &Outgoing) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE letter_bytes SET size_bytes = $3, zstd = $4 WHERE letter_id = $1 AND EXISTS (SELECT 1 FROM outbox \
             WHERE id = $1 AND message_id = $2 AND state IN ('queued', 'deferred', 'held') AND doubts = 0 AND tries = 0)",
        );
        let (envelope, packed) = (&outgoing.envelope, Packed::of(&outgoing.bytes)?);
        let update = update.bind(envelope.id.0).bind(envelope.message_id.as_str());
        let update = update.bind(packed.size_bytes as i64).bind(packed.zstd);
        Ok(update.execute(&mut *self.inner).await?.rows_affected() == 1)
    }

    /// Withdraws the letters of these keys that are not yet on the wire; the answer names those that were withdrawn.
    pub async fn void(
        &mut self,
        keys: &[LetterKey],
        because: &str,
        now: Timestamp,
    ) -> Result<Vec<LetterId>, StoreError> {
        let mut voided = Vec::new();
        for key in keys {
            let found = sqlx::query_scalar("SELECT id FROM outbox WHERE key = $1").bind(key.0.as_str());
            let found: Option<i64> = found.fetch_optional(&mut *self.inner).await?;
            if let Some(id) = found.map(LetterId)
                && self.drop_letter(id, because, now).await?
            {
                voided.push(id);
            }
        }
        Ok(voided)
    }

    /// Withdraws what is stale: each case wants to be told. Not what was in doubt twice: it may have arrived, and only a
    /// person can tell whether another letter is wanted.
    pub async fn void_stale(&mut self, now: Timestamp) -> Result<Vec<Moved>, StoreError> {
        let stale = sqlx::query_scalar(
            "SELECT id FROM outbox WHERE stale_after IS NOT NULL AND state IN ('queued', 'deferred', 'held') \
             AND (state <> 'held' OR doubts < 2) AND stale_after <= $1 ORDER BY id",
        );
        let stale: Vec<i64> = stale.bind(micros(now)).fetch_all(&mut *self.inner).await?;
        self.step_all(&stale, &Happening::Withdrawn, now, |live| {
            live.last_answer = Some("no longer worth sending".to_owned());
        })
        .await
    }

    /// Stops a letter that is not on the wire. `false`: it is, or has ended.
    pub async fn hold(&mut self, id: LetterId, because: &str, now: Timestamp) -> Result<bool, StoreError> {
        let moved = self.step_one(id, &Happening::Held, now, |live| live.last_answer = Some(because.to_owned()));
        Ok(moved.await?.is_some())
    }

    /// A held, deferred or failed letter is tried at once (`outbox retry ID`, or the limits allow it). `false`: it is
    /// in another state.
    pub async fn retry(&mut self, id: LetterId, now: Timestamp) -> Result<bool, StoreError> {
        let moved = self.step_one(id, &Happening::Released, now, |live| live.next_try_at = micros(now));
        Ok(moved.await?.is_some())
    }

    /// All that is deferred or held is tried at once (`outbox retry`); how many.
    pub async fn retry_all(&mut self, now: Timestamp) -> Result<usize, StoreError> {
        let ids = "SELECT id FROM outbox WHERE state IN ('deferred', 'held') ORDER BY id";
        let ids: Vec<i64> = sqlx::query_scalar(ids).fetch_all(&mut *self.inner).await?;
        let moved = self.step_all(&ids, &Happening::Released, now, |live| live.next_try_at = micros(now)).await?;
        Ok(moved.len())
    }

    /// Withdraws one letter (`outbox drop ID`). `false`: it is on the wire, or has ended.
    pub async fn drop_letter(&mut self, id: LetterId, because: &str, now: Timestamp) -> Result<bool, StoreError> {
        let moved = self.step_one(id, &Happening::Withdrawn, now, |live| live.last_answer = Some(because.to_owned()));
        Ok(moved.await?.is_some())
    }

    pub(super) async fn live(&mut self, id: i64) -> Result<Option<Live>, StoreError> {
        let found = sqlx::query_as::<_, Live>(
            "SELECT id, key, letter, case_id, recipient, person, state, next_try_at, tries, doubts, interruptions, \
             fence, lease_until, created_at, sent_at, last_answer FROM outbox WHERE id = $1",
        );
        Ok(found.bind(id).fetch_optional(&mut *self.inner).await?)
    }

    pub(super) async fn step_one(
        &mut self,
        id: LetterId,
        happening: &Happening,
        now: Timestamp,
        change: impl FnOnce(&mut Live),
    ) -> Result<Option<Moved>, StoreError> {
        let Some(mut live) = self.live(id.0).await? else { return Ok(None) };
        let Some(state) = step(live.state()?, happening, &live.past()?, now) else { return Ok(None) };
        change(&mut live);
        self.write_live(&live, state).await?;
        if state == LetterState::Voided {
            self.counted.rings = None;
        }
        live.moved(state).map(Some)
    }

    /// The same for each: those for which it is impossible stay.
    pub(super) async fn step_all(
        &mut self,
        ids: &[i64],
        happening: &Happening,
        now: Timestamp,
        change: impl Fn(&mut Live),
    ) -> Result<Vec<Moved>, StoreError> {
        let mut moved = Vec::new();
        for id in ids {
            moved.extend(self.step_one(LetterId(*id), happening, now, &change).await?);
        }
        Ok(moved)
    }

    pub(super) async fn write_live(&mut self, live: &Live, state: LetterState) -> Result<(), StoreError> {
        let leased = matches!(state, LetterState::Sending | LetterState::Committing);
        let update = sqlx::query(
            "UPDATE outbox SET state = $2, next_try_at = $3, tries = $4, doubts = $5, interruptions = $6, \
             lease_until = $7, sent_at = $8, last_answer = $9 WHERE id = $1",
        );
        let update = update.bind(live.id).bind(state.as_str()).bind(live.next_try_at).bind(live.tries);
        let update = update.bind(live.doubts).bind(live.interruptions).bind(live.lease_until.filter(|_| leased));
        update.bind(live.sent_at).bind(live.last_answer.as_deref()).execute(&mut *self.inner).await?;
        Ok(())
    }
}
