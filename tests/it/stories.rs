//! Stories: the daemon on set time, with a mailbox and a mail server in memory, told from mail to mail.
//!
//! Each story is compared with `tests/stories/NAME.txt`, all mail that left in order; a mismatch writes
//! `NAME.actual.txt` beside it. Then it is played again with the daemon stopped and started anew at every single
//! commit, before and after it: what was sent must be the same, and `verify` must find nothing.

mod play;
pub mod shop;

use jiff::Timestamp;

use super::support::mail::RawMail;
use play::{Play, Scene};

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// A mail of a customer whose provider vouches for them.
fn from_customer(name: &str, address: &str, subject: &str, body: &str) -> Vec<u8> {
    let domain = address.split('@').nth(1).expect("an address");
    let trusted = format!("mx.northwind.example; dmarc=pass header.from={domain}");
    RawMail::new(&format!("{name} <{address}>"), "support@northwind.example", subject)
        .with("Return-Path", &format!("<{address}>"))
        .with("Authentication-Results", &trusted)
        .with("Received", "from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000")
        .body(body)
        .bytes()
}

/// Nobody answers Klaus: his apology, the rings, the letters that own up, up to the authority.
fn neglected(play: &mut Play) -> Vec<Scene> {
    let _ = play;
    let complaint = from_customer(
        "Klaus Berger",
        "klaus@customer.example",
        "Lamp broken again",
        "Hello,\n\nthe second lamp is broken as well. I am angry.\n\nKlaus",
    );
    vec![Scene::Mail { at: at("2026-11-20T22:40:00Z"), raw: complaint }, Scene::Until(at("2026-12-04T17:00:00Z"))]
}

#[test]
fn a_neglected_complaint_climbs_the_ladder_and_every_date_is_owned_up_to() {
    play::tell("neglected", neglected);
}

/// Two customers; one writes again by answering our letter; a vacation note and a stranger join in.
fn written_again(play: &mut Play) -> Vec<Scene> {
    let _ = play;
    let first = from_customer("Klaus Berger", "klaus@customer.example", "Lamp broken", "The lamp is broken.");
    let other = from_customer("Rosa Diaz", "rosa@other.example", "When do you open?", "When does the desk open?");
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: first },
        Scene::Reply {
            at: at("2026-11-23T09:00:00Z"),
            letter: "apology",
            from: "Klaus Berger <klaus@customer.example>",
            body: "It smells burnt, too. Photo follows.",
            headers: &[],
        },
        Scene::Reply {
            at: at("2026-11-23T09:05:00Z"),
            letter: "apology",
            from: "Klaus Berger <klaus@customer.example>",
            body: "I am out of the office until Thursday.",
            headers: &[("Auto-Submitted", "auto-replied (vacation)")],
        },
        Scene::Reply {
            at: at("2026-11-23T09:30:00Z"),
            letter: "new-case",
            from: "Mei Tan <mei@northwind.example>",
            body: "Dear Klaus, a new lamp is on its way.",
            headers: &[],
        },
        Scene::Mail { at: at("2026-11-23T09:40:00Z"), raw: other },
        Scene::Until(at("2026-11-23T10:00:00Z")),
    ]
}

#[test]
fn whoever_writes_again_joins_the_case_and_staff_words_stay_inside() {
    play::tell("written-again", written_again);
}

/// The mail server is away from Friday night to Tuesday noon: the letters that leave then name dates that can be kept.
fn server_away(play: &mut Play) -> Vec<Scene> {
    let _ = play;
    let complaint = from_customer("Klaus Berger", "klaus@customer.example", "Lamp broken", "The lamp is broken.");
    vec![
        Scene::ServerGoes { at: at("2026-11-20T22:30:00Z") },
        Scene::Mail { at: at("2026-11-20T22:40:00Z"), raw: complaint },
        Scene::ServerComes { at: at("2026-11-24T11:00:00Z") },
        Scene::Until(at("2026-11-24T15:30:00Z")),
    ]
}

#[test]
fn a_letter_that_could_not_leave_in_time_is_written_anew() {
    play::tell_of_tries("server-away", server_away);
}

/// The apology comes back as undeliverable: the owner is told.
fn bounces(play: &mut Play) -> Vec<Scene> {
    let _ = play;
    let complaint = from_customer("Klaus Berger", "klaus@customer.example", "Lamp broken", "The lamp is broken.");
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: complaint },
        Scene::Bounce { at: at("2026-11-23T08:40:00Z"), letter: "apology" },
        Scene::Until(at("2026-11-23T16:30:00Z")),
    ]
}

#[test]
fn a_bounce_tells_the_owner() {
    play::tell("bounces", bounces);
}

/// Machines, copies and our own letters coming back: nobody is answered, nothing opens twice.
fn machines(play: &mut Play) -> Vec<Scene> {
    let _ = play;
    let complaint = from_customer("Klaus Berger", "klaus@customer.example", "Lamp broken", "The lamp is broken.");
    let list = RawMail::new("News <news@list.example>", "support@northwind.example", "This week")
        .with("Return-Path", "<bounce-7@list.example>")
        .with("List-Id", "<news.list.example>")
        .body("Lamps are on sale.")
        .bytes();
    let null = RawMail::new("MAILER-DAEMON <mailer-daemon@x.example>", "support@northwind.example", "failure notice")
        .with("Return-Path", "<>")
        .body("Sorry.")
        .bytes();
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: complaint.clone() },
        Scene::Mail { at: at("2026-11-23T08:11:00Z"), raw: complaint },
        Scene::Mail { at: at("2026-11-23T08:12:00Z"), raw: list },
        Scene::Mail { at: at("2026-11-23T08:13:00Z"), raw: null },
        Scene::Echo { at: at("2026-11-23T08:40:00Z"), letter: "apology" },
        Scene::Until(at("2026-11-23T08:50:00Z")),
    ]
}

#[test]
fn machines_and_copies_are_never_answered() {
    play::tell("machines", machines);
}
