//! Raw mails for stories, server tests and benches: what a mailer would write, byte for byte the same each time.

use std::fmt::Write;

/// Fields that servers on the way put on top, in the order in which they are given here.
const TRACE: &[&str] = &["Return-Path", "Delivered-To", "Received", "Authentication-Results"];

/// A mail to be written.
#[derive(Debug, Clone)]
pub struct RawMail {
    trace: Vec<(String, String)>,
    fields: Vec<(String, String)>,
    body: String,
}

impl RawMail {
    /// A plain-text mail of 2026-11-21 10:00 UTC. `from` and `to` as they stand in the fields.
    pub fn new(from: &str, to: &str, subject: &str) -> Self {
        let mut mail = Self { trace: Vec::new(), fields: Vec::new(), body: String::new() };
        let fixed = [
            ("From", from),
            ("To", to),
            ("Subject", subject),
            ("Date", "Sat, 21 Nov 2026 10:00:00 +0000"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ];
        mail.fields.extend(fixed.map(|(name, value)| (name.into(), value.into())));
        mail
    }

    /// A field: trace fields come on top, another replaces the one of its name, an empty value leaves it out.
    /// Where nothing is said of it the mail gets a Message-ID made of its content.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if TRACE.contains(&name) {
            self.trace.push((name.into(), value.into()));
            return self;
        }
        match self.fields.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some(at) => self.fields[at].1 = value.into(),
            None => self.fields.push((name.into(), value.into())),
        }
        self
    }

    /// The text after the fields; its line ends become CRLF.
    pub fn body(mut self, text: &str) -> Self {
        self.body = text.lines().flat_map(|line| [line, "\r\n"]).collect();
        self
    }

    /// The mail as it goes over the wire.
    pub fn bytes(&self) -> Vec<u8> {
        let mut raw = String::new();
        for (name, value) in self.trace.iter().chain(&self.fields).filter(|(_, value)| !value.is_empty()) {
            write!(raw, "{name}: {value}\r\n").expect("a string takes all");
        }
        if !self.fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("Message-ID")) {
            let id = fnv1a(raw.as_bytes()) ^ fnv1a(self.body.as_bytes()).rotate_left(1);
            write!(raw, "Message-ID: <{id:016x}@mail.test>\r\n").expect("a string takes all");
        }
        write!(raw, "\r\n{}", self.body).expect("a string takes all");
        raw.into_bytes()
    }
}

/// FNV-1a: the same on every machine and in every version.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
