//! Mail from an IMAP server: connects, waits, and fetches by UID what the ledger lacks; yields raw bytes.
//!
//! It believes only complete answers: whatever is not a tagged OK is an error that tells what failed, and never "nothing
//! there". It changes nothing on the server but what [`Session::mark_seen`] and [`Session::move_to`] are asked to, and it
//! never expunges by number. What to ask for, and when again, is the pure arithmetic of [`reconcile`]; the loop over the
//! ledger is the desk's. RFC 3501, 2177 (IDLE), 2595 (STARTTLS), 4315 (UIDPLUS), 6851 (MOVE).
//!
//! Times here are those of the network, measured by tokio: no instant of a mail or a case depends on them.

use std::time::Duration;

use crate::config;
use crate::tls::{self, TlsMode};

mod after;
mod backoff;
mod error;
mod login;
mod meter;
mod names;
pub mod reconcile;
mod session;
mod wait;
mod wire;

pub use backoff::{FIRST_PAUSE, backoff};
pub use error::ImapError;
pub use reconcile::batches;
pub use session::{Fetched, Listed, Session};
pub use wait::Woke;
pub use wire::ByteStream;

/// One batch of mail: enough for a long line between us and the server, little enough to hold in memory.
pub const BATCH_COUNT: usize = 100;
/// See [`BATCH_COUNT`].
pub const BATCH_BYTES: u64 = 32 << 20;

/// How long a server may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// Name, TCP and TLS together.
    pub connect: Duration,
    /// For each answer of a command.
    pub answer: Duration,
    /// For all answers of a command together.
    pub command: Duration,
    /// For each answer with mail in it, before its size is added.
    pub body: Duration,
    /// How slow a mail may come.
    pub body_bytes_per_second: u64,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            answer: Duration::from_secs(60),
            command: Duration::from_secs(30 * 60),
            body: Duration::from_secs(30),
            body_bytes_per_second: 50_000,
        }
    }
}

impl Deadlines {
    fn for_body(&self, size_bytes: u64) -> Duration {
        self.body + Duration::from_secs(size_bytes / self.body_bytes_per_second.max(1))
    }
}

/// The selected folder, as the server told of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderState {
    pub uid_validity: u32,
    pub uid_next: Option<u32>,
    /// How many mails it held when it was selected.
    pub exists: u32,
    /// False: UIDs do not outlast the session (UIDNOTSTICKY).
    pub sticky_uids: bool,
    /// Neither \Seen nor moving will work.
    pub read_only: bool,
    pub can_idle: bool,
    pub can_move: bool,
    pub can_uidplus: bool,
}

/// Connects as `config` says, logs in and selects the folder.
///
/// # Errors
/// [`ImapError`]; no session is left behind.
pub async fn open(
    config: &config::Imap,
    credentials: &config::Credentials,
    deadlines: &Deadlines,
) -> Result<(Session, FolderState), ImapError> {
    let mut stream = tls::connect(&config.host, config.port, config.tls, &config.trust, deadlines.connect).await?;
    let upgraded = config.tls == TlsMode::StartTls;
    if upgraded {
        login::ask_for_tls(&mut stream, deadlines).await?;
        stream = tls::upgrade(stream, &config.host, &config.trust, deadlines.connect).await?;
    }
    let session = Session::begin(stream, upgraded, config, credentials, deadlines).await?;
    let folder = session.folder().clone();
    Ok((session, folder))
}
