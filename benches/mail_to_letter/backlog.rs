//! The mails of the bench: made by a formula, so that each run and each machine has the same.
//!
//! Half of them are shorter than 4 KB, the shortest has 1 KB, the longest 16 KB. They are laid into the Maildir on
//! disk, as a server holds them that received them while we were away.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::mail::RawMail;

const MEDIAN_BYTES: f64 = 4096.0;

const WORDS: &[&str] = &[
    "order", "parcel", "waiting", "since", "Monday", "the", "driver", "never", "rang", "and", "nobody", "answers",
    "my", "letters", "please", "tell", "me", "when", "it", "will", "arrive", "because", "this", "was", "a", "present",
];

/// Numbers that look like chance and are none (Knuth's MMIX generator).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Mails of as many customers, each of an address of its own, proven and answerable.
pub fn mails(count: usize) -> Vec<Vec<u8>> {
    let mut numbers = Numbers(1);
    (0..count).map(|n| one(n, &mut numbers)).collect()
}

fn one(n: usize, numbers: &mut Numbers) -> Vec<u8> {
    let from = format!("customer{n}@customer.example");
    let received = "from mail.customer.example ([192.0.2.7]) by mx.test (Postfix) with ESMTPS id 4D16798C316\r\n\
                    \tfor <support@northwind.example>; Sat, 21 Nov 2026 10:00:01 +0000 (UTC)";
    let mail = RawMail::new(&format!("Customer {n} <{from}>"), "support@northwind.example", &format!("My order {n}"))
        .with("Return-Path", &format!("<{from}>"))
        .with("Authentication-Results", "mx.test; dmarc=pass header.from=customer.example")
        .with("Received", received);
    // From a quarter of the median to four times it, as often above as below.
    let wanted = (MEDIAN_BYTES * 4f64.powf(numbers.below(2001) as f64 / 1000.0 - 1.0)) as usize;
    let fields = mail.bytes().len();
    mail.body(&words(wanted.saturating_sub(fields), numbers)).bytes()
}

/// Prose of about so many bytes, in lines as mailers break them.
fn words(bytes: usize, numbers: &mut Numbers) -> String {
    let mut text = String::with_capacity(bytes + 16);
    let mut column = 0;
    while text.len() < bytes {
        let word = WORDS[numbers.below(WORDS.len())];
        column += word.len() + 1;
        text.push_str(word);
        text.push(if column > 70 { '\n' } else { ' ' });
        column = if column > 70 { 0 } else { column };
    }
    text
}

/// What the mails measure.
pub struct Lengths {
    pub median: usize,
    pub largest: usize,
}

impl Lengths {
    pub fn of(mails: &[Vec<u8>]) -> Self {
        let mut lengths: Vec<usize> = mails.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        Self { median: lengths[lengths.len() / 2], largest: lengths[lengths.len() - 1] }
    }
}

/// Lays the mails into a Maildir that Dovecot has not seen yet.
pub fn fill(maildir: &Path, mails: &[Vec<u8>]) {
    for part in ["tmp", "new", "cur"] {
        fs::create_dir_all(maildir.join(part)).unwrap();
    }
    for (n, mail) in mails.iter().enumerate() {
        // Dovecot gives UIDs by the order of names; S= spares it a look at each file.
        let name = format!("1795255200.M{n:06}P1.bench,S={}", mail.len());
        fs::write(maildir.join("new").join(name), mail).unwrap();
    }
    let home = maildir.parent().expect("a Maildir stands in a home");
    let done = Command::new("chown").arg("-R").arg("mail:mail").arg(home).status().unwrap();
    assert!(done.success(), "chown {}", home.display());
}
