//! Our own check of DKIM: every reason to refuse one by one, DNS in all its moods, and one signature for one mail.
//!
//! DNS is a table here. Nothing in these tests leaves the machine.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use amends::arrive::parse;
use amends::arrive::proof::dkim::{claims, verify};
use amends::arrive::proof::keys::{Answer, Dns, Keys};
use jiff::Timestamp;
use proptest::prelude::*;

use super::support::dkim::{Key, Signer};
use super::support::mail::RawMail;

/// The hour of all mails here: Sat, 21 Nov 2026 10:00 UTC.
const SIGNED: i64 = 1_795_255_200;
const DAY: i64 = 24 * 3600;

fn now() -> Timestamp {
    Timestamp::from_second(SIGNED + 60).expect("an instant")
}

fn raw() -> RawMail {
    RawMail::new("Klaus Berger <klaus@c.example>", "support@northwind.example", "Lamp broken again")
        .with("Message-ID", "<lamp-1@c.example>")
        .body("Hello,\n\nthe  hinge of my lamp\tbroke again.  \n\nKlaus\n\n\n")
}

fn signer() -> Signer {
    Signer::new("c.example", &format!("t={SIGNED}"))
}

/// Asks the table of texts for every claim, and checks.
fn proven_by(raw: &[u8], table: &[(String, String)], now: Timestamp) -> Result<String, String> {
    let mail = parse::parse(raw);
    let texts = |name: &str| table.iter().filter(|(n, _)| n == name).map(|(_, text)| text.clone()).collect();
    let asked: Vec<_> = claims(&mail, now)?.into_iter().map(|c| (c.clone(), Ok(texts(&c.key_name)))).collect();
    verify(raw, &mail, &asked).map(|claim| claim.domain.clone())
}

/// The mail as `signer` signs it, with its key in DNS.
fn proven(signer: &Signer, raw: &[u8]) -> Result<String, String> {
    proven_by(raw, &[(signer.key_name(), signer.key.record())], now())
}

fn refused(signer: &Signer, raw: &[u8], because: &str) {
    let why = proven(signer, raw).expect_err(because);
    assert!(why.contains(because), "{why:?} should say {because:?}");
}

#[test]
fn a_good_signature_proves_the_mail_in_every_form() {
    for key in [Key::Ed25519, Key::Rsa2048, Key::Rsa1024] {
        for relaxed in [true, false] {
            let signer = Signer { key, relaxed, ..signer() };
            let crlf = signer.sign(&raw().bytes());
            assert_eq!(proven(&signer, &crlf), Ok("c.example".into()), "{key:?} relaxed {relaxed}");
            // A Maildir, a pipe and an mbox hold the line ends of the machine.
            let lf: Vec<u8> = crlf.iter().copied().filter(|b| *b != b'\r').collect();
            assert_eq!(proven(&signer, &lf), Ok("c.example".into()), "LF, {key:?} relaxed {relaxed}");
            let mbox = [b"From klaus@c.example Sat Nov 21 10:00:00 2026\n".as_slice(), &lf].concat();
            assert_eq!(proven(&signer, &mbox), Ok("c.example".into()), "mbox, {key:?} relaxed {relaxed}");
        }
    }
}

/// RFC 8463 appendix A: the mail and the keys of others. One is Ed25519, one RSA of 1024 bits as SubjectPublicKeyInfo.
#[test]
fn the_example_of_rfc_8463_passes_by_either_key() {
    let raw = include_bytes!("../keys/rfc8463.eml");
    let at = Timestamp::from_second(1_528_637_999).expect("an instant");
    let ed25519 = (
        "brisbane._domainkey.football.example.com.",
        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    );
    let rsa = (
        "test._domainkey.football.example.com.",
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
    );
    for (name, text) in [ed25519, rsa] {
        let table = [(name.to_owned(), text.to_owned())];
        assert_eq!(proven_by(raw, &table, at), Ok("football.example.com".into()), "{name}");
        let old = proven_by(raw, &table, now()).expect_err("years later");
        assert!(old.contains("older than 7 days"), "{old}");
    }
}

#[test]
fn the_signer_stands_for_the_domain_of_from() {
    let parent = Signer::new("c.example", &format!("t={SIGNED}"));
    let below = raw().with("From", "Klaus <klaus@mail.c.example>").bytes();
    assert!(proven(&parent, &parent.sign(&below)).is_ok());
    for domain in ["evil.example", "mail.c.example", "example", "xc.example"] {
        let signer = Signer::new(domain, &format!("t={SIGNED}"));
        refused(&signer, &signer.sign(&raw().bytes()), "does not stand for c.example");
    }
}

