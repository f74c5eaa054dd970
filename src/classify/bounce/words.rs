//! What mail servers write to people when they send no `message/delivery-status`: whom they failed to reach, and why.
//!
//! One pass over at most the first part of the text: behind it stands the mail that came back, whose words are not theirs.

use crate::mail::{Address, Mail, MessageId, RecipientReport};

/// Reports are short; a mail that came back need not be.
const MAX_LINES: usize = 150;
const MAX_DIAGNOSTIC_CHARS: usize = 1000;

/// Subjects that only mail systems write.
pub fn is_bounce_subject(subject: &str) -> bool {
    const SUBJECTS: [&str; 40] = [
        "undeliver",
        "delivery status notification",
        "mail delivery fail",
        "delivery failure",
        "returned mail",
        "failure notice",
        "mail delivery system",
        "undelivered mail",
        "delivery notification",
        "mail could not be delivered",
        "message could not be delivered",
        "unzustellbar",
        "nicht zustellbar",
        "mail system error",
        "delivery has failed",
        "delivery failed",
        "mail not delivered",
        "message not delivered",
        "non remis",
        "non-delivery",
        "nondeliverable",
        "no se puede entregar",
        "error sending mail",
        "returned to sender",
        "warning: message",
        "warning: could not send",
        "delivery delayed",
        "mail delivery delayed",
        "delivery error",
        "delivery problem",
        "unable to deliver",
        "failed mail",
        "user unknown",
        "address not found",
        "delivery report",
        "mail delivery error",
        "mail delivery problem",
        "delivery incomplete",
        "failure delivery",
        "onbestelbaar",
    ];
    let subject = subject.to_lowercase();
    SUBJECTS.iter().any(|words| subject.starts_with(words))
        || subject.starts_with("dsn:")
        || subject.starts_with("***undeliver")
}

/// Sentences of mail systems about a mail that they could not deliver.
pub fn says_undelivered(text: &str) -> bool {
    const SENTENCES: [&str; 38] = [
        "could not be delivered",
        "couldn't be delivered",
        "could not deliver",
        "unable to deliver",
        "was not delivered",
        "has not been delivered",
        "wasn't able to deliver",
        "delivery to the following recipient",
        "delivery has failed",
        "delivery failed",
        "did not reach the following recipient",
        "permanent error",
        "permanent fatal errors",
        "transient non-fatal errors",
        "undeliverable",
        "undelivered",
        "returned to you",
        "no such user",
        "user unknown",
        "unknown user",
        "mailbox is full",
        "over quota",
        "quota exceeded",
        "recipient address rejected",
        "addresses failed",
        "cannot be delivered",
        "not be delivered",
        "delivery failure",
        "rejected your message",
        "delivery error",
        "delivery attempts",
        "message delayed",
        "has been delayed",
        "mailbox unavailable",
        "bounce",
        "retry timeout exceeded",
        "konnte nicht zugestellt",
        "n'a pas pu \u{ea}tre",
    ];
    let head: String = head_lines(text).join(" ").to_lowercase();
    SENTENCES.iter().any(|sentence| head.contains(sentence))
}

/// A warning that the mail still waits.
pub fn says_delayed(mail: &Mail) -> bool {
    const WORDS: [&str; 15] = [
        "delayed",
        "still being retried",
        "no action is required",
        "you do not need to resend",
        "will be retried",
        "will keep trying",
        "will continue to",
        "will try again",
        "delivery attempts will continue",
        "could not send message for past",
        "has not yet been delivered",
        "has not been delivered yet",
        "this is a warning message only",
        "not yet delivered",
        "warning message",
    ];
    let mut text = mail.subject.as_deref().unwrap_or_default().to_lowercase();
    text.push(' ');
    text.push_str(&head_lines(&mail.text).join(" ").to_lowercase());
    WORDS.iter().any(|word| text.contains(word)) && !text.contains("permanent") && !text.contains("giving up")
}

