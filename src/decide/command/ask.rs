//! `#ask TEAM [by WHEN] what`: whom, until when, and the question, in one line or with the question below it.

use jiff::Timestamp;

use super::super::policy::Policy;
use super::super::when::{self, Side};
use super::{Assignee, Command, Reader, Wrong, who};

/// Names and dates have at most so many words.
const NAME_WORDS: usize = 4;
const WHEN_WORDS: usize = 5;

pub(super) fn ask(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    let (of, rest) = whom(text, reader)?;
    if rest.eq_ignore_ascii_case("by") {
        return Err(Wrong::because("A day should stand behind \"by\"."));
    }
    let (until, words) = match rest.split_once(char::is_whitespace).filter(|(by, _)| by.eq_ignore_ascii_case("by")) {
        Some((_, rest)) => until(rest.trim_start(), reader)?,
        None => (None, rest),
    };
    let words = Some(words.trim()).filter(|words| !words.is_empty()).map(str::to_owned);
    Ok(Command::Ask { of, until, words })
}

/// The longest name that the line begins with.
fn whom<'t>(text: &'t str, reader: &Reader<'_>) -> Result<(Assignee, &'t str), Wrong> {
    for count in (1..=NAME_WORDS).rev() {
        let Some((name, rest)) = beginning(text, count) else { continue };
        let name = name.trim_end_matches([',', ':', ';']);
        if let Some(team) = any_team(name, reader.policy) {
            return Ok((team, rest));
        }
        if let Ok(found) = who::read(name, reader) {
            return Ok((found, rest));
        }
    }
    let first = beginning(text, 1).map_or("", |(name, _)| name);
    Err(who::read(first, reader).err().unwrap_or_else(|| Wrong::because("#ask asks for a team or a name.")))
}

/// Whatever it is for: a question goes to fixers and designers, too.
fn any_team(name: &str, policy: &Policy) -> Option<Assignee> {
    let team = policy.teams.iter().find(|team| team.name.eq_ignore_ascii_case(name))?;
    Some(Assignee::Team(team.name.clone()))
}

/// The longest date that stands there.
fn until<'t>(text: &'t str, reader: &Reader<'_>) -> Result<(Option<Timestamp>, &'t str), Wrong> {
    let mut why = None;
    for count in (1..=WHEN_WORDS).rev() {
        let Some((words, rest)) = beginning(text, count) else { continue };
        match when::read(words.trim_end_matches([',', ':', ';', '.']), Side::Ahead, &reader.here()) {
            Ok(at) => return Ok((Some(at), rest)),
            Err(wrong) => why = Some(wrong),
        }
    }
    Err(Wrong::because(why.unwrap_or_else(|| "A day should stand behind \"by\".".into())))
}

/// The first so many words, and what follows them; `None` where there are fewer.
fn beginning(text: &str, count: usize) -> Option<(&str, &str)> {
    let mut ends = text.char_indices().filter(|(at, c)| {
        !c.is_whitespace() && text[at + c.len_utf8()..].chars().next().is_none_or(char::is_whitespace)
    });
    let (at, last) = ends.nth(count - 1)?;
    let end = at + last.len_utf8();
    Some((text[..end].trim_start(), text[end..].trim_start()))
}
