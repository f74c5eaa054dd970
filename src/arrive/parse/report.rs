//! A machine's report about another mail: its fields as they stand (RFC 6522, 3464, 8098, 5965).
//!
//! Read only from parts of the mail itself, never from mails inside it: somebody who forwards a bounce has written
//! no bounce. Nothing here is believed; `classify` and the tokens decide what a report may do.

use crate::mail::{Address, MessageId, RecipientReport, Report, ReportKind, clean_line};

use super::body;
use super::field;
use super::header::{self, Block};
use super::tree::{Kind, Part, Tree};

/// Recipients that one report may name.
const MAX_RECIPIENTS: usize = 200;

pub fn read(raw: &[u8], tree: &Tree<'_>) -> Option<Report> {
    let own = own_parts(tree);
    let mut report = own.iter().find_map(|part| status_part(raw, part)).or_else(|| declared(tree))?;
    if report.original_message_id.is_none() {
        report.original_message_id = own.iter().find_map(|part| returned_id(raw, tree, part));
    }
    Some(report)
}

/// All parts but those inside an embedded mail.
fn own_parts<'t, 'a>(tree: &'t Tree<'a>) -> Vec<&'t Part<'a>> {
    let mut own = Vec::new();
    let mut queue: Vec<usize> = if tree.parts.is_empty() { Vec::new() } else { vec![0] };
    while let Some(index) = queue.pop() {
        let part = &tree.parts[index];
        own.push(part);
        if part.kind == Kind::Multipart {
            queue.extend(part.children.iter().rev());
        }
    }
    own
}

fn status_part(raw: &[u8], part: &Part<'_>) -> Option<Report> {
    let kind = match part.mime_type.as_str() {
        "message/delivery-status" | "message/global-delivery-status" => ReportKind::Delivery,
        "message/disposition-notification" | "message/global-disposition-notification" => ReportKind::Disposition,
        "message/feedback-report" => ReportKind::Feedback,
        _ => return None,
    };
    let bytes = body::bytes(raw, part);
    let groups = groups(&bytes);
    let original = groups.iter().find_map(|g| g.get("Original-Message-ID")).and_then(field::own_id);
    let recipients = groups.iter().filter_map(|g| recipient(kind, g)).take(MAX_RECIPIENTS).collect();
    Some(Report { kind, recipients, original_message_id: original })
}

/// `multipart/report` without a part that could be read.
fn declared(tree: &Tree<'_>) -> Option<Report> {
    let root = tree.parts.first().filter(|root| root.mime_type == "multipart/report")?;
    let kind = match root.content_type.param("report-type").map(str::to_ascii_lowercase).as_deref() {
        Some("disposition-notification") => ReportKind::Disposition,
        Some("feedback-report") => ReportKind::Feedback,
        _ => ReportKind::Delivery,
    };
    Some(Report { kind, recipients: Vec::new(), original_message_id: None })
}

/// Groups of fields with blank lines between them (RFC 3464 section 2.1).
fn groups(bytes: &[u8]) -> Vec<Block<'_>> {
    let mut groups = Vec::new();
    let mut at = 0;
    while at < bytes.len() && groups.len() < MAX_RECIPIENTS {
        let block = header::read(bytes, at..bytes.len(), false);
        // A line that is no field: step over it, so that the rest is still read.
        let next =
            block.body_at.max(if block.fields.is_empty() { header::line_end(bytes, at, bytes.len()) } else { at + 1 });
        if !block.fields.is_empty() {
            groups.push(block);
        }
        at = next;
    }
    groups
}

fn recipient(kind: ReportKind, group: &Block<'_>) -> Option<RecipientReport> {
    let names: &[&str] = match kind {
        ReportKind::Feedback => &["Original-Rcpt-To", "Removal-Recipient"],
        _ => &["Final-Recipient", "Original-Recipient", "X-Actual-Recipient"],
    };
    if !names.iter().any(|name| group.get(name).is_some()) && group.get("Action").is_none() {
        return None;
    }
    let one_line = |name: &str| group.get(name).map(|v| clean_line(&header::unfold(v))).filter(|v| !v.is_empty());
    Some(RecipientReport {
        recipient: names.iter().filter_map(|name| one_line(name)).find_map(|value| typed_address(&value)),
        action: one_line("Action").map(|a| first_word(&a).to_ascii_lowercase()),
        status: one_line("Status").map(|s| first_word(&s).to_owned()),
        diagnostic: one_line("Diagnostic-Code"),
    })
}

fn first_word(text: &str) -> &str {
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ';' | ',')).next().unwrap_or_default()
}

/// `rfc822; mei@example`: an address type and an address (RFC 3464 section 2.3.2).
fn typed_address(value: &str) -> Option<Address> {
    let bare = value.split_once(';').map_or(value, |(_, rest)| rest).trim();
    Address::parse(bare).or_else(|| field::parties(bare.as_bytes()).list.into_iter().next().map(|p| p.address))
}

/// The Message-ID of the mail that came back, whole or only its header.
fn returned_id(raw: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> Option<MessageId> {
    match (part.kind, part.mime_type.as_str()) {
        (Kind::Message, _) => tree.parts[*part.children.first()?].header.get("Message-ID").and_then(field::own_id),
        (_, "text/rfc822-headers" | "message/rfc822" | "message/rfc822-headers") => {
            let bytes = body::bytes(raw, part);
            header::read(&bytes, 0..bytes.len(), true).get("Message-ID").and_then(field::own_id)
        }
        _ => None,
    }
}
