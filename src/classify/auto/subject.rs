//! Subjects of responders, in the words of the programs that write them. A subject alone is a hint: it stops an answer and
//! never hides a mail, and a person who writes "Automatic reply never came" is told from a program by what follows.

use std::sync::LazyLock;

use crate::classify::AutoKind;

use super::phrases::{Phrases, fold};
use super::words::Words;

const LIST: &str = include_str!("subjects.txt");
/// A gateway's tag in front: `[EXTERNAL]`, `***SPAM***`.
const MAX_TAG_CHARS: usize = 30;

static AWAY: LazyLock<Phrases> = LazyLock::new(|| Phrases::section(LIST, "away"));
static REPLY: LazyLock<Phrases> = LazyLock::new(|| Phrases::section(LIST, "reply"));
static END: LazyLock<Phrases> = LazyLock::new(|| Phrases::section(LIST, "end"));
static WEAK: LazyLock<Phrases> = LazyLock::new(|| Phrases::section(LIST, "weak"));
static CALENDAR: LazyLock<Phrases> = LazyLock::new(|| Phrases::section(LIST, "calendar"));
static RECEIPT: LazyLock<Phrases> = LazyLock::new(|| Phrases::section(LIST, "receipt"));

/// A subject that only a responder writes.
pub fn kind(subject: &str, words: &Words) -> Option<AutoKind> {
    let folded = fold(subject);
    let forms = [folded.as_str(), without_tag(&folded)].map(|s| s.trim_start_matches(OPENING));
    let heads = |list: &Phrases| forms.iter().any(|form| list.heads(form));
    let kind = if heads(&AWAY) {
        Some(AutoKind::OutOfOffice)
    } else if heads(&REPLY) || END.ends(&folded) {
        Some(AutoKind::Autoreply)
    } else if heads(&WEAK) && words.support_note() {
        Some(AutoKind::Vacation)
    } else {
        // Lotus Notes writes it so; "Auto: ..." is a German customer with a car.
        subject.trim_start().starts_with("AUTO: ").then_some(AutoKind::Autoreply)
    };
    kind.filter(|_| !words.contradict_note())
}

/// The kind that the subject of a machine's mail names, however people might write it.
pub fn kind_of_machine(subject: &str) -> Option<AutoKind> {
    let folded = fold(subject);
    let form = without_tag(&folded).trim_start_matches(OPENING);
    // "AUTO: Name is out of the office", "Re: vacation: ...".
    let behind = form.split_once(": ").map_or(form, |(_, rest)| rest);
    let away = |s: &str| AWAY.heads(s) || WEAK.heads(s) && !s.starts_with("auto");
    if away(folded.trim_start_matches(OPENING)) || away(form) || away(behind) {
        return Some(AutoKind::OutOfOffice);
    }
    None
}

pub fn is_calendar_reply(subject: &str) -> bool {
    CALENDAR.heads(&fold(subject))
}

pub fn is_read_receipt(subject: &str) -> bool {
    RECEIPT.heads(&fold(subject))
}

const OPENING: [char; 7] = ['[', '*', ' ', '"', '\'', '\u{3010}', '<'];

fn without_tag(subject: &str) -> &str {
    let tag = |open: char, close: &str| {
        let (tag, rest) = subject.strip_prefix(open)?.split_once(close)?;
        (tag.chars().count() <= MAX_TAG_CHARS).then(|| rest.trim_start_matches([' ', '*', ':', '-']))
    };
    tag('[', "]").or_else(|| tag('*', "** ")).or_else(|| tag('{', "}")).unwrap_or(subject)
}
