//! What many turns share a commit for: one that fails takes no other with it, and nothing of it is half done.

use std::path::Path;

use amends::desk::Desk;
use amends::mail::{MailId, MailboxName};
use amends::store::Store;
use amends::store::cases::CaseFilter;
use amends::store::ledger::{Epoch, Received};
use amends::store::mails::{Disposition, UNREADABLE};
use amends::store::outbox::LetterFilter;
use amends::store::verify::verify;
use amends::templates::Templates;
use amends::time::Time;
use jiff::SignedDuration;

use super::stories::shop;
use super::support::mail::RawMail;

async fn desk(folder: &Path, templates: Templates) -> Desk {
    let text = format!("{}\n[alerts]\nto = \"admin@northwind.example\"\n", shop::CONFIG);
    let config = shop::config(folder, &text);
    let url = format!("sqlite:{}", folder.join("amends.db").display());
    let store = Store::open(&url, Time::System.now()).await.expect("opens");
    Desk::open(config, templates, store, Time::System).await.expect("a desk")
}

async fn receive(desk: &Desk, mails: &[(&str, &str, &str)]) {
    receive_as(desk, mails, "text/plain; charset=utf-8").await;
}

async fn receive_as(desk: &Desk, mails: &[(&str, &str, &str)], kind: &str) {
    let now = desk.time.now();
    let epoch = Epoch { account: MailboxName::new("test"), folder: "INBOX".into(), uidvalidity: 1 };
    let one = |(uid, (from, subject, body)): (u32, &(&str, &str, &str))| Received {
        epoch: epoch.clone(),
        uid,
        mailbox: desk.shop.config.mailboxes[0].name.clone(),
        raw: RawMail::new(from, "support@northwind.example", subject)
            .with("Return-Path", &format!("<{from}>"))
            .with("Authentication-Results", "mx.northwind.example; dmarc=pass header.from=customer.example")
            .with("Received", "from out.example by mx.northwind.example with ESMTPS; Sat, 21 Nov 2026 10:00:01 +0000")
            .with("Content-Type", kind)
            .body(body)
            .bytes(),
        received_at: now,
        imported: false,
        header_only: false,
    };
    let batch: Vec<Received> = (1..).zip(mails).map(one).collect();
    let mut tx = desk.store.begin().await.expect("begins");
    tx.receive(&batch, now).await.expect("received");
    tx.commit().await.expect("commits");
}

#[tokio::test]
async fn a_letter_that_cannot_be_written_is_the_trouble_of_its_own_turn() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("en")).expect("a folder");
    // Good on every sample, and too long for a customer (4 kB) with the longest subject that is repeated to customers.
    let own = format!("Subject: Sorry\n\n{}{{{{by}}}}\n", "{{#if subject}}{{subject}}{{/if}}\n\n".repeat(80));
    std::fs::write(folder.path().join("en/apology.md"), own).expect("a letter");
    let desk = desk(folder.path(), Templates::load(Some(folder.path())).expect("good")).await;
    let long = |word: &str| format!("{word} {}", "lamp ".repeat(13));
    let (ann, cat) = (long("Broken"), long("Broken too"));
    receive(
        &desk,
        &[
            ("ann@customer.example", &ann, "The lamp is broken and I am very disappointed."),
            ("bob@customer.example", "Hours", "When do you open on Monday?"),
            ("cat@customer.example", &cat, "My lamp never worked. This is unacceptable."),
        ],
    )
    .await;
    assert_eq!(desk.turn_mails().await.expect("turns"), 3);

    let mut tx = desk.store.look().await.expect("looks");
    let letters = tx.letters(&LetterFilter::default()).await.expect("letters");
    let to = |address: &str| -> Vec<&str> {
        letters.iter().filter(|l| l.to.as_str() == address).map(|l| l.letter.as_str()).collect()
    };
    assert_eq!(to("bob@customer.example"), ["acknowledgement"]);
    assert!(to("ann@customer.example").is_empty() && to("cat@customer.example").is_empty());
    assert_eq!(to("mei@northwind.example"), ["new-case"; 3], "staff hear of every one");
    assert_eq!(to("admin@northwind.example"), ["alert"; 2]);
    let cases = tx.list_cases(&CaseFilter::default()).await.expect("cases");
    let unwritten: Vec<&str> = cases
        .iter()
        .filter(|case| case.told.no_letter_because.as_ref().is_some_and(|why| why.contains("at most 4 kB")))
        .map(|case| case.subject.as_str())
        .collect();
    assert_eq!((cases.len(), unwritten), (3, vec![ann.trim(), cat.trim()]));
    assert_eq!(tx.pending(9, desk.time.now()).await.expect("asks"), []);
    drop(tx);
    let found = verify(&desk.store).await.expect("verifies");
    assert!(found.is_empty(), "{found:?}");
}

