//! What a letter to a customer says: the facts of the order and the case under the names that templates use.
//!
//! A value that is lacking is left out, so that no template can leave an empty place. Nothing of the customer's mail
//! comes back to them but their subject and name, and these only when proven theirs (mail-rules section 3).

use serde_json::{Value, json};

use crate::decide::case::{Case, Participant, RingState, Target};
use crate::decide::effect::{FirstLetterFacts, HoldingFacts, Letter};
use crate::decide::policy::{OTHER, Person, RungTo};
use crate::mail::{CaseRef, PersonId};
use crate::templates::Values;

use super::dates::Dates;
use super::{ComposeError, Context, english, greeting, house, links, person_value, wording};

pub(super) fn customer(
    letter: &Letter,
    to: &Participant,
    case: &Case,
    language: &str,
    ctx: &Context<'_>,
) -> Result<Values, ComposeError> {
    let dates = dates(case, ctx);
    let mut values = about_customer(to, case, language, &dates, ctx);
    match letter {
        Letter::Apology(facts) | Letter::Acknowledgement(facts) => {
            set_person(&mut values, "reader", facts.reader.as_ref(), ctx);
            first_letter(&mut values, facts, to, case, &dates, ctx);
        }
        Letter::AfterCall { by, facts } => {
            set_person(&mut values, "by_person", Some(by), ctx);
            set_person(&mut values, "reader", facts.reader.as_ref(), ctx);
            first_letter(&mut values, facts, to, case, &dates, ctx);
        }
        Letter::Holding(facts) => {
            set_person(&mut values, "reader", case.owner.as_ref(), ctx);
            holding(&mut values, facts, &dates, ctx);
        }
        Letter::Update { .. }
        | Letter::Fixed { .. }
        | Letter::Nudge { .. }
        | Letter::CheckIn { .. }
        | Letter::SorryAgain { .. }
        | Letter::Recovered => after_an_answer(&mut values, letter, to, case, &dates, ctx)?,
        Letter::Escalated { to: before, was_due, promised, named } => {
            values.insert("promised".into(), (*promised).into());
            set_person(&mut values, "reader", case.owner.as_ref(), ctx);
            values.insert("to".into(), person_value(super::person(ctx, before)?));
            values.insert("was".into(), english::by(&dates.moment(*was_due)).into());
            set(&mut values, "named", named.map(|at| english::by(&dates.moment(at))));
            values.insert("taken".into(), has_taken(case, before).into());
        }
        // A reply, whose words are a person's own, and all that are to staff.
        _ => return Err(ComposeError::WrongReader(letter.name())),
    }
    Ok(values)
}

/// Letters of the time after somebody of staff has written.
fn after_an_answer(
    values: &mut Values,
    letter: &Letter,
    to: &Participant,
    case: &Case,
    dates: &Dates<'_>,
    ctx: &Context<'_>,
) -> Result<(), ComposeError> {
    match letter {
        Letter::Update { by, words, next } => {
            set_person(values, "by_person", Some(by), ctx);
            set_person(values, "reader", case.owner.as_ref(), ctx);
            set(values, "words", wording::words_for_customer(words));
            set(values, "next", next.map(|at| english::by(&dates.moment(at))));
        }
        Letter::Fixed { by, at } => {
            set_person(values, "by_person", Some(by), ctx);
            set_person(values, "reader", case.owner.as_ref(), ctx);
            set(values, "from", (*at > ctx.now).then(|| english::on(&dates.moment(*at))));
            let asks = case.clock(Target::CheckIn).filter(|c| c.is_running());
            set(values, "check", asks.map(|c| english::day_of_month(&dates.moment(c.due_at))));
        }
        Letter::Nudge { by, asked_at } => {
            set_person(values, "by_person", Some(by), ctx);
            set_person(values, "reader", case.owner.as_ref(), ctx);
            values.insert("asked_on".into(), english::day_of_month(&dates.moment(*asked_at)).into());
        }
        Letter::CheckIn { fixed_at } => {
            set_person(values, "reader", case.owner.as_ref(), ctx);
            let (yes, no) = links::for_check_in(to, case, ctx)?;
            values.insert("fixed_on".into(), english::day_of_month(&dates.moment(*fixed_at)).into());
            values.insert("yes".into(), yes.into());
            values.insert("no".into(), no.into());
            values.insert("again".into(), (case.mending.fixes > 1).into());
        }
        Letter::SorryAgain { by, before } => {
            set_person(values, "reader", case.owner.as_ref(), ctx);
            set(values, "by", by.map(|at| english::by(&dates.moment(at))));
            set_person(values, "before", before.as_ref(), ctx);
            values.insert("many".into(), (case.mending.fixes > 1).into());
        }
        Letter::Recovered => set_person(values, "reader", case.owner.as_ref(), ctx),
        _ => {}
    }
    Ok(())
}

/// Dates as this case's letters say them.
pub(super) fn dates<'a>(case: &Case, ctx: &Context<'a>) -> Dates<'a> {
    let calendar = ctx.policy.sla(&case.sla).map(|sla| ctx.policy.calendar_of(sla));
    let mut dates = Dates::new(&ctx.policy.company.timezone, ctx.now, calendar);
    dates.reader_offset = ctx.customer_offset;
    dates
}

