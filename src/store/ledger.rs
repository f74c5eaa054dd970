//! The ledger: which messages of which folder we have, for ever (mail-rules section 6).
//!
//! (account, folder, UIDVALIDITY, UID) names one message for ever. A Maildir has no numbers: there a row is named
//! by the folder text `maildir/<unique name>` with zeros.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::{ROWS_AT_ONCE, rows};
use super::values::{broken, instant, micros, number};
use super::{Number, StoreError, Tx};
use crate::mail::{Digest, MailId, MailboxName};

/// One life of one IMAP folder: UIDs mean something within it only.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Epoch {
    pub account: MailboxName,
    pub folder: String,
    pub uidvalidity: u32,
}

impl Epoch {
    /// The one-message "folder" of a mail from a Maildir or a pipe.
    pub fn of_file(account: &MailboxName, unique_name: &str) -> Self {
        Self { account: account.clone(), folder: format!("maildir/{unique_name}"), uidvalidity: 0 }
    }
}

/// What is known of a folder beside its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderState {
    pub epoch: Epoch,
    /// All UIDs up to this one are in the ledger, without a gap, and older than 10 minutes.
    pub mark: u32,
    pub first_contact_at: Timestamp,
    /// Why automation is held there, after a change of UIDVALIDITY.
    pub held_because: Option<String>,
}

/// A mail as fetched, before anybody has read it.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    pub epoch: Epoch,
    pub uid: u32,
    pub mailbox: MailboxName,
    pub raw: Vec<u8>,
    /// INTERNALDATE clamped to the last 7 days (or the file's time).
    pub received_at: Timestamp,
    /// It lay there before the first contact (`start = "all"` or a date): a case, and no letter.
    pub imported: bool,
    /// Over the hard size cap: `raw` is the header only, and the mail stays on the server.
    pub header_only: bool,
}

/// A message that is done with us, and not yet marked on its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmarked {
    pub epoch: Epoch,
    pub uid: u32,
    pub mail: MailId,
}

impl Tx {
    /// Which of these UIDs have no row yet, ascending.
    pub async fn lacking(&mut self, epoch: &Epoch, uids: &[u32]) -> Result<Vec<u32>, StoreError> {
        let wanted: BTreeSet<u32> = uids.iter().copied().collect();
        let (Some(first), Some(last)) = (wanted.first(), wanted.last()) else { return Ok(Vec::new()) };
        let known = sqlx::query_scalar(
            "SELECT uid FROM ledger WHERE account = $1 AND folder = $2 AND uidvalidity = $3 AND uid BETWEEN $4 AND $5",
        );
        let known = known.bind(epoch.account.as_str()).bind(epoch.folder.as_str()).bind(i64::from(epoch.uidvalidity));
        let known = known.bind(i64::from(*first)).bind(i64::from(*last));
        let known: Vec<i64> = known.fetch_all(&mut *self.inner).await?;
        let known: HashSet<i64> = known.into_iter().collect();
        Ok(wanted.into_iter().filter(|uid| !known.contains(&i64::from(*uid))).collect())
    }

    /// Stores a fetched batch: raw bytes and ledger rows. A message that is there already keeps its first id,
    /// which stands in its place in the answer; error `Broken` for one that is marked pre-existing.
    pub async fn receive(&mut self, batch: &[Received], now: Timestamp) -> Result<Vec<MailId>, StoreError> {
        let mut known = HashMap::new();
        for folder in batch.chunk_by(|a, b| a.epoch == b.epoch) {
            known.extend(self.known(&folder[0].epoch, folder).await?);
        }
        let (mut ids, mut new) = (Vec::with_capacity(batch.len()), Vec::new());
        for received in batch {
            let id = match known.get(&(&received.epoch, received.uid)) {
                Some(Some(id)) => *id,
                Some(None) => return Err(broken(format!("{} was there before us", received.name()))),
                None => {
                    let id = MailId(self.next(Number::Mail).await?);
                    new.push((id, received));
                    id
                }
            };
            known.insert((&received.epoch, received.uid), Some(id));
            ids.push(id);
        }
        self.insert_mails(&new, now).await?;
        let rows: Vec<_> = new.iter().map(|(id, received)| (&received.epoch, received.uid, Some(*id))).collect();
        self.insert_ledger(&rows, now).await?;
        Ok(ids)
    }

