//! Tables of instants: who gets which list at what hour, over a week with a change of clocks, away, after an outage.

use super::*;
use crate::learn::tests::{at, away, id, policy};

/// "mei today 2026-03-02", each with when it is due and until when it is of use.
fn told(due: &[Due]) -> Vec<String> {
    due.iter().map(|d| format!("{} {} {}", d.person, d.kind.name(), d.date)).collect()
}

/// All lists of some people between two instants, as a daemon would meet them that wakes for each.
fn played(policy: &Policy, people: &[&str], from: &str, to: &str) -> Vec<String> {
    let mut policy = policy.clone();
    policy.people.retain(|p| people.contains(&p.id.as_str()));
    let (mut done, mut met) = (at(from), Vec::new());
    while let Some(next) = next_list_at(&policy, done).filter(|next| *next < at(to)) {
        for due in lists_due(&policy, done, next) {
            assert_eq!(due.at, next, "nothing is met late");
            let when = due.at.strftime("%a %d %H:%MZ").to_string();
            met.push(format!("{when} {} {}", due.person, due.kind.name()));
        }
        done = next;
    }
    met
}

#[test]
fn a_week_over_a_change_of_clocks_keeps_the_hours_of_the_wall() {
    // Berlin goes to summer time on Sunday, 29 March 2026.
    let week = played(&policy(), &["mei"], "2026-03-26T12:00", "2026-03-31T10:00");
    assert_eq!(
        week,
        [
            "Thu 26 14:30Z mei before-you-go",
            "Fri 27 08:00Z mei today",
            "Fri 27 14:30Z mei before-you-go",
            "Mon 30 07:00Z mei today",
            "Mon 30 13:30Z mei before-you-go",
            "Tue 31 07:00Z mei today",
        ]
    );
}

#[test]
fn everybody_has_the_hours_of_their_own() {
    let day = played(&policy(), &["mei", "ada", "kim", "joe", "ole"], "2026-03-02T00:00", "2026-03-03T00:00");
    assert_eq!(
        day,
        [
            "Mon 02 07:00Z ada today",
            "Mon 02 07:00Z ole today",
            "Mon 02 08:00Z mei today",
            "Mon 02 09:30Z ada before-you-go",
            "Mon 02 14:00Z joe today",
            "Mon 02 14:30Z mei before-you-go",
            "Mon 02 15:30Z ole before-you-go",
            // A day of two hours has one list.
            "Mon 02 17:00Z kim today",
            "Mon 02 20:30Z joe before-you-go",
        ]
    );
}

#[test]
fn a_calendar_that_never_closes_has_a_day_in_the_companys_zone() {
    let days = played(&policy(), &["ole"], "2026-03-28T00:00", "2026-03-30T00:00");
    assert_eq!(
        days,
        [
            "Sat 28 07:00Z ole today",
            "Sat 28 15:30Z ole before-you-go",
            "Sun 29 06:00Z ole today",
            "Sun 29 14:30Z ole before-you-go",
        ]
    );
}

#[test]
fn a_holiday_has_no_list_and_an_absent_person_none() {
    assert_eq!(next_list_at(&only("mei"), at("2026-12-24T17:00")), Some(at("2026-12-28T09:00")));
    let mut policy = only("mei");
    away(&mut policy, "mei", None);
    assert_eq!(next_list_at(&policy, at("2026-03-01T12:00")), Some(at("2026-03-09T09:00")));
    assert_eq!(lists_due(&policy, at("2026-03-01T12:00"), at("2026-03-04T10:00")), []);
    policy.people[0].away[0].to = jiff::civil::date(9999, 12, 31);
    assert_eq!(next_list_at(&policy, at("2026-03-01T12:00")), None, "away for good is no search without end");
}

fn only(name: &str) -> Policy {
    let mut policy = policy();
    policy.people.retain(|p| p.id == id(name));
    policy
}

#[test]
fn after_an_outage_only_what_is_still_of_use_is_written() {
    let policy = only("mei");
    let down = at("2026-02-26T08:00");
    for (up, wanted) in [
        ("2026-03-02T08:59", None),
        ("2026-03-02T09:00", Some("mei today 2026-03-02")),
        ("2026-03-02T15:29", Some("mei today 2026-03-02")),
        ("2026-03-02T15:30", Some("mei before-you-go 2026-03-02")),
        ("2026-03-02T16:59", Some("mei before-you-go 2026-03-02")),
        ("2026-03-02T17:00", None),
        ("2026-03-01T12:00", None),
    ] {
        let due = told(&lists_due(&policy, down, at(up)));
        assert_eq!(due, wanted.into_iter().collect::<Vec<_>>(), "{up}");
    }
}

#[test]
fn what_was_seen_to_is_not_due_again() {
    let policy = only("mei");
    let (nine, ten) = (at("2026-03-02T09:00"), at("2026-03-02T10:00"));
    assert_eq!(lists_due(&policy, nine, ten), []);
    assert_eq!(next_list_at(&policy, nine), Some(at("2026-03-02T15:30")));
}

#[test]
fn switched_off_there_are_none() {
    let mut policy = policy();
    policy.lists = false;
    assert_eq!(next_list_at(&policy, at("2026-03-01T12:00")), None);
    assert_eq!(lists_due(&policy, at("2026-03-01T12:00"), at("2026-03-02T09:00")), []);
}

#[test]
fn the_next_noon_is_that_of_a_working_day() {
    let policy = policy();
    let noon = |name: &str, day: i8| {
        let person = policy.person(&id(name)).expect("somebody");
        noon_of_next_day(&policy, person, jiff::civil::date(2026, 3, day))
    };
    assert_eq!(noon("mei", 5), at("2026-03-06T12:00"));
    assert_eq!(noon("mei", 6), at("2026-03-09T12:00"));
    assert_eq!(noon("ole", 6), at("2026-03-07T12:00"));
}
