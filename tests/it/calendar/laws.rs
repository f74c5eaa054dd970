//! What must hold for every calendar, at every instant.

use std::collections::BTreeSet;

use amends::decide::calendar::{Calendar, Span, Window};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

const ZONES: [&str; 9] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "Asia/Beirut",
    "America/Havana",
    "America/Santiago",
    "Africa/Casablanca",
];
const DAY: i64 = 86_400;

/// Any instant of 2009 to 2031, every other time within two days before one of these zones changes its clocks.
fn any_instant() -> impl Strategy<Value = Timestamp> {
    // In milliseconds: parts of a second must not be lost either.
    let anywhere = 1_230_768_000_000i64..1_924_988_400_000;
    let at = |ms| Timestamp::from_millisecond(ms).expect("in range");
    let before = (prop::sample::select(changes()), 0..2 * DAY * 1000);
    prop_oneof![anywhere.prop_map(at), before.prop_map(move |(change, ms)| at(change.as_millisecond() - ms))]
}

/// Every instant of those years at which one of the zones changed.
fn changes() -> Vec<Timestamp> {
    let (first, last) = (Timestamp::constant(1_230_768_000, 0), Timestamp::constant(1_924_988_400, 0));
    let of_zone = |zone: &str| {
        let zone = TimeZone::get(zone).expect("a zone");
        let changes = zone.following(first).map(|change| change.timestamp());
        changes.take_while(|at| *at < last).collect::<Vec<_>>()
    };
    ZONES.iter().flat_map(|zone| of_zone(zone)).collect()
}

/// Up to three windows a day, on quarters of an hour; the last may reach 24:00.
fn any_day() -> impl Strategy<Value = Vec<Window>> {
    prop::collection::btree_set(0u8..=96, 0..=6).prop_map(|marks| {
        let marks: Vec<u8> = marks.into_iter().collect();
        marks.chunks_exact(2).map(|pair| Window { open: time_of(pair[0]), close: close_of(pair[1]) }).collect()
    })
}

fn close_of(quarter: u8) -> Option<Time> {
    (quarter < 96).then(|| time_of(quarter))
}

fn time_of(quarter: u8) -> Time {
    Time::constant(i8::try_from(quarter / 4).expect("an hour"), i8::try_from(quarter % 4 * 15).expect("a minute"), 0, 0)
}

/// A zone, a week with at least one window, some yearly holidays.
fn any_calendar() -> impl Strategy<Value = Calendar> {
    let week = prop::array::uniform7(any_day()).prop_filter("never open", |w| w.iter().any(|d| !d.is_empty()));
    let holidays = prop::collection::btree_set((1i8..=12, 1i8..=28), 0..5);
    (prop::sample::select(&ZONES[..]), week, holidays).prop_map(|(zone, week, yearly_holidays)| Calendar {
        name: "any".into(),
        timezone: TimeZone::get(zone).expect("a zone"),
        week,
        yearly_holidays,
        holidays: BTreeSet::new(),
        always: false,
    })
}

/// Up to a hundred hours of work, to the second.
fn any_time() -> impl Strategy<Value = SignedDuration> {
    (0i64..360_000).prop_map(SignedDuration::from_secs)
}

