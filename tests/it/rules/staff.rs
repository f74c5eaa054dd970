//! What staff write: what is obeyed, what waits for a word, what is refused, and who hears of it.

use amends::decide::case::{Door, State, Target};
use amends::decide::event::{AskedLately, Facts, Proof, StaffMail};
use amends::mail::MailId;

use super::story::{Story, house, mail, staff_mail};

/// Anna owns a complaint of Wednesday ten o'clock; its answer is due at 14:00.
fn complaint() -> Story {
    let mut story = Story::complaint(house());
    story.skip();
    story
}

fn reply(story: &mut Story, words: &str) {
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Both, words);
}

#[test]
fn a_reply_goes_to_the_customer_and_is_the_answer_they_waited_for() {
    let mut story = complaint();
    reply(&mut story, "Dear Klaus, it is on its way.");
    assert_eq!(story.case.state, State::Open);
    assert!(!story.is_running(Target::FirstResponse) && story.is_running(Target::NextUpdate));
    story.run_until("2026-11-18 17:00");
    story.tells("Wed 18 11:00  reply to the customer: by anna");
}

#[test]
fn an_answer_that_comes_too_late_ends_the_ringing_and_the_letters_that_were_to_own_up() {
    let mut story = complaint();
    story.run_until("2026-11-18 14:30");
    story.skip();
    reply_at(&mut story, "2026-11-18 14:40");
    story.run_until("2026-11-18 17:00");
    story.tells(
        "Wed 18 14:40  reply to the customer: by anna
         Wed 18 14:40  void fup:1042:holding-first_response:0",
    );
}

fn reply_at(story: &mut Story, local: &str) {
    story.staff(local, "anna", Door::Reply, Proof::Both, "We are sorry. It is on its way.");
}

#[test]
fn a_question_is_the_customers_turn_and_their_answer_gives_back_the_time_that_was_left() {
    let mut story = complaint();
    reply(&mut story, "Which door number is yours?");
    assert_eq!(story.case.state, State::Waiting);
    assert!(!story.is_running(Target::NextUpdate) && !story.is_running(Target::Resolution));
    assert!(story.is_running(Target::CustomerSilent));
    let due = story.case.clock(Target::NextUpdate).map(|c| c.due_at);
    story.customer("2026-11-19 11:00", "Number seven.");
    assert_eq!(story.case.state, State::Open);
    let later = story.case.clock(Target::NextUpdate).map(|c| c.due_at);
    assert_eq!(due, Some(story.at("2026-11-19 17:00")));
    assert_eq!(later, Some(story.at("2026-11-20 17:00")), "a working day was spent waiting");
}

#[test]
fn the_words_decide_whether_something_is_asked() {
    for (words, waits) in [
        ("Is it the left hinge?", true),
        ("Thank you! Do you have a photo? It would help.", true),
        ("See https://shop.example/?q=lamp for the plan.", false),
        ("It comes on Friday.", false),
        ("(Or the right one?)", true),
    ] {
        let mut story = complaint();
        reply(&mut story, words);
        assert_eq!(story.case.state == State::Waiting, waits, "{words}");
    }
}

#[test]
fn an_internal_address_reaches_no_customer_whatever_is_written() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Internal, Proof::Both, "Tell him he is a nuisance.");
    story.tells("");
    assert!(story.is_running(Target::FirstResponse));
}

