//! Mails that came in: raw bytes (zstd), what was found out about them, and how each ended.
//!
//! Every mail ends in exactly one disposition (mail-rules section 1). Its raw bytes stand in a table of their
//! own, so that settling a mail of 20 MB rewrites a hundred bytes.

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::mail::{Address, CaseId, Digest, MailId, MailboxName, MessageId, ParticipantNo};

/// A mail that waits for its turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    pub id: MailId,
    pub mailbox: MailboxName,
    pub received_at: Timestamp,
    pub imported: bool,
    pub header_only: bool,
    /// Tries that began, this one not counted: at 2 it is read in a child process, beyond that quarantined.
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

/// A case that a mark points to, and how an address stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub case: CaseId,
    pub participant: Option<ParticipantNo>,
    /// Stands in To or Cc of one of the case's mails.
    pub mentioned: bool,
}

impl Tx {
    /// Mails that wait, oldest first, without those that back off after a failed try.
    pub async fn pending(&mut self, limit: usize, now: Timestamp) -> Result<Vec<Pending>, StoreError> {
        let _ = (limit, now);
        todo!()
    }

    /// Committed before parsing, so that a mail that kills us is not tried for ever (mail-rules section 6, poison).
    /// A second try waits a minute, a third five, so that others never wait.
    pub async fn count_attempts(&mut self, mails: &[MailId], now: Timestamp) -> Result<(), StoreError> {
        let _ = (mails, now);
        todo!()
    }

    /// The earliest instant at which a mail that backs off may be tried again.
    pub async fn next_pending(&mut self) -> Result<Option<Timestamp>, StoreError> {
        todo!()
    }

    /// Ends a mail's turn. Error `Broken` when it has ended before.
    pub async fn settle_mail(&mut self, mail: MailId, settled: &Settled, now: Timestamp) -> Result<(), StoreError> {
        let _ = (mail, settled, now);
        todo!()
    }

    /// A copy on a higher level was evaluated once: the first row keeps its disposition and takes the level.
    pub async fn raise_level(&mut self, mail: MailId, level: u8) -> Result<(), StoreError> {
        let _ = (mail, level);
        todo!()
    }

    /// Earlier settled mails with the same raw bytes, or the same Message-ID and normalised digest; oldest first, at most 20.
    pub async fn copies(
        &mut self,
        mail: MailId,
        message_id: Option<&MessageId>,
        digest: &Digest,
    ) -> Result<Vec<MailId>, StoreError> {
        let _ = (mail, message_id, digest);
        todo!()
    }

    /// Another settled mail has this Message-ID (whatever its content).
    pub async fn message_id_taken(&mut self, mail: MailId, id: &MessageId) -> Result<bool, StoreError> {
        let _ = (mail, id);
        todo!()
    }

    /// The raw bytes.
    pub async fn raw(&mut self, mail: MailId) -> Result<Option<Vec<u8>>, StoreError> {
        let _ = mail;
        todo!()
    }

    pub async fn mail(&mut self, mail: MailId) -> Result<Option<MailRow>, StoreError> {
        let _ = mail;
        todo!()
    }

    /// Oldest first, copies too.
    pub async fn mails_of(&mut self, case: CaseId) -> Result<Vec<MailRow>, StoreError> {
        let _ = case;
        todo!()
    }

    /// Cases that hold one of these ids, as the id of a mail or of a letter of ours, in the order of `ids` (nearest
    /// first), each once; and how `sender` stands to each.
    pub async fn cases_by_ids(
        &mut self,
        ids: &[MessageId],
        sender: Option<&Address>,
    ) -> Result<Vec<Standing>, StoreError> {
        let _ = (ids, sender);
        todo!()
    }

    /// How `sender` stands to a case; `None` where there is no such case.
    pub async fn standing(&mut self, case: CaseId, sender: Option<&Address>) -> Result<Option<Standing>, StoreError> {
        let _ = (case, sender);
        todo!()
    }

    /// The same long words came from the same sender on another case since then.
    pub async fn same_words_elsewhere(
        &mut self,
        sender: &Address,
        words: &Digest,
        not_on: Option<CaseId>,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        let _ = (sender, words, not_on, since);
        todo!()
    }
}
