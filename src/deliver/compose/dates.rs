//! Dates as a letter says them: "by Monday, 14:00", "by Tuesday evening", "by Monday, 30 November, 14:00".
//!
//! Where a day stands to `now` and whether an hour is the end of a working day is found here, for any language; the
//! words are the language's (see `english`). All dates are in the company's zone, which is named where the customer's
//! clock is known to show another hour. Pure; an instant that cannot be shown in a zone does not exist in jiff.

use jiff::civil::{Date, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};

use crate::decide::calendar::Calendar;

/// For how many days a weekday alone names a day.
const NEAR_DAYS: i32 = 6;
/// A working day that ends earlier has no evening.
const EVENING_FROM: i8 = 15;

/// What dates are told against.
#[derive(Debug, Clone)]
pub struct Dates<'a> {
    pub zone: TimeZone,
    pub now: Timestamp,
    /// The hours of the case: the end of their last window is an evening.
    pub calendar: Option<&'a Calendar>,
    /// How far the reader's clock is from UTC, where that is known.
    pub reader_offset: Option<Offset>,
}

/// An instant, ready for words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    pub day: Day,
    pub date: Date,
    pub hour: Hour,
    /// "Berlin", where the reader's clock shows another hour.
    pub zone: Option<String>,
}

/// How a day stands to today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    Today,
    Tomorrow,
    /// At most six days off: its weekday names it.
    Near,
    /// Its date is needed, too.
    Far,
    /// And its year.
    OtherYear,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hour {
    Clock(Time),
    /// The end of the last window of a working day.
    Evening,
    /// The same, where that is midnight.
    EndOfDay,
}

impl<'a> Dates<'a> {
    /// In the company's zone, for a reader of whose clock nothing is known.
    pub fn new(zone: &TimeZone, now: Timestamp, calendar: Option<&'a Calendar>) -> Self {
        Self { zone: zone.clone(), now, calendar, reader_offset: None }
    }

    pub fn moment(&self, at: Timestamp) -> Moment {
        let local = at.to_zoned(self.zone.clone());
        let hour = self.hour(at, &local);
        let date = match hour {
            // Midnight ends the day before.
            Hour::EndOfDay => local.date().saturating_sub(1.day()),
            Hour::Clock(_) | Hour::Evening => local.date(),
        };
        Moment { day: self.day(date), date, hour, zone: self.zone_name(&local) }
    }

    fn hour(&self, at: Timestamp, local: &Zoned) -> Hour {
        let time = local.time();
        let ends = self.calendar.is_some_and(|c| ends_a_day(c, at));
        match ends {
            true if time == Time::midnight() => Hour::EndOfDay,
            true if time.hour() >= EVENING_FROM => Hour::Evening,
            _ => Hour::Clock(time),
        }
    }

    fn day(&self, date: Date) -> Day {
        let today = self.now.to_zoned(self.zone.clone()).date();
        match date.since(today).map(|span| span.get_days()) {
            Ok(0) => Day::Today,
            Ok(1) => Day::Tomorrow,
            Ok(days) if days.abs() <= NEAR_DAYS => Day::Near,
            _ if date.year() == today.year() => Day::Far,
            _ => Day::OtherYear,
        }
    }

    fn zone_name(&self, local: &Zoned) -> Option<String> {
        let other = self.reader_offset.is_some_and(|offset| offset != local.offset());
        other.then(|| match self.zone.iana_name() {
            Some(name) => name.rsplit('/').next().unwrap_or(name).replace('_', " "),
            None => local.offset().to_string(),
        })
    }
}

/// Is that instant the end of the last window of its day?
fn ends_a_day(calendar: &Calendar, at: Timestamp) -> bool {
    let local = at.to_zoned(calendar.timezone.clone());
    let (date, close) = match local.time() {
        time if time == Time::midnight() => (local.date().saturating_sub(1.day()), None),
        time => (local.date(), Some(time)),
    };
    let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    !calendar.always && calendar.week[weekday].last().is_some_and(|window| window.close == close)
}

#[cfg(test)]
mod tests {
    use super::super::english;
    use super::*;
    use crate::decide::calendar::Window;

    fn at(text: &str) -> Timestamp {
        text.parse::<Zoned>().expect("an instant").timestamp()
    }

    fn calendar(close: Option<Time>) -> Calendar {
        let window = |close| Window { open: jiff::civil::time(9, 0, 0, 0), close };
        let noon = Some(jiff::civil::time(12, 30, 0, 0));
        let days = vec![window(noon), Window { open: jiff::civil::time(13, 30, 0, 0), close }];
        Calendar {
            name: "office".into(),
            timezone: TimeZone::get("Europe/Berlin").expect("a zone"),
            week: [
                days.clone(),
                days.clone(),
                days.clone(),
                days,
                vec![window(Some(jiff::civil::time(16, 0, 0, 0)))],
                vec![window(noon)],
                vec![],
            ],
            yearly_holidays: Default::default(),
            holidays: Default::default(),
            always: false,
        }
    }

