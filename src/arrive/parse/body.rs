//! Which parts are the body and which are attachments (RFC 8621 section 4.1.4), and their decoded bytes.
//!
//! Nothing is left out: a leaf is body text or an attachment, and a text that may not be whole is both. A wrong label never
//! empties a part: what claims to be base64 and is plain text is shown as the text that it is.

use std::borrow::Cow;

use crate::mail::{Attachment, Defect, Digest, PartCounts, clean_line};

use super::field::{self, Typed};
use super::tree::{Kind, Part, Tree};
use super::uuencode::{self, UuFile};
use super::{charset, flowed, transfer};

/// So much of the decoded words is read; what is behind them stays in the stored mail (mail-rules section 6: opaque).
pub const MAX_TEXT_BYTES: usize = 8 << 20;

/// The parts that make up the body, by their index in the tree.
#[derive(Debug, Default)]
pub struct Layout {
    pub text: Vec<usize>,
    pub html: Vec<usize>,
    pub attachments: Vec<usize>,
    /// Of the texts those that end with the mail and not at a delimiter, or whose encoding is none: shown, and kept as files
    /// as well, since what is shown may not be all.
    pub doubtful: Vec<usize>,
}

/// The two bodies of an alternative; `None` once the other form was found to be the whole.
struct Sorter<'t, 'a> {
    parts: &'t [Part<'a>],
    layout: Layout,
    text_ended: bool,
    html_ended: bool,
}

pub fn layout(raw: &[u8], tree: &Tree<'_>) -> Layout {
    let mut sorter = Sorter { parts: &tree.parts, layout: Layout::default(), text_ended: false, html_ended: false };
    if !tree.parts.is_empty() {
        sorter.sort(&[0], "mixed", false);
    }
    let mut layout = sorter.layout;
    let doubtful = |at: &usize| {
        let part = &tree.parts[*at];
        part.mime_type.starts_with("text/") && (part.is_cut_off || is_misencoded(raw, part)) && *at > 0
    };
    layout.doubtful = layout.text.iter().chain(&layout.html).copied().filter(doubtful).collect();
    layout.doubtful.sort_unstable();
    layout.doubtful.dedup();
    layout.attachments.extend_from_slice(&layout.doubtful);
    layout
}

impl Sorter<'_, '_> {
    /// RFC 8621 section 4.1.4, `parseStructure`. Depth is bounded by the tree's.
    fn sort(&mut self, parts: &[usize], multipart: &str, in_alternative: bool) {
        let before = (self.layout.text.len(), self.layout.html.len());
        let was_ended = (self.text_ended, self.html_ended);
        for (place, index) in parts.iter().enumerate() {
            let part = &self.parts[*index];
            // RFC 2046 section 5.1: a part may consist of fields alone. Then it has no words, and is no file without a name.
            if part.header.is_bodiless && *index > 0 && part.kind == Kind::Leaf && name_of(part).is_none() {
                continue;
            }
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
    cleaned(&name)
}

fn cleaned(name: &str) -> Option<String> {
    let name: String = clean_line(name).chars().map(|c| if matches!(c, '/' | '\\') { '_' } else { c }).collect();
    let name = name.trim().trim_start_matches("..").to_owned();
    (!name.is_empty()).then(|| name.chars().take(200).collect())
}

fn encoding(part: &Part<'_>) -> Option<Vec<u8>> {
    part.header.get("Content-Transfer-Encoding").map(|v| v.trim_ascii().to_ascii_lowercase())
}

/// Says that it is base64, and is not.
fn is_misencoded(raw: &[u8], part: &Part<'_>) -> bool {
    let body = &raw[part.body.clone()];
    let is_base64 = encoding(part).is_some_and(|label| label.starts_with(b"base64"));
    is_base64 && !body.trim_ascii().is_empty() && !transfer::looks_base64(body)
}

/// The decoded bytes of a part; of an embedded mail its raw ones.
pub fn bytes<'a>(raw: &'a [u8], part: &Part<'_>) -> Cow<'a, [u8]> {
    let body = &raw[part.body.clone()];
    match encoding(part).as_deref() {
        Some(label) if label.starts_with(b"base64") && transfer::looks_base64(body) => {
            Cow::Owned(transfer::base64(body))
        }
        Some(label) if label.starts_with(b"quoted-printable") => Cow::Owned(transfer::quoted_printable(body)),
        Some(b"x-uuencode" | b"uuencode" | b"x-uue" | b"x-uu" | b"uue") => Cow::Owned(uuencode::decoded(body)),
        _ => Cow::Borrowed(body),
    }
}

/// What was read of text parts so far, within [`MAX_TEXT_BYTES`].
pub struct Reader<'m> {
    pub raw: &'m [u8],
    pub defects: &'m mut Vec<Defect>,
    pub left: usize,
}

impl Reader<'_> {
    /// The words of a text part, line ends as `\n`; files that stand uuencoded among them are left out.
    pub fn text(&mut self, part: &Part<'_>) -> String {
        let decoded = bytes(self.raw, part);
        let split = if part.mime_type == "text/plain" { uuencode::split(&decoded) } else { None };
        let bytes = split.as_ref().map_or(&*decoded, |(rest, _)| rest.as_slice());
        let bytes = self.within_limit(bytes);
        let is_html = part.mime_type == "text/html";
        let meta = || if is_html { super::html::charset(bytes) } else { None };
        let label = part.content_type.param("charset").map(str::to_owned).or_else(meta);
        let (text, fits) = charset::to_utf8(bytes, label.as_deref());
        self.flag(Defect::UnknownCharset, !fits);
        self.flag(Defect::WrongEncoding, is_misencoded(self.raw, part));
        self.flag(Defect::Truncated, part.is_cut_off);
        let text = plain_line_ends(text);
        let flows = part.content_type.param("format").is_some_and(|f| f.eq_ignore_ascii_case("flowed"));
        match flows && part.mime_type == "text/plain" {
            true => flowed::unwrapped(
                &text,
                part.content_type.param("delsp").is_some_and(|d| d.eq_ignore_ascii_case("yes")),
            ),
            false => text,
        }
    }

