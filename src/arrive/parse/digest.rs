//! The normalised digest of a mail: equal for copies that came by other roads (mail-rules section 6), whatever their
//! trace fields, folding, transfer encodings and line ends.

use ring::digest::{Context, SHA256};

use crate::mail::{Digest, Mail, Party};

pub fn of(mail: &Mail) -> Digest {
    let mut sum = Context::new(&SHA256);
    let addresses = |parties: &[Party]| {
        let folded: Vec<String> = parties.iter().map(|p| p.address.folded()).collect();
        folded.join(",")
    };
    add(&mut sum, addresses(&mail.from).as_bytes());
    add(&mut sum, addresses(&mail.to).as_bytes());
    add(&mut sum, mail.date.map(|d| d.as_second()).unwrap_or_default().to_string().as_bytes());
    add(&mut sum, mail.subject.as_deref().unwrap_or_default().as_bytes());
    add_words(&mut sum, &mail.text);
    add_words(&mut sum, mail.html.as_deref().unwrap_or_default());
    for file in &mail.attachments {
        add(&mut sum, &file.sha256.0);
    }
    Digest::from(sum.finish())
}

/// With its length before it, so that no two mails give the same bytes.
fn add(sum: &mut Context, piece: &[u8]) {
    sum.update(&(piece.len() as u64).to_be_bytes());
    sum.update(piece);
}

/// A body without its white space, ended by a byte that no UTF-8 holds.
fn add_words(sum: &mut Context, body: &str) {
    // In one piece: each update costs as much as some words.
    sum.update(body.split_whitespace().collect::<String>().as_bytes());
    sum.update(&[0xff]);
}
