//! Stories: the daemon on set time, with a mailbox and a mail server in memory, told from mail to mail.
//!
//! Each story is compared with `tests/stories/NAME.txt`, all mail that left in order; a mismatch writes
//! `NAME.actual.txt` beside it. Then it is played again with the daemon stopped and started anew at every single
//! commit, before and after it: what was sent must be the same, and `verify` must find nothing.

mod books;
mod calm;
pub mod clients;
mod colleagues;
mod joined;
mod loops;
mod machines;
mod office;
pub mod play;
mod programs;
pub mod shop;
mod slips;
mod welcome;

use jiff::Timestamp;

use super::support::mail::RawMail;
use play::Scene;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// What most stories begin with.
fn klaus_complains() -> Vec<u8> {
    from_customer("Klaus Berger", "klaus@customer.example", "Lamp broken", "The lamp is broken.")
}

/// A mail made from the last letter of that name to that address.
fn made(at_: &str, letter: &'static str, to: &'static str, make: fn(&[u8]) -> Vec<u8>) -> Scene {
    Scene::Made { at: at(at_), letter, to, make }
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
fn neglected() -> Vec<Scene> {
    let complaint = from_customer(
        "Klaus Berger",
        "klaus@customer.example",
        "Lamp broken again",
        "Hello,\n\nthe second lamp is broken as well. I am angry.\n\nKlaus",
    );
    vec![Scene::Mail { at: at("2026-11-20T22:40:00Z"), raw: complaint }, Scene::Until(at("2026-12-01T09:30:00Z"))]
}

#[test]
fn a_neglected_complaint_climbs_the_ladder_and_every_date_is_owned_up_to() {
    play::tell("neglected", neglected);
}

/// Two customers; one writes again by answering our letter; a vacation note and a stranger join in.
fn written_again() -> Vec<Scene> {
    let first = klaus_complains();
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

/// The whole course: a question to the customer, an answer, the fix, a no, a second fix, a yes, and later mail.
fn mended() -> Vec<Scene> {
    let complaint = klaus_complains();
    let klaus = "Klaus Berger <klaus@customer.example>";
    let answer = |at_: &str, letter, body| Scene::Reply { at: at(at_), letter, from: klaus, body, headers: &[] };
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: complaint },
        made("2026-11-23T08:40:00Z", "new-case", MEI, |l| {
            clients::outlook(l, MEI, "Dear Klaus,\n\nis it the left hinge?\n\nMei Tan")
        }),
        answer("2026-11-23T09:30:00Z", "reply", "It is the left one. Photo follows."),
        made("2026-11-23T10:00:00Z", "customer-wrote", MEI, |l| {
            clients::gmail(
                l,
                MEI,
                "#fixed\nDear Klaus, a new hinge is with the courier of today. Sorry!\n\n-- \nMei Tan\nNorthwind Care",
            )
        }),
        made("2026-11-26T08:00:00Z", "check-in", "klaus@customer.example", |l| clients::tap(l, "No, it does not")),
        made("2026-11-26T09:00:00Z", "escalation", LENA, |l| clients::tap_of(l, LENA, "I take it")),
        made("2026-11-26T09:05:00Z", "customer-wrote", MEI, |l| {
            clients::apple_mail(l, MEI, "#note the hinge was bent when it came")
        }),
        made("2026-11-26T10:00:00Z", "escalation", LENA, |l| {
            clients::plain(l, LENA, "#fixed\n#update I brought you another lamp myself.")
        }),
        made("2026-12-01T08:00:00Z", "check-in", "klaus@customer.example", |l| clients::tap(l, "Yes, it holds")),
        answer("2026-12-10T08:00:00Z", "recovered", "Now the cable is loose."),
        made("2026-12-10T09:00:00Z", "customer-wrote", LENA, |l| {
            clients::plain(l, LENA, "#close he has another lamp now")
        }),
        answer("2027-01-25T08:00:00Z", "recovered", "The lamp is broken again."),
        Scene::Until(at("2027-01-25T08:30:00Z")),
    ]
}

const MEI: &str = "mei@northwind.example";
const LENA: &str = "lena@northwind.example";

#[test]
fn a_case_runs_its_course_from_the_complaint_to_the_word_that_it_holds() {
    play::tell("mended", mended);
}

/// Who would be staff: each kind of forgery, and what they reach by it.
fn forged() -> Vec<Scene> {
    let klaus = klaus_complains();
    let rosa = from_customer("Rosa Diaz", "rosa@other.example", "Shade torn", "The shade is torn.");
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: klaus },
        Scene::Mail { at: at("2026-11-23T08:20:00Z"), raw: rosa },
        // From alone: anybody can write that.
        made("2026-11-23T08:30:00Z", "new-case", MEI, |l| {
            clients::forged(l, MEI, "support@northwind.example", "#close")
        }),
        // Her token, and one character of it changed.
        made("2026-11-23T08:31:00Z", "new-case", MEI, |l| {
            clients::forged(l, MEI, &clients::changed(l), "Pay nothing, Klaus.")
        }),
        // Lena's token under Mei's name.
        made("2026-11-23T08:32:00Z", "new-case", LENA, |l| clients::plain(l, MEI, "Dear Rosa, forget it.")),
        // Her own token for this case, on a mail about something else.
        made("2026-11-23T08:33:00Z", "new-case", MEI, |l| clients::completed(l, MEI, "Mum, the cake was great.")),
        // Her token for Klaus's case on a mail that answers Rosa's.
        made("2026-11-23T08:33:20Z", "new-case", MEI, |l| {
            clients::about(l, MEI, "[NW-1002] Shade torn", "Dear Rosa, forget it.")
        }),
        // An address of which nothing goes to a customer.
        made("2026-11-23T08:33:40Z", "transcript", MEI, |l| clients::plain(l, MEI, "Dear Klaus, by the wrong door.")),
        // A stranger who got hold of her notice; after that the token is void for her, too.
        made("2026-11-23T08:34:00Z", "new-case", MEI, |l| {
            clients::plain(l, "eve@evil.example", "#close\n\nDear Klaus, forget it.")
        }),
        made("2026-11-23T08:35:00Z", "new-case", MEI, |l| clients::plain(l, MEI, "Dear Klaus, this notice is burnt.")),
        Scene::Until(at("2026-11-23T08:50:00Z")),
    ]
}

