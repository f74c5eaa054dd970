//! What the large mail providers ask for, so that an admin need not look it up: hosts, ports, TLS, envelope, login.

use crate::tls::TlsMode;

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

    /// What to do where a password is missing.
    pub fn about_passwords(self) -> &'static str {
        match self {
            Provider::Custom => "",
            Provider::Gmail => {
                " Gmail wants an app password (myaccount.google.com/apppasswords); login by OAuth (`amends login`) is not in this version yet."
            }
            Provider::Microsoft365 => {
                " Microsoft 365 lets programs in by OAuth only, and `amends login` is not in this version yet: until it is, forward this mailbox to one that takes a password (provider \"custom\", \"gmail\" or \"fastmail\")."
            }
            Provider::Fastmail => {
                " Fastmail wants an app password (Settings, Privacy & Security); login by OAuth (`amends login`) is not in this version yet."
            }
        }
    }
}
