//! The program itself on hostile mail: what it takes of memory, which files it writes, what it connects to.
//!
//! Memory is the peak of `amends inspect`, as the kernel counts it, against six times the mail and 32 MB. Files and
//! connections are watched by strace where there is one; without it a line says so.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::super::cli::shop::Shop;
use super::super::support::bombs::{self, FORMS};
use super::super::support::wait::wait_until;

const MB: usize = 1 << 20;

/// What the program had at most, in bytes, once it has printed what it read.
fn peak_of(mail: &Path) -> usize {
    // A second file that is not there yet: the program waits for our pipe, and its peak can be read before it ends.
    let mut child = Command::new(env!("CARGO_BIN_EXE_amends"))
        .args(["inspect", "--json"])
        .arg(mail)
        .arg("/dev/stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let printed = read_line(&mut child);
    assert!(printed > 100, "{}: nothing was printed", mail.display());
    let peak = status(child.id(), "VmHWM:");
    drop(child.stdin.take());
    assert!(child.wait().expect("it ends").success());
    peak * 1024
}

fn read_line(child: &mut Child) -> usize {
    let mut line = Vec::new();
    let out = child.stdout.take().expect("a pipe");
    let mut reader = BufReader::new(out);
    reader.read_until(b'\n', &mut line).expect("a line");
    // The pipe stays open until the program has ended.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    line.len()
}

fn status(pid: u32, name: &str) -> usize {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).expect("Linux shows it");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
    line.split_whitespace().next().and_then(|n| n.parse().ok()).expect("a number")
}

/// Forms that take most, at 5 MB; the rest is measured by benches/reading.
const HUNGRY: [&str; 6] = ["text", "empty lines", "bare carriage returns", "UTF-8", "HTML", "base64"];

/// What a released program takes for a mail of some bytes. A build for tests is larger, and that is not the mail's doing.
const RELEASED: usize = 14 * MB;

#[test]
fn no_mail_takes_more_than_six_times_its_size_and_32_mb() {
    if !Path::new("/proc/self/status").exists() {
        return println!("skipped: there is no /proc here");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mail = folder.path().join("mail.eml");
    let forms = FORMS.iter().filter(|form| HUNGRY.contains(&form.name)).map(|form| (form.name, form.of(5 * MB)));
    let mut greedy = Vec::new();
    fs::write(&mail, "From: a@b.example\r\n\r\nx\r\n").expect("a mail");
    let of_build = peak_of(&mail).saturating_sub(RELEASED);
    // The largest that is still laid out.
    let tags = FORMS.iter().filter(|form| form.name.starts_with("HTML")).map(|form| (form.name, form.of(500_000)));
    for (name, raw) in forms.chain(tags).chain([("a line of 40 MB", bombs::long_line(40_000_000))]) {
        fs::write(&mail, &raw).expect("a mail");
        let (peak, most) = (peak_of(&mail).saturating_sub(of_build), 6 * raw.len() + 32 * MB);
        println!("{name}: {} MB of {} MB", peak / MB, most / MB);
        if peak > most {
            greedy.push(name);
        }
    }
    assert!(greedy.is_empty(), "more than it may have: {greedy:?}");
}

/// strace of this program, with what would connect or write; `None` where it is not here or may not trace.
fn traced(log: &Path) -> Option<Command> {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-s", "300", "-e", "trace=network,open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,truncate,chmod,execve", "-o"]);
    strace.arg(log);
    let tried = Command::new("strace").args(["-o", "/dev/null", "true"]).stderr(Stdio::null()).status();
    if tried.is_ok_and(|status| status.success()) {
        return Some(strace);
    }
    println!("skipped: no strace here that may trace");
    None
}

/// Hostile mails as files, small enough for a slow program under strace.
fn hostile_files(folder: &Path) -> Vec<PathBuf> {
    fs::create_dir_all(folder).expect("a folder");
    let forms = FORMS.iter().map(|form| form.of(20_000));
    let names = "From: \"../../evil\" <klaus@customer.example>\r\nReturn-Path: <klaus@customer.example>\r\nTo: support@northwind.example\r\n\
                 Subject: ../../evil\r\nMessage-ID: </../../evil@x>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
                 --x\r\nContent-Type: text/html\r\n\r\n<p>The lamp</p><img src=\"http://evil.example/a.png\"><link rel=stylesheet href=\"http://evil.example/a.css\">\
                 <iframe src=\"file:///etc/passwd\"></iframe>\r\n\
                 --x\r\nContent-Type: message/external-body; access-type=URL; URL=\"http://evil.example/\"\r\n\r\n\
                 --x\r\nContent-Disposition: attachment; filename=\"/tmp/amends-evil\"\r\n\r\nevil\r\n--x--\r\n";
    let write = |(n, raw): (usize, Vec<u8>)| {
        let path = folder.join(format!("{n}.eml"));
        fs::write(&path, raw).expect("a mail");
        path
    };
    forms.chain([names.as_bytes().to_vec()]).enumerate().map(write).collect()
}

/// Calls that reach another machine, or write anything that is not within `own`.
fn offences(log: &Path, own: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(log).expect("strace wrote its log");
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let call = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
        let name = call.split('(').next().unwrap_or_default();
        let network = call.contains("AF_INET") || call.contains("AF_NETLINK") || name == "connect";
        let writes = match name {
            "open" | "openat" => ["O_WRONLY", "O_RDWR", "O_CREAT"].iter().any(|flag| call.contains(flag)),
            "execve" => false,
            _ => !name.contains("sock") && !name.contains("recv") && !name.contains("send") && call.contains('"'),
        };
        let path = call.split('"').nth(1).unwrap_or_default();
        let allowed =
            Path::new(path).starts_with(own) || path.is_empty() || !path.starts_with('/') || path.starts_with("/dev/");
        let climbs = path.contains("..");
        if network || writes && (!allowed || climbs) {
            found.insert(call.to_owned());
        }
    }
    found
}

