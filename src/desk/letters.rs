//! Effects become letters in the outbox, and the limits on automatic mail (mail-rules section 3) hold some back.
//!
//! A letter that cannot be composed is said in the case's log and to the admin; it never fails the turn, for the mail
//! that asked for it must be kept.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use tracing::{error, info, warn};

use crate::arrive::relay;
use crate::config::Limits;
use crate::decide::case::{Case, CaseMail, Writer};
use crate::decide::effect::{Effect, Letter, LetterKey, Order, Outcome, WroteBy};
use crate::decide::event::Event;
use crate::deliver::compose::{self, Composed, Head};
use crate::mail::{Address, LetterId, MailId, MailboxName, PersonId, Relayed};
use crate::store::Tx;
use crate::store::outbox::{NewLetter, Packed};

use super::Desk;
use super::drafts::{Composing, Draft, Work};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Of a customer's pictures and files, that come along with the notice (design section 3). In base64 they fit into the
/// 10,240,000 bytes that Postfix takes unless told otherwise: a notice that no server takes tells nobody.
const FILES_BYTES: usize = 7 << 20;
/// Held letters whose reason begins so are tried again by themselves.
pub const HELD_BY_LIMIT: &str = "limit: ";

/// Does what the rules ask for, within the transaction of the decision.
pub async fn carry_out(
    desk: &Desk,
    tx: &mut Work,
    case: &mut Case,
    effect: &Effect,
    now: Timestamp,
) -> anyhow::Result<()> {
    match effect {
        Effect::Write(order) => write(desk, tx, case, order, now).await,
        Effect::Void { keys, because } => {
            tx.void(keys, because, now).await?;
            Ok(())
        }
        Effect::Raise { case, event } => Box::pin(desk.event(tx, *case, event, now)).await,
        Effect::Split(split) => desk.split_off(tx, case, split, now).await,
        Effect::Fold { person, ring } => {
            tx.fold_ring(person, ring, now).await?;
            Ok(())
        }
        Effect::List { person, which, key } => {
            desk.write_listing(tx, (person, *which), key.clone(), &case.mailbox, now).await
        }
        Effect::Absence { person, said, by } => {
            tx.say_absence(person, said, by, now).await?;
            // Also for the turns that share this commit; should it fail, the next batch reads what is true.
            desk.shop.note_absences(tx.absences().await?);
            Ok(())
        }
        Effect::HandOver { of, to, by, mail, here } => {
            let asked_on = (case.id, &case.mailbox, case.owner.as_ref().filter(|_| *here));
            desk.hand_over(tx, asked_on, (of, to.as_ref(), by), *mail, now).await
        }
        Effect::SetAside { address, aside } => {
            tx.mark_spam(address, *aside).await?;
            Ok(())
        }
        Effect::Alert { what } => {
            alert(desk, tx, &format!("case-{}", case.id), what, now).await?;
            Ok(())
        }
    }
}

async fn write(desk: &Desk, work: &mut Work, case: &mut Case, order: &Order, now: Timestamp) -> anyhow::Result<()> {
    let letter = work.next_letter_id().await?;
    let enclosed = match enclosed(desk, work, case, order).await? {
        Ok(enclosed) => enclosed,
        Err(leak) => return unwritten(desk, work, case, order, &leak, now).await,
    };
    let (shop, order) = (Arc::clone(&desk.shop), order.clone());
    let draft = Draft { policy: shop.policy(), shop, order: order.clone(), case: case.clone(), letter, now, enclosed };
    let order = &order;
    let head = match draft.head()? {
        Ok(head) => head,
        Err(error) => return unwritten(desk, work, case, order, &error.into(), now).await,
    };
    if work.composing() == Composing::Aside {
        if queue(desk, work, case, order, &head, now).await? {
            work.compose_aside(head, draft);
        }
        return Ok(());
    }
    match draft.words(head.clone()) {
        Ok(drafted) => {
            if let Some((name, what)) = &drafted.fell_back {
                tell_fell_back(desk, work, name, what, now).await?;
            }
            if queue(desk, work, case, order, &head, now).await? {
                work.put_bytes(&[(letter, drafted.packed)]).await?;
            }
            Ok(())
        }
        Err(error) => unwritten(desk, work, case, order, &error, now).await,
    }
}

