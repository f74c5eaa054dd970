//! The signs of mail systems: who they say they are, what they call their reports, and how they say that it failed.
//!
//! Customers write "delivery failed" too, about parcels. Words alone never make a bounce: a mail with a person's envelope,
//! an answer or a forward is a person's, whatever it quotes (mail-rules section 2, row 4).

use std::sync::LazyLock;

use crate::mail::{Mail, Party, ReturnPath};

use super::lists::{List, Phrases, holds, lines};
use super::notice::Notice;

/// What a subject begins with, and what it may hold.
static SUBJECTS: LazyLock<(Vec<&str>, Phrases)> = LazyLock::new(|| {
    let (starts, within): (Vec<&str>, Vec<&str>) =
        lines(include_str!("subjects.txt")).into_iter().partition(|words| words.starts_with('^'));
    (starts.into_iter().map(|words| &words[1..]).collect(), Phrases::of(within))
});
static SENTENCES: List = LazyLock::new(|| Phrases::new(include_str!("sentences.txt")));
static DELAYS: List = LazyLock::new(|| Phrases::new(include_str!("delays.txt")));

const MAX_SUBJECT_BYTES: usize = 500;

/// Local parts, without their punctuation, that no person has.
const DAEMONS: [&str; 11] = [
    "mailerdaemon",
    "mailerdeamon",
    "mailerdemon",
    "postmaster",
    "maildaemon",
    "mdaemon",
    "smtpdaemon",
    "bouncedaemon",
    "mailersystem",
    "microsoftexchange329e71ec88ae4615bbc36ab6ce41109e",
    "mmdf",
];

/// Those that a courier's complaints desk may have as well, with an envelope of its own.
const CARRIERS: [&str; 6] = [
    "mailsystem",
    "maildelivery",
    "maildeliverysystem",
    "maildeliverysubsystem",
    "deliverysubsystem",
    "deliverysystem",
];

/// Names that mail systems give themselves, whatever the address beside them.
const NAMES: [&str; 10] = [
    "mail delivery system",
    "mail delivery subsystem",
    "mail delivery service",
    "mailer-daemon",
    "mailer daemon",
    "maildelivery",
    "delivery subsystem",
    "mail deliver system",
    "mmsc ndr",
    "delivery status notification",
];

/// `MAILER-DAEMON`, `post_master`, `MDaemon`.
pub fn is_daemon(local: &str) -> bool {
    DAEMONS.contains(&bare(local).as_str())
}

/// `Mail.Delivery.System`.
fn is_carrier(local: &str) -> bool {
    CARRIERS.contains(&bare(local).as_str())
}

fn bare(local: &str) -> String {
    local.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// From is a mail system, by its address, by its name, or, where no address can be read, by what stands there.
pub fn from_daemon(mail: &Mail) -> Option<String> {
    match mail.from.first() {
        Some(party) if is_daemon(party.address.local()) => Some(format!("From: {}@", party.address.local())),
        // "Mail Delivery Services Ltd" may be a customer; they have an envelope.
        Some(_) if has_envelope(mail) => None,
        Some(party) if is_carrier(party.address.local()) => Some(format!("From: {}@", party.address.local())),
        Some(party) => has_daemon_name(party).then(|| format!("From: {}", party.shown())),
        None => is_broken_daemon(&mail.from_text).then(|| "From: a mailer daemon".to_owned()),
    }
    .or_else(|| is_daemon_path(mail).then(|| "Return-Path: a mailer daemon".to_owned()))
}

/// Some servers write their own name where the empty path stood.
fn is_daemon_path(mail: &Mail) -> bool {
    let path = mail.header("Return-Path").unwrap_or_default().trim().trim_start_matches('<');
    path.get(.."mailer-daemon".len()).is_some_and(|local| local.eq_ignore_ascii_case("mailer-daemon"))
}

fn has_daemon_name(party: &Party) -> bool {
    let name = party.name.as_deref().unwrap_or_default().to_lowercase();
    NAMES.iter().filter_map(|known| name.strip_prefix(known)).any(is_at_an_end)
}

/// Not "Mail Delivery Services Ltd".
fn is_at_an_end(rest: &str) -> bool {
    !rest.starts_with(char::is_alphanumeric)
}

fn is_broken_daemon(from: &str) -> bool {
    let lower = from.to_lowercase();
    let mut words = lower.split(['@', ' ', '<', '>', '(', ')', '"', '\\']).filter(|w| !w.is_empty());
    words.next().is_some_and(|word| is_daemon(word) || is_carrier(word))
        || NAMES.iter().any(|known| lower.trim_start_matches(['"', '<']).starts_with(known))
}

/// Subjects that only mail systems write; never those of answers and forwards, which people write about them.
pub fn is_subject(mail: &Mail) -> bool {
    let subject = mail.subject.as_deref().unwrap_or_default();
    let subject = subject[..subject.floor_char_boundary(MAX_SUBJECT_BYTES)].to_lowercase();
    let subject = behind_tags(&subject);
    if is_answer_or_forward(subject) {
        return false;
    }
    let (starts, within) = &*SUBJECTS;
    within.held_in(subject) || starts.iter().any(|start| subject.starts_with(start))
}

/// `[list] Undeliverable`, `***SPAM*** Returned mail`: without what filters and lists put before it.
fn behind_tags(subject: &str) -> &str {
    let is_mark = |c: char| matches!(c, '*' | ' ' | '"' | '[' | '!' | '{' | '<');
    let subject = subject.trim_start_matches(is_mark);
    let subject = match subject.split_once(']') {
        Some((tag, rest)) if tag.len() <= 40 => rest.trim_start_matches(is_mark),
        _ => subject,
    };
    let spam = ["spam", "junk", "suspected spam", "bulk"].iter().find_map(|tag| subject.strip_prefix(tag));
    spam.filter(|rest| rest.starts_with(['*', '}', '?', ':', '>']))
        .map_or(subject, |rest| rest.trim_start_matches(['*', '}', '?', ':', '>', ' ']))
}

fn is_answer_or_forward(subject: &str) -> bool {
    const PREFIXES: [&str; 16] =
        ["re", "fw", "fwd", "aw", "wg", "tr", "rv", "sv", "vs", "antw", "odp", "enc", "rif", "i", "回复", "转发"];
    let start = subject
        .split_once([':', '：'])
        .map(|(start, _)| start.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']' | ' ')));
    start.is_some_and(|start| PREFIXES.contains(&start))
}

