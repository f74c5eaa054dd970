//! Ordinary mails of about 4 kB: read and judged, against mail-parser's bare parsing of the same bytes.
//!
//! The mails are those of `../shared/mail` whose size is near 4 kB, where it lies beside the project; else the ones of
//! `tests/mails`, filled up with words to that size.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use mail_parser::MessageParser;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// The median of ordinary mail, and what counts as near it.
const MEDIAN: usize = 4096;
const NEAR: std::ops::RangeInclusive<usize> = 3000..=5500;
/// Reading and judging may take five times as long as parsing alone.
const ASKED: f64 = 0.2;
const ROUNDS: usize = 15;

pub fn compare() {
    let (from, mails) = mails();
    let bytes: usize = mails.iter().map(Vec::len).sum();
    println!("\n{} mails {from}, {} bytes each in the mean", mails.len(), bytes / mails.len().max(1));
    let parser = MessageParser::default();
    // In turn, and compared within each turn: a slow moment of the machine meets both.
    let turn = |_| {
        let bare = seconds(&mails, |raw| drop(black_box(parser.parse(black_box(raw)))));
        (bare, seconds(&mails, |raw| drop(black_box(super::read(black_box(raw))))))
    };
    let mut turns: Vec<(f64, f64)> = (0..ROUNDS).map(turn).collect();
    turns.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (bare, own) = turns[ROUNDS / 2];
    let each = |seconds: f64| seconds / mails.len().max(1) as f64 * 1e6;
    println!("mail-parser alone   {:>8.1} µs a mail", each(bare));
    println!("read and judged     {:>8.1} µs a mail", each(own));
    let verdict = if bare / own >= ASKED { "as asked" } else { "SLOWER than asked" };
    println!("rate {:.2} of mail-parser's ({verdict}: {ASKED})", bare / own);
}

/// Many times over: one pass takes a few milliseconds.
fn seconds(mails: &[Vec<u8>], one: impl Fn(&[u8])) -> f64 {
    let passes = 2000 / mails.len().max(1) + 1;
    let began = super::used();
    for _ in 0..passes {
        mails.iter().for_each(|raw| one(raw));
    }
    (super::used() - began).as_secs_f64() / passes as f64
}

fn mails() -> (&'static str, Vec<Vec<u8>>) {
    let mut found = Vec::new();
    files(&Path::new(ROOT).join("../shared/mail"), &mut found);
    let near = found.into_iter().filter_map(|path| std::fs::read(path).ok()).filter(|raw| NEAR.contains(&raw.len()));
    let near: Vec<Vec<u8>> = near.filter(|raw| raw.windows(5).any(|w| w.eq_ignore_ascii_case(b"from:"))).collect();
    if !near.is_empty() {
        return ("of third parties", near);
    }
    let mut own = Vec::new();
    files(&Path::new(ROOT).join("tests/mails"), &mut own);
    let own = own.into_iter().filter(|path| path.extension().is_some_and(|e| e == "eml"));
    ("of tests/mails", own.filter_map(|path| std::fs::read(path).ok()).map(filled).collect())
}

fn filled(mut raw: Vec<u8>) -> Vec<u8> {
    while raw.len() < MEDIAN {
        raw.extend(b"The lamp that you sent me is broken again, and I would like to have another one.\r\n");
    }
    raw
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(list) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = list.filter_map(|entry| entry.ok()).map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_none_or(|e| e != "jsonl" && e != "md" && e != "txt") {
            found.push(path);
        }
    }
}
