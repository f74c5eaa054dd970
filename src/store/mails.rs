//! Mails that came in: raw bytes (zstd), what was found out about them, and how each ended.
//!
//! Every mail ends in exactly one disposition (mail-rules section 1). Its raw bytes stand in a table of their
//! own, so that settling a mail of 20 MB rewrites a hundred bytes.

use std::collections::HashMap;

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::{ROWS_AT_ONCE, rows};
use super::ledger::Received;
use super::values::{
    address, broken, digest, instant, instant_or_none, message_id, micros, micros_before, number, pack, unpack,
};
use super::{StoreError, Tx};
use crate::mail::{Address, CaseId, Digest, MailId, MailboxName, MessageId};

/// A mail that waits for its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    pub id: MailId,
    pub mailbox: MailboxName,
    pub received_at: Timestamp,
    pub imported: bool,
    pub header_only: bool,
    /// Tries that began before: at 2 it is read in a child process, beyond that quarantined.
    pub attempts: u32,
    pub raw: Vec<u8>,
}

/// How a mail can end (mail-rules section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Disposition {
    CaseNew,
    CaseAppend,
    StaffAction,
    BounceLinked,
    MachineParked,
    SelfEcho,
    Quarantined,
    Blocked,
    Imported,
    PreExisting,
}

/// The sign of a mail that nobody could read: three tries failed (mail-rules section 6, poison).
pub const UNREADABLE: &str = "it failed three times";

/// What a turn found out about a mail, written once as it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    pub disposition: Disposition,
    /// The one sender, where there is exactly one.
    pub sender: Option<Address>,
    pub message_id: Option<MessageId>,
    /// The normalised digest.
    pub digest: Digest,
    pub subject: Option<String>,
    /// The class and the sign that decided it, as words.
    pub class: String,
    pub sign: String,
    /// Authority, 0 to 5.
    pub level: u8,
    pub authenticated: bool,
    /// Why no letter answered it; `None` where one may.
    pub no_letter_because: Option<String>,
    pub case: Option<CaseId>,
    pub duplicate_of: Option<MailId>,
    /// Of the new words where they are 200 characters or more: for the bot guard.
    pub words: Option<Digest>,
}

/// A mail as lists and `case show` need it.
#[derive(Debug, Clone, PartialEq)]
pub struct MailRow {
    pub id: MailId,
    pub mailbox: MailboxName,
    pub received_at: Timestamp,
    pub header_only: bool,
    pub attempts: u32,
    pub settled_at: Option<Timestamp>,
    pub settled: Option<Settled>,
}

impl Disposition {
    pub const ALL: [Disposition; 10] = [
        Disposition::CaseNew,
        Disposition::CaseAppend,
        Disposition::StaffAction,
        Disposition::BounceLinked,
        Disposition::MachineParked,
        Disposition::SelfEcho,
        Disposition::Quarantined,
        Disposition::Blocked,
        Disposition::Imported,
        Disposition::PreExisting,
    ];

    /// As mail-rules section 1 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Disposition::CaseNew => "case_new",
            Disposition::CaseAppend => "case_append",
            Disposition::StaffAction => "staff_action",
            Disposition::BounceLinked => "bounce_linked",
            Disposition::MachineParked => "machine_parked",
            Disposition::SelfEcho => "self_echo",
            Disposition::Quarantined => "quarantined",
            Disposition::Blocked => "blocked",
            Disposition::Imported => "imported",
            Disposition::PreExisting => "pre_existing",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|d| d.as_str() == word)
    }
}

/// Raw bytes that one batch of waiting mails may hold.
const BATCH_BYTES: i64 = 16 * 1024 * 1024;

/// How long a mail rests after its n-th try began and did not end: one crash is nobody's fault, so the first two
/// follow at once; after that others go first.
fn rest_seconds(attempts: u32) -> i64 {
    match attempts {
        0 | 1 => 0,
        2 => 60,
        _ => 300,
    }
}

