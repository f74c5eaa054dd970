//! Working-time arithmetic: hours, holidays, time zone, daylight saving.
//!
//! Plain functions over plain values. A window is civil time of the calendar's zone; what lies between two
//! instants is counted in elapsed seconds, so an hour that daylight saving skips is not worked, and one that it
//! repeats is worked twice. Every search ends after ten years of closed days: a calendar without windows (which
//! the configuration refuses) answers with the instant it was asked about.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// Hours of one kind of day, place by place.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    pub name: String,
    pub timezone: TimeZone,
    /// Monday first; windows sorted, not overlapping.
    pub week: [Vec<Window>; 7],
    /// Every year on that month and day.
    pub yearly_holidays: BTreeSet<(i8, i8)>,
    pub holidays: BTreeSet<Date>,
    /// Open at every instant: no windows, no holidays.
    pub always: bool,
}

/// From `open` to before `close`; a `close` at midnight is written 24:00 and kept as `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub open: Time,
    pub close: Option<Time>,
}

/// A duration as the configuration writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// `s m h`: working time.
    Working(SignedDuration),
    /// `d`: ends with the last window of the n-th working day after the one it starts on.
    Days(u32),
    /// `w`: ends with the last window of that weekday n weeks on, or of the next working day.
    Weeks(u32),
}

static ALWAYS: LazyLock<Calendar> = LazyLock::new(|| Calendar {
    name: "always".into(),
    timezone: TimeZone::UTC,
    week: Default::default(),
    yearly_holidays: BTreeSet::new(),
    holidays: BTreeSet::new(),
    always: true,
});

