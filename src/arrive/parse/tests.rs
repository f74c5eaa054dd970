use super::*;

fn read(raw: &str) -> Mail {
    parse(raw.as_bytes())
}

#[test]
fn an_empty_mail_is_a_mail_with_defects() {
    let mail = parse(b"");
    assert!(mail.has_defect(Defect::NoHeader) && mail.has_defect(Defect::NoFrom));
}

#[test]
fn the_header_is_kept_as_it_stands() {
    let mail = read("From: a@b.example\r\nX-Note: one\r\n two\r\nx-note: three\r\n\r\n");
    assert_eq!(mail.header("X-NOTE"), Some("one two"));
    assert_eq!(mail.headers_named("x-note").count(), 2);
    assert_eq!((mail.from_fields, mail.return_path), (1, ReturnPath::Absent));
}

#[test]
fn a_null_return_path_is_told_from_none_and_from_junk() {
    let path = |value: &str| read(&format!("Return-Path: {value}\r\nFrom: a@b.example\r\n\r\n")).return_path;
    assert_eq!((path("<>"), path(" < >")), (ReturnPath::Null, ReturnPath::Null));
    assert!(matches!(path("<a@b.example>"), ReturnPath::Address(_)));
    assert_eq!(path("<\u{fc}@b.example>"), ReturnPath::Unreadable);
}

#[test]
fn attachments_are_named_measured_and_given_back() {
    let raw = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nSee.\r\n--x\r\n\
               Content-Type: image/png; name=\"=?utf-8?Q?L=C3=A4mpe.png?=\"\r\nContent-Transfer-Encoding: base64\r\n\r\n\
               TGFtcGU=\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nSubject: Inner\r\n\r\nwords\r\n--x--\r\n";
    let mail = read(raw);
    let names: Vec<_> = mail.attachments.iter().filter_map(|a| a.name.as_deref()).collect();
    assert_eq!(names, ["L\u{e4}mpe.png", "Inner.eml"]);
    assert_eq!((mail.attachments[0].size_bytes, mail.text.trim()), (5, "See."));
    assert_eq!(attachment_bytes(raw.as_bytes(), 0).as_deref(), Some(b"Lampe".as_slice()));
    assert_eq!(attachment_bytes(raw.as_bytes(), 1).as_deref(), Some(b"Subject: Inner\r\n\r\nwords".as_slice()));
    assert_eq!(attachment_bytes(raw.as_bytes(), 2), None);
}

#[test]
fn copies_by_other_roads_have_one_digest() {
    let body = "From: a@b.example\nTo: c@d.example\nSubject: Lamp\nDate: Fri, 20 Nov 2026 23:40:00 +0100\n";
    let one = read(&format!("Received: x\n{body}\nIt broke =\nagain.\n"));
    let other = read(
        &format!("{body}Received: y\nContent-Transfer-Encoding: quoted-printable\n\nIt broke =3D\n again.\n")
            .replace('\n', "\r\n"),
    );
    let changed = read(&format!("{body}\nIt broke = for good.\n"));
    assert_eq!(one.digest, other.digest);
    assert_ne!(one.digest, changed.digest);
}

#[test]
fn html_beside_empty_text_is_read() {
    let raw = "From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n \n--x\n\
               Content-Type: text/html\n\n<p>It broke</p>\n--x--\n";
    assert_eq!(read(raw).new_text, "It broke");
}

#[test]
fn huge_mail_is_bounded_and_flagged() {
    let head = "From: a@b.example\r\n";
    let ids: String = (0..12_000).map(|n| format!("<{n}@b>\r\n ")).collect();
    let references = format!("{head}References: {ids}\r\n\r\nx");
    let mail = read(&references);
    assert!(
        mail.references.len() == 100
            && mail.references[99].as_str() == "11999@b"
            && mail.has_defect(Defect::TooManyReferences)
    );
    let people = format!("{head}To: {}\r\n\r\nx", "a@b.example, ".repeat(5_000));
    let mail = read(&people);
    assert!(mail.to.len() <= 500 && mail.has_defect(Defect::TooManyAddresses));
    let fields = format!("{head}{}\r\nx", "X-A: b\r\n".repeat(100_000));
    assert!(read(&fields).has_defect(Defect::TooManyHeaders));
    let words = format!("{head}Subject: {}\r\n\r\nx", "=?utf-8?Q?a?= ".repeat(15_000));
    assert!(read(&words).subject.is_some_and(|s| s.len() >= 15_000));
    let line = format!("{head}\r\n{}", "> ".repeat(2_000_000));
    assert!(!read(&line).text.is_empty());
}

/// The words of one part with these fields and this body.
fn part(fields: &str, body: &[u8]) -> Mail {
    parse(&[b"From: a@b.example\nMessage-ID: <1@b.example>\n", fields.as_bytes(), b"\n\n", body].concat())
}

