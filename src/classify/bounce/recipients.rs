//! Whom a mail server failed to reach, and what it says of them, where it sends no fields.
//!
//! From the surest sign to the weakest: `X-Failed-Recipients`, addresses at the beginning of lines below "the following
//! addresses failed", the same anywhere, a transcript, sentences, bare local names, and last the To of the mail that came
//! back. The mail's own reader and mail systems are never named; a name too many would stop nobody's mail, for only our
//! `b` token has an effect (mail-rules section 4).

use std::sync::LazyLock;

use crate::mail::{Address, Mail, RecipientReport};

use super::lists::{List, Phrases, holds};
use super::notice::Notice;
use super::{codes, reasons, signs};

const MAX_REPORTS: usize = 50;
const MAX_DIAGNOSTIC_BYTES: usize = 2000;
/// Lines below an address that may speak of it.
const MAX_BLOCK_LINES: usize = 16;

static ANNOUNCEMENTS: List = LazyLock::new(|| Phrases::new(include_str!("announcements.txt")));

/// An address, and the line that names it.
type Named = (Address, Option<usize>);

/// One report for each address that the words name as failed; one without an address where they name none.
pub fn reports(mail: &Mail, notice: &Notice<'_>) -> Vec<RecipientReport> {
    let named = named(mail, notice);
    let alone = named.len() <= 1;
    if named.is_empty() {
        return says_failed(notice).then(|| report(None, None, notice, alone)).into_iter().collect();
    }
    named.into_iter().map(|(address, at)| report(Some(address), at, notice, alone)).collect()
}

/// Of fields that name nobody we could write to: the one address that the words name instead.
pub fn only_one(mail: &Mail, notice: &Notice<'_>) -> Option<Address> {
    let mut named = named(mail, notice);
    named.pop().filter(|_| named.is_empty()).map(|(address, _)| address)
}

fn says_failed(notice: &Notice<'_>) -> bool {
    signs::says_undelivered(notice) || reasons::by_words(&notice.lines.join(" ")).is_some()
}

