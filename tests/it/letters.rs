//! The letters, rendered in every situation: their words, their headers, their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use amends::config::{After, Arrive, Envelope, Leave, MailboxConfig, Start};
use amends::decide::calendar::{Calendar, Span, Window};
use amends::decide::case::{CaseMail, Target, Writer};
use amends::decide::policy::{
    Assign, Company, FirstLetter, Inbox, Kind, OTHER, Person, Policy, Purpose as TeamPurpose, Rung, RungAt, RungTo,
    Sla, Team,
};
use amends::deliver::compose::samples::{self, Sample};
use amends::deliver::compose::{Composed, Context};
use amends::mail::{Address, LetterId, MailId, MailboxName, MessageId, ParticipantNo, PersonId};
use amends::templates::{LETTERS, Templates};
use amends::token::{Purpose, Tokens, find_in};
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

/// Friday, 20 November 2026, 23:40 in Berlin.
fn now() -> Timestamp {
    "2026-11-20T22:40:00Z".parse().expect("an instant")
}

fn person(id: &str, name: &str, title: Option<&str>, teams: &[&str], authority: bool) -> Person {
    Person {
        id: PersonId::new(id),
        name: name.into(),
        title: title.map(Into::into),
        address: address(&format!("{id}@northwind.example")),
        aliases: vec![],
        teams: teams.iter().map(|t| (*t).to_owned()).collect(),
        languages: vec![],
        hours: "office".into(),
        may_offer: None,
        authority,
        away: vec![],
    }
}

fn kind(name: &str, says: &str, danger: bool) -> Kind {
    let says = (!says.is_empty()).then(|| ("en".to_owned(), says.to_owned()));
    Kind {
        name: name.into(),
        words: BTreeMap::new(),
        says: says.into_iter().collect(),
        letter: FirstLetter::Apology,
        sla: None,
        fix_team: None,
        design_team: None,
        check_in: None,
        danger,
    }
}

fn policy() -> Policy {
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    let window = Window { open: time(9, 0, 0, 0), close: Some(time(17, 30, 0, 0)) };
    let week = std::array::from_fn(|day| if day < 5 { vec![window] } else { vec![] });
    let office = Calendar {
        name: "office".into(),
        timezone: zone.clone(),
        week,
        yearly_holidays: BTreeSet::new(),
        holidays: BTreeSet::new(),
        always: false,
    };
    let rung =
        |at, to, tell_customer| Rung { at, on: vec![Target::FirstResponse], to, acknowledge: None, tell_customer };
    let two_hours = Span::Working(SignedDuration::from_hours(2));
    let sla = Sla {
        name: "standard".into(),
        calendar: "office".into(),
        first_response: Span::Working(SignedDuration::from_hours(4)),
        next_update: Span::Days(1),
        resolution: Span::Days(5),
        customer_silent: Span::Days(5),
        check_in: Span::Days(2),
        auto_close: Span::Days(7),
        ladder: vec![
            rung(RungAt::Percent(75), RungTo::Owner, false),
            rung(RungAt::After(two_hours), RungTo::Authority, true),
        ],
    };
    Policy {
        company: Company {
            name: "Northwind Lamps".into(),
            timezone: zone,
            language: "en".into(),
            case_prefix: "NW".into(),
            hours: "office".into(),
        },
        inboxes: vec![Inbox {
            name: MailboxName::new("support"),
            address: address("support@northwind.example"),
            aliases: vec![],
            display_name: "Northwind Care".into(),
            sla: "standard".into(),
            team: "care".into(),
            letter: FirstLetter::Apology,
        }],
        people: vec![
            person("mei", "Mei Tan", None, &["care"], false),
            person("jane", "Jane Okafor", Some("Head of Service"), &[], true),
        ],
        teams: vec![Team {
            name: "care".into(),
            purpose: TeamPurpose::Support,
            assign: Assign::FewestOpen,
            lead: Some(PersonId::new("mei")),
        }],
        calendars: BTreeMap::from([("office".into(), office)]),
        slas: BTreeMap::from([("standard".into(), sla)]),
        kinds: vec![
            kind("danger", "something of ours that put you in danger", true),
            kind("broken", "a lamp that broke and should not have", false),
            kind(OTHER, "", false),
        ],
        lists: true,
        per_person_hour: 120,
    }
}

fn mailbox() -> MailboxConfig {
    MailboxConfig {
        name: MailboxName::new("support"),
        address: address("support@northwind.example"),
        aliases: vec![],
        display_name: "Northwind Care".into(),
        subaddressing: true,
        after: After::Keep,
        start: Start::Now,
        via_list: vec![],
        form_senders: vec![],
        arrive: Arrive::Maildir(PathBuf::from("in")),
        leave: Leave::Maildir(PathBuf::from("out")),
        envelope: Envelope::Token,
        connections: 1,
        per_minute: 0,
        in_doubt_wait: Duration::from_secs(900),
    }
}

/// All that a test composes with.
struct House {
    policy: Policy,
    templates: Templates,
    tokens: Tokens,
    mailbox: MailboxConfig,
}

impl House {
    fn new() -> Self {
        Self {
            policy: policy(),
            templates: Templates::load(None).expect("the built-in letters"),
            tokens: Tokens::new(b"a key of thirty-two bytes or more", "desk", 1),
            mailbox: mailbox(),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            policy: &self.policy,
            templates: &self.templates,
            tokens: &self.tokens,
            mailbox: &self.mailbox,
            letter: LetterId(77),
            now: now(),
            customer_offset: None,
        }
    }

    fn samples(&self) -> Vec<Sample> {
        samples::all(&self.policy, &self.mailbox.name, now())
    }

    fn sample(&self, title: &str) -> Sample {
        self.samples().into_iter().find(|s| s.title == title).unwrap_or_else(|| panic!("no sample {title}"))
    }

    fn compose(&self, sample: &Sample) -> Composed {
        sample.compose(&self.context()).unwrap_or_else(|e| panic!("{}: {e}", sample.title))
    }

    fn letter(&self, title: &str) -> Composed {
        self.compose(&self.sample(title))
    }
}

fn header<'a>(letter: &'a Composed, name: &str) -> Option<String> {
    let whole: &'a str = std::str::from_utf8(&letter.outgoing.bytes).expect("ASCII");
    let head = whole.split("\r\n\r\n").next().expect("a header").replace("\r\n ", " ");
    let found = head.split("\r\n").find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    found
}

#[test]
fn print_all() {
    let house = House::new();
    let Ok(folder) = std::env::var("AMENDS_LETTERS") else { return };
    for sample in house.samples() {
        let letter = house.compose(&sample);
        let name = sample.title.replace([' ', ','], "-");
        std::fs::write(format!("{folder}/{name}.html"), &letter.html).expect("written");
        std::fs::write(format!("{folder}/{name}.eml"), &letter.outgoing.bytes).expect("written");
        println!("===== {}\nSubject: {}\n\n{}", sample.title, letter.outgoing.subject, letter.text);
    }
}