#[test]
fn what_letters_and_cases_are_made_of_is_signed() {
    for missing in ["Subject", "Date", "Message-ID"] {
        let names = ["From", "To", "Subject", "Date", "Message-ID"].into_iter().filter(|n| *n != missing);
        let signer = Signer { names: names.collect::<Vec<_>>().join(":"), ..signer() };
        refused(&signer, &signer.sign(&raw().bytes()), &format!("does not cover {}", missing.to_lowercase()));
    }
    let without_from = Signer { names: "Subject:Date:Message-ID:To".into(), ..signer() };
    refused(&without_from, &without_from.sign(&raw().bytes()), "does not cover from");
    let without_to = Signer { names: "from : subject : date : message-id".into(), ..signer() };
    let raw = without_to.sign(&raw().bytes());
    assert!(proven(&without_to, &raw).is_ok(), "Exchange signs no To");
    let claim = &claims(&parse::parse(&raw), now()).expect("a claim")[0];
    assert!(!claim.signs_to, "and that is told");
}

#[test]
fn a_signature_over_a_part_of_the_body_is_none() {
    for more in ["l=10", "l=0", "l=", "L=10"] {
        let signer = Signer { more: format!("t={SIGNED}; {more}"), ..signer() };
        assert!(proven(&signer, &signer.sign(&raw().bytes())).is_err(), "{more}");
    }
}

#[test]
fn time_is_told_and_not_asked_for() {
    let at = |more: String| {
        let signer = Signer { more, ..signer() };
        proven(&signer, &signer.sign(&raw().bytes()))
    };
    for good in [
        format!("t={}", SIGNED + 60 - 7 * DAY),
        format!("t={SIGNED}; x={}", SIGNED + 61),
        format!("t={}", SIGNED + 60 + 300),
        String::new(), // Date, which is signed, says it
    ] {
        assert_eq!(at(good.clone()), Ok("c.example".into()), "{good}");
    }
    for (bad, because) in [
        (format!("t={}", SIGNED + 59 - 7 * DAY), "older than 7 days"),
        (format!("t={}", SIGNED + 60 + 301), "in the future"),
        (format!("t={SIGNED}; x={}", SIGNED + 60), "expired"),
        (format!("t={SIGNED}; x={SIGNED}"), "expired"),
        (format!("x={}", SIGNED - DAY), "expired"),
        ("t=yesterday".into(), "no time in t="),
        ("t=-1".into(), "no time in t="),
        ("t=99999999999999999999".into(), "no time in t="),
        (format!("t={SIGNED}; x=never"), "no time in x="),
    ] {
        let why = at(bad.clone()).expect_err(&bad);
        assert!(why.contains(because), "{bad}: {why}");
    }
    let old = Signer { more: String::new(), ..signer() };
    let dated = raw().with("Date", "Sat, 7 Nov 2026 10:00:00 +0000").bytes();
    refused(&old, &old.sign(&dated), "older than 7 days");
    refused(&old, &old.sign(&raw().with("Date", "yesterday").bytes()), "Date cannot be read");
}

#[test]
fn keys_are_strong_and_meant() {
    let weak = Signer { key: Key::Rsa768, ..signer() };
    refused(&weak, &weak.sign(&raw().bytes()), "768 bits");
    let signer = signer();
    let mail = signer.sign(&raw().bytes());
    let good = signer.key.record();
    let with = |record: &str| proven_by(&mail, &[(signer.key_name(), record.to_owned())], now());
    for record in [
        good.clone(),
        good.replace("v=DKIM1; ", ""),
        good.replace("k=", "s=email; h=sha256; t=s; n=a note; k="),
        format!("{good};"),
    ] {
        assert!(with(&record).is_ok(), "{record}");
    }
    for (record, because) in [
        ("v=DKIM1; k=ed25519; p=".to_owned(), "revoked"),
        ("v=DKIM1; k=rsa; p=".to_owned(), "revoked"),
        ("p= ;".to_owned(), "revoked"),
        (good.replace("k=", "t=y; k="), "a test"),
        (good.replace("k=", "t=s:Y; k="), "a test"),
        (good.replace("k=", "s=tlsrpt; k="), "not for mail"),
        (good.replace("k=", "h=sha1; k="), "not for mail"),
        (good.replace("DKIM1", "DKIM2"), "another version"),
        (good.replace("p=", "p=AAAA; p="), "cannot be read"),
        (Key::Rsa2048.record(), "Incompatible"),
        (good.replace("ed25519", "dsa"), "cannot be read"),
        ("v=spf1 -all".to_owned(), "another version"),
        ("".to_owned(), "cannot be read"),
    ] {
        let why = with(&record).expect_err(&record);
        assert!(why.contains(because), "{record}: {why}");
    }
    assert_eq!(proven_by(&mail, &[], now()), Err("the DKIM signature of c.example: there is no key".into()));
    // Several texts under one name: any key may be the one.
    let several = ["v=spf1 -all".to_owned(), good].map(|text| (signer.key_name(), text));
    assert!(proven_by(&mail, &several, now()).is_ok());
}

