//! A made-up case in every situation a letter can meet, for `amends check` and `amends preview`.
//!
//! The people, hours and kinds are those of the configuration, so that an owner reads the letters as their customers
//! will. The customer is Klaus Berger, whose lamp broke; nobody is written to.

use jiff::civil::Weekday;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::decide::case::{
    Case, CaseMail, Clock, ClockState, NamedDate, Participant, Ring, RingState, State, Target, Told, UnaskedLetter,
    Writer,
};
use crate::decide::effect::{FirstLetterFacts, HoldingFacts, Letter, LetterKey, Order, Recipient, RingNote, WroteBy};
use crate::decide::event::EarlierCase;
use crate::decide::lists::{DayList, Listing};
use crate::decide::policy::{FirstLetter, Kind, OTHER, Person, Policy, RungTo};
use crate::decide::welcome::Measured;
use crate::mail::{Address, CaseId, MailId, MailboxName, MessageId, ParticipantNo, PersonId};

use super::{ComposeError, Composed, Context};
use super::{compose, compose_alert, compose_digest, compose_list, compose_listing, compose_measured, compose_welcome};

mod answers;
mod lists;

/// One letter in one situation.
#[derive(Debug, Clone)]
pub struct Sample {
    /// "apology", "apology, danger", "holding, the third".
    pub title: String,
    pub case: Case,
    order: SampleOrder,
}

#[derive(Debug, Clone)]
enum SampleOrder {
    One(Box<Order>),
    Digest(PersonId, Vec<RingNote>),
    Alert(Address, Vec<String>),
    /// With the cases beside the sample's own.
    List(Box<DayList>, Vec<Case>),
    Listing(Listing, Vec<Case>),
    Welcome(PersonId),
    Measured(PersonId, Measured),
}

impl Sample {
    /// The letter's name, as its template file is called.
    pub fn letter(&self) -> &str {
        self.title.split(',').next().unwrap_or(&self.title)
    }

    pub fn compose(&self, ctx: &Context<'_>) -> Result<Composed, ComposeError> {
        match &self.order {
            SampleOrder::One(order) => compose(order, &self.case, ctx),
            SampleOrder::Digest(to, rings) => {
                let rings: Vec<_> = rings.iter().map(|ring| (ring, &self.case)).collect();
                compose_digest(to, &rings, ctx)
            }
            SampleOrder::Alert(to, what) => compose_alert(to, what, ctx),
            SampleOrder::List(list, others) => {
                let cases = others.iter().chain([&self.case]).map(|c| (c.id, c.clone())).collect();
                compose_list(list, &cases, ctx)
            }
            SampleOrder::Listing(listing, others) => {
                let cases = others.iter().chain([&self.case]).map(|c| (c.id, c.clone())).collect();
                compose_listing(listing, &cases, ctx)
            }
            SampleOrder::Welcome(to) => compose_welcome(to, ctx),
            SampleOrder::Measured(to, measured) => compose_measured(to, measured, Vec::new(), ctx),
        }
    }
}

/// Every letter in every situation, with the people of `policy`. Empty for a policy without an inbox or a person.
pub fn all(policy: &Policy, mailbox: &MailboxName, now: Timestamp) -> Vec<Sample> {
    let Some(scene) = Scene::new(policy, mailbox, now) else { return Vec::new() };
    let mut out = scene.first_letters();
    out.extend(scene.later_letters());
    out.extend(scene.notices());
    out.extend(scene.rings());
    out.extend(scene.answers());
    out.extend(scene.lists());
    out.extend(scene.welcome());
    out
}

/// Who plays, and when.
struct Scene<'a> {
    policy: &'a Policy,
    mailbox: &'a MailboxName,
    now: Timestamp,
    owner: &'a Person,
    authority: &'a Person,
    /// The first kind that is apologised for in words of its own.
    kind: String,
    danger: String,
}

