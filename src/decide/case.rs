//! A case: one customer's trouble, from the first mail to the outcome.
//!
//! The case holds everything that a later decision needs; what is only for people stands in its log. It is
//! stored as one document, with its clocks as rows of their own, so that the earliest due one is found by index.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mail::{Address, CaseId, MailId, MailboxName, MessageId, ParticipantNo, PersonId};

use super::calendar::Span;
use super::policy::RungTo;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    pub id: CaseId,
    pub mailbox: MailboxName,
    pub opened_at: Timestamp,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub subject: String,
    /// Number 0 is the customer.
    pub participants: Vec<Participant>,
    pub owner: Option<PersonId>,
    pub team: String,
    pub kind: String,
    pub cause: Option<String>,
    pub sla: String,
    pub priority: Priority,
    /// Language tag of letters to the customer.
    pub language: String,
    /// What would put it right, in the customer's words.
    pub wish: Option<String>,
    pub clocks: Vec<Clock>,
    pub rings: Vec<Ring>,
    /// What the customer was sent and when; rules of calm count here.
    pub told: Told,
    /// Mails of the case, oldest first: for References, and for what a letter may quote to staff.
    pub mails: Vec<CaseMail>,
    /// An earlier or parallel case of the same sender.
    pub linked: Option<CaseId>,
    pub closed_at: Option<Timestamp>,
    pub reopened: u32,
    /// Log lines not yet stored; the store appends and clears them.
    #[serde(skip)]
    pub log: Vec<LogLine>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    New,
    Open,
    Waiting,
    Paused,
    Fixed,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Recovered,
    Unrecovered,
    Silent,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    Low,
    Normal,
    High,
    Urgent,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    pub no: ParticipantNo,
    pub address: Address,
    /// As cleaned; used as a greeting only when `authenticated`.
    pub name: Option<String>,
    pub authenticated: bool,
    /// Mentioned in To or Cc of a participant's mail: their mail joins the case, they are sent nothing.
    pub mentioned_only: bool,
}

/// What a clock runs towards. `promise` carries its number in [`ClockName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    FirstResponse,
    NextUpdate,
    Resolution,
    Promise,
    /// A rung must be taken by then.
    Acknowledge,
    CustomerSilent,
    CheckIn,
    AutoClose,
    /// A letter or an end of pause that waits for an hour of its own.
    Wake,
}

impl Target {
    pub const ALL: [Target; 9] = [
        Target::FirstResponse,
        Target::NextUpdate,
        Target::Resolution,
        Target::Promise,
        Target::Acknowledge,
        Target::CustomerSilent,
        Target::CheckIn,
        Target::AutoClose,
        Target::Wake,
    ];

    /// As in the configuration, the database and the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Target::FirstResponse => "first_response",
            Target::NextUpdate => "next_update",
            Target::Resolution => "resolution",
            Target::Promise => "promise",
            Target::Acknowledge => "acknowledge",
            Target::CustomerSilent => "customer_silent",
            Target::CheckIn => "check_in",
            Target::AutoClose => "auto_close",
            Target::Wake => "wake",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == word)
    }

    /// As people say it in a letter to staff.
    pub fn words(self) -> &'static str {
        match self {
            Target::FirstResponse => "first answer",
            Target::NextUpdate => "next update",
            Target::Resolution => "resolution",
            Target::Promise => "promise",
            Target::Acknowledge => "acknowledgement",
            Target::CustomerSilent => "customer's answer",
            Target::CheckIn => "check-in",
            Target::AutoClose => "closing",
            Target::Wake => "wake-up",
        }
    }
}

/// One run of one target. A new start is a new version: rings and letters of the old one never fire again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    pub target: Target,
    /// Which promise, or for `acknowledge` which of the case's rings; 0 elsewhere.
    pub n: u32,
    pub version: u32,
    pub started_at: Timestamp,
    pub due_at: Timestamp,
    pub state: ClockState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    Running,
    /// Stands since then; `due_at` is worked out anew when it goes on.
    Paused {
        since: Timestamp,
    },
    /// Kept: what it ran towards was done at that instant.
    Met {
        at: Timestamp,
    },
    /// Passed without it.
    Broken {
        at: Timestamp,
    },
    /// No longer asked for.
    Stopped {
        at: Timestamp,
    },
}

impl Clock {
    pub fn is_running(&self) -> bool {
        self.state == ClockState::Running
    }
}

