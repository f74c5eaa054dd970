//! The roads of a mailbox: `[mailbox.imap]` in, `[mailbox.smtp]` out; hosts, TLS, login.
//!
//! Nothing is spoken in clear but on this machine (mail-rules section 9); a login is always complete before the
//! daemon starts.

use std::time::Duration;

use crate::mail::Address;
use crate::tls::{TlsMode, Trust};

use super::login::{Login, login};
use super::model::{Imap, Smtp};
use super::providers::{Provider, Server};
use super::secrets;
use super::tree::Block;
use super::words;
use super::world::reason;

const TLS: &[(&str, TlsMode)] =
    &[("implicit", TlsMode::Implicit), ("starttls", TlsMode::StartTls), ("none", TlsMode::None)];

/// What both roads have in common.
struct Road {
    host: String,
    port: u16,
    tls: TlsMode,
    trust: Trust,
}

pub fn imap(block: &Block<'_>, provider: Provider, address: Option<&Address>) -> Option<Imap> {
    let ports = |tls| if tls == TlsMode::Implicit { 993 } else { 143 };
    let road = road(block, provider.imap(), "imap.northwind.example", ports);
    let login = login(block, provider, address);
    let folder = block.read("folder", folder_name).unwrap_or_else(|| "INBOX".to_owned());
    let poll = block.read("poll", |text| words::interval(text, "1s"..="1h")).unwrap_or(Duration::from_secs(30));
    let Road { host, port, tls, trust } = road?;
    Some(Imap { host, port, tls, trust, login: login?, folder, poll })
}

/// `imap` is the road in, if there is one: `Some(None)` where it could not be read, which is noted already.
pub fn smtp(
    block: &Block<'_>,
    imap: Option<Option<&Imap>>,
    provider: Provider,
    address: Option<&Address>,
) -> Option<Smtp> {
    let ports = |tls| match tls {
        TlsMode::Implicit => 465,
        TlsMode::StartTls => 587,
        TlsMode::None => 25,
    };
    let road = road(block, provider.smtp(), "smtp.northwind.example", ports);
    dkim(block);
    let says_nothing = ["username", "password", "oauth2"].iter().all(|key| block.get(key).is_none());
    // A relay on this machine takes what it gets from here.
    let login = match says_nothing && road.as_ref().is_some_and(|r| words::is_loopback(&r.host)) {
        true => None,
        false => Some(login_out(block, imap, provider, address)),
    };
    let Road { host, port, tls, trust } = road?;
    let login = match login {
        None => None,
        Some(complete) => Some(complete?),
    };
    Some(Smtp { host, port, tls, trust, login })
}

/// The login of the road out; what it does not say is as on the road in.
fn login_out(
    block: &Block<'_>,
    imap: Option<Option<&Imap>>,
    provider: Provider,
    address: Option<&Address>,
) -> Option<Login> {
    let own = block.get("password").is_some() || block.get("oauth2").is_some();
    let inward = imap.flatten().map(|imap| &imap.login);
    let mut out = match imap {
        Some(_) if !own => inward?.clone(),
        _ => login(block, provider, address)?,
    };
    if let (None, Some(inward)) = (block.get("username"), inward) {
        out.username.clone_from(&inward.username);
    } else if let Some(username) = block.text("username") {
        out.username = username;
    }
    Some(out)
}

/// Checked now, used when own signatures come.
fn dkim(smtp: &Block<'_>) {
    let Some(entry) = smtp.get("dkim") else { return };
    let block = entry.block("dkim");
    block.required("domain", "\"northwind.example\"", words::host);
    block.required("selector", "\"amends\"", words::host);
    match block.get("key") {
        Some(key) => drop(secrets::bytes(&key)),
        None => block.wrong("key", "missing. Write key = { file = \"dkim.pem\" }"),
    }
    entry.later("letters are not signed by us yet, but by the server that sends them");
}

fn road(block: &Block<'_>, preset: Option<Server>, example: &str, ports: impl Fn(TlsMode) -> u16) -> Option<Road> {
    let host = match preset {
        Some(server) => Some(block.read("host", words::host).unwrap_or_else(|| server.host.to_owned())),
        None => {
            let other = "or name a provider (gmail, microsoft365, fastmail), which fills it";
            if block.get("host").is_none() {
                block.wrong("host", format!("missing. Write host = \"{example}\", {other}"));
            }
            block.read("host", words::host)
        }
    };
    let tls_set = block.choice("tls", TLS);
    let tls = tls_set.unwrap_or(preset.map_or(TlsMode::Implicit, |s| s.tls));
    let default = preset.filter(|s| s.tls == tls).map_or_else(|| ports(tls), |s| s.port);
    let port = block.number("port", 1..=65535).and_then(|p| u16::try_from(p).ok()).unwrap_or(default);
    let trust = trust(block, tls);
    if tls_set == Some(TlsMode::None) && host.as_ref().is_some_and(|h| !words::is_loopback(h)) {
        let line = block.get("tls").map_or(block.line, |e| e.line);
        block.reader.wrong(line, &block.path_of("tls"), "\"none\" would send the password in clear: it is for loopback addresses (127.0.0.1, ::1, localhost) only. Write \"implicit\" or \"starttls\"");
    }
    Some(Road { host: host?, port, tls, trust })
}

fn trust(block: &Block<'_>, tls: TlsMode) -> Trust {
    let ca_file = block.get("ca_file").and_then(|entry| {
        let path = block.reader.path(entry.text()?);
        match block.reader.world.file(&path) {
            Ok(bytes) if bytes.windows(17).any(|w| w == b"BEGIN CERTIFICATE") => return Some(path),
            Ok(_) => entry.wrong("the file holds no certificate (a PEM file with BEGIN CERTIFICATE is wanted)"),
            Err(e) => entry.wrong(format!("the file cannot be read: {}", reason(&e))),
        }
        None
    });
    let fingerprint = block.read("fingerprint", words::fingerprint);
    if let Some(entry) = block.get("fingerprint").filter(|_| tls == TlsMode::None) {
        entry.wrong("means nothing with tls = \"none\". Remove one of them");
    }
    Trust { ca_file, fingerprint }
}

fn folder_name(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("is empty".to_owned()),
        name if name.contains(|c: char| c.is_control()) => {
            Err(format!("{} is no folder name", super::tree::quoted(text)))
        }
        name => Ok(name.to_owned()),
    }
}
