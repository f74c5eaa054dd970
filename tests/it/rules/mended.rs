//! After the fix: the question, its answers, silence, and mail to a closed case.

use amends::decide::case::{Door, Outcome, State, Target};
use amends::decide::event::Proof;
use amends::decide::policy::Policy;
use amends::mail::{HOLDS, HOLDS_NOT};

use super::story::{Story, house};

/// Anna has written on Wednesday at eleven that it is fixed; `check_in` is 2d, `auto_close` 7d.
fn fixed(words: &str) -> Story {
    let mut story = Story::complaint(house());
    story.skip();
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Both, words);
    story
}

fn asked() -> Story {
    let mut story = fixed("#fixed\nDear Klaus, the new one is with you.");
    story.run_until("2026-11-20 17:00");
    story.skip();
    story
}

#[test]
fn the_fix_is_told_in_the_persons_words_and_asked_after() {
    let mut story = fixed("#fixed\nDear Klaus, the new one is with you.");
    assert_eq!(story.case.state, State::Fixed);
    for target in [Target::FirstResponse, Target::NextUpdate, Target::Resolution] {
        assert!(!story.is_running(target), "{target:?}");
    }
    story.run_until("2026-11-20 17:00");
    story.tells(
        "Wed 18 11:00  reply to the customer: by anna
         Fri 20 17:00  check-in to the customer",
    );
}

#[test]
fn a_fix_without_words_has_a_letter_of_ours() {
    let story = fixed("#fixed");
    story.tells("Wed 18 11:00  fixed to the customer: by anna");
}

#[test]
fn the_question_waits_until_the_fix_has_reached_them() {
    let mut story = fixed("#fixed mon 10:00");
    story.skip();
    story.run_until("2026-11-25 16:59");
    story.tells("");
    story.run_until("2026-11-25 17:00");
    story.tells("Wed 25 17:00  check-in to the customer");
}

#[test]
fn yes_is_recovered() {
    let mut story = asked();
    story.customer("2026-11-21 12:00", HOLDS);
    assert_eq!((story.case.state, story.case.outcome), (State::Closed, Some(Outcome::Recovered)));
    assert_eq!(story.case.next_due(), None);
    story.tells("Sat 21 12:00  recovered to the customer");
}

#[test]
fn no_comes_back_one_rung_higher_with_another_apology() {
    let mut story = asked();
    story.customer("2026-11-23 10:00", HOLDS_NOT);
    assert_eq!((story.case.state, story.case.outcome, story.case.reopened), (State::Open, None, 1));
    story.tells(
        "Mon 23 10:00  escalation to lena: first_response rung 2, take by Mon 23 11:00, then otto
         Mon 23 10:00  sorry-again to the customer: by Mon 23 14:00, before lena
         Mon 23 10:00  customer-wrote to anna: Customer",
    );
    assert!(story.is_running(Target::FirstResponse) && story.is_running(Target::Resolution));
    // Fixed again, and asked again.
    story.skip();
    story.staff("2026-11-23 12:00", "anna", Door::Reply, Proof::Both, "#fixed\nA better hinge.");
    story.run_until("2026-11-25 17:00");
    story.tells(
        "Mon 23 12:00  reply to the customer: by anna
         Wed 25 17:00  check-in to the customer",
    );
}

#[test]
fn closed_after_a_no_is_not_recovered() {
    let mut story = asked();
    story.customer("2026-11-23 10:00", HOLDS_NOT);
    story.staff("2026-11-23 12:00", "anna", Door::Reply, Proof::Both, "#close he has his money back");
    assert_eq!(story.case.outcome, Some(Outcome::Unrecovered));
}

#[test]
fn silence_closes_and_counts_as_neither() {
    let mut story = asked();
    story.run_until("2026-12-20 12:00");
    assert_eq!((story.case.state, story.case.outcome), (State::Closed, Some(Outcome::Silent)));
    story.tells("Wed 02 17:00  void fup:1042:check-in:1");
}

#[test]
fn what_is_not_plain_is_for_a_person() {
    let mut story = asked();
    story.customer("2026-11-23 10:00", "Yes, but the cable is too short.");
    assert_eq!((story.case.state, story.case.outcome), (State::Open, None));
    assert!(!story.is_running(Target::AutoClose) && story.is_running(Target::NextUpdate));
    story.tells(
        "Mon 23 10:00  void fup:1042:check-in:1
         Mon 23 10:00  customer-wrote to anna: Customer",
    );
}

#[test]
fn a_word_before_the_question_is_read_by_a_person_and_no_question_follows() {
    let mut story = fixed("#fixed");
    story.skip();
    story.customer("2026-11-19 10:00", "It came. Which way round does it go?");
    assert_eq!(story.case.state, State::Open);
    story.run_until("2026-11-20 16:00");
    story.tells("Thu 19 10:00  customer-wrote to anna: Customer");
}

