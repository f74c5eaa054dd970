//! What is remembered: the only SQL of the crate, one text for both databases.
//!
//! A turn reads and writes inside one write transaction, [`Tx`], and many turns share one commit; dropped without
//! `commit`, nothing of it happened. There is one writer and there are readers apart. An I/O error of a commit ends
//! the store for good: an fsync that failed is never tried again (mail-rules section 10).

mod absences;
pub mod ahead;
pub mod cases;
pub mod clocks;
pub mod dialect;
mod error;
pub mod ledger;
mod letters;
pub mod lists;
mod lock;
pub mod mails;
pub mod marks;
mod open;
pub mod outbox;
mod parked;
pub mod people;
mod sending;
mod signatures;
mod stop;
mod values;
pub mod verify;
mod welcomes;
mod writer;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use sqlx::AnyPool;

use crate::decide::case::LogLine;
use crate::mail::{CaseId, LetterId, PersonId};
pub use error::StoreError;
pub use lock::DaemonLock;
pub use stop::StopAt;
use values::{broken, instant, number};

/// The database, open and migrated. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    write: writer::Writer,
    read: AnyPool,
    path: PathBuf,
    stop: Arc<stop::Stop>,
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
    inner: writer::Held,
    stop: Arc<stop::Stop>,
    writes: bool,
    /// Next free numbers that were handed out here; written back by the commit.
    numbers: BTreeMap<Number, i64>,
    /// What the rows of each case were when it was loaded or saved here: only differences are written.
    known: HashMap<CaseId, cases::Known>,
    counted: Counted,
    /// Letters that were queued here without their bytes.
    lack_bytes: BTreeSet<LetterId>,
    late: Late,
    absent: ahead::Absent,
}

/// Rows that hardly anything asks for within the transaction that writes them: those of many turns go into few
/// statements, before the commit or before the first question.
#[derive(Debug, Default)]
struct Late {
    log: Vec<(CaseId, i64, LogLine)>,
    clocks: Vec<(CaseId, clocks::ClockRow)>,
}

/// What many turns of one transaction ask for: read once, and kept up by what the transaction writes.
#[derive(Debug, Default)]
struct Counted {
    /// Open cases of each person.
    open_cases: Option<BTreeMap<PersonId, u32>>,
    /// Single rings to each person since an instant.
    rings: Option<(Timestamp, BTreeMap<PersonId, u32>)>,
    /// Who got the last case of a team, and whether that is still to be written.
    rotation: BTreeMap<String, (Option<PersonId>, bool)>,
}

/// What is numbered through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Number {
    Case,
    Letter,
    Mail,
}

impl Number {
    /// Its row in `desk`: the next free one.
    fn row(self) -> &'static str {
        match self {
            Number::Case => "next_case",
            Number::Letter => "next_letter",
            Number::Mail => "next_mail",
        }
    }
}

impl Store {
    /// Begins writing; waits for its turn. Never hold two at once in one task: the second waits for the first.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        self.stop.check()?;
        let inner = self.write.begin().await?;
        // Whoever held the writer before may have brought the end.
        self.stop.check()?;
        Ok(self.tx(inner, true))
    }

    /// A consistent picture to read from, while others write. Keep it short: the log of writes grows behind it.
    pub async fn look(&self) -> Result<Tx, StoreError> {
        self.stop.check()?;
        Ok(self.tx(writer::Held::Reading(self.read.begin().await?), false))
    }

    fn tx(&self, inner: writer::Held, writes: bool) -> Tx {
        Tx {
            inner,
            stop: Arc::clone(&self.stop),
            writes,
            numbers: BTreeMap::new(),
            known: HashMap::new(),
            counted: Counted::default(),
            lack_bytes: BTreeSet::new(),
            late: Late::default(),
            absent: ahead::Absent::default(),
        }
    }

    /// The one daemon on this database; released when dropped. Error `Locked` names the file.
    pub fn daemon_lock(&self) -> Result<DaemonLock, StoreError> {
        DaemonLock::take(&self.path)
    }

    /// Changes when another program (or another `Store`) has committed something: the daemon looks again.
    pub async fn outside_commits(&self) -> Result<i64, StoreError> {
        self.stop.check()?;
        self.write.outside_commits().await
    }

    /// Free space where the database lies; below 64 MB no new mail is claimed (mail-rules section 10).
    pub fn free_bytes(&self) -> Result<u64, StoreError> {
        let about = |e: rustix::io::Errno| StoreError::File { path: self.path.clone(), source: e.into() };
        let space = rustix::fs::statvfs(&self.path).map_err(about)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }

    /// For tests: the store dies before or after the n-th commit from now, as if the machine had.
    pub fn stop_at(&self, at: StopAt) {
        self.stop.plan(at);
    }

    /// Commits of write transactions so far (since `stop_at`, where that was called): how often a story can be stopped.
    pub fn commits(&self) -> u32 {
        self.stop.commits()
    }

    /// Waits until every transaction has ended, and closes the files.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

