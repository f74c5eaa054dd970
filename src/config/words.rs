//! Single values as the file writes them: durations, hours, dates, sizes, addresses, languages.
//!
//! Each is a plain function from a word to its value; its error says what was found and what is allowed. What
//! could be read in two ways is refused: nobody's clock runs on a guess.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::decide::calendar::{Span, Window};
use crate::decide::policy::RungAt;
use crate::mail::Address;

use super::mistakes::did_you_mean;
use super::tree::quoted;

const DURATIONS: &str = "Write a number and a unit: 30s, 15m, 4h, 1d or 2w";

/// Working time (`s m h`), working days or weeks of a calendar; never zero.
pub fn span(text: &str) -> Result<Span, String> {
    match any_span(text)? {
        Span::Working(time) if time.is_zero() => {
            Err(format!("{} is no time at all: a target must be longer than zero", quoted(text)))
        }
        span => Ok(span),
    }
}

fn any_span(text: &str) -> Result<Span, String> {
    let too_long = || format!("{} is longer than ten years", quoted(text));
    match parts(text)?.as_slice() {
        [(days, 'd')] if *days > 0 => whole(*days, 3650).map(Span::Days).ok_or_else(too_long),
        [(weeks, 'w')] if *weeks > 0 => whole(*weeks, 520).map(Span::Weeks).ok_or_else(too_long),
        several if several.len() > 1 && several.iter().any(|(_, unit)| matches!(unit, 'd' | 'w')) => {
            Err(format!("{} mixes days with hours: d and w are working days and stand alone", quoted(text)))
        }
        times => {
            let seconds = seconds(times).filter(|s| *s <= 10 * 366 * 86_400).ok_or_else(too_long)?;
            Ok(Span::Working(SignedDuration::from_secs(seconds as i64)))
        }
    }
}

fn whole(number: u64, most: u32) -> Option<u32> {
    u32::try_from(number).ok().filter(|n| *n <= most)
}

/// Time as it passes, whoever works: a day is 24 hours.
pub fn interval(text: &str, allowed: RangeInclusive<&str>) -> Result<Duration, String> {
    let time = elapsed(text)?;
    if (elapsed(allowed.start())?..=elapsed(allowed.end())?).contains(&time) {
        return Ok(time);
    }
    Err(format!("{} is not between {} and {}", quoted(text), allowed.start(), allowed.end()))
}

fn elapsed(text: &str) -> Result<Duration, String> {
    Ok(seconds(&parts(text)?).map_or(Duration::MAX, Duration::from_secs))
}

fn seconds(parts: &[(u64, char)]) -> Option<u64> {
    parts.iter().try_fold(0_u64, |sum, (number, unit)| {
        let unit = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => 7 * 86_400,
        };
        sum.checked_add(number.checked_mul(unit)?)
    })
}

/// `1h30m` as its numbers and units, largest unit first.
fn parts(text: &str) -> Result<Vec<(u64, char)>, String> {
    let says = || format!("{} is no duration. {DURATIONS}", quoted(text));
    let mut rest = text.trim();
    let mut parts: Vec<(u64, char)> = Vec::new();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let unit = rest[digits..].chars().next().filter(|u| "wdhms".contains(*u)).ok_or_else(says)?;
        let number = rest[..digits].parse().map_err(|_| says())?;
        let order = |unit| "wdhms".find(unit);
        if parts.last().is_some_and(|(_, before)| order(*before) >= order(unit)) {
            return Err(says());
        }
        parts.push((number, unit));
        rest = &rest[digits + 1..];
    }
    if parts.is_empty() { Err(says()) } else { Ok(parts) }
}

/// `75%` of the target, `0m` as it breaks, `+2h` after.
pub fn rung_at(text: &str) -> Result<RungAt, String> {
    let text = text.trim();
    if let Some(number) = text.strip_suffix('%') {
        let percent = number.trim().parse::<u8>().ok().filter(|p| (1..=99).contains(p));
        return percent.map(RungAt::Percent).ok_or_else(|| {
            format!("{} is not a share from 1% to 99% (\"0m\" rings as the target breaks)", quoted(text))
        });
    }
    let says = || {
        format!(
            "{} is no moment for a rung. Write a share of the target (\"75%\"), \"0m\" for the moment it breaks, or \"+2h\" for working time after it",
            quoted(text)
        )
    };
    let (later, time) = text.strip_prefix('+').map_or((false, text), |time| (true, time));
    match any_span(time).map_err(|_| says())? {
        Span::Working(time) if time.is_zero() => Ok(RungAt::After(Span::Working(time))),
        span if later => Ok(RungAt::After(span)),
        _ => Err(format!("{} has no sign. Write \"+{time}\" for that long after the target broke", quoted(text))),
    }
}

