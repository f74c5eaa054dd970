//! `amends deliver`: one mail on stdin, from an MTA's pipe. When it returns 0, the mail is on disk.
//!
//! MTAs bounce a mail on most exit codes and keep it on 75 alone; so whatever goes wrong here is 75, a mistake in the
//! configuration too. Only an empty input (65), an unknown mailbox (66) and wrong arguments (64) are told as such: these
//! are mistakes of whoever set up the pipe.

use std::io;

use clap::Args;

use crate::arrive::maildir::{PipeError, read_one};
use crate::config::Config;
use crate::desk::local;
use crate::mail::MailboxName;
use crate::store::Store;
use crate::time::Time;

use super::Global;
use super::exit::{self, Answer, Trouble};
use super::open::{wait_for, without_secrets};

/// Takes one mail from stdin, for an MTA's pipe; 75 when it could not be stored
#[derive(Debug, Args)]
pub struct Deliver {
    /// The mailbox of the configuration it came to
    #[arg(long, value_name = "NAME")]
    mailbox: String,
}

pub fn run(asked: &Deliver, global: &Global) -> Answer {
    let config = without_secrets(global).map_err(again)?;
    let name = known(&config, &asked.mailbox)?;
    let raw = read_one(io::stdin().lock(), config.security.max_message_bytes).map_err(unread)?;
    wait_for(async {
        let now = Time::System.now();
        let store = Store::open(&config.database.url, now).await?;
        local::store_one(&store, &name, raw, now).await?;
        store.close().await;
        Ok(())
    })
    .map_err(again)
}

fn known(config: &Config, name: &str) -> Result<MailboxName, Trouble> {
    let mut names = config.mailboxes.iter().map(|m| &m.name);
    names.clone().find(|n| n.as_str() == name).cloned().ok_or_else(|| {
        let all = names.by_ref().map(|n| n.as_str()).collect::<Vec<_>>().join(", ");
        Trouble::unknown(format!("there is no mailbox \"{name}\"; there are: {all}"))
    })
}

fn unread(error: PipeError) -> Trouble {
    let code = match error {
        PipeError::Empty => exit::DATA,
        // The MTA keeps the mail until an admin has raised the limit.
        PipeError::TooLarge { .. } | PipeError::Io(_) => exit::AGAIN,
    };
    Trouble::new(code, error.to_string())
}

fn again(trouble: Trouble) -> Trouble {
    Trouble { code: exit::AGAIN, ..trouble }
}