fn named(mail: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    const WAYS: [fn(&Mail, &Notice<'_>) -> Vec<Named>; 5] =
        [in_header, listed, in_transcript, in_sentences, returned_to];
    for way in WAYS {
        let mut found: Vec<Named> = Vec::new();
        for (address, at) in way(mail, notice) {
            let own = mail.to.iter().chain(&mail.from).any(|p| p.address == address);
            let known = found.iter().any(|(known, _)| *known == address);
            if !own && !known && !signs::is_daemon(address.local()) && found.len() < MAX_REPORTS {
                found.push((address, at));
            }
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

/// Exim's field, which Gmail and others write too.
fn in_header(mail: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    if mail.header("X-Failed-Recipients").is_none() {
        return Vec::new();
    }
    let lines: Vec<String> = notice.lines.iter().map(|line| line.to_ascii_lowercase()).collect();
    mail.headers_named("X-Failed-Recipients")
        .flat_map(|value| value.split([',', ' ', ';']))
        .filter_map(Address::parse)
        .map(|address| {
            let at = lines.iter().position(|line| line.contains(&address.folded()));
            (address, at)
        })
        .collect()
}

/// Addresses at the beginning of lines: below the announcement, else anywhere.
fn listed(mail: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    let announced = announcement(notice);
    if let Some(at) = announced {
        let below = leading(notice, at + 1, false);
        if !below.is_empty() {
            return below;
        }
        let local = local_names(mail, notice);
        if !local.is_empty() {
            return local;
        }
        let mut spoken = spoken_near(notice, at);
        if !spoken.is_empty() {
            spoken.extend(answered(notice));
            return spoken;
        }
    }
    leading(notice, 0, true)
}

fn leading(notice: &Notice<'_>, from: usize, to_counts: bool) -> Vec<Named> {
    let lines = notice.lines.iter().enumerate().skip(from);
    lines.filter_map(|(at, line)| leading_address(line, to_counts).map(|address| (address, Some(at)))).collect()
}

/// The address in the announcement itself ("could not be delivered to mei@n.example because ..."), or in its sentence.
fn spoken_near(notice: &Notice<'_>, at: usize) -> Vec<Named> {
    let paragraph = notice.lines.iter().enumerate().skip(at).take(4).take_while(|(_, line)| !line.trim().is_empty());
    let helpless = |(_, line): &(usize, &&str)| !offers_help(&line.to_lowercase());
    paragraph.filter(helpless).flat_map(|(at, line)| addresses(line).map(move |a| (a, Some(at)))).collect()
}

fn announcement(notice: &Notice<'_>) -> Option<usize> {
    notice.lines.iter().position(|line| ANNOUNCEMENTS.held_in(&line.to_lowercase()))
}

/// `RCPT TO:<mei@n.example>` in a session that is printed.
fn in_transcript(_: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    let mut found = Vec::new();
    for (at, line) in notice.lines.iter().enumerate() {
        let upper = line.to_ascii_uppercase();
        if let Some(start) = upper.find("RCPT TO:") {
            found.extend(addresses(&line[start + "RCPT TO:".len()..]).next().map(|a| (a, Some(at))));
        }
    }
    found.extend(answered(notice));
    found.sort_by_key(|(_, at)| *at);
    found
}

/// `550 <mei@n.example>... User unknown`: a reply on a line of its own that names somebody.
fn answered(notice: &Notice<'_>) -> Vec<Named> {
    let reply = |line: &str| {
        line.trim_start().get(..4).is_some_and(|start| start.ends_with([' ', '-']) && codes::reply(start).is_some())
    };
    let lines = notice.lines.iter().enumerate().filter(|(_, line)| reply(line));
    lines.filter_map(|(at, line)| addresses(line).next().map(|address| (address, Some(at)))).collect()
}

/// Addresses in lines that speak of delivery; else the first one of all.
fn in_sentences(_: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    let mut spoken = Vec::new();
    let mut first = None;
    for (at, line) in notice.lines.iter().enumerate() {
        let lower = line.to_lowercase();
        if offers_help(&lower) || is_header_of_sender(&lower) {
            continue;
        }
        let mut here = addresses(line).map(|address| (address, Some(at))).peekable();
        if first.is_none() {
            first = here.peek().cloned();
        }
        if speaks_of_recipient(&lower) {
            spoken.extend(here);
        }
    }
    if spoken.is_empty() { first.into_iter().collect() } else { spoken }
}

fn offers_help(lower: &str) -> bool {
    holds(
        &[
            "contact",
            "assistance",
            "further help",
            "questions",
            "help desk",
            "helpdesk",
            "abuse@",
            "wenden sie sich",
            "send mail to",
        ],
        lower,
    )
}

fn is_header_of_sender(lower: &str) -> bool {
    let lower = lower.trim_start_matches([' ', '\t', '>']);
    ["from:", "reply-to:", "sender:", "mail from:", "return-path:", "message-id:", "cc:"]
        .iter()
        .any(|f| lower.starts_with(f))
}

fn speaks_of_recipient(lower: &str) -> bool {
    const WORDS: [&str; 15] = [
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
        "generated from",
        "expanded from",
        "postponed",
    ];
    holds(&WORDS, lower)
}

/// AOL's and local programs' way: a bare name below the announcement, at home where the report comes from.
fn local_names(mail: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    let home = mail.from.first().map(|party| party.address.domain());
    let (Some(at), Some(domain)) = (announcement(notice), home) else { return Vec::new() };
    if !notice.lines[at].trim_end().ends_with(':') {
        return Vec::new();
    }
    let below = notice.lines.iter().enumerate().skip(at + 1);
    let block = below.skip_while(|(_, line)| line.trim().is_empty()).take_while(|(_, line)| !line.trim().is_empty());
    let bare = |line: &str| line.starts_with([' ', '\t']) && line.trim().len() <= 64;
    block
        .take(MAX_REPORTS)
        .filter(|(_, line)| bare(line))
        .filter_map(|(at, line)| Address::parse(&format!("{}@{domain}", line.trim())).map(|a| (a, Some(at))))
        .collect()
}

/// Whom the mail that came back was for; only where it was for one, the report names nobody.
fn returned_to(mail: &Mail, notice: &Notice<'_>) -> Vec<Named> {
    if !says_failed(notice) {
        return Vec::new();
    }
    let carried = mail.returned.iter().flat_map(|r| r.to.iter().cloned());
    let written = notice.returned_field("To").into_iter().flat_map(addresses);
    let to: Vec<Address> = carried.chain(written).collect();
    let one = to.first().filter(|first| to.iter().all(|other| other == *first));
    one.map(|address| (address.clone(), None)).into_iter().collect()
}

/// `<mei@n.example>: reason`, `  mei@n.example`, `"mei@n.example":`, `mei@n.example... User unknown`, `SMTP=mei@n.example;`.
fn leading_address(line: &str, to_counts: bool) -> Option<Address> {
    const LABELS: [&str; 14] = [
        "recipient:",
        "recipient address:",
        "final-recipient:",
        "original-recipient:",
        "failed recipient:",
        "failed address:",
        "intended recipient:",
        "addressed to:",
        "address:",
        "rcpt to:",
        "unknown user:",
        "invalid final delivery userid:",
        "mailbox:",
        "to:",
    ];
    if line.trim_start().starts_with(">>>") && line.contains(':') {
        return None;
    }
    let mut line = line
        .trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '-' | '|' | '\u{b7}' | '>' | '\u{2022}'));
    let label = LABELS.iter().find(|label| line.get(..label.len()).is_some_and(|l| l.eq_ignore_ascii_case(label)));
    match label {
        Some(&"to:") if !to_counts => return None,
        Some(label) => line = line[label.len()..].trim_start(),
        None => {}
    }
    // X.400 and Exchange's own form: the address behind the type.
    for mark in ["SMTP=", "[SMTP:"] {
        if let Some(at) = line.find(mark) {
            line = &line[at + mark.len()..];
        }
    }
    let line = line.strip_prefix("rfc822;").map_or(line, str::trim_start);
    let first = line.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ']')).next()?;
    let first = first.trim_start_matches(['<', '"', '\'', '\u{ab}']).trim_start_matches("mailto:");
    let first = first.split(['>', '"', '\'', '\u{bb}']).next()?;
    with_host(Address::parse(first.trim_end_matches(['.', ':']))?)
}

fn with_host(address: Address) -> Option<Address> {
    Some(address).filter(|a| a.domain().contains('.'))
}

/// All addresses of a line.
fn addresses(line: &str) -> impl Iterator<Item = Address> + '_ {
    // An address is ASCII; Chinese and Japanese set it between signs of their own, without a blank.
    let mark = |c: char| {
        !c.is_ascii()
            || c.is_whitespace()
            || matches!(c, '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\'' | ',' | ';' | '=')
    };
    line.split(mark)
        .map(|w| w.trim_start_matches("mailto:").trim_end_matches(['.', ':', '!', '?']))
        .filter_map(Address::parse)
        .filter_map(with_host)
}

