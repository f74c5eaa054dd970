//! What would break a letter, through a whole desk on set time: injected fields, template syntax, bidi and zero-width
//! characters, paths as names. Customers write it, their mails open cases, a colleague passes it on; and every letter
//! that left is looked at as bytes and as it reads.
//!
//! The desk is in memory: its mail server is a list, so no letter can go anywhere else (process.rs watches the program).

use amends::arrive::parse::parse;
use amends::mail::{Mail, Outgoing};
use jiff::{SignedDuration, Timestamp};

use super::super::stories::clients;
use super::super::stories::play::{self, Scene};
use super::super::support::bombs;
use super::super::support::mail::RawMail;
use super::super::support::targets::checks;

const MEI: &str = "mei@northwind.example";
const START: &str = "2026-11-23T08:05:00Z";

/// What is put into every field, and how it is told in a letter. Encoded words hold what no field can hold.
const POISONS: [(&str, &str); 12] = [
    ("injection", "Lamp\r\nBcc: evil@evil.example\r\nX-Injected: yes"),
    ("injection by LF", "Lamp\nBcc: evil@evil.example\nX-Injected: yes"),
    ("injection by CR", "Lamp\rBcc: evil@evil.example\rX-Injected: yes"),
    ("injection with a body", "Lamp\r\n\r\nX-Injected: yes\r\n.\r\nMAIL FROM:<evil@evil.example>"),
    ("other line ends", "Lamp\u{85}Bcc: evil@evil.example\u{2028}X-Injected: yes\u{2029}X\u{b}Y\u{c}"),
    ("NUL", "Lamp\0 broken\u{1}\u{7f}\u{9b}31m"),
    (
        "template",
        "TPL[{{ref}}{{{house}}}{{#if company}}x{{/if}}{{> layout}}{{lookup this \"company\"}}{{!-- a --}}]LPT",
    ),
    ("template, escaped", "TPL[\\{{ref}} {{{{raw}}}} ${company} %7B%7Bref}} &#123;{ref}}]LPT"),
    ("bidi", "Lamp \u{202e}gnp.exe\u{202c} \u{2066}a\u{2069} \u{61c}\u{200f}b"),
    ("zero width", "La\u{200b}mp\u{feff} bro\u{2060}ken\u{ad}\u{180e}\u{e0041}\u{fff9}"),
    ("a path", "../../../etc/cron.d/lamp C:\\x\\..\\y /dev/null"),
    ("very long", "Lamp"),
];

fn poison(n: usize) -> String {
    let (name, text) = POISONS[n];
    if name == "very long" { "lamp".repeat(5000) } else { text.to_owned() }
}

/// RFC 2047: by it anything comes into a field.
fn encoded(text: &str) -> String {
    let words = text.as_bytes().chunks(40).map(|piece| format!("=?utf-8?B?{}?=", data_encoding::BASE64.encode(piece)));
    words.collect::<Vec<String>>().join("\r\n ")
}

/// RFC 2231: the same for parameters.
fn percent(text: &str) -> String {
    text.bytes().map(|b| format!("%{b:02X}")).collect()
}

fn from_customer(n: usize, name: &str, subject: &str) -> RawMail {
    let address = format!("klaus{n}@customer.example");
    RawMail::new(&format!("{name} <{address}>"), "support@northwind.example", subject)
        .with("Return-Path", &format!("<{address}>"))
        .with("Authentication-Results", "mx.northwind.example; dmarc=pass header.from=customer.example")
        .with("Received", "from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000")
}

/// Header fields by encoded words; ids and dates as they are.
fn in_fields(n: usize) -> Vec<u8> {
    let (text, word) = (poison(n), encoded(&poison(n)));
    let bare = text.replace(['\r', '\n', '\0'], "").chars().take(500).collect::<String>();
    from_customer(n, &word, &word)
        .with("Message-ID", &format!("<{bare}@customer.example>"))
        .with("References", &format!("<{bare}@customer.example> <a@b> <{}@c>", percent(&bare)))
        .with("In-Reply-To", &format!("<{bare}>"))
        .with("Reply-To", &format!("{word} <evil@evil.example>"))
        .with("To", &format!("{word} <support@northwind.example>"))
        .with("Cc", &format!("{word} <evil@evil.example>"))
        .with("Date", &bare)
        .with("Content-Language", &bare)
        .body("The lamp is broken.")
        .bytes()
}

/// The same without encoding, as raw bytes in the fields: line ends end them, and the rest is what a reader makes of it.
fn raw_in_fields(n: usize) -> Vec<u8> {
    let text = poison(n);
    let mail = from_customer(100 + n, "NAME", "SUBJECT").body("The lamp is broken.").bytes();
    let mail = String::from_utf8(mail).expect("text");
    let (name, subject) = (format!("\"{}\"", text.replace('"', "")), text.as_str());
    mail.replacen("NAME", &name, 1).replacen("SUBJECT", subject, 1).into_bytes()
}

