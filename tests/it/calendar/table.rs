//! The table: what a person with a wall calendar would say.

use super::hours::{calendar, instant, shown, span};

const OFFICE: &str = "mo-fr 09:00-17:00";
const LUNCH: &str = "mo-th 08:00-12:00 13:00-17:00; fr 08:00-13:00";
const ROUND: &str = "mo-su 00:00-24:00";
const NIGHT: &str = "mo-su 00:00-06:00 20:00-24:00";

/// Checks rows of `opened | span | due`: all in the zone's local time, due with its weekday.
#[track_caller]
fn check(zone: &str, week: &str, holidays: &str, rows: &str) {
    let calendar = calendar(zone, week, holidays);
    let wrong: Vec<String> = rows
        .lines()
        .map(str::trim)
        .filter(|r| !r.is_empty())
        .filter_map(|row| {
            let [opened, time, due] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{row}") };
            let end = calendar.add(instant(&calendar.timezone, opened), span(time));
            let found = shown(end, &calendar.timezone);
            let expected_instant = due.len() <= 20 || instant(&calendar.timezone, &due[4..]) == end;
            (found != due[..due.len().min(20)] || !expected_instant).then(|| format!("{row}\n      but: {found}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{zone}, {week}:\n  {}", wrong.join("\n  "));
}

#[test]
fn hours_count_only_while_the_desk_is_open() {
    // 20 November 2026 is a Friday.
    check(
        "Europe/Berlin",
        OFFICE,
        "",
        "
        2026-11-18 10:00 | 4h     | Wed 2026-11-18 14:00
        2026-11-18 15:00 | 4h     | Thu 2026-11-19 11:00
        2026-11-18 09:00 | 8h     | Wed 2026-11-18 17:00
        2026-11-18 09:00 | 8h1m   | Thu 2026-11-19 09:01
        2026-11-18 10:00 | 1h30m  | Wed 2026-11-18 11:30
        2026-11-20 16:00 | 4h     | Mon 2026-11-23 12:00
        2026-11-20 10:00 | 7h     | Fri 2026-11-20 17:00
        2026-11-20 16:59 | 2m     | Mon 2026-11-23 09:01
        2026-11-18 10:00 | 40h    | Wed 2026-11-25 10:00
    ",
    );
}

#[test]
fn mail_outside_hours_counts_from_the_next_opening() {
    check(
        "Europe/Berlin",
        OFFICE,
        "",
        "
        2026-11-18 03:00 | 4h | Wed 2026-11-18 13:00
        2026-11-18 08:59 | 4h | Wed 2026-11-18 13:00
        2026-11-18 17:00 | 4h | Thu 2026-11-19 13:00
        2026-11-18 23:40 | 4h | Thu 2026-11-19 13:00
        2026-11-20 17:01 | 4h | Mon 2026-11-23 13:00
        2026-11-21 12:00 | 4h | Mon 2026-11-23 13:00
        2026-11-22 23:59 | 4h | Mon 2026-11-23 13:00
    ",
    );
}

#[test]
fn a_lunch_break_is_not_worked_and_a_window_filled_exactly_ends_with_it() {
    check(
        "Europe/Berlin",
        LUNCH,
        "",
        "
        2026-11-18 08:00 | 4h    | Wed 2026-11-18 12:00
        2026-11-18 08:00 | 4h1m  | Wed 2026-11-18 13:01
        2026-11-18 11:30 | 1h    | Wed 2026-11-18 13:30
        2026-11-18 12:00 | 1h    | Wed 2026-11-18 14:00
        2026-11-18 12:30 | 1h    | Wed 2026-11-18 14:00
        2026-11-18 08:00 | 8h    | Wed 2026-11-18 17:00
        2026-11-19 14:00 | 4h    | Fri 2026-11-20 09:00
        2026-11-20 12:00 | 4h    | Mon 2026-11-23 11:00
        2026-11-20 12:00 | 1h    | Fri 2026-11-20 13:00
        2026-11-20 13:00 | 1h    | Mon 2026-11-23 09:00
    ",
    );
}

#[test]
fn days_and_weeks_end_with_the_last_window() {
    check(
        "Europe/Berlin",
        LUNCH,
        "",
        "
        2026-11-18 10:00 | 1d | Thu 2026-11-19 17:00
        2026-11-18 16:59 | 1d | Thu 2026-11-19 17:00
        2026-11-18 17:00 | 1d | Fri 2026-11-20 13:00
        2026-11-18 03:00 | 1d | Thu 2026-11-19 17:00
        2026-11-19 10:00 | 1d | Fri 2026-11-20 13:00
        2026-11-20 10:00 | 1d | Mon 2026-11-23 17:00
        2026-11-20 14:00 | 1d | Tue 2026-11-24 17:00
        2026-11-21 10:00 | 1d | Tue 2026-11-24 17:00
        2026-11-18 10:00 | 5d | Wed 2026-11-25 17:00
        2026-11-20 10:00 | 5d | Fri 2026-11-27 13:00
        2026-11-18 10:00 | 1w | Wed 2026-11-25 17:00
        2026-11-20 10:00 | 2w | Fri 2026-12-04 13:00
        2026-11-21 10:00 | 1w | Mon 2026-11-30 17:00
        2026-11-18 10:00 | 0d | Wed 2026-11-18 17:00
        2026-11-21 10:00 | 0d | Mon 2026-11-23 17:00
        2026-11-18 10:00 | 0w | Wed 2026-11-18 17:00
    ",
    );
}

#[test]
fn holidays_are_closed_every_year_or_once() {
    // Good Friday 2026 is 3 April, Easter Monday the 6th; 25 December 2026 is a Friday.
    check(
        "Europe/Berlin",
        OFFICE,
        "12-25 12-26 01-01 2026-04-03 2026-04-06",
        "
        2026-04-02 16:00 | 2h  | Tue 2026-04-07 10:00
        2026-04-03 12:00 | 1h  | Tue 2026-04-07 10:00
        2026-04-02 16:00 | 1d  | Tue 2026-04-07 17:00
        2026-03-30 10:00 | 1w  | Tue 2026-04-07 17:00
        2027-04-02 16:00 | 2h  | Mon 2027-04-05 10:00
        2026-12-24 16:00 | 2h  | Mon 2026-12-28 10:00
        2026-12-24 16:00 | 5d  | Mon 2027-01-04 17:00
        2027-12-24 16:00 | 2h  | Mon 2027-12-27 10:00
        2026-12-18 10:00 | 1w  | Mon 2026-12-28 17:00
        2026-12-18 10:00 | 2w  | Mon 2027-01-04 17:00
    ",
    );
}

#[test]
fn no_time_at_all_ends_at_once_even_when_the_desk_is_closed() {
    check(
        "Europe/Berlin",
        OFFICE,
        "",
        "
        2026-11-18 10:00 | 0m | Wed 2026-11-18 10:00
        2026-11-18 17:00 | 0m | Wed 2026-11-18 17:00
        2026-11-21 03:00 | 0s | Sat 2026-11-21 03:00
    ",
    );
}

#[test]
fn an_always_open_desk_counts_every_hour() {
    check(
        "UTC",
        "always",
        "",
        "
        2026-11-20 23:00 | 4h | Sat 2026-11-21 03:00
        2026-11-20 23:00 | 1d | Sat 2026-11-21 23:00
        2026-11-20 23:00 | 5d | Wed 2026-11-25 23:00
        2026-11-20 23:00 | 2w | Fri 2026-12-04 23:00
        2026-11-20 23:00 | 0m | Fri 2026-11-20 23:00
    ",
    );
}

#[test]
fn windows_until_midnight_join_the_next_day() {
    check(
        "Europe/Berlin",
        ROUND,
        "",
        "
        2026-11-20 23:00 | 4h  | Sat 2026-11-21 03:00
        2026-11-20 23:00 | 1h  | Sat 2026-11-21 00:00
        2026-11-20 23:00 | 1d  | Sun 2026-11-22 00:00
        2026-11-20 00:00 | 1d  | Sun 2026-11-22 00:00
    ",
    );
    check(
        "Europe/Berlin",
        NIGHT,
        "2026-11-22",
        "
        2026-11-20 23:00 | 4h  | Sat 2026-11-21 03:00
        2026-11-20 05:00 | 2h  | Fri 2026-11-20 21:00
        2026-11-20 07:00 | 4h  | Sat 2026-11-21 00:00
        2026-11-21 21:00 | 4h  | Mon 2026-11-23 01:00
        2026-11-20 21:00 | 1d  | Sun 2026-11-22 00:00
    ",
    );
}

#[test]
fn an_hour_that_berlin_skips_is_not_worked_and_one_that_it_repeats_is_worked_twice() {
    // 29 March 2026: 02:00 becomes 03:00. 25 October 2026: 03:00 becomes 02:00.
    check(
        "Europe/Berlin",
        ROUND,
        "",
        "
        2026-03-29 01:00 | 1h     | Sun 2026-03-29 03:00
        2026-03-29 01:30 | 1h     | Sun 2026-03-29 03:30
        2026-03-28 12:00 | 24h    | Sun 2026-03-29 13:00
        2026-10-25 01:00 | 1h     | Sun 2026-10-25 02:00 +2
        2026-10-25 01:00 | 2h     | Sun 2026-10-25 02:00 +1
        2026-10-25 01:00 | 3h     | Sun 2026-10-25 03:00
        2026-10-25 02:30 +1 | 1h  | Sun 2026-10-25 03:30
        2026-10-24 12:00 | 24h    | Sun 2026-10-25 11:00
        2026-03-28 12:00 | 1d     | Mon 2026-03-30 00:00
    ",
    );
}

#[test]
fn windows_that_end_or_begin_in_a_gap_keep_to_the_instant_of_the_gap() {
    check(
        "Europe/Berlin",
        "su 00:00-02:15 02:15-02:45 02:45-06:00",
        "",
        "
        2026-03-29 00:00 | 2h   | Sun 2026-03-29 03:00
        2026-03-29 00:00 | 2h5m | Sun 2026-03-29 03:05
        2026-03-29 00:00 | 5h   | Sun 2026-03-29 06:00
        2026-03-22 00:00 | 6h   | Sun 2026-03-22 06:00
    ",
    );
    check(
        "Europe/Berlin",
        "su 02:10-02:50 10:00-12:00",
        "",
        "
        2026-03-29 00:00 | 30m  | Sun 2026-03-29 10:30
        2026-03-29 00:00 | 0d   | Sun 2026-03-29 12:00
        2026-03-22 00:00 | 30m  | Sun 2026-03-22 02:40
    ",
    );
    check(
        "Europe/Berlin",
        "su 02:10-02:50; mo 09:00-17:00",
        "",
        "
        2026-03-29 00:00 | 30m  | Mon 2026-03-30 09:30
        2026-03-29 00:00 | 0d   | Mon 2026-03-30 17:00
    ",
    );
    check(
        "Europe/Berlin",
        "su 01:30-02:30",
        "",
        "
        2026-10-25 00:00 | 1h   | Sun 2026-10-25 02:30 +2
        2026-10-25 00:00 | 61m  | Sun 2026-11-01 01:31
    ",
    );
}

#[test]
fn new_york_changes_on_other_sundays() {
    // 8 March 2026: 02:00 becomes 03:00. 1 November 2026: 02:00 becomes 01:00.
    check(
        "America/New_York",
        ROUND,
        "",
        "
        2026-03-08 01:30 | 1h    | Sun 2026-03-08 03:30
        2026-11-01 00:30 | 1h    | Sun 2026-11-01 01:30 -4
        2026-11-01 00:30 | 2h    | Sun 2026-11-01 01:30 -5
        2026-11-01 00:30 | 3h    | Sun 2026-11-01 02:30
    ",
    );
    check(
        "America/New_York",
        OFFICE,
        "07-04 2026-11-26",
        "
        2026-03-06 16:00 | 4h    | Mon 2026-03-09 12:00
        2026-10-30 16:00 | 4h    | Mon 2026-11-02 12:00
        2026-11-25 16:00 | 4h    | Fri 2026-11-27 12:00
        2026-07-03 16:00 | 4h    | Mon 2026-07-06 12:00
    ",
    );
}

#[test]
fn lord_howe_moves_by_half_an_hour() {
    // 5 April 2026: 02:00 becomes 01:30. 4 October 2026: 02:00 becomes 02:30.
    check(
        "Australia/Lord_Howe",
        ROUND,
        "",
        "
        2026-04-05 01:00 | 1h    | Sun 2026-04-05 01:30 +10.5
        2026-04-05 01:00 | 2h    | Sun 2026-04-05 02:30
        2026-10-04 01:00 | 1h    | Sun 2026-10-04 02:30
        2026-10-04 01:45 | 30m   | Sun 2026-10-04 02:45
    ",
    );
    check(
        "Australia/Lord_Howe",
        "su 01:00-02:15; mo 09:00-17:00",
        "",
        "
        2026-10-04 00:00 | 1h    | Sun 2026-10-04 02:30
        2026-10-04 00:00 | 61m   | Mon 2026-10-05 09:01
        2026-04-05 00:00 | 105m  | Sun 2026-04-05 02:15
    ",
    );
}

#[test]
fn kolkata_never_changes_and_stands_at_half_past() {
    check(
        "Asia/Kolkata",
        "mo-sa 09:30-18:30",
        "01-26",
        "
        2026-11-21 17:30 | 2h    | Mon 2026-11-23 10:30
        2026-01-24 18:00 | 1h    | Tue 2026-01-27 10:00
        2026-01-24 18:00 | 1d    | Tue 2026-01-27 18:30
        2026-03-29 01:30 | 1h    | Mon 2026-03-30 10:30
    ",
    );
}

#[test]
fn a_day_that_apia_left_out_is_not_worked() {
    // Samoa crossed the date line: Thursday 29 December 2011 was followed by Saturday the 31st.
    check(
        "Pacific/Apia",
        OFFICE,
        "",
        "
        2011-12-29 16:00 | 2h    | Mon 2012-01-02 10:00
        2011-12-29 16:00 | 1d    | Mon 2012-01-02 17:00
        2011-12-28 10:00 | 2d    | Mon 2012-01-02 17:00
        2011-12-23 10:00 | 1w    | Mon 2012-01-02 17:00
    ",
    );
    check(
        "Pacific/Apia",
        ROUND,
        "",
        "
        2011-12-29 23:00 | 2h    | Sat 2011-12-31 01:00
        2011-12-29 12:00 | 1d    | Sun 2012-01-01 00:00
    ",
    );
}

#[test]
fn a_midnight_that_does_not_exist_begins_the_day_late() {
    // Beirut, 29 March 2026: 00:00 becomes 01:00; 25 October 2026: 00:00 becomes 23:00 of the day before.
    check(
        "Asia/Beirut",
        ROUND,
        "",
        "
        2026-03-28 23:30 | 1h    | Sun 2026-03-29 01:30
        2026-03-28 22:00 | 1d    | Mon 2026-03-30 00:00
        2026-10-24 22:30 | 1h    | Sat 2026-10-24 23:30 +3
        2026-10-24 22:30 | 2h    | Sat 2026-10-24 23:30 +2
        2026-10-24 22:30 | 3h    | Sun 2026-10-25 00:30
        2026-10-23 12:00 | 1d    | Sun 2026-10-25 00:00
    ",
    );
    check(
        "Asia/Beirut",
        "sa 22:00-24:00; su 00:00-02:00",
        "",
        "
        2026-03-28 12:00 | 2h30m | Sun 2026-03-29 01:30
        2026-03-28 12:00 | 3h    | Sun 2026-03-29 02:00
        2026-10-24 12:00 | 5h    | Sun 2026-10-25 02:00
    ",
    );
}

#[test]
fn working_time_between_two_instants_leaves_out_what_is_closed() {
    let calendar = calendar("Europe/Berlin", LUNCH, "2026-11-19");
    let rows = "
        2026-11-18 08:00 | 2026-11-18 17:00 | 8h
        2026-11-18 11:00 | 2026-11-18 14:00 | 2h
        2026-11-18 12:00 | 2026-11-18 13:00 | 0m
        2026-11-18 16:00 | 2026-11-20 09:00 | 2h
        2026-11-20 12:00 | 2026-11-23 09:00 | 2h
        2026-11-18 10:00 | 2026-11-18 09:00 | 0m
        2026-11-21 00:00 | 2026-11-22 23:00 | 0m
    ";
    for row in rows.lines().map(str::trim).filter(|r| !r.is_empty()) {
        let [from, to, time] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{row}") };
        let at = |text| instant(&calendar.timezone, text);
        let found = calendar.working_between(at(from), at(to));
        assert_eq!(amends::decide::calendar::Span::Working(found), span(time), "{row}");
    }
}

#[test]
fn a_part_of_working_time_lies_in_hours() {
    let calendar = calendar("Europe/Berlin", OFFICE, "");
    let rows = "
        2026-11-18 10:00 | 2026-11-18 14:00 | 75  | Wed 2026-11-18 13:00
        2026-11-20 16:00 | 2026-11-23 12:00 | 75  | Mon 2026-11-23 11:00
        2026-11-18 03:00 | 2026-11-18 13:00 | 50  | Wed 2026-11-18 11:00
        2026-11-18 10:00 | 2026-11-25 17:00 | 75  | Tue 2026-11-24 13:15
        2026-11-18 10:00 | 2026-11-18 10:00 | 75  | Wed 2026-11-18 10:00
    ";
    for row in rows.lines().map(str::trim).filter(|r| !r.is_empty()) {
        let [from, due, part, end] = row.split('|').map(str::trim).collect::<Vec<_>>()[..] else { panic!("{row}") };
        let at = |text| instant(&calendar.timezone, text);
        let found = calendar.part_of(at(from), at(due), part.parse().expect("a percentage"));
        assert_eq!(shown(found, &calendar.timezone), end, "{row}");
    }
}

#[test]
fn the_middle_of_the_next_working_day_is_named_where_today_is_over() {
    let office = calendar("Europe/Berlin", OFFICE, "");
    let middle = |opened| shown(office.midday_of_next_day(instant(&office.timezone, opened)), &office.timezone);
    assert_eq!(middle("2026-11-18 10:00"), "Thu 2026-11-19 13:00");
    assert_eq!(middle("2026-11-20 10:00"), "Mon 2026-11-23 13:00");
    assert_eq!(middle("2026-11-22 23:00"), "Mon 2026-11-23 13:00");
    let always = calendar("Europe/Berlin", "always", "");
    let middle = |opened| shown(always.midday_of_next_day(instant(&always.timezone, opened)), &always.timezone);
    assert_eq!(middle("2026-11-20 10:00"), "Sat 2026-11-21 12:00");
}

#[test]
fn a_calendar_that_never_opens_answers_with_the_question() {
    let closed = calendar("Europe/Berlin", "mo 09:00-17:00", "2026-11-23");
    let never = amends::decide::calendar::Calendar { week: Default::default(), ..closed.clone() };
    let at = instant(&never.timezone, "2026-11-18 10:00");
    for time in ["4h", "1d", "1w", "0m"] {
        assert_eq!(never.add(at, span(time)), at);
    }
    assert_eq!(never.opening_from(at), at);
    assert_eq!(shown(closed.opening_from(at), &closed.timezone), "Mon 2026-11-30 09:00");
}
