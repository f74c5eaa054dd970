//! What the customer is told without asking, and how often: a desk that mails too much is not read.
//!
//! Of holding, escalated and check-in letters at most one goes on a working day, in that order; what may not go today
//! waits for the next opening. At most three holding letters without a person's word; the third names no date but the person it
//! was put before. Nobody gets any who was not sent a first letter: no date was ever named to them.

use jiff::{SignedDuration, Timestamp};

use crate::mail::PersonId;

use super::Turn;
use super::case::{Clock, ClockState, NamedDate, Ring, State, Target, UnaskedLetter, Waiting, WaitingLetter};
use super::effect::{Effect, HoldingFacts, Letter, LetterKey, Recipient};
use super::policy::RungTo;

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

    pub(super) fn queue_to_tell(&mut self, letter: Waiting) {
        self.case.told.waiting.push(WaitingLetter { not_before: self.now, letter });
    }

    /// Letters whose hour has come; holding letters first.
    pub(super) fn send_waiting(&mut self) {
        let now = self.now;
        let (mut due, waiting): (Vec<_>, Vec<_>) = self.case.told.waiting.drain(..).partition(|w| w.not_before <= now);
        self.case.told.waiting = waiting;
        due.sort_by_key(|w| w.letter.rank());
        for letter in due {
            self.tell_or_wait(letter.letter);
        }
    }

    fn tell_or_wait(&mut self, letter: Waiting) {
        if let Some(because) = self.keeps_quiet(&letter) {
            if matches!(letter, Waiting::CheckIn { .. })
                && self.case.state == State::Fixed
                && self.facts.address_stopped
            {
                // Nobody can be asked: it ends as if nobody had answered.
                self.start_clock(Target::AutoClose, self.now);
            }
            return self.note(format!("{} letter not written: {because}", letter.name()));
        }
        if self.told_today() {
            self.note(format!("{} letter waits: the customer had a letter today", letter.name()));
            let not_before = self.calendar().opening_next_day(self.now).max(self.now + SignedDuration::from_hours(1));
            return self.case.told.waiting.push(WaitingLetter { not_before, letter });
        }
        if let Some(not_before) = self.waits_for_its_hour(&letter) {
            return self.case.told.waiting.push(WaitingLetter { not_before, letter });
        }
        if self.keeps_today_free(&letter) {
            self.note("escalated letter waits: a date falls today, and its letter may be needed");
            let not_before = self.calendar().opening_next_day(self.now);
            return self.case.told.waiting.push(WaitingLetter { not_before, letter });
        }
        self.case.told.unasked.push(UnaskedLetter { at: self.now, letter: letter.name().to_owned() });
        match letter {
            Waiting::Holding { target, version, was_due } => self.write_holding(target, version, was_due),
            Waiting::Escalated { to, target, version, rung } => self.write_escalated(to, target, version, rung),
            Waiting::CheckIn { fix } => self.write_check_in(fix),
        }
    }

    /// A question about how things stand is asked by day.
    fn waits_for_its_hour(&self, letter: &Waiting) -> Option<Timestamp> {
        let hour = self.hour_of_check_in(self.now);
        (matches!(letter, Waiting::CheckIn { .. }) && hour > self.now).then_some(hour)
    }

    /// Why this letter must not be written at all.
    fn keeps_quiet(&self, letter: &Waiting) -> Option<&'static str> {
        let told = &self.case.told;
        let asks = matches!(letter, Waiting::CheckIn { .. });
        if told.first_letter_at.is_none() && told.named.is_none() && !asks {
            return Some("no letter ever named a date to them");
        }
        if self.case.is_closed() {
            return Some("the case is closed");
        }
        if self.facts.address_stopped {
            return Some("mail to this address has ended");
        }
        match letter {
            // A later fix has its own question.
            Waiting::CheckIn { fix } if self.case.state != State::Fixed || *fix != self.case.mending.fixes => {
                Some("it is not as it was called fixed any more")
            }
            Waiting::CheckIn { .. } => None,
            Waiting::Holding { .. } if told.holding >= HOLDING_LETTERS => Some("three went without a person's word"),
            // Whatever target it is about: "we have put it before her" is news once.
            Waiting::Escalated { to, .. } if told.put_before.contains(to) => {
                Some("the customer knows before whom it is")
            }
            letter if told.person_wrote_at >= Some(self.asked_at(letter)) => Some("a person has written"),
            Waiting::Holding { .. } | Waiting::Escalated { .. } => None,
        }
    }

    /// Since when this letter has something to say: a person's word after that says it better. (The clock does not
    /// tell: a broken one stays broken when somebody writes at last.)
    fn asked_at(&self, letter: &Waiting) -> Timestamp {
        match letter {
            Waiting::Holding { was_due, .. } => *was_due,
            Waiting::Escalated { target, version, rung, .. } => {
                let same = |r: &&Ring| (r.target, r.version, r.rung) == (*target, *version, *rung);
                self.case.rings.iter().find(same).map_or(self.now, Ring::rang_at)
            }
            Waiting::CheckIn { .. } => self.now,
        }
    }

    /// A date that a letter named and that falls later today comes first: if it breaks, the customer hears it in that
    /// minute, and not tomorrow because today's letter was spent.
    fn keeps_today_free(&self, letter: &Waiting) -> bool {
        let named = self.case.running().filter(|c| matches!(c.target, Target::FirstResponse | Target::NextUpdate));
        let mut today = named.filter(|c| self.calendar().same_day(c.due_at, self.now));
        matches!(letter, Waiting::Escalated { .. })
            && today.next().is_some()
            && self.case.told.holding < HOLDING_LETTERS
    }

    /// Has the customer had an unasked letter today, on this case or another?
    fn told_today(&self) -> bool {
        let last = self.case.told.unasked.last().map(|l| l.at).max(self.facts.unasked_at);
        last.is_some_and(|at| self.calendar().same_day(at, self.now))
    }

    fn write_holding(&mut self, target: Target, version: u32, was_due: Timestamp) {
        self.case.told.holding += 1;
        let count = self.case.told.holding;
        let promised = self.was_promised(was_due);
        let next = (count < HOLDING_LETTERS).then(|| self.name_next_date());
        let before = self.highest_rung();
        if next.is_none() {
            // The last letter says who has it, and that the next word is theirs.
            self.case.told.put_before.extend(before.clone());
        }
        let facts = HoldingFacts { target, was_due, promised, count, next, before };
        let key = self.holding_key(target, version);
        self.note(format!("told the customer that the {} did not come", target.words()));
        let stale_after = Some(self.calendar().opening_next_day(self.now));
        self.write(Letter::Holding(facts), self.customer(), key.0, stale_after);
    }

    /// Had a letter named that date to them? After a person's own words the next date is the desk's alone.
    fn was_promised(&self, was_due: Timestamp) -> bool {
        self.case.told.named.as_ref().is_some_and(|named| named.by >= was_due) || self.case.told.holding > 1
    }

    /// A date that a letter names to the customer, with the clock that watches it.
    pub(super) fn name_date(&mut self, by: Timestamp, person: &PersonId) {
        let version = self.case.clock(Target::NextUpdate).map_or(0, |c| c.version);
        self.case.told.named =
            Some(NamedDate { by, person: Some(person.clone()), target: Target::NextUpdate, version });
    }

    pub(super) fn name_first_response(&mut self, by: Timestamp, person: PersonId) {
        let version = self.case.clock(Target::FirstResponse).map_or(0, |c| c.version);
        self.case.told.named = Some(NamedDate { by, person: Some(person), target: Target::FirstResponse, version });
    }

    /// Holding and escalated letters that have not left are not sent: a person has written.
    pub(super) fn withdraw_unsent(&mut self) {
        self.case.told.waiting.retain(|w| matches!(w.letter, Waiting::CheckIn { .. }));
        let last = self.case.told.person_wrote_at;
        let since = |at: Timestamp| last.is_none_or(|last| at > last);
        let broken = self.case.clocks.iter().filter(|c| matches!(c.state, ClockState::Broken { at } if since(at)));
        let named = broken.filter(|c| matches!(c.target, Target::FirstResponse | Target::NextUpdate));
        let mut keys: Vec<LetterKey> = named.map(|c| self.holding_key(c.target, c.version)).collect();
        let told = self.case.rings.iter().filter(|r| r.tell_customer && r.person().is_some() && since(r.rang_at()));
        keys.extend(told.map(|r| self.escalated_key(r.target, r.rung, r.version)));
        if !keys.is_empty() {
            self.effects.push(Effect::Void { keys, because: "a person has written to the customer".into() });
        }
    }

    fn escalated_key(&self, target: Target, rung: usize, version: u32) -> LetterKey {
        LetterKey(format!("fup:{}:escalated-{}.{rung}:{version}", self.case.id, target.as_str()))
    }

    fn holding_key(&self, target: Target, version: u32) -> LetterKey {
        LetterKey(format!("fup:{}:holding-{}:{version}", self.case.id, target.as_str()))
    }

    /// Whatever was to be owned up to is withdrawn with the date that it named: the first letter begins anew.
    pub(super) fn take_back_holding(&mut self) {
        let broken = self.case.clocks.iter().filter(|c| matches!(c.state, ClockState::Broken { .. }));
        let named = broken.filter(|c| matches!(c.target, Target::FirstResponse | Target::NextUpdate));
        let keys: Vec<LetterKey> = named.map(|c| self.holding_key(c.target, c.version)).collect();
        self.end_clock(Target::NextUpdate, 0, |at| ClockState::Stopped { at });
        self.case.told.holding = 0;
        self.case.told.put_before.clear();
        self.case.told.waiting.retain(|w| !matches!(w.letter, Waiting::Holding { .. }));
        if !keys.is_empty() {
            self.effects.push(Effect::Void { keys, because: "the first letter is written anew".into() });
        }
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
        let was_due = self.last_missed().unwrap_or(self.now);
        let promised = self.was_promised(was_due);
        let named = self.case.told.named.as_ref().map(|n| n.by).filter(|by| *by > self.now);
        let key = self.escalated_key(target, rung, version).0;
        self.note(format!("told the customer that it was put before {to}"));
        self.case.told.put_before.push(to.clone());
        let stale_after = Some(self.calendar().opening_next_day(self.now));
        self.write(Letter::Escalated { to, was_due, promised, named }, self.customer(), key, stale_after);
    }

    /// The last date that a letter named and nobody kept. (What the ladder watches beside, no letter has named.)
    fn last_missed(&self) -> Option<Timestamp> {
        let broken = self.case.clocks.iter().filter(|c| matches!(c.state, ClockState::Broken { .. }));
        let named = broken.filter(|c| matches!(c.target, Target::FirstResponse | Target::NextUpdate));
        named.map(|c| c.due_at).max()
    }

    /// Whoever was rung highest, above the owner: the customer is told that it was put before them, so it must be true.
    fn highest_rung(&self) -> Option<PersonId> {
        let above = self.case.rings.iter().filter(|r| r.to != RungTo::Owner && r.person().is_some());
        above.max_by_key(|r| r.rung).and_then(Ring::person).cloned()
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
            Waiting::CheckIn { .. } => "check-in",
        }
    }

    /// Of several on one day the lowest goes first.
    fn rank(&self) -> u8 {
        match self {
            Waiting::Holding { .. } => 0,
            Waiting::Escalated { .. } => 1,
            Waiting::CheckIn { .. } => 2,
        }
    }
}
