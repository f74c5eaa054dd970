//! Looking at letters: lists, what a returning mail is about, and the counts that limits are measured by.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::{ROWS_AT_ONCE, rows};
use super::outbox::{AttemptRow, LetterCounts, LetterFilter, LetterRow, OwnLetter, letter_state};
use super::values::{address, instant, instant_or_none, message_id, micros, micros_before, number, unpack};
use super::{StoreError, Tx};
use crate::decide::effect::LetterKey;
use crate::deliver::outbox::LetterState;
use crate::mail::{Address, CaseId, LetterId, MailboxName, MessageId, PersonId};

impl Tx {
    /// The key of our letter with this Message-ID.
    pub async fn key_of(&mut self, id: &MessageId) -> Result<Option<LetterKey>, StoreError> {
        let key = sqlx::query_scalar("SELECT key FROM outbox WHERE message_id = $1").bind(id.as_str());
        let key: Option<String> = key.fetch_optional(&mut *self.inner).await?;
        Ok(key.map(LetterKey))
    }

    pub async fn letter(&mut self, id: LetterId) -> Result<Option<LetterRow>, StoreError> {
        let found = sqlx::query_as::<_, Row>("SELECT * FROM outbox WHERE id = $1").bind(id.0);
        found.fetch_optional(&mut *self.inner).await?.map(Row::read).transpose()
    }

    /// By id.
    pub async fn letters(&mut self, filter: &LetterFilter) -> Result<Vec<LetterRow>, StoreError> {
        // One bind for all states: a list of words between blanks.
        let words: Vec<&str> = filter.states.iter().map(|s| s.as_str()).collect();
        let states = (!words.is_empty()).then(|| format!(" {} ", words.join(" ")));
        let limit = if filter.limit == 0 { i64::MAX } else { filter.limit as i64 };
        let list = sqlx::query_as::<_, Row>(
            "SELECT * FROM outbox WHERE (CAST($1 AS TEXT) IS NULL OR $1 LIKE '% ' || state || ' %') \
             AND (CAST($2 AS BIGINT) IS NULL OR case_id = $2) ORDER BY id LIMIT $3",
        );
        let list = list.bind(states).bind(filter.case.map(|c| c.0)).bind(limit);
        list.fetch_all(&mut *self.inner).await?.into_iter().map(Row::read).collect()
    }

    /// Letters that wait, to outsiders and to staff, oldest first: the desk asks the limits again. Without those that were
    /// in doubt twice: a person settles these.
    pub async fn held(&mut self, limit: usize) -> Result<Vec<LetterRow>, StoreError> {
        let held =
            sqlx::query_as::<_, Row>("SELECT * FROM outbox WHERE state = 'held' AND doubts < 2 ORDER BY id LIMIT $1");
        held.bind(limit as i64).fetch_all(&mut *self.inner).await?.into_iter().map(Row::read).collect()
    }

