//! The file as a tree that forgives: every value can be asked for, and what is wrong with it is noted and passed over.
//!
//! serde stops at the first mistake; an admin wants to hear of all of them. So each key is read by itself: a wrong
//! type, an unreadable word or an unknown key adds a [`Mistake`] with its line, and reading goes on with the default.
//! The configuration is handed out only if no mistake was noted.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys;
use super::mistakes::{Mistake, did_you_mean};
use super::world::World;

/// What all blocks of one file share: where it stands, whom to ask for secrets, and what was found wrong.
pub struct Reader<'r> {
    /// Where each line after the first begins.
    line_starts: Vec<usize>,
    pub folder: &'r Path,
    pub world: &'r dyn World,
    mistakes: RefCell<Vec<Mistake>>,
    notes: RefCell<Vec<Note>>,
}

/// Something that `check` and `run` say, without refusing to start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub line: usize,
    pub key: String,
    pub what: String,
}

impl<'r> Reader<'r> {
    pub fn new(text: &str, folder: &'r Path, world: &'r dyn World) -> Self {
        let line_starts = text.match_indices('\n').map(|(at, _)| at + 1).collect();
        Self { line_starts, folder, world, mistakes: RefCell::default(), notes: RefCell::default() }
    }

    pub fn wrong(&self, line: usize, key: &str, what: impl Into<String>) {
        self.mistakes.borrow_mut().push(Mistake { line, key: key.to_owned(), what: what.into() });
    }

    pub fn note(&self, line: usize, key: &str, what: impl Into<String>) {
        self.notes.borrow_mut().push(Note { line, key: key.to_owned(), what: what.into() });
    }

    /// The line that holds this byte, counted from 1.
    pub fn line_at(&self, offset: usize) -> usize {
        1 + self.line_starts.partition_point(|start| *start <= offset)
    }

    /// A path of the file as one from the root of the disk.
    pub fn path(&self, written: &str) -> PathBuf {
        self.folder.join(written)
    }

    pub fn finish(self) -> (Vec<Mistake>, Vec<Note>) {
        (self.mistakes.into_inner(), self.notes.into_inner())
    }
}

/// A `[table]` of the file, or one that is not there: then every key of it is absent.
#[derive(Clone)]
pub struct Block<'r> {
    pub reader: &'r Reader<'r>,
    table: Option<&'r DeTable<'r>>,
    /// Its row in [`keys::BLOCKS`].
    name: &'static str,
    /// `mailbox[1].imap`; empty for the file itself.
    pub path: String,
    pub line: usize,
}

impl<'r> Block<'r> {
    pub fn file(reader: &'r Reader<'r>, table: &'r DeTable<'r>) -> Self {
        Self::new(reader, Some(table), "", String::new(), 1)
    }

    fn new(
        reader: &'r Reader<'r>,
        table: Option<&'r DeTable<'r>>,
        name: &'static str,
        path: String,
        line: usize,
    ) -> Self {
        let block = Self { reader, table, name, path, line };
        block.check_keys();
        block
    }

    fn check_keys(&self) {
        let known = keys::of(self.name);
        for (key, value) in self.table.into_iter().flatten().filter(|_| !known.is_empty()) {
            let word = key.get_ref().as_ref();
            if !known.contains(&word) {
                let here = if self.name.is_empty() { String::from("the file") } else { format!("[{}]", self.name) };
                let near = match did_you_mean(word, known.iter().copied()) {
                    near if near.is_empty() => keys::home_of(word, self.name),
                    near => near,
                };
                let line = self.reader.line_at(line_start(key, value));
                let what = format!("unknown key; {here} knows: {}.{near}", known.join(", "));
                self.reader.wrong(line, &self.path_of(word), what);
            }
        }
    }

    pub fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Notes a mistake about the block, or about a key that is missing in it.
    pub fn wrong(&self, key: &str, what: impl Into<String>) {
        self.reader.wrong(self.line, &self.path_of(key), what);
    }

    pub fn path_of(&self, key: &str) -> String {
        match (self.path.is_empty(), key.is_empty()) {
            (true, _) => key.to_owned(),
            (_, true) => self.path.clone(),
            _ => format!("{}.{key}", self.path),
        }
    }