    /// The messages of a folder that have a row; `None` in it where the row has no mail.
    async fn known<'a>(
        &mut self,
        epoch: &'a Epoch,
        wanted: &[Received],
    ) -> Result<Vec<((&'a Epoch, u32), Option<MailId>)>, StoreError> {
        let mut all = Vec::new();
        for some in wanted.chunks(ROWS_AT_ONCE) {
            let n = some.len();
            let text = format!(
                "SELECT uid, mail_id FROM ledger WHERE uid IN {} AND account = ${} AND folder = ${} AND uidvalidity = ${}",
                rows(1, n),
                n + 1,
                n + 2,
                n + 3
            );
            let known = sqlx::query_as(AssertSqlSafe(text));
            let known = some.iter().fold(known, |known, one| known.bind(i64::from(one.uid)));
            let known = known.bind(epoch.account.as_str()).bind(epoch.folder.as_str());
            let known: Vec<(i64, Option<i64>)> =
                known.bind(i64::from(epoch.uidvalidity)).fetch_all(&mut *self.inner).await?;
            for (uid, mail) in known {
                all.push(((epoch, number(uid)?), mail.map(MailId)));
            }
        }
        Ok(all)
    }

    /// The mail of these bytes in a mailbox, whether its turn has come or not.
    pub async fn mail_of_bytes(&mut self, mailbox: &MailboxName, raw: &[u8]) -> Result<Option<MailId>, StoreError> {
        let found = sqlx::query_scalar("SELECT id FROM mails WHERE sha256 = $1 AND mailbox = $2 ORDER BY id LIMIT 1");
        let found = found.bind(Digest::of(raw).0.to_vec()).bind(mailbox.as_str());
        let found: Option<i64> = found.fetch_optional(&mut *self.inner).await?;
        Ok(found.map(MailId))
    }

    /// A mail that we hold under another number of its folder has this one now.
    pub async fn meet_again(
        &mut self,
        epoch: &Epoch,
        uid: u32,
        mail: MailId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.insert_ledger(&[(epoch, uid, Some(mail))], now).await
    }

    /// Mails that were first met under these numbers, and were too old for a letter.
    pub async fn old_strangers(&mut self, epoch: &Epoch) -> Result<usize, StoreError> {
        let count = sqlx::query_scalar(
            "SELECT COUNT(*) FROM ledger l JOIN mails m ON m.id = l.mail_id WHERE l.account = $1 AND l.folder = $2 \
             AND l.uidvalidity = $3 AND m.imported = 1 AND m.stored_at = l.seen_at",
        );
        let count = count.bind(epoch.account.as_str()).bind(epoch.folder.as_str()).bind(i64::from(epoch.uidvalidity));
        Ok(number(count.fetch_one(&mut *self.inner).await?)? as usize)
    }

    /// One that has a row keeps it.
    async fn insert_ledger(
        &mut self,
        messages: &[(&Epoch, u32, Option<MailId>)],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for some in messages.chunks(ROWS_AT_ONCE) {
            let text = format!(
                "INSERT INTO ledger (account, folder, uidvalidity, uid, mail_id, seen_at) VALUES {} \
                 ON CONFLICT (account, folder, uidvalidity, uid) DO NOTHING",
                rows(some.len(), 6)
            );
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for (epoch, uid, mail) in some {
                insert = insert.bind(epoch.account.as_str()).bind(epoch.folder.as_str());
                insert = insert.bind(i64::from(epoch.uidvalidity)).bind(i64::from(*uid));
                insert = insert.bind(mail.map(|m| m.0)).bind(micros(now));
            }
            insert.execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    /// First contact with `start = "now"`: these are known and will never be read.
    pub async fn mark_pre_existing(&mut self, epoch: &Epoch, uids: &[u32], now: Timestamp) -> Result<(), StoreError> {
        let rows: Vec<_> = uids.iter().map(|uid| (epoch, *uid, None)).collect();
        self.insert_ledger(&rows, now).await
    }

    /// The epoch of the folder that was met last.
    pub async fn folder(&mut self, account: &MailboxName, folder: &str) -> Result<Option<FolderState>, StoreError> {
        let found = sqlx::query_as(
            "SELECT uidvalidity, mark, first_contact_at, held_because FROM folders \
             WHERE account = $1 AND folder = $2 ORDER BY met DESC LIMIT 1",
        );
        let found: Option<(i64, i64, i64, Option<String>)> =
            found.bind(account.as_str()).bind(folder).fetch_optional(&mut *self.inner).await?;
        let Some((uidvalidity, mark, first_contact_at, held_because)) = found else { return Ok(None) };
        let epoch = Epoch { account: account.clone(), folder: folder.to_owned(), uidvalidity: number(uidvalidity)? };
        let first_contact_at = instant(first_contact_at)?;
        Ok(Some(FolderState { epoch, mark: number(mark)?, first_contact_at, held_because }))
    }

    /// Writes the state of an epoch; a new one becomes the folder's latest.
    pub async fn set_folder(&mut self, state: &FolderState) -> Result<(), StoreError> {
        let met = "SELECT COALESCE(MAX(met), 0) + 1 FROM folders WHERE account = $1 AND folder = $2";
        let epoch = &state.epoch;
        let met: i64 = sqlx::query_scalar(met)
            .bind(epoch.account.as_str())
            .bind(epoch.folder.as_str())
            .fetch_one(&mut *self.inner)
            .await?;
        let upsert = sqlx::query(
            "INSERT INTO folders (account, folder, uidvalidity, met, mark, first_contact_at, held_because) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (account, folder, uidvalidity) DO UPDATE SET \
             mark = excluded.mark, first_contact_at = excluded.first_contact_at, held_because = excluded.held_because",
        );
        let upsert = upsert.bind(epoch.account.as_str()).bind(epoch.folder.as_str());
        let upsert = upsert.bind(i64::from(epoch.uidvalidity)).bind(met).bind(i64::from(state.mark));
        let upsert = upsert.bind(micros(state.first_contact_at)).bind(state.held_because.as_deref());
        upsert.execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Messages of an account whose mail is settled and that are not yet marked on the server, oldest first.
    pub async fn unmarked(&mut self, account: &MailboxName, limit: usize) -> Result<Vec<Unmarked>, StoreError> {
        let rows = sqlx::query_as(
            "SELECT l.folder, l.uidvalidity, l.uid, l.mail_id FROM ledger l JOIN mails m ON m.id = l.mail_id \
             WHERE l.account = $1 AND l.marked_at IS NULL AND m.settled_at IS NOT NULL ORDER BY l.mail_id LIMIT $2",
        );
        let rows: Vec<(String, i64, i64, i64)> =
            rows.bind(account.as_str()).bind(limit as i64).fetch_all(&mut *self.inner).await?;
        let unmarked = |(folder, uidvalidity, uid, mail)| {
            let epoch = Epoch { account: account.clone(), folder, uidvalidity: number(uidvalidity)? };
            Ok(Unmarked { epoch, uid: number(uid)?, mail: MailId(mail) })
        };
        rows.into_iter().map(unmarked).collect()
    }

    /// They are marked (or moved) on the server now, or need not be.
    pub async fn mark(&mut self, epoch: &Epoch, uids: &[u32], now: Timestamp) -> Result<(), StoreError> {
        for some in uids.chunks(ROWS_AT_ONCE) {
            let n = some.len();
            let text = format!(
                "UPDATE ledger SET marked_at = ${} WHERE uid IN {} AND account = ${} AND folder = ${} \
                 AND uidvalidity = ${} AND marked_at IS NULL",
                n + 1,
                rows(1, n),
                n + 2,
                n + 3,
                n + 4
            );
            let update = sqlx::query(AssertSqlSafe(text));
            let update = some.iter().fold(update, |update, uid| update.bind(i64::from(*uid)));
            let update = update.bind(micros(now)).bind(epoch.account.as_str()).bind(epoch.folder.as_str());
            update.bind(i64::from(epoch.uidvalidity)).execute(&mut *self.inner).await?;
        }
        Ok(())
    }
}

impl Received {
    fn name(&self) -> String {
        format!("message {} of {}/{}", self.uid, self.epoch.account, self.epoch.folder)
    }
}
