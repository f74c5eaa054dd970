//! Authentication-Results: a field proves something only where the trusted server writes it, under its id, once, and only
//! by DMARC or an aligned DKIM signature (mail-rules section 5).

use amends::arrive::parse;
use amends::arrive::proof::{self, Proof};
use amends::config::TrustedServer;

const ID: &str = "mx.northwind.example";
const OWN: &str = "Received: from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000\r\n";
const FOREIGN: &str = "Received: from a by mx.evil.example with ESMTPS; Fri, 20 Nov 2026 22:39:00 +0000\r\n";
const LETTER: &str = "From: Klaus <klaus@customer.example>\r\nSubject: Lamp\r\n\r\nBroken.\r\n";

pub fn body(data: &[u8]) {
    let value = field_value(data);
    let field = format!("Authentication-Results: {value}\r\n");
    let trusted = [TrustedServer::Named { id: ID.into(), host: None }];
    let judge =
        |header: &str, by: &[TrustedServer]| proof::prove(&parse::parse(format!("{header}{LETTER}").as_bytes()), by);

    let in_place = judge(&format!("{OWN}{field}"), &trusted);
    allowed(&value, &in_place);
    nothing(&judge(&format!("{OWN}{field}"), &[]), "nobody is trusted");
    nothing(&judge(&format!("{FOREIGN}{field}"), &trusted), "below the line of another host");
    nothing(&judge(&field, &trusted), "without a line of our host");
    nothing(&judge(&format!("{OWN}Subject: x\r\n{field}"), &trusted), "below a line that the sender may have written");
    if in_place.authenticated || in_place.dmarc_failed {
        nothing(&judge(&format!("{OWN}{field}{field}"), &trusted), "twice");
    }
    let partly = format!("{OWN}{field}DKIM-Signature: v=1; d=customer.example; l=1; b=x\r\n");
    assert!(!judge(&partly, &trusted).authenticated, "a signature of a part of the body counts: {value:?}");
}

/// One field: folded where it had line ends, so that it stays one.
fn field_value(data: &[u8]) -> String {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\r\n ")
}

/// Without the id or without a method that counts, nothing is proven. Quotes, blanks, NUL and the marks of ISO-2022 may
/// stand between the letters of what a server wrote, so only letters are looked for.
fn allowed(value: &str, proof: &Proof) {
    if !proof.authenticated && !proof.dmarc_failed {
        return;
    }
    let unmarked = ["\u{1b}(B", "\u{1b}(J", "\u{1b}(H"].iter().fold(value.to_owned(), |v, mark| v.replace(mark, ""));
    let bare: String =
        unmarked.chars().filter(|c| !c.is_whitespace() && !c.is_control() && !"\"\\".contains(*c)).collect();
    let bare = bare.to_ascii_lowercase();
    assert!(bare.contains(ID), "proven without the trusted id: {value:?}");
    assert!(bare.contains("dmarc") || bare.contains("dkim"), "proven by another method: {value:?}");
    assert!(!proof.authenticated || bare.contains("pass") && bare.contains("customer.example"), "{value:?}");
    assert!(!proof.dmarc_failed || bare.contains("fail"), "{value:?}");
    assert!(!(proof.authenticated && proof.dmarc_failed), "proven and refused at once: {value:?}");
}

fn nothing(proof: &Proof, why: &str) {
    assert!(!proof.authenticated && !proof.dmarc_failed, "proven, although {why}: {}", proof.why);
}
