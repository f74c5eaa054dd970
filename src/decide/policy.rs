//! The shop's rules as plain values: people, teams, hours, targets, ladders, kinds.
//!
//! `config` fills it, everything else only reads it. Names are resolved and checked before: whoever holds a
//! `Policy` may follow every reference in it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::mail::{Address, MailboxName, PersonId};

use super::calendar::{Calendar, Span};
use super::case::Target;
use super::money::Money;

#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    pub company: Company,
    pub inboxes: Vec<Inbox>,
    /// In the order of the file.
    pub people: Vec<Person>,
    pub teams: Vec<Team>,
    pub calendars: BTreeMap<String, Calendar>,
    pub slas: BTreeMap<String, Sla>,
    /// First match wins; `other` is what none matches.
    pub kinds: Vec<Kind>,
    /// Whether the daily lists exist. Without them a ring to an owner is a mail of its own.
    pub lists: bool,
    /// Each mail of staff gets its transcript, not only one with a problem.
    pub all_transcripts: bool,
    /// A token of a person is proof enough, without an authenticated From (`security.staff_proof = "token"`).
    pub token_is_proof: bool,
    pub per_person_hour: u32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Company {
    pub name: String,
    pub timezone: TimeZone,
    /// Language tag of letters to customers where nothing better is known, and of all to staff.
    pub language: String,
    pub case_prefix: String,
    /// Key into `calendars`: the hours of a person who has none of their own.
    pub hours: String,
}

/// What the rules know of a configured mailbox; its connections are not their business.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbox {
    pub name: MailboxName,
    pub address: Address,
    pub aliases: Vec<Address>,
    pub display_name: String,
    /// Without it no token reaches us: staff cannot be told from others by their replies.
    pub subaddressing: bool,
    pub sla: String,
    pub team: String,
    /// For mail that is neither clearly a complaint nor clearly a question.
    pub letter: FirstLetter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstLetter {
    Apology,
    Acknowledgement,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub id: PersonId,
    pub name: String,
    pub title: Option<String>,
    pub address: Address,
    pub aliases: Vec<Address>,
    pub teams: Vec<String>,
    pub languages: Vec<String>,
    /// Key into `calendars`.
    pub hours: String,
    pub may_offer: Option<Money>,
    pub authority: bool,
    pub away: Vec<Absence>,
}

/// Away from the first day to the last, both included, in the company's zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    pub from: Date,
    pub to: Date,
    pub stand_in: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    pub name: String,
    pub purpose: Purpose,
    pub assign: Assign,
    /// `None` only for a team without members.
    pub lead: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Support,
    Fix,
    Design,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assign {
    FewestOpen,
    RoundRobin,
    Nobody,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Sla {
    pub name: String,
    /// Key into `calendars`.
    pub calendar: String,
    pub first_response: Span,
    pub next_update: Span,
    pub resolution: Span,
    pub customer_silent: Span,
    pub check_in: Span,
    pub auto_close: Span,
    /// Lowest rung first; borrowed ladders are already copied here.
    pub ladder: Vec<Rung>,
}

/// A step of a ladder: rings once for one version of one target of one case.
#[derive(Debug, Clone, PartialEq)]
pub struct Rung {
    pub at: RungAt,
    pub on: Vec<Target>,
    pub to: RungTo,
    /// Working time until which it must be taken; else the next rung rings at once.
    pub acknowledge: Option<Span>,
    pub tell_customer: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RungAt {
    /// Of the target's working time: 1 to 99.
    Percent(u8),
    /// Working time after the due instant; zero is as it breaks.
    After(Span),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RungTo {
    Owner,
    Lead,
    Authority,
    Person(PersonId),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Kind {
    pub name: String,
    /// By language: folded words and phrases; a trailing `*` ends a stem.
    pub words: BTreeMap<String, Vec<String>>,
    /// By language: how a letter names the failure ("a parcel that did not come when it should").
    pub says: BTreeMap<String, String>,
    pub letter: FirstLetter,
    pub sla: Option<String>,
    pub fix_team: Option<String>,
    pub design_team: Option<String>,
    pub check_in: Option<Span>,
    pub danger: bool,
}

/// The kind of a mail that no `[[kind]]` matches.
pub const OTHER: &str = "other";

impl Policy {
    pub fn person(&self, id: &PersonId) -> Option<&Person> {
        self.people.iter().find(|p| p.id == *id)
    }

    /// The person who writes from that address, aliases included.
    pub fn person_at(&self, address: &Address) -> Option<&Person> {
        self.people.iter().find(|p| p.address == *address || p.aliases.contains(address))
    }

    pub fn inbox(&self, name: &MailboxName) -> Option<&Inbox> {
        self.inboxes.iter().find(|i| i.name == *name)
    }

    pub fn team(&self, name: &str) -> Option<&Team> {
        self.teams.iter().find(|t| t.name == name)
    }

    pub fn members<'a>(&'a self, team: &'a str) -> impl Iterator<Item = &'a Person> + 'a {
        self.people.iter().filter(move |p| p.teams.iter().any(|t| t == team))
    }

    pub fn lead_of(&self, team: &str) -> Option<&Person> {
        self.team(team).and_then(|t| t.lead.as_ref()).and_then(|id| self.person(id))
    }

    pub fn kind(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|k| k.name == name)
    }

    /// The hours in which rings and lists reach that person.
    pub fn hours_of(&self, person: &Person) -> &Calendar {
        self.calendar(&person.hours)
    }

    pub fn calendar(&self, name: &str) -> &Calendar {
        self.calendars.get(name).unwrap_or(Calendar::always_ref())
    }

    pub fn calendar_of(&self, sla: &Sla) -> &Calendar {
        self.calendar(&sla.calendar)
    }

    /// The SLA of that name; a name that left the configuration falls back to the first.
    pub fn sla(&self, name: &str) -> Option<&Sla> {
        self.slas.get(name).or_else(|| self.slas.values().next())
    }
}

impl Person {
    /// The absence that covers `now`, by the company's calendar days.
    pub fn absence(&self, now: Timestamp, zone: &TimeZone) -> Option<&Absence> {
        let today = now.to_zoned(zone.clone()).date();
        self.away.iter().find(|a| a.from <= today && today <= a.to)
    }

    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }

    pub fn in_support(&self, policy: &Policy) -> bool {
        self.teams.iter().filter_map(|t| policy.team(t)).any(|t| t.purpose == Purpose::Support)
    }
}