#[test]
fn an_algorithm_or_version_that_does_not_count_is_refused() {
    for algorithm in ["rsa-sha1", "rsa-md5", "ed25519-sha1", ""] {
        let signer = Signer { algorithm: Some(algorithm), ..signer() };
        refused(&signer, &signer.sign(&raw().bytes()), "an algorithm that does not count");
    }
    let signed = String::from_utf8(signer().sign(&raw().bytes())).expect("text");
    refused(&signer(), signed.replace("v=1;", "v=2;").as_bytes(), "another version");
    refused(&signer(), signed.replace("v=1;", "").as_bytes(), "another version");
    refused(&signer(), signed.replace("v=1;", "v=1; q=carrier-pigeon;").as_bytes(), "another version");
    refused(&signer(), signed.replace("v=1;", "v=1; v=1;").as_bytes(), "cannot be read");
    refused(&signer(), signed.replace("d=c.example", "d=c.example; d=c.example").as_bytes(), "cannot be read");
    refused(&signer(), signed.replace("d=c.example", "d=").as_bytes(), "without signer");
    refused(&signer(), signed.replace("b=", "b=A").as_bytes(), "c.example");
}

#[test]
fn whatever_was_changed_on_the_way_is_unproven() {
    let signer = signer();
    let signed = String::from_utf8(signer.sign(&raw().bytes())).expect("text");
    for (what, with) in [
        ("broke again.", "is wonderful."),
        ("Subject: Lamp", "Subject: Old lamp"),
        ("To: support@northwind.example", "To: billing@northwind.example"),
        ("<lamp-1@c.example>", "<lamp-2@c.example>"),
        ("Klaus Berger <klaus@c.example>", "Boss <boss@c.example>"),
        ("10:00:00 +0000", "10:00:01 +0000"),
    ] {
        assert_ne!(signed, signed.replace(what, with), "{what} stands there");
        assert!(proven(&signer, signed.replace(what, with).as_bytes()).is_err(), "{what}");
    }
    // White space and folding may change where both canonicalizations are relaxed.
    let folded = signed.replace("Subject: Lamp broken", "Subject:  Lamp\r\n\tbroken").replace("hinge of", "hinge  of");
    assert!(proven(&signer, folded.as_bytes()).is_ok());
    let simple = Signer { relaxed: false, ..signer };
    let signed = String::from_utf8(simple.sign(&raw().bytes())).expect("text");
    assert!(proven(&simple, signed.replace("Subject: Lamp", "Subject:  Lamp").as_bytes()).is_err());
}

#[test]
fn a_field_added_on_top_takes_the_proof_away() {
    let signed = String::from_utf8(signer().sign(&raw().bytes())).expect("text");
    for field in [
        "Subject: Pay",
        "Date: Sat, 21 Nov 2026 10:00:00 +0000",
        "To: all@northwind.example",
        "Message-ID: <x@y.example>",
    ] {
        refused(&signer(), format!("{field}\r\n{signed}").as_bytes(), "several");
    }
    for from in ["From: Boss <boss@c.example>", "from: Klaus Berger <klaus@c.example>", "FROM: x"] {
        let why = proven(&signer(), format!("{from}\r\n{signed}").as_bytes()).expect_err(from);
        assert!(why.contains("exactly one From"), "{why}");
    }
    let two = raw().with("From", "Klaus <klaus@c.example>, Boss <boss@c.example>").bytes();
    refused(&signer(), &signer().sign(&two), "exactly one From");
    // Fields that nobody signed and that carry nothing may be added: every server does.
    let received = "Received: from out.c.example by mx.northwind.example; Sat, 21 Nov 2026 10:00:01 +0000";
    assert!(proven(&signer(), format!("{received}\r\nX-Spam-Score: 0\r\n{signed}").as_bytes()).is_ok());
}