#[test]
fn who_answers_no_customers_writes_inside_until_they_take_the_case() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "otto", Door::Reply, Proof::Both, "I would send a new one.");
    story.staff("2026-11-18 11:10", "otto", Door::Reply, Proof::Both, "#take\n\nDear Klaus, I do this myself.");
    story.staff("2026-11-18 11:20", "otto", Door::Reply, Proof::Both, "And it is done.");
    story.tells(
        "Wed 18 11:00  transcript to otto: kept: It came to the address of a reply, but was not sent: the ser
         Wed 18 11:00  customer-wrote to anna: Person { id: PersonId(\"otto\"), answered: false, proven: true }
         Wed 18 11:10  new-case to otto
         Wed 18 11:10  reply to the customer: by otto
         Wed 18 11:20  reply to the customer: by otto",
    );
    assert_eq!(story.case.owner.as_ref().map(|o| o.as_str()), Some("otto"));
}

#[test]
fn from_alone_does_nothing_and_only_the_person_it_names_hears_of_it() {
    for (door, words) in [(Door::None, "#close"), (Door::None, "#fixed\nAll is well, dear Klaus.")] {
        let mut story = complaint();
        story.staff("2026-11-18 11:00", "anna", door, Proof::From, words);
        story.tells(
            "Wed 18 11:00  transcript to anna: refused: A mail in your name came without any proof that you wrote it",
        );
        assert_eq!(story.case.state, State::New);
    }
}

#[test]
fn a_forger_cannot_fill_an_inbox() {
    let mut story = complaint();
    story.facts = Facts { asked: AskedLately { hour: 10, ..AskedLately::default() }, ..Facts::default() };
    story.staff("2026-11-18 11:00", "anna", Door::None, Proof::From, "#close");
    story.facts.asked = AskedLately { open: 3, ..AskedLately::default() };
    story.staff("2026-11-18 11:01", "anna", Door::None, Proof::Aligned, "#close");
    story.tells("");
    assert_eq!(story.case.state, State::New);
}

#[test]
fn what_is_half_proven_waits_for_the_word_from_the_registered_address() {
    let mut story = complaint();
    let asked = story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "#take\nDear Klaus, it comes.");
    assert!(story.is_running(Target::FirstResponse), "nothing has happened yet");
    story.staff("2026-11-18 11:20", "anna", Door::Confirm(asked), Proof::Token, "#confirm");
    story.tells(
        "Wed 18 11:00  confirm to anna: The case is yours. Your words go to Klaus Berger: \"Dear Klaus, it comes.\"
         Wed 18 11:20  reply to the customer: by anna",
    );
    story.skip();
    story.staff("2026-11-18 11:30", "anna", Door::Confirm(asked), Proof::Token, "#confirm");
    story.tells(
        "Wed 18 11:30  transcript to anna: refused: Nothing waits for this confirmation any more: it was used, o",
    );
}

#[test]
fn a_confirmation_needs_its_word_its_person_and_its_hour() {
    let forgotten = |words: &str, person: &str, at: &str| {
        let mut story = complaint();
        let asked = story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "Dear Klaus, it comes.");
        story.skip();
        story.staff(at, person, Door::Confirm(asked), Proof::Token, words);
        assert!(story.is_running(Target::FirstResponse), "{words} of {person} at {at}");
        story
    };
    forgotten("I am away until Monday.", "anna", "2026-11-18 11:05")
        .tells("Wed 18 11:05  transcript to anna: kept: A confirmation needs #confirm in its first line, and no othe");
    forgotten("#confirm", "anna", "2026-11-18 12:01").tells(
        "Wed 18 12:01  transcript to anna: refused: This confirmation came more than an hour after it was asked ",
    );
    let other = forgotten("#confirm", "ben", "2026-11-18 11:05");
    assert!(other.noted("Nothing waits for this confirmation"));
}

#[test]
fn what_happened_meanwhile_is_told_before_it_is_confirmed() {
    let mut story = complaint();
    let asked = story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "#close");
    story.customer("2026-11-18 11:05", "It came, but it is broken.");
    story.skip();
    let again = story.staff("2026-11-18 11:10", "anna", Door::Confirm(asked), Proof::Token, "#confirm");
    assert_eq!(story.case.state, State::New);
    story.staff("2026-11-18 11:12", "anna", Door::Confirm(again), Proof::Token, "#confirm");
    assert_eq!(story.case.state, State::Closed);
    story.tells("Wed 18 11:10  confirm to anna: The case is closed, without a letter.");
}

