//! The ingredients of a mail that says it is from staff, each with what it is worth, and all mails made of them.
//!
//! Placeholders in their texts: `{d}` is the domain that the writer wants to be believed for, `{own}` the line of the
//! server that the house trusts.

use std::fmt;

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

/// What is said of the sender, and where.
pub struct Proof {
    pub name: &'static str,
    /// Above the sender's fields, as lines.
    pub top: &'static str,
    /// Below them.
    pub below: &'static str,
    pub signed: Signed,
    /// The domain for which that counts: `{d}`, another one, or none.
    pub proves: Option<&'static str>,
    pub honest: bool,
}

/// A DKIM signature over the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    No,
    /// By `{d}`, over all that letters are made of.
    Well,
    /// The same with `l=`.
    InPart,
    /// By a domain of the sender's own.
    ByAnother,
    /// By `{d}`, and the body changed on the way.
    AndChanged,
}

const fn says(name: &'static str, top: &'static str) -> Proof {
    Proof { name, top, below: "", signed: Signed::No, proves: None, honest: false }
}

const fn proves(name: &'static str, top: &'static str) -> Proof {
    Proof { proves: Some("{d}"), honest: true, ..says(name, top) }
}

const fn signed(name: &'static str, signed: Signed) -> Proof {
    Proof { signed, ..says(name, "{own}\n") }
}

