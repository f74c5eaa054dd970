//! What a letter says in English beyond its template: dates, lengths of time, "the second time", names of letters.
//!
//! Plain functions over plain values. Another language is another file with the same functions.

use jiff::SignedDuration;
use jiff::civil::{Date, Time, Weekday};

use crate::decide::case::State;
use crate::decide::policy::Person;

use super::dates::{Day, Hour, Moment};

/// "by Monday, 14:00". The same words serve for a date that has passed ("we said by Monday, 14:00").
pub fn by(moment: &Moment) -> String {
    let weekday = weekday(moment.date);
    let day = day_words(moment);
    let said = match (moment.hour, moment.day) {
        (Hour::Clock(time), Day::Today) => format!("by {} today, {weekday}", clock(time)),
        (Hour::Clock(time), Day::Tomorrow) => format!("by {} tomorrow, {weekday}", clock(time)),
        (Hour::Clock(time), Day::Near | Day::Far | Day::OtherYear) => format!("by {day}, {}", clock(time)),
        (Hour::Evening, Day::Today) => format!("by this evening, {weekday}"),
        (Hour::Evening, Day::Tomorrow) => format!("by tomorrow, {weekday} evening"),
        (Hour::Evening, Day::Near) => format!("by {weekday} evening"),
        (Hour::Evening, Day::Far | Day::OtherYear) => format!("by the evening of {day}"),
        (Hour::EndOfDay, Day::Today) => format!("by the end of today, {weekday}"),
        (Hour::EndOfDay, Day::Tomorrow) => format!("by the end of tomorrow, {weekday}"),
        (Hour::EndOfDay, Day::Near | Day::Far | Day::OtherYear) => format!("by the end of {day}"),
    };
    with_zone(said, moment)
}

/// "on Monday at 9:00"
pub fn on(moment: &Moment) -> String {
    let day = day_words(moment);
    let said = match (moment.hour, moment.day) {
        (Hour::Clock(time), Day::Today) => format!("today at {}", clock(time)),
        (Hour::Clock(time), Day::Tomorrow | Day::Near) => format!("on {day} at {}", clock(time)),
        (Hour::Clock(time), Day::Far | Day::OtherYear) => format!("on {day}, at {}", clock(time)),
        (Hour::Evening | Hour::EndOfDay, Day::Today) => "this evening".to_owned(),
        (Hour::Evening | Hour::EndOfDay, _) => format!("on the evening of {day}"),
    };
    with_zone(said, moment)
}

/// "Mon 14:00", and with its date where the weekday alone does not tell.
pub fn short(moment: &Moment, time: Time) -> String {
    match moment.day {
        Day::Today | Day::Tomorrow | Day::Near => format!("{} {}", &weekday(moment.date)[..3], clock(time)),
        Day::Far | Day::OtherYear => stamp(moment, time),
    }
}

/// "10:30" today, "Mon 14:00" on another day.
pub fn hour(moment: &Moment, time: Time) -> String {
    match moment.day {
        Day::Today => clock(time),
        Day::Tomorrow | Day::Near | Day::Far | Day::OtherYear => short(moment, time),
    }
}

/// "Fri 20 Nov, 23:40"
pub fn stamp(moment: &Moment, time: Time) -> String {
    let date = moment.date;
    let year = if moment.day == Day::OtherYear { format!(" {}", date.year()) } else { String::new() };
    format!("{} {} {}{year}, {}", &weekday(date)[..3], date.day(), &month(date)[..3], clock(time))
}

/// "20 November", with the year where it is another.
pub fn day_of_month(moment: &Moment) -> String {
    let date = moment.date;
    match moment.day {
        Day::OtherYear => format!("{} {} {}", date.day(), month(date), date.year()),
        _ => format!("{} {}", date.day(), month(date)),
    }
}

/// "Monday", "Monday, 30 November", "Monday, 4 January 2027"
fn day_words(moment: &Moment) -> String {
    match moment.day {
        Day::Today | Day::Tomorrow | Day::Near => weekday(moment.date).to_owned(),
        Day::Far | Day::OtherYear => format!("{}, {}", weekday(moment.date), day_of_month(moment)),
    }
}

fn with_zone(said: String, moment: &Moment) -> String {
    match &moment.zone {
        Some(zone) => format!("{said} ({zone} time)"),
        None => said,
    }
}

fn clock(time: Time) -> String {
    format!("{}:{:02}", time.hour(), time.minute())
}

/// "45 min", "1 h 20 min", "26 h", "3 days"; never less than a minute.
pub fn length(span: SignedDuration) -> String {
    let minutes = span.as_mins().max(1);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours @ 1..=2, minutes @ 1..) => format!("{hours} h {minutes} min"),
        (hours @ 1..=47, _) => format!("{hours} h"),
        (hours, _) => format!("{} days", hours / 24),
    }
}

/// "the second time", for the `n`-th.
pub fn nth_time(n: usize) -> String {
    let words = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];
    match n.checked_sub(1).and_then(|at| words.get(at)) {
        Some(word) => format!("the {word} time"),
        None => "not the first time".to_owned(),
    }
}

/// "three"; beyond twelve in figures.
pub fn count(n: usize) -> String {
    let words =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    words.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// "Jane Okafor, our Head of Service"
pub fn titled(person: &Person) -> String {
    match &person.title {
        Some(title) => format!("{}, our {title}", person.name),
        None => person.name.clone(),
    }
}

/// A letter's name as staff know it.
pub fn letter_words(name: &str) -> String {
    match name {
        "holding" => "letter about the passed date".to_owned(),
        "escalated" => "letter about who was asked to step in".to_owned(),
        other => other.replace('-', " "),
    }
}

fn weekday(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month(date: Date) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let at = usize::from(date.month().unsigned_abs()).saturating_sub(1);
    MONTHS[at.min(11)]
}

/// A case's step, as a sentence to staff says it.
pub fn state(state: State) -> &'static str {
    match state {
        State::New => "new",
        State::Open => "open",
        State::Waiting => "waiting for the customer",
        State::Paused => "asleep",
        State::Fixed => "fixed, not yet confirmed",
        State::Closed => "closed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_in_the_unit_that_matters() {
        for (minutes, said) in [
            (0, "1 min"),
            (59, "59 min"),
            (60, "1 h"),
            (80, "1 h 20 min"),
            (200, "3 h"),
            (1560, "26 h"),
            (4400, "3 days"),
        ] {
            assert_eq!(length(SignedDuration::from_mins(minutes)), said);
        }
    }

    #[test]
    fn times_are_counted_as_long_as_people_count() {
        assert_eq!(nth_time(2), "the second time");
        assert_eq!(nth_time(40), "not the first time");
    }
}
