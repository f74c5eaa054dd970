use lettre::message::Message;

use super::*;
use crate::arrive::{html, parse, relay};
use crate::mail::LetterId;
use crate::token::Tokens;

fn file(name: &str, mime_type: &str, bytes: &[u8]) -> File {
    File { name: Some(name.into()), mime_type: mime_type.into(), bytes: bytes.into(), ..File::default() }
}

fn shown(id: &str) -> File {
    File { content_id: Some(id.into()), inline: true, ..file("lamp.png", "image/png", b"\x89PNG\0") }
}

fn boundary() -> String {
    Tokens::new(&[7; 32], "desk", 0).boundary(LetterId(i64::MAX))
}

fn written(relayed: &Relayed) -> String {
    let builder = Message::builder()
        .from("support@northwind.example".parse().expect("an address"))
        .to("klaus@b.example".parse().expect("an address"))
        .date(std::time::UNIX_EPOCH)
        .message_id(Some("<x@northwind.example>".into()));
    let mail = builder.multipart(layered(relayed, &boundary())).expect("a mail");
    String::from_utf8(mail.formatted()).expect("ASCII")
}

/// What its reader's program makes of it.
fn read(relayed: &Relayed) -> Relayed {
    relay::relayed(written(relayed).as_bytes(), 0, &[]).expect("nothing internal")
}

fn words(text: &str, html: Option<&str>, files: Vec<File>) -> Relayed {
    Relayed { text: text.into(), html: html.map(Into::into), files, cut_short: false }
}

#[test]
fn what_went_in_comes_out() {
    let html = "<p>Dear Kl\u{e4}us,<br>see <img src=\"cid:a%2Bb@c\" alt=\"\"></p>";
    let own = words(
        "Dear Kl\u{e4}us,\nsee",
        Some(html),
        vec![shown("a+b@c"), file("Angebot \u{20ac}.pdf", "application/pdf", &[0; 400])],
    );
    assert_eq!(read(&own), own);
    let plain = words("Dear Kl\u{e4}us", Some("<p>Dear Kl\u{e4}us</p>"), vec![]);
    assert_eq!(read(&plain), plain);
}

#[test]
fn the_same_input_gives_the_same_bytes_of_short_ascii_lines() {
    let long = "\u{e4}".repeat(2000);
    let own = words(&long, None, vec![shown("a@b"), file(&long, "text/plain", long.as_bytes())]);
    let mail = written(&own);
    assert_eq!(mail, written(&own));
    assert!(mail.is_ascii() && mail.ends_with("\r\n"));
    // RFC 5322 section 2.1.1
    assert!(mail.lines().all(|line| line.len() <= 78), "{:?}", mail.lines().find(|line| line.len() > 78));
    assert!(!mail.replace("\r\n", "").contains(['\r', '\n']));
}

#[test]
fn levels_are_nested_and_no_boundary_begins_another() {
    let both =
        words("a", Some("<p>a<img src=\"cid:a@b\"></p>"), vec![shown("a@b"), file("a.pdf", "application/pdf", b"a")]);
    let mail = written(&both);
    let at = |text: &str| mail.find(text).unwrap_or_else(|| panic!("{text} in\n{mail}"));
    assert!(at("multipart/mixed") < at("multipart/related") && at("multipart/related") < at("multipart/alternative;"));
    assert!(mail.contains("type=\"multipart/alternative\""), "{mail}");
    assert!(boundary().len() + 2 <= 70);
    assert!(!written(&words("a", None, vec![])).contains("mixed"));
}

#[test]
fn without_html_the_text_is_shown_as_it_stands_and_pictures_are_attached() {
    let own = words("A <b> & \"c\"\n  two\n\nthree", None, vec![shown("a@b")]);
    let mail = parse::parse(written(&own).as_bytes());
    let html = mail.html.expect("a form of its own");
    assert_eq!(html.trim(), "<p>A &lt;b&gt; &amp; &quot;c&quot;<br>\n&nbsp;&nbsp;two</p>\n<p>three</p>");
    assert_eq!(html::to_text(&html).text, "A <b> & \"c\"\n  two\n\nthree");
    assert_eq!((mail.attachments[0].inline, &mail.attachments[0].content_id), (false, &None));
}

