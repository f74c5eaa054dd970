//! Charsets of seven bits that switch their script by marks in the text: ISO-2022-JP with its extensions (RFC 1468, 1554),
//! ISO-2022-KR (RFC 1557), ISO-2022-CN (RFC 1922) and HZ (RFC 1843).
//!
//! The web's list, and so encoding_rs, knows the first of them only. Their pairs of bytes are those of the eight-bit
//! charsets without the eighth bit, so each run is given to the decoder of that. One pass; what no set knows is U+FFFD.

use encoding_rs::{EUC_JP, EUC_KR, Encoding, GBK, ISO_8859_7, WINDOWS_1252};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    Kana,
    Kanji,
    KanjiSupplement,
    Hangul,
    Hanzi,
    /// Known by its mark, and no decoder has it (CNS 11643).
    Unknown,
}

/// Does this ASCII hold marks of such a charset? A tilde and a brace are also found in other texts, so what stands
/// between HZ's must fit in full.
pub fn is_some(bytes: &[u8]) -> bool {
    let escape = |pair: &[u8]| pair[0] == 0x1b && matches!(pair[1], b'$' | b'(');
    bytes.contains(&0x1b) && bytes.windows(2).any(escape) || is_hz(bytes)
}

pub fn decode(bytes: &[u8]) -> String {
    let hz = !bytes.contains(&0x1b) && bytes.windows(2).any(|pair| pair == b"~{");
    let mut reader = Reader {
        out: String::with_capacity(bytes.len()),
        run: Vec::new(),
        set: Set::Ascii,
        shifted: Set::Unknown,
        in_shift: false,
    };
    let mut at = 0;
    while at < bytes.len() {
        at += reader.switch(&bytes[at..], hz).unwrap_or_else(|| reader.take(bytes[at]));
    }
    reader.flush();
    reader.out
}

struct Reader {
    out: String,
    /// Bytes of one set, behind its mark.
    run: Vec<u8>,
    set: Set,
    /// What SO switches to, until SI: ISO-2022-KR and -CN.
    shifted: Set,
    in_shift: bool,
}

impl Reader {
    /// What stands at the start of `rest` and is no text; its length.
    fn switch(&mut self, rest: &[u8], hz: bool) -> Option<usize> {
        if let Some((set, is_shifted, length)) = escape(rest) {
            self.flush();
            match is_shifted {
                true => self.shifted = set,
                false => (self.set, self.in_shift) = (set, false),
            }
            return Some(length);
        }
        if let Some((upper, length)) = single_shift(rest) {
            self.flush();
            self.out.push_str(&upper);
            return Some(length);
        }
        if matches!(rest[0], 0x0e | 0x0f) {
            self.flush();
            self.in_shift = rest[0] == 0x0e;
            return Some(1);
        }
        if hz { self.switch_hz(rest) } else { None }
    }

    /// RFC 1843: `~{` and `~}` switch, `~~` is a tilde.
    fn switch_hz(&mut self, rest: &[u8]) -> Option<usize> {
        let set = match rest {
            [b'~', b'{', ..] => Set::Hanzi,
            [b'~', b'}', ..] => Set::Ascii,
            [b'~', b'~', ..] if self.set == Set::Ascii => {
                self.out.push('~');
                return Some(2);
            }
            _ => return None,
        };
        self.flush();
        self.set = set;
        Some(2)
    }

    fn take(&mut self, byte: u8) -> usize {
        // Every line begins in ASCII (RFC 1468, RFC 1557, RFC 1843): who forgot to switch back spoils one line only.
        if byte == b'\n' {
            self.flush();
            (self.set, self.in_shift) = (Set::Ascii, false);
        }
        self.push(byte);
        1
    }

    fn push(&mut self, byte: u8) {
        let set = if self.in_shift { self.shifted } else { self.set };
        if set == Set::Ascii || byte <= 0x20 || byte == 0x7f {
            self.flush();
            self.out.push(char::from(byte));
            return;
        }
        if self.run.first() != Some(&mark(set)) {
            self.flush();
            self.run.push(mark(set));
        }
        self.run.push(byte);
    }

    fn flush(&mut self) {
        let run = std::mem::take(&mut self.run);
        let Some((kind, bytes)) = run.split_first() else { return };
        let high = bytes.iter().map(|b| b | 0x80);
        let (encoding, bytes): (&'static Encoding, Vec<u8>) = match *kind {
            b'k' => (EUC_JP, high.flat_map(|b| [0x8e, b]).collect()),
            b'J' => (EUC_JP, high.collect()),
            b'S' => {
                let pairs: Vec<u8> = high.collect();
                (EUC_JP, pairs.chunks(2).flat_map(|pair| [&[0x8f], pair].concat()).collect())
            }
            b'K' => (EUC_KR, high.collect()),
            b'G' => (GBK, high.collect()),
            _ => {
                self.out.extend(bytes.chunks(2).map(|_| char::REPLACEMENT_CHARACTER));
                return;
            }
        };
        self.out.push_str(&encoding.decode_without_bom_handling(&bytes).0);
    }
}

