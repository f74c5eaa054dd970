//! Header reading: whatever stands above the blank line, the fields are bounded, on one line each, and the same with
//! either line end.

use amends::arrive::parse;

use super::checks;

const BODY: &[u8] = b"\nThe hinge of my lamp broke.\n";

pub fn body(data: &[u8]) {
    // Everything given is a header: a blank line in it would only make it a shorter one.
    let mut raw: Vec<u8> = Vec::with_capacity(data.len() + BODY.len() + 1);
    let lines = data.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    for line in lines.filter(|line| !line.is_empty()) {
        raw.extend(line);
        raw.push(b'\n');
    }
    raw.extend(BODY);
    let mail = checks::read(&raw);
    for header in &mail.headers {
        let name = header.name.as_bytes();
        assert!(raw.windows(name.len()).any(|w| w == name), "{:?} is no field of the mail", header.name);
    }
    if !raw.contains(&b'\r') {
        same_with_carriage_returns(&raw);
    }
}

/// RFC 5322 section 2.1 wants CRLF; a Maildir holds LF. A mail is the same by either road.
fn same_with_carriage_returns(raw: &[u8]) {
    let crlf: Vec<u8> = raw.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] }).collect();
    let (lf, crlf) = (parse::parse(raw), parse::parse(&crlf));
    assert_eq!(lf.headers, crlf.headers);
    assert_eq!((&lf.from, &lf.to, &lf.subject), (&crlf.from, &crlf.to, &crlf.subject));
    assert_eq!((&lf.message_id, &lf.references, lf.date), (&crlf.message_id, &crlf.references, crlf.date));
    // Where line ends are bytes of something else, it is another thing with others: a file, UTF-16, a broken escape.
    let lower = raw.to_ascii_lowercase();
    let holds = |word: &[u8]| lower.windows(word.len()).any(|w| w == word);
    let is_utf_16 = holds(b"\xff\xfe") || holds(b"\xfe\xff");
    let plain = !is_utf_16 && !holds(b"charset") && !holds(b"encoding") && !holds(b"\x1b") && lf.attachments.is_empty();
    assert!(!plain || lf.digest == crlf.digest, "the digest knows the line ends");
}
