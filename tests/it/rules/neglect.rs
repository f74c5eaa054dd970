//! Nobody answers: what a customer and a house hear of it, to the end.

use super::story::{Story, house};
use crate::calendar::hours::span;
use amends::decide::case::Target;

#[test]
fn a_case_that_nobody_touches_for_three_weeks() {
    let mut story = Story::complaint(house());
    story.run_until("2026-12-18 00:00");
    story.tells(
        "
        Wed 18 10:00  apology to the customer: anna by Wed 18 14:00
        Wed 18 10:00  new-case to anna
        Wed 18 13:00  escalation to anna: first_response rung 1, then lena
        Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 14:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 19 17:00, before lena
        Wed 18 15:00  escalation to otto: first_response rung 3
        Thu 19 17:00  holding to the customer: number 2, was due Thu 19 17:00, next Mon 23 17:00, before otto
        Fri 20 09:00  escalated to the customer: before otto, was due Thu 19 17:00, next Mon 23 17:00
        Mon 23 17:00  holding to the customer: number 3, was due Mon 23 17:00, no date, before otto
    ",
    );
    // On Thursday morning the escalated letter gave way to the date of that evening.
    assert!(story.noted("escalated letter waits: a date falls today"));
}

#[test]
fn with_a_ladder_on_every_target_staff_hear_of_each_and_the_customer_once_before_whom_it_lies() {
    let mut policy = house();
    let sla = policy.slas.get_mut("standard").expect("the SLA");
    sla.resolution = span("5d");
    for rung in &mut sla.ladder {
        rung.on = vec![Target::FirstResponse, Target::NextUpdate, Target::Resolution];
    }
    let mut story = Story::complaint(policy);
    story.skip();
    story.run_until("2026-12-18 00:00");
    story.tells(
        "
        Wed 18 13:00  escalation to anna: first_response rung 1, then lena
        Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 14:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 19 17:00, before lena
        Wed 18 15:00  escalation to otto: first_response rung 3
        Thu 19 14:15  escalation to anna: next_update rung 1, then lena
        Thu 19 17:00  holding to the customer: number 2, was due Thu 19 17:00, next Mon 23 17:00, before otto
        Fri 20 09:00  escalation to lena: next_update rung 2, take by Fri 20 10:00, then otto
        Fri 20 09:00  escalated to the customer: before otto, was due Thu 19 17:00, next Mon 23 17:00
        Fri 20 10:00  escalation to otto: next_update rung 3
        Mon 23 13:00  escalation to anna: next_update rung 1, then lena
        Mon 23 17:00  holding to the customer: number 3, was due Mon 23 17:00, no date, before otto
        Tue 24 09:00  escalation to lena: next_update rung 2, take by Tue 24 10:00, then otto
        Tue 24 10:00  escalation to otto: next_update rung 3
        Tue 24 13:15  escalation to anna: resolution rung 1, then lena
        Thu 26 09:00  escalation to lena: resolution rung 2, take by Thu 26 10:00, then otto
        Thu 26 10:00  escalation to otto: resolution rung 3
    ",
    );
    assert!(story.noted("escalated letter not written: the customer knows before whom it is"));
}

#[test]
fn an_update_owed_within_hours_is_named_for_the_next_day() {
    let mut policy = house();
    policy.slas.get_mut("standard").expect("the SLA").next_update = span("2h");
    let mut story = Story::complaint(policy);
    story.run_until("2026-11-18 13:59");
    story.skip();
    story.run_until("2026-12-18 00:00");
    // The third letter says before whom it lies: an escalated letter after it would say nothing new.
    story.tells(
        "
        Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 14:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 19 13:00, before lena
        Wed 18 15:00  escalation to otto: first_response rung 3
        Thu 19 13:00  holding to the customer: number 2, was due Thu 19 13:00, next Fri 20 13:00, before otto
        Fri 20 13:00  holding to the customer: number 3, was due Fri 20 13:00, no date, before otto
    ",
    );
}

#[test]
fn after_three_weeks_of_outage_the_highest_rung_rings_and_one_letter_goes() {
    let mut story = Story::complaint(house());
    story.skip();
    story.wake("2026-12-09 10:00");
    story.tells(
        "
        Wed 09 10:00  escalation to otto: first_response rung 3
        Wed 09 10:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 10 17:00, before otto
    ",
    );
    story.skip();
    story.run_until("2026-12-31 00:00");
    story.tells(
        "
        Thu 10 17:00  holding to the customer: number 2, was due Thu 10 17:00, next Mon 14 17:00, before otto
        Fri 11 09:00  escalated to the customer: before otto, was due Thu 10 17:00, next Mon 14 17:00
        Mon 14 17:00  holding to the customer: number 3, was due Mon 14 17:00, no date, before otto
    ",
    );
}

#[test]
fn a_letter_on_another_case_of_the_customer_is_todays_letter() {
    let mut story = Story::complaint(house());
    story.facts.unasked_at = Some(story.at("2026-11-18 09:00"));
    story.skip();
    story.run_until("2026-11-19 12:00");
    story.tells(
        "
        Wed 18 13:00  escalation to anna: first_response rung 1, then lena
        Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 15:00  escalation to otto: first_response rung 3
        Thu 19 09:00  holding to the customer: number 1, was due Wed 18 14:00, next Fri 20 17:00, before otto
    ",
    );
}

#[test]
fn a_letter_names_nobody_who_was_not_asked() {
    let mut policy = house();
    policy.slas.get_mut("standard").expect("the SLA").ladder.truncate(1);
    let mut story = Story::complaint(policy);
    story.skip();
    story.run_until("2026-12-18 00:00");
    // Anna owes the answer: it was put before nobody else.
    story.tells(
        "
        Wed 18 13:00  escalation to anna: first_response rung 1
        Wed 18 14:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 19 17:00
        Thu 19 17:00  holding to the customer: number 2, was due Thu 19 17:00, next Mon 23 17:00
        Mon 23 17:00  holding to the customer: number 3, was due Mon 23 17:00, no date
    ",
    );
}

#[test]
fn a_person_who_wrote_at_last_makes_the_letters_needless() {
    let mut story = Story::complaint(house());
    story.run_until("2026-11-18 17:00");
    story.skip();
    story.case.told.person_wrote_at = Some(story.at("2026-11-18 16:30"));
    story.run_until("2026-11-19 16:59");
    story.tells("");
    assert!(story.noted("escalated letter not written: a person has written"));
}
