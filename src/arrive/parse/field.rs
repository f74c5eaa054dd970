//! Single header fields to values: addresses, ids, dates, types with their parameters, encoded words.
//!
//! RFC 5322 section 3.4 to 3.6, RFC 2047, RFC 2231. The only file beside `body.rs` that calls mail-parser, one field at
//! a time: so its choice among doubled fields, its limits and its tree are never ours. What cannot be read is `None`.

use jiff::Timestamp;
use mail_parser::parsers::MessageStream;
use mail_parser::{ContentType, HeaderValue};

use crate::mail::{Address, MessageId, Party, clean_line};

use super::header::to_text;
use super::words;

/// Addresses of one field.
#[derive(Debug, Default)]
pub struct Parties {
    pub list: Vec<Party>,
    /// How many addresses the field names, readable or not.
    pub named: usize,
}

pub fn parties(value: &[u8]) -> Parties {
    let line = with_end(value);
    let mut found = Parties::default();
    if let HeaderValue::Address(address) = MessageStream::new(line.as_bytes()).parse_address() {
        for addr in address.iter() {
            let Some(text) = addr.address() else { continue };
            found.named += 1;
            if let Some(address) = Address::parse(&bare_address(text)) {
                found.list.push(Party::new(addr.name(), address));
            }
        }
    }
    if found.list.is_empty() {
        rescue(&to_text(value), &mut found);
    }
    found
}

/// A field that the grammar does not fit, but that holds one address between angle brackets or blanks.
fn rescue(text: &str, found: &mut Parties) {
    let mark = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"' | '\'' | '(' | ')');
    let addresses = text.split(mark).filter(|w| w.contains('@')).filter_map(|w| Address::parse(&bare_address(w)));
    found.list.extend(addresses.map(|a| Party::new(None, a)).take(500));
    found.named = found.named.max(found.list.len());
}

/// Without blanks inside and the dot of a fully qualified domain.
fn bare_address(text: &str) -> String {
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    bare.trim_end_matches('.').to_owned()
}

/// Message-IDs between angle brackets, in their order; words around them are skipped (`Your message of Monday <x@y>`).
/// Of more than `at_most` the last are kept, which are the nearest; the second is true then.
pub fn ids(value: &[u8], at_most: usize) -> (Vec<MessageId>, bool) {
    let text = to_text(value);
    let mut ids: Vec<MessageId> = Vec::new();
    for piece in text.rsplit('<').take(text.matches('<').count()) {
        let Some((inner, _)) = piece.split_once('>') else { continue };
        // Some mailers fold inside an id.
        let Some(id) = MessageId::new(&without_white(inner)) else { continue };
        if ids.len() == at_most {
            ids.reverse();
            return (ids, true);
        }
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    if ids.is_empty() && !text.contains('<') {
        ids.extend(text.split_whitespace().rev().filter(|w| w.contains('@')).take(at_most).filter_map(MessageId::new));
    }
    ids.reverse();
    (ids, false)
}

/// The id of the mail itself: also without brackets or with blanks in it, since it only names.
pub fn own_id(value: &[u8]) -> Option<MessageId> {
    if let Some(id) = ids(value, 1).0.into_iter().next() {
        return Some(id);
    }
    MessageId::new(&without_white(&to_text(value)))
}

fn without_white(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// `None` where it is no date of the calendar.
pub fn date(value: &[u8]) -> Option<Timestamp> {
    let line = with_end(value);
    match MessageStream::new(line.as_bytes()).parse_date() {
        HeaderValue::DateTime(date) if date.is_valid() => Timestamp::from_second(date.to_timestamp()).ok(),
        _ => None,
    }
}

/// Decoded text on one line (RFC 2047).
pub fn text(value: &[u8]) -> String {
    clean_line(&words::decode(&to_text(value)))
}

/// A type or disposition with its parameters, names in lower case, continuations joined (RFC 2231).
#[derive(Debug, Clone, Default)]
pub struct Typed {
    /// `text/plain`, `attachment`: lower case.
    pub kind: String,
    pub params: Vec<(String, String)>,
}

impl Typed {
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

pub fn typed(value: &[u8]) -> Option<Typed> {
    let line = with_end(value);
    match MessageStream::new(line.as_bytes()).parse_content_type() {
        HeaderValue::ContentType(read) => Some(own_typed(&read)),
        _ => None,
    }
}

fn own_typed(read: &ContentType<'_>) -> Typed {
    let kind = match read.subtype() {
        Some(sub) => format!("{}/{}", read.ctype().trim(), sub.trim()),
        None => read.ctype().trim().to_owned(),
    };
    let params = read.attributes().unwrap_or_default();
    let pair = |p: &mail_parser::Attribute<'_>| (p.name.to_ascii_lowercase(), words::decode(&p.value));
    Typed { kind: kind.to_ascii_lowercase(), params: params.iter().map(pair).collect() }
}

/// mail-parser reads a value up to a line end that no blank follows.
fn with_end(value: &[u8]) -> String {
    let mut line = to_text(value).into_owned();
    line.push_str("\r\n");
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_among_words_and_folds() {
        let (ids, cut) = ids(b"Your message of Monday <p@q>\r\n <a\r\n @b> <unterminated@x", 100);
        let ids: Vec<&str> = ids.iter().map(|id| id.as_str()).collect();
        assert_eq!((ids.as_slice(), cut), (["p@q", "a@b"].as_slice(), false));
    }

    #[test]
    fn an_unquoted_comma_does_not_hide_the_address() {
        let found = parties(b"Joe, Jr. <a@b.example>");
        assert_eq!(found.list.len(), 1);
        assert_eq!(found.list[0].address.as_str(), "a@b.example");
    }

    #[test]
    fn a_date_that_no_calendar_knows_is_none() {
        assert!(date(b"Fri, 20 Nov 2026 23:40:00 +0100").is_some());
        assert!(date(b"Fri, 32 Foo 2026 25:61:00 +9999").is_none());
    }

    #[test]
    fn a_file_name_in_pieces_is_joined() {
        let typed = typed(b"attachment; filename*0*=utf-8''L%C3%A4; filename*1=\"mpe.jpg\"").expect("a disposition");
        assert_eq!((typed.kind.as_str(), typed.param("filename")), ("attachment", Some("L\u{e4}mpe.jpg")));
    }
}
