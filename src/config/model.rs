//! What a checked configuration is: small plain values, every name in them resolved, every path absolute.
//!
//! The rules' part of the file stands in [`Policy`]; here is what connects to servers, files and people's eyes.

use std::path::PathBuf;
use std::time::Duration;

use jiff::civil::Date;

use crate::decide::policy::Policy;
use crate::mail::{Address, MailboxName};
use crate::tls::{TlsMode, Trust};

use super::login::Login;

/// The whole configuration, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The folder of the file: relative paths in it are meant from there, and are already resolved.
    pub folder: PathBuf,
    pub policy: Policy,
    pub mailboxes: Vec<MailboxConfig>,
    pub database: Database,
    pub alerts_to: Option<Address>,
    pub letters: Letters,
    pub security: Security,
    pub limits: Limits,
    pub board: Board,
    /// What `check` and `run` say in a line each: keys without effect yet, and the like.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// `sqlite:` and an absolute path, or `sqlite::memory:`.
    pub url: String,
}

/// A `[[mailbox]]` with its roads in and out.
#[derive(Debug, Clone, PartialEq)]
pub struct MailboxConfig {
    pub name: MailboxName,
    pub address: Address,
    pub aliases: Vec<Address>,
    pub display_name: String,
    pub subaddressing: bool,
    pub after: After,
    pub start: Start,
    pub via_list: Vec<String>,
    pub form_senders: Vec<Address>,
    pub arrive: Arrive,
    pub leave: Leave,
    pub envelope: Envelope,
    /// The bound on duplicates after a crash (mail-rules section 8).
    pub connections: usize,
    /// 0: no bound.
    pub per_minute: u32,
    pub in_doubt_wait: Duration,
}

impl MailboxConfig {
    /// The logins of its roads.
    pub fn logins(&self) -> impl Iterator<Item = &Login> {
        let inward = match &self.arrive {
            Arrive::Imap(imap) => Some(&imap.login),
            Arrive::Maildir(_) => None,
        };
        let outward = match &self.leave {
            Leave::Smtp(smtp) => smtp.login.as_ref(),
            Leave::Maildir(_) => None,
        };
        inward.into_iter().chain(outward)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub enum Arrive {
    Imap(Imap),
    Maildir(PathBuf),
}

#[derive(Debug, Clone, PartialEq)]
pub enum Leave {
    Smtp(Smtp),
    Maildir(PathBuf),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Imap {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    pub trust: Trust,
    pub login: Login,
    pub folder: String,
    pub poll: Duration,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Smtp {
    pub host: String,
    pub port: u16,
    pub tls: TlsMode,
    pub trust: Trust,
    /// `None`: no AUTH, for a relay on a loopback address.
    pub login: Option<Login>,
}

/// What happens on the server after the mail is safe with us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    Keep,
    Seen,
    Move(String),
}

/// Which of the mail that is already there becomes cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    Now,
    All,
    From(Date),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    Token,
    Plain,
    Null,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letters {
    /// `None` where the folder does not exist: the built-in letters serve.
    pub folder: Option<PathBuf>,
    pub tone: Tone,
    pub all_transcripts: bool,
    pub lists: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Warn,
    Hold,
    Off,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Security {
    /// 32 bytes or more.
    pub key: Secret,
    pub staff_proof: StaffProof,
    pub trusted: Vec<TrustedServer>,
    pub verify_dkim: bool,
    pub max_message_bytes: u64,
    pub bot_guard: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffProof {
    Aligned,
    Token,
}

/// Whose Authentication-Results count (RFC 8601).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedServer {
    /// The authserv-id, and the `by` host of its Received where that is another name.
    Named {
        id: String,
        host: Option<String>,
    },
    Microsoft365,
}

/// Automatic mail to outsiders (mail-rules section 3); 0 switches one off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    pub per_address_hour: u32,
    pub per_address_day: u32,
    pub per_domain_hour: u32,
    pub burst: u32,
    pub per_person_hour: u32,
    /// Lower case: an address, or `*@domain`.
    pub blocked: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// `None`: switched off.
    pub listen: Option<std::net::SocketAddr>,
    /// Asked of every reader; never `None` where `listen` is no loopback address.
    pub token: Option<Secret>,
}

/// A password or key: shown as `***` wherever it is printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The secret itself; the caller must not print it.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}