#[test]
fn a_header_that_can_be_read_in_two_ways_proves_nothing() {
    let signed = String::from_utf8(signer().sign(&raw().bytes())).expect("text");
    let (header, body) = signed.split_once("\r\n\r\n").expect("two parts");
    // One reader ends the header at the line that is no field, the other goes on behind it.
    let split = format!("{header}\r\nno field at all\r\n{body}");
    assert!(proven(&signer(), split.as_bytes()).is_err(), "a line on top of the words that nobody signed");
    assert!(proven(&signer(), format!("{header}\r\n#close\r\n{body}").as_bytes()).is_err());
    assert!(proven(&signer(), format!("{header}\n#close\n{body}").replace("\r\n", "\n").as_bytes()).is_err());
    let fields = split.replace("Hello,", "Reply-To: eve@evil.example\r\nX-Note: Hello,");
    assert!(proven(&signer(), fields.as_bytes()).is_err());
    assert!(proven(&signer(), signed.replace("\r\n", "\r").as_bytes()).is_err());
    assert!(proven(&signer(), signed.replace("Subject:", "Subject :").as_bytes()).is_err());
}

#[test]
fn an_unsigned_content_type_cuts_no_other_parts_from_the_body() {
    let signer = signer();
    let words = "Fwd:\n\n--evil\nContent-Type: text/plain\n\n#close\n--evil--\n";
    let signed = String::from_utf8(signer.sign(&raw().body(words).bytes())).expect("text");
    assert!(proven(&signer, signed.as_bytes()).is_ok(), "as it was sent");
    let cut = signed
        .replace("text/plain; charset=utf-8\r\nContent-Transfer", "multipart/mixed; boundary=evil\r\nContent-Transfer");
    assert!(cut.contains("boundary=evil"));
    refused(&signer, cut.as_bytes(), "does not cover Content-Type");
}

#[test]
fn one_good_signature_of_several_is_enough() {
    let good = signer();
    let table = [(good.key_name(), good.key.record())];
    let list = Signer { selector: "list".into(), ..Signer::new("lists.example", &format!("t={SIGNED}")) };
    let second = Signer { key: Key::Rsa2048, selector: "s2".into(), ..signer() };
    for signers in [vec![&good, &list], vec![&list, &good], vec![&good, &second, &list], vec![&second, &good]] {
        let mail = signers.iter().fold(raw().bytes(), |mail, signer| signer.sign(&mail));
        assert_eq!(proven_by(&mail, &table, now()), Ok("c.example".into()));
    }
    // Those behind too many others are not looked at; the bound keeps a stranger from asking a thousand names.
    let mail = (0..30).fold(good.sign(&raw().bytes()), |mail, _| list.sign(&mail));
    assert!(proven_by(&mail, &table, now()).is_err());
    let many = (0..9).fold(raw().bytes(), |mail, n| Signer { selector: format!("n{n}"), ..signer() }.sign(&mail));
    assert_eq!(claims(&parse::parse(&many), now()).expect("claims").len(), 3);
}

#[test]
fn a_mark_is_of_one_mail_of_one_signer() {
    let marks =
        |raw: &[u8]| claims(&parse::parse(raw), now()).expect("a claim").iter().map(|c| c.mark).collect::<Vec<_>>();
    let first = marks(&signer().sign(&raw().bytes()));
    assert_eq!(first, marks(&Signer { key: Key::Rsa2048, more: String::new(), ..signer() }.sign(&raw().bytes())));
    assert_ne!(first, marks(&signer().sign(&raw().body("Other words.").bytes())));
    assert_ne!(first, marks(&signer().sign(&raw().with("Message-ID", "<lamp-2@c.example>").bytes())));
    refused(&signer(), &signer().sign(&raw().with("Message-ID", "not an id at all, <").bytes()), "no Message-ID");
}

proptest! {
    /// Whatever a stranger does to one byte of what is signed, it is not proven any more.
    #[test]
    fn one_changed_byte_is_enough(at in 0usize..10_000, to in 33u8..127) {
        let mut signed = signer().sign(&raw().bytes());
        let text = String::from_utf8(signed.clone()).expect("text");
        let body = text.find("\r\n\r\n").expect("a body") + 4;
        let at = body + at % (text.trim_end().len() - body);
        prop_assume!(!signed[at].is_ascii_whitespace() && signed[at] != to);
        signed[at] = to;
        prop_assert!(proven(&signer(), &signed).is_err());
    }

    /// Nothing that a stranger writes into the field makes the check fail otherwise than by a reason.
    #[test]
    fn any_field_is_judged(value in "[ -~\r\n\t]{0,200}", record in "[ -~]{0,200}") {
        let raw = format!("DKIM-Signature: {value}\r\n{}", String::from_utf8(raw().bytes()).expect("text"));
        prop_assert!(proven(&signer(), raw.as_bytes()).is_err());
        let signed = signer().sign(&self::raw().bytes());
        prop_assert!(proven_by(&signed, &[(signer().key_name(), record)], now()).is_err());
    }
}

