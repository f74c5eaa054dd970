//! Answers below the line that asks to write above it: at the end of the quoted notice, or between its lines.
//!
//! Only where the program marks each quoted line (by a bar, or in its HTML): then what has no mark is the writer's. What
//! stands right below a quoted line may be the end of that line, wrapped, and is left out. Whoever takes these lines has
//! their writer look at them first: a program that marks only some of its quote would have our notice pass for an answer.

use crate::arrive::text::{self, Caution, Line};

/// Where our marker stands.
pub(super) fn marker(lines: &[&str]) -> Option<usize> {
    (0..lines.len()).find(|at| text::marker::starts(&lines[*at..]))
}

/// Marked as quoted, by a bar or by markup.
pub(super) fn is_marked(lines: &[&str], known: &[Line], at: usize) -> bool {
    known[at] == Line::Quoted || lines[at].trim_start().starts_with('>')
}

/// The lines of such answers. None where one of them is a command: those stand on top of a mail.
pub(super) fn below(lines: &[&str], known: &[Line]) -> Vec<usize> {
    let Some(ours) = marker(lines).filter(|at| is_marked(lines, known, *at)) else { return Vec::new() };
    let mut found: Vec<usize> = Vec::new();
    let mut may_go_on = false;
    for at in ours..lines.len() {
        let empty = lines[at].trim_matches([' ', '\t', '>']).is_empty();
        if is_marked(lines, known, at) {
            may_go_on = !empty;
        } else if empty {
            may_go_on = false;
            // Between the paragraphs of an answer one empty line stays.
            found.extend(
                found.last().is_some_and(|last| last + 1 == at && !lines[*last].trim().is_empty()).then_some(at),
            );
        } else if !may_go_on {
            found.push(at);
        }
    }
    let commands = found.iter().any(|at| begins_like_a_command(lines[*at]));
    if commands { Vec::new() } else { without_footers(lines, found) }
}

fn begins_like_a_command(line: &str) -> bool {
    let word = line.trim_start().strip_prefix(['#', '\u{ff03}']);
    word.is_some_and(|word| word.trim_start().starts_with(char::is_alphabetic))
}

/// The same rules as for any words: a program's footer stays here, and so does another quoted mail.
fn without_footers(lines: &[&str], found: Vec<usize>) -> Vec<usize> {
    let words: Vec<&str> = found.iter().map(|at| lines[*at]).collect();
    let marks = text::marks(&words, vec![Line::Own; words.len()], Caution::Hold);
    let stays = |mark: &Line| matches!(mark, Line::Own | Line::Signature);
    let kept: Vec<usize> = found.into_iter().zip(&marks).filter(|(_, mark)| stays(mark)).map(|(at, _)| at).collect();
    if kept.iter().all(|at| lines[*at].trim().is_empty()) { Vec::new() } else { kept }
}
