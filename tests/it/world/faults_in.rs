//! The IMAP server fails in every way in the middle of its work: every mail becomes one case, once.

use std::collections::BTreeSet;
use std::time::Duration;

use amends::mail::MailboxName;
use amends::store::mails::Disposition;
use amends::time::Time;

use super::super::smtp_faults::fake::{Fake, Script};
use super::super::support::mail::RawMail;
use super::daemon::{Daemon, case_of};
use super::imap::{Fault, Server};
use super::shop::{Shop, folder};

/// The `n`-th customer's mail.
pub fn complaint(shop: &Shop, n: usize) -> Vec<u8> {
    let from = format!("{}.{n}@customer.example", shop.name);
    RawMail::new(&format!("Ann <{from}>"), &shop.address(), "My lamp is broken")
        .with("Return-Path", &format!("<{from}>"))
        .with("Received", "from out.example by mx.test with ESMTPS; Sat, 21 Nov 2026 10:00:00 +0000")
        .with("Authentication-Results", "mx.test; dmarc=pass header.from=customer.example")
        .body(&format!("It broke on day {n}. I am angry."))
        .bytes()
}

/// Every mail opened a case of its own, and every case had one apology, which went once.
async fn assert_all_answered_once(daemon: &Daemon, fake: &Fake, mails: usize) {
    daemon.until_settled(mails).await;
    daemon.until_letters(mails, "apology", "sent").await;
    let rows = daemon.mails().await;
    let cases: BTreeSet<i64> = rows.iter().map(|mail| case_of(mail).0).collect();
    assert_eq!((rows.len(), cases.len()), (mails, mails), "{rows:?}");
    let customers = |l: &&Vec<u8>| String::from_utf8_lossy(l).contains("\r\nAuto-Submitted: auto-replied\r\n");
    assert_eq!(fake.heard().letters.iter().filter(customers).count(), mails);
}

#[tokio::test]
async fn whatever_the_server_does_no_mail_is_lost_and_none_comes_twice() {
    let faults = [
        ("LOGIN", Fault::Bye),
        ("SELECT", Fault::No),
        ("UID FETCH 1:* (UID)", Fault::Bad),
        ("UID FETCH", Fault::CloseWithin(30)),
        ("UID FETCH 1", Fault::CloseWithin(300)),
    ];
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("unruly", server.port, fake.port), folder());
    for n in 0..7 {
        server.deliver(complaint(&shop, n));
    }
    for (command, fault) in faults {
        server.fail(command, fault);
    }
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    assert_all_answered_once(&daemon, &fake, 7).await;
    assert!(server.is_done_failing());
    server.fail("(idling)", Fault::Close);
    server.deliver(complaint(&shop, 7));
    server.deliver(complaint(&shop, 8));
    assert_all_answered_once(&daemon, &fake, 9).await;
    daemon.end().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_in_the_middle_of_a_batch_stores_nothing_of_it_twice() {
    for within in [1_usize, 700, 1500, 2900] {
        let (server, fake) = (Server::start().await, Script::default().start().await);
        let (shop, folder) = (Shop::plain("torn", server.port, fake.port), folder());
        for n in 0..5 {
            server.deliver(complaint(&shop, n));
        }
        server.fail("UID FETCH 1:5 (UID INTERNALDATE BODY", Fault::CloseWithin(within));
        let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
        assert_all_answered_once(&daemon, &fake, 5).await;
        assert!(server.is_done_failing());
        daemon.end().await;
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_in_a_batch_is_left_and_asked_again() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("silent", server.port, fake.port), folder());
    server.deliver(complaint(&shop, 0));
    server.fail("UID FETCH 1 (UID INTERNALDATE BODY", Fault::Stall);
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    assert_all_answered_once(&daemon, &fake, 1).await;
    daemon.end().await;
}

#[tokio::test]
async fn a_folder_made_anew_opens_no_case_twice() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("renumbered", server.port, fake.port), folder());
    for n in 0..3 {
        server.deliver(complaint(&shop, n));
    }
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    assert_all_answered_once(&daemon, &fake, 3).await;
    // A scanner has written a line over each: other bytes are no other mails.
    server.change_bytes();
    server.renumber();
    server.fail("(idling)", Fault::Close);
    server.deliver(complaint(&shop, 3));
    assert_all_answered_once(&daemon, &fake, 4).await;
    daemon.end().await;
}

#[tokio::test]
async fn under_new_numbers_a_young_mail_with_other_words_is_read_and_an_old_one_is_the_same() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("reworded", server.port, fake.port), folder());
    let two_days_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(48);
    // RawMail writes a Message-ID and a Date.
    let uids = [server.deliver_at(complaint(&shop, 0), two_days_ago), server.deliver(complaint(&shop, 1))];
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    daemon.until_settled(2).await;
    for uid in uids {
        server.change_words(uid);
    }
    server.renumber();
    server.fail("(idling)", Fault::Close);
    daemon.until_settled(3).await;
    let rows = daemon.mails().await;
    assert_eq!(rows[2].settled.as_ref().and_then(|s| s.duplicate_of), None, "it is no copy: {rows:?}");
    assert_eq!(rows.len(), 3, "the old one was known");
    daemon.end().await;
}

