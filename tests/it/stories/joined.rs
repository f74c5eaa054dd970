//! Two cases that become one, a mail that becomes a case of its own, and a sender who is not heard for a while. Whatever
//! still comes for the case that is no more lands where it belongs, once.

use amends::arrive::parse::parse;
use amends::mail::Outgoing;

use super::play::{self, Scene, Told};
use super::{LENA, MEI, at, clients, from_customer, klaus_complains};

const KLAUS: &str = "klaus@customer.example";

fn about(
    at_: &str,
    letter: &'static str,
    to: &'static str,
    subject: &'static str,
    make: fn(&[u8]) -> Vec<u8>,
) -> Scene {
    Scene::About { at: at(at_), letter, to, subject, make }
}

fn klaus_writes(at_: &str, subject: &str, words: &str) -> Scene {
    Scene::Mail { at: at(at_), raw: from_customer("Klaus Berger", KLAUS, subject, words) }
}

/// Subjects of what went to that address.
fn subjects(told: &Told, to: &str) -> Vec<String> {
    let theirs = told.letters.iter().filter(|letter| letter.envelope.to.as_str() == to);
    theirs.map(|letter| parse(&letter.bytes).subject.unwrap_or_default()).collect()
}

fn count_words(letters: &[Outgoing], to: &str, words: &str) -> usize {
    let theirs = letters.iter().filter(|letter| letter.envelope.to.as_str() == to);
    theirs.filter(|letter| parse(&letter.bytes).text.contains(words)).count()
}

fn became(told: &Told, of: &str) -> Vec<String> {
    told.mails
        .iter()
        .filter(|line| line.contains(of))
        .map(|line| line.rsplit(": ").next().unwrap_or("").to_owned())
        .collect()
}

/// Klaus wrote twice about one parcel, to Mei and to Lena.
fn merged() -> Vec<Scene> {
    vec![
        klaus_writes("2026-11-23T08:10:00Z", "Parcel", "My parcel with the lamp did not come."),
        klaus_writes("2026-11-23T08:20:00Z", "Where is it?", "Nobody has brought the lamp yet."),
        about("2026-11-23T08:25:00Z", "apology", KLAUS, "NW-1001", |l| {
            clients::plain(l, KLAUS, "It was to come on Friday.")
        }),
        about("2026-11-23T08:30:00Z", "new-case", LENA, "", |l| {
            clients::gmail(l, LENA, "Dear Klaus,\n\nwhich courier was to bring it?\n\nLena Voss")
        }),
        // Nobody vouches for this one: it is asked about before anything of it happens.
        about("2026-11-23T08:35:00Z", "new-case", LENA, "", |l| clients::unproven(l, LENA, "#tag courier")),
        about("2026-11-23T08:40:00Z", "new-case", LENA, "", |l| clients::outlook(l, LENA, "#merge NW-1001")),
        about("2026-11-23T08:45:00Z", "confirm", LENA, "", |l| clients::unproven(l, LENA, "#confirm")),
        // What comes for the case that is no more.
        about("2026-11-23T09:00:00Z", "reply", KLAUS, "NW-1002", |l| clients::gmail(l, KLAUS, "The yellow one.")),
        klaus_writes("2026-11-23T09:10:00Z", "The number [NW-1002]", "Its number is 4711."),
        about("2026-11-23T09:20:00Z", "new-case", LENA, "NW-1002", |l| {
            clients::apple_mail(l, LENA, "Dear Klaus, they bring it this afternoon.")
        }),
        Scene::Bounce { at: at("2026-11-23T09:30:00Z"), letter: "acknowledgement", subject: "NW-1002" },
        // A stranger got hold of Lena's notice of the case that is no more: its token is void, for her too.
        about("2026-11-23T09:40:00Z", "new-case", LENA, "NW-1002", |l| {
            clients::plain(l, "eve@evil.example", "#close\n\nDear Klaus, forget it.")
        }),
        about("2026-11-23T09:50:00Z", "new-case", LENA, "NW-1002", |l| clients::unproven(l, LENA, "#tag forged")),
        Scene::Until(at("2026-11-23T11:00:00Z")),
    ]
}

