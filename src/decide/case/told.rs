//! What the customer has been told, and what waits to be told: the rules of calm count here.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Target;
use crate::mail::PersonId;

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
    /// When they were last reminded of a question of ours.
    #[serde(default)]
    pub nudged_at: Option<Timestamp>,
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
    Holding {
        target: Target,
        version: u32,
        was_due: Timestamp,
    },
    Escalated {
        to: PersonId,
        target: Target,
        version: u32,
        rung: usize,
    },
    /// Whether the fix of that number holds.
    CheckIn {
        fix: u32,
    },
}
