//! Mail that was set aside: what a machine sent about nothing of ours, what came from a blocked sender, and what could
//! not be read. Nothing of it is lost: it is listed, shown with its bytes, and read again when an admin asks for it.

use jiff::Timestamp;

use super::mails::{Disposition, MailRow, SettledRow};
use super::values::{micros, number};
use super::{StoreError, Tx};
use crate::mail::MailId;

/// What counts as set aside, as SQL: [`Disposition::is_aside`].
const ASIDE: &str = "settled_at IS NOT NULL AND duplicate_of IS NULL \
                     AND disposition IN ('machine_parked', 'blocked', 'quarantined')";

impl Disposition {
    /// It is on no case, or nobody could read it.
    pub fn is_aside(self) -> bool {
        matches!(self, Disposition::MachineParked | Disposition::Blocked | Disposition::Quarantined)
    }
}

impl Tx {
    /// The latest mails that were set aside, at most `limit`, oldest first, and how many there are in all. Copies are
    /// left out.
    pub async fn parked(&mut self, limit: usize) -> Result<(Vec<MailRow>, usize), StoreError> {
        let count = format!("SELECT COUNT(*) FROM mails WHERE {ASIDE}");
        let count = sqlx::query_scalar(sqlx::AssertSqlSafe(count)).fetch_one(&mut *self.inner).await?;
        let latest = format!("SELECT * FROM mails WHERE {ASIDE} ORDER BY id DESC LIMIT $1");
        let latest = sqlx::query_as::<_, SettledRow>(sqlx::AssertSqlSafe(latest)).bind(limit as i64);
        let latest = latest.fetch_all(&mut *self.inner).await?;
        let mails = latest.into_iter().rev().map(SettledRow::read).collect::<Result<_, _>>()?;
        Ok((mails, number(count)? as usize))
    }

    /// The mail waits for a turn once more, as if it had just come, and its copies behind it; false where it was not set
    /// aside. On its server it will be marked again.
    pub async fn unpark(&mut self, mail: MailId, now: Timestamp) -> Result<bool, StoreError> {
        let aside = self.mail(mail).await?.and_then(|m| m.settled);
        if !aside.is_some_and(|s| s.disposition.is_aside() && s.duplicate_of.is_none()) {
            return Ok(false);
        }
        let unmark = "UPDATE ledger SET marked_at = NULL WHERE mail_id IN \
                      (SELECT id FROM mails WHERE id = $1 OR duplicate_of = $1)";
        sqlx::query(unmark).bind(mail.0).execute(&mut *self.inner).await?;
        let again = "UPDATE mails SET settled_at = NULL, disposition = NULL, sender = NULL, message_id = NULL, \
                     digest = NULL, subject = NULL, class = NULL, sign = NULL, level = NULL, authenticated = NULL, \
                     no_letter_because = NULL, case_id = NULL, duplicate_of = NULL, words = NULL, attempts = 0, \
                     next_try_at = $2 WHERE id = $1 OR duplicate_of = $1";
        sqlx::query(again).bind(mail.0).bind(micros(now)).execute(&mut *self.inner).await?;
        Ok(true)
    }
}
