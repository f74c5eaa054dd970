//! The tree of a mail's parts: one pass over its lines, with every limit kept on the way.
//!
//! RFC 2046 section 5.1. Own, because mail-parser 0.11 ends a part at a boundary in the middle of a line (its issue 156),
//! bounds neither depth nor parts, and answers one mail with one tree where a broken one needs a rescue. A delimiter is
//! looked for among all open boundaries, so a part that never ends cannot swallow the ones behind its parent's delimiter.
//! What is beyond the limits stays opaque: its bytes are a leaf, flagged by a defect.

use std::ops::Range;

use crate::mail::Defect;

use super::eight_bit;
use super::field::{Typed, typed};
use super::header::{self, Block, trim_eol};
use super::rescue::{self, Rescue};

pub const MAX_DEPTH: usize = 32;
pub const MAX_PARTS: usize = 1000;
/// Of all parts together: a thousand parts with a thousand fields each would be a mail of fields.
const MAX_ALL_FIELDS: usize = 10_000;

#[derive(Debug)]
pub struct Part<'a> {
    pub header: Block<'a>,
    pub body: Range<usize>,
    pub kind: Kind,
    /// Declared, or the default of its place; lower case.
    pub mime_type: String,
    pub content_type: Typed,
    pub children: Vec<usize>,
    /// Of a multipart, as declared or found; empty where there is none.
    pub boundary: Vec<u8>,
    /// Beyond the limits: its bytes were not looked into.
    pub is_opaque: bool,
    /// The mail ends before the delimiter that should have ended this leaf.
    pub is_cut_off: bool,
    /// A multipart in which no delimiter was found; it stands as the text that it is.
    pub is_undivided: bool,
    depth: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Leaf,
    Multipart,
    /// message/rfc822 whose one child is the mail in it.
    Message,
}

#[derive(Debug, Default)]
pub struct Tree<'a> {
    /// The mail itself is the first; a child always stands behind its parent.
    pub parts: Vec<Part<'a>>,
    pub defects: Vec<Defect>,
}

/// A multipart that still waits for its closing delimiter.
struct Open {
    part: usize,
    /// Without the blanks at its end: RFC 2046 section 5.1.1 forbids them, and relays take them away.
    boundary: Vec<u8>,
    /// Those blanks, if the first delimiter has them: then every other has.
    blanks: Vec<u8>,
    seen_delimiter: bool,
}

struct Builder<'a, 'r> {
    raw: &'a [u8],
    tree: Tree<'a>,
    rescued: &'r [Rescue],
    /// Behind it there are only blanks and line ends.
    words_end: usize,
    fields_left: usize,
    open: Vec<Open>,
    /// Parts that end where the next delimiter of an enclosing multipart stands, innermost last.
    unended: Vec<usize>,
}

/// Where the next delimiter of an open multipart stands.
#[derive(Debug)]
struct Delimiter {
    line: Range<usize>,
    level: usize,
    closes: bool,
}

/// One pass; a second one where the boundary of a multipart was wrong or missing and the parts are there.
pub fn build(raw: &[u8]) -> Tree<'_> {
    let first = build_with(raw, &[]);
    let rescued = rescue::boundaries(raw, &first);
    let mut tree = if rescued.is_empty() { first } else { build_with(raw, &rescued) };
    eight_bit::read(&mut tree);
    tree
}

fn build_with<'a>(raw: &'a [u8], rescued: &[Rescue]) -> Tree<'a> {
    let mut builder = Builder {
        raw,
        tree: Tree::default(),
        rescued,
        words_end: raw.trim_ascii_end().len(),
        fields_left: MAX_ALL_FIELDS,
        open: Vec::new(),
        unended: Vec::new(),
    };
    builder.entity(0, None, "text/plain");
    builder.run();
    builder.settle();
    builder.tree
}

