//! `listing`: the cases that somebody asked for, a line each, and a link that asks for one of them in full.

use std::collections::BTreeMap;

use crate::decide::case::Case;
use crate::decide::lists::{Entry, Listing, Which};
use crate::decide::policy::Person;
use crate::mail::CaseId;
use crate::templates::Values;
use crate::token::Purpose;

use super::dates::Dates;
use super::values::{dates, reference, set};
use super::wire::{ReplyTo, Wire};
use super::{ComposeError, Composed, Context, Reader, english, finish, head_of, house, links, party, person};
use super::{person_value, render, staff, staff_language, story};

/// Entries without their case in `cases` are left out.
pub fn compose_listing(
    listing: &Listing,
    cases: &BTreeMap<CaseId, Case>,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    let me = person(ctx, &listing.person)?;
    let mut values = house(ctx);
    values.insert("me".into(), person_value(me));
    values.insert("prefix".into(), ctx.policy.company.case_prefix.as_str().into());
    for which in Which::ALL {
        values.insert(which.word().into(), (which == listing.which).into());
    }
    let total = listing.entries.total();
    values.insert("total".into(), serde_json::json!({"count": total, "one": total == 1}));
    let overdue = listing.entries.shown.iter().filter(|e| e.overdue).count();
    set(&mut values, "overdue_count", (overdue > 0).then_some(overdue));
    let lines = listing.entries.shown.iter().filter_map(|e| Some(line(e, cases.get(&e.case)?, me, ctx)));
    let lines: Vec<serde_json::Value> = lines.collect::<Result<_, _>>()?;
    set(&mut values, "cases", (!lines.is_empty()).then_some(lines));
    set(&mut values, "more", (listing.entries.more > 0).then_some(listing.entries.more));
    let rendered = render("listing", &staff_language("listing", ctx), &values, ctx)?;
    let reply_to = ReplyTo::Token(Purpose::Internal, ctx.tokens.mint_internal(None, &me.id, 0, ctx.now)?);
    let wire = Wire { reply_to, answers: true, ..Wire::plain(party(me)) };
    finish(head_of("listing", Reader::Person(me), ctx)?, rendered, &wire, ctx)
}

fn line(entry: &Entry, case: &Case, me: &Person, ctx: &Context<'_>) -> Result<serde_json::Value, ComposeError> {
    let dates = Dates { reader_offset: None, ..dates(case, ctx) };
    let mut values = Values::new();
    values.insert("ref".into(), reference(case, ctx).into());
    values.insert("customer".into(), story::customer(case).into());
    values.insert("about".into(), staff::about(case).into());
    values.insert("state".into(), english::state(case.state).into());
    values.insert("overdue".into(), entry.overdue.into());
    if let Some((target, at)) = entry.due {
        values.insert("what".into(), target.words().into());
        values.insert("at".into(), story::hour(&dates, at).into());
        values.insert("length".into(), english::length(ctx.now.duration_since(at).abs()).into());
    }
    let owner = case.owner.as_ref().filter(|owner| **owner != me.id).and_then(|id| ctx.policy.person(id));
    set(&mut values, "owner", owner.map(|p| p.name.clone()));
    set(&mut values, "show", links::to_show(me, case, ctx)?);
    Ok(values.into())
}
