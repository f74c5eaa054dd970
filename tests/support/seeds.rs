//! What the targets begin with: the files of `tests/hostile/TARGET/`, seeds and cases that were once found alike, and
//! for targets that read whole mails those of `tests/mails`.

use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The files of a target by name, so that every machine has them in the same order.
pub fn of(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = files_in(&folder(target));
    if ["header", "mime", "bounce"].contains(&target) {
        found.extend(mails());
    }
    assert!(found.len() >= 3, "{target}: {} seeds in {}", found.len(), folder(target).display());
    found
}

/// Where a found case is to lie so that every run reads it first.
pub fn folder(target: &str) -> PathBuf {
    Path::new(ROOT).join("tests/hostile").join(target)
}

fn mails() -> Vec<(PathBuf, Vec<u8>)> {
    let folders = entries(&Path::new(ROOT).join("tests/mails"));
    let files = folders.into_iter().map(|folder| folder.join("mail.eml")).filter(|file| file.is_file());
    files.map(read).collect()
}

fn files_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    entries(folder).into_iter().filter(|path| path.is_file()).map(read).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let Ok(list) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = list.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths
}

fn read(path: PathBuf) -> (PathBuf, Vec<u8>) {
    let bytes = std::fs::read(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    (path, bytes)
}
