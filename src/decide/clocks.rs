//! Which clocks a step starts and stops, and when each is due.
//!
//! A clock is never changed once it has ended: a new start is a new version, so rings and letters of the old one
//! cannot fire again.

use jiff::Timestamp;

use super::Turn;
use super::calendar::Span;
use super::case::{Clock, ClockState, Ring, RingState, Target};
use super::policy::Sla;

impl Turn<'_> {
    /// Starts a target of the SLA; its rungs are planned with it.
    pub(super) fn start_clock(&mut self, target: Target, from: Timestamp) -> Option<Timestamp> {
        let span = span_of(self.sla()?, target)?;
        let due_at = self.calendar().add(from, span);
        self.start_clock_until(target, 0, from, due_at);
        Some(due_at)
    }

    /// Starts a clock towards an instant that is already worked out.
    pub(super) fn start_clock_until(&mut self, target: Target, n: u32, started_at: Timestamp, due_at: Timestamp) {
        self.end_clock(target, n, |at| ClockState::Stopped { at });
        let earlier = self.case.clocks.iter().filter(|c| c.target == target && c.n == n).map(|c| c.version).max();
        let version = earlier.map_or(0, |v| v + 1);
        let clock = Clock { target, n, version, started_at, due_at, state: ClockState::Running };
        self.plan_rings(&clock);
        self.case.clocks.push(clock);
    }

    /// Ends the running clock of that target, if there is one; what was planned for it is no longer rung.
    pub(super) fn end_clock(&mut self, target: Target, n: u32, state: fn(Timestamp) -> ClockState) {
        let now = self.now;
        let mut rung = Vec::new();
        let alive = |c: &Clock| c.is_running() || matches!(c.state, ClockState::Paused { .. });
        for clock in self.case.clocks.iter_mut().filter(|c| c.target == target && c.n == n && alive(c)) {
            clock.state = state(now);
            let of_clock = |r: &Ring| (r.target, r.n, r.version) == (target, n, clock.version);
            for (at, ring) in self.case.rings.iter_mut().enumerate().filter(|(_, r)| of_clock(r)) {
                match ring.state {
                    RingState::Planned => ring.state = RingState::Skipped { at: now },
                    RingState::Rung { .. }
                    | RingState::Folded { .. }
                    | RingState::Listed { .. }
                    | RingState::Skipped { .. } => rung.push(at),
                }
            }
        }
        self.stop_taking(&rung);
    }

    /// A person has told the customer something: what they waited for is met, and for what had passed nobody is rung
    /// any more. The date that our last letter named is settled, and the letters that would own up to it are not sent.
    pub(super) fn answered(&mut self) {
        for target in [Target::FirstResponse, Target::NextUpdate] {
            self.end_clock(target, 0, |at| ClockState::Met { at });
            self.leave_rings_of_broken(target);
        }
        self.withdraw_unsent();
        let told = &mut self.case.told;
        (told.holding, told.named, told.person_wrote_at) = (0, None, Some(self.now));
        told.put_before.clear();
    }

    fn leave_rings_of_broken(&mut self, target: Target) {
        let now = self.now;
        let mut rung = Vec::new();
        for (at, ring) in self.case.rings.iter_mut().enumerate().filter(|(_, r)| r.target == target) {
            if ring.state == RingState::Planned {
                ring.state = RingState::Skipped { at: now };
            }
            rung.push(at);
        }
        self.stop_taking(&rung);
    }

    /// Nobody has to take those rings any more.
    pub(super) fn stop_taking(&mut self, rings: &[usize]) {
        let now = self.now;
        let of_rings = |c: &Clock| c.target == Target::Acknowledge && rings.contains(&(c.n as usize));
        for clock in self.case.clocks.iter_mut().filter(|c| c.is_running() && of_rings(c)) {
            clock.state = ClockState::Stopped { at: now };
        }
    }

    /// Marks what has passed as broken and gives it back, earliest first. Rings of a broken target go on.
    pub(super) fn break_due_clocks(&mut self) -> Vec<Clock> {
        let now = self.now;
        let mut broken: Vec<Clock> = Vec::new();
        for clock in self.case.clocks.iter_mut().filter(|c| c.is_running() && c.due_at <= now) {
            clock.state = ClockState::Broken { at: now };
            broken.push(clock.clone());
        }
        broken.sort_by_key(|c| (c.due_at, c.target));
        broken
    }
}

/// How long the SLA gives a target; `None` for those that it does not start.
pub fn span_of(sla: &Sla, target: Target) -> Option<Span> {
    match target {
        Target::FirstResponse => Some(sla.first_response),
        Target::NextUpdate => Some(sla.next_update),
        Target::Resolution => Some(sla.resolution),
        Target::CustomerSilent => Some(sla.customer_silent),
        Target::CheckIn => Some(sla.check_in),
        Target::AutoClose => Some(sla.auto_close),
        Target::Promise | Target::Acknowledge | Target::Ask | Target::Wake => None,
    }
}
