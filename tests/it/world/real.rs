//! The daemon over Dovecot and Postfix: what people see in their mailboxes.

use std::time::Duration;

use amends::deliver::outbox::LetterState;
use amends::mail::MessageId;
use amends::store::mails::Disposition;
use amends::store::outbox::LetterRow;
use amends::time::{SetTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::super::support::mail::RawMail;
use super::super::support::maildir::mails_in;
use super::super::support::servers::Servers;
use super::super::support::smtp::send_as_customer;
use super::super::support::wait::wait_until;
use super::daemon::{Daemon, SOON, case_of};
use super::shop::{Shop, folder};

/// The mails of a mailbox, once there are so many, as text with plain line ends.
pub async fn mailbox(servers: &Servers, address: &str, count: usize) -> Vec<String> {
    let maildir = servers.maildir(address);
    let enough = || Some(mails_in(&maildir)).filter(|mails| mails.len() >= count);
    let mails = wait_until(&format!("{count} mails in {address}"), SOON, enough).await;
    mails.iter().map(|raw| String::from_utf8_lossy(raw).replace("\r\n", "\n")).collect()
}

/// A header field's value, unfolded.
pub fn field(mail: &str, name: &str) -> String {
    let head = mail.split("\n\n").next().expect("a head").replace("\n ", " ").replace("\n\t", " ");
    let begins = format!("{}:", name.to_ascii_lowercase());
    let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&begins));
    line.map(|line| line[begins.len()..].trim().to_owned()).unwrap_or_default()
}

/// The address between `<` and `>`.
fn address_in(value: &str) -> String {
    value.split(['<', '>']).nth(1).unwrap_or(value).to_owned()
}

/// What somebody writes when they press "answer" on a mail of ours.
fn answer(mail: &str, from: &str, text: &str) -> (String, RawMail) {
    let to = address_in(&field(mail, "Reply-To"));
    let subject = format!("Re: {}", field(mail, "Subject"));
    let raw = RawMail::new(from, &to, &subject)
        .with("In-Reply-To", &field(mail, "Message-ID"))
        .body(&format!("{text}\n\nOn Saturday, Northwind Care wrote:\n> We are sorry.\n"));
    (to, raw)
}

pub async fn send(servers: &Servers, from: &str, to: &str, raw: &RawMail) {
    send_as_customer(servers, from, to, &raw.bytes()).await.unwrap_or_else(|why| panic!("{from} to {to}: {why}"));
}

pub fn complaint(from: &str, shop: &Shop) -> RawMail {
    RawMail::new(&format!("Klaus Berger <{from}>"), &shop.address(), "Lamp broken again")
        .body("Hello,\n\nthe second lamp is broken as well. I am angry.\n\nKlaus")
}

#[tokio::test]
async fn a_customer_writes_is_apologised_to_answers_and_joins_the_case() {
    let Some(servers) = Servers::from_env("a customer is apologised to") else { return };
    let (shop, folder) = (Shop::over(&servers, "whole"), folder());
    let (klaus, mei) = ("klaus.whole@customer.example", shop.mei());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    let first = complaint(klaus, &shop).with("Message-ID", "<first@customer.example>");
    send(&servers, klaus, &shop.address(), &first).await;

    let apology = mailbox(&servers, klaus, 1).await.remove(0);
    assert_eq!(field(&apology, "From"), "\"Northwind Care\" <whole@northwind.example>");
    assert!(address_in(&field(&apology, "Reply-To")).starts_with("whole+c."), "{apology}");
    assert_eq!(field(&apology, "Auto-Submitted"), "auto-replied");
    assert_eq!(field(&apology, "In-Reply-To"), "<first@customer.example>");
    assert!(field(&apology, "References").contains("<first@customer.example>"), "{apology}");
    assert!(field(&apology, "Return-Path").starts_with("<whole+b."), "{apology}");
    assert!(apology.contains("with ESMTPSA id "), "over TLS and signed in: {apology}"); // RFC 3848
    assert!(apology.contains("Lamp broken again") && apology.contains("Mei Tan"), "{apology}");
    let notice = mailbox(&servers, &mei, 1).await.remove(0);
    assert!(notice.contains("I am angry") && field(&notice, "Subject").contains("NW-1001"), "{notice}");

    let (to, raw) = answer(&apology, &format!("Klaus Berger <{klaus}>"), "It smells burnt, too.");
    send(&servers, klaus, &to, &raw.with("In-Reply-To", "")).await;
    let told = mailbox(&servers, &mei, 2).await;
    assert!(told.iter().any(|mail| mail.contains("It smells burnt")), "{told:?}");

    let (to, raw) = answer(&notice, &format!("Mei Tan <{mei}>"), "Dear Klaus, a lamp is on its way.");
    send(&servers, &mei, &to, &raw).await;
    let (to, raw) = answer(&apology, &format!("Klaus Berger <{klaus}>"), "I am away until Thursday.");
    send(&servers, klaus, &to, &raw.with("Auto-Submitted", "auto-replied")).await;
    daemon.until_settled(4).await;

    let mails = daemon.mails().await;
    let case = case_of(&mails[0]);
    assert!(mails.iter().all(|mail| case_of(mail) == case), "{mails:?}");
    let ended: Vec<Disposition> = mails.iter().filter_map(|m| m.settled.as_ref()).map(|s| s.disposition).collect();
    assert_eq!(ended[..2], [Disposition::CaseNew, Disposition::CaseAppend]);
    assert!(ended.contains(&Disposition::StaffAction), "{ended:?}");
    daemon.until_letters(1, "reply", "sent").await;
    let to_klaus = daemon.letters().await.into_iter().filter(|l| l.to.as_str() == klaus).count();
    assert_eq!(to_klaus, 2, "the vacation note gets no answer");
    let came = mailbox(&servers, klaus, 2).await;
    let reply = came.iter().find(|mail| mail.contains("a lamp is on its way")).expect("the words of staff");
    assert_eq!(field(reply, "From"), "\"Mei Tan\" <whole@northwind.example>");
    assert!(!reply.contains("We are sorry") && field(reply, "Auto-Submitted").is_empty(), "{reply}");
    daemon.end().await;
}

