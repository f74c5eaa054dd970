//! Cases in every position towards their owner's day: under which heading each stands, or that it does not.

use jiff::civil::date;

use super::*;
use crate::decide::case::Participant;
use crate::decide::policy::RungTo;
use crate::learn::tests::{at, away, id, policy};
use crate::mail::{Address, MailboxName, ParticipantNo};

/// Monday, 2 March 2026.
fn due(kind: ListKind) -> Due {
    let (from, to) = match kind {
        ListKind::Today => ("2026-03-02T09:00", "2026-03-02T15:30"),
        ListKind::BeforeYouGo => ("2026-03-02T15:30", "2026-03-02T17:00"),
    };
    Due { kind, person: id("mei"), date: date(2026, 3, 2), at: at(from), until: at(to) }
}

fn case(number: i64, clocks: Vec<Clock>) -> Case {
    let customer = Participant {
        no: ParticipantNo(0),
        address: Address::parse("klaus@c.example").expect("an address"),
        name: None,
        authenticated: true,
        mentioned_only: false,
    };
    Case {
        state: State::Open,
        subject: "Lamp".into(),
        participants: vec![customer],
        owner: Some(id("mei")),
        team: "care".into(),
        kind: "other".into(),
        sla: "standard".into(),
        language: "en".into(),
        clocks,
        ..Case::blank(CaseId(number), MailboxName::new("support"), at("2026-02-26T10:00"))
    }
}

fn clock(target: Target, version: u32, due_at: &str, state: ClockState) -> Clock {
    Clock { target, n: 0, version, started_at: at("2026-02-26T10:00"), due_at: at(due_at), state }
}

fn running(target: Target, due_at: &str) -> Clock {
    clock(target, 0, due_at, ClockState::Running)
}

fn broken(target: Target, due_at: &str) -> Clock {
    clock(target, 0, due_at, ClockState::Broken { at: at(due_at) })
}

fn ring(target: Target, state: RingState) -> Ring {
    Ring {
        rung: 0,
        to: RungTo::Owner,
        acknowledge: None,
        tell_customer: false,
        target,
        n: 0,
        version: 0,
        due_at: at("2026-02-27T10:00"),
        state,
    }
}

fn listed(kind: ListKind, cases: &[Case], last: Option<&str>) -> Option<DayList> {
    let cases: Vec<&Case> = cases.iter().collect();
    let rows = Rows { cases: &cases, last: last.map(at), ..Rows::default() };
    let due = due(kind);
    day_list(&policy(), &due, rows, due.at)
}

fn asks(kind: ListKind, case: Case) -> Option<Asks> {
    let list = listed(kind, &[case], Some("2026-02-27T09:00"))?;
    list.items.shown.first().map(|i| i.asks)
}

