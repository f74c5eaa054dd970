//! The body of a mail that carries a colleague's own words: text and HTML side by side, pictures, files.
//!
//! RFC 2046 section 5.1, RFC 2387, RFC 2392, RFC 2183. What a file is called and says it is comes from outside: a name
//! is cleaned, a type that cannot stand in a header becomes `application/octet-stream`. Same input, same bytes; nothing
//! here can fail. Whether the words may leave was settled before (`arrive::relay`).

use lettre::message::header::{ContentDisposition, ContentId, ContentTransferEncoding, ContentType};
use lettre::message::{Body, MultiPart, SinglePart};

use crate::mail::{File, Relayed, clean_line};

use super::{Context, wire};

const NAME_CHARS: usize = 150;
/// A longer one is no ending that a program would know a file by.
const ENDING_CHARS: usize = 12;

/// The body: an alternative, within a related where pictures stand in the HTML, within a mixed where files are attached.
pub fn body(relayed: &Relayed, ctx: &Context<'_>) -> MultiPart {
    layered(relayed, &ctx.tokens.boundary(ctx.letter))
}

fn layered(relayed: &Relayed, boundary: &str) -> MultiPart {
    let html = relayed.html.clone().unwrap_or_else(|| simple_html(&relayed.text));
    let words = level("multipart/alternative", 'a', boundary)
        .singlepart(wire::part(ContentType::TEXT_PLAIN, &relayed.text))
        .singlepart(wire::part(ContentType::TEXT_HTML, &html));
    let (pictures, attached): (Vec<&File>, Vec<&File>) =
        relayed.files.iter().partition(|file| relayed.html.is_some() && shown_as(file).is_some());
    let mut body = words;
    if !pictures.is_empty() {
        // RFC 2387 section 3.1 demands the type of the root part.
        let related = level("multipart/related; type=\"multipart/alternative\"", 'r', boundary).multipart(body);
        body = pictures.into_iter().map(picture).fold(related, MultiPart::singlepart);
    }
    with_attached(body, &attached, boundary)
}

/// A notice of ours, with the files of the customer's mail.
pub(super) fn with_files(notice: MultiPart, files: &[File], ctx: &Context<'_>) -> MultiPart {
    with_attached(notice, &files.iter().collect::<Vec<_>>(), &ctx.tokens.boundary(ctx.letter))
}

fn with_attached(body: MultiPart, attached: &[&File], boundary: &str) -> MultiPart {
    if attached.is_empty() {
        return body;
    }
    let mixed = level("multipart/mixed", 'm', boundary).multipart(body);
    attached.iter().map(|file| attachment(file)).fold(mixed, MultiPart::singlepart)
}

/// A multipart whose boundary is the letter's, with one more letter for its level: at most 49 of the 70 characters of
/// RFC 2046 section 5.1.1, and none the beginning of another, since a reader may look at the beginning of a line only.
fn level(kind: &str, level: char, boundary: &str) -> MultiPart {
    let kind = content_type(&format!("{kind}; boundary=\"{boundary}-{level}\""));
    MultiPart::builder().header(kind).build()
}

/// The name under which the HTML shows a picture; `None` for what is attached.
fn shown_as(file: &File) -> Option<&str> {
    let plain = |id: &&str| id.len() <= 200 && id.bytes().all(|b| b.is_ascii_graphic() && !b"<>()\\\"".contains(&b));
    file.content_id.as_deref().filter(|_| file.inline).filter(|id| !id.is_empty()).filter(plain)
}

fn picture(file: &File) -> SinglePart {
    let disposition = match name(file) {
        Some(name) => ContentDisposition::inline_with_name(&name),
        None => ContentDisposition::inline(),
    };
    let builder = SinglePart::builder().header(kind(file)).header(disposition);
    let id = shown_as(file).unwrap_or_default();
    builder.header(ContentId::from(format!("<{id}>"))).body(encoded(file))
}

fn attachment(file: &File) -> SinglePart {
    let name = name(file).unwrap_or_else(|| unnamed(&file.mime_type).to_owned());
    SinglePart::builder().header(kind(file)).header(ContentDisposition::attachment(&name)).body(encoded(file))
}

/// Cleaned again, however clean it came: a header is about to hold it, and a reader's disk.
fn name(file: &File) -> Option<String> {
    let line = clean_line(file.name.as_deref()?);
    let name: String = line.chars().map(|c| if is_forbidden(c) { '_' } else { c }).collect();
    let name = shortened(name.trim_start_matches(['.', ' ']));
    // Windows drops dots and blanks at the end, and with them what a guard looked at.
    let name = name.trim_end_matches(['.', ' ']);
    match name.is_empty() {
        true => None,
        false if is_reserved(name) => Some(format!("_{name}")),
        false => Some(name.to_owned()),
    }
}

