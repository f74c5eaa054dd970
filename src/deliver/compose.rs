//! From what was decided to a mail that can leave: letter, facts and case become fixed bytes in an envelope.
//!
//! RFC 5322 (format), RFC 2045 to 2047 (MIME), RFC 3834 (automatic mail), mail-rules section 3. The same order,
//! case and context give the same bytes: Date, Message-ID and boundary come from `now` and the letter's id, so that
//! a retry after a crash is the same mail. What cannot be composed is an error; nothing is sent half.

use jiff::Timestamp;
use jiff::tz::Offset;

use crate::config::MailboxConfig;
use crate::decide::case::{Case, Participant};
use crate::decide::effect::{FirstLetterFacts, Letter, Order, Recipient, RingNote};
use crate::decide::policy::{Person, Policy};
use crate::mail::{Address, Envelope, LetterId, MessageId, ParticipantNo, Party, PersonId, Relayed};
use crate::templates::{MAX_CUSTOMER_TEXT, Rendered, TemplateError, Templates, Values};
use crate::token::{Purpose, TokenError, Tokens};

mod answers;
pub mod dates;
mod english;
mod greeting;
mod links;
mod listing;
mod lists;
pub mod relay;
pub mod samples;
mod staff;
mod story;
mod trial;
mod values;
mod welcome;
mod wire;
mod wording;

pub use listing::compose_listing;
pub use lists::compose_list;
pub use trial::trial;
pub use welcome::{compose_measured, compose_welcome};
use wire::{ReplyTo, Wire};

/// All that composing needs beside the order and its case.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub policy: &'a Policy,
    pub templates: &'a Templates,
    pub tokens: &'a Tokens,
    /// The mailbox of the case: the letter leaves through it.
    pub mailbox: &'a MailboxConfig,
    /// Reserved before: the id of the outbox row.
    pub letter: LetterId,
    pub now: Timestamp,
    /// Where the customer's clock stands, where their mail told it: dates then name our zone if it is another.
    pub customer_offset: Option<Offset>,
    /// A person's words and files for the customer; of a notice to staff the files of the customer's mail.
    pub enclosed: Option<&'a Relayed>,
}

/// A letter before its words: all that its outbox row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub envelope: Envelope,
    /// The name of its template.
    pub letter: &'static str,
    /// The person of staff it goes to; `None` for customers and for the admin.
    pub person: Option<PersonId>,
    /// The participant it goes to; `None` for staff and for the admin.
    pub participant: Option<ParticipantNo>,
    /// The customer did not just write: of these at most one goes out a working day.
    pub unasked: bool,
}

