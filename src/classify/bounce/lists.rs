//! Word lists kept beside the code as plain text: one phrase a line, lower case, `#` begins a comment.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// A list that is read when it is first asked for.
pub type List = LazyLock<Phrases>;

/// Phrases that are looked for in one walk over the text, however many they are.
pub struct Phrases(AhoCorasick);

impl Phrases {
    pub fn new(text: &'static str) -> Self {
        Self::of(lines(text))
    }

    pub fn of(list: Vec<&str>) -> Self {
        Self(AhoCorasick::new(list).expect("the phrases fit a machine"))
    }

    /// Does this text, in lower case, hold one of them?
    pub fn held_in(&self, lower: &str) -> bool {
        self.0.is_match(lower)
    }
}

pub fn lines(text: &'static str) -> Vec<&'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// The same of a few.
pub fn holds(list: &[&str], lower: &str) -> bool {
    list.iter().any(|phrase| lower.contains(phrase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_written_as_they_are_compared() {
        for text in [
            include_str!("subjects.txt"),
            include_str!("sentences.txt"),
            include_str!("delays.txt"),
            include_str!("rules.txt"),
            include_str!("announcements.txt"),
        ] {
            let lines = lines(text);
            assert!(lines.len() > 10);
            lines.iter().for_each(|line| assert_eq!(*line, line.to_lowercase()));
        }
    }
}
