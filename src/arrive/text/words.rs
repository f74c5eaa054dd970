//! The lists of `words.txt`, read once: what mail programs write around quotes and below the words, by language.
//!
//! A section that is missing or unknown is a mistake of ours, and a test finds it; at run time it is an empty list.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::fields::Field;

const SOURCE: &str = include_str!("words.txt");

type List = Vec<&'static str>;

#[derive(Debug)]
pub(super) struct Words {
    pub starts: List,
    pub weekdays: HashSet<&'static str>,
    /// Endings of introductions, the longest first: `heeft het volgende geschreven` is one of `geschreven`.
    pub verbs: List,
    pub verbs_you: List,
    pub quoting: List,
    pub fields: HashMap<&'static str, Field>,
    pub rules: List,
    pub rules_alone: List,
    pub forwards: List,
    pub begins: HashSet<&'static str>,
    pub footers: List,
    pub footers_if_device: List,
    /// What the line begins and ends with.
    pub footer_patterns: Vec<(&'static str, &'static str)>,
    pub devices: List,
    pub lists: List,
    pub legal: List,
    pub confidential: List,
}

pub(super) static WORDS: LazyLock<Words> = LazyLock::new(|| {
    let mut sections = read(SOURCE);
    let mut take = |name: &str| sections.remove(name).unwrap_or_default();
    let mut fields = HashMap::new();
    for (name, field) in [("from", Field::From), ("date", Field::Date), ("to", Field::To), ("subject", Field::Subject)]
    {
        // A name of two fields, in two languages, is the first one's.
        for word in take(name) {
            fields.entry(word).or_insert(field);
        }
    }
    Words {
        starts: take("starts"),
        weekdays: take("weekdays").into_iter().collect(),
        verbs: take("verbs"),
        verbs_you: take("verbs_you"),
        quoting: take("quoting"),
        fields,
        rules: take("rules"),
        rules_alone: take("rules_alone"),
        forwards: take("forwards"),
        begins: take("begins").into_iter().collect(),
        footers: take("footers"),
        footers_if_device: take("footers_if_device"),
        footer_patterns: take("footer_patterns").into_iter().filter_map(|entry| entry.split_once('\u{2026}')).collect(),
        devices: take("devices"),
        lists: take("lists"),
        legal: take("legal"),
        confidential: take("confidential"),
    }
});

/// The entries of each section.
fn read(source: &'static str) -> HashMap<&'static str, List> {
    let mut sections: HashMap<&str, List> = HashMap::new();
    let mut name = "";
    for line in source.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(section) => name = section,
            None => {
                let entries = line.split_once(": ").map_or(line, |(_, entries)| entries);
                sections.entry(name).or_default().extend(entries.split(" | ").map(str::trim));
            }
        }
    }
    sections
}

/// As people see it, in lower case: marks of direction and zero-width characters gone, all blanks plain and single.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        match c {
            c if c.is_whitespace() || c == '\u{3000}' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            '\u{2019}' => out.push('\''),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// Marks of direction, zero-width and soft characters: programs put them around names and dates.
pub(super) fn is_invisible(c: char) -> bool {
    let directed = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}');
    directed || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{feff}' | '\u{ad}')
}

/// Does a text begin with this word, and not with a longer one? Languages without blanks have no longer ones.
pub(super) fn begins_with(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| is_boundary(word.chars().next_back(), rest.chars().next()))
}

/// The same at the end.
pub(super) fn ends_with(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|head| is_boundary(head.chars().next_back(), word.chars().next()))
}

/// Does it stand in a text as a word?
pub(super) fn holds(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let behind = &text[at + word.len()..];
        is_boundary(text[..at].chars().next_back(), word.chars().next())
            && is_boundary(word.chars().next_back(), behind.chars().next())
    })
}

/// No word goes on between these two characters.
fn is_boundary(left: Option<char>, right: Option<char>) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() && !is_unspaced(c);
    !(left.is_some_and(goes_on) && right.is_some_and(goes_on))
}

/// Letters of languages that put no blanks between words, or join particles to them: Thai, Chinese, Japanese, Korean.
fn is_unspaced(c: char) -> bool {
    let korean = matches!(c, '\u{ac00}'..='\u{d7af}');
    korean
        || matches!(c, '\u{e00}'..='\u{e7f}' | '\u{2e80}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_known_and_every_entry_is_as_it_is_compared() {
        let sections = read(SOURCE);
        let known = [
            "starts",
            "weekdays",
            "verbs",
            "verbs_you",
            "quoting",
            "from",
            "date",
            "to",
            "subject",
            "rules",
            "rules_alone",
            "forwards",
            "begins",
            "footers",
            "footers_if_device",
            "footer_patterns",
            "devices",
            "lists",
            "legal",
            "confidential",
        ];
        let mut names: Vec<&str> = sections.keys().copied().collect();
        names.sort_unstable();
        let mut wanted = known.to_vec();
        wanted.sort_unstable();
        assert_eq!(names, wanted);
        for (name, entries) in sections {
            for entry in entries {
                assert!(!entry.is_empty() && plain(entry) == *entry, "[{name}] {entry:?}: not lower case and plain");
                assert_eq!(
                    entry.matches('\u{2026}').count(),
                    usize::from(name == "footer_patterns"),
                    "[{name}] {entry:?}"
                );
            }
        }
        assert!(WORDS.fields.contains_key("gesendet") && WORDS.verbs.contains(&"wrote"));
    }

    #[test]
    fn words_end_where_other_letters_begin_but_not_in_chinese() {
        assert!(begins_with("on monday", "on") && !begins_with("once", "on") && begins_with("on", "on"));
        assert!(ends_with("mei wrote", "wrote") && !ends_with("rewrote", "wrote"));
        assert!(ends_with("23:40\u{5199}\u{9053}", "\u{5199}\u{9053}"));
        assert!(holds("am 20. schrieb mei", "schrieb") && !holds("beschrieben", "schrieb"));
        assert_eq!(plain("\u{202a}Mei\u{a0}\u{202f}TAN\u{200f}"), "mei tan");
    }
}
