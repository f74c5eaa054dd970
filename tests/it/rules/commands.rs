//! Commands that sort a case, call somebody above, remind, let in or set aside: what each does, and when it does not fit.

use amends::decide::case::{Door, Outcome, Priority, State, Target};
use amends::decide::event::Proof;

use super::story::{Story, address, house, mail};

/// Anna owns a complaint of Wednesday ten o'clock; its answer is due at 14:00.
fn complaint() -> Story {
    let mut story = Story::complaint(house());
    story.skip();
    story
}

fn anna(story: &mut Story, at: &str, words: &str) {
    story.staff(&format!("2026-11-{at}"), "anna", Door::Internal, Proof::Both, words);
}

fn due(story: &Story, target: Target) -> Option<jiff::Timestamp> {
    story.case.clock(target).filter(|c| c.is_running()).map(|c| c.due_at)
}

#[test]
fn another_sla_counts_from_the_beginning_but_a_date_that_a_letter_named_stays() {
    let mut story = complaint();
    anna(&mut story, "18 11:00", "#sla vip");
    assert_eq!(story.case.sla, "vip");
    assert_eq!(due(&story, Target::FirstResponse), Some(story.at("2026-11-18 14:00")), "the apology named it");
    assert_eq!(due(&story, Target::Resolution), Some(story.at("2026-11-28 10:00")), "ten days from the beginning");
    story.run_until("2026-11-18 14:00");
    story.tells(
        "Wed 18 14:00  escalation to otto: first_response rung 1
         Wed 18 14:00  holding to the customer: number 1, was due Wed 18 14:00, next Thu 19 14:00, before otto",
    );
}

#[test]
fn under_another_sla_the_time_of_waiting_is_given_back_too() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Both, "Which colour do you want?");
    story.customer("2026-11-19 11:00", "Green.");
    anna(&mut story, "19 12:00", "#sla vip");
    // Eight hours of the office were spent waiting; the new hours never close.
    assert_eq!(due(&story, Target::Resolution), Some(story.at("2026-11-28 18:00")));
}

#[test]
fn a_case_that_waits_goes_on_waiting_under_another_sla() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Both, "Which colour do you want?");
    anna(&mut story, "18 12:00", "#sla vip");
    assert_eq!(due(&story, Target::Resolution), None);
    story.customer("2026-11-18 13:00", "Green.");
    assert_eq!(due(&story, Target::Resolution), Some(story.at("2026-11-28 12:00")), "two hours later");
}

#[test]
fn tags_are_words_of_the_house() {
    let mut story = complaint();
    anna(&mut story, "18 11:00", "#tag Hinge, #garden\n#tag -hinge b2b");
    assert_eq!(story.case.tags.iter().map(String::as_str).collect::<Vec<_>>(), ["b2b", "garden"]);
    story.tells("");
    anna(&mut story, "18 11:10", "#tag b2b what?");
    story.tells("Wed 18 11:10  transcript to anna: refused: A line could not be read.");
}

#[test]
fn who_is_above_is_rung_before_the_date_and_reads_why() {
    let mut story = complaint();
    anna(&mut story, "18 11:00", "#escalate He called twice.");
    story.tells("Wed 18 11:00  escalation to lena: first_response rung 2, take by Wed 18 12:00, then otto, anna asks: He called twice.");
    assert_eq!(story.case.owner.as_ref().map(|o| o.as_str()), Some("anna"), "it stays hers until somebody takes it");
    anna(&mut story, "18 11:10", "#escalate Again.");
    assert!(story.noted("rung otto"));
    story.skip();
    anna(&mut story, "18 11:20", "#escalate And again.");
    story.tells(
        "Wed 18 11:20  transcript to anna: refused: Nobody is left on the ladder of this case who does not know",
    );
}

#[test]
fn whom_somebody_asked_for_is_rung_at_any_hour_and_the_customer_is_not_told() {
    let mut story = Story::new();
    story.opened("2026-11-20 16:30", mail("Parcel", "Where is my parcel? I am disappointed."));
    story.skip();
    anna(&mut story, "20 22:00", "#escalate It is for a wedding tomorrow.");
    story.tells("Fri 20 22:00  escalation to lena: first_response rung 2, take by Mon 23 10:00, then otto, anna asks: It is for a wedding tomorrow.");
}

