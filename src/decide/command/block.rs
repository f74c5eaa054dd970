//! The block of `#word ...` lines on top of a mail, told apart from the words below it.
//!
//! The block ends at the first line that is neither blank nor a command line. `# heading` and `#1042` are words: a
//! letter stands behind the `#` of a command. Blanks are all that mail programs put where nothing is seen.

use super::Wrong;

pub(super) const MOST_LINES: usize = 20;
const MOST_OCTETS: usize = 200;
/// More of them are an ornament.
const MOST_SIGNS: usize = 4;

/// The lines of the block without the blanks around them, the words below it, and whether these begin on the
/// very next line: there a long command may go on, since mail programs wrap.
pub(super) fn split(text: &str) -> (Vec<&str>, String, bool) {
    let mut lines = Vec::new();
    let mut end = 0;
    let mut gap = true;
    for whole in text.split_inclusive('\n') {
        let line = bare(whole);
        if word_of(line).is_some() {
            lines.push(line);
            gap = false;
        } else if !line.is_empty() {
            break;
        } else {
            gap = true;
        }
        end += whole.len();
    }
    let words = without_blank_lines(&text[end..]);
    let runs_on = !gap && !words.is_empty();
    (lines, words, runs_on)
}

/// The word of a command line, and what stands behind it.
pub(super) fn word_of(line: &str) -> Option<(&str, &str)> {
    // U+FF03 is what keyboards for Chinese and Japanese write for a `#`.
    let rest = line.strip_prefix(['#', '\u{FF03}'])?;
    let end = rest.find(is_blank).unwrap_or(rest.len());
    let (word, argument) = rest.split_at(end);
    word.starts_with(char::is_alphabetic).then(|| (word, bare(argument)))
}

/// What stands before the first letter of a line, where it may be the sign of a command, and the word behind it.
pub(super) fn sign_of(line: &str) -> Option<(&str, &str)> {
    let at = line.find(char::is_alphanumeric)?;
    let (sign, rest) = line.split_at(at);
    let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let is_sign = sign.contains(['#', '\u{FF03}']) || sign == "/";
    (is_sign && !sign.contains('>') && sign.chars().count() <= MOST_SIGNS).then(|| (sign, &rest[..end]))
}

/// A line without the blanks around it.
pub(super) fn bare(line: &str) -> &str {
    line.trim_matches(is_blank)
}

pub(super) fn fits(line: &str) -> Result<(), Wrong> {
    match line.len() {
        0..=MOST_OCTETS => Ok(()),
        n => Err(Wrong::because(format!(
            "A command line has at most {MOST_OCTETS} octets, and this one has {n}. Write the rest below the commands."
        ))),
    }
}

pub(super) fn too_many(lines: usize) -> Wrong {
    Wrong::because(format!("A mail has at most {MOST_LINES} command lines, and this one has {lines}."))
}

/// A line as it is told back: a page pasted into one line is cut.
pub(super) fn shown(line: &str) -> String {
    match line.char_indices().find(|(at, c)| at + c.len_utf8() > MOST_OCTETS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// White space of all kinds, no-break spaces among them, and characters without width or look.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}')
}

/// The indentation of the first line with words stays.
fn without_blank_lines(text: &str) -> String {
    let blank: usize = text.split_inclusive('\n').take_while(|line| bare(line).is_empty()).map(str::len).sum();
    text[blank..].trim_end_matches(is_blank).to_owned()
}
