//! What failed, as the customer sees it: kinds by the words of `config.toml`, and the compiled-in lists that tell
//! a complaint from a question.
//!
//! Whole words, any case; a trailing `*` ends a stem; several words are a phrase. Only the newly written words and
//! the subject are read: a quoted letter of ours must not make a complaint of a thank-you.

use std::ops::Range;
use std::sync::LazyLock;

use crate::mail::clean_line;

use super::policy::{FirstLetter, Inbox, Kind, OTHER, Policy};

/// Sentences that are looked at for a wish.
const SENTENCES: usize = 500;
/// A wish is shown on every mail to staff.
const WISH_CHARS: usize = 200;
/// Words read at most; a longer mail has said by then what it is about.
const READ_CHARS: usize = 20_000;

/// The subject and the new words of a mail, folded for matching.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Words {
    /// All words in order, a blank before and after each, for phrases.
    running: String,
    /// The words of `running`, sorted: those of one stem stand side by side.
    sorted: Vec<Word>,
    asks: bool,
}

impl Words {
    pub fn of(subject: &str, words: &str) -> Self {
        let subject = head(subject, READ_CHARS);
        let words = head(words, READ_CHARS.saturating_sub(subject.chars().count()));
        let running = fold(subject.chars().chain(['\n']).chain(words.chars()));
        let mut sorted = places(&running);
        sorted.sort_unstable_by(|a, b| a.order(&running).cmp(&b.order(&running)));
        Self { asks: subject.contains('?') || words.contains('?'), running, sorted }
    }

    /// Does any of these folded words, stems or phrases occur?
    pub fn hold_any(&self, patterns: &[String]) -> bool {
        patterns.iter().any(|p| self.hold(p))
    }

    fn hold(&self, pattern: &str) -> bool {
        match (pattern.split_once(' '), pattern.strip_suffix('*')) {
            // The first word is looked up before the whole text is searched: most phrases end here.
            (Some((first, _)), None) => self.has(first) && self.running.contains(&format!(" {pattern} ")),
            (Some((first, _)), Some(stem)) => self.has(first) && self.running.contains(&format!(" {stem}")),
            (None, Some(stem)) => self.has_stem(stem),
            (None, None) => self.has(pattern),
        }
    }

    fn has(&self, word: &str) -> bool {
        self.from(word) == Some(word)
    }

    fn has_stem(&self, stem: &str) -> bool {
        self.from(stem).is_some_and(|word| word.starts_with(stem))
    }

    /// The first word that does not stand before this one.
    fn from(&self, word: &str) -> Option<&str> {
        let wanted = (beginning(word), word);
        let at = self.sorted.partition_point(|w| w.order(&self.running) < wanted);
        self.sorted.get(at).map(|w| &self.running[w.place.clone()])
    }
}

/// A word and where it stands. Most words differ in their first bytes: one number tells them apart.
#[derive(Debug, Clone, PartialEq)]
struct Word {
    beginning: u64,
    place: Range<usize>,
}

impl Word {
    fn order<'a>(&self, running: &'a str) -> (u64, &'a str) {
        (self.beginning, &running[self.place.clone()])
    }
}

/// The first eight bytes, so that numbers are in the order of the words.
fn beginning(word: &str) -> u64 {
    let mut bytes = [0; 8];
    let some = word.len().min(8);
    bytes[..some].copy_from_slice(&word.as_bytes()[..some]);
    u64::from_be_bytes(bytes)
}

/// A pattern of `config.toml` in the form that [`Words`] compares: lower case, single blanks, the `*` kept.
pub fn fold_pattern(pattern: &str) -> String {
    let star = if pattern.trim_end().ends_with('*') { "*" } else { "" };
    fold(pattern.chars()).trim().to_owned() + star
}

/// Lower case, words parted by single blanks, one blank at both ends.
fn fold(text: impl Iterator<Item = char>) -> String {
    let mut folded = String::from(" ");
    for c in text {
        match c {
            'a'..='z' | '0'..='9' => folded.push(c),
            '’' => folded.push('\''),
            '\'' | '-' => folded.push(c),
            _ if c.is_alphanumeric() => folded.extend(c.to_lowercase()),
            _ if folded.ends_with(' ') => {}
            _ => folded.push(' '),
        }
    }
    if !folded.ends_with(' ') {
        folded.push(' ');
    }
    folded
}

/// The first so many characters.
fn head(text: &str, chars: usize) -> &str {
    text.char_indices().nth(chars).map_or(text, |(end, _)| &text[..end])
}

fn places(running: &str) -> Vec<Word> {
    let mut next = 0;
    let place = |word| {
        let start = next;
        next += str::len(word) + 1;
        (!word.is_empty()).then(|| Word { beginning: beginning(word), place: start..start + word.len() })
    };
    running.split(' ').filter_map(place).collect()
}

