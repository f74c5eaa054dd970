//! Address cleaning: whatever stands in an address field, what comes out can stand in an envelope and in a header.

use amends::arrive::parse;
use amends::mail::{Address, MessageId, clean_line, clean_name};

use super::checks;

pub fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    cleaned(&text);
    if let Some(address) = Address::parse(&text) {
        checks::envelope(&address);
        checks::envelope(&address.split_detail().0);
        assert!(address.masked().is_ascii() || address.masked().contains('…'));
    }
    if let Some(id) = MessageId::new(&text) {
        assert!(!id.as_str().chars().any(|c| c.is_whitespace() || c.is_control() || "<>".contains(c)), "{id:?}");
    }
    in_fields(data);
}

fn cleaned(text: &str) {
    let (line, name) = (clean_line(text), clean_name(text));
    assert!(checks::is_clean(&line) && line.trim() == line && !line.contains("  "), "{line:?}");
    assert_eq!(clean_line(&line), line, "cleaned twice it is another line");
    assert!(checks::is_clean(&name) && name.chars().count() <= 128, "{name:?}");
    // Letters are never lost: a name of any script stays readable.
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
    assert_eq!(letters(&line), letters(text), "letters are lost of {text:?}");
}

/// In every field that names people, raw and as an encoded word (which may hold what the field may not).
fn in_fields(data: &[u8]) {
    let raw: Vec<u8> = data.iter().map(|b| if matches!(b, b'\r' | b'\n') { b' ' } else { *b }).collect();
    let hex: String = data.iter().take(60).map(|b| format!("={b:02X}")).collect();
    let encoded = format!("=?utf-8?Q?{hex}?= <klaus@customer.example>").into_bytes();
    for value in [raw, encoded] {
        let mut mail = Vec::new();
        for name in ["From", "Reply-To", "To", "Cc", "Return-Path"] {
            mail.extend(format!("{name}: ").bytes());
            mail.extend(&value);
            mail.extend(b"\r\n");
        }
        mail.extend(b"Subject: ");
        mail.extend(&value);
        mail.extend(b"\r\n\r\nBroken.\r\n");
        let read = checks::read(&mail);
        assert_eq!(parse::parse(&mail).from, read.from);
    }
}
