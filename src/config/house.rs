//! The blocks that stand once: company, database, alerts, letters, security, limits, board.

use std::net::SocketAddr;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::decide::policy::Company;
use crate::mail::{Address, clean_line};

use super::key;
use super::model::{Board, Database, Letters, Limits, Secret, Security, StaffProof, Tone, TrustedServer};
use super::secrets;
use super::tree::{Block, Entry, quoted};
use super::words;

/// The company; its hours are found once the mailboxes are known.
pub fn company(block: &Block<'_>) -> Company {
    let name = block.required("name", "\"Northwind Lamps\"", |text| match clean_line(text) {
        name if name.is_empty() => Err("is empty".to_owned()),
        name if name.chars().count() > 128 => Err("is longer than 128 characters".to_owned()),
        name => Ok(name),
    });
    Company {
        name: name.unwrap_or_default(),
        timezone: block.required("timezone", "\"Europe/Berlin\"", words::timezone).unwrap_or(TimeZone::UTC),
        language: block.read("language", words::language).unwrap_or_else(|| "en".to_owned()),
        case_prefix: block.required("case_prefix", "\"NW\"", words::case_prefix).unwrap_or_default(),
        hours: String::new(),
    }
}

pub fn database(block: &Block<'_>) -> Database {
    let url = |text: &str| sqlite(block, text);
    Database {
        url: block.read("url", url).unwrap_or_else(|| format!("sqlite:{}", block.reader.path("amends.db").display())),
    }
}

fn sqlite(block: &Block<'_>, text: &str) -> Result<String, String> {
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        // What was found is not repeated: it may hold a password.
        return Err("PostgreSQL is not in this version yet. Write \"sqlite:amends.db\", or remove the key".to_owned());
    }
    let path = text.strip_prefix("sqlite://").or_else(|| text.strip_prefix("sqlite:")).unwrap_or_default();
    if path == ":memory:" {
        return Ok(text.to_owned());
    }
    if path.is_empty() || path.contains(['?', '\0']) {
        return Err("is no database. Write \"sqlite:\" and a file, as \"sqlite:amends.db\"".to_owned());
    }
    let file = block.reader.path(path);
    let folder = file.parent().filter(|folder| *folder != block.reader.folder);
    if folder.is_some_and(|folder| !block.reader.world.is_folder(folder)) {
        return Err(format!("{} lies in a folder that does not exist. Make the folder, or name another", quoted(path)));
    }
    Ok(format!("sqlite:{}", file.display()))
}

pub fn alerts_to(block: &Block<'_>) -> Option<Address> {
    block.read("to", words::address)
}

const FOLDER: &str = "templates";

pub fn letters(block: &Block<'_>) -> Letters {
    let tones = [("warn", Tone::Warn), ("hold", Tone::Hold), ("off", Tone::Off)];
    if let Some(entry) = block.get("tone") {
        entry.later("replies are read for their tone in a later version");
    }
    Letters {
        folder: folder(block),
        tone: block.choice("tone", &tones).unwrap_or(Tone::Warn),
        all_transcripts: block.choice("transcripts", &[("problems", false), ("all", true)]).unwrap_or(false),
        lists: block.yes_no("lists").unwrap_or(true),
    }
}

/// The default may be missing: then the built-in letters serve.
fn folder(block: &Block<'_>) -> Option<std::path::PathBuf> {
    let written = block.text("folder");
    let name = written.as_deref().unwrap_or(FOLDER);
    let path = block.reader.path(name);
    let exists = block.reader.world.is_folder(&path);
    if let Some(entry) = block.get("folder").filter(|_| !exists && name != FOLDER) {
        entry.wrong(format!("the folder {} does not exist", quoted(name)));
    }
    exists.then_some(path)
}

pub fn security(block: &Block<'_>) -> Security {
    let proofs = [("aligned", StaffProof::Aligned), ("token", StaffProof::Token)];
    let trusted = block.get("trusted_authserv_id").map(|list| list.list()).unwrap_or_default();
    Security {
        key: reply_key(block),
        staff_proof: block.choice("staff_proof", &proofs).unwrap_or(StaffProof::Aligned),
        trusted: trusted.iter().filter_map(trusted_server).collect(),
        verify_dkim: block.yes_no("verify_dkim").unwrap_or(true),
        max_message_bytes: block.read("max_message_size", words::size).unwrap_or(35 << 20),
        bot_guard: block.read("bot_guard", |t| words::interval(t, "0s"..="1h")).unwrap_or(Duration::from_secs(20)),
    }
}

const KEY_FILE: &str = "amends.key";

fn reply_key(block: &Block<'_>) -> Secret {
    let complain = |what: String| match block.get("key") {
        Some(entry) => entry.wrong(what),
        None => block.wrong("key", what),
    };
    let bytes = match block.get("key") {
        Some(entry) => secrets::bytes(&entry),
        None => match secrets::file(block.reader, KEY_FILE, block.line, &block.path_of("key")) {
            Ok(bytes) => Some(bytes),
            Err(what) => {
                complain(format!("{what}. `amends init` makes one"));
                None
            }
        },
    };
    let key = bytes.map(|bytes| key::read(&bytes));
    match key {
        Some(Ok(key)) => return key,
        Some(Err(what)) => complain(what),
        None => {}
    }
    Secret::new(Vec::new())
}

fn trusted_server(entry: &Entry<'_>) -> Option<TrustedServer> {
    if entry.is_table() {
        let block = entry.block("trusted_authserv_id");
        let id = block.required("id", "\"mx.northwind.example\"", words::host);
        let host = block.read("host", words::host);
        return Some(TrustedServer::Named { id: id?.to_ascii_lowercase(), host: host.map(|h| h.to_ascii_lowercase()) });
    }
    match entry.read(|text| if text == "m365" { Ok(text.to_owned()) } else { words::host(text) })? {
        word if word == "m365" => Some(TrustedServer::Microsoft365),
        id => Some(TrustedServer::Named { id: id.to_ascii_lowercase(), host: None }),
    }
}

pub fn limits(block: &Block<'_>) -> Limits {
    let number = |key, default| block.number(key, 0..=u32::MAX).unwrap_or(default);
    Limits {
        per_address_hour: number("per_address_hour", 5),
        per_address_day: number("per_address_day", 20),
        per_domain_hour: number("per_domain_hour", 60),
        burst: number("burst", 50),
        per_person_hour: number("per_person_hour", 120),
        blocked: block.read_list("blocked", words::pattern).unwrap_or_default(),
    }
}

pub fn board(block: &Block<'_>) -> Board {
    let token = block.get("token").and_then(|_| secrets::password(block, "token"));
    let listen = block.read("listen", |text| match text.trim() {
        "" => Ok(None),
        text => text.parse::<SocketAddr>().map(Some).map_err(|_| {
            format!("{} is no address to listen on. Write an IP address and a port, as \"127.0.0.1:8025\", or \"\" for none", quoted(text))
        }),
    });
    if let Some(entry) = block.get("listen") {
        if listen.flatten().is_some_and(|at| !at.ip().is_loopback()) && block.get("token").is_none() {
            entry.wrong("is reachable from other machines, and cases are private. Add token = { file = \"board.token\" }, or listen on 127.0.0.1");
        }
        entry.later("the board comes in a later version");
    }
    Board { listen: listen.unwrap_or_else(|| Some(SocketAddr::from(([127, 0, 0, 1], 8025)))), token }
}
