//! Encoded words (RFC 2047), also as real mailers write them: cut inside a character or inside a group of base64, with
//! blanks in them, without a blank between them, inside quoted strings, in parameters, without their end.
//!
//! Neighbouring words of one charset are joined before they are decoded. What is no encoded word stays as it is.

use super::{charset, transfer};

/// RFC 2047 section 2 allows 75; real ones are longer, and an endless one must not be looked through for each start.
const MAX_WORD_BYTES: usize = 4096;

/// Neighbouring words of one charset.
struct Run<'t> {
    charset: &'t str,
    words: Vec<Word<'t>>,
}

#[derive(Clone, Copy)]
struct Word<'t> {
    is_base64: bool,
    text: &'t str,
}

/// Decodes the encoded words of a header value; the rest stays as it is.
pub fn decode(text: &str) -> String {
    if !text.contains("=?") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut run: Option<Run<'_>> = None;
    let mut rest = text;
    while let Some(start) = rest.find("=?") {
        let (before, from_here) = rest.split_at(start);
        let Some((charset, word, length)) = encoded_word(from_here) else {
            flush(&mut run, &mut out);
            out.push_str(before);
            out.push_str("=?");
            rest = &from_here[2..];
            continue;
        };
        // RFC 2047 section 6.2: white space between two encoded words is not shown.
        let glued = run.is_some() && before.chars().all(char::is_whitespace);
        match &mut run {
            Some(run) if glued && run.charset.eq_ignore_ascii_case(charset) => run.words.push(word),
            _ => {
                flush(&mut run, &mut out);
                if !glued {
                    out.push_str(before);
                }
                run = Some(Run { charset, words: vec![word] });
            }
        }
        rest = &from_here[length..];
    }
    flush(&mut run, &mut out);
    out.push_str(rest);
    out
}

/// How long the encoded word is that stands at the start of `text`.
pub fn length_at(text: &str) -> Option<usize> {
    if text.starts_with("=?") { encoded_word(text).map(|(_, _, length)| length) } else { None }
}

fn flush(run: &mut Option<Run<'_>>, out: &mut String) {
    let Some(Run { charset, words }) = run.take() else { return };
    let apart: Vec<u8> = words.iter().flat_map(bytes).collect();
    let (text, fits) = charset::to_utf8(&apart, Some(charset));
    // Cut inside a group of four: only the whole is base64.
    let is_cut = |word: &Word<'_>| word.is_base64 && !word.text.ends_with('=') && !word.text.len().is_multiple_of(4);
    if !fits && words.len() > 1 && words.iter().all(|w| w.is_base64) && words.iter().any(is_cut) {
        let joined: String = words.iter().map(|word| word.text).collect();
        let (whole, whole_fits) = charset::to_utf8(&transfer::base64(joined.as_bytes()), Some(charset));
        if whole_fits {
            out.push_str(&whole);
            return;
        }
    }
    out.push_str(&text);
}

fn bytes(word: &Word<'_>) -> Vec<u8> {
    if word.is_base64 { transfer::base64(word.text.as_bytes()) } else { transfer::q_word(word.text.as_bytes()) }
}

/// `=?charset*language?B?text?=` at the start of `text`: charset, its word, its length.
fn encoded_word(text: &str) -> Option<(&str, Word<'_>, usize)> {
    let near = &text[..text.floor_char_boundary(MAX_WORD_BYTES)];
    let (label, rest) = near.strip_prefix("=?")?.split_once('?')?;
    let (kind, rest) = rest.split_once('?')?;
    let is_base64 = match kind {
        "B" | "b" => true,
        "Q" | "q" => false,
        _ => return None,
    };
    if label.len() > 40 || label.contains(char::is_whitespace) {
        return None;
    }
    let begins = near.len() - rest.len();
    let (inner, end) = match word_end(rest, is_base64) {
        Some(at) => (&rest[..at], at + 2),
        None => unended(rest, near.len() == text.len(), is_base64)?,
    };
    let charset = label.split_once('*').map_or(label, |(charset, _)| charset);
    Some((charset, Word { is_base64, text: inner }, begins + end))
}

