//! The shop that the tests of lists play in.

use std::collections::BTreeMap;

use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::decide::calendar::{Calendar, Window};
use crate::decide::policy::{Absence, Company, Person, Policy};
use crate::mail::{Address, PersonId};

/// In Berlin.
pub(super) fn at(text: &str) -> Timestamp {
    format!("{text}[Europe/Berlin]").parse::<Zoned>().expect("an instant").timestamp()
}

pub(super) fn id(name: &str) -> PersonId {
    PersonId::new(name)
}

fn window(open: i8, close: i8) -> Window {
    Window { open: time(open, 0, 0, 0), close: Some(time(close, 0, 0, 0)) }
}

fn calendar(name: &str, zone: &str, day: &[Window], days: usize) -> (String, Calendar) {
    let calendar = Calendar {
        name: name.into(),
        timezone: TimeZone::get(zone).expect("a zone"),
        week: std::array::from_fn(|n| if n < days { day.to_vec() } else { Vec::new() }),
        yearly_holidays: [(12, 25)].into(),
        holidays: Default::default(),
        always: false,
    };
    (name.into(), calendar)
}

fn person(name: &str, hours: &str) -> Person {
    Person {
        id: id(name),
        name: name.into(),
        title: None,
        address: Address::parse(&format!("{name}@n.example")).expect("an address"),
        aliases: Vec::new(),
        teams: Vec::new(),
        languages: Vec::new(),
        hours: hours.into(),
        may_offer: None,
        authority: false,
        away: Vec::new(),
    }
}

/// Mei in the office, Ada until noon, Kim for two hours, Joe in New York, Ole at every hour.
pub(super) fn policy() -> Policy {
    let berlin = "Europe/Berlin";
    Policy {
        company: Company {
            name: "Northwind".into(),
            timezone: TimeZone::get(berlin).expect("a zone"),
            language: "en".into(),
            case_prefix: "NW".into(),
            hours: "office".into(),
        },
        inboxes: Vec::new(),
        people: vec![
            person("mei", "office"),
            person("ada", "morning"),
            person("kim", "short"),
            person("joe", "new-york"),
            person("ole", "always"),
        ],
        teams: Vec::new(),
        calendars: BTreeMap::from([
            calendar("office", berlin, &[window(9, 12), window(13, 17)], 5),
            calendar("morning", berlin, &[window(8, 12)], 5),
            calendar("short", berlin, &[window(18, 20)], 5),
            calendar("new-york", "America/New_York", &[window(9, 17)], 5),
        ]),
        slas: BTreeMap::new(),
        kinds: Vec::new(),
        lists: true,
        all_transcripts: false,
        token_is_proof: false,
        per_person_hour: 120,
    }
}

/// From the 2nd to the 6th of March 2026, a Monday and a Friday.
pub(super) fn away(policy: &mut Policy, name: &str, stand_in: Option<&str>) {
    let absence = Absence { from: date(2026, 3, 2), to: date(2026, 3, 6), stand_in: stand_in.map(id) };
    policy.people.iter_mut().filter(|p| p.id == id(name)).for_each(|p| p.away.push(absence.clone()));
}