#[test]
fn raw_header_bytes_are_read_in_the_charset_of_the_words() {
    let subject = "\u{41b}\u{430}\u{43c}\u{43f}\u{430} \u{441}\u{43b}\u{43e}\u{43c}\u{430}\u{43b}\u{430}\u{441}\u{44c}";
    for label in ["koi8-r", "windows-1251", "iso-8859-5"] {
        let known = encoding_rs::Encoding::for_label(label.as_bytes()).expect("a label");
        let words = known.encode(subject).0;
        let raw = [
            b"Subject: ",
            &*words,
            b"\nFrom: \"",
            &*words,
            b"\" <a@b.example>\nContent-Type: text/plain; charset=",
            label.as_bytes(),
            b"\n\n",
            &*words,
        ]
        .concat();
        let mail = parse(&raw);
        assert_eq!(mail.subject.as_deref(), Some(subject), "{label}");
        assert_eq!(mail.from[0].name.as_deref(), Some(subject), "{label}");
        assert_eq!(mail.text, subject, "{label}");
    }
}

#[test]
fn raw_header_bytes_without_any_label_are_known_by_their_looks() {
    let of = |bytes: &[u8], label: &str| {
        let raw = [
            b"From: a@b.example\nSubject: ",
            bytes,
            b"\nContent-Type: text/plain; charset=",
            label.as_bytes(),
            b"\n\nwords\n",
        ]
        .concat();
        parse(&raw).subject.expect("a subject")
    };
    let chinese =
        "\u{8f6c}\u{53d1}\u{ff1a}\u{6574}\u{4f53}\u{63d0}\u{5347}\u{4f01}\u{4e1a}\u{670d}\u{52a1}\u{6c34}\u{5e73}";
    assert_eq!(of(&encoding_rs::GBK.encode(chinese).0, "us-ascii"), chinese);
    assert_eq!(of("L\u{e4}mpe".as_bytes(), "gb2312"), "L\u{e4}mpe");
    assert_eq!(of(b"Gr\xf6\xdfe der L\xe4mpe", "us-ascii"), "Gr\u{f6}\u{df}e der L\u{e4}mpe");
    assert_eq!(of(b"Gr\xf6\xdfe der L\xe4mpe", "utf-8"), "Gr\u{f6}\u{df}e der L\u{e4}mpe");
}

#[test]
fn a_file_name_of_raw_bytes_is_read_in_the_charset_of_the_words() {
    let name = encoding_rs::SHIFT_JIS.encode("\u{30e9}\u{30f3}\u{30d7}\u{306e}\u{5199}\u{771f}.jpg").0;
    let raw = [
        &b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=shift_jis\n\nok\n--x\n\
           Content-Type: image/jpeg\nContent-Disposition: attachment; filename=\""[..],
        &*name,
        b"\"\n\nxx\n--x--\n",
    ]
    .concat();
    assert_eq!(
        parse(&raw).attachments[0].name.as_deref(),
        Some("\u{30e9}\u{30f3}\u{30d7}\u{306e}\u{5199}\u{771f}.jpg")
    );
}

#[test]
fn html_says_its_charset_where_the_header_does_not() {
    let html = b"<html><head><meta http-equiv=Content-Type content=\"text/html; charset=iso-8859-2\"></head><p>za\xbf\xf3\xb3\xe6</p>";
    assert_eq!(part("Content-Type: text/html", html).text, "za\u{17c}\u{f3}\u{142}\u{107}");
    let html = b"<?xml version=\"1.0\" encoding=\"koi8-r\"?><p>\xec\xc1\xcd\xd0\xc1</p>";
    assert_eq!(part("Content-Type: text/html", html).text, "\u{41b}\u{430}\u{43c}\u{43f}\u{430}");
    // The header's word goes first (RFC 2854 section 6).
    let html = b"<meta charset=koi8-r><p>L\xe4mpe</p>";
    assert_eq!(part("Content-Type: text/html; charset=iso-8859-15", html).text, "L\u{e4}mpe");
}

#[test]
fn flowed_text_is_whole_and_its_quotes_are_still_folded() {
    let body = "My lamp \nis broken \nagain.\n\nOn Fri, Nov 20, 2026 at 10:00 AM Mei Tan <mei@northwind.example> \nwrote:\n\
                > Your new lamp \n> is on its way.\n";
    let mail = part("Content-Type: text/plain; charset=utf-8; format=flowed; delsp=no", body.as_bytes());
    assert_eq!(mail.new_text, "My lamp is broken again.");
    assert!(mail.text.contains("> Your new lamp is on its way."), "{}", mail.text);
    assert!(part("Content-Type: text/plain", body.as_bytes()).text.contains("My lamp \nis"));
    let joined = part("Content-Type: text/plain; format=FLOWED; DelSp=Yes", b"Lam \npe\n");
    assert_eq!(joined.text, "Lampe\n");
}

