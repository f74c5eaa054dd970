//! The first mail: which letter, whose case, which clocks.

use super::story::{Story, absence, house, mail, person};
use amends::decide::case::{State, Target, Writer};
use amends::decide::event::{Age, Answer, EarlierCase, Incoming, MailClass, OtherCase, Proof};
use amends::decide::policy::{Assign, Policy};
use amends::mail::{CaseId, PersonId};

const TEN: &str = "2026-11-18 10:00";

#[test]
fn a_complaint_is_apologised_for_and_a_question_acknowledged() {
    for (words, letter) in [
        ("I am very disappointed.", "apology"),
        ("Ich bin enttäuscht und möchte mein Geld zurück.", "apology"),
        ("Do you sell spare hinges?", "acknowledgement"),
        ("Hello there.", "acknowledgement"),
        ("About the parcel.", "apology"),
    ] {
        let mut story = Story::new();
        story.opened(TEN, mail("A mail", words));
        assert!(story.noted(&format!("first letter: {letter}")), "{words}: {:?}", story.log);
    }
}

#[test]
fn the_letter_names_the_date_of_the_first_answer_and_when_the_desk_opens() {
    let mut story = Story::new();
    story.opened("2026-11-20 23:40", mail("My parcel", "It is late."));
    story.tells(
        "
        Fri 20 23:40  apology to the customer: anna by Mon 23 13:00, opens Mon 23 09:00
        Fri 20 23:40  new-case to anna
    ",
    );
}

#[test]
fn danger_is_put_before_the_authority_at_any_hour_and_never_folds() {
    let mut story = Story::new();
    story.facts.rings_last_hour.insert(PersonId::new("otto"), 9);
    story.opened("2026-11-21 03:00", mail("Smoke", "There is smoke in the parcel. Can you help?"));
    story.tells(
        "
        Sat 21 03:00  apology to the customer: anna by Mon 23 13:00, opens Mon 23 09:00, danger
        Sat 21 03:00  new-case to anna
        Sat 21 03:00  escalation to otto: first_response rung 3
    ",
    );
}

#[test]
fn danger_reaches_the_authority_even_where_no_rung_does() {
    let mut policy = house();
    policy.slas.values_mut().for_each(|sla| sla.ladder.clear());
    let mut story = Story::of(policy);
    story.opened(TEN, mail("Smoke", "Smoke!"));
    story.tells(
        "
        Wed 18 10:00  apology to the customer: anna by Wed 18 14:00, danger
        Wed 18 10:00  new-case to anna
        Wed 18 10:00  new-case to otto
    ",
    );
}

#[test]
fn a_lawyers_letter_is_acknowledged_and_goes_to_the_lead() {
    let mut story = Story::new();
    story.opened(TEN, mail("My lawyer", "You will hear from my lawyer. I am disappointed."));
    story.tells(
        "
        Wed 18 10:00  acknowledgement to the customer: lena by Wed 18 14:00
        Wed 18 10:00  new-case to lena
    ",
    );
}

#[test]
fn a_second_case_within_a_day_gets_one_line_instead_of_a_second_apology() {
    for (told, expected) in [
        ("2026-11-17 10:01", "acknowledgement to the customer: anna by Wed 18 14:00, brief"),
        ("2026-11-17 10:00", "apology to the customer: anna by Wed 18 14:00"),
    ] {
        let mut story = Story::new();
        let first_letter_at = Some(story.at(told));
        story.facts.other_open = Some(OtherCase { id: CaseId(1000), first_letter_at });
        story.opened(TEN, mail("Another parcel", "This one is late too."));
        story.tells(&format!("Wed 18 10:00  {expected}\nWed 18 10:00  new-case to anna"));
        assert_eq!(story.case.linked, Some(CaseId(1000)));
    }
}

#[test]
fn a_wish_that_was_said_is_not_asked_for_again() {
    let mut story = Story::new();
    story.opened(TEN, mail("My parcel", "It is late. I want my money back."));
    assert!(matches!(&story.case.state, State::New));
    story.tells(
        "
        Wed 18 10:00  apology to the customer: anna by Wed 18 14:00, wish known
        Wed 18 10:00  new-case to anna
    ",
    );
}

