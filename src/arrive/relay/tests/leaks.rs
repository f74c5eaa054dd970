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
fn a_header_block_in_an_unknown_language_shows_no_subject_of_a_notice() {
    let notice = "Klaus Berger (Lamp broken): offer by Tue 18:00 [NW-12]";
    let answer = |subject: &str, block: &str| {
        let words = format!("Mended.\n\n{block}\n\n{}", quoted(&self::notice(true)));
        relayed(format!("Subject: {subject}\r\n{}", part("text/plain", &words)).as_bytes(), 0, &own())
    };
    let hindi = format!(
        "\u{92a}\u{94d}\u{930}\u{947}\u{937}\u{915}: Support <support@n.example>\n\u{935}\u{93f}\u{937}\u{92f}: {notice}"
    );
    for (prefix, block) in [
        ("Re: ", hindi.clone()),
        ("\u{909}\u{924}\u{94d}\u{924}\u{930}: Re: ", hindi),
        ("", format!("~ {} ~", notice.to_uppercase())),
    ] {
        let leak = answer(&format!("{prefix}{notice}"), &block).expect_err(&block);
        assert_eq!(leak.what, Leaked::Subject, "{block}");
    }
    // A subject of the writer's own is nobody's secret.
    assert!(answer("Your lamp is mended and on its way", "Your lamp is mended and on its way").is_ok());
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
    let whole = format!(
        "From: x\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        data_encoding::BASE64.encode(inner.as_bytes())
    );
    for (name, bytes) in [
        ("notice.htm", "<p><b>Internal</b> to the desk</p>".to_owned()),
        ("notice", format!("take it: {}", token_address(Purpose::Staff))),
        ("notice.mht", whole.clone()),
        ("notice.emlx", format!("1234\r\n{whole}<?xml version=\"1.0\"?>")),
        (
            "Inbox.mbox",
            format!("From a@b Fri Nov 20 2026\r\nSubject: a\r\n\r\nb\r\n\r\nFrom a@b Fri Nov 20 2026\r\n{whole}"),
        ),
    ] {
        let attached = format!(
            "Content-Type: application/octet-stream; name={name}\r\nContent-Disposition: attachment\r\n\r\n{bytes}"
        );
        let raw = mail(&multipart("mixed", &[part("text/plain", "Mended."), attached]));
        let leak = relayed(&raw, 0, &own()).expect_err(name);
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
        ("Dear Klaus,\n\nDate: 3 December\nFrom: 9:00\nTo: 12:00\n\nMei", false),
        ("Dear Klaus,\n\nDate: 3 December\nFrom: shop@n.example\nTo: you\n\nMei", true),
        ("Dear Klaus,\nas I said on 20.11.2026 at 10:30, Care wrote:\nthe lamp is broken.", true),
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
        assert!(!text.contains("9:00") || relayed.text == text, "{}", relayed.text);
    }
}

#[test]
fn a_mail_encrypted_in_its_text_stops_all_of_it() {
    let armored = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=abcd\n-----END PGP MESSAGE-----\n";
    let leak = relayed(&mail(&part("text/plain", armored)), 0, &own()).expect_err("opaque");
    assert_eq!((leak.what, leak.place), (Leaked::Opaque, Place::Text));
    let quoted = format!("Mended.\n\nOn Fri, 20 Nov 2026, Klaus <k@b.example> wrote:\n{}", quoted(armored));
    assert_eq!(leak_of(&quoted), None);
}

#[test]
fn a_notice_signed_in_place_and_quoted_back_is_cut_as_any_other() {
    let frame = |words: &str| {
        let escaped: String =
            words.lines().map(|l| if l.starts_with('-') { format!("- {l}\n") } else { format!("{l}\n") }).collect();
        format!(
            "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n{escaped}-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n"
        )
    };
    let on = "On Fri, 20 Nov 2026 at 23:40, Support <support@northwind.example> wrote:";
    for text in [
        frame(&format!("Mended.\n\n{on}\n{}", quoted(&notice(true)))),
        frame(&format!("Mended.\n\n{}", notice(true))),
        format!("{}\n{on}\n{}", frame("Mended."), quoted(&notice(true))),
    ] {
        let relayed = relayed(&mail(&part("text/plain", &text)), 0, &own()).expect("no leak");
        assert_eq!(relayed.text, "Mended.", "{text}");
    }
    assert_eq!(leak_of(&frame(&format!("Mended.\n\n~~~ odd ~~~\n{}", notice(false)))), Some(Leaked::InternalMark));
}

