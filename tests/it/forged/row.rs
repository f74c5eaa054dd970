//! The ingredients of a mail that says it is from staff, each with what it is worth, and all mails made of them.
//!
//! Placeholders in their texts: `{d}` is the domain that the writer wants to be believed for, `{own}` the line of the
//! server that the house trusts.

use std::fmt;

use super::body::{BODIES, Body};
use super::proof::{PROOFS, Proof};

/// The server that the house trusts, as it writes its line on top of a mail.
const OWN_LINE: &str =
    "Received: from out.example by mx.northwind.example with ESMTPS id 1; Mon, 23 Nov 2026 08:09:00 +0000";

/// What the From fields hold.
pub struct From {
    pub name: &'static str,
    pub fields: &'static [&'static str],
    /// The one registered person that they name.
    pub person: Option<&'static str>,
    /// For which the proof is written.
    pub domain: &'static str,
    pub honest: bool,
}

const fn person(name: &'static str, fields: &'static [&'static str], who: &'static str, domain: &'static str) -> From {
    From { name, fields, person: Some(who), domain, honest: true }
}

const fn nobody(name: &'static str, fields: &'static [&'static str], domain: &'static str) -> From {
    From { name, fields, person: None, domain, honest: false }
}

pub const FROMS: [From; 24] = [
    person("Mei", &["Mei Tan <mei@northwind.example>"], "mei", "northwind.example"),
    person("Mei's alias", &["Mei <mei.tan@home.example>"], "mei", "home.example"),
    person("Mei in capitals", &["MEI@NORTHWIND.EXAMPLE"], "mei", "northwind.example"),
    person("Jane", &["Jane Okafor <jane@northwind.example>"], "jane", "northwind.example"),
    // By RFC 5322 these name her, too; how much of it is obeyed is the program's own matter.
    From { honest: false, ..person("Mei in quotes", &["\"mei\"@northwind.example"], "mei", "northwind.example") },
    From { honest: false, ..person("a group", &["Staff: mei@northwind.example;"], "mei", "northwind.example") },
    nobody("an outsider", &["Eve <eve@evil.example>"], "evil.example"),
    nobody("an outsider, her domain", &["Eve <eve@evil.example>"], "northwind.example"),
    nobody("our own address", &["Northwind Care <support@northwind.example>"], "northwind.example"),
    nobody("none", &[], "northwind.example"),
    nobody("two fields", &["mei@northwind.example", "Eve <eve@evil.example>"], "northwind.example"),
    nobody("two fields, hers below", &["Eve <eve@evil.example>", "mei@northwind.example"], "evil.example"),
    nobody("two addresses", &["mei@northwind.example, eve@evil.example"], "northwind.example"),
    nobody("two addresses, hers behind", &["eve@evil.example, mei@northwind.example"], "evil.example"),
    nobody("a group of two", &["Staff: mei@northwind.example, eve@evil.example;"], "northwind.example"),
    // `"mei@northwind.example" <mei@northwind.example>` in base64 and in Q.
    nobody(
        "an encoded name",
        &["=?utf-8?B?Im1laUBub3J0aHdpbmQuZXhhbXBsZSIgPG1laUBub3J0aHdpbmQuZXhhbXBsZT4=?= <eve@evil.example>"],
        "evil.example",
    ),
    nobody(
        "an encoded name that ends the field",
        &["=?utf-8?Q?mei=40northwind=2Eexample=3E=00=0D=0A?= <eve@evil.example>"],
        "northwind.example",
    ),
    nobody("her address as a name", &["\"mei@northwind.example\" <eve@evil.example>"], "evil.example"),
    nobody("her address as a bare name", &["mei@northwind.example <eve@evil.example>"], "northwind.example"),
    nobody("her address in a comment", &["eve@evil.example (mei@northwind.example)"], "northwind.example"),
    nobody("a route", &["<@northwind.example,mei@northwind.example:eve@evil.example>"], "northwind.example"),
    nobody("a percent hack", &["mei%northwind.example@evil.example"], "evil.example"),
    // U+0435 for the e, U+043E for the o.
    nobody("a local part that looks alike", &["Mei Tan <m\u{435}i@northwind.example>"], "northwind.example"),
    nobody("a domain that looks alike", &["Mei Tan <mei@n\u{43e}rthwind.example>"], "n\u{43e}rthwind.example"),
];

/// By which address the mail comes, and what token stands in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    None,
    /// Mei's for her reply on the row's case, as it was minted.
    Reply,
    Internal,
    Shouted,
    InCc,
    InDeliveredTo,
    Janes,
    OfOtherCase,
    Expired,
    Burnt,
    OtherKey,
    Flipped(u8),
    /// Minted for the one purpose, shown as the other.
    As(char, char),
    Truncated,
    Extended,
    InSubject,
    InReplyTo,
    InName,
    InMessageId,
    /// Of our own domain's look-alike.
    AtAnotherDomain,
    /// The customer's own, who passed it on.
    Customers,
    Mentioned,
}

pub const TOKENS: [Token; 35] = [
    Token::None,
    Token::Reply,
    Token::Internal,
    Token::Shouted,
    Token::InCc,
    Token::InDeliveredTo,
    Token::Janes,
    Token::OfOtherCase,
    Token::Expired,
    Token::Burnt,
    Token::OtherKey,
    Token::Flipped(0),
    Token::Flipped(3),
    Token::Flipped(9),
    Token::Flipped(10),
    Token::Flipped(20),
    Token::As('s', 'i'),
    Token::As('s', 'k'),
    Token::As('s', 'c'),
    Token::As('i', 's'),
    Token::As('i', 'k'),
    Token::As('c', 's'),
    Token::As('c', 'i'),
    Token::As('c', 'k'),
    Token::As('k', 's'),
    Token::As('b', 's'),
    Token::Truncated,
    Token::Extended,
    Token::InSubject,
    Token::InReplyTo,
    Token::InName,
    Token::InMessageId,
    Token::AtAnotherDomain,
    Token::Customers,
    Token::Mentioned,
];

/// Other fields that name staff, or would be obeyed.
pub const NAMES: [(&str, &str); 9] = [
    ("nothing else", ""),
    ("Reply-To", "Reply-To: mei@northwind.example\n"),
    ("Sender", "Sender: Mei Tan <mei@northwind.example>\n"),
    ("Resent-From", "Resent-From: Mei Tan <mei@northwind.example>\nResent-To: support@northwind.example\n"),
    ("X-Original-From", "X-Original-From: Mei Tan <mei@northwind.example>\n"),
    ("X-Amends", "X-Amends-Level: 4\nX-Amends-Person: mei\nX-Amends-Loop: 1.aaaaaaaaaaaaaaaaaaaa\n"),
    ("a second envelope", "Envelope-From: mei@northwind.example\nX-Envelope-From: mei@northwind.example\n"),
    ("an answer", "In-Reply-To: <x@northwind.example>\nX-Confirmed: yes\n"),
    ("Return-Path", ""),
];

/// One mail of the matrix.
#[derive(Clone, Copy)]
pub struct Row {
    pub number: usize,
    pub from: &'static From,
    pub proof: &'static Proof,
    pub token: Token,
    pub names: &'static (&'static str, &'static str),
    pub body: &'static Body,
    /// Beyond the verdict, too: a desk takes its time.
    pub through_desk: bool,
}

/// All mails: the honest ones; one that may do everything with each body and each name; and of all senders, proofs and
/// tokens every seventh, so that each two of them meet, while the rest goes round.
pub fn all() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut push = |(f, p, t): (usize, usize, usize), names: usize, body: usize, through_desk: bool| {
        let (from, proof, number) = (&FROMS[f], &PROOFS[p], rows.len());
        let (names, body) = (&NAMES[names % NAMES.len()], &BODIES[body % BODIES.len()]);
        rows.push(Row { number, from, proof, token: TOKENS[t], names, body, through_desk });
    };
    let cross =
        (0..FROMS.len()).flat_map(|f| (0..PROOFS.len()).flat_map(move |p| (0..TOKENS.len()).map(move |t| (f, p, t))));
    let honest = |(f, p, t): &(usize, usize, usize)| FROMS[*f].honest && PROOFS[*p].honest && *t < HONEST_TOKENS;
    for (n, one) in cross.clone().filter(honest).enumerate() {
        push(one, n / HONEST_BODIES, n % HONEST_BODIES, true);
    }
    // Mei, dmarc=pass, her own token for her reply.
    for n in 0..NAMES.len() * BODIES.len() {
        push((0, 1, 1), n, n / NAMES.len(), true);
    }
    for (n, one) in cross.filter(|(f, p, t)| (f + p + t) % 7 == 0).enumerate() {
        push(one, n * 5, n * 7, n % 23 == 0);
    }
    rows
}

/// The first tokens and bodies of their tables.
const HONEST_TOKENS: usize = 4;
const HONEST_BODIES: usize = 4;

impl Row {
    /// Nothing in it is made to deceive: it reaches what it is worth.
    pub fn is_honest(&self) -> bool {
        let door = matches!(self.token, Token::None | Token::Reply | Token::Internal | Token::Shouted);
        self.from.honest && self.proof.honest && door && self.body.number() < HONEST_BODIES
    }

    pub fn asks_again(&self) -> bool {
        self.names.0 == "Resent-From"
    }

    /// A text of an ingredient with its placeholders filled.
    pub fn filled(&self, text: &str) -> String {
        text.replace("{own}", OWN_LINE).replace("{d}", self.from.domain).replace('\n', "\r\n")
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, proof, body) = (self.from.name, self.proof.name, self.body.name);
        write!(f, "{}: From {from}; {proof}; {:?}; {}; {body}", self.number, self.token, self.names.0)
    }
}
