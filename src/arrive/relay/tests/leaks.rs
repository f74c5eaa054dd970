//! What of a notice could be left in a reply, and how each of it is held.

use super::*;

#[test]
fn a_note_that_gmail_wrapped_does_not_go_on_from_its_second_line() {
    let text = "#note Klaus is a difficult customer and has threatened us with a lawyer before,\nbe careful\n\nDear Klaus,\nit is mended.";
    let html = "<div dir=\"ltr\">#note Klaus is a difficult customer and has threatened us with a lawyer before, be careful<div><br></div>\
                <div>Dear Klaus,</div><div>it is mended.</div></div>";
    let relayed = read(&Client { name: "wrapped", text: Some(text.into()), html: Some(html.into()) }, 1);
    assert_eq!(relayed.text, "Dear Klaus,\nit is mended.");
    assert_eq!(relayed.html.as_deref().map(shown).as_deref(), Some("Dear Klaus, it is mended."));
}

pub(super) fn leak_of(text: &str) -> Option<Leaked> {
    relayed(&mail(&part("text/plain", text)), 0, &own()).err().map(|leak| leak.what)
}

#[test]
fn a_quote_that_is_not_known_leaks_and_is_held() {
    let unknown = |rest: &str| format!("Mended.\n\n~~~ odd client ~~~\n{rest}");
    assert_eq!(leak_of(&unknown(&notice(false))), Some(Leaked::InternalMark));
    assert_eq!(leak_of(&unknown("internal\nTO THE\u{a0}desk: NW-12")), Some(Leaked::InternalMark));
    assert_eq!(leak_of(&unknown("odd: \u{2013} please / write / above / this line --")), Some(Leaked::Marker));
    for purpose in [Purpose::Staff, Purpose::Internal, Purpose::Confirm, Purpose::Bounce] {
        let address = token_address(purpose);
        let doubly = address.replace('+', "%252B");
        let torn = address.replace('.', ".\n  ");
        for text in [address.clone(), address.replace('+', "%2b"), doubly, torn, address.to_uppercase()] {
            assert_eq!(leak_of(&unknown(&text)), Some(Leaked::Token), "{text}");
        }
    }
    assert_eq!(leak_of(&unknown(&token_address(Purpose::Customer))), None);
    assert_eq!(leak_of(&unknown("ask support+sales.department@northwind.example")), None);
}

#[test]
fn a_wrapped_marker_cuts_as_a_whole_one_does() {
    for marker in [
        "> -- please write\n> above this line --",
        "--\nplease write above this line --",
        "*-- please\u{a0}write above this line --*",
    ] {
        let text = format!("Mended.\n\n{marker}\n{INTERNAL_MARK}");
        assert_eq!(read(&Client { name: "torn", text: Some(text), html: None }, 0).text, "Mended.", "{marker}");
    }
}

#[test]
fn html_that_leaks_is_dropped_and_the_text_goes_alone() {
    let link = token_address(Purpose::Staff).replace('+', "%2B");
    let html = format!("<p>It is <a href=\"mailto:{link}\">mended</a>.</p>");
    let relayed = read(&Client { name: "link", text: Some("It is mended.".into()), html: Some(html) }, 0);
    assert_eq!((relayed.text.as_str(), relayed.html), ("It is mended.", None));
}

#[test]
fn our_notice_as_an_attached_mail_is_held() {
    let inner = format!("Subject: NW-12\r\nReply-To: {}\r\n\r\nwords", token_address(Purpose::Staff));
    let hidden = data_encoding::BASE64.encode(format!("Subject: x\r\n\r\n{INTERNAL_MARK}").as_bytes());
    for attached in [
        format!("Content-Type: message/rfc822\r\n\r\n{inner}"),
        format!("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{hidden}"),
        format!("Content-Type: application/octet-stream; name=a.eml\r\nContent-Disposition: attachment\r\n\r\n{inner}"),
        "Content-Type: text/html; name=a.html\r\nContent-Disposition: attachment\r\n\r\n<b>Internal</b> to the desk"
            .to_owned(),
    ] {
        let raw = mail(&multipart("mixed", &[part("text/plain", "Mended."), attached.clone()]));
        let leak = relayed(&raw, 0, &own()).expect_err(&attached);
        assert!(matches!(leak.place, Place::File(_)), "{leak}");
    }
    let clean = "Content-Type: message/rfc822\r\n\r\nSubject: offer\r\n\r\nwords".to_owned();
    let raw = mail(&multipart("mixed", &[part("text/plain", "Mended."), clean]));
    assert_eq!(relayed(&raw, 0, &own()).expect("no leak").files[0].name.as_deref(), Some("offer.eml"));
}

#[test]
fn a_whole_mail_that_nobody_can_look_into_stops_all_of_it() {
    for kind in [
        "application/ms-tnef; name=winmail.dat",
        "application/octet-stream; name=\"WINMAIL.DAT\"",
        "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        "application/vnd.ms-outlook; name=\"AW notice.msg\"",
    ] {
        let opaque = format!("Content-Type: {kind}\r\n\r\nx");
        let raw = mail(&multipart("mixed", &[part("text/plain", "Mended."), opaque]));
        assert_eq!(relayed(&raw, 0, &own()).expect_err(kind).what, Leaked::Opaque);
    }
}

#[test]
fn what_only_looks_like_a_quote_is_not_left_out_unasked() {
    for (text, short) in [
        ("Dear Klaus,\n\nDate: 3 December\nFrom: 9:00\nTo: 12:00\n\nMei", true),
        ("Dear Klaus,\nOn 20 November 2026 you wrote:\nthe lamp is broken.", true),
        ("Dear Klaus,\n\nit comes.\n\nOn Fri, 20 Nov 2026 at 23:40, Care <s@n.example> wrote:\n> Mei,", false),
        ("It comes.\n\n-----Original Message-----\nFrom: Care\n\n-- please write above this line --\nMei,", false),
        (
            "Dear Klaus, my answers are below.\n\nOn Fri, 20 Nov 2026 at 23:40, Care <s@n.example> wrote:\n> -- please write above this line --\n> He asks when.\n\nOn Monday.\n",
            true,
        ),
        ("It comes.\nSent via DHL, tracking 0034.\nYours, Mei", false),
    ] {
        let relayed = relayed(&mail(&part("text/plain", text)), 0, &own()).expect("no leak");
        assert_eq!(relayed.cut_short, short, "{text}: {}", relayed.text);
        assert!(!text.contains("DHL") || relayed.text.contains("DHL"));
    }
}
