//! `amends simulate`: the dates of a case that nobody touches, as the rules themselves work them out.
//!
//! The same `decide` as the daemon's, stepped from one due instant to the next; nothing is stored or sent. Limits and
//! other cases, which fold rings and hold letters, are left out.

use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::decide::case::{Case, Clock, ClockState, Ring, RingState, Target, Writer};
use crate::decide::effect::{Effect, Letter, Order, Recipient};
use crate::decide::event::{Age, Answer as Answered, Event, Facts, Incoming, MailClass};
use crate::decide::policy::Policy;
use crate::decide::{Decision, decide};
use crate::mail::{Address, CaseId, MailId, clean_line};
use crate::time::Time;

use super::Global;
use super::exit::{Answer, Trouble};
use super::open::without_secrets;
use super::shown::Shown;

/// A ladder of ten rungs on three targets needs fewer; rules that never end are cut here.
const STEPS: usize = 500;

/// Shows what happens when, and who hears of it, on a case that nobody touches
#[derive(Debug, Args)]
pub struct Simulate {
    /// Which SLA of the configuration
    #[arg(long, value_name = "NAME")]
    sla: String,
    /// When the mail comes in, as 2026-11-20, "2026-11-20 22:40" or 2026-11-20T21:40:00Z [default: now]
    #[arg(long, value_name = "WHEN")]
    opened: Option<String>,
    /// An array of {at, what, due_at}
    #[arg(long)]
    json: bool,
}

/// What happens at an instant; a clock that begins has the instant at which it is due.
#[derive(Debug, PartialEq)]
struct Moment {
    at: Timestamp,
    what: String,
    due_at: Option<Timestamp>,
}

pub fn run(asked: &Simulate, global: &Global) -> Answer {
    let config = without_secrets(global)?;
    let zone = &config.policy.company.timezone;
    let opened = match &asked.opened {
        Some(text) => when(text, zone)?,
        None => Time::System.now(),
    };
    let policy = only(config.policy.clone(), &asked.sla)?;
    let moments = play(&policy, opened)?;
    if asked.json {
        println!(
            "{:#}",
            moments.iter().map(|m| json!({ "at": m.at, "what": m.what, "due_at": m.due_at })).collect::<Value>()
        );
        return Ok(());
    }
    let shown = Shown::new(zone, opened);
    println!("A case under sla {} that nobody touches, times of {}\n", asked.sla, shown.zone_name());
    println!("{}", told(&moments, &shown));
    Ok(())
}

fn when(text: &str, zone: &TimeZone) -> Result<Timestamp, Trouble> {
    let text = text.trim();
    let civil = || text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(|d| d.at(0, 0, 0, 0))).ok();
    let instant = text.parse::<Timestamp>().ok().or_else(|| Some(civil()?.to_zoned(zone.clone()).ok()?.timestamp()));
    instant.ok_or_else(|| {
        Trouble::usage(format!(
            "--opened: \"{text}\" is no time. Write 2026-11-20, \"2026-11-20 22:40\" or 2026-11-20T21:40:00Z"
        ))
    })
}

/// The policy in which every case falls under this SLA.
fn only(mut policy: Policy, sla: &str) -> Result<Policy, Trouble> {
    if !policy.slas.contains_key(sla) {
        let names: Vec<&str> = policy.slas.keys().map(String::as_str).collect();
        return Err(Trouble::unknown(format!("there is no sla \"{sla}\"; there are: {}", names.join(", "))));
    }
    policy.inboxes.iter_mut().for_each(|inbox| inbox.sla = sla.to_owned());
    policy.kinds.iter_mut().for_each(|kind| kind.sla = None);
    Ok(policy)
}

fn play(policy: &Policy, opened: Timestamp) -> Result<Vec<Moment>, Trouble> {
    let inbox = policy.inboxes.first().ok_or_else(|| Trouble::unknown("no mailbox is configured"))?;
    let mut case = Case::blank(CaseId(1), inbox.name.clone(), opened);
    let mut event = Event::Opened(mail(opened));
    let (mut now, mut moments) = (opened, Vec::new());
    for _ in 0..STEPS {
        let Decision { case: after, effects } = decide(policy, &Facts::default(), case.clone(), &event, now);
        moments.extend(what_happened(&case, &after, &effects, now));
        case = after;
        case.log.clear();
        let Some(next) = case.next_due() else { break };
        // Rules that leave something due in the past would be asked again at once, as the daemon does.
        now = next.max(now);
        event = Event::Due;
    }
    Ok(moments)
}

