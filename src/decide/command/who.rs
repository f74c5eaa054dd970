//! To whom `#assign` hands a case: a person, or a team that answers customers.
//!
//! A name must fit one person only; nobody is chosen among several, and no spelling is corrected silently. Upper and
//! lower case are the same, accents are not.

use crate::mail::{Address, PersonId};

use super::super::policy::{Person, Policy, Purpose};
use super::{Assignee, Command, Reader, Wrong, nearest};

/// How many names a mistake lists.
const MOST_NAMES: usize = 8;

/// `NAME or TEAM`, or `all NAME [to NAME or TEAM]`.
pub(super) fn assign(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    let folded_text = folded(text);
    let Some(all) = folded_text.strip_prefix("all ") else { return read(text, reader).map(Command::Assign) };
    let (of, to) = all.split_once(" to ").map_or((all, None), |(of, to)| (of, Some(to)));
    let of = person(of, reader)?;
    let to = to.map(|to| read(to, reader)).transpose()?;
    match to {
        Some(Assignee::Person(to)) if to == of => Err(Wrong::because("These cases are theirs already.")),
        to => Ok(Command::AssignAll { of, to }),
    }
}

/// One person, and no team.
pub(super) fn person(text: &str, reader: &Reader<'_>) -> Result<PersonId, Wrong> {
    match read(text, reader)? {
        Assignee::Person(person) => Ok(person),
        Assignee::Team(team) => Err(Wrong::because(format!("{team} is a team. Here stands the name of a person."))),
    }
}

pub(super) fn read(text: &str, reader: &Reader<'_>) -> Result<Assignee, Wrong> {
    let name = folded(text);
    let policy = reader.policy;
    if name.is_empty() {
        return Err(Wrong::because(format!("#assign asks for a name or a team. {}", there_are(policy))));
    }
    if name == "me" {
        return Ok(Assignee::Person(reader.person.clone()));
    }
    for fits in [by_id_or_address, by_full_name, by_first_name] {
        let found: Vec<&Person> = policy.people.iter().filter(|person| fits(person, &name)).collect();
        match found[..] {
            [] => {}
            [person] => return Ok(Assignee::Person(person.id.clone())),
            _ => return Err(several(text, &found)),
        }
    }
    team(&name, policy).unwrap_or_else(|| Err(unknown(text, policy)))
}

fn by_id_or_address(person: &Person, name: &str) -> bool {
    let address = Address::parse(name);
    let theirs = |address: &Address| person.address == *address || person.aliases.contains(address);
    same(person.id.as_str(), name) || address.as_ref().is_some_and(theirs)
}

fn by_full_name(person: &Person, name: &str) -> bool {
    same(&person.name, name)
}

fn by_first_name(person: &Person, name: &str) -> bool {
    same(person.first_name(), name)
}

fn same(theirs: &str, name: &str) -> bool {
    folded(theirs) == name
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn team(name: &str, policy: &Policy) -> Option<Result<Assignee, Wrong>> {
    let team = policy.teams.iter().find(|team| same(&team.name, name))?;
    Some(match team.purpose {
        Purpose::Support => Ok(Assignee::Team(team.name.clone())),
        Purpose::Fix | Purpose::Design => {
            let what = "answers no customers: #assign hands a case to a support team or to a person.";
            Err(Wrong::because(format!("The team {} {what} {}", team.name, there_are(policy))))
        }
    })
}

fn several(text: &str, found: &[&Person]) -> Wrong {
    let who: Vec<String> = found.iter().map(|person| format!("{} ({})", person.name, person.id)).collect();
    Wrong::because(format!("\"{text}\" may be {}. Write the word in brackets.", listed(who)))
}

fn unknown(text: &str, policy: &Policy) -> Wrong {
    let people =
        policy.people.iter().flat_map(|person| [person.name.as_str(), person.first_name(), person.id.as_str()]);
    let near = nearest(text, people.chain(support_teams(policy)));
    let whole = |near: &str| policy.people.iter().find(|p| p.first_name() == near || p.id.as_str() == near);
    let nearest = near.map(|near| whole(near).map_or(near, |person| person.name.as_str()).to_owned());
    Wrong { why: format!("\"{text}\" is nobody here. {}", there_are(policy)), nearest }
}

fn there_are(policy: &Policy) -> String {
    let teams = support_teams(policy).map(|team| format!("the team {team}"));
    let people = policy.people.iter().map(|person| person.name.clone());
    format!("There are: {}.", listed(teams.chain(people).collect()))
}

fn support_teams(policy: &Policy) -> impl Iterator<Item = &str> {
    policy.teams.iter().filter(|team| team.purpose == Purpose::Support).map(|team| team.name.as_str())
}

fn listed(mut names: Vec<String>) -> String {
    let left_out = names.len().saturating_sub(MOST_NAMES);
    names.truncate(MOST_NAMES);
    if left_out > 0 {
        names.push(format!("and {left_out} more"));
    }
    names.join(", ")
}
