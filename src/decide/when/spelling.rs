//! How people spell a date or a time: text to [`Said`], without knowing what day it is.
//!
//! English words, in any case, with or without commas. What has two readings (`03/04/2026`, `1.12.`, `next friday`)
//! is refused and says how to write it instead. Total: no text makes it panic, a number of any length is cut down.

use jiff::SignedDuration;
use jiff::civil::{Date, Time, Weekday};

/// What was written, before anybody looks at a calendar.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Said {
    Elapsed(SignedDuration),
    /// Calendar days: the same time of day that many days later.
    Days(i64),
    WorkingDays(u32),
    At(Time),
    On(Day, Option<Time>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Day {
    Today,
    Tomorrow,
    Yesterday,
    Weekday(Weekday),
    Date { written: Written, weekday: Option<Weekday> },
}

/// A day of some year: it exists at least in leap years.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Written {
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
}

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
/// What may stand before a date and means nothing: `#wait until friday`.
const LEADS: [&str; 5] = ["on", "by", "until", "till", "in"];
const HALVES: [(&str, bool); 4] = [("am", false), ("a.m", false), ("pm", true), ("p.m", true)];
const A_LEAP_YEAR: i16 = 2028;
/// Beyond the last instant even in minutes, and small enough to count with.
const MOST: i64 = 100_000_000_000;

/// Reads `text`, or says in one sentence why it cannot be read.
pub fn spell(text: &str) -> Result<Said, String> {
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if let Some(said) = length(&words.concat()) {
        return said;
    }
    if let Some(word) = words.iter().find(|word| has_two_readings(word)) {
        let how = "Write the year first (2026-12-01), the month as a word (1 Dec), or a time with a colon (9:30).";
        return Err(format!("\"{}\" can be read in more than one way. {how}", shown(word)));
    }
    if words.first() == Some(&"next") {
        return Err(format!("\"{}\" can mean more than one day. Write the day itself.", shown(text)));
    }
    let (time, rest) = split_time(&words)?;
    match (day(rest)?, time) {
        (None, Some(time)) if rest.is_empty() => Ok(Said::At(time)),
        (Some(day), time) => Ok(Said::On(day, time)),
        (None, _) => Err(format!("I cannot read \"{}\" as a date or a time.", shown(text))),
    }
}