/// It says that a mail could not be delivered.
pub fn says_undelivered(notice: &Notice<'_>) -> bool {
    SENTENCES.held_in(&notice.lower())
}

/// It says that the mail still waits.
pub fn says_delayed(mail: &Mail, notice: &Notice<'_>) -> bool {
    let subject = mail.subject.as_deref().unwrap_or_default();
    let mut text = subject[..subject.floor_char_boundary(MAX_SUBJECT_BYTES)].to_lowercase();
    text.push(' ');
    text.push_str(&notice.lower());
    let given_up = ["permanent", "giving up", "i've given up", "no further", "will not be retried", "not be retried"];
    DELAYS.held_in(&text) && !holds(&given_up, &text)
}

/// fml's own answers: a mail to one of its lists was turned away. What is sent through a list keeps its writer's id.
pub fn is_refused_by_list(mail: &Mail) -> bool {
    const WORDS: [&str; 6] =
        ["not member", "loop alert", "loop back warning", "unix from loop", "is rejected", "reject mail"];
    let of_fml = mail.message_id.as_ref().is_some_and(|id| id.as_str().contains(".FML"));
    of_fml
        && mail.header("X-MLServer").is_some_and(|v| v.contains("fml"))
        && mail.subject.as_deref().is_some_and(|s| holds(&WORDS, &s.to_lowercase()))
}

/// A mail that somebody's address stands for: reports come from the empty one (RFC 5321 section 4.5.5).
pub fn has_envelope(mail: &Mail) -> bool {
    matches!(&mail.return_path, ReturnPath::Address(path) if !is_daemon(path.local()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(text: &str) -> bool {
        is_subject(&Mail { subject: Some(text.to_owned()), ..Mail::default() })
    }

    #[test]
    fn subjects_of_mail_systems_are_known_and_those_about_them_are_not() {
        for ours in [
            "Undelivered Mail Returned to Sender",
            "***SPAM*** Undeliverable: hello",
            "[list] Mail delivery failed: returning message to sender",
            "mx.example.com Mail delivery failed : returning message to sender",
            "Unzustellbar: Ihre Bestellung",
            "メールエラー通知",
            "Недоставленное сообщение",
        ] {
            assert!(subject(ours), "{ours}");
        }
        for theirs in
            ["Fwd: Undeliverable: hello", "Re: failure notice", "WG: Unzustellbar", "My parcel", "Where is my mail?"]
        {
            assert!(!subject(theirs), "{theirs}");
        }
    }

    #[test]
    fn daemons_are_known_by_their_names() {
        for local in ["MAILER-DAEMON", "post_master", "MDaemon"] {
            assert!(is_daemon(local), "{local}");
        }
        assert!(is_carrier("Mail.Delivery.System") && !is_daemon("mail.delivery"));
        for local in ["master", "delivery", "daemon.jones", "support"] {
            assert!(!is_daemon(local), "{local}");
        }
        assert!(is_broken_daemon("<Postmaster\\@n.example@x.example>"));
        assert!(is_broken_daemon("MAILER-DAEMON (Mail Delivery System)"));
        assert!(!is_broken_daemon("Mei Tan <mei>"));
    }
}
