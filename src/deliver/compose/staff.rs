//! What a notice to staff says: who is asked for what and by when, the customer's words, what the customer was told.
//!
//! Staff see the customer's words, cleaned and bounded, and whether it is proven who wrote them.

use serde_json::json;

use jiff::SignedDuration;

use crate::decide::case::{Case, CaseMail, Clock, Target, Writer};
use crate::decide::effect::{Letter, RingNote, WroteBy};
use crate::decide::policy::Person;
use crate::mail::{MailId, clean_line};
use crate::templates::Values;

use super::dates::Dates;
use super::values::{dates, reference, set, set_person};
use super::{ComposeError, Context, answers, english, house, links, person_value, story, wording};

/// Of a line to the admin: what happened, the server's words, and what to do about it.
const ALERT_CHARS: usize = 800;

pub(super) fn about_case(letter: &Letter, me: &Person, case: &Case, ctx: &Context<'_>) -> Result<Values, ComposeError> {
    // To staff the zone is theirs: the customer's clock does not matter.
    let dates = Dates { reader_offset: None, ..dates(case, ctx) };
    let mut values = common(me, case, &dates, ctx);
    values.insert("to_customer".into(), links::speaks_to_customer(letter, me, case, ctx).into());
    let taps = links::for_staff(letter, me, case, ctx)?;
    set(&mut values, "links", Some(taps).filter(|l| l.as_object().is_some_and(|l| !l.is_empty())));
    match letter {
        Letter::Transcript(told) => {
            // What waits for a word is shown as it would go out.
            set(&mut values, "words", waiting_words(case, told.mail).or_else(|| words_of(case, Some(told.mail))));
            answers::transcript(&mut values, told);
        }
        Letter::Confirm { mail, asks, until, since } => {
            set(&mut values, "words", held_words(case, *mail).or_else(|| words_of(case, Some(*mail))));
            answers::confirm(&mut values, asks, since, *until, &dates);
        }
        Letter::Reminder(facts) => {
            set(&mut values, "words", words_of(case, None));
            answers::reminder(&mut values, facts, &dates);
        }
        Letter::Question { .. } | Letter::SeemsAway { .. } | Letter::CaseStory { .. } => {
            inside(&mut values, letter, me, case, &dates, ctx)?;
        }
        Letter::NewCase { mail } => {
            set(&mut values, "words", words_of(case, Some(*mail)));
            // What a colleague noted of a call is theirs, and was confirmed.
            let noted = case.mails.iter().any(|m| m.mail == *mail && matches!(m.writer, Writer::Person(_)));
            values.insert("noted".into(), noted.into());
            values.insert("marks".into(), if noted { Vec::new() } else { marks(case, *mail) }.into());
        }
        Letter::CustomerWrote { mail, by } => {
            set(&mut values, "words", words_of(case, Some(*mail)));
            // Whether a colleague's mail is theirs is said in the letter's first sentence.
            let person = matches!(by, WroteBy::Person { .. });
            values.insert("marks".into(), if person { Vec::new() } else { marks(case, *mail) }.into());
            wrote(&mut values, *mail, by, case, ctx);
        }
        Letter::DeliveryFailed { name, to, answer, stopped } => {
            set(&mut values, "words", words_of(case, None));
            values.insert("which".into(), english::letter_words(name).into());
            values.insert("address".into(), to.as_str().into());
            values.insert("answer".into(), server_words(answer).into());
            values.insert("stopped".into(), (*stopped).into());
        }
        Letter::Escalation(ring) => {
            set(&mut values, "words", words_of(case, None));
            rung(&mut values, ring, &dates, ctx);
            set_person(&mut values, "standing_in_for", ring.standing_in_for.as_ref(), ctx);
            if let Some(asked) = &ring.asked {
                set_person(&mut values, "asked_by", Some(&asked.by), ctx);
                values.insert("asked".into(), wording::shorten(&clean_line(&asked.why), 300).into());
            }
            values.insert("story".into(), story::story(case, &dates, ctx).into());
        }
        // All that are to customers: `Letter::is_to_customer` names them.
        _ => return Err(ComposeError::WrongReader(letter.name())),
    }
    Ok(values)
}

