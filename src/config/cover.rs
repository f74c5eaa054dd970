//! All 168 hours of the week: where an SLA runs its clocks, somebody who answers must have hours.
//!
//! Checked by the minute, in a winter and in a summer week, since calendars of two zones drift apart between. The
//! people who count are the team's members, its lead, and whoever stands in for one of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, date};

use crate::decide::policy::{Person, Policy, Sla};

use super::hours::{merged, minutes_of_week};

/// Mondays without a change of clocks nearby in any zone that has one.
const WEEKS: [Date; 2] = [date(2026, 1, 12), date(2026, 7, 13)];

/// For each SLA in use and each team that answers under it: the sentence about hours that nobody covers.
pub fn gaps(policy: &Policy) -> BTreeMap<String, String> {
    let mut gaps = BTreeMap::new();
    for (sla, team) in uses(policy) {
        let Some(sla) = policy.slas.get(sla) else { continue };
        let people = answering(policy, team);
        if people.is_empty() {
            continue;
        }
        let open = WEEKS.iter().map(|monday| uncovered(policy, sla, &people, *monday)).find(|gap| !gap.is_empty());
        if let Some(open) = open {
            gaps.entry(sla.name.clone()).or_insert_with(|| sentence(policy, sla, team, &people, &open));
        }
    }
    gaps
}

/// Which SLA binds which team: a mailbox by its own, and by that of every kind.
fn uses(policy: &Policy) -> BTreeSet<(&str, &str)> {
    let kinds: Vec<&str> = policy.kinds.iter().filter_map(|kind| kind.sla.as_deref()).collect();
    let of = |inbox| {
        let inbox: &crate::decide::policy::Inbox = inbox;
        let slas = kinds.iter().copied().chain([inbox.sla.as_str()]).collect::<Vec<_>>();
        slas.into_iter().map(|sla| (sla, inbox.team.as_str()))
    };
    policy.inboxes.iter().flat_map(of).collect()
}

fn answering<'p>(policy: &'p Policy, team: &'p str) -> Vec<&'p Person> {
    let mut people: Vec<&Person> = policy.members(team).chain(policy.lead_of(team)).collect();
    let stand_ins = people.iter().flat_map(|p| &p.away).filter_map(|a| a.stand_in.as_ref());
    let stand_ins: Vec<&Person> = stand_ins.filter_map(|id| policy.person(id)).collect();
    people.extend(stand_ins);
    let mut seen = BTreeSet::new();
    people.retain(|p| seen.insert(&p.id));
    people
}

/// Minutes of the week in which the SLA's calendar is open and nobody's is.
fn uncovered(policy: &Policy, sla: &Sla, people: &[&Person], monday: Date) -> Vec<(i64, i64)> {
    let zone = &policy.company.timezone;
    let theirs = people.iter().flat_map(|p| minutes_of_week(policy.hours_of(p), monday, zone)).collect();
    let covered = merged(theirs);
    let promised = minutes_of_week(policy.calendar_of(sla), monday, zone);
    promised.into_iter().flat_map(|stretch| without(stretch, &covered)).collect()
}

/// What is left of a stretch when the covered ones, sorted and apart, are taken out.
fn without((from, to): (i64, i64), covered: &[(i64, i64)]) -> Vec<(i64, i64)> {
    let mut left = Vec::new();
    let mut at = from;
    for (open, close) in covered {
        if at < (*open).min(to) {
            left.push((at, (*open).min(to)));
        }
        at = at.max(*close);
    }
    if at < to {
        left.push((at, to));
    }
    left
}

fn sentence(policy: &Policy, sla: &Sla, team: &str, people: &[&Person], gaps: &[(i64, i64)]) -> String {
    const SHOWN: usize = 6;
    let mut when: Vec<String> = gaps.iter().take(SHOWN).map(|gap| stretch(*gap)).collect();
    if gaps.len() > SHOWN {
        when.push(format!("and {} more", gaps.len() - SHOWN));
    }
    let who: Vec<String> = people.iter().map(|p| format!("{} ({})", p.id, p.hours)).collect();
    format!(
        "promises a person of team \"{team}\" when nobody has hours: {} ({}). The hours there are: {}. Give somebody those hours, or the SLA a narrower calendar than \"{}\"",
        when.join(", "),
        policy.company.timezone.iana_name().unwrap_or("UTC"),
        who.join(", "),
        sla.calendar,
    )
}

fn stretch((from, to): (i64, i64)) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let day = |minute: i64| DAYS[usize::try_from(minute / 1440).unwrap_or(0) % 7];
    let clock = |minute: i64| format!("{:02}:{:02}", minute % 1440 / 60, minute % 60);
    match (from / 1440, to) {
        (start, to) if to == (start + 1) * 1440 => format!("{} {}-24:00", day(from), clock(from)),
        (start, to) if start == to / 1440 => format!("{} {}-{}", day(from), clock(from), clock(to)),
        _ => format!("{} {} to {} {}", day(from), clock(from), day(to), clock(to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_covers_is_left() {
        assert_eq!(without((0, 100), &[]), [(0, 100)]);
        assert_eq!(without((10, 100), &[(0, 20), (30, 40), (90, 120)]), [(20, 30), (40, 90)]);
        assert_eq!(without((10, 20), &[(0, 5), (10, 20), (50, 60)]), []);
    }

    #[test]
    fn stretches_are_written_as_people_say_them() {
        assert_eq!(stretch((540, 1020)), "Mon 09:00-17:00");
        assert_eq!(stretch((1020, 1440)), "Mon 17:00-24:00");
        assert_eq!(stretch((1020, 1440 + 540)), "Mon 17:00 to Tue 09:00");
    }
}
