//! What stands below the words and is none of them: signatures, footers of phones and programs, of lists, of lawyers.
//!
//! A signature stays with a letter that is passed on, a footer does not; so what is only probable is a signature. The
//! rules ask for certainty: people end their mails with lines that look like these ("Sent by DHL, number 7").

use super::words::{WORDS, begins_with, is_invisible, plain};
use super::{Line, rules};

/// Lines of a signature below a delimiter that has lost its blank.
const MAX_BARE_SIGNATURE: usize = 25;
/// Lines of a signature below any other rule.
const MAX_DRAWN_SIGNATURE: usize = 8;
/// Bytes of a line in such a signature.
const MAX_DRAWN_BYTES: usize = 100;
/// Lines of a list's footer, and the first of them in which it must say what it is.
const MAX_LIST_LINES: usize = 12;
const LIST_SAYS: usize = 4;
/// Bytes of a footer's line.
const MAX_FOOTER: usize = 240;
/// Characters of a footer whose words could be a sentence.
const MAX_LOOSE_FOOTER: usize = 60;
const MAX_PATTERN: usize = 100;
const MAX_OPEN_WORDS: usize = 3;
/// A shorter paragraph about confidence is somebody's own.
const MIN_LEGAL_BYTES: usize = 80;

pub(super) fn mark(lines: &[&str], marks: &mut [Line]) {
    mark_legal(lines, marks);
    mark_below_rules(lines, marks);
    mark_ends(lines, marks);
}

fn is_words(lines: &[&str], marks: &[Line], at: usize) -> bool {
    marks[at] == Line::Own && !lines[at].trim().is_empty()
}

/// Delimiters and other rules with a signature or a list's footer below them, up to the next quote.
fn mark_below_rules(lines: &[&str], marks: &mut [Line]) {
    // Worked out once: looking for each rule anew would cost the square of the length.
    let words: Vec<usize> = (0..lines.len()).filter(|at| is_words(lines, marks, *at)).collect();
    let ends = ends_of_runs(marks);
    let Some(last) = words.last().copied() else { return };
    let Some(first) = words.iter().copied().find(|n| !rules::is_line(lines[*n], 1)) else { return };
    let mut at = first + 1;
    while at < lines.len() {
        let end = ends[at];
        if marks[at] == Line::Own && rules::is_line(lines[at], 1) {
            let next = words.partition_point(|n| *n <= at);
            let in_block = words[next..].iter().take(MAX_BARE_SIGNATURE + 1).take_while(|n| **n < end);
            let block: Vec<&str> = in_block.map(|n| lines[*n]).collect();
            // A list puts its footer below everything.
            let found = below(lines[at], &block).filter(|mark| *mark == Line::Signature || last < end);
            if let Some(mark) = found {
                marks[at..end].iter_mut().filter(|m| **m == Line::Own).for_each(|m| *m = mark);
                at = end;
                continue;
            }
        }
        at += 1;
    }
}

/// For each line the next that is quoted, or the end.
fn ends_of_runs(marks: &[Line]) -> Vec<usize> {
    let mut ends = vec![marks.len(); marks.len()];
    for at in (0..marks.len()).rev() {
        let below = ends.get(at + 1).copied().unwrap_or(marks.len());
        ends[at] = if marks[at] == Line::Quoted { at } else { below };
    }
    ends
}

/// What a block below a rule is, if it is anything but words.
fn below(rule: &str, block: &[&str]) -> Option<Line> {
    // The beginning of a word is enough: lists say `unsubscribe` and `unsubscribing`.
    let says_list = |line: &&str| WORDS.lists.begin_within(&plain(line));
    let drawn = rule.trim();
    if rules::is_line(drawn, 2) && block.len() <= MAX_LIST_LINES && block.iter().take(LIST_SAYS).any(says_list) {
        return Some(Line::Footer);
    }
    match rule {
        // RFC 3676 section 4.3; a no-break blank is Outlook's.
        "-- " | "--\u{a0}" => Some(Line::Signature),
        "--" if block.len() <= MAX_BARE_SIGNATURE => Some(Line::Signature),
        _ => (rules::is_line(drawn, 2) && looks_like_signature(block)).then_some(Line::Signature),
    }
}

/// A name, then somewhere an address, a page or a number: few lines, and no sentences.
fn looks_like_signature(block: &[&str]) -> bool {
    let Some(first) = block.first() else { return false };
    let is_name = first.split_whitespace().count() <= 5
        && first.trim().starts_with(|c: char| c.is_alphabetic() && !c.is_lowercase())
        && !first.trim_end().ends_with(['.', ':', '?', '!', ','])
        && !first.contains(|c: char| c.is_ascii_digit());
    let reaches = |line: &&str| {
        let digits = line.bytes().filter(u8::is_ascii_digit).count();
        line.contains('@') || line.contains("www.") || line.contains("http") || digits >= 7
    };
    is_name
        && (2..=MAX_DRAWN_SIGNATURE).contains(&block.len())
        && block.iter().all(|line| line.len() <= MAX_DRAWN_BYTES)
        && block.iter().any(reaches)
}

