//! Transfer encodings (RFC 2045 section 6), read as forgivingly as linear time allows: what is no part of the encoding
//! is skipped or kept, never a reason to show nothing.

/// Base64: other characters are skipped (RFC 2045 section 6.8), padding in the middle begins anew.
pub fn base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut word, mut count) = (0u32, 0u8);
    for byte in text {
        let Some(six) = sextet(*byte) else {
            if *byte == b'=' {
                flush(&mut out, &mut word, &mut count);
            }
            continue;
        };
        word = word << 6 | six;
        count += 1;
        if count == 4 {
            out.extend_from_slice(&word.to_be_bytes()[1..]);
            (word, count) = (0, 0);
        }
    }
    flush(&mut out, &mut word, &mut count);
    out
}

fn flush(out: &mut Vec<u8>, word: &mut u32, count: &mut u8) {
    match count {
        2 => out.push((*word >> 4) as u8),
        3 => out.extend_from_slice(&((*word >> 2) as u16).to_be_bytes()),
        _ => {}
    }
    (*word, *count) = (0, 0);
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Does a body that says it is base64 look like it? Some mailers write the label and plain text.
pub fn looks_base64(text: &[u8]) -> bool {
    let sample = &text[..text.len().min(4096)];
    let strange = sample.iter().filter(|b| !b.is_ascii_whitespace() && sextet(**b).is_none() && **b != b'=').count();
    let blanks = sample.iter().filter(|b| **b == b' ').count();
    strange * 20 <= sample.len() && blanks * 20 <= sample.len()
}

/// Quoted-printable: a `=` that starts no pair of hex digits and no soft line break stays as it is.
pub fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'=' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        if let Some(byte) = hex_pair(text, at + 1) {
            out.push(byte);
            at += 3;
        } else if let Some(next) = soft_break(text, at + 1) {
            at = next;
        } else {
            out.push(b'=');
            at += 1;
        }
    }
    out
}

/// Behind `=`, optional blanks (RFC 2045 section 6.7, rule 3) and a line end; the end of the text counts as one.
fn soft_break(text: &[u8], mut at: usize) -> Option<usize> {
    let limit = text.len().min(at + 80);
    while at < limit && matches!(text[at], b' ' | b'\t') {
        at += 1;
    }
    if at >= text.len() {
        return Some(at);
    }
    match text[at] {
        b'\n' => Some(at + 1),
        b'\r' => Some(if text.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 }),
        _ => None,
    }
}

fn hex_pair(text: &[u8], at: usize) -> Option<u8> {
    let high = char::from(*text.get(at)?).to_digit(16)?;
    let low = char::from(*text.get(at + 1)?).to_digit(16)?;
    u8::try_from(high * 16 + low).ok()
}

/// The Q encoding of encoded words (RFC 2047 section 4.2).
pub fn q_word(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> = text.iter().map(|b| if *b == b'_' { b' ' } else { *b }).collect();
    quoted_printable(&spaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_encodings_still_give_their_words() {
        assert_eq!(base64(b"TGFt\r\n cGU"), b"Lampe");
        assert_eq!(base64(b"TGE=bXBl"), b"Lampe");
        assert_eq!(quoted_printable(b"50 = 50=3D=\r\n100=zz="), b"50 = 50=100=zz");
    }
}
