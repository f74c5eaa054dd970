//! `amends inspect`: how a mail is read, and what it would be taken for.
//!
//! Reads files, touches nothing else: no configuration, no store, so it knows neither our addresses nor our letters.
//! A file that cannot be read is reported in its place and the others go on; the exit code then says so.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use crate::arrive::{html, parse};
use crate::classify::{self, Answer, Bounce, Class, Found, Place, Proven, Rules, Verdict};
use crate::mail::{Mail, MessageId, Party};

use super::print;

/// sysexits: cannot open input.
const NO_INPUT: u8 = 66;

/// Shows how a mail is read: who, what, which words are new, what it is taken for, and why.
#[derive(Debug, Args)]
pub struct Inspect {
    /// One JSON object a file, one a line
    #[arg(long)]
    json: bool,
    /// What the files hold
    #[arg(long, value_enum, default_value_t = Format::Message)]
    format: Format,
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A whole mail as it is stored (RFC 5322), also with an mbox line above it
    Message,
    /// A plain body that is decoded already
    BodyText,
    /// An HTML body that is decoded already
    BodyHtml,
}

/// Prints each file in the order given.
pub fn run(asked: &Inspect) -> ExitCode {
    let mut unread = false;
    for file in &asked.files {
        match std::fs::read(file) {
            Ok(bytes) => show(asked, file, &bytes),
            Err(error) => {
                unread = true;
                complain(asked, file, &error);
            }
        }
    }
    if unread { ExitCode::from(NO_INPUT) } else { ExitCode::SUCCESS }
}

fn show(asked: &Inspect, file: &Path, bytes: &[u8]) {
    match asked.format {
        Format::Message => {
            let mail = parse::parse(bytes);
            let verdict = classify::classify(&mail, Proven::default(), &Found::default(), &Rules::default());
            if asked.json {
                let words = Words { text: &mail.text, new_text: &mail.new_text, html: mail.html.as_deref() };
                object(file, Some(words), message(&mail, &verdict));
            } else {
                println!("{}", readable(file, &mail, &verdict));
            }
        }
        Format::BodyText => {
            let (text, new_text) = parse::plain_body(bytes);
            body(asked, file, Words { text: &text, new_text: &new_text, html: None });
        }
        Format::BodyHtml => {
            let source = parse::plain_body(bytes).0;
            let text = html::to_text(&source).text;
            let new_text = html::new_words(&source, &text);
            body(asked, file, Words { text: &text, new_text: &new_text, html: Some(&source) });
        }
    }
}

fn complain(asked: &Inspect, file: &Path, error: &std::io::Error) {
    if asked.json {
        object(file, None, json!({ "error": error.to_string() }));
    } else {
        eprintln!("{}: {error}", file.display());
    }
}

fn body(asked: &Inspect, file: &Path, words: Words<'_>) {
    if asked.json {
        object(file, Some(words), json!({}));
    } else {
        println!("{}\n", words.new_text);
    }
}

/// The large ones of an object: written from where they stand, since a copy of each would double what a mail takes.
#[derive(Debug, Serialize)]
struct Words<'a> {
    text: &'a str,
    new_text: &'a str,
    html: Option<&'a str>,
}

/// One line of JSON.
#[derive(Debug, Serialize)]
struct Object<'a> {
    file: &'a str,
    #[serde(flatten)]
    words: Option<Words<'a>>,
    #[serde(flatten)]
    rest: Value,
}

fn object(file: &Path, words: Option<Words<'_>>, rest: Value) {
    print::json(&Object { file: &file.to_string_lossy(), words, rest });
}

