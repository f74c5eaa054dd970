//! The story over real servers: Dovecot holds the mailboxes, Postfix carries the mail (tests/servers/start).
//!
//! The first tests prove the ground itself. Without servers they are skipped with a line; tests/run never skips.
//! Each test has mailboxes of its own, so that they may run side by side, on servers that were just started.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use crate::support::imap::Imap;
use crate::support::lmtp::Lmtp;
use crate::support::mail::RawMail;
use crate::support::maildir::mails_in;
use crate::support::servers::Servers;
use crate::support::smtp::send_as_customer;
use crate::support::wait::wait_until;

const SOON: Duration = Duration::from_secs(20);

/// The one mail in a mailbox, once it is there, as text.
async fn the_mail_of(servers: &Servers, user: &str) -> String {
    let maildir = servers.maildir(user);
    let mail = wait_until(&format!("a mail in {user}"), SOON, || mails_in(&maildir).pop()).await;
    assert_eq!(mails_in(&maildir).len(), 1, "{user} has one mail");
    String::from_utf8(mail).unwrap()
}

/// The fields above the first empty line.
fn head(mail: &str) -> &str {
    mail.split("\n\n").next().unwrap().split("\r\n\r\n").next().unwrap()
}

/// All that the server says to a client that logs in, asks what is offered, and leaves.
fn what_a_login_hears(port: u16, user: &str) -> String {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    write!(socket, "a LOGIN {user} secret\r\nb CAPABILITY\r\nc LOGOUT\r\n").unwrap();
    let mut said = String::new();
    socket.read_to_string(&mut said).unwrap();
    assert!(said.contains("\r\nb OK "), "{said}");
    said
}

#[test]
fn a_raw_mail_has_its_fields_in_order_and_ends_lines_as_the_wire_does() {
    let mail = RawMail::new("Ann <ann@customer.example>", "support@northwind.example", "Late")
        .with("Return-Path", "<ann@customer.example>")
        .with("Subject", "Late again")
        .with("In-Reply-To", "<a@b>")
        .with("Content-Transfer-Encoding", "")
        .body("One\nTwo");
    let text = String::from_utf8(mail.bytes()).unwrap();
    assert!(text.starts_with("Return-Path: <ann@customer.example>\r\nFrom: Ann <ann@customer.example>\r\n"), "{text}");
    assert!(text.contains("\r\nSubject: Late again\r\n") && text.contains("\r\nIn-Reply-To: <a@b>\r\n"), "{text}");
    assert!(!text.contains("Encoding") && text.ends_with("@mail.test>\r\n\r\nOne\r\nTwo\r\n"), "{text}");
    assert_eq!(mail.bytes(), mail.bytes());
    assert_ne!(mail.bytes(), mail.clone().body("Three").bytes());
}

#[tokio::test]
async fn mail_of_a_customer_arrives_with_the_marks_of_real_mail() {
    let Some(servers) = Servers::from_env("mail of a customer arrives") else { return };
    let (ann, support) = ("ann@customer.example", "marks@northwind.example");
    let raw = RawMail::new("Ann <ann@customer.example>", support, "Where is my order?").body("It was due on Monday.");
    send_as_customer(&servers, ann, support, &raw.bytes()).await.unwrap();
    let mail = the_mail_of(&servers, support).await;
    let head = head(&mail);
    assert!(head.starts_with("Return-Path: <ann@customer.example>"), "{head}");
    assert_eq!(head.matches("\nReceived: ").count(), 2, "{head}");
    assert!(head.contains("by mx.test (Postfix)"), "{head}");
    assert!(head.contains("\nAuthentication-Results: mx.test; dmarc=pass header.from=customer.example"), "{head}");
    assert!(mail.contains("It was due on Monday."), "{mail}");
}

#[tokio::test]
async fn who_pretends_to_be_a_customer_is_not_vouched_for() {
    let Some(servers) = Servers::from_env("who pretends to be a customer") else { return };
    let (from, support) = ("forged.ann@customer.example", "forgeries@northwind.example");
    send_as_customer(&servers, from, support, &RawMail::new(from, support, "Hello").bytes()).await.unwrap();
    let mail = the_mail_of(&servers, support).await;
    assert!(head(&mail).contains("\nAuthentication-Results: mx.test; dmarc=fail"), "{mail}");
}

#[tokio::test]
async fn mail_to_an_address_with_a_detail_lands_in_its_mailbox() {
    let Some(servers) = Servers::from_env("mail to an address with a detail") else { return };
    let (ann, support) = ("ann@customer.example", "detail+c.mzxw6ytb@northwind.example");
    send_as_customer(&servers, ann, support, &RawMail::new(ann, support, "Re: Late").bytes()).await.unwrap();
    let mail = the_mail_of(&servers, "detail@northwind.example").await;
    assert!(head(&mail).contains("\nDelivered-To: detail+c.mzxw6ytb@northwind.example"), "{mail}");
}