impl<'a> Builder<'a, '_> {
    /// From delimiter to delimiter, until none is left.
    fn run(&mut self) {
        let mut pos = self.tree.parts.last().map_or(0, |p| p.body.start);
        while !self.open.is_empty() {
            let Some(found) = self.next_delimiter(pos) else { break };
            self.end_parts(&found);
            pos = found.line.end;
            if found.closes {
                self.open.truncate(found.level);
                continue;
            }
            self.open.truncate(found.level + 1);
            self.note_blanks(&found);
            if self.tree.parts.len() >= MAX_PARTS {
                self.flag(Defect::TooManyParts);
                break;
            }
            let parent = self.open[found.level].part;
            let fallback =
                if self.tree.parts[parent].mime_type == "multipart/digest" { "message/rfc822" } else { "text/plain" };
            pos = self.entity(pos, Some(parent), fallback);
        }
        let end = self.raw.len();
        let is_open = !self.open.is_empty();
        for index in self.unended.drain(..) {
            let part = &mut self.tree.parts[index];
            part.body.end = end;
            part.is_cut_off = is_open && part.kind == Kind::Leaf && !part.is_opaque && !part.header.is_bodiless;
        }
    }

    /// The first delimiter says whether the blanks at the boundary's end belong to it.
    fn note_blanks(&mut self, found: &Delimiter) {
        let open = &mut self.open[found.level];
        if !open.seen_delimiter {
            open.seen_delimiter = true;
            let line = header::trim_eol(&self.raw[found.line.clone()]);
            if !line[2 + open.boundary.len()..].starts_with(&open.blanks) {
                open.blanks.clear();
            }
        }
    }

    /// Reads the entity at `at`, and the mail inside it as long as it is a message. Returns where its body begins.
    fn entity(&mut self, mut at: usize, mut parent: Option<usize>, mut fallback: &'static str) -> usize {
        loop {
            let index = self.tree.parts.len();
            let top = parent.is_none_or(|p| self.tree.parts[p].kind == Kind::Message);
            let part = self.read_part(at, parent, fallback, top);
            at = part.body.start;
            let kind = part.kind;
            let blanks = part.boundary[part.boundary.trim_ascii_end().len()..].to_vec();
            let boundary = part.boundary.trim_ascii_end().to_vec();
            if let Some(parent) = parent {
                self.tree.parts[parent].children.push(index);
            }
            self.tree.parts.push(part);
            self.unended.push(index);
            match kind {
                Kind::Message => (parent, fallback) = (Some(index), "text/plain"),
                Kind::Multipart => {
                    self.open.push(Open { part: index, boundary, blanks, seen_delimiter: false });
                    return at;
                }
                Kind::Leaf => return at,
            }
        }
    }

    fn read_part(&mut self, at: usize, parent: Option<usize>, fallback: &str, top: bool) -> Part<'a> {
        let depth = parent.map_or(0, |p| self.tree.parts[p].depth + 1);
        let most = header::MAX_FIELDS.min(self.fields_left);
        let header = header::read_until(self.raw, at..self.raw.len(), top, most, &|line| self.delimits(line).is_some());
        self.fields_left -= header.fields.len();
        header.defect.into_iter().for_each(|defect| self.flag(defect));
        let content_type = header.get("Content-Type").and_then(typed).unwrap_or_default();
        let mime_type = if content_type.kind.contains('/') { content_type.kind.clone() } else { fallback.to_owned() };
        let start = header.body_at;
        let mut part = Part {
            header,
            body: start..start,
            kind: Kind::Leaf,
            mime_type,
            content_type,
            children: Vec::new(),
            boundary: Vec::new(),
            is_opaque: false,
            is_cut_off: false,
            is_undivided: false,
            depth,
        };
        self.set_kind(&mut part);
        part
    }

    fn set_kind(&mut self, part: &mut Part<'a>) {
        if let Some(rescued) = self.rescued.iter().find(|r| r.body_at == part.body.start) {
            part.boundary.clone_from(&rescued.boundary);
            if !part.mime_type.starts_with("multipart/") {
                part.mime_type = "multipart/mixed".to_owned();
            }
        } else if part.mime_type.starts_with("multipart/") {
            part.boundary = part.content_type.param("boundary").unwrap_or_default().as_bytes().to_vec();
        }
        part.kind = kind_of(self.raw, part);
        let full = self.tree.parts.len() + 1 >= MAX_PARTS;
        if part.kind != Kind::Leaf && (part.depth + 1 >= MAX_DEPTH || full) {
            self.flag(if full { Defect::TooManyParts } else { Defect::TooDeep });
            (part.kind, part.is_opaque) = (Kind::Leaf, true);
        }
    }

    /// The next line that is a delimiter of an open multipart, innermost first (RFC 2046 section 5.1.2).
    fn next_delimiter(&self, mut pos: usize) -> Option<Delimiter> {
        let end = self.raw.len();
        while pos < end {
            let next = header::line_end(self.raw, pos, end);
            if self.raw[pos..next].starts_with(b"--")
                && let Some((level, closes)) = self.delimits(trim_eol(&self.raw[pos..next]))
            {
                return Some(Delimiter { line: pos..next, level, closes });
            }
            if let Some(glued) = self.glued(pos, next) {
                return Some(glued);
            }
            pos = next;
        }
        None
    }

    /// A delimiter whose line break was forgotten: at the end of a line, when a field of MIME follows it, or when it closes
    /// its multipart and the mail ends there. Anywhere else in a line it is words (mail-parser's issue 156).
    fn glued(&self, pos: usize, next: usize) -> Option<Delimiter> {
        let line = self.raw[pos..next].trim_ascii_end();
        let at_end = next >= self.words_end;
        let (bare, closes) = match line.strip_suffix(b"--") {
            Some(bare) if at_end => (bare, true),
            _ => (line, false),
        };
        let ends = |open: &Open| !open.boundary.is_empty() && bare.ends_with(&open.boundary);
        let level = self.open.iter().rposition(ends)?;
        let words = bare.strip_suffix(self.open[level].boundary.as_slice())?.strip_suffix(b"--")?;
        let fits = closes || rescue::is_mime_field(self.raw, next, self.raw.len());
        fits.then(|| Delimiter { line: pos + words.len()..next, level, closes })
    }

    fn delimits(&self, line: &[u8]) -> Option<(usize, bool)> {
        let exact = self.open.iter().enumerate().rev().find_map(|(level, open)| {
            match open.tail(&line[2..])?.trim_ascii_end() {
                b"" => Some((level, false)),
                b"--" => Some((level, true)),
                _ => None,
            }
        });
        // A boundary is enough at the start of the line (section 5.1.1); but never that of `b` for the line `--b1`.
        exact.or_else(|| {
            self.open.iter().enumerate().rev().find_map(|(level, open)| {
                let tail = open.tail(&line[2..])?;
                let closes = tail.starts_with(b"--");
                (closes || tail.starts_with(b" ") || tail.starts_with(b"\t")).then_some((level, closes))
            })
        })
    }

    /// A delimiter ends every part inside its multipart; the line end before it belongs to the delimiter.
    fn end_parts(&mut self, found: &Delimiter) {
        let owner = self.open[found.level].part;
        let end = match self.raw[..found.line.start].ends_with(b"\n") {
            true => before_line_end(self.raw, found.line.start),
            false => found.line.start,
        };
        while let Some(part) = self.unended.pop_if(|part| *part > owner) {
            let body = &mut self.tree.parts[part].body;
            body.end = end.max(body.start);
        }
        if found.closes && self.unended.last() == Some(&owner) {
            self.unended.pop();
            self.tree.parts[owner].body.end = found.line.start.max(self.tree.parts[owner].body.start);
        }
    }

    /// A multipart in which no delimiter was found is shown as the text that it is.
    fn settle(&mut self) {
        for part in &mut self.tree.parts {
            let is_multipart = part.mime_type.starts_with("multipart/");
            if is_multipart && part.children.is_empty() {
                part.is_undivided = !part.is_opaque;
                part.kind = Kind::Leaf;
                part.mime_type = "text/plain".to_owned();
            }
        }
    }

    fn flag(&mut self, defect: Defect) {
        if !self.tree.defects.contains(&defect) {
            self.tree.defects.push(defect);
        }
    }
}