    /// The letter as it goes (or went) over the wire.
    pub async fn letter_bytes(&mut self, id: LetterId) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.bytes_of(&[id.0]).await?.remove(&id.0))
    }

    pub(super) async fn bytes_of(&mut self, ids: &[i64]) -> Result<HashMap<i64, Vec<u8>>, StoreError> {
        let mut all = HashMap::with_capacity(ids.len());
        for some in ids.chunks(ROWS_AT_ONCE) {
            let places = rows(1, some.len());
            let text = format!("SELECT letter_id, size_bytes, zstd FROM letter_bytes WHERE letter_id IN {places}");
            let found = sqlx::query_as(AssertSqlSafe(text));
            let found = some.iter().fold(found, |found, id| found.bind(*id));
            let found: Vec<(i64, i64, Vec<u8>)> = found.fetch_all(&mut *self.inner).await?;
            for (id, size_bytes, zstd) in found {
                all.insert(id, unpack(zstd, size_bytes as usize).await?);
            }
        }
        Ok(all)
    }

    /// Oldest first.
    pub async fn attempts(&mut self, id: LetterId) -> Result<Vec<AttemptRow>, StoreError> {
        let rows = sqlx::query_as("SELECT at, outcome, answer FROM attempts WHERE letter_id = $1 ORDER BY n");
        let rows: Vec<(i64, String, String)> = rows.bind(id.0).fetch_all(&mut *self.inner).await?;
        let read = |(at, outcome, answer)| Ok(AttemptRow { at: instant(at)?, outcome, answer });
        rows.into_iter().map(read).collect()
    }

    /// The letter with this Message-ID: our own mail coming back, or what a mail answers.
    pub async fn letter_by_message_id(&mut self, id: &MessageId) -> Result<Option<OwnLetter>, StoreError> {
        if self.absent.lacks_message_id(id) {
            return Ok(None);
        }
        let found = sqlx::query_as::<_, OwnRow>(
            "SELECT id, case_id, letter, recipient, automatic, sent_at, state FROM outbox WHERE message_id = $1",
        );
        found.bind(id.as_str()).fetch_optional(&mut *self.inner).await?.map(OwnRow::read).transpose()
    }

    /// The letter of this id: what a bounce token or a loop mark names.
    pub async fn own_letter(&mut self, id: LetterId) -> Result<Option<OwnLetter>, StoreError> {
        let found = sqlx::query_as::<_, OwnRow>(
            "SELECT id, case_id, letter, recipient, automatic, sent_at, state FROM outbox WHERE id = $1",
        );
        found.bind(id.0).fetch_optional(&mut *self.inner).await?.map(OwnRow::read).transpose()
    }

    /// The last letter of a case that was sent to an address.
    pub async fn last_letter(&mut self, case: CaseId, to: &Address) -> Result<Option<OwnLetter>, StoreError> {
        let found = sqlx::query_as::<_, OwnRow>(
            "SELECT id, case_id, letter, recipient, automatic, sent_at, state FROM outbox \
             WHERE case_id = $1 AND address = $2 AND sent_at IS NOT NULL ORDER BY sent_at DESC, id DESC LIMIT 1",
        );
        let found = found.bind(case.0).bind(to.folded()).fetch_optional(&mut *self.inner).await?;
        found.map(OwnRow::read).transpose()
    }

    /// The earliest instant at which a letter wants something: a try, the end of a lease or of a doubt, going stale.
    /// In the past for a letter that is due and not claimed.
    pub async fn next_letter_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar(
            "SELECT MIN(at) FROM (SELECT MIN(next_try_at) AS at FROM outbox WHERE state IN ('queued', 'deferred') \
             UNION ALL SELECT MIN(lease_until) FROM outbox WHERE state IN ('sending', 'committing') \
             UNION ALL SELECT MIN(next_try_at) FROM outbox WHERE state = 'in_doubt' \
             UNION ALL SELECT MIN(stale_after) FROM outbox WHERE stale_after IS NOT NULL \
             AND state IN ('queued', 'deferred', 'held') AND (state <> 'held' OR doubts < 2)) AS wants",
        );
        instant_or_none(at.fetch_one(&mut *self.inner).await?)
    }

    /// The earliest instant at which a letter changes without being tried: the end of a lease or of a doubt, going stale.
    pub async fn next_letter_change(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar(
            "SELECT MIN(at) FROM (SELECT MIN(lease_until) AS at FROM outbox WHERE state IN ('sending', 'committing') \
             UNION ALL SELECT MIN(next_try_at) FROM outbox WHERE state = 'in_doubt' \
             UNION ALL SELECT MIN(stale_after) FROM outbox WHERE stale_after IS NOT NULL \
             AND state IN ('queued', 'deferred', 'held') AND (state <> 'held' OR doubts < 2)) AS wants",
        );
        instant_or_none(at.fetch_one(&mut *self.inner).await?)
    }

    /// The earliest next try of a mailbox's letters: when its sender has something to do.
    pub async fn next_try_of(&mut self, mailbox: &MailboxName) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar(
            "SELECT next_try_at FROM outbox WHERE state IN ('queued', 'deferred') AND mailbox = $1 \
             ORDER BY next_try_at LIMIT 1",
        );
        instant_or_none(at.bind(mailbox.as_str()).fetch_optional(&mut *self.inner).await?)
    }

    /// For the limits of mail-rules section 3. What was voided was never sent, and does not count.
    pub async fn letter_counts(&mut self, to: &Address, now: Timestamp) -> Result<LetterCounts, StoreError> {
        let counts = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE address = $1 AND person IS NULL AND automatic = 1 \
             AND created_at > $3 AND state <> 'voided' LIMIT 1000) AS h), \
             (SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE address = $1 AND person IS NULL AND automatic = 1 \
             AND created_at > $4 AND state <> 'voided' LIMIT 1000) AS d), \
             (SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE domain = $2 AND person IS NULL AND authenticated = 0 \
             AND automatic = 1 AND created_at > $3 AND state <> 'voided' LIMIT 1000) AS s)",
        );
        let counts = counts.bind(to.folded()).bind(to.domain());
        let counts = counts.bind(micros_before(now, 3600)).bind(micros_before(now, 24 * 3600));
        let (hour, day, domain_hour): (i64, i64, i64) = counts.fetch_one(&mut *self.inner).await?;
        Ok(LetterCounts { hour: number(hour)?, day: number(day)?, domain_hour: number(domain_hour)? })
    }

    /// When the last automatic letter to an outsider left.
    pub async fn last_automatic_letter(&mut self, to: &Address) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar(
            "SELECT MAX(sent_at) FROM outbox WHERE address = $1 AND person IS NULL AND automatic = 1",
        );
        instant_or_none(at.bind(to.folded()).fetch_one(&mut *self.inner).await?)
    }

    /// Automatic letters to unauthenticated outsiders since then (the breaker); counting stops at `enough`.
    pub async fn unauthenticated_since(&mut self, since: Timestamp, enough: u32) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar(
            "SELECT COUNT(*) FROM (SELECT id FROM outbox WHERE person IS NULL AND authenticated = 0 AND automatic = 1 \
             AND created_at >= $1 AND state <> 'voided' LIMIT $2) AS enough",
        );
        number(count.bind(micros(since)).bind(i64::from(enough)).fetch_one(&mut *self.inner).await?)
    }

    /// Mails to a person since then: the bound `per_person_hour`.
    pub async fn letters_to_person(&mut self, person: &PersonId, since: Timestamp) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar(
            "SELECT COUNT(*) FROM outbox WHERE person = $1 AND created_at >= $2 AND state <> 'voided'",
        );
        number(count.bind(person.as_str()).bind(micros(since)).fetch_one(&mut *self.inner).await?)
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    key: String,
    letter: String,
    case_id: Option<i64>,
    mailbox: String,
    recipient: String,
    person: Option<String>,
    unasked: i64,
    authenticated: i64,
    automatic: i64,
    message_id: String,
    state: String,
    next_try_at: i64,
    tries: i64,
    created_at: i64,
    sent_at: Option<i64>,
    stale_after: Option<i64>,
    last_answer: Option<String>,
}

