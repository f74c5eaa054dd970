use super::*;
use crate::mail::{CaseId, INTERNAL_MARK, PersonId, REPLY_MARKER};
use crate::token::{Purpose, TOKEN_CHARS, Tokens, address_with};

mod clients;
mod leaks;

use clients::{Client, clients};
use leaks::leak_of;

const WORDS: &str = "Dear Klaus,\n\nyour lamp is mended & comes back on Friday.\n\nBest regards\nMei Tan";
const PNG: &str = "iVBORw0KGgo=";

fn own() -> Vec<Address> {
    vec![Address::parse("support@northwind.example").expect("an address")]
}

fn token_address(purpose: Purpose) -> String {
    let tokens = Tokens::new(&[7; 32], "desk", 0);
    let now = "2026-11-20T22:40:00Z".parse().expect("an instant");
    let token = tokens.mint_staff(CaseId(12), &PersonId::new("mei"), 0, now).expect("a token");
    assert_eq!(token.len(), TOKEN_CHARS);
    address_with(&own()[0], purpose, &token).expect("short enough").to_string()
}

/// Our notice as text, long; a program that quotes it has the marker to be cut by, or not.
fn notice(marker: bool) -> String {
    let marker = if marker { REPLY_MARKER } else { "" };
    let history =
        "Klaus Berger wrote that the hinge broke again, and asked when somebody would look at it.\n".repeat(40);
    let address = token_address(Purpose::Staff);
    format!("{marker}\n{INTERNAL_MARK}: NW-12, due today.\n\n{history}\nTake it: {address}\n")
}

fn notice_html(marker: bool) -> String {
    let text = notice(marker).replace('\n', "<br>\n");
    let link = token_address(Purpose::Internal).replace('+', "%2B");
    format!("<div>{text}<a href=\"mailto:{link}\">take</a> <img src=\"cid:quoted@customer\" alt=\"hinge\"></div>")
}

fn quoted(text: &str) -> String {
    text.lines().map(|line| format!("> {line}\n")).collect()
}

fn part(kind: &str, body: &str) -> String {
    format!("Content-Type: {kind}; charset=utf-8\r\n\r\n{}\r\n", body.replace('\n', "\r\n"))
}

fn multipart(kind: &str, parts: &[String]) -> String {
    let parts: String = parts.iter().map(|part| format!("--{kind}\r\n{part}\r\n")).collect();
    format!("Content-Type: multipart/{kind}; boundary={kind}\r\n\r\n{parts}--{kind}--\r\n")
}

fn picture(id: &str, name: &str) -> String {
    format!(
        "Content-Type: image/png; name={name}\r\nContent-ID: <{id}>\r\nContent-Disposition: inline; filename={name}\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{PNG}"
    )
}

const PDF: &str = "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"offer.pdf\"\r\n\
                   Content-Transfer-Encoding: base64\r\n\r\nJVBERg==";

fn body(client: &Client) -> String {
    match (&client.text, &client.html) {
        (Some(text), None) => part("text/plain", text),
        (None, Some(html)) => part("text/html", html),
        (text, html) => multipart(
            "alternative",
            &[part("text/plain", text.as_deref().unwrap_or("")), part("text/html", html.as_deref().unwrap_or(""))],
        ),
    }
}

fn mail(body: &str) -> Vec<u8> {
    format!("From: Mei Tan <mei@northwind.example>\r\nMIME-Version: 1.0\r\n{body}").into_bytes()
}

fn read(client: &Client, commands: usize) -> Relayed {
    relayed(&mail(&body(client)), commands, &own()).unwrap_or_else(|leak| panic!("{}: {leak}", client.name))
}

