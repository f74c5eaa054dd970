//! `amends check --send`: a letter from each mailbox to itself, and what its way shows: which envelope the server takes,
//! whether subaddresses are delivered, and how the server vouches for senders.
//!
//! Two letters: one to the plain address with the plain envelope, one to a subaddress with an envelope of the form of
//! our tokens. They are known by a mark over their content, so a daemon opens no case for them; they stay in the inbox.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::arrive::imap::{self, ImapError, Session};
use crate::arrive::parse::parse;
use crate::arrive::proof::{self, Voucher};
use crate::config::{self, After, Arrive, Config, Envelope, Imap, Leave, MailboxConfig, Smtp, TrustedServer};
use crate::deliver::compose::trial;
use crate::deliver::smtp::{Attempt, Connection, Deadlines};
use crate::mail::{Address, Mail};
use crate::oauth::Keepers;
use crate::time::Time;
use crate::token::Tokens;

/// One of the letters, on its way.
struct Letter {
    nonce: String,
    to: Address,
    envelope: Address,
    sent_at: Instant,
}

/// Tries a mailbox; what it shows, a line each.
///
/// # Errors
/// What kept the letters from leaving or from coming, in the admin's words.
pub async fn of(
    config: &Config,
    mailbox: &MailboxConfig,
    keepers: &Keepers,
    within: Duration,
) -> Result<Vec<String>, String> {
    let (Arrive::Imap(imap), Leave::Smtp(smtp)) = (&mailbox.arrive, &mailbox.leave) else {
        return Ok(vec!["no letter was sent: a mailbox in local folders has no servers to try".to_owned()]);
    };
    let said = |e: &ImapError| config::advised(&imap.host, &e.to_string());
    let (mut session, _) = open(imap, keepers).await?;
    let first = session.all_uids().await.map_err(|e| said(&e))?.last().map_or(1, |last| last + 1);
    let tokens = Tokens::new(config.security.key.expose(), "trial", 1);
    let (letters, mut lines) = send(mailbox, smtp, &tokens, keepers).await?;
    let arrived = wait(&mut session, first, &letters, within).await.map_err(|e| said(&e))?;
    if let Err(error) = session.logout().await {
        tracing::debug!(%error, "saying goodbye");
    }
    if arrived.is_empty() {
        return Err(lost(mailbox, imap, within));
    }
    lines.extend(shown(config, mailbox, &letters, &arrived));
    Ok(lines)
}

fn lost(mailbox: &MailboxConfig, imap: &Imap, within: Duration) -> String {
    let secs = within.as_secs();
    let where_to = match &mailbox.after {
        After::Move(folder) => format!("into {folder}, where a running daemon moves what it has read"),
        After::Keep | After::Seen => "into the spam folder".to_owned(),
    };
    format!(
        "sent, and nothing came back within {secs} s: look {where_to}, and whether {} is delivered to {}",
        mailbox.address, imap.folder
    )
}

async fn open(imap: &Imap, keepers: &Keepers) -> Result<(Session, imap::FolderState), String> {
    let credentials = keepers.credentials(&imap.login, Time::System.now()).await.map_err(|e| e.to_string())?;
    let opened = imap::open(imap, &credentials, &imap::Deadlines::default()).await;
    opened.map_err(|e| config::advised(&imap.host, &e.to_string()))
}

