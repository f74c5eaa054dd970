//! What one of us has asked another about a case.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mail::{MailId, PersonId};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Of this case, from 1; its clock bears it.
    pub n: u32,
    pub by: PersonId,
    /// As it was written: a team, or a person.
    pub of: String,
    /// Whoever was there to be asked; the first answer of one of them is the answer.
    pub people: Vec<PersonId>,
    pub words: String,
    pub asked_at: Timestamp,
    pub answer_by: Timestamp,
    /// How often silence was followed up.
    pub reminded: u32,
    pub answered_at: Option<Timestamp>,
    /// The customer's mail that goes along with it.
    pub about: Option<MailId>,
}
