//! What follows? Pure: no IO, no async, no system time, no chance, and nothing here can fail.
//!
//! [`decide`] takes the shop's rules, what is known of the world, a case and what happened to it, and gives the case
//! as it stands then, with what the world is asked for. An event that does not fit the case's state stays in its
//! step and is noted in the log. Read [`recovery`] next: it is the course that every case runs.

use jiff::Timestamp;

pub mod absences;
mod acts;
pub mod assign;
mod authority;
pub mod calendar;
pub mod calm;
pub mod case;
mod check_in;
pub mod clocks;
pub mod command;
pub mod effect;
pub mod event;
mod held;
mod internal;
mod joining;
pub mod kinds;
pub mod ladder;
pub mod lists;
pub mod money;
mod opening;
pub mod policy;
mod questions;
pub mod recovery;
mod waiting;
pub mod welcome;
pub mod when;

use case::Case;
use effect::{Effect, Letter, LetterKey, Order, Recipient};
use event::{Event, Facts};
use policy::Policy;

use crate::mail::MailId;

/// What follows from an event: the case as it stands then, and what the world is asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub case: Case,
    pub effects: Vec<Effect>,
}

/// The one door to the rules. Total: every event has an answer in every state.
pub fn decide(policy: &Policy, facts: &Facts, case: Case, event: &Event, now: Timestamp) -> Decision {
    let mut turn = Turn::begin(policy, facts, case, now);
    recovery::step(&mut turn, event);
    Decision { case: turn.case, effects: turn.effects }
}

/// One turn of one case: what the rules read, and what they have asked for so far.
struct Turn<'a> {
    policy: &'a Policy,
    facts: &'a Facts,
    now: Timestamp,
    case: Case,
    effects: Vec<Effect>,
    /// Rings of this turn, by person: they count towards the hour as those of the facts do.
    rung: std::collections::BTreeMap<crate::mail::PersonId, u32>,
    /// What whoever is rung next is asked by a colleague.
    asks: Option<effect::AskedFor>,
}

impl<'a> Turn<'a> {
    fn begin(policy: &'a Policy, facts: &'a Facts, case: Case, now: Timestamp) -> Self {
        let mut turn = Self { policy, facts, now, case, effects: Vec::new(), rung: Default::default(), asks: None };
        turn.replace_lost_owner();
        turn
    }

    /// An owner who left the configuration: the case goes to the lead (design section 5).
    fn replace_lost_owner(&mut self) {
        let Some(owner) = self.case.owner.clone() else { return };
        if self.policy.person(&owner).is_none() {
            let lead = self.policy.lead_of(&self.case.team).map(|p| p.id.clone());
            let heir = lead.as_ref().map_or("nobody".to_owned(), |p| p.to_string());
            self.note(format!("{owner} is no longer in the configuration: the case goes to {heir}"));
            self.case.owner = lead;
        }
    }

    fn note(&mut self, what: impl Into<String>) {
        self.case.note(self.now, "desk", what);
    }

    fn write(&mut self, letter: Letter, to: Recipient, key: String, stale_after: Option<Timestamp>) {
        self.effects.push(Effect::Write(Order { letter, to, key: LetterKey(key), stale_after }));
    }

    /// Asks for a letter unless this turn has asked for it already (who wrote may stand in for the owner, who owns may decide).
    fn write_once(&mut self, letter: Letter, to: Recipient, key: String) {
        let asked = |e: &Effect| matches!(e, Effect::Write(order) if order.key.0 == key);
        if !self.effects.iter().any(asked) {
            self.write(letter, to, key, None);
        }
    }

    /// The hours and targets that this case runs by.
    fn sla(&self) -> Option<&'a policy::Sla> {
        self.policy.sla(&self.case.sla)
    }

    /// The calendar of the case's SLA.
    fn calendar(&self) -> &'a calendar::Calendar {
        self.sla().map_or(calendar::Calendar::always_ref(), |s| self.policy.calendar_of(s))
    }

    fn last_customer_mail(&self) -> Option<MailId> {
        let mut mails = self.case.mails.iter().rev();
        mails.find(|m| matches!(m.writer, case::Writer::Participant(_))).map(|m| m.mail)
    }

    fn is_danger(&self) -> bool {
        self.policy.kind(&self.case.kind).is_some_and(|k| k.danger)
    }
}
