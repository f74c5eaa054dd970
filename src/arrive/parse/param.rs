//! A type or disposition with its parameters: Content-Type and Content-Disposition (RFC 2045 section 5.1, RFC 2183).
//!
//! Names in pieces and with a charset (RFC 2231), in encoded words (forbidden by RFC 2047 section 5, and what most programs
//! write), unquoted with blanks, with a quote that never ends, without the semicolon between two. Own, because pieces are
//! to be joined before they are decoded, and a boundary is to be kept to the byte. Linear; what cannot be read is left out.

use super::{charset, header, words};

/// RFC 2231 names pieces by numbers; more of them than this are no name.
const MAX_PIECES: usize = 1000;
/// A name without quotes is looked through so far for a parameter behind it.
const MAX_NAME_BYTES: usize = 1000;

/// A type or disposition with its parameters, names in lower case, pieces joined.
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

/// Reads a field's value as text.
pub fn typed(value: &str) -> Typed {
    let value = header::on_one_line(value);
    let (kind, rest) = value.split_at(value.find([';']).unwrap_or(value.len()));
    let kind = without_comments(kind);
    // `text/plain charset=utf-8`: a semicolon was forgotten.
    let mut words = kind.split_whitespace();
    let first = words.next().unwrap_or_default();
    let (kind, lost): (String, String) = match first.contains('/') || first.is_empty() {
        // `text / plain`
        _ if words.clone().next() == Some("/") => (kind.split_whitespace().take(3).collect(), String::new()),
        true => (first.to_owned(), words.filter(|w| w.contains('=')).collect::<Vec<_>>().join(" ")),
        false => (first.to_owned(), String::new()),
    };
    let raw = if lost.is_empty() { raw_params(rest) } else { raw_params(&format!("{lost}{rest}")) };
    Typed { kind: kind.trim_matches('"').to_ascii_lowercase(), params: joined(raw) }
}

/// One `name=value` as it stands.
struct Raw {
    name: String,
    value: String,
    quoted: bool,
}

fn raw_params(text: &str) -> Vec<Raw> {
    let mut found = Vec::new();
    let mut rest = text;
    // A quote for which no end was found; then none behind it has one, and it is not looked for again.
    let mut endless = false;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ';' || c.is_whitespace());
        if let Some(behind) = rest.strip_prefix('(') {
            rest = behind.split_once(')').map_or("", |(_, behind)| behind);
            continue;
        }
        if rest.is_empty() || found.len() >= MAX_PIECES {
            return found;
        }
        // `charset: utf-8` is written too.
        let Some(at) = rest.find(['=', ';', ':']) else { return found };
        if rest[at..].starts_with(';') {
            rest = &rest[at..];
            continue;
        }
        let name = rest[..at].trim().to_ascii_lowercase();
        let (value, quoted, behind) = value(rest[at + 1..].trim_start(), &mut endless);
        if !name.is_empty() && !name.contains(char::is_whitespace) {
            found.push(Raw { name, value, quoted });
        }
        rest = behind;
    }
}

/// A value at the start of `text`, whether it was quoted, and what follows it.
fn value<'t>(text: &'t str, endless: &mut bool) -> (String, bool, &'t str) {
    let Some(inner) = text.strip_prefix('"') else {
        let end = unquoted_end(text);
        return (text[..end].trim().to_owned(), false, &text[end..]);
    };
    let mut out = String::with_capacity(inner.len().min(256));
    let mut chars = if *endless { "" } else { inner }.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            // Only these are escaped (RFC 5322 section 3.2.4 allows all): a path of Windows is not to lose its strokes.
            '\\' if inner[at + 1..].starts_with(['"', '\\']) => out.extend(chars.next().map(|(_, c)| c)),
            '"' if ends_value(&inner[at + 1..]) => return (out, true, &inner[at + 1..]),
            c => out.push(c),
        }
    }
    // The quote never ends: up to the next parameter.
    *endless = true;
    let end = unquoted_end(inner);
    (inner[..end].trim().to_owned(), true, &inner[end..])
}

/// Is the quote before this the one that ends a value, and not one inside a name (`a "b" c.pdf`)?
fn ends_value(behind: &str) -> bool {
    let behind = behind.trim_start();
    let word =
        behind.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '*' | '_'))).unwrap_or(behind.len());
    behind.is_empty() || behind.starts_with([';', '(']) || word > 0 && behind[word..].starts_with('=')
}