/// What goes along from another mail: a person's words, or the customer's files for whoever answers them.
async fn enclosed(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    order: &Order,
) -> anyhow::Result<anyhow::Result<Option<Relayed>>> {
    match &order.letter {
        Letter::Reply { mail, command_lines, .. } => {
            let own = &desk.shop.rules(&case.mailbox)?.own;
            let raw = tx.raw(*mail).await?.with_context(|| format!("mail {mail} has no bytes"))?;
            let relayed = relay::relayed(&raw, *command_lines, own).map_err(anyhow::Error::from);
            Ok(relayed.and_then(|words| {
                anyhow::ensure!(!words.text.trim().is_empty() || !words.files.is_empty(), "no words are left of it");
                Ok(Some(words))
            }))
        }
        Letter::NewCase { mail }
        | Letter::CustomerWrote { mail, by: WroteBy::Customer | WroteBy::Participant | WroteBy::Outsider } => {
            let has_files = case.mails.iter().any(|m| m.mail == *mail && m.files > 0);
            let raw = if has_files { tx.raw(*mail).await? } else { None };
            Ok(Ok(raw.map(|raw| Relayed { files: relay::files(&raw, FILES_BYTES), ..Relayed::default() })))
        }
        Letter::Question { n, .. } => {
            let about = case.questions.iter().find(|q| q.n == *n).and_then(|q| q.about);
            let with_files = case.mails.iter().find(|m| Some(m.mail) == about && m.files > 0);
            let raw = match with_files {
                Some(mail) => tx.raw(mail.mail).await?,
                None => None,
            };
            Ok(Ok(raw.map(|raw| Relayed { files: relay::files(&raw, FILES_BYTES), ..Relayed::default() })))
        }
        Letter::CaseStory { files: true } => {
            let mut relayed = Relayed::default();
            for mail in case.mails.iter().filter(|m| m.files > 0) {
                let raw = tx.raw(mail.mail).await?.with_context(|| format!("mail {} has no bytes", mail.mail))?;
                let room = FILES_BYTES.saturating_sub(relayed.files.iter().map(|f| f.bytes.len()).sum());
                relayed.files.extend(relay::files(&raw, room));
            }
            Ok(Ok(Some(relayed)))
        }
        _ => Ok(Ok(None)),
    }
}

/// Whose mail asked for this letter: they must not believe that it went out.
fn asked_by_staff(letter: &Letter, case: &Case) -> Option<(MailId, PersonId)> {
    let last_of = |person: &PersonId| {
        let theirs = |m: &&CaseMail| m.writer == Writer::Person(person.clone());
        case.mails.iter().rev().find(theirs).map(|m| m.mail)
    };
    match letter {
        Letter::Reply { mail, by, .. } => Some((*mail, by.clone())),
        Letter::Update { by, .. }
        | Letter::Fixed { by, .. }
        | Letter::Nudge { by, .. }
        | Letter::AfterCall { by, .. } => Some((last_of(by)?, by.clone())),
        _ => None,
    }
}

async fn unwritten(
    desk: &Desk,
    tx: &mut Work,
    case: &mut Case,
    order: &Order,
    error: &anyhow::Error,
    now: Timestamp,
) -> anyhow::Result<()> {
    let name = order.letter.name();
    error!(case = %case.id, letter = name, error = format!("{error:#}"), "a letter could not be written");
    if matches!(order.letter, Letter::Apology(_) | Letter::Acknowledgement(_) | Letter::AfterCall { .. }) {
        // Nothing was said to the customer: the notices to staff must not tell that it was.
        case.told.first_letter_at = None;
        case.told.named = None;
        case.told.no_letter_because = Some(format!("it could not be written: {error:#}"));
    }
    case.note(now, "desk", format!("the {name} letter could not be written: {error:#}"));
    if let Some((mail, person)) = asked_by_staff(&order.letter, case) {
        tx.save_case(case).await?;
        let event = Event::Unsendable { mail, person, why: format!("{error:#}") };
        Box::pin(desk.event(tx, case.id, &event, now)).await?;
        *case = tx.case(case.id).await?.with_context(|| format!("case {} is gone", case.id))?;
    }
    alert(desk, tx, &format!("compose-{}", case.id), &format!("{name}: {error:#}"), now).await
}

