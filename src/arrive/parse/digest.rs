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

/// Words are gathered up to so many bytes: each update costs as much as some words, and a body may be large.
const PIECE_BYTES: usize = 8192;

/// A body without its white space, ended by a byte that no UTF-8 holds.
fn add_words(sum: &mut Context, body: &str) {
    let mut piece = String::with_capacity(PIECE_BYTES.min(body.len()));
    for word in body.split_whitespace() {
        if piece.len() + word.len() > PIECE_BYTES {
            sum.update(piece.as_bytes());
            piece.clear();
        }
        match word.len() > PIECE_BYTES {
            true => sum.update(word.as_bytes()),
            false => piece.push_str(word),
        }
    }
    sum.update(piece.as_bytes());
    sum.update(&[0xff]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_does_not_tell_bodies_apart_however_long_they_are() {
        let of = |text: &str| of(&Mail { text: text.to_owned(), ..Mail::default() });
        let long = "lamp".repeat(PIECE_BYTES);
        let body = format!("{}{long} a {long}b", "the lamp\r\n".repeat(3000));
        let bare: String = body.split_whitespace().collect();
        assert_eq!(of(&body), of(&bare));
        assert_eq!(of(&body), of(&body.replace(' ', "\n\t")));
        assert_ne!(of(&body), of(&bare[1..]));
    }
}
