//! Words of vacation notes and automatic answers, clause by clause: a hint where no header tells that a machine wrote.
//!
//! People mention holidays and automatic replies as well. So a note must *begin* a clause with "I am out of the office"
//! or "this is an automatic reply", hold little else, and ask for nothing: a question, a demand or "your automatic reply
//! says" makes it a person's mail.

use std::sync::LazyLock;

use crate::classify::AutoKind;
use crate::mail::Mail;

use super::phrases::{Index, fold};

const LIST: &str = include_str!("words.txt");
/// Notes are short; a person's long mail is theirs.
const MAX_BYTES: usize = 4000;
/// So much of it is read: behind that stand signatures and what the house adds.
const MAX_CHARS: usize = 1500;
/// A shorter line ends its clause; a longer one was wrapped.
const SHORT_LINE_CHARS: usize = 45;
/// A greeting, a name, a date.
const NEUTRAL_WORDS: usize = 3;
const NEUTRAL_UNSPACED_CHARS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Away,
    Back,
    Machine,
    Receipt,
    Request,
    End,
    Challenge,
    Filter,
    Opened,
    Desk,
}

static INDEX: LazyLock<Index<Says>> = LazyLock::new(|| {
    let sections = [
        ("away", Says::Away),
        ("back", Says::Back),
        ("machine", Says::Machine),
        ("receipt", Says::Receipt),
        ("request", Says::Request),
        ("end", Says::End),
        ("challenge", Says::Challenge),
        ("filter", Says::Filter),
        ("opened", Says::Opened),
        ("desk", Says::Desk),
    ];
    Index::new(LIST, &sections)
});
static FILLERS: LazyLock<Index<()>> = LazyLock::new(|| Index::new(LIST, &[("filler", ())]));

/// What the clauses of a mail say.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub away: bool,
    pub machine: bool,
    receipts: usize,
    backs: usize,
    /// Letters of clauses that notes are made of, and of all others.
    known: usize,
    other: usize,
    /// Somebody wants something.
    asks: bool,
    challenges: usize,
    filters: usize,
    opened: bool,
    /// A letter of a desk like ours, that asks its reader something.
    desk: bool,
    links: bool,
    /// Somewhere in it, also within a clause, stands that its writer is away.
    mentions_away: bool,
}

impl Words {
    /// Of the words newly written.
    pub fn of(mail: &Mail) -> Self {
        let mut words = Self::default();
        if mail.new_text.len() > MAX_BYTES {
            return words;
        }
        words.read(&mail.new_text);
        words
    }

    /// The kind of note, where nothing but its words tells.
    pub fn kind(&self) -> Option<AutoKind> {
        let asked_to_prove = self.challenges >= 2 && self.links && !self.asks;
        if asked_to_prove || (self.filters > 0 && self.challenges > 0) {
            return Some(AutoKind::ChallengeResponse);
        }
        if self.desk {
            return Some(AutoKind::Autoreply);
        }
        if self.asks {
            return None;
        }
        if self.away && self.known >= self.other {
            Some(AutoKind::OutOfOffice)
        } else if (self.machine && self.known * 2 >= self.other)
            || (self.receipts >= 2 && self.known >= self.other.saturating_mul(3))
        {
            Some(AutoKind::Autoreply)
        } else {
            None
        }
    }

    /// The same, where something else says already that a machine wrote the mail.
    pub fn kind_of_machine(&self) -> Option<AutoKind> {
        if self.challenges >= 2 || (self.filters > 0 && self.challenges > 0) {
            return Some(AutoKind::ChallengeResponse);
        }
        (self.away || self.mentions_away).then_some(AutoKind::Vacation)
    }

    /// Do they fit to a subject that people write, too ("Urlaub: ...")?
    pub fn support_note(&self) -> bool {
        (self.away || self.machine) && !self.asks
    }

    /// A demand, and not a word of a note: whatever the subject says, a person wants something.
    pub fn contradict_note(&self) -> bool {
        self.asks && !self.away && !self.machine && self.receipts == 0 && self.backs == 0
    }

    /// "Your message ... was read on ...": it names the subject of that mail, and so whatever that asked for.
    pub fn tell_of_reading(&self) -> bool {
        self.opened
    }

    fn read(&mut self, text: &str) {
        let text = FILLERS.without(&fold(&with_ends(text)));
        self.links = text.contains("http://") || text.contains("https://");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let end = clause_end(rest);
            let mark = rest[end..].chars().next();
            if !self.clause(rest[..end].trim_matches(|c: char| !c.is_alphanumeric()), mark) {
                return;
            }
            rest = &rest[end + mark.map_or(0, char::len_utf8)..];
        }
    }

    /// `false`: nothing more is to be read.
    fn clause(&mut self, clause: &str, mark: Option<char>) -> bool {
        let (mut known, mut back, mut ends, mut asks) = (false, false, false, false);
        INDEX.scan(clause, |says, begins| match says {
            Says::Away => {
                self.away |= begins;
                self.mentions_away = true;
                known |= begins;
            }
            Says::Machine => {
                self.machine |= begins;
                known |= begins;
            }
            Says::Receipt => {
                self.receipts += usize::from(begins);
                known |= begins;
            }
            Says::Back => back = true,
            Says::Request => asks = true,
            Says::End => ends = true,
            Says::Challenge => self.challenges += 1,
            Says::Filter => self.filters += 1,
            Says::Opened => self.opened |= begins,
            Says::Desk => self.desk |= begins,
        });
        if ends {
            return false;
        }
        self.backs += usize::from(back);
        // "Urgent? Call ..." asks for nothing.
        self.asks |= asks || (matches!(mark, Some('?' | '\u{ff1f}')) && !back && !is_neutral(clause));
        let letters = clause.chars().filter(|c| c.is_alphabetic()).count();
        if known || back {
            self.known += letters;
        } else if !is_neutral(clause) {
            self.other += letters;
        }
        true
    }
}

/// With a full stop where a paragraph or a short line ends, so that the clauses are told apart when lines are joined.
fn with_ends(text: &str) -> String {
    let mut out = String::new();
    let mut chars = 0;
    for line in text.lines() {
        let length = line.chars().count();
        chars += length;
        if chars > MAX_CHARS && !out.is_empty() {
            break;
        }
        let end = line.char_indices().nth(MAX_CHARS).map_or(line.len(), |(at, _)| at);
        out.push_str(&line[..end]);
        out.push_str(if length < SHORT_LINE_CHARS { ". " } else { " " });
    }
    out
}

fn clause_end(text: &str) -> usize {
    const MARKS: [char; 20] = [
        '.', '!', '?', ',', ';', ':', '(', ')', '|', '\u{2013}', '\u{2014}', '\u{2022}', '\u{3002}', '\u{ff01}',
        '\u{ff1f}', '\u{3001}', '\u{ff0c}', '\u{ff1b}', '\u{ff1a}', '\u{b7}',
    ];
    // "03.12.2026", "10:00": a mark between digits ends nothing.
    let between_digits = |at: usize, mark: &str| {
        text[..at].ends_with(|c: char| c.is_ascii_digit())
            && text[at + mark.len()..].starts_with(|c: char| c.is_ascii_digit())
    };
    let mut marks = text.match_indices(MARKS);
    marks.find(|(at, mark)| !between_digits(*at, mark)).map_or(text.len(), |(at, _)| at)
}

fn is_neutral(clause: &str) -> bool {
    let unspaced = clause.chars().filter(|c| *c >= '\u{2e80}').count();
    clause.split_whitespace().count() <= NEUTRAL_WORDS && unspaced <= NEUTRAL_UNSPACED_CHARS
}
