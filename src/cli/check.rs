//! `amends check`: every mistake at once, what was made of the file, every letter in every language, and then what each
//! server can do, in an admin's words. Writes no mail, but with `--send`, and changes nothing on a server.

use std::time::Duration;

use clap::Args;

use crate::arrive::imap::{self, FolderState, ImapError};
use crate::arrive::maildir::Maildir;
use crate::config::{self, After, Arrive, By, Config, Imap, Leave, MailboxConfig, Smtp};
use crate::deliver::compose::{Context, samples};
use crate::deliver::smtp::{Connection, Deadlines};
use crate::mail::LetterId;
use crate::oauth::{Keepers, kept};
use crate::templates::Templates;
use crate::time::Time;
use crate::token::Tokens;

use super::Global;
use super::exit::{self, Answer, Trouble};
use super::open::{self, wait_for};
use super::{proofs, trial};

/// Finds every mistake of the configuration, and logs in everywhere
#[derive(Debug, Args)]
pub struct Check {
    /// Do not connect to any server
    #[arg(long)]
    offline: bool,
    /// Send two letters from each mailbox to itself, and say what their way shows
    #[arg(long, conflicts_with = "offline")]
    send: bool,
    /// How long these may take to come back
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    within: u64,
}

pub fn run(asked: &Check, global: &Global) -> Answer {
    let config = open::with_secrets(&global.config)?;
    println!("{}", config.summary().trim_end());
    println!("\nHours: all 168 of the week are walked; somebody is there for every promise.");
    config.notes.iter().for_each(|note| println!("note: {note}"));
    let letters = open::templates(&config).and_then(|templates| every_letter(&config, &templates));
    // Whoever checks may not be the daemon's user: what its database knows must not keep the servers from being asked.
    if let Err(trouble) = wait_for(proofs::print(&config)) {
        println!("  cannot be told: {}", trouble.says);
    }
    if asked.offline {
        println!("Servers: not asked (--offline).");
        return letters;
    }
    let within = asked.send.then(|| Duration::from_secs(asked.within));
    let servers = wait_for(every_server(&config, within));
    letters.and(servers)
}

/// Writes each letter in each situation and language, from each mailbox, for nobody.
fn every_letter(config: &Config, templates: &Templates) -> Answer {
    let mut mistakes = Vec::new();
    let mut written = 0;
    for mailbox in &config.mailboxes {
        for language in templates.languages() {
            let result = letters_of(config, templates, mailbox, language);
            written += result.iter().filter(|r| r.is_ok()).count();
            mistakes.extend(result.into_iter().filter_map(Result::err));
        }
    }
    let languages: Vec<&str> = templates.languages().into_iter().collect();
    println!("Letters: {written} written as a trial, in {}; none was sent.", languages.join(", "));
    match mistakes.len() {
        0 => Ok(()),
        _ => Err(Trouble::new(exit::CONFIG, mistakes.join("\n"))),
    }
}

fn letters_of(
    config: &Config,
    templates: &Templates,
    mailbox: &MailboxConfig,
    language: &str,
) -> Vec<Result<(), String>> {
    let mut policy = config.policy.clone();
    policy.company.language = language.to_owned();
    let now = Time::System.now();
    let tokens = Tokens::new(config.security.key.expose(), "check", 1);
    let ctx = Context {
        policy: &policy,
        templates,
        tokens: &tokens,
        mailbox,
        letter: LetterId(1),
        now,
        customer_offset: None,
        enclosed: None,
    };
    let all = samples::all(&policy, &mailbox.name, now);
    all.into_iter()
        .map(|mut sample| {
            sample.case.language = language.to_owned();
            let says = |what: String| format!("letter {language}/{}: {what}", sample.title);
            match sample.compose(&ctx) {
                Ok(composed) => composed.fell_back.map_or(Ok(()), |why| Err(says(why))),
                Err(error) => Err(says(error.to_string())),
            }
        })
        .collect()
}

/// Asks every server, and tells what it found even where one fails. With `within` letters are sent as well.
async fn every_server(config: &Config, within: Option<Duration>) -> Answer {
    let mut failed = 0;
    let keepers = Keepers::of(config);
    for mailbox in &config.mailboxes {
        println!("\nMailbox {}", mailbox.name);
        let mut found =
            vec![("comes in", comes_in(mailbox, &keepers).await), ("goes out", goes_out(mailbox, &keepers).await)];
        // Where a road is closed, a letter would only say so again.
        if let Some(within) = within.filter(|_| found.iter().all(|(_, found)| found.is_ok())) {
            found.push(("comes back", trial::of(config, mailbox, &keepers, within).await));
        }
        for (road, found) in found {
            match found {
                Ok(lines) => println!("  {road:<11} {}", lines.join("\n              ")),
                Err(what) => {
                    println!("  {road:<11} FAILS: {what}");
                    failed += 1;
                }
            }
        }
    }
    match failed {
        0 => Ok(()),
        1 => Err(Trouble::new(exit::UNAVAILABLE, "1 road of mail does not work: see FAILS above")),
        n => Err(Trouble::new(exit::UNAVAILABLE, format!("{n} roads of mail do not work: see FAILS above"))),
    }
}