/// All but the words.
fn message(mail: &Mail, verdict: &Verdict) -> Value {
    let from = mail.from.first();
    let broken = if from.is_none() { broken_from(&mail.from_text) } else { (None, None) };
    let (answer, reason) = match &verdict.answer {
        Answer::Yes => (true, "From equals Return-Path"),
        Answer::No(why) => (false, why.as_str()),
    };
    json!({
        // Without an address in From, the one to which the writer asks answers to be sent; it proves nothing.
        "from": from.or(mail.reply_to.first().filter(|_| broken.1.is_none())).map(|p| p.address.as_str()).or(broken.1),
        "from_name": from.and_then(|p| p.name.as_deref()).or(broken.0),
        "to": addresses(&mail.to),
        "cc": addresses(&mail.cc),
        "subject": mail.subject,
        "message_id": mail.message_id.as_ref().map(MessageId::as_str),
        "in_reply_to": ids(&mail.in_reply_to),
        "references": ids(&mail.references),
        "date": mail.date.map(|d| d.to_string()),
        "class": class(verdict.class),
        "sign": verdict.sign,
        "row": verdict.row,
        "answer": answer,
        "answer_reason": reason,
        "attachments": mail.attachments.iter().map(|a| json!({
            "name": a.name, "type": a.mime_type, "size": a.size_bytes, "sha256": a.sha256.to_hex(), "inline": a.inline,
        })).collect::<Vec<_>>(),
        "parts": {
            "text": mail.parts.text, "html": mail.parts.html, "leaf": mail.parts.leaf,
            "multipart": mail.parts.multipart, "embedded": mail.parts.embedded,
        },
        "auto_kind": verdict.auto_kind,
        "bounce": verdict.bounce.as_ref().map(bounce),
        "language": parse::language(mail),
        "defects": mail.defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// Name and address of a From field that holds no address which could be written to: `MAILER-DAEMON (Mail System)`.
fn broken_from(text: &str) -> (Option<&str>, Option<&str>) {
    let holds_words = |part: &str| part.contains(|c: char| c.is_alphanumeric());
    let parts = text.split_once('<').or_else(|| text.split_once('('));
    let Some((first, second)) = parts.filter(|(a, b)| holds_words(a) && holds_words(b)) else {
        return ((!text.is_empty()).then_some(text), None);
    };
    let (first, second) = (first.trim().trim_matches('"'), second.trim_end_matches(['>', ')']).trim());
    if text.contains('<') { (Some(first), Some(second)) } else { (Some(second), Some(first)) }
}

fn addresses(parties: &[Party]) -> Vec<&str> {
    parties.iter().map(|p| p.address.as_str()).collect()
}

fn ids(ids: &[MessageId]) -> Vec<&str> {
    ids.iter().map(MessageId::as_str).collect()
}

/// The words of the contract: without a configuration there are neither blocked senders nor own letters.
fn class(class: Class) -> &'static str {
    match class {
        Class::Human | Class::OwnFrom | Class::Blocked => "human",
        Class::Bounce => "bounce",
        Class::Report => "report",
        Class::Automatic => "automatic",
        Class::Bulk => "bulk",
        Class::Loop | Class::SelfEcho => "loop",
        Class::Malformed => "malformed",
    }
}

fn bounce(bounce: &Bounce) -> Value {
    json!({
        "class": bounce.class,
        "hard": bounce.hard,
        "delay": bounce.delay,
        "reports": bounce.reports.iter().map(|r| json!({
            "recipient": r.recipient.as_ref().map(|a| a.as_str()),
            "action": r.action, "status": r.status, "diagnostic": r.diagnostic, "reason": r.reason,
        })).collect::<Vec<_>>(),
        "original_message_id": bounce.original_message_id.as_ref().map(MessageId::as_str),
    })
}

/// The same for people: the verdict and its reasons first, then the words.
fn readable(file: &Path, mail: &Mail, verdict: &Verdict) -> String {
    let from = mail.from.first().map_or_else(|| mail.from_text.clone(), |p| format!("{} <{}>", p.shown(), p.address));
    let answer = match &verdict.answer {
        Answer::Yes => "may be answered".to_owned(),
        Answer::No(why) => format!("is not answered: {why}"),
    };
    let mut lines = vec![
        file.display().to_string(),
        format!("  from      {from}"),
        format!("  subject   {}", mail.subject.as_deref().unwrap_or("(none)")),
        format!("  class     {} (row {}: {})", class(verdict.class), verdict.row, verdict.sign),
        format!("  answer    {answer}"),
        format!("  place     {}", place(&verdict.place)),
    ];
    lines.extend(verdict.bounce.as_ref().map(bounce_line));
    for file in &mail.attachments {
        let name = file.name.as_deref().unwrap_or("(no name)");
        lines.push(format!("  file      {name} ({}, {} bytes)", file.mime_type, file.size_bytes));
    }
    if !mail.defects.is_empty() {
        let words: Vec<String> = mail.defects.iter().map(ToString::to_string).collect();
        lines.push(format!("  broken    {}", words.join(", ")));
    }
    lines.push("  new words".to_owned());
    lines.extend(mail.new_text.lines().map(|line| format!("    {line}")));
    lines.join("\n") + "\n"
}

/// Whom the mail did not reach, each with the reason where one is told.
fn bounce_line(bounce: &Bounce) -> String {
    let each = bounce.reports.iter().filter_map(|r| r.recipient.as_ref().map(|address| (address, r.reason)));
    let whom: Vec<String> = each
        .map(|(address, reason)| match serde_json::to_value(reason) {
            Ok(Value::String(word)) => format!("{address} ({word})"),
            _ => address.to_string(),
        })
        .collect();
    let kind = match bounce {
        Bounce { delay: true, .. } => "delayed",
        Bounce { reports, .. } if !reports.is_empty() && reports.iter().all(|r| r.succeeded()) => "delivered",
        _ => "not delivered",
    };
    format!("  bounce    {kind}: {}", whom.join(", "))
}

fn place(place: &Place) -> &'static str {
    match place {
        Place::Case(_) => "joins a case",
        Place::New { .. } => "opens a case",
        Place::Park => "set aside, shown in the staff's list",
        Place::Welcome => "shows what a person's mail proves",
        Place::Duplicate(_) => "a copy",
        Place::Echo(_) => "our own letter",
        Place::Report { .. } => "a report about one of our letters",
    }
}
