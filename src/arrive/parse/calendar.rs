//! Which iTIP message a mail carries: an invitation, or somebody's answer to one (RFC 6047 section 2.4, RFC 5546).
//!
//! Only the method is read; the event itself is a file like any other. Nothing is believed of it.

use super::body;
use super::tree::{Kind, Tree};

/// `METHOD` stands among the first lines of a calendar object.
const HEAD_BYTES: usize = 2000;

/// The method of the first calendar part of the mail itself, upper case.
pub fn method(raw: &[u8], tree: &Tree<'_>) -> Option<String> {
    let calendars = tree.parts.iter().filter(|part| part.kind == Kind::Leaf);
    let part =
        calendars.filter(|part| part.mime_type == "text/calendar").find(|part| !is_embedded(tree, part.body.start))?;
    // RFC 6047 section 2.4 demands the parameter; some write the property alone.
    let written = part.content_type.param("method").map(str::to_owned);
    let method = written.or_else(|| property(&body::bytes(raw, part)))?;
    Some(method.trim().to_ascii_uppercase())
}

/// Somebody who forwards an answer has written none.
fn is_embedded(tree: &Tree<'_>, at: usize) -> bool {
    tree.parts.iter().any(|part| part.kind == Kind::Message && part.body.contains(&at))
}

fn property(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(HEAD_BYTES)]);
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("METHOD").then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use crate::arrive::parse::parse;

    #[test]
    fn the_method_is_read_from_the_parameter_or_the_object() {
        let mail = |kind: &str, body: &str| parse(format!("Content-Type: {kind}\n\n{body}").as_bytes()).calendar_method;
        assert_eq!(mail("text/calendar; method=reply", "BEGIN:VCALENDAR\n").as_deref(), Some("REPLY"));
        assert_eq!(mail("text/calendar", "BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\n").as_deref(), Some("COUNTER"));
        assert_eq!(mail("text/plain; method=reply", "METHOD:REPLY\n"), None);
    }

    #[test]
    fn a_forwarded_answer_is_none() {
        let inner = "Content-Type: text/calendar; method=REPLY\n\nBEGIN:VCALENDAR\n";
        let mail = format!("Content-Type: message/rfc822\n\n{inner}");
        assert_eq!(parse(mail.as_bytes()).calendar_method, None);
    }
}