#[tokio::test]
async fn mail_to_a_mailbox_that_is_gone_comes_back_as_a_delivery_report() {
    let Some(servers) = Servers::from_env("mail to a mailbox that is gone") else { return };
    let (bounces, gone) = ("returned+b.mzxw6ytb@northwind.example", "gone.ann@customer.example");
    let raw = RawMail::new("Support <returned@northwind.example>", gone, "Our apology").with("Message-ID", "<7@ours>");
    send_as_customer(&servers, bounces, gone, &raw.bytes()).await.unwrap();
    let report = the_mail_of(&servers, "returned@northwind.example").await;
    assert!(head(&report).starts_with("Return-Path: <>"), "{report}");
    assert!(head(&report).contains("multipart/report; report-type=delivery-status"), "{report}");
    for line in ["Action: failed", "Status: 5.1.1", "Final-Recipient: rfc822; gone.ann@customer.example"] {
        assert!(report.contains(line), "{line} in {report}");
    }
    assert!(report.contains("<7@ours>"), "the report holds the mail's own id: {report}");
}

#[tokio::test]
async fn mailboxes_that_refuse_or_put_off_say_so_at_once() {
    let Some(servers) = Servers::from_env("mailboxes that refuse") else { return };
    let from = "support@northwind.example";
    for (to, code) in [("refused@customer.example", "5.1.1"), ("later@customer.example", "4.2.0")] {
        let error = send_as_customer(&servers, from, to, &RawMail::new(from, to, "Hello").bytes()).await.unwrap_err();
        assert!(error.contains(code), "{to}: {error}");
    }
    let raw = RawMail::new(from, "ann@elsewhere.test", "Hello").bytes();
    let error = send_as_customer(&servers, from, "ann@elsewhere.test", &raw).await.unwrap_err();
    assert!(error.contains("no mail leaves this machine"), "{error}");
}

/// What the server answers to one mail over TLS with the test certificate, signed in with a password.
async fn submit_signed_in(servers: &Servers, door: &str, password: &str, to: &str) -> Result<(), String> {
    let from = "signed-in@northwind.example";
    let certificate = Certificate::from_pem(&std::fs::read(servers.value("CERTIFICATE")).unwrap()).unwrap();
    let parameters = TlsParameters::builder("127.0.0.1".into()).add_root_certificate(certificate);
    let parameters = parameters.build_rustls().unwrap();
    let tls = if door == "SMTPS" { Tls::Wrapper(parameters) } else { Tls::Required(parameters) };
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(servers.port(door))
        .tls(tls)
        .credentials(Credentials::new(from.into(), password.into()))
        .build();
    let envelope = Envelope::new(Some(from.parse().unwrap()), vec![to.parse().unwrap()]).unwrap();
    let raw = RawMail::new(from, to, "Hello").bytes();
    transport.send_raw(&envelope, &raw).await.map(|_| ()).map_err(|error| error.to_string())
}

#[tokio::test]
async fn who_signs_in_over_tls_may_submit() {
    let Some(servers) = Servers::from_env("who signs in over TLS") else { return };
    for (door, to) in [("SUBMISSION", "starttls@customer.example"), ("SMTPS", "implicit@customer.example")] {
        let error = submit_signed_in(&servers, door, "wrong", to).await.unwrap_err();
        assert!(error.contains("5.7.8"), "{door}: {error}"); // RFC 4954 section 6
        submit_signed_in(&servers, door, "secret", to).await.unwrap();
        let mail = the_mail_of(&servers, to).await;
        assert!(head(&mail).contains("with ESMTPSA id "), "{mail}"); // RFC 3848: over TLS, signed in
    }
}

#[tokio::test]
async fn idle_announces_a_new_mail() {
    let Some(servers) = Servers::from_env("idle announces a new mail") else { return };
    let (ann, support) = ("ann@customer.example", "idle@northwind.example");
    let imap = Imap::open(servers.port("IMAP"), support).await;
    let (ready, waits) = tokio::sync::oneshot::channel();
    let waiting = tokio::spawn(imap.idle(SOON, ready));
    waits.await.unwrap();
    let raw = RawMail::new(ann, support, "Where is it?").body(".one dot\nand two lines").bytes();
    Lmtp::connect(servers.port("LMTP")).await.deliver(ann, support, &raw).await;
    let mails = waiting.await.unwrap().fetch("1:*").await;
    assert_eq!(mails.len(), 1);
    let text = String::from_utf8(mails[0].1.clone()).unwrap();
    assert!(text.ends_with("\r\n\r\n.one dot\r\nand two lines\r\n"), "{text:?}");
}

#[tokio::test]
async fn a_server_without_idle_shows_the_same_mailbox() {
    let Some(servers) = Servers::from_env("a server without idle") else { return };
    let (ann, support) = ("ann@customer.example", "poll@northwind.example");
    let mut imap = Imap::open(servers.port("POLL_IMAP"), support).await;
    for (door, offers) in [("IMAP", true), ("POLL_IMAP", false)] {
        let said = what_a_login_hears(servers.port(door), support);
        for word in [" IDLE", " UIDPLUS", " MOVE"] {
            assert_eq!(said.contains(word), offers, "{word} at {door}: {said}");
        }
    }
    let raw = RawMail::new(ann, support, "Where is it?").bytes();
    Lmtp::connect(servers.port("LMTP")).await.deliver(ann, support, &raw).await;
    imap.command("NOOP").await;
    assert_eq!(imap.fetch("1:*").await.len(), 1);
}
