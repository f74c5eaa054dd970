//! A machine's report about another mail: its fields as they stand (RFC 6522, 3464, 8098, 5965).
//!
//! Read only from parts of the mail itself, never from mails inside it: somebody who forwards a bounce has written
//! no bounce. Nothing here is believed; `classify` and the tokens decide what a report may do.

use crate::mail::{Address, RecipientReport, Report, ReportKind, Returned, clean_line};

use super::field;
use super::header::{self, Block};
use super::tree::{Kind, Part, Tree};
use super::words;
use super::{body, charset};

/// Recipients that one report may name.
const MAX_RECIPIENTS: usize = 200;

/// The report, and the mail that came back with it. A forwarded mail stands there just so: only the report, or the signs
/// of a mail system, make it one that came back.
pub fn read(raw: &[u8], tree: &Tree<'_>) -> (Option<Report>, Option<Returned>) {
    let own = own_parts(tree);
    let returned = own.iter().find_map(|part| returned(raw, tree, part));
    let mut report = own.iter().find_map(|part| status_part(raw, part)).or_else(|| declared(tree));
    if let Some(report) = &mut report
        && report.original_message_id.is_none()
    {
        report.original_message_id = returned.as_ref().and_then(|r| r.message_id.clone());
    }
    (report, returned)
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
    let recipients =
        groups.iter().flat_map(by_recipient).filter_map(|g| recipient(kind, &g)).take(MAX_RECIPIENTS).collect();
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

/// Fields of several recipients without the blank line between them: each Final-Recipient begins the next.
fn by_recipient<'a>(group: &Block<'a>) -> Vec<Block<'a>> {
    let mut split: Vec<Block<'a>> = vec![Block::default()];
    let begins = |f: &header::Field<'_>| f.name.eq_ignore_ascii_case("Final-Recipient");
    for field in &group.fields {
        if let Some(last) = split.last()
            && begins(field)
            && last.fields.iter().any(begins)
        {
            split.push(Block::default());
        }
        if let Some(last) = split.last_mut() {
            last.fields.push(field.clone());
        }
    }
    split
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
    let worded = |name: &str| group.get(name).map(decoded).filter(|v| !v.is_empty());
    let action = match kind {
        ReportKind::Disposition => one_line("Disposition").map(|d| disposition(&d)),
        _ => one_line("Action").map(|a| action(&a)),
    };
    Some(RecipientReport {
        recipient: names.iter().filter_map(|name| one_line(name)).find_map(|value| typed_address(&value)),
        action,
        status: one_line("Status").as_deref().and_then(status),
        diagnostic: judged(
            worded("Diagnostic-Code").or_else(|| worded("X-Diagnostic-Code")),
            one_line("X-PowerMTA-BounceCategory"),
        ),
        reason: None,
    })
}

/// PowerMTA writes beside the other server's answer what it takes it for: `bad-mailbox`, `quota-issues`.
fn judged(diagnostic: Option<String>, category: Option<String>) -> Option<String> {
    match (diagnostic, category) {
        (Some(said), Some(category)) => Some(format!("{said} ({category})")),
        (said, category) => said.or(category.map(|category| format!("({category})"))),
    }
}

/// RFC 3464 section 2.1.1 asks for ASCII; Domino and others write the words of their language, in its old charset.
fn decoded(value: &[u8]) -> String {
    clean_line(&words::decode(&header::on_one_line(&charset::to_utf8(value, None).0)))
}

/// `failed (no such mailbox)`, `Failure`, `delayed;`: one of the words of RFC 3464 section 2.3.3, or what stands there.
fn action(value: &str) -> String {
    let word = first_word(value).to_ascii_lowercase();
    let known = [
        ("fail", "failed"),
        ("delay", "delayed"),
        ("deliver", "delivered"),
        ("relay", "relayed"),
        ("expan", "expanded"),
    ];
    let known = known.into_iter().find(|(start, _)| word.starts_with(start)).map(|(_, name)| name);
    known.map_or(word, str::to_owned)
}

/// `automatic-action/MDN-sent-automatically; deleted/error`: the type behind the modes (RFC 8098 section 3.2.6).
fn disposition(value: &str) -> String {
    let kind = value.rsplit_once(';').map_or(value, |(_, kind)| kind).trim();
    kind.split(['/', ' ']).next().unwrap_or_default().to_ascii_lowercase()
}

/// The code of a Status field among whatever stands there: `5.1.1 (unknown)`, `554 5.7.1`.
fn status(value: &str) -> Option<String> {
    let is_code = |word: &&str| {
        let parts: Vec<&str> = word.split('.').collect();
        let digits = |p: &&str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
        parts.len() == 3 && matches!(parts[0], "2" | "4" | "5") && parts[1..].iter().all(digits)
    };
    value.split(|c: char| !c.is_ascii_digit() && c != '.').map(|w| w.trim_matches('.')).find(is_code).map(str::to_owned)
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ';' | ',')).next().unwrap_or_default()
}

/// `rfc822; mei@example`: an address type and an address (RFC 3464 section 2.3.2). Some write the type twice, or none.
fn typed_address(value: &str) -> Option<Address> {
    let bare = value.rsplit_once(';').map_or(value, |(_, rest)| rest).trim();
    Address::parse(bare).or_else(|| field::parties(bare.as_bytes()).list.into_iter().next().map(|p| p.address))
}

/// The mail that came back, whole or only its header.
fn returned(raw: &[u8], tree: &Tree<'_>, part: &Part<'_>) -> Option<Returned> {
    match (part.kind, part.mime_type.as_str()) {
        (Kind::Message, _) => named_by(&tree.parts[*part.children.first()?].header),
        (
            _,
            "text/rfc822-headers"
            | "text/rfc822-header"
            | "message/rfc822"
            | "message/rfc822-headers"
            | "message/global"
            | "message/global-headers",
        ) => {
            let bytes = body::bytes(raw, part);
            named_by(&header::read(&bytes, 0..bytes.len(), true))
        }
        _ => None,
    }
}

fn named_by(header: &Block<'_>) -> Option<Returned> {
    let message_id = header.get("Message-ID").and_then(field::own_id);
    let to = header.all("To").flat_map(|v| field::parties(v).list).map(|p| p.address).take(MAX_RECIPIENTS).collect();
    (!header.fields.is_empty()).then_some(Returned { message_id, to })
}
