//! `[[person]]` and `[[team]]`: who is staff, who leads, who may decide, who is away.

use crate::decide::money::Money;
use crate::decide::policy::{Absence, Assign, Person, Purpose, Team};
use crate::mail::{PersonId, clean_name};

use super::names::{CARE, Names, id_from};
use super::tree::{Block, quoted};
use super::words;

/// Words that a ladder, an assignment or a command uses for somebody else.
const RESERVED: &[&str] = &["owner", "lead", "authority", "nobody", "all", "mine", "team", "customer", "desk"];

/// All people in the order of the file; hours are empty where the person follows the company's.
pub fn people(file: &Block<'_>, names: &Names) -> Vec<Person> {
    let blocks = file.blocks("person", "person");
    if blocks.is_empty() {
        file.wrong("person", "nobody is here to answer. Add [[person]] with name and email");
    }
    let mut people: Vec<Person> = Vec::new();
    for block in &blocks {
        let Some(person) = person(block, names) else { continue };
        if people.iter().any(|other| other.id == person.id) {
            block.wrong(
                "id",
                format!("{} is the id of two people. Give this one an id of their own", quoted(person.id.as_str())),
            );
        }
        people.push(person);
    }
    if !blocks.is_empty() && blocks.iter().all(|block| block.get("authority").is_none() || !block.peek_yes("authority"))
    {
        blocks[0].reader.wrong(
            blocks[0].line,
            "person",
            "nobody has authority, so every ladder would end nowhere. Set authority = true for whoever may decide",
        );
    }
    people
}

fn person(block: &Block<'_>, names: &Names) -> Option<Person> {
    let name = block.required("name", "\"Mei Tan\"", |text| match clean_name(text) {
        name if name.is_empty() => Err("is empty".to_owned()),
        name => Ok(name),
    });
    let address = block.required("email", "\"mei@northwind.example\"", words::address);
    let id = id(block, name.as_deref());
    let authority = block.yes_no("authority").unwrap_or(false);
    let may_offer = block.read("may_offer", Money::parse);
    if let Some(entry) = block.get("may_offer") {
        entry.later("offers come in a later version");
    }
    // Somebody without a readable name, id or address is still there to be counted; the mistake is noted.
    Some(Person {
        id: PersonId::new(id.clone().unwrap_or_else(|| block.path.clone())),
        name: name.unwrap_or_default(),
        title: block.read("title", |text| Ok(clean_name(text))).filter(|t| !t.is_empty()),
        aliases: block.read_list("aliases", words::address).unwrap_or_default(),
        teams: teams(block, authority),
        languages: block.read_list("languages", words::language).unwrap_or_default(),
        hours: block.read("hours", |word| names.calendar(word)).unwrap_or_default(),
        may_offer,
        authority,
        away: away(block, names, id.as_deref()),
        address: address.or_else(words::no_address)?,
    })
}

fn id(block: &Block<'_>, name: Option<&str>) -> Option<String> {
    let allowed = |word: &str| match RESERVED.contains(&word) {
        true => Err(format!("{} has a meaning of its own in ladders and commands. Choose another id", quoted(word))),
        false => words::name(word),
    };
    if block.get("id").is_some() {
        return block.read("id", allowed);
    }
    match allowed(&id_from(name?)) {
        Ok(id) => Some(id),
        Err(_) => {
            block.wrong("id", format!("missing, and none can be made of {}. Write id = \"mei\"", quoted(name?)));
            None
        }
    }
}

fn teams(block: &Block<'_>, authority: bool) -> Vec<String> {
    let default = if authority { Vec::new() } else { vec![CARE.to_owned()] };
    let mut teams = block.read_list("teams", words::name).unwrap_or(default);
    teams.dedup();
    teams
}

fn away(block: &Block<'_>, names: &Names, id: Option<&str>) -> Vec<Absence> {
    let mut absences: Vec<Absence> = Vec::new();
    for block in block.blocks("away", "person.away") {
        let from = block.required("from", "\"2026-12-20\"", words::date);
        let to = block.required("to", "\"2027-01-03\"", words::date);
        let stand_in = block.read("stand_in", |word| match names.person(word)? {
            same if Some(same.as_str()) == id => Err("nobody can stand in for themselves".to_owned()),
            other => Ok(PersonId::new(other)),
        });
        let Some((from, to)) = from.zip(to) else { continue };
        if to < from {
            block.wrong("to", format!("{to} is before {from}: the last day away comes after the first"));
        }
        if absences.iter().any(|other| other.from <= to && from <= other.to) {
            block.wrong("from", format!("{from} to {to} overlaps another absence of this person"));
        }
        absences.push(Absence { from, to, stand_in });
    }
    absences
}

/// How a team came to be known, which decides what it is for.
#[derive(Debug, Default)]
pub struct Uses {
    /// Teams that own the cases of a mailbox.
    pub answer: Vec<String>,
    /// Teams that remove the causes of a kind.
    pub design: Vec<String>,
}

/// The teams of the file, then those that are only named.
pub fn teams_of(file: &Block<'_>, names: &Names, people: &[Person], uses: &Uses) -> Vec<Team> {
    let mut teams: Vec<Team> = Vec::new();
    for block in file.blocks("team", "team") {
        let Some(name) = block.required("name", "\"care\"", words::name) else { continue };
        if teams.iter().any(|other| other.name == name) {
            block.wrong("name", format!("{} is the name of two teams", quoted(&name)));
        }
        let lead = block.read("lead", |word| names.person(word)).map(PersonId::new);
        teams.push(Team {
            purpose: block.choice("purpose", PURPOSES).unwrap_or_else(|| purpose_of(&name, uses)),
            assign: block.choice("assign", ASSIGNS).unwrap_or(Assign::FewestOpen),
            lead: lead.or_else(|| first_member(&name, people)),
            name,
        });
    }
    for name in people.iter().flat_map(|p| &p.teams).chain(&uses.answer) {
        if !teams.iter().any(|team| team.name == *name) {
            let (purpose, lead) = (purpose_of(name, uses), first_member(name, people));
            teams.push(Team { name: name.clone(), purpose, assign: Assign::FewestOpen, lead });
        }
    }
    teams
}

const PURPOSES: &[(&str, Purpose)] =
    &[("support", Purpose::Support), ("fix", Purpose::Fix), ("design", Purpose::Design)];
const ASSIGNS: &[(&str, Assign)] =
    &[("fewest-open", Assign::FewestOpen), ("round-robin", Assign::RoundRobin), ("nobody", Assign::Nobody)];

fn purpose_of(name: &str, uses: &Uses) -> Purpose {
    let named_in = |list: &[String]| list.iter().any(|n| n == name);
    if name == CARE || named_in(&uses.answer) {
        return Purpose::Support;
    }
    if named_in(&uses.design) { Purpose::Design } else { Purpose::Fix }
}

fn first_member(team: &str, people: &[Person]) -> Option<PersonId> {
    people.iter().find(|p| p.teams.iter().any(|t| t == team)).map(|p| p.id.clone())
}