/// A step of the ladder that will ring, or has rung, for one version of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ring {
    /// Which step of the ladder, lowest 0.
    pub rung: usize,
    /// Copied from the ladder when the clock started: a changed configuration moves only clocks that start later.
    pub to: RungTo,
    pub acknowledge: Option<Span>,
    pub tell_customer: bool,
    pub target: Target,
    pub n: u32,
    pub version: u32,
    /// When it is to ring, before the recipient's hours are asked.
    pub due_at: Timestamp,
    pub state: RingState,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RingState {
    Planned,
    /// Rang at that instant for that person; `taken_by` once somebody acknowledged.
    Rung {
        at: Timestamp,
        person: PersonId,
        taken_by: Option<PersonId>,
    },
    /// Told in a digest instead of a mail of its own.
    Folded {
        at: Timestamp,
        person: PersonId,
        taken_by: Option<PersonId>,
    },
    /// Not rung: a higher one rang, its person had it already, or its clock was met.
    Skipped {
        at: Timestamp,
    },
}

/// What the customer has been told without asking, and what waits to be told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    pub first_letter_at: Option<Timestamp>,
    /// Why there was no first letter.
    pub no_letter_because: Option<String>,
    /// Holding letters since a person last wrote: at most three.
    pub holding: u32,
    /// Unasked letters (holding, escalated, check-in), oldest first: at most one a working day.
    pub unasked: Vec<UnaskedLetter>,
    /// Letters that wait for the next working day.
    pub waiting: Vec<WaitingLetter>,
    /// The date that the last letter named, and the person it was named for.
    pub named: Option<NamedDate>,
    /// Before whom the customer was told it lies, since a person last wrote: once of each.
    #[serde(default)]
    pub put_before: Vec<PersonId>,
    /// When a person last wrote to the customer.
    pub person_wrote_at: Option<Timestamp>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnaskedLetter {
    pub at: Timestamp,
    /// The name of its template.
    pub letter: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NamedDate {
    pub by: Timestamp,
    pub person: Option<PersonId>,
    pub target: Target,
    pub version: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WaitingLetter {
    pub not_before: Timestamp,
    pub letter: Waiting,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    Holding { target: Target, version: u32, was_due: Timestamp },
    Escalated { to: PersonId, target: Target, version: u32, rung: usize },
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CaseMail {
    pub mail: MailId,
    pub message_id: Option<MessageId>,
    pub at: Timestamp,
    pub writer: Writer,
    /// The newly written words, cut to what letters to staff may need.
    pub words: String,
    pub subject: Option<String>,
}

/// Who wrote a mail on a case, as far as it is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    Participant(ParticipantNo),
    Person(PersonId),
    /// Somebody else: kept, shown to staff, given nothing.
    Outsider(Address),
    Machine,
    Unknown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: Timestamp,
    /// `desk`, a person's id, `customer`.
    pub who: String,
    pub what: String,
}

impl Case {
    /// Who opened the case; `None` where the first mail had no readable sender.
    pub fn customer(&self) -> Option<&Participant> {
        self.participant(ParticipantNo(0))
    }

    pub fn participant(&self, no: ParticipantNo) -> Option<&Participant> {
        self.participants.iter().find(|p| p.no == no)
    }

    pub fn participant_at(&self, address: &Address) -> Option<&Participant> {
        self.participants.iter().find(|p| p.address == *address)
    }

    pub fn is_closed(&self) -> bool {
        self.state == State::Closed
    }

    /// The latest run of a target.
    pub fn clock(&self, target: Target) -> Option<&Clock> {
        self.clocks.iter().filter(|c| c.target == target).max_by_key(|c| c.version)
    }

    pub fn running(&self) -> impl Iterator<Item = &Clock> {
        self.clocks.iter().filter(|c| c.is_running())
    }

    /// The earliest instant at which something has to happen by itself.
    pub fn next_due(&self) -> Option<Timestamp> {
        let clocks = self.running().map(|c| c.due_at);
        let rings = self.rings.iter().filter(|r| r.state == RingState::Planned).map(|r| r.due_at);
        let letters = self.told.waiting.iter().map(|w| w.not_before);
        clocks.chain(rings).chain(letters).min()
    }

    pub fn note(&mut self, at: Timestamp, who: &str, what: impl Into<String>) {
        self.log.push(LogLine { at, who: who.to_owned(), what: what.into() });
    }
}
