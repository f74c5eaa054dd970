//! What a mail server's or a provider's refusal means in the admin's words, and which page of the provider mends it.
//!
//! One table, `advice.txt`, by the words and numbers that the large providers really write; where none is known, nothing
//! is guessed. Whoever shows advice shows the server's own words beside it.

use std::sync::LazyLock;

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| rows(include_str!("advice.txt")));

/// Between the words of a server and ours.
const WHAT_TO_DO: &str = "What to do:";

struct Row {
    /// Any of these will do, each with all its parts.
    signs: Vec<Vec<&'static str>>,
    means: &'static str,
}

fn rows(table: &'static str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut signs = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with("# ") && *line != "#" && !line.is_empty()) {
        match line.strip_prefix("    ") {
            Some(means) => rows.push(Row { signs: std::mem::take(&mut signs), means }),
            None => signs.push(line.split(" & ").collect()),
        }
    }
    rows
}

/// What the words of a server mean to an admin; `None` where they are not known. `at` is the server's name, for what only
/// one provider means by its words; empty where it is not known.
pub fn advice(at: &str, words: &str) -> Option<&'static str> {
    let (at, words) = (at.to_lowercase(), words.to_lowercase());
    let fits = |part: &&str| match part.strip_prefix('@') {
        Some(domain) => at.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')),
        None => holds(&words, part),
    };
    let row = TABLE.iter().find(|row| row.signs.iter().any(|sign| sign.iter().all(&fits)));
    row.map(|row| row.means)
}

/// A sentence with what to do behind it, where that is known and not said yet.
pub fn advised(at: &str, words: &str) -> String {
    match advice(at, words).filter(|_| !words.contains(WHAT_TO_DO)) {
        Some(what) => format!("{}. {WHAT_TO_DO} {what}", words.trim_end_matches('.')),
        None => words.to_owned(),
    }
}

/// As a whole: 5.7.9 is not the beginning of 5.7.90, nor aadsts70008 that of aadsts700082.
fn holds(words: &str, sign: &str) -> bool {
    words.match_indices(sign).any(|(at, _)| {
        let begins = sign.starts_with(|c: char| c.is_ascii_digit());
        let ends = sign.ends_with(|c: char| c.is_ascii_digit());
        let before = words[..at].ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let after = words[at + sign.len()..].starts_with(|c: char| c.is_ascii_digit());
        !(begins && before || ends && after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert!(TABLE.len() > 40, "{} rows", TABLE.len());
        for row in TABLE.iter() {
            assert!(!row.signs.is_empty(), "no sign stands above: {}", row.means);
            for part in row.signs.iter().flatten() {
                assert!(!part.is_empty() && *part == part.to_lowercase() && *part == part.trim(), "{part:?}");
            }
            // A sentence goes on with it, and a letter has room for it.
            assert!(!row.means.ends_with('.') && row.means.len() < 300, "{}", row.means);
        }
    }

    #[test]
    fn every_sign_is_reached() {
        for row in TABLE.iter() {
            for sign in &row.signs {
                let at = sign.iter().find_map(|part| part.strip_prefix('@')).unwrap_or_default();
                let words: Vec<&str> = sign.iter().filter(|part| !part.starts_with('@')).copied().collect();
                let found = advice(at, &words.join(" "));
                assert_eq!(found, Some(row.means), "{sign:?} is hidden by a row above it");
            }
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for words in [
            "535 5.7.8 authentication failed",
            "550 5.7.90 policy",
            "535 15.7.9",
            "NO [AUTHENTICATIONFAILED]",
            "NO LOGIN failed.",
            "554 5.7.9 Message not accepted for policy reasons",
            "AADSTS700089",
            "",
        ] {
            assert_eq!(advice("mail.northwind.example", words), None, "{words}");
        }
        assert_eq!(advice("notgmail.com", "Invalid credentials"), None);
    }

    #[test]
    fn what_to_do_is_said_once() {
        let said = advised("", "535 5.7.57 Client was not authenticated.");
        assert!(said.contains("authenticated. What to do: nobody logged in"), "{said}");
        assert_eq!(advised("", &said), said);
    }
}
