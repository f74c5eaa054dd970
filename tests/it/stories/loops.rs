//! Loops: two desks that answer each other, whatever a gateway between them strips, and a partner whose answers have
//! nothing in common.

use amends::arrive::parse::parse;
use amends::mail::{Envelope, Outgoing};
use amends::time::SetTime;
use jiff::{SignedDuration, Timestamp};

use super::super::support::mail::RawMail;
use super::office::Office;
use super::shop;

const NORTH: &str = "northwind.example";
const SOUTH: &str = "southwind.example";
/// A Friday night: nobody of either house is at work.
const NIGHT: &str = "2026-11-20T22:00:00Z";
/// A Monday morning: what is promised falls due on the same day.
const MORNING: &str = "2026-11-23T08:10:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

/// What a host between two desks leaves of a mail: the fields for which this is true go.
type Strips = fn(&str) -> bool;

fn nothing(_: &str) -> bool {
    false
}

fn automatic(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "auto-submitted" || name == "precedence" || name.starts_with("x-")
}

fn automatic_and_thread(name: &str) -> bool {
    automatic(name) || ["references", "in-reply-to"].contains(&name.to_ascii_lowercase().as_str())
}

/// Only what no mail can go without.
fn nearly_all(name: &str) -> bool {
    let kept = ["from", "to", "subject", "date", "message-id", "mime-version"];
    let name = name.to_ascii_lowercase();
    !kept.contains(&name.as_str()) && !name.starts_with("content-")
}

