//! Two cases of one customer that are one, and a mail that is about something else.

use amends::decide::case::{Case, Door, State, Target};
use amends::decide::effect::Effect;
use amends::decide::event::{Event, NamedCase, Proof};
use amends::decide::{Decision, decide};
use amends::mail::CaseId;

use super::story::{Story, address, blank, house, mail};

/// Klaus complained at ten, and anna owns it.
fn complaint() -> Story {
    let mut story = Story::complaint(house());
    story.skip();
    story
}

fn named(closed: bool, customer: &str) -> Vec<NamedCase> {
    vec![NamedCase { id: CaseId(7), customer: Some(address(customer)), closed }]
}

/// What this case brings into another, as the other is told it.
fn brought(story: &mut Story, at: &str) -> Event {
    story.facts.named_cases = named(false, "klaus@berger.example");
    let now = story.at(at);
    let mut mail = super::story::staff_mail("anna", "#merge NW-7");
    (mail.mail.at, mail.mail.mail) = (now, amends::mail::MailId(90));
    let Decision { case, effects } = decide(&story.policy, &story.facts, story.case.clone(), &Event::Staff(mail), now);
    story.case = case;
    let raised = effects.into_iter().find_map(|effect| match effect {
        Effect::Raise { case: CaseId(7), event } => Some(*event),
        _ => None,
    });
    raised.expect("the other case's turn")
}

/// An older case of Klaus that ben owns, begun on Tuesday.
fn older() -> Story {
    let mut story = Story::new();
    story.case = Case { id: CaseId(7), ..blank() };
    story.opened("2026-11-17 16:00", mail("Where is my parcel", "It never came."));
    story.skip();
    story
}

#[test]
fn what_belongs_together_is_one_case_that_keeps_the_earlier_date() {
    let (mut story, mut into) = (complaint(), older());
    into.staff("2026-11-17 16:10", "anna", Door::Reply, Proof::Both, "It is on its way.");
    into.skip();
    story.customer("2026-11-18 10:20", "It is the green one.");
    let event = brought(&mut story, "2026-11-18 10:30");
    assert_eq!(
        (story.case.state, story.case.merged_into, story.case.next_due()),
        (State::Closed, Some(CaseId(7)), None)
    );
    into.event(into.at("2026-11-18 10:30"), &event);
    assert_eq!(into.case.mails.len(), 5, "with the mail that asked for it");
    let next = into.case.clock(Target::NextUpdate).map(|c| c.due_at);
    assert_eq!(next, Some(into.at("2026-11-18 14:00")), "the other case's letter had named it");
    into.tells("Wed 18 10:30  customer-wrote to anna: Customer");
    into.skip();
    into.run_until("2026-11-18 14:00");
    assert_eq!(into.count("before otto") + into.count("next Thu 19 17:00"), 1, "the broken date is owned up to");
}

#[test]
fn a_later_date_moves_nothing_and_a_case_that_waits_wakes() {
    let (mut story, mut into) = (complaint(), older());
    let event = brought(&mut story, "2026-11-18 10:30");
    let due = into.case.clock(Target::FirstResponse).map(|c| c.due_at);
    into.event(into.at("2026-11-18 10:30"), &event);
    assert_eq!(into.case.clock(Target::FirstResponse).map(|c| c.due_at), due);

    let (mut story, mut into) = (complaint(), older());
    into.staff("2026-11-17 16:10", "anna", Door::Reply, Proof::Both, "Which one is it?");
    assert_eq!(into.case.state, State::Waiting);
    let event = brought(&mut story, "2026-11-18 10:30");
    into.event(into.at("2026-11-18 10:30"), &event);
    assert_eq!(into.case.state, State::Open, "somebody waits for an answer");
}

#[test]
fn cases_of_different_customers_are_never_one() {
    for (cases, why) in [
        (Vec::new(), "There is no case NW-7."),
        (named(false, "rosa@diaz.example"), "NW-7 is of another customer, and each would read what you wr"),
        (named(true, "klaus@berger.example"), "NW-7 is closed. #reopen it first."),
    ] {
        let mut story = complaint();
        story.facts.named_cases = cases;
        story.staff("2026-11-18 11:00", "anna", Door::Internal, Proof::Both, "#merge NW-7");
        story.tells(&format!("Wed 18 11:00  transcript to anna: refused: {why}"));
        assert_eq!(story.case.merged_into, None);
    }
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Internal, Proof::Both, "#merge that one");
    story.tells("Wed 18 11:00  transcript to anna: refused: A line could not be read.");
}

