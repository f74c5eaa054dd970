//! Lines that are marked as quoted one by one: `> `, a bar, or the initials of whom they quote.

use super::{Line, attribution};

/// Letters before the `>` of The Bat! and others: `MT> `.
const MAX_INITIALS: usize = 4;

/// By the common sign (RFC 3676 section 4.5), escaped or full-width as some hand it on.
pub(super) fn is_barred(line: &str) -> bool {
    let start = line.trim_start();
    start.starts_with(['>', '\u{ff1e}']) || start.starts_with("&gt;")
}

pub(super) fn mark(lines: &[&str], marks: &mut [Line]) {
    let by_bar = lines.iter().any(|line| line.trim_start().starts_with("| ")) && no_table(lines);
    for at in 0..lines.len() {
        let start = lines[at].trim_start();
        let above = at.checked_sub(1).map_or("", |above| lines[above]);
        if attribution::is_wrapped_end(start, above) {
            continue;
        }
        if is_barred(start) || by_bar && start.starts_with("| ") && start.len() > 2 {
            marks[at] = Line::Quoted;
        }
    }
    mark_initials(lines, marks);
}

/// Some programs quote by a bar; a table drawn with bars is no quote, and ends its lines with them too.
fn no_table(lines: &[&str]) -> bool {
    !lines.iter().any(|line| line.trim().starts_with('|') && line.trim().len() > 1 && line.trim().ends_with('|'))
}

/// `MT> words`, where an introduction stands above the first: a prompt (`SQL> `) looks the same.
fn mark_initials(lines: &[&str], marks: &mut [Line]) {
    let mut known: Option<&str> = None;
    let mut above = "";
    for (line, mark) in lines.iter().zip(marks) {
        if let Some(initials) = initials(line) {
            if known.is_none() && above.trim_end().ends_with([':', '\u{ff1a}']) {
                known = Some(initials);
            }
            if known == Some(initials) {
                *mark = Line::Quoted;
            }
        }
        if !line.trim().is_empty() {
            above = line;
        }
    }
}

fn initials(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let at = line.bytes().take(MAX_INITIALS + 1).position(|b| b == b'>').filter(|at| *at > 0)?;
    let rest = line[at..].trim_start_matches('>');
    let name = line.get(..at)?;
    let fits = name.chars().all(char::is_alphabetic) && name.starts_with(char::is_uppercase);
    (fits && (rest.is_empty() || rest.starts_with(' '))).then_some(name)
}
