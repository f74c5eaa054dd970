//! The letter as bytes: headers, the two forms of its body, the envelope.
//!
//! mail-rules section 3 and RFC 3834. Non-ASCII text stands only in encoded words and encoded bodies, so that no
//! server needs SMTPUTF8; lines end with CRLF and are far shorter than 998 octets (RFC 5322 section 2.1.1).

use std::time::SystemTime;

use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MessageBuilder, MultiPart, SinglePart};

use crate::config;
use crate::mail::{Address, Envelope, MessageId, Party, Relayed, clean_line};
use crate::templates::Rendered;
use crate::token::{Purpose, address_with};

use super::{ComposeError, Context, relay};

/// RFC 3834 section 3.1.6 wants References; mail-rules bounds them.
const REFERENCES: usize = 20;
/// An id that would not fit a header line with its name is left out.
const ID_OCTETS: usize = 250;
const SUBJECT_CHARS: usize = 200;

/// What the headers need to know of a letter.
pub(super) struct Wire {
    pub to: Party,
    /// Who gets the same words in a mail of their own: everybody sees who reads along.
    pub cc: Vec<Party>,
    pub reply_to: ReplyTo,
    /// Message-IDs of the case's mails, oldest first; the last one is answered.
    pub thread: Vec<MessageId>,
    /// It answers a mail that just came (RFC 3834 section 5: auto-replied, else auto-generated).
    pub answers: bool,
    pub precedence_bulk: bool,
    /// A person's own words: under their name, and without the marks of automatic mail (mail-rules section 3).
    pub by: Option<String>,
}

/// Where an answer comes back to: our address with a token, where subaddresses are delivered.
pub(super) enum ReplyTo {
    /// With this token, of that purpose.
    Token(Purpose, String),
    Plain,
}

pub(super) fn envelope(to: Address, ctx: &Context<'_>) -> Result<Envelope, ComposeError> {
    Ok(Envelope {
        id: ctx.letter,
        mailbox: ctx.mailbox.name.clone(),
        from: envelope_from(ctx)?,
        to,
        message_id: ctx.tokens.message_id(ctx.letter, &ctx.mailbox.address)?,
    })
}

/// The subject as it stands in its header.
pub(super) fn subject(rendered: &str) -> String {
    clean_line(rendered).chars().take(SUBJECT_CHARS).collect()
}

pub(super) fn bytes(
    wire: &Wire,
    message_id: &MessageId,
    rendered: &Rendered,
    ctx: &Context<'_>,
) -> Result<Vec<u8>, ComposeError> {
    let body = MultiPart::alternative()
        .boundary(format!("{}-a", ctx.tokens.boundary(ctx.letter)))
        .singlepart(part(ContentType::TEXT_PLAIN, &rendered.text))
        .singlepart(part(ContentType::TEXT_HTML, &rendered.html));
    let body = match ctx.enclosed.filter(|e| !e.files.is_empty()) {
        Some(enclosed) => relay::with_files(body, &enclosed.files, ctx),
        None => body,
    };
    let builder = headers(wire, &subject(&rendered.subject), message_id, ctx)?;
    Ok(builder.multipart(body)?.formatted())
}

/// A person's words as they wrote them.
pub(super) fn reply_bytes(
    wire: &Wire,
    message_id: &MessageId,
    subject: &str,
    relayed: &Relayed,
    ctx: &Context<'_>,
) -> Result<Vec<u8>, ComposeError> {
    let builder = headers(wire, subject, message_id, ctx)?;
    Ok(builder.multipart(relay::body(relayed, ctx))?.formatted())
}

fn headers(
    wire: &Wire,
    subject: &str,
    message_id: &MessageId,
    ctx: &Context<'_>,
) -> Result<MessageBuilder, ComposeError> {
    let house = ctx.mailbox.display_name.as_str();
    let own = Party::new(Some(wire.by.as_deref().unwrap_or(house)), ctx.mailbox.address.clone());
    let mut builder = Message::builder()
        .date(SystemTime::from(ctx.now))
        .from(mailbox(&own)?)
        .to(mailbox(&wire.to)?)
        .subject(subject)
        .message_id(Some(message_id.to_string()));
    for other in &wire.cc {
        builder = builder.cc(mailbox(other)?);
    }
    if let Some(address) = reply_address(&wire.reply_to, ctx) {
        builder = builder.reply_to(mailbox(&Party { name: own.name.clone(), address })?);
    }
    let (answered, references) = thread(wire, message_id);
    if let Some(answered) = answered {
        builder = builder.in_reply_to(answered);
    }
    builder = raw(builder.references(references), "X-Amends-Loop", &ctx.tokens.loop_mark(ctx.letter));
    Ok(if wire.by.is_some() { builder } else { marked_automatic(builder, wire) })
}

