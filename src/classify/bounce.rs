//! Reports of non-delivery: the signs of one, and what it says about each recipient (rows 2 to 4 of mail-rules section 2).
//!
//! RFC 3464 where there are fields, the words of common mail servers where there are none. All of it can be forged: what
//! is read here is shown, and has an effect only with a valid `b` token (section 4 there). Never fails; what cannot be
//! read leaves its field empty.

mod reasons;
mod words;

use crate::mail::{Address, Mail, RecipientReport, Report, ReportKind, ReturnPath};

use super::{Bounce, BounceClass};

/// Row 3: a multipart/report, by its kind.
pub fn report_sign(mail: &Mail) -> Option<&'static str> {
    mail.report.as_ref().map(|report| match report.kind {
        ReportKind::Delivery => "multipart/report: delivery-status",
        ReportKind::Disposition => "multipart/report: disposition-notification",
        ReportKind::Feedback => "multipart/report: feedback-report",
    })
}

/// Row 4: mail of a mail system, without a report that could be read.
pub fn sign(mail: &Mail) -> Option<String> {
    if let Some(local) = mail.from.first().map(|p| p.address.local()).filter(|local| is_daemon(local)) {
        return Some(format!("From: {local}@"));
    }
    if mail.from.is_empty() && is_daemon(mail.from_text.split(['@', ' ', '<']).next().unwrap_or_default()) {
        return Some("From: a mailer daemon".to_owned());
    }
    if mail.header("X-Failed-Recipients").is_some() {
        return Some("X-Failed-Recipients".to_owned());
    }
    if let Some(sign) = null_return_path(mail) {
        return Some(sign.to_owned());
    }
    speaks_as_bounce(mail).then(|| "subject and words of a non-delivery report".to_owned())
}

/// "Delivery failed", and "my parcel was not delivered": customers write so too, and their mail must not be set aside.
/// A person's mail comes from their own envelope; a report's (RFC 5321 section 4.5.5) names an address or a code.
fn speaks_as_bounce(mail: &Mail) -> bool {
    !is_from_its_envelope(mail)
        && words::is_bounce_subject(mail.subject.as_deref().unwrap_or_default())
        && words::says_undelivered(&mail.text)
        && (words::reports(mail).iter().any(|report| report.recipient.is_some())
            || words::status(&mail.text).is_some()
            || words::original_id(&mail.text).is_some())
}

fn is_from_its_envelope(mail: &Mail) -> bool {
    let ReturnPath::Address(path) = &mail.return_path else { return false };
    !is_daemon(path.local()) && mail.from.iter().any(|from| from.address.domain() == path.domain())
}

/// RFC 3834 section 2 and RFC 5321 section 4.5.5: such mail is never answered.
pub fn null_return_path(mail: &Mail) -> Option<&'static str> {
    (mail.return_path == ReturnPath::Null).then_some("Return-Path: <>")
}

/// Is it about a mail that was not delivered, rather than only automatic with a null sender?
pub fn says_bounce(mail: &Mail) -> bool {
    let of_daemon = mail.from.first().is_some_and(|p| is_daemon(p.address.local()));
    let of_daemon = of_daemon || mail.header("X-Failed-Recipients").is_some();
    of_daemon
        || words::is_bounce_subject(mail.subject.as_deref().unwrap_or_default())
        || words::says_undelivered(&mail.text)
}

fn is_daemon(local: &str) -> bool {
    let bare: String = local.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    ["mailerdaemon", "postmaster", "mailsystem", "maildaemon", "mailerdeamon", "mailerdemon"].contains(&bare.as_str())
}

/// What the report says; `None` for read receipts and complaints, which are about no delivery.
pub fn read(mail: &Mail) -> Option<Bounce> {
    let fields = mail.report.as_ref();
    if fields.is_some_and(|r| r.kind != ReportKind::Delivery) {
        return None;
    }
    let mut reports = fields.map(|r| r.recipients.clone()).unwrap_or_default();
    if reports.is_empty() {
        reports = words::reports(mail);
    } else {
        reports.iter_mut().for_each(|report| complete(report, mail));
    }
    let original =
        fields.and_then(|r: &Report| r.original_message_id.clone()).or_else(|| words::original_id(&mail.text));
    let delay = is_delay(mail, &reports);
    Some(Bounce {
        class: class(&reports).or_else(|| guess_class(mail, delay)),
        hard: reports.iter().any(is_hard),
        delay,
        reports,
        original_message_id: original,
    })
}

/// A field that says little is helped by its own diagnostic, and that by the words for people.
fn complete(report: &mut RecipientReport, mail: &Mail) {
    if let Some(in_words) = report.diagnostic.as_deref().and_then(words::status) {
        let vague = report.status.as_deref().is_none_or(|s| s.ends_with(".0.0") && s.get(..1) == in_words.get(..1));
        if vague {
            report.status = Some(in_words);
        }
    }
    if report.diagnostic.is_none()
        && let Some(said) = report.recipient.as_ref().and_then(|r| words::said_about(&mail.text, r))
    {
        report.diagnostic = Some(said);
    }
}

/// By the first digits of the statuses; successes say nothing.
fn class(reports: &[RecipientReport]) -> Option<BounceClass> {
    let digit = |r: &RecipientReport| {
        let status = r.status.as_deref().and_then(|s| s.bytes().next());
        status.or_else(|| r.diagnostic.as_deref().and_then(words::smtp_digit))
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

fn guess_class(mail: &Mail, delay: bool) -> Option<BounceClass> {
    if delay {
        return Some(BounceClass::Transient);
    }
    (words::says_undelivered(&mail.text) || words::is_bounce_subject(mail.subject.as_deref().unwrap_or_default()))
        .then_some(BounceClass::Permanent)
}

/// Everything in it is still being tried.
fn is_delay(mail: &Mail, reports: &[RecipientReport]) -> bool {
    let delayed = |r: &RecipientReport| r.action.as_deref() == Some("delayed");
    if reports.iter().any(|r| r.action.is_some()) {
        return reports.iter().any(delayed) && !reports.iter().any(|r| r.action.as_deref() == Some("failed"));
    }
    words::says_delayed(mail)
}

/// The address itself is dead: not a full mailbox, not an unwilling or broken server.
fn is_hard(report: &RecipientReport) -> bool {
    if matches!(report.action.as_deref(), Some("delayed" | "delivered" | "relayed" | "expanded")) {
        return false;
    }
    let status = report.status.as_deref().unwrap_or_default();
    let said = report.diagnostic.as_deref().unwrap_or_default().to_lowercase();
    // 5.1.7 and 5.1.8 are about our address, not theirs (RFC 3463 section 3.2).
    if status.starts_with('4')
        || matches!(status, "5.1.7" | "5.1.8")
        || ["quota", "full"].iter().any(|w| said.contains(w))
    {
        return false;
    }
    if ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"].contains(&status) {
        return true;
    }
    !reasons::SOFT.iter().any(|soft| said.contains(soft)) && reasons::DEAD.iter().any(|dead| said.contains(dead))
}

/// The same of a server's answer to RCPT: relaying denied, a full mailbox or a policy say nothing of the address.
pub fn says_dead(answer: &str) -> bool {
    let (status, diagnostic) = (words::status(answer), Some(answer.to_owned()));
    is_hard(&RecipientReport { status, diagnostic, ..RecipientReport::default() })
}

/// Does the report name this address?
pub fn names(bounce: &Bounce, address: &Address) -> bool {
    bounce.reports.iter().any(|r| r.recipient.as_ref() == Some(address))
}