/// Signs of paths, and what Windows forbids in a name.
fn is_forbidden(c: char) -> bool {
    matches!(c, '/' | '\\' | '"' | '<' | '>' | ':' | '|' | '?' | '*')
}

/// Names of devices on Windows, with any ending: to open one is to open the device.
fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$")
        || numbered.is_some_and(|n| {
            matches!(n, "\u{b9}" | "\u{b2}" | "\u{b3}") || n.len() == 1 && n.as_bytes()[0].is_ascii_digit()
        })
}

/// The ending stays: by it a reader's program knows what the file is.
fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_CHARS {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending).filter(|e| e.chars().count() <= ENDING_CHARS);
    let most = NAME_CHARS - ending.map_or(0, |e| e.chars().count() + 1);
    let head: String = name.chars().take(most).collect();
    ending.map_or(head.clone(), |ending| format!("{head}.{ending}"))
}

/// For a part without a name: one that its reader can open.
fn unnamed(mime_type: &str) -> &'static str {
    match mime_type {
        "text/calendar" => "invite.ics",
        "text/vcard" | "text/x-vcard" | "text/directory" => "contact.vcf",
        "text/plain" => "attachment.txt",
        "text/html" => "attachment.html",
        "text/csv" => "attachment.csv",
        "image/png" => "picture.png",
        "image/jpeg" => "picture.jpg",
        "image/gif" => "picture.gif",
        "image/webp" => "picture.webp",
        "image/heic" => "picture.heic",
        "application/pdf" => "attachment.pdf",
        "application/zip" => "attachment.zip",
        "application/pgp-keys" => "key.asc",
        "message/rfc822" | "message/global" => "mail.eml",
        _ => "attachment",
    }
}

/// The type as it was declared. A mail or multipart may not be base64 (RFC 2046 section 5.2.1, RFC 2045 section 6.4),
/// and here everything is: it goes as bytes, under its name.
fn kind(file: &File) -> ContentType {
    let token = |part: &str| {
        (1..=80).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    match file.mime_type.split_once('/') {
        Some((kind, sub)) if token(kind) && token(sub) && !matches!(kind, "message" | "multipart") => {
            let utf8 = kind == "text" && !file.bytes.is_ascii() && std::str::from_utf8(&file.bytes).is_ok();
            // RFC 2045 section 5.2: without it, a text is taken for ASCII.
            content_type(&format!("{}{}", file.mime_type, if utf8 { "; charset=utf-8" } else { "" }))
        }
        _ => content_type(BYTES),
    }
}

const BYTES: &str = "application/octet-stream";

fn content_type(text: &str) -> ContentType {
    ContentType::parse(text).or_else(|_| ContentType::parse(BYTES)).unwrap_or(ContentType::TEXT_PLAIN)
}

/// Base64 with lines of 76 (RFC 2045 section 6.8), whatever the bytes.
fn encoded(file: &File) -> Body {
    let mut base64 = data_encoding::BASE64.encode(&file.bytes).into_bytes();
    base64 = base64.chunks(76).collect::<Vec<_>>().join(&b"\r\n"[..]);
    Body::dangerous_pre_encoded(base64, ContentTransferEncoding::Base64)
}

/// The text as HTML of paragraphs and lines, indents kept, nothing in it alive.
fn simple_html(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    let mut open = false;
    for line in text.lines() {
        let words = line.trim();
        if words.is_empty() {
            html.push_str(if open { "</p>\n" } else { "" });
            open = false;
            continue;
        }
        html.push_str(if open { "<br>\n" } else { "<p>" });
        open = true;
        let indent = line.chars().take_while(|c| c.is_whitespace()).count().min(40);
        html.push_str(&"&nbsp;".repeat(indent));
        words.chars().for_each(|c| escape(c, &mut html));
    }
    html.push_str(if open { "</p>\n" } else { "" });
    html
}

fn escape(c: char, html: &mut String) {
    match c {
        '&' => html.push_str("&amp;"),
        '<' => html.push_str("&lt;"),
        '>' => html.push_str("&gt;"),
        '"' => html.push_str("&quot;"),
        other => html.push(other),
    }
}

#[cfg(test)]
mod tests;