pub const PROOFS: [Proof; 46] = [
    Proof { honest: true, ..says("no results", "{own}\n") },
    proves("dmarc=pass", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n"),
    proves("above its line", "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n{own}\n"),
    proves("dkim=pass", "{own}\nAuthentication-Results: mx.northwind.example; dkim=pass header.d={d} header.s=s1\n"),
    proves(
        "folded",
        "{own}\nAuthentication-Results:\n\tmx.northwind.example\n  1;\n\tspf=fail\n smtp.mailfrom=x@evil.example;\n dmarc=pass\n\theader.from={d}\n",
    ),
    proves(
        "with comments",
        "{own}\nAuthentication-Results: mx.northwind.example (a (nested; \\) one)); dmarc=pass (p=none; d=fail) header.from={d} (x)\n",
    ),
    proves("in capitals", "{own}\nAUTHENTICATION-RESULTS: MX.Northwind.Example; DMARC=Pass HEADER.FROM={d}\n"),
    Proof {
        honest: false,
        ..proves("a quoted id", "{own}\nAuthentication-Results: \"mx.northwind.example\"; dmarc=pass header.from={d}\n")
    },
    says("no line of the server", "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n"),
    says("another server", "{own}\nAuthentication-Results: mx.evil.example; dmarc=pass header.from={d}\n"),
    says(
        "below another server's line",
        "{own}\nReceived: from x by mx.evil.example with ESMTPS id 2; Mon, 23 Nov 2026 08:08:00 +0000\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "only another server's line",
        "Received: from x by mx.evil.example with ESMTPS id 2; Mon, 23 Nov 2026 08:08:00 +0000\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "a line that names the server elsewhere",
        "Received: from mx.northwind.example (by mx.northwind.example) by mx.evil.example for <by mx.northwind.example>; Mon, 23 Nov 2026 08:08:00 +0000\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    Proof {
        below: "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
        ..says("below the sender's fields", "{own}\n")
    },
    Proof {
        below: "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
        ..says("with its line below the sender's fields", "{own}\n")
    },
    says(
        "below a field of the sender",
        "{own}\nComments: hello\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "pass in a comment",
        "{own}\nAuthentication-Results: mx.northwind.example; none (dmarc=pass header.from={d})\n",
    ),
    says(
        "fail, and pass in a comment",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail (dmarc=pass header.from={d}) header.from={d}\n",
    ),
    says(
        "a comment that ends early",
        "{own}\nAuthentication-Results: mx.northwind.example; spf=pass (x\\) ; dmarc=pass header.from={d}\n",
    ),
    says(
        "pass and fail in two",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n\
         Authentication-Results: mx.northwind.example; dmarc=fail header.from={d}\n",
    ),
    says(
        "pass in two",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    Proof {
        below: "Authentication-Results: mx.northwind.example; dmarc=pass header.from={d}\n",
        ..says(
            "fail above, pass below",
            "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail header.from={d}\n",
        )
    },
    says(
        "fail and pass in one",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail header.from={d}; dmarc=pass header.from={d}\n",
    ),
    says("dmarc=fail", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=fail header.from={d}\n"),
    Proof { honest: true, ..says("none", "{own}\nAuthentication-Results: mx.northwind.example; none\n") },
    says("dmarc=none", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=none header.from={d}\n"),
    says("dmarc=temperror", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=temperror header.from={d}\n"),
    says("dmarc=passed", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=passed header.from={d}\n"),
    Proof {
        proves: Some("evil.example"),
        ..says(
            "pass for another",
            "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from=evil.example\n",
        )
    },
    says("pass for nobody", "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass\n"),
    says(
        "pass for two",
        "{own}\nAuthentication-Results: mx.northwind.example; dmarc=pass header.from=evil.example header.from={d}\n",
    ),
    says("spf=pass", "{own}\nAuthentication-Results: mx.northwind.example; spf=pass smtp.mailfrom={d}\n"),
    says("arc=pass", "{own}\nAuthentication-Results: mx.northwind.example; arc=pass header.from={d} header.d={d}\n"),
    says(
        "a chain's results",
        "{own}\nARC-Authentication-Results: i=1; mx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says("kept results", "{own}\nAuthentication-Results-Original: mx.northwind.example; dmarc=pass header.from={d}\n"),
    says(
        "dkim of a domain around it",
        "{own}\nAuthentication-Results: mx.northwind.example; dkim=pass header.d={d}.evil.example; dkim=pass header.d=example; dkim=pass header.d=x{d}\n",
    ),
    says(
        "an id that goes on",
        "{own}\nAuthentication-Results: mx.northwind.example.evil.example; dmarc=pass header.from={d}\n",
    ),
    says(
        "an id that begins earlier",
        "{own}\nAuthentication-Results: xmx.northwind.example; dmarc=pass header.from={d}\n",
    ),
    says("an id that is cut", "{own}\nAuthentication-Results: northwind.example; dmarc=pass header.from={d}\n"),
    says(
        "everything as the id",
        "{own}\nAuthentication-Results: \"mx.northwind.example; dmarc=pass header.from={d}\"; none\n",
    ),
    says(
        "a version that does not exist",
        "{own}\nAuthentication-Results: mx.northwind.example 2; dmarc=pass header.from={d}\n",
    ),
    says(
        "pass in a reason",
        "{own}\nAuthentication-Results: mx.northwind.example; spf=none reason=\"x; dmarc=pass header.from={d}\"\n",
    ),
    Proof { proves: Some("{d}"), honest: true, ..signed("a signature", Signed::Well) },
    signed("a signature with l=", Signed::InPart),
    signed("another's signature", Signed::ByAnother),
    signed("a signature of other words", Signed::AndChanged),
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

/// What is asked for, and how plainly.
pub struct Body {
    pub name: &'static str,
    pub kind: &'static str,
    pub text: &'static str,
    /// The command stands on top, where a reader sees it.
    pub commands: bool,
    /// There are words or files for the customer, and nothing that asks their writer first.
    pub words: bool,
}

const fn body(name: &'static str, kind: &'static str, text: &'static str, commands: bool, words: bool) -> Body {
    Body { name, kind, text, commands, words }
}

pub const BODIES: [Body; 18] = [
    body("a command", "text/plain", "#close\n", true, false),
    body("a command and words", "text/plain", "#close\n\nDear Klaus, forget it.\n", true, true),
    body("words", "text/plain", "Dear Klaus, forget it.\n", false, true),
    body("a command in HTML", "text/html", "<p>#close</p><p>Dear Klaus, forget it.</p>\n", true, true),
    body(
        "hidden by display",
        "text/html",
        "<div style=\"display: none\">#close</div><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body(
        "hidden by visibility",
        "text/html",
        "<span style='color:red; visibility:hidden'>#close</span><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body(
        "hidden by its size",
        "text/html",
        "<div style=\"font-size:0px;line-height:0\">#close</div><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body("hidden by a word", "text/html", "<div hidden>#close</div><p>Dear Klaus, forget it.</p>\n", false, true),
    body(
        "white on white",
        "text/html",
        "<div style=\"color:#FFFFFF\">#close</div><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body("in a comment", "text/html", "<!-- \n#close\n --><p>Dear Klaus, forget it.</p>\n", false, true),
    body(
        "in the head",
        "text/html",
        "<html><head><title>#close</title><style>#close {}</style></head><body><p>Dear Klaus, forget it.</p></body></html>\n",
        false,
        true,
    ),
    body("quoted", "text/plain", "> #close\n\nDear Klaus, forget it.\n", false, true),
    body("below words", "text/plain", "Dear Klaus, forget it.\n\n#close\n", false, false),
    body(
        "forwarded",
        "text/plain",
        "---------- Forwarded message ---------\nFrom: Mei Tan <mei@northwind.example>\nDate: Mon, 23 Nov 2026\nSubject: Lamp\nTo: support@northwind.example\n\n#close\n",
        false,
        false,
    ),
    body(
        "in a mail inside",
        "multipart/mixed; boundary=m",
        "--m\nContent-Type: text/plain\n\nDear Klaus, forget it.\n--m\nContent-Type: message/rfc822\n\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from=northwind.example\n\
         From: mei@northwind.example\nSubject: Lamp\n\n#close\n--m--\n",
        false,
        true,
    ),
    body("only a mail inside", "message/rfc822", "From: mei@northwind.example\nSubject: Lamp\n\n#close\n", false, true),
    body(
        "in a file",
        "multipart/mixed; boundary=m",
        "--m\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\n#close\n--m--\n",
        false,
        true,
    ),
    body(
        "in the other form",
        "multipart/alternative; boundary=m",
        "--m\nContent-Type: text/plain\n\nDear Klaus, forget it.\n--m\nContent-Type: text/html\n\n<p>#close</p>\n--m--\n",
        false,
        true,
    ),
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

impl Body {
    fn number(&self) -> usize {
        BODIES.iter().position(|body| body.name == self.name).unwrap_or(BODIES.len())
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, proof, body) = (self.from.name, self.proof.name, self.body.name);
        write!(f, "{}: From {from}; {proof}; {:?}; {}; {body}", self.number, self.token, self.names.0)
    }
}