#[test]
fn a_customer_who_does_not_answer_is_reminded_once_a_day() {
    let mut story = complaint();
    anna(&mut story, "18 11:00", "#nudge");
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: The case does not wait for the customer. Ask them something",
    );
    story.skip();
    story.staff("2026-11-18 11:05", "anna", Door::Reply, Proof::Both, "Which colour do you want?");
    anna(&mut story, "23 11:00", "#nudge");
    anna(&mut story, "23 15:00", "#nudge");
    story.tells(
        "Wed 18 11:05  reply to the customer: by anna
         Mon 23 11:00  nudge to the customer: by anna, of Wed 18 11:05
         Mon 23 15:00  transcript to anna: refused: The customer was reminded today already.",
    );
    assert_eq!(due(&story, Target::CustomerSilent), Some(story.at("2026-11-30 17:00")), "their time begins anew");
}

#[test]
fn nobody_is_reminded_at_an_address_where_nothing_arrives() {
    let mut story = complaint();
    story.staff("2026-11-18 11:05", "anna", Door::Reply, Proof::Both, "Which colour do you want?");
    story.skip();
    story.facts.address_stopped = true;
    anna(&mut story, "23 11:00", "#nudge");
    story.tells("Mon 23 11:00  transcript to anna: refused: Mail to this address does not arrive. Please call them.");
}

#[test]
fn what_a_spammer_writes_is_set_aside_until_the_case_is_reopened() {
    let mut story = complaint();
    anna(&mut story, "18 11:00", "#spam");
    assert_eq!((story.case.state, story.case.outcome), (State::Closed, Some(Outcome::Closed)));
    assert_eq!(story.case.next_due(), None);
    anna(&mut story, "18 11:10", "#reopen");
    assert_eq!(story.case.state, State::Open);
    anna(&mut story, "18 11:20", "#close");
    anna(&mut story, "18 11:30", "#reopen");
    story.tells(
        "Wed 18 11:00  klaus@berger.example is set aside: true
         Wed 18 11:10  klaus@berger.example is set aside: false",
    );
}

#[test]
fn who_was_mentioned_is_let_in_and_reads_what_persons_write() {
    let mut story = complaint();
    story.facts.mentioned = vec![address("erika@berger.example")];
    anna(&mut story, "18 11:00", "#cc Erika Berger <Erika@berger.example>");
    story.staff("2026-11-18 11:10", "anna", Door::Reply, Proof::Both, "Dear both, it comes tomorrow.");
    anna(&mut story, "18 11:20", "#update It is packed.");
    story.tells(
        "Wed 18 11:10  reply to the customer: by anna
         Wed 18 11:10  reply to participant 1: by anna
         Wed 18 11:20  update to the customer: by anna, next Thu 19 17:00: It is packed.
         Wed 18 11:20  update to participant 1: by anna, next Thu 19 17:00: It is packed.",
    );
    story.skip();
    anna(&mut story, "18 11:30", "#cc erika@berger.example");
    story.tells("Wed 18 11:30  transcript to anna: refused: erika@berger.example takes part already.");
    // Our own dates are the customer's alone.
    story.skip();
    story.run_until("2026-11-19 17:00");
    assert_eq!(story.count("participant 1"), 0);
}

#[test]
fn a_stranger_is_let_in_only_by_a_confirmation_whatever_proves_the_mail() {
    let mut story = complaint();
    let asked = story.staff("2026-11-18 11:00", "anna", Door::Internal, Proof::Both, "#cc erika@berger.example");
    story.tells(
        "Wed 18 11:00  confirm to anna: erika@berger.example takes part: they get what you and your colleagues write to \
         Klaus Berger.",
    );
    assert_eq!(story.case.participants.len(), 1);
    story.staff("2026-11-18 11:05", "anna", Door::Confirm(asked), Proof::Token, "#confirm");
    assert_eq!(story.case.taking_part().count(), 2);
}

