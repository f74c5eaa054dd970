//! Lines drawn between a mail and the one that it answers or passes on: `-----Original Message-----`.
//!
//! A rule is told by its dashes; without them only the fixed line of Apple Mail above a forwarded mail counts.

use super::words::{WORDS, begins_with, is_invisible, plain};

/// Longer lines are no rules.
const MAX_BYTES: usize = 400;

/// What rules are drawn with. Proton draws with U+2010, Yahoo in Japan with U+2501; Streak leaves U+1427 behind.
pub(super) fn is_drawn(c: char) -> bool {
    matches!(
        c,
        '-' | '_' | '*' | '=' | '~' | '#' | '+' | '\u{2010}'..='\u{2015}' | '\u{2500}' | '\u{2501}' | '\u{1427}'
    )
}

/// Nothing but such signs, this many of them or more.
pub(super) fn is_line(line: &str, least: usize) -> bool {
    let line = line.trim();
    line.len() <= MAX_BYTES && line.chars().all(is_drawn) && line.chars().count() >= least
}

/// Does everything from this line on belong to another mail?
pub(super) fn begins_mail(line: &str) -> bool {
    if line.len() > MAX_BYTES {
        return false;
    }
    let bare = line.trim_start_matches(|c: char| c.is_whitespace() || is_invisible(c) || matches!(c, '>' | '*'));
    let framed = bare.starts_with(is_drawn) || line.trim_start_matches(['>', ' ']).starts_with("**");
    if framed {
        return names_rule(bare) || line.contains('*') && names_rule(line.trim_start_matches(['>', ' ']));
    }
    // Asked of every line: only one that ends in a colon is looked at closely.
    let end = line.trim_end();
    (end.ends_with(':') || end.ends_with('\u{ff1a}')) && {
        let words = plain(end);
        WORDS.begins.contains(words.trim_matches([' ', ':', '\u{ff1a}', '>', '*']))
    }
}

fn names_rule(line: &str) -> bool {
    // Two signs at least: one is the sign of a list.
    if line.chars().take(2).filter(|c| is_drawn(*c)).count() < 2 {
        return false;
    }
    let is_frame = |c: char| is_drawn(c) || c.is_whitespace() || is_invisible(c);
    let line = line.replace("&nbsp;", " ");
    let head = line.trim_end().trim_start_matches(is_frame);
    let words = head.trim_end_matches(is_frame);
    if words.is_empty() {
        return false;
    }
    let closed = head.len() - words.len() >= 2;
    let words = plain(words);
    let name = words.trim_end_matches([' ', ':', '\u{ff1a}']);
    let mut rules = WORDS.rules.iter().chain(&WORDS.forwards);
    // `----- Forwarded by Mei Tan on 20/11/2026 -----`
    rules.any(|rule| name == *rule || closed && begins_with(name, rule)) || closed && WORDS.rules_alone.contains(&name)
}

/// The words of a rule without its dashes: a line above a header block that is a part of it.
pub(super) fn is_bare(line: &str) -> bool {
    let words = plain(line.get(..200).unwrap_or(line));
    let name = words.trim_matches([' ', ':', '\u{ff1a}', '*']);
    WORDS.rules.iter().chain(&WORDS.forwards).any(|rule| name == *rule)
}