/// The lines that the mail server wrote, up to the mail that came back.
fn head_lines(text: &str) -> Vec<&str> {
    text.lines().take(MAX_LINES).take_while(|line| !starts_returned_mail(line)).collect()
}

fn starts_returned_mail(line: &str) -> bool {
    let line = line.trim();
    if line.starts_with("Received: ") || line.starts_with("Return-Path: ") {
        return true;
    }
    if !line.starts_with(['-', '*', '=', '_']) {
        return false;
    }
    let words = line.trim_matches(|c: char| matches!(c, '-' | '*' | '=' | '_' | ' ')).to_lowercase();
    [
        "this is a copy",
        "below this line is a copy",
        "original message",
        "returned message",
        "unsent message",
        "message header",
        "message text follows",
        "copy of",
        "the header of",
        "undelivered message",
    ]
    .iter()
    .any(|rule| words.contains(rule))
}

/// One report for each address that the words name as failed.
pub fn reports(mail: &Mail) -> Vec<RecipientReport> {
    let lines = head_lines(&mail.text);
    let mut reports = Vec::new();
    if let Some(failed) = mail.header("X-Failed-Recipients") {
        for address in failed.split([',', ' ', ';']).filter_map(Address::parse) {
            push(&mut reports, address, mail, &lines, None);
        }
    }
    if reports.is_empty() {
        for (at, line) in lines.iter().enumerate() {
            if let Some(address) = leading_address(line) {
                push(&mut reports, address, mail, &lines, Some(at));
            }
        }
    }
    if reports.is_empty() {
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| speaks_of_recipient(line)) {
            for address in addresses(line) {
                push(&mut reports, address, mail, &lines, Some(at));
            }
        }
    }
    if reports.is_empty()
        && let Some((at, address)) = lines.iter().enumerate().find_map(|(at, line)| Some((at, addresses(line).next()?)))
    {
        push(&mut reports, address, mail, &lines, Some(at));
    }
    reports
}

fn push(reports: &mut Vec<RecipientReport>, address: Address, mail: &Mail, lines: &[&str], at: Option<usize>) {
    let own = mail.to.iter().chain(&mail.from).any(|p| p.address == address);
    let known = reports.iter().any(|r| r.recipient.as_ref() == Some(&address));
    let daemon = super::is_daemon(address.local());
    if own || known || daemon || reports.len() >= 50 {
        return;
    }
    let at = at.or_else(|| lines.iter().position(|line| line.contains(address.as_str())));
    let diagnostic = at.map(|at| diagnostic(lines, at)).filter(|d| !d.is_empty());
    let whole = || lines.join(" ");
    let status = diagnostic.as_deref().and_then(status).or_else(|| status(&whole()));
    let action = if says_delayed(mail) { "delayed" } else { "failed" };
    reports.push(RecipientReport { recipient: Some(address), action: Some(action.to_owned()), status, diagnostic });
}

/// `<mei@n.example>: reason`, `    mei@n.example`, `mei@n.example... User unknown`, `To: mei@n.example`.
fn leading_address(line: &str) -> Option<Address> {
    let line = line.trim_start_matches([' ', '\t', '*', '-', '|', '\u{b7}']);
    let line = ["To:", "Recipient:", "Final-Recipient:", "RCPT TO:", "Failed recipient:", "Recipient address:"]
        .iter()
        .find_map(|label| line.strip_prefix(label))
        .map_or(line, str::trim_start);
    let line = line.strip_prefix("rfc822;").map_or(line, str::trim_start);
    let first = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(')).next()?;
    let first = first.trim_end_matches(['.', ':']).trim_start_matches('<');
    let first = first.split('>').next()?;
    Address::parse(first).filter(|a| a.domain().contains('.'))
}

fn speaks_of_recipient(line: &str) -> bool {
    const WORDS: [&str; 12] = [
        "deliver",
        "recipient",
        "address",
        "user",
        "mailbox",
        "reach",
        "failed",
        "reject",
        "unknown",
        "error",
        "account",
        "quota",
    ];
    let line = line.to_lowercase();
    WORDS.iter().any(|word| line.contains(word))
}

fn addresses(line: &str) -> impl Iterator<Item = Address> + '_ {
    let mark = |c: char| {
        c.is_whitespace()
            || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | '\u{ab}' | '\u{bb}')
    };
    line.split(mark)
        .map(|w| w.trim_start_matches("mailto:").trim_end_matches(['.', ':']))
        .filter_map(Address::parse)
        .filter(|a| a.domain().contains('.'))
}

