//! Parts whose boundary was declared wrongly or not at all, found by their looks: a line of `--` and a word, and below it a
//! field of MIME. Only where no delimiter of the declared kind was found, or where no type was declared and the body begins
//! with such a line: words in which somebody quotes the source of a mail are never taken apart.

use super::header::{field_name, line_end, trim_eol};
use super::tree::{Kind, Part, Tree};

/// RFC 2046 section 5.1.1 allows 70.
const MAX_BOUNDARY_BYTES: usize = 200;

/// A boundary that was found for the part whose body begins there.
#[derive(Debug)]
pub struct Rescue {
    pub body_at: usize,
    pub boundary: Vec<u8>,
}

pub fn boundaries(raw: &[u8], tree: &Tree<'_>) -> Vec<Rescue> {
    let found = |part: &Part<'_>| {
        let boundary = if part.is_undivided { anywhere(raw, part) } else { undeclared(raw, part) }?;
        Some(Rescue { body_at: part.body.start, boundary })
    };
    tree.parts.iter().filter(|part| part.kind == Kind::Leaf && !part.is_opaque).filter_map(found).collect()
}

fn anywhere(raw: &[u8], part: &Part<'_>) -> Option<Vec<u8>> {
    let mut at = part.body.start;
    while at < part.body.end {
        let next = line_end(raw, at, part.body.end);
        if let Some(boundary) = delimiter(raw, at, next, part.body.end) {
            return Some(boundary);
        }
        at = next;
    }
    None
}

/// A mail without any Content-Type whose first words are a delimiter, which a later line closes.
fn undeclared(raw: &[u8], part: &Part<'_>) -> Option<Vec<u8>> {
    let is_mail = part.header.get("From").is_some() || part.body.start == 0 || part.header.get("Subject").is_some();
    if !is_mail || part.header.get("Content-Type").is_some() {
        return None;
    }
    let blank = |b: &&u8| b.is_ascii_whitespace();
    let at = part.body.start + raw[part.body.clone()].iter().take_while(blank).count();
    let boundary = delimiter(raw, at, line_end(raw, at, part.body.end), part.body.end)?;
    let closing = [b"--", boundary.as_slice(), b"--"].concat();
    let closes = |line: &[u8]| line.trim_ascii_end() == closing;
    raw[at..part.body.end].split(|b| *b == b'\n').any(closes).then_some(boundary)
}

/// The boundary of the line at `at`, if a field of MIME follows it.
fn delimiter(raw: &[u8], at: usize, next: usize, end: usize) -> Option<Vec<u8>> {
    let boundary = trim_eol(&raw[at..next]).strip_prefix(b"--")?.trim_ascii_end();
    let fits = !boundary.is_empty() && boundary.len() <= MAX_BOUNDARY_BYTES;
    (fits && is_mime_field(raw, next, end)).then(|| boundary.to_vec())
}

/// Does a `Content-...` field begin at `at`?
pub fn is_mime_field(raw: &[u8], at: usize, end: usize) -> bool {
    let begins = raw[at..end].get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"content-"));
    begins && field_name(trim_eol(&raw[at..line_end(raw, at, end)])).is_some()
}

#[cfg(test)]
mod tests {
    use crate::arrive::parse::tree::{Kind, build};

    fn leaves(raw: &str) -> Vec<String> {
        let tree = build(raw.as_bytes());
        tree.parts.iter().filter(|p| p.kind == Kind::Leaf).map(|p| raw[p.body.clone()].trim().to_owned()).collect()
    }

    const PARTS: &str = "--real\nContent-Type: text/plain\n\none\n--real\nContent-Type: text/html\n\ntwo\n--real--\n";

    #[test]
    fn parts_are_found_without_their_boundary() {
        for head in [
            "Content-Type: multipart/mixed; boundary=other\n\nPreamble.\n",
            "Content-Type: multipart/mixed\n\n",
            "From: a@b.example\nMIME-Version: 1.0\n\n\n",
        ] {
            assert_eq!(leaves(&format!("{head}{PARTS}")), ["one", "two"], "{head}");
        }
    }

    #[test]
    fn quoted_source_stays_words() {
        let raw = format!("From: a@b.example\n\nThis is what I got:\n{PARTS}");
        assert_eq!(leaves(&raw).len(), 1);
        let raw = format!("From: a@b.example\nContent-Type: text/plain\n\n{PARTS}");
        assert_eq!(leaves(&raw).len(), 1);
        assert_eq!(leaves("Content-Type: multipart/mixed; boundary=x\n\n-- \nMei\n"), ["-- \nMei"]);
    }
}
