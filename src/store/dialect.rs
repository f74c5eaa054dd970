//! What is SQLite's own: where the file lies, how a connection is set up, how a write begins. And the few ways in
//! which SQL text is put together, for PostgreSQL alike (`$n`, never `?`).
//!
//! Where a statement runs for every mail, its limit stands in the text: SQLite plans anew each time a limit is bound.

use std::path::{Path, PathBuf};

use super::StoreError;

/// Taken before the first read: a transaction that read first and writes after another writer has committed fails at
/// once with BUSY_SNAPSHOT, whatever the busy_timeout.
pub(super) const BEGIN_WRITE: &str = "BEGIN IMMEDIATE";

/// FULL: a commit that was answered survives a power cut. 16 MB of pages are kept (2 would make a large outbox be read
/// again and again), and the log is folded into the file every 16 MB: fewer pages are written twice.
pub(super) const WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; \
     PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16384; \
     PRAGMA wal_autocheckpoint = 4096";

pub(super) const READER: &str = "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON";

/// A number that other connections' commits change, and those of the asking one do not.
pub(super) const OUTSIDE_COMMITS: &str = "PRAGMA data_version";

/// Answers `ok`, or what is wrong with the file.
pub(super) const FILE_CHECK: &str = "PRAGMA integrity_check(100)";

/// The file that a `sqlite:` url names: `sqlite:amends.db`, `sqlite://amends.db`, `sqlite:///var/lib/amends/amends.db`.
pub(super) fn sqlite_path(url: &str) -> Result<PathBuf, StoreError> {
    let refused = |says| StoreError::Url { url: url.to_owned(), says };
    if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        return Err(StoreError::Url {
            url: "postgres:…".to_owned(),
            says: "PostgreSQL has no support yet in this version; write \"sqlite:amends.db\"",
        });
    }
    let rest = url.strip_prefix("sqlite:").ok_or_else(|| refused("write it as in \"sqlite:amends.db\""))?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    if path.is_empty() || path.contains(":memory:") {
        return Err(refused("name a file: a desk that forgets cannot keep its word"));
    }
    if path.contains('?') {
        return Err(refused("it takes no parameters"));
    }
    let path = Path::new(path);
    std::path::absolute(path).map_err(|source| StoreError::File { path: path.to_owned(), source })
}

/// The url that the driver reads: it decodes `%`, so all that is not plain is written so.
pub(super) fn driver_url(path: &Path) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.".contains(&b);
    let encode = |b: u8| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") };
    let path: String = path.as_os_str().as_encoded_bytes().iter().map(|b| encode(*b)).collect();
    format!("sqlite://{path}")
}

/// Rows that one statement writes or asks for: its lengths are few enough for all of them to stay prepared.
pub(super) const ROWS_AT_ONCE: usize = 16;

/// `($1, $2), ($3, $4)` for two rows of two columns.
pub(super) fn rows(count: usize, width: usize) -> String {
    let row = |r: usize| {
        let places: Vec<String> = (1..=width).map(|c| format!("${}", r * width + c)).collect();
        format!("({})", places.join(", "))
    };
    (0..count).map(row).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbered_through() {
        assert_eq!(rows(2, 2), "($1, $2), ($3, $4)");
    }

    #[test]
    fn a_url_names_a_file() {
        for url in ["sqlite:/a/b c.db", "sqlite:///a/b c.db"] {
            let path = sqlite_path(url).expect("a path");
            assert_eq!(path, Path::new("/a/b c.db"));
            assert_eq!(driver_url(&path), "sqlite:///a/b%20c.db");
        }
        for url in ["sqlite:", "sqlite::memory:", "sqlite:a?mode=ro", "mysql://x", "postgres://u:secret@h/d"] {
            let error = sqlite_path(url).expect_err(url);
            assert!(!error.to_string().contains("secret"));
        }
    }
}
