//! `holidays_ics`: all-day events of iCalendar files become holidays (RFC 5545).
//!
//! Read are VEVENTs with a DTSTART of type DATE, up to DTEND (exclusive, section 3.6.1), once or plainly every year.
//! Another rule of repetition is a mistake, because its days would be missing without anybody knowing; an event with
//! an hour is no holiday, and is counted in a note.

use icalendar::parser::{Component, read_calendar, unfold};
use jiff::civil::Date;

use super::tree::Entry;
use super::words::Holiday;
use super::world::reason;

/// A school's summer is the longest that is believed; more is a slip in the file.
const LONGEST_DAYS: i32 = 100;

pub fn from_file(entry: &Entry<'_>) -> Vec<Holiday> {
    let Some(name) = entry.text() else { return Vec::new() };
    let bytes = match entry.reader.world.file(&entry.reader.path(name)) {
        Ok(bytes) => bytes,
        Err(e) => {
            entry.wrong(format!("the file {name} cannot be read: {}", reason(&e)));
            return Vec::new();
        }
    };
    let read = read(&String::from_utf8_lossy(&bytes));
    for what in &read.wrong {
        entry.wrong(format!("{name}: {what}"));
    }
    if read.timed > 0 {
        entry.reader.note(
            entry.line,
            &entry.path,
            format!("{name}: {} events have an hour and are no holidays", read.timed),
        );
    }
    if read.days.is_empty() && read.wrong.is_empty() {
        entry.wrong(format!("{name} holds no all-day event"));
    }
    read.days
}

/// What a file gave.
#[derive(Debug, Default, PartialEq)]
struct Read {
    days: Vec<Holiday>,
    wrong: Vec<String>,
    timed: usize,
}

fn read(text: &str) -> Read {
    let mut read = Read::default();
    match read_calendar(&unfold(text)) {
        Ok(calendar) => {
            let events = calendar.components.iter().filter(|c| c.name == "VEVENT");
            events.for_each(|event| add(event, &mut read));
        }
        Err(_) => read.wrong.push("is no iCalendar file".to_owned()),
    }
    read
}

fn add(event: &Component<'_>, read: &mut Read) {
    let value = |name: &str| event.find_prop(name).map(|p| p.val.as_str());
    let title = value("SUMMARY").unwrap_or("an event without a name");
    let Some(start) = value("DTSTART") else {
        return read.wrong.push(format!("{title}: has no DTSTART"));
    };
    let Some(first) = day(start) else {
        read.timed += 1;
        return;
    };
    // Without DTEND it lasts one day (RFC 5545 section 3.6.1).
    let end = value("DTEND").and_then(day).or_else(|| first.tomorrow().ok()).unwrap_or(first);
    let days = (end - first).get_days();
    if !(1..=LONGEST_DAYS).contains(&days) {
        return read.wrong.push(format!("{title}: lasts {days} days, from {first}"));
    }
    let yearly = match value("RRULE").map(|rule| is_plainly_yearly(rule, first)) {
        Some(false) => {
            return read.wrong.push(format!(
                "{title}: repeats by a rule that is not read (RRULE other than FREQ=YEARLY). Write its dates into `holidays`"
            ));
        }
        rule => rule.is_some(),
    };
    let dates = first.series(jiff::Span::new().days(1)).take_while(|date| *date < end);
    read.days.extend(dates.map(|d| if yearly { Holiday::Yearly(d.month(), d.day()) } else { Holiday::Once(d) }));
}

/// `20261225`: RFC 5545 section 3.3.4. With a time it is no day.
fn day(text: &str) -> Option<Date> {
    let plain = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    Date::strptime("%Y%m%d", text).ok().filter(|_| plain)
}

/// Every year on that very day; BYMONTH and BYMONTHDAY may say so again.
fn is_plainly_yearly(rule: &str, first: Date) -> bool {
    rule.split(';').filter(|part| !part.is_empty()).all(|part| match part.split_once('=') {
        Some(("FREQ", freq)) => freq == "YEARLY",
        Some(("INTERVAL", interval)) => interval == "1",
        Some(("BYMONTH", month)) => month.parse() == Ok(first.month()),
        Some(("BYMONTHDAY", day)) => day.parse() == Ok(first.day()),
        Some(("WKST", _)) => true,
        _ => false,
    }) && rule.contains("FREQ=YEARLY")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(events: &str) -> Read {
        read(&format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{}END:VCALENDAR\r\n", events.replace('\n', "\r\n")))
    }

    #[test]
    fn all_day_events_become_holidays() {
        let read =
            of("BEGIN:VEVENT\nSUMMARY:Easter\nDTSTART;VALUE=DATE:20260405\nDTEND;VALUE=DATE:20260407\nEND:VEVENT\n\
            BEGIN:VEVENT\nSUMMARY:Christmas\nDTSTART;VALUE=DATE:20251225\nRRULE:FREQ=YEARLY\nEND:VEVENT\n");
        let once = |d| Holiday::Once(jiff::civil::date(2026, 4, d));
        assert_eq!(read.days, [once(5), once(6), Holiday::Yearly(12, 25)]);
        assert!(read.wrong.is_empty() && read.timed == 0);
    }

    #[test]
    fn what_cannot_be_read_as_a_day_is_said() {
        let read = of(
            "BEGIN:VEVENT\nSUMMARY:Thanksgiving\nDTSTART;VALUE=DATE:20261126\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\nEND:VEVENT\n\
            BEGIN:VEVENT\nSUMMARY:Meeting\nDTSTART:20261126T090000Z\nEND:VEVENT\n",
        );
        assert_eq!((read.days.len(), read.wrong.len(), read.timed), (0, 1, 1));
        assert!(read.wrong[0].contains("Thanksgiving"));
        assert_eq!(super::read("no calendar").wrong.len(), 1);
    }
}