impl<'a> Scene<'a> {
    fn new(policy: &'a Policy, mailbox: &'a MailboxName, now: Timestamp) -> Option<Self> {
        let inbox = policy.inbox(mailbox)?;
        let owner = policy.members(&inbox.team).next().or_else(|| policy.people.first())?;
        let authority = policy.people.iter().find(|p| p.authority).unwrap_or(owner);
        let named = |danger: bool| {
            let sorry = |k: &&Kind| k.name != OTHER && k.danger == danger && k.letter == FirstLetter::Apology;
            let found = policy.kinds.iter().find(|k| sorry(k) && !k.says.is_empty());
            found.map_or_else(|| OTHER.to_owned(), |k| k.name.clone())
        };
        Some(Self { policy, mailbox, now, owner, authority, kind: named(false), danger: named(true) })
    }

    fn hours(&self, hours: i64) -> Timestamp {
        self.now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.now)
    }

    /// An hour of the n-th weekday from now, before it or after: dates as a desk would name them.
    fn weekday(&self, n: i32, hour: i8) -> Timestamp {
        let zone = &self.policy.company.timezone;
        let mut date = self.now.to_zoned(zone.clone()).date();
        let mut left = n.abs();
        while left > 0 {
            date = date.saturating_add(n.signum().days());
            if !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                left -= 1;
            }
        }
        date.at(hour, 0, 0, 0).to_zoned(zone.clone()).map_or(self.now, |zoned| zoned.timestamp())
    }

    fn sample(&self, title: &str, case: Case, letter: Letter) -> Sample {
        let to = match letter {
            _ if letter.is_to_customer() => Recipient::Participant(ParticipantNo(0)),
            Letter::Escalation(_) if !title.contains("owner") => Recipient::Person(self.authority.id.clone()),
            _ => Recipient::Person(self.owner.id.clone()),
        };
        let key = LetterKey(format!("sample:{title}"));
        let order = SampleOrder::One(Box::new(Order { letter, to, key, stale_after: None }));
        Sample { title: title.to_owned(), case, order }
    }

    fn first(&self) -> FirstLetterFacts {
        FirstLetterFacts {
            reader: Some(self.owner.id.clone()),
            by: self.weekday(1, 14),
            opens_at: None,
            late: false,
            wish_known: false,
            danger: false,
            brief: false,
            earlier: Vec::new(),
        }
    }

    fn earlier(&self) -> Vec<EarlierCase> {
        let opened_at = self.hours(-48 * 24);
        vec![EarlierCase { id: CaseId(987), opened_at, kind: self.kind.clone(), subject: "Lamp broken".into() }]
    }

    fn first_letters(&self) -> Vec<Sample> {
        let facts = self.first();
        let closed = FirstLetterFacts { opens_at: Some(self.weekday(1, 9)), ..facts.clone() };
        let stranger = self.stranger();
        let danger = Case { kind: self.danger.clone(), ..self.fresh() };
        let nobody = FirstLetterFacts { reader: None, ..facts.clone() };
        let apology =
            |title: &str, case: Case, facts: FirstLetterFacts| self.sample(title, case, Letter::Apology(facts));
        let ack =
            |title: &str, case: Case, facts: FirstLetterFacts| self.sample(title, case, Letter::Acknowledgement(facts));
        vec![
            apology("apology", self.fresh(), facts.clone()),
            apology(
                "apology, desk closed, not the first time",
                self.fresh(),
                FirstLetterFacts { earlier: self.earlier(), ..closed.clone() },
            ),
            apology(
                "apology, late, desk closed, not the first time",
                self.fresh(),
                FirstLetterFacts { late: true, earlier: self.earlier(), ..closed.clone() },
            ),
            apology(
                "apology, late, wish known",
                self.fresh(),
                FirstLetterFacts { late: true, wish_known: true, ..facts.clone() },
            ),
            apology("apology, unproven sender, nobody assigned", stranger.clone(), nobody.clone()),
            apology("apology, danger", danger, FirstLetterFacts { danger: true, ..closed.clone() }),
            self.sample("after-call", self.called(), self.after_call(facts.clone())),
            self.sample(
                "after-call, wish known, nobody assigned",
                Case { kind: OTHER.to_owned(), owner: None, ..self.called() },
                self.after_call(FirstLetterFacts { wish_known: true, ..nobody.clone() }),
            ),
            self.sample(
                "after-call, danger",
                Case { kind: self.danger.clone(), ..self.called() },
                self.after_call(FirstLetterFacts { danger: true, ..closed.clone() }),
            ),
            ack("acknowledgement", self.fresh(), closed),
            ack("acknowledgement, unproven sender, late", stranger, FirstLetterFacts { late: true, ..nobody }),
            ack("acknowledgement, brief", self.fresh(), FirstLetterFacts { brief: true, ..facts }),
        ]
    }

    fn later_letters(&self) -> Vec<Sample> {
        let holding = |count: u32| HoldingFacts {
            target: if count == 1 { Target::FirstResponse } else { Target::NextUpdate },
            was_due: self.weekday(-1, 14),
            promised: true,
            count,
            next: (count < 3).then(|| self.weekday(1, 16)),
            before: (count > 1).then(|| self.authority.id.clone()),
        };
        let escalated = |named: Option<Timestamp>| Letter::Escalated {
            to: self.authority.id.clone(),
            was_due: self.weekday(-1, 14),
            promised: named.is_none(),
            named,
        };
        let taken = Case { owner: Some(self.authority.id.clone()), ..self.overdue() };
        let mut stranger = self.stranger();
        stranger.owner = None;
        vec![
            self.sample("holding, the first", self.overdue(), Letter::Holding(holding(1))),
            self.sample(
                "holding, the first, after a person's words",
                self.overdue(),
                Letter::Holding(HoldingFacts { target: Target::NextUpdate, promised: false, ..holding(1) }),
            ),
            self.sample("holding, the second", self.overdue(), Letter::Holding(holding(2))),
            self.sample("holding, the third", self.overdue(), Letter::Holding(holding(3))),
            self.sample("holding, the first, unproven sender, nobody assigned", stranger, Letter::Holding(holding(1))),
            self.sample("escalated, not yet taken", self.overdue(), escalated(None)),
            self.sample("escalated, taken", taken, escalated(Some(self.weekday(1, 12)))),
        ]
    }

    fn notices(&self) -> Vec<Sample> {
        let (first, mail) = (MailId(1), MailId(2));
        let mut unowned = Case { owner: None, ..self.stranger() };
        if let Some(mail) = unowned.mails.first_mut() {
            mail.marks = vec!["spam?".into()];
        }
        let wrote = |title: &str, by, writer| {
            let mut case = self.fresh();
            case.mails.push(CaseMail { mail, writer, ..later_mail(self.hours(-1)) });
            self.sample(title, case, Letter::CustomerWrote { mail, by })
        };
        let colleague = self.authority.id.clone();
        let failed = |stopped| Letter::DeliveryFailed {
            name: "apology".into(),
            to: customer_address(),
            answer: "550 5.1.1 <klaus@customer.example>: user unknown".into(),
            stopped,
        };
        vec![
            self.sample("new-case", self.fresh(), Letter::NewCase { mail: first }),
            self.sample("new-case, unproven sender, nobody assigned", unowned, Letter::NewCase { mail: first }),
            wrote("customer-wrote", WroteBy::Customer, Writer::Participant(ParticipantNo(0))),
            wrote("customer-wrote, a participant", WroteBy::Participant, Writer::Participant(ParticipantNo(1))),
            wrote("customer-wrote, an outsider", WroteBy::Outsider, Writer::Outsider(other_address())),
            wrote("customer-wrote, a machine", WroteBy::Machine, Writer::Machine),
            wrote(
                "customer-wrote, one of us",
                WroteBy::Person { id: colleague.clone(), answered: false, proven: false },
                Writer::Person(colleague.clone()),
            ),
            wrote(
                "customer-wrote, one of us answered",
                WroteBy::Person { id: colleague.clone(), answered: true, proven: true },
                Writer::Person(colleague),
            ),
            self.sample("seems-away", self.fresh(), Letter::SeemsAway { person: self.authority.id.clone() }),
            self.sample("case-story", self.overdue(), Letter::CaseStory { files: false }),
            self.sample("delivery-failed", self.fresh(), failed(false)),
            self.sample("delivery-failed, address given up", self.fresh(), failed(true)),
        ]
    }

    /// Two hours old, answered by nobody yet.
    fn fresh(&self) -> Case {
        let opened_at = self.hours(-2);
        Case {
            subject: "Lamp broken again".into(),
            participants: vec![
                participant(0, customer_address(), "Klaus Berger"),
                participant(1, other_address(), "Erika Berger"),
            ],
            owner: Some(self.owner.id.clone()),
            team: self.policy.inbox(self.mailbox).map(|i| i.team.clone()).unwrap_or_default(),
            kind: self.kind.clone(),
            sla: self.policy.inbox(self.mailbox).map(|i| i.sla.clone()).unwrap_or_default(),
            language: "en".into(),
            clocks: vec![self.clock(self.weekday(1, 14), ClockState::Running)],
            told: Told {
                first_letter_at: Some(opened_at),
                named: Some(NamedDate {
                    by: self.weekday(1, 14),
                    person: Some(self.owner.id.clone()),
                    target: Target::FirstResponse,
                    version: 1,
                }),
                ..Told::default()
            },
            mails: vec![mail(opened_at)],
            ..Case::blank(CaseId(1042), self.mailbox.clone(), opened_at)
        }
    }

    fn clock(&self, due_at: Timestamp, state: ClockState) -> Clock {
        let started_at = self.hours(-48);
        Clock { target: Target::FirstResponse, n: 0, version: 1, started_at, due_at, state }
    }

    /// The first answer was due an hour ago; the wish is known, one ring has rung.
    fn overdue(&self) -> Case {
        let due_at = self.hours(-1);
        let opened_at = self.weekday(-3, 10);
        let mut case = Case { opened_at, state: State::Open, ..self.fresh() };
        case.wish = Some("I want my money back. Not a third lamp.".into());
        case.clocks = vec![self.clock(due_at, ClockState::Broken { at: due_at })];
        case.mails = vec![mail(opened_at)];
        case.told.first_letter_at = Some(opened_at);
        case.told.holding = 1;
        case.told.unasked = vec![UnaskedLetter { at: due_at, letter: "holding".into() }];
        case.told.named = None;
        case.rings = vec![Ring {
            rung: 1,
            to: RungTo::Lead,
            acknowledge: None,
            tell_customer: false,
            target: Target::FirstResponse,
            n: 0,
            version: 1,
            due_at,
            state: RingState::Rung { at: due_at, person: self.owner.id.clone(), taken_by: None },
        }];
        case
    }

    /// Nothing is proven, nothing is known.
    fn stranger(&self) -> Case {
        let mut case = Case { kind: OTHER.to_owned(), subject: String::new(), ..self.fresh() };
        for participant in &mut case.participants {
            participant.name = None;
            participant.authenticated = false;
        }
        case
    }
}

