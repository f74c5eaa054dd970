use super::*;

const LAMP_JA: &str = "\u{30e9}\u{30f3}\u{30d7}\u{304c}\u{58ca}\u{308c}\u{307e}\u{3057}\u{305f}";
const LAMP_RU: &str =
    "\u{41b}\u{430}\u{43c}\u{43f}\u{430} \u{441}\u{43b}\u{43e}\u{43c}\u{430}\u{43b}\u{430}\u{441}\u{44c}";

fn text(bytes: &[u8], label: &str) -> String {
    to_utf8(bytes, Some(label)).0
}

#[test]
fn every_encoding_of_the_web_is_read_by_its_own_name() {
    for label in [
        "utf-8",
        "ibm866",
        "iso-8859-2",
        "iso-8859-3",
        "iso-8859-4",
        "iso-8859-5",
        "iso-8859-6",
        "iso-8859-7",
        "iso-8859-8",
        "iso-8859-8-i",
        "iso-8859-10",
        "iso-8859-13",
        "iso-8859-14",
        "iso-8859-15",
        "iso-8859-16",
        "koi8-r",
        "koi8-u",
        "macintosh",
        "windows-874",
        "windows-1250",
        "windows-1251",
        "windows-1252",
        "windows-1253",
        "windows-1254",
        "windows-1255",
        "windows-1256",
        "windows-1257",
        "windows-1258",
        "x-mac-cyrillic",
        "gbk",
        "gb18030",
        "big5",
        "euc-jp",
        "shift_jis",
        "euc-kr",
    ] {
        let known = Encoding::for_label(label.as_bytes()).expect("a label of the web");
        // What it can say of a text in many scripts, and no more.
        let all = format!(
            "Caf\u{e9} {LAMP_RU} {LAMP_JA} \u{5df1}\u{6240} \u{ac00}\u{b78c} \u{3b1}\u{3b2}\u{3b3} \u{5d0}\u{5d1} \u{627}\u{628} \u{e01}\u{e02} \u{159}\u{161}"
        );
        let said: String = all.chars().filter(|c| !known.encode(c.encode_utf8(&mut [0; 4])).2).collect();
        assert_eq!(to_utf8(&known.encode(&said).0, Some(label)), (said.clone(), true), "{label}: {said}");
    }
}

#[test]
fn labels_of_other_worlds_are_known() {
    let sjis = encoding_rs::SHIFT_JIS.encode(LAMP_JA).0;
    for label in ["cp932", "CP932", "ms932", "windows-31j", "x-sjis", "x-ms-cp932", "MS_Kanji", "\"Shift_JIS\""] {
        assert_eq!(text(&sjis, label), LAMP_JA, "{label}");
    }
    for label in ["utf8mb4", "utf8", "UTF_8", "unicode-1-1-utf-8", "cp65001"] {
        assert_eq!(to_utf8("L\u{e4}mpe".as_bytes(), Some(label)), ("L\u{e4}mpe".into(), true), "{label}");
    }
    let cyrillic = encoding_rs::WINDOWS_1251.encode(LAMP_RU).0;
    for label in ["cp1251", "win-1251", "x-cp1251", "windows1251", "CP-1251"] {
        assert_eq!(text(&cyrillic, label), LAMP_RU, "{label}");
    }
    assert_eq!(text(b"\xb1", "ISO_8859-2:1987"), "\u{105}");
    assert_eq!(text(b"\x84", "cp850"), "\u{e4}");
}

#[test]
fn unknown_labels_are_told_and_lose_nothing() {
    assert_eq!(to_utf8(b"L\xe4mpe", Some("x-nobody-knows")), ("L\u{e4}mpe".into(), false));
    assert_eq!(to_utf8(b"L\xe4mpe", None), ("L\u{e4}mpe".into(), true));
}