impl Open {
    /// What stands behind the boundary in a line without its `--`; `None` where the line begins with another one.
    fn tail<'l>(&self, line: &'l [u8]) -> Option<&'l [u8]> {
        if self.boundary.is_empty() {
            return None;
        }
        let tail = line.strip_prefix(self.boundary.as_slice())?;
        if self.seen_delimiter { tail.strip_prefix(self.blanks.as_slice()) } else { Some(tail) }
    }
}

fn kind_of(raw: &[u8], part: &Part<'_>) -> Kind {
    if part.mime_type.starts_with("multipart/") {
        Kind::Multipart
    } else if matches!(part.mime_type.as_str(), "message/rfc822" | "message/global") && !is_wrapped(raw, part) {
        Kind::Message
    } else {
        Kind::Leaf
    }
}

/// Does a mail inside the mail stand in a transfer encoding (see [`super::wrapped`])? A label of base64 over the plain
/// fields of a mail is only a wrong label: no colon is ever base64.
fn is_wrapped(raw: &[u8], part: &Part<'_>) -> bool {
    let label = part.header.get("Content-Transfer-Encoding").map(|v| v.trim_ascii().to_ascii_lowercase());
    match label.as_deref() {
        Some(label) if label.starts_with(b"quoted-printable") => true,
        Some(label) if label.starts_with(b"base64") => {
            let from = part.body.start;
            let first = &raw[from..header::line_end(raw, from, raw.len()).min(from + 1000)];
            header::field_name(trim_eol(first)).is_none()
        }
        _ => false,
    }
}

