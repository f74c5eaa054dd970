//! What the large mail providers ask for, so that an admin need not look it up: hosts, ports, TLS, envelope, login.

use crate::tls::TlsMode;

use super::login::{Endpoint, Grant};
use super::model::Envelope;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
    Custom,
    Gmail,
    Microsoft365,
    Fastmail,
}

/// One of a provider's servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    pub host: &'static str,
    pub port: u16,
    pub tls: TlsMode,
}

impl Provider {
    pub const WORDS: &[(&str, Provider)] = &[
        ("custom", Provider::Custom),
        ("gmail", Provider::Gmail),
        ("microsoft365", Provider::Microsoft365),
        ("fastmail", Provider::Fastmail),
    ];

    pub fn imap(self) -> Option<Server> {
        let server = |host| Some(Server { host, port: 993, tls: TlsMode::Implicit });
        match self {
            Provider::Custom => None,
            Provider::Gmail => server("imap.gmail.com"),
            Provider::Microsoft365 => server("outlook.office365.com"),
            Provider::Fastmail => server("imap.fastmail.com"),
        }
    }

    pub fn smtp(self) -> Option<Server> {
        let server = |host, port, tls| Some(Server { host, port, tls });
        match self {
            Provider::Custom => None,
            Provider::Gmail => server("smtp.gmail.com", 465, TlsMode::Implicit),
            Provider::Microsoft365 => server("smtp.office365.com", 587, TlsMode::StartTls),
            Provider::Fastmail => server("smtp.fastmail.com", 465, TlsMode::Implicit),
        }
    }

    /// Gmail rewrites an envelope sender with a token, Microsoft 365 refuses it (mail-rules section 3).
    pub fn envelope(self) -> Envelope {
        match self {
            Provider::Custom | Provider::Fastmail => Envelope::Token,
            Provider::Gmail | Provider::Microsoft365 => Envelope::Plain,
        }
    }

    /// What to write where a login is missing; `plainly` is how a password is written.
    pub fn how_to_log_in(self, plainly: &str) -> String {
        match self {
            Provider::Custom => format!("{plainly}."),
            Provider::Gmail => format!(
                "{plainly}, with an app password (myaccount.google.com/apppasswords), or oauth2 = {{ client_id = \"...\", client_secret = {{ env = \"NAME\" }} }} and run `amends login` once."
            ),
            Provider::Microsoft365 => {
                "oauth2 = { client_id = \"...\" } with the id of your app registration, and run `amends login` once; Microsoft 365 lets programs in by OAuth only.".to_owned()
            }
            Provider::Fastmail => format!("{plainly}, with an app password (Settings, Privacy & Security)."),
        }
    }

    /// How the first token is had: Google gives no mail by device code.
    pub fn grant(self) -> Grant {
        match self {
            Provider::Gmail => Grant::AuthorizationCode,
            Provider::Custom | Provider::Microsoft365 | Provider::Fastmail => Grant::DeviceCode,
        }
    }

    pub fn token_url(self) -> Option<Endpoint> {
        match self {
            Provider::Gmail => Some(https("oauth2.googleapis.com", "/token")),
            Provider::Microsoft365 => Some(https(MICROSOFT, "/organizations/oauth2/v2.0/token")),
            Provider::Custom | Provider::Fastmail => None,
        }
    }

    /// Where a person logs in. Of Microsoft it stands beside the tokens' address, which names the tenant.
    pub fn login_url(self, grant: Grant, token_url: &Endpoint) -> Option<Endpoint> {
        if token_url.host == MICROSOFT {
            let tenant = token_url.path.strip_suffix("/token")?;
            let page = if grant == Grant::DeviceCode { "devicecode" } else { "authorize" };
            return Some(https(MICROSOFT, &format!("{tenant}/{page}")));
        }
        (self == Provider::Gmail).then(|| match grant {
            Grant::DeviceCode => https("oauth2.googleapis.com", "/device/code"),
            _ => https("accounts.google.com", "/o/oauth2/v2/auth"),
        })
    }

    /// What is asked for: to read and to send, and to stay logged in.
    pub fn scope(self, grant: Grant) -> &'static str {
        match (self, grant) {
            (Provider::Gmail, _) => "https://mail.google.com/",
            (Provider::Microsoft365, Grant::ClientCredentials) => "https://outlook.office365.com/.default",
            (Provider::Microsoft365, _) => {
                "https://outlook.office365.com/IMAP.AccessAsUser.All https://outlook.office365.com/SMTP.Send offline_access"
            }
            (Provider::Custom | Provider::Fastmail, _) => "",
        }
    }
}

const MICROSOFT: &str = "login.microsoftonline.com";

fn https(host: &str, path: &str) -> Endpoint {
    Endpoint { host: host.to_owned(), port: 443, tls: TlsMode::Implicit, path: path.to_owned() }
}