    pub fn get(&self, key: &str) -> Option<Entry<'r>> {
        debug_assert!(keys::of(self.name).is_empty() || keys::of(self.name).contains(&key), "{}.{key}", self.name);
        let (name, value) = self.table?.get_key_value(key)?;
        let line = self.reader.line_at(line_start(name, value));
        Some(Entry { reader: self.reader, value: value.get_ref(), path: self.path_of(key), line })
    }

    /// Every key of the block with its value, for blocks whose keys are names that the admin chose.
    pub fn entries(&self) -> Vec<(String, Entry<'r>)> {
        let names = self.table.into_iter().flatten().map(|(key, _)| key.get_ref().to_string());
        names.filter_map(|name| self.get(&name).map(|entry| (name, entry))).collect()
    }

    /// The block below this one; an absent one if the key is not set.
    pub fn block(&self, key: &'static str, name: &'static str) -> Block<'r> {
        match self.get(key) {
            Some(entry) => entry.block(name),
            None => Block { reader: self.reader, table: None, name, path: self.path_of(key), line: self.line },
        }
    }

    /// The blocks of `[[key]]`.
    pub fn blocks(&self, key: &'static str, name: &'static str) -> Vec<Block<'r>> {
        let Some(entry) = self.get(key) else { return Vec::new() };
        if entry.is_table() {
            entry.wrong(format!("there can be several of these: write [[{key}]], with two brackets"));
            return vec![entry.block(name)];
        }
        entry.list().iter().map(|item| item.block(name)).collect()
    }

    /// A word without a mistake noted: for a first look at the names that a file defines.
    pub fn peek(&self, key: &str) -> Option<&'r str> {
        self.table?.get(key)?.get_ref().as_str()
    }

    pub fn peek_list(&self, key: &str) -> Option<Vec<&'r str>> {
        let items = self.table?.get(key)?.get_ref().as_array()?;
        Some(items.iter().filter_map(|item| item.get_ref().as_str()).collect())
    }

    pub fn peek_yes(&self, key: &str) -> bool {
        self.table.and_then(|t| t.get(key)).and_then(|v| v.get_ref().as_bool()).unwrap_or(false)
    }

    /// The names under a table of tables.
    pub fn peek_names(&self, key: &str) -> Vec<String> {
        let below = self.table.and_then(|t| t.get(key)).and_then(|v| v.get_ref().as_table());
        let tables = below.into_iter().flatten().filter(|(_, value)| value.get_ref().is_table());
        tables.map(|(name, _)| name.get_ref().to_string()).collect()
    }

    /// The tables under `[[key]]`, looked at without noting mistakes.
    pub fn peek_blocks(&self, key: &str) -> Vec<Block<'r>> {
        let value = self.table.and_then(|t| t.get(key)).map(|v| v.get_ref());
        let items = value.and_then(|v| v.as_array()).into_iter().flatten().filter_map(|i| i.get_ref().as_table());
        let tables = items.chain(value.and_then(|v| v.as_table()));
        tables
            .map(|table| Block { reader: self.reader, table: Some(table), name: "", path: String::new(), line: 0 })
            .collect()
    }

    pub fn text(&self, key: &str) -> Option<String> {
        self.read(key, |text| match text.trim() {
            "" => Err("is empty".to_owned()),
            text => Ok(text.to_owned()),
        })
    }

    /// Text, understood by `parse`, whose error says what was found and what is allowed.
    pub fn read<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        self.get(key)?.read(parse)
    }

    /// A list of texts, each understood by `parse`; `None` where the key is not set, or no list.
    pub fn read_list<T>(&self, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<Vec<T>> {
        let entry = self.get(key)?;
        let items = entry.list();
        entry.value.is_array().then(|| items.iter().filter_map(|item| item.read(&parse)).collect())
    }

    pub fn choice<T: Copy>(&self, key: &str, choices: &[(&str, T)]) -> Option<T> {
        self.read(key, |word| one_of(word, choices))
    }

    pub fn yes_no(&self, key: &str) -> Option<bool> {
        let entry = self.get(key)?;
        entry.value.as_bool().or_else(|| entry.expected("true or false"))
    }

    pub fn number(&self, key: &str, allowed: RangeInclusive<u32>) -> Option<u32> {
        self.get(key)?.number(allowed)
    }

    /// As [`Block::read`], for a key without a default.
    pub fn required<T>(&self, key: &str, example: &str, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        if self.get(key).is_none() {
            self.wrong(key, format!("missing. Write {key} = {example}"));
        }
        self.read(key, parse)
    }
}