pub async fn tell_fell_back(
    desk: &Desk,
    tx: &mut Tx,
    letter: &str,
    template: &str,
    now: Timestamp,
) -> anyhow::Result<()> {
    alert(desk, tx, &format!("template-{letter}"), template, now).await
}

/// `false` when its key was used before.
async fn queue(
    desk: &Desk,
    tx: &mut Tx,
    case: &Case,
    order: &Order,
    head: &Head,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let new = new_letter(case, order, head.clone(), now);
    let held_because = held_because(desk, tx, &new, order, now).await?;
    if let Some(why) = held_because.as_deref().filter(|why| is_breaker(why)) {
        alert(desk, tx, "breaker", why, now).await?;
    }
    let new = NewLetter { held_because, ..new };
    let queued = tx.queue(&new, now).await?;
    if queued {
        let to = new.envelope.to.masked();
        info!(letter = %new.envelope.id, case = %case.id, name = %new.letter, %to, "letter queued");
    }
    Ok(queued)
}

fn new_letter(case: &Case, order: &Order, head: Head, now: Timestamp) -> NewLetter {
    NewLetter {
        key: order.key.clone(),
        case: Some(case.id),
        authenticated: case.customer().is_some_and(|c| c.authenticated),
        stale_after: order.stale_after,
        // A person's own words are no automatic mail.
        automatic: !matches!(order.letter, Letter::Reply { .. }),
        ..unbound(head, order.key.clone(), now)
    }
}

/// Why a letter has to wait, if it has to.
async fn held_because(
    desk: &Desk,
    tx: &mut Tx,
    letter: &NewLetter,
    order: &Order,
    now: Timestamp,
) -> anyhow::Result<Option<String>> {
    let limits = &desk.shop.config.limits;
    match (&letter.person, &order.letter) {
        // A customer's words are never held back from staff. What a machine wrote is, and that a colleague's mail was
        // kept: where a responder answers our notices, these are what goes round.
        (Some(_), Letter::NewCase { .. } | Letter::CaseStory { .. }) => Ok(None),
        // That a mail was kept is no answer to an order: a responder could go round by it.
        (Some(_), Letter::Transcript(told)) if told.result != Outcome::Kept => Ok(None),
        (Some(_), Letter::CustomerWrote { by: WroteBy::Customer | WroteBy::Participant | WroteBy::Outsider, .. }) => {
            Ok(None)
        }
        (Some(person), _) => person_limit(tx, limits, person, now).await,
        // Whether this sender may be answered was part of the verdict; the breaker is about all of them together.
        // What a person of staff asked for is theirs to answer for.
        (None, letter) if letter.is_asked_for() => Ok(None),
        (None, Letter::Apology(_) | Letter::Acknowledgement(_)) if letter.authenticated => Ok(None),
        (None, Letter::Apology(_) | Letter::Acknowledgement(_)) => breaker(tx, limits, now).await,
        (None, _) => outsider_limit(tx, limits, &letter.envelope.to, now).await,
    }
}

/// Held until the breaker closes.
pub fn is_breaker(reason: &str) -> bool {
    reason.strip_prefix(HELD_BY_LIMIT).is_some_and(|limit| limit.starts_with("breaker"))
}

pub async fn person_limit(
    tx: &mut Tx,
    limits: &Limits,
    person: &PersonId,
    now: Timestamp,
) -> anyhow::Result<Option<String>> {
    let most = limits.per_person_hour;
    let over = most > 0 && tx.letters_to_person(person, now - HOUR).await? >= most;
    Ok(over.then(|| format!("{HELD_BY_LIMIT}{person} had {most} mails in an hour (limits.per_person_hour)")))
}

/// For the letters that wait until the limits allow, and are not dropped.
pub async fn outsider_limit(
    tx: &mut Tx,
    limits: &Limits,
    to: &Address,
    now: Timestamp,
) -> anyhow::Result<Option<String>> {
    if limits.per_address_hour == 0 && limits.per_address_day == 0 {
        return Ok(None);
    }
    let counts = tx.letter_counts(to, now).await?;
    let over = |count: u32, most: u32| most > 0 && count >= most;
    Ok(match () {
        () if over(counts.hour, limits.per_address_hour) => Some(format!("{HELD_BY_LIMIT}limits.per_address_hour")),
        () if over(counts.day, limits.per_address_day) => Some(format!("{HELD_BY_LIMIT}limits.per_address_day")),
        () => None,
    })
}

