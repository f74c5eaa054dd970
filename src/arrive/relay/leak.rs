//! The last look before a colleague's words leave: does anything of our internal notice stand in them?
//!
//! Looks for three things: the marker above a quote, the mark of internal notices, and an address of ours with a token
//! that is not a customer's (mail-rules section 5). Blanks, case, quote signs and percent encoding hide none of them.

use crate::arrive::text::marker::letters;
use crate::mail::{Address, INTERNAL_MARK, REPLY_MARKER};

/// 24 bytes in base32 (mail-rules section 5); `token.rs` is not for this stage to know, so a test compares the two.
const TOKEN_CHARS: usize = 39;
/// Staff, internal, confirmation, bounce. A customer's own token may stand before the customer.
const PURPOSES: [u8; 4] = *b"sikb";
/// A link in a link in a link is encoded so often.
const MAX_DECODINGS: usize = 4;

/// Something internal is left in what would go to a customer: nothing may be sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}, in {place}")]
pub struct Leak {
    pub what: Leaked,
    pub place: Place,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Leaked {
    #[error("the line to write above")]
    Marker,
    #[error("the mark of internal notices")]
    InternalMark,
    #[error("a reply address of ours with an internal token")]
    Token,
    #[error("the subject of the notice that was answered (delete the quoted lines)")]
    Subject,
    #[error("a whole mail in a form that cannot be looked into (send it as plain text or HTML)")]
    Opaque,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Place {
    #[error("the words")]
    Text,
    #[error("the file \"{0}\"")]
    File(String),
}

/// Looks through texts for what is internal.
pub(super) struct Guard {
    marker: String,
    internal: String,
    /// The subject of our notice with the case's number, as the answer repeats it: a quoted header in a language that
    /// nobody here knows shows it.
    subject: Option<String>,
    /// Our own local parts, lower case, with the `+` that a detail begins with.
    own: Vec<Vec<u8>>,
}

impl Guard {
    pub fn new(own: &[Address], subject: &str) -> Self {
        let stem = |address: &Address| {
            let local = address.split_detail().0.local().to_ascii_lowercase();
            format!("{local}+").into_bytes()
        };
        Self {
            marker: letters(REPLY_MARKER),
            internal: letters(INTERNAL_MARK),
            subject: notice_subject(subject),
            own: own.iter().map(stem).collect(),
        }
    }

    /// The first thing that is found in a text, as it stands and with its percent encoding taken off.
    pub fn find(&self, text: &str) -> Option<Leaked> {
        let mut text = std::borrow::Cow::Borrowed(text);
        for _ in 0..MAX_DECODINGS {
            if let Some(leaked) = self.find_plain(&text) {
                return Some(leaked);
            }
            match percent_decoded(&text) {
                Some(decoded) => text = decoded.into(),
                None => return None,
            }
        }
        self.find_plain(&text)
    }

    fn find_plain(&self, text: &str) -> Option<Leaked> {
        let letters = letters(text);
        if letters.contains(&self.marker) {
            return Some(Leaked::Marker);
        }
        if letters.contains(&self.internal) {
            return Some(Leaked::InternalMark);
        }
        if self.subject.as_ref().is_some_and(|subject| letters.contains(subject)) {
            return Some(Leaked::Subject);
        }
        self.holds_token(text).then_some(Leaked::Token)
    }

    /// `support+s.TOKEN`, whatever its domain: servers rewrite that, and the token works without it.
    fn holds_token(&self, text: &str) -> bool {
        // Wrapping and quote signs can tear an address; its own characters are none of these.
        let bytes: Vec<u8> = text.bytes().filter(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>')).collect();
        let bytes = bytes.to_ascii_lowercase();
        let details = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'+').map(|(at, _)| at + 1);
        details.into_iter().any(|at| is_token(&bytes[at..]) && self.own.iter().any(|stem| bytes[..at].ends_with(stem)))
    }
}

/// Without the short words before a colon that programs put there (`Re:`, `AW:`, `回复：`). Only one that bears a number in
/// brackets is ours: whoever wrote a subject of their own may repeat it.
fn notice_subject(subject: &str) -> Option<String> {
    let mut rest = subject.trim();
    for _ in 0..4 {
        let Some((at, colon)) = rest.char_indices().take(7).find(|(_, c)| matches!(c, ':' | '\u{ff1a}')) else { break };
        rest = rest[at + colon.len_utf8()..].trim_start();
    }
    let numbered = rest.rsplit_once('[').is_some_and(|(_, tag)| tag.contains(']') && tag.contains('-'));
    Some(letters(rest)).filter(|subject| numbered && subject.len() >= 16)
}

fn is_token(detail: &[u8]) -> bool {
    let Some(token) = detail.get(2..2 + TOKEN_CHARS) else { return false };
    // RFC 4648 section 6.
    PURPOSES.contains(&detail[0]) && detail[1] == b'.' && token.iter().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
}

/// RFC 3986 section 2.1; `None` where nothing is encoded.
pub(super) fn percent_decoded(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let (mut at, mut found) = (0, false);
    while at < bytes.len() {
        let pair = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        match pair.and_then(hex) {
            Some(byte) => {
                out.push(byte);
                found = true;
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    found.then(|| String::from_utf8_lossy(&out).into_owned())
}

fn hex(pair: &[u8]) -> Option<u8> {
    let digit = |b: u8| char::from(b).to_digit(16);
    u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
}
