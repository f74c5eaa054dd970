//! `[[mailbox]]`: where mail comes in, who owns it, and how far its address can be stretched by `+`.

use std::time::Duration;

use crate::decide::policy::{FirstLetter, Inbox};
use crate::mail::{Address, MailboxName, clean_name};

use super::model::{After, Arrive, Envelope, Leave, MailboxConfig, Start};
use super::names::{CARE, Names, STANDARD};
use super::providers::Provider;
use super::road;
use super::tree::Block;
use super::words;

pub const LETTERS: &[(&str, FirstLetter)] =
    &[("apology", FirstLetter::Apology), ("acknowledgement", FirstLetter::Acknowledgement)];

/// `+` and a token of 41 octets must fit behind the local part (RFC 5321 section 4.5.3.1.1: 64; mail-rules section 5).
const LOCAL_PART_MOST: usize = 22;

/// A mailbox as the desk needs it, and as the rules do. Where its roads cannot be made out, which is noted, the rules
/// still have it, so that what is wrong with its team or hours is told in the same go.
pub fn mailbox(block: &Block<'_>, names: &Names, company: &str) -> (Option<MailboxConfig>, Option<Inbox>) {
    let address = block.required("address", "\"support@northwind.example\"", words::address);
    let aliases = block.read_list("aliases", words::address).unwrap_or_default();
    let provider = block.choice("provider", Provider::WORDS).unwrap_or(Provider::Custom);
    let subaddressing = subaddressing(block, address.as_ref());
    let name = block.read("name", words::name).or_else(|| address.as_ref().map(|a| a.local().to_owned()));
    let display_name = block.read("display_name", display_name).unwrap_or_else(|| clean_name(company));
    let roads = roads(block, provider, address.as_ref());
    let smtp = block.block("smtp", "mailbox.smtp");
    let sending = Sending::read(&smtp, provider, subaddressing);
    let (after, start) = (block.read("after", after), block.read("start", start));
    let via_list = block.read_list("via_list", list_id).unwrap_or_default();
    let form_senders = block.read_list("form_senders", words::address).unwrap_or_default();
    let (sla, team, letter) = belongs(block, names);
    let name = MailboxName::new(name.unwrap_or_else(|| block.path.clone()));
    let Some(address) = address.or_else(words::no_address) else { return (None, None) };
    let inbox = Inbox {
        name: name.clone(),
        address: address.clone(),
        aliases: aliases.clone(),
        display_name: display_name.clone(),
        subaddressing,
        sla,
        team,
        letter,
    };
    // Written twice to a Maildir, a letter is the same file: there is no doubt to wait for.
    let no_doubt = matches!(roads, Some((_, Leave::Maildir(_))));
    let sending = if no_doubt { Sending { in_doubt_wait: Duration::ZERO, ..sending } } else { sending };
    let config = roads.map(|(arrive, leave)| MailboxConfig {
        name,
        address,
        aliases,
        display_name,
        subaddressing,
        after: after.unwrap_or(After::Keep),
        start: start.unwrap_or(Start::Now),
        via_list,
        form_senders,
        arrive,
        leave,
        envelope: sending.envelope,
        connections: sending.connections,
        per_minute: sending.per_minute,
        in_doubt_wait: sending.in_doubt_wait,
    });
    (config, Some(inbox))
}

/// SLA, team and first letter of a new case.
fn belongs(block: &Block<'_>, names: &Names) -> (String, String, FirstLetter) {
    let sla = block.read("sla", |word| names.sla(word)).unwrap_or_else(|| STANDARD.to_owned());
    // An unknown team stays empty: it is a mistake already, and no other team shall be checked in its stead.
    let team = match block.get("team") {
        Some(entry) => entry.read(|word| names.team(word)).unwrap_or_default(),
        None => CARE.to_owned(),
    };
    (sla, team, block.choice("letter", LETTERS).unwrap_or(FirstLetter::Apology))
}

fn display_name(text: &str) -> Result<String, String> {
    match clean_name(text) {
        name if name.is_empty() => Err("is empty".to_owned()),
        name => Ok(name),
    }
}

fn subaddressing(block: &Block<'_>, address: Option<&Address>) -> bool {
    let on = block.yes_no("subaddressing").unwrap_or(true);
    let local = address.map_or("", Address::local);
    if on && local.len() > LOCAL_PART_MOST {
        block.reader.wrong(block.get("address").map_or(block.line, |e| e.line), &block.path_of("address"), format!(
            "\"{local}\" has {} characters, and a reply token fits behind {LOCAL_PART_MOST} at most. Choose a shorter address, or set subaddressing = false",
            local.len()
        ));
    }
    if on && local.contains('+') {
        block.reader.wrong(block.get("address").map_or(block.line, |e| e.line), &block.path_of("address"), format!(
            "\"{local}\" already holds a '+', behind which our tokens stand. Write the plain address, or set subaddressing = false"
        ));
    }
    if !on && let Some(entry) = block.get("subaddressing") {
        block.reader.note(entry.line, &entry.path, "is off: replies are placed by their Message-IDs and the [..-1] in their subject alone, and bounces only where they name the letter; replies of staff stay notes, and nothing can be confirmed by mail, until tokens in subjects come in a later version");
    }
    on
}

