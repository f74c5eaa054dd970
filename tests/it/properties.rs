//! Whatever happens, in whatever order: the rules never panic, never spin, never say the same thing twice.
//!
//! Random lives of a case under a few shapes of house: mails of everybody, wakings at any later time, letters that
//! fail or grow stale, facts that change. What must hold is asked after every event.

use std::collections::BTreeSet;

use amends::decide::calendar::Span;
use amends::decide::case::{Case, Clock, ClockState, Door, Priority, RingState, State, Target, Writer};
use amends::decide::effect::{Effect, Letter, LetterKey, Recipient};
use amends::decide::event::{Age, Answer, Event, Facts, Incoming, MailClass, OtherCase, Proof, StaffMail};
use amends::decide::policy::{Assign, Policy, RungAt, RungTo};
use amends::decide::{Decision, decide};
use amends::mail::{CaseId, LetterId, MailId, ParticipantNo, PersonId};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use crate::calendar::hours::span;
use crate::rules::story::{absence, address, blank, house, mail, rung, staff_mail};

/// A step of a life: how long after the last, what happens, and what the world looks like then.
#[derive(Debug, Clone)]
struct Step {
    after: After,
    event: Event,
    facts: Facts,
}

#[derive(Debug, Clone, Copy)]
enum After {
    Seconds(i64),
    /// Exactly when the case is next due: the hour at which most goes wrong.
    WhenDue,
}

fn any_house() -> impl Strategy<Value = Policy> {
    let calendars = select(vec!["office", "early", "always"]);
    let spans = || select(vec!["1m", "1h", "4h", "1d", "3d", "1w"]).prop_map(span);
    (calendars, spans(), spans(), spans(), any_ladder(), any::<(bool, bool, bool)>()).prop_map(
        |(calendar, first, next, resolution, ladder, (round, away, lists))| {
            let mut policy = Policy { lists, ..house() };
            let sla = policy.slas.get_mut("standard").expect("the SLA");
            sla.calendar = calendar.into();
            (sla.first_response, sla.next_update, sla.resolution) = (first, next, resolution);
            sla.ladder = ladder;
            let early = amends::decide::policy::Sla { name: "early".into(), calendar: "early".into(), ..sla.clone() };
            policy.slas.insert("early".into(), early);
            policy.teams[0].assign = if round { Assign::RoundRobin } else { Assign::Nobody };
            if away {
                policy.people[2].away = vec![absence("2026-11-01", "2026-12-01", Some("ben"))];
                policy.people[1].hours = "early".into();
            }
            policy
        },
    )
}

/// Up to five rungs, in the order of their hour as the configuration demands, on any targets.
fn any_ladder() -> impl Strategy<Value = Vec<amends::decide::policy::Rung>> {
    let at = select(vec![
        RungAt::Percent(1),
        RungAt::Percent(75),
        RungAt::After(Span::ZERO),
        RungAt::After(Span::Working(SignedDuration::from_hours(2))),
        RungAt::After(Span::Days(1)),
    ]);
    let to = select(vec![
        RungTo::Owner,
        RungTo::Lead,
        RungTo::Authority,
        RungTo::Person(PersonId::new("ben")),
        RungTo::Person(PersonId::new("gone")),
    ]);
    let on = select(vec![
        vec![Target::FirstResponse],
        vec![Target::FirstResponse, Target::NextUpdate],
        vec![Target::FirstResponse, Target::NextUpdate, Target::Resolution],
    ]);
    let take = select(vec![None, Some(Span::ZERO), Some(span("30m")), Some(span("1d"))]);
    let one = (at, to, on, take, any::<bool>()).prop_map(|(at, to, on, acknowledge, tell_customer)| {
        amends::decide::policy::Rung { on, acknowledge, tell_customer, ..rung(at, to) }
    });
    prop::collection::vec(one, 0..5).prop_map(|mut ladder| {
        ladder.sort_by_key(|r| match r.at {
            RungAt::Percent(part) => (0, i64::from(part)),
            RungAt::After(Span::Working(time)) => (1, time.as_secs()),
            RungAt::After(_) => (2, 0),
        });
        ladder
    })
}