fn marked_automatic(builder: MessageBuilder, wire: &Wire) -> MessageBuilder {
    // RFC 3834 section 5.
    let mut builder = raw(builder, "Auto-Submitted", if wire.answers { "auto-replied" } else { "auto-generated" });
    if wire.precedence_bulk {
        builder = raw(builder, "Precedence", "bulk");
    }
    // Microsoft [MS-OXCMAIL] 2.2.3.2.14. Never "All": it suppresses the bounces that we need, too.
    raw(builder, "X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply")
}

/// The mail that is answered, and the References with our own id last: servers that give our mail another
/// Message-ID (SES, Outlook) leave it standing there, and an answer brings it home (mail-rules section 7).
fn thread(wire: &Wire, own: &MessageId) -> (Option<String>, String) {
    let ids: Vec<&MessageId> = wire.thread.iter().filter(|id| id.as_str().len() <= ID_OCTETS).collect();
    let room = REFERENCES - 1;
    let kept: Vec<&MessageId> = match ids.len() {
        n if n <= room => ids.clone(),
        // RFC 5322 section 3.6.4 lets the middle go; the first one holds the thread together.
        n => ids[..1].iter().chain(&ids[n - (room - 1)..]).copied().collect(),
    };
    let all: Vec<String> = kept.into_iter().chain([own]).map(ToString::to_string).collect();
    (ids.last().map(ToString::to_string), all.join(" "))
}

pub(super) fn reply_address(reply_to: &ReplyTo, ctx: &Context<'_>) -> Option<Address> {
    let own = &ctx.mailbox.address;
    let (purpose, token) = match reply_to {
        ReplyTo::Token(purpose, token) => (*purpose, token),
        ReplyTo::Plain => return None,
    };
    // Without subaddresses an answer still comes home: by our Message-ID and the mark in the subject.
    let with_token = ctx.mailbox.subaddressing.then(|| address_with(own, purpose, token)).flatten();
    Some(with_token.unwrap_or_else(|| own.clone()))
}

fn envelope_from(ctx: &Context<'_>) -> Result<Option<Address>, ComposeError> {
    let own = &ctx.mailbox.address;
    match ctx.mailbox.envelope {
        config::Envelope::Null => Ok(None),
        config::Envelope::Token if ctx.mailbox.subaddressing => {
            let token = ctx.tokens.mint_bounce(ctx.letter, ctx.now)?;
            Ok(Some(address_with(own, Purpose::Bounce, &token).unwrap_or_else(|| own.clone())))
        }
        config::Envelope::Token | config::Envelope::Plain => Ok(Some(own.clone())),
    }
}

/// A `Party` holds no control character (lettre panics on a CR in a name), and its address is ASCII.
fn mailbox(party: &Party) -> Result<Mailbox, ComposeError> {
    let address = lettre::Address::new(party.address.local(), party.address.domain());
    let address = address.map_err(|_| ComposeError::Address(party.address.clone()))?;
    let name = party.name.as_deref().map(crate::mail::clean_name).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, address))
}

fn raw(builder: MessageBuilder, name: &'static str, value: &str) -> MessageBuilder {
    builder.raw_header(HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned()))
}

/// Always quoted-printable: 7 bits whatever the words, lines of at most 76, and still readable on the wire. Encoded here:
/// lettre would turn the line ends character by character first.
pub(super) fn part(kind: ContentType, words: &str) -> SinglePart {
    let encoded = quoted_printable::encode(words.replace("\r\n", "\n").replace('\n', "\r\n"));
    let body = Body::dangerous_pre_encoded(encoded, ContentTransferEncoding::QuotedPrintable);
    SinglePart::builder().header(kind).body(body)
}
