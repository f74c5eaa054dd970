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
    #[error("the tables could not be brought to their newest form: {0}")]
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

/// Primary result codes (sqlite.org/rescode.html); the extended ones carry them in their low byte.
const IOERR: i64 = 10;
const CORRUPT: i64 = 11;
const FULL: i64 = 13;
const NOTADB: i64 = 26;

impl StoreError {
    /// Nothing can be relied on any more: stop the process, and let a restart look again.
    pub fn is_fatal(&self) -> bool {
        match self {
            StoreError::Commit(_) | StoreError::Stopped => true,
            StoreError::Database(error) => primary_code(error).is_some_and(|c| [IOERR, CORRUPT, NOTADB].contains(&c)),
            _ => false,
        }
    }

    /// The disk is full: nothing of the transaction happened, and it may be tried again when there is space.
    pub fn is_full(&self) -> bool {
        matches!(self, StoreError::Database(error) if primary_code(error) == Some(FULL))
    }

    /// How a failed commit is told: a full disk rolled it back, all else leaves it unknown.
    pub(super) fn of_commit(error: sqlx::Error) -> Self {
        if primary_code(&error) == Some(FULL) { StoreError::Database(error) } else { StoreError::Commit(error) }
    }
}

fn primary_code(error: &sqlx::Error) -> Option<i64> {
    let code: i64 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}