/// A letter with its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    pub head: Head,
    pub subject: String,
    /// As it reads, for `amends preview`.
    pub text: String,
    pub html: String,
    /// As it goes over the wire.
    pub bytes: Vec<u8>,
    /// The owner's own template failed and the built-in one was used: something the admin should hear.
    pub fell_back: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    #[error("the case has no participant {0}")]
    NoParticipant(ParticipantNo),
    /// mail-rules section 1, invariant 4.
    #[error("participant {0} is only mentioned on the case and is sent nothing")]
    MentionedOnly(ParticipantNo),
    #[error("there is no person \"{0}\" in the configuration")]
    NoPerson(PersonId),
    #[error("a letter to {0} would be to a participant, and is for staff; or the other way round")]
    WrongReader(&'static str),
    #[error("a reply without the words that it carries")]
    NoWords,
    #[error("a digest needs at least one ring")]
    EmptyDigest,
    #[error("a list with nothing to read in it")]
    EmptyList,
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("its token or id: {0}")]
    Token(#[from] TokenError),
    #[error("{0} cannot stand in a header")]
    Address(Address),
    #[error("its text has {0} bytes; a customer gets at most 4 kB")]
    TooLong(usize),
    #[error("it cannot be made a mail: {0}")]
    Build(#[from] lettre::error::Error),
}

/// The letter that `order` asks for, about `case` as it stands after the decision.
pub fn compose(order: &Order, case: &Case, ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    words(head(order, case, ctx)?, order, case, ctx)
}

/// The first half of [`compose`], at once: whom the letter goes to and what it is called.
pub fn head(order: &Order, case: &Case, ctx: &Context<'_>) -> Result<Head, ComposeError> {
    match &order.to {
        Recipient::Participant(no) => {
            let to = participant(case, *no)?;
            head_of(template_name(&order.letter), Reader::Participant(to), ctx)
        }
        Recipient::Person(id) => head_of(order.letter.name(), Reader::Person(person(ctx, id)?), ctx),
    }
}

/// The second half, which is work: its words. From the same order, case and context as its head.
pub fn words(head: Head, order: &Order, case: &Case, ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    match &order.to {
        Recipient::Participant(no) => to_participant(head, &order.letter, participant(case, *no)?, case, ctx),
        Recipient::Person(id) => to_person(head, &order.letter, person(ctx, id)?, case, ctx),
    }
}

/// `escalation-digest`: the rings that were folded for one person, each with its case.
pub fn compose_digest(
    to: &PersonId,
    rings: &[(&RingNote, &Case)],
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    if rings.is_empty() {
        return Err(ComposeError::EmptyDigest);
    }
    let person = person(ctx, to)?;
    let values = staff::digest(person, rings, ctx);
    let rendered = render("escalation-digest", &staff_language("escalation-digest", ctx), &values, ctx)?;
    let reply_to = ReplyTo::Token(Purpose::Internal, ctx.tokens.mint_internal(None, to, 0, ctx.now)?);
    let wire = Wire { reply_to, ..Wire::plain(party(person)) };
    finish(head_of("escalation-digest", Reader::Person(person), ctx)?, rendered, &wire, ctx)
}

/// `alert`: to the admin, when the daemon is unwell. `what` is one line each, the most important first.
pub fn compose_alert(to: &Address, what: &[String], ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    let values = staff::alert(what, ctx);
    let rendered = render("alert", &staff_language("alert", ctx), &values, ctx)?;
    let head = head_of("alert", Reader::Admin(to), ctx)?;
    finish(head, rendered, &Wire::plain(Party::new(None, to.clone())), ctx)
}

fn to_participant(
    head: Head,
    letter: &Letter,
    participant: &Participant,
    case: &Case,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    if let Letter::Reply { by, .. } = letter {
        return reply(head, by, participant, case, ctx);
    }
    let language = ctx.templates.language(head.letter, &[&case.language, &ctx.policy.company.language]);
    let values = values::customer(letter, participant, case, &language, ctx)?;
    let rendered = render(head.letter, &language, &values, ctx)?;
    if rendered.text.len() > MAX_CUSTOMER_TEXT {
        return Err(ComposeError::TooLong(rendered.text.len()));
    }
    let first = matches!(letter, Letter::Apology(_) | Letter::Acknowledgement(_));
    let answers = first || matches!(letter, Letter::Recovered | Letter::SorryAgain { .. });
    let to_all = matches!(letter, Letter::Update { .. } | Letter::Fixed { .. });
    let cc = if to_all { beside(participant, case) } else { Vec::new() };
    let wire = Wire { answers, precedence_bulk: first, cc, ..to_customer(participant, case, ctx)? };
    finish(head, rendered, &wire, ctx)
}

fn to_customer(participant: &Participant, case: &Case, ctx: &Context<'_>) -> Result<Wire, ComposeError> {
    let token = ctx.tokens.mint_customer(case.id, participant.no, ctx.now)?;
    Ok(Wire {
        reply_to: ReplyTo::Token(Purpose::Customer, token),
        thread: customer_thread(case),
        ..Wire::plain(addressed_to(participant))
    })
}

/// Who else gets what a person tells the customer.
fn beside(participant: &Participant, case: &Case) -> Vec<Party> {
    case.taking_part().filter(|p| p.no != participant.no).map(addressed_to).collect()
}

/// Staff's own words: from the support address, under their name, with nothing of ours.
fn reply(
    head: Head,
    by: &PersonId,
    participant: &Participant,
    case: &Case,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    let relayed = ctx.enclosed.ok_or(ComposeError::NoWords)?;
    let by = Some(person(ctx, by)?.name.clone());
    let wire = Wire { by, cc: beside(participant, case), ..to_customer(participant, case, ctx)? };
    if wire.to.address != head.envelope.to {
        return Err(ComposeError::WrongReader(head.letter));
    }
    let reference = values::reference(case, ctx);
    // Never the subject of the notice that was answered: it is internal.
    let bare = wording::bare_subject(&case.subject);
    let subject =
        if bare.is_empty() { format!("Your mail to us [{reference}]") } else { format!("Re: {bare} [{reference}]") };
    let subject = wire::subject(&subject);
    let bytes = wire::reply_bytes(&wire, &head.envelope.message_id, &subject, relayed, ctx)?;
    let html = relayed.html.clone().unwrap_or_default();
    Ok(Composed { head, subject, text: relayed.text.clone(), html, bytes, fell_back: None })
}

fn to_person(
    head: Head,
    letter: &Letter,
    person: &Person,
    case: &Case,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    let values = staff::about_case(letter, person, case, ctx)?;
    let rendered = render(head.letter, &staff_language(head.letter, ctx), &values, ctx)?;
    let answers = matches!(letter, Letter::Transcript(_) | Letter::Confirm { .. } | Letter::CaseStory { .. });
    let reply_to = links::reply_to(letter, person, case, ctx)?;
    let wire = Wire { reply_to, thread: whole_thread(case), answers, ..Wire::plain(party(person)) };
    finish(head, rendered, &wire, ctx)
}

/// Danger has one letter, and a further case within a day has one, whatever the kind's own would be.
fn template_name(letter: &Letter) -> &'static str {
    match letter {
        Letter::Apology(FirstLetterFacts { danger: true, .. })
        | Letter::Acknowledgement(FirstLetterFacts { danger: true, .. }) => "apology",
        Letter::Apology(FirstLetterFacts { brief: true, .. }) => "acknowledgement",
        other => other.name(),
    }
}

