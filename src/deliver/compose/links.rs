//! Where an answer to a letter comes back to, and the links that write one without typing.
//!
//! The purpose of the token decides where a plain reply goes (mail-rules section 5), so the same rule that mints it says
//! it in the letter. Links are RFC 6068 mailto addresses; they carry the case in their subject.

use serde_json::{Value, json};

use crate::decide::case::{Case, Participant};
use crate::decide::effect::{Letter, ReminderFacts, WroteBy};
use crate::decide::policy::Person;
use crate::mail::{Address, HOLDS, HOLDS_NOT};
use crate::token::Purpose;

use super::wire::{ReplyTo, reply_address};
use super::{ComposeError, Context, values};

/// Does a plain reply of this person to this letter go to the customer?
pub(super) fn speaks_to_customer(letter: &Letter, me: &Person, case: &Case, ctx: &Context<'_>) -> bool {
    let owners_notice = match letter {
        // What is said about colleagues stays among them.
        Letter::Reminder(ReminderFacts::Unanswered { .. }) => false,
        Letter::NewCase { .. } | Letter::Reminder(_) => true,
        // Who reads of an outsider or a machine must not answer the customer by mistake.
        Letter::CustomerWrote { by, .. } => matches!(by, WroteBy::Customer | WroteBy::Participant),
        _ => false,
    };
    let may_speak = me.in_support(ctx.policy) || case.taken_by.as_ref() == Some(&me.id);
    // Without subaddresses no reply can carry its token, and without the token it stays inside.
    owners_notice && may_speak && case.customer().is_some() && ctx.mailbox.subaddressing
}

/// With the token of the letter's purpose.
pub(super) fn reply_to(letter: &Letter, me: &Person, case: &Case, ctx: &Context<'_>) -> Result<ReplyTo, ComposeError> {
    let serial = case.serial_of(&me.id);
    Ok(match letter {
        Letter::Confirm { mail, .. } => ReplyTo::Token(Purpose::Confirm, ctx.tokens.mint_confirm(mail.0, ctx.now)?),
        letter if speaks_to_customer(letter, me, case, ctx) => {
            ReplyTo::Token(Purpose::Staff, ctx.tokens.mint_staff(case.id, &me.id, serial, ctx.now)?)
        }
        _ => ReplyTo::Token(Purpose::Internal, ctx.tokens.mint_internal(Some(case.id), &me.id, serial, ctx.now)?),
    })
}

/// `take`, `fixed`, `note`, `wait`: a command on top of an empty mail, which is never a reply.
pub(super) fn for_staff(letter: &Letter, me: &Person, case: &Case, ctx: &Context<'_>) -> Result<Value, ComposeError> {
    let Some(address) = with_token(&reply_to(letter, me, case, ctx)?, ctx) else { return Ok(json!({})) };
    let subject = format!("[{}]", values::reference(case, ctx));
    let link = |body: &str| mailto(&address, &subject, body);
    Ok(json!({
        "take": link("#take\n"), "fixed": link("#fixed\n"), "note": link("#note "), "wait": link("#wait\n"),
        "send": link("#send\n"), "confirm": link("#confirm\n"),
    }))
}

/// An answer that begins with this command.
pub(super) fn to_command(
    letter: &Letter,
    me: &Person,
    case: &Case,
    command: &str,
    ctx: &Context<'_>,
) -> Result<Option<String>, ComposeError> {
    let subject = format!("[{}]", values::reference(case, ctx));
    Ok(with_token(&reply_to(letter, me, case, ctx)?, ctx).map(|address| mailto(&address, &subject, command)))
}

/// The case in full, from a list that names it.
pub(super) fn to_show(me: &Person, case: &Case, ctx: &Context<'_>) -> Result<Option<String>, ComposeError> {
    let token = ctx.tokens.mint_internal(Some(case.id), &me.id, case.serial_of(&me.id), ctx.now)?;
    let address = with_token(&ReplyTo::Token(Purpose::Internal, token), ctx);
    let subject = format!("[{}]", values::reference(case, ctx));
    Ok(address.map(|address| mailto(&address, &subject, "#show\n")))
}

/// The two answers to the check-in.
pub(super) fn for_check_in(to: &Participant, case: &Case, ctx: &Context<'_>) -> Result<(String, String), ComposeError> {
    let token = ctx.tokens.mint_customer(case.id, to.no, ctx.now)?;
    let reply_to = ReplyTo::Token(Purpose::Customer, token);
    let address = reply_address(&reply_to, ctx).unwrap_or_else(|| ctx.mailbox.address.clone());
    let link = |said: &str| mailto(&address, &format!("{said} [{}]", values::reference(case, ctx)), said);
    Ok((link(HOLDS), link(HOLDS_NOT)))
}

/// Only where the address really has its token: a link that proves nothing would be a promise.
fn with_token(reply_to: &ReplyTo, ctx: &Context<'_>) -> Option<Address> {
    reply_address(reply_to, ctx).filter(|_| ctx.mailbox.subaddressing)
}

/// RFC 6068 section 2: everything but the unreserved characters is percent-encoded. Without the scheme.
fn mailto(to: &Address, subject: &str, body: &str) -> String {
    format!(
        "{}?subject={}&body={}",
        encoded(to.as_str(), "@."),
        encoded(subject, ""),
        encoded(&body.replace('\n', "\r\n"), "")
    )
}

fn encoded(text: &str, kept: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            other if kept.contains(char::from(other)) => out.push(char::from(other)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