#[test]
fn nobody_of_the_house_and_no_address_that_is_none_is_let_in() {
    let mut story = complaint();
    for line in [
        "#cc",
        "#cc erika",
        "#cc a@b",
        "#cc ben@northwind.example",
        "#cc support+x@northwind.example",
        "#cc a@b.example c@d.example",
    ] {
        story.skip();
        anna(&mut story, "18 11:00", line);
        story.tells("Wed 18 11:00  transcript to anna: refused: A line could not be read.");
    }
    assert_eq!(story.case.participants.len(), 1);
}

#[test]
fn a_priority_orders_and_lets_ring_at_any_hour_and_moves_no_date() {
    let mut story = Story::new();
    story.opened("2026-11-20 16:30", mail("Parcel", "Where is my parcel? I am disappointed."));
    let due = story.case.clock(Target::FirstResponse).map(|c| c.due_at);
    story.skip();
    story.staff("2026-11-20 16:40", "anna", Door::Internal, Proof::Both, "#priority high");
    assert_eq!((story.case.priority, story.case.clock(Target::FirstResponse).map(|c| c.due_at)), (Priority::High, due));
    story.staff("2026-11-20 16:50", "anna", Door::Internal, Proof::Both, "#kind delivery\n#priority low");
    assert_eq!((story.case.kind.as_str(), story.case.priority), ("delivery", Priority::Low));
}

#[test]
fn danger_that_only_a_reader_saw_rings_the_authority_at_once() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Internal, Proof::Both, "#kind danger");
    assert_eq!(story.case.priority, Priority::Urgent);
    story.tells("Wed 18 11:00  escalation to otto: first_response rung 3");
}

#[test]
fn the_case_and_lists_of_cases_come_by_mail_and_change_nothing() {
    let mut story = complaint();
    let before = (story.case.revision, story.case.state);
    anna(&mut story, "18 11:00", "#show\n#list\n#list\n#list overdue");
    story.staff("2026-11-18 11:10", "lena", Door::Internal, Proof::Both, "#show files");
    story.tells(
        "Wed 18 11:00  case-story to anna, files: false
         Wed 18 11:00  list mine to anna
         Wed 18 11:00  list overdue to anna
         Wed 18 11:10  case-story to lena, files: true",
    );
    assert_eq!((story.case.revision, story.case.state), before);
    story.skip();
    anna(&mut story, "18 11:20", "#list all");
    story.tells("Wed 18 11:20  transcript to anna: refused: A line could not be read.");
}

#[test]
fn a_mail_of_commands_that_belongs_to_no_case_leaves_none_open() {
    let mut story = Story::new();
    story.opened_by("2026-11-18 10:00", "ben", Proof::Both, "#list team");
    assert_eq!(story.case.state, State::Closed);
    story.tells("Wed 18 10:00  list team to ben");
    let mut story = Story::new();
    story.opened_by("2026-11-18 10:00", "ben", Proof::From, "#list team");
    story.tells(
        "Wed 18 10:00  transcript to ben: refused: A mail in your name came without any proof that you wrote it",
    );
    let mut story = Story::new();
    story.opened_by("2026-11-18 10:00", "ben", Proof::Both, "#note Klaus called, and will write.");
    assert_eq!(story.case.state, State::Open, "what is to be remembered stays open");
}

#[test]
fn a_caller_gets_a_case_and_has_it_in_writing_once_a_colleague_has_confirmed_the_address() {
    let mut story = Story::new();
    let words = "#new klaus@berger.example Klaus Berger\n\nHe shouted. The parcel never came; he wants his money back.";
    story.opened_by("2026-11-18 10:00", "anna", Proof::Both, words);
    assert!(story.case.customer().is_none(), "nothing happens before the confirmation");
    story.staff("2026-11-18 10:05", "anna", Door::Confirm(amends::mail::MailId(1)), Proof::Token, "#confirm");
    story.tells(
        "Wed 18 10:00  confirm to anna: A case opens for klaus@berger.example (Klaus Berger), who gets a letter now that \
         says when you write. Your words stay on the case as an internal note.
         Wed 18 10:05  after-call to the customer, by anna: anna by Wed 18 14:05, wish known
         Wed 18 10:05  new-case to anna",
    );
    let customer = story.case.customer().expect("a customer");
    assert_eq!((customer.address.as_str(), story.case.kind.as_str()), ("klaus@berger.example", "delivery"));
    assert_eq!(story.case.subject, "", "a colleague's subject is no business of the customer's");
    story.skip();
    story.run_until("2026-11-18 14:05");
    assert!(story.noted("first answer did not come in time"));
    story.skip();
    anna(&mut story, "18 15:00", "#new other@where.example");
    story.tells(
        "Wed 18 15:00  transcript to anna: refused: #new belongs into a new mail to the support address: this ca",
    );
}

