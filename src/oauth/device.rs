//! Login with a code (RFC 8628): this machine shows a code, a person enters it in any browser, and we ask until they have.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::answer::{self, Tokens, seconds};
use super::http::post;
use super::keeper::client;
use super::{Kept, OAuthError};
use crate::config::{Endpoint, OAuth};
use crate::mail::clean_line;

/// RFC 8628 section 3.2, where the provider names none.
const INTERVAL: Duration = Duration::from_secs(5);
/// RFC 8628 section 3.5: so much longer after each `slow_down`.
const SLOWER: Duration = Duration::from_secs(5);

/// What the person is shown, and what we ask with.
pub struct Code {
    /// Where to go, with any browser.
    pub page: String,
    /// What to enter there.
    pub code: String,
    device_code: String,
    interval: Duration,
    /// Seconds until it is no longer good.
    lives: Duration,
}

impl Code {
    /// Asks the provider for a code.
    ///
    /// # Errors
    /// As [`OAuthError`]; nothing was changed anywhere.
    pub async fn ask(config: &OAuth, at: &Endpoint) -> Result<Self, OAuthError> {
        let reply = post(at, &client(config, &[("scope", &config.scope)])).await?;
        answer::refused(&at.host, &reply)?;
        Self::read(&reply.body)
            .ok_or_else(|| OAuthError::Garbled { host: at.host.clone(), what: "it holds no code to enter".to_owned() })
    }

    fn read(body: &Value) -> Option<Self> {
        let text = |name: &str| body[name].as_str().map(clean_line).filter(|s| !s.is_empty());
        let time = |name: &str| seconds(&body[name]).and_then(|secs| u64::try_from(secs).ok()).map(Duration::from_secs);
        Some(Self {
            // Google wrote `verification_url` before there was a standard.
            page: text("verification_uri").or_else(|| text("verification_url"))?,
            code: text("user_code")?,
            device_code: text("device_code")?,
            interval: time("interval").unwrap_or(INTERVAL),
            lives: time("expires_in").unwrap_or(Duration::from_secs(900)),
        })
    }

    /// Waits until the person has said yes or no, or the code has run out.
    ///
    /// # Errors
    /// `Refused` for a no; `TooLate`.
    pub async fn entered(self, config: &OAuth, now: impl Fn() -> Timestamp) -> Result<Kept, OAuthError> {
        let asking = self.ask_until_entered(config, now);
        tokio::time::timeout(self.lives, asking).await.unwrap_or(Err(OAuthError::TooLate))
    }

    async fn ask_until_entered(&self, config: &OAuth, now: impl Fn() -> Timestamp) -> Result<Kept, OAuthError> {
        const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
        let form = client(config, &[("grant_type", GRANT), ("device_code", &self.device_code)]);
        let mut interval = self.interval;
        loop {
            tokio::time::sleep(interval).await;
            let reply = post(&config.token_url, &form).await?;
            match reply.body["error"].as_str() {
                Some("authorization_pending") => {}
                Some("slow_down") => interval += SLOWER,
                _ => {
                    return logged_in(
                        &config.token_url.host,
                        answer::tokens(&config.token_url.host, &reply, now())?,
                        now(),
                    );
                }
            }
        }
    }
}

/// A login that cannot renew itself would end within the hour.
pub(super) fn logged_in(host: &str, tokens: Tokens, now: Timestamp) -> Result<Kept, OAuthError> {
    let none = || OAuthError::Garbled {
        host: host.to_owned(),
        what: "no refresh token came with it, so the login would end soon: ask for offline access in scope".to_owned(),
    };
    let refresh = tokens.refresh.ok_or_else(none)?;
    Ok(Kept::new(&refresh, now, tokens.refresh_until))
}
