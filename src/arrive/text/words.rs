//! The lists of `words.txt`, read once: what mail programs write around quotes and below the words, by language.
//!
//! A section that is missing or unknown is a mistake of ours, and a test finds it; at run time it is an empty list.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::fields::Field;

const SOURCE: &str = include_str!("words.txt");

type List = Vec<&'static str>;

#[derive(Debug)]
pub(super) struct Words {
    pub starts: Starts,
    pub weekdays: HashSet<&'static str>,
    /// Endings of introductions, the longest first: `heeft het volgende geschreven` is one of `geschreven`.
    pub verbs: List,
    /// Finds whether one of them may stand in a line, before each is looked for.
    pub any_verb: AhoCorasick,
    /// The same by their last letter.
    pub verbs_at_end: HashMap<char, List>,
    pub verbs_you_at_end: HashMap<char, List>,
    pub quoting: List,
    pub fields: HashMap<&'static str, Field>,
    pub rules: List,
    pub rules_alone: List,
    pub forwards: List,
    pub begins: HashSet<&'static str>,
    pub footers: Starts,
    pub footers_if_device: List,
    /// What the line begins and ends with.
    pub footer_patterns: Vec<(&'static str, &'static str)>,
    pub devices: List,
    pub lists: Starts,
    pub legal: Starts,
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
    let verbs = take("verbs");
    Words {
        starts: Starts::new(take("starts")),
        weekdays: take("weekdays").into_iter().collect(),
        any_verb: AhoCorasick::new(&verbs).expect("the verbs fit a machine"),
        verbs_at_end: by_last_letter(&verbs),
        verbs,
        verbs_you_at_end: by_last_letter(&take("verbs_you")),
        quoting: take("quoting"),
        fields,
        rules: take("rules"),
        rules_alone: take("rules_alone"),
        forwards: take("forwards"),
        begins: take("begins").into_iter().collect(),
        footers: Starts::new(take("footers")),
        footers_if_device: take("footers_if_device"),
        footer_patterns: take("footer_patterns").into_iter().filter_map(pattern).collect(),
        devices: take("devices"),
        lists: Starts::new(take("lists")),
        legal: Starts::new(take("legal")),
        confidential: take("confidential"),
    }
});

/// What a line begins with: entries by their first letter, since every line is asked.
#[derive(Debug)]
pub(super) struct Starts(HashMap<char, List>);

impl Starts {
    fn new(list: List) -> Self {
        let mut starts: HashMap<char, List> = HashMap::new();
        for entry in list {
            starts.entry(entry.chars().next().unwrap_or_default()).or_default().push(entry);
        }
        Self(starts)
    }

    /// Those that the text begins with.
    pub fn of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        let first = text.chars().next().and_then(|first| self.0.get(&first));
        first.into_iter().flatten().copied().filter(|entry| text.starts_with(entry))
    }

    /// Could the line do so, by its first few letters? Every paragraph is asked, and few are looked at closely.
    pub fn may_begin(&self, line: &str) -> bool {
        const FEW: usize = 3;
        let seen = line.chars().filter(|c| !is_invisible(*c)).skip_while(|c| !c.is_alphanumeric());
        let head = plain(&seen.take(FEW).collect::<String>());
        let entries = head.chars().next().and_then(|first| self.0.get(&first));
        entries.is_some_and(|entries| entries.iter().any(|entry| entry.starts_with(&head) || head.starts_with(entry)))
    }

    /// Does the text begin with one of them?
    pub fn begin(&self, text: &str) -> bool {
        self.of(text).next().is_some()
    }

    /// Does one of its words, or what follows on it, begin with one of them?
    pub fn begin_within(&self, text: &str) -> bool {
        let mut in_word = false;
        text.char_indices().any(|(at, c)| {
            let starts = !in_word;
            in_word = c.is_alphanumeric();
            starts && self.begin(&text[at..])
        })
    }
}

fn pattern(entry: &'static str) -> Option<(&'static str, &'static str)> {
    entry.split_once('\u{2026}').map(|(start, end)| (start.trim(), end.trim()))
}

fn by_last_letter(list: &[&'static str]) -> HashMap<char, List> {
    let mut ends: HashMap<char, List> = HashMap::new();
    for entry in list {
        ends.entry(entry.chars().next_back().unwrap_or_default()).or_default().push(entry);
    }
    ends
}

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
            '!'..='~' => out.push(c.to_ascii_lowercase()),
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

/// The same of entries by their last letter.
pub(super) fn ends_with_one(text: &str, by_last: &HashMap<char, List>) -> bool {
    let entries = text.chars().next_back().and_then(|last| by_last.get(&last));
    entries.is_some_and(|entries| entries.iter().any(|entry| ends_with(text, entry)))
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