/// What is left of an HTML for a reader.
fn shown(html: &str) -> String {
    html::to_text(html).text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_new_words_go_on_and_nothing_else() {
    for marker in [true, false] {
        for client in clients(WORDS, "", marker) {
            let relayed = read(&client, 0);
            assert_eq!(one_line(&relayed.text), one_line(WORDS), "{} (marker {marker})", client.name);
            assert_eq!(relayed.files, [], "{}", client.name);
            let html = relayed.html.as_deref().map(shown);
            assert_eq!(html, client.html.as_ref().map(|_| one_line(WORDS)), "{} (marker {marker})", client.name);
        }
    }
}

#[test]
fn commands_on_top_are_taken_out_of_both_forms() {
    for client in clients(&format!("#fixed\n\n#note call them\n\n{WORDS}"), "", true) {
        let relayed = read(&client, 2);
        assert_eq!(one_line(&relayed.text), one_line(WORDS), "{}", client.name);
        let html = relayed.html.as_deref().map(shown);
        assert_eq!(html, client.html.as_ref().map(|_| one_line(WORDS)), "{}", client.name);
    }
}

#[test]
fn where_nothing_new_was_written_nothing_goes() {
    for (words, commands) in [("", 0), ("#fixed", 1), ("#fixed\n\n#note one", 2)] {
        for client in clients(words, "", true) {
            let relayed = read(&client, commands);
            assert_eq!(relayed, Relayed::default(), "{} {words:?}", client.name);
        }
    }
}

#[test]
fn a_new_picture_goes_along_and_a_quoted_one_stays() {
    for client in clients(WORDS, "<img src=\"cid:new@staff\" alt=\"lamp\">", true) {
        let files = [body(&client), picture("new@staff", "new.png"), picture("quoted@customer", "old.png")];
        let raw = mail(&multipart("mixed", &[multipart("related", &files), PDF.to_owned()]));
        let relayed = relayed(&raw, 0, &own()).expect(client.name);
        let names: Vec<(&str, bool)> =
            relayed.files.iter().map(|f| (f.name.as_deref().unwrap_or_default(), f.inline)).collect();
        assert_eq!(one_line(&relayed.text), one_line(WORDS), "{}", client.name);
        if client.html.is_none() {
            // Nothing says where a picture belongs: a mail of text alone has only files.
            assert_eq!(names, [("new.png", false), ("old.png", false), ("offer.pdf", false)], "{}", client.name);
            continue;
        }
        assert_eq!(names, [("new.png", true), ("offer.pdf", false)], "{}", client.name);
        let html = relayed.html.expect(client.name);
        assert!(html.contains("cid:new@staff") && !html.contains("quoted@customer"), "{}: {html}", client.name);
        assert_eq!(relayed.files[1].bytes, b"%PDF");
    }
}

#[test]
fn html_that_says_something_else_stays_and_its_pictures_are_attached() {
    let html = "<div>Quite other words <img src=\"cid:new@staff\"></div>";
    let alternative = multipart("alternative", &[part("text/plain", WORDS), part("text/html", html)]);
    let raw = mail(&multipart("related", &[alternative, picture("new@staff", "new.png")]));
    let relayed = relayed(&raw, 0, &own()).expect("no leak");
    assert_eq!((relayed.text.as_str(), relayed.html), (WORDS, None));
    assert_eq!(relayed.files.iter().map(|f| f.inline).collect::<Vec<_>>(), [false]);
}

#[test]
fn form_is_kept_and_nothing_active_or_remote_goes() {
    let text = "We *will* do:\n\n   - one\n   - two\n\nSee our page <https://l.example/x>.\n[image: logo]";
    let html = "<div>We <b>will</b> do:</div><ul><li>one</li><li>two</li></ul><div onclick='x()'>See <a \
                href=\"https://l.example/x\">our page</a>.<script>x()</script><img src=\"https://t.example/p.png\"></div>";
    let client = Client { name: "form", text: Some(text.into()), html: Some(html.into()) };
    let relayed = read(&client, 0);
    assert_eq!(relayed.text, "We *will* do:\n\n   - one\n   - two\n\nSee our page <https://l.example/x>.");
    let html = relayed.html.expect("the same words");
    for wanted in ["<b>will</b>", "<li>two</li>", "href=\"https://l.example/x\""] {
        assert!(html.contains(wanted), "{wanted} in {html}");
    }
    for bad in ["script", "onclick", "t.example", "<img"] {
        assert!(!html.contains(bad), "{bad} in {html}");
    }
}

#[test]
fn the_signature_stays_and_the_phone_is_not_named() {
    let text = format!(
        "Done.\n\n-- \nMei Tan\nNorthwind Ltd\n\nSent from my iPhone\n\nOn Fri, 20 Nov 2026, Desk <support@northwind.example> wrote:\n{}",
        quoted(&notice(true))
    );
    let client = Client { name: "signature", text: Some(text), html: None };
    assert_eq!(read(&client, 0).text, "Done.\n\n-- \nMei Tan\nNorthwind Ltd");
}

#[test]
fn answers_between_quotes_are_kept() {
    let text = "On Fri, 20 Nov 2026, Klaus wrote:\n> What broke?\nThe hinge.\n> And now?\nA new lamp.";
    let html = "<div class=\"moz-cite-prefix\">On Fri, 20 Nov 2026, Klaus wrote:</div><blockquote type=\"cite\">What broke?</blockquote>\
                <p>The hinge.</p><blockquote type=\"cite\">And now?</blockquote><p>A new lamp.</p>";
    let relayed = read(&Client { name: "between", text: Some(text.into()), html: Some(html.into()) }, 0);
    assert_eq!(relayed.text, "The hinge.\nA new lamp.");
    assert_eq!(relayed.html.as_deref(), Some("<p>The hinge.</p><p>A new lamp.</p>"));
}

#[test]
fn the_xml_in_comments_of_outlook_is_no_depth() {
    let xml = "<w:LsdException Locked=\"false\" Name=\"heading\"/>".repeat(400);
    let html =
        format!("<html><head><!--[if gte mso 9]><xml>{xml}</xml><![endif]--></head><body><p>Mended.</p></body></html>");
    let relayed = read(&Client { name: "xml", text: Some("Mended.".into()), html: Some(html) }, 0);
    assert_eq!(relayed.html.as_deref().map(str::trim), Some("<p>Mended.</p>"));
}

#[test]
fn signatures_of_the_transport_stay() {
    let signature = "Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nx".to_owned();
    let raw = mail(&multipart("mixed", &[part("text/plain", "Mended."), signature]));
    assert_eq!(relayed(&raw, 0, &own()).expect("no leak").files, []);
}

#[test]
fn keys_and_invitations_are_files_and_clear_signed_words_go_on() {
    let signature = "Content-Type: application/pgp-signature; name=signature.asc\r\n\r\niQ".to_owned();
    let key =
        "Content-Type: application/pgp-keys; name=key.asc\r\nContent-Disposition: attachment\r\n\r\nmQ".to_owned();
    let invitation = "Content-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\nEND:VCALENDAR".to_owned();
    let forms = [part("text/plain", "Mended."), part("text/html", "<p>Mended.</p>"), invitation];
    let mixed = multipart("mixed", &[multipart("alternative", &forms), key.clone()]);
    let signed = multipart("signed", &[mixed, signature]);
    let relayed_of = |raw: &str| relayed(&mail(raw), 0, &own()).expect("no leak");
    let kinds = |relayed: &Relayed| relayed.files.iter().map(|f| f.mime_type.clone()).collect::<Vec<_>>();
    assert_eq!(relayed_of(&signed).text, "Mended.");
    assert_eq!(kinds(&relayed_of(&signed)), ["text/calendar"], "a program attached the key, with an internal address");
    let attached = multipart("mixed", &[part("text/plain", "Mended."), key]);
    assert_eq!(kinds(&relayed_of(&attached)), ["application/pgp-keys"], "a person attached it");
}

#[test]
fn files_that_do_not_fit_are_named() {
    let files = [part("text/plain", "My lamp."), PDF.to_owned(), picture("a@b", "lamp.png")];
    let raw = mail(&multipart("mixed", &files));
    let names = |most: usize| -> Vec<String> {
        super::files(&raw, most).into_iter().map(|file| file.name.unwrap_or_default()).collect()
    };
    assert_eq!(names(100), ["offer.pdf", "lamp.png"]);
    assert_eq!(names(4), ["offer.pdf", "not attached.txt"]);
    let said = super::files(&raw, 0).pop().map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let said = said.expect("a list");
    assert!(said.contains("offer.pdf (4 bytes)") && said.contains("lamp.png (8 bytes)"), "{said}");
}

#[test]
fn further_forms_of_the_body_are_no_files() {
    let forms =
        [part("text/plain", "Mended."), part("text/x-amp-html", "<p>Mended.</p>"), part("text/html", "<p>Mended.</p>")];
    let relayed = relayed(&mail(&multipart("alternative", &forms)), 0, &own()).expect("no leak");
    assert_eq!((relayed.text.as_str(), relayed.files.len()), ("Mended.", 0));
}

#[test]
fn hostile_mail_is_read_in_good_time() {
    assert_eq!(relayed(b"", 3, &own()), Ok(Relayed::default()));
    for html in [
        "<div>".repeat(50_000) + "deep",
        "<blockquote><p>".repeat(100) + "deep",
        "<p>x<br>".repeat(20_000),
        "<img src=\"cid:".repeat(20_000),
        "<!--".repeat(50_000) + &"-->".repeat(2),
        "<a title=\"<div class='gmail_quote'>\">".repeat(3_000),
        "</div></p><td>&#0;<table><p>".repeat(1_000),
    ] {
        let both = multipart("alternative", &[part("text/plain", "Mended."), part("text/html", &html)]);
        let relayed = relayed(&mail(&both), 5, &own()).expect("no leak");
        assert_eq!(relayed.html, None);
        let _ = super::relayed(&mail(&part("text/html", &html)), 0, &own());
    }
    for torn in ["[cid:", "[", "[image: [cid:", "words<https://", "- please write above\n", "On 1 wrote <a@b.c>:\n"] {
        assert_eq!(leak_of(&torn.repeat(50_000)), None);
    }
    let plus = "support+".repeat(100_000) + &"%2".repeat(100_000);
    assert_eq!(leak_of(&plus), None);
}
