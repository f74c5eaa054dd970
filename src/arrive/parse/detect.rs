//! The charset of bytes that carry no label, or a wrong one: only where there can be little doubt.
//!
//! chardetng (the detector of Firefox) names the likeliest, and what it names is believed only where its letters stand as
//! that script stands: in runs. A name in Latin letters with two accents must never become two Chinese characters, since
//! windows-1252 is right for nearly all mail without a label. `None`: in doubt.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

/// So many bytes are looked at.
const SAMPLE_BYTES: usize = 32 * 1024;
/// A Latin charset other than windows-1252 is believed with so many of its letters only.
const MIN_ACCENTS: usize = 12;

pub fn encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let first = bytes.iter().position(|b| !b.is_ascii())?;
    let sample = &bytes[first.saturating_sub(64)..];
    let sample = &sample[..sample.len().min(SAMPLE_BYTES)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, sample.len() == bytes.len() - first.saturating_sub(64));
    let found = detector.guess(None, Utf8Detection::Deny);
    let (text, broken) = found.decode_without_bom_handling(sample);
    // A character that the end of the sample cuts breaks nothing.
    let broken = broken && text.trim_end_matches(char::REPLACEMENT_CHARACTER).contains(char::REPLACEMENT_CHARACTER);
    (!broken && is_believable(found, &text)).then_some(found)
}

/// A few accents, each between letters of ASCII, are those of windows-1252, whatever [`encoding`] would think of them.
pub fn is_plainly_western(bytes: &[u8]) -> bool {
    let foreign = bytes.iter().filter(|b| !b.is_ascii()).take(MIN_ACCENTS).count();
    foreign < MIN_ACCENTS && !bytes.windows(2).any(|pair| !pair[0].is_ascii() && !pair[1].is_ascii())
}

fn is_believable(found: &'static Encoding, text: &str) -> bool {
    let seen = Seen::of(text);
    match found.name() {
        "windows-1252" => true,
        "GBK" | "gb18030" | "Big5" | "EUC-JP" | "Shift_JIS" | "EUC-KR" => {
            // All but a few stand beside another one; halves of Latin words do not.
            seen.wide >= 3 && seen.wide_in_runs * 10 >= seen.wide * 8 && seen.wide * 10 >= seen.foreign * 8
        }
        "windows-1251" | "KOI8-U" | "KOI8-R" | "IBM866" | "ISO-8859-5" | "x-mac-cyrillic" | "windows-1253"
        | "ISO-8859-7" | "windows-1255" | "ISO-8859-8" | "ISO-8859-8-I" | "windows-1256" | "ISO-8859-6"
        | "windows-874" => seen.foreign >= 5 && seen.foreign_in_runs * 10 >= seen.foreign * 7,
        _ => seen.foreign >= MIN_ACCENTS,
    }
}

/// How the letters that are not ASCII stand.
#[derive(Default)]
struct Seen {
    foreign: usize,
    foreign_in_runs: usize,
    /// Of East Asian scripts.
    wide: usize,
    wide_in_runs: usize,
}

impl Seen {
    fn of(text: &str) -> Self {
        let mut seen = Self::default();
        let mut before: Option<char> = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let mut beside = |is: fn(char) -> bool| before.is_some_and(is) || chars.peek().is_some_and(|n| is(*n));
            if is_foreign(c) {
                seen.foreign += 1;
                seen.foreign_in_runs += usize::from(beside(is_foreign));
            }
            if is_wide(c) {
                seen.wide += 1;
                seen.wide_in_runs += usize::from(beside(is_wide));
            }
            before = Some(c);
        }
        seen
    }
}

fn is_foreign(c: char) -> bool {
    !c.is_ascii() && (c.is_alphabetic() || is_wide(c))
}

/// Kana, Han, Hangul, and their punctuation and full-width forms.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_scripts_are_known_without_a_label() {
        for (label, text) in [
            (
                "gbk",
                "\u{8f6c}\u{53d1}\u{ff1a}\u{6574}\u{4f53}\u{63d0}\u{5347}\u{4f01}\u{4e1a}\u{670d}\u{52a1}\u{6c34}\u{5e73}",
            ),
            (
                "shift_jis",
                "\u{304a}\u{4e16}\u{8a71}\u{306b}\u{306a}\u{3063}\u{3066}\u{304a}\u{308a}\u{307e}\u{3059}\u{3002}\u{30e9}\u{30f3}\u{30d7}\u{304c}\u{58ca}\u{308c}\u{307e}\u{3057}\u{305f}",
            ),
            (
                "euc-jp",
                "\u{304a}\u{4e16}\u{8a71}\u{306b}\u{306a}\u{3063}\u{3066}\u{304a}\u{308a}\u{307e}\u{3059}\u{3002}",
            ),
            (
                "euc-kr",
                "\u{c8fc}\u{b9d0}\u{d2b9}\u{ac00} \u{c77c}\u{bcf8}\u{c815}\u{d488} \u{b7a8}\u{d504}\u{ac00} \u{ace0}\u{c7a5}\u{b0ac}\u{c2b5}\u{b2c8}\u{b2e4}",
            ),
            (
                "windows-1251",
                "\u{41b}\u{430}\u{43c}\u{43f}\u{430} \u{441}\u{43b}\u{43e}\u{43c}\u{430}\u{43b}\u{430}\u{441}\u{44c} \u{43e}\u{43f}\u{44f}\u{442}\u{44c}",
            ),
            (
                "koi8-r",
                "\u{41b}\u{430}\u{43c}\u{43f}\u{430} \u{441}\u{43b}\u{43e}\u{43c}\u{430}\u{43b}\u{430}\u{441}\u{44c} \u{43e}\u{43f}\u{44f}\u{442}\u{44c}",
            ),
        ] {
            let known = Encoding::for_label(label.as_bytes()).expect("a label");
            let bytes = known.encode(text).0;
            let found = encoding(&bytes).unwrap_or_else(|| panic!("{label} was not known"));
            assert_eq!(found.decode_without_bom_handling(&bytes).0, text, "{label} taken for {}", found.name());
        }
    }

    #[test]
    fn latin_words_stay_latin() {
        for text in [
            "Gr\u{f6}\u{df}e",
            "L\u{e4}mpe",
            "stra\u{df}e \u{fc}ber \u{e4}\u{f6}\u{fc}",
            "\u{c5}ngstr\u{f6}m",
            "na\u{ef}ve caf\u{e9} \u{e0} la cr\u{e8}me",
            "Se\u{f1}or Mu\u{f1}oz a\u{f1}o",
            "\u{ab}D\u{e9}j\u{e0} vu\u{bb}",
            "K\u{f8}benhavn bl\u{e5}b\u{e6}rgr\u{f8}d",
            "\u{20ac} 50 \u{2013} \u{201e}gut\u{201c}",
            "M\u{fc}\u{df}te sch\u{f6}n gr\u{fc}\u{df}en",
            "\u{c4}\u{d6}\u{dc}",
            "\u{e9}t\u{e9} \u{e9}\u{e9}",
            "Fa\u{df}ade ob\u{ed} p\u{f8}",
        ] {
            let bytes = encoding_rs::WINDOWS_1252.encode(text).0;
            let found = encoding(&bytes).unwrap_or(encoding_rs::WINDOWS_1252);
            assert_eq!(found.decode_without_bom_handling(&bytes).0, text, "taken for {}", found.name());
        }
    }
}