fn mark(set: Set) -> u8 {
    match set {
        Set::Ascii => b'A',
        Set::Kana => b'k',
        Set::Kanji => b'J',
        Set::KanjiSupplement => b'S',
        Set::Hangul => b'K',
        Set::Hanzi => b'G',
        Set::Unknown => b'?',
    }
}

/// An escape that names a set: the set, whether SO switches to it, and its length.
fn escape(bytes: &[u8]) -> Option<(Set, bool, usize)> {
    const ESCAPES: [(&[u8], Set, bool); 16] = [
        (b"\x1b(B", Set::Ascii, false),
        (b"\x1b(J", Set::Ascii, false),
        (b"\x1b(H", Set::Ascii, false),
        (b"\x1b(I", Set::Kana, false),
        (b"\x1b$@", Set::Kanji, false),
        (b"\x1b$B", Set::Kanji, false),
        (b"\x1b$(B", Set::Kanji, false),
        (b"\x1b$(D", Set::KanjiSupplement, false),
        (b"\x1b$(C", Set::Hangul, false),
        (b"\x1b$A", Set::Hanzi, false),
        (b"\x1b$(A", Set::Hanzi, false),
        (b"\x1b$)C", Set::Hangul, true),
        (b"\x1b$)A", Set::Hanzi, true),
        (b"\x1b$)G", Set::Unknown, true),
        (b"\x1b$)E", Set::Hanzi, true),
        (b"\x1b&@\x1b$B", Set::Kanji, false),
    ];
    if bytes.first() != Some(&0x1b) {
        return None;
    }
    ESCAPES.iter().find(|(text, _, _)| bytes.starts_with(text)).map(|(text, set, shifted)| (*set, *shifted, text.len()))
}

/// RFC 1554: `ESC . A` or `ESC . F` names the upper half of ISO 8859-1 or -7, `ESC N` shows one character of it.
fn single_shift(bytes: &[u8]) -> Option<(String, usize)> {
    match bytes {
        [0x1b, b'.', b'A' | b'F', ..] => Some((String::new(), 3)),
        [0x1b, b'*', _, ..] => Some((String::new(), 3)),
        [0x1b, b'N', letter @ 0x20..=0x7f, ..] => {
            // Greek is hardly ever meant: it would be written in its own set.
            let encoding = if *letter >= 0x40 { WINDOWS_1252 } else { ISO_8859_7 };
            Some((encoding.decode_without_bom_handling(&[letter | 0x80]).0.into_owned(), 3))
        }
        _ => None,
    }
}

fn is_hz(bytes: &[u8]) -> bool {
    let fits = |run: &[u8]| {
        run.len() >= 4
            && run.len().is_multiple_of(2)
            && run.chunks(2).all(|p| (0x21..=0x77).contains(&p[0]) && (0x21..=0x7e).contains(&p[1]))
    };
    let mut runs = bytes.split(|b| *b == b'~').skip(1).filter(|piece| piece.first() == Some(&b'{')).peekable();
    runs.peek().is_some()
        && bytes.windows(2).any(|pair| pair == b"~}")
        && runs.all(|run| fits(&run[1..]) && is_common(&run[1..]))
}

/// The first plane of GB 2312 holds the common characters: rows 16 to 55, and punctuation.
fn is_common(run: &[u8]) -> bool {
    let common = run.chunks(2).filter(|p| matches!(p[0], 0x21 | 0x23 | 0x30..=0x57)).count();
    common * 4 >= run.len() / 2 * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seven_bit_charset_is_read() {
        let cases: [(&[u8], &str); 6] = [
            (b"\x1b$B%i%s%W\x1b(B ok", "\u{30e9}\u{30f3}\u{30d7} ok"),
            (b"\x1b(I1\x1b(B", "\u{ff71}"),
            (b"\x1b$)C\x0e0!0!\x0f ok", "\u{ac00}\u{ac00} ok"),
            (b"\x1b$)A\x0e=;;;\x0f ok", "\u{4ea4}\u{6362} ok"),
            (b"~{<:Ky2;S{~} ~~ok", "\u{5df1}\u{6240}\u{4e0d}\u{6b32} ~ok"),
            (b"\x1b$AFf7r\x1b(B", "\u{9f50}\u{8d39}"),
        ];
        for (bytes, text) in cases {
            let read = decode(bytes);
            assert!(!read.contains(char::REPLACEMENT_CHARACTER), "{read}");
            assert_eq!(read.chars().count(), text.chars().count(), "{read}");
        }
        assert_eq!(decode(cases[0].0), cases[0].1);
        assert_eq!(decode(cases[1].0), cases[1].1);
        assert_eq!(decode(cases[2].0), cases[2].1);
        assert_eq!(decode(cases[4].0), cases[4].1);
    }

    #[test]
    fn braces_and_tildes_alone_are_no_chinese() {
        assert!(!is_some(b"use ~{x} or a~b{c}") && !is_some(b"~{}") && !is_some(b"cd ~ && {a}"));
        assert!(is_some(b"~{<:Ky2;SRKD~}") && is_some(b"\x1b$B%i\x1b(B"));
    }
}