fn before_line_end(raw: &[u8], pos: usize) -> usize {
    let pos = if pos > 0 && raw[pos - 1] == b'\n' { pos - 1 } else { pos };
    if pos > 0 && raw[pos - 1] == b'\r' { pos - 1 } else { pos }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(raw: &str) -> Vec<(String, String)> {
        let tree = build(raw.as_bytes());
        let leaf = |p: &&Part<'_>| p.kind == Kind::Leaf;
        let show = |p: &Part<'_>| (p.mime_type.clone(), raw[p.body.clone()].to_owned());
        tree.parts.iter().filter(leaf).map(show).collect()
    }

    const HEAD: &str = "Content-Type: multipart/mixed; boundary=abc\n\n";

    #[test]
    fn a_boundary_in_the_middle_of_a_line_ends_nothing() {
        let raw = format!("{HEAD}--abc\n\n> --abc is what you sent\nand more\n--abc--\n");
        assert_eq!(leaves(&raw), [("text/plain".to_owned(), "> --abc is what you sent\nand more".to_owned())]);
    }

    #[test]
    fn a_delimiter_that_lost_its_line_break_still_ends_a_part() {
        let glued = format!("{HEAD}--abc\n\none--abc\nContent-Type: text/html\n\ntwo--abc--\n\n");
        let words: Vec<String> = leaves(&glued).into_iter().map(|(_, body)| body).collect();
        assert_eq!(words, ["one", "two"]);
        assert!(!build(glued.as_bytes()).parts.iter().any(|p| p.is_cut_off));
        let words = format!("{HEAD}--abc\n\nthe line --abc\nand the line --abc--\nmore\n--abc--\n");
        assert_eq!(leaves(&words)[0].1, "the line --abc\nand the line --abc--\nmore");
    }

    #[test]
    fn a_delimiter_ends_a_header_too() {
        let raw = format!("{HEAD}--abc\n--abc\nContent-Type: text/html\n\ntwo\n--abc--\n");
        let tree = build(raw.as_bytes());
        assert_eq!(tree.parts.len(), 3);
        assert!(tree.parts[1].header.is_bodiless && tree.parts[2].mime_type == "text/html");
        let odd =
            "Content-Type: multipart/mixed; boundary=\":x\"\n\n--:x\nContent-Type: text/html\n--:x\n\nwords\n--:x--\n";
        assert_eq!(leaves(odd).len(), 2);
    }

    #[test]
    fn blanks_at_the_end_of_a_boundary_count_where_they_are_kept() {
        let head = "Content-Type: multipart/mixed; boundary=\"abc  \"\n\n";
        assert_eq!(
            leaves(&format!("{head}--abc  \n\none\n--abc \nsame\n--abc  --\nepilogue\n"))[0].1,
            "one\n--abc \nsame"
        );
        assert_eq!(leaves(&format!("{head}--abc\n\none\n--abc\n\ntwo\n--abc--\n")).len(), 2);
    }

    #[test]
    fn a_leaf_that_ends_with_the_mail_is_cut_off_and_an_epilogue_is_not() {
        let cut = |raw: &str| build(raw.as_bytes()).parts.iter().filter(|p| p.is_cut_off).count();
        assert_eq!(cut(&format!("{HEAD}--abc\n\none\n")), 1);
        assert_eq!(cut(&format!("{HEAD}--abc\n\none\n--abc--\nepilogue")), 0);
        assert_eq!(cut("Subject: x\n\nwords"), 0);
    }

    #[test]
    fn fields_are_bounded_over_all_parts() {
        let part = format!("--abc\n{}\nx\n", "X: y\n".repeat(900));
        let raw = format!("{HEAD}{}--abc--\n", part.repeat(50));
        let tree = build(raw.as_bytes());
        let fields: usize = tree.parts.iter().map(|p| p.header.fields.len()).sum();
        assert!(fields <= MAX_ALL_FIELDS && tree.defects.contains(&Defect::TooManyHeaders));
    }

    #[test]
    fn an_outer_delimiter_ends_what_forgot_to_end() {
        let raw = format!(
            "{HEAD}--abc\nContent-Type: multipart/mixed; boundary=abc1\n\n--abc1\n\none\n--abc\n\ntwo\n--abc--\n"
        );
        let words: Vec<String> = leaves(&raw).into_iter().map(|(_, body)| body).collect();
        assert_eq!(words, ["one", "two"]);
    }

    #[test]
    fn a_mail_inside_a_mail_ends_with_its_part() {
        let raw =
            format!("{HEAD}--abc\nContent-Type: message/rfc822\n\nSubject: in\n\ninner\n--abc\n\nouter\n--abc--\n");
        let words: Vec<String> = leaves(&raw).into_iter().map(|(_, body)| body).collect();
        assert_eq!(words, ["inner", "outer"]);
    }

    #[test]
    fn bombs_are_bounded_and_flagged() {
        let deep: String =
            (0..10_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
        let tree = build(deep.as_bytes());
        assert!(tree.parts.len() <= MAX_DEPTH && tree.defects.contains(&Defect::TooDeep), "{}", tree.parts.len());
        let many = format!("{HEAD}{}", "--abc\n\nx\n".repeat(200_000));
        let tree = build(many.as_bytes());
        assert!(tree.parts.len() <= MAX_PARTS && tree.defects.contains(&Defect::TooManyParts));
        let mails = "Content-Type: message/rfc822\n\n".repeat(20_000);
        assert!(build(mails.as_bytes()).defects.contains(&Defect::TooDeep));
    }
}