#[test]
fn one_confirmation_releases_all_that_its_letter_lists() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "#take");
    let second = story.staff("2026-11-18 11:02", "anna", Door::Reply, Proof::Token, "It comes on Friday.");
    story.staff("2026-11-18 11:05", "anna", Door::Confirm(second), Proof::Token, "#confirm");
    story.tells(
        "Wed 18 11:00  confirm to anna: The case is yours.
         Wed 18 11:02  confirm to anna: The case is yours. Your words go to Klaus Berger: \"It comes on Friday.\"
         Wed 18 11:05  reply to the customer: by anna",
    );
}

#[test]
fn a_house_may_say_that_a_token_is_proof_enough() {
    let mut story = Story::complaint(amends::decide::policy::Policy { token_is_proof: true, ..house() });
    story.skip();
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "It comes on Friday.");
    story.tells("Wed 18 11:00  reply to the customer: by anna");
}

#[test]
fn the_admin_hears_which_setting_would_end_the_confirmations() {
    let mut story = complaint();
    story.facts.asked = AskedLately { confirmations_day: 2, ..AskedLately::default() };
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "It comes on Friday.");
    assert!(story.noted("asked to confirm"));
    story.tells(
        "Wed 18 11:00  confirm to anna: Your words go to Klaus Berger: \"It comes on Friday.\"
         Wed 18 11:00  alert anna has to confirm mail after mail, because their mail proves no sender (no DKIM or DMARC that we trust): name the server that checks it in security.trusted_authserv_id, or set security.staff_proof = \"token\"",
    );
}

#[test]
fn an_address_that_a_program_completed_sends_nothing_by_itself() {
    let mut story = complaint();
    let lost = StaffMail { answers_case: false, ..staff_mail("anna", "Mum, the cake was great.") };
    story.staff_mail("2026-11-18 11:00", lost);
    assert!(story.is_running(Target::FirstResponse));
    story.staff("2026-11-18 11:10", "anna", Door::Internal, Proof::Both, "#send");
    story.tells(
        "Wed 18 11:00  transcript to anna: held: This mail came to the address of a reply, but it is no reply
         Wed 18 11:10  reply to the customer: by anna",
    );
}

#[test]
fn nobody_sends_what_another_wrote() {
    let mut story = complaint();
    story.staff_mail("2026-11-18 11:00", StaffMail { answers_case: false, ..staff_mail("anna", "Mum, the cake.") });
    story.skip();
    story.staff("2026-11-18 11:10", "ben", Door::Internal, Proof::Both, "#send");
    story.tells("Wed 18 11:10  transcript to ben: refused: Nothing of yours waits to be sent on this case.");
}

#[test]
fn our_own_notice_among_the_words_stops_them_all() {
    let mut story = complaint();
    let leaking =
        StaffMail { leak: Some("a line of our notice".into()), ..staff_mail("anna", "#take\nDear Klaus, so.") };
    story.staff_mail("2026-11-18 11:00", leaking);
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: Something that is not for the customer would have gone out:",
    );
    assert_eq!(story.case.state, State::New, "not even the command was obeyed");
}

#[test]
fn one_line_that_cannot_be_read_and_nothing_happens() {
    let mut story = complaint();
    reply(&mut story, "#take\n#fixd\n\nDear Klaus, it is done.");
    story.tells("Wed 18 11:00  transcript to anna: refused: A line could not be read.");
    assert!(story.is_running(Target::FirstResponse));
    assert_eq!(story.case.state, State::New);
}

#[test]
fn a_command_in_the_middle_holds_the_mail() {
    let mut story = complaint();
    reply(&mut story, "Dear Klaus, it is done.\n\n#fixed\n\nAnna");
    assert!(story.is_running(Target::FirstResponse));
    story
        .tells("Wed 18 11:00  transcript to anna: held: Among your words stands a line that looks like a command: \"#");
}