fn any_mail() -> impl Strategy<Value = Incoming> {
    let writer = select(vec![
        Writer::Participant(ParticipantNo(0)),
        Writer::Participant(ParticipantNo(0)),
        Writer::Participant(ParticipantNo(1)),
        Writer::Person(PersonId::new("ben")),
        Writer::Outsider(address("else@where.example")),
        Writer::Machine,
        Writer::Unknown,
    ]);
    let class = select(vec![
        MailClass::Human,
        MailClass::Human,
        MailClass::Automatic,
        MailClass::Bulk,
        MailClass::Malformed,
        MailClass::OwnFrom,
    ]);
    let answer = select(vec![Answer::Yes, Answer::Yes, Answer::No("may not".into())]);
    let age = select(vec![Age::Fresh, Age::Late, Age::Old]);
    let words = select(vec!["", "It never came?", "There is smoke!", "My lawyer writes", "parcel", "Ümläut ?"]);
    (writer, class, answer, age, words, any::<(bool, bool)>()).prop_map(
        |(writer, class, answer, age, words, (quiet, sender))| {
            let plain = mail("Re: My order", words);
            let from = plain.from.clone().filter(|_| sender);
            Incoming { writer, class, answer, age, quiet, from, ..plain }
        },
    )
}

fn any_staff_mail() -> impl Strategy<Value = StaffMail> {
    let person = select(vec!["anna", "anna", "ben", "lena", "otto"]);
    let words = select(vec![
        "",
        "Dear Klaus, it is on its way.",
        "Which one?",
        "#take",
        "#fixed\nThe new one is with you.",
        "#fixed",
        "#fixed yesterday",
        "#wait 3d",
        "#wait",
        "#update It is packed.",
        "#called he is glad",
        "#note grumpy",
        "#assign ben",
        "#assign care",
        "#close",
        "#reopen\nSo we begin again.",
        "#send",
        "#confirm",
        "#help",
        "#fixd",
        "#priority urgent",
        "#priority low",
        "#kind danger",
        "#kind other",
        "#sla early",
        "#tag a -b",
        "#nudge",
        "#escalate he called",
        "#spam",
        "#show",
        "#list team",
        "#away until 3d stand-in ben",
        "#back",
        "#split",
        "#merge 7",
        "#ask ben where is it?",
        "#ask care by 2d",
        "#assign all anna",
        "#cc erika@berger.example",
        "Hello\n#close\nbye",
    ]);
    // The mail that a confirmation is about: one of the first of the life.
    let door = prop_oneof![
        4 => Just(Door::Reply),
        2 => Just(Door::Internal),
        1 => Just(Door::None),
        2 => (1i64..20).prop_map(|asked| Door::Confirm(MailId(asked))),
    ];
    let proof = select(vec![Proof::From, Proof::Token, Proof::Aligned, Proof::Both, Proof::Both]);
    let often = || prop::bool::weighted(0.9);
    let rarely = || prop::bool::weighted(0.1);
    (person, words, door, proof, often(), often(), rarely(), rarely()).prop_map(
        |(person, words, door, proof, answers_case, may_command, like_a_machine, leaks)| StaffMail {
            door,
            proof,
            answers_case,
            may_command,
            out_of_office: like_a_machine,
            like_a_machine: like_a_machine.then(|| "it reads so".to_owned()),
            leak: leaks.then(|| "our notice".to_owned()),
            ..staff_mail(person, words)
        },
    )
}

fn any_event() -> impl Strategy<Value = Event> {
    let names = || select(vec!["apology", "acknowledgement", "holding", "escalated", "new-case", "delivery-failed"]);
    let to = select(vec!["klaus@berger.example", "anna@northwind.example", "lena@northwind.example"]);
    prop_oneof![
        8 => Just(Event::Due),
        4 => any_mail().prop_map(Event::Wrote),
        5 => any_staff_mail().prop_map(Event::Staff),
        1 => Just(Event::Delayed { letter: LetterId(0), to: address("klaus@berger.example"), answer: "451".into() }),
        1 => Just(Event::Unsendable { mail: MailId(0), person: PersonId::new("anna"), why: "no".into() }),
        1 => (names(), to, any::<bool>()).prop_map(|(name, to, stopped)| Event::Undelivered {
            letter: LetterId(0),
            name: name.into(),
            to: address(to),
            answer: "550".into(),
            stopped,
        }),
        1 => names().prop_map(|name| Event::Stale { name: name.into() }),
        1 => Just(Event::Linked { from: CaseId(3) }),
    ]
}

