//! The customers' mails, written as a mail server hands them on: with the fields that it puts on top.
//!
//! Message-IDs and dates come from the scene, so that the story is the same on every machine.

use jiff::Timestamp;

use crate::mail::Mail;

use super::story::{AUTHSERV, SUPPORT, Writer};

/// A new mail to the desk.
pub fn first(from: Writer, subject: &str, words: &str, at: Timestamp) -> Vec<u8> {
    written(from, SUPPORT, subject, "", words, at)
}

/// The answer of somebody who pressed Reply under `letter`: to its Reply-To, with its subject and its words below.
pub fn reply(from: Writer, letter: &Mail, words: &str, at: Timestamp) -> Vec<u8> {
    let to = letter.reply_to.first().map_or_else(|| SUPPORT.to_owned(), |p| p.address.to_string());
    let subject = letter.subject.clone().unwrap_or_default();
    let subject = if subject.starts_with("Re:") { subject } else { format!("Re: {subject}") };
    let answers = letter.message_id.as_ref().map(|id| format!("In-Reply-To: {id}\nReferences: {id}\n"));
    let quote: String = letter.text.lines().map(|line| format!("> {line}").trim_end().to_owned() + "\n").collect();
    let sent = letter.date.map(|at| at.strftime("On %a, %d %b %Y at %H:%M, ").to_string()).unwrap_or_default();
    let words = format!("{words}\n{sent}Northwind Care <{SUPPORT}> wrote:\n{quote}");
    written(from, &to, &subject, &answers.unwrap_or_default(), &words, at)
}

fn written(from: Writer, to: &str, subject: &str, more: &str, words: &str, at: Timestamp) -> Vec<u8> {
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
         Content-Type: text/plain; charset=utf-8\n\
         Content-Transfer-Encoding: 8bit\n"
    );
    let plain = format!("{head}{more}\n{words}");
    plain.replace('\n', "\r\n").into_bytes()
}
