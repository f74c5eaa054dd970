//! No address stands for two things: a mail to it, or from it, must have one meaning.

use std::collections::BTreeMap;

use super::tree::{Block, Entry};
use super::words;

/// Every address of mailboxes and people, each with the place where it stands first.
pub fn check(file: &Block<'_>) {
    let mut taken: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for entry in owned(file) {
        let Some(address) = entry.as_text().and_then(|text| words::address(text).ok()) else { continue };
        match taken.get(&address.folded()) {
            Some((line, path)) => entry.wrong(format!("\"{address}\" is used twice: line {line} has it as {path}")),
            None => drop(taken.insert(address.folded(), (entry.line, entry.path.clone()))),
        }
    }
    check_others(file, &taken);
}

fn owned<'r>(file: &Block<'r>) -> Vec<Entry<'r>> {
    let of = |blocks: Vec<Block<'r>>, key: &'static str| {
        blocks
            .into_iter()
            .flat_map(move |block| block.get(key).into_iter().chain(items(&block, "aliases")))
            .collect::<Vec<_>>()
    };
    let mut all = of(file.blocks("mailbox", "mailbox"), "address");
    all.extend(of(file.blocks("person", "person"), "email"));
    all
}

fn items<'r>(block: &Block<'r>, key: &'static str) -> Vec<Entry<'r>> {
    block.get(key).map(|entry| entry.list()).unwrap_or_default()
}

/// Addresses that may not be one of ours: contact forms, the blocked, the admin's.
fn check_others(file: &Block<'_>, taken: &BTreeMap<String, (usize, String)>) {
    for block in file.blocks("mailbox", "mailbox") {
        for entry in items(&block, "form_senders") {
            let address = entry.as_text().and_then(|text| words::address(text).ok());
            if let Some((line, path)) = address.and_then(|a| taken.get(&a.folded())) {
                entry.wrong(format!("is no contact form: line {line} has it as {path}"));
            }
        }
    }
    for entry in items(&file.block("limits", "limits"), "blocked") {
        let Some(pattern) = entry.as_text().and_then(|text| words::pattern(text).ok()) else { continue };
        let hit = taken.iter().find(|(address, _)| match pattern.strip_prefix('*') {
            Some(domain) => address.ends_with(domain),
            None => **address == pattern,
        });
        if let Some((address, (line, path))) = hit {
            entry.wrong(format!("\"{pattern}\" would block {address}, which line {line} has as {path}"));
        }
    }
    let Some(entry) = file.block("alerts", "alerts").get("to") else { return };
    let address = entry.as_text().and_then(|text| words::address(text).ok());
    if let Some((line, path)) =
        address.and_then(|a| taken.get(&a.folded())).filter(|(_, path)| path.starts_with("mailbox"))
    {
        entry.wrong(format!("is a mailbox of ours (line {line}, {path}): an alert would become a case of its own. Name a person's address"));
    }
}