#[test]
fn whoever_forges_a_mail_of_staff_reaches_nobody() {
    play::tell("forged", forged);
}

/// A month later the address of a notice is worth nothing any more.
fn expired() -> Vec<Scene> {
    let klaus = klaus_complains();
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: klaus },
        made("2026-11-23T08:30:00Z", "new-case", MEI, |l| clients::plain(l, MEI, "#close he came by")),
        made("2026-12-28T08:30:00Z", "new-case", MEI, |l| clients::plain(l, MEI, "Dear Klaus, one thing more.")),
        Scene::Until(at("2026-12-28T08:40:00Z")),
    ]
}

#[test]
fn a_token_that_has_run_out_reaches_nobody() {
    play::tell("expired", expired);
}

/// The customer's server keeps a reply waiting: its writer hears of it once.
fn greylisted() -> Vec<Scene> {
    let klaus = klaus_complains();
    let words = |l: &[u8]| clients::plain(l, MEI, "Dear Klaus, a new one is on its way.");
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: klaus },
        Scene::Greylists { at: at("2026-11-23T08:20:00Z") },
        Scene::Made { at: at("2026-11-23T08:30:00Z"), letter: "new-case", to: MEI, make: words },
        Scene::Until(at("2026-11-23T12:30:00Z")),
    ]
}

#[test]
fn a_reply_that_is_kept_waiting_is_told_to_its_writer_once() {
    play::tell("greylisted", greylisted);
}

/// What is half proven happens once its writer has said so from their registered address.
fn confirmed() -> Vec<Scene> {
    let klaus = klaus_complains();
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: klaus },
        made("2026-11-23T08:30:00Z", "new-case", MEI, |l| {
            clients::unproven(l, MEI, "#fixed\nDear Klaus, a new one is on its way.")
        }),
        made("2026-11-23T08:35:00Z", "confirm", MEI, |l| {
            clients::unproven(l, MEI, "I am out of the office until Monday.")
        }),
        made("2026-11-23T08:40:00Z", "confirm", MEI, |l| clients::unproven(l, MEI, "#confirm")),
        made("2026-11-23T08:45:00Z", "confirm", MEI, |l| clients::unproven(l, MEI, "#confirm")),
        Scene::Until(at("2026-11-23T08:50:00Z")),
    ]
}

#[test]
fn a_half_proven_mail_waits_for_the_word_of_its_writer() {
    play::tell("confirmed", confirmed);
}

#[test]
fn whoever_writes_again_joins_the_case_and_staff_words_stay_inside() {
    play::tell("written-again", written_again);
}

/// The mail server is away from Friday night to Tuesday noon: the letters that leave then name dates that can be kept.
fn server_away() -> Vec<Scene> {
    let complaint = klaus_complains();
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
fn bounces() -> Vec<Scene> {
    let complaint = klaus_complains();
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: complaint },
        Scene::Bounce { at: at("2026-11-23T08:40:00Z"), letter: "apology", subject: "" },
        Scene::Until(at("2026-11-23T16:30:00Z")),
    ]
}

#[test]
fn a_bounce_tells_the_owner() {
    play::tell("bounces", bounces);
}

/// A complaint in the night and a mail that is set aside: the morning's lists, one answer, and the evening's.
fn day_with_lists() -> Vec<Scene> {
    let complaint = klaus_complains();
    let later = from_customer("Rosa Diaz", "rosa@other.example", "Wrong shade", "The shade is the wrong one.");
    let null = RawMail::new("MAILER-DAEMON <mailer-daemon@x.example>", "support@northwind.example", "failure notice")
        .with("Return-Path", "<>")
        .body("Sorry.")
        .bytes();
    vec![
        Scene::Mail { at: at("2026-11-20T22:40:00Z"), raw: complaint },
        Scene::Mail { at: at("2026-11-20T22:50:00Z"), raw: null },
        Scene::Reply {
            at: at("2026-11-23T09:30:00Z"),
            letter: "new-case",
            from: "Mei Tan <mei@northwind.example>",
            body: "Dear Klaus, a new lamp is on its way.",
            headers: &[],
        },
        Scene::Mail { at: at("2026-11-23T14:00:00Z"), raw: later },
        Scene::Until(at("2026-11-23T16:30:00Z")),
    ]
}

#[test]
fn what_does_not_press_stands_in_two_lists_a_day() {
    play::tell("lists", day_with_lists);
}

/// Machines, copies and our own letters coming back: nobody is answered, nothing opens twice.
fn machines() -> Vec<Scene> {
    let complaint = klaus_complains();
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