fn participant(no: i64, address: Address, name: &str) -> Participant {
    let name = Some(name.to_owned());
    Participant { no: ParticipantNo(no), address, name, authenticated: true, mentioned_only: false }
}

fn customer_address() -> Address {
    constant("klaus@customer.example")
}

fn other_address() -> Address {
    constant("erika@customer.example")
}

/// Every test of the letters proves that these constants are addresses.
fn constant(address: &str) -> Address {
    Address::parse(address).unwrap_or_else(|| unreachable!("a good address"))
}

fn later_mail(at: Timestamp) -> CaseMail {
    CaseMail {
        message_id: MessageId::new("lamp-3@customer.example"),
        words: "One more thing: please do not send the courier before six, nobody is at home.".into(),
        ..mail(at)
    }
}

fn mail(at: Timestamp) -> CaseMail {
    CaseMail {
        mail: MailId(1),
        message_id: MessageId::new("lamp-2@customer.example"),
        at,
        writer: Writer::Participant(ParticipantNo(0)),
        words: "Hello,\n\nthe lamp is broken again, the same hinge as in October. It came off in my hand.\n\n\
                I want my money back. Not a third lamp."
            .into(),
        subject: Some("Lamp broken again".into()),
        files: 0,
        acted: false,
        marks: Vec::new(),
    }
}