impl Row {
    fn read(self) -> Result<LetterRow, StoreError> {
        Ok(LetterRow {
            id: LetterId(self.id),
            key: LetterKey(self.key),
            letter: self.letter,
            case: self.case_id.map(CaseId),
            mailbox: MailboxName::new(self.mailbox),
            to: address(&self.recipient)?,
            person: self.person.map(PersonId::new),
            unasked: self.unasked != 0,
            authenticated: self.authenticated != 0,
            automatic: self.automatic != 0,
            message_id: message_id(&self.message_id)?,
            state: letter_state(&self.state)?,
            next_try_at: instant(self.next_try_at)?,
            tries: number(self.tries)?,
            created_at: instant(self.created_at)?,
            sent_at: instant_or_none(self.sent_at)?,
            stale_after: instant_or_none(self.stale_after)?,
            last_answer: self.last_answer,
        })
    }
}

#[derive(sqlx::FromRow)]
struct OwnRow {
    id: i64,
    case_id: Option<i64>,
    letter: String,
    recipient: String,
    automatic: i64,
    sent_at: Option<i64>,
    state: String,
}

impl OwnRow {
    fn read(self) -> Result<OwnLetter, StoreError> {
        let state: LetterState = letter_state(&self.state)?;
        Ok(OwnLetter {
            id: LetterId(self.id),
            case: self.case_id.map(CaseId),
            letter: self.letter,
            to: address(&self.recipient)?,
            automatic: self.automatic != 0,
            sent_at: instant_or_none(self.sent_at)?,
            state,
        })
    }
}
