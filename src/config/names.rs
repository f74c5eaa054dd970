//! The names that a file defines, gathered before it is read, so that every reference can be checked where it stands.

use std::collections::BTreeSet;

use super::mistakes::did_you_mean;
use super::tree::Block;

/// All names of one file, in its order where that matters.
#[derive(Debug, Default)]
pub struct Names {
    pub people: Vec<String>,
    pub teams: Vec<String>,
    pub calendars: Vec<String>,
    pub slas: Vec<String>,
}

/// The calendar that exists without being written.
pub const OFFICE: &str = "office";
/// The calendar without closing hours.
pub const ALWAYS: &str = "always";
/// The SLA that exists without being written.
pub const STANDARD: &str = "standard";
/// The team of whoever names none.
pub const CARE: &str = "care";

impl Names {
    pub fn gather(file: &Block<'_>) -> Self {
        let people = file.peek_blocks("person");
        let teams: BTreeSet<String> = people
            .iter()
            .flat_map(|person| teams_of(person))
            .chain(file.peek_blocks("team").iter().filter_map(|team| team.peek("name").map(str::to_owned)))
            .collect();
        let named = |key, builtin: &[&str]| -> Vec<String> {
            let mut names = file.peek_names(key);
            names.extend(builtin.iter().map(|b| (*b).to_owned()).filter(|b| !names.contains(b)).collect::<Vec<_>>());
            names
        };
        Self {
            people: people.iter().filter_map(id_of).collect(),
            teams: teams.into_iter().collect(),
            calendars: named("calendar", &[OFFICE, ALWAYS]),
            slas: named("sla", &[STANDARD]),
        }
    }

    pub fn person(&self, word: &str) -> Result<String, String> {
        known(word, "person", "people", &self.people)
    }

    pub fn team(&self, word: &str) -> Result<String, String> {
        known(word, "team", "teams", &self.teams)
    }

    pub fn calendar(&self, word: &str) -> Result<String, String> {
        known(word, "calendar", "calendars", &self.calendars)
    }

    pub fn sla(&self, word: &str) -> Result<String, String> {
        known(word, "sla", "slas", &self.slas)
    }
}

fn known(word: &str, one: &str, many: &str, names: &[String]) -> Result<String, String> {
    if names.iter().any(|name| name == word) {
        return Ok(word.to_owned());
    }
    let near = did_you_mean(word, names.iter().map(String::as_str));
    let word = super::tree::quoted(word);
    match names {
        [] => Err(format!("there is no {one} {word}")),
        names => Err(format!("there is no {one} {word}; {many} here: {}.{near}", names.join(", "))),
    }
}

/// A person's id as written, else their first name in lower case.
pub fn id_of(person: &Block<'_>) -> Option<String> {
    person.peek("id").map(str::to_owned).or_else(|| person.peek("name").map(id_from)).filter(|id| !id.is_empty())
}

pub fn id_from(name: &str) -> String {
    let first = name.split_whitespace().next().unwrap_or_default().to_lowercase();
    first.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

/// Their teams as written; else `care`, and none for an authority.
fn teams_of(person: &Block<'_>) -> Vec<String> {
    match person.peek_list("teams") {
        Some(teams) => teams.into_iter().map(str::to_owned).collect(),
        None if person.peek_yes("authority") => Vec::new(),
        None => vec![CARE.to_owned()],
    }
}