#[tokio::test]
async fn mails_of_one_batch_see_what_the_one_before_them_did() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = desk(folder.path(), Templates::load(None).expect("good")).await;
    let again = ("ann@customer.example", "Broken", "The lamp is broken and I am very disappointed.");
    receive(&desk, &[again, again, ("ann@customer.example", "Re: Broken", "It still is broken!")]).await;
    assert_eq!(desk.turn_mails().await.expect("turns"), 3);

    let mut tx = desk.store.look().await.expect("looks");
    let cases = tx.list_cases(&CaseFilter::default()).await.expect("cases");
    assert_eq!(cases.len(), 1, "a copy is no case, and an answer joins its own");
    assert_eq!(cases[0].mails.len(), 2);
    let letters = tx.letters(&LetterFilter::default()).await.expect("letters");
    assert_eq!(letters.iter().filter(|l| l.letter == "apology").count(), 1);
}

#[tokio::test]
async fn the_files_of_the_customer_come_along_with_the_owners_notice_and_not_with_a_letter_to_anybody_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = desk(folder.path(), Templates::load(None).expect("the built-in letters")).await;
    let picture = "--x\nContent-Type: text/plain\n\nThe lamp is broken, see the picture.\n--x\n\
                   Content-Type: image/jpeg; name=lamp.jpg\nContent-Disposition: attachment; filename=lamp.jpg\n\
                   Content-Transfer-Encoding: base64\n\n/9j/4AAQSkZJRg==\n--x--\n";
    receive_as(&desk, &[("ann@customer.example", "Lamp broken", picture)], "multipart/mixed; boundary=x").await;
    while desk.turn_mails().await.expect("a turn") > 0 {}
    let mut tx = desk.store.look().await.expect("a look");
    for row in tx.letters(&LetterFilter::default()).await.expect("letters") {
        let bytes = tx.letter_bytes(row.id).await.expect("read").expect("bytes");
        let files = amends::arrive::parse::parse(&bytes).attachments;
        let names: Vec<&str> = files.iter().filter_map(|file| file.name.as_deref()).collect();
        let wanted: &[&str] = if row.letter == "new-case" { &["lamp.jpg"] } else { &[] };
        assert_eq!(names, wanted, "{}", row.letter);
        assert!(files.iter().all(|file| file.size_bytes == 10), "{files:?}");
    }
}

#[tokio::test]
async fn a_mail_that_failed_three_times_is_kept_told_once_and_keeps_no_other_waiting() {
    let folder = tempfile::tempdir().expect("a folder");
    let desk = desk(folder.path(), Templates::load(None).expect("good")).await;
    let broken = "The lamp is broken and I am very disappointed.";
    let from = ["ann@customer.example", "bob@customer.example", "cat@customer.example"];
    receive(&desk, &from.map(|address| (address, "Broken", broken))).await;
    let poison = MailId(2);
    // The daemon died over it three times: each try is counted before it begins.
    for _ in 0..3 {
        let mut tx = desk.store.begin().await.expect("begins");
        tx.count_attempts(&[poison], desk.time.now() - SignedDuration::from_hours(1)).await.expect("counted");
        tx.commit().await.expect("commits");
    }
    assert_eq!(desk.turn_mails().await.expect("turns"), 3, "all in one round");

    let mut tx = desk.store.look().await.expect("looks");
    let letters = tx.letters(&LetterFilter::default()).await.expect("letters");
    let named = |name: &str| letters.iter().filter(|l| l.letter == name).count();
    assert_eq!((named("apology"), named("new-case")), (2, 3), "staff hear of the third, its sender does not");
    let (aside, count) = tx.parked(9).await.expect("asks");
    assert_eq!((aside.len(), count, aside[0].id), (1, 1, poison));
    let settled = aside[0].settled.as_ref().expect("it has ended");
    assert_eq!((settled.disposition, settled.sign.as_str()), (Disposition::Quarantined, UNREADABLE));
    assert!(tx.raw(poison).await.expect("asks").is_some_and(|raw| raw.ends_with(b"disappointed.\r\n")));
    drop(tx);
    assert_eq!(desk.turn_mails().await.expect("turns"), 0, "and it is over");

    // The program was mended: the mail is read as if it had just come.
    let mut tx = desk.store.begin().await.expect("begins");
    assert!(tx.unpark(poison, desk.time.now()).await.expect("asks"));
    assert!(!tx.unpark(MailId(1), desk.time.now()).await.expect("asks"), "that one is on its case");
    tx.commit().await.expect("commits");
    assert_eq!(desk.turn_mails().await.expect("turns"), 1);
    let mut tx = desk.store.look().await.expect("looks");
    let apologies = tx.letters(&LetterFilter::default()).await.expect("letters");
    assert!(apologies.iter().any(|l| l.letter == "apology" && l.to.as_str() == "bob@customer.example"));
    drop(tx);
    let found = verify(&desk.store).await.expect("verifies");
    assert!(found.is_empty(), "{found:?}");
}
