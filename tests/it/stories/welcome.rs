//! The welcome of staff: one letter, whose answer shows what the mail of its writer proves, and goes nowhere else.

use amends::arrive::parse::parse;
use amends::decide::welcome::Welcome;
use amends::desk::welcome::Welcomed;
use amends::mail::{CaseId, PersonId};
use amends::store::outbox::LetterFilter;
use amends::time::SetTime;
use jiff::SignedDuration;

use super::clients::plain;
use super::office::Office;
use super::{MEI, at, shop};

async fn office(text: &str) -> Office {
    let office = Office::open(&SetTime::new(at("2026-11-23T09:00:00Z")), text).await;
    assert!(matches!(welcome(&office, false).await, Welcomed::Queued(_)));
    office.work().await;
    office
}

async fn welcome(office: &Office, again: bool) -> Welcomed {
    let desk = &office.desk;
    let mei = desk.shop.config.policy.person(&PersonId::new("mei")).expect("Mei").clone();
    let mut tx = desk.store.begin().await.expect("a transaction");
    let became = desk.welcome(&mut tx, &mei, again, office.time.now()).await.expect("a welcome");
    tx.commit().await.expect("a commit");
    became
}

/// Mei's letters of that name, as they read.
async fn letters(office: &Office, name: &str) -> Vec<Vec<u8>> {
    let mut tx = office.desk.store.look().await.expect("a look");
    let rows = tx.letters(&LetterFilter::default()).await.expect("letters");
    let named: Vec<_> = rows.iter().filter(|row| row.letter == name).map(|row| row.id).collect();
    office.sent_to(MEI).into_iter().filter(|l| named.contains(&l.envelope.id)).map(|l| l.bytes).collect()
}

/// A mail arrives a minute later, and all that follows is done.
async fn answered(office: &Office, raw: Vec<u8>) {
    office.time.move_to(office.time.now() + SignedDuration::from_mins(1));
    office.arrives(raw);
    office.work().await;
    office.verify().await;
}

async fn known(office: &Office) -> Welcome {
    office.desk.store.look().await.expect("a look").welcome(&PersonId::new("mei")).await.expect("a row")
}

/// The first case would have this number.
async fn has_case(office: &Office) -> bool {
    let mut tx = office.desk.store.look().await.expect("a look");
    tx.case(CaseId(1001)).await.expect("a look").is_some()
}

/// Nobody vouches for it.
fn unproven(raw: Vec<u8>) -> Vec<u8> {
    String::from_utf8(raw).expect("text").replace("dmarc=pass", "dmarc=none").into_bytes()
}

/// To the plain address, as from a program that cuts the token.
fn without_token(raw: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(raw).expect("text");
    let (before, rest) = text.split_once("+i.").expect("a token");
    let (_, after) = rest.split_once('@').expect("an address");
    format!("{before}@{after}").into_bytes()
}

#[tokio::test]
async fn a_plain_answer_is_measured_told_once_and_goes_nowhere_else() {
    let office = office(shop::CONFIG).await;
    let letter = letters(&office, "welcome").await.pop().expect("the welcome letter");
    let read = parse(&letter);
    assert!(read.text.contains("#take") && read.text.contains("#help"), "{}", read.text);
    assert!(read.text.len() < 2000, "to be read in a breath: {} characters", read.text.len());

    answered(&office, plain(&letter, MEI, "Hello!")).await;
    let measured = known(&office).await.measured.expect("measured");
    assert_eq!((measured.level, measured.address.as_str()), (4, MEI));
    assert!(measured.proof.contains("dmarc=pass"), "{}", measured.proof);
    let told = letters(&office, "measured").await;
    assert_eq!(told.len(), 1);
    assert!(parse(&told[0]).text.contains("all is well"), "{}", parse(&told[0]).text);

    // Thanks, and whatever else they write there: measured again, told no more, and set aside where the list shows it.
    answered(&office, plain(&told[0], MEI, "Thank you!")).await;
    answered(&office, unproven(plain(&letter, MEI, "#take"))).await;
    assert_eq!(known(&office).await.measured.expect("measured").level, 2);
    assert_eq!((letters(&office, "measured").await.len(), has_case(&office).await), (1, false));
    assert!(office.sent_outside().is_empty());
}

#[tokio::test]
async fn what_is_lacking_is_said() {
    for (make, level, says) in [
        (unproven as fn(Vec<u8>) -> Vec<u8>, 2, "waits for a second word"),
        (without_token, 3, "waits for a second word"),
        (|raw| unproven(without_token(raw)), 1, "nothing that you write is sent or done yet"),
    ] {
        let office = office(shop::CONFIG).await;
        let letter = letters(&office, "welcome").await.pop().expect("the welcome letter");
        answered(&office, make(plain(&letter, MEI, "Hello!"))).await;
        assert_eq!(known(&office).await.measured.expect("measured").level, level);
        let told = parse(&letters(&office, "measured").await[0]).text;
        assert!(told.contains(says), "level {level}: {told}");
        assert_eq!((has_case(&office).await, office.sent_outside().len()), (false, 0));
    }
}

#[tokio::test]
async fn the_token_alone_is_enough_where_the_house_says_so() {
    let office = office(&shop::CONFIG.replace("bot_guard", "staff_proof = \"token\"\nbot_guard")).await;
    let letter = letters(&office, "welcome").await.pop().expect("the welcome letter");
    answered(&office, unproven(plain(&letter, MEI, "Hello!"))).await;
    assert!(parse(&letters(&office, "measured").await[0]).text.contains("all is well"));
}

#[tokio::test]
async fn a_responder_and_a_stranger_measure_nothing_and_are_told_nothing() {
    let office = office(shop::CONFIG).await;
    let letter = letters(&office, "welcome").await.pop().expect("the welcome letter");
    let with = |field: &str, raw: Vec<u8>| [field.as_bytes(), b"\r\n", raw.as_slice()].concat();
    answered(&office, with("Auto-Submitted: auto-replied", plain(&letter, MEI, "I am away."))).await;
    let vacation = "I am out of the office until 30 November and will answer your mail when I am back.";
    answered(&office, plain(&letter, MEI, vacation)).await;
    answered(&office, plain(&letter, "mei@home.example", "Hello!")).await;
    let known = known(&office).await;
    assert_eq!(known.measured, None);
    assert_eq!(known.stranger.expect("an address").as_str(), "mei@home.example");
    assert_eq!((letters(&office, "measured").await.len(), has_case(&office).await), (0, false));
    assert!(office.sent_outside().is_empty());
}

#[tokio::test]
async fn nobody_is_written_to_twice_unless_it_is_asked_for() {
    let office = office(shop::CONFIG).await;
    assert_eq!(welcome(&office, false).await, Welcomed::Before(at("2026-11-23T09:00:00Z")));
    assert!(matches!(welcome(&office, true).await, Welcomed::Queued(_)));
    office.work().await;
    let two = letters(&office, "welcome").await;
    assert_eq!(two.len(), 2);
    answered(&office, unproven(plain(&two[0], MEI, "Hello!"))).await;
    answered(&office, plain(&two[1], MEI, "Hello!")).await;
    assert_eq!(letters(&office, "measured").await.len(), 1, "both answer the newest question");
}
