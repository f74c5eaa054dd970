//! `amends case explain`: how each clock of a case was worked out, window by window, so that a due date can be checked
//! with a pencil.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::decide::calendar::{Calendar, Stretch};
use crate::decide::case::{Case, Clock, ClockState, Ring, RingState};
use crate::decide::clocks::span_of;
use crate::decide::policy::RungTo;
use crate::mail::CaseRef;

use super::cases::prefix;
use super::open::Opened;
use super::shown::{Shown, exact};

pub fn print(desk: &Opened, case: &Case, as_json: bool) {
    let sums: Vec<Sum<'_>> = case.clocks.iter().map(|clock| Sum::of(desk, case, clock)).collect();
    if as_json {
        println!("{:#}", sums.iter().map(Sum::json).collect::<Value>());
        return;
    }
    let named = CaseRef::new(prefix(desk), case.id);
    if sums.is_empty() {
        println!("No clock runs or ran on {named}.");
        return;
    }
    let shown = desk.shown();
    println!("{named}: sla {}, times of {}", case.sla, shown.zone_name());
    sums.iter().for_each(|sum| println!("\n{}", sum.text(&shown)));
}

/// One clock, its windows, and the rungs that hang on it.
struct Sum<'a> {
    clock: &'a Clock,
    calendar: &'a Calendar,
    /// What the SLA gives this target now; `None` for targets that it does not start.
    span: Option<String>,
    windows: Vec<Stretch>,
    rings: Vec<&'a Ring>,
}

impl<'a> Sum<'a> {
    fn of(desk: &'a Opened, case: &'a Case, clock: &'a Clock) -> Self {
        let policy = &desk.config.policy;
        let sla = policy.sla(&case.sla);
        let calendar = sla.map_or(Calendar::always_ref(), |s| policy.calendar_of(s));
        let rings = case.rings.iter().filter(|r| (r.target, r.n, r.version) == (clock.target, clock.n, clock.version));
        Self {
            clock,
            calendar,
            span: sla.and_then(|s| span_of(s, clock.target)).map(|s| s.to_string()),
            windows: calendar.stretches_between(clock.started_at, clock.due_at).collect(),
            rings: rings.collect(),
        }
    }

    fn total(&self) -> SignedDuration {
        self.windows.iter().map(|w| w.length()).sum()
    }

    fn text(&self, shown: &Shown) -> String {
        let Clock { target, version, started_at, due_at, .. } = self.clock;
        let again = if *version > 0 { format!(", run {}", version + 1) } else { String::new() };
        let span = self.span.as_deref().map(|s| format!(", {s} by the sla")).unwrap_or_default();
        let mut lines = vec![
            format!("{}{again}{span}, hours {}", target.words(), self.calendar.name),
            format!("  from {}", shown.at(*started_at)),
        ];
        let mut sum = SignedDuration::ZERO;
        for window in &self.windows {
            sum += window.length();
            let (day, from, to) = (shown.day(window.from), shown.clock(window.from), shown.clock(window.to));
            lines.push(format!("       {day} {from}-{to}  {:>7}  sum {:>7}", exact(window.length()), exact(sum)));
        }
        lines.push(format!("  due  {}  {}", shown.at(*due_at), state(self.clock.state, shown)));
        lines.extend(self.rings.iter().map(|ring| format!("  rung {}", ring_text(ring, shown))));
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let clock = self.clock;
        let windows =
            self.windows.iter().map(|w| json!({ "from": w.from, "to": w.to, "seconds": w.length().as_secs() }));
        let rungs = self.rings.iter().map(|r| {
            json!({ "rung": r.rung + 1, "to": to_word(&r.to), "due_at": r.due_at, "state": ring_state(&r.state), "person": r.person() })
        });
        json!({
            "clock": clock.target,
            "n": clock.n,
            "version": clock.version,
            "state": state_word(clock.state),
            "calendar": self.calendar.name,
            "span": self.span,
            "started_at": clock.started_at,
            "due_at": clock.due_at,
            "windows": windows.collect::<Value>(),
            "total_seconds": self.total().as_secs(),
            "rungs": rungs.collect::<Value>(),
        })
    }
}

fn state_word(state: ClockState) -> &'static str {
    match state {
        ClockState::Running => "running",
        ClockState::Paused { .. } => "paused",
        ClockState::Met { .. } => "met",
        ClockState::Broken { .. } => "broken",
        ClockState::Stopped { .. } => "stopped",
    }
}

fn state(state: ClockState, shown: &Shown) -> String {
    match state {
        ClockState::Running => "runs".to_owned(),
        ClockState::Paused { since } => format!("paused since {}", shown.at(since)),
        ClockState::Met { at } => format!("met {}", shown.at(at)),
        ClockState::Broken { at } => format!("broken, noticed {}", shown.at(at)),
        ClockState::Stopped { at } => format!("stopped {}", shown.at(at)),
    }
}

fn ring_text(ring: &Ring, shown: &Shown) -> String {
    let what = match &ring.state {
        RingState::Planned => format!("will ring {}", to_word(&ring.to)),
        RingState::Rung { at, person, .. } => format!("rang {person} {}", shown.at(*at)),
        RingState::Folded { at, person, .. } => format!("told {person} in a digest {}", shown.at(*at)),
        RingState::Listed { at } => format!("stands in the owner's list since {}", shown.at(*at)),
        RingState::Skipped { .. } => format!("passed over ({})", to_word(&ring.to)),
    };
    format!("{}  {}  {what}", ring.rung + 1, shown.at(ring.due_at))
}

fn ring_state(state: &RingState) -> &'static str {
    match state {
        RingState::Planned => "planned",
        RingState::Rung { .. } => "rung",
        RingState::Folded { .. } => "folded",
        RingState::Listed { .. } => "listed",
        RingState::Skipped { .. } => "skipped",
    }
}

/// Whom a rung is for, as the configuration names them.
pub fn to_word(to: &RungTo) -> &str {
    match to {
        RungTo::Owner => "owner",
        RungTo::Lead => "lead",
        RungTo::Authority => "authority",
        RungTo::Person(person) => person.as_str(),
    }
}
