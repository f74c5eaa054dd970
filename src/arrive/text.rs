//! The words newly written: quotes, their introductions and signatures folded away.
//!
//! Works line by line in linear time, and only folds: the whole text is kept beside it, and where nothing would be
//! left the whole text is the answer. Rules are general forms of what mail programs write, never a fit to one mail; the
//! words of their languages are data (`words.txt`).

pub(super) mod armor;
mod attribution;
mod fields;
pub(super) mod marker;
mod quotes;
mod rules;
mod signature;
mod words;

/// Nobody writes more lines, and each costs more memory than it has bytes: such a text is shown whole.
const MAX_LINES: usize = 100_000;

/// What a line of a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The writer's.
    Own,
    /// Quoted, or an introduction of a quote.
    Quoted,
    /// The writer's block of name and address.
    Signature,
    /// A footer of the writer's program.
    Footer,
}

/// Which mistake is the worse one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caution {
    /// Words that the writer wrote, folded away: a customer's mail is about to be read.
    Show,
    /// Words of a quote, taken for the writer's: a colleague's answer is about to leave. Whoever cuts by it must ask
    /// where lines go that nothing marks (`relay/cut.rs`).
    Hold,
}

/// The newly written words of a plain text; all of it if nothing would be left.
pub fn new_words(text: &str) -> String {
    if text.lines().nth(MAX_LINES).is_some() {
        return text.trim().to_owned();
    }
    let bare = armor::without(text);
    let lines: Vec<&str> = bare.lines().collect();
    let marks = marks(&lines, vec![Line::Own; lines.len()], Caution::Show);
    let kept: Vec<&str> =
        lines.iter().zip(&marks).filter(|(_, mark)| **mark == Line::Own).map(|(line, _)| line.trim_end()).collect();
    let kept = kept.join("\n");
    let kept = kept.trim();
    if kept.is_empty() { text.trim().to_owned() } else { kept.to_owned() }
}

/// What each line is. `marks` holds what is known already, one for each line: [`Line::Quoted`] where markup said so.
pub(super) fn marks(lines: &[&str], mut marks: Vec<Line>, caution: Caution) -> Vec<Line> {
    let end = cut_at(lines, caution);
    marks[end..].fill(Line::Quoted);
    quotes::mark(&lines[..end], &mut marks[..end]);
    attribution::mark(&lines[..end], &mut marks[..end], caution);
    signature::mark(&lines[..end], &mut marks[..end]);
    marks
}

/// The line from which on everything is a quoted mail: our own marker, a rule, or the header block of Outlook and
/// others.
fn cut_at(lines: &[&str], caution: Caution) -> usize {
    let found = (0..lines.len()).find(|at| {
        // Below a line that a bar quotes, people answer; all that is quoted there has its bar.
        let asked = caution == Caution::Hold || !quotes::is_barred(lines[*at]);
        let begins = || rules::begins_mail(lines[*at]) || fields::starts_block(&lines[*at..]);
        asked && (marker::starts(&lines[*at..]) || begins())
    });
    let Some(mut at) = found else { return lines.len() };
    // Outlook draws a rule above its header block, others name it there; a marker may be torn behind its dashes.
    let belongs = |line: &str| line.trim().is_empty() || rules::is_line(line, 2) || rules::is_bare(line);
    while at > 0 && belongs(lines[at - 1]) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests;
