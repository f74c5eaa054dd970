//! Rings: in whose hours, who stands in, what is passed over, what folds.

use super::story::{Story, absence, house, mail, rung};
use crate::calendar::hours::span;
use amends::decide::calendar::Span;
use amends::decide::case::{Door, Priority, Target};
use amends::decide::event::Proof;
use amends::decide::policy::{Policy, Rung, RungAt, RungTo};
use amends::mail::PersonId;

/// The house with another ladder.
fn with(ladder: Vec<Rung>) -> Policy {
    let mut policy = house();
    policy.slas.get_mut("standard").expect("the SLA").ladder = ladder;
    policy
}

/// Rings only, of a case that nobody touches.
fn rings(policy: Policy, until: &str) -> Story {
    let mut story = Story::of(policy);
    let no = amends::decide::event::Answer::No("silent".into());
    let mail = amends::decide::event::Incoming { answer: no, ..mail("My parcel", "It never came.") };
    story.opened("2026-11-18 10:00", mail);
    story.skip();
    story.run_until(until);
    story
}

#[test]
fn a_ring_that_is_not_taken_rings_the_next_at_once() {
    let at_once = |to| Rung { acknowledge: Some(span("30m")), ..rung(RungAt::After(Span::ZERO), to) };
    let later = |to| Rung { acknowledge: Some(span("30m")), ..rung(RungAt::After(span("20h")), to) };
    let story =
        rings(with(vec![at_once(RungTo::Owner), later(RungTo::Lead), later(RungTo::Authority)]), "2026-12-18 00:00");
    story.tells(
        "
        Wed 18 14:00  escalation to anna: first_response rung 1, take by Wed 18 14:30, then lena
        Wed 18 14:30  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 15:00  escalation to otto: first_response rung 3, take by Wed 18 15:30
    ",
    );
    assert!(story.noted("the ladder ends here"));
}

#[test]
fn a_ring_to_be_taken_in_no_time_rings_all_in_one_turn() {
    let none = |to| Rung { acknowledge: Some(Span::ZERO), ..rung(RungAt::After(Span::ZERO), to) };
    let story = rings(with(vec![none(RungTo::Lead), none(RungTo::Authority)]), "2026-12-18 00:00");
    // Both are due as it breaks: only the highest rings.
    story.tells("Wed 18 14:00  escalation to otto: first_response rung 2, take by Wed 18 14:00");
    let early = |to| Rung { acknowledge: Some(Span::ZERO), ..rung(RungAt::Percent(50), to) };
    let story = rings(with(vec![early(RungTo::Lead), none(RungTo::Authority)]), "2026-12-18 00:00");
    story.tells(
        "
        Wed 18 12:00  escalation to lena: first_response rung 1, take by Wed 18 12:00, then otto
        Wed 18 12:00  escalation to otto: first_response rung 2, take by Wed 18 12:00
    ",
    );
}

#[test]
fn a_ring_waits_for_the_hours_of_whoever_it_reaches() {
    let mut policy = with(vec![rung(RungAt::After(Span::ZERO), RungTo::Person(PersonId::new("lena")))]);
    policy.people[2].hours = "early".into();
    let story = rings(policy, "2026-12-18 00:00");
    story.tells("Thu 19 06:00  escalation to lena: first_response rung 1");
}

#[test]
fn what_waits_for_hours_rings_once_somebody_calls_the_case_urgent() {
    let mut policy = with(vec![rung(RungAt::After(Span::ZERO), RungTo::Person(PersonId::new("lena")))]);
    policy.people[2].hours = "early".into();
    let mut story = Story::complaint(policy);
    story.run_until("2026-11-18 15:00");
    story.skip();
    for words in ["#priority high", "#priority urgent"] {
        assert!(!story.noted("rung lena about first answer"), "{words}");
        story.staff("2026-11-18 15:00", "ben", Door::Internal, Proof::Both, words);
        story.run_until("2026-11-18 15:01");
    }
    assert!(story.noted("rung lena about first answer"), "{:?}", story.log);
}

