//! Which parts are the body and which are attachments (RFC 8621 section 4.1.4), and their decoded bytes.
//!
//! Nothing is left out: a leaf is body text or an attachment. A wrong label never empties a part: what claims to be
//! base64 and is plain text is shown as the text that it is.

use std::borrow::Cow;

use crate::mail::{Attachment, Defect, Digest, PartCounts, clean_line};

use super::field::{self, Typed};
use super::tree::{Kind, Part, Tree};
use super::{transfer, words};

/// The parts that make up the body, by their index in the tree.
#[derive(Debug, Default)]
pub struct Layout {
    pub text: Vec<usize>,
    pub html: Vec<usize>,
    pub attachments: Vec<usize>,
}

/// The two bodies of an alternative; `None` once the other form was found to be the whole.
struct Sorter<'t, 'a> {
    parts: &'t [Part<'a>],
    layout: Layout,
    text_ended: bool,
    html_ended: bool,
}

pub fn layout(tree: &Tree<'_>) -> Layout {
    let mut sorter = Sorter { parts: &tree.parts, layout: Layout::default(), text_ended: false, html_ended: false };
    if !tree.parts.is_empty() {
        sorter.sort(&[0], "mixed", false);
    }
    sorter.layout
}

impl Sorter<'_, '_> {
    /// RFC 8621 section 4.1.4, `parseStructure`. Depth is bounded by the tree's.
    fn sort(&mut self, parts: &[usize], multipart: &str, in_alternative: bool) {
        let before = (self.layout.text.len(), self.layout.html.len());
        let was_ended = (self.text_ended, self.html_ended);
        for (place, index) in parts.iter().enumerate() {
            let part = &self.parts[*index];
            if part.kind == Kind::Multipart {
                let sub = part.mime_type.trim_start_matches("multipart/").to_owned();
                let children = part.children.clone();
                self.sort(&children, &sub, in_alternative || sub == "alternative");
            } else if part.kind == Kind::Leaf && is_inline(part, place, multipart) {
                self.inline(*index, multipart, in_alternative);
            } else {
                self.layout.attachments.push(*index);
            }
        }
        if multipart == "alternative" && was_ended == (false, false) && !self.text_ended && !self.html_ended {
            self.fill(before);
        }
        if !in_alternative {
            (self.text_ended, self.html_ended) = was_ended;
        }
    }

    fn inline(&mut self, index: usize, multipart: &str, in_alternative: bool) {
        let mime_type = self.parts[index].mime_type.as_str();
        if multipart == "alternative" {
            match mime_type {
                "text/plain" if !self.text_ended => self.layout.text.push(index),
                "text/html" if !self.html_ended => self.layout.html.push(index),
                _ => self.layout.attachments.push(index),
            }
            return;
        }
        if in_alternative {
            self.html_ended |= mime_type == "text/plain";
            self.text_ended |= mime_type == "text/html";
        }
        if !self.text_ended {
            self.layout.text.push(index);
        }
        if !self.html_ended {
            self.layout.html.push(index);
        }
        // Pictures between the words are part of both, and still files to be kept.
        if is_media(mime_type) {
            self.layout.attachments.push(index);
        }
    }

    /// An alternative with one form only: that form is the other one too.
    fn fill(&mut self, (text, html): (usize, usize)) {
        if self.layout.text.len() == text && self.layout.html.len() != html {
            self.layout.text.extend_from_slice(&self.layout.html[html..]);
        } else if self.layout.html.len() == html && self.layout.text.len() != text {
            self.layout.html.extend_from_slice(&self.layout.text[text..]);
        }
    }
}

fn is_inline(part: &Part<'_>, place: usize, multipart: &str) -> bool {
    let text = matches!(part.mime_type.as_str(), "text/plain" | "text/html");
    let media = is_media(&part.mime_type);
    !is_attached(part)
        && (text || media)
        && (place == 0 || multipart != "related" && (media || name_of(part).is_none()))
}

