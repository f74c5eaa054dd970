//! Who owes a new case its next move: the team's `assign`, minded of absences and languages.

use jiff::Timestamp;

use crate::mail::PersonId;

use super::event::Facts;
use super::policy::{Assign, Person, Policy};

/// The owner of a new case of that team; `None` where the team assigns nobody.
/// Where everybody is away it is the lead: somebody must be named in the letter.
pub(super) fn owner(policy: &Policy, facts: &Facts, team: &str, language: &str, now: Timestamp) -> Option<PersonId> {
    owner_but(None, policy, facts, (team, language), now)
}

/// Anybody but that person, unless they lead the team and nobody else is there.
pub(super) fn owner_but(
    but: Option<&PersonId>,
    policy: &Policy,
    facts: &Facts,
    (team, language): (&str, &str),
    now: Timestamp,
) -> Option<PersonId> {
    let is_there = |p: &&Person| p.absence(now, &policy.company.timezone).is_none() && Some(&p.id) != but;
    let present: Vec<&Person> = policy.members(team).filter(is_there).collect();
    let assign = policy.team(team).map_or(Assign::FewestOpen, |t| t.assign);
    let chosen = match assign {
        Assign::Nobody => return None,
        Assign::FewestOpen => fewest_open(facts, &speaking(&present, language)),
        Assign::RoundRobin => next_in_turn(policy, facts, &speaking(&present, language)),
    };
    chosen.map(|p| p.id.clone()).or_else(|| policy.lead_of(team).map(|p| stand_in(policy, p, now).id.clone()))
}

/// Whoever is reached when somebody is asked for: they, or the stand-in of their absence (who may be away as well).
pub fn stand_in<'a>(policy: &'a Policy, asked: &'a Person, now: Timestamp) -> &'a Person {
    let mut person = asked;
    // As many steps as there are people: stand-ins may stand in for each other.
    for _ in 0..policy.people.len() {
        let absence = person.absence(now, &policy.company.timezone);
        match absence.and_then(|a| a.stand_in.as_ref()).and_then(|id| policy.person(id)) {
            Some(next) => person = next,
            None => return person,
        }
    }
    asked
}

/// Those who read the customer's language, or all where nobody does.
fn speaking<'a>(present: &[&'a Person], language: &str) -> Vec<&'a Person> {
    let primary = language.split('-').next().unwrap_or(language);
    let speaks =
        |p: &&&Person| p.languages.iter().any(|l| l.split('-').next().unwrap_or(l).eq_ignore_ascii_case(primary));
    let able: Vec<&Person> = present.iter().filter(speaks).copied().collect();
    if able.is_empty() { present.to_vec() } else { able }
}

/// The first of those with the fewest: `min_by_key` keeps the order of the file.
fn fewest_open<'a>(facts: &Facts, able: &[&'a Person]) -> Option<&'a Person> {
    able.iter().min_by_key(|p| facts.open_cases.get(&p.id).copied().unwrap_or(0)).copied()
}

/// The turn goes round the whole team, and to the next in it who is able: whoever had the last case may be away today,
/// or not read this language, and must not send the turn back to the first.
fn next_in_turn<'a>(policy: &Policy, facts: &Facts, able: &[&'a Person]) -> Option<&'a Person> {
    let place = |id: &PersonId| policy.people.iter().position(|p| p.id == *id);
    let last = facts.last_assigned.as_ref().and_then(place);
    let after = able.iter().find(|p| place(&p.id) > last);
    after.or(able.first()).copied()
}
