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
