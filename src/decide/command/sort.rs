//! What sorts a case: one of a few words, each as it is written in the table or in the configuration.

use crate::decide::case::Priority;
use crate::decide::lists::Which;
use crate::decide::policy::OTHER;

use super::{Command, Reader, Tag, Wrong, nearest};

const TAG_OCTETS: usize = 40;

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

/// One of `[[sla]]`.
pub(super) fn sla(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    one_of("#sla", text, reader.policy.slas.keys().map(String::as_str)).map(|name| Command::Sla(name.to_owned()))
}

/// Letters, digits and `-_.`, in lower case; a `#` in front is what people write before tags.
pub(super) fn tags(text: &str, _: &Reader<'_>) -> Result<Command, Wrong> {
    let tags: Vec<Tag> =
        text.split([' ', ',', '\t', '\u{a0}']).filter(|word| !word.is_empty()).map(tag).collect::<Result<_, _>>()?;
    match tags.is_empty() {
        true => Err(Wrong::because("#tag asks for one or more words behind it.")),
        false => Ok(Command::Tag(tags)),
    }
}

fn tag(word: &str) -> Result<Tag, Wrong> {
    let (off, bare) = word.strip_prefix('-').map_or((false, word), |bare| (true, bare));
    let bare = bare.trim_start_matches('#').to_lowercase();
    let fits = bare.starts_with(char::is_alphanumeric)
        && bare.len() <= TAG_OCTETS
        && bare.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    match (fits, off) {
        (true, false) => Ok(Tag::On(bare)),
        (true, true) => Ok(Tag::Off(bare)),
        (false, _) => Err(Wrong::because(format!(
            "\"{word}\" is no tag: a tag is one word of letters, digits, - _ and ., of at most {TAG_OCTETS} octets."
        ))),
    }
}

pub(super) fn show(text: &str, _: &Reader<'_>) -> Result<Command, Wrong> {
    match text.trim().is_empty() {
        true => Ok(Command::Show { files: false }),
        false => one_of("#show", text, ["files"].into_iter()).map(|_| Command::Show { files: true }),
    }
}

pub(super) fn list(text: &str, _: &Reader<'_>) -> Result<Command, Wrong> {
    let text = if text.trim().is_empty() { Which::Mine.word() } else { text };
    let one = one_of("#list", text, Which::ALL.map(Which::word).into_iter())?;
    Ok(Command::List(Which::ALL.into_iter().find(|which| which.word() == one).unwrap_or(Which::Mine)))
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
