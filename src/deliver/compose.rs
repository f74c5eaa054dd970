//! From what was decided to a mail that can leave: letter, facts and case become an [`Outgoing`] with fixed bytes.
//!
//! RFC 5322 (format), RFC 2045 to 2047 (MIME), RFC 3834 (automatic mail), mail-rules section 3. The same order,
//! case and context give the same bytes: Date, Message-ID and boundary come from `now` and the letter's id, so that
//! a retry after a crash is the same mail. What cannot be composed is an error; nothing is sent half.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::config::MailboxConfig;
use crate::decide::case::Case;
use crate::decide::effect::{Order, RingNote};
use crate::decide::policy::Policy;
use crate::mail::{Address, LetterId, Outgoing, ParticipantNo, PersonId};
use crate::templates::Templates;
use crate::token::Tokens;

/// All that composing needs beside the order and its case.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub policy: &'a Policy,
    pub templates: &'a Templates,
    pub tokens: &'a Tokens,
    /// The mailbox of the case: the letter leaves through it.
    pub mailbox: &'a MailboxConfig,
    /// Reserved before: the id of the outbox row.
    pub letter: LetterId,
    pub now: Timestamp,
    /// Where the customer's clock stands, where their mail told it: dates then name our zone if it is another.
    pub customer_offset: Option<Offset>,
}

/// A letter, ready for its outbox row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub outgoing: Outgoing,
    /// The name of its template.
    pub letter: &'static str,
    /// The person of staff it goes to; `None` for outsiders and for the admin.
    pub person: Option<PersonId>,
    /// The participant it goes to; `None` for staff and for the admin.
    pub participant: Option<ParticipantNo>,
    /// The customer did not just write: of these at most one goes out a working day.
    pub unasked: bool,
    /// The owner's own template failed and the built-in one was used: something the admin should hear.
    pub fell_back: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("not yet")]
    NotYet,
}

/// The letter that `order` asks for, about `case` as it stands after the decision.
pub fn compose(_order: &Order, _case: &Case, _ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    Err(ComposeError::NotYet)
}

/// `escalation-digest`: the rings that were folded for one person, each with its case.
pub fn compose_digest(
    _to: &PersonId,
    _rings: &[(&RingNote, &Case)],
    _ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    Err(ComposeError::NotYet)
}

/// `alert`: to the admin, when the daemon is unwell.
pub fn compose_alert(_to: &Address, _what: &[String], _ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    Err(ComposeError::NotYet)
}
