//! A case's story in a dozen lines, and what the customer has been told: what somebody needs who decides in ten seconds.

use jiff::Timestamp;

use crate::decide::case::{Case, ClockState, RingState, Target, UnaskedLetter, Writer};
use crate::decide::effect::WroteBy;
use crate::mail::{PersonId, clean_name};

use super::dates::Dates;
use super::{Context, english, wording};

/// So many lines are read; of a longer story the beginning and the end.
const LINES: usize = 12;
const FIRST_LINES: usize = 3;

/// "Fri 20 Nov, 23:40"
pub(super) fn stamp(dates: &Dates<'_>, at: Timestamp) -> String {
    english::stamp(&dates.moment(at), at.to_zoned(dates.zone.clone()).time())
}

/// "Mon 14:00"
pub(super) fn short(dates: &Dates<'_>, at: Timestamp) -> String {
    english::short(&dates.moment(at), at.to_zoned(dates.zone.clone()).time())
}

/// "14:00" today, "Mon 14:00" on another day.
pub(super) fn hour(dates: &Dates<'_>, at: Timestamp) -> String {
    english::hour(&dates.moment(at), at.to_zoned(dates.zone.clone()).time())
}

/// The customer as staff call them: the name they gave, proven or not, or the address.
pub(super) fn customer(case: &Case) -> String {
    let Some(customer) = case.customer() else { return "somebody unknown".to_owned() };
    let name = customer.name.as_deref().map(clean_name).filter(|n| !n.is_empty());
    name.map(|n| wording::shorten(&n, 60)).unwrap_or_else(|| customer.address.to_string())
}

/// Who wrote a mail, in words.
pub(super) fn writer(writer: Option<&Writer>, by: &WroteBy, case: &Case, ctx: &Context<'_>) -> String {
    match (writer, by) {
        (_, WroteBy::Person { id, .. }) => person(id, ctx),
        (_, WroteBy::Customer) => customer(case),
        (_, WroteBy::Machine) => "a machine".to_owned(),
        (Some(writer), WroteBy::Participant | WroteBy::Outsider) => named(writer, case, ctx),
        (None, WroteBy::Participant | WroteBy::Outsider) => "somebody".to_owned(),
    }
}

pub(super) fn named(writer: &Writer, case: &Case, ctx: &Context<'_>) -> String {
    match writer {
        Writer::Participant(no) => match case.participants.iter().find(|p| p.no == *no) {
            Some(p) if p.no.0 != 0 => {
                p.name.as_deref().map(clean_name).filter(|n| !n.is_empty()).unwrap_or_else(|| p.address.to_string())
            }
            _ => customer(case),
        },
        Writer::Person(id) => person(id, ctx),
        Writer::Outsider(address) => address.to_string(),
        Writer::Machine => "a machine".to_owned(),
        Writer::Unknown => "somebody unknown".to_owned(),
    }
}

fn person(id: &PersonId, ctx: &Context<'_>) -> String {
    ctx.policy.person(id).map_or_else(|| id.to_string(), |p| p.name.clone())
}

/// What happened, oldest first.
pub(super) fn story(case: &Case, dates: &Dates<'_>, ctx: &Context<'_>) -> Vec<String> {
    let mut events = mails(case, ctx);
    events.extend(clocks(case));
    events.extend(rings(case, ctx));
    events.extend(case.told.first_letter_at.map(|at| (at, "our first letter went out".to_owned())));
    let sent = |l: &UnaskedLetter| (l.at, format!("our {} went out", english::letter_words(&l.letter)));
    events.extend(case.told.unasked.iter().map(sent));
    events.extend(case.told.person_wrote_at.map(|at| (at, "one of us wrote to the customer".to_owned())));
    let mending = &case.mending;
    events.extend(mending.fixed_at.map(|at| (at, "it was called fixed".to_owned())));
    events.retain(|(at, _)| *at <= dates.now);
    events.sort_by_key(|(at, _)| *at);
    let lines: Vec<String> = events.iter().map(|(at, what)| format!("{}: {what}", stamp(dates, *at))).collect();
    abridged(lines)
}