#[test]
fn what_cannot_fit_the_case_says_why() {
    for (words, why) in [
        ("#confirm", "#confirm belongs into a reply to the mail that asks for it."),
        ("#reopen", "The case is open already."),
        ("#update", "#update needs the words for the customer"),
        ("#send", "Nothing of yours waits"),
    ] {
        let mut story = complaint();
        story.staff("2026-11-18 11:00", "anna", Door::Internal, Proof::Both, words);
        assert!(story.noted(why), "{words}: {:?}", story.log);
    }
    let mut story = complaint();
    reply(&mut story, "#close");
    reply(&mut story, "#fixed");
    assert!(story.noted("The case is closed. Write #reopen first"));
}

#[test]
fn a_note_and_a_call_stay_inside_and_a_call_is_an_answer() {
    let mut story = complaint();
    reply(&mut story, "#note he sounds tired\nand he is right");
    assert!(story.is_running(Target::FirstResponse));
    reply(&mut story, "#called we agreed on Friday");
    assert!(!story.is_running(Target::FirstResponse) && story.is_running(Target::NextUpdate));
    story.tells("");
}

#[test]
fn an_update_is_a_letter_that_names_the_next_date() {
    let mut story = complaint();
    reply(&mut story, "#update The courier has it.");
    story.tells("Wed 18 11:00  update to the customer: by anna, next Thu 19 17:00: The courier has it.");
    story.skip();
    // The date was named: when it breaks the customer hears it from us.
    story.run_until("2026-11-19 17:00");
    story.tells("Thu 19 17:00  holding to the customer: number 1, was due Thu 19 17:00, next Mon 23 17:00");
}

#[test]
fn a_case_changes_hands_and_its_new_owner_hears_of_it() {
    let mut story = complaint();
    reply(&mut story, "#assign ben");
    story.tells("Wed 18 11:00  new-case to ben");
    assert_eq!(story.case.owner.as_ref().map(|o| o.as_str()), Some("ben"));
}

#[test]
fn a_sleeping_case_wakes_at_its_hour_and_keeps_the_time_it_had() {
    let mut story = complaint();
    reply(&mut story, "It is with the courier.");
    story.staff("2026-11-18 12:00", "anna", Door::Reply, Proof::Both, "#wait fri 10:00");
    assert_eq!(story.case.state, State::Paused);
    story.skip();
    story.run_until("2026-11-20 10:00");
    assert_eq!(story.case.state, State::Open);
    story.tells("Fri 20 10:00  reminder to anna: woke");
    assert_eq!(story.case.clock(Target::NextUpdate).map(|c| c.due_at), Some(story.at("2026-11-23 15:00")));
}

#[test]
fn whoever_takes_the_case_ends_the_climb() {
    let mut story = complaint();
    story.run_until("2026-11-18 14:00");
    story.skip();
    story.staff("2026-11-18 14:20", "lena", Door::Internal, Proof::Both, "#take");
    story.run_until("2026-11-18 15:30");
    story.tells("Wed 18 14:20  new-case to lena");
    assert_eq!(story.case.owner.as_ref().map(|o| o.as_str()), Some("lena"));
}

#[test]
fn a_reply_that_cannot_be_sent_is_told_to_its_writer() {
    let mut story = complaint();
    let event = amends::decide::event::Event::Unsendable {
        mail: MailId(9),
        person: amends::mail::PersonId::new("anna"),
        why: "its text is broken".into(),
    };
    story.event(story.at("2026-11-18 11:00"), &event);
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: Your words could not be made a mail, so nothing was sent: it",
    );
}

#[test]
fn a_strangers_use_of_a_token_ends_it() {
    let mut story = complaint();
    let stranger = amends::decide::event::Incoming {
        writer: amends::decide::case::Writer::Unknown,
        burns: Some(amends::mail::PersonId::new("anna")),
        ..mail("Re: notice", "#close")
    };
    story.wrote("2026-11-18 11:00", stranger);
    assert_eq!(story.case.serial_of(&amends::mail::PersonId::new("anna")), 1);
    assert_eq!(story.case.state, State::New);
}