impl Tx {
    /// Makes all of it last. An error with `is_fatal` means: stop the process, look again after a restart.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        if !self.writes {
            return self.roll_back().await;
        }
        if let Some(letter) = self.lack_bytes.first() {
            return Err(broken(format!("letter {letter} was queued without its bytes")));
        }
        self.stop.may_commit()?;
        self.write_numbers().await?;
        self.write_rotation().await?;
        self.write_late().await?;
        match self.inner.commit().await.map_err(StoreError::of_commit) {
            Ok(()) => self.stop.committed(),
            Err(error) => {
                if error.is_fatal() {
                    self.stop.die();
                }
                Err(error)
            }
        }
    }

    /// Nothing was to be written after all. Dropping it does the same, at the price of the writing connection.
    pub async fn roll_back(self) -> Result<(), StoreError> {
        Ok(self.inner.roll_back().await?)
    }

    /// Writes now what would be written by the commit.
    pub async fn write_late(&mut self) -> Result<(), StoreError> {
        let Late { log, clocks } = std::mem::take(&mut self.late);
        self.insert_log(&log).await?;
        self.insert_clocks(&clocks).await
    }

    /// Who we are.
    pub async fn desk(&mut self) -> Result<Desk, StoreError> {
        let id = data_encoding::HEXLOWER.decode(self.desk_value("id").await?.as_bytes());
        let id = id.ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| broken("the desk's id is broken"))?;
        let staff_epoch = number(self.desk_number("staff_epoch").await?)?;
        let made_at = instant(self.desk_number("made_at").await?)?;
        Ok(Desk { id, staff_epoch, made_at })
    }

    async fn desk_value(&mut self, name: &str) -> Result<String, StoreError> {
        let found = sqlx::query_scalar("SELECT value FROM desk WHERE name = $1").bind(name);
        let value: Option<String> = found.fetch_optional(&mut *self.inner).await?;
        value.ok_or_else(|| broken(format!("the desk has no \"{name}\"")))
    }

    async fn desk_number(&mut self, name: &str) -> Result<i64, StoreError> {
        let text = self.desk_value(name).await?;
        text.parse().map_err(|_| broken(format!("the desk's \"{name}\" is no number: {text}")))
    }

    /// The next number, without a gap but for what is rolled back: the writer is alone.
    async fn next(&mut self, number: Number) -> Result<i64, StoreError> {
        let next = match self.numbers.get(&number) {
            Some(next) => *next,
            None => self.desk_number(number.row()).await?,
        };
        self.numbers.insert(number, next + 1);
        Ok(next)
    }

    async fn write_numbers(&mut self) -> Result<(), StoreError> {
        for (number, next) in std::mem::take(&mut self.numbers) {
            let update = sqlx::query("UPDATE desk SET value = $2 WHERE name = $1");
            update.bind(number.row()).bind(next.to_string()).execute(&mut *self.inner).await?;
        }
        Ok(())
    }
}
