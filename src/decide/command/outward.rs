//! Commands that bring somebody else in: an address, or words for whoever is rung.

use crate::mail::{Address, Party};

use super::{Command, Reader, Wrong};

/// `#cc erika@berger.example`, with a name before or behind it.
pub(super) fn cc(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    party("#cc", text, reader).map(Command::Cc)
}

/// `#new klaus@berger.example Klaus Berger`.
pub(super) fn new(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    party("#new", text, reader).map(Command::New)
}

/// One address of nobody of ours, and what else stands there as the name.
pub(super) fn party(command: &str, text: &str, reader: &Reader<'_>) -> Result<Party, Wrong> {
    let words = || text.split_whitespace().filter(|word| word.contains('@'));
    let (Some(word), None) = (words().next(), words().nth(1)) else {
        return Err(Wrong::because(format!(
            "{command} asks for one address behind it: {command} erika@berger.example"
        )));
    };
    let bare = word.trim_matches(['<', '>', ',', ';', '(', ')']);
    let parsed = Address::parse(bare.strip_prefix("mailto:").unwrap_or(bare));
    // A host of its own network is no place where a customer reads mail.
    let Some(address) = parsed.filter(|address| address.domain().contains('.')) else {
        return Err(Wrong::because(format!("\"{bare}\" is no address that can be written to.")));
    };
    is_outside(&address, reader)?;
    let name: Vec<&str> = text.split_whitespace().filter(|part| *part != word).collect();
    let name = name.join(" ");
    Ok(Party::new(Some(name.trim_matches(['"', ' '])).filter(|name| !name.is_empty()), address))
}

fn is_outside(address: &Address, reader: &Reader<'_>) -> Result<(), Wrong> {
    if let Some(person) = reader.policy.person_at(address) {
        let name = &person.name;
        return Err(Wrong::because(format!("{name} is one of you: #assign hands them the case, #ask asks them.")));
    }
    let (base, _) = address.split_detail();
    let own = |ours: &Address| *ours == *address || *ours == base;
    match reader.policy.inboxes.iter().any(|inbox| own(&inbox.address) || inbox.aliases.iter().any(own)) {
        true => Err(Wrong::because(format!("{address} is this desk's own address."))),
        false => Ok(()),
    }
}

/// Whoever is rung has to know why.
pub(super) fn escalate(text: &str, _: &Reader<'_>) -> Result<Command, Wrong> {
    match text.is_empty() {
        true => Err(Wrong::because("#escalate asks for a reason behind it: whoever is rung reads it first.")),
        false => Ok(Command::Escalate(text.to_owned())),
    }
}
