//! What else happens to an open case: further mail, letters that fail, letters that grow stale.

use super::story::{Story, address, house, mail};
use amends::decide::case::{ClockState, Door, Outcome, State, Target, Writer};
use amends::decide::event::{Answer, Event, Incoming, MailClass, Proof};
use amends::mail::{CaseId, MailId, ParticipantNo, PersonId};

const NOON: &str = "2026-11-18 12:00";

/// A case of an hour or two, its beginning forgotten.
fn open() -> Story {
    let mut story = Story::complaint(house());
    story.skip();
    story
}

#[test]
fn a_further_mail_of_the_customer_is_told_to_the_owner() {
    let mut story = open();
    story.wrote(NOON, mail("Re: My parcel", "Any news?"));
    story.tells("Wed 18 12:00  customer-wrote to anna: Customer");
    assert_eq!(story.case.mails.len(), 2);
}

#[test]
fn a_vacation_note_of_staff_makes_no_mail_and_one_of_a_customer_only_a_notice() {
    let mut story = open();
    let note =
        Incoming { class: MailClass::Automatic, answer: Answer::No("automatic".into()), ..mail("Away", "Away.") };
    story.wrote(NOON, Incoming { writer: Writer::Person(PersonId::new("anna")), ..note.clone() });
    story.tells("");
    story.wrote(NOON, Incoming { writer: Writer::Machine, ..note });
    story.tells("Wed 18 12:00  customer-wrote to anna: Machine");
}

fn closed() -> Story {
    let mut story = open();
    let now = story.at(NOON);
    story.case.state = State::Closed;
    story.case.outcome = Some(Outcome::Silent);
    story.case.closed_at = Some(now);
    story.case.rings.clear();
    story.case.clocks.iter_mut().for_each(|c| c.state = ClockState::Stopped { at: now });
    story
}

#[test]
fn only_a_participant_brings_a_closed_case_back() {
    let mut story = closed();
    story.wrote("2026-11-25 10:00", mail("Re: My parcel", "It broke again."));
    assert_eq!((story.case.state, story.case.outcome, story.case.reopened), (State::Open, None, 1));
    assert!(story.is_running(Target::FirstResponse));
    let stranger = Writer::Outsider(address("neighbour@else.example"));
    for (writer, class, quiet) in [
        (stranger, MailClass::Human, false),
        (Writer::Machine, MailClass::Automatic, false),
        (Writer::Unknown, MailClass::Human, false),
        (Writer::Person(PersonId::new("ben")), MailClass::Human, false),
        (Writer::Participant(ParticipantNo(0)), MailClass::Human, true),
    ] {
        let mut story = closed();
        story.wrote("2026-11-25 10:00", Incoming { writer: writer.clone(), class, quiet, ..mail("Re", "Hello.") });
        assert_eq!(story.case.state, State::Closed, "{writer:?}");
        assert_eq!(story.case.next_due(), None);
    }
}

#[test]
fn whoever_was_only_mentioned_does_not_bring_it_back_either() {
    let mut story = closed();
    let stranger = Writer::Outsider(address("neighbour@else.example"));
    story.wrote("2026-11-25 10:00", Incoming { writer: stranger, ..mail("Re", "I live next door.") });
    assert!(story.case.participants[1].mentioned_only);
    let writer = Writer::Participant(ParticipantNo(1));
    let again = Incoming { writer, mail: MailId(3), at: story.at("2026-11-25 11:00"), ..mail("Re", "Still here.") };
    story.event(story.at("2026-11-25 11:00"), &Event::Wrote(again));
    assert_eq!(story.case.state, State::Closed);
}

#[test]
fn a_letter_that_did_not_arrive_is_told_to_somebody_else_and_never_twice() {
    let mut story = open();
    story.undelivered(NOON, "apology", "klaus@berger.example");
    story.tells("Wed 18 12:00  delivery-failed to anna: apology");
    for (name, to, told) in [
        ("new-case", "anna@northwind.example", "Wed 18 12:00  delivery-failed to lena: new-case"),
        ("escalation", "lena@northwind.example", "Wed 18 12:00  delivery-failed to otto: escalation"),
        ("delivery-failed", "anna@northwind.example", ""),
    ] {
        let mut story = open();
        story.undelivered(NOON, name, to);
        story.tells(told);
    }
}

#[test]
fn a_reply_that_no_server_takes_is_told_to_its_writer_and_to_the_owner() {
    for (writer, to_ben) in [("ben", 1), ("anna", 0)] {
        let mut story = open();
        story.staff("2026-11-18 11:00", writer, Door::Reply, Proof::Both, "The parcel is on its way.");
        story.undelivered("2026-11-18 11:05", "reply", "klaus@berger.example");
        assert_eq!(story.count("delivery-failed to anna: reply"), 1, "{writer}");
        assert_eq!(story.count("delivery-failed to ben: reply"), to_ben, "{writer}");
    }
}

#[test]
fn a_first_letter_that_could_not_leave_is_written_anew_with_a_later_date() {
    let mut story = open();
    story.stale("2026-11-18 14:00", "apology");
    story.tells("Wed 18 14:00  apology to the customer: anna by Thu 19 10:00, late");
    story.stale("2026-11-19 10:00", "apology");
    story.tells(
        "
        Wed 18 14:00  apology to the customer: anna by Thu 19 10:00, late
        Thu 19 10:00  apology to the customer: anna by Thu 19 14:00, late
    ",
    );
}

#[test]
fn a_holding_letter_that_would_come_before_the_first_is_taken_back() {
    let mut story = open();
    story.run_until("2026-11-18 14:00");
    story.skip();
    story.stale("2026-11-18 14:00", "apology");
    story.tells(
        "
        Wed 18 14:00  void fup:1042:holding-first_response:0
        Wed 18 14:00  apology to the customer: anna by Thu 19 10:00, late
    ",
    );
    assert!(!story.is_running(Target::NextUpdate));
    assert_eq!(story.case.told.holding, 0);
}

#[test]
fn a_stale_first_letter_is_not_renewed_where_it_has_lost_its_point() {
    let mut story = closed();
    story.stale("2026-11-19 10:00", "apology");
    assert_eq!(story.case.next_due(), None, "a closed case runs no clock");
    let mut answered = open();
    answered.case.told.person_wrote_at = Some(answered.at(NOON));
    answered.stale("2026-11-18 14:00", "apology");
    let mut stopped = open();
    stopped.facts.address_stopped = true;
    stopped.stale("2026-11-18 14:00", "apology");
    for story in [&story, &answered, &stopped] {
        story.tells("");
        assert!(story.noted("no first letter any more"));
    }
}

#[test]
fn other_letters_that_grow_stale_are_only_noted() {
    let mut story = open();
    let before = story.case.clone();
    story.stale(NOON, "escalated");
    story.tells("");
    assert_eq!(story.case, before);
    assert!(story.noted("the escalated letter was withdrawn"));
}

#[test]
fn a_linked_case_is_noted() {
    let mut story = open();
    story.event(story.at(NOON), &Event::Linked { from: CaseId(1050) });
    story.tells("");
    assert!(story.noted("the same sender has opened case 1050"));
}