#[test]
fn mail_that_lay_is_answered_late_or_not_at_all() {
    let mut story = Story::new();
    let late = Incoming { age: Age::Late, at: story.at("2026-11-16 10:00"), ..mail("My parcel", "Late.") };
    story.event(story.at(TEN), &amends::decide::event::Event::Opened(late));
    story.tells(
        "
        Wed 18 10:00  apology to the customer: anna by Wed 18 14:00, late
        Wed 18 10:00  new-case to anna
    ",
    );
    let mut story = Story::new();
    story.opened(TEN, Incoming { age: Age::Old, ..mail("My parcel", "It never came.") });
    story.run_until("2026-11-25 00:00");
    story.tells(
        "
        Wed 18 10:00  new-case to anna
        Wed 18 13:00  escalation to anna: first_response rung 1, then lena
        Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 15:00  escalation to otto: first_response rung 3
    ",
    );
}

#[test]
fn who_may_not_be_answered_gets_no_letter_ever_but_the_clocks_run() {
    let mut story = Story::new();
    let no = Answer::No("our address stood in Bcc".into());
    story.opened(TEN, Incoming { answer: no, ..mail("My parcel", "It never came.") });
    story.run_until("2026-12-18 00:00");
    story.tells(
        "
        Wed 18 10:00  new-case to anna
        Wed 18 13:00  escalation to anna: first_response rung 1, then lena
        Wed 18 14:00  escalation to lena: first_response rung 2, take by Wed 18 15:00, then otto
        Wed 18 15:00  escalation to otto: first_response rung 3
    ",
    );
    assert_eq!(story.case.told.no_letter_because.as_deref(), Some("our address stood in Bcc"));
}

#[test]
fn a_mail_without_a_sender_gets_no_letter_even_if_it_might() {
    let mut story = Story::new();
    story.opened(TEN, Incoming { from: None, class: MailClass::Malformed, ..mail("My parcel", "It never came.") });
    story.tells("Wed 18 10:00  new-case to anna");
    assert!(story.is_running(Target::FirstResponse));
}

#[test]
fn a_machines_mail_runs_no_clocks() {
    for class in [MailClass::Automatic, MailClass::Bulk, MailClass::OwnFrom] {
        let mut story = Story::new();
        let answer = Answer::No("automatic".into());
        story.opened(TEN, Incoming { class, answer, writer: Writer::Machine, ..mail("My parcel", "Order shipped") });
        assert_eq!(story.case.next_due(), None);
        story.tells("Wed 18 10:00  new-case to anna");
    }
}

#[test]
fn staff_who_open_a_case_get_no_apology() {
    let mut story = Story::new();
    story.opened_by(TEN, "ben", Proof::Both, "Broken.");
    assert!(story.case.customer().is_none() && story.case.next_due().is_none());
    assert_eq!(story.case.owner, Some(PersonId::new("ben")));
    story.tells("Wed 18 10:00  transcript to ben: kept: Your mail belongs to no case, so it opened an internal one o");
}

fn owner(policy: Policy, change: impl Fn(&mut Story), language: &str) -> String {
    let mut story = Story::of(policy);
    change(&mut story);
    story.opened(TEN, Incoming { language: Some(language.into()), ..mail("A mail", "Hello.") });
    story.case.owner.map_or("nobody".into(), |p| p.to_string())
}

#[test]
fn the_owner_has_the_fewest_open_cases_reads_the_language_and_is_there() {
    let open = |story: &mut Story| {
        story.facts.open_cases = [("anna", 3), ("ben", 2)].map(|(id, n)| (PersonId::new(id), n)).into();
    };
    assert_eq!(owner(house(), |_| {}, "en"), "anna");
    assert_eq!(owner(house(), open, "en"), "ben");
    assert_eq!(owner(house(), open, "de-AT"), "anna");
    assert_eq!(owner(house(), open, "es"), "ben");
    let mut policy = house();
    policy.people[1].away = vec![absence("2026-11-18", "2026-11-18", None)];
    assert_eq!(owner(policy.clone(), open, "fr"), "anna");
    policy.people[0].away = vec![absence("2026-11-01", "2026-11-30", None)];
    assert_eq!(owner(policy.clone(), open, "fr"), "lena");
    policy.people[2].away = vec![absence("2026-11-01", "2026-11-30", Some("otto"))];
    assert_eq!(owner(policy, open, "fr"), "otto");
}