// ---- DNS

/// DNS that says one thing about each name, and nothing at all about the others.
#[derive(Clone, Default)]
pub struct Table {
    pub texts: HashMap<String, Answer>,
    pub asked: Arc<AtomicUsize>,
}

impl Table {
    pub fn with(mut self, name: &str, answer: Answer) -> Self {
        self.texts.insert(name.to_owned(), answer);
        self
    }
}

impl Dns for Table {
    fn txt<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.texts.get(name).cloned() {
            Some(Ok(texts)) if texts == ["panic"] => Box::pin(async { panic!("as DNS code does") }),
            Some(answer) => Box::pin(async move { answer }),
            None => Box::pin(std::future::pending()),
        }
    }
}

/// The daemon waits three seconds; the tests have less time.
const PATIENCE: Duration = Duration::from_millis(60);

fn asked_keys(table: Table, mail: &[u8]) -> (Keys, Vec<amends::arrive::proof::dkim::Claim>) {
    (Keys::by(table, PATIENCE), claims(&parse::parse(mail), now()).expect("claims"))
}

#[tokio::test]
async fn a_silent_dns_means_no_proof_and_is_not_waited_for_again() {
    let mail = signer().sign(&raw().bytes());
    let table = Table::default();
    let count = table.asked.clone();
    let (keys, claims) = asked_keys(table, &mail);
    let asked = keys.of(claims.clone(), now()).await;
    let why = verify(&mail, &parse::parse(&mail), &asked).expect_err("no key");
    assert!(why.contains("did not answer in time"), "{why}");
    keys.of(claims.clone(), now()).await;
    assert_eq!(count.load(Ordering::SeqCst), 1, "not asked again at once");
    let later = now() + jiff::SignedDuration::from_secs(60);
    keys.of(claims, later).await;
    assert_eq!(count.load(Ordering::SeqCst), 2, "but after a minute");
}

#[tokio::test]
async fn many_silent_names_are_waited_for_together() {
    let keys = Keys::by(Table::default(), PATIENCE);
    let one = |n: usize| {
        let signer = Signer::new(&format!("c{n}.example"), &format!("t={SIGNED}"));
        let mail = signer.sign(&raw().with("From", &format!("klaus@c{n}.example")).bytes());
        claims(&parse::parse(&mail), now()).expect("claims")
    };
    let began = tokio::time::Instant::now();
    futures_util::future::join_all((0..200).map(|n| keys.of(one(n), now()))).await;
    // One after the other they would take twelve seconds.
    assert!(began.elapsed() < PATIENCE * 30, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_fault_of_dns_is_told_from_a_name_that_does_not_exist() {
    let mail = signer().sign(&raw().bytes());
    let name = signer().key_name();
    for (answer, because) in [
        (Err("SERVFAIL".to_owned()), "SERVFAIL"),
        (Ok(vec!["panic".to_owned()]), "panicked"),
        (Ok(Vec::new()), "there is no key"),
        (Ok(vec!["v=DKIM1; p=".to_owned()]), "revoked"),
    ] {
        let (keys, claims) = asked_keys(Table::default().with(&name, answer), &mail);
        let asked = keys.of(claims, now()).await;
        let why = verify(&mail, &parse::parse(&mail), &asked).expect_err(because);
        assert!(why.contains(because), "{why}");
    }
    let (keys, claims) = asked_keys(Table::default().with(&name, Ok(vec![Key::Ed25519.record()])), &mail);
    assert!(verify(&mail, &parse::parse(&mail), &keys.of(claims, now()).await).is_ok());
}

#[tokio::test]
async fn a_dead_zone_beside_a_good_one_costs_time_and_no_proof() {
    let slow = Signer { selector: "slow".into(), ..signer() };
    let mail = slow.sign(&signer().sign(&raw().bytes()));
    let table = Table::default().with(&signer().key_name(), Ok(vec![Key::Ed25519.record()]));
    let (keys, claims) = asked_keys(table, &mail);
    assert_eq!(claims.len(), 2);
    let asked = keys.of(claims, now()).await;
    assert!(verify(&mail, &parse::parse(&mail), &asked).is_ok());
}

/// A name server on this machine: `s1` has a key in two pieces, `none` does not exist, `empty` has no texts, `broken`
/// fails, and about all others it is silent. How often it was asked.
async fn name_server() -> (std::net::SocketAddr, Arc<AtomicUsize>) {
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    let at = socket.local_addr().expect("an address");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        let mut packet = [0u8; 1500];
        while let Ok((len, peer)) = socket.recv_from(&mut packet).await {
            count.fetch_add(1, Ordering::SeqCst);
            if let Some(answer) = answer(&packet[..len]) {
                socket.send_to(&answer, peer).await.expect("sent");
            }
        }
    });
    (at, asked)
}

