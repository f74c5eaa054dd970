//! The shared nouns: what every stage calls a mail, an address, an id, a case's reference.
//!
//! Plain values without behaviour that could fail later: an `Address` that exists is one that can be
//! written in an envelope, a `MessageId` one that can stand in a header. Imports nothing of the crate.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod address;
mod ids;
mod report;

pub use address::{Address, Party, clean_line, clean_name};
pub use ids::{CaseId, CaseRef, Digest, LetterId, MailId, MailboxName, MessageId, ParticipantNo, PersonId};
pub use report::{BounceReason, RecipientReport, Report, ReportKind};

/// Stands above the quoted mail in letters that are to be answered: whatever is below it was not newly written.
pub const REPLY_MARKER: &str = "-- please write above this line --";

/// What the two links of a check-in write. An answer that begins so is a person's tap, however quickly it comes.
pub const HOLDS: &str = "Yes, it holds.";
pub const HOLDS_NOT: &str = "No, it does not hold.";
/// Stands in every notice that is not for customers. Where it is found in words that are about to leave, they stay.
pub const INTERNAL_MARK: &str = "Internal to the desk";

/// A mail as it was read. Reading never fails: what is broken is listed in `defects`, and the raw bytes stay in the store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mail {
    /// All header fields, top first, names as written, values unfolded and not decoded.
    pub headers: Vec<Header>,
    /// The addresses of all From fields. An honest mail has exactly one.
    pub from: Vec<Party>,
    /// The first From field, decoded, for people: also where it holds no address that we could write to.
    pub from_text: String,
    /// How many From *fields* there are (RFC 5322 section 3.6 allows one).
    pub from_fields: usize,
    pub reply_to: Vec<Party>,
    /// Who wrote before a group put its own address into From: X-Original-From, or X-Original-Sender. A claim of whoever
    /// wrote the field; `None` where it names nobody or several.
    pub original_from: Option<Party>,
    pub to: Vec<Party>,
    pub cc: Vec<Party>,
    pub return_path: ReturnPath,
    /// Decoded, one line, control characters removed.
    pub subject: Option<String>,
    pub message_id: Option<MessageId>,
    pub in_reply_to: Vec<MessageId>,
    /// At most 100 (mail-rules section 6).
    pub references: Vec<MessageId>,
    /// The Date header, for display only; `None` where it is absent or unreadable.
    pub date: Option<Timestamp>,
    /// The whole body as plain text; from the HTML where there is no plain part.
    pub text: String,
    /// The words newly written: quotes and signature folded away; all of `text` if nothing would be left.
    pub new_text: String,
    /// The HTML body as sent, not sanitised.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    pub parts: PartCounts,
    /// A `multipart/report` or what could be read of one.
    pub report: Option<Report>,
    /// The mail that it carries whole or as a header: what came back, if this is a bounce.
    #[serde(default)]
    pub returned: Option<Returned>,
    /// The iTIP method of the first calendar part, upper case: `REPLY` (RFC 5546 section 1.4).
    #[serde(default)]
    pub calendar_method: Option<String>,
    /// SHA-256 over From, To, Date, Subject, decoded body and attachments: equal for copies that took other roads.
    pub digest: Digest,
    pub defects: Vec<Defect>,
}

impl Mail {
    /// The first header field of that name, whatever its case.
    pub fn header<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.headers_named(name).next()
    }

    /// All header fields of that name, top first.
    pub fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.headers.iter().filter(move |h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.as_str())
    }

    /// The one sender, or `None` where From is absent, doubled or holds several addresses.
    pub fn sender(&self) -> Option<&Party> {
        match (self.from_fields, self.from.as_slice()) {
            (1, [one]) => Some(one),
            _ => None,
        }
    }

    pub fn has_defect(&self, defect: Defect) -> bool {
        self.defects.contains(&defect)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub name: String,
    pub value: String,
}

