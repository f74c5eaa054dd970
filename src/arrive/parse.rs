//! Raw bytes to [`Mail`]: never fails, never panics, in time that grows with the bytes. A broken mail is a `Mail` with
//! its defects listed; the raw bytes stay in the store, so nothing that is not understood here is lost.
//!
//! RFC 5322, RFC 2045 to 2049, RFC 8621 section 4.1.4 (which parts are the body). The work is bounded by the limits of
//! mail-rules section 6 while the bytes are first walked (`header`, `tree`); mail-parser sees single dates only.

mod body;
mod calendar;
mod charset;
mod detect;
mod digest;
mod eight_bit;
mod field;
mod flowed;
mod header;
mod language;
mod mailbox;
pub(super) mod opened;
mod param;
mod report;
mod rescue;
mod seven_bit;
mod transfer;
mod tree;
mod utf_7;
mod uuencode;
mod words;
mod wrapped;

use std::borrow::Cow;

use crate::mail::{Defect, Header, Mail, Party, ReturnPath};

use super::{html, text};
use body::Layout;
use header::Block;
pub(super) use opened::open;
use tree::{Kind, Tree};

const MAX_REFERENCES: usize = 100;
const MAX_ADDRESSES: usize = 500;
/// Mails in mails that hide behind a transfer encoding are opened so deep.
const MAX_WRAPPINGS: usize = 4;

/// Reads a mail. All that was broken about it is in `defects`.
pub fn parse(raw: &[u8]) -> Mail {
    with_tree(raw, read)
}

/// Gives the bytes to be read and the tree of their parts to `read`: line ends mended, mails inside unwrapped.
fn with_tree<T>(raw: &[u8], read: impl FnOnce(&[u8], &Tree<'_>) -> T) -> T {
    let mut bytes = with_line_feeds(raw);
    for _ in 0..MAX_WRAPPINGS {
        let tree = tree::build(&bytes);
        match wrapped::unwrapped(&bytes, &tree) {
            None => return read(&bytes, &tree),
            Some(unwrapped) => bytes = Cow::Owned(unwrapped),
        }
    }
    read(&bytes, &tree::build(&bytes))
}

fn read(raw: &[u8], tree: &Tree<'_>) -> Mail {
    let mut mail = Mail { defects: tree.defects.clone(), ..Mail::default() };
    let Some(root) = tree.parts.first() else { return mail };
    read_header(&mut mail, &root.header);
    structure_defects(&mut mail, tree);
    let layout = body::layout(raw, tree);
    mail.parts = body::counts(tree, &layout);
    read_body(&mut mail, raw, tree, &layout);
    mail.attachments = layout.attachments.iter().map(|at| body::attachment(raw, tree, &tree.parts[*at])).collect();
    mail.attachments.extend(body::uuencoded(raw, tree, &layout).iter().map(body::uu_attachment));
    (mail.report, mail.returned) = report::read(raw, tree);
    mail.calendar_method = calendar::method(raw, tree);
    mail.digest = digest::of(&mail);
    mail
}

/// The decoded bytes of the attachment that stands at `index` in `Mail.attachments`; `None` where there is none.
pub fn attachment_bytes(raw: &[u8], index: usize) -> Option<Vec<u8>> {
    with_tree(raw, |raw, tree| {
        let layout = body::layout(raw, tree);
        match layout.attachments.get(index) {
            Some(at) => Some(body::bytes(raw, tree.parts.get(*at)?).into_owned()),
            None => {
                let files = body::uuencoded(raw, tree, &layout);
                files.into_iter().nth(index - layout.attachments.len()).map(|file| file.bytes)
            }
        }
    })
}

/// A decoded plain body without a header, as it is stored in test data: its words, its newly written words.
pub fn plain_body(bytes: &[u8]) -> (String, String) {
    let words = charset::to_utf8(bytes, None).0.replace("\r\n", "\n");
    let new = text::new_words(&words);
    (words, new)
}

/// Mail whose lines end in bare CR only (RFC 5322 section 2.3 forbids it; old exports hold it).
fn with_line_feeds(raw: &[u8]) -> Cow<'_, [u8]> {
    let head = &raw[..raw.len().min(4096)];
    if head.contains(&b'\n') || !head.contains(&b'\r') {
        return Cow::Borrowed(raw);
    }
    Cow::Owned(raw.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect())
}

fn read_header(mail: &mut Mail, block: &Block<'_>) {
    let own = |f: &header::Field<'_>| Header { name: f.name.to_owned(), value: header::unfold(&f.value) };
    mail.headers = block.fields.iter().map(own).collect();
    if mail.headers.is_empty() {
        mail.defects.push(Defect::NoHeader);
    }
    read_people(mail, block);
    read_ids(mail, block);
    mail.subject = block.get("Subject").map(field::text).filter(|s| !s.is_empty());
    let date = block.get("Date");
    mail.date = date.and_then(field::date);
    if date.is_some() && mail.date.is_none() {
        mail.defects.push(Defect::UnreadableDate);
    }
    mail.return_path = return_path(block);
}

/// Google Groups writes both; other lists one of them.
fn original_from(block: &Block<'_>) -> Option<Party> {
    let value = block.get("X-Original-From").or_else(|| block.get("X-Original-Sender"))?;
    let found = field::parties(value);
    found.list.into_iter().next().filter(|_| found.named == 1)
}