#[test]
fn what_says_two_things_at_once_says_neither() {
    for (words, why) in [
        (
            "#update It leaves on Thursday.\n#note\n\nHe threatened Jane, careful.",
            "one of them in a mail that has words",
        ),
        ("#update One.\n#update Two.", "two #update"),
        ("#close\n#wait 3d", "exclude each other"),
        ("#fixed\n#wait", "exclude each other"),
        ("#assign ben\n#assign anna", "two #assign"),
    ] {
        let mut story = complaint();
        reply(&mut story, words);
        assert!(story.noted(why), "{words}: {:?}", story.log);
        assert_eq!(story.case.state, State::New, "{words}");
    }
}

#[test]
fn a_command_that_a_program_may_have_wrapped_is_not_guessed_at() {
    let mut story = complaint();
    reply(&mut story, "#close he was rude on the phone and I will not write to him once more, never,\never again");
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: A long command line is followed by words at once, and mail p",
    );
    let mut story = complaint();
    reply(
        &mut story,
        "#close he was rude on the phone and I will not write to him once more, never\n\nGoodbye, Klaus.",
    );
    story.tells("Wed 18 11:00  reply to the customer: by anna");
}

#[test]
fn send_means_what_was_shown_and_nothing_of_last_week() {
    let mut story = complaint();
    let lost = |words: &str| StaffMail { answers_case: false, ..staff_mail("anna", words) };
    story.staff_mail("2026-11-18 11:00", lost("Mum, the cake was great."));
    story.staff_mail("2026-11-20 11:00", lost("Dear Klaus, it is on its way."));
    story.skip();
    story.staff("2026-11-20 11:10", "anna", Door::Internal, Proof::Both, "#send");
    story.tells("Fri 20 11:10  reply to the customer: by anna");
    assert!(story.case.held.is_empty() && story.noted("is not sent any more"));
}

#[test]
fn a_confirmation_that_nobody_gave_is_not_asked_for_again_with_another() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "Forged: forget your money.");
    story.skip();
    story.staff("2026-11-18 15:00", "anna", Door::Reply, Proof::Token, "It is on its way.");
    story.tells("Wed 18 15:00  confirm to anna: Your words go to Klaus Berger: \"It is on its way.\"");
}

#[test]
fn what_send_would_have_been_asked_for_is_confirmed_knowingly() {
    let mut story = complaint();
    let mail = StaffMail {
        proof: Proof::Token,
        answers_case: false,
        ..staff_mail("anna", "Dear Klaus,\n#note he is lying\nAnna")
    };
    story.staff_mail("2026-11-18 11:00", mail);
    assert!(story.noted("which looks like a command") && story.noted("no plain reply"), "{:?}", story.log);
}

#[test]
fn a_second_answer_gives_the_clocks_back_that_a_question_had_stopped() {
    let mut story = complaint();
    reply(&mut story, "Which door number is yours?");
    story.staff("2026-11-18 12:00", "anna", Door::Reply, Proof::Both, "Found it in the order.");
    assert_eq!(story.case.state, State::Open);
    assert!(story.is_running(Target::Resolution) && !story.is_running(Target::CustomerSilent));
}

#[test]
fn a_date_that_a_letter_named_runs_on_while_the_case_waits() {
    let mut story = complaint();
    reply(&mut story, "#update It is packed.");
    story.staff("2026-11-18 12:00", "anna", Door::Reply, Proof::Both, "#wait");
    assert!(story.is_running(Target::NextUpdate), "the update said when they hear again");
    let mut story = complaint();
    reply(&mut story, "#update It is packed.\n#wait");
    story.tells("Wed 18 11:00  update to the customer: by anna, no date: It is packed.");
}