#[test]
fn a_uuencoded_file_is_a_file_and_yenc_is_text() {
    let body = "See the file.\n\nbegin 644 ../cat.txt\n#0V%T\n`\nend\n";
    let raw = format!("From: a@b.example\n\n{body}");
    let mail = read(&raw);
    assert_eq!(mail.text.trim(), "See the file.");
    assert_eq!((mail.attachments[0].name.as_deref(), mail.attachments[0].size_bytes), (Some("_cat.txt"), 3));
    assert_eq!(attachment_bytes(raw.as_bytes(), 0).as_deref(), Some(b"Cat".as_slice()));
    assert_eq!(open(raw.as_bytes()).files[0].bytes, b"Cat");
    let yenc = part("Subject: x", b"=ybegin line=128 size=3 name=a.bin\nxyz\n=yend size=3\n");
    assert!(yenc.attachments.is_empty() && yenc.text.contains("=ybegin"));
}

#[test]
fn a_mail_inside_in_base64_is_opened() {
    let inner = "Subject: Inner\nContent-Type: multipart/mixed; boundary=y\n\n--y\n\nwords\n--y--\n";
    let wrapped = data_encoding::BASE64.encode(inner.as_bytes());
    let raw = format!(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee.\n--x\nContent-Type: message/rfc822\n\
         Content-Transfer-Encoding: base64\n\n{wrapped}\n--x--\n"
    );
    let mail = read(&raw);
    assert_eq!((mail.parts.embedded, mail.parts.leaf, mail.text.trim()), (1, 2, "See."));
    assert_eq!(mail.attachments[0].name.as_deref(), Some("Inner.eml"));
    assert_eq!(attachment_bytes(raw.as_bytes(), 0).as_deref(), Some(inner.as_bytes()));
    // A header that ends without a blank line does not go on with that of the mail inside.
    let headless =
        format!("To: a@b.example\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n{wrapped}\n");
    assert_eq!(read(&headless).subject, None);
    // Unwrapped, this one would put its words into the mail around it.
    let out = data_encoding::BASE64.encode(b"Subject: Inner\n\n--x\n\nforged\n");
    let mail = read(&raw.replace(&wrapped, &out));
    assert_eq!((mail.parts.embedded, mail.text.trim()), (0, "See."));
    // A wrong label over a mail that is plain.
    let mail = read(&raw.replace(&wrapped, "Subject: Plain\n\nwords"));
    assert_eq!(mail.attachments[0].name.as_deref(), Some("Plain.eml"));
}

#[test]
fn a_text_that_is_cut_off_is_shown_and_kept_as_a_file() {
    let head = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\none\n--x\n";
    let mail = read(&format!("{head}\ntwo, and no end\n"));
    assert_eq!(mail.text, "one\ntwo, and no end\n");
    assert_eq!((mail.attachments.len(), mail.parts.text), (1, 1));
    assert!(mail.has_defect(Defect::Truncated));
    assert!(open(format!("{head}\ntwo, and no end\n").as_bytes()).files.is_empty(), "its words go along, not twice");
    let mail = read(&format!("{head}Content-Transfer-Encoding: base64\n\n?garbage\n--x--\n"));
    assert!(mail.text.contains("?garbage") && mail.has_defect(Defect::WrongEncoding) && mail.attachments.len() == 1);
    assert!(!read(&format!("{head}\ntwo\n--x--\n")).has_defect(Defect::Truncated));
}

#[test]
fn files_without_a_name_are_known_by_their_description() {
    let raw = "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee.\n--x\nContent-Type: application/pdf\n\
               Content-Description: Invoice 7/2026\n\nx\n--x\nContent-Type: message/rfc822\nContent-Description: Undelivered\n\n\n\
               --x\nContent-Type: image/png\nContent-Description: lamp.PNG\n\nx\n--x--\n";
    let mail = read(raw);
    let names: Vec<_> = mail.attachments.iter().filter_map(|a| a.name.as_deref()).collect();
    assert_eq!(names, ["Invoice 7_2026.pdf", "Undelivered.eml", "lamp.PNG"]);
}

#[test]
fn endless_words_are_read_up_to_a_limit_and_flagged() {
    let mail = part("Subject: x", "words ".repeat(2_000_000).as_bytes());
    assert!(mail.has_defect(Defect::TextTooLong) && mail.text.len() == body::MAX_TEXT_BYTES);
    assert!(mail.text.starts_with("words words") && Defect::TextTooLong.is_limit());
}

#[test]
fn escapes_in_a_header_are_letters_before_they_are_marks() {
    let name = "\u{30e9}\u{30f3}\u{30d7}\u{5c02}\u{9580}\u{5e97}";
    let jis = encoding_rs::ISO_2022_JP.encode(name).0;
    let raw = [b"Subject: ", &*jis, b"\nFrom: ", &*jis, b" <a@b.example>\n\nwords\n"].concat();
    let mail = parse(&raw);
    assert_eq!(mail.subject.as_deref(), Some(name));
    assert_eq!(mail.sender().and_then(|p| p.name.as_deref()), Some(name));
}
