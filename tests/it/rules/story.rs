//! A house, a case, and a transcript of what the rules ask for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use amends::decide::calendar::Span;
use amends::decide::case::{Case, Door, Target, Writer};
use amends::decide::effect::{Effect, FirstLetterFacts, Letter, LetterKey, Order, Recipient, ReminderFacts, RingNote};
use amends::decide::event::{Age, Answer, Event, Facts, Incoming, MailClass, Proof, StaffMail};
use amends::decide::kinds::Words;
use amends::decide::policy::*;
use amends::decide::{Decision, decide};
use amends::mail::{Address, CaseId, LetterId, MailId, MailboxName, ParticipantNo, PersonId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::hours::{calendar, instant, span};

const ZONE: &str = "Europe/Berlin";

/// Northwind: Anna and Ben answer, Lena leads them, Otto decides. Office hours, the ladder of the example.
pub fn house() -> Policy {
    let zone = TimeZone::get(ZONE).expect("a zone");
    Policy {
        company: Company {
            name: "Northwind".into(),
            timezone: zone,
            language: "en".into(),
            case_prefix: "NW".into(),
            hours: "office".into(),
        },
        inboxes: vec![Inbox {
            name: MailboxName::new("support"),
            address: address("support@northwind.example"),
            aliases: Vec::new(),
            display_name: "Northwind Care".into(),
            subaddressing: true,
            sla: "standard".into(),
            team: "care".into(),
            letter: FirstLetter::Acknowledgement,
        }],
        people: vec![
            person("anna", &["care"], &["en", "de"]),
            person("ben", &["care"], &["en", "fr"]),
            person("lena", &["leads"], &["en"]),
            Person { authority: true, ..person("otto", &["leads"], &["en"]) },
        ],
        teams: vec![team("care", Assign::FewestOpen)],
        calendars: BTreeMap::from([
            ("office".to_owned(), calendar(ZONE, "mo-fr 09:00-17:00", "")),
            ("early".to_owned(), calendar(ZONE, "mo-fr 06:00-10:00", "")),
            ("always".to_owned(), calendar(ZONE, "always", "")),
        ]),
        slas: BTreeMap::from([("standard".to_owned(), standard()), ("vip".to_owned(), vip())]),
        kinds: vec![
            kind("danger", &["smoke"], FirstLetter::Apology),
            kind("legal", &["lawyer"], FirstLetter::Acknowledgement),
            kind("delivery", &["parcel"], FirstLetter::Apology),
            kind(OTHER, &[], FirstLetter::Apology),
        ],
        lists: false,
        all_transcripts: false,
        token_is_proof: false,
        per_person_hour: 30,
    }
}

fn standard() -> Sla {
    Sla {
        name: "standard".into(),
        calendar: "office".into(),
        first_response: span("4h"),
        next_update: span("1d"),
        resolution: span("20d"),
        customer_silent: span("5d"),
        check_in: span("2d"),
        auto_close: span("7d"),
        ladder: vec![
            rung(RungAt::Percent(75), RungTo::Owner),
            Rung { acknowledge: Some(span("1h")), ..rung(RungAt::After(Span::ZERO), RungTo::Lead) },
            Rung { tell_customer: true, ..rung(RungAt::After(span("2h")), RungTo::Authority) },
        ],
    }
}

/// Half the time, round the clock, and somebody above at once.
fn vip() -> Sla {
    Sla {
        name: "vip".into(),
        calendar: "always".into(),
        first_response: span("2h"),
        resolution: span("10d"),
        ladder: vec![rung(RungAt::After(Span::ZERO), RungTo::Authority)],
        ..standard()
    }
}

pub fn rung(at: RungAt, to: RungTo) -> Rung {
    Rung { at, on: vec![Target::FirstResponse], to, acknowledge: None, tell_customer: false }
}

pub fn person(id: &str, teams: &[&str], languages: &[&str]) -> Person {
    Person {
        id: PersonId::new(id),
        name: format!("{id} Example"),
        title: None,
        address: address(&format!("{id}@northwind.example")),
        aliases: Vec::new(),
        teams: teams.iter().map(|t| t.to_string()).collect(),
        languages: languages.iter().map(|l| l.to_string()).collect(),
        hours: "office".into(),
        may_offer: None,
        authority: false,
        away: Vec::new(),
    }
}

pub fn team(name: &str, assign: Assign) -> Team {
    Team { name: name.into(), purpose: Purpose::Support, assign, lead: Some(PersonId::new("lena")) }
}

fn kind(name: &str, words: &[&str], letter: FirstLetter) -> Kind {
    Kind {
        name: name.into(),
        words: BTreeMap::from([("en".to_owned(), words.iter().map(|w| w.to_string()).collect())]),
        says: BTreeMap::new(),
        letter,
        sla: None,
        fix_team: None,
        design_team: None,
        check_in: None,
        danger: name == "danger",
    }
}

/// Away from the first day to the last.
pub fn absence(from: &str, to: &str, stand_in: Option<&str>) -> Absence {
    let date = |text: &str| text.parse().expect("a date");
    Absence { from: date(from), to: date(to), stand_in: stand_in.map(PersonId::new) }
}

pub fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

/// A customer's mail; what is special about it is changed in place.
pub fn mail(subject: &str, words: &str) -> Incoming {
    Incoming {
        mail: MailId(1),
        message_id: None,
        at: Timestamp::UNIX_EPOCH,
        writer: Writer::Participant(ParticipantNo(0)),
        from: Some(address("klaus@berger.example")),
        name: Some("Klaus Berger".into()),
        authenticated: true,
        class: MailClass::Human,
        answer: Answer::Yes,
        quiet: false,
        age: Age::Fresh,
        language: None,
        subject: subject.into(),
        words: words.into(),
        hears: Arc::new(Words::of(subject, words)),
        attachments: 0,
        marks: Vec::new(),
        thread: Vec::new(),
        burns: None,
        by_token: false,
    }
}

/// A reply of that person to their own notice, proven in both ways.
pub fn staff_mail(person: &str, words: &str) -> StaffMail {
    let id = PersonId::new(person);
    StaffMail {
        mail: Incoming {
            writer: Writer::Person(id.clone()),
            from: Some(address(&format!("{person}@northwind.example"))),
            answer: Answer::No("from a colleague".into()),
            ..mail("Re: notice", words)
        },
        person: id,
        proof: Proof::Both,
        door: Door::Reply,
        answers_case: true,
        may_command: true,
        like_a_machine: None,
        out_of_office: false,
        carries: !words.is_empty(),
        goes_out: words.into(),
        leak: None,
        cut_short: false,
    }
}

pub fn blank() -> Case {
    Case::blank(CaseId(1042), MailboxName::new("support"), Timestamp::UNIX_EPOCH)
}

/// One case under the rules of one house.
pub struct Story {
    pub policy: Policy,
    pub facts: Facts,
    pub case: Case,
    pub log: Vec<String>,
    keys: BTreeSet<LetterKey>,
    lines: Vec<String>,
}

impl Story {
    pub fn new() -> Self {
        Self::of(house())
    }

    pub fn of(policy: Policy) -> Self {
        let (facts, case) = (Facts::default(), blank());
        Self { policy, facts, case, log: Vec::new(), keys: BTreeSet::new(), lines: Vec::new() }
    }

    /// The ordinary beginning: a parcel that did not come, on a Wednesday at ten.
    pub fn complaint(policy: Policy) -> Self {
        let mut story = Self::of(policy);
        story.opened("2026-11-18 10:00", mail("Where is my parcel", "It never came."));
        story
    }

    pub fn at(&self, local: &str) -> Timestamp {
        instant(&self.policy.company.timezone, local)
    }

    /// The mail that opens the case, read as it arrives.
    pub fn opened(&mut self, local: &str, mail: Incoming) {
        let now = self.at(local);
        self.event(now, &Event::Opened(Incoming { at: now, ..mail }));
    }

    /// A mail of staff that belongs to no case.
    pub fn opened_by(&mut self, local: &str, person: &str, proof: Proof, words: &str) {
        let now = self.at(local);
        let plain = StaffMail { proof, door: Door::None, ..staff_mail(person, words) };
        let mail = Incoming { at: now, mail: MailId(1), ..plain.mail };
        self.event(now, &Event::OpenedByStaff(StaffMail { mail, ..plain }));
    }

    pub fn wrote(&mut self, local: &str, mail: Incoming) {
        let now = self.at(local);
        self.event(now, &Event::Wrote(Incoming { at: now, mail: MailId(2), ..mail }));
    }

    /// A mail of staff: a reply to its notice, by that door, with that proof.
    pub fn staff(&mut self, local: &str, person: &str, door: Door, proof: Proof, words: &str) -> MailId {
        self.staff_mail(local, StaffMail { proof, door, ..staff_mail(person, words) })
    }

    pub fn staff_mail(&mut self, local: &str, mail: StaffMail) -> MailId {
        let now = self.at(local);
        let id = MailId(10 + self.case.mails.len() as i64);
        let incoming = Incoming { at: now, mail: id, ..mail.mail };
        self.event(now, &Event::Staff(StaffMail { mail: incoming, ..mail }));
        id
    }

    /// The customer answers, by a mail that may be answered.
    pub fn customer(&mut self, local: &str, words: &str) {
        let now = self.at(local);
        let id = MailId(10 + self.case.mails.len() as i64);
        self.event(now, &Event::Wrote(Incoming { at: now, mail: id, ..mail("Re: parcel", words) }));
    }

    pub fn undelivered(&mut self, local: &str, name: &str, to: &str) {
        let event = Event::Undelivered {
            letter: LetterId(7),
            name: name.into(),
            to: address(to),
            answer: "550 no such user".into(),
            stopped: false,
        };
        self.event(self.at(local), &event);
    }

    /// How often the transcript holds a line that ends so.
    pub fn count(&self, end: &str) -> usize {
        self.lines.iter().filter(|line| line.ends_with(end)).count()
    }

    pub fn stale(&mut self, local: &str, name: &str) {
        self.event(self.at(local), &Event::Stale { name: name.into() });
    }

    /// The desk was down until then: one waking, whatever came due before.
    pub fn wake(&mut self, local: &str) {
        self.event(self.at(local), &Event::Due);
    }

    /// Wakes the case at each instant at which something is due, until that one.
    pub fn run_until(&mut self, local: &str) {
        let end = self.at(local);
        while let Some(due) = self.case.next_due().filter(|due| *due <= end) {
            self.event(due, &Event::Due);
        }
    }

    /// One turn; what must hold after each is asked here.
    pub fn event(&mut self, now: Timestamp, event: &Event) {
        let Decision { mut case, effects } = decide(&self.policy, &self.facts, self.case.clone(), event, now);
        self.log.extend(case.log.drain(..).map(|line| line.what));
        if *event == Event::Due {
            assert!(case.next_due().is_none_or(|at| at > now), "due again at once: {case:#?}");
        }
        let kept = serde_json::to_string(&case).expect("a case is written");
        assert_eq!(serde_json::from_str::<Case>(&kept).expect("and read"), case);
        for effect in &effects {
            self.keep(now, effect);
        }
        self.case = case;
    }

    fn keep(&mut self, now: Timestamp, effect: &Effect) {
        let line = match effect {
            Effect::Write(order) => {
                assert!(self.keys.insert(order.key.clone()), "{} is asked for twice", order.key.0);
                self.order(order)
            }
            Effect::Fold { person, ring } => {
                assert!(self.keys.insert(ring.key.clone()), "{} is asked for twice", ring.key.0);
                format!("in the digest of {person}: {}", self.ring(ring))
            }
            Effect::Void { keys, .. } => format!("void {}", keys.iter().map(|k| &*k.0).collect::<Vec<_>>().join(" ")),
            Effect::Split(split) => format!("mail {} becomes a case of its own", split.mail.mail),
            Effect::Raise { case, .. } => format!("raise {case}"),
            Effect::List { person, which, .. } => format!("list {} to {person}", which.word()),
            Effect::Absence { person, said, by } => {
                self.policy = self.policy.with_absences(&[(person.clone(), said.clone())]);
                format!("{by} says of {person}: {said:?}")
            }
            Effect::HandOver { of, to, by, .. } => format!("{by} hands over the cases of {of} to {to:?}"),
            Effect::SetAside { address, aside } => format!("{address} is set aside: {aside}"),
            Effect::Alert { what } => format!("alert {what}"),
        };
        self.lines.push(format!("{}  {line}", self.local(now)));
    }

    fn order(&self, order: &Order) -> String {
        let to = match &order.to {
            Recipient::Participant(no) => format!("to participant {no}"),
            Recipient::Person(person) => format!("to {person}"),
        };
        let to = to.replace("participant 0", "the customer");
        let name = order.letter.name();
        match &order.letter {
            Letter::Apology(facts) | Letter::Acknowledgement(facts) => format!("{name} {to}: {}", self.first(facts)),
            Letter::AfterCall { by, facts } => format!("{name} {to}, by {by}: {}", self.first(facts)),
            Letter::Holding(h) => {
                let next = h.next.map_or("no date".to_owned(), |at| format!("next {}", self.local(at)));
                let before = h.before.as_ref().map_or(String::new(), |p| format!(", before {p}"));
                format!("{name} {to}: number {}, was due {}, {next}{before}", h.count, self.local(h.was_due))
            }
            Letter::Escalation(ring) => format!("{name} {to}: {}", self.ring(ring)),
            Letter::Escalated { to: person, was_due, named, .. } => {
                let named = named.map_or("no date".to_owned(), |at| format!("next {}", self.local(at)));
                format!("{name} {to}: before {person}, was due {}, {named}", self.local(*was_due))
            }
            Letter::NewCase { .. } => format!("{name} {to}"),
            Letter::Question { n, again } => format!("{name} {to}: number {n}, again: {again}"),
            Letter::SeemsAway { person } => format!("{name} {to}: {person}"),
            Letter::CaseStory { files } => format!("{name} {to}, files: {files}"),
            Letter::CustomerWrote { by, .. } => format!("{name} {to}: {by:?}"),
            Letter::DeliveryFailed { name: letter, .. } => format!("{name} {to}: {letter}"),
            Letter::Reply { by, .. } | Letter::Fixed { by, .. } => format!("{name} {to}: by {by}"),
            Letter::Nudge { by, asked_at } => {
                format!("{name} {to}: by {by}, of {}", self.local(*asked_at))
            }
            Letter::Update { by, words, next } => {
                let next = next.map_or("no date".to_owned(), |at| format!("next {}", self.local(at)));
                format!("{name} {to}: by {by}, {next}: {words}")
            }
            Letter::CheckIn { .. } | Letter::Recovered => format!("{name} {to}"),
            Letter::SorryAgain { by, before } => {
                let by = by.map_or("no date".to_owned(), |at| format!("by {}", self.local(at)));
                let before = before.as_ref().map_or(String::new(), |p| format!(", before {p}"));
                format!("{name} {to}: {by}{before}")
            }
            Letter::Transcript(told) => {
                let why = told.why.as_deref().or(told.did.first().map(String::as_str)).unwrap_or_default();
                let why: String = why.chars().take(60).collect();
                format!("{name} {to}: {}: {}", told.result.as_str(), why.trim_end())
            }
            Letter::Confirm { asks, .. } => format!("{name} {to}: {}", asks.join(" ")),
            Letter::Reminder(ReminderFacts::Passed { target, .. }) => {
                format!("{name} {to}: {} passed", target.as_str())
            }
            Letter::Reminder(ReminderFacts::Woke { .. }) => format!("{name} {to}: woke"),
            Letter::Reminder(ReminderFacts::Unanswered { of, .. }) => format!("{name} {to}: no answer of {of}"),
            Letter::Reminder(ReminderFacts::Delayed { .. }) => format!("{name} {to}: delayed"),
        }
    }

    fn first(&self, facts: &FirstLetterFacts) -> String {
        let reader = facts.reader.as_ref().map_or("nobody".to_owned(), |p| p.to_string());
        let opens = facts.opens_at.map_or(String::new(), |at| format!(", opens {}", self.local(at)));
        let marks = [
            (facts.late, ", late"),
            (facts.wish_known, ", wish known"),
            (facts.danger, ", danger"),
            (facts.brief, ", brief"),
        ];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        format!("{reader} by {}{opens}{marks}", self.local(facts.by))
    }

    fn ring(&self, ring: &RingNote) -> String {
        let stands = ring.standing_in_for.as_ref().map_or(String::new(), |p| format!(", for {p}"));
        let take = ring.acknowledge_by.map_or(String::new(), |at| format!(", take by {}", self.local(at)));
        let next = ring.next.as_ref().map_or(String::new(), |p| format!(", then {p}"));
        let asked = ring.asked.as_ref().map_or(String::new(), |a| format!(", {} asks: {}", a.by, a.why));
        format!("{} rung {}{stands}{take}{next}{asked}", ring.target.as_str(), ring.rung + 1)
    }

    fn local(&self, at: Timestamp) -> String {
        at.to_zoned(self.policy.company.timezone.clone()).strftime("%a %d %H:%M").to_string()
    }

    pub fn is_running(&self, target: Target) -> bool {
        self.case.running().any(|c| c.target == target)
    }

    pub fn noted(&self, words: &str) -> bool {
        self.log.iter().any(|line| line.contains(words))
    }

    /// Forgets what was told so far: the story proper begins here.
    pub fn skip(&mut self) {
        self.lines.clear();
    }

    /// All that was asked for, compared line by line.
    #[track_caller]
    pub fn tells(&self, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let found: Vec<&str> = self.lines.iter().map(String::as_str).collect();
        assert!(found == expected, "the story went otherwise:\n{}\n\nlog:\n{}", found.join("\n"), self.log.join("\n"));
    }
}