/// The line of the address and what follows it, up to a gap or the next address.
fn diagnostic(lines: &[&str], at: usize) -> String {
    let mut said = String::new();
    let mut gap = false;
    for (offset, line) in lines[at..].iter().enumerate().take(16) {
        let line = line.trim();
        if line.is_empty() {
            if gap {
                break;
            }
            gap = offset > 0;
            continue;
        }
        if offset > 0 && leading_address(line).is_some() {
            break;
        }
        if !said.is_empty() {
            said.push(' ');
        }
        said.extend(line.chars().take(MAX_DIAGNOSTIC_CHARS.saturating_sub(said.len())));
    }
    said
}

/// What the words for people say about an address of which the fields give no diagnostic.
pub fn said_about(text: &str, address: &Address) -> Option<String> {
    let lines = head_lines(text);
    let at = lines.iter().position(|line| line.to_ascii_lowercase().contains(&address.folded()))?;
    Some(diagnostic(&lines, at)).filter(|d| d.trim_matches(['<', '>', ':']).len() > address.as_str().len() + 4)
}

/// The first enhanced status code in a text (RFC 3463); not a piece of an IP address or version.
pub fn status(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|w| w.trim_matches('.')).find_map(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let fits = parts.len() == 3
            && matches!(parts[0], "4" | "5")
            && parts[1..].iter().all(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
        fits.then(|| word.to_owned())
    })
}

/// The first digit of an SMTP reply code in a text (RFC 5321 section 4.2).
pub fn smtp_digit(text: &str) -> Option<u8> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    let code = words.find(|w| {
        w.len() == 3
            && matches!(w.as_bytes()[0], b'4' | b'5')
            && w.bytes().all(|b| b.is_ascii_digit())
            && w.as_bytes()[1] <= b'7'
    })?;
    Some(code.as_bytes()[0])
}

/// The Message-ID of a mail that came back inside the text.
pub fn original_id(text: &str) -> Option<MessageId> {
    let line = text.lines().take(MAX_LINES * 2).find_map(|line| {
        let line = line.trim_start_matches(['>', ' ']);
        line.get(..11).filter(|name| name.eq_ignore_ascii_case("message-id:")).map(|_| &line[11..])
    })?;
    MessageId::new(line.trim()).filter(|id| id.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_told_from_addresses_of_hosts() {
        assert_eq!(status("host 5.4.1.2[192.168.5.1] said: 550 5.1.1 unknown"), Some("5.1.1".into()));
        assert_eq!(status("version 2.3.4 of 10.5.1.1"), None);
        assert_eq!(smtp_digit("host x[10.0.0.1] said: 452 full"), Some(b'4'));
    }

    #[test]
    fn a_qmail_notice_is_read() {
        let text = "Hi. This is the qmail-send program at n.example.\n\
                    I'm afraid I wasn't able to deliver your message to the following addresses.\n\n\
                    <klaus@c.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 User unknown\n\n\
                    --- Below this line is a copy of the message.\n\nReturn-Path: <a@n.example>\nMessage-ID: <x@n.example>\n";
        let mail = Mail { text: text.into(), ..Mail::default() };
        let bounce = super::super::read(&mail).expect("a bounce");
        assert_eq!(bounce.reports.len(), 1);
        assert_eq!(bounce.reports[0].status.as_deref(), Some("5.1.1"));
        assert!(bounce.hard && !bounce.delay);
        assert_eq!(bounce.original_message_id, MessageId::new("x@n.example"));
    }
}
