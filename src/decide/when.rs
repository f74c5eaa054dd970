//! WHEN: the dates and times that staff write behind a command, read in their own zone and hours.
//!
//! What is past, unclear, closed or skipped by daylight saving is refused with the way it was read and examples of
//! what is allowed: a date that reaches a customer is never guessed. [`say`] shows an instant back in words, and
//! what it says can be read again. How people spell a date stands in `spelling`; this file knows what day it is.

use jiff::civil::{Date, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::calendar::{Calendar, Span};

mod spelling;

use spelling::{Day, Said, Written};

/// Where and when somebody writes.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    pub now: Timestamp,
    pub zone: &'a TimeZone,
    /// Says when a working day ends, and which days are worked.
    pub calendar: &'a Calendar,
}

/// On which side of now an instant may lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Ahead,
    /// Also up to thirty days ago: what is told after it happened. A weekday still means the next one.
    Either,
}

const EXAMPLES: &str = "Write for example: fri 17:00, tomorrow, 2026-12-01, 4h, 2 working days.";
const LONG_AGO: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The end of a day without closing hours. Midnight would be shown as the day after.
const LAST_MINUTE: Time = Time::constant(23, 59, 0, 0);

/// The instant that `text` names, or in plain English why none can be taken from it.
pub fn read(text: &str, side: Side, at: &Here<'_>) -> Result<Timestamp, String> {
    let reading = Reading { here: *at, side, today: at.now.to_zoned(at.zone.clone()).date() };
    let found = spelling::spell(text).and_then(|said| reading.instant(said)).and_then(|at| reading.allowed(at));
    found.map_err(|why| format!("{why} {EXAMPLES}"))
}

/// An instant in words: `Friday, 27 November 2026, 17:00`.
pub fn say(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%A, %-d %B %Y, %H:%M").to_string()
}

/// One text being read.
struct Reading<'a> {
    here: Here<'a>,
    side: Side,
    today: Date,
}

