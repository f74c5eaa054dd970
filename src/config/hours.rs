//! `[calendar.NAME]`: hours by weekday, zone and holidays; `office` and `always` exist without being written.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::decide::calendar::{Calendar, Window};

use super::holidays;
use super::names::{ALWAYS, OFFICE};
use super::tree::Block;
use super::words::{self, Holiday};

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

pub fn calendars(file: &Block<'_>, zone: &TimeZone) -> BTreeMap<String, Calendar> {
    let mut calendars =
        BTreeMap::from([(ALWAYS.to_owned(), Calendar::always_ref().clone()), (OFFICE.to_owned(), office(zone))]);
    for (name, entry) in file.block("calendar", "calendars").entries() {
        if !entry.is_table() {
            entry.wrong("stands in no calendar. Write a header above it: [calendar.office]");
            continue;
        }
        if name == ALWAYS {
            entry.wrong("\"always\" is built in and cannot be changed. Choose another name");
            continue;
        }
        if let Err(what) = words::name(&name) {
            entry.wrong(what);
        }
        calendars.insert(name.clone(), calendar(&entry.block("calendar"), &name, zone));
    }
    calendars
}

/// Monday to Friday, 9 to 17.
fn office(zone: &TimeZone) -> Calendar {
    let day = vec![Window { open: Time::constant(9, 0, 0, 0), close: Some(Time::constant(17, 0, 0, 0)) }];
    let mut week: [Vec<Window>; 7] = Default::default();
    week[..5].fill(day);
    Calendar {
        name: OFFICE.to_owned(),
        timezone: zone.clone(),
        week,
        yearly_holidays: BTreeSet::new(),
        holidays: BTreeSet::new(),
        always: false,
    }
}

fn calendar(block: &Block<'_>, name: &str, zone: &TimeZone) -> Calendar {
    let mut calendar = Calendar {
        name: name.to_owned(),
        timezone: block.read("timezone", words::timezone).unwrap_or_else(|| zone.clone()),
        week: DAYS.map(|day| windows(block, day)),
        yearly_holidays: BTreeSet::new(),
        holidays: BTreeSet::new(),
        always: false,
    };
    if DAYS.iter().all(|day| block.get(day).is_none_or(|e| e.is_empty_list())) {
        block.wrong("", "is never open. Write hours for a day at least, as mon = [\"09:00-17:00\"]");
    }
    for holiday in block.read_list("holidays", words::holiday).unwrap_or_default() {
        add(&mut calendar, holiday);
    }
    for entry in block.get("holidays_ics").map(|list| list.list()).unwrap_or_default() {
        holidays::from_file(&entry).into_iter().for_each(|holiday| add(&mut calendar, holiday));
    }
    calendar
}

fn add(calendar: &mut Calendar, holiday: Holiday) {
    match holiday {
        Holiday::Yearly(month, day) => calendar.yearly_holidays.insert((month, day)),
        Holiday::Once(date) => calendar.holidays.insert(date),
    };
}

/// The windows of one day, sorted; those that overlap are a mistake, not a sum.
fn windows(block: &Block<'_>, day: &str) -> Vec<Window> {
    let Some(list) = block.get(day) else { return Vec::new() };
    let mut windows: Vec<Window> = Vec::new();
    for entry in list.list() {
        let Some(window) = entry.read(words::window) else { continue };
        if let Some(other) = windows.iter().find(|other| overlap(other, &window)) {
            entry.wrong(format!("\"{}\" overlaps \"{}\" of the same day", shown(&window), shown(other)));
        }
        windows.push(window);
    }
    windows.sort_by_key(|w| w.open);
    windows
}

fn overlap(a: &Window, b: &Window) -> bool {
    let before = |a: &Window, b: &Window| a.close.is_some_and(|close| close <= b.open);
    !before(a, b) && !before(b, a)
}

/// `09:00-12:30`, as the file writes it.
pub fn shown(window: &Window) -> String {
    let close = window.close.map_or("24:00".to_owned(), |t| t.strftime("%H:%M").to_string());
    format!("{}-{close}", window.open.strftime("%H:%M"))
}

/// Windows of the week as minutes from its Monday 00:00 in `zone`, merged and sorted; the week of that Monday.
pub fn minutes_of_week(calendar: &Calendar, monday: Date, zone: &TimeZone) -> Vec<(i64, i64)> {
    if calendar.always {
        return vec![(0, WEEK_MINUTES)];
    }
    let start = zone.to_ambiguous_timestamp(monday.at(0, 0, 0, 0)).compatible();
    let minute = |date: Option<Date>, time: Time| {
        let at = calendar.timezone.to_ambiguous_timestamp(date?.to_datetime(time)).compatible().ok()?;
        Some((at.as_second() - start.as_ref().ok()?.as_second()) / 60)
    };
    // One day more on each side: another zone's Sunday evening is our Monday morning.
    let days = (-1..=7_i64).filter_map(|n| Some((usize::try_from((n + 7) % 7).ok()?, n)));
    let mut open: Vec<(i64, i64)> = Vec::new();
    for (weekday, n) in days {
        let day = monday.checked_add(jiff::Span::new().days(n)).ok();
        let next = monday.checked_add(jiff::Span::new().days(n + 1)).ok();
        for window in &calendar.week[weekday] {
            let close = window.close.map_or_else(|| minute(next, Time::midnight()), |close| minute(day, close));
            open.extend(minute(day, window.open).zip(close));
        }
    }
    merged(open)
}

pub const WEEK_MINUTES: i64 = 7 * 24 * 60;

/// Sorted, cut to the week, touching stretches joined.
pub fn merged(mut stretches: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    stretches.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (from, to) in stretches {
        let (from, to) = (from.max(0), to.min(WEEK_MINUTES));
        match joined.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ if from < to => joined.push((from, to)),
            _ => {}
        }
    }
    joined
}