#[test]
fn urgent_cases_and_desks_that_never_close_ring_at_any_hour() {
    let mut policy = with(vec![rung(RungAt::After(Span::ZERO), RungTo::Lead)]);
    policy.people[2].hours = "early".into();
    let mut story = Story::complaint(policy.clone());
    story.case.priority = Priority::Urgent;
    story.skip();
    story.run_until("2026-11-18 13:59");
    story.tells("");
    story.run_until("2026-11-18 14:00");
    assert!(story.noted("rung lena about first answer"));

    policy.slas.get_mut("standard").expect("the SLA").calendar = "always".into();
    let mut story = Story::of(policy);
    story.opened("2026-11-21 22:00", mail("My parcel", "It never came."));
    story.skip();
    story.run_until("2026-11-22 02:00");
    story.tells(
        "
        Sun 22 02:00  escalation to lena: first_response rung 1
        Sun 22 02:00  holding to the customer: number 1, was due Sun 22 02:00, next Mon 23 02:00, before lena
    ",
    );
}

#[test]
fn who_has_the_ring_already_is_not_rung_again_but_must_take_it_all_the_same() {
    let take = |at, to| Rung { acknowledge: Some(span("1h")), ..rung(at, to) };
    let ladder = vec![
        rung(RungAt::Percent(75), RungTo::Lead),
        take(RungAt::After(Span::ZERO), RungTo::Person(PersonId::new("lena"))),
        rung(RungAt::After(span("8h")), RungTo::Authority),
    ];
    let story = rings(with(ladder), "2026-12-18 00:00");
    story.tells(
        "
        Wed 18 13:00  escalation to lena: first_response rung 1, then otto
        Wed 18 15:00  escalation to otto: first_response rung 3
    ",
    );
    assert!(story.noted("lena has this ring already"));
}

#[test]
fn whoever_is_away_is_stood_in_for() {
    let mut policy = with(vec![rung(RungAt::After(Span::ZERO), RungTo::Lead)]);
    policy.people[2].away = vec![absence("2026-11-18", "2026-11-20", Some("ben"))];
    policy.people[1].away = vec![absence("2026-11-18", "2026-11-18", Some("otto"))];
    let story = rings(policy.clone(), "2026-12-18 00:00");
    story.tells("Wed 18 14:00  escalation to otto: first_response rung 1, for lena");
    // Two who stand in for each other: the ring goes to whom it was meant for.
    policy.people[1].away = vec![absence("2026-11-18", "2026-11-18", Some("lena"))];
    let story = rings(policy, "2026-12-18 00:00");
    story.tells("Wed 18 14:00  escalation to lena: first_response rung 1");
}

#[test]
fn a_rung_on_which_nobody_stands_is_passed_over() {
    let gone = RungTo::Person(PersonId::new("gone"));
    let ladder = vec![rung(RungAt::After(Span::ZERO), gone), rung(RungAt::After(span("8h")), RungTo::Authority)];
    let story = rings(with(ladder), "2026-12-18 00:00");
    story.tells("Wed 18 14:00  escalation to otto: first_response rung 2");
}

#[test]
fn the_fourth_ring_of_an_hour_folds_into_a_digest() {
    for (before, line) in [
        (2, "Wed 18 14:00  escalation to lena: first_response rung 1"),
        (3, "Wed 18 14:00  in the digest of lena: first_response rung 1"),
    ] {
        let mut story = Story::complaint(with(vec![rung(RungAt::After(Span::ZERO), RungTo::Lead)]));
        story.facts.rings_last_hour.insert(PersonId::new("lena"), before);
        story.facts.address_stopped = true;
        story.skip();
        story.run_until("2026-11-18 14:00");
        story.tells(line);
    }
}

#[test]
fn rings_of_one_turn_count_towards_the_hour() {
    let mut policy = with(vec![rung(RungAt::After(Span::ZERO), RungTo::Lead)]);
    let sla = policy.slas.get_mut("standard").expect("the SLA");
    sla.resolution = span("4h");
    sla.ladder[0].on = vec![Target::FirstResponse, Target::Resolution];
    let mut story = Story::complaint(policy);
    story.facts.rings_last_hour.insert(PersonId::new("lena"), 2);
    story.facts.address_stopped = true;
    story.skip();
    story.run_until("2026-11-18 14:00");
    story.tells(
        "
        Wed 18 14:00  escalation to lena: first_response rung 1
        Wed 18 14:00  in the digest of lena: resolution rung 1
    ",
    );
}

#[test]
fn an_owner_who_left_the_configuration_is_followed_by_the_lead() {
    let mut story = Story::complaint(house());
    story.policy.people.remove(0);
    story.skip();
    story.run_until("2026-11-18 13:00");
    story.tells("Wed 18 13:00  escalation to lena: first_response rung 1, then otto");
    assert_eq!(story.case.owner, Some(PersonId::new("lena")));
    assert!(story.noted("anna is no longer in the configuration: the case goes to lena"));
}