/// RFC 1035 section 4: the question again, and what stands there.
fn answer(query: &[u8]) -> Option<Vec<u8>> {
    let label = String::from_utf8_lossy(&query[13..13 + usize::from(query[12])]).to_lowercase();
    let mut end = 12;
    while query[end] != 0 {
        end += usize::from(query[end]) + 1;
    }
    let question = &query[12..end + 5];
    let (code, text) = match label.as_str() {
        "s1" => (0u8, Some(Key::Ed25519.record())),
        "none" => (3, None),
        "empty" => (0, None),
        "broken" => (2, None),
        _ => return None,
    };
    let mut out = [&query[..2], &[0x81, 0x80 | code, 0, 1, 0, u8::from(text.is_some()), 0, 0, 0, 0], question].concat();
    if let Some(text) = text {
        let (one, two) = text.split_at(30);
        let data: Vec<u8> = [one, two].iter().flat_map(|t| [&[t.len() as u8], t.as_bytes()].concat()).collect();
        out.extend([0xc0, 12, 0, 16, 0, 1, 0, 0, 1, 44, 0, data.len() as u8]);
        out.extend(data);
    }
    Some(out)
}

#[tokio::test]
async fn hickory_asks_a_name_server_and_keeps_what_it_said() {
    let (at, asked) = name_server().await;
    let keys = Keys::of_servers(vec![at], Duration::from_secs(2));
    let of = |selector: &str| {
        let signer =
            Signer { selector: selector.into(), ..Signer::new(&format!("{selector}.example"), &format!("t={SIGNED}")) };
        let mail = signer.sign(&raw().with("From", &format!("klaus@{selector}.example")).bytes());
        claims(&parse::parse(&mail), now()).expect("claims")
    };
    for _ in 0..3 {
        assert_eq!(keys.of(of("s1"), now()).await[0].1, Ok(vec![Key::Ed25519.record()]));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1, "once for as long as DNS allows");
    for selector in ["none", "empty"] {
        assert_eq!(keys.of(of(selector), now()).await[0].1, Ok(Vec::new()), "{selector}");
    }
    assert!(keys.of(of("broken"), now()).await[0].1.is_err());
    // Whatever happened to others, the next is asked for.
    assert_eq!(keys.of(of("s1"), now()).await[0].1, Ok(vec![Key::Ed25519.record()]));
    let impatient = Keys::of_servers(vec![at], PATIENCE);
    assert_eq!(impatient.of(of("silent"), now()).await[0].1, Err("DNS did not answer in time".into()));
    let nobody = Keys::of_servers(Vec::new(), PATIENCE);
    assert!(nobody.of(of("s1"), now()).await[0].1.is_err());
}

// ---- at the desk

mod at_the_desk {
    use super::*;
    use amends::desk::Desk;
    use amends::mail::{MailId, MailboxName};
    use amends::store::Store;
    use amends::store::ledger::{Epoch, Received};
    use amends::templates::Templates;
    use amends::time::{SetTime, Time};

    use super::super::stories::shop;

    /// A desk that trusts nobody but signatures, with the key of `c.example` in its DNS; and how often that was asked.
    async fn desk(folder: &std::path::Path, verify_dkim: bool) -> (Desk, Arc<AtomicUsize>) {
        let mine = format!("verify_dkim = {verify_dkim}");
        let text = shop::CONFIG.replace("trusted_authserv_id = [\"mx.northwind.example\"]", &mine);
        let config = shop::config(folder, &text);
        let url = format!("sqlite:{}", folder.join("amends.db").display());
        let store = Store::open(&url, now()).await.expect("opens");
        let templates = Templates::load(None).expect("the built-in letters");
        let time = Time::Set(SetTime::new(now()));
        let mut desk = Desk::open(config, templates, store, time).await.expect("a desk");
        let table = Table::default().with(&signer().key_name(), Ok(vec![Key::Ed25519.record()]));
        let asked = table.asked.clone();
        desk.keys = Arc::new(Keys::by(table, PATIENCE));
        (desk, asked)
    }