#[test]
fn a_hostile_name_or_type_breaks_no_header() {
    for name in [
        "a\r\nBcc: x@y.example",
        "\"; x=\"y",
        "../../etc/passwd",
        "\u{202e}gpj.exe",
        "=?utf-8?q?a?=",
        "",
        "...",
        "a;b'c%20\u{1f4a1}.png",
    ] {
        for kind in [
            "image/png\r\nX: y",
            "text/html; charset=x",
            "message/rfc822",
            "multipart/mixed",
            "",
            "a/b/c",
            "image/",
            "\u{e4}/b",
            "x/\"y\"",
        ] {
            let mut hostile = shown("a@b>\r\nX: y");
            hostile.name = Some(name.into());
            hostile.mime_type = kind.into();
            let own = words("a", Some("<p>a</p>"), vec![hostile, file(name, kind, b"bytes")]);
            let raw = written(&own);
            let mail = parse::parse(raw.as_bytes());
            assert_eq!(mail.attachments.len(), 2, "{name:?} {kind:?}\n{raw}");
            assert!(
                mail.attachments.iter().all(|a| a.mime_type == BYTES && !a.inline && a.content_id.is_none()),
                "{raw}"
            );
            assert_eq!(parse::attachment_bytes(raw.as_bytes(), 1).as_deref(), Some(b"bytes".as_slice()));
            assert!(!raw.contains("\nBcc") && !raw.contains("\nX:"), "{raw}");
            let read = mail.attachments[1].name.as_deref().unwrap_or_default();
            assert!(!read.is_empty() && !read.contains(['/', '"', '\u{202e}']), "{name:?}: {read:?}");
        }
    }
}

#[test]
fn a_long_id_stays_one() {
    let id = format!("{}@c.example", "a".repeat(180));
    let own = words("a", Some(&format!("<p>a<img src=\"cid:{id}\"></p>")), vec![shown(&id)]);
    assert_eq!(read(&own).files[0].content_id.as_deref(), Some(id.as_str()));
}

#[test]
fn names_are_such_as_any_disk_takes() {
    let named = |name: &str, kind: &str| {
        let own = words("a", None, vec![file(name, kind, b"x")]);
        let mail = parse::parse(written(&own).as_bytes());
        mail.attachments[0].name.clone().unwrap_or_default()
    };
    for (name, wanted) in [
        ("Angebot \u{20ac}.pdf", "Angebot \u{20ac}.pdf"),
        ("..\\..\\x.exe", "_.._x.exe"),
        ("C:\\x\\y.png", "C__x_y.png"),
        ("a<b>|?*.txt", "a_b____.txt"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("com1.tar.gz", "_com1.tar.gz"),
        ("LPT\u{b2}.x", "_LPT\u{b2}.x"),
        ("company.txt", "company.txt"),
        ("COM10", "COM10"),
        ("run.exe. . ", "run.exe"),
        (".htaccess", "htaccess"),
        ("photo\u{202e}gnp.exe", "photognp.exe"),
        ("a\u{0}b\tc\nd.txt", "ab c d.txt"),
    ] {
        assert_eq!(named(name, "application/pdf"), wanted, "{name:?}");
    }
    let long = named(&format!("{}.docx", "\u{e4}".repeat(400)), "application/pdf");
    assert!(long.ends_with("\u{e4}.docx") && long.chars().count() == NAME_CHARS, "{long}");
    let endless = named(&format!("a.{}", "b".repeat(400)), "application/pdf");
    assert_eq!(endless.chars().count(), NAME_CHARS);
    for (kind, wanted) in [
        ("text/calendar", "invite.ics"),
        ("image/jpeg", "picture.jpg"),
        ("message/rfc822", "mail.eml"),
        ("x/y", "attachment"),
    ] {
        assert_eq!(named("", kind), wanted);
        assert_eq!(named("...", kind), wanted);
    }
}

#[test]
fn texts_say_how_they_are_encoded_where_that_is_known() {
    let kind = |mime_type: &str, bytes: &[u8]| {
        let mail = written(&words("a", None, vec![file("a", mime_type, bytes)]));
        let at = mail.find(&format!("Content-Type: {mime_type}")).expect("its type");
        mail[at..].lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(kind("text/calendar", "SUMMARY:K\u{e4}se".as_bytes()), "Content-Type: text/calendar; charset=utf-8");
    assert_eq!(kind("text/csv", b"K\xe4se"), "Content-Type: text/csv");
    assert_eq!(kind("text/csv", b"Kase"), "Content-Type: text/csv");
    assert_eq!(kind("image/png", "\u{e4}".as_bytes()), "Content-Type: image/png");
}
