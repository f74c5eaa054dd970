//! The one connection that writes, handed from transaction to transaction in the order in which they asked.
//!
//! Not a pool's: a pool asks each connection that comes back whether it is well, which costs a letter's commit a fifth
//! more. A transaction that is dropped unfinished takes its connection with it, and closing that rolls back; the next
//! one opens another.

use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::migrate::Migrator;
use sqlx::{Any, AnyConnection, Connection as _, Transaction};
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use super::StoreError;
use super::dialect::{BEGIN_WRITE, OUTSIDE_COMMITS, WRITER, driver_url};

/// Cheap to clone: all clones share the connection.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    path: PathBuf,
    /// `None` while a transaction has it, and after one was dropped.
    resting: Arc<Mutex<Option<AnyConnection>>>,
}

/// The connection of a transaction.
pub(super) enum Held {
    Reading(Transaction<'static, Any>),
    Writing { connection: AnyConnection, back_to: OwnedMutexGuard<Option<AnyConnection>> },
}

impl Writer {
    pub(super) async fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = connect(path).await?;
        Ok(Self { path: path.to_owned(), resting: Arc::new(Mutex::new(Some(connection))) })
    }

    /// Brings the tables to their newest form.
    pub(super) async fn migrate(&self, tables: &Migrator) -> Result<(), StoreError> {
        let mut resting = self.resting.lock().await;
        Ok(tables.run(self.present(&mut resting).await?).await?)
    }

    /// Waits for its turn.
    pub(super) async fn begin(&self) -> Result<Held, StoreError> {
        let mut back_to = Arc::clone(&self.resting).lock_owned().await;
        let mut connection = match back_to.take() {
            Some(connection) => connection,
            None => connect(&self.path).await?,
        };
        sqlx::query(BEGIN_WRITE).execute(&mut connection).await?;
        Ok(Held::Writing { connection, back_to })
    }

    /// Changes with the commits of other programs: not with those of this connection.
    pub(super) async fn outside_commits(&self) -> Result<i64, StoreError> {
        let mut resting = self.resting.lock().await;
        Ok(sqlx::query_scalar(OUTSIDE_COMMITS).fetch_one(self.present(&mut resting).await?).await?)
    }

    pub(super) async fn close(&self) {
        if let Some(connection) = self.resting.lock().await.take()
            && let Err(error) = connection.close().await
        {
            // All that was committed is on the disk.
            tracing::warn!(%error, "the database was not closed well");
        }
    }

    async fn present<'a>(
        &self,
        resting: &'a mut MutexGuard<'_, Option<AnyConnection>>,
    ) -> Result<&'a mut AnyConnection, StoreError> {
        let connection = match resting.take() {
            Some(connection) => connection,
            None => connect(&self.path).await?,
        };
        Ok(resting.insert(connection))
    }
}

impl Held {
    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Held::Reading(transaction) => transaction.commit().await,
            Held::Writing { connection, back_to } => give_back(connection, back_to, "COMMIT").await,
        }
    }

    pub(super) async fn roll_back(self) -> Result<(), sqlx::Error> {
        match self {
            Held::Reading(transaction) => transaction.rollback().await,
            Held::Writing { connection, back_to } => give_back(connection, back_to, "ROLLBACK").await,
        }
    }
}

/// Only where the transaction ended well: the next one begins on it.
async fn give_back(
    mut connection: AnyConnection,
    mut back_to: OwnedMutexGuard<Option<AnyConnection>>,
    end: &'static str,
) -> Result<(), sqlx::Error> {
    sqlx::query(end).execute(&mut connection).await?;
    *back_to = Some(connection);
    Ok(())
}

impl Deref for Held {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        match self {
            Held::Reading(transaction) => transaction,
            Held::Writing { connection, .. } => connection,
        }
    }
}

impl DerefMut for Held {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        match self {
            Held::Reading(transaction) => transaction,
            Held::Writing { connection, .. } => connection,
        }
    }
}

async fn connect(path: &Path) -> Result<AnyConnection, StoreError> {
    let mut connection = AnyConnection::connect(&driver_url(path)).await?;
    sqlx::query(WRITER).execute(&mut connection).await?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_a_transaction_that_is_dropped_costs_its_connection() {
        sqlx::any::install_default_drivers();
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("amends.db");
        std::fs::File::create(&path).expect("a file");
        let writer = Writer::open(&path).await.expect("opens");
        writer.begin().await.expect("begins").commit().await.expect("commits");
        assert!(writer.resting.lock().await.is_some());
        writer.begin().await.expect("begins").roll_back().await.expect("rolls back");
        assert!(writer.resting.lock().await.is_some());
        let mut dropped = writer.begin().await.expect("begins");
        sqlx::query("CREATE TABLE t (n BIGINT)").execute(&mut *dropped).await.expect("made");
        drop(dropped);
        assert!(writer.resting.lock().await.is_none());
        let mut next = writer.begin().await.expect("the lock is free");
        let tables = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_master").fetch_one(&mut *next);
        let tables: i64 = tables.await.expect("a count");
        assert_eq!(tables, 0, "nothing of it is left");
    }
}