fn render(letter: &str, language: &str, values: &Values, ctx: &Context<'_>) -> Result<Rendered, TemplateError> {
    debug_assert_eq!(
        crate::templates::letter_kind(letter).map(|kind| kind.unknown_or_missing(values)),
        Some(Vec::new()),
        "the values of {letter} keep to the contract with its template"
    );
    ctx.templates.render(letter, language, values)
}

enum Reader<'a> {
    Participant(&'a Participant),
    Person(&'a Person),
    Admin(&'a Address),
}

fn head_of(letter: &'static str, reader: Reader<'_>, ctx: &Context<'_>) -> Result<Head, ComposeError> {
    let (to, participant, person) = match reader {
        Reader::Participant(p) => (&p.address, Some(p.no), None),
        Reader::Person(p) => (&p.address, None, Some(p.id.clone())),
        Reader::Admin(to) => (to, None, None),
    };
    let unasked = participant.is_some() && matches!(letter, "holding" | "escalated" | "check-in");
    Ok(Head { envelope: wire::envelope(to.clone(), ctx)?, letter, person, participant, unasked })
}

fn finish(head: Head, rendered: Rendered, wire: &Wire, ctx: &Context<'_>) -> Result<Composed, ComposeError> {
    // Words for one reader in the envelope of another: the worst that a desk can do.
    if wire.to.address != head.envelope.to {
        return Err(ComposeError::WrongReader(head.letter));
    }
    let bytes = wire::bytes(wire, &head.envelope.message_id, &rendered, ctx)?;
    let Rendered { subject, text, html, fell_back } = rendered;
    Ok(Composed { head, subject: wire::subject(&subject), text, html, bytes, fell_back })
}

/// Whoever is only mentioned is sent nothing.
fn participant(case: &Case, no: ParticipantNo) -> Result<&Participant, ComposeError> {
    match case.participants.iter().find(|p| p.no == no) {
        Some(found) if found.mentioned_only => Err(ComposeError::MentionedOnly(no)),
        Some(found) => Ok(found),
        None => Err(ComposeError::NoParticipant(no)),
    }
}

fn person<'a>(ctx: &Context<'a>, id: &PersonId) -> Result<&'a Person, ComposeError> {
    ctx.policy.person(id).ok_or_else(|| ComposeError::NoPerson(id.clone()))
}

fn party(person: &Person) -> Party {
    Party::new(Some(&person.name), person.address.clone())
}

/// The name only of an authenticated sender: an unproven one may be a message in itself.
fn addressed_to(participant: &Participant) -> Party {
    let name = participant.name.as_deref().filter(|_| participant.authenticated);
    Party::new(name.and_then(greeting::greeting_name).as_deref(), participant.address.clone())
}

fn staff_language(letter: &str, ctx: &Context<'_>) -> String {
    ctx.templates.language(letter, &[&ctx.policy.company.language])
}

impl Wire {
    fn plain(to: Party) -> Self {
        Self {
            to,
            cc: Vec::new(),
            reply_to: ReplyTo::Plain,
            thread: Vec::new(),
            answers: false,
            precedence_bulk: false,
            by: None,
        }
    }
}

/// The Message-IDs that the customer has seen, oldest first: what staff wrote among themselves is not their business.
fn customer_thread(case: &Case) -> Vec<MessageId> {
    use crate::decide::case::Writer::{Machine, Outsider, Participant, Person, Unknown};
    let seen = case.mails.iter().filter(|mail| match mail.writer {
        Participant(_) => true,
        Person(_) | Outsider(_) | Machine | Unknown => false,
    });
    seen.filter_map(|mail| mail.message_id.clone()).collect()
}

fn whole_thread(case: &Case) -> Vec<MessageId> {
    case.mails.iter().filter_map(|mail| mail.message_id.clone()).collect()
}

/// A person in a letter: `name`, `first`, `titled`.
fn person_value(person: &Person) -> serde_json::Value {
    serde_json::json!({"name": person.name, "first": person.first_name(), "titled": english::titled(person)})
}

/// What every letter knows.
fn house(ctx: &Context<'_>) -> Values {
    let mut values = Values::new();
    values.insert("house".into(), crate::mail::clean_name(&ctx.mailbox.display_name).into());
    values.insert("company".into(), crate::mail::clean_name(&ctx.policy.company.name).into());
    values
}
