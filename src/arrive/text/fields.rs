//! The header block that Outlook and many others write above a mail, in their languages: `From: ... Sent: ... To: ...`.
//!
//! Its names are common words, and people write `Date:` and `To:` too. So several must stand together, and a subject or
//! an address among them.

use super::words::{WORDS, is_invisible, plain};

/// Lines in which a header block must show itself, and in which it shows all its four fields.
const BLOCK_LINES: usize = 8;
/// Characters of the longest name, with the signs around it.
const NAME_CHARS: usize = 28;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    From,
    Date,
    To,
    Subject,
}

/// The field that a line begins with, bold, quoted or indented as it may be.
fn field_of(line: &str) -> Option<Field> {
    let colon = line.char_indices().take(NAME_CHARS).find(|(_, c)| matches!(c, ':' | '\u{ff1a}'))?.0;
    let is_frame = |c: char| c.is_whitespace() || is_invisible(c) || matches!(c, '*' | '>' | '|' | '_');
    let name = line[..colon].trim_matches(is_frame);
    // The names are short, and most lines with a colon begin with something longer or with a digit.
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    WORDS.fields.get(plain(name).as_str()).copied()
}

/// A field that a block begins with, then at least two more within the next lines.
pub(super) fn starts_block(lines: &[&str]) -> bool {
    let Some(first) = lines.first().and_then(|line| field_of(line)) else { return false };
    let mut seen = vec![first];
    let mut has_address = lines[0].contains('@');
    for line in lines.iter().skip(1).take(BLOCK_LINES) {
        if let Some(field) = field_of(line) {
            has_address |= line.contains('@');
            if !seen.contains(&field) {
                seen.push(field);
            }
        }
    }
    match first {
        Field::From | Field::Date => {
            seen.contains(&Field::From) && seen.len() >= 3 && (seen.contains(&Field::Subject) || has_address)
        }
        // T-Online, Apple Mail and Thunderbird begin with the subject: then nothing may be missing.
        Field::Subject | Field::To => seen.len() == 4 && has_address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_needs_three_fields_and_a_subject_or_an_address() {
        for block in [
            "From: Mei\nSent: Friday\nTo: Klaus\nSubject: Re: lamp",
            "*Von:* Mei\n*Gesendet:* Freitag\n*An:* Klaus\n*Betreff:* Lampe",
            "> De : Mei\n> Envoy\u{e9}\u{a0}: vendredi\n> \u{c0} : Klaus\n> Objet : lampe",
            "Date: Friday\nFrom: Mei <mei@n.example>\nTo: Klaus",
            "Betreff: Lampe\nDatum: 2026-11-20\nVon: Mei <mei@n.example>\nAn: Klaus",
            "\u{200f}\u{200f}\u{5d0}\u{5ea}: x\nFrom\u{ff1a} Mei\nSent\u{ff1a} x\nSubject\u{ff1a}y",
        ] {
            let lines: Vec<&str> = block.lines().collect();
            let found = (0..lines.len()).any(|at| starts_block(&lines[at..]));
            assert!(found, "{block}");
        }
        for words in [
            "Date: 3 December\nFrom: 9:00\nTo: 12:00",
            "From: the heart\nI thank you",
            "Subject: lamp\nTo: you",
            "To: do\nDate: soon",
            "",
        ] {
            assert!(!starts_block(&words.lines().collect::<Vec<_>>()), "{words}");
        }
    }
}