/// Where `?=` ends the word. An unencoded `?` before an encoded character (`=?utf-8?Q?Really?=3F?=`) ends none.
fn word_end(rest: &str, is_base64: bool) -> Option<usize> {
    let at = rest.find("?=")?;
    let behind = &rest[at + 2..];
    let hex = behind.len() >= 2 && behind.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
    if is_base64 || !hex {
        return Some(at);
    }
    let same_word = |next: &usize| !behind[..*next].contains(char::is_whitespace) && !behind[..*next].contains("=?");
    Some(behind.find("?=").filter(same_word).map_or(at, |next| at + 2 + next))
}

/// A word whose end was cut off with the rest of the field.
fn unended(rest: &str, is_last: bool, is_base64: bool) -> Option<(&str, usize)> {
    let inner = rest.trim_end().trim_end_matches(['?', '=']);
    let fits = |b: u8| match is_base64 {
        true => b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'),
        false => b.is_ascii_graphic() && b != b'?',
    };
    (is_last && inner.len() >= 4 && inner.bytes().all(fits)).then_some((inner, rest.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_between_two_words_is_whole_again() {
        assert_eq!(decode("=?utf-8?Q?K=C3?= =?UTF-8?Q?=A4se?= und =?utf-8?B?TMOkbXBl?="), "K\u{e4}se und L\u{e4}mpe");
        assert_eq!(decode("=?utf-8?Q?K=C3?=\r\n\t=?utf-8?B?pHNl?="), "K\u{e4}se");
    }

    #[test]
    fn base64_cut_inside_a_group_is_whole_again() {
        // "Lampe kaputt" with an umlaut, cut where no group ends.
        assert_eq!(decode("=?utf-8?B?TMOkbXB?= =?utf-8?B?lIGthcHV0dA?="), "L\u{e4}mpe kaputt");
        assert_eq!(decode("=?utf-8?B?TMOkbXBlIGthcHV0dA?="), "L\u{e4}mpe kaputt");
    }

    #[test]
    fn words_are_read_with_blanks_in_them_and_without_any_between() {
        assert_eq!(decode("=?utf-8?Q?L=C3=A4mpe ist kaputt?="), "L\u{e4}mpe ist kaputt");
        assert_eq!(decode("=?utf-8?B?TMOk bXBl?=: neu"), "L\u{e4}mpe: neu");
        assert_eq!(decode("Re:=?utf-8?Q?L=C3=A4?==?utf-8?Q?mpe?=!"), "Re:L\u{e4}mpe!");
        assert_eq!(decode("=?iso-8859-1*de?q?L=E4mpe?="), "L\u{e4}mpe");
        assert_eq!(decode("=?utf-8?Q?Really?=3F?="), "Really??");
        assert_eq!(decode("=?utf-8?Q?What??= then"), "What? then");
    }

    #[test]
    fn a_word_without_its_end_is_read_where_it_is_surely_one() {
        assert_eq!(decode("Re: =?utf-8?B?TMOkbXBl"), "Re: L\u{e4}mpe");
        assert_eq!(decode("Re: =?utf-8?Q?L=C3=A4mpe?"), "Re: L\u{e4}mpe");
        assert_eq!(decode("=?utf-8?Q?not closed and more words"), "=?utf-8?Q?not closed and more words");
    }

    #[test]
    fn a_word_may_have_no_label_or_a_wrong_one() {
        assert_eq!(decode("=??Q?L=C3=A4mpe?="), "L\u{e4}mpe");
        assert_eq!(decode("=?us-ascii?Q?L=C3=A4mpe?="), "L\u{e4}mpe");
        assert_eq!(decode("=?cp932?B?g4mDk4N2?="), "\u{30e9}\u{30f3}\u{30d7}");
        assert_eq!(decode("=?iso-2022-jp?B?GyRCJWklcyVXGyhC?="), "\u{30e9}\u{30f3}\u{30d7}");
        assert_eq!(decode("=?utf-7?Q?L+AOQ-mpe?="), "L\u{e4}mpe");
    }

    #[test]
    fn what_is_no_encoded_word_stays() {
        for text in ["a =? b", "=?x?y?z", "=?utf-8?Z?a?=", "50 =?= 50"] {
            assert_eq!(decode(text), text);
        }
    }
}
