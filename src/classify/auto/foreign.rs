//! Mail of other desks and of programs that write no RFC 3834 header: ticket systems, monitors, filters that ask to be
//! confirmed, providers' complaints. Hints only, for behind a ticket system a person may write.

use crate::classify::AutoKind;
use crate::mail::{Address, Mail, ReturnPath};

/// Fields of programs behind which nobody reads an answer.
const MACHINES: [&str; 14] = [
    "X-Cron-Env",
    "X-GitHub-Reason",
    "X-GitLab-NotificationReason",
    "X-Jenkins-Job",
    "X-Nagios-Notification-Type",
    "X-Zabbix-",
    "X-PagerDuty-",
    "X-Bugzilla-Reason",
    "X-Launchpad-Notification-Type",
    "X-Trac-Version",
    "X-Gerrit-MessageType",
    "X-Monitoring-",
    "X-Boxtrapper",
    "X-Boxbe-",
];

/// Fields of ticket systems: a name, or its beginning where it ends in a hyphen.
const DESKS: [&str; 26] = [
    "X-Amends-",
    "X-OTRS-",
    "X-Znuny-",
    "X-Zammad-",
    "X-Zendesk-",
    "X-Freshdesk-",
    "X-FD-",
    "X-Freshservice-",
    "RT-Ticket",
    "RT-Originator",
    "X-RT-",
    "X-JIRA-",
    "X-Atlassian-",
    "X-Redmine-",
    "X-HelpScout-",
    "X-Kayako-",
    "X-osTicket-",
    "X-ServiceNow-",
    "X-Salesforce-",
    "X-SFDC-",
    "X-Discourse-",
    "X-Intercom-",
    "X-Gorgias-",
    "X-Deskpro-",
    "X-LiveAgent-",
    "X-ManageEngine-",
];

/// Programs as they name themselves in `X-Mailer`, `User-Agent` or `X-Powered-By`.
const DESK_NAMES: [&str; 14] = [
    "zendesk",
    "otrs",
    "znuny",
    "zammad",
    "osticket",
    "kayako",
    "freshdesk",
    "servicenow",
    "request tracker",
    "redmine",
    "atlassian",
    "amends",
    "libredesk",
    "help scout",
];

/// Base32 of a token of ours: 24 bytes without padding (mail-rules section 5).
const TOKEN_CHARS: usize = 39;

/// The sign of a program behind which nobody reads.
pub fn machine(mail: &Mail) -> Option<AutoKind> {
    if let Some(name) = field(mail, &MACHINES) {
        let asks = name.starts_with("X-Boxtrapper") || name.starts_with("X-Boxbe");
        return Some(if asks { AutoKind::ChallengeResponse } else { AutoKind::Autoreply });
    }
    // Exchange writes both on what a rule of a mailbox answers. A person's mail that a rule passed on has the first alone.
    let by_rule = mail.header("X-MS-Exchange-Inbox-Rules-Loop").is_some() && super::suppressed(mail);
    by_rule.then_some(AutoKind::OutOfOffice)
}

/// Another desk, that might answer each of our letters by one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Desk {
    /// One like ours, by the token in its address. It writes to us because we wrote to it.
    LikeOurs,
    /// By this sign. A person may be the first to write from there.
    Other(String),
}

/// The sign of another desk.
pub fn desk(mail: &Mail) -> Option<Desk> {
    let path = match &mail.return_path {
        ReturnPath::Address(path) => Some(path),
        ReturnPath::Absent | ReturnPath::Null | ReturnPath::Unreadable => None,
    };
    let mut addresses = mail.reply_to.iter().chain(&mail.from).map(|p| &p.address).chain(path);
    if addresses.any(holds_token) {
        return Some(Desk::LikeOurs);
    }
    if let Some(name) = field(mail, &DESKS) {
        return Some(Desk::Other(name.to_owned()));
    }
    let programs = ["X-Mailer", "User-Agent", "X-Powered-By"].into_iter().filter_map(|name| mail.header(name));
    let named = programs.map(str::to_ascii_lowercase).find(|p| DESK_NAMES.iter().any(|name| p.contains(name)));
    named.map(Desk::Other)
}

/// `support+c.ab12...@`, as this program writes it.
fn holds_token(address: &Address) -> bool {
    let Some((_, token)) = address.local().rsplit_once('+') else { return false };
    let Some((purpose, text)) = token.split_once('.') else { return false };
    purpose.len() == 1 && text.len() == TOKEN_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn field<'m>(mail: &'m Mail, names: &[&str]) -> Option<&'m str> {
    let is = |field: &str, name: &str| match name.strip_suffix('-') {
        Some(_) => field.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)),
        None => field.eq_ignore_ascii_case(name),
    };
    let mut fields = mail.headers.iter().map(|h| h.name.as_str());
    fields.find(|field| starts_like(field) && names.iter().any(|name| is(field, name)))
}