/// The first kind whose words occur, in any language; `other` where none does.
pub fn kind_of<'a>(policy: &'a Policy, words: &Words) -> Option<&'a Kind> {
    let matching = |k: &&Kind| k.words.values().any(|patterns| words.hold_any(patterns));
    // Danger before all else: "my parcel is on fire" is no delivery trouble.
    let danger = policy.kinds.iter().filter(|k| k.danger).find(matching);
    danger.or_else(|| policy.kinds.iter().find(matching)).or_else(|| policy.kind(OTHER))
}

/// Which first letter a mail gets (design section 2, Apologise).
pub fn first_letter(kind: Option<&Kind>, inbox: Option<&Inbox>, words: &Words) -> FirstLetter {
    if let Some(kind) = kind.filter(|k| k.name != OTHER) {
        return kind.letter;
    }
    if complains(words) {
        return FirstLetter::Apology;
    }
    if words.asks {
        return FirstLetter::Acknowledgement;
    }
    inbox.map_or(FirstLetter::Apology, |i| i.letter)
}

/// Do the words complain, in any of the four languages?
pub fn complains(words: &Words) -> bool {
    words.hold_any(&LISTS.complaint)
}

/// What would put it right, in the customer's own words: the first sentence that names a remedy.
pub fn wish_in(words: &Words, subject: &str, text: &str) -> Option<String> {
    if !words.hold_any(&LISTS.wish) {
        return None;
    }
    // Mail programs wrap lines: only an empty one ends a sentence that has no stop.
    let paragraphs = text
        .split(
            "

",
        )
        .map(clean_line)
        .chain([clean_line(subject)]);
    let sentences = paragraphs.flat_map(|p| p.split_inclusive(['.', '!', '?']).map(str::to_owned).collect::<Vec<_>>());
    let mut naming = sentences.take(SENTENCES).filter(|sentence| Words::of("", sentence).hold_any(&LISTS.wish));
    naming.next().map(|sentence| sentence.trim().chars().take(WISH_CHARS).collect())
}

/// The compiled-in lists of all languages together.
struct Lists {
    complaint: Vec<String>,
    wish: Vec<String>,
}

pub(super) const ENGLISH: &str = include_str!("words/en.txt");

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let files = [ENGLISH, include_str!("words/de.txt"), include_str!("words/fr.txt"), include_str!("words/es.txt")];
    Lists { complaint: section(&files, "complaint"), wish: section(&files, "wish") }
});

/// The patterns under `# name` of every file.
fn section(files: &[&str], name: &str) -> Vec<String> {
    files.iter().flat_map(|file| lines_under(file, name)).flat_map(patterns_of).collect()
}

/// The lines under `# name`.
pub(super) fn lines_under<'f>(file: &'f str, name: &str) -> Vec<&'f str> {
    let begins = |line: &&str| line.strip_prefix("# ") != Some(name);
    file.lines().skip_while(begins).skip(1).take_while(|line| !line.starts_with("# ")).collect()
}

/// A line with `|` holds phrases, any other holds words.
fn patterns_of(line: &str) -> Vec<String> {
    let split: Vec<&str> =
        if line.contains('|') { line.split('|').collect() } else { line.split_whitespace().collect() };
    split.into_iter().map(fold_pattern).filter(|p| !p.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_the_sentence_that_names_it_over_wrapped_lines() {
        let text = "Hello,\n\nthat is two lamps. I do not want a third one, I want my money\nback.\n\nKlaus";
        let words = Words::of("Lamp broken", text);
        let wish = wish_in(&words, "Lamp broken", text);
        assert_eq!(wish.as_deref(), Some("I do not want a third one, I want my money back."));
        let none = Words::of("Lamp broken", "It is broken.");
        assert_eq!(wish_in(&none, "Lamp broken", "It is broken."), None);
    }

    #[test]
    fn words_stems_and_phrases_are_told_apart() {
        let words = Words::of("Parcel", "The courier never arrived; my couriers’ van was late.");
        for there in ["parcel", "couri*", "never arrived", "never arriv*"] {
            assert!(words.hold(there), "{there}");
        }
        for absent in ["arrive", "arrived never", "ate", "late van"] {
            assert!(!words.hold(absent), "{absent}");
        }
    }

    #[test]
    fn a_complaint_is_heard_in_four_languages() {
        for text in ["I am very disappointed.", "Die Lampe ist kaputt!", "La lampe ne fonctionne pas", "No funciona"] {
            assert!(complains(&Words::of("", text)), "{text}");
        }
        assert!(!complains(&Words::of("Opening hours", "When does the desk open on Monday?")));
    }
}
