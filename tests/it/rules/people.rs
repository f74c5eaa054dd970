//! Who is away, who is back, and whose cases go to whom.

use amends::decide::case::{Door, Writer};
use amends::decide::event::{Event, Incoming, MailClass, Proof, StaffMail};
use amends::mail::PersonId;

use super::story::{Story, house, mail, person, staff_mail, team};
use amends::decide::policy::Assign;

/// Anna owns a complaint of Wednesday ten o'clock; lena leads her.
fn complaint() -> Story {
    let mut story = Story::complaint(house());
    story.skip();
    story
}

fn says(story: &mut Story, at: &str, who: &str, words: &str) {
    story.staff(&format!("2026-11-{at}"), who, Door::Internal, Proof::Both, words);
}

#[test]
fn who_is_away_gets_no_new_case_and_their_stand_in_is_rung() {
    let mut story = complaint();
    story.policy.lists = false;
    says(&mut story, "18 11:00", "anna", "#away until fri stand-in ben");
    story.tells("Wed 18 11:00  anna says of anna: Away(Absence { from: 2026-11-18, to: 2026-11-20, stand_in: Some(PersonId(\"ben\")) })");
    story.skip();
    story.run_until("2026-11-18 13:30");
    story.tells("Wed 18 13:00  escalation to ben: first_response rung 1, for anna, then lena");
    let mut next = Story::of(story.policy.clone());
    next.opened("2026-11-18 12:00", mail("Parcel", "It never came."));
    assert_eq!(next.case.owner, Some(PersonId::new("ben")));
    // On the day after, she is there again by herself.
    let mut later = Story::of(story.policy.clone());
    later.opened("2026-11-21 12:00", mail("Parcel", "It never came."));
    assert_eq!(later.case.owner, Some(PersonId::new("anna")));
}

#[test]
fn who_comes_back_early_is_there_whatever_the_configuration_says() {
    let mut policy = house();
    policy.people[0].away = vec![super::story::absence("2026-11-01", "2026-12-01", None)];
    let mut story = Story::complaint(policy);
    assert_eq!(story.case.owner, Some(PersonId::new("ben")));
    story.skip();
    says(&mut story, "18 11:00", "anna", "#back");
    says(&mut story, "18 11:10", "anna", "#back");
    story.tells(
        "Wed 18 11:00  anna says of anna: Back(2026-11-18)
         Wed 18 11:10  transcript to anna: refused: anna Example is not away.",
    );
}

#[test]
fn a_lead_may_say_it_for_others_and_a_colleague_may_not() {
    let mut story = complaint();
    says(&mut story, "18 11:00", "ben", "#away anna until 2026-11-27");
    says(&mut story, "18 11:10", "lena", "#away anna until 2026-11-27");
    says(&mut story, "18 11:20", "otto", "#back anna");
    story.tells(
        "Wed 18 11:00  transcript to ben: refused: Only anna Example, whoever leads them, and who may decide ca
         Wed 18 11:10  lena says of anna: Away(Absence { from: 2026-11-18, to: 2026-11-27, stand_in: None })
         Wed 18 11:10  transcript to anna: done: anna Example is away up to Friday, 27 November 2026, and wit
         Wed 18 11:20  otto says of anna: Back(2026-11-18)
         Wed 18 11:20  transcript to anna: done: anna Example is there again.",
    );
}

#[test]
fn what_cannot_be_an_absence_is_refused() {
    for line in [
        "#away",
        "#away until",
        "#away until yesterday",
        "#away nobody until fri",
        "#away until fri stand-in me",
        "#away care until fri",
        "#back nobody",
        "#assign all",
        "#assign all ben to ben",
    ] {
        let mut story = complaint();
        says(&mut story, "18 11:00", "anna", line);
        story.tells("Wed 18 11:00  transcript to anna: refused: A line could not be read.");
    }
}