/// Up to the semicolon; a name without quotes may hold blanks, but no further parameter.
fn unquoted_end(text: &str) -> usize {
    let end = text.find(';').unwrap_or(text.len());
    const KNOWN: [&str; 8] =
        [" charset=", " name=", " boundary=", " format=", " filename=", "\tcharset=", "\tname=", "\tboundary="];
    let looked_at = &text[..text.floor_char_boundary(end.min(MAX_NAME_BYTES))];
    if !looked_at.contains('=') {
        return end;
    }
    let lower = looked_at.to_ascii_lowercase();
    KNOWN.iter().filter_map(|known| lower.find(known)).min().unwrap_or(end)
}

/// RFC 2045 section 5.1 allows comments: `us-ascii (Plain text)`.
fn without_comments(text: &str) -> &str {
    text.split('(').next().unwrap_or_default().trim()
}

/// Pieces joined and values decoded. What RFC 2231 says of a name goes before what stands there for old readers.
fn joined(raw: Vec<Raw>) -> Vec<(String, String)> {
    let (mut params, mut pieces) = (Vec::new(), Vec::new());
    for one in raw.into_iter().take(MAX_PIECES) {
        match one.name.split_once('*') {
            Some((base, mark)) => pieces.push(Piece::new(base, mark, one.value)),
            None => params.push(plain(one)),
        }
    }
    // Sorted by name and number, in one go: a stranger may write a thousand.
    pieces.sort_by(|a: &Piece, b: &Piece| (&a.base, a.number).cmp(&(&b.base, b.number)));
    let extended = pieces.chunk_by(|a, b| a.base == b.base).map(|same| (same[0].base.clone(), whole(same)));
    let known: Vec<(String, String)> = extended.filter(|(_, value)| !value.is_empty()).collect();
    known.into_iter().chain(params).collect()
}

fn plain(raw: Raw) -> (String, String) {
    let is_name = matches!(raw.name.as_str(), "name" | "filename");
    let value = match raw.quoted || is_name {
        true => raw.value,
        false => without_comments(&raw.value).to_owned(),
    };
    // The form of RFC 2231 without its asterisk.
    if is_name && value.split('\'').count() == 3 && value.contains('%') {
        let piece = Piece::new(&raw.name, "", value);
        return (raw.name, whole(&[piece]));
    }
    let value = if raw.name == "boundary" { value } else { words::decode(&value) };
    (raw.name, value)
}

/// `name*0*`, `name*1`, `name*`.
struct Piece {
    base: String,
    number: usize,
    is_encoded: bool,
    value: String,
}

impl Piece {
    fn new(base: &str, mark: &str, value: String) -> Self {
        let number = mark.trim_end_matches('*').parse().unwrap_or(0);
        let is_encoded = mark.is_empty() || mark.ends_with('*');
        Self { base: base.to_owned(), number, is_encoded, value }
    }
}

/// RFC 2231 section 4.1: the first piece names the charset, and each says for itself whether it is encoded. Their bytes are
/// joined first, since a character may be cut.
fn whole(pieces: &[Piece]) -> String {
    let Some(first) = pieces.first() else { return String::new() };
    let (label, start) = match first.value.splitn(3, '\'').collect::<Vec<_>>().as_slice() {
        [label, _language, text] if first.is_encoded => (Some(*label), *text),
        _ => (None, first.value.as_str()),
    };
    let mut bytes = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        let text = if place == 0 { start } else { piece.value.as_str() };
        if piece.is_encoded { percent(text, &mut bytes) } else { bytes.extend_from_slice(text.as_bytes()) }
    }
    let text = charset::to_utf8(&bytes, label).0;
    if pieces.iter().any(|p| p.is_encoded) { text } else { words::decode(&text) }
}

