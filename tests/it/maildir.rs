//! The Maildir as other programs use it beside us, and the pipe.

use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use amends::arrive::maildir::{Maildir, PipeError, ledger_folder, ledger_unique, read_one};
use jiff::Timestamp;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn put(root: &Path, place: &str, bytes: &[u8], when: &str) {
    let path = root.join(place);
    fs::write(&path, bytes).expect("written");
    let file = fs::File::options().write(true).open(&path).expect("opened");
    file.set_modified(at(when).into()).expect("dated");
}

fn names(root: &Path, part: &str) -> Vec<String> {
    let read = fs::read_dir(root.join(part)).expect("a folder");
    let mut names: Vec<String> =
        read.map(|item| item.expect("an item").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn a_missing_maildir_is_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path().join("mail/support")).expect("made");
    assert!(maildir.list().expect("listed").is_empty());
    for part in ["tmp", "new", "cur"] {
        assert!(maildir.root().join(part).is_dir(), "{part}");
    }
}

#[test]
fn new_and_seen_mail_is_listed_oldest_first_by_the_name_that_stays() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    put(dir.path(), "cur/1700000000.b.host:2,RS", b"second", "2026-11-20T10:00:00Z");
    put(dir.path(), "new/1700000000.c.host", b"third!", "2026-11-20T11:00:00Z");
    put(dir.path(), "new/1700000000.a.host,S=5", b"first", "2026-11-20T09:00:00Z");
    put(dir.path(), "tmp/half", b"not yet", "2026-11-20T09:00:00Z");
    put(dir.path(), "new/.hidden", b"no mail", "2026-11-20T09:00:00Z");
    fs::create_dir(dir.path().join("new/folder")).expect("made");
    std::os::unix::fs::symlink("/etc/hostname", dir.path().join("new/link")).expect("linked");

    let listed = maildir.list().expect("listed");
    let seen: Vec<(&str, u64)> = listed.iter().map(|entry| (entry.unique.as_str(), entry.size_bytes)).collect();
    assert_eq!(seen, [("1700000000.a.host,S=5", 5), ("1700000000.b.host", 6), ("1700000000.c.host", 6)]);
    assert_eq!(listed[0].received_at, Some(at("2026-11-20T09:00:00Z")));
    assert_eq!(maildir.read(&listed[1]).expect("read").as_deref(), Some(&b"second"[..]));
}

#[test]
fn a_mail_that_a_reader_renamed_is_still_read_and_one_that_is_gone_is_none() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    put(dir.path(), "new/a", b"one", "2026-11-20T10:00:00Z");
    put(dir.path(), "new/b", b"two", "2026-11-20T10:00:01Z");
    let listed = maildir.list().expect("listed");
    fs::rename(dir.path().join("new/a"), dir.path().join("cur/a:2,FRS")).expect("renamed");
    fs::remove_file(dir.path().join("new/b")).expect("removed");
    assert_eq!(maildir.read(&listed[0]).expect("read").as_deref(), Some(&b"one"[..]));
    assert_eq!(maildir.read(&listed[1]).expect("read"), None);
}

#[test]
fn settling_keeps_flags_and_may_be_repeated() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    put(dir.path(), "new/a", b"one", "2026-11-20T10:00:00Z");
    put(dir.path(), "cur/b:2,F", b"two", "2026-11-20T10:00:00Z");
    put(dir.path(), "cur/c:2,RS", b"three", "2026-11-20T10:00:00Z");
    for _ in 0..2 {
        maildir.settle("a", false).expect("settled");
        maildir.settle("b", true).expect("settled");
        maildir.settle("c", true).expect("settled");
        maildir.settle("gone", true).expect("no error");
        assert!(names(dir.path(), "new").is_empty());
        assert_eq!(names(dir.path(), "cur"), ["a:2,", "b:2,FS", "c:2,RS"]);
    }
}

#[test]
fn odd_names_stay_apart_and_can_be_read_and_settled() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    let odd: [&[u8]; 5] = [b"a b", b"a%20b", b"caf\xe9", b"line\nend", b"-rf"];
    for name in odd {
        fs::write(dir.path().join("new").join(std::ffi::OsStr::from_bytes(name)), name).expect("written");
    }
    let listed = maildir.list().expect("listed");
    let mut uniques: Vec<&str> = listed.iter().map(|entry| entry.unique.as_str()).collect();
    uniques.sort_unstable();
    assert_eq!(uniques, ["-rf", "a%20b", "a%2520b", "caf%E9", "line%0Aend"]);
    for entry in &listed {
        assert!(odd.contains(&maildir.read(entry).expect("read").expect("there").as_slice()));
        maildir.settle(&entry.unique, true).expect("settled");
    }
    assert_eq!(names(dir.path(), "cur").len(), 5);
    assert!(names(dir.path(), "new").is_empty());
}

#[test]
fn a_ledger_key_leads_back_to_its_name() {
    assert_eq!(ledger_folder("1.a.host"), "maildir/1.a.host");
    assert_eq!(ledger_unique("maildir/1.a.host"), Some("1.a.host"));
    assert_eq!(ledger_unique("INBOX"), None);
}