fn report(recipient: Option<Address>, at: Option<usize>, notice: &Notice<'_>, alone: bool) -> RecipientReport {
    let mut said = at.map(|at| block(&notice.lines, at)).unwrap_or_default();
    let says_little =
        |said: &str| codes::reply(said).is_none() && codes::status(said).is_none() && reasons::by_words(said).is_none();
    if says_little(&said) {
        said = recipient.as_ref().and_then(|r| mention(&notice.lines, r, at)).unwrap_or(said);
    }
    // Then the reason stands apart from the address: it is all about this one.
    if alone && says_little(&said) {
        said = joined(notice.lines.iter().copied());
    }
    let status = codes::status(&said).or_else(|| codes::status(&notice.lines.join(" ")));
    RecipientReport {
        recipient,
        status,
        diagnostic: Some(said).filter(|d| !d.is_empty()),
        ..RecipientReport::default()
    }
}

/// The line of the address and what follows it, up to a gap or the next address.
fn block(lines: &[&str], at: usize) -> String {
    let named = leading_address(lines[at], true);
    let mut end = at + 1;
    let mut gap = false;
    for (offset, line) in lines[at..].iter().enumerate().take(MAX_BLOCK_LINES).skip(1) {
        if line.trim().is_empty() {
            if gap {
                break;
            }
            gap = true;
        } else if leading_address(line, false).is_some_and(|other| named.as_ref() != Some(&other)) {
            break;
        }
        end = at + offset + 1;
    }
    joined(lines[at..end].iter().copied())
}

/// Another place that names the address and says more: `SMTP:RCPT host 192.0.2.1: 553 <mei@n.example>... No such user`.
fn mention(lines: &[&str], address: &Address, at: Option<usize>) -> Option<String> {
    let folded = address.folded();
    let others = lines.iter().enumerate().filter(|(i, _)| Some(*i) != at);
    others
        .filter(|(_, line)| line_names(line, &folded))
        .map(|(i, _)| block(lines, i))
        .find(|said| codes::reply(said).is_some() || reasons::by_words(said).is_some())
}

/// What the words for people say about an address of which the fields give no diagnostic.
pub fn said_about(notice: &Notice<'_>, address: &Address) -> Option<String> {
    let folded = address.folded();
    let at = notice.lines.iter().position(|line| line_names(line, &folded))?;
    let said = block(&notice.lines, at);
    Some(said).filter(|said| said.trim_matches(['<', '>', ':']).len() > address.as_str().len() + 4)
}

fn line_names(line: &str, folded: &str) -> bool {
    line.contains('@') && line.to_ascii_lowercase().contains(folded)
}

fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut said = String::new();
    let mut left = MAX_DIAGNOSTIC_BYTES;
    for line in lines.map(str::trim).filter(|line| !line.is_empty()) {
        if !said.is_empty() {
            said.push(' ');
        }
        let part = &line[..line.floor_char_boundary(left)];
        said.push_str(part);
        left -= part.len();
        if part.len() < line.len() || left == 0 {
            break;
        }
    }
    said
}
