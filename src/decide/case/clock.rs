//! What runs on a case: clocks towards a target, and the rings of the ladder that watch them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::decide::calendar::Span;
use crate::decide::policy::RungTo;
use crate::mail::PersonId;

/// What a clock runs towards. `promise` and `ask` carry a number.
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
    /// A colleague's answer to `#ask`.
    Ask,
    /// A letter or an end of pause that waits for an hour of its own.
    Wake,
}

impl Target {
    pub const ALL: [Target; 10] = [
        Target::FirstResponse,
        Target::NextUpdate,
        Target::Resolution,
        Target::Promise,
        Target::Acknowledge,
        Target::CustomerSilent,
        Target::CheckIn,
        Target::AutoClose,
        Target::Ask,
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
            Target::Ask => "ask",
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
            Target::Ask => "colleague's answer",
            Target::Wake => "wake-up",
        }
    }
}

/// One run of one target. A new start is a new version: rings and letters of the old one never fire again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Clock {
    pub target: Target,
    /// Which promise or question, or for `acknowledge` which of the case's rings; 0 elsewhere.
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
    /// A ring to the owner: it stands in their daily list instead of a mail of its own.
    Listed {
        at: Timestamp,
    },
    /// Not rung: a higher one rang, its person had it already, or its clock was met.
    Skipped {
        at: Timestamp,
    },
}