/// What the delivering server wrote down as the envelope's sender (RFC 5321 section 4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReturnPath {
    #[default]
    Absent,
    /// `<>`: never answered (RFC 3834 section 2).
    Null,
    Address(Address),
    Unreadable,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attachment {
    /// Decoded and cleaned of path separators and control characters.
    pub name: Option<String>,
    /// Lower case, without parameters: `image/png`.
    pub mime_type: String,
    pub size_bytes: usize,
    pub sha256: Digest,
    pub inline: bool,
    pub content_id: Option<String>,
}

/// What names a mail inside the mail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    pub message_id: Option<MessageId>,
    /// Of its To fields.
    pub to: Vec<Address>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartCounts {
    /// Lengths of `textBody` and `htmlBody` as in RFC 8621 section 4.1.4, without texts that may not be whole: those count as
    /// attachments, though their words are shown.
    pub text: usize,
    pub html: usize,
    /// Parts of the whole tree, embedded messages walked too.
    pub leaf: usize,
    pub multipart: usize,
    pub embedded: usize,
}

/// What was broken about a mail. A defect lowers trust in the mail; it never hides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Defect {
    NoHeader,
    NoFrom,
    SeveralFrom,
    NoMessageId,
    UnreadableDate,
    DuplicateContentType,
    DuplicateBoundary,
    UnknownCharset,
    BoundaryInLine,
    UnreadableHtml,
    TooDeep,
    TooManyParts,
    TooManyHeaders,
    HeaderTooLarge,
    TooManyReferences,
    TooManyAddresses,
    /// The words are longer than any that people write: their beginning is read.
    TextTooLong,
    /// A text ends with the mail and not where its part should end.
    Truncated,
    /// A text says that it is base64, and is not.
    WrongEncoding,
}

impl Defect {
    /// Beyond the parser's limits (mail-rules section 6): stored and shown to staff, never answered.
    pub fn is_limit(self) -> bool {
        use Defect::*;
        matches!(
            self,
            TooDeep
                | TooManyParts
                | TooManyHeaders
                | HeaderTooLarge
                | TooManyReferences
                | TooManyAddresses
                | TextTooLong
        )
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = serde_json::to_value(self).ok();
        f.write_str(word.as_ref().and_then(|v| v.as_str()).unwrap_or("defect"))
    }
}

/// A mail that leaves, without its words: who is to have it, and under which id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub id: LetterId,
    /// Which configured mailbox it leaves through.
    pub mailbox: MailboxName,
    /// `None`: the empty path `<>` (RFC 5321 section 4.5.5).
    pub from: Option<Address>,
    pub to: Address,
    pub message_id: MessageId,
}

/// A mail that leaves: its bytes are fixed with its row, so that a retry is the same mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub envelope: Envelope,
    /// RFC 5322 with CRLF line ends, ready for DATA but for dot-stuffing.
    pub bytes: Vec<u8>,
}

/// What a person of staff wrote, made ready to go on to the customer (design section 3): their new words and files, and
/// nothing of the notice that they answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relayed {
    /// Line ends as `\n`, no blank lines around it; empty where nothing new was written.
    pub text: String,
    /// Sanitised, and says what `text` says. `None` where that could not be shown; then the text is all there is.
    pub html: Option<String>,
    /// In the order of the mail.
    pub files: Vec<File>,
    /// Lines that nothing marks as quoted were left out as a quote: they may have been the writer's own.
    pub cut_short: bool,
}

/// A file that goes along with a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct File {
    /// Decoded and cleaned of path separators and control characters.
    pub name: Option<String>,
    /// Lower case, without parameters: `image/png`.
    pub mime_type: String,
    /// As a reader saves it: the transfer encoding taken off.
    pub bytes: Vec<u8>,
    /// Without angle brackets, as the HTML's `cid:` links name it.
    pub content_id: Option<String>,
    /// Stands between the words; else it is attached.
    pub inline: bool,
}
