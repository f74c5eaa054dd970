//! Who is away until when: `#away [NAME] until WHEN [stand-in NAME]`, `#back [NAME]`.

use jiff::civil::Date;

use crate::mail::PersonId;

use super::super::when::{self, Side};
use super::{Command, Reader, Wrong, who};

pub(super) fn away(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    let (text, stand_in) = split(text, &["stand-in", "standin", "stand in"]);
    let (name, until) = match split(text, &["until", "till", "til"]) {
        (name, Some(until)) => (name, until),
        // `#away fri` is plain enough.
        (until, None) => ("", until),
    };
    let who = person_or_self(name, reader)?;
    if until.is_empty() {
        return Err(Wrong::because("#away asks until when: #away until fri, #away mei until 2026-12-01."));
    }
    let until = last_day(until, reader)?;
    let stand_in = stand_in.map(|name| who::person(name, reader)).transpose()?;
    if stand_in.as_ref() == Some(&who) {
        return Err(Wrong::because("Nobody stands in for themselves."));
    }
    Ok(Command::Away { who, until, stand_in })
}

pub(super) fn back(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    person_or_self(text, reader).map(Command::Back)
}

fn person_or_self(name: &str, reader: &Reader<'_>) -> Result<PersonId, Wrong> {
    if name.is_empty() { Ok(reader.person.clone()) } else { who::person(name, reader) }
}

fn last_day(text: &str, reader: &Reader<'_>) -> Result<Date, Wrong> {
    let at = when::read(text, Side::Ahead, &reader.here()).map_err(Wrong::because)?;
    Ok(at.to_zoned(reader.policy.company.timezone.clone()).date())
}

/// What stands before one of these words and what stands behind it.
fn split<'t>(text: &'t str, words: &[&str]) -> (&'t str, Option<&'t str>) {
    let lower = text.to_ascii_lowercase();
    let at = |word: &&str| {
        let starts = lower.match_indices(*word).map(|(at, _)| at);
        let whole = |at: &usize| {
            let before = lower[..*at].chars().next_back().is_none_or(char::is_whitespace);
            before && lower[at + word.len()..].chars().next().is_none_or(char::is_whitespace)
        };
        let mut whole_words = starts.filter(whole);
        whole_words.next().map(|at| (at, word.len()))
    };
    match words.iter().find_map(at) {
        Some((at, len)) => (text[..at].trim(), Some(text[at + len..].trim())),
        None => (text.trim(), None),
    }
}