impl Calendar {
    /// The built-in calendar without closing hours.
    pub fn always_ref() -> &'static Calendar {
        &ALWAYS
    }

    /// Is the desk open at that instant?
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.opening_from(at) == at
    }

    /// That instant if the desk is open then, else the next opening.
    pub fn opening_from(&self, at: Timestamp) -> Timestamp {
        self.stretches(at).next().map_or(at, |s| s.from)
    }

    /// The first opening on a later day than that of `at`.
    pub fn opening_next_day(&self, at: Timestamp) -> Timestamp {
        let tomorrow = self.day_of(at).tomorrow().ok();
        tomorrow.and_then(|day| self.instant(day, Time::midnight())).map_or(at, |midnight| self.opening_from(midnight))
    }

    /// Half of the working time of the next working day: a date that the day's first letter can still reach.
    pub fn midday_of_next_day(&self, at: Timestamp) -> Timestamp {
        let opening = self.opening_next_day(at);
        let close = self.close_of_day(opening).unwrap_or_else(|| self.opening_next_day(opening));
        self.part_of(opening, close, 50)
    }

    /// When `span` is over that starts at `from`. Outside hours it starts with the next opening.
    pub fn add(&self, from: Timestamp, span: Span) -> Timestamp {
        match span {
            Span::Working(time) => self.add_working(from, time),
            Span::Days(n) if self.always => self.add_working(from, SignedDuration::from_hours(24 * i64::from(n))),
            Span::Weeks(n) if self.always => self.add_working(from, SignedDuration::from_hours(168 * i64::from(n))),
            Span::Days(n) => self.end_of_working_day(self.day_of(self.opening_from(from)), n).unwrap_or(from),
            Span::Weeks(n) => {
                let start = self.day_of(self.opening_from(from));
                let target = start.checked_add((i64::from(n) * 7).days()).unwrap_or(start);
                self.end_of_working_day(target, 0).unwrap_or(from)
            }
        }
    }

    /// `from` plus that much working time. A stretch that is used up exactly ends with its window; no time ends at once.
    pub fn add_working(&self, from: Timestamp, time: SignedDuration) -> Timestamp {
        if !time.is_positive() {
            return from;
        }
        let mut left = time;
        for stretch in self.stretches(from) {
            let length = stretch.length();
            if left <= length {
                return stretch.from.checked_add(left).unwrap_or(stretch.to);
            }
            left -= length;
        }
        from
    }

    /// Working time from `from` to `to`; zero where `to` is not later.
    pub fn working_between(&self, from: Timestamp, to: Timestamp) -> SignedDuration {
        self.stretches_between(from, to).map(|s| s.length()).sum()
    }

    /// The instant at which `percent` of the working time from `from` to `due` has passed.
    pub fn part_of(&self, from: Timestamp, due: Timestamp, percent: u8) -> Timestamp {
        let whole = self.working_between(from, due).as_secs();
        let part = SignedDuration::from_secs(whole * i64::from(percent) / 100);
        self.add_working(from, part).min(due)
    }

    /// The open stretches between two instants, for `explain`.
    pub fn stretches_between(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = Stretch> + '_ {
        let clip = move |s: Stretch| Stretch { from: s.from, to: s.to.min(to) };
        self.stretches(from).take_while(move |s| s.from < to).map(clip)
    }

    /// When the last window of the day of `at` ends; `None` on a closed day and where it is always open.
    pub fn close_of_day(&self, at: Timestamp) -> Option<Timestamp> {
        self.windows_on(self.day_of(at)).last().map(|s| s.to)
    }

    /// Do both instants lie on the same day of this calendar's zone?
    pub fn same_day(&self, a: Timestamp, b: Timestamp) -> bool {
        self.day_of(a) == self.day_of(b)
    }

    /// Is any window open on that date?
    pub fn is_working_day(&self, date: Date) -> bool {
        self.always || !self.windows_on(date).is_empty()
    }

    /// The date of `at` in this calendar's zone.
    pub fn day_of(&self, at: Timestamp) -> Date {
        at.to_zoned(self.timezone.clone()).date()
    }

    /// What is open from `at` on, earliest first, the first stretch cut to begin at `at`.
    fn stretches(&self, at: Timestamp) -> Box<dyn Iterator<Item = Stretch> + '_> {
        if self.always {
            return Box::new(std::iter::once(Stretch { from: at, to: Timestamp::MAX }));
        }
        let days = self.day_of(at).series(1.day()).take(SEARCH_DAYS);
        let open = days.flat_map(|day| self.windows_on(day)).filter(move |s| s.to > at);
        Box::new(open.map(move |s| Stretch { from: s.from.max(at), to: s.to }))
    }

    /// The windows of a date as instants; none on a holiday, nor where it is always open.
    pub fn windows_on(&self, date: Date) -> Vec<Stretch> {
        if self.is_holiday(date) {
            return Vec::new();
        }
        let windows = &self.week[date.weekday().to_monday_zero_offset() as usize];
        windows.iter().filter_map(|w| self.stretch(date, *w)).collect()
    }

    /// `None` where daylight saving leaves nothing of a window.
    fn stretch(&self, date: Date, window: Window) -> Option<Stretch> {
        let from = self.instant(date, window.open)?;
        let to = match window.close {
            Some(close) => self.instant(date, close)?,
            None => self.instant(date.tomorrow().ok()?, Time::midnight())?,
        };
        (from < to).then_some(Stretch { from, to })
    }

    /// A civil time that daylight saving skips is the instant of the gap, one that it repeats the first.
    ///
    /// Moving a skipped time forward by the gap instead would let two windows overlap, and give a day that a zone
    /// left out (Apia, 30 December 2011) the hours of the next.
    fn instant(&self, date: Date, time: Time) -> Option<Timestamp> {
        let civil = date.to_datetime(time);
        match self.timezone.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
                offset.to_timestamp(civil).ok()
            }
            AmbiguousOffset::Gap { after, .. } => {
                let before_the_gap = after.to_timestamp(civil).ok()?;
                self.timezone.following(before_the_gap).next().map(|change| change.timestamp())
            }
        }
    }

    fn is_holiday(&self, date: Date) -> bool {
        self.holidays.contains(&date) || self.yearly_holidays.contains(&(date.month(), date.day()))
    }

    /// The end of the last window of the `n`-th working day after `start`; for 0 of the first one from `start` on.
    fn end_of_working_day(&self, start: Date, n: u32) -> Option<Timestamp> {
        let after = if n == 0 { start } else { start.tomorrow().ok()? };
        let mut working = after.series(1.day()).take(SEARCH_DAYS).filter(|day| self.is_working_day(*day));
        let day = working.nth(n.saturating_sub(1) as usize)?;
        self.windows_on(day).last().map(|s| s.to)
    }
}

/// Ten years.
const SEARCH_DAYS: usize = 3660;

/// An unbroken time in which the desk is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    pub from: Timestamp,
    pub to: Timestamp,
}

impl Stretch {
    pub fn length(&self) -> SignedDuration {
        self.to.duration_since(self.from)
    }
}

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span::Working(SignedDuration::ZERO);

    pub fn is_zero(self) -> bool {
        matches!(self, Span::Working(time) if time.is_zero())
    }
}

/// As the configuration writes it: `4h`, `1h30m`, `5d`, `2w`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Days(n) => write!(f, "{n}d"),
            Span::Weeks(n) => write!(f, "{n}w"),
            Span::Working(time) => {
                let secs = time.as_secs();
                let parts = [(secs / 3600, "h"), (secs % 3600 / 60, "m"), (secs % 60, "s")];
                let shown: String =
                    parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
                f.write_str(if shown.is_empty() { "0m" } else { &shown })
            }
        }
    }
}