#[test]
fn who_writes_is_never_told_of_their_own_mail() {
    let mut house = house();
    house.people[0].away = vec![super::story::absence("2026-11-18", "2026-11-30", Some("ben"))];
    let mut story = Story::complaint(house);
    story.case.owner = Some(amends::mail::PersonId::new("anna"));
    story.skip();
    story.staff("2026-11-18 11:00", "ben", Door::Internal, Proof::Both, "I look after it.");
    story.tells("");
}

#[test]
fn a_responder_of_staff_is_answered_by_nobody() {
    let mut story = complaint();
    for door in [Door::None, Door::Internal] {
        let note = StaffMail {
            door,
            like_a_machine: Some("it reads like a note that a machine sends".into()),
            proof: Proof::From,
            ..staff_mail("ben", "I am on holiday.")
        };
        story.staff_mail("2026-11-18 11:00", note);
    }
    story.tells("");
}

#[test]
fn a_better_copy_does_what_the_first_could_not_and_only_once() {
    use amends::decide::event::Event;
    let mut story = complaint();
    let id = story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "It is on its way.");
    story.skip();
    for _ in 0..2 {
        let now = story.at("2026-11-18 11:05");
        let mut copy = staff_mail("anna", "It is on its way.");
        (copy.mail.mail, copy.mail.at) = (id, now);
        story.event(now, &Event::ProvenLater(copy));
    }
    story.tells("Wed 18 11:05  reply to the customer: by anna");
}

#[test]
fn a_send_that_comes_too_late_says_so() {
    let mut story = complaint();
    story.staff_mail("2026-11-18 11:00", StaffMail { answers_case: false, ..staff_mail("anna", "Dear Klaus, so.") });
    story.skip();
    story.staff("2026-11-20 11:10", "anna", Door::Internal, Proof::Both, "#send");
    story.tells("Fri 20 11:10  transcript to anna: refused: Nothing of yours waits to be sent on this case.");
}

#[test]
fn an_older_confirmation_ends_with_a_newer_one_which_tells_what_was_written_since() {
    let mut story = complaint();
    let first = story.staff("2026-11-18 11:00", "anna", Door::Reply, Proof::Token, "#close");
    story.customer("2026-11-18 11:05", "It came, but it is broken.");
    let second = story.staff("2026-11-18 11:10", "anna", Door::Reply, Proof::Token, "It is on its way.");
    story.staff("2026-11-18 11:12", "anna", Door::Confirm(first), Proof::Token, "#confirm");
    assert_eq!(story.case.state, State::New, "the letter that she answered did not show the customer's mail");
    story.staff("2026-11-18 11:14", "anna", Door::Confirm(second), Proof::Token, "#confirm");
    assert_eq!(story.case.state, State::Closed);
}

#[test]
fn a_command_below_other_words_is_not_obeyed_in_silence() {
    let mut story = complaint();
    story.staff("2026-11-18 11:00", "lena", Door::Internal, Proof::Both, "OK, mine.\n#take");
    assert!(story.case.owner.as_ref().is_some_and(|owner| owner.as_str() == "anna"));
    story.tells(
        "Wed 18 11:00  transcript to lena: kept: The line \"#take\" was not obeyed: commands stand on top of a
         Wed 18 11:00  customer-wrote to anna: Person { id: PersonId(\"lena\"), answered: false, proven: true }",
    );
}

#[test]
fn words_are_never_left_out_of_an_update_in_silence() {
    let mut story = complaint();
    story.staff(
        "2026-11-18 11:00",
        "anna",
        Door::Internal,
        Proof::Both,
        "#update We ordered it.\n\nIt comes on Monday.",
    );
    story.tells(
        "Wed 18 11:00  transcript to anna: refused: At this address the words below a command stay inside. Write",
    );
    let mut story = complaint();
    let cut = StaffMail { cut_short: true, ..staff_mail("anna", "#update We ordered it.") };
    story.staff_mail("2026-11-18 11:00", cut);
    story.tells("Wed 18 11:00  transcript to anna: held: Part of your mail looks like a quote. What stands below goes");
}