#[test]
fn a_case_stands_under_what_presses_most() {
    use Target::{FirstResponse, NextUpdate, Promise, Resolution};
    let (overdue, due, soon) = (Some(Asks::Overdue), Some(Asks::Due), Some(Asks::Soon));
    let today = "2026-03-02T16:00";
    let ring_at = |when: &str| ring(Resolution, RingState::Listed { at: at(when) });
    /// What it shows, its clocks and ring, and what `today` and `before-you-go` ask for it.
    type Row = (&'static str, Vec<Clock>, Option<Ring>, Option<Asks>, Option<Asks>);
    let table: Vec<Row> = vec![
        ("nothing runs", vec![], None, None, None),
        ("an answer today", vec![running(FirstResponse, today)], None, due, due),
        ("a promise today", vec![running(Promise, today)], None, due, None),
        ("at midnight", vec![running(Resolution, "2026-03-03T00:00")], None, due, None),
        ("tomorrow morning", vec![running(NextUpdate, "2026-03-03T11:00")], None, None, due),
        ("tomorrow afternoon", vec![running(NextUpdate, "2026-03-03T14:00")], None, None, None),
        ("missed", vec![broken(FirstResponse, "2026-02-27T14:00")], None, overdue, overdue),
        ("missed by the desk alone", vec![broken(Resolution, "2026-02-27T14:00")], None, overdue, None),
        ("in this minute", vec![running(NextUpdate, "2026-03-02T09:00")], None, overdue, overdue),
        ("a ring", vec![running(Resolution, "2026-03-09T17:00")], Some(ring_at("2026-02-27T10:00")), soon, None),
        ("an old ring", vec![running(Resolution, "2026-03-09T17:00")], Some(ring_at("2026-02-26T10:00")), None, None),
        (
            "a ring of what was done",
            vec![clock(Resolution, 0, "2026-03-09T17:00", ClockState::Met { at: at("2026-02-27T11:00") })],
            Some(ring_at("2026-02-27T10:00")),
            None,
            None,
        ),
        (
            "standing still",
            vec![clock(NextUpdate, 0, today, ClockState::Paused { since: at("2026-02-27T11:00") })],
            None,
            None,
            None,
        ),
    ];
    for (what, clocks, ring, morning, evening) in table {
        let mut case = case(1042, clocks);
        case.rings.extend(ring);
        assert_eq!(asks(ListKind::Today, case.clone()), morning, "{what}, today");
        assert_eq!(asks(ListKind::BeforeYouGo, case), evening, "{what}, before you go");
    }
}

#[test]
fn a_missed_date_is_settled_by_a_persons_word_and_a_desks_own_by_a_new_one() {
    let missed = case(1042, vec![broken(Target::FirstResponse, "2026-02-27T14:00")]);
    let mut answered = missed.clone();
    answered.told.person_wrote_at = Some(at("2026-02-27T15:00"));
    assert_eq!(asks(ListKind::Today, answered), None);
    let mut before = missed.clone();
    before.told.person_wrote_at = Some(at("2026-02-27T13:00"));
    assert_eq!(asks(ListKind::Today, before), Some(Asks::Overdue));
    let fixed = Case { state: State::Fixed, ..missed };
    assert_eq!(asks(ListKind::Today, fixed), None);
    let mut new_date = case(1042, vec![broken(Target::Promise, "2026-02-27T14:00")]);
    new_date.clocks.push(clock(Target::Promise, 1, "2026-03-05T14:00", ClockState::Running));
    assert_eq!(asks(ListKind::Today, new_date), None);
}

#[test]
fn an_overdue_case_says_which_date_counts_now() {
    let named = clock(Target::NextUpdate, 0, "2026-03-03T16:00", ClockState::Running);
    let case = case(1042, vec![broken(Target::FirstResponse, "2026-02-27T14:00"), named]);
    let list = listed(ListKind::Today, &[case], None).expect("a list");
    assert_eq!(list.items.shown[0].at, at("2026-02-27T14:00"));
    assert_eq!(list.items.shown[0].next, Some(at("2026-03-03T16:00")));
}

#[test]
fn whom_we_asked_in_vain_stands_there_only_while_we_wait() {
    let mut case = case(1042, vec![broken(Target::CustomerSilent, "2026-02-27T14:00")]);
    assert_eq!(asks(ListKind::Today, case.clone()), None);
    case.state = State::Waiting;
    assert_eq!(asks(ListKind::Today, case.clone()), Some(Asks::Silent));
    assert_eq!(asks(ListKind::BeforeYouGo, case), None);
}

#[test]
fn what_presses_stands_first_and_the_rest_is_a_number() {
    let answer = |n: i64, due_at: &str| case(n, vec![running(Target::FirstResponse, due_at)]);
    let cases = [
        answer(1, "2026-03-02T16:00"),
        answer(2, "2026-03-02T10:00"),
        case(3, vec![broken(Target::NextUpdate, "2026-02-27T14:00")]),
        answer(4, "2026-03-04T10:00"),
        case(5, vec![]),
    ];
    let list = listed(ListKind::Today, &cases, None).expect("a list");
    let order: Vec<i64> = list.items.shown.iter().map(|i| i.case.0).collect();
    assert_eq!((order, list.rest), (vec![3, 2, 1], 2));
}

#[test]
fn a_list_is_bounded_and_says_how_many_more() {
    let cases: Vec<Case> =
        (1..=40).map(|n| case(n, vec![running(Target::FirstResponse, "2026-03-02T16:00")])).collect();
    let list = listed(ListKind::Today, &cases, None).expect("a list");
    assert_eq!((list.items.shown.len(), list.items.more, list.items.total()), (30, 10, 40));
}

#[test]
fn with_nothing_to_read_there_is_no_list() {
    assert_eq!(listed(ListKind::Today, &[], None), None);
    assert_eq!(listed(ListKind::Today, &[case(1, vec![])], None), None, "that cases are open is no news");
    let parked = ParkedMail { at: at("2026-03-01T10:00"), from: None, subject: None, sign: "List-Id".into() };
    let rows = || Rows { parked: Part::of(vec![parked.clone()]), ..Rows::default() };
    let (morning, evening) = (due(ListKind::Today), due(ListKind::BeforeYouGo));
    assert!(day_list(&policy(), &morning, rows(), morning.at).is_some());
    assert_eq!(day_list(&policy(), &evening, rows(), evening.at), None, "set aside is read in the morning");
}

#[test]
fn what_a_person_did_is_one_entry_a_case() {
    let line = |case: i64, when: &str, what: &str| {
        (CaseId(case), LogLine { at: at(when), who: "mei".into(), what: what.into() })
    };
    let log = vec![
        line(2, "2026-03-02T09:10", "wrote"),
        line(1, "2026-03-02T10:00", "wrote"),
        line(1, "2026-03-02T10:00", "wrote to the customer"),
        line(2, "2026-03-02T11:00", "wrote"),
        line(1, "2026-03-02T12:00", "called it fixed"),
    ];
    let evening = due(ListKind::BeforeYouGo);
    let list = day_list(&policy(), &evening, Rows { log, ..Rows::default() }, evening.at).expect("a list");
    let told: Vec<(i64, String)> = list.acts.shown.iter().map(|a| (a.case.0, a.what.join("; "))).collect();
    assert_eq!(told, [(2, "wrote".into()), (1, "wrote to the customer; called it fixed".into())]);
}

#[test]
fn a_stand_in_reads_the_cases_of_the_absent_and_is_told_whose_they_are() {
    let mut policy = policy();
    away(&mut policy, "ada", Some("mei"));
    away(&mut policy, "kim", None);
    let (during, after) = (at("2026-03-02T09:00"), at("2026-03-09T09:00"));
    assert_eq!(owners_read_by(&policy, &id("mei"), during), [id("mei"), id("ada")]);
    assert_eq!(owners_read_by(&policy, &id("mei"), after), [id("mei")]);
    assert_eq!(owners_read_by(&policy, &id("joe"), during), [id("joe")]);
    let mut case = case(1042, vec![running(Target::FirstResponse, "2026-03-02T16:00")]);
    case.owner = Some(id("ada"));
    let list = listed(ListKind::Today, &[case], None).expect("a list");
    assert_eq!(list.items.shown[0].standing_in_for, Some(id("ada")));
}