#[test]
fn inspect_connects_to_nothing_and_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("strace.log");
    let Some(mut strace) = traced(&log) else { return };
    let files = hostile_files(&folder.path().join("mails"));
    let ran = strace
        .arg(env!("CARGO_BIN_EXE_amends"))
        .args(["inspect", "--json"])
        .args(&files)
        .stdout(Stdio::null())
        .status();
    assert!(ran.expect("it runs").success());
    let offences = offences(&log, Path::new("/nowhere"));
    assert!(offences.is_empty(), "{offences:#?}");
    assert!(fs::read_to_string(&log).expect("a log").contains("mails/0.eml"), "strace saw nothing");
}

/// From the pipe of a mail server through the running daemon to letters in a Maildir: everything stays in its folder.
#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_connects_to_nothing_and_writes_in_its_folder_only() {
    let shop = Shop::new();
    let log = shop.path("strace.log");
    let Some(mut strace) = traced(&log) else { return };
    for file in hostile_files(&shop.path("mails")) {
        let raw = fs::read(file).expect("a mail");
        shop.piped(&["deliver", "--mailbox", "support"], &raw).ok();
    }
    shop.arrives(7);
    let errors = fs::File::create(shop.path("log")).expect("a log");
    strace.arg(env!("CARGO_BIN_EXE_amends")).arg("run").current_dir(shop.path(".")).stdin(Stdio::null()).stderr(errors);
    let mut child = strace.spawn().expect("it runs");
    shop.letter_to(7).await;
    let daemon = fs::read_to_string(format!("/proc/{0}/task/{0}/children", child.id())).expect("strace has a child");
    let ended = Command::new("kill").args(["-TERM", daemon.trim()]).status().expect("kill runs");
    assert!(ended.success());
    let status =
        wait_until("the end of the daemon", super::super::cli::shop::PATIENCE, || child.try_wait().expect("a child"))
            .await;
    assert!(status.success(), "{}", shop.log());
    let own = fs::canonicalize(shop.path(".")).expect("a folder");
    let offences = offences(&log, &own);
    assert!(offences.is_empty(), "{offences:#?}");
}
