//! The files that go along: what the writer attached, and the pictures that stand between their new words.
//!
//! Our notices carry the customer's pictures and mail programs quote them back: a picture that only the quoted part
//! shows stays here. Signatures of the transport would be broken ones in another mail, and stay too.

use std::collections::HashSet;

use crate::mail::{File, clean_line};

use super::cut::Cut;
use super::markup;

/// What vouches for the mail as it was sent to us, not for what we send (RFC 3156, RFC 8551 section 3.5).
const TRANSPORT: [&str; 3] =
    ["application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"];

/// A file that the writer attached. Beside a signature the program attached it, and it names their internal address.
const KEY: &str = "application/pgp-keys";

/// Files that are named where they did not fit.
const LEFT_OUT_NAMED: usize = 50;

/// Whole mails in forms that nobody here opens: Outlook's rich text, S/MIME, PGP, Outlook's own files. What they hold of a
/// quoted notice would go out unseen.
const OPAQUE: [&str; 6] = [
    "application/ms-tnef",
    "application/vnd.ms-tnef",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/pgp-encrypted",
    "application/vnd.ms-outlook",
];

pub(super) fn is_opaque(file: &File) -> bool {
    let name = file.name.as_deref().unwrap_or_default().to_ascii_lowercase();
    OPAQUE.contains(&file.mime_type.as_str())
        || name == "winmail.dat"
        || name.ends_with(".msg")
        || name.ends_with(".p7m")
}

/// What the HTML says about pictures.
pub(super) enum Shown<'a> {
    /// There is no HTML: nothing is shown between words.
    Nowhere,
    /// There is one, but it cannot be looked at.
    Unknown,
    In(&'a Cut),
}

/// The files that go along, none of them inline yet.
pub(super) fn going_along(files: Vec<File>, shown: &Shown<'_>) -> Vec<File> {
    let transport = |file: &File| TRANSPORT.contains(&file.mime_type.as_str());
    let signed = files.iter().any(transport);
    let stays = |file: &File| transport(file) || signed && file.mime_type == KEY || only_quoted(file, shown);
    files.into_iter().filter(|file| !stays(file)).map(prepared).collect()
}

fn prepared(file: File) -> File {
    File { content_id: file.content_id.filter(|id| is_plain_id(id)), inline: false, ..file }
}

fn only_quoted(file: &File, shown: &Shown<'_>) -> bool {
    let Some(id) = file.content_id.as_ref().filter(|_| file.mime_type.starts_with("image/")) else { return false };
    match shown {
        Shown::Nowhere => false,
        Shown::Unknown => true,
        Shown::In(cut) => cut.pictures_in_all.contains(id) && !cut.pictures.contains(id),
    }
}

/// HTML without pictures that no file goes along for.
pub(super) fn with_own_pictures(html: &str, files: &[File]) -> String {
    let ids: HashSet<&str> = files.iter().filter_map(|file| file.content_id.as_deref()).collect();
    let page = markup::read(html);
    let stays = |token: &&markup::Token<'_>| {
        let image = token.kind == markup::Kind::Void("img");
        !image || picture_id(token.source).is_some_and(|id| ids.contains(id.as_str()))
    };
    page.tokens.iter().filter(stays).map(|token| token.source).collect()
}

/// Files that the HTML shows are inline, each name once; all others are attached.
pub(super) fn place(files: &mut [File], html: Option<&str>) {
    let tokens = html.map(|html| markup::read(html).tokens).unwrap_or_default();
    let images = tokens.iter().filter(|token| token.kind == markup::Kind::Void("img"));
    let mut shown: HashSet<String> = images.filter_map(|image| picture_id(image.source)).collect();
    for file in files {
        file.inline = file.content_id.as_ref().is_some_and(|id| shown.remove(id));
    }
}

/// The Content-ID that an `img` names (RFC 2392: percent-encoded behind `cid:`).
pub(super) fn picture_id(tag: &str) -> Option<String> {
    let source = markup::attribute(tag, "src")?;
    let scheme = source.get(..4)?;
    let id = scheme.eq_ignore_ascii_case("cid:").then(|| &source[4..])?;
    Some(super::leak::percent_decoded(id).unwrap_or_else(|| id.to_owned()))
}

/// A list of files that were too large to come along; `None` where all did.
pub(super) fn left_out(files: &[File]) -> Option<File> {
    if files.is_empty() {
        return None;
    }
    let name = |file: &File| clean_line(file.name.as_deref().unwrap_or(&file.mime_type));
    let line = |file: &File| format!("{} ({})\r\n", name(file), size(file.bytes.len()));
    let named: String = files.iter().take(LEFT_OUT_NAMED).map(line).collect();
    let more = match files.len().saturating_sub(LEFT_OUT_NAMED) {
        0 => String::new(),
        more => format!("and {more} more\r\n"),
    };
    let words = "Too large to come along; they are in the mail itself, in the mailbox that it came to:\r\n\r\n";
    Some(File {
        name: Some("not attached.txt".into()),
        mime_type: "text/plain".into(),
        bytes: format!("{words}{named}{more}").into_bytes(),
        ..File::default()
    })
}

fn size(bytes: usize) -> String {
    match bytes / 100_000 {
        tenths @ 1.. => format!("{}.{} MB", tenths / 10, tenths % 10),
        0 => format!("{bytes} bytes"),
    }
}

/// One that can stand in a header as it is (RFC 5322 section 3.6.4, without its exotic forms).
fn is_plain_id(id: &str) -> bool {
    (1..=200).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic() && !b"<>()\\\"".contains(&b))
}
