//! Passwords and keys: from a variable, a file or a command, and in no message.
//!
//! A password in the file itself is refused: the file is copied, mailed and kept in version control.

use super::model::Secret;
use super::tree::{Block, Entry, Reader};
use super::world::reason;

const WAYS: &str = "{ env = \"NAME\" }, { file = \"path\" } or { command = \"...\" }";

/// The secret behind a key; `None` where it is not set or cannot be read, which is noted.
pub fn password(block: &Block<'_>, key: &'static str) -> Option<Secret> {
    let entry = block.get(key)?;
    let bytes = bytes(&entry)?;
    let end = bytes.iter().rposition(|b| !matches!(b, b'\r' | b'\n')).map_or(0, |last| last + 1);
    let line = &bytes[..end];
    let complaint = match std::str::from_utf8(line) {
        Ok("") => "is empty",
        Ok(text) if text.contains(['\r', '\n', '\0']) => "is more than one line",
        Err(_) => "is no UTF-8 text",
        Ok(_) => return Some(Secret::new(line)),
    };
    entry.wrong(format!("what stands there {complaint}"));
    None
}

/// What the secret's source holds, as it is.
pub fn bytes(entry: &Entry<'_>) -> Option<Vec<u8>> {
    if !entry.is_table() {
        entry.wrong(format!("secrets do not stand in this file. Write {WAYS}"));
        return None;
    }
    let block = entry.block("secret");
    let ways: Vec<&str> = ["env", "file", "command"].into_iter().filter(|way| block.get(way).is_some()).collect();
    let [way] = ways.as_slice() else {
        block.wrong("", format!("wants exactly one of: {WAYS}"));
        return None;
    };
    let from = block.text(way)?;
    match fetch(&block, way, &from) {
        Ok(bytes) => Some(bytes),
        Err(what) => {
            entry.wrong(what);
            None
        }
    }
}

fn fetch(block: &Block<'_>, way: &str, from: &str) -> Result<Vec<u8>, String> {
    let reader = block.reader;
    match way {
        "env" => {
            let value = reader.world.variable(from).map(String::into_bytes);
            value.ok_or_else(|| format!("the variable {from} is not set, or is no text"))
        }
        "file" => file(reader, from, block.line, &block.path),
        _ => reader.world.command(from, reader.folder).map_err(|e| format!("the command {e}: {from}")),
    }
}

/// A secret file; one that every user of the machine may read is no secret, and `check` says so.
pub fn file(reader: &Reader<'_>, name: &str, line: usize, key: &str) -> Result<Vec<u8>, String> {
    let path = reader.path(name);
    let bytes = reader.world.file(&path).map_err(|e| format!("the file {name} cannot be read: {}", reason(&e)))?;
    if reader.world.is_public(&path) {
        reader.note(line, key, format!("every user of this machine may read {name}; `chmod 600` keeps it yours"));
    }
    Ok(bytes)
}