#[test]
fn danger_that_somebody_called_about_rings_the_authority() {
    let mut story = Story::new();
    story.opened_by("2026-11-21 03:00", "lena", Proof::Both, "#new klaus@berger.example\n\nThere is smoke.");
    story.staff("2026-11-21 03:01", "lena", Door::Confirm(amends::mail::MailId(1)), Proof::Token, "#confirm");
    story.skip();
    assert_eq!(story.case.priority, Priority::Urgent);
    assert_eq!(story.case.owner.as_ref().map(|o| o.as_str()), Some("anna"), "lena answers no customers");
    assert!(story.noted("rung otto"));
}

#[test]
fn what_a_colleague_asks_for_neither_waits_for_a_list_nor_for_a_digest() {
    let mut policy = house();
    policy.lists = true;
    policy.teams[0].assign = amends::decide::policy::Assign::Nobody;
    let mut story = Story::complaint(policy);
    story.facts.rings_last_hour = [(amends::mail::PersonId::new("lena"), 9)].into();
    story.skip();
    anna(&mut story, "18 11:00", "#escalate He called twice.");
    assert_eq!(story.count("anna asks: He called twice."), 1);
    assert!(story.noted("rung lena"));
}

#[test]
fn what_ends_a_case_comes_last_and_nothing_is_begun_beside_it() {
    for words in
        ["#close\n#ask ben why?", "#spam\n#nudge", "#merge 7\n#split", "#merge 7\n#assign ben", "#fixed\n#escalate why"]
    {
        let mut story = complaint();
        anna(&mut story, "18 11:00", words);
        assert_eq!(story.case.state, State::New, "{words}");
        assert!(story.noted("nothing done for anna"), "{words}");
    }
    let mut story = complaint();
    anna(&mut story, "18 11:00", "#close it is over\n#tag hinge\n#priority high");
    assert_eq!((story.case.state, story.case.priority), (State::Closed, Priority::High));
    assert!(story.case.tags.contains("hinge"));
}

#[test]
fn a_letter_to_a_caller_is_not_beside_a_command_that_ends_its_date() {
    for beside in ["#called he was glad", "#close", "#fixed"] {
        let mut story = Story::new();
        story.opened_by(
            "2026-11-18 10:00",
            "anna",
            Proof::Both,
            &format!("#new klaus@berger.example\n{beside}\n\nHe called."),
        );
        story.tells(
            "Wed 18 10:00  transcript to anna: refused: #new writes to the caller when they hear from you. What they",
        );
    }
}

#[test]
fn a_letter_to_a_caller_that_could_not_leave_is_written_anew() {
    let mut story = Story::new();
    story.opened_by("2026-11-18 10:00", "anna", Proof::Both, "#new klaus@berger.example\n\nHe called.");
    story.staff("2026-11-18 10:05", "anna", Door::Confirm(amends::mail::MailId(1)), Proof::Token, "#confirm");
    story.skip();
    story.stale("2026-11-18 15:00", "after-call");
    story.tells("Wed 18 15:00  after-call to the customer, by anna: anna by Thu 19 11:00, late");
}

#[test]
fn a_customer_is_no_spammer_and_nobody_is_reminded_of_nothing() {
    let mut story = complaint();
    story.facts.other_cases = 1;
    anna(&mut story, "18 11:00", "#spam");
    story.facts.other_cases = 0;
    anna(&mut story, "18 11:10", "#wait");
    anna(&mut story, "18 11:20", "#nudge");
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: This address is a customer's: one of you has written to them
         Wed 18 11:20  transcript to anna: refused: Nobody has written to the customer yet, so there is nothing",
    );
}
