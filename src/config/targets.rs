//! `[sla.NAME]`: the targets of a case and the ladder that rings when one is at risk; `standard` exists unwritten.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use crate::decide::calendar::Span;
use crate::decide::case::Target;
use crate::decide::policy::{Person, Rung, RungAt, RungTo, Sla};
use crate::mail::PersonId;

use super::mistakes::did_you_mean;
use super::names::{Names, OFFICE, STANDARD};
use super::tree::{Block, Entry, quoted};
use super::words;

/// What a rung can ring for.
const TARGETS: &[(&str, Target)] = &[
    ("first_response", Target::FirstResponse),
    ("next_update", Target::NextUpdate),
    ("resolution", Target::Resolution),
    ("promise", Target::Promise),
];

/// Where the rungs of an SLA come from.
enum Ladder<'r> {
    BuiltIn,
    Own(Vec<Rung>),
    Borrowed(String, Entry<'r>),
}

pub fn slas(file: &Block<'_>, names: &Names, people: &[Person]) -> BTreeMap<String, Sla> {
    let mut slas = BTreeMap::from([(STANDARD.to_owned(), standard())]);
    let mut ladders = BTreeMap::from([(STANDARD.to_owned(), Ladder::BuiltIn)]);
    for (name, entry) in file.block("sla", "slas").entries() {
        if !entry.is_table() {
            entry.wrong("stands in no SLA. Write a header above it: [sla.standard]");
            continue;
        }
        if let Err(what) = words::name(&name) {
            entry.wrong(what);
        }
        let block = entry.block("sla");
        slas.insert(name.clone(), sla(&block, &name, names));
        ladders.insert(name.clone(), ladder(&block, names, people));
    }
    let rungs: Vec<(String, Vec<Rung>)> = ladders.keys().map(|name| (name.clone(), climb(name, &ladders))).collect();
    for (name, rungs) in rungs {
        if let Some(sla) = slas.get_mut(&name) {
            sla.ladder = rungs;
        }
    }
    slas
}

fn standard() -> Sla {
    Sla {
        name: STANDARD.to_owned(),
        calendar: OFFICE.to_owned(),
        first_response: hours(4),
        next_update: Span::Days(1),
        resolution: Span::Days(5),
        customer_silent: Span::Days(5),
        check_in: Span::Days(2),
        auto_close: Span::Days(7),
        ladder: Vec::new(),
    }
}

fn hours(hours: i64) -> Span {
    Span::Working(SignedDuration::from_hours(hours))
}

fn sla(block: &Block<'_>, name: &str, names: &Names) -> Sla {
    let default = standard();
    let span = |key| block.read(key, words::span);
    Sla {
        name: name.to_owned(),
        calendar: block.read("calendar", |word| names.calendar(word)).unwrap_or(default.calendar),
        first_response: span("first_response").unwrap_or(default.first_response),
        next_update: span("next_update").unwrap_or(default.next_update),
        resolution: span("resolution").unwrap_or(default.resolution),
        customer_silent: span("customer_silent").unwrap_or(default.customer_silent),
        check_in: span("check_in").unwrap_or(default.check_in),
        auto_close: span("auto_close").unwrap_or(default.auto_close),
        ladder: Vec::new(),
    }
}

/// Owner before it breaks, lead as it breaks, authority two hours later.
fn built_in() -> Vec<Rung> {
    let all = || TARGETS.iter().map(|(_, target)| *target).collect::<Vec<_>>();
    let rung = |at, on, to| Rung { at, on, to, acknowledge: None, tell_customer: false };
    let breaks = RungAt::After(Span::Working(SignedDuration::ZERO));
    vec![
        rung(RungAt::Percent(75), all(), RungTo::Owner),
        Rung { acknowledge: Some(hours(1)), ..rung(breaks, all(), RungTo::Lead) },
        Rung {
            tell_customer: true,
            ..rung(
                RungAt::After(hours(2)),
                vec![Target::FirstResponse, Target::Resolution, Target::Promise],
                RungTo::Authority,
            )
        },
    ]
}