impl Tx {
    pub(super) async fn insert_mails(&mut self, new: &[(MailId, &Received)], now: Timestamp) -> Result<(), StoreError> {
        for some in new.chunks(ROWS_AT_ONCE) {
            let text = format!(
                "INSERT INTO mails (id, mailbox, received_at, stored_at, imported, header_only, size_bytes, sha256, \
                 attempts, next_try_at) VALUES {}",
                rows(some.len(), 10)
            );
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for (id, received) in some {
                insert = insert.bind(id.0).bind(received.mailbox.as_str()).bind(micros(received.received_at));
                insert = insert.bind(micros(now)).bind(i64::from(received.imported));
                insert = insert.bind(i64::from(received.header_only)).bind(received.raw.len() as i64);
                insert = insert.bind(Digest::of(&received.raw).0.to_vec()).bind(0_i64).bind(micros(now));
            }
            insert.execute(&mut *self.inner).await?;
            self.insert_raw(some).await?;
        }
        Ok(())
    }

    async fn insert_raw(&mut self, new: &[(MailId, &Received)]) -> Result<(), StoreError> {
        let text = format!("INSERT INTO raw_mails (mail_id, zstd) VALUES {}", rows(new.len(), 2));
        let mut insert = sqlx::query(AssertSqlSafe(text));
        for (id, received) in new {
            insert = insert.bind(id.0).bind(pack(&received.raw).await?);
        }
        insert.execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Mails that wait, oldest first, without those that rest after tries that did not end. At most `limit`, and
    /// fewer where they are large: the batch must fit in memory.
    pub async fn pending(&mut self, limit: usize, now: Timestamp) -> Result<Vec<Pending>, StoreError> {
        let waiting = sqlx::query_as(
            "SELECT id, size_bytes FROM mails WHERE settled_at IS NULL AND next_try_at <= $1 \
             ORDER BY next_try_at, id LIMIT $2",
        );
        let waiting: Vec<(i64, i64)> = waiting.bind(micros(now)).bind(limit as i64).fetch_all(&mut *self.inner).await?;
        let mut size_bytes = 0;
        let fits = |(at, (_, bytes)): &(usize, &(i64, i64))| {
            size_bytes += bytes;
            *at == 0 || size_bytes <= BATCH_BYTES
        };
        let ids: Vec<i64> = waiting.iter().enumerate().take_while(fits).map(|(_, (id, _))| *id).collect();
        let mut pending = Vec::with_capacity(ids.len());
        for some in ids.chunks(ROWS_AT_ONCE) {
            pending.extend(self.pending_ones(some).await?);
        }
        Ok(pending)
    }

    /// With their bytes, in this order.
    async fn pending_ones(&mut self, ids: &[i64]) -> Result<Vec<Pending>, StoreError> {
        let text = format!(
            "SELECT m.id, m.mailbox, m.received_at, m.imported, m.header_only, m.attempts, m.size_bytes, r.zstd \
             FROM mails m JOIN raw_mails r ON r.mail_id = m.id WHERE m.id IN {}",
            rows(1, ids.len())
        );
        let found = sqlx::query_as::<_, PendingRow>(AssertSqlSafe(text));
        let found = ids.iter().fold(found, |found, id| found.bind(*id)).fetch_all(&mut *self.inner).await?;
        let mut found: HashMap<i64, PendingRow> = found.into_iter().map(|row| (row.id, row)).collect();
        let mut pending = Vec::with_capacity(ids.len());
        for id in ids {
            let row = found.remove(id).ok_or_else(|| broken(format!("mail {id} has no raw bytes")))?;
            pending.push(row.read().await?);
        }
        Ok(pending)
    }

    /// Committed before parsing, so that a mail that kills us is not tried for ever (mail-rules section 6, poison).
    /// The second try follows at once, the third rests a minute, further ones five, so that others never wait.
    pub async fn count_attempts(&mut self, mails: &[MailId], now: Timestamp) -> Result<(), StoreError> {
        for mail in mails {
            let update = sqlx::query(
                "UPDATE mails SET attempts = attempts + 1, next_try_at = CASE attempts WHEN 0 THEN CAST($2 AS BIGINT) \
                 WHEN 1 THEN CAST($3 AS BIGINT) ELSE CAST($4 AS BIGINT) END WHERE id = $1 AND settled_at IS NULL",
            );
            let update = update.bind(mail.0).bind(micros_before(now, -rest_seconds(1)));
            let update = update.bind(micros_before(now, -rest_seconds(2))).bind(micros_before(now, -rest_seconds(3)));
            update.execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    /// At start: one of the `batch` mails that come first may have ended the last run. They count as tried once, so that
    /// each is tried alone and counted before; how many.
    pub async fn suspect_first(&mut self, batch: usize) -> Result<u64, StoreError> {
        let update = sqlx::query(
            "UPDATE mails SET attempts = 1 WHERE attempts = 0 AND settled_at IS NULL AND id IN \
             (SELECT id FROM mails WHERE settled_at IS NULL ORDER BY next_try_at, id LIMIT $1)",
        );
        Ok(update.bind(batch as i64).execute(&mut *self.inner).await?.rows_affected())
    }

    /// The earliest instant at which a waiting mail may be tried.
    pub async fn next_pending(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let at = sqlx::query_scalar("SELECT MIN(next_try_at) FROM mails WHERE settled_at IS NULL");
        instant_or_none(at.fetch_one(&mut *self.inner).await?)
    }

    /// Ends a mail's turn. Error `Broken` when it has ended before.
    pub async fn settle_mail(&mut self, mail: MailId, settled: &Settled, now: Timestamp) -> Result<(), StoreError> {
        self.absent.now_has_message_id(settled.message_id.as_ref());
        self.absent.now_has_words(settled.words.as_ref());
        let update = sqlx::query(
            "UPDATE mails SET settled_at = $2, disposition = $3, sender = $4, message_id = $5, digest = $6, \
             subject = $7, class = $8, sign = $9, level = $10, authenticated = $11, no_letter_because = $12, \
             case_id = $13, duplicate_of = $14, words = $15 WHERE id = $1 AND settled_at IS NULL",
        );
        let update = update.bind(mail.0).bind(micros(now)).bind(settled.disposition.as_str());
        let update = update.bind(settled.sender.as_ref().map(Address::folded));
        let update = update.bind(settled.message_id.as_ref().map(MessageId::as_str)).bind(&settled.digest.0[..]);
        let update = update.bind(settled.subject.as_deref()).bind(settled.class.as_str()).bind(settled.sign.as_str());
        let update = update.bind(i64::from(settled.level)).bind(i64::from(settled.authenticated));
        let update = update.bind(settled.no_letter_because.as_deref()).bind(settled.case.map(|c| c.0));
        let update = update.bind(settled.duplicate_of.map(|m| m.0)).bind(settled.words.as_ref().map(|w| &w.0[..]));
        match update.execute(&mut *self.inner).await?.rows_affected() {
            1 => Ok(()),
            _ => Err(broken(format!("mail {mail} is unknown or has ended before"))),
        }
    }

    /// A copy on a higher level was evaluated once: the first row keeps its disposition and takes the level.
    pub async fn raise_level(&mut self, mail: MailId, level: u8) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE mails SET level = $2 WHERE id = $1 AND level < $2");
        update.bind(mail.0).bind(i64::from(level)).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// The raw bytes.
    pub async fn raw(&mut self, mail: MailId) -> Result<Option<Vec<u8>>, StoreError> {
        let found = sqlx::query_as(
            "SELECT m.size_bytes, r.zstd FROM mails m JOIN raw_mails r ON r.mail_id = m.id WHERE m.id = $1",
        );
        let found: Option<(i64, Vec<u8>)> = found.bind(mail.0).fetch_optional(&mut *self.inner).await?;
        match found {
            Some((size_bytes, zstd)) => Ok(Some(unpack(zstd, size_bytes as usize).await?)),
            None => Ok(None),
        }
    }

    pub async fn mail(&mut self, mail: MailId) -> Result<Option<MailRow>, StoreError> {
        let found = sqlx::query_as::<_, SettledRow>("SELECT * FROM mails WHERE id = $1").bind(mail.0);
        found.fetch_optional(&mut *self.inner).await?.map(SettledRow::read).transpose()
    }

    /// Oldest first, copies too.
    pub async fn move_mail(&mut self, mail: MailId, case: CaseId) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE mails SET case_id = $2 WHERE id = $1 OR duplicate_of = $1");
        update.bind(mail.0).bind(case.0).execute(&mut *self.inner).await?;
        Ok(())
    }

    pub async fn mails_of(&mut self, case: CaseId) -> Result<Vec<MailRow>, StoreError> {
        let rows = sqlx::query_as::<_, SettledRow>("SELECT * FROM mails WHERE case_id = $1 ORDER BY id").bind(case.0);
        rows.fetch_all(&mut *self.inner).await?.into_iter().map(SettledRow::read).collect()
    }
}

#[derive(sqlx::FromRow)]
struct PendingRow {
    id: i64,
    mailbox: String,
    received_at: i64,
    imported: i64,
    header_only: i64,
    attempts: i64,
    size_bytes: i64,
    zstd: Vec<u8>,
}

impl PendingRow {
    async fn read(self) -> Result<Pending, StoreError> {
        Ok(Pending {
            id: MailId(self.id),
            mailbox: MailboxName::new(self.mailbox),
            received_at: instant(self.received_at)?,
            imported: self.imported != 0,
            header_only: self.header_only != 0,
            attempts: number(self.attempts)?,
            raw: unpack(self.zstd, self.size_bytes as usize).await?,
        })
    }
}

#[derive(sqlx::FromRow)]
pub(super) struct SettledRow {
    id: i64,
    mailbox: String,
    received_at: i64,
    header_only: i64,
    attempts: i64,
    settled_at: Option<i64>,
    disposition: Option<String>,
    sender: Option<String>,
    message_id: Option<String>,
    digest: Option<Vec<u8>>,
    subject: Option<String>,
    class: Option<String>,
    sign: Option<String>,
    level: Option<i64>,
    authenticated: Option<i64>,
    no_letter_because: Option<String>,
    case_id: Option<i64>,
    duplicate_of: Option<i64>,
    words: Option<Vec<u8>>,
}

impl SettledRow {
    pub(super) fn read(self) -> Result<MailRow, StoreError> {
        Ok(MailRow {
            id: MailId(self.id),
            mailbox: MailboxName::new(self.mailbox.as_str()),
            received_at: instant(self.received_at)?,
            header_only: self.header_only != 0,
            attempts: number(self.attempts)?,
            settled_at: instant_or_none(self.settled_at)?,
            settled: if self.settled_at.is_some() { Some(self.settled()?) } else { None },
        })
    }

    fn settled(self) -> Result<Settled, StoreError> {
        let id = self.id;
        let lacks = |what: &str| broken(format!("settled mail {id} has no {what}"));
        let disposition = self.disposition.ok_or_else(|| lacks("disposition"))?;
        let level = self.level.and_then(|l| u8::try_from(l).ok()).ok_or_else(|| lacks("level"))?;
        Ok(Settled {
            disposition: Disposition::parse(&disposition)
                .ok_or_else(|| broken(format!("mail {id}: \"{disposition}\" is no disposition")))?,
            sender: self.sender.as_deref().map(address).transpose()?,
            message_id: self.message_id.as_deref().map(message_id).transpose()?,
            digest: digest(self.digest.ok_or_else(|| lacks("digest"))?)?,
            subject: self.subject,
            class: self.class.ok_or_else(|| lacks("class"))?,
            sign: self.sign.ok_or_else(|| lacks("sign"))?,
            level,
            authenticated: self.authenticated == Some(1),
            no_letter_because: self.no_letter_because,
            case: self.case_id.map(CaseId),
            duplicate_of: self.duplicate_of.map(MailId),
            words: self.words.map(digest).transpose()?,
        })
    }
}