fn is_media(mime_type: &str) -> bool {
    ["image/", "audio/", "video/"].iter().any(|kind| mime_type.starts_with(kind))
}

fn disposition(part: &Part<'_>) -> Option<Typed> {
    part.header.get("Content-Disposition").and_then(field::typed)
}

fn is_attached(part: &Part<'_>) -> bool {
    disposition(part).is_some_and(|d| d.kind == "attachment")
}

/// The decoded file name, without path separators and control characters.
fn name_of(part: &Part<'_>) -> Option<String> {
    let from_disposition = disposition(part).and_then(|d| d.param("filename").map(str::to_owned));
    let name = from_disposition.or_else(|| part.content_type.param("name").map(str::to_owned))?;
    let name: String = clean_line(&name).chars().map(|c| if matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let name = name.trim().trim_start_matches("..").to_owned();
    (!name.is_empty()).then(|| name.chars().take(200).collect())
}

/// The decoded bytes of a part; of an embedded mail its raw ones.
pub fn bytes<'a>(raw: &'a [u8], part: &Part<'_>) -> Cow<'a, [u8]> {
    let body = &raw[part.body.clone()];
    let label = part.header.get("Content-Transfer-Encoding").map(|v| v.trim_ascii().to_ascii_lowercase());
    match label.as_deref() {
        Some(label) if label.starts_with(b"base64") && transfer::looks_base64(body) => {
            Cow::Owned(transfer::base64(body))
        }
        Some(label) if label.starts_with(b"quoted-printable") => Cow::Owned(transfer::quoted_printable(body)),
        Some(b"x-uuencode" | b"uuencode" | b"x-uue") => Cow::Owned(transfer::uuencoded(body)),
        _ => Cow::Borrowed(body),
    }
}

/// The words of a text part, line ends as `\n`.
pub fn text(raw: &[u8], part: &Part<'_>, defects: &mut Vec<Defect>) -> String {
    let (text, fits) = words::to_utf8(&bytes(raw, part), part.content_type.param("charset"));
    if !fits && !defects.contains(&Defect::UnknownCharset) {
        defects.push(Defect::UnknownCharset);
    }
    plain_line_ends(text)
}

fn plain_line_ends(text: String) -> String {
    if text.contains('\r') || text.contains('\0') {
        text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
    } else {
        text
    }
}

pub fn attachment(raw: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> Attachment {
    let decoded = bytes(raw, part);
    let content_id = part.header.get("Content-ID").map(header_id);
    let disposition = disposition(part).map(|d| d.kind);
    let shown = disposition.as_deref() == Some("inline") || disposition.is_none() && content_id.is_some();
    Attachment {
        name: name_of(part).or_else(|| mail_name(tree, part)),
        mime_type: part.mime_type.clone(),
        size_bytes: decoded.len(),
        sha256: Digest::of(&decoded),
        inline: shown,
        content_id,
    }
}

/// A mail inside the mail is known by its subject.
fn mail_name(tree: &Tree<'_>, part: &Part<'_>) -> Option<String> {
    let inner = tree.parts.get(*part.children.first()?).filter(|_| part.kind == Kind::Message)?;
    let subject = field::text(inner.header.get("Subject")?);
    let name: String = subject.chars().map(|c| if matches!(c, '/' | '\\') { '_' } else { c }).take(120).collect();
    (!name.is_empty()).then(|| format!("{name}.eml"))
}

fn header_id(value: &[u8]) -> String {
    field::text(value).trim_matches(|c| c == '<' || c == '>').to_owned()
}

/// Parts of the whole tree, embedded messages walked too.
pub fn counts(tree: &Tree<'_>, layout: &Layout) -> PartCounts {
    let of = |kind| tree.parts.iter().filter(|p| p.kind == kind).count();
    PartCounts {
        text: layout.text.len(),
        html: layout.html.len(),
        leaf: of(Kind::Leaf),
        multipart: of(Kind::Multipart),
        embedded: of(Kind::Message),
    }
}
