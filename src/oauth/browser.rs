//! Login in a browser that comes back to this machine (RFC 8252, RFC 7636): for providers that give no mail by a code.
//!
//! The browser is sent to a port of loopback with a code that is worth nothing without the verifier that only we know. On a
//! machine without a browser the person copies the address that their own browser ended at, and pastes it here.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::answer;
use super::device::logged_in;
use super::http::post;
use super::keeper::client;
use super::{Kept, OAuthError};
use crate::config::{Endpoint, OAuth};

/// Of a request line that a browser sends.
const LONGEST_LINE: u64 = 16 << 10;

/// The page to open, and what proves that its answer is for us.
pub struct Page {
    pub address: String,
    redirect: String,
    verifier: String,
    state: String,
    listener: TcpListener,
}

/// What the browser brought back, or the person pasted.
#[derive(Debug, PartialEq, Eq)]
pub enum Visit {
    Code(String),
    /// The provider's word for a no.
    No(String),
    /// Nothing of this login.
    Other,
}

impl Page {
    /// Listens on a free port of loopback, and makes the address of the provider's page.
    ///
    /// # Errors
    /// Where no port can be had, or no random numbers.
    pub async fn open(config: &OAuth, at: &Endpoint) -> Result<Self, OAuthError> {
        let garbled = |what: String| OAuthError::Garbled { host: "this machine".to_owned(), what };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(|error| garbled(error.to_string()))?;
        let port = listener.local_addr().map_err(|error| garbled(error.to_string()))?.port();
        let random = || secret().map_err(|error| garbled(error.to_string()));
        let (verifier, state) = (random()?, random()?);
        let redirect = format!("http://127.0.0.1:{port}/");
        let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
        let query: String = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("response_type", "code"),
                ("client_id", &config.client_id),
                ("redirect_uri", &redirect),
                ("scope", &config.scope),
                ("state", &state),
                ("code_challenge", &challenge),
                ("code_challenge_method", "S256"),
                // Google gives a refresh token for these only; others ignore what they do not know (RFC 6749 section 3.1).
                ("access_type", "offline"),
                ("prompt", "consent"),
            ])
            .finish();
        let joint = if at.path.contains('?') { '&' } else { '?' };
        Ok(Self { address: format!("{at}{joint}{query}"), redirect, verifier, state, listener })
    }

    /// Waits for a browser that brings this login's answer; whatever else comes to the port is sent away.
    ///
    /// # Errors
    /// Where the port fails.
    pub async fn visited(&self) -> Result<Visit, OAuthError> {
        loop {
            let taken = self.listener.accept().await;
            let (mut browser, _) =
                taken.map_err(|e| OAuthError::Garbled { host: "this machine".into(), what: e.to_string() })?;
            let mut line = String::new();
            let mut reader = BufReader::new(tokio::io::AsyncReadExt::take(&mut browser, LONGEST_LINE));
            // A browser that breaks off, or speaks no HTTP, brings nothing.
            let read = reader.read_line(&mut line).await;
            let visit = read.map_or(Visit::Other, |_| self.visit(line.split(' ').nth(1).unwrap_or_default()));
            let says = match &visit {
                Visit::Code(_) => ("200 OK", "Logged in. You can close this page."),
                Visit::No(_) => ("200 OK", "Not logged in. You can close this page."),
                Visit::Other => ("404 Not Found", "Nothing is here."),
            };
            let page = format!(
                "HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{}",
                says.0,
                says.1.len(),
                says.1
            );
            if let Err(error) = browser.write_all(page.as_bytes()).await {
                tracing::debug!(%error, "the browser did not wait for its page");
            }
            if visit != Visit::Other {
                return Ok(visit);
            }
        }
    }

    /// What an address means that a browser ended at: whole as it was pasted, or what stands behind the host.
    pub fn visit(&self, address: &str) -> Visit {
        let query = address.trim().split_once('?').map_or("", |(_, query)| query);
        let query = query.split('#').next().unwrap_or_default();
        let find = |name: &str| {
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        // RFC 6749 section 10.12: an answer to a question that we did not ask is nobody's.
        if find("state").as_deref() != Some(self.state.as_str()) {
            return Visit::Other;
        }
        match (find("code"), find("error")) {
            (Some(code), None) => Visit::Code(code),
            (_, Some(error)) => Visit::No(error),
            (None, None) => Visit::Other,
        }
    }

    /// The login that the code stands for.
    ///
    /// # Errors
    /// As [`OAuthError`].
    pub async fn logged_in(&self, config: &OAuth, code: &str, now: Timestamp) -> Result<Kept, OAuthError> {
        let form = client(
            config,
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &self.redirect),
                ("code_verifier", &self.verifier),
            ],
        );
        let reply = post(&config.token_url, &form).await?;
        logged_in(&config.token_url.host, answer::tokens(&config.token_url.host, &reply, now)?, now)
    }
}

/// RFC 7636 section 4.1: 43 characters of 32 random bytes.
fn secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}