impl Reading<'_> {
    fn instant(&self, said: Said) -> Result<Timestamp, String> {
        let now = self.here.now;
        match said {
            Said::Elapsed(time) => now.checked_add(time).map_err(|_| too_far()),
            Said::Days(days) => self.days_later(days),
            Said::WorkingDays(days) if days > 730 => Err(too_far()),
            Said::WorkingDays(days) => Ok(self.here.calendar.add(now, Span::Days(days))),
            Said::At(time) => {
                let today = self.civil(self.today, time)?;
                if today > now { Ok(today) } else { self.civil(self.later(self.today, 1)?, time) }
            }
            Said::On(day, time) => self.on(day, time),
        }
    }

    /// The same time of day. Nobody wrote that hour, so where daylight saving skips it the next one will do.
    fn days_later(&self, days: i64) -> Result<Timestamp, String> {
        let span = jiff::Span::new().try_days(days).map_err(|_| too_far())?;
        let then = self.here.now.to_zoned(self.here.zone.clone()).checked_add(span);
        then.map(|z| z.timestamp()).map_err(|_| too_far())
    }

    fn on(&self, day: Day, time: Option<Time>) -> Result<Timestamp, String> {
        match day {
            Day::Today => self.on_date(self.today, time),
            Day::Tomorrow => self.on_date(self.later(self.today, 1)?, time),
            Day::Yesterday => self.on_date(self.later(self.today, -1)?, time),
            Day::Weekday(weekday) => self.on_weekday(weekday, time),
            Day::Date { written, weekday } => self.on_date(self.date(written, weekday)?, time),
        }
    }

    /// The next such day; today where its time, or its end, is still ahead.
    fn on_weekday(&self, weekday: Weekday, time: Option<Time>) -> Result<Timestamp, String> {
        let days = self.today.weekday().until(weekday);
        let first = self.on_date(self.later(self.today, i64::from(days))?, time);
        match first {
            Ok(at) if at > self.here.now => Ok(at),
            _ if days == 0 => self.on_date(self.later(self.today, 7)?, time),
            other => other,
        }
    }

    fn on_date(&self, date: Date, time: Option<Time>) -> Result<Timestamp, String> {
        match time {
            Some(time) => self.civil(date, time),
            None => self.end_of(date),
        }
    }

    /// When the desk closes on that day.
    fn end_of(&self, date: Date) -> Result<Timestamp, String> {
        let calendar = self.here.calendar;
        let midday = date.at(12, 0, 0, 0).to_zoned(calendar.timezone.clone());
        let close = midday.ok().and_then(|midday| calendar.close_of_day(midday.timestamp()));
        match close {
            Some(close) if calendar.day_of(close) == date => Ok(close),
            Some(_) => self.civil(date, LAST_MINUTE),
            None if calendar.always => self.civil(date, LAST_MINUTE),
            None => {
                // That it has passed, or is years away, says more than that the desk is closed.
                self.allowed(self.civil(date, LAST_MINUTE)?)?;
                Err(self.closed(date))
            }
        }
    }

    fn closed(&self, date: Date) -> String {
        let mut days = date.series(1.day()).skip(1).take(366);
        let next = days.find(|day| self.here.calendar.is_working_day(*day));
        let next = next.map_or(String::new(), |day| format!("The next working day is {}. ", day_in_words(day)));
        let told = day_in_words(date);
        format!(
            "I read this as {told}, and the desk is closed on that day. {next}With an hour behind it, any day will do."
        )
    }

    /// A date without its year is the nearest one: in December "5 Jan" is ahead, and "20 Nov" has passed.
    fn date(&self, written: Written, weekday: Option<Weekday>) -> Result<Date, String> {
        let year = self.today.year();
        let years = written.year.map_or(year.saturating_sub(1)..=year.saturating_add(1), |year| year..=year);
        let dates = years.filter_map(|year| Date::new(year, written.month, written.day).ok());
        let nearest = dates.min_by_key(|date| date.duration_since(self.today).abs());
        let date = nearest.ok_or("That day is not in this year's calendar: write its year as well.")?;
        match weekday {
            Some(said) if said != date.weekday() => Err(format!("{} is no {said:?}.", day_in_words(date))),
            _ => Ok(date),
        }
    }

    /// An hour that daylight saving repeats is meant the first time, as in the calendar.
    fn civil(&self, date: Date, time: Time) -> Result<Timestamp, String> {
        let at = self.here.zone.to_ambiguous_timestamp(date.to_datetime(time));
        if matches!(at.offset(), AmbiguousOffset::Gap { .. }) {
            let hour = time.strftime("%H:%M");
            return Err(format!("There is no {hour} on {}: daylight saving skips it.", day_in_words(date)));
        }
        at.compatible().map_err(|_| too_far())
    }

    fn later(&self, date: Date, days: i64) -> Result<Date, String> {
        date.checked_add(days.days()).map_err(|_| too_far())
    }

    fn allowed(&self, at: Timestamp) -> Result<Timestamp, String> {
        let now = self.here.now;
        let told = || format!("I read this as {}, and that", say(at, self.here.zone));
        let last =
            now.to_zoned(self.here.zone.clone()).checked_add(2.years()).map_or(Timestamp::MAX, |z| z.timestamp());
        match self.side {
            _ if at > last => Err(format!("{} is more than two years ahead.", told())),
            Side::Ahead if at <= now => Err(format!("{} has passed.", told())),
            Side::Either if now.duration_since(at) > LONG_AGO => Err(format!("{} is more than 30 days ago.", told())),
            Side::Ahead | Side::Either => Ok(at),
        }
    }
}

fn day_in_words(date: Date) -> String {
    date.strftime("%A, %-d %B %Y").to_string()
}

fn too_far() -> String {
    "That is more than two years ahead.".to_owned()
}

#[cfg(test)]
mod tests;
