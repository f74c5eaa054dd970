//! What is this mail? Pure: the questions to ask the store, and the order of checks (mail-rules section 2).

pub mod auto;
pub mod bounce;
pub mod duplicate;
pub mod staff;
pub mod thread;

use serde::{Deserialize, Serialize};

use crate::mail::{Address, CaseId, Digest, LetterId, MailId, MessageId, ParticipantNo, PersonId};

/// The classes of mail-rules section 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    Human,
    Bounce,
    Report,
    Automatic,
    Bulk,
    Loop,
    Malformed,
    Blocked,
    SelfEcho,
    OwnFrom,
}

/// Authority of a mail (mail-rules section 5): 0 none, 1 From is staff, 2 token and From, 3 From and aligned, 4 both, 5 confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(pub u8);

/// What the desk already knows about the mail's marks; loaded by the answers to [`Questions`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Mails already stored with the same raw SHA-256, or the same Message-ID and normalised digest.
    pub copies: Vec<MailId>,
    /// A mail with the same Message-ID and other content exists.
    pub message_id_taken: bool,
    /// One of our letters has this Message-ID, with the digest of its content.
    pub own_letter: Option<(LetterId, Digest)>,
    /// Cases that hold one of the mail's In-Reply-To or References ids, nearest id first.
    pub by_message_id: Vec<FoundCase>,
    /// The case of the valid token in one of the recipient addresses.
    pub by_token: Option<FoundCase>,
    /// The case of `[NW-n]` in the subject.
    pub by_reference: Option<FoundCase>,
    /// Open cases of the same sender, newest first, with their bare subjects.
    pub by_sender: Vec<SenderCase>,
    /// Letters to this sender: counts and switches of mail-rules section 3.
    pub letters_hour: u32,
    pub letters_day: u32,
    pub domain_letters_hour: u32,
    pub muted: bool,
    pub stopped: bool,
    pub marked_spam: bool,
    /// How long before this mail the letter that it answers was sent, in seconds.
    pub answered_after_secs: Option<i64>,
    /// The same long words were written by the same outsider on another case within 14 days.
    pub same_words_elsewhere: bool,
}

/// A case that a mark points to, and how its sender stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCase {
    pub id: CaseId,
    pub participant: Option<ParticipantNo>,
    /// Stands in To or Cc of one of the case's mails.
    pub mentioned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderCase {
    pub id: CaseId,
    pub bare_subject: String,
}

/// Whom the mail is from, if it is one of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    Person(PersonId),
    Own,
    Outsider(Option<Address>),
}

/// Where a mail belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Joins this case.
    Case(CaseId),
    /// Opens one; `linked` is another open case of the same sender, or one it claims to belong to.
    New { linked: Option<CaseId>, claims: Option<CaseId> },
    /// Set aside: shown in the staff's list, no case, no letter.
    Park,
    /// A copy of a mail already stored: shares its disposition.
    Duplicate(MailId),
    /// Our own letter came back: evidence that it was sent.
    Echo(LetterId),
    /// A report about one of our letters.
    Report(LetterId),
}

/// Message-IDs that a mail answers, nearest first.
pub type Thread = Vec<MessageId>;
