//! The tree of a mail's parts: one pass over its lines, with every limit kept on the way.
//!
//! RFC 2046 section 5.1. Own, because mail-parser 0.11 ends a part at a boundary in the middle of a line (its issue 156),
//! bounds neither depth nor parts, and answers one mail with one tree where a broken one needs a rescue. A delimiter is
//! looked for among all open boundaries, so a part that never ends cannot swallow the ones behind its parent's delimiter.
//! What is beyond the limits stays opaque: its bytes are a leaf, flagged by a defect.

use std::ops::Range;

use crate::mail::Defect;

use super::field::{Typed, typed};
use super::header::{self, Block, trim_eol};

pub const MAX_DEPTH: usize = 32;
pub const MAX_PARTS: usize = 1000;

#[derive(Debug)]
pub struct Part<'a> {
    pub header: Block<'a>,
    pub body: Range<usize>,
    pub kind: Kind,
    /// Declared, or the default of its place; lower case.
    pub mime_type: String,
    pub content_type: Typed,
    pub children: Vec<usize>,
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
    boundary: Vec<u8>,
    seen_delimiter: bool,
}

struct Builder<'a> {
    raw: &'a [u8],
    tree: Tree<'a>,
    open: Vec<Open>,
    /// Parts that end where the next delimiter of an enclosing multipart stands, innermost last.
    unended: Vec<usize>,
}

/// Where the next delimiter of an open multipart stands.
struct Delimiter {
    line: Range<usize>,
    level: usize,
    closes: bool,
}

pub fn build(raw: &[u8]) -> Tree<'_> {
    let mut builder = Builder { raw, tree: Tree::default(), open: Vec::new(), unended: Vec::new() };
    builder.entity(0, None, "text/plain");
    builder
        .tree
        .parts
        .first()
        .and_then(|root| root.header.defect)
        .into_iter()
        .for_each(|defect| builder.tree.defects.push(defect));
    builder.run();
    builder.settle();
    builder.tree
}

impl<'a> Builder<'a> {
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
            self.open[found.level].seen_delimiter = true;
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
        for part in self.unended.drain(..) {
            self.tree.parts[part].body.end = end;
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
            let boundary = boundary_of(&part);
            if let Some(parent) = parent {
                self.tree.parts[parent].children.push(index);
            }
            self.tree.parts.push(part);
            self.unended.push(index);
            match kind {
                Kind::Message => (parent, fallback) = (Some(index), "text/plain"),
                Kind::Multipart => {
                    self.open.push(Open { part: index, boundary, seen_delimiter: false });
                    return at;
                }
                Kind::Leaf => return at,
            }
        }
    }

    fn read_part(&mut self, at: usize, parent: Option<usize>, fallback: &str, top: bool) -> Part<'a> {
        let depth = parent.map_or(0, |p| self.tree.parts[p].depth + 1);
        let header = header::read(self.raw, at..self.raw.len(), top);
        let content_type = header.get("Content-Type").and_then(typed).unwrap_or_default();
        let mime_type = if content_type.kind.contains('/') { content_type.kind.clone() } else { fallback.to_owned() };
        let start = header.body_at;
        let mut part =
            Part { header, body: start..start, kind: Kind::Leaf, mime_type, content_type, children: Vec::new(), depth };
        part.kind = kind_of(&part);
        let full = self.tree.parts.len() + 1 >= MAX_PARTS;
        if part.kind != Kind::Leaf && (depth + 1 >= MAX_DEPTH || full) {
            self.flag(if full { Defect::TooManyParts } else { Defect::TooDeep });
            part.kind = Kind::Leaf;
        }
        part
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
            pos = next;
        }
        None
    }

    fn delimits(&self, line: &[u8]) -> Option<(usize, bool)> {
        let rest = line[2..].trim_ascii_end();
        let exact = self.open.iter().enumerate().rev().find_map(|(level, open)| {
            let tail = rest.strip_prefix(open.boundary.as_slice())?;
            match tail {
                b"" => Some((level, false)),
                b"--" => Some((level, true)),
                _ => None,
            }
        });
        // A boundary is enough at the start of the line (section 5.1.1); but never that of `b` for the line `--b1`.
        exact.or_else(|| {
            self.open.iter().enumerate().rev().find_map(|(level, open)| {
                let tail = rest.strip_prefix(open.boundary.as_slice())?;
                let closes = tail.starts_with(b"--");
                (closes || tail.starts_with(b" ") || tail.starts_with(b"\t")).then_some((level, closes))
            })
        })
    }

    /// A delimiter ends every part inside its multipart; the line end before it belongs to the delimiter.
    fn end_parts(&mut self, found: &Delimiter) {
        let owner = self.open[found.level].part;
        let end = before_line_end(self.raw, found.line.start);
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
            if part.kind == Kind::Multipart && part.children.is_empty() {
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

fn kind_of(part: &Part<'_>) -> Kind {
    let encoded = part.header.get("Content-Transfer-Encoding").is_some_and(|v| {
        let word = v.trim_ascii().to_ascii_lowercase();
        word.starts_with(b"base64") || word.starts_with(b"quoted-printable")
    });
    if part.mime_type.starts_with("multipart/") && !boundary_of(part).is_empty() {
        Kind::Multipart
    } else if matches!(part.mime_type.as_str(), "message/rfc822" | "message/global") && !encoded {
        Kind::Message
    } else {
        Kind::Leaf
    }
}

fn boundary_of(part: &Part<'_>) -> Vec<u8> {
    let boundary = part.content_type.param("boundary").unwrap_or_default();
    boundary.trim_end().as_bytes().to_vec()
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