#[test]
fn seven_bit_japanese_needs_no_label() {
    let jis = encoding_rs::ISO_2022_JP.encode(LAMP_JA).0;
    for label in [None, Some("us-ascii"), Some("iso-8859-1"), Some("utf-8"), Some("shift_jis"), Some("iso-2022-jp-3")] {
        assert_eq!(to_utf8(&jis, label).0, LAMP_JA, "{label:?}");
    }
    assert_eq!(to_utf8(b"\x1b$)C\x0e0!\x0f", None).0, "\u{ac00}");
    let sjis = encoding_rs::SHIFT_JIS.encode(LAMP_JA).0;
    assert_eq!(to_utf8(&sjis, Some("iso-2022-jp")), (LAMP_JA.into(), false), "eight bits under a seven-bit label");
}

#[test]
fn utf_8_is_known_under_any_label() {
    for label in ["us-ascii", "iso-8859-1", "windows-1252", "gb2312", "shift_jis", "iso-2022-jp", "koi8-r", "utf-16"] {
        assert_eq!(text(LAMP_JA.as_bytes(), label), LAMP_JA, "{label}");
    }
    for label in ["us-ascii", "iso-8859-1"] {
        assert_eq!(text("L\u{e4}mpe".as_bytes(), label), "L\u{e4}mpe", "{label}");
    }
}

#[test]
fn a_wrong_latin_label_is_given_up_only_for_another_script() {
    let words = "\u{304a}\u{4e16}\u{8a71}\u{306b}\u{306a}\u{3063}\u{3066}\u{304a}\u{308a}\u{307e}\u{3059}\u{3002}";
    let sjis = encoding_rs::SHIFT_JIS.encode(words).0;
    let gbk =
        encoding_rs::GBK.encode("\u{60a8}\u{597d}\u{ff0c}\u{6211}\u{7684}\u{53f0}\u{706f}\u{574f}\u{4e86}\u{3002}").0;
    for label in ["us-ascii", "iso-8859-1", "utf-8", ""] {
        assert_eq!(text(&sjis, label), words, "{label}");
        assert!(text(&gbk, label).starts_with("\u{60a8}\u{597d}"), "{label}");
    }
    for label in ["us-ascii", "iso-8859-1", "utf-8"] {
        assert_eq!(text(b"Gr\xfc\xdfe aus K\xf6ln", label), "Gr\u{fc}\u{df}e aus K\u{f6}ln", "{label}");
    }
}

#[test]
fn a_text_that_was_cut_in_a_character_keeps_the_rest() {
    let cut = &LAMP_JA.as_bytes()[..LAMP_JA.len() - 1];
    let (read, fits) = to_utf8(cut, Some("utf-8"));
    assert!(read.starts_with(&LAMP_JA[..LAMP_JA.len() - 3]) && !fits);
    let euc = encoding_rs::EUC_JP.encode(LAMP_JA).0;
    assert!(to_utf8(&euc[..euc.len() - 1], Some("euc-jp")).0.starts_with(&LAMP_JA[..LAMP_JA.len() - 3]));
}

#[test]
fn wide_units_are_read_in_either_order() {
    let units: Vec<u16> = "L\u{e4}mpe kaputt".encode_utf16().collect();
    let big: Vec<u8> = units.iter().flat_map(|u| u.to_be_bytes()).collect();
    let little: Vec<u8> = units.iter().flat_map(|u| u.to_le_bytes()).collect();
    for label in ["utf-16", "utf-16le", "utf-16be"] {
        assert_eq!(text(&big, label), "L\u{e4}mpe kaputt", "{label}");
        assert_eq!(text(&little, label), "L\u{e4}mpe kaputt", "{label}");
    }
    assert_eq!(text(&[b"\xfe\xff", big.as_slice()].concat(), "us-ascii"), "L\u{e4}mpe kaputt");
    assert_eq!(text(b"only ASCII", "utf-16"), "only ASCII");
    let points: Vec<u8> = "L\u{e4}mpe".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    assert_eq!(text(&points, "utf-32"), "L\u{e4}mpe");
}

#[test]
fn utf_7_is_read() {
    assert_eq!(text(b"L+AOQ-mpe", "utf-7"), "L\u{e4}mpe");
    assert_eq!(text(b"1 +- 1", "UNICODE-1-1-UTF-7"), "1 + 1");
}
