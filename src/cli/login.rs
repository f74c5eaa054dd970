//! `amends login MAILBOX`: a person says yes in a browser, once, and the daemon renews the login from then on.

use std::collections::BTreeMap;

use clap::Args;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::config::{By, Config, Endpoint, Grant, MailboxConfig, OAuth};
use crate::oauth::{Code, Kept, OAuthError, Page, Visit, replace};
use crate::time::Time;

use super::Global;
use super::exit::{self, Answer, Trouble};
use super::open::{self, wait_for};

/// Logs a mailbox in by OAuth, with a browser of yours
#[derive(Debug, Args)]
pub struct Login {
    /// A mailbox, by its name or address
    #[arg(value_name = "MAILBOX")]
    mailbox: String,
}

pub fn run(asked: &Login, global: &Global) -> Answer {
    let config = open::with_secrets(&global.config)?;
    let mailbox = find(&config, &asked.mailbox)?;
    let logins = logins(mailbox);
    if logins.is_empty() {
        let says = format!("mailbox {} logs in by password: there is no oauth2 in its [mailbox.imap]", mailbox.name);
        return Err(Trouble::new(exit::DATA, says));
    }
    wait_for(async {
        for login in logins {
            log_in(login).await?;
        }
        Ok(())
    })
}

fn find<'c>(config: &'c Config, asked: &str) -> Result<&'c MailboxConfig, Trouble> {
    let fits = |m: &&MailboxConfig| m.name.as_str() == asked || m.address.as_str().eq_ignore_ascii_case(asked);
    config.mailboxes.iter().find(fits).ok_or_else(|| {
        let names: Vec<&str> = config.mailboxes.iter().map(|m| m.name.as_str()).collect();
        Trouble::unknown(format!("no mailbox {asked}; there are: {}", names.join(", ")))
    })
}

/// The different logins of its roads: mostly one.
fn logins(mailbox: &MailboxConfig) -> Vec<&OAuth> {
    let mut by_file = BTreeMap::new();
    for login in mailbox.logins() {
        if let By::OAuth(oauth) = &login.by {
            by_file.entry(&oauth.token_file).or_insert(&**oauth);
        }
    }
    by_file.into_values().collect()
}

async fn log_in(oauth: &OAuth) -> Answer {
    let login = match (oauth.grant, &oauth.login_url) {
        (Grant::DeviceCode, Some(at)) => by_code(oauth, at).await?,
        (Grant::AuthorizationCode, Some(at)) => by_browser(oauth, at).await?,
        // The configuration has a login_url for both, or was refused.
        (Grant::ClientCredentials, _) | (_, None) => {
            println!("Nobody needs to log in: client_secret is the login. `amends check` tries it.");
            return Ok(());
        }
    };
    replace(&oauth.token_file, &login).map_err(trouble)?;
    println!("Logged in; {} keeps it. `amends check` tries it.", oauth.token_file.display());
    if let Some(until) = login.until {
        println!("The provider ends this login on {}; log in again before.", until.strftime("%Y-%m-%d"));
    }
    Ok(())
}

async fn by_code(oauth: &OAuth, at: &Endpoint) -> Result<Kept, Trouble> {
    let code = Code::ask(oauth, at).await.map_err(trouble)?;
    println!("Open this page in any browser, on any machine, logged in as the mailbox's user:");
    println!();
    println!("    {}", code.page);
    println!();
    println!("and enter the code   {}", code.code);
    println!();
    println!("Waiting for it ...");
    code.entered(oauth, || Time::System.now()).await.map_err(trouble)
}

async fn by_browser(oauth: &OAuth, at: &Endpoint) -> Result<Kept, Trouble> {
    let page = Page::open(oauth, at).await.map_err(trouble)?;
    println!("Open this page in a browser, logged in as the mailbox's user, and say yes:");
    println!();
    println!("    {}", page.address);
    println!();
    println!("If that browser runs on another machine, it ends at a page that it cannot show:");
    println!("copy the address of that page and paste it here.");
    let visit = tokio::select! {
        visit = page.visited() => visit.map_err(trouble)?,
        visit = pasted(&page) => visit,
    };
    match visit {
        Visit::Code(code) => page.logged_in(oauth, &code, Time::System.now()).await.map_err(trouble),
        Visit::No(word) => Err(Trouble::new(exit::DATA, format!("the provider did not log you in: {word}"))),
        Visit::Other => Err(Trouble::new(exit::DATA, "nobody logged in")),
    }
}

/// Addresses that a person pastes; without a terminal the browser alone is waited for.
async fn pasted(page: &Page) -> Visit {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        match page.visit(&line) {
            Visit::Other if line.trim().is_empty() => {}
            Visit::Other => println!("That is not the address that this login ends at. Paste it whole:"),
            visit => return visit,
        }
    }
    std::future::pending().await
}

fn trouble(error: OAuthError) -> Trouble {
    let code = match &error {
        OAuthError::Unreachable(_) | OAuthError::Silent { .. } | OAuthError::Garbled { .. } => exit::UNAVAILABLE,
        OAuthError::File { .. } => exit::OUTPUT,
        OAuthError::Refused { .. } | OAuthError::NotLoggedIn { .. } | OAuthError::TooLate => exit::DATA,
    };
    Trouble::new(code, error.to_string())
}
