//! A mailbox as it lies on Dovecot's disk.

use std::fs;
use std::path::Path;

/// The mails of an inbox, oldest first; none where the folder is not there yet.
pub fn mails_in(maildir: &Path) -> Vec<Vec<u8>> {
    let mut files: Vec<_> = ["new", "cur"]
        .iter()
        .filter_map(|part| fs::read_dir(maildir.join(part)).ok())
        .flatten()
        .map(|entry| entry.unwrap().path())
        .collect();
    // Dovecot's names begin with the time: `seconds.M<microseconds>P...`.
    files.sort_by_key(|path| arrival(path));
    // A reader beside us may move a mail from `new` to `cur`: then the next look finds it.
    files.iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn arrival(path: &Path) -> (u64, u64) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = name.split('.');
    let seconds = parts.next().and_then(|s| s.parse().ok()).unwrap_or(0);
    let rest = parts.next().unwrap_or_default().trim_start_matches('M');
    let micros = rest.split(|c: char| !c.is_ascii_digit()).next().and_then(|s| s.parse().ok()).unwrap_or(0);
    (seconds, micros)
}
