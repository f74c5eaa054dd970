//! What the customer is told without asking, and how often: a desk that mails too much is not read.
//!
//! Of holding and escalated letters at most one goes on a working day, holding first; what may not go today waits for
//! the next opening. At most three holding letters without a person's word; the third names no date but the person it
//! was put before. Nobody gets any who was not sent a first letter: no date was ever named to them.

use jiff::{SignedDuration, Timestamp};

use crate::mail::PersonId;

use super::Turn;
use super::case::{Clock, NamedDate, Ring, RingState, Target, Waiting, WaitingLetter};
use super::effect::{HoldingFacts, Letter, Recipient};

const HOLDING_LETTERS: u32 = 3;

impl Turn<'_> {
    /// A date that a letter named has passed: it is owned up to in this minute, if today's letter is not yet used.
    pub(super) fn tell_holding(&mut self, clock: &Clock) {
        self.queue_to_tell(Waiting::Holding { target: clock.target, version: clock.version, was_due: clock.due_at });
    }

    /// It was put before somebody: the customer hears before whom.
    pub(super) fn tell_escalated(&mut self, ring: &Ring, to: &PersonId) {
        let (target, version, rung) = (ring.target, ring.version, ring.rung);
        self.queue_to_tell(Waiting::Escalated { to: to.clone(), target, version, rung });
    }

    fn queue_to_tell(&mut self, letter: Waiting) {
        self.case.told.waiting.push(WaitingLetter { not_before: self.now, letter });
    }

    /// Letters whose hour has come; holding letters first.
    pub(super) fn send_waiting(&mut self) {
        let now = self.now;
        let (mut due, waiting): (Vec<_>, Vec<_>) = self.case.told.waiting.drain(..).partition(|w| w.not_before <= now);
        self.case.told.waiting = waiting;
        due.sort_by_key(|w| matches!(w.letter, Waiting::Escalated { .. }));
        for letter in due {
            self.tell_or_wait(letter.letter);
        }
    }

    fn tell_or_wait(&mut self, letter: Waiting) {
        if let Some(because) = self.keeps_quiet(&letter) {
            return self.note(format!("{} letter not written: {because}", letter.name()));
        }
        if self.told_today() {
            self.note(format!("{} letter waits: the customer had a letter today", letter.name()));
            let not_before = self.calendar().opening_next_day(self.now).max(self.now + SignedDuration::from_hours(1));
            return self.case.told.waiting.push(WaitingLetter { not_before, letter });
        }
        self.case.told.unasked_at = Some(self.now);
        match letter {
            Waiting::Holding { target, version, was_due } => self.write_holding(target, version, was_due),
            Waiting::Escalated { to, target, version, rung } => self.write_escalated(to, target, version, rung),
        }
    }

    /// Why this letter must not be written at all.
    fn keeps_quiet(&self, letter: &Waiting) -> Option<&'static str> {
        let told = &self.case.told;
        if told.first_letter_at.is_none() {
            return Some("no letter ever named a date to them");
        }
        if self.case.is_closed() {
            return Some("the case is closed");
        }
        if self.facts.address_stopped {
            return Some("mail to this address has ended");
        }
        match letter {
            Waiting::Holding { .. } if told.holding >= HOLDING_LETTERS => Some("three went without a person's word"),
            Waiting::Escalated { target, version, .. } if self.is_met(*target, *version) => {
                Some("a person has written")
            }
            Waiting::Holding { target, version, .. } if self.is_met(*target, *version) => Some("a person has written"),
            Waiting::Holding { .. } | Waiting::Escalated { .. } => None,
        }
    }

    fn is_met(&self, target: Target, version: u32) -> bool {
        let clock = self.case.clocks.iter().find(|c| c.target == target && c.version == version);
        clock.is_some_and(|c| matches!(c.state, super::case::ClockState::Met { .. }))
    }

    /// Has the customer had an unasked letter today, on this case or another?
    fn told_today(&self) -> bool {
        let last = self.case.told.unasked_at.max(self.facts.unasked_at);
        last.is_some_and(|at| self.calendar().same_day(at, self.now))
    }

    fn write_holding(&mut self, target: Target, version: u32, was_due: Timestamp) {
        self.case.told.holding += 1;
        let count = self.case.told.holding;
        let next = (count < HOLDING_LETTERS).then(|| self.name_next_date());
        let before = self.highest_rung().or_else(|| self.authority().map(|p| p.id.clone()));
        let facts = HoldingFacts { target, was_due, count, next, before };
        let key = format!("fup:{}:holding-{}:{version}", self.case.id, target.as_str());
        self.note(format!("told the customer that the {} did not come", target.words()));
        let stale_after = Some(self.calendar().opening_next_day(self.now));
        self.write(Letter::Holding(facts), self.customer(), key, stale_after);
    }

    /// A new date for the customer, and the clock that watches it. Never on the day of the letter that names it: a
    /// second letter that day would have to wait, and the date would break unheard.
    fn name_next_date(&mut self) -> Timestamp {
        let calendar = self.calendar();
        let by_sla = self.sla().map_or(self.now, |s| calendar.add(self.now, s.next_update));
        let by = if calendar.same_day(by_sla, self.now) { calendar.midday_of_next_day(self.now) } else { by_sla };
        self.start_clock_until(Target::NextUpdate, 0, self.now, by);
        let version = self.case.clock(Target::NextUpdate).map_or(0, |c| c.version);
        let person = self.case.owner.clone();
        self.case.told.named = Some(NamedDate { by, person, target: Target::NextUpdate, version });
        by
    }

    fn write_escalated(&mut self, to: PersonId, target: Target, version: u32, rung: usize) {
        let clock = self.case.clocks.iter().find(|c| c.target == target && c.version == version);
        let was_due = clock.map_or(self.now, |c| c.due_at);
        let named = self.case.told.named.as_ref().map(|n| n.by).filter(|by| *by > self.now);
        let key = format!("fup:{}:escalated-{}.{rung}:{version}", self.case.id, target.as_str());
        self.note(format!("told the customer that it was put before {to}"));
        let stale_after = Some(self.calendar().opening_next_day(self.now));
        self.write(Letter::Escalated { to, was_due, named }, self.customer(), key, stale_after);
    }

    /// The person on the highest rung that has rung.
    fn highest_rung(&self) -> Option<PersonId> {
        let rung =
            self.case.rings.iter().filter(|r| !matches!(r.state, RingState::Planned | RingState::Skipped { .. }));
        rung.max_by_key(|r| r.rung).and_then(Ring::person).cloned()
    }

    pub(super) fn customer(&self) -> Recipient {
        Recipient::Participant(crate::mail::ParticipantNo(0))
    }
}

impl Waiting {
    fn name(&self) -> &'static str {
        match self {
            Waiting::Holding { .. } => "holding",
            Waiting::Escalated { .. } => "escalated",
        }
    }
}