/// What one of us asks of another, or asked the desk.
fn inside(
    values: &mut Values,
    letter: &Letter,
    me: &Person,
    case: &Case,
    dates: &Dates<'_>,
    ctx: &Context<'_>,
) -> Result<(), ComposeError> {
    match letter {
        Letter::Question { n, again } => {
            let question = case.questions.iter().find(|q| q.n == *n).ok_or(ComposeError::NoWords)?;
            set(values, "words", words_of(case, question.about));
            answers::question(values, question, *again, dates, ctx);
        }
        Letter::SeemsAway { person: who } => {
            values.insert("who".into(), person_value(super::person(ctx, who)?));
            values.insert("line".into(), format!("#away {who} until ").into());
            set(values, "enter", links::to_command(letter, me, case, &format!("#away {who} until "), ctx)?);
        }
        _ => answers::case_story(values, case, dates, ctx),
    }
    Ok(())
}

fn common(me: &Person, case: &Case, dates: &Dates<'_>, ctx: &Context<'_>) -> Values {
    let mut values = house(ctx);
    let customer = case.customer();
    let address = customer.map(|c| c.address.to_string()).unwrap_or_else(|| "an unknown address".into());
    values.insert("ref".into(), reference(case, ctx).into());
    values.insert("me".into(), person_value(me));
    values.insert("customer".into(), story::customer(case).into());
    values.insert("customer_address".into(), address.into());
    values.insert("proven".into(), customer.is_some_and(|c| c.authenticated).into());
    values.insert("support".into(), ctx.mailbox.address.as_str().into());
    values.insert("about".into(), about(case).into());
    values.insert("kind".into(), case.kind.as_str().into());
    values.insert("opened".into(), story::stamp(dates, case.opened_at).into());
    set(&mut values, "wish", case.wish.as_deref().and_then(wording::wish));
    set_person(&mut values, "owner", case.owner.as_ref(), ctx);
    values.insert("failed_again".into(), (case.mending.holds == Some(false)).into());
    values.insert("mine".into(), (case.owner.as_ref() == Some(&me.id)).into());
    values.insert("danger".into(), ctx.policy.kind(&case.kind).is_some_and(|k| k.danger).into());
    values.insert("told".into(), story::told(case, dates, ctx).into());
    if let Some(clock) = next_due(case) {
        values.insert("due".into(), due(clock, dates));
    }
    values
}

pub(super) fn about(case: &Case) -> String {
    let words = case.mails.first().map(|m| m.words.as_str()).unwrap_or_default();
    // A case that a colleague opened begins with their commands.
    let said: Vec<&str> = words.lines().skip_while(|l| l.trim().is_empty() || l.starts_with('#')).collect();
    wording::about(&case.subject, &said.join("\n"))
}

/// The date that presses: of what the customer waits for, the earliest.
fn next_due(case: &Case) -> Option<&Clock> {
    let waits_for = |c: &&Clock| {
        matches!(c.target, Target::FirstResponse | Target::NextUpdate | Target::Promise | Target::Resolution)
    };
    case.running().filter(waits_for).min_by_key(|c| c.due_at)
}

fn due(clock: &Clock, dates: &Dates<'_>) -> serde_json::Value {
    let passed = clock.due_at <= dates.now;
    let (by, short) = if passed {
        ("at once".to_owned(), "now".to_owned())
    } else {
        (english::by(&dates.moment(clock.due_at)), format!("by {}", story::short(dates, clock.due_at)))
    };
    json!({"what": clock.target.words(), "by": by, "short": short, "passed": passed})
}

/// All that a confirmation would release, word for word: what is confirmed is what was shown.
fn held_words(case: &Case, asked_with: MailId) -> Option<String> {
    let held = case.held.iter().filter(|h| h.asked_with == asked_with);
    let all: Vec<&str> = held.map(|h| h.goes_out.as_str()).collect();
    wording::all_words_for_staff(&all.join("\n\n* * *\n\n"))
}

/// All that would leave of a mail that waits for its writer's `#send`.
fn waiting_words(case: &Case, mail: MailId) -> Option<String> {
    let held = case.held.iter().find(|h| h.mail == mail)?;
    wording::all_words_for_staff(&held.goes_out)
}

/// The words of that mail, or of the customer's last.
fn words_of(case: &Case, mail: Option<MailId>) -> Option<String> {
    let found = match mail {
        Some(id) => case.mails.iter().find(|m| m.mail == id),
        None => case.mails.iter().rev().find(|m| matches!(m.writer, Writer::Participant(_))),
    };
    found.and_then(|m: &CaseMail| wording::words_for_staff(&m.words))
}