fn read_people(mail: &mut Mail, block: &Block<'_>) {
    mail.from_fields = block.all("From").count();
    mail.from_text = block.get("From").map(field::text).unwrap_or_default();
    mail.original_from = original_from(block);
    let mut left = MAX_ADDRESSES;
    let mut named_from = 0;
    for (name, into) in [("From", 0), ("Reply-To", 1), ("To", 2), ("Cc", 3)] {
        let mut list: Vec<Party> = Vec::new();
        for value in block.all(name) {
            let found = field::parties(value);
            named_from += if into == 0 { found.named } else { 0 };
            list.extend(found.list);
        }
        if list.len() > left {
            list.truncate(left);
            mail.defects.push(Defect::TooManyAddresses);
        }
        left -= list.len();
        *[&mut mail.from, &mut mail.reply_to, &mut mail.to, &mut mail.cc][into] = list;
    }
    if mail.from_fields == 0 || named_from == 0 {
        mail.defects.push(Defect::NoFrom);
    }
    if mail.from_fields > 1 || named_from > 1 {
        mail.defects.push(Defect::SeveralFrom);
    }
}

fn read_ids(mail: &mut Mail, block: &Block<'_>) {
    mail.message_id = block.get("Message-ID").and_then(field::own_id);
    if mail.message_id.is_none() {
        mail.defects.push(Defect::NoMessageId);
    }
    let ids = |name: &str| block.get(name).map(|v| field::ids(v, MAX_REFERENCES)).unwrap_or_default();
    let (answered, cut) = ids("In-Reply-To");
    let (references, more) = ids("References");
    (mail.in_reply_to, mail.references) = (answered, references);
    if cut || more {
        mail.defects.push(Defect::TooManyReferences);
    }
}

fn return_path(block: &Block<'_>) -> ReturnPath {
    let Some(value) = block.get("Return-Path") else { return ReturnPath::Absent };
    let text = header::unfold(value);
    let bare: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if matches!(bare.as_str(), "<>" | "") {
        return ReturnPath::Null;
    }
    match field::parties(value).list.into_iter().next() {
        Some(party) => ReturnPath::Address(party.address),
        None => ReturnPath::Unreadable,
    }
}

/// What makes readers disagree about a mail (mail-rules section 2, row 5).
fn structure_defects(mail: &mut Mail, tree: &Tree<'_>) {
    if tree.parts[0].header.all("Content-Type").count() > 1 {
        mail.defects.push(Defect::DuplicateContentType);
    }
    let doubled = |p: &tree::Part<'_>| p.content_type.params.iter().filter(|(name, _)| name == "boundary").count() > 1;
    if tree.parts.iter().any(|p| p.kind == Kind::Multipart && doubled(p)) {
        mail.defects.push(Defect::DuplicateBoundary);
    }
}

/// The two forms of the words.
struct Bodies {
    /// Blank where the HTML is all there is.
    plain: String,
    html: Option<String>,
}

fn bodies(raw: &[u8], tree: &Tree<'_>, layout: &Layout, defects: &mut Vec<Defect>) -> Bodies {
    let of_type = |list: &[usize], kind: &str| -> Vec<usize> {
        list.iter().copied().filter(|at| tree.parts[*at].mime_type == kind).collect()
    };
    let mut reader = body::Reader { raw, defects, left: body::MAX_TEXT_BYTES };
    let mut read = |list: &[usize]| -> Vec<String> { list.iter().map(|at| reader.text(&tree.parts[*at])).collect() };
    let mut plain = read(&of_type(&layout.text, "text/plain")).join("\n");
    let html = read(&of_type(&layout.html, "text/html"));
    let html = (!html.is_empty()).then(|| html.join("\n"));
    if plain.trim().is_empty() && html.is_some() {
        return Bodies { plain, html };
    }
    // HTML without a plain sibling, beside plain parts: part of the words too.
    let only_html: Vec<usize> = of_type(&layout.text, "text/html");
    for html in read(&only_html) {
        plain.push('\n');
        plain.push_str(&html::to_text(&html).text);
    }
    Bodies { plain, html }
}

fn read_body(mail: &mut Mail, raw: &[u8], tree: &Tree<'_>, layout: &Layout) {
    let Bodies { plain, html } = bodies(raw, tree, layout, &mut mail.defects);
    mail.html = html;
    if plain.trim().is_empty() && mail.html.is_some() {
        read_html(mail);
        return;
    }
    mail.text = plain;
    mail.new_text = text::new_words(&mail.text);
}

fn read_html(mail: &mut Mail) {
    let Some(source) = &mail.html else { return };
    let whole = html::to_text(source);
    mail.new_text = html::new_words(source, &whole.text);
    if !whole.readable {
        mail.defects.push(Defect::UnreadableHtml);
    }
    mail.text = whole.text;
}

/// The language of the words: as the writer's program says (RFC 3282), else guessed where that is reliable. Only where a
/// case is opened is it asked for, and a guess costs as much as all the rest of a mail.
pub fn language(mail: &Mail) -> Option<String> {
    if let Some(tag) = mail.header("Content-Language").and_then(language_tag) {
        return Some(tag);
    }
    language::of(&mail.new_text)
}

/// The first language of the field, without its region: `de-DE, en` is `de`.
fn language_tag(value: &str) -> Option<String> {
    let first = value.split([',', ';']).next()?.trim().split(['-', '_']).next()?.to_ascii_lowercase();
    ((2..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_lowercase())).then_some(first)
}

#[cfg(test)]
mod tests;
