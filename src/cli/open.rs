//! What a command opens before it can answer: the configuration, the database, a runtime.
//!
//! A command that only looks needs no password, so none is asked for and no command of the configuration is run: an
//! admin's shell has not the daemon's variables. What it makes with such a stand-in never leaves the machine.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::config::world::{Machine, World};
use crate::config::{self, Config};
use crate::store::Store;
use crate::templates::Templates;
use crate::time::Time;

use super::Global;
use super::exit::{self, Answer, Trouble};
use super::shown::Shown;

/// A configuration and its database, for a command that looks or changes little.
#[derive(Debug)]
pub struct Opened {
    pub config: Config,
    pub store: Store,
    pub now: Timestamp,
}

impl Opened {
    /// Opens what a daemon has made. Error 66 where there is no database yet: making one is the daemon's, under its user.
    pub async fn database(global: &Global) -> Result<Self, Trouble> {
        Self::database_of(without_secrets(global)?).await
    }

    /// The same with the secrets that were read already.
    pub async fn database_of(config: Config) -> Result<Self, Trouble> {
        match Self::database_if_there(&config).await? {
            Some((store, now)) => Ok(Self { config, store, now }),
            None => {
                let file = database_file(&config);
                let says = format!("there is no database at {} yet: `amends run` makes it", file.display());
                Err(Trouble::unknown(says))
            }
        }
    }

    /// `None` where no daemon has run yet.
    pub async fn database_if_there(config: &Config) -> Result<Option<(Store, Timestamp)>, Trouble> {
        if !database_file(config).exists() {
            return Ok(None);
        }
        let now = Time::System.now();
        Ok(Some((Store::open(&config.database.url, now).await?, now)))
    }

    /// How times are written for this company.
    pub fn shown(&self) -> Shown {
        Shown::new(&self.config.policy.company.timezone, self.now)
    }
}

fn database_file(config: &Config) -> PathBuf {
    let rest = config.database.url.trim_start_matches("sqlite:");
    PathBuf::from(rest.strip_prefix("//").unwrap_or(rest))
}

/// The configuration with its secrets, for whoever talks to servers.
pub fn with_secrets(file: &Path) -> Result<Config, Trouble> {
    config::load(file).map_err(|mistakes| Trouble::new(exit::CONFIG, mistakes.to_string()))
}

/// The configuration without asking for passwords.
pub fn without_secrets(global: &Global) -> Result<Config, Trouble> {
    config::load_in(&global.config, &NoSecrets).map_err(|m| Trouble::new(exit::CONFIG, m.to_string()))
}

/// The letters, every mistake in the owner's own at once.
pub fn templates(config: &Config) -> Result<Templates, Trouble> {
    Templates::load(config.letters.folder.as_deref()).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        Trouble::new(exit::CONFIG, lines.join("\n"))
    })
}

/// Runs a short command to its end.
pub fn wait_for(command: impl Future<Output = Answer>) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|e| Trouble::new(exit::AGAIN, format!("no runtime: {e}")))?.block_on(command)
}

/// This machine, but whose variables and commands are not asked for secrets. Long enough for a key.
struct NoSecrets;

const STAND_IN: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

impl World for NoSecrets {
    fn variable(&self, _name: &str) -> Option<String> {
        Some(STAND_IN.to_owned())
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        Machine.file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        Machine.is_folder(path)
    }

    fn is_public(&self, path: &Path) -> bool {
        Machine.is_public(path)
    }

    fn command(&self, _line: &str, _folder: &Path) -> Result<Vec<u8>, String> {
        Ok(STAND_IN.as_bytes().to_vec())
    }
}
