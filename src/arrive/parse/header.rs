//! A block of header fields, read line by line: names, raw values, where the body begins.
//!
//! RFC 5322 section 2.2. Tolerates what real mail does: a leading mbox `From ` line, blank lines before the first
//! field, a missing blank line after the last, 8-bit bytes without a charset. Bounds the work by the limits of
//! mail-rules section 6 before anything else looks at the bytes; what is beyond is flagged, never lost from the raw mail.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr3};

use crate::mail::Defect;

pub const MAX_FIELDS: usize = 1000;
pub const MAX_BLOCK_BYTES: usize = 256 * 1024;
/// How far a header is followed that holds lines which are no fields, and how many of those.
const LOOK_AHEAD_LINES: usize = 60;
const MAX_JUNK_LINES: usize = 50;

/// One field: name as written, value with its folding, without the last line end.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    pub name: &'a str,
    /// As in the mail; owned once [`super::eight_bit`] has made text of bytes without a charset.
    pub value: Cow<'a, [u8]>,
}

#[derive(Debug, Default)]
pub struct Block<'a> {
    pub fields: Vec<Field<'a>>,
    /// Where the body begins, behind the blank line.
    pub body_at: usize,
    /// Ended by a delimiter or the end of the mail, without so much as a blank line: there is no body at all.
    pub is_bodiless: bool,
    pub defect: Option<Defect>,
}

impl<'a> Block<'a> {
    /// The raw value of the first field of that name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|f| f.name.eq_ignore_ascii_case(name)).map(|f| &*f.value)
    }

    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s [u8]> + 's {
        self.fields.iter().filter(move |f| f.name.eq_ignore_ascii_case(name)).map(|f| &*f.value)
    }
}

/// Reads the fields of the entity that lies in `at`; `top` allows an mbox line and blank lines before them.
pub fn read(raw: &[u8], at: Range<usize>, top: bool) -> Block<'_> {
    read_until(raw, at, top, MAX_FIELDS, &|_| false)
}

/// [`read`], up to a line that `delimits` a part (RFC 2046 section 5.1: that ends a header too), and so many fields.
pub fn read_until<'a>(
    raw: &'a [u8],
    at: Range<usize>,
    top: bool,
    max_fields: usize,
    delimits: &dyn Fn(&[u8]) -> bool,
) -> Block<'a> {
    let mut block = Block::default();
    let mut pos = if top { skip_envelope(raw, &at) } else { at.start };
    let start = pos;
    let mut junk = 0;
    while pos < at.end {
        let end = line_end(raw, pos, at.end);
        let line = trim_eol(&raw[pos..end]);
        if line.is_empty() {
            block.body_at = end;
            return block;
        }
        if line.starts_with(b"--") && delimits(line) {
            (block.body_at, block.is_bodiless) = (pos, true);
            return block;
        }
        let Some(name) = field_name(line) else {
            if is_mbox_line(line) {
                pos = end;
                continue;
            }
            // A folded line that lost its blank: the header goes on if fields are still to come.
            if junk < MAX_JUNK_LINES && header_goes_on(raw, end, at.end, &block) {
                junk += 1;
                pos = end;
                continue;
            }
            // Else the body begins here (a missing separator is common in hand-made mail).
            block.body_at = pos;
            return block;
        };
        let whole_end = fold_end(raw, end, at.end);
        if block.fields.len() >= max_fields || whole_end - start > MAX_BLOCK_BYTES {
            block.defect =
                Some(if whole_end - start > MAX_BLOCK_BYTES { Defect::HeaderTooLarge } else { Defect::TooManyHeaders });
            block.body_at = skip_block(raw, pos, at.end);
            return block;
        }
        let value_at = pos + name.len() + colon_offset(&raw[pos + name.len()..end]);
        block.fields.push(Field { name, value: Cow::Borrowed(trim_eol(&raw[value_at..whole_end])) });
        pos = whole_end;
    }
    (block.body_at, block.is_bodiless) = (at.end, true);
    block
}

/// The end of the line that begins at `pos`, its line feed included.
pub fn line_end(raw: &[u8], pos: usize, end: usize) -> usize {
    memchr(b'\n', &raw[pos..end]).map_or(end, |at| pos + at + 1)
}

pub fn trim_eol(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// A value on one line (RFC 5322 section 2.2.3: only the line ends go), as text.
pub fn unfold(value: &[u8]) -> String {
    let text = to_text(value);
    on_one_line(&text).trim().to_owned()
}

/// Without its line ends, and NUL, which no field may hold.
pub fn on_one_line(text: &str) -> Cow<'_, str> {
    match memchr3(b'\r', b'\n', 0, text.as_bytes()) {
        Some(_) => {
            let mut line = String::with_capacity(text.len());
            text.split(['\r', '\n', '\0']).for_each(|piece| line.push_str(piece));
            line.into()
        }
        None => text.into(),
    }
}

/// Header bytes as text: UTF-8 (RFC 6532), which the tree made of all others; else what most old mailers meant.
pub fn to_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0,
    }
}