/// `09:00-12:30`; the day ends at `24:00`.
pub fn window(text: &str) -> Result<Window, String> {
    let says = || format!("{} is no window of hours. Write it as in \"09:00-12:30\"", quoted(text));
    let (open, close) = text.split_once('-').ok_or_else(says)?;
    let open = time(open).ok_or_else(says)?;
    let close = match close.trim() {
        "24:00" => None,
        close => Some(time(close).ok_or_else(says)?),
    };
    if close.is_some_and(|close| close <= open) {
        return Err(format!(
            "{} ends before it begins. Hours over midnight are two windows: to \"24:00\", and from \"00:00\" on the next day",
            quoted(text)
        ));
    }
    Ok(Window { open, close })
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.trim().split_once(':')?;
    let number = |s: &str| s.parse::<i8>().ok().filter(|_| s.len() <= 2 && s.bytes().all(|b| b.is_ascii_digit()));
    Time::new(number(hour)?, number(minute).filter(|_| minute.len() == 2)?, 0, 0).ok()
}

/// A holiday: every year, or on one date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holiday {
    Yearly(i8, i8),
    Once(Date),
}

/// `12-25` or `2026-04-06`.
pub fn holiday(text: &str) -> Result<Holiday, String> {
    let text = text.trim();
    let says =
        || format!("{} is no holiday. Write \"12-25\" for every year or \"2026-04-06\" for one date", quoted(text));
    if text.len() == "12-25".len() {
        // 2024 is a leap year: 29 February is a day that some years have.
        let day: Date = format!("2024-{text}").parse().map_err(|_| says())?;
        return Ok(Holiday::Yearly(day.month(), day.day()));
    }
    date(text).map(Holiday::Once).map_err(|_| says())
}

pub fn date(text: &str) -> Result<Date, String> {
    let text = text.trim();
    let plain = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let date = text.parse().ok().filter(|_| plain);
    date.ok_or_else(|| format!("{} is no date. Write it as in \"2026-12-20\"", quoted(text)))
}

/// `35 MiB` in bytes.
pub fn size(text: &str) -> Result<u64, String> {
    let says = || format!("{} is no size from \"64 KiB\" to \"1 GiB\". Write it as in \"35 MiB\"", quoted(text));
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let unit: u64 = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(says()),
    };
    let bytes = text[..digits].parse::<u64>().ok().and_then(|n| n.checked_mul(unit));
    bytes.filter(|b| (64 << 10..=1 << 30).contains(b)).ok_or_else(says)
}

pub fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).filter(|a| a.domain().contains('.') || a.domain() == "localhost").ok_or_else(|| {
        format!("{} is no mail address. Write it as in \"support@northwind.example\", in plain ASCII", quoted(text))
    })
}

/// Stands for an address that could not be read, so that the rest can be checked; it never leaves the reader.
pub fn no_address() -> Option<Address> {
    Address::parse("unreadable@address.invalid")
}

/// An address, or `*@domain` for all of a domain; lower case.
pub fn pattern(text: &str) -> Result<String, String> {
    let folded = text.trim().to_ascii_lowercase();
    let probe = folded.strip_prefix("*@").map_or_else(|| folded.clone(), |domain| format!("x@{domain}"));
    if address(&probe).is_ok() && !probe.contains('*') {
        return Ok(folded);
    }
    Err(format!("{} is no pattern. Write an address, or \"*@spam.example\" for a whole domain", quoted(text)))
}

pub fn timezone(text: &str) -> Result<TimeZone, String> {
    let text = text.trim();
    TimeZone::get(text).map_err(|_| {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let city = names.iter().find(|name| name.rsplit('/').next().is_some_and(|c| c.eq_ignore_ascii_case(text)));
        let near = match city {
            Some(name) => format!(" Did you mean \"{name}\"?"),
            None => did_you_mean(text, names.iter().map(String::as_str)),
        };
        format!("{} is no IANA time zone, as \"Europe/Berlin\" is one.{near}", quoted(text))
    })
}

/// ISO 639-1, by which letters and words are sorted.
const LANGUAGES: &str = "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en \
    eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv \
    ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne \
    ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st \
    su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu";

