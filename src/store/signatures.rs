//! DKIM signatures that proved a mail: each proves one (RFC 6376 section 8.6, mail-rules section 5).
//!
//! Whoever holds a signed mail can send it again, to anybody and as often as they like. A signature counts for 7 days, so
//! its mark is kept for eight.

use jiff::{SignedDuration, Timestamp};

use super::values::micros;
use super::{StoreError, Tx};
use crate::mail::{Digest, MailId};

const KEPT: SignedDuration = SignedDuration::from_hours(8 * 24);

impl Tx {
    /// Did one of these marks prove another mail than these, which are one?
    pub async fn signed_another(&mut self, marks: &[Digest], same: &[MailId]) -> Result<bool, StoreError> {
        for mark in marks {
            let found = sqlx::query_scalar("SELECT mail_id FROM signatures WHERE mark = $1");
            let found: Option<i64> = found.bind(&mark.0[..]).fetch_optional(&mut *self.inner).await?;
            if found.is_some_and(|mail| !same.contains(&MailId(mail))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// They proved this mail, and no other from now on.
    pub async fn note_signatures(&mut self, marks: &[Digest], mail: MailId, now: Timestamp) -> Result<(), StoreError> {
        for mark in marks {
            let insert = sqlx::query(
                "INSERT INTO signatures (mark, mail_id, seen_at) VALUES ($1, $2, $3) ON CONFLICT (mark) DO NOTHING",
            );
            insert.bind(&mark.0[..]).bind(mail.0).bind(micros(now)).execute(&mut *self.inner).await?;
        }
        let before = now.saturating_sub(KEPT).unwrap_or(Timestamp::MIN);
        sqlx::query("DELETE FROM signatures WHERE seen_at < $1").bind(micros(before)).execute(&mut *self.inner).await?;
        Ok(())
    }
}
