//! Text signed in place (RFC 9580 section 7): the signature and its frame taken off, the words as they were written.
//!
//! A signature is no word, and would be a broken one in any other mail. What is encrypted is left as it is.

use std::borrow::Cow;

const BEGINS: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const ENDS: &str = "-----END PGP SIGNATURE-----";
const ENCRYPTED: &str = "-----BEGIN PGP MESSAGE-----";

/// Where in the text a line stands.
enum Where {
    Outside,
    /// The armor's own header lines, up to an empty one.
    Header,
    Words,
    Signature,
}

pub(in crate::arrive) fn without(text: &str) -> Cow<'_, str> {
    if !text.lines().any(|line| line.trim_end() == BEGINS) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = Where::Outside;
    for line in text.lines() {
        at = match (at, line.trim_end()) {
            (Where::Outside, BEGINS) => Where::Header,
            (Where::Header, "") => Where::Words,
            (Where::Words, SIGNATURE) => Where::Signature,
            (Where::Signature, ENDS) => Where::Outside,
            (Where::Words, _) => {
                // RFC 9580 section 7.2: a line that began with a dash has another before it.
                push(&mut out, line.strip_prefix("- ").unwrap_or(line));
                Where::Words
            }
            (Where::Outside, _) => {
                push(&mut out, line);
                Where::Outside
            }
            (known, _) => known,
        };
    }
    match at {
        // Torn: nothing says where the signature ends, so all is shown.
        Where::Header | Where::Signature => Cow::Borrowed(text),
        Where::Outside | Where::Words => Cow::Owned(out),
    }
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// Does a text hold what only its reader's key can open?
pub(in crate::arrive) fn is_encrypted(text: &str) -> bool {
    text.contains(ENCRYPTED) && text.lines().any(|line| line.trim() == ENCRYPTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_words_are_as_they_were_written() {
        let signed = format!(
            "{BEGINS}\nHash: SHA512\n\n#fixed\n\nDear Klaus,\n- -- \nMei\n{SIGNATURE}\n\niQIzBAEB\n=abcd\n{ENDS}\nOn Fri, Mei wrote:\n"
        );
        assert_eq!(without(&signed), "#fixed\n\nDear Klaus,\n-- \nMei\nOn Fri, Mei wrote:\n");
        for text in ["Dear Klaus", "- one\n- two", "", &format!("{BEGINS}\nHash: SHA512"), &format!("> {BEGINS}\n> x")]
        {
            assert_eq!(without(text), text, "{text}");
        }
    }

    #[test]
    fn what_is_encrypted_is_known() {
        assert!(is_encrypted(&format!("Hello\n{ENCRYPTED}\n\nhQEM")) && !is_encrypted(&format!("> {ENCRYPTED}")));
    }
}
