//! What the daily lists are made of: a person's cases, what was written and done on them since an instant, and mail that
//! was set aside. Asked for once a person and list, so everything here goes by an index and grows with the day alone.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::cases::read_document;
use super::dialect::{ROWS_AT_ONCE, rows};
use super::values::{address, instant, instant_or_none, micros, number};
use super::{StoreError, Tx};
use crate::decide::case::{Case, LogLine};
use crate::decide::lists::{Done, ListKind, ParkedMail};
use crate::mail::{CaseId, MailboxName, PersonId};

impl Tx {
    /// Up to when the lists have been seen to.
    pub async fn lists_done(&mut self) -> Result<Timestamp, StoreError> {
        instant(self.desk_number("lists_done").await?)
    }

    pub async fn set_lists_done(&mut self, until: Timestamp) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE desk SET value = $2 WHERE name = $1");
        update.bind("lists_done").bind(micros(until).to_string()).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// When the last list of that kind was written to a person.
    pub async fn last_list(&mut self, person: &PersonId, kind: ListKind) -> Result<Option<Timestamp>, StoreError> {
        let last = sqlx::query_scalar(
            "SELECT created_at FROM outbox WHERE person = $1 AND letter = $2 ORDER BY created_at DESC LIMIT 1",
        );
        let last: Option<i64> = last.bind(person.as_str()).bind(kind.name()).fetch_optional(&mut *self.inner).await?;
        instant_or_none(last)
    }

    /// All open cases of an owner, by number.
    pub async fn open_cases_of(&mut self, owner: &PersonId) -> Result<Vec<Case>, StoreError> {
        let open = "SELECT id, document FROM cases WHERE owner = $1 AND state <> 'closed' ORDER BY id";
        let open: Vec<(i64, String)> = sqlx::query_as(open).bind(owner.as_str()).fetch_all(&mut *self.inner).await?;
        open.iter().map(|(id, document)| read_document(*id, document)).collect()
    }

    /// An owner's cases that were closed since then.
    pub async fn closed_cases_of(&mut self, owner: &PersonId, since: Timestamp) -> Result<Vec<CaseId>, StoreError> {
        let closed = sqlx::query_scalar(
            "SELECT id FROM cases WHERE owner = $1 AND state = 'closed' AND closed_at >= $2 ORDER BY id",
        );
        let closed: Vec<i64> = closed.bind(owner.as_str()).bind(micros(since)).fetch_all(&mut *self.inner).await?;
        Ok(closed.into_iter().map(CaseId).collect())
    }

    /// What the desk wrote to customers of these cases since then; a person's own words are theirs, and no letter.
    pub async fn letters_on(&mut self, cases: &[CaseId], since: Timestamp) -> Result<Vec<Done>, StoreError> {
        let mut letters = Vec::new();
        for some in cases.chunks(ROWS_AT_ONCE) {
            let text = format!(
                "SELECT case_id, letter, created_at FROM outbox WHERE case_id IN {} AND created_at >= ${} \
                 AND person IS NULL AND automatic = 1 AND state <> 'voided'",
                rows(1, some.len()),
                some.len() + 1
            );
            let found = sqlx::query_as(AssertSqlSafe(text));
            let found = some.iter().fold(found, |found, case| found.bind(case.0)).bind(micros(since));
            let found: Vec<(i64, String, i64)> = found.fetch_all(&mut *self.inner).await?;
            for (case, letter, at) in found {
                letters.push(Done { case: CaseId(case), letter, at: instant(at)? });
            }
        }
        Ok(letters)
    }

    /// What a person has in the logs since then, on whichever cases, oldest first.
    pub async fn log_of(&mut self, person: &PersonId, since: Timestamp) -> Result<Vec<(CaseId, LogLine)>, StoreError> {
        self.write_late().await?;
        // The two words are those of the index, which holds nobody's lines but people's.
        let lines = sqlx::query_as(
            "SELECT case_id, at, what FROM log WHERE who = $1 AND at >= $2 AND who <> 'desk' AND who <> 'customer' \
             ORDER BY at, case_id, n",
        );
        let lines: Vec<(i64, i64, String)> =
            lines.bind(person.as_str()).bind(micros(since)).fetch_all(&mut *self.inner).await?;
        let read = |(case, at, what)| Ok((CaseId(case), LogLine { at: instant(at)?, who: person.to_string(), what }));
        lines.into_iter().map(read).collect()
    }

    /// Mail of a mailbox that was set aside since then: the newest, at most `limit`, and how many there are. A copy is
    /// no mail of its own.
    pub async fn parked_since(
        &mut self,
        mailbox: &MailboxName,
        since: Timestamp,
        limit: usize,
    ) -> Result<(Vec<ParkedMail>, usize), StoreError> {
        let count = sqlx::query_scalar(
            "SELECT COUNT(*) FROM mails WHERE mailbox = $1 AND settled_at >= $2 AND duplicate_of IS NULL \
             AND disposition IN ('machine_parked', 'blocked')",
        );
        let count = count.bind(mailbox.as_str()).bind(micros(since)).fetch_one(&mut *self.inner).await?;
        let newest = sqlx::query_as::<_, ParkedRow>(
            "SELECT received_at, sender, subject, sign FROM mails WHERE mailbox = $1 AND settled_at >= $2 \
             AND duplicate_of IS NULL AND disposition IN ('machine_parked', 'blocked') \
             ORDER BY settled_at DESC, id DESC LIMIT $3",
        );
        let newest = newest.bind(mailbox.as_str()).bind(micros(since)).bind(limit as i64);
        let newest = newest.fetch_all(&mut *self.inner).await?;
        let parked = newest.into_iter().map(ParkedRow::read).collect::<Result<_, _>>()?;
        Ok((parked, number(count)? as usize))
    }

    /// These cases as they stand; what is gone is left out.
    pub async fn cases_named(&mut self, ids: &[CaseId]) -> Result<HashMap<CaseId, Case>, StoreError> {
        let mut cases = HashMap::with_capacity(ids.len());
        for some in ids.chunks(ROWS_AT_ONCE) {
            let text = format!("SELECT id, document FROM cases WHERE id IN {}", rows(1, some.len()));
            let found = sqlx::query_as(AssertSqlSafe(text));
            let found = some.iter().fold(found, |found, case| found.bind(case.0));
            let found: Vec<(i64, String)> = found.fetch_all(&mut *self.inner).await?;
            for (id, document) in found {
                cases.insert(CaseId(id), read_document(id, &document)?);
            }
        }
        Ok(cases)
    }
}

#[derive(sqlx::FromRow)]
struct ParkedRow {
    received_at: i64,
    sender: Option<String>,
    subject: Option<String>,
    sign: Option<String>,
}

impl ParkedRow {
    fn read(self) -> Result<ParkedMail, StoreError> {
        Ok(ParkedMail {
            at: instant(self.received_at)?,
            from: self.sender.as_deref().map(address).transpose()?,
            subject: self.subject,
            sign: self.sign.unwrap_or_default(),
        })
    }
}
