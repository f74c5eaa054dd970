//! What a machine reports about another mail (RFC 6522), as fields or read from its words.
//!
//! Plain values: nothing here is believed, and nothing here decides. Where the report does not say, a field is `None`.

use serde::{Deserialize, Serialize};

use super::{Address, MessageId};

/// A machine's report about another mail (RFC 6522).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub kind: ReportKind,
    /// One per recipient.
    pub recipients: Vec<RecipientReport>,
    pub original_message_id: Option<MessageId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ReportKind {
    /// RFC 3464
    Delivery,
    /// RFC 8098
    Disposition,
    /// RFC 5965
    Feedback,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientReport {
    pub recipient: Option<Address>,
    /// `failed delayed delivered relayed expanded`, lower case; of a read receipt its disposition (`displayed`, `deleted`).
    pub action: Option<String>,
    /// Enhanced status code (RFC 3463): `5.1.1`.
    pub status: Option<String>,
    pub diagnostic: Option<String>,
    /// Filled in by `classify`, from the codes and the words.
    #[serde(default)]
    pub reason: Option<BounceReason>,
}

impl RecipientReport {
    /// A failure for good: Action `failed` with Status 5.x.x (mail-rules section 4).
    pub fn failed_for_good(&self) -> bool {
        self.action.as_deref() == Some("failed") && self.status.as_deref().is_some_and(|s| s.starts_with('5'))
    }

    /// It says that the mail went on its way.
    pub fn succeeded(&self) -> bool {
        match self.action.as_deref() {
            Some("delivered" | "relayed" | "expanded") => true,
            Some("failed" | "delayed") => false,
            _ => self.status.as_deref().is_some_and(|s| s.starts_with('2')),
        }
    }
}

/// Why a mail was not delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BounceReason {
    UserUnknown,
    HostUnknown,
    /// The address has another one now.
    Moved,
    /// The domain takes no mail at all (RFC 7505, RFC 7504).
    TakesNoMail,
    MailboxFull,
    TooBig,
    Suspended,
    /// "User unknown" after the whole mail was seen, or the recipient's own filter: the address may be alive.
    Filtered,
    /// Our envelope's or header's sender is not wanted.
    SenderRejected,
    RelayingDenied,
    /// SPF, DKIM or DMARC.
    Authentication,
    /// Our server's address or its reputation.
    Blocked,
    RateLimited,
    Spam,
    Virus,
    Content,
    Policy,
    /// TLS, or an SMTP login.
    Security,
    Expired,
    Network,
    /// The other side's own fault.
    System,
    /// A program that the mail was handed to.
    Mailer,
}

impl BounceReason {
    /// The address itself is dead: no later mail will arrive there.
    pub fn is_hard(self) -> bool {
        matches!(self, Self::UserUnknown | Self::HostUnknown | Self::Moved | Self::TakesNoMail)
    }
}