fn about_customer(to: &Participant, case: &Case, language: &str, dates: &Dates<'_>, ctx: &Context<'_>) -> Values {
    let mut values = house(ctx);
    let proven = to.authenticated;
    let name = to.name.as_deref().filter(|_| proven).and_then(greeting::greeting_name);
    let subject = Some(case.subject.as_str()).filter(|_| proven).and_then(wording::answer_subject);
    values.insert("ref".into(), reference(case, ctx).into());
    set(&mut values, "name", name);
    set(&mut values, "subject", subject);
    set(&mut values, "says", says(case, language, ctx));
    values.insert("kind".into(), case.kind.as_str().into());
    values.insert("opened".into(), english::day_of_month(&dates.moment(case.opened_at)).into());
    values
}

pub(super) fn reference(case: &Case, ctx: &Context<'_>) -> String {
    CaseRef::new(&ctx.policy.company.case_prefix, case.id).to_string()
}

/// How the house names this kind of failure, in the letter's language; nothing for what no kind matched.
fn says(case: &Case, language: &str, ctx: &Context<'_>) -> Option<String> {
    if case.kind == OTHER {
        return None;
    }
    let says = &ctx.policy.kind(&case.kind)?.says;
    let short = language.split('-').next().unwrap_or(language);
    let words = says.get(language).or_else(|| says.get(short))?;
    // "You wrote to us about ...": a full stop of the owner's would stand in the middle.
    Some(crate::mail::clean_line(words).trim_end_matches('.').to_owned()).filter(|w| !w.is_empty())
}

fn first_letter(
    values: &mut Values,
    facts: &FirstLetterFacts,
    to: &Participant,
    case: &Case,
    dates: &Dates<'_>,
    ctx: &Context<'_>,
) {
    values.insert("by".into(), english::by(&dates.moment(facts.by)).into());
    set(values, "opens", facts.opens_at.map(|at| english::on(&dates.moment(at))));
    if let Some(above) = above(case, facts, ctx) {
        values.insert("above".into(), person_value(above));
    }
    for (name, holds) in [
        ("late", facts.late),
        ("wish_known", facts.wish_known),
        ("danger", facts.danger),
        ("brief", facts.brief && !facts.danger),
    ] {
        values.insert(name.into(), holds.into());
    }
    if let (true, Some(last)) = (to.authenticated, facts.earlier.first()) {
        let on = english::day_of_month(&dates.moment(last.opened_at));
        values.insert("again".into(), json!({"times": english::nth_time(facts.earlier.len() + 1), "on": on}));
    }
}

/// Before whom it comes if nobody answers in time, as far as the ladder names one person for it.
fn above<'a>(case: &Case, facts: &FirstLetterFacts, ctx: &Context<'a>) -> Option<&'a Person> {
    let sla = ctx.policy.sla(&case.sla)?;
    let rungs = sla.ladder.iter().filter(|rung| rung.on.contains(&Target::FirstResponse));
    let told = rungs.filter(|rung| rung.tell_customer || facts.danger);
    let person = told.filter_map(|rung| match &rung.to {
        RungTo::Owner => None,
        RungTo::Lead => ctx.policy.lead_of(&case.team).filter(|_| !facts.danger),
        RungTo::Authority => the_authority(ctx),
        RungTo::Person(id) => ctx.policy.person(id),
    });
    // Away people are not promised: somebody else would stand in.
    let zone = &ctx.policy.company.timezone;
    person.into_iter().find(|p| Some(&p.id) != facts.reader.as_ref() && p.absence(facts.by, zone).is_none())
}

/// The one who can decide; with several of them the letter does not guess.
fn the_authority<'a>(ctx: &Context<'a>) -> Option<&'a Person> {
    let mut all = ctx.policy.people.iter().filter(|p| p.authority);
    all.next().filter(|_| all.next().is_none())
}

fn holding(values: &mut Values, facts: &HoldingFacts, dates: &Dates<'_>, ctx: &Context<'_>) {
    values.insert("was".into(), english::by(&dates.moment(facts.was_due)).into());
    // The third names no date: those before it were not kept.
    let next = facts.next.filter(|_| facts.count < 3);
    set(values, "next", next.map(|at| english::by(&dates.moment(at))));
    set_person(values, "before", facts.before.as_ref(), ctx);
    values.insert("promised".into(), facts.promised.into());
    values.insert("first_answer".into(), (facts.target == Target::FirstResponse).into());
    for (name, holds) in [("first", facts.count <= 1), ("second", facts.count == 2), ("third", facts.count >= 3)] {
        values.insert(name.into(), holds.into());
    }
}

/// Somebody *has* it only after they took it (design.md section 2, step 6).
fn has_taken(case: &Case, person: &PersonId) -> bool {
    case.owner.as_ref() == Some(person)
        || case.rings.iter().any(|ring| match &ring.state {
            RingState::Rung { taken_by, .. } | RingState::Folded { taken_by, .. } => taken_by.as_ref() == Some(person),
            RingState::Planned | RingState::Listed { .. } | RingState::Skipped { .. } => false,
        })
}

pub(super) fn set(values: &mut Values, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        values.insert(name.to_owned(), value.into());
    }
}

/// A person who left the configuration is left out, too.
pub(super) fn set_person(values: &mut Values, name: &str, id: Option<&PersonId>, ctx: &Context<'_>) {
    set(values, name, id.and_then(|id| ctx.policy.person(id)).map(person_value));
}
