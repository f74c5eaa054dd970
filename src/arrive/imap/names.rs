//! What stands in a command line: quoted strings, folder names, sets of UIDs.
//!
//! Nothing here lets a CR, LF or NUL through, so no name out of the configuration can end a command and begin another.
//! Strings: RFC 3501 section 4.3; folder names in modified UTF-7: section 5.1.3; length of a line: RFC 2683 section 3.2.1.5.

use data_encoding::{Encoding, Specification};

use super::ImapError;

/// RFC 2683 section 3.2.1.5: clients should not send lines above 1000 octets; this leaves room for what stands around the set.
const SET_OCTETS: usize = 900;

/// `text` as a quoted string (RFC 3501 section 4.3). Only printable ASCII has one.
///
/// # Errors
/// [`ImapError::Input`] for any other character.
pub(super) fn quoted(text: &str) -> Result<String, ImapError> {
    if !text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return Err(ImapError::Input("a quoted string holds printable ASCII only"));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A folder's name as servers know it, quoted.
///
/// # Errors
/// [`ImapError::Input`] for an empty name or one with control characters.
pub(super) fn folder(name: &str) -> Result<String, ImapError> {
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ImapError::Input("a folder's name is not empty and has no control characters"));
    }
    quoted(&modified_utf7(name))
}

/// RFC 3501 section 5.1.3: printable ASCII stands for itself, `&` is `&-`, all else is UTF-16 in base64 between `&` and `-`.
fn modified_utf7(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut shifted: Vec<u16> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            unshift(&mut shifted, &mut out);
            out.push(c);
            if c == '&' {
                out.push('-');
            }
        } else {
            shifted.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        }
    }
    unshift(&mut shifted, &mut out);
    out
}

fn unshift(shifted: &mut Vec<u16>, out: &mut String) {
    if shifted.is_empty() {
        return;
    }
    let bytes: Vec<u8> = shifted.drain(..).flat_map(u16::to_be_bytes).collect();
    out.push('&');
    out.push_str(&base64_for_names().encode(&bytes));
    out.push('-');
}

/// Base64 with `,` in place of `/`, without padding. Made anew each time: a folder is named once a session.
fn base64_for_names() -> Encoding {
    let mut specification = Specification::new();
    specification.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,");
    specification.encoding().unwrap_or(data_encoding::BASE64_NOPAD)
}

/// The UIDs as sets that fit a line each: sorted, runs as `a:b`. Holds the asked UIDs and no other.
pub(super) fn uid_sets(uids: &[u32]) -> Vec<String> {
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut sets: Vec<String> = Vec::new();
    for run in sorted.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        match sets.last_mut() {
            Some(set) if set.len() < SET_OCTETS => {
                set.push(',');
                push_run(set, run);
            }
            _ => {
                let mut set = String::new();
                push_run(&mut set, run);
                sets.push(set);
            }
        }
    }
    sets
}

fn push_run(set: &mut String, run: &[u32]) {
    if let [first, .., last] = run {
        set.push_str(&format!("{first}:{last}"));
    } else if let [one] = run {
        set.push_str(&one.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_travel_in_modified_utf7() {
        let cases = [
            ("INBOX", "\"INBOX\""),
            ("Entwürfe", "\"Entw&APw-rfe\""),
            ("A & B", "\"A &- B\""),
            // The example of RFC 3501 section 5.1.3.
            ("~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""),
            ("hi \u{1F642}!", "\"hi &2D3eQg-!\""),
            ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ];
        for (name, wire) in cases {
            assert_eq!(folder(name).expect(name), wire);
        }
    }

    #[test]
    fn a_name_cannot_end_a_command() {
        for name in ["", "a\r\nA2 DELETE INBOX", "a\nb", "a\0b", "a\tb"] {
            assert!(matches!(folder(name), Err(ImapError::Input(_))), "{name:?}");
        }
        assert!(matches!(quoted("pass\r\nword"), Err(ImapError::Input(_))));
        assert!(matches!(quoted("päss"), Err(ImapError::Input(_))));
    }

    #[test]
    fn sets_hold_the_asked_uids_and_no_other() {
        assert_eq!(uid_sets(&[7, 3, 1, 2, 3, 9]), ["1:3,7,9"]);
        assert_eq!(uid_sets(&[u32::MAX]), ["4294967295"]);
        assert!(uid_sets(&[]).is_empty());
    }

    #[test]
    fn sets_fit_a_line() {
        let odd: Vec<u32> = (0..2_000).map(|n| 4_000_000_001 + 2 * n).collect();
        let sets = uid_sets(&odd);
        assert!(sets.iter().all(|set| set.len() <= 950));
        let back: Vec<u32> = sets.iter().flat_map(|set| set.split(',')).map(|n| n.parse().expect("a number")).collect();
        assert_eq!(back, odd);
    }
}
