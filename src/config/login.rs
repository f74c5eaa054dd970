//! How a road proves who we are: by a password, or by OAuth 2 (RFC 6749), and where the tokens of the latter come from.
//!
//! Nobody is spoken to here: a [`Login`] is what the file says, [`Credentials`] are what goes over the wire. Providers
//! that are known fill in their own addresses. Tokens are asked for by https only, or on this very machine.

use std::path::PathBuf;

use super::model::Secret;
use super::providers::Provider;
use super::tree::{Block, quoted};
use super::{secrets, words};
use crate::mail::Address;
use crate::tls::TlsMode;

/// Who we are to a server, and how we prove it.
#[derive(Debug, Clone, PartialEq)]
pub struct Login {
    pub username: String,
    pub by: By,
}

#[derive(Debug, Clone, PartialEq)]
pub enum By {
    Password(Secret),
    /// An access token that the provider gives out and takes back.
    OAuth(Box<OAuth>),
}

/// Login by OAuth 2 (RFC 6749): where tokens come from, and where the one that renews itself is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct OAuth {
    pub grant: Grant,
    pub token_url: Endpoint,
    /// Where the login of a person begins: the device's code (RFC 8628), or the page that a browser opens.
    pub login_url: Option<Endpoint>,
    pub client_id: String,
    pub client_secret: Option<Secret>,
    pub scope: String,
    /// Written by `amends login`, and anew whenever the provider gives another refresh token.
    pub token_file: PathBuf,
}

/// How the first token is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// A person enters a code in any browser (RFC 8628).
    DeviceCode,
    /// A person says yes in a browser, which is sent back to this machine (RFC 8252, RFC 7636).
    AuthorizationCode,
    /// The client's own secret is enough (RFC 6749 section 4.4).
    ClientCredentials,
}

/// Where a provider is asked: `https://HOST[:PORT]/PATH`, or `http://` on a loopback address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    /// With its query, beginning with a slash.
    pub path: String,
}

/// What goes over the wire to prove who we are: made from a [`Login`] for one connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Credentials {
    pub username: String,
    pub proof: Proof,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    Password(Secret),
    /// An OAuth access token, for XOAUTH2.
    Bearer(Secret),
}

impl Login {
    /// The credentials that need nobody else: `None` for OAuth.
    pub fn by_password(&self) -> Option<Credentials> {
        match &self.by {
            By::Password(secret) => {
                Some(Credentials { username: self.username.clone(), proof: Proof::Password(secret.clone()) })
            }
            By::OAuth(_) => None,
        }
    }
}