/// In the words, plain and as HTML, and in the names of files.
fn in_parts(n: usize) -> Vec<u8> {
    parts(from_customer(200 + n, "Klaus", "Lamp broken"), &poison(n), "The lamp is broken.").bytes()
}

fn parts(mail: RawMail, text: &str, words: &str) -> RawMail {
    let quoted = text.replace(['"', '\r', '\n'], "");
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    let body = format!(
        "--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain; charset=utf-8\n\n{words}\n\n{text}\n\
         --y\nContent-Type: text/html; charset=utf-8\n\n<p>{words}</p><p title=\"{quoted}\">{escaped}</p><img src=\"cid:{quoted}\">\
         <script>x</script>\n--y--\n\
         --x\nContent-Type: image/png; name=\"{quoted}.png\"\nContent-ID: <{quoted}>\nContent-Disposition: inline; filename*=utf-8''{per}.png\n\
         Content-Transfer-Encoding: base64\n\naGVsbG8=\n\
         --x\nContent-Type: text/csv; charset=\"{quoted}\"\nContent-Disposition: attachment; filename=\"{word}\"\n\n1;2\n\
         --x\nContent-Type: message/rfc822\n\nFrom: a@b.example\nSubject: {word}\n\n{words}\n--x--\n",
        per = percent(text),
        word = encoded(text).replace("\r\n", ""),
    );
    mail.with("Content-Type", "multipart/mixed; boundary=x").body(&body)
}

/// A colleague passes it on: the customer's file names come back from their program.
fn passed_on<const N: usize>(letter: &[u8]) -> Vec<u8> {
    let mail = parse(letter);
    let to = clients::reply_to(&mail);
    let id = mail.message_id.as_ref().expect("a letter has an id").to_string();
    let reply = RawMail::new(&format!("<{MEI}>"), &to, &format!("Re: {}", mail.subject.unwrap_or_default()))
        .with("In-Reply-To", &id)
        .with("Return-Path", &format!("<{MEI}>"))
        .with("Authentication-Results", "mx.northwind.example; dmarc=pass header.from=northwind.example")
        .with("Received", "from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000");
    parts(reply, &poison(N), "Dear Klaus, a new lamp is on its way.").bytes()
}

type MadeOf = fn(&[u8]) -> Vec<u8>;

const PASSED_ON: [MadeOf; 12] = [
    passed_on::<0>,
    passed_on::<1>,
    passed_on::<2>,
    passed_on::<3>,
    passed_on::<4>,
    passed_on::<5>,
    passed_on::<6>,
    passed_on::<7>,
    passed_on::<8>,
    passed_on::<9>,
    passed_on::<10>,
    passed_on::<11>,
];

/// A day of it: each mail some minutes after the last.
fn story() -> Vec<Scene> {
    let start: Timestamp = START.parse().expect("an instant");
    let mut minutes = 0;
    let mut next = || {
        minutes += 2;
        start + SignedDuration::from_mins(minutes)
    };
    let mut scenes = Vec::new();
    for (n, make) in PASSED_ON.into_iter().enumerate() {
        for raw in [in_fields(n), raw_in_fields(n), in_parts(n)] {
            scenes.push(Scene::Mail { at: next(), raw });
        }
        scenes.push(Scene::Made { at: next(), letter: "new-case", to: MEI, make });
    }
    let bombs = bombs::FORMS.iter().map(|form| form.of(3000)).chain(bombs::issue().into_iter().map(|(_, raw)| raw));
    scenes.extend(bombs.map(|raw| Scene::Mail { at: next(), raw }));
    scenes.push(Scene::Until(next()));
    scenes
}

#[test]
fn no_letter_is_broken_by_what_a_stranger_writes() {
    let letters = play::letters_from("2026-11-23T08:00:00Z".parse().expect("an instant"), story);
    let (mut to_customers, mut passed_on, mut told) = (0, 0, 0);
    for letter in &letters {
        as_bytes(letter);
        let mail = parse(&letter.bytes);
        as_it_reads(letter, &mail);
        let to = letter.envelope.to.to_string();
        told += usize::from(mail.text.contains("TPL[{{ref}}{{{house}}}"));
        to_customers += usize::from(to.ends_with("@customer.example"));
        passed_on += usize::from(mail.text.contains("a new lamp is on its way") && to.ends_with("@customer.example"));
    }
    assert!(to_customers >= 30 && passed_on >= 6, "{to_customers} letters to customers, {passed_on} passed on");
    assert!(told >= 3, "only {told} letters hold what a template would be");
}