/// The letter as the other side's server has it, with the best proof of its sender that there is.
fn over_the_wire(letter: &Outgoing, house: &str, strips: Strips) -> Vec<u8> {
    let mail = parse(&letter.bytes);
    let from = &mail.from[0].address;
    let Envelope { from: path, .. } = &letter.envelope;
    let path = path.as_ref().filter(|_| !strips("Reply-To")).unwrap_or(from);
    let mut raw = format!(
        "Return-Path: <{path}>\r\nAuthentication-Results: mx.{house}; dmarc=pass header.from={}\r\nReceived: from \
         out.{} by mx.{house} with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000\r\n",
        from.domain(),
        from.domain()
    )
    .into_bytes();
    let text = String::from_utf8_lossy(&letter.bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").expect("a header and a body");
    let mut keeps = true;
    for line in head.split("\r\n") {
        if !line.starts_with([' ', '\t']) {
            keeps = !strips(line.split(':').next().unwrap_or_default());
        }
        if keeps {
            raw.extend_from_slice(line.as_bytes());
            raw.extend_from_slice(b"\r\n");
        }
    }
    raw.extend_from_slice(b"\r\n");
    raw.extend_from_slice(body.as_bytes());
    raw
}

fn first_mail() -> Vec<u8> {
    let trusted = format!("mx.{NORTH}; dmarc=pass header.from={SOUTH}");
    RawMail::new(&format!("South Care <support@{SOUTH}>"), &format!("support@{NORTH}"), "Lamp broken")
        .with("Return-Path", &format!("<support@{SOUTH}>"))
        .with("Authentication-Results", &trusted)
        .with("Received", &format!("from out.{SOUTH} by mx.{NORTH} with ESMTPS; Fri, 20 Nov 2026 22:00:00 +0000"))
        .body("Hello,\n\nthe lamp that we bought for our hall is broken.\n")
        .bytes()
}

struct Houses {
    north: Office,
    south: Office,
    time: SetTime,
    strips: Strips,
    /// How much of what was sent is on the wire or has arrived.
    carried: (usize, usize),
}

impl Houses {
    async fn open(start: &str, strips: Strips) -> Self {
        let time = SetTime::new(at(start));
        let south = shop::CONFIG.replace("northwind", "southwind").replace("\"NW\"", "\"SW\"");
        let south = south.replace("Northwind", "Southwind");
        let (north, south) = (Office::open(&time, shop::CONFIG).await, Office::open(&time, &south).await);
        Self { north, south, time, strips, carried: (0, 0) }
    }

    /// Both work, and what they wrote to each other arrives after so long, until that hour.
    async fn live(&mut self, delay: SignedDuration, until: Timestamp) {
        while self.time.now() < until {
            self.north.work().await;
            self.south.work().await;
            let (north, south) = (self.north.sent_outside(), self.south.sent_outside());
            let fresh = (&north[self.carried.0..], &south[self.carried.1..]);
            if fresh.0.is_empty() && fresh.1.is_empty() {
                let due = [self.north.next_due().await, self.south.next_due().await].into_iter().flatten().min();
                let least = self.time.now() + SignedDuration::from_secs(1);
                self.time.move_to(due.unwrap_or(until).max(least).min(until));
                continue;
            }
            self.time.move_to(self.time.now() + delay);
            fresh.0.iter().for_each(|(_, l)| self.south.arrives(over_the_wire(l, SOUTH, self.strips)));
            fresh.1.iter().for_each(|(_, l)| self.north.arrives(over_the_wire(l, NORTH, self.strips)));
            self.carried = (north.len(), south.len());
        }
    }
}

/// How many letters went each way, and what they were.
async fn exchange(start: &str, strips: Strips, delay_secs: i64, hours: i64) -> (Vec<String>, Vec<String>) {
    let mut houses = Houses::open(start, strips).await;
    houses.north.arrives(first_mail());
    let until = at(start) + SignedDuration::from_hours(hours);
    houses.live(SignedDuration::from_secs(delay_secs), until).await;
    houses.north.verify().await;
    houses.south.verify().await;
    let subjects = |office: &Office| -> Vec<String> {
        let sent = office.sent_outside();
        sent.iter().map(|(at, l)| format!("{at} {}", parse(&l.bytes).subject.unwrap_or_default())).collect()
    };
    (subjects(&houses.north), subjects(&houses.south))
}

fn run<T>(story: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(story)
}

#[test]
fn two_desks_write_at_most_two_letters_each_whatever_is_stripped_between_them() {
    run(async {
        for (name, strips) in [
            ("all fields kept", nothing as Strips),
            ("without automatic fields", automatic),
            ("without automatic fields and thread", automatic_and_thread),
            ("nearly nothing left", nearly_all),
        ] {
            // As quick as a machine, slower than the bot guard, and slower than the count of quick answers.
            for delay in [1, 30, 300] {
                for start in [NIGHT, MORNING] {
                    let (north, south) = exchange(start, strips, delay, 24).await;
                    let told = format!("{name}, {delay} s, from {start}:\nnorth {north:#?}\nsouth {south:#?}");
                    assert!(!north.is_empty(), "a person wrote first: {told}");
                    assert!(north.len() <= 2 && south.len() <= 2, "{told}");
                }
            }
        }
    });
}

/// In a whole week without any of the staff the dates that were named fall due and are owned up to; the other desk has
/// not one letter to say to that.
#[test]
fn a_desk_does_not_answer_what_the_clocks_of_another_one_write() {
    run(async {
        for strips in [nothing as Strips, automatic, automatic_and_thread] {
            let (north, south) = exchange(MORNING, strips, 30, 7 * 24).await;
            assert!(north.len() > 2, "the dates that were named broke: {north:#?}");
            assert_eq!(south, Vec::<String>::new());
        }
    });
}

/// Answers every letter with a mail that shares nothing with it: another id, other words, no thread, no sign.
fn answer_of_partner(n: usize) -> Vec<u8> {
    const WORDS: [&str; 7] = ["hinge", "shade", "cable", "switch", "screw", "socket", "stand"];
    let (one, two) = (WORDS[n % 7], WORDS[n / 7 % 7]);
    let trusted = format!("mx.{NORTH}; dmarc=pass header.from=partner.example");
    RawMail::new("Klaus <klaus@partner.example>", &format!("support@{NORTH}"), &format!("The {one} and the {two}, {n}"))
        .with("Return-Path", "<klaus@partner.example>")
        .with("Authentication-Results", &trusted)
        .with(
            "Received",
            &format!("from out.partner.example by mx.{NORTH} with ESMTPS; Fri, 20 Nov 2026 22:00:00 +0000"),
        )
        .body(&format!("The {one} of number {n} is broken, and the {two} as well.\n"))
        .bytes()
}

#[test]
fn a_partner_who_answers_everything_anew_has_at_most_five_letters_in_an_hour() {
    run(async {
        for delay in [1, 30, 300] {
            let time = SetTime::new(at(MORNING));
            let office = Office::open(&time, shop::CONFIG).await;
            office.arrives(answer_of_partner(0));
            let (mut answered, mut mails) = (0, 1);
            let until = at(MORNING) + SignedDuration::from_hours(36);
            while time.now() < until {
                office.work().await;
                let sent = office.sent_outside();
                if sent.len() == answered {
                    let least = time.now() + SignedDuration::from_secs(1);
                    let due = office.next_due().await.unwrap_or(until);
                    time.move_to(due.max(least).min(until));
                    continue;
                }
                time.move_to(time.now() + SignedDuration::from_secs(delay));
                for _ in answered..sent.len() {
                    office.arrives(answer_of_partner(mails));
                    mails += 1;
                }
                answered = sent.len();
            }
            let sent: Vec<Timestamp> = office.sent_outside().into_iter().map(|(at, _)| at).collect();
            assert!(sent.len() >= 2, "nothing is tested by {} letters", sent.len());
            let hour = SignedDuration::from_hours(1);
            let most =
                sent.iter().map(|from| sent.iter().filter(|at| *at >= from && **at < *from + hour).count()).max();
            assert!(most <= Some(5), "{most:?} letters within an hour, {delay} s apart: {sent:#?}");
        }
    });
}

/// Our own letter, that a host on the way has changed, so that nothing says word for word that it is ours.
#[test]
fn our_own_letter_that_comes_back_changed_is_never_answered() {
    run(async {
        for strips in [nothing as Strips, automatic, nearly_all] {
            let time = SetTime::new(at(MORNING));
            let office = Office::open(&time, shop::CONFIG).await;
            office.arrives(answer_of_partner(0));
            office.work().await;
            let sent = office.sent_outside();
            assert_eq!(sent.len(), 1);
            time.move_to(time.now() + SignedDuration::from_secs(300));
            let mut echo = over_the_wire(&sent[0].1, NORTH, strips);
            echo.extend_from_slice(b"\r\n-- \r\nScanned by the gateway.\r\n");
            office.arrives(echo);
            office.work().await;
            assert_eq!(office.sent_outside().len(), 1);
        }
    });
}
