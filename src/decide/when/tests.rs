use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::decide::calendar::Window;

/// Monday to Friday 9-12 and 13-17, Saturday closed, Sunday closed; New Year and both days of Christmas off.
fn office() -> Calendar {
    let window =
        |open, close| Window { open: Time::constant(open, 0, 0, 0), close: Some(Time::constant(close, 0, 0, 0)) };
    let day = vec![window(9, 12), window(13, 17)];
    Calendar {
        name: "office".into(),
        timezone: berlin(),
        week: [day.clone(), day.clone(), day.clone(), day.clone(), day, Vec::new(), Vec::new()],
        yearly_holidays: BTreeSet::from([(1, 1), (12, 25), (12, 26)]),
        holidays: BTreeSet::new(),
        always: false,
    }
}

fn berlin() -> TimeZone {
    TimeZone::get("Europe/Berlin").expect("a zone")
}

fn local(text: &str) -> Timestamp {
    let civil: jiff::civil::DateTime = text.parse().expect("a date and time");
    civil.to_zoned(berlin()).expect("in range").timestamp()
}

fn read_at(now: &str, text: &str, side: Side) -> Result<String, String> {
    let (calendar, zone) = (office(), berlin());
    let here = Here { now: local(now), zone: &zone, calendar: &calendar };
    read(text, side, &here).map(|at| say(at, &zone))
}

/// A Wednesday.
const NOW: &str = "2026-11-18 10:00";