fn abridged(mut lines: Vec<String>) -> Vec<String> {
    if lines.len() <= LINES {
        return lines;
    }
    let tail = lines.split_off(lines.len() - (LINES - FIRST_LINES - 1));
    let left_out = lines.len() - FIRST_LINES;
    lines.truncate(FIRST_LINES);
    lines.push(format!("… {left_out} more …"));
    lines.extend(tail);
    lines
}

type Event = (Timestamp, String);

fn mails(case: &Case, ctx: &Context<'_>) -> Vec<Event> {
    let told = case.mails.iter().map(|mail| {
        let words = wording::telling_line(&mail.words);
        let who = named(&mail.writer, case, ctx);
        let what = match &mail.writer {
            Writer::Person(_) => format!("{who} wrote"),
            Writer::Machine => "an automatic mail came".to_owned(),
            Writer::Participant(_) | Writer::Outsider(_) | Writer::Unknown => match words {
                Some(words) => format!("{who} wrote: \"{words}\""),
                None => format!("{who} wrote"),
            },
        };
        (mail.at, what)
    });
    told.collect()
}

fn clocks(case: &Case) -> Vec<Event> {
    let told = case.clocks.iter().filter_map(|clock| {
        let what = match clock.target {
            Target::FirstResponse | Target::NextUpdate | Target::Resolution | Target::Promise => clock.target.words(),
            Target::Acknowledge
            | Target::CustomerSilent
            | Target::CheckIn
            | Target::AutoClose
            | Target::Ask
            | Target::Wake => {
                return None;
            }
        };
        match clock.state {
            // That somebody wrote is told with their mail; what was kept without a letter is no story.
            ClockState::Met { at } if clock.target == Target::FirstResponse => Some((at, format!("{what} given"))),
            ClockState::Broken { .. } => Some((clock.due_at, format!("{what} was due and did not come"))),
            ClockState::Running | ClockState::Paused { .. } | ClockState::Met { .. } | ClockState::Stopped { .. } => {
                None
            }
        }
    });
    told.collect()
}

fn rings(case: &Case, ctx: &Context<'_>) -> Vec<Event> {
    let told = case.rings.iter().filter_map(|ring| match &ring.state {
        RingState::Rung { at, person: id, .. } | RingState::Folded { at, person: id, .. } => {
            Some((*at, format!("{} was asked ({})", person(id, ctx), ring.target.words())))
        }
        RingState::Planned | RingState::Listed { .. } | RingState::Skipped { .. } => None,
    });
    told.collect()
}

/// What the customer has been told, so that nobody tells them something else.
pub(super) fn told(case: &Case, dates: &Dates<'_>, ctx: &Context<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    match (&case.told.first_letter_at, &case.told.no_letter_because) {
        (Some(at), _) => lines.push(format!("on {} that we have their mail", stamp(dates, *at))),
        (None, Some(why)) => {
            lines.push(format!("nothing: no letter went out, because {}", crate::mail::clean_line(why)))
        }
        (None, None) => {}
    }
    match case.told.holding {
        0 => {}
        1 => lines.push("once that we did not keep a date".to_owned()),
        2 => lines.push("twice that we did not keep a date".to_owned()),
        n => lines.push(format!("{n} times that we did not keep a date")),
    }
    if let Some(named) = &case.told.named {
        // What follows a broken date names whoever writes or our desk: nobody is promised.
        let writes = named.person.as_ref().filter(|_| named.target != Target::NextUpdate);
        let who = writes.map(|id| format!("that {} writes ", person(id, ctx)));
        let who = who.unwrap_or_else(|| "that they hear from us ".to_owned());
        lines.push(format!("{who}{}", english::by(&dates.moment(named.by))));
    }
    lines
}
