//! Mails inside a mail that stand in base64 or quoted-printable. RFC 2046 section 5.2.1 forbids that, and gateways, ticket
//! systems and archives do it: without their wrapping their parts, names and returned headers would not be found.

use std::ops::Range;

use super::tree::{Kind, Part, Tree};
use super::{body, header};

/// The mail with the mails in it unwrapped one level; `None` where there is none to unwrap.
pub fn unwrapped(raw: &[u8], tree: &Tree<'_>) -> Option<Vec<u8>> {
    let inner: Vec<Inner> = tree.parts.iter().filter_map(|part| inner(raw, tree, part)).collect();
    if inner.is_empty() {
        return None;
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut at = 0;
    for one in inner {
        out.extend_from_slice(&raw[at..one.label.start]);
        // Of the same length, so that nothing else moves: an empty label is none.
        out.extend(one.label.clone().map(|_| b' '));
        out.extend_from_slice(&raw[one.label.end..one.body.start]);
        // Some headers end without a blank line: what follows would go on with the fields of the mail inside.
        if !ends_in_blank_line(&out) {
            out.push(b'\n');
        }
        out.extend_from_slice(&one.mail);
        at = one.body.end;
    }
    out.extend_from_slice(&raw[at..]);
    Some(out)
}

fn ends_in_blank_line(header: &[u8]) -> bool {
    header.ends_with(b"\n\n") || header.ends_with(b"\n\r\n")
}

struct Inner {
    /// The value of its Content-Transfer-Encoding.
    label: Range<usize>,
    body: Range<usize>,
    mail: Vec<u8>,
}

fn inner(raw: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> Option<Inner> {
    let is_mail = matches!(part.mime_type.as_str(), "message/rfc822" | "message/global");
    if part.kind != Kind::Leaf || !is_mail || part.is_opaque {
        return None;
    }
    let value = part.header.get("Content-Transfer-Encoding")?;
    // Where it stands in the mail: a value that was made text anew does not.
    let start = (value.as_ptr() as usize)
        .checked_sub(raw.as_ptr() as usize)
        .filter(|at| at + value.len() <= part.body.start)?;
    let mail = body::bytes(raw, part).into_owned();
    let first = header::trim_eol(&mail[..header::line_end(&mail, 0, mail.len())]);
    let begins_as_mail = header::field_name(first).is_some() || first.starts_with(b"From ");
    let fits = begins_as_mail && !breaks_out(&mail, tree, part);
    fits.then(|| Inner { label: start..start + value.len(), body: part.body.clone(), mail })
}

/// A delimiter of the mail around it, inside it: unwrapped, it would end the part that it stands in.
fn breaks_out(mail: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> bool {
    let around = |other: &&Part<'_>| {
        other.kind == Kind::Multipart && other.body.start <= part.body.start && part.body.end <= other.body.end
    };
    let boundaries: Vec<&[u8]> = tree.parts.iter().filter(around).map(|p| p.boundary.trim_ascii_end()).collect();
    let delimits = |line: &[u8]| boundaries.iter().any(|boundary| line.starts_with(boundary));
    mail.split(|b| *b == b'\n').filter_map(|line| line.strip_prefix(b"--")).any(delimits)
}
