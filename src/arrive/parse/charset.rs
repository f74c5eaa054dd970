//! Bytes as text by the label of a charset, or without one: every charset that encoding_rs knows (the WHATWG list), the
//! names that mailers invented beside it, UTF-7 (RFC 2152), UTF-32 and the seven-bit charsets.
//!
//! A label is believed only as far as the bytes fit it. What is valid UTF-8 is UTF-8, for hardly any other text is so by
//! chance; Latin and missing labels are given up where the bytes are surely another script. Nothing fails: in the end
//! windows-1252 gives every byte a letter.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::{detect, seven_bit, utf_7};

enum Charset {
    Web(&'static Encoding),
    /// ISO-2022 and HZ: ASCII bytes with marks that switch the script.
    SevenBit,
    Utf7,
    Utf16,
    /// Its bytes in the order of the network.
    Utf32 {
        big: bool,
    },
    Other(fn(&[u8]) -> String),
}

/// Bytes as text. The second is false where the label is unknown or the bytes do not fit it.
pub fn to_utf8(bytes: &[u8], label: Option<&str>) -> (String, bool) {
    let (text, fits) = read(bytes, label);
    (text.into_owned(), fits)
}

/// The encoding of a label that says more than "some Latin or Unicode letters": worth asking for bytes without a label.
pub fn telling(label: &str) -> Option<&'static Encoding> {
    match by_label(bare(label)) {
        Some(Charset::Web(encoding)) if encoding != UTF_8 && encoding != WINDOWS_1252 => Some(encoding),
        _ => None,
    }
}

/// `None` where a byte does not fit.
pub fn exactly(bytes: &[u8], encoding: &'static Encoding) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned)
}

fn bare(label: &str) -> &str {
    label.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | ','))
}

fn read<'a>(bytes: &'a [u8], label: Option<&str>) -> (Cow<'a, str>, bool) {
    let label = label.map(bare).filter(|l| !l.is_empty());
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return (encoding.decode_without_bom_handling(&bytes[mark..]).0, true);
    }
    let Some(label) = label else { return (guess(bytes), true) };
    match by_label(label) {
        None => (guess(bytes), false),
        Some(Charset::Utf7) if bytes.is_ascii() => (utf_7::decode(bytes).into(), true),
        Some(Charset::Utf7) => (guess(bytes), false),
        Some(Charset::SevenBit) if bytes.is_ascii() => {
            let text = seven_bit::decode(bytes);
            let fits = !text.contains(char::REPLACEMENT_CHARACTER);
            (text.into(), fits)
        }
        // The eight-bit form of the same language, or UTF-8.
        Some(Charset::SevenBit) => (guess(bytes), false),
        Some(Charset::Utf16) => utf_16(bytes, label),
        Some(Charset::Utf32 { big }) => utf_32(bytes, big),
        Some(Charset::Other(decode)) if !bytes.is_ascii() => (decode(bytes).into(), true),
        Some(Charset::Other(_)) => (guess(bytes), true),
        Some(Charset::Web(encoding)) => web(bytes, encoding),
    }
}

fn web<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> (Cow<'a, str>, bool) {
    if bytes.is_ascii() {
        return (guess(bytes), true);
    }
    if encoding == UTF_8 || encoding == WINDOWS_1252 {
        // Labels that programs write without having looked (RFC 2046 section 4.1.2 has ASCII as the default).
        let text = guess(bytes);
        let fits = encoding == WINDOWS_1252 || std::str::from_utf8(bytes).is_ok();
        return (text, fits);
    }
    let utf8 = std::str::from_utf8(bytes).ok();
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => match utf8 {
            // So many sequences are no chance: the label is wrong.
            Some(utf8) if sequences(utf8) >= if encoding.is_single_byte() { 2 } else { 3 } => (utf8.into(), false),
            _ => (text, true),
        },
        None => (utf8.map_or_else(|| misfit(bytes, encoding), Cow::Borrowed), false),
    }
}

/// Broken in a few places it is still what the label says; else what it looks like.
fn misfit<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Cow<'a, str> {
    let text = encoding.decode_without_bom_handling(bytes).0;
    let (broken, wide) = broken_and_wide(&text);
    if broken * 8 <= wide {
        return text;
    }
    detect::encoding(bytes).and_then(|e| exactly(bytes, e)).map_or(text, Cow::Owned)
}

fn sequences(text: &str) -> usize {
    text.chars().filter(|c| !c.is_ascii()).take(3).count()
}

fn broken_and_wide(text: &str) -> (usize, usize) {
    text.chars().fold((0, 0), |(broken, wide), c| match c {
        char::REPLACEMENT_CHARACTER => (broken + 1, wide),
        c if !c.is_ascii() => (broken, wide + 1),
        _ => (broken, wide),
    })
}

