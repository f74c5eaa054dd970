//! Single header fields to values: addresses, ids, dates, types with their parameters, encoded words.
//!
//! RFC 5322 section 3.4 to 3.6, RFC 2047, RFC 2231. Dates are mail-parser's, one field at a time: its choice among doubled
//! fields, its limits and its tree are never ours. What cannot be read is `None`.

use jiff::Timestamp;
use mail_parser::HeaderValue;
use mail_parser::parsers::MessageStream;

use crate::mail::{MessageId, clean_line};

use super::header::to_text;
pub use super::mailbox::Parties;
pub use super::param::Typed;
use super::{mailbox, param, words};

pub fn parties(value: &[u8]) -> Parties {
    mailbox::parties(&to_text(value))
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

pub fn typed(value: &[u8]) -> Option<Typed> {
    Some(param::typed(&to_text(value))).filter(|typed| !typed.kind.is_empty() || !typed.params.is_empty())
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
    fn a_date_that_no_calendar_knows_is_none() {
        assert!(date(b"Fri, 20 Nov 2026 23:40:00 +0100").is_some());
        assert!(date(b"Fri, 32 Foo 2026 25:61:00 +9999").is_none());
    }
}