#[test]
fn what_people_write_is_read_as_they_mean_it() {
    for (text, said) in [
        ("fri 17:00", "Friday, 20 November 2026, 17:00"),
        ("Friday 17:00", "Friday, 20 November 2026, 17:00"),
        ("FRI, 5PM", "Friday, 20 November 2026, 17:00"),
        ("fri at 5 pm", "Friday, 20 November 2026, 17:00"),
        ("5 p.m. friday", "Friday, 20 November 2026, 17:00"),
        ("until fri", "Friday, 20 November 2026, 17:00"),
        ("fri\u{a0}17:00.", "Friday, 20 November 2026, 17:00"),
        ("Thurs", "Thursday, 19 November 2026, 17:00"),
        ("sat 11:00", "Saturday, 21 November 2026, 11:00"),
        ("wed", "Wednesday, 18 November 2026, 17:00"),
        ("wed 11:00", "Wednesday, 18 November 2026, 11:00"),
        ("wed 9:00", "Wednesday, 25 November 2026, 09:00"),
        ("today", "Wednesday, 18 November 2026, 17:00"),
        ("today 16:00", "Wednesday, 18 November 2026, 16:00"),
        ("tomorrow", "Thursday, 19 November 2026, 17:00"),
        ("tomorrow 9:30", "Thursday, 19 November 2026, 09:30"),
        ("9.30am tomorrow", "Thursday, 19 November 2026, 09:30"),
        ("2026-12-01", "Tuesday, 1 December 2026, 17:00"),
        ("2026-12-01 14:00", "Tuesday, 1 December 2026, 14:00"),
        ("17:00", "Wednesday, 18 November 2026, 17:00"),
        ("at 10:00", "Thursday, 19 November 2026, 10:00"),
        ("9.30am", "Thursday, 19 November 2026, 09:30"),
        ("12am", "Thursday, 19 November 2026, 00:00"),
        ("12pm", "Wednesday, 18 November 2026, 12:00"),
        ("1 Dec", "Tuesday, 1 December 2026, 17:00"),
        ("1st december 14:00", "Tuesday, 1 December 2026, 14:00"),
        ("Dec 1", "Tuesday, 1 December 2026, 17:00"),
        ("Dec 1, 2027", "Wednesday, 1 December 2027, 17:00"),
        ("Tue 1 Dec", "Tuesday, 1 December 2026, 17:00"),
        ("5 jan", "Tuesday, 5 January 2027, 17:00"),
        ("30m", "Wednesday, 18 November 2026, 10:30"),
        ("4h", "Wednesday, 18 November 2026, 14:00"),
        ("in 4 hours", "Wednesday, 18 November 2026, 14:00"),
        ("1h 30m", "Wednesday, 18 November 2026, 11:30"),
        ("3d", "Saturday, 21 November 2026, 10:00"),
        ("2w", "Wednesday, 2 December 2026, 10:00"),
        ("1 week", "Wednesday, 25 November 2026, 10:00"),
        ("2 working days", "Friday, 20 November 2026, 17:00"),
        ("3 Working Day", "Monday, 23 November 2026, 17:00"),
    ] {
        assert_eq!(read_at(NOW, text, Side::Ahead).as_deref(), Ok(said), "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_how_it_was_read() {
    for (text, why) in [
        ("today 9:00", "I read this as Wednesday, 18 November 2026, 09:00, and that has passed."),
        ("yesterday", "I read this as Tuesday, 17 November 2026, 17:00, and that has passed."),
        ("10 Nov", "I read this as Tuesday, 10 November 2026, 17:00, and that has passed."),
        ("2026-11-15", "I read this as Sunday, 15 November 2026, 23:59, and that has passed."),
        ("2029-12-03", "I read this as Monday, 3 December 2029, 17:00, and that is more than two years ahead."),
        (
            "sat",
            "I read this as Saturday, 21 November 2026, and the desk is closed on that day. The next working day is Monday, 23 November 2026. With an hour behind it, any day will do.",
        ),
        (
            "25 dec",
            "I read this as Friday, 25 December 2026, and the desk is closed on that day. The next working day is Monday, 28 December 2026. With an hour behind it, any day will do.",
        ),
        (
            "03/04/2026",
            "\"03/04/2026\" can be read in more than one way. Write the year first (2026-12-01), the month as a word (1 Dec), or a time with a colon (9:30).",
        ),
        ("next week", "\"next week\" can mean more than one day. Write the day itself."),
        ("mon 1 dec", "Tuesday, 1 December 2026 is no Monday."),
        ("31 nov", "There is no 31 nov in the calendar."),
        ("2026-13-01", "There is no 2026-13-01 in the calendar."),
        ("2026-02-29", "There is no 2026-02-29 in the calendar."),
        ("29 feb", "That day is not in this year's calendar: write its year as well."),
        ("25:00", "\"25:00\" is no time of day: they run from 0:00 to 23:59."),
        ("fri 13pm", "\"13pm\" is no time of day: they run from 0:00 to 23:59."),
        ("0m", "\"0m\" is no time at all."),
        ("999999999999999999999h", "That is more than two years ahead."),
        ("9999999w", "That is more than two years ahead."),
        ("800 working days", "That is more than two years ahead."),
        ("soonish", "I cannot read \"soonish\" as a date or a time."),
    ] {
        let told = read_at(NOW, text, Side::Ahead);
        assert_eq!(told, Err(format!("{why} {EXAMPLES}")), "{text}");
    }
}

#[test]
fn what_is_unclear_is_never_guessed() {
    for text in [
        "",
        " ",
        "1.12.",
        "1.12.2026",
        "17.00",
        "1-12-2026",
        "next friday",
        "fri 17",
        "17",
        "1d4h",
        "1.5h",
        "-3d",
        "d",
        "4",
        "fri sat",
        "today tomorrow",
        "fri 17:00 18:00",
        "fri 17:00 for Klaus",
        "1 dec 26",
        "17:0",
        ":",
        "mo",
        "at",
        "on",
        "at at",
        "pm",
        "2026-12",
        "2026-12-01-02",
        "٣d",
        "noon-ish",
        "am am",
        "until the parcel is there",
    ] {
        assert!(read_at(NOW, text, Side::Ahead).is_err(), "{text}");
    }
}

#[test]
fn what_has_happened_may_be_told_for_thirty_days() {
    for (text, said) in [
        ("yesterday", Ok("Tuesday, 17 November 2026, 17:00")),
        ("yesterday 15:00", Ok("Tuesday, 17 November 2026, 15:00")),
        ("today 9:00", Ok("Wednesday, 18 November 2026, 09:00")),
        ("10 Nov", Ok("Tuesday, 10 November 2026, 17:00")),
        ("2026-10-20", Ok("Tuesday, 20 October 2026, 17:00")),
        ("tue", Ok("Tuesday, 24 November 2026, 17:00")),
        // Thirty times 24 hours: the clocks went back in between.
        ("2026-10-19 11:00", Ok("Monday, 19 October 2026, 11:00")),
        ("2026-10-19 10:59", Err("I read this as Monday, 19 October 2026, 10:59, and that is more than 30 days ago.")),
        ("2026-10-16", Err("I read this as Friday, 16 October 2026, 17:00, and that is more than 30 days ago.")),
        ("2026-10-17", Err("I read this as Saturday, 17 October 2026, 23:59, and that is more than 30 days ago.")),
    ] {
        let told = read_at(NOW, text, Side::Either);
        match said {
            Ok(said) => assert_eq!(told.as_deref(), Ok(said), "{text}"),
            Err(why) => assert_eq!(told, Err(format!("{why} {EXAMPLES}")), "{text}"),
        }
    }
}

#[test]
fn a_weekday_is_today_only_while_it_lasts() {
    let read = |now, text| read_at(now, text, Side::Ahead);
    assert_eq!(read("2026-11-20 16:59", "fri").as_deref(), Ok("Friday, 20 November 2026, 17:00"));
    assert_eq!(read("2026-11-20 17:00", "fri").as_deref(), Ok("Friday, 27 November 2026, 17:00"));
    assert_eq!(read("2026-12-25 10:00", "fri"), Err(read("2026-12-25 10:00", "2027-01-01").unwrap_err()));
    assert_eq!(read("2026-12-26 10:00", "sat 9:00").as_deref(), Ok("Saturday, 2 January 2027, 09:00"));
    assert!(read("2026-11-20 17:01", "today").is_err());
}

#[test]
fn an_hour_that_daylight_saving_skips_is_refused_and_one_it_repeats_is_the_first() {
    let skipped = read_at("2026-03-27 10:00", "sun 2:30", Side::Ahead).unwrap_err();
    assert!(skipped.starts_with("There is no 02:30 on Sunday, 29 March 2026: daylight saving skips it."), "{skipped}");
    let zone = berlin();
    let calendar = office();
    let at = |now: &str, text: &str| {
        let here = Here { now: local(now), zone: &zone, calendar: &calendar };
        read(text, Side::Ahead, &here).expect("a time").to_string()
    };
    assert_eq!(at("2026-10-23 10:00", "sun 2:30"), "2026-10-25T00:30:00Z");
    assert_eq!(at("2026-03-28 10:00", "24h"), "2026-03-29T09:00:00Z", "elapsed: eleven by the clock on the wall");
    assert_eq!(at("2026-03-28 10:00", "1d"), "2026-03-29T08:00:00Z", "the same time of day");
    assert_eq!(at("2026-03-28 02:30", "1d"), "2026-03-29T01:30:00Z", "nobody named the hour that is skipped");
    assert_eq!(at("2026-03-27 10:00", "mon"), "2026-03-30T15:00:00Z");
}

#[test]
fn a_day_that_never_closes_ends_with_its_last_minute() {
    let zone = berlin();
    let mut late = office();
    late.week[4] = vec![Window { open: Time::constant(9, 0, 0, 0), close: None }];
    for calendar in [Calendar::always_ref(), &late] {
        let here = Here { now: local(NOW), zone: &zone, calendar };
        let told = read("fri", Side::Ahead, &here).map(|at| say(at, &zone));
        assert_eq!(told.as_deref(), Ok("Friday, 20 November 2026, 23:59"));
    }
}

#[test]
fn a_calendar_that_is_never_open_names_no_working_day() {
    let zone = berlin();
    let shut = Calendar { week: Default::default(), ..office() };
    let here = Here { now: local(NOW), zone: &zone, calendar: &shut };
    let told = read("fri", Side::Ahead, &here).unwrap_err();
    assert!(told.contains("closed on that day. With an hour behind it"), "{told}");
    assert!(read("2 working days", Side::Ahead, &here).is_err());
}

/// Pieces that come close to being a time.
const PIECES: [&str; 24] = [
    "fri",
    "today",
    "tomorrow",
    "yesterday",
    "17:00",
    "5pm",
    "am",
    "9.30",
    "2026-12-01",
    "0000-00-00",
    "9999-12-31",
    "1",
    "31",
    "dec",
    "feb",
    "99999999999999999999",
    "d",
    "h",
    "w",
    "working days",
    "next",
    "at",
    "on",
    ",",
];

proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "\\PC{0,40}") {
        for side in [Side::Ahead, Side::Either] {
            let _ = read_at(NOW, &text, side);
        }
    }

    #[test]
    fn no_text_made_of_pieces_breaks_the_reader(places in proptest::collection::vec((0..PIECES.len(), any::<bool>()), 0..6)) {
        let joined: String = places.iter().map(|(at, blank)| format!("{}{}", PIECES[*at], if *blank { " " } else { "" })).collect();
        let (calendar, zone) = (office(), berlin());
        for now in [local(NOW), Timestamp::MIN, Timestamp::MAX] {
            let here = Here { now, zone: &zone, calendar: &calendar };
            if let Ok(at) = read(&joined, Side::Ahead, &here) {
                prop_assert!(at > now);
            }
        }
    }

    #[test]
    fn what_is_said_can_be_read_again(minutes in 1i64..1_000_000) {
        let at = local(NOW) + SignedDuration::from_mins(minutes);
        let said = say(at, &berlin());
        // The hour that is repeated in October has one name for two instants.
        prop_assert_eq!(read_at(NOW, &said, Side::Ahead), Ok(said));
    }
}
