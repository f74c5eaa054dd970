//! UTF-7 (RFC 2152): UTF-16 in base64 between `+` and `-`. Left out of the web's charsets on purpose, since there it hid
//! scripts; here it only gives text, and what is read of it is sanitised as any other.

use super::transfer;

pub fn decode(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(plus) = rest.iter().position(|b| *b == b'+') {
        out.push_str(&String::from_utf8_lossy(&rest[..plus]));
        rest = &rest[plus + 1..];
        let is_base64 = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
        let length = rest.iter().position(|b| !is_base64(b)).unwrap_or(rest.len());
        let units = transfer::base64(&rest[..length]);
        let units = units.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
        out.extend(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
        rest = &rest[length..];
        let closed = rest.first() == Some(&b'-');
        if length == 0 {
            out.push('+');
        }
        rest = if closed { &rest[1..] } else { rest };
    }
    out.push_str(&String::from_utf8_lossy(rest));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_are_read() {
        assert_eq!(decode(b"A+ImIDkQ."), "A\u{2262}\u{391}.");
        assert_eq!(decode(b"Hi Mom -+Jjo--!"), "Hi Mom -\u{263a}-!");
        assert_eq!(decode(b"+ZeVnLIqe-"), "\u{65e5}\u{672c}\u{8a9e}");
        assert_eq!(decode(b"1 +- 1 = 2 +"), "1 + 1 = 2 +");
        assert_eq!(decode(b"+2D3eAA-"), "\u{1f600}");
    }
}
