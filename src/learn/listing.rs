//! What `#list` answers: open cases with the date that presses most, what is overdue first.

use jiff::Timestamp;

use crate::decide::case::{Case, Clock};
use crate::decide::lists::{Entry, Listing, Part, Which};
use crate::decide::policy::{Policy, Purpose};
use crate::mail::PersonId;

use super::lists::{ALL, is_missed};

/// Those of `open` that the person asked for.
pub fn listing<'a>(
    policy: &Policy,
    person: &PersonId,
    which: Which,
    open: impl Iterator<Item = &'a Case>,
    now: Timestamp,
) -> Listing {
    let teams = teams_read_by(policy, person);
    let of_team = |case: &&Case| which == Which::Mine || teams.contains(&case.team.as_str());
    let mut entries: Vec<Entry> = open.filter(of_team).map(|case| entry(case, now)).collect();
    entries.retain(|e| which != Which::Overdue || e.overdue);
    entries.sort_by_key(|e| (!e.overdue, e.due.is_none(), e.due.map(|(_, at)| at), e.case));
    Listing { which, person: person.clone(), entries: Part::of(entries) }
}

/// The teams that they are in or lead; every team that answers customers for whoever may decide.
fn teams_read_by<'a>(policy: &'a Policy, person: &PersonId) -> Vec<&'a str> {
    let me = policy.person(person);
    let all = me.is_some_and(|p| p.authority);
    let mine = |name: &str| me.is_some_and(|p| p.teams.iter().any(|t| t == name));
    let leads = |lead: &Option<PersonId>| lead.as_ref() == Some(person);
    let support = |purpose: Purpose| purpose == Purpose::Support;
    let read = policy.teams.iter().filter(|t| mine(&t.name) || leads(&t.lead) || all && support(t.purpose));
    read.map(|t| t.name.as_str()).collect()
}

fn entry(case: &Case, now: Timestamp) -> Entry {
    let first = |clocks: &mut dyn Iterator<Item = &Clock>| clocks.map(|c| (c.due_at, c.target)).min();
    let missed = first(&mut case.clocks.iter().filter(|c| ALL.contains(&c.target) && is_missed(case, c, now)));
    let ahead = first(&mut case.running().filter(|c| ALL.contains(&c.target)));
    Entry { case: case.id, due: missed.or(ahead).map(|(at, target)| (target, at)), overdue: missed.is_some() }
}