fn percent(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| bytes[at] == b'%') {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> String {
        typed(value).param("filename").unwrap_or_default().to_owned()
    }

    #[test]
    fn a_name_in_pieces_is_joined() {
        for (value, want) in [
            ("attachment; filename*0*=utf-8''L%C3%A4; filename*1=\"mpe.jpg\"", "L\u{e4}mpe.jpg"),
            ("attachment; filename*1*=mpe.jpg; filename*0*=UTF-8'de'L%C3%A4", "L\u{e4}mpe.jpg"),
            ("attachment; filename*0*=utf-8''L%C3; filename*1*=%A4mpe.jpg", "L\u{e4}mpe.jpg"),
            ("attachment; filename*0=\"Lam\"; filename*1=\"pe.jpg\"", "Lampe.jpg"),
            ("attachment; filename*=iso-8859-1''L%E4mpe.jpg; filename=\"L_mpe.jpg\"", "L\u{e4}mpe.jpg"),
            ("attachment; filename*=L%C3%A4mpe.jpg", "L\u{e4}mpe.jpg"),
            ("attachment; filename=\"utf-8''L%C3%A4mpe.jpg\"", "L\u{e4}mpe.jpg"),
            ("attachment; filename*0=\"=?utf-8?Q?L=C3=A4?=\"; filename*1=\"mpe.jpg\"", "L\u{e4}mpe.jpg"),
            ("attachment; filename*=shift_jis'ja'%83%89%83%93%83v.jpg", "\u{30e9}\u{30f3}\u{30d7}.jpg"),
        ] {
            assert_eq!(name(value), want, "{value}");
        }
    }

    #[test]
    fn a_name_is_read_as_programs_write_it() {
        for (value, want) in [
            ("attachment; filename=\"=?utf-8?B?TMOkbXBl?=\r\n =?utf-8?Q?.jpg?=\"", "L\u{e4}mpe.jpg"),
            ("attachment; filename==?utf-8?Q?L=C3=A4mpe.jpg?=", "L\u{e4}mpe.jpg"),
            ("attachment; filename=my lamp (1).jpg; size=3", "my lamp (1).jpg"),
            ("attachment; filename=\"the \"old\" lamp.jpg\"", "the \"old\" lamp.jpg"),
            ("attachment; filename=\"a \\\"b\\\".jpg\"", "a \"b\".jpg"),
            ("attachment; filename=\"C:\\lamps\\one.jpg\"", "C:\\lamps\\one.jpg"),
            ("attachment; filename=\"never ends.jpg", "never ends.jpg"),
            ("attachment; filename=\"a;b.jpg\"; size=3", "a;b.jpg"),
            ("attachment; filename = lamp.jpg", "lamp.jpg"),
            ("attachment filename=lamp.jpg", ""),
        ] {
            assert_eq!(name(value), want, "{value}");
        }
    }

    #[test]
    fn types_are_read_without_a_semicolon_and_with_comments() {
        let of = |value: &str| {
            let typed = typed(value);
            (typed.kind.clone(), typed.param("charset").unwrap_or_default().to_owned())
        };
        let plain = |charset: &str| ("text/plain".to_owned(), charset.to_owned());
        assert_eq!(of("Text/Plain; Charset=us-ascii (Plain text)"), plain("us-ascii"));
        assert_eq!(of("text/plain charset=utf-8"), plain("utf-8"));
        assert_eq!(of("text/plain; charset=\"utf-8\" format=flowed"), plain("utf-8"));
        assert_eq!(of("text/plain;; charset=utf-8; ; format=flowed"), plain("utf-8"));
        assert_eq!(of("text/plain (plain); charset: utf-8"), plain("utf-8"));
        assert_eq!(of("text/plain; charset=\"utf-8; format=flowed"), plain("utf-8"));
        assert_eq!(of("text"), ("text".to_owned(), String::new()));
        assert_eq!(typed("text/plain; charset=\"utf-8\" format=flowed").param("format"), Some("flowed"));
    }

    #[test]
    fn long_fields_cost_no_more_than_their_length() {
        for many in ["a=b name=c ", "a=\"b; ", "(a", "name*0*=x; ", "a=\"b\" ", "= ", "\""] {
            assert!(typed(&format!("text/plain; {}", many.repeat(40_000))).params.len() <= MAX_PIECES, "{many}");
        }
    }

    #[test]
    fn a_boundary_is_kept_to_the_byte() {
        let of = |value: &str| typed(value).param("boundary").unwrap_or_default().to_owned();
        assert_eq!(of("multipart/mixed; boundary=\"a '()+_,-./:=? b  \""), "a '()+_,-./:=? b  ");
        assert_eq!(of("multipart/mixed; boundary=----=_NextPart_000"), "----=_NextPart_000");
        assert_eq!(of("multipart/mixed;\r\n\tboundary=\"=?x?Q?y?=\""), "=?x?Q?y?=");
        let twice = typed("multipart/mixed; boundary=a; boundary=b");
        assert_eq!(twice.params.iter().filter(|(name, _)| name == "boundary").count(), 2);
    }
}
