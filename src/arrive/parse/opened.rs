//! A mail taken apart for passing on: its two bodies, its files with their bytes, and the words inside a file.
//!
//! The same parts as in `Mail`, but nothing is folded, and nothing is said about who wrote it.

use crate::arrive::html;
use crate::mail::File;

use super::tree::{Kind, Part, Tree};
use super::uuencode::UuFile;
use super::{Bodies, MAX_WRAPPINGS, body, charset, field, tree, with_line_feeds, with_tree};

#[derive(Debug, Default)]
pub struct Opened {
    /// Decoded; empty where there is none.
    pub subject: String,
    /// The plain part, and HTML parts that stand beside it; blank where the HTML is all there is.
    pub plain: String,
    /// As sent, not sanitised.
    pub html: Option<String>,
    /// Their `inline` as the mail says.
    pub files: Vec<File>,
}

/// Takes a mail apart.
pub fn open(raw: &[u8]) -> Opened {
    with_tree(raw, opened)
}

fn opened(raw: &[u8], tree: &Tree<'_>) -> Opened {
    if tree.parts.is_empty() {
        return Opened::default();
    }
    let layout = body::layout(raw, tree);
    let Bodies { plain, html } = super::bodies(raw, tree, &layout, &mut Vec::new());
    let forms = other_forms(tree);
    // Of a text that may not be whole the words are all that is passed on: as a file it would hold what was quoted.
    let kept = layout.attachments.iter().filter(|at| !forms.contains(at) && !layout.doubtful.contains(at));
    let uuencoded = body::uuencoded(raw, tree, &layout).into_iter().map(uu_file);
    let subject = tree.parts[0].header.get("Subject").map(field::text).unwrap_or_default();
    Opened { subject, plain, html, files: kept.map(|at| file(raw, tree, &tree.parts[*at])).chain(uuencoded).collect() }
}

fn uu_file(file: UuFile) -> File {
    let known = body::uu_attachment(&file);
    File { name: known.name, mime_type: known.mime_type, bytes: file.bytes, content_id: None, inline: false }
}

/// Further forms of the body itself (AMP, enriched text): they hold what was quoted, and are no files (RFC 2046 section
/// 5.1.4). An invitation is one that people want.
fn other_forms(tree: &Tree<'_>) -> Vec<usize> {
    let alternatives = tree.parts.iter().filter(|part| part.mime_type == "multipart/alternative");
    let forms = alternatives.flat_map(|part| part.children.iter().copied());
    forms
        .filter(|at| tree.parts[*at].mime_type.starts_with("text/") && tree.parts[*at].mime_type != "text/calendar")
        .collect()
}

fn file(raw: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> File {
    let known = body::attachment(raw, tree, part);
    File {
        name: known.name,
        mime_type: known.mime_type,
        bytes: body::bytes(raw, part).into_owned(),
        content_id: known.content_id,
        inline: known.inline,
    }
}

/// All words of an attached mail or text, decoded: header fields, and every text in it, HTML also without its tags.
/// Nothing of other files. What it is its bytes say: names and types are whatever the program beside them knew.
pub fn words_within(file: &File) -> Vec<String> {
    if is_mail(&file.mime_type) {
        return words_of_mail(&file.bytes);
    }
    if !file.mime_type.starts_with("text/") && !is_text(&file.bytes) {
        return Vec::new();
    }
    let mut found = words_of_text(charset::to_utf8(&file.bytes, None).0);
    for mail in kept_mails(&file.bytes) {
        found.extend(words_of_mail(mail));
    }
    found
}

/// UTF-8 without control characters, or UTF-16 that says so.
fn is_text(bytes: &[u8]) -> bool {
    let marked = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    marked || std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0'))
}

/// The mails of a file that may be one (`.eml`, `.mht`), hold one behind its length (`.emlx`), or many (mbox, RFC 4155).
fn kept_mails(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const MANY: usize = 1000;
    let is_length = |line: &[u8]| line.trim_ascii().iter().all(u8::is_ascii_digit);
    let mut at = 0;
    let mut starts = vec![0];
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let next = at + line.len();
        if starts.len() < MANY && (line.starts_with(b"From ") || at == 0 && is_length(line)) {
            starts.push(next);
        }
        at = next;
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]).collect::<Vec<_>>();
    let mails = starts.into_iter().zip(ends).map(|(start, end)| &bytes[start..end]);
    mails.filter(|mail| mail.split(|b| *b == b'\n').next().is_some_and(|line| line.contains(&b':')))
}

fn is_mail(mime_type: &str) -> bool {
    matches!(mime_type, "message/rfc822" | "message/global" | "text/rfc822-headers")
}

fn words_of_mail(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![bytes.to_vec()];
    for _ in 0..MAX_WRAPPINGS {
        let mails = std::mem::take(&mut waiting);
        for mail in &mails {
            words_of_parts(&with_line_feeds(mail), &mut found, &mut waiting);
        }
    }
    // Deeper than anybody wraps a mail: as it stands.
    found.extend(waiting.iter().map(|mail| charset::to_utf8(mail, None).0));
    found
}

fn words_of_parts(raw: &[u8], found: &mut Vec<String>, waiting: &mut Vec<Vec<u8>>) {
    found.push(charset::to_utf8(raw, None).0);
    let tree = tree::build(raw);
    for part in &tree.parts {
        found.extend(part.header.fields.iter().map(|known| field::text(&known.value)));
        if part.kind != Kind::Leaf {
            continue;
        }
        if is_mail(&part.mime_type) {
            waiting.push(body::bytes(raw, part).into_owned());
        } else if part.mime_type.starts_with("text/") {
            found.extend(words_of_text(body::text(raw, part, &mut Vec::new())));
        }
    }
}

fn words_of_text(text: String) -> Vec<String> {
    let bare = text.contains('<').then(|| html::strip_tags(&text));
    std::iter::once(text).chain(bare).collect()
}
