//! The states of a letter that leaves (mail-rules section 7), and when it is tried again. Pure.
//!
//! `queued → sending → committing → sent | deferred | failed | in_doubt → (sent | queued once | held)`.
//! A duplicate can arise in one place only: where the connection was lost between the final dot and its answer
//! (RFC 1047). An impossible pair of state and happening leaves the letter where it is: [`step`] answers `None`.

use jiff::{SignedDuration, Timestamp};

use crate::mail::{Digest, LetterId};

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterState {
    /// Waits for its turn.
    Queued,
    /// Claimed under a lease; nothing of its content has been ended by a dot.
    Sending,
    /// The final dot may be on the wire: from here on its bytes are frozen.
    Committing,
    /// The server took it.
    Sent,
    /// Refused for now; waits for its next try.
    Deferred,
    /// Refused for good, or given up.
    Failed,
    /// Nobody knows whether the server took it.
    InDoubt,
    /// Waits for a limit or for a person.
    Held,
    /// Withdrawn before it went: never sent, its key stays used.
    Voided,
}

impl LetterState {
    pub const ALL: [LetterState; 9] = [
        LetterState::Queued,
        LetterState::Sending,
        LetterState::Committing,
        LetterState::Sent,
        LetterState::Deferred,
        LetterState::Failed,
        LetterState::InDoubt,
        LetterState::Held,
        LetterState::Voided,
    ];

    /// As in the database and in `outbox list`.
    pub fn as_str(self) -> &'static str {
        match self {
            LetterState::Queued => "queued",
            LetterState::Sending => "sending",
            LetterState::Committing => "committing",
            LetterState::Sent => "sent",
            LetterState::Deferred => "deferred",
            LetterState::Failed => "failed",
            LetterState::InDoubt => "in_doubt",
            LetterState::Held => "held",
            LetterState::Voided => "voided",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Nothing happens to it by itself any more.
    pub fn is_final(self) -> bool {
        matches!(self, LetterState::Sent | LetterState::Failed | LetterState::Voided)
    }
}

/// How one try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Sent {
        answer: String,
    },
    /// 4yz, or no connection: tried again.
    Later {
        answer: String,
    },
    /// 5yz at RCPT, or a refusal of the content.
    Never {
        answer: String,
    },
    /// 5yz at EHLO, AUTH or MAIL, quota, credentials, send-as: everything is deferred and the admin told; never given up.
    OurFault {
        answer: String,
    },
    /// Lost between the final dot and its answer.
    InDoubt {
        answer: String,
    },
}

impl Attempt {
    /// What the server said, or what became of the connection.
    pub fn answer(&self) -> &str {
        match self {
            Attempt::Sent { answer }
            | Attempt::Later { answer }
            | Attempt::Never { answer }
            | Attempt::OurFault { answer }
            | Attempt::InDoubt { answer } => answer,
        }
    }

    /// As in the table `attempts`.
    pub fn word(&self) -> &'static str {
        match self {
            Attempt::Sent { .. } => "sent",
            Attempt::Later { .. } => "later",
            Attempt::Never { .. } => "never",
            Attempt::OurFault { .. } => "our_fault",
            Attempt::InDoubt { .. } => "in_doubt",
        }
    }
}

/// What can happen to a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A sender takes it under a lease.
    Claimed,
    /// The sender is about to end its content with a dot.
    Committing,
    /// The try ended. `tries` counts the ended tries, this one too; `doubts` the earlier ones that ended in doubt.
    Ended { attempt: Attempt, tries: u32, doubts: u32, created_at: Timestamp },
    /// Its sender died: found at start, or its lease ran out. `doubts` as above.
    Abandoned { doubts: u32 },
    /// The wait for a proof is over and none came. `doubts` counts all tries that ended in doubt.
    NoProof { doubts: u32 },
    /// Our own letter, a report or an answer came back: it was sent.
    Proven,
    /// A limit or a person stops it.
    Held,
    /// The limits allow it again, or a person says so.
    Released,
    /// The case has moved on, or its `stale_after` has passed.
    Withdrawn,
}

/// The state after `happening`; `None` where the pair is impossible, and the letter stays in its state.
pub fn step(state: LetterState, happening: &Happening, now: Timestamp) -> Option<LetterState> {
    let _ = (state, happening, now);
    todo!()
}

/// When a letter that was refused for now is tried again: after 1, 5, 15, 30 minutes, then hourly, each ± 20 %
/// (drawn from the letter's id, so that a thousand letters do not come back in one second).
/// `None`: five days have passed since it was written, it is given up (RFC 5321 section 4.5.4.1).
pub fn next_try(tries: u32, created_at: Timestamp, now: Timestamp, letter: LetterId) -> Option<Timestamp> {
    let _ = (tries, created_at, now, letter, SignedDuration::ZERO, Digest::default());
    todo!()
}