/// A complaint of a proven sender, without a word that any kind looks for.
fn mail(at: Timestamp) -> Incoming {
    Incoming {
        mail: MailId(1),
        message_id: None,
        at,
        writer: Writer::Unknown,
        from: Address::parse("customer@customer.example"),
        name: None,
        authenticated: true,
        class: MailClass::Human,
        answer: Answered::Yes,
        quiet: false,
        age: Age::Fresh,
        language: None,
        subject: String::new(),
        words: String::new(),
        hears: Arc::default(),
        attachments: 0,
        marks: Vec::new(),
        thread: Vec::new(),
        burns: None,
        by_token: false,
    }
}

/// Clocks that broke, then letters and rings, then rungs that ring nobody, then clocks that began.
fn what_happened(before: &Case, after: &Case, effects: &[Effect], now: Timestamp) -> Vec<Moment> {
    let moment = |what: String| Moment { at: now, what, due_at: None };
    let broken = after.clocks.iter().enumerate().filter(|(n, c)| before.clocks.get(*n).is_some_and(|b| breaks(b, c)));
    let mut all: Vec<Moment> = broken.map(|(_, c)| moment(format!("{} is overdue", c.target.words()))).collect();
    all.extend(effects.iter().filter_map(effect).map(moment));
    let skipped = after.rings.iter().enumerate().filter(|(n, r)| before.rings.get(*n).is_some_and(|b| skips(b, r)));
    all.extend(skipped.map(|(_, r)| moment(format!("{}: rung {} rings nobody new", r.target.words(), r.rung + 1))));
    let began = after.clocks.iter().skip(before.clocks.len()).filter(|c| c.target != Target::Wake);
    all.extend(began.map(|c| Moment { due_at: Some(c.due_at), ..moment(due_words(c)) }));
    all
}

fn due_words(clock: &Clock) -> String {
    match clock.target {
        Target::Acknowledge => "the ring has to be taken by".to_owned(),
        other => format!("{} is due", other.words()),
    }
}

/// Has a date passed that somebody waits for? A ring that was not taken shows in the next one.
fn breaks(before: &Clock, after: &Clock) -> bool {
    let is_broken = |c: &Clock| matches!(c.state, ClockState::Broken { .. });
    after.target != Target::Acknowledge && is_broken(after) && !is_broken(before)
}

/// Who stands on this rung has the ring already, or a higher one rings in its stead.
fn skips(before: &Ring, after: &Ring) -> bool {
    before.state == RingState::Planned && matches!(after.state, RingState::Skipped { .. })
}

fn effect(effect: &Effect) -> Option<String> {
    match effect {
        Effect::Write(order) => Some(order_words(order)),
        Effect::Fold { person, ring } => Some(format!("{person} is told in a digest: {}", ring.target.words())),
        Effect::Alert { what } => Some(format!("the admin hears: {}", clean_line(what))),
        Effect::Void { .. }
        | Effect::Raise { .. }
        | Effect::Split(_)
        | Effect::SetAside { .. }
        | Effect::List { .. } => None,
        Effect::Absence { .. } | Effect::HandOver { .. } => None,
    }
}

/// A line each; the instant stands in front of its first.
fn told(moments: &[Moment], shown: &Shown) -> String {
    let mut last = None;
    let line = |moment: &Moment| {
        let at = if last.replace(moment.at) == Some(moment.at) { String::new() } else { shown.at(moment.at) };
        let due = moment.due_at.map(|due| format!(" {}", shown.at(due))).unwrap_or_default();
        format!("{at:<20}  {}{due}", moment.what)
    };
    moments.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn order_words(order: &Order) -> String {
    let to = match &order.to {
        Recipient::Participant(_) => "the customer",
        Recipient::Person(person) => person.as_str(),
    };
    match &order.letter {
        Letter::Escalation(ring) => {
            let next = ring.next.as_ref().map(|n| format!(", next {n}")).unwrap_or_default();
            format!("rings {to}: {} (rung {}{next})", ring.target.words(), ring.rung + 1)
        }
        other => format!("letter {} to {to}", other.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_company_s_zone_unless_it_names_one() {
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let utc: Timestamp = "2026-11-20T21:40:00Z".parse().expect("an instant");
        for text in ["2026-11-20 22:40", "2026-11-20T22:40", "2026-11-20T21:40:00Z", "2026-11-20T23:40:00+02:00"] {
            assert_eq!(when(text, &zone).expect(text), utc, "{text}");
        }
        assert!(when("2026-11-20", &zone).is_ok());
        assert_eq!(when("next friday", &zone).expect_err("no time").code, super::super::exit::USAGE);
    }
}