    /// Friday, 20 November 2026, 23:40 in Berlin.
    fn dates(calendar: &Calendar) -> Dates<'_> {
        Dates::new(&calendar.timezone, at("2026-11-20T23:40[Europe/Berlin]"), Some(calendar))
    }

    #[test]
    fn dates_are_said_as_people_say_them() {
        let office = calendar(Some(jiff::civil::time(17, 30, 0, 0)));
        for (instant, by) in [
            ("2026-11-20T23:55", "by 23:55 today, Friday"),
            ("2026-11-21T10:05", "by 10:05 tomorrow, Saturday"),
            ("2026-11-21T12:30", "by 12:30 tomorrow, Saturday"),
            ("2026-11-23T14:00", "by Monday, 14:00"),
            ("2026-11-23T12:30", "by Monday, 12:30"),
            ("2026-11-24T17:30", "by Tuesday evening"),
            ("2026-11-26T23:59", "by Thursday, 23:59"),
            ("2026-11-27T14:00", "by Friday, 27 November, 14:00"),
            ("2026-11-30T14:00", "by Monday, 30 November, 14:00"),
            ("2026-11-30T17:30", "by the evening of Monday, 30 November"),
            ("2027-01-04T09:05", "by Monday, 4 January 2027, 9:05"),
            ("2026-11-24T00:00", "by Tuesday, 0:00"),
        ] {
            let moment = dates(&office).moment(at(&format!("{instant}[Europe/Berlin]")));
            assert_eq!(english::by(&moment), by, "{instant}");
        }
    }

    #[test]
    fn today_and_tomorrow_have_evenings_too() {
        let office = calendar(Some(jiff::civil::time(17, 30, 0, 0)));
        let mut dates = dates(&office);
        dates.now = at("2026-11-23T10:00[Europe/Berlin]");
        let by = |instant: &str| english::by(&dates.moment(at(&format!("{instant}[Europe/Berlin]"))));
        assert_eq!(by("2026-11-23T17:30"), "by this evening, Monday");
        assert_eq!(by("2026-11-24T17:30"), "by tomorrow, Tuesday evening");
        assert_eq!(by("2026-11-23T14:00"), "by 14:00 today, Monday");
    }

    #[test]
    fn a_day_that_ends_at_midnight_is_named_by_itself() {
        let late = calendar(None);
        let moment = dates(&late).moment(at("2026-11-25T00:00[Europe/Berlin]"));
        assert_eq!(english::by(&moment), "by the end of Tuesday");
        let moment = dates(&late).moment(at("2026-12-02T00:00[Europe/Berlin]"));
        assert_eq!(english::by(&moment), "by the end of Tuesday, 1 December");
    }

    #[test]
    fn what_passed_is_named_without_tomorrow() {
        let office = calendar(Some(jiff::civil::time(17, 30, 0, 0)));
        for (instant, by) in [
            ("2026-11-20T14:00", "by 14:00 today, Friday"),
            ("2026-11-19T17:30", "by Thursday evening"),
            ("2026-11-13T14:00", "by Friday, 13 November, 14:00"),
            ("2025-11-20T14:00", "by Thursday, 20 November 2025, 14:00"),
        ] {
            let moment = dates(&office).moment(at(&format!("{instant}[Europe/Berlin]")));
            assert_eq!(english::by(&moment), by, "{instant}");
        }
    }

    #[test]
    fn opening_hours_are_said_with_their_day() {
        let office = calendar(Some(jiff::civil::time(17, 30, 0, 0)));
        for (instant, on) in [
            ("2026-11-20T23:50", "today at 23:50"),
            ("2026-11-21T09:00", "on Saturday at 9:00"),
            ("2026-11-23T09:00", "on Monday at 9:00"),
            ("2027-01-04T09:00", "on Monday, 4 January 2027, at 9:00"),
        ] {
            let moment = dates(&office).moment(at(&format!("{instant}[Europe/Berlin]")));
            assert_eq!(english::on(&moment), on, "{instant}");
        }
    }

    #[test]
    fn the_zone_is_named_only_where_the_readers_clock_differs() {
        let office = calendar(Some(jiff::civil::time(17, 30, 0, 0)));
        let mut dates = dates(&office);
        let monday = at("2026-11-23T14:00[Europe/Berlin]");
        dates.reader_offset = Some(jiff::tz::offset(1));
        assert_eq!(english::by(&dates.moment(monday)), "by Monday, 14:00");
        dates.reader_offset = Some(jiff::tz::offset(-5));
        assert_eq!(english::by(&dates.moment(monday)), "by Monday, 14:00 (Berlin time)");
        let evening = at("2026-11-24T17:30[Europe/Berlin]");
        assert_eq!(english::by(&dates.moment(evening)), "by Tuesday evening (Berlin time)");
        dates.zone = TimeZone::get("America/New_York").expect("a zone");
        dates.reader_offset = Some(jiff::tz::offset(1));
        assert_eq!(english::by(&dates.moment(monday)), "by Monday, 8:00 (New York time)");
    }

    #[test]
    fn a_desk_that_never_closes_has_no_evenings() {
        let dates = Dates::new(&TimeZone::UTC, at("2026-11-20T10:00[UTC]"), Some(Calendar::always_ref()));
        assert_eq!(english::by(&dates.moment(at("2026-11-22T00:00[UTC]"))), "by Sunday, 0:00");
    }
}