#[test]
fn a_letter_is_delivered_once_however_often_it_is_tried() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    let now = at("2026-11-21T08:00:00Z");
    let path = maildir.deliver(b"Subject: sorry\r\n\r\n", now, "letter-17").expect("delivered");
    assert_eq!(fs::read(&path).expect("read"), b"Subject: sorry\r\n\r\n");
    assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(maildir.list().expect("listed")[0].received_at, Some(now));

    maildir.deliver(b"Subject: sorry\r\n\r\n", at("2026-11-21T09:00:00Z"), "letter-17").expect("again");
    assert_eq!(names(dir.path(), "new"), ["letter-17"]);
    fs::rename(path, dir.path().join("cur/letter-17:2,FS")).expect("a reader");
    maildir.deliver(b"Subject: sorry\r\n\r\n", now, "letter-17").expect("again");
    assert!(names(dir.path(), "new").is_empty());
    assert!(names(dir.path(), "tmp").is_empty());
}

#[test]
fn a_try_that_ended_in_tmp_is_written_over() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    fs::write(dir.path().join("tmp/letter-17"), b"Subject: so, cut off by a crash, and longer").expect("written");
    let path = maildir.deliver(b"Subject: sorry\n", at("2026-11-21T08:00:00Z"), "letter-17").expect("delivered");
    assert_eq!(fs::read(path).expect("read"), b"Subject: sorry\n");
}

#[test]
fn a_letters_name_cannot_leave_the_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path().join("out")).expect("made");
    let long = "x".repeat(201);
    for name in ["", ".", "..", "../evil", "a/b", "a:2,S", ".hidden", "a\0b", "ä", long.as_str()] {
        let refused = maildir.deliver(b"x", at("2026-11-21T08:00:00Z"), name);
        assert!(refused.is_err(), "{name:?}");
        assert!(maildir.settle(name, true).is_ok(), "{name:?} names no mail");
    }
    assert!(maildir.list().expect("listed").is_empty());
    assert_eq!(fs::read_dir(dir.path()).expect("read").count(), 1);
}

#[test]
fn of_an_oversize_mail_the_header_is_read() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    put(dir.path(), "new/a", b"From: a@b.example\r\nSubject: x\r\n\r\nbody\n\nbody", "2026-11-20T10:00:00Z");
    put(dir.path(), "new/b", b"Subject: y\n\nbody\r\n\r\n", "2026-11-20T10:00:01Z");
    let endless = [b"Subject: z".to_vec(), vec![b'z'; 300_000]].concat();
    put(dir.path(), "new/c", &endless, "2026-11-20T10:00:02Z");
    let heads: Vec<Vec<u8>> = maildir
        .list()
        .expect("listed")
        .iter()
        .map(|entry| maildir.read_header(entry).expect("read").expect("there"))
        .collect();
    assert_eq!(heads[0], b"From: a@b.example\r\nSubject: x\r\n\r\n");
    assert_eq!(heads[1], b"Subject: y\n\n");
    assert_eq!(heads[2].len(), 256 * 1024);
}

#[test]
fn a_folder_that_cannot_be_read_is_an_error_and_not_an_empty_inbox() {
    let dir = tempfile::tempdir().expect("a folder");
    let maildir = Maildir::open(dir.path()).expect("made");
    fs::remove_dir(dir.path().join("cur")).expect("removed");
    let error = maildir.list().expect_err("no list").to_string();
    assert!(error.contains("cur"), "{error}");
    let file = dir.path().join("file");
    fs::write(&file, b"").expect("written");
    assert!(Maildir::open(file).is_err());
}

#[test]
fn one_mail_is_read_from_a_pipe_without_its_mbox_line() {
    let cases: [(&[u8], &[u8]); 5] = [
        (b"Subject: x\n\nbody", b"Subject: x\n\nbody"),
        (b"From a@b.example Sat Nov 21 08:00:00 2026\nSubject: x\n\nFrom here on\n", b"Subject: x\n\nFrom here on\n"),
        (b"From a@b.example Sat Nov 21 08:00:00 2026\r\nSubject: x\r\n\r\n", b"Subject: x\r\n\r\n"),
        (b"From: a@b.example\n\nbody", b"From: a@b.example\n\nbody"),
        (b"From : a@b.example\n\nbody", b"From : a@b.example\n\nbody"),
    ];
    for (input, expected) in cases {
        assert_eq!(read_one(input, 1000).expect("read"), expected);
    }
}

#[test]
fn a_pipe_is_bounded_and_an_empty_or_broken_one_is_an_error() {
    assert_eq!(read_one(&[b'x'; 100][..], 100).expect("read").len(), 100);
    assert!(matches!(read_one(&[b'x'; 101][..], 100), Err(PipeError::TooLarge { max_bytes: 100 })));
    assert!(matches!(read_one(io::repeat(b'x'), 100), Err(PipeError::TooLarge { .. })));
    assert!(matches!(read_one(io::empty(), 100), Err(PipeError::Empty)));
    assert!(matches!(read_one(&b"From a@b.example Sat Nov 21 08:00:00 2026\n"[..], 100), Err(PipeError::Empty)));

    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    assert!(matches!(read_one(b"Subject: x\n".chain(Broken), 100), Err(PipeError::Io(_))));
}