#[test]
fn a_question_is_asked_by_day() {
    let mut house = house();
    if let Some(sla) = house.slas.get_mut("standard") {
        sla.calendar = "always".into();
        sla.check_in = crate::calendar::hours::span("10h");
    }
    let mut story = Story::complaint(house);
    story.staff("2026-11-18 12:00", "anna", Door::Reply, Proof::Both, "#fixed\nDone.");
    story.skip();
    story.run_until("2026-11-19 09:00");
    story.tells("Thu 19 09:00  check-in to the customer");
}

#[test]
fn a_closed_case_comes_back_with_its_customer_and_the_second_time_one_rung_higher() {
    let mut story = Story::complaint(house());
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Both, "#close");
    assert_eq!(story.case.outcome, Some(Outcome::Closed));
    story.skip();
    story.customer("2026-11-19 10:00", "It is still not here.");
    assert_eq!((story.case.state, story.case.outcome, story.case.reopened), (State::Open, None, 1));
    story.staff("2026-11-19 11:00", "anna", Door::Reply, Proof::Both, "#close");
    story.customer("2026-11-20 10:00", "It is still not here!");
    story.tells(
        "Thu 19 10:00  customer-wrote to anna: Customer
         Fri 20 10:00  escalation to lena: first_response rung 2, take by Fri 20 11:00, then otto
         Fri 20 10:00  customer-wrote to anna: Customer",
    );
}

#[test]
fn a_kind_that_fails_late_is_asked_later() {
    let mut house = house();
    for kind in &mut house.kinds {
        kind.check_in = Some(crate::calendar::hours::span("4d"));
    }
    let mut story = Story::complaint(house);
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Both, "#fixed\nDone.");
    story.skip();
    story.run_until("2026-11-24 17:00");
    story.tells("Tue 24 17:00  check-in to the customer");
}

#[test]
fn with_lists_a_ring_to_the_owner_is_a_line_and_a_broken_date_a_reminder() {
    let mut story = Story::complaint(Policy { lists: true, ..house() });
    story.skip();
    story.run_until("2026-11-18 14:00");
    story.tells(
        "Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
         Wed 18 14:00  reminder to anna: first_response passed
         Wed 18 14:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 19 17:00, before lena",
    );
}

#[test]
fn thanks_before_the_question_are_read_by_a_person_and_the_question_still_comes() {
    for words in ["Thanks, Anna!", "It works, thank you.", "Great, many thanks for the quick help"] {
        let mut story = fixed("#fixed");
        story.skip();
        story.customer("2026-11-19 10:00", words);
        assert_eq!(story.case.state, State::Fixed, "{words}");
        story.run_until("2026-11-20 17:00");
        story.tells(
            "Thu 19 10:00  customer-wrote to anna: Customer
             Fri 20 17:00  check-in to the customer",
        );
    }
}

#[test]
fn who_only_signs_as_the_customer_ends_nothing() {
    let mut story = asked();
    let now = story.at("2026-11-23 10:00");
    let forged = amends::decide::event::Incoming {
        at: now,
        authenticated: false,
        by_token: false,
        ..super::story::mail("[NW-1042]", HOLDS)
    };
    story.event(now, &amends::decide::event::Event::Wrote(forged));
    assert_eq!((story.case.state, story.case.outcome), (State::Open, None));
}

#[test]
fn a_yes_with_more_to_it_is_read_by_a_person_too() {
    let mut story = asked();
    story.customer("2026-11-23 10:00", "Yes, it holds. Greetings to Anna from all of us.");
    assert_eq!(story.case.outcome, Some(Outcome::Recovered));
    story.tells(
        "Mon 23 10:00  recovered to the customer
         Mon 23 10:00  customer-wrote to anna: Customer",
    );
}

#[test]
fn two_desks_that_answer_each_other_come_to_an_end() {
    let mut story = Story::complaint(house());
    for hour in 10..16 {
        if story.case.state != State::Closed {
            story.staff(&format!("2026-11-19 {hour}:00"), "anna", Door::Reply, Proof::Both, "#close");
        }
        story.customer(&format!("2026-11-19 {hour}:30"), "Your mail was received.");
    }
    assert_eq!((story.case.state, story.case.reopened), (State::Closed, 3));
}

#[test]
fn what_is_called_fixed_is_not_put_to_sleep() {
    let mut story = fixed("#fixed");
    story.staff("2026-11-18 12:00", "anna", Door::Reply, Proof::Both, "#wait fri");
    assert_eq!(story.case.state, State::Fixed);
    assert!(story.is_running(Target::CheckIn) && story.noted("there is nothing to wait for"));
}

#[test]
fn a_no_before_the_question_is_read_by_a_person() {
    let mut story = fixed("#fixed\nAnything else that we can do?");
    story.skip();
    story.customer("2026-11-19 10:00", "No, it is fine as it is.");
    assert_eq!((story.case.state, story.case.reopened), (State::Open, 0));
    story.tells("Thu 19 10:00  customer-wrote to anna: Customer");
}