/// What was seen about a mail that its reader should know.
fn marks(case: &Case, mail: MailId) -> Vec<String> {
    let seen = case.mails.iter().find(|m| m.mail == mail).map(|m| m.marks.as_slice());
    seen.unwrap_or_default().iter().map(|mark| wording::shorten(&clean_line(mark), 200)).collect()
}

fn wrote(values: &mut Values, mail: MailId, by: &WroteBy, case: &Case, ctx: &Context<'_>) {
    let writer = case.mails.iter().find(|m| m.mail == mail).map(|m| &m.writer);
    values.insert("writer".into(), story::writer(writer, by, case, ctx).into());
    let kind = match by {
        WroteBy::Customer => "by_customer",
        WroteBy::Participant => "by_participant",
        WroteBy::Outsider => "by_outsider",
        WroteBy::Machine => "by_machine",
        WroteBy::Person { .. } => "by_person",
    };
    values.insert("answered".into(), matches!(by, WroteBy::Person { answered: true, .. }).into());
    values.insert("unproven".into(), matches!(by, WroteBy::Person { proven: false, .. }).into());
    for name in ["by_customer", "by_participant", "by_outsider", "by_machine", "by_person"] {
        values.insert(name.into(), (name == kind).into());
    }
}

/// A server's answer in one line: it may be long, and it may be anything.
fn server_words(answer: &str) -> String {
    let line = clean_line(answer);
    if line.is_empty() { "(it gave no reason)".to_owned() } else { wording::shorten(&line, 400) }
}

/// What a ring is about, how late it is, and what comes if nobody acts.
fn rung(values: &mut Values, ring: &RingNote, dates: &Dates<'_>, ctx: &Context<'_>) {
    values.insert("what".into(), ring.target.words().into());
    values.insert("due_at".into(), story::stamp(dates, ring.due_at).into());
    let late = dates.now.duration_since(ring.due_at);
    if late.is_negative() {
        values.insert("left".into(), english::length(late.abs()).into());
    } else if late >= SignedDuration::from_mins(1) {
        // A ring in the minute of its date says that it is due; "1 min overdue" would be a quibble.
        values.insert("overdue".into(), english::length(late).into());
    }
    set(values, "decide_by", ring.acknowledge_by.map(|at| english::by(&dates.moment(at))));
    set_person(values, "next", ring.next.as_ref(), ctx);
}

pub(super) fn digest(me: &Person, rings: &[(&RingNote, &Case)], ctx: &Context<'_>) -> Values {
    let mut values = house(ctx);
    values.insert("me".into(), person_value(me));
    values.insert("count".into(), rings.len().into());
    let oldest = rings.iter().map(|(ring, _)| ring.due_at).min().filter(|due| *due < ctx.now);
    set(&mut values, "oldest", oldest.map(|due| english::length(ctx.now.duration_since(due))));
    let items: Vec<_> = rings.iter().map(|(ring, case)| digest_item(ring, case, ctx)).collect();
    values.insert("rings".into(), items.into());
    values
}

fn digest_item(ring: &RingNote, case: &Case, ctx: &Context<'_>) -> serde_json::Value {
    let dates = Dates { reader_offset: None, ..dates(case, ctx) };
    let mut values = Values::new();
    values.insert("ref".into(), reference(case, ctx).into());
    values.insert("customer".into(), story::customer(case).into());
    values.insert("about".into(), about(case).into());
    set(&mut values, "wish", case.wish.as_deref().and_then(wording::wish).map(|w| clean_line(&w)));
    rung(&mut values, ring, &dates, ctx);
    // In a digest a name is enough.
    let name = |id: Option<&crate::mail::PersonId>| id.and_then(|id| ctx.policy.person(id)).map(|p| p.name.clone());
    values.remove("next");
    set(&mut values, "next", name(ring.next.as_ref()));
    set(&mut values, "owner", name(case.owner.as_ref()));
    values.into()
}

pub(super) fn alert(what: &[String], ctx: &Context<'_>) -> Values {
    let dates = Dates::new(&ctx.policy.company.timezone, ctx.now, None);
    let mut lines: Vec<String> = what.iter().map(|w| wording::shorten(&clean_line(w), ALERT_CHARS)).collect();
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() {
        lines.push("the log says what".to_owned());
    }
    let mut values = house(ctx);
    values.insert("mailbox".into(), ctx.mailbox.address.as_str().into());
    values.insert("first".into(), wording::shorten(&lines[0], 100).into());
    values.insert("lines".into(), lines.into());
    values.insert("at".into(), story::stamp(&dates, ctx.now).into());
    values
}