/// More unauthenticated senders in ten minutes than is usual: somebody may be using us to write to others.
pub async fn breaker(tx: &mut Tx, limits: &Limits, now: Timestamp) -> anyhow::Result<Option<String>> {
    if limits.burst == 0 {
        return Ok(None);
    }
    let recent =
        tx.unauthenticated_since(now - SignedDuration::from_mins(10), limits.burst.saturating_mul(100)).await?;
    if recent < limits.burst {
        return Ok(None);
    }
    let day = tx.unauthenticated_since(now - SignedDuration::from_hours(24), u32::MAX).await?;
    let usual = limits.burst.max(5 * (day / 24));
    if recent < usual {
        return Ok(None);
    }
    warn!(recent, usual, "more unauthenticated senders than usual: their letters are held for 30 minutes");
    Ok(Some(format!("{HELD_BY_LIMIT}breaker: {recent} unauthenticated senders in 10 minutes (limits.burst)")))
}

/// Only a person can settle a second doubt.
pub async fn tell_held(desk: &Desk, tx: &mut Tx, letter: LetterId, now: Timestamp) -> anyhow::Result<()> {
    let what = format!("letter {letter} was in doubt twice and is held: see `amends outbox list`");
    alert(desk, tx, &format!("held-{letter}"), &what, now).await
}

/// To the admin, at most once a day for one matter; always logged.
pub async fn alert(desk: &Desk, tx: &mut Tx, matter: &str, what: &str, now: Timestamp) -> anyhow::Result<()> {
    warn!(matter, what, "the admin is told");
    let Some(to) = &desk.shop.config.alerts_to else { return Ok(()) };
    let day = now.to_zoned(desk.shop.config.policy.company.timezone.clone()).date();
    let key = LetterKey(format!("per:alert-{matter}:admin:{day}"));
    let letter = tx.next_letter_id().await?;
    // Through another mailbox where there is one: the matter may be that letters do not leave this one, and a login that
    // is refused for mail coming in is mostly that of letters going out as well.
    let mailboxes = &desk.shop.config.mailboxes;
    let is_of = |name: &MailboxName| ["smtp", "imap", "login"].iter().any(|road| matter == format!("{road}-{name}"));
    let other = mailboxes.iter().find(|m| !is_of(&m.name)).or_else(|| mailboxes.first());
    let mailbox = other.context("no mailbox is configured")?;
    let policy = desk.shop.policy();
    let context = desk.shop.context(&policy, &mailbox.name, letter, now)?;
    let composed = match compose::compose_alert(to, &[what.to_owned()], &context) {
        Ok(composed) => composed,
        Err(error) => {
            // The log has it; whatever asked for the alert must not fail for it.
            error!(matter, %error, "the alert could not be written");
            return Ok(());
        }
    };
    queue_unbound(tx, composed, key, now).await?;
    Ok(())
}

/// A letter that belongs to no case: a digest, an alert. `false` when its key was used before.
pub async fn queue_unbound(tx: &mut Tx, composed: Composed, key: LetterKey, now: Timestamp) -> anyhow::Result<bool> {
    queue_unbound_until(tx, composed, key, None, now).await
}

/// The same, of no use any more after that instant.
pub async fn queue_unbound_until(
    tx: &mut Tx,
    composed: Composed,
    key: LetterKey,
    stale_after: Option<Timestamp>,
    now: Timestamp,
) -> anyhow::Result<bool> {
    let letter = composed.head.envelope.id;
    let queued = tx.queue(&NewLetter { stale_after, ..unbound(composed.head, key, now) }, now).await?;
    if queued {
        tx.put_bytes(&[(letter, Packed::of(&composed.bytes)?)]).await?;
    }
    Ok(queued)
}

fn unbound(head: Head, key: LetterKey, now: Timestamp) -> NewLetter {
    NewLetter {
        key,
        letter: head.letter.to_owned(),
        case: None,
        person: head.person,
        unasked: head.unasked,
        authenticated: true,
        automatic: true,
        not_before: now,
        stale_after: None,
        held_because: None,
        envelope: head.envelope,
    }
}
