//! The letter that welcomes a person of staff, and the one that tells them what their answer to it proved.
//!
//! Both belong to no case; an answer to either is measured and goes nowhere else.

use serde_json::{Value, json};

use crate::decide::command::FORMS;
use crate::decide::policy::Person;
use crate::decide::welcome::{Means, Measured};
use crate::mail::{MessageId, PersonId, clean_line};
use crate::templates::Values;
use crate::token::Purpose;

use super::wire::{ReplyTo, Wire};
use super::{ComposeError, Composed, Context, Reader, finish, head_of, house, party, person, person_value};
use super::{render, staff_language, wording};

/// Enough for the first day; `#help` has the rest.
const COMMANDS: [&str; 5] = ["#take", "#note", "#wait", "#fixed", "#help"];
/// Of what a server said.
const FOUND_CHARS: usize = 300;

/// `welcome`: what Amends is, and the question that measures what their mail proves.
pub fn compose_welcome(to: &PersonId, ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    let me = person(ctx, to)?;
    let mut values = common(me, ctx);
    values.insert("commands".into(), commands().into());
    written("welcome", me, &values, Vec::new(), ctx)
}

/// `measured`: the answer to their answer, whose id is the last of `answered`.
pub fn compose_measured(
    to: &PersonId,
    measured: &Measured,
    answered: Vec<MessageId>,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    let me = person(ctx, to)?;
    let means = measured.means(ctx.policy.token_is_proof);
    let mut values = common(me, ctx);
    values.insert("everything".into(), (means == Means::Everything).into());
    values.insert("confirm".into(), (means == Means::Confirm).into());
    values.insert("notes".into(), (means == Means::Notes).into());
    values.insert("found".into(), wording::shorten(&clean_line(&measured.found()), FOUND_CHARS).into());
    written("measured", me, &values, answered, ctx)
}

fn written(
    letter: &'static str,
    me: &Person,
    values: &Values,
    thread: Vec<MessageId>,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    let rendered = render(letter, &staff_language(letter, ctx), values, ctx)?;
    let reply_to = ReplyTo::Token(Purpose::Internal, ctx.tokens.mint_welcome(&me.id, ctx.now)?);
    let answers = !thread.is_empty();
    let wire = Wire { reply_to, thread, answers, ..Wire::plain(party(me)) };
    finish(head_of(letter, Reader::Person(me), ctx)?, rendered, &wire, ctx)
}

fn common(me: &Person, ctx: &Context<'_>) -> Values {
    let mut values = house(ctx);
    values.insert("me".into(), person_value(me));
    values.insert("support".into(), ctx.mailbox.address.as_str().into());
    values
}

fn commands() -> Vec<Value> {
    let is_first = |form: &str, word: &str| form.split(' ').next() == Some(word);
    let found = COMMANDS.iter().filter_map(|word| FORMS.iter().find(|f| is_first(f.form, word)));
    found.map(|f| json!({"form": f.form, "does": f.does})).collect()
}