#[test]
fn a_mail_about_something_else_becomes_a_case_with_a_date_of_its_own() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "ben", Door::Internal, Proof::Both, "#split");
    story.tells(
        "Wed 18 11:00  transcript to ben: refused: The customer has written one mail on this case: there is not",
    );
    story.customer("2026-11-18 11:10", "And the other lamp gives off smoke!");
    story.skip();
    let now = story.at("2026-11-18 11:20");
    let mut asked = super::story::staff_mail("ben", "#split");
    (asked.mail.at, asked.mail.mail, asked.door) = (now, amends::mail::MailId(90), Door::Internal);
    let decision = decide(&story.policy, &story.facts, story.case.clone(), &Event::Staff(asked), now);
    assert!(decision.case.mails.iter().all(|m| !m.words.contains("smoke")));
    let split = decision.effects.into_iter().find_map(|effect| match effect {
        Effect::Split(split) => Some(split),
        _ => None,
    });
    let mut own = Story::new();
    own.case = Case { id: CaseId(8), ..blank() };
    own.event(now, &Event::SplitOff(split.expect("a mail is taken out")));
    assert_eq!((own.case.kind.as_str(), own.case.linked), ("danger", Some(story.case.id)));
    own.tells(
        "Wed 18 11:20  apology to the customer: ben by Wed 18 15:10, danger
         Wed 18 11:20  new-case to ben
         Wed 18 11:20  escalation to otto: first_response rung 3",
    );
}

#[test]
fn danger_goes_on_ringing_in_the_case_that_it_became_part_of() {
    let mut story = Story::complaint(house());
    story.customer("2026-11-18 10:10", "There is smoke!");
    let mut danger = Story::new();
    danger.opened("2026-11-18 10:00", mail("Smoke", "There is smoke!"));
    let event = brought(&mut danger, "2026-11-18 10:30");
    let mut into = older();
    into.event(into.at("2026-11-18 10:30"), &event);
    assert_eq!((into.case.kind.as_str(), into.case.priority), ("danger", amends::decide::case::Priority::Urgent));
    assert_eq!(into.count("escalation to otto: first_response rung 3"), 1);
}

#[test]
fn a_case_that_is_called_fixed_is_not_asked_about_while_somebody_waits() {
    let (mut story, mut into) = (complaint(), older());
    into.staff("2026-11-17 16:10", "anna", Door::Reply, Proof::Both, "#fixed\nIt is with you.");
    let event = brought(&mut story, "2026-11-18 10:30");
    into.event(into.at("2026-11-18 10:30"), &event);
    assert_eq!(into.case.state, State::Open);
    assert!(!into.is_running(Target::CheckIn) && into.is_running(Target::NextUpdate));
}

#[test]
fn what_waits_for_a_word_or_owns_up_to_a_date_is_not_lost_by_joining() {
    let mut story = complaint();
    let held =
        amends::decide::event::StaffMail { answers_case: false, ..super::story::staff_mail("ben", "Dear Klaus, so.") };
    story.staff_mail("2026-11-18 10:10", held);
    story.facts.named_cases = named(false, "klaus@berger.example");
    story.skip();
    story.staff("2026-11-18 10:20", "anna", Door::Internal, Proof::Both, "#merge 7");
    assert_eq!(story.count("refused: What you wrote here waited for your word, and the case has b"), 1);

    let mut story = complaint();
    story.facts.unasked_at = Some(story.at("2026-11-18 09:30"));
    story.run_until("2026-11-18 14:10");
    story.facts.named_cases = named(false, "klaus@berger.example");
    story.skip();
    story.staff("2026-11-18 14:20", "anna", Door::Internal, Proof::Both, "#merge 7");
    story.tells(
        "Wed 18 14:20  transcript to anna: refused: A date has passed, and the letter that owns up to it has not",
    );
}

#[test]
fn whoever_read_along_there_reads_nothing_here() {
    let (mut story, mut into) = (complaint(), older());
    story.facts.mentioned = vec![address("erika@berger.example")];
    story.staff("2026-11-18 10:20", "anna", Door::Internal, Proof::Both, "#cc erika@berger.example");
    let event = brought(&mut story, "2026-11-18 10:30");
    into.event(into.at("2026-11-18 10:30"), &event);
    assert_eq!(into.case.taking_part().count(), 1);
    assert_eq!(into.case.participants.len(), 2, "her mail is still hers");
}

#[test]
fn the_mail_whose_notice_was_answered_is_taken_out() {
    let mut story = complaint();
    story.customer("2026-11-18 10:10", "And a question about an invoice.");
    let about = story.case.mails.last().map(|m| m.mail);
    story.customer("2026-11-18 10:20", "The parcel is still not here.");
    story.facts.answers_about = about;
    story.skip();
    story.staff("2026-11-18 10:30", "anna", Door::Internal, Proof::Both, "#split");
    story.tells(&format!("Wed 18 10:30  mail {} becomes a case of its own", about.expect("a mail")));
}
