//! What stands in a person's list, from the cases that they own and from what happened on them today.
//!
//! `today`: what is overdue, what is due on this day, and whom we asked in vain; of the rest only the number.
//! `before-you-go`: what wants one line before noon of the next working day, what our letters said in the person's name,
//! and what they did by mail. A case stands once, under what presses most.

use std::collections::BTreeMap;

use jiff::{Timestamp, ToSpan};

use crate::decide::assign::stand_in;
use crate::decide::case::{Case, Clock, ClockState, LogLine, Ring, RingState, State, Target};
use crate::decide::lists::{Act, Asks, DayList, Done, Item, ListKind, ParkedMail, Part};
use crate::decide::policy::{Person, Policy};
use crate::mail::{CaseId, PersonId};

use super::hours::{self, Due};

/// What the customer counts on.
const CUSTOMERS: [Target; 3] = [Target::FirstResponse, Target::NextUpdate, Target::Promise];
/// That, and what the desk has set itself.
pub(super) const ALL: [Target; 4] = [Target::FirstResponse, Target::NextUpdate, Target::Promise, Target::Resolution];
/// What one line settles.
const ONE_LINE: [Target; 2] = [Target::FirstResponse, Target::NextUpdate];

/// Rows that a list is made of.
#[derive(Debug, Default)]
pub struct Rows<'a> {
    /// Open cases of all whose cases this person reads.
    pub cases: &'a [&'a Case],
    /// When the last list of this kind was written to them.
    pub last: Option<Timestamp>,
    /// Our letters of today to customers of their cases.
    pub letters: Vec<Done>,
    /// Lines of today that they have in the logs.
    pub log: Vec<(CaseId, LogLine)>,
    pub parked: Part<ParkedMail>,
}

/// Whose cases stand in this person's list: their own, and those of the absent for whom they stand in.
pub fn owners_read_by(policy: &Policy, person: &PersonId, now: Timestamp) -> Vec<PersonId> {
    let away = |p: &&Person| p.absence(now, &policy.company.timezone).is_some();
    let others = policy.people.iter().filter(away).filter(|p| stand_in(policy, p, now).id == *person);
    let others = others.map(|p| p.id.clone()).filter(|id| id != person);
    std::iter::once(person.clone()).chain(others).collect()
}

/// The list as it is due; `None` where there is nothing to read.
pub fn day_list(policy: &Policy, due: &Due, rows: Rows<'_>, now: Timestamp) -> Option<DayList> {
    let view = View { policy, due, person: policy.person(&due.person)?, last: rows.last, now };
    let mut items: Vec<Item> = rows.cases.iter().filter_map(|case| view.item(case)).collect();
    items.sort_by_key(|i| (i.asks, i.at, i.case));
    let rest = rows.cases.len() - items.len();
    let mut list = DayList {
        kind: due.kind,
        person: due.person.clone(),
        date: due.date,
        items: Part::of(items),
        done: Part::default(),
        acts: Part::default(),
        parked: Part::default(),
        rest,
    };
    match due.kind {
        ListKind::Today => list.parked = rows.parked,
        ListKind::BeforeYouGo => {
            let mut letters = rows.letters;
            letters.sort_by_key(|l| (l.at, l.case));
            (list.done, list.acts) = (Part::of(letters), Part::of(acts(rows.log)));
        }
    }
    (!list.is_empty()).then_some(list)
}

/// How one list looks at a case.
struct View<'a> {
    policy: &'a Policy,
    due: &'a Due,
    person: &'a Person,
    last: Option<Timestamp>,
    now: Timestamp,
}

