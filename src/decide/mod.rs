//! What follows? Pure: no IO, no async, no system time, no chance, and nothing here can fail.

use jiff::Timestamp;

pub mod calendar;
pub mod case;
pub mod clocks;
pub mod effect;
pub mod event;
pub mod kinds;
pub mod ladder;
pub mod money;
pub mod policy;
pub mod recovery;

use case::Case;
use effect::Effect;

/// What follows from an event: the case as it stands then, and what the world is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub case: Case,
    pub effects: Vec<Effect>,
}
