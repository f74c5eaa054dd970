//! Waiting for the customer, and sleeping until a day: clocks that stand still, and go on where they stood.
//!
//! Waiting begins only with a person's question or their `#wait`. What the customer was promised keeps running.

use jiff::Timestamp;

use super::Turn;
use super::case::{Clock, ClockState, RingState, State, Target};
use crate::mail::PersonId;

/// What stands still meanwhile (design section 5).
const STAND_STILL: [Target; 2] = [Target::Resolution, Target::NextUpdate];

impl Turn<'_> {
    /// A person has asked the customer something: it is the customer's turn. Not while a promise to them is open.
    pub(super) fn await_customer(&mut self) {
        if self.case.running().any(|c| c.target == Target::Promise) {
            return;
        }
        self.case.state = State::Waiting;
        self.pause_clocks();
        self.start_clock(Target::CustomerSilent, self.now);
        self.note("waits for the customer");
    }

    /// `#wait`: until the customer writes, or until that instant.
    pub(super) fn wait(&mut self, person: &PersonId, until: Option<Timestamp>) {
        match until {
            None => self.await_customer(),
            Some(until) => {
                self.case.state = State::Paused;
                self.pause_clocks();
                self.start_clock_until(Target::Wake, 0, self.now, until);
            }
        }
        self.case.note(self.now, person.as_str(), "lets the case wait");
    }

    /// Somebody or something ended the wait: all goes on with the working time that was left.
    pub(super) fn go_on(&mut self) {
        self.case.state = State::Open;
        for target in [Target::CustomerSilent, Target::Wake] {
            self.end_clock(target, 0, |at| ClockState::Stopped { at });
        }
        self.resume_clocks();
    }

    fn pause_clocks(&mut self) {
        let now = self.now;
        // A date that a letter named keeps running: it is a promise.
        let named = self.case.told.named.as_ref().map(|n| (n.target, n.version));
        let stands =
            |c: &&mut Clock| c.is_running() && STAND_STILL.contains(&c.target) && named != Some((c.target, c.version));
        for clock in self.case.clocks.iter_mut().filter(stands) {
            clock.state = ClockState::Paused { since: now };
        }
    }

    fn resume_clocks(&mut self) {
        let (calendar, now) = (self.calendar(), self.now);
        let later = |since: Timestamp, due: Timestamp| calendar.add_working(now, calendar.working_between(since, due));
        for at in 0..self.case.clocks.len() {
            let ClockState::Paused { since } = self.case.clocks[at].state else { continue };
            let clock = &mut self.case.clocks[at];
            clock.state = ClockState::Running;
            clock.due_at = later(since, clock.due_at);
            let (target, n, version) = (clock.target, clock.n, clock.version);
            let its_own = |r: &&mut super::case::Ring| (r.target, r.n, r.version) == (target, n, version);
            for ring in self.case.rings.iter_mut().filter(its_own).filter(|r| r.state == RingState::Planned) {
                ring.due_at = later(since, ring.due_at);
            }
        }
    }
}