/// Both letters, over a connection each: a server that refuses one may close it.
async fn send(
    mailbox: &MailboxConfig,
    smtp: &Smtp,
    tokens: &Tokens,
    keepers: &Keepers,
) -> Result<(Vec<Letter>, Vec<String>), String> {
    let own = &mailbox.address;
    let mut lines = Vec::new();
    let plain = hand_over(mailbox, smtp, tokens, keepers, (own, own)).await;
    let plain = plain.map_err(|attempt| config::advised(&smtp.host, attempt.answer()))?;
    let mut letters = vec![plain];
    let chance = |error: getrandom::Error| format!("this machine gives no random numbers: {error}");
    let details = [nonce().map_err(chance)?, nonce().map_err(chance)?].map(|nonce| format!("check.{nonce}"));
    let [Some(to), Some(envelope)] = details.map(|detail| own.with_detail(&detail)) else {
        return Ok((letters, lines));
    };
    match hand_over(mailbox, smtp, tokens, keepers, (&to, &envelope)).await {
        Ok(letter) => letters.push(letter),
        Err(attempt) => {
            lines.push(format!("envelope \"token\" is refused: {}", attempt.answer()));
            match hand_over(mailbox, smtp, tokens, keepers, (&to, own)).await {
                Ok(letter) => letters.push(letter),
                Err(attempt) => lines.push(format!("a letter to a subaddress is refused: {}", attempt.answer())),
            }
        }
    }
    Ok((letters, lines))
}

async fn hand_over(
    mailbox: &MailboxConfig,
    smtp: &Smtp,
    tokens: &Tokens,
    keepers: &Keepers,
    (to, envelope): (&Address, &Address),
) -> Result<Letter, Attempt> {
    let credentials = match &smtp.login {
        Some(login) => keepers.credentials(login, Time::System.now()).await.map(Some),
        None => Ok(None),
    };
    let credentials = credentials.map_err(|error| Attempt::OurFault { answer: error.to_string() })?;
    let name = mailbox.address.domain();
    let mut connection = Connection::open(smtp, credentials.as_ref(), name, &Deadlines::default()).await?;
    let nonce = nonce().map_err(|error| Attempt::OurFault { answer: error.to_string() })?;
    let bytes = marked(&trial(&mailbox.address, to, &nonce, Time::System.now()), tokens);
    connection.offer(Some(envelope), to, bytes.len()).await?;
    match connection.hand_over(&bytes).await {
        Attempt::Sent { .. } => {
            connection.quit().await;
            Ok(Letter { nonce, to: to.clone(), envelope: envelope.clone(), sent_at: Instant::now() })
        }
        attempt => Err(attempt),
    }
}

fn marked(text: &str, tokens: &Tokens) -> Vec<u8> {
    let mark = tokens.trial_mark(&parse(text.as_bytes()).digest);
    format!("X-Amends-Loop: {mark}\r\n{text}").into_bytes()
}

/// A word that no other mail holds.
fn nonce() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 6];
    getrandom::fill(&mut bytes)?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