    fn within_limit<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let most = bytes.len().min(self.left);
        self.left -= most;
        self.flag(Defect::TextTooLong, most < bytes.len());
        &bytes[..most]
    }

    fn flag(&mut self, defect: Defect, is_so: bool) {
        if is_so && !self.defects.contains(&defect) {
            self.defects.push(defect);
        }
    }
}

/// The words of a text part, line ends as `\n`.
pub fn text(raw: &[u8], part: &Part<'_>, defects: &mut Vec<Defect>) -> String {
    Reader { raw, defects, left: MAX_TEXT_BYTES }.text(part)
}

/// Files that stand uuencoded in the words of the body.
pub fn uuencoded(raw: &[u8], tree: &Tree<'_>, layout: &Layout) -> Vec<UuFile> {
    let plain = layout.text.iter().map(|at| &tree.parts[*at]).filter(|part| part.mime_type == "text/plain");
    plain.filter_map(|part| uuencode::split(&bytes(raw, part))).flat_map(|(_, files)| files).collect()
}

/// Lines end in `\n`, and there is no NUL. One copy at most: a text may be large.
fn plain_line_ends(text: String) -> String {
    if !text.contains(['\r', '\0']) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['\r', '\0']) {
        out.push_str(&rest[..at]);
        let ends_line = rest.as_bytes()[at] == b'\r';
        rest = &rest[at + 1..];
        if ends_line && !rest.starts_with('\n') {
            out.push('\n');
        }
    }
    out.push_str(rest);
    out
}

pub fn attachment(raw: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> Attachment {
    let decoded = bytes(raw, part);
    let content_id = part.header.get("Content-ID").map(header_id);
    let disposition = disposition(part).map(|d| d.kind);
    let shown = disposition.as_deref() == Some("inline") || disposition.is_none() && content_id.is_some();
    Attachment {
        name: name_of(part).or_else(|| mail_name(tree, part)).or_else(|| described(part)),
        mime_type: part.mime_type.clone(),
        size_bytes: decoded.len(),
        sha256: Digest::of(&decoded),
        inline: shown,
        content_id,
    }
}

/// A file that stood uuencoded in the words. Nothing says of what type it is.
pub fn uu_attachment(file: &UuFile) -> Attachment {
    Attachment {
        name: cleaned(&file.name),
        mime_type: "application/octet-stream".to_owned(),
        size_bytes: file.bytes.len(),
        sha256: Digest::of(&file.bytes),
        inline: false,
        content_id: None,
    }
}

/// A mail inside the mail is known by its subject.
fn mail_name(tree: &Tree<'_>, part: &Part<'_>) -> Option<String> {
    let inner = tree.parts.get(*part.children.first()?).filter(|_| part.kind == Kind::Message)?;
    let subject = field::text(inner.header.get("Subject")?);
    let name: String = subject.chars().map(|c| if matches!(c, '/' | '\\') { '_' } else { c }).take(120).collect();
    (!name.is_empty()).then(|| format!("{name}.eml"))
}

/// Without a name the description is one (RFC 2045 section 8), with the ending of its type.
fn described(part: &Part<'_>) -> Option<String> {
    let name = cleaned(&field::text(part.header.get("Content-Description")?))?;
    let ending = match part.mime_type.as_str() {
        "message/rfc822" | "message/global" => ".eml",
        "text/html" => ".html",
        "text/calendar" => ".ics",
        "application/pdf" => ".pdf",
        "image/jpeg" => ".jpg",
        "image/png" => ".png",
        "image/gif" => ".gif",
        "application/zip" => ".zip",
        other if other.starts_with("text/") || other.starts_with("message/") => ".txt",
        _ => "",
    };
    let has_one = name.to_ascii_lowercase().ends_with(ending);
    Some(if has_one { name } else { format!("{name}{ending}") })
}

fn header_id(value: &[u8]) -> String {
    field::text(value).trim_matches(|c| c == '<' || c == '>').to_owned()
}

/// Parts of the whole tree, embedded messages walked too.
pub fn counts(tree: &Tree<'_>, layout: &Layout) -> PartCounts {
    let of = |is: fn(&&Part<'_>) -> bool| tree.parts.iter().filter(is).count();
    let whole = |list: &[usize]| list.iter().filter(|at| !layout.doubtful.contains(at)).count();
    PartCounts {
        text: whole(&layout.text),
        html: whole(&layout.html),
        leaf: of(|p| p.kind == Kind::Leaf && !p.is_undivided),
        multipart: of(|p| p.kind == Kind::Multipart || p.is_undivided),
        embedded: of(|p| p.kind == Kind::Message),
    }
}
