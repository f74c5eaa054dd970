//! Encoded words (RFC 2047) and charsets by their labels.
//!
//! Neighbouring words of one charset are joined before they are decoded, because real mailers cut them inside a
//! character. An unknown label is read as UTF-8, and as windows-1252 where it is none: words are never lost.

use std::borrow::Cow;

use encoding_rs::Encoding;

use super::transfer;

/// RFC 2047 section 2 allows 75; real ones are longer, and an endless one must not be looked through for each start.
const MAX_WORD_BYTES: usize = 4096;

/// Decodes the encoded words of a header value; the rest stays as it is.
pub fn decode(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut pending: Option<(String, Vec<u8>)> = None;
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, word) = rest.split_at(start);
        let Some((charset, bytes, after)) = encoded_word(word) else {
            flush(&mut pending, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = &word[2..];
            continue;
        };
        // RFC 2047 section 6.2: white space between two encoded words is not shown.
        let glued = pending.is_some() && before.chars().all(char::is_whitespace);
        match &mut pending {
            Some((label, joined)) if glued && label.eq_ignore_ascii_case(charset) => joined.extend(bytes),
            _ => {
                flush(&mut pending, &mut out);
                if !glued {
                    out.push_str(before);
                }
                pending = Some((charset.to_owned(), bytes));
            }
        }
        rest = after;
    }
    flush(&mut pending, &mut out);
    out.push_str(rest);
    out
}

fn flush(pending: &mut Option<(String, Vec<u8>)>, out: &mut String) {
    if let Some((charset, bytes)) = pending.take() {
        out.push_str(&to_utf8(&bytes, Some(&charset)).0);
    }
}

/// `=?charset*language?B?text?=` at the start of `word`: charset, bytes, what follows.
fn encoded_word(word: &str) -> Option<(&str, Vec<u8>, &str)> {
    let near = &word[..word.floor_char_boundary(MAX_WORD_BYTES)];
    let (charset, rest) = near.strip_prefix("=?")?.split_once('?')?;
    let (kind, rest) = rest.split_once('?')?;
    // An unencoded `?` stands in words of some mailers; only `?=` ends one.
    let inner = &rest[..rest.find("?=")?];
    if charset.is_empty() || charset.len() > 40 {
        return None;
    }
    let after = &word[near.len() - rest.len() + inner.len() + 2..];
    let charset = charset.split_once('*').map_or(charset, |(c, _)| c);
    let bytes = match kind {
        "B" | "b" => transfer::base64(inner.as_bytes()),
        "Q" | "q" => transfer::q_word(inner.as_bytes()),
        _ => return None,
    };
    Some((charset, bytes, after))
}

/// Bytes as text by the label of a charset. The second is false where the label is unknown or the bytes do not fit it.
pub fn to_utf8(bytes: &[u8], label: Option<&str>) -> (String, bool) {
    let label = label.map(|l| l.trim().trim_matches(|c| c == '"' || c == '\'')).filter(|l| !l.is_empty());
    let Some(label) = label else { return (guess(bytes).into_owned(), true) };
    // The one charset that the web's list, and so encoding_rs, leaves out.
    let is_utf7 = label.eq_ignore_ascii_case("utf-7") || label.eq_ignore_ascii_case("unicode-1-1-utf-7");
    if is_utf7 && let Some(decoder) = mail_parser::decoders::charsets::map::charset_decoder(b"utf-7") {
        return (decoder(bytes), true);
    }
    match by_label(label) {
        Some(encoding) if encoding == encoding_rs::UTF_8 => {
            (guess(bytes).into_owned(), std::str::from_utf8(bytes).is_ok())
        }
        Some(encoding) => {
            let (text, fits) = encoding.decode_without_bom_handling(bytes);
            (text.into_owned(), !fits)
        }
        None => (guess(bytes).into_owned(), false),
    }
}

/// UTF-8 where it is some, also with a broken byte; ISO-2022-JP by its escapes; else windows-1252, which gives every
/// byte a letter.
fn guess(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.is_ascii() && bytes.windows(2).any(|pair| pair == b"\x1b$") {
        return encoding_rs::ISO_2022_JP.decode_without_bom_handling(bytes).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let lossy = String::from_utf8_lossy(bytes);
    let (broken, wide) = lossy.chars().fold((0, 0), |(broken, wide), c| match c {
        char::REPLACEMENT_CHARACTER => (broken + 1, wide),
        c if !c.is_ascii() => (broken, wide + 1),
        _ => (broken, wide),
    });
    // Few letters of another charset make valid UTF-8 by chance.
    if broken * 4 <= wide { lossy } else { encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0 }
}

/// Labels that encoding_rs does not know (its list is the web's), after those that it does.
fn by_label(label: &str) -> Option<&'static Encoding> {
    if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
        return Some(encoding);
    }
    let bare: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let alias = match bare.as_str() {
        "cp932" | "mskanji" | "xsjis" | "windows31j" | "sjis" => "shift_jis",
        "utf8mb4" | "utf8" | "xutf8" | "utf8mb3" => "utf-8",
        "cp949" | "ksc5601" | "ksc56011987" | "uhc" => "euc-kr",
        "cp936" | "gb2312" | "xgbk" => "gbk",
        "cp950" | "big5hkscs" => "big5",
        "latin1" | "iso88591" | "8859" | "iso8859" | "ansix34" | "usascii" | "ascii" | "cp819" => "windows-1252",
        "iso885915" | "latin9" | "latin0" => "iso-8859-15",
        "eucjp" | "ujis" => "euc-jp",
        "iso2022jp" | "iso2022jp1" | "iso2022jp2" => "iso-2022-jp",
        other => return by_number(other),
    };
    Encoding::for_label(alias.as_bytes())
}

/// `cp1250`, `win1251`, `windows1252`, `iso88592`.
fn by_number(bare: &str) -> Option<&'static Encoding> {
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let label = match digits {
        d if d.len() == 4 && d.starts_with("125") => format!("windows-{d}"),
        d if d.starts_with("8859") && d.len() > 4 => format!("iso-8859-{}", &d[4..]),
        "866" => "ibm866".to_owned(),
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_between_two_words_is_whole_again() {
        assert_eq!(decode("=?utf-8?Q?K=C3?= =?UTF-8?Q?=A4se?= und =?utf-8?B?TMOkbXBl?="), "K\u{e4}se und L\u{e4}mpe");
    }

    #[test]
    fn what_is_no_encoded_word_stays() {
        for text in ["a =? b", "=?x?y?z", "=?utf-8?Z?a?=", "50 =?= 50"] {
            assert_eq!(decode(text), text);
        }
    }

    #[test]
    fn labels_of_other_worlds_are_known() {
        assert_eq!(to_utf8(b"\x83\x89\x83\x93\x83v", Some("cp932")).0, "\u{30e9}\u{30f3}\u{30d7}");
        assert_eq!(to_utf8("Lämpe".as_bytes(), Some("utf8mb4")).0, "L\u{e4}mpe");
        assert_eq!(to_utf8(b"L\xe4mpe", Some("x-unknown")), ("L\u{e4}mpe".into(), false));
        assert_eq!(to_utf8(b"L\xe4mpe", None).0, "L\u{e4}mpe");
    }
}