    /// Whether each of the mails was proven, after its turn.
    async fn handled(desk: &Desk, mails: &[Vec<u8>]) -> Vec<bool> {
        let epoch = Epoch { account: MailboxName::new("test"), folder: "INBOX".into(), uidvalidity: 1 };
        let one = |(uid, raw): (u32, &Vec<u8>)| Received {
            epoch: epoch.clone(),
            uid,
            mailbox: desk.shop.config.mailboxes[0].name.clone(),
            raw: raw.clone(),
            received_at: now(),
            imported: false,
            header_only: false,
        };
        let batch: Vec<Received> = (1..).zip(mails).map(one).collect();
        let mut tx = desk.store.begin().await.expect("begins");
        tx.receive(&batch, now()).await.expect("received");
        tx.commit().await.expect("commits");
        while desk.turn_mails().await.expect("turns") > 0 {}
        let mut tx = desk.store.look().await.expect("looks");
        let mut proven = Vec::new();
        for id in 1..=mails.len() {
            let row = tx.mail(MailId(id as i64)).await.expect("asks").expect("a mail");
            proven.push(row.settled.expect("settled").authenticated);
        }
        proven
    }

    /// A letter greets by name whom it believes.
    async fn greeted(desk: &Desk, name: &str) -> bool {
        let mut tx = desk.store.look().await.expect("looks");
        let letters = tx.letters(&Default::default()).await.expect("letters");
        for row in letters.iter().filter(|l| l.letter == "apology") {
            let bytes = tx.letter_bytes(row.id).await.expect("asks").expect("bytes");
            if parse::parse(&bytes).text.contains(name) {
                return true;
            }
        }
        false
    }

