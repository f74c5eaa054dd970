//! The verdict on a mail: what it is, which sign decided it, where it belongs, and whether we may answer.

use serde::{Deserialize, Serialize};

use crate::mail::{Address, CaseId, LetterId, MailId, ParticipantNo, Party, PersonId, RecipientReport};

use super::StaffPurpose;

/// What a mail is and what may follow from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub class: Class,
    /// The row of the table in mail-rules section 2 that matched first: `1`, `1b`, ... `16`; `guard` for the bot guard.
    pub row: &'static str,
    /// The header or rule that decided it, for people: `Auto-Submitted: auto-replied`.
    pub sign: String,
    /// Whether a letter may go to the customer at once.
    pub answer: Answer,
    pub place: Place,
    /// Authority of the mail as an order to the desk (mail-rules section 5).
    pub level: Level,
    /// Rows 1 to 12 give no commands, whatever the level.
    pub commands: bool,
    pub sender: Sender,
    /// How the writer stands to the case it was placed in.
    pub standing: Standing,
    /// Whom to write to as the customer: the one From; the Reply-To of a contact form; X-Original-From of a group.
    pub customer: Option<Party>,
    /// It is proven that the customer wrote it; never for a form's Reply-To or a group's X-Original-From.
    pub authenticated: bool,
    /// Stored, shown and appended, but it reopens nothing, confirms nothing and meets or starts no clock.
    pub quiet: bool,
    /// A token of staff stood in somebody else's mail: it is void from now on.
    pub burn_token: bool,
    /// It came to the address with a customer's token.
    pub by_token: bool,
    /// Whose token of staff stood in it.
    pub token_of: Option<PersonId>,
    /// Of a mail from staff: what says where its words go.
    pub staff: Option<StaffSigns>,
    /// The admin must hear of it (row 6).
    pub alert: bool,
    /// What staff should see beside the mail: "claims relation to NW-7", "spam?", "unverified".
    pub marks: Vec<String>,
    pub auto_kind: Option<AutoKind>,
    /// What a bounce says, whoever wrote it; only `place` tells whether it may have an effect.
    pub bounce: Option<Bounce>,
}

impl Verdict {
    /// Only its words or the moment make it look like a machine's: the desk keeps it as a person's that is not answered.
    pub fn is_only_hinted(&self) -> bool {
        self.row == GUARD
    }
}

/// The row of the bot guard.
pub const GUARD: &str = "guard";

/// How a mail of staff came in, and whether a person seems to have meant it for its case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffSigns {
    /// The purpose of their own token for the case that the mail joins. Somebody else's is none.
    pub purpose: Option<StaffPurpose>,
    /// It names a mail or a letter of that case, or its number in the subject.
    pub answers_case: bool,
    /// Why a responder may have written it: its words, or the moment at which it came.
    pub like_a_machine: Option<String>,
}

/// The classes of mail-rules section 2. Rows 11 and 12 (role, suspicious) are human mail that gets no answer.
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

/// May this mail be answered by a letter of our own?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Yes,
    /// With the reason, for staff and `inspect`.
    No(String),
}

/// Authority of a mail (mail-rules section 5): 0 none, 1 From is staff, 2 token and From, 3 From and aligned, 4 both, 5 confirmed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Level(pub u8);

/// Whom the mail is from, if it is one of ours. Only the one From address counts (mail-rules section 5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    Person(PersonId),
    Own,
    /// `None`: no From, several, or one that we could not write to.
    Outsider(Option<Address>),
}

/// How the writer stands to the case that the mail joins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Participant(ParticipantNo),
    Person,
    /// Joins, but is sent nothing until `#cc`.
    Mentioned,
    /// With a valid token only, or a machine: not added to the participants.
    Stranger,
    /// Opens the case.
    Opener,
}

/// Where a mail belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Joins this case.
    Case(CaseId),
    /// Opens one; `linked` is another open case of the same sender, `claims` the case it says it belongs to without proof.
    New { linked: Option<CaseId>, claims: Option<CaseId> },
    /// Set aside: shown in the staff's list, no case, no letter.
    Park,
    /// A person's answer to their welcome letter: what it proves is noted, and no case is opened.
    Welcome,
    /// A copy of a mail already stored: shares its disposition.
    Duplicate(MailId),
    /// Our own letter came back: evidence that it was sent.
    Echo(LetterId),
    /// About one of our letters. `proven`: by a valid `b` token; only then it may stop mail to an address.
    Report { letter: LetterId, case: CaseId, proven: bool },
}

/// What kind of automatic mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AutoKind {
    OutOfOffice,
    Vacation,
    Autoreply,
    ChallengeResponse,
    FeedbackReport,
    BulkOrList,
    /// Somebody opened a mail (RFC 8098, or in words).
    ReadReceipt,
    /// Somebody's answer to an invitation (RFC 5546).
    CalendarReply,
}

/// What a report of non-delivery says (RFC 3464, or its free text).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bounce {
    /// `None` where no status could be read.
    pub class: Option<BounceClass>,
    /// The address is dead, not only full, slow or unwilling.
    pub hard: bool,
    /// Not a failure yet.
    pub delay: bool,
    /// One per recipient.
    pub reports: Vec<RecipientReport>,
    pub original_message_id: Option<crate::mail::MessageId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BounceClass {
    Permanent,
    Transient,
    Mixed,
}
