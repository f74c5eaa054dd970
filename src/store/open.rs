//! Opening a database: its file, its connections, its tables, its first rows.

use std::path::Path;
use std::sync::{Arc, Once};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::AnyPool;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;

use super::dialect::{READER, driver_url, sqlite_path};
use super::values::micros;
use super::writer::Writer;
use super::{Store, StoreError};

static TABLES: Migrator = sqlx::migrate!("migrations/sqlite");
static DRIVERS: Once = Once::new();

const READERS: u32 = 4;

impl Store {
    /// Opens `sqlite:path`, makes it where there is none, and brings it to the newest form.
    pub async fn open(url: &str, now: Timestamp) -> Result<Self, StoreError> {
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let path = sqlite_path(url)?;
        make_private_file(&path)?;
        let write = Writer::open(&path).await?;
        write.migrate(&TABLES).await?;
        first_rows(&write, now).await?;
        let read = readers(&path).await?;
        Ok(Self { write, read, path, stop: Arc::default() })
    }
}

/// Mail lies in it: readable by nobody else. The files that SQLite puts beside it take its mode.
fn make_private_file(path: &Path) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    let open = std::fs::File::options().create(true).truncate(false).write(true).mode(0o600).open(path);
    open.map(drop).map_err(|source| StoreError::File { path: path.to_owned(), source })
}

/// No idle timeout and no ping: a connection is a file handle, and its prepared statements are worth keeping.
async fn readers(path: &Path) -> Result<AnyPool, StoreError> {
    let options = AnyPoolOptions::new()
        .max_connections(READERS)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .acquire_timeout(Duration::from_secs(60))
        .after_connect(|connection, _| {
            Box::pin(async move { sqlx::query(READER).execute(connection).await.map(drop) })
        });
    Ok(options.connect(&driver_url(path)).await?)
}

/// A desk's id is made once; the first case is number 1001.
async fn first_rows(write: &Writer, now: Timestamp) -> Result<(), StoreError> {
    let mut id = [0; 16];
    getrandom::fill(&mut id).map_err(StoreError::Random)?;
    let rows = [
        ("id", data_encoding::HEXLOWER.encode(&id)),
        ("staff_epoch", "1".to_owned()),
        ("made_at", micros(now).to_string()),
        // Lists of days before anybody asked for them are not written.
        ("lists_done", micros(now).to_string()),
        ("next_case", "1001".to_owned()),
        ("next_letter", "1".to_owned()),
        ("next_mail", "1".to_owned()),
    ];
    let mut tx = write.begin().await?;
    for (name, value) in rows {
        let insert = sqlx::query("INSERT INTO desk (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING");
        insert.bind(name).bind(value).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_is_synced_in_full_and_readers_only_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("amends.db").display());
        let store = Store::open(&url, Timestamp::UNIX_EPOCH).await.expect("opens");
        let (mut writes, mut reads) = (store.begin().await.expect("begins"), store.look().await.expect("looks"));
        let of_writer = [("PRAGMA synchronous", 2), ("PRAGMA foreign_keys", 1), ("PRAGMA busy_timeout", 5000)];
        for (pragma, wanted) in of_writer {
            let value: i64 = sqlx::query_scalar(pragma).fetch_one(&mut *writes.inner).await.expect("a value");
            assert_eq!(value, wanted, "{pragma}");
        }
        let value: i64 = sqlx::query_scalar("PRAGMA query_only").fetch_one(&mut *reads.inner).await.expect("a value");
        assert_eq!(value, 1);
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.read).await.expect("a mode");
        assert_eq!(mode, "wal");
    }
}
