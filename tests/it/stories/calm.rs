//! A desk that mails too much is not read: what one agent with forty open cases gets on a normal day.

use jiff::{SignedDuration, Timestamp};

use super::clients;
use super::play::{Scene, sent_from};
use super::{MEI, at, from_customer};

const CASES: usize = 40;
/// Lena is away until the 22nd: every case is Mei's.
const BEGINS: &str = "2026-11-17T07:30:00Z";
const DAY: &str = "2026-11-19T00:00:00Z";
const NEXT_DAY: &str = "2026-11-20T00:00:00Z";

fn customer(n: usize) -> &'static str {
    format!("customer{n}@customer.example").leak()
}

fn minutes(from: &str, minutes: usize) -> Timestamp {
    at(from) + SignedDuration::from_mins(minutes as i64)
}

fn complaint(n: usize, at: Timestamp) -> Scene {
    let raw = from_customer(&format!("Customer {n}"), customer(n), &format!("Lamp {n} broken"), "The lamp is broken.");
    Scene::Mail { at, raw }
}

/// Tuesday and Wednesday: forty cases come in and are answered, half by a question, a quarter is called fixed. Thursday
/// is the normal day: sixteen customers write and are answered, six new cases come, and lists and clocks do what they do.
fn forty_cases() -> Vec<Scene> {
    let mut scenes = Vec::new();
    for n in 0..CASES {
        let day = if n % 2 == 0 { "2026-11-17T08:00:00Z" } else { "2026-11-18T08:00:00Z" };
        let came = minutes(day, n / 2 * 20);
        scenes.push(complaint(n, came));
        let answered = came + SignedDuration::from_mins(8);
        let make: fn(&[u8]) -> Vec<u8> = match n % 4 {
            0 | 1 => |l| clients::plain(l, MEI, "Which hinge is it, the left or the right one?"),
            2 => |l| clients::plain(l, MEI, "#fixed\nA new hinge is in the mail."),
            _ => |l| clients::plain(l, MEI, "I ask the warehouse. We are sorry."),
        };
        scenes.push(Scene::Made { at: answered, letter: "new-case", to: MEI, make });
    }
    scenes.sort_by_key(Scene::at);
    for (k, n) in (0..CASES).filter(|n| n % 4 < 2).take(16).enumerate() {
        let wrote = minutes("2026-11-19T08:10:00Z", k * 25);
        let answer = |l: &[u8]| clients::plain(l, &to_of(l), "It is the left one.");
        scenes.push(Scene::Made { at: wrote, letter: "reply", to: customer(n), make: answer });
        let made = wrote + SignedDuration::from_mins(9);
        let make = |l: &[u8]| clients::plain(l, MEI, "#fixed\nIt goes out today.");
        scenes.push(Scene::Made { at: made, letter: "customer-wrote", to: MEI, make });
    }
    for k in 0..6 {
        let came = minutes("2026-11-19T08:20:00Z", k * 70);
        scenes.push(complaint(CASES + k, came));
        let make = |l: &[u8]| clients::plain(l, MEI, "I look into it at once.");
        scenes.push(Scene::Made { at: came + SignedDuration::from_mins(6), letter: "new-case", to: MEI, make });
    }
    scenes.sort_by_key(Scene::at);
    scenes.push(Scene::Until(at(NEXT_DAY)));
    scenes
}

fn to_of(letter: &[u8]) -> String {
    amends::arrive::parse::parse(letter).to.first().expect("a reader").address.to_string()
}

#[test]
fn forty_open_cases_are_about_forty_mails_on_a_normal_day() {
    let sent = sent_from(at(BEGINS), forty_cases);
    let today: Vec<&String> = sent
        .iter()
        .filter(|(when, to, _)| to == MEI && *when >= at(DAY) && *when < at(NEXT_DAY))
        .map(|(_, _, subject)| subject)
        .collect();
    assert!((22..=40).contains(&today.len()), "{} mails to one agent on one day:\n{today:#?}", today.len());
    let lists = today.iter().filter(|s| s.starts_with("Today: ") || s.starts_with("Before you go: ")).count();
    assert_eq!(lists, 2, "{today:#?}");
}