fn ladder<'r>(block: &Block<'r>, names: &Names, people: &[Person]) -> Ladder<'r> {
    let borrowed = block.get("ladder").and_then(|entry| Some((entry.read(|word| names.sla(word))?, entry)));
    let Some(list) = block.get("escalation") else {
        return borrowed.map_or(Ladder::BuiltIn, |(name, entry)| Ladder::Borrowed(name, entry));
    };
    if let Some(entry) = block.get("ladder") {
        entry.wrong("this SLA has rungs of its own as well. Remove `ladder` or its [[..escalation]]");
    }
    let entries = list.list();
    let rungs: Vec<Rung> = entries.iter().filter_map(|e| rung(&e.block("sla.escalation"), names)).collect();
    if rungs.len() == entries.len() {
        check_order(&entries, &rungs);
        if !rungs.iter().any(|rung| reaches_authority(&rung.to, people)) {
            list.wrong("no rung reaches anybody with authority, so what is overdue would climb to nowhere. Add a last rung with to = \"authority\"");
        }
    }
    Ladder::Own(rungs)
}

fn reaches_authority(to: &RungTo, people: &[Person]) -> bool {
    match to {
        RungTo::Authority => true,
        RungTo::Person(id) => people.iter().any(|p| p.id == *id && p.authority),
        RungTo::Owner | RungTo::Lead => false,
    }
}

fn rung(block: &Block<'_>, names: &Names) -> Option<Rung> {
    let at = block.required("at", "\"75%\", \"0m\" or \"+2h\"", words::rung_at);
    let to = block.required("to", "\"owner\", \"lead\", \"authority\" or a person's id", |word| to(word, names));
    let on = block.read_list("on", |word| super::tree::one_of(word, TARGETS));
    if block.get("on").is_some_and(|e| e.is_empty_list()) {
        block.wrong("on", "is empty, so this rung would never ring. Name a target or remove the key");
    }
    let acknowledge = block.read("acknowledge", words::span);
    let tell_customer = block.yes_no("tell_customer").unwrap_or(false);
    let on = on.unwrap_or_else(|| TARGETS.iter().map(|(_, target)| *target).collect());
    Some(Rung { at: at?, on, to: to?, acknowledge, tell_customer })
}

fn to(word: &str, names: &Names) -> Result<RungTo, String> {
    match word {
        "owner" => Ok(RungTo::Owner),
        "lead" => Ok(RungTo::Lead),
        "authority" => Ok(RungTo::Authority),
        id if names.people.iter().any(|p| p == id) => Ok(RungTo::Person(PersonId::new(id))),
        _ => {
            let all = ["owner", "lead", "authority"].into_iter().chain(names.people.iter().map(String::as_str));
            let words: Vec<&str> = all.collect();
            let near = did_you_mean(word, words.iter().copied());
            Err(format!("{} is not one of: {}.{near}", quoted(word), words.join(", ")))
        }
    }
}

/// Lowest rung first; hours and days cannot be compared without a calendar, and are taken as they stand.
fn check_order(entries: &[Entry<'_>], rungs: &[Rung]) {
    for (i, pair) in rungs.windows(2).enumerate() {
        let falls = match (pair[0].at, pair[1].at) {
            (RungAt::Percent(a), RungAt::Percent(b)) => b < a,
            (RungAt::After(_), RungAt::Percent(_)) => true,
            (RungAt::After(Span::Working(a)), RungAt::After(Span::Working(b))) => b < a,
            (RungAt::After(Span::Days(a)), RungAt::After(Span::Days(b))) => b < a,
            _ => false,
        };
        if falls && let Some(entry) = entries.get(i + 1) {
            entry.wrong("rings before the rung above it. Rungs stand in the order in which they ring");
        }
    }
}

/// The rungs of an SLA, borrowed ones fetched; a circle of borrowers is a mistake at each of them.
fn climb(name: &str, ladders: &BTreeMap<String, Ladder<'_>>) -> Vec<Rung> {
    let mut seen = vec![name];
    let mut here = name;
    loop {
        match ladders.get(here) {
            Some(Ladder::Own(rungs)) => return rungs.clone(),
            Some(Ladder::BuiltIn) | None => return built_in(),
            Some(Ladder::Borrowed(next, entry)) => {
                if seen.contains(&next.as_str()) {
                    let round = seen.iter().copied().chain([next.as_str()]).collect::<Vec<_>>().join(", ");
                    if next == name {
                        entry.wrong(format!("these ladders borrow from each other and none has a rung: {round}"));
                    }
                    return Vec::new();
                }
                seen.push(next);
                here = next;
            }
        }
    }
}