    #[tokio::test]
    async fn a_signature_proves_one_mail_and_greets_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, asked) = desk(folder.path(), true).await;
        let mail = raw().with("Return-Path", "<klaus@c.example>").bytes();
        assert_eq!(handled(&desk, &[signer().sign(&mail)]).await, [true]);
        assert!(greeted(&desk, "Klaus Berger").await);
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_signed_mail_that_is_sent_again_proves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, _) = desk(folder.path(), true).await;
        // The second copy has other fields that nobody signed, so it is no copy of the first by its content.
        let first = signer().sign(&raw().bytes());
        let unsigned = [b"Cc: victim@other.example\r\nX-Road: 2\r\n".as_slice(), &first].concat();
        let another =
            signer().sign(&raw().with("Message-ID", "<lamp-2@c.example>").body("And another matter.").bytes());
        assert_eq!(handled(&desk, &[first, unsigned, another]).await, [true, false, true]);
    }

    #[tokio::test]
    async fn a_signature_that_came_by_a_list_first_still_proves_the_mail_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, _) = desk(folder.path(), true).await;
        let straight = signer().sign(&raw().bytes());
        let by_list = [b"List-Id: <care.northwind.example>\r\n".as_slice(), &straight].concat();
        let again = [b"X-Road: 3\r\n".as_slice(), &straight].concat();
        assert_eq!(handled(&desk, &[by_list, straight, again]).await, [true, true, false]);
    }

    #[tokio::test]
    async fn a_replay_that_leaves_one_of_two_signatures_away_is_seen_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, _) = desk(folder.path(), true).await;
        let from = raw().with("From", "Klaus <klaus@mail.c.example>").bytes();
        let one = signer().sign(&from);
        let two = Signer { domain: "mail.c.example".into(), ..signer() }.sign(&one);
        assert_eq!(handled(&desk, &[two, one]).await, [true, false]);
    }

    #[tokio::test]
    async fn without_to_in_the_signature_a_mail_needs_our_token() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, _) = desk(folder.path(), true).await;
        let exchange = Signer { names: "From:Subject:Date:Message-ID".into(), ..signer() };
        let bare = exchange.sign(&raw().with("Return-Path", "<klaus@c.example>").bytes());
        assert_eq!(handled(&desk, std::slice::from_ref(&bare)).await, [false]);
        assert!(!greeted(&desk, "Klaus Berger").await);

        // He answers the apology: its Reply-To carries his token.
        let mut tx = desk.store.look().await.expect("looks");
        let letters = tx.letters(&Default::default()).await.expect("letters");
        let apology = letters.iter().find(|l| l.to.as_str() == "klaus@c.example").expect("an apology");
        let bytes = tx.letter_bytes(apology.id).await.expect("asks").expect("bytes");
        drop(tx);
        let to = parse::parse(&bytes).reply_to[0].address.to_string();
        let answer = RawMail::new("Klaus Berger <klaus@c.example>", &to, "Re: Lamp broken again")
            .with("Message-ID", "<lamp-2@c.example>")
            .body("It still is broken.");
        let answer = exchange.sign(&answer.bytes());
        assert_eq!(handled(&desk, &[bare, answer]).await[..1], [false]);
        let mut tx = desk.store.look().await.expect("looks");
        let row = tx.mail(MailId(3)).await.expect("asks");
        assert!(row.is_none(), "the first mail of the batch is the one that is here already");
        let row = tx.mail(MailId(2)).await.expect("asks").expect("the answer");
        assert!(row.settled.expect("settled").authenticated, "the token says for whom it is");
    }

    #[tokio::test]
    async fn what_was_signed_for_somebody_else_proves_nothing_here() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, _) = desk(folder.path(), true).await;
        let to_eve = signer().sign(&raw().with("To", "eve@evil.example").bytes());
        let to_eve = String::from_utf8(to_eve).expect("text");
        let sent_on = format!("Cc: support@northwind.example\r\n{to_eve}");
        assert_eq!(handled(&desk, &[sent_on.into_bytes()]).await, [false]);
    }

    #[tokio::test]
    async fn a_token_beside_the_signed_to_or_in_another_s_hands_proves_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, _) = desk(folder.path(), true).await;
        let first = signer().sign(&raw().bytes());
        assert_eq!(handled(&desk, std::slice::from_ref(&first)).await, [true]);
        let mut tx = desk.store.look().await.expect("looks");
        let letters = tx.letters(&Default::default()).await.expect("letters");
        let apology = letters.iter().find(|l| l.to.as_str() == "klaus@c.example").expect("an apology");
        let bytes = tx.letter_bytes(apology.id).await.expect("asks").expect("bytes");
        drop(tx);
        let token = parse::parse(&bytes).reply_to[0].address.to_string();
        let again = |id: &str| raw().with("Message-ID", id).body("Something else.");
        let beside = String::from_utf8(signer().sign(&again("<2@c.example>").bytes())).expect("text");
        let beside = format!("Delivered-To: {token}\r\n{beside}").into_bytes();
        // Rosa's mail, of which To is not signed, sent on by Klaus to the address of his own letter.
        let exchange = Signer { names: "From:Subject:Date:Message-ID".into(), ..signer() };
        let rosa = again("<3@c.example>").with("From", "Rosa <rosa@c.example>").with("To", &token);
        let mails = [first, beside, exchange.sign(&rosa.bytes())];
        // The first one is here already, and one row.
        handled(&desk, &mails).await;
        let mut tx = desk.store.look().await.expect("looks");
        for id in [2, 3] {
            let row = tx.mail(MailId(id)).await.expect("asks").expect("a mail");
            assert!(!row.settled.expect("settled").authenticated, "mail {id}");
        }
    }

    #[tokio::test]
    async fn switched_off_nobody_is_asked_and_nothing_proven() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, asked) = desk(folder.path(), false).await;
        assert_eq!(handled(&desk, &[signer().sign(&raw().bytes())]).await, [false]);
        assert_eq!(asked.load(Ordering::SeqCst), 0);
    }

    #[tokio::test]
    async fn a_mail_whose_signer_is_silent_goes_on_unproven_and_holds_up_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let (desk, asked) = desk(folder.path(), true).await;
        let silent = Signer::new("silent.example", &format!("t={SIGNED}"));
        let first = silent.sign(&raw().with("From", "eve@silent.example").bytes());
        let forged = raw().with("From", "eve@c.example").with("Message-ID", "<e@c.example>").bytes();
        assert_eq!(handled(&desk, &[first, signer().sign(&raw().bytes()), forged]).await, [false, true, false]);
        assert_eq!(asked.load(Ordering::SeqCst), 2, "for the unsigned one nobody is asked");
    }

    /// DNS that writes to the store before it answers: it can only where nobody else is writing.
    struct Writing(Store, Table);

    impl Dns for Writing {
        fn txt<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
            Box::pin(async move {
                let tx = self.0.begin().await.map_err(|error| error.to_string())?;
                tx.roll_back().await.map_err(|error| error.to_string())?;
                self.1.txt(name).await
            })
        }
    }

    #[tokio::test]
    async fn no_transaction_is_open_while_dns_is_asked() {
        let folder = tempfile::tempdir().expect("a folder");
        let (mut desk, _) = desk(folder.path(), true).await;
        let table = Table::default().with(&signer().key_name(), Ok(vec![Key::Ed25519.record()]));
        // Longer than any disk takes: only a writer who waits for DNS itself would use it up.
        desk.keys = Arc::new(Keys::by(Writing(desk.store.clone(), table), Duration::from_secs(20)));
        // More than are looked up at once, so that the turns of the first ones are under way.
        let mut mails: Vec<Vec<u8>> = (0..40)
            .map(|n| raw().with("From", &format!("c{n}@other.example")).with("Message-ID", &format!("<{n}@x>")).bytes())
            .collect();
        mails.push(signer().sign(&raw().bytes()));
        assert_eq!(handled(&desk, &mails).await.last(), Some(&true));
    }
}