/// Paragraphs of lawyers: how they begin and what they say is asked, both. A rule ends a paragraph, too.
fn mark_legal(lines: &[&str], marks: &mut [Line]) {
    let is_text = |marks: &[Line], at: usize| is_words(lines, marks, at) && !rules::is_line(lines[at], 2);
    let mut words_above = false;
    let mut at = 0;
    while at < lines.len() {
        if !is_text(marks, at) {
            at += 1;
            continue;
        }
        let end = (at..lines.len()).find(|n| !is_text(marks, *n)).unwrap_or(lines.len());
        if words_above && is_legal(&lines[at..end]) {
            marks[at..end].fill(Line::Signature);
        } else {
            words_above = true;
        }
        at = end;
    }
}

fn is_legal(paragraph: &[&str]) -> bool {
    if paragraph.iter().map(|line| line.len()).sum::<usize>() < MIN_LEGAL_BYTES || !WORDS.legal.may_begin(paragraph[0])
    {
        return false;
    }
    let first: String = paragraph.iter().take(2).flat_map(|line| line.chars().take(100).chain([' '])).collect();
    let first = plain(&first);
    WORDS.legal.begin(first.trim_start_matches(|c: char| !c.is_alphanumeric())) && {
        let all = plain(&paragraph.join(" "));
        WORDS.confidential.iter().any(|word| all.contains(word))
    }
}

/// At the ends of the words only: the last lines of the mail, and those above a quote.
fn mark_ends(lines: &[&str], marks: &mut [Line]) {
    let mut at_end = true;
    for at in (0..lines.len()).rev() {
        let line = lines[at];
        match marks[at] {
            Line::Quoted => at_end = true,
            Line::Own | Line::Signature if at_end && is_footer(line) => marks[at] = Line::Footer,
            Line::Own if line.trim().is_empty() => {}
            // A rule with nothing below it. The last one of a table is a part of it.
            Line::Own if at_end && rules::is_line(line, 1) && !closes_table(lines, at) => marks[at] = Line::Signature,
            Line::Own => at_end = false,
            Line::Signature | Line::Footer => {}
        }
    }
}

fn closes_table(lines: &[&str], at: usize) -> bool {
    at.checked_sub(1).is_some_and(|above| lines[above].trim_start().starts_with(['|', '+']))
}

/// What phones and programs add below the words.
fn is_footer(line: &str) -> bool {
    if line.trim().len() < 4 || line.len() > MAX_FOOTER {
        return false;
    }
    let line = plain(line);
    let line = without_link(&line);
    let line = line.trim_matches(|c: char| {
        c.is_whitespace() || is_invisible(c) || "*_[]()<>-|\u{2013}\u{2014}\u{2022}".contains(c)
    });
    if line.is_empty() || line.ends_with('?') {
        return false;
    }
    let line = line.trim_end_matches(['.', '!', '\u{3002}', ' ']);
    WORDS.footers.begin(line) || is_loose_footer(line) && names_device(line)
}

/// `Get [Outlook for iOS](https://aka.ms/o0ukef)`, `<https://...>`: what it says, not where it leads.
fn without_link(line: &str) -> String {
    let end = ["(http", "<http", "http"].iter().filter_map(|start| line.find(start)).min().unwrap_or(line.len());
    // What stands behind a link is looked at only where it is short: ` for windows 10`.
    line[..end].replace(['[', ']'], "")
}

fn is_loose_footer(line: &str) -> bool {
    let length = line.chars().count();
    let begins = || WORDS.footers_if_device.iter().any(|footer| begins_with(line, footer));
    let fits = |(start, end): &(&str, &str)| {
        // `Klaus from mobile`, but not `I cannot log in from mobile`.
        let open = start.is_empty() || end.is_empty();
        let most = if open { MAX_LOOSE_FOOTER / 2 } else { MAX_PATTERN };
        line.starts_with(start)
            && line.ends_with(end)
            && line.len() > start.len() + end.len()
            && length <= most
            && (!open || line.split(' ').count() <= MAX_OPEN_WORDS + usize::from(end.is_empty()))
    };
    length <= MAX_LOOSE_FOOTER && begins() || WORDS.footer_patterns.iter().any(fits)
}

fn names_device(line: &str) -> bool {
    let mut words = line.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '.'));
    let is_device = |word: &str, device: &str| word == device || device.len() >= 5 && word.starts_with(device);
    words.any(|word| WORDS.devices.iter().any(|device| is_device(word, device)))
        || WORDS.devices.iter().any(|device| !device.is_ascii() && line.contains(device))
        || ["iphone", "ipad", "android", "outlook", "gmail", "yahoo"].iter().any(|device| line.contains(device))
}
