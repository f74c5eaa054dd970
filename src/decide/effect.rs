//! All that the rules may ask for, as one closed list.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mail::{Address, CaseId, MailId, ParticipantNo, PersonId};

use super::absences::Said;
use super::case::Target;
use super::command::Assignee;
use super::event::{Event, SplitOff};
use super::lists::Which;

#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Compose this letter and queue it under its key, in the transaction of the decision.
    Write(Order),
    /// Letters of these keys that are not yet on the wire are withdrawn.
    Void { keys: Vec<LetterKey>, because: String },
    /// Another case's own turn.
    Raise { case: CaseId, event: Box<Event> },
    /// A mail of this case opens one of its own.
    Split(Box<SplitOff>),
    /// A ring too many for this person in this hour: it waits for their digest.
    Fold { person: PersonId, ring: RingNote },
    /// A list of cases by mail.
    List { person: PersonId, which: Which, key: LetterKey },
    /// Somebody is away, or back.
    Absence { person: PersonId, said: Said, by: PersonId },
    /// All other open cases of somebody go to others; these get a list of what is theirs.
    /// `here`: the case on which it was asked for is one of them.
    HandOver { of: PersonId, to: Option<Assignee>, by: PersonId, mail: MailId, here: bool },
    /// What this address writes from now on is set aside, or is so no longer.
    SetAside { address: Address, aside: bool },
    /// Something the admin should hear.
    Alert { what: String },
}

/// A letter that is asked for: what it is about, to whom, and the key under which it exists once for ever.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub letter: Letter,
    pub to: Recipient,
    pub key: LetterKey,
    /// From then on it is no longer worth sending: voided, and the case told.
    pub stale_after: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recipient {
    Participant(ParticipantNo),
    Person(PersonId),
}

/// A UNIQUE idempotency key (mail-rules section 1): `ack:1042`, `esc:1042:first_response.0.1:2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LetterKey(pub String);

/// What each letter says beyond what the case itself holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Letter {
    /// The first letter after a failure.
    Apology(FirstLetterFacts),
    /// The first letter after a question, and the short one for a further case within 24 hours (`brief`).
    Acknowledgement(FirstLetterFacts),
    /// The first letter to somebody who called this person.
    AfterCall { by: PersonId, facts: FirstLetterFacts },
    /// A date that a letter named has passed.
    Holding(HoldingFacts),
    /// To whoever is rung.
    Escalation(RingNote),
    /// To the customer: before whom it was put. `promised`: a letter had named the date that passed.
    Escalated { to: PersonId, was_due: Timestamp, promised: bool, named: Option<Timestamp> },
    /// To the customer: a person's own words, as they wrote them.
    Reply { mail: MailId, by: PersonId, command_lines: usize },
    /// To the customer: how things stand, in a person's words.
    Update { by: PersonId, words: String, next: Option<Timestamp> },
    /// To the customer: it is mended, where nobody wrote them words of their own.
    Fixed { by: PersonId, at: Timestamp },
    /// To the customer, who has not answered what this person asked.
    Nudge { by: PersonId, asked_at: Timestamp },
    /// To the customer: does it hold?
    CheckIn { fixed_at: Timestamp },
    /// To the customer, who said that it does not hold.
    SorryAgain { by: Option<Timestamp>, before: Option<PersonId> },
    /// To the customer, who said that it holds.
    Recovered,
    /// To a person: what became of their mail.
    Transcript(TranscriptFacts),
    /// To a person: did you ask for this?
    Confirm { mail: MailId, asks: Vec<String>, until: Timestamp, since: Vec<String> },
    /// To the owner: a date has passed, or it is time to look at it again.
    Reminder(ReminderFacts),
    /// To a colleague: a question about the case, by its number.
    Question { n: u32, again: bool },
    /// To the lead: this person's mail program says that they are away.
    SeemsAway { person: PersonId },
    /// To a person: the case as it stands, with its mails, and their files where they are wanted.
    CaseStory { files: bool },
    /// To the owner, or to the lead where nobody owns it.
    NewCase { mail: MailId },
    /// To the owner: a further mail of the customer, of a machine, of somebody else.
    CustomerWrote { mail: MailId, by: WroteBy },
    /// To the owner: a letter to the customer did not arrive.
    DeliveryFailed { name: String, to: Address, answer: String, stopped: bool },
}

impl Letter {
    /// The name of its template file.
    pub fn name(&self) -> &'static str {
        match self {
            Letter::Apology(_) => "apology",
            Letter::Acknowledgement(_) => "acknowledgement",
            Letter::AfterCall { .. } => "after-call",
            Letter::Holding(_) => "holding",
            Letter::Escalation(_) => "escalation",
            Letter::Escalated { .. } => "escalated",
            Letter::Question { .. } => "question",
            Letter::SeemsAway { .. } => "seems-away",
            Letter::CaseStory { .. } => "case-story",
            Letter::NewCase { .. } => "new-case",
            Letter::CustomerWrote { .. } => "customer-wrote",
            Letter::DeliveryFailed { .. } => "delivery-failed",
            Letter::Reply { .. } => "reply",
            Letter::Update { .. } => "update",
            Letter::Fixed { .. } => "fixed",
            Letter::Nudge { .. } => "nudge",
            Letter::CheckIn { .. } => "check-in",
            Letter::SorryAgain { .. } => "sorry-again",
            Letter::Recovered => "recovered",
            Letter::Transcript(_) => "transcript",
            Letter::Confirm { .. } => "confirm",
            Letter::Reminder(_) => "reminder",
        }
    }
}