/// A value of the file, with its place.
#[derive(Clone)]
pub struct Entry<'r> {
    pub reader: &'r Reader<'r>,
    value: &'r DeValue<'r>,
    pub path: String,
    pub line: usize,
}

impl<'r> Entry<'r> {
    pub fn wrong(&self, what: impl Into<String>) {
        self.reader.wrong(self.line, &self.path, what);
    }

    /// Says that this key is understood, and from when on it does something.
    pub fn later(&self, why: &str) {
        self.reader.note(self.line, &self.path, format!("has no effect yet: {why}"));
    }

    fn expected<T>(&self, wanted: &str) -> Option<T> {
        self.wrong(format!("expected {wanted}, found {}", shown(self.value)));
        None
    }

    pub fn text(&self) -> Option<&'r str> {
        self.value.as_str().or_else(|| self.expected("text in quotes"))
    }

    pub fn as_text(&self) -> Option<&'r str> {
        self.value.as_str()
    }

    pub fn is_table(&self) -> bool {
        self.value.is_table()
    }

    pub fn is_empty_list(&self) -> bool {
        self.value.as_array().is_some_and(|items| items.is_empty())
    }

    pub fn read<T>(&self, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        match parse(self.text()?) {
            Ok(value) => Some(value),
            Err(what) => {
                self.wrong(what);
                None
            }
        }
    }

    fn number(&self, allowed: RangeInclusive<u32>) -> Option<u32> {
        let wanted = match *allowed.end() {
            u32::MAX => format!("a whole number, {} or more", allowed.start()),
            end => format!("a whole number from {} to {end}", allowed.start()),
        };
        let number = self.value.as_integer().and_then(|i| u32::from_str_radix(i.as_str(), i.radix()).ok());
        number.filter(|n| allowed.contains(n)).or_else(|| self.expected(&wanted))
    }

    pub fn list(&self) -> Vec<Entry<'r>> {
        let Some(items) = self.value.as_array() else {
            self.expected::<()>("a list in [ ]");
            return Vec::new();
        };
        let entry = |(i, item): (usize, &'r Spanned<DeValue<'r>>)| Entry {
            reader: self.reader,
            value: item.get_ref(),
            path: format!("{}[{}]", self.path, i + 1),
            line: self.reader.line_at(item.span().start),
        };
        items.iter().enumerate().map(entry).collect()
    }

    pub fn block(&self, name: &'static str) -> Block<'r> {
        let table = match self.value {
            DeValue::Array(items) if items.iter().any(|item| item.get_ref().is_table()) => {
                self.wrong(format!("there is only one of these: write [{}], with single brackets", self.path));
                items.iter().find_map(|item| item.get_ref().as_table())
            }
            value => value.as_table().or_else(|| self.expected("a table")),
        };
        Block::new(self.reader, table, name, self.path.clone(), self.line)
    }
}

/// The value of one of a few words.
pub fn one_of<T: Copy>(word: &str, choices: &[(&str, T)]) -> Result<T, String> {
    if let Some((_, value)) = choices.iter().find(|(choice, _)| *choice == word) {
        return Ok(*value);
    }
    let words: Vec<&str> = choices.iter().map(|(choice, _)| *choice).collect();
    let near = did_you_mean(word, words.iter().copied());
    Err(format!("{} is not one of: {}.{near}", quoted(word), words.join(", ")))
}

/// A word as it is repeated in a message: one line, not too long.
pub fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect();
    let more = if text.chars().count() > 80 { "…" } else { "" };
    format!("\"{line}{more}\"")
}

/// A value without what a table or list holds: there could be a secret in it.
fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => quoted(text),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(value) => value.to_string(),
        DeValue::Datetime(date) => format!("the date {date} (dates stand in quotes)"),
        DeValue::Array(_) => String::from("a list"),
        DeValue::Table(_) => String::from("a table"),
    }
}

/// A header's table is spanned by its header, which starts above its key's own spans where keys are dotted.
fn line_start(key: &Spanned<impl Sized>, value: &Spanned<DeValue<'_>>) -> usize {
    match value.get_ref() {
        DeValue::Table(_) | DeValue::Array(_) if value.span().start > 0 => value.span().start.min(key.span().start),
        _ => key.span().start,
    }
}
