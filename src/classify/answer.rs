//! May a letter of ours answer this mail? RFC 3834 sections 2 and 4, and the limits of mail-rules section 3.
//!
//! Asked only of mail that the table calls human. Every no has its reason, for staff and for `amends inspect`.

use crate::mail::{Address, Mail, ReturnPath};

use super::{Answer, Found, Proven, Rules};

/// Domains that many strangers share: a limit a domain would silence all of them.
const FREE_MAIL: [&str; 28] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "ymail.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "aol.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "web.de",
    "t-online.de",
    "freenet.de",
    "mail.ru",
    "yandex.ru",
    "qq.com",
    "163.com",
    "proton.me",
    "protonmail.com",
    "fastmail.com",
    "orange.fr",
];

/// So many letters within the hour are enough for whoever writes again within so many seconds of the last: two desks
/// whose headers a gateway strips go round that fast, people hardly ever.
const QUICK_LETTERS: u32 = 2;
const QUICK_SECS: i64 = 120;

/// The limits of row 15; `None` where none is reached.
pub fn limit(customer: Option<&Address>, authenticated: bool, found: &Found, rules: &Rules) -> Option<String> {
    let limits = &rules.limits;
    let reached = |count: u32, limit: u32| limit > 0 && count >= limit;
    let free = customer.is_some_and(|c| FREE_MAIL.contains(&c.domain()));
    if found.stopped {
        Some("automatic mail to this address has ended after bounces".to_owned())
    } else if found.muted {
        Some("this address answered our automatic mail by machine; it is muted for a day".to_owned())
    } else if reached(found.letters_hour, limits.per_address_hour) {
        Some(format!("limits.per_address_hour: {} letters went to this address within the hour", found.letters_hour))
    } else if reached(found.letters_day, limits.per_address_day) {
        Some(format!("limits.per_address_day: {} letters went to this address within the day", found.letters_day))
    } else if let Some(secs) = found.last_letter_secs.filter(|secs| is_quick(*secs, found, rules)) {
        Some(format!("{} letters went to this address within the hour, the last {secs} s before", found.letters_hour))
    } else if !authenticated && !free && reached(found.domain_letters_hour, limits.per_domain_hour) {
        Some(format!(
            "limits.per_domain_hour: {} letters went to this domain within the hour",
            found.domain_letters_hour
        ))
    } else {
        None
    }
}

/// Off with the limits of an address.
fn is_quick(secs: i64, found: &Found, rules: &Rules) -> bool {
    let limited = rules.limits.per_address_hour > 0 || rules.limits.per_address_day > 0;
    limited && found.letters_hour >= QUICK_LETTERS && (0..QUICK_SECS).contains(&secs)
}

/// RFC 3834 section 4: the destination is the one From address where it is authenticated or equals the Return-Path.
pub fn destination(mail: &Mail, customer: Option<&Address>, proven: Proven) -> Answer {
    let Some(customer) = customer else {
        return Answer::No("the sender's address cannot be written to".to_owned());
    };
    if proven.authenticated {
        return Answer::Yes;
    }
    match &mail.return_path {
        ReturnPath::Address(path) if path == customer => Answer::Yes,
        ReturnPath::Address(_) => Answer::No("Return-Path and From differ, and From is not authenticated".to_owned()),
        ReturnPath::Absent => Answer::No("no Return-Path, and From is not authenticated".to_owned()),
        // RFC 3834 section 2: never to a null address.
        ReturnPath::Null => Answer::No("Return-Path <>".to_owned()),
        ReturnPath::Unreadable => Answer::No("the Return-Path cannot be read".to_owned()),
    }
}