fn roads(block: &Block<'_>, provider: Provider, address: Option<&Address>) -> Option<(Arrive, Leave)> {
    let maildir = block.block("maildir", "mailbox.maildir");
    let (imap, smtp) = (block.block("imap", "mailbox.imap"), block.block("smtp", "mailbox.smtp"));
    let inbox = maildir.text("inbox").map(|folder| block.reader.path(&folder));
    let outgoing = maildir.text("outgoing").map(|folder| block.reader.path(&folder));
    let two = [
        (inbox.is_some() && imap.is_there(), "inbox", "imap", "comes in"),
        (outgoing.is_some() && smtp.is_there(), "outgoing", "smtp", "goes out"),
    ];
    for (_, key, other, verb) in two.into_iter().filter(|(both, ..)| *both) {
        maildir.wrong(key, format!("mail {verb} by a folder or by [mailbox.{other}], not by both. Remove one of them"));
    }
    let arrive = match inbox {
        Some(folder) => Some(Arrive::Maildir(folder)),
        None => road::imap(&imap, provider, address).map(Arrive::Imap),
    };
    let leave = match outgoing {
        Some(folder) => Some(Leave::Maildir(folder)),
        None => {
            let road_in = match &arrive {
                Some(Arrive::Imap(imap)) => Some(Some(imap)),
                Some(Arrive::Maildir(_)) => None,
                None => Some(None),
            };
            road::smtp(&smtp, road_in, provider, address).map(Leave::Smtp)
        }
    };
    arrive.zip(leave)
}

/// How letters leave, whatever the road.
struct Sending {
    envelope: Envelope,
    connections: usize,
    per_minute: u32,
    in_doubt_wait: Duration,
}

impl Sending {
    fn read(smtp: &Block<'_>, provider: Provider, subaddressing: bool) -> Self {
        let words = [("token", Envelope::Token), ("plain", Envelope::Plain), ("null", Envelope::Null)];
        let set = smtp.choice("envelope", &words);
        if set == Some(Envelope::Token)
            && !subaddressing
            && let Some(entry) = smtp.get("envelope")
        {
            entry.wrong("\"token\" needs subaddressing, which is off for this mailbox. Write \"plain\", or \"null\"");
        }
        let default = if subaddressing { provider.envelope() } else { Envelope::Plain };
        Self {
            envelope: set.unwrap_or(default),
            connections: smtp.number("connections", 1..=16).unwrap_or(1) as usize,
            per_minute: smtp.number("per_minute", 0..=u32::MAX).unwrap_or(0),
            in_doubt_wait: smtp
                .read("in_doubt_wait", |text| words::interval(text, "1s"..="1d"))
                .unwrap_or(Duration::from_secs(15 * 60)),
        }
    }
}

fn after(text: &str) -> Result<After, String> {
    match (text, text.strip_prefix("move:").map(str::trim)) {
        ("keep", _) => Ok(After::Keep),
        ("seen", _) => Ok(After::Seen),
        (_, Some(folder)) if !folder.is_empty() && !folder.contains(|c: char| c.is_control()) => {
            Ok(After::Move(folder.to_owned()))
        }
        _ => {
            let near = super::mistakes::did_you_mean(text, ["keep", "seen", "move:Handled"]);
            Err(format!("{} is not one of: keep, seen, move:FOLDER.{near}", super::tree::quoted(text)))
        }
    }
}

fn start(text: &str) -> Result<Start, String> {
    match text {
        "now" => Ok(Start::Now),
        "all" => Ok(Start::All),
        date => words::date(date)
            .map(Start::From)
            .map_err(|_| format!("{} is not one of: now, all, or a date as \"2026-11-01\"", super::tree::quoted(text))),
    }
}

/// RFC 2919 section 2: compared without brackets and without regard to case.
fn list_id(text: &str) -> Result<String, String> {
    let id = text.trim().trim_start_matches('<').trim_end_matches('>').to_ascii_lowercase();
    if id.contains('.') && id.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(id);
    }
    Err(format!(
        "{} is no List-Id. Write what stands in < > of that header, as \"support.northwind.example\"",
        super::tree::quoted(text)
    ))
}
