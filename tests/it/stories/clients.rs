//! Answers as mail programs build them: the letter that is answered, quoted in their own way, with the person's words.

use amends::arrive::parse::parse;
use amends::mail::Mail;

use super::super::support::mail::RawMail;
use super::play::quoted;

/// A reply of that person whose provider vouches for them.
pub fn reply(letter: &[u8], from: &str) -> RawMail {
    let domain = from.split_once('@').expect("an address").1;
    unproven_reply(letter, from)
        .with("Authentication-Results", &format!("mx.northwind.example; dmarc=pass header.from={domain}"))
}

fn unproven_reply(letter: &[u8], from: &str) -> RawMail {
    written(letter, from)
        .with("Return-Path", &format!("<{from}>"))
        .with("Received", "from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000")
}

/// As it leaves the program, before any server has seen it.
fn written(letter: &[u8], from: &str) -> RawMail {
    let mail = parse(letter);
    let id = mail.message_id.as_ref().expect("a letter has an id").to_string();
    RawMail::new(&format!("<{from}>"), &reply_to(&mail), &format!("Re: {}", subject(&mail))).with("In-Reply-To", &id)
}

/// Where an answer to that mail goes.
pub fn reply_to(mail: &Mail) -> String {
    let party = mail.reply_to.first().or(mail.from.first()).expect("somebody to answer");
    party.address.to_string()
}

fn subject(mail: &Mail) -> String {
    mail.subject.clone().unwrap_or_default()
}

/// Mutt and others: plain text, quoted below.
pub fn plain(letter: &[u8], from: &str, words: &str) -> Vec<u8> {
    reply(letter, from).body(&format!("{words}\n\n{}", quoted(&parse(letter).text))).bytes()
}

/// The same from a host that nobody vouches for.
pub fn unproven(letter: &[u8], from: &str, words: &str) -> Vec<u8> {
    unproven_reply(letter, from).body(&format!("{words}\n\n{}", quoted(&parse(letter).text))).bytes()
}

/// The same, for a real server to carry.
pub fn mailed(letter: &[u8], from: &str, words: &str) -> RawMail {
    written(letter, from).body(&format!("{words}\n\n{}", quoted(&parse(letter).text)))
}

/// Outlook for Windows: words on top, then a header block in the language of the program, in text and HTML.
pub fn outlook(letter: &[u8], from: &str, words: &str) -> Vec<u8> {
    outlook_of(reply(letter, from), letter, from, words).bytes()
}

/// The same, for a real server to carry.
pub fn mailed_by_outlook(letter: &[u8], from: &str, words: &str) -> RawMail {
    outlook_of(written(letter, from), letter, from, words)
}

fn outlook_of(raw: RawMail, letter: &[u8], from: &str, words: &str) -> RawMail {
    let mail = parse(letter);
    let head = format!(
        "From: Northwind Care <support@northwind.example>\nSent: Monday, November 23, 2026 9:10 AM\nTo: Mei Tan <{from}>\nSubject: {}",
        subject(&mail)
    );
    let text = format!("{words}\n\n________________________________\n{head}\n\n{}", mail.text);
    let own: String = words.lines().map(|l| format!("<p class=\"MsoNormal\">{l}<o:p></o:p></p>")).collect();
    let block: String = head.lines().map(|l| format!("<b>{l}</b><br>")).collect();
    let html = format!(
        "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><body lang=\"EN-US\"><div class=\"WordSection1\">{own}\
         <div><div style=\"border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in\"><p class=\"MsoNormal\">{block}</p>\
         </div></div>{}</div></body></html>",
        mail.html.unwrap_or_default()
    );
    alternative(raw, &text, &html)
}

/// Gmail on the web.
pub fn gmail(letter: &[u8], from: &str, words: &str) -> Vec<u8> {
    let mail = parse(letter);
    let text = format!("{words}\n\n{}", quoted(&mail.text));
    let own: String = words.lines().map(|l| format!("<div>{}</div>", if l.is_empty() { "<br>" } else { l })).collect();
    let html = format!(
        "<div dir=\"ltr\">{own}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">\
         On Mon, Nov 23, 2026 at 9:10 AM Northwind Care &lt;<a href=\"mailto:support@northwind.example\">support@northwind.example</a>&gt; \
         wrote:<br></div><blockquote class=\"gmail_quote\" style=\"margin:0px\">{}</blockquote></div>",
        mail.html.unwrap_or_default()
    );
    alternative(reply(letter, from), &text, &html).bytes()
}

