//! Working-time arithmetic: hours, holidays, time zone, daylight saving.
//!
//! Plain functions over plain values. A window is civil time of the calendar's zone; what lies between two
//! instants is counted in elapsed seconds, so an hour that daylight saving skips is not worked, and one that it
//! repeats is worked twice.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        self.always || at < Timestamp::MIN
    }
}
