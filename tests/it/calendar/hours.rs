//! Calendars written as people say them: `mo-fr 09:00-12:00 13:00-17:00; sa 10:00-14:00`.

use std::collections::BTreeSet;

use amends::decide::calendar::{Calendar, Span, Window};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const DAYS: [&str; 7] = ["mo", "tu", "we", "th", "fr", "sa", "su"];

/// A calendar from its zone, its week and its holidays (`12-25` every year, `2026-04-06` once).
pub fn calendar(zone: &str, week: &str, holidays: &str) -> Calendar {
    let mut calendar = Calendar {
        name: "office".into(),
        timezone: TimeZone::get(zone).expect("a zone of the tz database"),
        week: Default::default(),
        yearly_holidays: BTreeSet::new(),
        holidays: BTreeSet::new(),
        always: week == "always",
    };
    for part in week.split(';').filter(|_| week != "always") {
        add_days(&mut calendar, part.trim());
    }
    for day in holidays.split_whitespace() {
        add_holiday(&mut calendar, day);
    }
    calendar
}

fn add_days(calendar: &mut Calendar, part: &str) {
    let (days, windows) = part.split_once(' ').expect("days, then windows");
    let (first, last) = days.split_once('-').unwrap_or((days, days));
    let at = |day: &str| DAYS.iter().position(|d| *d == day).expect("a day of the week");
    for day in at(first)..=at(last) {
        calendar.week[day] = windows.split_whitespace().map(window).collect();
    }
}

fn window(text: &str) -> Window {
    let (open, close) = text.split_once('-').expect("open-close");
    let time = |text: &str| text.parse::<Time>().expect("a time");
    Window { open: time(open), close: (close != "24:00").then(|| time(close)) }
}

fn add_holiday(calendar: &mut Calendar, day: &str) {
    match day.len() {
        5 => {
            let once: Date = format!("2000-{day}").parse().expect("month and day");
            calendar.yearly_holidays.insert((once.month(), once.day()));
        }
        _ => {
            calendar.holidays.insert(day.parse().expect("a date"));
        }
    }
}

/// `4h`, `1h30m`, `45s`, `2d`, `1w`.
pub fn span(text: &str) -> Span {
    let number = |unit| text.strip_suffix(unit).and_then(|n: &str| n.parse().ok());
    match (number('d'), number('w')) {
        (Some(days), _) => Span::Days(days),
        (_, Some(weeks)) => Span::Weeks(weeks),
        (None, None) => Span::Working(text.parse::<SignedDuration>().expect("working time")),
    }
}

/// `2026-03-29 02:30` in that zone; a trailing `+02` picks one of two equal hours.
pub fn instant(zone: &TimeZone, text: &str) -> Timestamp {
    let (local, offset) = text.split_at(16);
    let civil: DateTime = local.replace(' ', "T").parse().expect("a local time");
    match offset.trim().parse::<f64>() {
        Ok(hours) => offset_of(hours).to_timestamp(civil).expect("an instant"),
        Err(_) => zone.to_timestamp(civil).expect("an instant"),
    }
}

fn offset_of(hours: f64) -> jiff::tz::Offset {
    jiff::tz::Offset::from_seconds((hours * 3600.0) as i32).expect("an offset")
}

/// `Mon 2026-11-23 09:00`.
pub fn shown(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
}