/// Fields that our letters have (mail-rules section 3). Whatever else stood there would have been injected.
const FIELDS: [&str; 18] = [
    "Date",
    "From",
    "To",
    "Subject",
    "Message-ID",
    "Reply-To",
    "In-Reply-To",
    "References",
    "X-Amends-Loop",
    "Auto-Submitted",
    "Precedence",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "Content-Disposition",
    "Content-ID",
    "Content-Description",
];

/// RFC 5322 section 2.1 and RFC 5321 section 4.5.3.1.6.
fn as_bytes(letter: &Outgoing) {
    let text = String::from_utf8(letter.bytes.clone()).expect("a letter is text");
    let shown = || text.chars().take(3000).collect::<String>();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']), "a bare line end or NUL: {}", shown());
    let (head, _) = text.split_once("\r\n\r\n").expect("a header and a body");
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "a line of {} octets: {}", line.len(), shown());
    }
    assert!(head.is_ascii(), "a header that needs SMTPUTF8: {}", shown());
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let names: Vec<&str> = unfolded.split("\r\n").map(|line| line.split(':').next().unwrap_or_default()).collect();
    for name in &names {
        assert!(FIELDS.contains(name), "the field {name:?}: {}", shown());
        assert_eq!(names.iter().filter(|n| *n == name).count(), 1, "two fields {name}: {}", shown());
    }
    parts_have_known_fields(&text);
}

/// A part begins behind its boundary; its fields are ours, too.
fn parts_have_known_fields(text: &str) {
    for part in text.split("\r\n--amends-").skip(1) {
        let Some((_, part)) = part.split_once("\r\n") else { continue };
        let head = part.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ").replace("\r\n\t", " ");
        for line in head.split("\r\n").filter(|line| !line.is_empty()) {
            let name = line.split(':').next().unwrap_or_default();
            assert!(FIELDS.contains(&name), "the field {name:?} of a part: {head:?}");
        }
    }
}

fn as_it_reads(letter: &Outgoing, mail: &Mail) {
    let to: Vec<String> = mail.to.iter().chain(&mail.cc).map(|party| party.address.to_string()).collect();
    assert_eq!(to, [letter.envelope.to.to_string()], "one recipient");
    assert!(!to[0].ends_with("@evil.example"), "a letter to whom only a field names");
    let names = mail.from.iter().chain(&mail.to).chain(&mail.reply_to).filter_map(|party| party.name.clone());
    let files = mail.attachments.iter().filter_map(|file| file.name.clone());
    let subject = mail.subject.clone().unwrap_or_default();
    for text in names.chain(files.clone()).chain([subject]) {
        assert!(checks::is_clean(&text), "{text:?}");
        not_evaluated(&text);
    }
    files.for_each(|name| checks::file_name(&name));
    raw_fields_are_clean(mail);
    let html = mail.html.clone().unwrap_or_default();
    only_our_html(&html);
    not_evaluated(&mail.text);
    not_evaluated(&html);
    if letter.envelope.to.to_string().ends_with("@customer.example") && !mail.text.contains("a new lamp is on its way")
    {
        let ours = mail.text.lines().chain(html.lines());
        ours.for_each(|line| assert!(checks::is_clean(line), "{line:?}"));
    }
}

/// Ours has a style sheet of its own, and what a stranger wrote stands in it as words.
fn only_our_html(html: &str) {
    let lower = html.to_ascii_lowercase();
    for bad in ["<script", "<iframe", "<form", "<object", "<svg", "<link", "src=\"http", " onerror", "javascript:"] {
        assert!(!lower.contains(bad), "{bad} in {html}");
    }
}

/// The reader that cleaned them here is our own: what stands on the wire, decoded, must be clean without it.
fn raw_fields_are_clean(mail: &Mail) {
    for header in &mail.headers {
        for word in header.value.split("=?").skip(1) {
            let mut pieces = word.splitn(4, '?');
            let (Some(_), Some(kind), Some(inner)) = (pieces.next(), pieces.next(), pieces.next()) else { continue };
            let bytes = match kind {
                "B" | "b" => data_encoding::BASE64.decode(inner.as_bytes()).unwrap_or_default(),
                _ => quoted_printable::decode(inner.replace('_', " "), quoted_printable::ParseMode::Robust)
                    .unwrap_or_default(),
            };
            let text = String::from_utf8_lossy(&bytes);
            assert!(checks::is_clean(&text), "{}: {text:?}", header.name);
        }
    }
}

/// Between the marks stands what was written, and never what a template made of it. A subject may be cut short there; in
/// the name of a file a backslash is no longer one.
fn not_evaluated(text: &str) {
    for (at, _) in text.match_indices("TPL[") {
        let rest = &text[at + 4..];
        let as_written =
            ["{{ref}}", "\\{{ref}}", "_{{ref}}"].iter().any(|w| rest.starts_with(w) || w.starts_with(rest));
        assert!(as_written, "evaluated: {:?}", text[at..].chars().take(200).collect::<String>());
    }
}