/// Without a label worth anything: the seven-bit charsets by their marks, UTF-8 where it is some, also with a broken byte,
/// another script where the bytes are surely that; else windows-1252.
fn guess(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.is_ascii() && seven_bit::is_some(bytes) {
        return seven_bit::decode(bytes).into();
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    if detect::is_plainly_western(bytes) {
        return WINDOWS_1252.decode_without_bom_handling(bytes).0;
    }
    let lossy = String::from_utf8_lossy(bytes);
    let (broken, wide) = broken_and_wide(&lossy);
    // Few letters of another charset make valid UTF-8 by chance.
    if broken * 4 <= wide {
        return lossy;
    }
    drop(lossy);
    let encoding = detect::encoding(bytes).unwrap_or(WINDOWS_1252);
    encoding.decode_without_bom_handling(bytes).0
}

/// RFC 2781 section 4.3: without a mark big endian; yet most write the order of their machine.
fn utf_16<'a>(bytes: &'a [u8], label: &str) -> (Cow<'a, str>, bool) {
    if !bytes.contains(&0) && std::str::from_utf8(bytes).is_ok() {
        return (guess(bytes), false);
    }
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).filter(|b| **b == 0).count();
    let big = match (zeros(0), zeros(1)) {
        (even, odd) if even != odd => even > odd,
        _ => label.to_ascii_lowercase().ends_with("be"),
    };
    let (text, broken) = if big { UTF_16BE } else { UTF_16LE }.decode_without_bom_handling(bytes);
    (text, !broken)
}

fn utf_32(bytes: &[u8], big: bool) -> (Cow<'_, str>, bool) {
    if !bytes.contains(&0) {
        return (guess(bytes), false);
    }
    let (mut text, mut fits) = (String::with_capacity(bytes.len() / 4), bytes.len().is_multiple_of(4));
    for four in bytes.chunks_exact(4) {
        let four = [four[0], four[1], four[2], four[3]];
        let number = if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) };
        match char::from_u32(number) {
            Some('\u{feff}') => {}
            Some(c) => text.push(c),
            None => {
                fits = false;
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
    }
    (text.into(), fits)
}

/// Labels that encoding_rs does not know (its list is the web's) before and after those that it does.
fn by_label(label: &str) -> Option<Charset> {
    let bare: String = label.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    match bare.as_str() {
        "utf7" | "unicode11utf7" | "csunicode11utf7" | "xunicode20utf7" => return Some(Charset::Utf7),
        "utf16" | "utf16le" | "utf16be" | "ucs2" | "iso10646ucs2" | "unicode" => return Some(Charset::Utf16),
        "utf32" | "utf32be" | "ucs4" | "iso10646ucs4" => return Some(Charset::Utf32 { big: true }),
        "utf32le" => return Some(Charset::Utf32 { big: false }),
        "hz" | "hzgb2312" | "cp50220" | "cp50221" | "cp50222" | "jis" | "jis7" => return Some(Charset::SevenBit),
        seven if seven.starts_with("iso2022") || seven.starts_with("csiso2022") => return Some(Charset::SevenBit),
        _ => {}
    }
    if let Some(encoding) = Encoding::for_label_no_replacement(label.as_bytes()).or_else(|| by_alias(&bare)) {
        return Some(Charset::Web(encoding));
    }
    // A few tables of the old personal computers.
    mail_parser::decoders::charsets::map::charset_decoder(label.as_bytes()).map(Charset::Other)
}

fn by_alias(bare: &str) -> Option<&'static Encoding> {
    let alias = match bare {
        "cp932" | "ms932" | "mskanji" | "xsjis" | "windows31j" | "sjis" | "shiftjis" | "xmscp932" | "cp943" => {
            "shift_jis"
        }
        "utf8mb4" | "utf8" | "xutf8" | "utf8mb3" | "unicode11utf8" | "cp65001" | "utf" => "utf-8",
        "cp949" | "ms949" | "ksc5601" | "ksc56011987" | "ksx1001" | "uhc" | "euckr" | "korean" => "euc-kr",
        "cp936" | "ms936" | "gb2312" | "xgbk" | "gb" | "euccn" | "gb231280" | "chinese" => "gbk",
        "cp54936" | "gb180302000" | "gb180302005" | "gb18030" => "gb18030",
        "cp950" | "ms950" | "big5hkscs" | "big5" | "cnbig5" | "big5eten" => "big5",
        "latin1" | "iso88591" | "8859" | "iso8859" | "ansix34" | "usascii" | "ascii" | "cp819" | "iso646us"
        | "ansi" | "ansix341968" | "ansix341986" | "7bit" | "8bit" | "unknown8bit" | "xunknown" | "default"
        | "western" => "windows-1252",
        "latin2" | "cp912" => "iso-8859-2",
        "iso885915" | "latin9" | "latin0" => "iso-8859-15",
        "eucjp" | "ujis" | "xeuc" | "xeucjp" => "euc-jp",
        "koi8" | "koi8r" | "cp20866" => "koi8-r",
        "koi8u" | "koi8ru" => "koi8-u",
        "macroman" | "mac" | "xmacroman" | "applemacintosh" => "macintosh",
        "tis620" | "cp874" | "iso885911" | "xwindows874" => "windows-874",
        other => return by_number(other),
    };
    Encoding::for_label(alias.as_bytes())
}

/// `cp1250`, `win1251`, `windows1252`, `iso88592`, `xcp1251`.
fn by_number(bare: &str) -> Option<&'static Encoding> {
    let digits = bare.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let label = match digits {
        d if d.len() == 4 && d.starts_with("125") => format!("windows-{d}"),
        // The year behind a name of ISO is of no use: `iso885921987`.
        d if d.starts_with("8859") && d.len() > 8 => {
            format!("iso-8859-{}", d[4..].strip_suffix(&d[d.len() - 4..]).unwrap_or(&d[4..]))
        }
        d if d.starts_with("8859") && d.len() > 4 => format!("iso-8859-{}", &d[4..]),
        "866" => "ibm866".to_owned(),
        "874" => "windows-874".to_owned(),
        _ => return None,
    };
    Encoding::for_label_no_replacement(label.as_bytes())
}

#[cfg(test)]
mod tests;
