//! The mails of customers and staff, written as a mail server hands them on: with the fields that it puts on top.
//!
//! Message-IDs and dates come from the scene, so that the story is the same on every machine.

use handlebars::html_escape;
use jiff::Timestamp;

use crate::mail::Mail;

use super::story::{AUTHSERV, SUPPORT, Writer};

/// A new mail to the desk.
pub fn first(from: Writer, subject: &str, words: &str, at: Timestamp) -> Vec<u8> {
    written(from, SUPPORT, subject, "", words, at)
}

/// The answer of somebody who pressed Reply under `letter`: to its Reply-To, with its subject and its words below.
pub fn reply(from: Writer, letter: &Mail, words: &str, at: Timestamp) -> Vec<u8> {
    let to = reply_address(letter);
    let subject = letter.subject.clone().unwrap_or_default();
    let subject = if subject.starts_with("Re:") { subject } else { format!("Re: {subject}") };
    let quote: String = letter.text.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
    let sent = letter.date.map(|at| at.strftime("On %a, %d %b %Y at %H:%M, ").to_string()).unwrap_or_default();
    let words = format!("{words}\n{sent}Northwind Care <{SUPPORT}> wrote:\n{quote}");
    written(from, &to, &subject, &answers(letter), &words, at)
}

/// The answer that Outlook writes: the words on top, then the whole letter below a header block, as text and as HTML.
pub fn from_outlook(from: Writer, letter: &Mail, words: &str, at: Timestamp) -> Vec<u8> {
    let subject = letter.subject.clone().unwrap_or_default();
    let block = format!(
        "From: Northwind Care <{SUPPORT}>\nSent: {}\nTo: {} <{}>\nSubject: {subject}",
        letter.date.map(|at| at.strftime("%A, %B %-d, %Y %H:%M").to_string()).unwrap_or_default(),
        from.name,
        from.address
    );
    let text = format!("{words}\n________________________________\n{block}\n\n{}", letter.text);
    let paragraph = |line: &str| format!("<p class=\"MsoNormal\">{}<o:p></o:p></p>", html_escape(line));
    let own: String = words.lines().map(paragraph).collect();
    let head: String = block.lines().map(|line| format!("<b>{}</b><br>", html_escape(line))).collect();
    let html = format!(
        "<html><body lang=\"EN-US\"><div class=\"WordSection1\">{own}<div><div style=\"border:none;border-top:solid #E1E1E1 \
         1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\">{head}</p></div></div>{}</div></body></html>",
        letter.html.clone().unwrap_or_default()
    );
    let part = |kind: &str, body: &str| {
        format!("--outlook\nContent-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n")
    };
    let body = format!("{}{}--outlook--\n", part("text/plain", &text), part("text/html", &html));
    let (to, answers) = (reply_address(letter), answers(letter));
    posted(from, &to, &format!("RE: {subject}"), &answers, "multipart/alternative; boundary=outlook", &body, at)
}

/// What a mail program sends for a link of a letter (RFC 6068); `None` where the letter has no such link.
pub fn tap(from: Writer, letter: &Mail, label: &str, at: Timestamp) -> Option<(String, Vec<u8>)> {
    let html = letter.html.as_deref()?;
    let (before, _) = html.split_once(&format!(">{label}</a>"))?;
    let (_, link) = before.rsplit_once("href=\"mailto:")?;
    let link = link.split('"').next()?.replace("&amp;", "&").replace("&#x3D;", "=");
    let (to, query) = link.split_once('?')?;
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)).map(percent_decoded);
    let subject = value("subject=")?;
    let raw = written(from, &percent_decoded(to), &subject, "", &value("body=")?, at);
    Some((subject, raw))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex: Option<String> = (byte == b'%').then(|| rest.by_ref().take(2).map(char::from).collect());
        bytes.push(hex.and_then(|hex| u8::from_str_radix(&hex, 16).ok()).unwrap_or(byte));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn reply_address(letter: &Mail) -> String {
    letter.reply_to.first().map_or_else(|| SUPPORT.to_owned(), |p| p.address.to_string())
}

fn answers(letter: &Mail) -> String {
    letter.message_id.as_ref().map(|id| format!("In-Reply-To: {id}\nReferences: {id}\n")).unwrap_or_default()
}

fn written(from: Writer, to: &str, subject: &str, more: &str, words: &str, at: Timestamp) -> Vec<u8> {
    posted(from, to, subject, more, "text/plain; charset=utf-8", words, at)
}

/// As the server hands it on, with the fields that it puts on top.
fn posted(from: Writer, to: &str, subject: &str, more: &str, kind: &str, body: &str, at: Timestamp) -> Vec<u8> {
    let Writer { name, address } = from;
    let (user, domain) = address.split_once('@').unwrap_or((address, "localhost"));
    let date = at.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let second = at.as_second();
    let head = format!(
        "Return-Path: <{address}>\n\
         Received: from mail.{domain} (mail.{domain} [192.0.2.25])\n\
         \tby {AUTHSERV} with ESMTPS; {date}\n\
         Authentication-Results: {AUTHSERV}; dmarc=pass header.from={domain}\n\
         From: {name} <{address}>\n\
         To: Northwind Care <{to}>\n\
         Subject: {subject}\n\
         Date: {date}\n\
         Message-ID: <{user}.{second}@mail.{domain}>\n\
         MIME-Version: 1.0\n\
         Content-Type: {kind}\n\
         Content-Transfer-Encoding: 8bit\n"
    );
    let plain = format!("{head}{more}\n{body}");
    plain.replace('\n', "\r\n").into_bytes()
}