/// Lower case, without what carries no meaning; `5 pm` becomes one word.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let parts = lower.split(|c: char| c.is_whitespace() || c == ',').map(|word| word.trim_end_matches('.'));
    let mut words: Vec<String> = Vec::new();
    for part in parts.filter(|part| !part.is_empty() && *part != "at") {
        let is_lead = words.is_empty() && LEADS.contains(&part);
        match words.last_mut() {
            Some(hour) if HALVES.iter().any(|(half, _)| *half == part) => hour.push_str(part),
            _ if is_lead => {}
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// `4h`, `1h30m`, `3 days`, `2 working days`, their words run together. `None` where it is no length.
fn length(joined: &str) -> Option<Result<Said, String>> {
    let pieces = pieces(joined)?;
    if pieces.iter().all(|(number, _)| *number == 0) {
        return Some(Err(format!("\"{}\" is no time at all.", shown(joined))));
    }
    let said = match pieces[..] {
        [(number, Unit::Day)] => Said::Days(number),
        [(number, Unit::Week)] => Said::Days(number * 7),
        [(number, Unit::WorkingDay)] => Said::WorkingDays(u32::try_from(number).unwrap_or(u32::MAX)),
        _ => {
            let minutes: Option<Vec<i64>> = pieces.iter().map(|(number, unit)| unit.minutes(*number)).collect();
            Said::Elapsed(SignedDuration::from_secs(minutes?.iter().sum::<i64>() * 60))
        }
    };
    Some(Ok(said))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    WorkingDay,
}

impl Unit {
    fn read(word: &str) -> Option<Unit> {
        match word {
            "m" | "min" | "mins" | "minute" | "minutes" => Some(Unit::Minute),
            "h" | "hr" | "hrs" | "hour" | "hours" => Some(Unit::Hour),
            "d" | "day" | "days" => Some(Unit::Day),
            "w" | "week" | "weeks" => Some(Unit::Week),
            "workingday" | "workingdays" => Some(Unit::WorkingDay),
            _ => None,
        }
    }

    fn minutes(self, number: i64) -> Option<i64> {
        match self {
            Unit::Minute => Some(number),
            Unit::Hour => Some(number * 60),
            Unit::Day | Unit::Week | Unit::WorkingDay => None,
        }
    }
}

/// Numbers, each with its unit; at least one.
fn pieces(joined: &str) -> Option<Vec<(i64, Unit)>> {
    let mut pieces = Vec::new();
    let mut rest = joined;
    while !rest.is_empty() {
        let (number, behind) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, next) = behind.split_at(behind.find(|c: char| c.is_ascii_digit()).unwrap_or(behind.len()));
        if number.is_empty() {
            return None;
        }
        // Too long for a number is too long for a wait as well.
        pieces.push((number.parse().unwrap_or(MOST).min(MOST), Unit::read(unit)?));
        rest = next;
    }
    (!pieces.is_empty()).then_some(pieces)
}

/// Numbers between points, strokes or dashes that do not begin with a year.
fn has_two_readings(word: &str) -> bool {
    let parts: Vec<&str> = word.split(['/', '.', '-']).collect();
    parts.len() > 1 && parts.iter().all(|part| is_number(part, 4)) && iso(word).is_none()
}

/// The time of day stands behind the day, or before it.
fn split_time<'a>(words: &'a [&'a str]) -> Result<(Option<Time>, &'a [&'a str]), String> {
    if let Some((last, rest)) = words.split_last()
        && let Some(time) = time(last)
    {
        return Ok((Some(time?), rest));
    }
    match words.split_first() {
        Some((first, rest)) => match time(first) {
            Some(time) => Ok((Some(time?), rest)),
            None => Ok((None, words)),
        },
        None => Ok((None, words)),
    }
}

/// `17:00`, `5pm`, `9.30am`; `None` where it does not look like a time.
fn time(word: &str) -> Option<Result<Time, String>> {
    let half = HALVES.iter().find_map(|(half, after)| word.strip_suffix(half).map(|rest| (rest, *after)));
    let (hour, minute) = match half {
        Some((bare, _)) => bare.split_once([':', '.']).unwrap_or((bare, "00")),
        None => word.split_once(':')?,
    };
    if !is_number(hour, 2) || !is_number(minute, 2) || minute.len() != 2 {
        return None;
    }
    let hour: i8 = hour.parse().ok()?;
    let hour = match half {
        Some((_, after)) if (1..=12).contains(&hour) => hour % 12 + if after { 12 } else { 0 },
        Some(_) => -1,
        None => hour,
    };
    let time = minute.parse().ok().and_then(|minute| Time::new(hour, minute, 0, 0).ok());
    Some(time.ok_or_else(|| format!("\"{}\" is no time of day: they run from 0:00 to 23:59.", shown(word))))
}

fn day(words: &[&str]) -> Result<Option<Day>, String> {
    let weekday = words.first().and_then(|word| weekday(word));
    match (weekday, &words[usize::from(weekday.is_some())..]) {
        (Some(weekday), []) => Ok(Some(Day::Weekday(weekday))),
        (None, ["today"]) => Ok(Some(Day::Today)),
        (None, ["tomorrow"]) => Ok(Some(Day::Tomorrow)),
        (None, ["yesterday"]) => Ok(Some(Day::Yesterday)),
        (weekday, rest) => match date(rest) {
            Some(written) if Date::new(written.year.unwrap_or(A_LEAP_YEAR), written.month, written.day).is_err() => {
                Err(format!("There is no {} in the calendar.", shown(&rest.join(" "))))
            }
            written => Ok(written.map(|written| Day::Date { written, weekday })),
        },
    }
}

/// `2026-12-01`, `1 dec`, `dec 1st`, either with a year behind it.
fn date(words: &[&str]) -> Option<Written> {
    let (a, b, year) = match words {
        [date] => return iso(date),
        [a, b] => (a, b, None),
        [a, b, year] if year.len() == 4 && is_number(year, 4) => (a, b, Some(year.parse().ok()?)),
        _ => return None,
    };
    let (day, month) = match (day_number(a), month(b)) {
        (Some(day), Some(month)) => (day, month),
        _ => (day_number(b)?, month(a)?),
    };
    Some(Written { year, month, day })
}

/// The year first: the one order of numbers that has one reading (ISO 8601).
fn iso(word: &str) -> Option<Written> {
    let mut parts = word.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = year.len() == 4 && is_number(year, 4) && is_number(month, 2) && is_number(day, 2);
    if !fits || parts.next().is_some() {
        return None;
    }
    Some(Written { year: Some(year.parse().ok()?), month: month.parse().ok()?, day: day.parse().ok()? })
}

fn day_number(word: &str) -> Option<i8> {
    let bare = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    if is_number(bare, 2) { bare.parse().ok() } else { None }
}

fn month(word: &str) -> Option<i8> {
    place(word, &MONTHS).and_then(|place| i8::try_from(place + 1).ok())
}

fn weekday(word: &str) -> Option<Weekday> {
    let place = place(word, &WEEKDAYS)?;
    i8::try_from(place).ok().and_then(|place| Weekday::from_monday_zero_offset(place).ok())
}

/// A name may be cut to three letters or more.
fn place(word: &str, names: &[&str]) -> Option<usize> {
    names.iter().position(|name| word.len() >= 3 && name.starts_with(word))
}

fn is_number(text: &str, most_digits: usize) -> bool {
    !text.is_empty() && text.len() <= most_digits && text.bytes().all(|b| b.is_ascii_digit())
}

/// As much of it as a person needs to find it again.
fn shown(text: &str) -> String {
    text.trim().chars().take(60).collect()
}
