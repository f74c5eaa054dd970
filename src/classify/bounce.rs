//! Reports of non-delivery: the signs of one, and what it says about each recipient (rows 2 to 4 of mail-rules section 2).
//!
//! RFC 3464 where there are fields, the words of common mail servers where there are none. All of it can be forged: what
//! is read here is shown, and has an effect only with a valid `b` token (section 4 there). Never fails; what cannot be
//! read leaves its field empty. All searches are linear, and see only the first lines of a mail.

mod codes;
mod fields;
mod lists;
mod notice;
mod notification;
mod reasons;
mod recipients;
mod signs;
mod stage;

use std::cell::LazyCell;

use crate::mail::{Address, BounceReason, Mail, MessageId, RecipientReport, ReportKind, ReturnPath};

use self::notice::Notice;
use self::stage::Stage;
use super::{Bounce, BounceClass};

/// Row 3: a multipart/report, by its kind. A person who attaches the report that they got has an envelope of their own.
pub fn report_sign(mail: &Mail) -> Option<&'static str> {
    let kind = mail.header("Content-Type").unwrap_or_default().trim_start();
    let is_report = kind.get(..16).is_some_and(|start| start.eq_ignore_ascii_case("multipart/report"));
    let report = mail.report.as_ref().filter(|_| is_report || !signs::has_envelope(mail));
    report.map(|report| match report.kind {
        ReportKind::Delivery => "multipart/report: delivery-status",
        ReportKind::Disposition => "multipart/report: disposition-notification",
        ReportKind::Feedback => "multipart/report: feedback-report",
    })
}

/// Row 4: mail of a mail system, without a report that could be read.
pub fn sign(mail: &Mail) -> Option<String> {
    if let Some(sign) = signs::from_daemon(mail) {
        return Some(sign);
    }
    if mail.header("X-Failed-Recipients").is_some() {
        return Some("X-Failed-Recipients".to_owned());
    }
    if let Some(sign) = null_return_path(mail) {
        return Some(sign.to_owned());
    }
    if notification::read(mail).is_some() {
        return Some("a notification of Amazon SES".to_owned());
    }
    if signs::is_refused_by_list(mail) {
        return Some("X-MLServer and its subject".to_owned());
    }
    speaks_as_bounce(mail).then(|| "subject and words of a non-delivery report".to_owned())
}

/// "Delivery failed", and "my parcel was not delivered": customers write so too, and their mail must not be set aside.
/// A person's mail has an envelope (RFC 5321 section 4.5.5); a report names a code or a step, or brings the mail.
fn speaks_as_bounce(mail: &Mail) -> bool {
    if signs::has_envelope(mail) || !signs::is_subject(mail) {
        return false;
    }
    let notice = Notice::of(&mail.text);
    let words = notice.lines.join(" ");
    signs::says_undelivered(&notice)
        && (stage::in_words(&words).is_some()
            || notice.returned_field("Message-ID").is_some()
            || mail.returned.is_some())
}

/// RFC 3834 section 2 and RFC 5321 section 4.5.5: such mail is never answered.
pub fn null_return_path(mail: &Mail) -> Option<&'static str> {
    (mail.return_path == ReturnPath::Null).then_some("Return-Path: <>")
}

/// Is it about a mail that was not delivered, rather than only automatic with a null sender?
pub fn says_bounce(mail: &Mail) -> bool {
    signs::from_daemon(mail).is_some()
        || mail.header("X-Failed-Recipients").is_some()
        || signs::is_subject(mail)
        || notification::read(mail).is_some()
        || signs::is_refused_by_list(mail)
        || signs::says_undelivered(&Notice::of(&mail.text))
}

/// What the report says; `None` for read receipts and complaints, which are about no delivery.
pub fn read(mail: &Mail) -> Option<Bounce> {
    match mail.report.as_ref().map(|report| report.kind) {
        Some(ReportKind::Feedback) => None,
        Some(ReportKind::Disposition) => refused(mail),
        _ => Some(failure(mail)),
    }
}

/// The id of the mail that came back, as [`read`] finds it, without reading the rest.
pub fn returned_id(mail: &Mail) -> Option<MessageId> {
    match mail.report.as_ref().map(|report| report.kind) {
        Some(ReportKind::Feedback | ReportKind::Disposition) => read(mail)?.original_message_id,
        None if !says_bounce(mail) => None,
        _ => original_id(mail, &Notice::of(&mail.text)).or_else(|| notification::read(mail)?.original_message_id),
    }
}

