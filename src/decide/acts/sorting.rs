//! What sorts a case: its priority, its kind, the targets that it runs by, and words of the house's own.

use jiff::Timestamp;

use crate::decide::Turn;
use crate::decide::calendar::Calendar;
use crate::decide::case::{Clock, ClockState, Priority, Target};
use crate::decide::clocks::span_of;
use crate::decide::command::Tag;
use crate::decide::event::StaffMail;
use crate::decide::policy::Sla;
use crate::mail::PersonId;

/// What the customer and the house wait for; the rest follows from what happened.
const TARGETS: [Target; 3] = [Target::FirstResponse, Target::NextUpdate, Target::Resolution];

impl Turn<'_> {
    /// The order of the case and the hours in which it rings; its dates stay as they were named.
    pub(super) fn set_priority(&mut self, person: &PersonId, priority: Priority) {
        self.case.priority = priority;
        self.did(person, format!("priority: {}", priority.word()));
        if priority == Priority::Urgent {
            self.wait_for_no_hours();
        }
    }

    /// Danger that only a reader saw is danger all the same.
    pub(super) fn set_kind(&mut self, mail: &StaffMail, name: &str) {
        let was_danger = self.is_danger();
        name.clone_into(&mut self.case.kind);
        self.did(&mail.person, format!("kind: {name}"));
        if self.is_danger() && !was_danger && !self.case.is_closed() {
            self.set_priority(&mail.person, Priority::Urgent);
            self.ring_authority_now(mail.mail.mail);
        }
    }

    /// What runs begins anew from where it began, with the time of the new SLA. A date that a letter named stays, and
    /// is watched by the new ladder.
    pub(super) fn set_sla(&mut self, person: &PersonId, name: &str) {
        let anew = self.dates_under(name);
        name.clone_into(&mut self.case.sla);
        self.did(person, format!("SLA: {name}"));
        for (clock, due_at) in anew {
            self.start_clock_until(clock.target, clock.n, clock.started_at, due_at);
            let Some(new) = self.case.clocks.last_mut() else { continue };
            new.state = clock.state;
            let version = new.version;
            let named = self.case.told.named.as_mut();
            if let Some(named) = named.filter(|n| (n.target, n.version) == (clock.target, clock.version)) {
                named.version = version;
            }
        }
    }

    /// The clocks that another SLA touches, each with its new date.
    pub(super) fn dates_under(&self, name: &str) -> Vec<(Clock, Timestamp)> {
        let (Some(old), Some(new)) = (self.sla(), self.policy.slas.get(name)) else { return Vec::new() };
        if old.name == new.name {
            return Vec::new();
        }
        let alive = |c: &&Clock| c.is_running() || matches!(c.state, ClockState::Paused { .. });
        let of_sla = self.case.clocks.iter().filter(|c| TARGETS.contains(&c.target)).filter(alive);
        of_sla.filter_map(|clock| Some((clock.clone(), self.due_under(clock, old, new)?))).collect()
    }

    /// The working time by which waiting moved the old date moves the new one.
    fn due_under(&self, clock: &Clock, old: &Sla, new: &Sla) -> Option<Timestamp> {
        let is_named = |n: &crate::decide::case::NamedDate| (n.target, n.version) == (clock.target, clock.version);
        if self.case.told.named.as_ref().is_some_and(is_named) {
            return Some(clock.due_at);
        }
        let (before, after): (&Calendar, &Calendar) = (self.policy.calendar_of(old), self.policy.calendar_of(new));
        let unmoved = before.add(clock.started_at, span_of(old, clock.target)?);
        let due = after.add(clock.started_at, span_of(new, clock.target)?);
        Some(match clock.due_at > unmoved {
            true => after.add_working(due, before.working_between(unmoved, clock.due_at)),
            false => due,
        })
    }

    pub(super) fn set_tags(&mut self, person: &PersonId, tags: &[Tag]) {
        for tag in tags {
            match tag {
                Tag::On(word) => self.case.tags.insert(word.clone()),
                Tag::Off(word) => self.case.tags.remove(word),
            };
        }
        let all: Vec<&str> = self.case.tags.iter().map(String::as_str).collect();
        self.did(person, format!("tags: {}", if all.is_empty() { "none".into() } else { all.join(", ") }));
    }
}
