//! Whose list is due when: at the start of a person's hours, and 90 minutes before their end.
//!
//! Worked out anew from the calendars each time, so that nothing has to be planned or kept: after an outage the list that
//! is still of use is written, and none of the days before. Whoever is away gets none.

use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::decide::calendar::{Calendar, Stretch};
use crate::decide::lists::ListKind;
use crate::decide::policy::{Person, Policy};
use crate::mail::PersonId;

const BEFORE_THE_END: SignedDuration = SignedDuration::from_mins(90);
/// Whoever works less has nothing to be told twice.
const SHORT_DAY: SignedDuration = SignedDuration::from_hours(3);
/// The day of somebody whose calendar never closes, in the company's zone.
const ROUND_THE_CLOCK: (i8, i8) = (8, 18);
/// Longer holidays are looked at again when they are shorter.
const SEARCH_DAYS: usize = 60;

/// A list that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub kind: ListKind,
    pub person: PersonId,
    /// In the zone of their hours.
    pub date: Date,
    pub at: Timestamp,
    /// From then on it is of no use any more.
    pub until: Timestamp,
}

/// The lists whose hour has come since then and that are still of use: at most one a person.
pub fn lists_due(policy: &Policy, since: Timestamp, now: Timestamp) -> Vec<Due> {
    let of = |person: &Person| {
        let today = date_of(policy, person, now);
        lists_on(policy, person, today).into_iter().find(|d| since < d.at && d.at <= now && now < d.until)
    };
    people(policy).filter_map(of).collect()
}

/// When the next list of anybody is due; `None` where there is none in sight.
pub fn next_list_at(policy: &Policy, after: Timestamp) -> Option<Timestamp> {
    people(policy).filter_map(|person| next_of(policy, person, after)).min()
}

/// Nobody, where the lists are switched off.
fn people(policy: &Policy) -> impl Iterator<Item = &Person> {
    policy.people.iter().filter(|_| policy.lists)
}

fn next_of(policy: &Policy, person: &Person, after: Timestamp) -> Option<Timestamp> {
    let days = date_of(policy, person, after).series(1.day()).take(SEARCH_DAYS);
    days.flat_map(|date| lists_on(policy, person, date)).map(|d| d.at).find(|at| *at > after)
}

/// The lists of one day, in their order.
fn lists_on(policy: &Policy, person: &Person, date: Date) -> Vec<Due> {
    let windows = windows(policy, person, date);
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else { return Vec::new() };
    let due = |kind, at, until| Due { kind, person: person.id.clone(), date, at, until };
    let worked: SignedDuration = windows.iter().map(Stretch::length).sum();
    let mut lists = if worked < SHORT_DAY {
        vec![due(ListKind::Today, first.from, last.to)]
    } else {
        // Not in the break before a short last window: nobody would read it there.
        let going = last.to.saturating_sub(BEFORE_THE_END).unwrap_or(last.from).max(last.from);
        vec![due(ListKind::Today, first.from, going), due(ListKind::BeforeYouGo, going, last.to)]
    };
    lists.retain(|d| person.absence(d.at, &policy.company.timezone).is_none());
    lists
}

fn windows(policy: &Policy, person: &Person, date: Date) -> Vec<Stretch> {
    let calendar = policy.hours_of(person);
    if !calendar.always {
        return calendar.windows_on(date);
    }
    let zone = zone(policy, calendar);
    let (from, to) = ROUND_THE_CLOCK;
    vec![Stretch { from: instant(&zone, date, from), to: instant(&zone, date, to) }]
}

/// The day that a person has at that instant.
pub(super) fn date_of(policy: &Policy, person: &Person, at: Timestamp) -> Date {
    at.to_zoned(zone(policy, policy.hours_of(person))).date()
}

/// The midnight that begins a person's day.
pub fn day_begins(policy: &Policy, person: &Person, date: Date) -> Timestamp {
    instant(&zone(policy, policy.hours_of(person)), date, 0)
}

/// Noon of the next day on which a person works.
pub(super) fn noon_of_next_day(policy: &Policy, person: &Person, date: Date) -> Timestamp {
    let days = date.series(1.day()).skip(1).take(SEARCH_DAYS);
    let works = |day: &Date| !windows(policy, person, *day).is_empty();
    let next = days.into_iter().find(works).unwrap_or_else(|| date.saturating_add(1.day()));
    instant(&zone(policy, policy.hours_of(person)), next, 12)
}

/// A calendar that never closes has no zone of its own.
fn zone(policy: &Policy, calendar: &Calendar) -> TimeZone {
    if calendar.always { policy.company.timezone.clone() } else { calendar.timezone.clone() }
}

/// An hour that daylight saving skips is the next that there is.
fn instant(zone: &TimeZone, date: Date, hour: i8) -> Timestamp {
    let civil = date.to_datetime(time(hour, 0, 0, 0));
    civil.to_zoned(zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests;