#[tokio::test]
async fn a_folder_of_strangers_under_new_numbers_is_answered_by_nobody() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("strangers", server.port, fake.port), folder());
    server.deliver(complaint(&shop, 0));
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    assert_all_answered_once(&daemon, &fake, 1).await;
    // An old backup, or another folder under the same name: 21 old mails that we never met, and one of this hour.
    let two_days_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(48);
    for n in 1..=21 {
        server.deliver_at(complaint(&shop, n), two_days_ago);
    }
    server.deliver(complaint(&shop, 22));
    server.renumber();
    server.fail("(idling)", Fault::Close);
    daemon.until_settled(23).await;
    daemon.until_letters(1, "alert", "sent").await;
    let letters = daemon.letters().await;
    assert_eq!(letters.iter().filter(|l| l.letter == "apology").count(), 1, "nobody new is written to: {letters:?}");
    let cases: BTreeSet<i64> = daemon.mails().await.iter().map(|mail| case_of(mail).0).collect();
    assert_eq!(cases.len(), 23, "and nothing is lost");
    // What comes from now on is new mail.
    server.deliver(complaint(&shop, 23));
    daemon.until_letters(2, "apology", "sent").await;
    daemon.end().await;
}

#[tokio::test]
async fn what_lay_there_before_us_stays_so_under_new_numbers() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let shop = Shop::plain("lain", server.port, fake.port).mailbox("start = \"now\"");
    let folder = folder();
    server.deliver(complaint(&shop, 0));
    server.deliver(complaint(&shop, 1));
    // Servers date mail in whole seconds: what came in the second of the first contact is taken for new.
    let contact = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(1);
    let time = Time::Set(amends::time::SetTime::new(contact));
    let daemon = Daemon::start_hasty(&shop, folder.path(), time).await;
    let met = async || {
        let known = daemon.desk.store.look().await.expect("a look").folder(&MailboxName::new("lain"), "INBOX").await;
        known.expect("a folder").is_some()
    };
    daemon.until("the first contact", met).await;
    server.renumber();
    server.fail("(idling)", Fault::Close);
    daemon.until("another session", async || server.sessions() >= 2).await;
    let renumbered = async || {
        let known = daemon.desk.store.look().await.expect("a look").folder(&MailboxName::new("lain"), "INBOX").await;
        known.expect("a folder").is_some_and(|known| known.epoch.uidvalidity == 8)
    };
    daemon.until("the new numbers to be known", renumbered).await;
    assert!(daemon.mails().await.is_empty());
    daemon.end().await;
}

#[tokio::test]
async fn mail_that_is_gone_when_it_is_asked_for_holds_up_no_other() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("ghostly", server.port, fake.port), folder());
    let uids: Vec<u32> = (0..4).map(|n| server.deliver(complaint(&shop, n))).collect();
    server.make_ghost(uids[1]);
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    assert_all_answered_once(&daemon, &fake, 3).await;
    server.expunge(uids[1]);
    server.expunge(uids[2]);
    server.deliver(complaint(&shop, 9));
    assert_all_answered_once(&daemon, &fake, 4).await;
    daemon.end().await;
}

#[tokio::test]
async fn a_mail_that_nobody_can_fetch_holds_up_no_other_and_becomes_a_case_by_its_header() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("poisoned", server.port, fake.port), folder());
    let uids: Vec<u32> = (0..4).map(|n| server.deliver(complaint(&shop, n))).collect();
    server.poison(uids[1]);
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    // The others come at the second session, before the bad one is tried again.
    daemon.until_settled(3).await;
    assert!(server.sessions() <= 3, "{} sessions", server.sessions());
    daemon.until_settled(4).await;
    let by_header = daemon.mails().await.into_iter().find(|m| m.header_only).expect("the header was stored");
    assert!(by_header.settled.is_some_and(|s| s.disposition == Disposition::CaseNew && s.case.is_some()));
    daemon.end().await;
}

#[tokio::test]
async fn mail_is_marked_after_its_turn_and_a_refusal_costs_nothing() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let shop = Shop::plain("refusing", server.port, fake.port).mailbox("start = \"all\"\nafter = \"seen\"");
    let folder = folder();
    server.fail("UID STORE", Fault::No);
    server.deliver(complaint(&shop, 0));
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    daemon.until_letters(1, "alert", "sent").await;
    server.deliver(complaint(&shop, 1));
    assert_all_answered_once(&daemon, &fake, 2).await;
    assert_eq!(server.sessions(), 1);
    daemon.end().await;
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
    server.deliver(complaint(&shop, 2));
    let last_is_seen = || server.messages().last().is_some_and(|m| m.seen);
    daemon.until("the last mail marked as seen", async || last_is_seen()).await;
    daemon.end().await;
}

#[tokio::test]
async fn a_database_that_fails_ends_the_daemon_and_the_next_one_goes_on() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("broken", server.port, fake.port), folder());
    for n in 0..3 {
        server.deliver(complaint(&shop, n));
    }
    let mut deaths = 0;
    for n in 1..=6 {
        let daemon = Daemon::start_hasty(&shop, folder.path(), Time::System).await;
        let store = daemon.desk.store.clone();
        store.stop_at(amends::store::StopAt::Before(n));
        if tokio::time::timeout(Duration::from_secs(2), daemon.ended()).await.is_ok_and(|ended| ended.is_err()) {
            deaths += 1;
        }
    }
    assert!(deaths >= 3, "the database died {deaths} times");
    // An hour on: a mail that was being read at three deaths rests for a while before it is read again.
    let later = Time::Set(amends::time::SetTime::new(Time::System.now() + jiff::SignedDuration::from_hours(1)));
    let daemon = Daemon::start_hasty(&shop, folder.path(), later).await;
    daemon.until_settled(3).await;
    let rows = daemon.mails().await;
    let cases: BTreeSet<i64> = rows.iter().map(|mail| case_of(mail).0).collect();
    assert_eq!((rows.len(), cases.len()), (3, 3), "{rows:?}");
    daemon.end().await;
}