fn any_facts() -> impl Strategy<Value = Facts> {
    (0u32..6, prop::bool::weighted(0.1), any::<bool>()).prop_map(|(rings, address_stopped, other)| Facts {
        rings_last_hour: [(PersonId::new("lena"), rings)].into(),
        address_stopped,
        other_open: other.then_some(OtherCase { id: CaseId(3), first_letter_at: None }),
        ..Facts::default()
    })
}

fn any_step() -> impl Strategy<Value = Step> {
    let hour = 3_600i64;
    let after = prop_oneof![
        4 => Just(After::WhenDue),
        2 => (0..4 * hour).prop_map(After::Seconds),
        2 => (0..72 * hour).prop_map(After::Seconds),
        1 => (0..40 * 24 * hour).prop_map(After::Seconds),
    ];
    (after, any_event(), any_facts()).prop_map(|(after, event, facts)| Step { after, event, facts })
}

fn any_life() -> impl Strategy<Value = (Policy, i64, Incoming, Vec<Step>)> {
    // The week of 16 November 2026, to the second: also across the clock change four months on.
    (any_house(), 0i64..604_800, any_mail(), prop::collection::vec(any_step(), 1..40))
}

/// A case as it lives, and all that was asked for in its name.
struct Life {
    policy: Policy,
    now: Timestamp,
    case: Case,
    keys: BTreeSet<LetterKey>,
    mails: i64,
    /// When unasked letters went.
    unasked: Vec<Timestamp>,
    holding: u32,
    /// A letter has named a date to the customer.
    dated: bool,
}

impl Life {
    fn begin(policy: Policy, secs: i64, first: Incoming) -> Result<Self, TestCaseError> {
        let now = "2026-11-16T00:00:00Z".parse::<Timestamp>().expect("an instant") + SignedDuration::from_secs(secs);
        let case = blank();
        let mut life =
            Self { policy, now, case, keys: BTreeSet::new(), mails: 0, unasked: Vec::new(), holding: 0, dated: false };
        life.event(&Facts::default(), Event::Opened(first))?;
        Ok(life)
    }

    fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        let due = self.case.next_due().unwrap_or(self.now);
        self.now = match step.after {
            After::Seconds(secs) => self.now + SignedDuration::from_secs(secs),
            After::WhenDue => due.max(self.now),
        };
        self.event(&step.facts, step.event)
    }

    fn event(&mut self, facts: &Facts, mut event: Event) -> Result<(), TestCaseError> {
        self.mails += 1;
        match &mut event {
            Event::Opened(mail) | Event::Wrote(mail) => (mail.mail, mail.at) = (MailId(self.mails), self.now),
            Event::Undelivered { letter, .. } => *letter = LetterId(self.mails),
            Event::Staff(staff) | Event::OpenedByStaff(staff) => {
                (staff.mail.mail, staff.mail.at) = (MailId(self.mails), self.now)
            }
            Event::Delayed { letter, .. } => *letter = LetterId(self.mails),
            Event::Unsendable { mail, .. } => *mail = MailId(self.mails),
            Event::Merged(_)
            | Event::SplitOff(_)
            | Event::HandedOver { .. }
            | Event::Due
            | Event::ProvenLater(_)
            | Event::Stale { .. }
            | Event::Linked { .. } => {}
        }
        let before = self.case.clone();
        let Decision { mut case, effects } = decide(&self.policy, facts, self.case.clone(), &event, self.now);
        case.log.clear();
        self.case = case;
        self.what_ended_stays_ended(&before)?;
        self.the_case_holds(&event)?;
        self.nobody_spoke_without_leave(&event, &before, &effects)?;
        effects.iter().try_for_each(|effect| self.asked(effect))?;
        // What was withdrawn unsent counts for no day.
        if matches!(event, Event::Stale { .. }) {
            let asked = self.case.told.unasked.iter().filter(|l| l.letter != "check-in");
            self.unasked = asked.map(|l| l.at).collect();
        }
        // A person's word begins the count anew.
        self.holding = self.case.told.holding;
        Ok(())
    }

    /// A clock that has ended and a ring that has rung are never touched again.
    fn what_ended_stays_ended(&self, before: &Case) -> Result<(), TestCaseError> {
        let lives = |c: &Clock| c.is_running() || matches!(c.state, ClockState::Paused { .. });
        for (was, is) in before.clocks.iter().zip(&self.case.clocks).filter(|(was, _)| !lives(was)) {
            prop_assert_eq!(was, is);
        }
        for (was, is) in before.rings.iter().zip(&self.case.rings).filter(|(was, _)| was.state != RingState::Planned) {
            prop_assert_eq!((was.rung, was.person(), was.due_at), (is.rung, is.person(), is.due_at));
        }
        prop_assert!(self.case.clocks.len() >= before.clocks.len() && self.case.rings.len() >= before.rings.len());
        Ok(())
    }

    /// Words of staff reach a customer only by the door for them, proven, and by who may; else nothing changes but the
    /// case's mails and what waits.
    fn nobody_spoke_without_leave(
        &self,
        event: &Event,
        before: &Case,
        effects: &[Effect],
    ) -> Result<(), TestCaseError> {
        let Event::Staff(mail) = event else { return Ok(()) };
        let to_customer = |e: &&Effect| matches!(e, Effect::Write(o) if o.letter.is_to_customer());
        let speaks = effects.iter().filter(to_customer).count() > 0;
        let confirms = matches!(mail.door, Door::Confirm(_)) && mail.proof >= Proof::Token;
        let proven = mail.proof == Proof::Both || confirms;
        prop_assert!(!speaks || (proven && mail.may_command), "{mail:?} reached the customer");
        if !proven || !mail.may_command {
            let same = |case: &Case| (case.state, case.owner.clone(), case.clocks.clone(), case.mending.clone());
            prop_assert_eq!(same(before), same(&self.case), "{:?} moved the case", mail);
        }
        for effect in effects.iter().filter(to_customer) {
            let Effect::Write(order) = effect else { continue };
            let Letter::Reply { mail: relayed, by, .. } = &order.letter else { continue };
            prop_assert_eq!(by, &mail.person);
            let held = before.held.iter().find(|h| h.mail == *relayed);
            prop_assert!(held.map_or(mail.door == Door::Reply, |h| h.door == Door::Reply && h.person == *by));
        }
        Ok(())
    }

    fn the_case_holds(&self, event: &Event) -> Result<(), TestCaseError> {
        if *event == Event::Due {
            prop_assert!(self.case.next_due().is_none_or(|at| at > self.now), "the ticker would spin");
        }
        if self.case.is_closed() {
            prop_assert_eq!(self.case.running().count(), 0, "a closed case runs a clock");
            prop_assert_eq!(self.case.next_due(), None, "a closed case has something to wait for");
        }
        for target in Target::ALL.into_iter().filter(|t| !matches!(t, Target::Acknowledge | Target::Ask)) {
            prop_assert!(self.case.running().filter(|c| c.target == target).count() <= 1, "two runs of {target:?}");
        }
        let kept = serde_json::to_string(&self.case).expect("a case is written");
        prop_assert_eq!(&serde_json::from_str::<Case>(&kept).expect("and read"), &self.case);
        Ok(())
    }

    fn asked(&mut self, effect: &Effect) -> Result<(), TestCaseError> {
        match effect {
            Effect::Write(order) => {
                prop_assert!(self.keys.insert(order.key.clone()), "{} is asked for twice", order.key.0);
                if let Recipient::Participant(no) = order.to {
                    prop_assert!(self.case.participant(no).is_some_and(|p| !p.mentioned_only), "a letter to nobody");
                }
                self.told(&order.letter)
            }
            Effect::Fold { ring, .. } => {
                prop_assert!(self.keys.insert(ring.key.clone()), "{} is asked for twice", ring.key.0);
                Ok(())
            }
            // Withdrawn with the date they named: the letters begin anew.
            Effect::Void { .. } => {
                self.holding = 0;
                Ok(())
            }
            Effect::List { key, .. } => {
                prop_assert!(self.keys.insert(key.clone()), "{} is asked for twice", key.0);
                Ok(())
            }
            Effect::Absence { .. } | Effect::HandOver { .. } => Ok(()),
            Effect::Raise { .. } | Effect::Split(_) | Effect::SetAside { .. } | Effect::Alert { .. } => Ok(()),
        }
    }

    fn told(&mut self, letter: &Letter) -> Result<(), TestCaseError> {
        match letter {
            Letter::Apology(facts) | Letter::Acknowledgement(facts) | Letter::AfterCall { facts, .. } => {
                self.dated = true;
                prop_assert!(facts.by > self.now, "a date that has passed");
                let clock = self.case.clock(Target::FirstResponse);
                prop_assert!(clock.is_some_and(|c| c.is_running() && c.due_at == facts.by), "no clock watches it");
            }
            Letter::Holding(facts) => {
                self.holding += 1;
                prop_assert!(facts.count == self.holding && self.holding <= 3);
                prop_assert_eq!(facts.next.is_none(), facts.count == 3);
                prop_assert!(facts.was_due <= self.now && facts.next.is_none_or(|at| at > self.now));
                let clock = self.case.running().find(|c| c.target == Target::NextUpdate).map(|c| c.due_at);
                prop_assert!(facts.next.is_none() || facts.next == clock, "no clock watches it");
                self.unasked()?;
            }
            Letter::Escalated { was_due, named, .. } => {
                prop_assert!(*was_due <= self.now && named.is_none_or(|at| at > self.now));
                self.unasked()?;
            }
            Letter::Update { next, .. } => self.dated |= next.is_some(),
            Letter::SorryAgain { by, .. } => self.dated |= by.is_some(),
            Letter::Escalation(_)
            | Letter::NewCase { .. }
            | Letter::CaseStory { .. }
            | Letter::SeemsAway { .. }
            | Letter::Question { .. }
            | Letter::CustomerWrote { .. }
            | Letter::DeliveryFailed { .. }
            | Letter::Reply { .. }
            | Letter::Fixed { .. }
            | Letter::Nudge { .. }
            | Letter::CheckIn { .. }
            | Letter::Recovered
            | Letter::Transcript(_)
            | Letter::Confirm { .. }
            | Letter::Reminder(_) => {}
        }
        Ok(())
    }

    /// One a day, and only to somebody who was sent a first letter.
    fn unasked(&mut self) -> Result<(), TestCaseError> {
        prop_assert!(self.dated, "no letter ever named a date to them");
        let calendar = self.policy.calendar(&self.policy.slas["standard"].calendar);
        if let Some(last) = self.unasked.last() {
            prop_assert!(!calendar.same_day(*last, self.now), "two unasked letters on one day");
        }
        self.unasked.push(self.now);
        Ok(())
    }

    /// Closed as a later step of the course will close it.
    fn close(&mut self) {
        let at = self.now;
        self.case.clocks.iter_mut().filter(|c| c.is_running()).for_each(|c| c.state = ClockState::Stopped { at });
        let planned = self.case.rings.iter_mut().filter(|r| r.state == RingState::Planned);
        planned.for_each(|r| r.state = RingState::Skipped { at });
        self.case.told.waiting.clear();
        (self.case.state, self.case.closed_at) = (State::Closed, Some(at));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_breaks_the_rules((policy, secs, first, steps) in any_life()) {
        let mut life = Life::begin(policy, secs, first)?;
        for step in steps {
            life.step(step)?;
        }
    }

    #[test]
    fn a_closed_case_runs_nothing_until_it_is_brought_back(
        (policy, secs, first, steps) in any_life(), closes in 0usize..20, urgent in any::<bool>(),
    ) {
        let mut life = Life::begin(policy, secs, first)?;
        for (at, step) in steps.into_iter().enumerate() {
            if at == closes {
                life.close();
            }
            if urgent {
                life.case.priority = Priority::Urgent;
            }
            life.step(step)?;
        }
    }

    #[test]
    fn a_case_left_alone_falls_silent((policy, secs, first, _) in any_life()) {
        let mut life = Life::begin(policy, secs, first)?;
        let mut wakings = 0;
        while let Some(due) = life.case.next_due() {
            life.now = due.max(life.now);
            life.event(&Facts::default(), Event::Due)?;
            wakings += 1;
            prop_assert!(wakings < 200, "it wakes for ever: {:#?}", life.case);
        }
    }

    #[test]
    fn an_outage_rings_each_target_once_and_writes_one_letter(
        (policy, secs, first, _) in any_life(), days in 20i64..60,
    ) {
        let mut life = Life::begin(policy, secs, first)?;
        let before = life.case.rings.clone();
        life.now += SignedDuration::from_hours(24 * days);
        life.event(&Facts::default(), Event::Due)?;
        prop_assert!(life.unasked.len() <= 1);
        // A ring to be taken in no time rings the next as well: those houses asked for it.
        let patient = life.policy.slas["standard"].ladder.iter().all(|r| r.acknowledge != Some(Span::ZERO));
        for target in [Target::FirstResponse, Target::Resolution] {
            let rang = |r: &&amends::decide::case::Ring| r.target == target && r.person().is_some();
            let count = life.case.rings.iter().filter(rang).count() - before.iter().filter(rang).count();
            prop_assert!(count <= 1 || !patient, "{target:?} rang {count} times");
        }
    }
}