/// What came of them, by their nonce, with the seconds that it took.
async fn wait(
    session: &mut Session,
    first: u32,
    letters: &[Letter],
    within: Duration,
) -> Result<BTreeMap<String, (Mail, u64)>, ImapError> {
    let until = Instant::now() + within;
    let mut arrived = BTreeMap::new();
    let mut next = first;
    loop {
        for uid in session.uids_from(next).await? {
            next = uid + 1;
            let Some(fetched) = session.fetch_header(uid).await? else { continue };
            let mail = parse(&fetched.raw);
            let subject = mail.subject.as_deref().unwrap_or_default();
            if let Some(letter) = letters.iter().find(|l| subject.contains(&l.nonce)) {
                let took = letter.sent_at.elapsed().as_secs();
                arrived.insert(letter.nonce.clone(), (mail, took));
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        if arrived.len() == letters.len() || left.is_zero() {
            return Ok(arrived);
        }
        session.wait(left, std::future::pending()).await?;
    }
}

fn shown(
    config: &Config,
    mailbox: &MailboxConfig,
    letters: &[Letter],
    arrived: &BTreeMap<String, (Mail, u64)>,
) -> Vec<String> {
    let of = |letter: &Letter| arrived.get(&letter.nonce);
    let mut lines = Vec::new();
    if let Some((mail, took)) = letters.first().and_then(of) {
        lines.push(format!("a letter to {} came back after {took} s", mailbox.address));
        lines.extend(vouched(config, mailbox, mail));
    } else {
        lines.push(format!("the letter to {} has not come back", mailbox.address));
    }
    if let Some(letter) = letters.get(1) {
        lines.extend(subaddressing(mailbox, letter, of(letter).map(|(mail, _)| mail)));
    }
    lines
}

fn subaddressing(mailbox: &MailboxConfig, letter: &Letter, came: Option<&Mail>) -> Vec<String> {
    let Some(mail) = came else {
        let advice = match mailbox.subaddressing {
            true => ": write subaddressing = false, or let the server deliver it (Postfix: recipient_delimiter = +)",
            false => ", and subaddressing = false says so",
        };
        return vec![format!("a letter to {} did not arrive{advice}", letter.to)];
    };
    let mut lines = Vec::new();
    let kept = mail.to.iter().any(|p| p.address == letter.to);
    lines.push(match (kept, mailbox.subaddressing) {
        (true, true) => "subaddresses are delivered, and stay in To".to_owned(),
        (true, false) => {
            "subaddresses are delivered: subaddressing = true lets staff answer to their notices".to_owned()
        }
        (false, _) => "subaddresses are delivered, but To was rewritten: write subaddressing = false".to_owned(),
    });
    if letter.envelope != mailbox.address {
        lines.extend(envelope(mailbox, letter, mail));
    }
    lines
}

fn envelope(mailbox: &MailboxConfig, letter: &Letter, mail: &Mail) -> Option<String> {
    let path = mail.header("Return-Path")?;
    let kept = path.trim().trim_matches(['<', '>']).eq_ignore_ascii_case(letter.envelope.as_str());
    Some(match (kept, mailbox.envelope) {
        (true, Envelope::Token) => "the envelope stays as we write it: bounces come home".to_owned(),
        (true, _) => "the envelope stays as we write it: envelope = \"token\" would bring bounces home".to_owned(),
        (false, Envelope::Token) => format!("the server rewrites the envelope to {path}: write envelope = \"plain\""),
        (false, _) => "the server rewrites the envelope, and envelope is not \"token\": as it should be".to_owned(),
    })
}

/// Which server says what of the sender, and the key that lets it be believed.
fn vouched(config: &Config, mailbox: &MailboxConfig, mail: &Mail) -> Vec<String> {
    let found = proof::vouchers(mail);
    if found.is_empty() {
        let words = "the server wrote no Authentication-Results on it: many write none on mail of their own house; a mail \
                     from outside shows its name (amends inspect)";
        return vec![words.to_owned()];
    }
    let mut lines: Vec<String> = found.iter().map(in_words).collect();
    let proven = proof::prove(mail, &config.security.trusted);
    lines.push(match (proven.authenticated, found.iter().find_map(|v| trust(mail, v))) {
        (true, _) => format!("so {} is proven: {}", mailbox.address, proven.in_words()),
        (false, Some(key)) => format!("security.trusted_authserv_id = [{key}] would let it be believed"),
        (false, None) => format!("none of it proves {}: {}", mailbox.address, proven.in_words()),
    });
    lines
}

fn in_words(voucher: &Voucher) -> String {
    let by = voucher.id.as_deref().unwrap_or("a server that does not name itself (Microsoft 365)");
    format!("{by} says: {}", voucher.results.join(", "))
}

/// The value of `security.trusted_authserv_id` by which this field would prove the sender.
fn trust(mail: &Mail, voucher: &Voucher) -> Option<String> {
    let proves = |server: TrustedServer| proof::prove(mail, &[server]).authenticated;
    let Some(id) = &voucher.id else {
        return proves(TrustedServer::Microsoft365).then(|| "\"m365\"".to_owned());
    };
    if proves(TrustedServer::Named { id: id.clone(), host: None }) {
        return Some(format!("\"{id}\""));
    }
    let host = voucher
        .host
        .clone()
        .filter(|host| proves(TrustedServer::Named { id: id.clone(), host: Some(host.clone()) }))?;
    Some(format!("{{ id = \"{id}\", host = \"{host}\" }}"))
}