/// Most fields are looked at no closer.
fn starts_like(field: &str) -> bool {
    matches!(field.as_bytes(), [b'x' | b'X', b'-', ..] | [b'r' | b'R', b't' | b'T', b'-', ..])
}

/// Complaints by feedback loops in forms of the providers' own, where RFC 5965 says `message/feedback-report`.
pub fn complaint(mail: &Mail) -> bool {
    let subject = mail.subject.as_deref().unwrap_or_default().to_lowercase();
    let address_follows = |start: &str| subject.strip_prefix(start).is_some_and(begins_with_ip);
    // Hotmail's junk mail reports, AOL's feedback loop, and aggregated reports of RFC 7489 section 7.2.1.1.
    address_follows("complaint about message from ")
        || address_follows("email feedback report for ip ")
        || (subject.starts_with("report domain: ") && subject.contains("submitter: "))
        || ["X-XARF", "X-ARF", "X-HmXmrOriginalRecipient"].iter().any(|name| mail.header(name).is_some())
        || of_amazon(mail)
}

fn begins_with_ip(text: &str) -> bool {
    let word = text.split(|c: char| c.is_whitespace() || c == '[' || c == ']').find(|word| !word.is_empty());
    let of_ip = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':');
    word.is_some_and(|ip| ip.contains(['.', ':']) && ip.chars().all(of_ip))
}

/// Amazon SES tells of complaints in JSON, by mail of its SNS.
fn of_amazon(mail: &Mail) -> bool {
    let Some(json) = mail.text.trim_start().strip_prefix('{') else { return false };
    let head: String = json.chars().take(200).filter(|c| !c.is_whitespace()).collect();
    ["\"notificationType\":\"Complaint\"", "\"eventType\":\"Complaint\""].iter().any(|mark| head.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Header, Party};

    fn with(fields: &[(&str, &str)]) -> Mail {
        let headers = fields.iter().map(|(n, v)| Header { name: (*n).into(), value: (*v).into() }).collect();
        Mail { headers, ..Mail::default() }
    }

    #[test]
    fn a_rule_of_exchange_is_told_from_a_person_whose_mail_it_passed_on() {
        let rule = ("X-MS-Exchange-Inbox-Rules-Loop", "mei@a.example");
        assert_eq!(machine(&with(&[rule, ("X-Auto-Response-Suppress", "All")])), Some(AutoKind::OutOfOffice));
        assert_eq!(machine(&with(&[rule])), None);
        assert_eq!(machine(&with(&[("X-Auto-Response-Suppress", "All")])), None);
    }

    #[test]
    fn another_desk_shows_by_its_fields_or_by_its_address() {
        assert!(desk(&with(&[("x-zendesk-From-Account-Id", "7")])).is_some());
        assert!(desk(&with(&[("X-Mailer", "osTicket Mailer")])).is_some());
        assert!(desk(&with(&[("X-Mailer", "Apple Mail (2.3774)"), ("X-FDA", "no")])).is_none());
        let token = "a".repeat(39);
        let reply_to = |local: &str| {
            let party = Party::new(None, Address::parse(&format!("{local}@desk.example")).expect("an address"));
            Mail { reply_to: vec![party], ..Mail::default() }
        };
        assert!(desk(&reply_to(&format!("care+c.{token}"))).is_some());
        assert!(desk(&reply_to("care+c.short")).is_none() && desk(&reply_to("care+news")).is_none());
    }

    #[test]
    fn complaints_of_providers_are_known_by_their_forms() {
        let subject = |s: &str| Mail { subject: Some(s.into()), ..Mail::default() };
        assert!(complaint(&subject("complaint about message from 192.0.2.1")));
        assert!(complaint(&subject("Email Feedback Report for IP 192.0.2.1")));
        assert!(complaint(&subject("Report Domain: n.example Submitter: p.example Report-ID: <1>")));
        assert!(!complaint(&subject("complaint about message from your agent")));
        let text = "{ \"notificationType\" : \"Complaint\", \"complaint\":{}}";
        assert!(complaint(&Mail { text: text.into(), ..Mail::default() }));
        let bounce = "{\"notificationType\":\"Bounce\"}";
        assert!(!complaint(&Mail { text: bounce.into(), ..Mail::default() }));
    }
}