#[test]
fn what_comes_for_a_case_that_became_part_of_another_lands_there_once() {
    let told = play::tell_of_cases("merged", merged);
    for came in ["Re: Re: Where is it?", "The number [NW-1002]", "Undelivered"] {
        let went = became(&told, came);
        assert!(went.len() == 1 && went[0].ends_with("NW-1001"), "{came}: {went:?}");
    }
    assert_eq!(count_words(&told.letters, KLAUS, "this afternoon"), 1, "Lena's words went once");
    let failed = subjects(&told, MEI);
    assert!(failed.iter().any(|s| s.starts_with("Klaus Berger did not get")), "{failed:?}");
    // What waited there is done nowhere, whatever is confirmed, and its writer was told.
    assert!(told.cases.iter().all(|case| !case.contains("courier")), "{:?}", told.cases);
    assert_eq!(count_words(&told.letters, LENA, "Please send it again"), 1);
    // A good token would have asked Lena whether she wrote it; the first question is the one before the joining.
    let asked = subjects(&told, LENA).iter().filter(|s| s.starts_with("Did you ask")).count();
    assert!(asked == 1 && count_words(&told.letters, KLAUS, "forget it") == 0, "asked {asked} times");
    assert!(told.cases.iter().all(|case| !case.contains("forged")), "{:?}", told.cases);
}

/// In the middle of one matter Klaus names another.
fn split() -> Vec<Scene> {
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: klaus_complains() },
        about("2026-11-23T08:30:00Z", "new-case", MEI, "", |l| {
            clients::plain(l, MEI, "Dear Klaus, is it the left hinge?")
        }),
        about("2026-11-23T08:50:00Z", "reply", KLAUS, "", |l| {
            clients::apple_mail(l, KLAUS, "It is. Besides, the invoice names the wrong street.")
        }),
        about("2026-11-23T09:00:00Z", "customer-wrote", MEI, "", |l| clients::gmail(l, MEI, "#split")),
        // The same mail, from a mailing list that took its time.
        Scene::Again { at: at("2026-11-23T09:10:00Z"), words: "the invoice names" },
        about("2026-11-23T09:20:00Z", "acknowledgement", KLAUS, "NW-1002", |l| {
            clients::gmail(l, KLAUS, "It is Lamp Lane, not Lamp Street.")
        }),
        about("2026-11-23T09:40:00Z", "customer-wrote", MEI, "NW-1002", |l| {
            clients::plain(l, MEI, "Dear Klaus, here is what it should have been: Lamp Lane.")
        }),
        Scene::Until(at("2026-11-23T10:00:00Z")),
    ]
}

#[test]
fn a_mail_about_something_else_is_a_case_of_its_own_and_answers_to_it_join_it() {
    let told = play::tell_of_cases("split", split);
    assert_eq!(
        subjects(&told, KLAUS).iter().filter(|s| s.contains("NW-1002")).count(),
        2,
        "{:?}",
        subjects(&told, KLAUS)
    );
}

/// Somebody sells lists of addresses; then it turns out that they bought a lamp, too.
fn set_aside() -> Vec<Scene> {
    let win = |at_: &str, subject: &str, words: &str| Scene::Mail {
        at: at(at_),
        raw: from_customer("Win Deals", "win@deals.example", subject, words),
    };
    vec![
        win("2026-11-23T08:10:00Z", "Addresses", "We have addresses of many people who like lamps."),
        about("2026-11-23T08:20:00Z", "new-case", MEI, "", |l| clients::outlook(l, MEI, "#spam")),
        win("2026-11-23T08:30:00Z", "Lamps", "Have you seen our offer about lamps?"),
        about("2026-11-23T08:40:00Z", "apology", "win@deals.example", "", |l| {
            clients::plain(l, "win@deals.example", "We also wait for the lamp that we ordered.")
        }),
        about("2026-11-23T08:50:00Z", "new-case", MEI, "", |l| clients::plain(l, MEI, "#reopen\n#sla vip")),
        about("2026-11-23T08:55:00Z", "apology", "win@deals.example", "", |l| {
            clients::gmail(l, "win@deals.example", "Nobody has answered us about the lamp.")
        }),
        win("2026-11-23T09:00:00Z", "Order 12", "The lamp that we ordered has not come."),
        Scene::Until(at("2026-11-23T09:10:00Z")),
    ]
}

#[test]
fn who_was_set_aside_is_heard_again_when_the_case_is_reopened() {
    let told = play::tell_of_cases("set-aside", set_aside);
    assert!(became(&told, "\"Lamps\"")[0].starts_with("blocked"), "{:?}", told.mails);
    assert!(became(&told, "\"Order 12\"")[0].starts_with("case_new"), "{:?}", told.mails);
}