async fn comes_in(mailbox: &MailboxConfig, keepers: &Keepers) -> Result<Vec<String>, String> {
    match &mailbox.arrive {
        Arrive::Imap(imap) => of_imap(mailbox, imap, keepers).await,
        Arrive::Maildir(folder) => {
            let found = Maildir::open(folder).and_then(|m| m.list()).map_err(|e| e.to_string())?;
            Ok(vec![format!("Maildir {} with {} mails", folder.display(), found.len())])
        }
    }
}

async fn of_imap(mailbox: &MailboxConfig, config: &Imap, keepers: &Keepers) -> Result<Vec<String>, String> {
    let credentials = keepers.credentials(&config.login, Time::System.now()).await.map_err(|e| e.to_string())?;
    let opened = imap::open(config, &credentials, &imap::Deadlines::default()).await;
    let (session, folder) = opened.map_err(|e| imap_trouble(&config.host, &e))?;
    if let Err(error) = session.logout().await {
        tracing::debug!(%error, "saying goodbye");
    }
    if let Some(hindrance) = hindrance(mailbox, &folder) {
        return Err(hindrance);
    }
    let news = match folder.can_idle {
        true => "new mail is seen at once (IDLE)".to_owned(),
        false => format!("no IDLE: the folder is looked at every {} s (poll)", config.poll.as_secs()),
    };
    let mut lines = vec![format!("logged in at {} as {}", config.host, config.login.username)];
    lines.extend(end_of_login(mailbox, config));
    lines.push(format!("folder {} with {} mails; {news}", config.folder, folder.exists));
    if matches!(mailbox.after, After::Move(_)) && !folder.can_move {
        lines.push("no MOVE: handled mail is copied, then deleted".to_owned());
    }
    Ok(lines)
}

/// A login that will not renew itself beyond a day that the provider has named.
fn end_of_login(mailbox: &MailboxConfig, config: &Imap) -> Option<String> {
    let By::OAuth(oauth) = &config.login.by else { return None };
    let until = kept(&oauth.token_file).ok().flatten()?.until?;
    let day = until.strftime("%Y-%m-%d");
    Some(format!("this login ends on {day}: run `amends login {}` before", mailbox.name))
}

/// What this folder cannot do although the configuration asks for it.
fn hindrance(mailbox: &MailboxConfig, folder: &FolderState) -> Option<String> {
    if !folder.sticky_uids {
        return Some(
            "this folder forgets its numbers (UIDNOTSTICKY), so mail could be taken twice: use another".into(),
        );
    }
    match &mailbox.after {
        After::Keep => None,
        After::Seen | After::Move(_) if folder.read_only => {
            Some("the folder can only be read: set after = \"keep\", or let this user write to it".to_owned())
        }
        After::Move(to) if !folder.can_move && !folder.can_uidplus => {
            Some(format!("the server can neither MOVE nor UIDPLUS, so mail cannot go to {to}: set after = \"seen\""))
        }
        After::Seen | After::Move(_) => None,
    }
}

fn imap_trouble(host: &str, error: &ImapError) -> String {
    match (error, config::advice(host, &error.to_string())) {
        (ImapError::Credentials { .. }, None) => {
            let refused = error.to_string();
            format!("{}. Many providers want an app password here", refused.trim_end_matches('.'))
        }
        _ => config::advised(host, &error.to_string()),
    }
}

async fn goes_out(mailbox: &MailboxConfig, keepers: &Keepers) -> Result<Vec<String>, String> {
    match &mailbox.leave {
        Leave::Smtp(smtp) => of_smtp(mailbox, smtp, keepers).await,
        Leave::Maildir(folder) => {
            Maildir::open(folder).map_err(|e| e.to_string())?;
            Ok(vec![format!("Maildir {}", folder.display())])
        }
    }
}

async fn of_smtp(mailbox: &MailboxConfig, smtp: &Smtp, keepers: &Keepers) -> Result<Vec<String>, String> {
    let credentials = match &smtp.login {
        Some(login) => Some(keepers.credentials(login, Time::System.now()).await.map_err(|e| e.to_string())?),
        None => None,
    };
    let name = mailbox.address.domain();
    let opened = Connection::open(smtp, credentials.as_ref(), name, &Deadlines::default()).await;
    let connection = opened.map_err(|attempt| config::advised(&smtp.host, attempt.answer()))?;
    let size = match connection.max_size() {
        Some(bytes) => format!("letters up to {} MB", bytes / 1_000_000),
        None => "letters of any size".to_owned(),
    };
    connection.quit().await;
    let login = smtp.login.as_ref().map_or("without login".to_owned(), |login| format!("as {}", login.username));
    Ok(vec![format!("connected to {} {login}; takes {size}", smtp.host)])
}