impl View<'_> {
    fn item(&self, case: &Case) -> Option<Item> {
        let (asks, target, at) = match self.due.kind {
            ListKind::Today => self.asks_today(case)?,
            ListKind::BeforeYouGo => self.asks_before_going(case)?,
        };
        let next = case.running().filter(|c| asks == Asks::Overdue && CUSTOMERS.contains(&c.target));
        Some(Item {
            case: case.id,
            asks,
            target,
            at,
            next: next.map(|c| c.due_at).filter(|due| *due > self.now).min(),
            standing_in_for: case.owner.clone().filter(|owner| *owner != self.person.id),
        })
    }

    fn asks_today(&self, case: &Case) -> Option<(Asks, Target, Timestamp)> {
        let tomorrow = hours::day_begins(self.policy, self.person, self.due.date.saturating_add(1.day()));
        let overdue = self.overdue(case, &ALL).map(|c| (Asks::Overdue, c.target, c.due_at));
        let due = || self.due_until(case, &ALL, tomorrow).map(|c| (Asks::Due, c.target, c.due_at));
        let soon = || self.listed(case).map(|c| (Asks::Soon, c.target, c.due_at));
        overdue.or_else(due).or_else(soon).or_else(|| silent(case))
    }

    fn asks_before_going(&self, case: &Case) -> Option<(Asks, Target, Timestamp)> {
        let noon = hours::noon_of_next_day(self.policy, self.person, self.due.date);
        let overdue = self.overdue(case, &CUSTOMERS).map(|c| (Asks::Overdue, c.target, c.due_at));
        overdue.or_else(|| self.due_until(case, &ONE_LINE, noon).map(|c| (Asks::Due, c.target, c.due_at)))
    }

    /// The oldest date that passed and about which nobody has written since.
    fn overdue<'c>(&self, case: &'c Case, targets: &[Target]) -> Option<&'c Clock> {
        let missed = case.clocks.iter().filter(|c| targets.contains(&c.target) && is_missed(case, c, self.now));
        missed.min_by_key(|c| c.due_at)
    }

    fn due_until<'c>(&self, case: &'c Case, targets: &[Target], until: Timestamp) -> Option<&'c Clock> {
        let due = case.running().filter(|c| targets.contains(&c.target) && c.due_at <= until);
        due.min_by_key(|c| c.due_at)
    }

    /// A ring to the owner since the last list, whose clock still runs. One in the same instant came after it.
    fn listed<'c>(&self, case: &'c Case) -> Option<&'c Clock> {
        let is_new = |r: &&Ring| matches!(r.state, RingState::Listed { at } if Some(at) >= self.last);
        let rings: Vec<&Ring> = case.rings.iter().filter(is_new).collect();
        let of_clock = |c: &Clock| rings.iter().any(|r| (r.target, r.n, r.version) == (c.target, c.n, c.version));
        case.running().filter(|c| of_clock(c)).min_by_key(|c| c.due_at)
    }
}

/// It has passed, and nobody has written since.
pub(super) fn is_missed(case: &Case, clock: &Clock, now: Timestamp) -> bool {
    match clock.state {
        ClockState::Running => clock.due_at <= now,
        ClockState::Broken { .. } => case.state != State::Fixed && is_unanswered(case, clock),
        ClockState::Met { .. } | ClockState::Paused { .. } | ClockState::Stopped { .. } => false,
    }
}

/// Words settle what the customer waited for, whichever of its dates had passed. The other dates are settled by a new
/// run of their clock alone.
fn is_unanswered(case: &Case, clock: &Clock) -> bool {
    match clock.target {
        Target::FirstResponse | Target::NextUpdate => {
            case.told.person_wrote_at.is_none_or(|wrote| wrote < clock.due_at)
        }
        _ => {
            let of_same = case.clocks.iter().filter(|c| (c.target, c.n) == (clock.target, clock.n));
            of_same.map(|c| c.version).max() == Some(clock.version)
        }
    }
}

/// We asked, and they have not answered in time: since when.
fn silent(case: &Case) -> Option<(Asks, Target, Timestamp)> {
    let clock = case.clock(Target::CustomerSilent)?;
    let passed = matches!(clock.state, ClockState::Broken { .. });
    (case.state == State::Waiting && passed).then_some((Asks::Silent, clock.target, clock.started_at))
}

/// One entry a case, in the order of the last thing done. That a mail came is not worth a word where something came of it.
fn acts(log: Vec<(CaseId, LogLine)>) -> Vec<Act> {
    let mut of_case: BTreeMap<CaseId, Act> = BTreeMap::new();
    for (case, line) in log {
        let act = of_case.entry(case).or_insert_with(|| Act { case, at: line.at, what: Vec::new() });
        act.at = act.at.max(line.at);
        act.what.push(line.what);
    }
    let mut acts: Vec<Act> = of_case.into_values().map(without_bare_mails).collect();
    acts.sort_by_key(|a| (a.at, a.case));
    acts
}

fn without_bare_mails(mut act: Act) -> Act {
    if act.what.iter().any(|what| what != "wrote") {
        act.what.retain(|what| what != "wrote");
    } else {
        act.what.truncate(1);
    }
    act
}

#[cfg(test)]
mod tests;
