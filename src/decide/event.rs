//! All that can happen to a case, as one closed list.

use std::sync::Arc;

use jiff::Timestamp;

use crate::mail::{Address, CaseId, LetterId, MailId, MessageId, PersonId};

use super::case::{Case, CaseMail, Door, Participant, Writer};
use super::command::Assignee;
use super::kinds::Words;

#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The first mail; the case is blank but for its id and mailbox.
    Opened(Incoming),
    /// The first mail, of staff: a case of the desk's own, or what its commands make of it.
    OpenedByStaff(StaffMail),
    /// A later mail on the case, of anybody but staff.
    Wrote(Incoming),
    /// A mail of staff on the case.
    Staff(StaffMail),
    /// A clock, a ring or a waiting letter of the case has come due.
    Due,
    /// A letter of the case could not be delivered for good, or its address is given up.
    Undelivered { letter: LetterId, name: String, to: Address, answer: String, stopped: bool },
    /// A letter of the case was not worth sending any more before it could leave: it was withdrawn.
    Stale { name: String },
    /// A copy of a staff mail came by a road that proves more: `mail` is the copy under the number of the first.
    ProvenLater(StaffMail),
    /// A reply of a person has not left for half an hour: its server keeps it waiting.
    Delayed { letter: LetterId, to: Address, answer: String },
    /// A reply of a person could not be made a mail.
    Unsendable { mail: MailId, person: PersonId, why: String },
    /// By `#assign all` of a colleague.
    HandedOver { of: PersonId, to: Option<Assignee>, by: PersonId },
    /// Another case of the same customer became part of this one.
    Merged(Box<Merged>),
    /// The first mail, taken out of another case.
    SplitOff(Box<SplitOff>),
    /// Another case of the same customer was opened and linked to this one.
    Linked { from: CaseId },
}

/// A mail as the rules see it: who wrote, what is proven, what may be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Incoming {
    pub mail: MailId,
    pub message_id: Option<MessageId>,
    /// When our server received it (never the Date header).
    pub at: Timestamp,
    pub writer: Writer,
    /// The address it came from, where there is exactly one.
    pub from: Option<Address>,
    pub name: Option<String>,
    /// Trusted DMARC pass or own aligned DKIM: only then the name and subject are repeated in a letter.
    pub authenticated: bool,
    pub class: MailClass,
    /// Whether a letter may go out at once, and if not, why.
    pub answer: Answer,
    /// Kept and shown, but it reopens nothing and meets or starts no clock (bot guard).
    pub quiet: bool,
    pub age: Age,
    pub language: Option<String>,
    pub subject: String,
    /// The newly written words.
    pub words: String,
    /// Subject and words, made ready for the shop's lists: work that needs no case, and can be done before its turn.
    pub hears: Arc<Words>,
    pub attachments: usize,
    /// Things staff should see beside the mail: "claims relation to NW-7", "spam?", "unverified".
    pub marks: Vec<String>,
    /// Message-IDs for In-Reply-To and References of an answer, oldest first, at most 20.
    pub thread: Vec<MessageId>,
    /// A token of this person stood in a stranger's mail: it is void from now on.
    pub burns: Option<PersonId>,
    /// It came to the address with the customer's own token.
    pub by_token: bool,
}

/// A mail of a registered person, placed on a case.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffMail {
    pub mail: Incoming,
    pub person: PersonId,
    pub proof: Proof,
    pub door: Door,
    /// It names a mail of the case or the case itself: a reply to it, and not an address that a program completed.
    pub answers_case: bool,
    /// Rows 1 to 12 of mail-rules section 2 give no commands.
    pub may_command: bool,
    /// Why a responder may have written it, as in "it came 3 s after the letter that it answers".
    pub like_a_machine: Option<String>,
    /// A note that its writer is away.
    pub out_of_office: bool,
    /// It holds words or files that could go on to the customer.
    pub carries: bool,
    /// All of it that would go on, signature and all, with its commands still on top.
    pub goes_out: String,
    /// What of our own notice would go on with them: then nothing does.
    pub leak: Option<String>,
    /// Lines that nobody marked as quoted would be left out of them as a quote.
    pub cut_short: bool,
}

/// What a case brings into the one that it becomes part of.
#[derive(Debug, Clone, PartialEq)]
pub struct Merged {
    pub case: Case,
    pub by: PersonId,
}

/// A mail of the customer, taken out of `from`.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitOff {
    pub from: CaseId,
    pub by: PersonId,
    pub mail: CaseMail,
    pub customer: Participant,
    pub language: String,
    pub team: String,
}

/// What is proven of a mail of staff (mail-rules section 5): levels 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proof {
    /// From says so, which anybody can write.
    From,
    /// A token of theirs, and From.
    Token,
    /// From, vouched for by a server that we trust.
    Aligned,
    Both,
    /// They confirmed it from a mail to their registered address.
    Confirmed,
}

/// What is left of the classes of mail-rules section 2 once a mail belongs to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailClass {
    Human,
    /// Vacation notes and other automatic mail: never reopens, never meets or starts a clock.
    Automatic,
    Bulk,
    /// Several Froms, broken structure, limits hit: for staff to look at.
    Malformed,
    /// From one of our own addresses without being our echo.
    OwnFrom,
}

/// May we answer this mail with a letter of our own?
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No(String),
}

/// How long a mail lay before we read it (mail-rules section 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Age {
    Fresh,
    /// More than 24 hours: the apology says that it is late.
    Late,
    /// More than 14 days, or older than the first contact with `start`: a case, and no letter.
    Old,
}

/// Values that a decision needs of the world beside the case; loaded before, never looked up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// How many open cases each person owns.
    pub open_cases: std::collections::BTreeMap<PersonId, u32>,
    /// Who got the last case of the team that assigns in rotation.
    pub last_assigned: Option<PersonId>,
    /// Rings that went to each person singly in the last hour.
    pub rings_last_hour: std::collections::BTreeMap<PersonId, u32>,
    /// The last unasked letter to this customer, on whatever case.
    pub unasked_at: Option<Timestamp>,
    /// The customer's earlier cases, newest first, only for an authenticated sender.
    pub earlier: Vec<EarlierCase>,
    /// Another open case of the same authenticated sender, with the instant of its first letter.
    pub other_open: Option<OtherCase>,
    /// Automatic mail to this address has ended (bounces, a mute).
    pub address_stopped: bool,
    /// Who stood in To or Cc of the customer's mails on this case.
    pub mentioned: Vec<Address>,
    /// The mail that the answered notice was about.
    pub answers_about: Option<MailId>,
    /// Open cases of this customer beside this one.
    pub other_cases: u32,
    /// What is known of the cases that its commands name.
    pub named_cases: Vec<NamedCase>,
    /// What the writer of a staff mail has been asked lately.
    pub asked: AskedLately,
}

/// Mails by which a person was asked to confirm something or was told that something was refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AskedLately {
    /// Confirmations that still wait, on whatever case.
    pub open: u32,
    /// Such mails within the last hour.
    pub hour: u32,
    /// Confirmations within the last day.
    pub confirmations_day: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct NamedCase {
    pub id: CaseId,
    pub customer: Option<Address>,
    pub closed: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EarlierCase {
    pub id: CaseId,
    pub opened_at: Timestamp,
    pub kind: String,
    pub subject: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct OtherCase {
    pub id: CaseId,
    pub first_letter_at: Option<Timestamp>,
}