impl Endpoint {
    /// `https://HOST[:PORT][/PATH]`; `http` for a loopback address.
    ///
    /// # Errors
    /// In the admin's words, what is wrong and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("{} is no address of a provider. Write \"https://login.example/token\"", quoted(text));
        let (scheme, rest) = text.trim().split_once("://").ok_or_else(wrong)?;
        let (authority, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| wrong())?)),
            None => (authority, None),
        };
        let host = words::host(host).map_err(|_| wrong())?;
        let sound = |b: u8| b.is_ascii_graphic() && b != b'#';
        if !path.bytes().all(sound) {
            return Err(wrong());
        }
        let (tls, usual) = match scheme.to_ascii_lowercase().as_str() {
            "https" => (TlsMode::Implicit, 443),
            "http" if words::is_loopback(&host) => (TlsMode::None, 80),
            "http" => return Err("secrets go by https only: write \"https://...\"".to_owned()),
            _ => return Err(wrong()),
        };
        Ok(Self { host, port: port.unwrap_or(usual), tls, path: path.to_owned() })
    }
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (scheme, usual) = if self.tls == TlsMode::None { ("http", 80) } else { ("https", 443) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port != usual {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

const GRANTS: &[(&str, Grant)] = &[
    ("device_code", Grant::DeviceCode),
    ("authorization_code", Grant::AuthorizationCode),
    ("client_credentials", Grant::ClientCredentials),
];

const HOW: &str = "password = { env = \"NAME\" }, { file = \"path\" } or { command = \"...\" }";

/// The login of a road; `None` where there can be none, which is noted.
pub fn login(block: &Block<'_>, provider: Provider, address: Option<&Address>) -> Option<Login> {
    let username = block.text("username").or_else(|| address.map(|a| a.as_str().to_owned()));
    let by = by(block, provider, address);
    Some(Login { username: username?, by: by? })
}

fn by(block: &Block<'_>, provider: Provider, address: Option<&Address>) -> Option<By> {
    let oauth2 = block.get("oauth2");
    match (block.get("password"), &oauth2) {
        (Some(_), Some(entry)) => {
            entry.wrong("a mailbox logs in by password or by oauth2, not by both. Remove one of them");
            None
        }
        (None, Some(entry)) => oauth(&entry.block("oauth2"), provider, address).map(|o| By::OAuth(Box::new(o))),
        (None, None) => {
            let missing = if provider == Provider::Microsoft365 { "oauth2" } else { "password" };
            block.wrong(missing, format!("missing. Write {}", provider.how_to_log_in(HOW)));
            None
        }
        (Some(entry), None) => {
            if provider == Provider::Microsoft365 {
                entry.block("secret");
                block.reader.note(entry.line, &entry.path, "Microsoft 365 refuses passwords in most tenants; write oauth2 = { client_id = \"...\" } instead, and run `amends login` once");
            }
            secrets::password(block, "password").map(By::Password)
        }
    }
}

fn oauth(block: &Block<'_>, provider: Provider, address: Option<&Address>) -> Option<OAuth> {
    let grant = block.choice("grant", GRANTS).unwrap_or(provider.grant());
    let client_id = block.required("client_id", "\"00000000-...\", as the provider shows it", one_word);
    let client_secret = block.get("client_secret").map(|_| secrets::password(block, "client_secret"));
    if grant == Grant::ClientCredentials && client_secret.is_none() {
        block.wrong(
            "client_secret",
            "missing. With this grant it is the whole login: client_secret = { env = \"NAME\" }",
        );
    }
    let token_url = url(block, "token_url", provider.token_url());
    let login_url = match grant {
        Grant::ClientCredentials => None,
        _ => Some(url(block, "login_url", token_url.as_ref().and_then(|token| provider.login_url(grant, token)))),
    };
    let scope = block.text("scope").unwrap_or_else(|| provider.scope(grant).to_owned());
    let file =
        block.text("token_file").unwrap_or_else(|| format!("{}.token", address.map_or("mailbox", Address::local)));
    Some(OAuth {
        grant,
        token_url: token_url?,
        login_url: match login_url {
            Some(found) => Some(found?),
            None => None,
        },
        client_id: client_id?,
        client_secret: match client_secret {
            Some(found) => Some(found?),
            None => None,
        },
        scope,
        token_file: block.reader.path(&file),
    })
}

fn one_word(text: &str) -> Result<String, String> {
    match text.trim() {
        word if !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic()) => Ok(word.to_owned()),
        _ => Err(format!("{} is no client id: it is one word, as the provider shows it", quoted(text))),
    }
}

/// What stands at the key, or the provider's own address.
fn url(block: &Block<'_>, key: &'static str, preset: Option<Endpoint>) -> Option<Endpoint> {
    match (block.get(key), preset) {
        (Some(entry), _) => entry.read(Endpoint::parse),
        (None, Some(preset)) => Some(preset),
        (None, None) => {
            block.wrong(
                key,
                format!("missing. Write {key} = \"https://login.example/...\", as the provider documents it"),
            );
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_s_address_is_read_and_written_back() {
        for text in ["https://login.example/a/token", "https://login.example:8443/t?x=1", "http://127.0.0.1:90/token"] {
            assert_eq!(Endpoint::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(Endpoint::parse("https://login.example").expect("an address").path, "/");
    }

    #[test]
    fn secrets_go_in_clear_to_this_machine_only() {
        for text in ["http://login.example/token", "ftp://x/", "login.example", "https://a b/", "https://x/\r\nHost: y"]
        {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }
}
