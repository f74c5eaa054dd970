//! A case: one customer's trouble, from the first mail to the outcome.
//!
//! The case holds everything that a later decision needs; what is only for people stands in its log. It is
//! stored as one document, with its clocks as rows of their own, so that the earliest due one is found by index.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mail::{Address, CaseId, MailId, MailboxName, MessageId, ParticipantNo, PersonId};

mod clock;
mod question;
mod told;

pub use clock::{Clock, ClockState, Ring, RingState, Target};
pub use question::Question;
pub use told::{NamedDate, Told, UnaskedLetter, Waiting, WaitingLetter};

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
    /// It became part of that case: whatever comes for it is that one's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<CaseId>,
    /// The cases that became part of this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merged_from: Vec<CaseId>,
    /// An earlier or parallel case of the same sender.
    pub linked: Option<CaseId>,
    pub closed_at: Option<Timestamp>,
    pub reopened: u32,
    /// When their mail brought it back lately: three times a day at most (mail-rules section 2).
    #[serde(default)]
    pub came_back_at: Vec<Timestamp>,
    /// When each of staff was last told that an unproven mail in their name was kept: once a day.
    #[serde(default)]
    pub kept_told_at: BTreeMap<PersonId, Timestamp>,
    /// When the lead was last told that one of staff seems to be away: once a week.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub away_told_at: BTreeMap<PersonId, Timestamp>,
    /// Who took it themselves by `#take`: they may write to the customer, whatever their team.
    #[serde(default)]
    pub taken_by: Option<PersonId>,
    /// The fix, and what the customer says of it.
    #[serde(default)]
    pub mending: Mending,
    /// Mails of staff that wait for their writer's `#confirm` or `#send`.
    #[serde(default)]
    pub held: Vec<Held>,
    /// Rises with all that a person would want to know before they confirm what they asked for earlier.
    #[serde(default)]
    pub revision: u32,
    /// Of the tokens of staff on this case: raised when one was seen in a stranger's mail (mail-rules section 5).
    #[serde(default)]
    pub serials: BTreeMap<PersonId, u8>,
    /// What was asked of colleagues by `#ask`, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Question>,
    /// Words of the house's own, sorted.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// Closed by `#spam`: what its customer writes is set aside.
    #[serde(default)]
    pub spam: bool,
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

impl Priority {
    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
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

/// The fix, and what the customer says of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Mending {
    /// How often it was called fixed.
    pub fixes: u32,
    /// When the last fix reached the customer, or will.
    pub fixed_at: Option<Timestamp>,
    /// When the customer was asked whether it holds.
    pub asked_at: Option<Timestamp>,
    /// What they said of the last fix.
    pub holds: Option<bool>,
}

/// A mail of staff that waits for its writer's word: nothing of it has happened yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub mail: MailId,
    pub person: PersonId,
    /// When it came: dates in it are read from here.
    pub at: Timestamp,
    pub why: HeldBecause,
    /// Where its plain words would go.
    pub door: Door,
    /// All of the new words.
    pub words: String,
    /// It holds words or files that could go on to the customer.
    pub carries: bool,
    /// What would go out of it, signature and all: this is shown to who has to confirm it.
    pub goes_out: String,
    /// How many files came with it.
    pub files: usize,
    /// It was a reply to the case, and did not read like a machine's: nothing else has to be asked.
    pub meant: bool,
    /// What it asks for, as it was told to the writer: confirmed is this, and nothing else.
    pub asks: Vec<String>,
    /// The case's revision when it was told.
    pub revision: u32,
    /// The mail whose confirmation letter lists this one.
    pub asked_with: MailId,
    /// When that letter was written.
    pub asked_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldBecause {
    /// It is not proven enough that the writer wrote it: `#confirm`.
    Unproven,
    /// The address of a reply, but nothing else says that it is one: `#send`.
    NoReply,
    /// A command stands in the middle of the words: `#send`.
    CommandBelow,
    /// It reads like a note that a machine sends: `#send`.
    LikeAMachine,
    /// What looks like a quote would be left out, and may be the writer's own: `#send`.
    CutShort,
}

/// By which of our addresses a mail of staff came in: where its plain words go is decided by that alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// Without a token of its writer for this case.
    None,
    /// Purpose `s`: to the customer.
    Reply,
    /// Purpose `i`: to nobody.
    Internal,
    /// Purpose `k`: confirms what this mail asked for.
    Confirm(MailId),
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
    /// How many files came with it.
    #[serde(default)]
    pub files: usize,
    /// A mail of staff that was done as it asked.
    #[serde(default)]
    pub acted: bool,
    /// What staff should know beside the mail: "claims relation to NW-7", "spam?".
    #[serde(default)]
    pub marks: Vec<String>,
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
    /// Before its first event: nothing is known but where and when it began.
    pub fn blank(id: CaseId, mailbox: MailboxName, opened_at: Timestamp) -> Self {
        Self {
            id,
            mailbox,
            opened_at,
            state: State::New,
            outcome: None,
            subject: String::new(),
            participants: Vec::new(),
            owner: None,
            team: String::new(),
            kind: String::new(),
            cause: None,
            sla: String::new(),
            priority: Priority::Normal,
            language: String::new(),
            wish: None,
            clocks: Vec::new(),
            rings: Vec::new(),
            told: Told::default(),
            mails: Vec::new(),
            merged_into: None,
            merged_from: Vec::new(),
            linked: None,
            closed_at: None,
            reopened: 0,
            came_back_at: Vec::new(),
            kept_told_at: BTreeMap::new(),
            away_told_at: BTreeMap::new(),
            taken_by: None,
            mending: Mending::default(),
            held: Vec::new(),
            revision: 0,
            serials: BTreeMap::new(),
            questions: Vec::new(),
            tags: BTreeSet::new(),
            spam: false,
            log: Vec::new(),
        }
    }

    /// Who opened the case; `None` where the first mail had no readable sender.
    pub fn customer(&self) -> Option<&Participant> {
        self.participant(ParticipantNo(0))
    }

    /// Who is sent what persons write.
    pub fn taking_part(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().filter(|p| !p.mentioned_only)
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
        let rings = self.planned_rings().map(|r| r.due_at);
        let letters = self.told.waiting.iter().map(|w| w.not_before);
        clocks.chain(rings).chain(letters).min()
    }

    /// Rings that are to come; none of a clock that stands still.
    pub fn planned_rings(&self) -> impl Iterator<Item = &Ring> {
        self.rings.iter().filter(|r| r.state == RingState::Planned && !self.stands_still(r))
    }

    fn stands_still(&self, ring: &Ring) -> bool {
        let its_own = |c: &Clock| (c.target, c.n, c.version) == (ring.target, ring.n, ring.version);
        self.clocks.iter().any(|c| its_own(c) && matches!(c.state, ClockState::Paused { .. }))
    }

    /// The serial that a token of this person has to carry.
    pub fn serial_of(&self, person: &PersonId) -> u8 {
        self.serials.get(person).copied().unwrap_or_default()
    }

    pub fn note(&mut self, at: Timestamp, who: &str, what: impl Into<String>) {
        self.log.push(LogLine { at, who: who.to_owned(), what: what.into() });
    }
}