#[test]
fn notices_quoted_in_every_language_are_cut_or_held() {
    for above in [
        "Am 20.11.2026 um 23:40 schrieb Support <support@northwind.example>:",
        "Le ven. 20 nov. 2026 \u{e0} 23:40, Support <support@northwind.example> a \u{e9}crit\u{a0}:",
        "\u{43f}\u{442}, 20 \u{43d}\u{43e}\u{44f}\u{431}. 2026 \u{433}. \u{432} 23:40, Support <support@northwind.example>:",
        "2026\u{5e74}11\u{6708}20\u{65e5}(\u{91d1}) 23:40 Support <support@northwind.example>:",
        "Support <support@northwind.example> \u{4e8e}2026\u{5e74}11\u{6708}20\u{65e5}\u{5468}\u{4e94} 23:40\u{5199}\u{9053}\u{ff1a}",
        "Von: Support <support@northwind.example>\nGesendet: Freitag\nAn: Mei\nBetreff: [NW-12] Lampe",
        "\u{53d1}\u{4ef6}\u{4eba}: Support <support@northwind.example>\n\u{53d1}\u{9001}\u{65f6}\u{95f4}: x\n\u{6536}\u{4ef6}\u{4eba}: Mei\n\u{4e3b}\u{9898}: x",
        "----- Some rule that nobody knows -----",
        "Nobody knows this line at all",
    ] {
        for marker in [true, false] {
            for quote in [notice(marker), quoted(&notice(marker)), notice(marker).replace('\n', "\n\u{a0}")] {
                let text = format!("Mended.\n\n{above}\n{quote}");
                match relayed(&mail(&part("text/plain", &text)), 0, &own()) {
                    Ok(relayed) => {
                        assert!(relayed.text.starts_with("Mended.") && !relayed.text.contains("hinge"), "{text}")
                    }
                    Err(leak) => assert_ne!(leak.what, Leaked::Opaque, "{text}"),
                }
            }
        }
    }
}

#[test]
fn answers_between_the_lines_of_a_notice_are_held() {
    let lines = quoted(&notice(true));
    let (head, tail) =
        lines.split_at(lines.len() / 2 - lines[..lines.len() / 2].chars().rev().take_while(|c| *c != '\n').count());
    for on in ["", "On Fri, 20 Nov 2026 at 23:40, Support <support@northwind.example> wrote:\n"] {
        let text = format!("{on}{head}On Monday.\n{tail}");
        match relayed(&mail(&part("text/plain", &text)), 0, &own()) {
            Ok(relayed) => assert!(relayed.cut_short || relayed.text.is_empty(), "{}", relayed.text),
            Err(leak) => panic!("{leak}"),
        }
    }
}

#[test]
fn answers_below_a_marked_quote_go_on_once_their_writer_has_seen_them() {
    let above =
        format!("On Fri, 20 Nov 2026 at 23:40, Support <support@northwind.example> wrote:\n{}", quoted(&notice(true)));
    for (below, words) in [
        ("\nOn Monday.\n\nMei\n", "On Monday.\n\nMei"),
        ("the end of a wrapped line\n\nOn Monday.\n", "On Monday."),
        ("\nOn Monday.\n\nSent from my iPhone\n", "On Monday."),
        ("\nOn Monday.\n> He asks when.\nthe end of it\n\nNow.\n", "On Monday.\nNow."),
        // A command stands on top; what is no answer is left out, as it was asked for.
        ("\n#close\n", ""),
        ("\nOn Monday.\n\n\u{ff03} take\n", ""),
        ("the end of a wrapped line\n", ""),
    ] {
        let relayed = relayed(&mail(&part("text/plain", &format!("{above}{below}"))), 0, &own()).expect("no leak");
        assert_eq!((relayed.text.as_str(), relayed.cut_short), (words, true), "{below:?}");
    }
    let html = format!("<blockquote type=\"cite\">{}</blockquote><p>On Monday.</p><p>Mei</p>", notice_html(true));
    let relayed = relayed(&mail(&part("text/html", &html)), 0, &own()).expect("no leak");
    assert_eq!((one_line(&relayed.text).as_str(), relayed.cut_short), ("On Monday. Mei", true));
}

#[test]
fn a_notice_of_which_only_the_beginning_is_marked_is_no_answer() {
    let notice = notice(true);
    let (marker, rest) = notice.split_once('\n').expect("a marker");
    assert_eq!(leak_of(&format!("> {marker}\n\n{rest}")), Some(Leaked::InternalMark));
}