#[tokio::test]
async fn a_letter_that_comes_back_is_told_to_the_owner() {
    let Some(servers) = Servers::from_env("a letter comes back") else { return };
    let (shop, folder) = (Shop::over(&servers, "comesback"), folder());
    let gone = "gone.klaus@customer.example";
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    send(&servers, gone, &shop.address(), &complaint(gone, &shop)).await;
    daemon.until_settled(2).await;
    let mails = daemon.mails().await;
    let report = mails[1].settled.as_ref().expect("settled");
    assert_eq!(report.disposition, Disposition::BounceLinked, "{report:?}");
    assert_eq!(case_of(&mails[1]), case_of(&mails[0]));
    let told = mailbox(&servers, &shop.mei(), 2).await;
    assert!(told.iter().any(|mail| mail.contains(gone) && mail.contains("5.1.1")), "{told:?}");
    daemon.end().await;
}

/// Moves set time on to what is due next, once all that is due now has left.
pub async fn pass(daemon: &Daemon, time: &SetTime, until: Timestamp) {
    loop {
        let on_the_wire = |l: &LetterRow| matches!(l.state, LetterState::Sending | LetterState::Committing);
        let quiet = async || {
            let due = daemon.desk.next_wake().await.expect("a wake") <= time.now();
            !due && !daemon.letters().await.iter().any(on_the_wire)
        };
        daemon.until("all that is due to be done", quiet).await;
        let wake = daemon.desk.next_wake().await.expect("a wake");
        if time.now() >= until {
            return;
        }
        time.move_to(wake.min(until));
    }
}

#[tokio::test]
async fn a_neglected_complaint_climbs_the_ladder_in_real_mailboxes() {
    let Some(servers) = Servers::from_env("a neglected complaint climbs") else { return };
    let (shop, folder) = (Shop::over(&servers, "neglected"), folder());
    let klaus = "klaus.neglected@customer.example";
    let time = SetTime::new(Timestamp::now());
    let daemon = Daemon::start(&shop, folder.path(), Time::Set(time.clone())).await;
    send(&servers, klaus, &shop.address(), &complaint(klaus, &shop)).await;
    daemon.until_letters(1, "apology", "sent").await;
    pass(&daemon, &time, time.now() + SignedDuration::from_hours(24 * 7)).await;

    let letters = daemon.letters().await;
    let named = |name: &str| letters.iter().filter(|l| l.letter == name).count();
    assert!(named("holding") >= 1 && named("escalation") >= 2 && named("escalated") >= 1, "{letters:?}");
    assert!(letters.iter().all(|l| l.state.is_final()), "{letters:?}");
    let to_klaus = letters.iter().filter(|l| l.to.as_str() == klaus && l.sent_at.is_some()).count();
    let came = mailbox(&servers, klaus, to_klaus).await;
    assert!(came.len() == to_klaus && to_klaus >= 3, "{to_klaus} were sent, {} came", came.len());
    let ids: std::collections::BTreeSet<String> = came.iter().map(|mail| field(mail, "Message-ID")).collect();
    assert_eq!(ids.len(), came.len(), "no letter came twice");
    assert!(ids.iter().all(|id| letters.iter().any(|l| MessageId::new(id).as_ref() == Some(&l.message_id))));
    let authority = mailbox(&servers, "jane.neglected@northwind.example", 1).await;
    assert!(field(&authority[0], "Subject").contains("NW-1001"), "{authority:?}");
    daemon.end().await;
}

#[tokio::test]
async fn a_stop_while_it_waits_for_mail_takes_no_second() {
    let Some(servers) = Servers::from_env("a stop while it waits") else { return };
    let (shop, folder) = (Shop::over(&servers, "halted"), folder());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    send(&servers, "a@customer.example", &shop.address(), &complaint("a@customer.example", &shop)).await;
    daemon.until_letters(1, "apology", "sent").await;
    let took = daemon.stop().await;
    assert!(took < Duration::from_secs(1), "{took:?}");
}
