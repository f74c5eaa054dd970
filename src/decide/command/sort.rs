//! What sorts a case: one of a few words, each as it is written in the table or in the configuration.

use crate::decide::case::Priority;
use crate::decide::policy::OTHER;

use super::{Command, Reader, Wrong, nearest};

const PRIORITIES: [(&str, Priority); 4] =
    [("low", Priority::Low), ("normal", Priority::Normal), ("high", Priority::High), ("urgent", Priority::Urgent)];

pub(super) fn priority(text: &str, _: &Reader<'_>) -> Result<Command, Wrong> {
    let one = one_of("#priority", text, PRIORITIES.map(|(word, _)| word).into_iter())?;
    let found = PRIORITIES.into_iter().find(|(word, _)| *word == one);
    Ok(Command::Priority(found.map_or(Priority::Normal, |(_, priority)| priority)))
}

/// One of `[[kind]]`, or none of them.
pub(super) fn kind(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    let names = reader.policy.kinds.iter().map(|kind| kind.name.as_str());
    one_of("#kind", text, names.filter(|name| *name != OTHER).chain([OTHER])).map(|name| Command::Kind(name.to_owned()))
}

/// As in `config.toml`, whatever the case of its letters.
fn one_of<'a>(command: &str, text: &str, words: impl Iterator<Item = &'a str>) -> Result<&'a str, Wrong> {
    let words: Vec<&str> = words.collect();
    let asked = text.trim().to_lowercase();
    let found = words.iter().find(|word| word.to_lowercase() == asked);
    let why = || match asked.is_empty() {
        true => format!("{command} asks for a word behind it. There are: {}.", words.join(", ")),
        false => format!("\"{}\" is none of them. There are: {}.", text.trim(), words.join(", ")),
    };
    found
        .copied()
        .ok_or_else(|| Wrong { why: why(), nearest: nearest(&asked, words.iter().copied()).map(str::to_owned) })
}