fn skip_envelope(raw: &[u8], at: &Range<usize>) -> usize {
    let mut pos = at.start;
    while pos < at.end {
        let end = line_end(raw, pos, at.end);
        let line = trim_eol(&raw[pos..end]);
        if !line.iter().all(u8::is_ascii_whitespace) && !is_mbox_line(line) {
            break;
        }
        pos = end;
    }
    // Nothing but blank lines: then the header is empty and the first of them ends it.
    if pos >= at.end { at.start } else { pos }
}

/// `From someone Mon Nov 16 ...`: the separator of an mbox file, also in its escaped form. `From : a@b.example` is a field
/// (RFC 5322 section 4.5.2), and other readers take it for one.
fn is_mbox_line(line: &[u8]) -> bool {
    let line = line.strip_prefix(b">").unwrap_or(line);
    line.starts_with(b"From ") && field_name(line).is_none()
}

/// RFC 5322 section 3.6.8, blanks before the colon allowed (section 4.5.3).
pub fn field_name(line: &[u8]) -> Option<&str> {
    let colon = memchr(b':', &line[..line.len().min(256)])?;
    let name = line[..colon].trim_ascii_end();
    let fits = !name.is_empty() && name.iter().all(|b| b.is_ascii_graphic());
    // Printable ASCII was just checked, so this is never None for a name that fits.
    if fits { std::str::from_utf8(name).ok() } else { None }
}

/// Does a field that every mail has, and that was not seen yet, stand before the next blank line?
fn header_goes_on(raw: &[u8], mut pos: usize, end: usize, block: &Block<'_>) -> bool {
    const EXPECTED: [&str; 5] = ["From", "Subject", "Date", "MIME-Version", "Content-Type"];
    for _ in 0..LOOK_AHEAD_LINES {
        if pos >= end {
            return false;
        }
        let next = line_end(raw, pos, end);
        let line = trim_eol(&raw[pos..next]);
        if line.is_empty() || line.starts_with(b"--") {
            return false;
        }
        let name = field_name(line).and_then(|name| EXPECTED.iter().find(|e| e.eq_ignore_ascii_case(name)));
        if name.is_some_and(|name| block.get(name).is_none()) {
            return true;
        }
        pos = next;
    }
    false
}

fn colon_offset(rest: &[u8]) -> usize {
    rest.iter().position(|b| *b == b':').map_or(rest.len(), |at| at + 1)
}

/// Behind the folded lines of a field. A line of blanks only ends the header for nobody but us and most readers.
fn fold_end(raw: &[u8], mut pos: usize, end: usize) -> usize {
    while pos < end && matches!(raw[pos], b' ' | b'\t') {
        let next = line_end(raw, pos, end);
        if trim_eol(&raw[pos..next]).iter().all(u8::is_ascii_whitespace) && !is_fold_start(raw, next, end) {
            break;
        }
        pos = next;
    }
    pos
}

fn is_fold_start(raw: &[u8], pos: usize, end: usize) -> bool {
    pos < end && matches!(raw[pos], b' ' | b'\t')
}

/// Behind the next blank line: where the body of a mail begins whose header is beyond the limits.
fn skip_block(raw: &[u8], mut pos: usize, end: usize) -> usize {
    while pos < end {
        let next = line_end(raw, pos, end);
        if trim_eol(&raw[pos..next]).is_empty() {
            return next;
        }
        pos = next;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(raw: &str) -> (Vec<(String, String)>, usize) {
        let block = read(raw.as_bytes(), 0..raw.len(), true);
        let fields = block.fields.iter().map(|f| (f.name.to_owned(), unfold(&f.value))).collect();
        (fields, block.body_at)
    }

    #[test]
    fn an_mbox_line_and_folding_are_seen_through() {
        let raw = "From a@b Mon Nov 16 2026\r\nSubject: a\r\n b\r\nTo : x\r\n\r\nbody";
        let (fields, at) = block(raw);
        assert_eq!(fields, [("Subject".into(), "a b".into()), ("To".into(), "x".into())]);
        assert_eq!(&raw[at..], "body");
    }

    #[test]
    fn a_missing_blank_line_loses_no_words() {
        let raw = "Subject: a\nThe lamp is broken.\n";
        let (fields, at) = block(raw);
        assert_eq!(fields.len(), 1);
        assert_eq!(&raw[at..], "The lamp is broken.\n");
    }

    #[test]
    fn a_blank_before_the_colon_makes_no_mbox_line() {
        let raw = "From mei@b Mon Nov 16 10:00:00 2026\nFrom : a@b.example\nSubject : x\nFrom  : c@d.example\n\nbody";
        let (fields, at) = block(raw);
        assert_eq!(fields.len(), 3);
        assert_eq!(&raw[at..], "body");
    }

    #[test]
    fn a_header_beyond_the_limits_is_flagged_and_its_body_found() {
        let raw = format!("{}\nbody", "X: y\n".repeat(1001));
        let block = read(raw.as_bytes(), 0..raw.len(), true);
        assert_eq!((block.fields.len(), block.defect), (1000, Some(Defect::TooManyHeaders)));
        assert_eq!(&raw[block.body_at..], "body");
        let raw = format!("X: {}\n\nbody", "y".repeat(300_000));
        assert_eq!(read(raw.as_bytes(), 0..raw.len(), true).defect, Some(Defect::HeaderTooLarge));
    }
}