impl Letter {
    /// To a customer, because a person of staff wanted it: theirs to answer for.
    pub fn is_asked_for(&self) -> bool {
        matches!(
            self,
            Letter::Reply { .. }
                | Letter::Update { .. }
                | Letter::Fixed { .. }
                | Letter::Nudge { .. }
                | Letter::AfterCall { .. }
        )
    }

    /// To somebody on the case, and not to one of us.
    pub fn is_to_customer(&self) -> bool {
        match self {
            Letter::Apology(_)
            | Letter::Acknowledgement(_)
            | Letter::AfterCall { .. }
            | Letter::Holding(_)
            | Letter::Escalated { .. }
            | Letter::Reply { .. }
            | Letter::Update { .. }
            | Letter::Fixed { .. }
            | Letter::Nudge { .. }
            | Letter::CheckIn { .. }
            | Letter::SorryAgain { .. }
            | Letter::Recovered => true,
            Letter::Escalation(_)
            | Letter::Question { .. }
            | Letter::SeemsAway { .. }
            | Letter::CaseStory { .. }
            | Letter::NewCase { .. }
            | Letter::CustomerWrote { .. }
            | Letter::DeliveryFailed { .. }
            | Letter::Transcript(_)
            | Letter::Confirm { .. }
            | Letter::Reminder(_) => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct FirstLetterFacts {
    /// Who reads the mail: the owner; `None` where nobody was assigned.
    pub reader: Option<PersonId>,
    /// When `first_response` is due: the date that the letter names.
    pub by: Timestamp,
    /// `Some` when the desk is closed now: when it opens.
    pub opens_at: Option<Timestamp>,
    /// The mail lay for more than 24 hours before we read it.
    pub late: bool,
    /// The customer already said what would put it right.
    pub wish_known: bool,
    /// Danger: the letter asks to stop using it, and nothing else.
    pub danger: bool,
    /// One line instead of a second apology.
    pub brief: bool,
    /// The sender's earlier cases, newest first.
    pub earlier: Vec<super::event::EarlierCase>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct HoldingFacts {
    pub target: Target,
    pub was_due: Timestamp,
    /// A letter had named that date.
    pub promised: bool,
    /// 1, 2 or 3 since a person last wrote.
    pub count: u32,
    /// The new date; none in the third letter.
    pub next: Option<Timestamp>,
    /// Before whom it has been put.
    pub before: Option<PersonId>,
}

/// What became of a mail of staff.
#[derive(Debug, Clone, PartialEq)]
pub struct TranscriptFacts {
    pub mail: MailId,
    pub result: Outcome,
    /// What was done, or what would be done, a sentence each.
    pub did: Vec<String>,
    /// The command lines as they were read, where one of them was wrong.
    pub lines: Vec<LineRead>,
    /// Why nothing was done, or what is asked.
    pub why: Option<String>,
    /// The list of commands is wanted.
    pub help: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Nothing was done, and nothing will be.
    Refused,
    /// Nothing was done yet: `#send` does it.
    Held,
    /// Kept as an internal note.
    Kept,
}

impl Outcome {
    /// As it stands in keys.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Refused => "refused",
            Outcome::Held => "held",
            Outcome::Kept => "kept",
        }
    }
}

/// A command line and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineRead {
    pub line: String,
    /// What is wrong with it; `None` where it was understood.
    pub wrong: Option<String>,
    /// The nearest command.
    pub nearest: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum ReminderFacts {
    /// A date that the customer waited for has passed; whether they were told so.
    Passed { target: Target, due_at: Timestamp, told: bool },
    /// `#wait WHEN` is over.
    Woke { since: Timestamp },
    /// A colleague or a team was asked, reminded, and did not answer.
    Unanswered { of: String, since: Timestamp },
    /// A reply does not leave.
    Delayed { to: Address, answer: String },
}

/// One ring: which rung of which target, for whom, and what comes after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RingNote {
    pub case: CaseId,
    pub key: LetterKey,
    pub target: Target,
    pub n: u32,
    pub version: u32,
    pub rung: usize,
    pub due_at: Timestamp,
    /// The person whose ring it is when they are away and another stands in.
    pub standing_in_for: Option<PersonId>,
    /// By when it has to be taken.
    pub acknowledge_by: Option<Timestamp>,
    /// Who is rung after that; `None`: nobody comes after.
    pub next: Option<PersonId>,
    /// A colleague had it rung before its time.
    #[serde(default)]
    pub asked: Option<AskedFor>,
}

/// Who wants it seen, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFor {
    pub by: PersonId,
    pub why: String,
}

/// Who a `customer-wrote` notice is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WroteBy {
    Customer,
    Participant,
    Outsider,
    Machine,
    /// A colleague; `answered`: they told the customer something, else it is a note; `proven`: that they wrote it.
    Person {
        id: PersonId,
        answered: bool,
        proven: bool,
    },
}
