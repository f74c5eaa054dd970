//! `[[kind]]`: what can fail, by its words, and what follows; `danger`, `legal` and `other` exist without being written.

use std::collections::BTreeMap;

use crate::decide::policy::{FirstLetter, Kind, OTHER};

use super::builtin;
use super::mailbox::LETTERS;
use super::names::Names;
use super::tree::{Block, quoted};
use super::words;

/// Built-in danger and legal first, the file's kinds in their order, `other` last.
pub fn kinds(file: &Block<'_>, names: &Names) -> Vec<Kind> {
    let mut kinds = builtin::kinds();
    let mut seen: Vec<String> = Vec::new();
    for block in file.blocks("kind", "kind") {
        let Some(name) = block.required("name", "\"delivery\"", words::name) else {
            kind(&block, blank(""), names);
            continue;
        };
        if seen.contains(&name) {
            block.wrong("name", format!("{} is the name of two kinds", quoted(&name)));
        }
        let place = kinds.iter().position(|k| k.name == name);
        let base = place.and_then(|i| kinds.get(i)).cloned().unwrap_or_else(|| blank(&name));
        let kind = kind(&block, base, names);
        match place {
            Some(i) => kinds[i] = kind,
            None => kinds.insert(kinds.len().saturating_sub(1), kind),
        }
        seen.push(name);
    }
    kinds
}

fn blank(name: &str) -> Kind {
    Kind {
        name: name.to_owned(),
        words: BTreeMap::new(),
        says: BTreeMap::new(),
        letter: FirstLetter::Apology,
        sla: None,
        fix_team: None,
        design_team: None,
        check_in: None,
        danger: false,
    }
}

/// A kind of the file on top of a built-in one of the same name: languages that it writes replace, others stay.
fn kind(block: &Block<'_>, mut kind: Kind, names: &Names) -> Kind {
    kind.words.extend(block.block("words", "words").entries().into_iter().filter_map(|(language, list)| {
        let patterns = list.list().iter().filter_map(|entry| entry.read(pattern)).collect();
        Some((checked_language(block, "words", &language)?, patterns))
    }));
    kind.says.extend(
        block
            .block("says", "says")
            .entries()
            .into_iter()
            .filter_map(|(language, says)| Some((checked_language(block, "says", &language)?, says.read(says_text)?))),
    );
    match (kind.name == OTHER, block.get("words")) {
        (true, Some(entry)) => entry.wrong("\"other\" is what no words match: it has none of its own"),
        (false, None) if kind.words.is_empty() => {
            block.wrong("words", "missing. Write words = { en = [\"parcel\", \"courier*\"] }");
        }
        _ => {}
    }
    kind.letter = block.choice("letter", LETTERS).unwrap_or(kind.letter);
    kind.sla = block.read("sla", |word| names.sla(word)).or(kind.sla);
    kind.fix_team = block.read("fix_team", |word| names.team(word));
    kind.design_team = block.read("design_team", |word| names.team(word));
    kind.check_in = block.read("check_in", words::span);
    trend(block);
    for (key, why) in [
        ("fix_team", "fixers are asked in a later version"),
        ("design_team", "trends come in a later version"),
        ("trend", "trends come in a later version"),
    ] {
        if let Some(entry) = block.get(key) {
            entry.later(why);
        }
    }
    kind
}

fn checked_language(block: &Block<'_>, key: &'static str, language: &str) -> Option<String> {
    words::language(language)
        .map_err(|what| {
            let line = block.block(key, key).get(language).map_or(block.line, |e| e.line);
            block.reader.wrong(line, &block.path_of(key), what);
        })
        .ok()
}

/// A whole word, a stem with `*` at its end, or several words as a phrase; lower case.
fn pattern(text: &str) -> Result<String, String> {
    let pattern = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let bare = pattern.strip_suffix('*').unwrap_or(&pattern);
    if bare.chars().filter(|c| c.is_alphanumeric()).count() < 2 || bare.contains('*') {
        return Err(format!(
            "{} is no word. Write a word, a phrase, or a stem of two letters or more with * at its end",
            quoted(text)
        ));
    }
    Ok(pattern)
}

fn says_text(text: &str) -> Result<String, String> {
    match crate::mail::clean_line(text) {
        says if says.is_empty() => Err("is empty".to_owned()),
        says if says.chars().count() > 200 => {
            Err("is longer than 200 characters: it stands inside a sentence".to_owned())
        }
        says => Ok(says),
    }
}

/// Checked now, used when trends come.
fn trend(block: &Block<'_>) {
    let Some(entry) = block.get("trend") else { return };
    let trend = entry.block("kind.trend");
    if trend.get("customers").is_none() {
        trend.wrong("customers", "missing. Write customers = 5");
    }
    trend.number("customers", 2..=100_000);
    trend.required("within", "\"7d\"", |text| words::interval(text, "1h"..="52w"));
}