fn later(from: Timestamp, secs: i64) -> Timestamp {
    from + SignedDuration::from_secs(secs)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn working_time_that_was_added_is_found_again(c in any_calendar(), from in any_instant(), time in any_time()) {
        let end = c.add_working(from, time);
        prop_assert!(end >= from);
        prop_assert_eq!(c.working_between(from, end), time);
    }

    #[test]
    fn more_work_never_ends_earlier(c in any_calendar(), from in any_instant(), a in any_time(), b in any_time()) {
        let (less, more) = (a.min(b), a.max(b));
        prop_assert!(c.add_working(from, less) <= c.add_working(from, more));
        prop_assert_eq!(c.add_working(c.add_working(from, a), b), c.add_working(from, a + b));
    }

    #[test]
    fn who_starts_later_never_ends_earlier(
        c in any_calendar(), from in any_instant(), secs in 0..20 * DAY, time in any_time(), n in 0u32..8,
    ) {
        let then = later(from, secs);
        for span in [Span::Working(time + SignedDuration::from_secs(1)), Span::Days(n), Span::Weeks(n)] {
            prop_assert!(c.add(from, span) <= c.add(then, span), "{span}");
        }
    }

    #[test]
    fn no_more_is_worked_than_passes_and_parts_add_up(
        c in any_calendar(), from in any_instant(), a in 0..20 * DAY, b in 0..20 * DAY,
    ) {
        let (middle, end) = (later(from, a), later(later(from, a), b));
        let whole = c.working_between(from, end);
        prop_assert!(whole <= end.duration_since(from));
        prop_assert_eq!(c.working_between(from, middle) + c.working_between(middle, end), whole);
        prop_assert_eq!(c.working_between(end, from).max(SignedDuration::ZERO), SignedDuration::ZERO);
    }

    #[test]
    fn stretches_follow_one_another_and_are_open(c in any_calendar(), from in any_instant()) {
        let mut last = from;
        for stretch in c.stretches_between(from, later(from, 20 * DAY)) {
            prop_assert!(last <= stretch.from && stretch.from < stretch.to);
            prop_assert!(c.is_open(stretch.from));
            last = stretch.to;
        }
    }

    #[test]
    fn a_part_lies_between_the_start_and_the_due_instant(
        c in any_calendar(), from in any_instant(), secs in 0..20 * DAY, a in 1u8..=99, b in 1u8..=99,
    ) {
        let due = later(from, secs);
        let (less, more) = (c.part_of(from, due, a.min(b)), c.part_of(from, due, a.max(b)));
        prop_assert!(from <= less && less <= more && more <= due);
    }

    #[test]
    fn an_opening_is_open_and_nothing_is_open_before_it(c in any_calendar(), at in any_instant()) {
        let opening = c.opening_from(at);
        prop_assert!(opening >= at);
        prop_assert!(c.is_open(opening));
        prop_assert_eq!(c.opening_from(opening), opening);
        prop_assert_eq!(c.working_between(at, opening), SignedDuration::ZERO);
    }

    #[test]
    fn the_next_day_is_a_later_day(c in any_calendar(), at in any_instant()) {
        let opening = c.opening_next_day(at);
        prop_assert!(c.is_open(opening));
        prop_assert!(c.day_of(opening) > c.day_of(at));
        let middle = c.midday_of_next_day(at);
        prop_assert!(opening <= middle && Some(middle) <= c.close_of_day(opening));
    }

    #[test]
    fn days_end_with_a_window_of_the_right_working_day(c in any_calendar(), from in any_instant(), n in 0u32..15) {
        let end = c.add(from, Span::Days(n));
        let start = c.opening_from(from);
        prop_assert!(end > start);
        // The last instant before it is open, and no window of that day comes after it.
        let last = end - SignedDuration::from_nanos(1);
        prop_assert!(c.is_open(last));
        prop_assert_eq!(c.close_of_day(last), Some(end));
        let first = c.day_of(start).tomorrow().expect("a day");
        let passed = first.series(jiff::Span::new().days(1)).take_while(|d| *d <= c.day_of(last));
        prop_assert_eq!(passed.filter(|d| c.is_working_day(*d)).count(), n as usize);
    }

    #[test]
    fn weeks_end_on_that_weekday_or_the_next_working_day(c in any_calendar(), from in any_instant(), n in 0u32..5) {
        let end = c.add(from, Span::Weeks(n));
        let last = end - SignedDuration::from_nanos(1);
        prop_assert!(end > c.opening_from(from));
        prop_assert_eq!(c.close_of_day(last), Some(end));
        let aimed = c.day_of(c.opening_from(from)) + jiff::Span::new().weeks(i64::from(n));
        prop_assert!(c.day_of(last) >= aimed);
        let between = aimed.series(jiff::Span::new().days(1)).take_while(|d| *d < c.day_of(last));
        prop_assert_eq!(between.filter(|d| c.is_working_day(*d)).count(), 0);
    }
}