fn failure(mail: &Mail) -> Bounce {
    // Row 2 takes whatever comes to a `+b.` address: of a vacation note there, no name is one that failed.
    if mail.report.is_none() && !says_bounce(mail) {
        return Bounce::default();
    }
    let notice = Notice::of(&mail.text);
    let notified = notification::read(mail);
    let transient = notified.as_ref().is_some_and(|n| n.transient);
    let notified_id = notified.as_ref().and_then(|n| n.original_message_id.clone());
    let mut reports = gathered(mail, &notice, notified.map(|n| n.reports));
    let waits = signs::says_delayed(mail, &notice);
    reports.iter_mut().for_each(|report| complete(report, &notice, waits));
    let delay = is_delay(&reports, waits);
    let guessed =
        || if delay || transient { Some(BounceClass::Transient) } else { guess_class(mail, &notice, &reports) };
    Bounce {
        class: class(&reports).or_else(guessed),
        hard: reports.iter().any(is_hard),
        delay,
        original_message_id: original_id(mail, &notice).or(notified_id),
        reports,
    }
}

/// Fields first, wherever they stand; words where there are none.
fn gathered(mail: &Mail, notice: &Notice<'_>, notified: Option<Vec<RecipientReport>>) -> Vec<RecipientReport> {
    let mut reports = mail.report.as_ref().map(|r| r.recipients.clone()).unwrap_or_default();
    if let [only] = &mut reports[..]
        && only.recipient.is_none()
    {
        only.recipient = recipients::only_one(mail, notice);
    }
    if reports.is_empty() {
        reports = notified.unwrap_or_default();
    }
    if reports.is_empty() {
        reports = fields::in_words(&notice.lines);
    }
    if reports.is_empty() {
        reports = recipients::reports(mail, notice);
    }
    reports
}

/// A read receipt that is none: sieve's `reject` and Dovecot answer so (RFC 5429 section 2.1.2). About the mail, not the
/// address, so it has no class and stops nothing (mail-rules section 4).
fn refused(mail: &Mail) -> Option<Bounce> {
    let report = mail.report.as_ref()?;
    let said_so = mail.header("Auto-Submitted").is_some_and(|v| v.contains("rejected")) || signs::is_subject(mail);
    let gone = |r: &RecipientReport| matches!(r.action.as_deref(), Some("deleted" | "denied" | "failed") | None);
    if !said_so || !report.recipients.iter().all(gone) {
        return None;
    }
    let notice = Notice::of(&mail.text);
    let mut reports = report.recipients.clone();
    for report in &mut reports {
        report.action = Some("failed".to_owned());
        complete(report, &notice, false);
    }
    let original_message_id = original_id(mail, &notice);
    Some(Bounce { reports, original_message_id, ..Bounce::default() })
}

/// A field that says little is helped by its own diagnostic, and that by the words for people.
fn complete(report: &mut RecipientReport, notice: &Notice<'_>, waits: bool) {
    let said = report.recipient.as_ref().and_then(|r| recipients::said_about(notice, r));
    if report.diagnostic.is_none() {
        report.diagnostic = said.clone();
    }
    if let Some(in_words) = report.diagnostic.as_deref().and_then(codes::status) {
        report.status = Some(better_status(report, in_words));
    }
    if report.action.is_none() && !report.succeeded() {
        report.action = Some(if waits { "delayed" } else { "failed" }.to_owned());
    }
    report.reason = reason(report, said.as_deref(), notice);
}

/// The field is the reporter's, the code in the diagnostic the other server's own: it counts where the field is vague, or
/// calls a failure what the server called the opposite class.
fn better_status(report: &RecipientReport, in_words: String) -> String {
    let Some(field) = &report.status else { return in_words };
    let same_class = field.get(..1) == in_words.get(..1);
    let vague = field.ends_with(".0.0") && same_class;
    let contradicts = !same_class
        && !field.starts_with('2')
        && report.action.as_deref() == Some("failed")
        && is_answer(report, &in_words);
    if vague || contradicts { in_words } else { field.clone() }
}

/// `550 5.5.0 ...`: reply and code agree, so both are the other server's.
fn is_answer(report: &RecipientReport, code: &str) -> bool {
    let reply = report.diagnostic.as_deref().and_then(codes::reply);
    reply.is_some_and(|reply| reply.get(..1) == code.get(..1))
}

fn reason(report: &RecipientReport, said: Option<&str>, notice: &Notice<'_>) -> Option<BounceReason> {
    if report.succeeded() {
        return None;
    }
    let diagnostic = report.diagnostic.as_deref().unwrap_or_default();
    // Few reasons depend on it.
    let stage = LazyCell::new(|| {
        let in_words = stage::in_words(diagnostic).or_else(|| said.and_then(stage::in_words));
        in_words.or_else(|| stage::in_transcript(&notice.lines, diagnostic))
    });
    let status = report.status.as_deref();
    let told = reasons::of(diagnostic, status, || *stage);
    // The mail program's own words for people, which quote no server, decide what a bare reply leaves open.
    let own = || said.filter(|said| *said != diagnostic).and_then(reasons::by_words);
    match told {
        None => own().or_else(|| whole(diagnostic, notice)),
        Some(BounceReason::Filtered) if stage.is_none() && said.is_some_and(plainly_unknown) => {
            Some(BounceReason::UserUnknown)
        }
        told => told,
    }
}

