//! Hostile and broken mail: whatever the bytes, a mail is read and judged, without a panic and within its limits.
//! No times are asserted; what takes time beyond its size never ends here.

use amends::arrive::{html, parse, proof, text};
use amends::classify::{self, Found, Proven, Rules};
use amends::config::TrustedServer;
use amends::mail::Defect;
use proptest::prelude::*;

/// Pieces that real and hostile mail is made of.
const PIECES: [&str; 34] = [
    "From: ",
    "a@b.example",
    "To: support+c.abc@n.example",
    "Subject: =?utf-8?B?",
    "?=",
    "=?",
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n",
    "Content-Type: message/rfc822\r\n\r\n",
    "--x\r\n",
    "--x--\r\n",
    "Content-Transfer-Encoding: base64\r\n",
    "Content-Type: text/html; charset=utf-16\r\n\r\n",
    "<div><blockquote>",
    "On Fri 20 Nov 2026, Mei wrote:",
    "> quoted",
    "-- \r\n",
    "Return-Path: <>\r\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n",
    "Content-Type: message/delivery-status\r\n\r\n",
    "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n",
    "Auto-Submitted: (",
    "References: <a@b> <",
    "\u{202e}\u{feff}",
    "\u{1b}$B",
    "=C3=",
    "filename*0*=utf-8''%",
    "Authentication-Results: mx; dmarc=pass (",
    "-----Original Message-----",
];

/// Reads, judges, and checks what must hold of every mail.
fn survives(raw: &[u8]) {
    let mail = parse::parse(raw);
    assert!(mail.references.len() <= 100 && mail.to.len() + mail.cc.len() <= 500);
    assert!(mail.subject.as_deref().unwrap_or_default().chars().all(|c| !c.is_control()));
    assert!(mail.new_text.len() <= mail.text.len().max(1) * 2);
    for index in 0..mail.attachments.len() {
        let bytes = parse::attachment_bytes(raw, index).expect("an attachment that was listed");
        assert_eq!(bytes.len(), mail.attachments[index].size_bytes);
    }
    proof::prove(&mail, &[TrustedServer::Microsoft365]);
    let (proven, rules) = (Proven::default(), Rules::default());
    classify::questions(&mail, proven, &rules);
    let verdict = classify::classify(&mail, proven, &Found::default(), &rules);
    assert!(!verdict.sign.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn no_mail_made_of_pieces_breaks_the_reader(pieces in proptest::collection::vec(0..PIECES.len(), 0..60)) {
        let raw: String = pieces.iter().map(|at| PIECES[*at]).collect();
        survives(raw.as_bytes());
    }

    #[test]
    fn no_mutation_of_a_mail_breaks_the_reader(cuts in proptest::collection::vec((0usize..1200, any::<u8>()), 1..12), at in 0usize..1200) {
        let mut raw = include_bytes!("../mails/07-a-delivery-report-that-names-our-letter/mail.eml").to_vec();
        for (place, byte) in cuts {
            let length = raw.len();
            raw[place % length] = byte;
        }
        let length = raw.len();
        raw.truncate(at % length + 1);
        survives(&raw);
    }
}

/// Forms whose cost would grow faster than their size in a careless reader.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let head = "From: a@b.example\r\nTo: c@d.example\r\n";
    let deep: String =
        (0..10_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect();
    let mixed = "Content-Type: multipart/mixed; boundary=x\r\n\r\n";
    let html = "Content-Type: text/html\r\n\r\n";
    let bombs = vec![
        ("multiparts in multiparts", format!("{head}{deep}")),
        ("mails in mails", format!("{head}{}", "Content-Type: message/rfc822\r\n\r\n".repeat(20_000))),
        ("parts", format!("{head}{mixed}{}", "--x\r\n\r\na\r\n".repeat(200_000))),
        ("lines that are nearly delimiters", format!("{head}{mixed}{}", "--y\r\n".repeat(40_000))),
        ("fields", format!("{head}{}\r\nx", "X-A: b\r\n".repeat(50_000))),
        ("junk in the header", format!("{head}{}\r\nx", "no field here\r\n".repeat(40_000))),
        ("one long line", format!("{head}\r\n{}", "x".repeat(2_000_000))),
        ("quotes", format!("{head}\r\n{}", "> a\r\nOn Fri 20 Nov 2026, Mei wrote:\r\n".repeat(20_000))),
        ("colons", format!("{head}\r\n{}", "From: 1 @ <x>:\r\n".repeat(40_000))),
        ("tags", format!("{head}{html}{}", "<div>".repeat(50_000))),
        ("open marks", format!("{head}{html}{}", "<".repeat(300_000))),
        ("open styles", format!("{head}{html}{}{}", "<div>".repeat(300), "<style>".repeat(20_000))),
        ("encoded words", format!("{head}Subject: {}\r\n\r\nx", "=?utf-8?Q?a?= ".repeat(15_000))),
        ("half encoded words", format!("{head}Subject: {}\r\n\r\nx", "=?a?Q?".repeat(40_000))),
        ("endless encoded words", format!("{head}Subject: {}\r\n\r\nx", "=?a?Q? ".repeat(35_000))),
        ("bars", format!("{head}\r\n{}", "| a\r\n".repeat(50_000))),
        ("brackets", format!("{head}References: {}\r\n\r\nx", "<".repeat(200_000))),
        (
            "comments",
            format!("{head}Authentication-Results: {}\r\nTo: {}\r\n\r\nx", "(".repeat(100_000), "(".repeat(100_000)),
        ),
    ];
    bombs.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
}

#[test]
fn no_bomb_takes_more_than_its_size() {
    for (name, bytes) in bombs() {
        println!("{name}: {} bytes", bytes.len());
        survives(&bytes);
    }
}

#[test]
fn what_is_beyond_the_limits_is_flagged() {
    let flagged = |name: &str, defect: Defect| {
        let (_, bytes) = bombs().into_iter().find(|(n, _)| *n == name).expect("a bomb");
        assert!(parse::parse(&bytes).has_defect(defect), "{name}");
    };
    flagged("multiparts in multiparts", Defect::TooDeep);
    flagged("mails in mails", Defect::TooDeep);
    flagged("parts", Defect::TooManyParts);
    flagged("fields", Defect::TooManyHeaders);
    flagged("brackets", Defect::NoMessageId);
    flagged("tags", Defect::UnreadableHtml);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn folding_words_only_takes_lines_away(words in "[a-zA-Z>:\\-|@<0-9 \n\u{a0}\u{e9}]{0,400}") {
        let new = text::new_words(&words);
        let lines: Vec<&str> = words.lines().map(str::trim).collect();
        prop_assert!(new.lines().all(|line| lines.contains(&line.trim())));
        prop_assert_eq!(new.trim().is_empty(), words.trim().is_empty());
    }

    #[test]
    fn no_html_breaks_the_renderer(html in "[<>/a-z\"=& ;!\\-]{0,300}") {
        html::to_text(&html);
        let clean = html::sanitise(&html).unwrap_or_default();
        prop_assert!(!clean.contains("<script") && !clean.contains("<img"));
    }
}
