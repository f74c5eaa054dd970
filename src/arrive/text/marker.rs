//! Our own line above a quote, found again as mail programs hand it back: wrapped, quoted, bold, its blanks and dashes
//! turned into others. Letters alone are compared; where the line was torn, the next lines are joined to it.

use std::sync::LazyLock;

use memchr::memmem::Finder;

use crate::mail::REPLY_MARKER;

/// Lines that the marker may be wrapped over.
const MAX_LINES: usize = 4;

static BEGINS: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new("- please "));

/// Does our marker begin on the first of these lines?
pub(in crate::arrive) fn starts(lines: &[&str]) -> bool {
    let Some(first) = lines.first() else { return false };
    if let Some(at) = BEGINS.find(first.as_bytes()) {
        return begins_with_marker(&first[at..]) || stands_alone(lines);
    }
    stands_alone(lines)
}

/// Behind other words of a line its dashes tell it from a sentence of the writer.
fn begins_with_marker(tail: &str) -> bool {
    tail.contains('-') && letters(tail).starts_with(&letters(REPLY_MARKER))
}

/// Nothing but the marker, on one line or torn over several.
fn stands_alone(lines: &[&str]) -> bool {
    // Asked of every line: only what begins like the marker is looked at closely.
    let bare = lines[0].trim_start_matches(|c: char| !c.is_alphanumeric());
    if !bare.get(..6).is_some_and(|word| word.eq_ignore_ascii_case("please")) {
        return false;
    }
    let marker = letters(REPLY_MARKER);
    let mut seen = String::new();
    for line in lines.iter().take(MAX_LINES) {
        seen.extend(line.chars().take(400).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase));
        if seen == marker {
            return true;
        }
        if !marker.starts_with(&seen) {
            return false;
        }
    }
    false
}

/// Letters and digits in lower case: what no wrapping, quoting or bold type changes.
pub(in crate::arrive) fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marker_is_found_as_programs_hand_it_back() {
        for lines in [
            vec![REPLY_MARKER],
            vec!["> > -- please write above this line --"],
            vec!["*--\u{a0}please write\u{a0}above this line --*"],
            vec!["> -- please write above", "> this line --"],
            vec!["\u{2013} Please write above this line \u{2013}"],
            vec!["New case NW-12 -- please write above this line -- Klaus wrote"],
        ] {
            assert!(starts(&lines), "{lines:?}");
        }
    }

    #[test]
    fn a_sentence_that_sounds_like_it_is_no_marker() {
        for lines in [
            vec!["Please write above this line and sign below it."],
            vec!["please write", "to us"],
            vec!["I said - please write above all to Mei"],
            vec![],
        ] {
            assert!(!starts(&lines), "{lines:?}");
        }
    }
}