/// Apple Mail: the quote is a cited block.
pub fn apple_mail(letter: &[u8], from: &str, words: &str) -> Vec<u8> {
    let mail = parse(letter);
    let attribution = "On 23. Nov 2026, at 09:10, Northwind Care <support@northwind.example> wrote:";
    let lines: String = mail.text.lines().map(|l| format!("> {l}\n")).collect();
    let html = format!(
        "<html><body>{words}<div><br><blockquote type=\"cite\"><div>{}</div><br><div>{}</div></blockquote></div></body></html>",
        attribution.replace('<', "&lt;").replace('>', "&gt;"),
        mail.html.unwrap_or_default()
    );
    alternative(reply(letter, from), &format!("{words}\n\n> {attribution}\n> \n{lines}"), &html).bytes()
}

/// Somebody else's server, somebody's name: nothing proven, sent to that address.
pub fn forged(letter: &[u8], from: &str, to: &str, words: &str) -> Vec<u8> {
    unproven_reply(letter, from).with("To", to).body(words).bytes()
}

/// The token of the letter with its last character changed.
pub fn changed(letter: &[u8]) -> String {
    let address = reply_to(&parse(letter));
    let (local, domain) = address.split_once('@').expect("an address");
    let last = if local.ends_with('a') { 'b' } else { 'a' };
    format!("{}{last}@{domain}", &local[..local.len() - 1])
}

/// A mail about something else, to the address that a program completed.
pub fn completed(letter: &[u8], from: &str, words: &str) -> Vec<u8> {
    about(letter, from, "Sunday", words)
}

/// To the address of the letter, about something else that is ours.
pub fn about(letter: &[u8], from: &str, subject: &str, words: &str) -> Vec<u8> {
    let to = reply_to(&parse(letter));
    reply(letter, from).with("To", &to).with("In-Reply-To", "").with("Subject", subject).body(words).bytes()
}

/// What the customer's program sends for one of the links of a letter.
pub fn tap(letter: &[u8], label: &str) -> Vec<u8> {
    let to = parse(letter).to.first().expect("a reader").address.to_string();
    tap_of(letter, &to, label)
}

/// What that person's program sends for one of the links of a letter.
pub fn tap_of(letter: &[u8], from: &str, label: &str) -> Vec<u8> {
    let domain = from.split_once('@').expect("an address").1;
    tapped(letter, from, label)
        .with("Return-Path", &format!("<{from}>"))
        .with("Authentication-Results", &format!("mx.northwind.example; dmarc=pass header.from={domain}"))
        .with("Received", "from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000")
        .bytes()
}

/// The mail that a link of a letter makes (RFC 6068), before any server has seen it.
pub fn tapped(letter: &[u8], from: &str, label: &str) -> RawMail {
    let html = parse(letter).html.expect("a letter has HTML");
    let before = html.split(&format!(">{label}</a>")).next().expect("a part");
    let link = before.rsplit("href=\"mailto:").next().and_then(|l| l.split('"').next()).expect("a link");
    let link = link.replace("&amp;", "&").replace("&#x3D;", "=");
    let (to, query) = link.split_once('?').expect("a query");
    let value = |name: &str| {
        let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
        percent_decoded(found.expect("a value"))
    };
    RawMail::new(&format!("<{from}>"), &percent_decoded(to), &value("subject")).body(&value("body"))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex: Vec<u8> = rest.by_ref().take(2).collect();
            let hex = std::str::from_utf8(&hex).expect("ASCII");
            bytes.push(u8::from_str_radix(hex, 16).expect("two hex digits"));
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

pub fn alternative(mail: RawMail, text: &str, html: &str) -> RawMail {
    let part = |kind: &str, body: &str| {
        format!("--alt\nContent-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{body}\n")
    };
    mail.with("Content-Type", "multipart/alternative; boundary=alt").body(&format!(
        "{}{}--alt--\n",
        part("text/plain", text),
        part("text/html", html)
    ))
}