/// `en`, or with a region `pt-BR`.
pub fn language(text: &str) -> Result<String, String> {
    let (primary, region) = text.split_once('-').map_or((text, None), |(p, r)| (p, Some(r)));
    let known = primary.len() == 2 && LANGUAGES.split_whitespace().any(|l| l == primary);
    let region_fits = region.is_none_or(|r| r.len() == 2 && r.bytes().all(|b| b.is_ascii_uppercase()));
    if known && region_fits {
        return Ok(text.to_owned());
    }
    Err(format!("{} is no language. Write its two letters (ISO 639-1), as \"en\", \"de\" or \"pt-BR\"", quoted(text)))
}

/// `sha256:` and 64 hex digits, with or without colons between.
pub fn fingerprint(text: &str) -> Result<[u8; 32], String> {
    let hex: Option<String> = text.trim().strip_prefix("sha256:").map(|hex| hex.replace(':', ""));
    let bytes = hex.and_then(|hex| data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok());
    bytes.and_then(|b| b.try_into().ok()).ok_or_else(|| {
        format!(
            "{} is no fingerprint. Write \"sha256:\" and the 64 hex digits of the certificate's SHA-256",
            quoted(text)
        )
    })
}

/// The letters before a case's number.
pub fn case_prefix(text: &str) -> Result<String, String> {
    let fits = (1..=10).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!("{} is no prefix. Write 1 to 10 letters or digits, a letter first, as \"NW\"", quoted(text)))
}

/// A name by which other keys, commands and the log speak of a thing.
pub fn name(text: &str) -> Result<String, String> {
    let fits = (1..=40).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if fits {
        return Ok(text.to_owned());
    }
    Err(format!("{} is no name. Write 1 to 40 letters, digits, '-', '_' or '.', without blanks", quoted(text)))
}

pub fn host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let name = |h: &str| {
        h.split('.').all(|l| !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'))
    };
    if text.parse::<IpAddr>().is_ok() || (text.len() <= 253 && name(text.trim_end_matches('.'))) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "{} is no host. Write a name as \"imap.northwind.example\" or an IP address, without a port",
        quoted(text)
    ))
}

/// Does what is sent to this host stay on this machine?
pub fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_or_refused() {
        let hours = |h| Ok(Span::Working(SignedDuration::from_hours(h)));
        assert_eq!(span("4h"), hours(4));
        assert_eq!(span("90m"), span("1h30m"));
        assert_eq!(span("5d"), Ok(Span::Days(5)));
        assert_eq!(span("2w"), Ok(Span::Weeks(2)));
        let bad = ["", "4", "h", "4 hours", "-4h", "0h", "0d", "1d4h", "30m1h", "9999999999999999999h", "4ö", "1.5h"];
        for text in bad {
            assert!(span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rungs_ring_before_as_or_after_a_target_breaks() {
        assert_eq!(rung_at("75%"), Ok(RungAt::Percent(75)));
        assert_eq!(rung_at("0m"), Ok(RungAt::After(Span::Working(SignedDuration::ZERO))));
        assert_eq!(rung_at("+2h"), Ok(RungAt::After(Span::Working(SignedDuration::from_hours(2)))));
        assert_eq!(rung_at("+1d"), Ok(RungAt::After(Span::Days(1))));
        for text in ["0%", "100%", "2h", "-2h", "soon", "+", "%"] {
            assert!(rung_at(text).is_err(), "{text}");
        }
    }

    #[test]
    fn windows_end_after_they_begin() {
        assert!(window("09:00-12:30").is_ok() && window("9:00-24:00").is_ok_and(|w| w.close.is_none()));
        for text in ["17:00-09:00", "09:00-09:00", "9-17", "09:00", "25:00-26:00", "09:0-10:00", "+9:00-10:00"] {
            assert!(window(text).is_err(), "{text}");
        }
    }

    #[test]
    fn holidays_are_days_that_exist() {
        assert_eq!(holiday("02-29"), Ok(Holiday::Yearly(2, 29)));
        assert!(matches!(holiday("2026-04-06"), Ok(Holiday::Once(_))));
        for text in ["02-30", "2026-02-29", "25.12.", "12/25", "2026-W10-1", "20260406"] {
            assert!(holiday(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_patterns_and_fingerprints() {
        assert_eq!(size("35 MiB"), Ok(35 << 20));
        assert!(["35", "35 mb b", "1 B", "99999999999999999999 GiB", "2 GiB"].iter().all(|t| size(t).is_err()));
        assert_eq!(pattern("*@Spam.Example"), Ok("*@spam.example".to_owned()));
        assert!(["*", "spam.example", "*spam@x.y", "a*@b.c"].iter().all(|t| pattern(t).is_err()));
        assert!(fingerprint(&format!("sha256:{}", "ab".repeat(32))).is_ok());
        assert!(fingerprint("sha256:abcd").is_err() && fingerprint("md5:ab").is_err());
    }
}