#[test]
fn nobody_owns_a_case_of_a_team_that_assigns_nobody_and_the_lead_is_told() {
    let mut policy = house();
    policy.teams[0].assign = Assign::Nobody;
    let mut story = Story::complaint(policy);
    story.run_until("2026-11-18 13:00");
    story.tells(
        "
        Wed 18 10:00  apology to the customer: nobody by Wed 18 14:00
        Wed 18 10:00  new-case to lena
        Wed 18 13:00  escalation to lena: first_response rung 1, then otto
    ",
    );
}

#[test]
fn the_turn_goes_round_and_passes_over_who_cannot() {
    let mut policy = house();
    policy.teams[0].assign = Assign::RoundRobin;
    policy.people.push(person("carl", &["care"], &["en"]));
    let after = |last: &str, language: &str| {
        let last = PersonId::new(last);
        owner(policy.clone(), move |story| story.facts.last_assigned = Some(last.clone()), language)
    };
    assert_eq!(owner(policy.clone(), |_| {}, "en"), "anna");
    assert_eq!(after("anna", "en"), "ben");
    assert_eq!(after("ben", "en"), "carl");
    assert_eq!(after("carl", "en"), "anna");
    assert_eq!(after("ben", "de"), "anna");
    assert_eq!(after("gone", "en"), "anna");
    // Ben had the last one and is away now: the turn is Carl's, not Anna's again.
    let mut away = policy.clone();
    away.people[1].away = vec![absence("2026-11-18", "2026-11-18", None)];
    assert_eq!(owner(away, |story| story.facts.last_assigned = Some(PersonId::new("ben")), "en"), "carl");
}

#[test]
fn earlier_cases_are_known_to_the_letter() {
    let mut story = Story::new();
    let earlier = EarlierCase {
        id: CaseId(7),
        opened_at: story.at("2026-10-01 10:00"),
        kind: "delivery".into(),
        subject: "A parcel".into(),
    };
    story.facts.earlier = vec![earlier.clone()];
    let event = amends::decide::event::Event::Opened(mail("My parcel", "Late again."));
    let decision = amends::decide::decide(&story.policy, &story.facts, super::story::blank(), &event, story.at(TEN));
    let told = decision.effects.iter().find_map(|e| match e {
        amends::decide::effect::Effect::Write(order) => match &order.letter {
            amends::decide::effect::Letter::Apology(facts) => Some(facts.earlier.clone()),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(told, Some(vec![earlier]));
}

/// A list's copy was quicker, and nobody waited; then the customer writes in person, twice.
#[test]
fn who_writes_after_a_machine_opened_their_case_is_met_as_if_they_had_opened_it() {
    let mut story = Story::new();
    let by_list = Incoming {
        class: MailClass::Bulk,
        quiet: true,
        answer: Answer::No("List-Id".into()),
        ..mail("Parcel", "I am disappointed.")
    };
    story.opened(TEN, by_list);
    assert!(story.case.clock(Target::FirstResponse).is_none());
    story.skip();
    story.customer("2026-11-18 10:30", "There is smoke in the parcel!");
    story.customer("2026-11-18 10:40", "Hello?");
    story.tells(
        "
        Wed 18 10:30  apology to the customer: anna by Wed 18 14:30, danger
        Wed 18 10:30  escalation to otto: first_response rung 3
        Wed 18 10:30  customer-wrote to anna: Customer
        Wed 18 10:40  customer-wrote to anna: Customer
    ",
    );
}

#[test]
fn danger_that_a_machine_told_of_is_told_of_again_when_the_customer_writes() {
    let mut policy = house();
    policy.slas.values_mut().for_each(|sla| sla.ladder.clear());
    let mut story = Story::of(policy);
    let by_alarm = Incoming {
        class: MailClass::Automatic,
        answer: Answer::No("Auto-Submitted".into()),
        ..mail("Alarm", "There is smoke!")
    };
    story.opened(TEN, by_alarm);
    story.customer("2026-11-18 10:30", "Will anybody help?");
    story.tells(
        "
        Wed 18 10:00  new-case to anna
        Wed 18 10:00  new-case to otto
        Wed 18 10:30  apology to the customer: anna by Wed 18 14:30, danger
        Wed 18 10:30  new-case to otto
        Wed 18 10:30  customer-wrote to anna: Customer
    ",
    );
}