/// Of a report that says nothing but its address, all the words.
fn whole(diagnostic: &str, notice: &Notice<'_>) -> Option<BounceReason> {
    if codes::reply(diagnostic).is_some() {
        return None;
    }
    reasons::by_words(&notice.lines.join(" "))
}

/// "The address couldn't be found", said by the mail program itself before it quotes any reply.
fn plainly_unknown(said: &str) -> bool {
    let quoted = codes::reply(said).and_then(|reply| said.find(reply)).unwrap_or(said.len());
    reasons::by_words(&said[..quoted]) == Some(BounceReason::UserUnknown)
}

fn original_id(mail: &Mail, notice: &Notice<'_>) -> Option<MessageId> {
    let reported = mail.report.as_ref().and_then(|r| r.original_message_id.clone());
    let carried = || mail.returned.as_ref().and_then(|r| r.message_id.clone());
    let written = || {
        let field = notice.returned_field("Message-ID").or_else(|| quoted_id(notice))?;
        MessageId::new(field).filter(|id| id.as_str().contains('@'))
    };
    reported.or_else(carried).or_else(written)
}

/// Among the server's own words: `  Message-id: <x@y>`.
fn quoted_id<'a>(notice: &Notice<'a>) -> Option<&'a str> {
    const NAME: &str = "message-id:";
    notice.lines.iter().find_map(|line| {
        let line = line.trim_start_matches(['>', ' ', '\t']);
        line.get(..NAME.len()).filter(|name| name.eq_ignore_ascii_case(NAME)).map(|_| line[NAME.len()..].trim())
    })
}

/// By the first digits of the statuses, then of the replies; successes say nothing.
fn class(reports: &[RecipientReport]) -> Option<BounceClass> {
    let digit = |r: &RecipientReport| {
        let status = r.status.as_deref().and_then(|s| s.bytes().next());
        status.or_else(|| r.diagnostic.as_deref().and_then(codes::reply).map(|reply| reply.as_bytes()[0]))
    };
    let permanent = reports.iter().any(|r| digit(r) == Some(b'5'));
    let transient = reports.iter().any(|r| digit(r) == Some(b'4'));
    match (permanent, transient) {
        (true, true) => Some(BounceClass::Mixed),
        (true, false) => Some(BounceClass::Permanent),
        (false, true) => Some(BounceClass::Transient),
        (false, false) => None,
    }
}

/// Without a code. Exim gives up with these words where every answer was a temporary one.
fn guess_class(mail: &Mail, notice: &Notice<'_>, reports: &[RecipientReport]) -> Option<BounceClass> {
    // "Delivery Status Notification (Relay)": its subject is that of a failure.
    if !reports.is_empty() && reports.iter().all(RecipientReport::succeeded) {
        return None;
    }
    let lower = notice.lower();
    if lower.contains("  retry timeout exceeded") || lower.contains(": retry timeout exceeded") {
        return Some(BounceClass::Transient);
    }
    let told = reports.iter().any(|r| r.reason.is_some());
    (told || signs::says_undelivered(notice) || signs::is_subject(mail)).then_some(BounceClass::Permanent)
}

/// Everything in it is still being tried.
fn is_delay(reports: &[RecipientReport], waits: bool) -> bool {
    let does = |action: &str| reports.iter().any(|r| r.action.as_deref() == Some(action));
    if reports.is_empty() { waits } else { does("delayed") && !does("failed") }
}

/// The address itself is dead: not a full mailbox, not an unwilling or broken server, and not merely delayed.
fn is_hard(report: &RecipientReport) -> bool {
    let failed = !report.succeeded() && report.action.as_deref() != Some("delayed");
    failed && report.reason.is_some_and(BounceReason::is_hard)
}

/// The same of a server's answer to RCPT: relaying denied, a full mailbox or a policy say nothing of the address.
pub fn says_dead(answer: &str) -> bool {
    let status = codes::status(answer);
    reasons::of(answer, status.as_deref(), || Some(Stage::Rcpt)).is_some_and(BounceReason::is_hard)
}

/// Does the report name this address?
pub fn names(bounce: &Bounce, address: &Address) -> bool {
    bounce.reports.iter().any(|r| r.recipient.as_ref() == Some(address))
}

#[cfg(test)]
mod tests;
