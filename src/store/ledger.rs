//! The ledger: which messages of which folder we have, for ever (mail-rules section 6).
//!
//! (account, folder, UIDVALIDITY, UID) names one message for ever. A Maildir has no numbers: there a row is named
//! by the folder text `maildir/<unique name>` with zeros.

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::mail::{MailId, MailboxName};

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
        let _ = (epoch, uids);
        todo!()
    }

    /// Stores a fetched batch: raw bytes and ledger rows. A message that is there already keeps its first id,
    /// which stands in its place in the answer.
    pub async fn receive(&mut self, batch: &[Received], now: Timestamp) -> Result<Vec<MailId>, StoreError> {
        let _ = (batch, now);
        todo!()
    }

    /// First contact with `start = "now"`: these are known and will never be read.
    pub async fn mark_pre_existing(&mut self, epoch: &Epoch, uids: &[u32], now: Timestamp) -> Result<(), StoreError> {
        let _ = (epoch, uids, now);
        todo!()
    }

    /// The epoch of the folder that was met last.
    pub async fn folder(&mut self, account: &MailboxName, folder: &str) -> Result<Option<FolderState>, StoreError> {
        let _ = (account, folder);
        todo!()
    }

    /// Writes the state of an epoch; a new one becomes the folder's latest.
    pub async fn set_folder(&mut self, state: &FolderState) -> Result<(), StoreError> {
        let _ = state;
        todo!()
    }

    /// Messages of an account whose mail is settled and that are not yet marked on the server, oldest first.
    pub async fn unmarked(&mut self, account: &MailboxName, limit: usize) -> Result<Vec<Unmarked>, StoreError> {
        let _ = (account, limit);
        todo!()
    }

    /// They are marked (or moved) on the server now, or need not be.
    pub async fn mark(&mut self, epoch: &Epoch, uids: &[u32], now: Timestamp) -> Result<(), StoreError> {
        let _ = (epoch, uids, now);
        todo!()
    }
}
