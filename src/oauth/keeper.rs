//! Who holds the access tokens: one for each login, renewed in time, shared by the roads in and out.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use super::answer::{self, Tokens};
use super::file::keep;
use super::file::{self, Kept};
use super::http::post;
use super::{OAuthError, kept};
use crate::config::{By, Config, Credentials, Grant, Login, OAuth, Proof, Secret};

/// A token that ends within this is renewed first: a connection may take its time.
const SPARE: SignedDuration = SignedDuration::from_mins(5);

/// What identifies the client in a form, before what is asked for (RFC 6749 section 2.3.1).
pub(super) fn client<'a>(config: &'a OAuth, asked: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("client_id", config.client_id.as_str())];
    let secret = config.client_secret.as_ref().and_then(|secret| std::str::from_utf8(secret.expose()).ok());
    form.extend(secret.map(|secret| ("client_secret", secret)));
    form.extend(asked.iter().filter(|(_, value)| !value.is_empty()));
    form
}

/// The access token of one login.
#[derive(Debug)]
pub struct Keeper {
    config: OAuth,
    held: Mutex<Option<Held>>,
}

#[derive(Debug)]
struct Held {
    access: Secret,
    until: Timestamp,
}

impl Keeper {
    pub fn new(config: OAuth) -> Self {
        Self { config, held: Mutex::new(None) }
    }

    /// A token that is good for some minutes: the one at hand, or a new one.
    ///
    /// # Errors
    /// As [`OAuthError`]; `NotLoggedIn` where `amends login` has not run.
    pub async fn access(&self, now: Timestamp) -> Result<Secret, OAuthError> {
        let mut held = self.held.lock().await;
        if let Some(held) = held.as_ref().filter(|held| held.until > now + SPARE) {
            return Ok(held.access.clone());
        }
        let tokens = match self.config.grant {
            Grant::ClientCredentials => self.by_secret(now).await?,
            Grant::DeviceCode | Grant::AuthorizationCode => self.by_refresh(now).await?,
        };
        let access = tokens.access.clone();
        *held = Some(Held { access: tokens.access, until: tokens.until });
        Ok(access)
    }

    /// A server refused the token: the next one is asked for anew.
    pub async fn forget(&self) {
        *self.held.lock().await = None;
    }

    async fn by_secret(&self, now: Timestamp) -> Result<Tokens, OAuthError> {
        let config = &self.config;
        let form = client(config, &[("grant_type", "client_credentials"), ("scope", &config.scope)]);
        let reply = post(&config.token_url, &form).await?;
        answer::tokens(&config.token_url.host, &reply, now)
    }

    async fn by_refresh(&self, now: Timestamp) -> Result<Tokens, OAuthError> {
        let config = &self.config;
        let path = config.token_file.clone();
        let locked = tokio::task::spawn_blocking(move || file::lock(&path)).await;
        let _lock = locked.map_err(|error| self.broken(error.to_string()))??;
        let Some(login) = kept(&config.token_file)? else {
            return Err(OAuthError::NotLoggedIn { file: config.token_file.display().to_string() });
        };
        let form = client(config, &[("grant_type", "refresh_token"), ("refresh_token", login.refresh())]);
        let reply = post(&config.token_url, &form).await?;
        let tokens = answer::tokens(&config.token_url.host, &reply, now)?;
        if let Some(refresh) = &tokens.refresh {
            // Before the access token is used: the provider may have voided the old one (RFC 6749 section 6).
            let until = tokens.refresh_until.or(login.until);
            keep(&config.token_file, &Kept::new(refresh, login.since, until))?;
        }
        Ok(tokens)
    }

    fn broken(&self, what: String) -> OAuthError {
        OAuthError::File { path: self.config.token_file.clone(), what }
    }
}

/// The keepers of all logins of a configuration; roads with the same login share one.
#[derive(Debug, Clone, Default)]
pub struct Keepers(HashMap<Key, Arc<Keeper>>);

/// Logins that are the same: by their file, or by the client that is its own login.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key(PathBuf, String, String);

impl Keepers {
    pub fn of(config: &Config) -> Self {
        let logins = config.mailboxes.iter().flat_map(|mailbox| mailbox.logins());
        let keepers = logins.filter_map(|login| match &login.by {
            By::OAuth(oauth) => Some((key(oauth), Arc::new(Keeper::new(OAuth::clone(oauth))))),
            By::Password(_) => None,
        });
        Self(keepers.collect())
    }

    /// What goes over the wire to prove this login.
    ///
    /// # Errors
    /// As [`Keeper::access`]; a password cannot fail.
    pub async fn credentials(&self, login: &Login, now: Timestamp) -> Result<Credentials, OAuthError> {
        let proof = match &login.by {
            By::Password(secret) => Proof::Password(secret.clone()),
            By::OAuth(oauth) => {
                let kept = self.0.get(&key(oauth)).cloned();
                let keeper = kept.unwrap_or_else(|| Arc::new(Keeper::new(OAuth::clone(oauth))));
                Proof::Bearer(keeper.access(now).await?)
            }
        };
        Ok(Credentials { username: login.username.clone(), proof })
    }

    /// The server refused what this login proved itself by.
    pub async fn forget(&self, login: &Login) {
        if let By::OAuth(oauth) = &login.by
            && let Some(keeper) = self.0.get(&key(oauth))
        {
            keeper.forget().await;
        }
    }
}

fn key(oauth: &OAuth) -> Key {
    match oauth.grant {
        Grant::ClientCredentials => Key(PathBuf::new(), oauth.client_id.clone(), oauth.token_url.to_string()),
        _ => Key(oauth.token_file.clone(), oauth.client_id.clone(), String::new()),
    }
}
