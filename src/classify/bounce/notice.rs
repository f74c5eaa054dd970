//! The words that the mail server itself wrote: everything above the mail that came back.
//!
//! Behind that line stand the sender's own words, which say nothing about delivery. Bounded: a report is short, and what
//! lies beyond the bounds is not looked at.

use std::sync::LazyLock;

use super::lists::{List, Phrases};

/// Reports are short; a mail that came back need not be.
const MAX_LINES: usize = 300;
const MAX_LINE_BYTES: usize = 2000;
const MAX_BYTES: usize = 64 * 1024;
/// Of the mail that came back: enough for its header.
const MAX_RETURNED_LINES: usize = 300;

static RULES: List = LazyLock::new(|| Phrases::new(include_str!("rules.txt")));

/// The lines of a notice, and those of the mail that came back below it.
pub struct Notice<'a> {
    pub lines: Vec<&'a str>,
    pub returned: Vec<&'a str>,
}

impl<'a> Notice<'a> {
    pub fn of(text: &'a str) -> Self {
        let mut left = MAX_BYTES;
        let mut all = text.lines().map(bounded).take_while(move |line| {
            left = left.saturating_sub(line.len() + 1);
            left > 0
        });
        let mut lines: Vec<&str> = Vec::new();
        let mut returned = Vec::new();
        for line in all.by_ref().take(MAX_LINES) {
            if starts_returned_mail(line, !lines.iter().all(|l| l.trim().is_empty())) {
                returned.push(line);
                break;
            }
            lines.push(line);
        }
        returned.extend(all.take(MAX_RETURNED_LINES));
        Self { lines, returned }
    }

    /// All the words on one line, in lower case.
    pub fn lower(&self) -> String {
        self.lines.join(" ").to_lowercase()
    }

    /// A field of the header that came back, at the beginning of its line.
    pub fn returned_field(&self, name: &str) -> Option<&'a str> {
        self.returned.iter().find_map(|line| {
            let line = line.trim_start_matches(['>', ' ']);
            let label = line.get(..name.len()).filter(|label| label.eq_ignore_ascii_case(name))?;
            line[label.len()..].trim_start().strip_prefix(':').map(str::trim)
        })
    }
}

fn bounded(line: &str) -> &str {
    &line[..line.floor_char_boundary(MAX_LINE_BYTES)]
}

/// A line of the returned mail's header, or the line above it. `below`: there are words above.
fn starts_returned_mail(line: &str, below: bool) -> bool {
    const FIELDS: [&str; 5] = ["received:", "return-path:", "dkim-signature:", "x-received:", "x-originating-ip:"];
    let line = line.trim_end();
    let starts = |field: &&str| line.get(..field.len()).is_some_and(|start| start.eq_ignore_ascii_case(field));
    if FIELDS.iter().any(starts) {
        return true;
    }
    let bare = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '*' | '=' | '_' | '|' | '#'));
    if bare.is_empty() || bare.len() > 90 {
        return false;
    }
    let ruled = line.trim_start().starts_with(['-', '*', '=', '_', '|', '#']);
    if !(ruled || below && introduces(bare)) {
        return false;
    }
    let lower = bare.to_lowercase();
    // "The following addresses did not receive a copy of your message:"
    let lists = lower.contains("address") || lower.contains("recipient");
    !lists && RULES.held_in(&lower)
}

/// A sentence that only speaks of the message does not end the notice; one that introduces it ends like this.
fn introduces(line: &str) -> bool {
    const ENDS: [&str; 4] = [":", "follow", "follows.", "follow."];
    let ends = |end: &&str| {
        let start = line.len().checked_sub(end.len());
        start.and_then(|at| line.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    ENDS.iter().any(ends)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notice_ends_where_the_returned_mail_begins() {
        for rule in [
            "--- Below this line is a copy of the message.",
            "------ This is a copy of the message, including all the headers. ------",
            "   ----- Original message -----",
            "Original message headers:",
            "Message headers follow.",
            "|------------------------- Message text follows: ------------------------|",
            "Received: from a by b",
        ] {
            let text = format!("Sorry.\n<a@b.example>:\n550 no\n\n{rule}\n\nTo: c@d.example\n");
            let notice = Notice::of(&text);
            assert_eq!(notice.lines.len(), 4, "{rule}");
            assert_eq!(notice.returned_field("to"), Some("c@d.example"), "{rule}");
        }
        let spoken = "I could not deliver your original message.\nA copy of the message is kept.\n550 no\n";
        assert_eq!(Notice::of(spoken).lines.len(), 3);
    }

    #[test]
    fn both_are_bounded() {
        let text = "x".repeat(10_000) + &"\nword".repeat(100_000);
        let notice = Notice::of(&text);
        assert_eq!((notice.lines.len(), notice.returned.len()), (MAX_LINES, MAX_RETURNED_LINES));
        assert_eq!(notice.lines[0].len(), MAX_LINE_BYTES);
    }
}
