//! What can go wrong with the database, and what that means for the daemon.

use std::path::PathBuf;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database url \"{url}\": {says}")]
    Url { url: String, says: &'static str },
    #[error("another amends daemon works on this database: it holds {}", path.display())]
    Locked { path: PathBuf },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the database was made by a newer amends: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A commit failed at the disk: whether it happened is unknown.
    #[error("the database could not be written: {0}")]
    Commit(sqlx::Error),
    #[error("no random bytes: {0}")]
    Random(getrandom::Error),
    /// A row says what it cannot say, or an operation was asked for that the row does not allow.
    #[error("{0}")]
    Broken(String),
    /// The store has died (after a failed commit, or by `stop_at`).
    #[error("the store has stopped")]
    Stopped,
}

impl StoreError {
    /// Nothing can be written any more: stop the process, and let a restart look again.
    pub fn is_fatal(&self) -> bool {
        matches!(self, StoreError::Commit(_) | StoreError::Stopped)
    }
}
