//! What is remembered: the only SQL of the crate, one text for both databases.
//!
//! A turn reads and writes inside one write transaction, [`Tx`], and many turns share one commit; dropped without
//! `commit`, nothing of it happened. There is one writer and there are readers apart. An I/O error of a commit ends
//! the store for good: an fsync that failed is never tried again (mail-rules section 10).

pub mod cases;
pub mod clocks;
pub mod dialect;
mod error;
pub mod ledger;
mod lock;
pub mod mails;
pub mod outbox;
pub mod people;
mod stop;
pub mod verify;

use jiff::Timestamp;
use sqlx::{Any, AnyPool, Transaction};

pub use error::StoreError;
pub use lock::DaemonLock;
pub use stop::StopAt;

/// The database, open and migrated. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    write: AnyPool,
    read: AnyPool,
}

/// Who we are, as the database knows it: stays with backups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// Made at random when the database was made; part of what tokens are signed over.
    pub id: [u8; 16],
    pub staff_epoch: u32,
    pub made_at: Timestamp,
}

/// A transaction: all operations of the store. From [`Store::begin`] it writes, from [`Store::look`] it only reads.
pub struct Tx {
    inner: Transaction<'static, Any>,
}

impl Store {
    /// Opens `sqlite:path`, makes it where there is none, and brings it to the newest form.
    pub async fn open(url: &str, now: Timestamp) -> Result<Self, StoreError> {
        let _ = (url, now);
        todo!()
    }

    /// Begins writing; waits for its turn. Never hold two at once: the second waits for the first.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        todo!()
    }

    /// A consistent picture to read from, while others write.
    pub async fn look(&self) -> Result<Tx, StoreError> {
        todo!()
    }

    /// The one daemon on this database; released when dropped. Error `Locked` names the file.
    pub fn daemon_lock(&self) -> Result<DaemonLock, StoreError> {
        todo!()
    }

    /// Changes when another program has committed something: the daemon looks again.
    pub async fn outside_commits(&self) -> Result<i64, StoreError> {
        todo!()
    }

    /// Free space where the database lies; below 64 MB no new mail is claimed.
    pub fn free_bytes(&self) -> Result<u64, StoreError> {
        todo!()
    }

    /// For tests: the store dies before or after the n-th commit from now, as if the machine had.
    pub fn stop_at(&self, at: StopAt) {
        let _ = at;
        todo!()
    }

    pub async fn close(&self) {
        todo!()
    }
}

impl Tx {
    /// Makes all of it last. An error with `is_fatal` means: stop the process, look again after a restart.
    pub async fn commit(self) -> Result<(), StoreError> {
        todo!()
    }

    /// Who we are.
    pub async fn desk(&mut self) -> Result<Desk, StoreError> {
        todo!()
    }
}