#[test]
fn a_colleagues_cases_go_to_the_others_of_the_team_or_to_who_is_named() {
    let mut policy = house();
    policy.people.push(person("cleo", &["care"], &["en"]));
    let mut story = Story::complaint(policy);
    story.facts.open_cases = [(PersonId::new("anna"), 3), (PersonId::new("ben"), 2), (PersonId::new("cleo"), 1)].into();
    story.skip();
    says(&mut story, "18 11:00", "lena", "#assign all anna");
    assert_eq!(story.case.owner, Some(PersonId::new("cleo")), "who has the fewest");
    let event = Event::HandedOver { of: PersonId::new("cleo"), to: None, by: PersonId::new("lena") };
    story.event(story.at("2026-11-18 11:10"), &event);
    assert_eq!(story.case.owner, Some(PersonId::new("ben")), "never back to whom it is taken from");
    story.event(story.at("2026-11-18 11:20"), &event);
    assert_eq!(story.case.owner, Some(PersonId::new("ben")), "it is not hers any more");
    says(&mut story, "18 11:30", "ben", "#assign all me to anna");
    assert_eq!(story.case.owner, Some(PersonId::new("anna")));
    says(&mut story, "18 11:40", "ben", "#assign all anna");
    story.tells(
        "Wed 18 11:00  lena hands over the cases of anna to None
         Wed 18 11:30  ben hands over the cases of ben to Some(Person(PersonId(\"anna\")))
         Wed 18 11:40  transcript to ben: refused: Only anna Example, whoever leads them, and who may decide ca",
    );
}

#[test]
fn cases_go_round_by_rotation_and_language() {
    let mut policy = house();
    policy.teams = vec![team("care", Assign::RoundRobin)];
    policy.people.push(person("cleo", &["care"], &["fr"]));
    let mut story = Story::of(policy);
    story.opened("2026-11-18 10:00", Incoming { language: Some("fr".into()), ..mail("Colis", "Il n'est pas venu.") });
    assert_eq!(story.case.owner, Some(PersonId::new("ben")), "anna reads no French");
    story.facts.last_assigned = Some(PersonId::new("ben"));
    let event = Event::HandedOver { of: PersonId::new("ben"), to: None, by: PersonId::new("lena") };
    story.event(story.at("2026-11-18 11:10"), &event);
    assert_eq!(story.case.owner, Some(PersonId::new("cleo")));
}

#[test]
fn an_answering_program_of_staff_is_no_reply_and_the_lead_may_enter_the_absence() {
    let mut story = complaint();
    let vacation = || {
        let plain = staff_mail("anna", "I am on holiday.");
        let mail =
            Incoming { class: MailClass::Automatic, writer: Writer::Person(PersonId::new("anna")), ..plain.mail };
        StaffMail { mail, may_command: false, out_of_office: true, ..plain }
    };
    story.staff_mail("2026-11-18 11:00", vacation());
    story.staff_mail("2026-11-18 12:00", vacation());
    story.tells("Wed 18 11:00  seems-away to lena: anna");
    story.staff_mail("2026-11-26 11:00", vacation());
    assert_eq!(story.count("seems-away to lena: anna"), 2, "a week later once more");
    says(&mut story, "26 11:10", "lena", "#away anna until 2026-12-01");
    story.staff_mail("2026-12-01 11:00", vacation());
    assert_eq!(story.count("seems-away to lena: anna"), 2, "it is known");
}

/// The warehouse is two people; the lead of it is on holiday in the first days.
fn with_warehouse() -> Story {
    let mut policy = house();
    let fix = amends::decide::policy::Purpose::Fix;
    let lead = Some(PersonId::new("wim"));
    policy.teams.push(amends::decide::policy::Team { purpose: fix, lead, ..team("warehouse", Assign::Nobody) });
    policy.people.push(person("wim", &["warehouse"], &["en"]));
    policy.people.push(person("uma", &["warehouse"], &["en"]));
    policy.people[4].away = vec![super::story::absence("2026-11-18", "2026-11-19", None)];
    let mut story = Story::complaint(policy);
    story.skip();
    story
}

#[test]
fn fixers_are_asked_and_their_answer_comes_to_the_owner_and_to_whoever_asked() {
    let mut story = with_warehouse();
    says(&mut story, "18 11:00", "lena", "#ask warehouse by fri 12:00 Is the crate back?");
    assert_eq!(story.case.owner, Some(PersonId::new("anna")), "it stays hers");
    story.staff("2026-11-18 15:00", "uma", Door::Internal, Proof::Both, "It is, and three lamps are in it.");
    story.tells(
        "Wed 18 11:00  question to uma: number 1, again: false
         Wed 18 15:00  customer-wrote to anna: Person { id: PersonId(\"uma\"), answered: false, proven: true }
         Wed 18 15:00  customer-wrote to lena: Person { id: PersonId(\"uma\"), answered: false, proven: true }",
    );
    assert!(!story.is_running(amends::decide::case::Target::Ask));
}

#[test]
fn who_does_not_answer_is_asked_once_more_then_their_lead_and_whoever_waits_hears_it() {
    let mut story = with_warehouse();
    story.staff(
        "2026-11-18 11:00",
        "anna",
        Door::Reply,
        Proof::Both,
        "#ask Warehouse by fri 12:00\n\nIs the crate back?\n\nThe green one.",
    );
    assert_eq!(story.case.questions[0].words, "Is the crate back?\n\nThe green one.");
    story.case.clocks.retain(|c| c.target == amends::decide::case::Target::Ask);
    story.case.rings.clear();
    story.run_until("2026-11-30 18:00");
    story.tells(
        "Wed 18 11:00  question to uma: number 1, again: false
         Fri 20 12:00  question to uma: number 1, again: true
         Mon 23 17:00  question to uma: number 1, again: true
         Mon 23 17:00  question to wim: number 1, again: true
         Mon 23 17:00  reminder to anna: no answer of warehouse",
    );
}

#[test]
fn a_forged_or_automatic_answer_answers_nothing() {
    let mut story = with_warehouse();
    says(&mut story, "18 11:00", "anna", "#ask uma is it back?");
    for (proof, machine) in [(Proof::From, None), (Proof::Both, Some("it reads so".to_owned()))] {
        let answer = StaffMail { proof, like_a_machine: machine, ..staff_mail("uma", "It is.") };
        story.staff_mail("2026-11-18 12:00", StaffMail { door: Door::Internal, ..answer });
        assert!(story.is_running(amends::decide::case::Target::Ask));
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    for line in ["#ask", "#ask nobody what?", "#ask warehouse by yesterday what?", "#ask warehouse by"] {
        let mut story = with_warehouse();
        says(&mut story, "18 11:00", "anna", line);
        story.tells("Wed 18 11:00  transcript to anna: refused: A line could not be read.");
    }
    let mut story = with_warehouse();
    says(&mut story, "18 11:00", "anna", "#ask warehouse by fri");
    says(&mut story, "18 11:10", "anna", "#ask me where is it?");
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: #ask needs a question: behind the name, or below the line.
         Wed 18 11:10  transcript to anna: refused: Nobody but you would be asked.",
    );
}

#[test]
fn only_words_are_an_answer_and_whoever_asked_reads_them() {
    let mut story = with_warehouse();
    says(&mut story, "18 11:00", "anna", "#ask uma is it back?");
    story.skip();
    for words in ["#show files", "#help", "#shwo", "#away until fri"] {
        says(&mut story, "18 12:00", "uma", words);
        assert!(story.is_running(amends::decide::case::Target::Ask), "{words}");
    }
    story.skip();
    says(&mut story, "18 13:00", "uma", "#note Batch 7: the glue is missing.");
    assert!(!story.is_running(amends::decide::case::Target::Ask));
    assert_eq!(story.count("answered: false, proven: true }"), 1, "anna asked, and reads it once");
}
