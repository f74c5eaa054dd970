//! What is wrong with a configuration: all of it at once, each with its line, its key, what was found and what is allowed.
//!
//! Read by a tired admin, so each stands on one line, and the line names the place first. Holds no secrets: whoever
//! reports a mistake about one says that it is unreadable, never what it is.

use std::fmt;

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// 1 is the first line of the file.
    pub line: usize,
    /// Where in the file: `mailbox[1].imap.tls`, counted from 1; empty for a mistake of the file's syntax.
    pub key: String,
    /// What was found, what is allowed, and the nearest right word.
    pub what: String,
}

/// Every mistake of one file, first line first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistakes {
    file: String,
    list: Vec<Mistake>,
}

impl Mistakes {
    /// Sorts them by line; says the same thing about the same key once.
    pub fn new(file: &str, mut list: Vec<Mistake>) -> Self {
        list.sort();
        list.dedup();
        Self { file: file.to_owned(), list }
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Mistake> {
        self.list.iter()
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl<'a> IntoIterator for &'a Mistakes {
    type Item = &'a Mistake;
    type IntoIter = std::slice::Iter<'a, Mistake>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in &self.list {
            write!(f, "{}:{}: ", self.file, mistake.line)?;
            if !mistake.key.is_empty() {
                write!(f, "{}: ", mistake.key)?;
            }
            writeln!(f, "{}", mistake.what)?;
        }
        match self.list.len() {
            1 => write!(f, "1 mistake in {}", self.file),
            n => write!(f, "{n} mistakes in {}", self.file),
        }
    }
}

impl std::error::Error for Mistakes {}

/// ` Did you mean "host"?` where one of the candidates is near enough, else nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(word, candidates) {
        Some(near) => format!(" Did you mean \"{near}\"?"),
        None => String::new(),
    }
}

/// The candidate that somebody who wrote `word` most likely meant.
fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.8;
    // A name of a few letters is near; a page pasted into a key is not worth comparing.
    let word: String = word.to_lowercase().chars().take(64).collect();
    let scored = candidates.into_iter().map(|c| (strsim::jaro_winkler(&word, &c.to_lowercase()), c));
    scored.filter(|(score, _)| *score >= NEAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, near)| near)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_that_was_meant() {
        assert_eq!(did_you_mean("implict", ["starttls", "implicit", "none"]), " Did you mean \"implicit\"?");
        assert_eq!(did_you_mean("crae", ["warehouse", "care"]), " Did you mean \"care\"?");
        assert_eq!(did_you_mean("zebra", ["host", "port"]), "");
    }

    #[test]
    fn mistakes_are_told_in_the_order_of_the_file_and_counted() {
        let at = |line, key: &str| Mistake { line, key: key.to_owned(), what: "is wrong".into() };
        let told = Mistakes::new("c.toml", vec![at(9, "b"), at(2, ""), at(9, "b")]).to_string();
        assert_eq!(told, "c.toml:2: is wrong\nc.toml:9: b: is wrong\n2 mistakes in c.toml");
    }
}
