//! What the machine can do at all: each leg of the way by itself, by bare commands.

use std::path::Path;
use std::time::{Duration, Instant};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::imap::Imap;
use crate::sink::Arrival;
use crate::submit::{FROM, Submission, TO};
use crate::world::World;

const BATCH: usize = 100;

/// So many in so much time.
pub struct Measured {
    pub count: usize,
    pub took: Duration,
}

impl Measured {
    pub fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }
}

/// Fetching a mailbox whole in batches of 100, once selected.
pub async fn fetch(world: &World, user: &str, count: usize) -> Measured {
    let mut imap = Imap::open(world.port("IMAP"), user).await;
    let began = Instant::now();
    let mut fetched = 0;
    for first in (1..=count).step_by(BATCH) {
        fetched += imap.fetch(&format!("{first}:{}", first + BATCH - 1)).await.len();
    }
    let took = began.elapsed();
    assert_eq!(fetched, count, "the mailbox holds what was laid into it");
    Measured { count, took }
}

/// A database as the store opens it: WAL, and each commit is on the disk when it returns.
pub async fn database(folder: &Path, name: &str) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(folder.join(name)).create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let options = options.busy_timeout(Duration::from_secs(60)).disable_statement_logging();
    let mut connection = options.connect().await.unwrap();
    let table = "CREATE TABLE IF NOT EXISTS letters (id INTEGER PRIMARY KEY, state TEXT NOT NULL, at BIGINT)";
    sqlx::query(table).execute(&mut connection).await.unwrap();
    connection
}

/// One letter's state, on the disk when this returns.
pub async fn commit(connection: &mut SqliteConnection, id: i64) {
    let row = "INSERT INTO letters (id, state, at) VALUES ($1, 'committing', $2) \
               ON CONFLICT (id) DO UPDATE SET state = 'sent', at = at + 1";
    sqlx::query(row).bind(id).bind(id).execute(connection).await.unwrap();
}

/// One synced commit a letter, by as many writers as there are connections to the SMTP server.
pub async fn synced_commits(folder: &Path, count: usize, connections: usize) -> Measured {
    database(folder, "commits.db").await.close().await.unwrap(); // the table is there before the clock runs
    let began = Instant::now();
    let writers = (0..connections).map(|nth| {
        let folder = folder.to_path_buf();
        tokio::spawn(async move {
            let mut writer = database(&folder, "commits.db").await;
            for id in (nth..count).step_by(connections) {
                commit(&mut writer, i64::try_from(id).expect("a count")).await;
            }
            writer.close().await.unwrap();
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    Measured { count, took: began.elapsed() }
}

/// Submitting letters to the sink, shared out over so many connections.
pub async fn submit(world: &World, letters: &[Vec<u8>], connections: usize) -> Measured {
    let (port, before) = (world.sink().port(), world.sink().arrivals().len());
    let shares = (0..connections).map(|nth| letters.iter().skip(nth).step_by(connections).cloned().collect());
    let shares: Vec<Vec<Vec<u8>>> = shares.collect();
    let began = Instant::now();
    let senders = shares.into_iter().map(|share| {
        tokio::spawn(async move {
            let mut submission = Submission::open(port).await;
            for letter in share {
                submission.letter(&letter).await;
            }
        })
    });
    for sender in senders.collect::<Vec<_>>() {
        sender.await.unwrap();
    }
    let took = began.elapsed();
    let arrived = world.sink().wait_for(before + letters.len(), Duration::from_secs(1)) - before;
    assert_eq!(arrived, letters.len(), "each letter arrived once");
    let ours = |a: &Arrival| a.from == FROM && a.to == TO && a.bytes.is_empty();
    assert!(world.sink().arrivals()[before..].iter().all(ours), "the sink counts these letters and keeps none");
    Measured { count: letters.len(), took }
}
