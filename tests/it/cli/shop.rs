//! A small shop in a folder of its own, and the program run on it.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::super::support::mail::RawMail;
use super::super::support::maildir::mails_in;
use super::super::support::wait::wait_until;

pub const CONFIG: &str = r#"[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"

[[mailbox]]
address = "support@northwind.example"
[mailbox.maildir]
inbox = "in"
outgoing = "out"

[[person]]
name = "Mei Tan"
email = "mei@northwind.example"

[[person]]
name = "Jane Okafor"
email = "jane@northwind.example"
authority = true
"#;

/// Longer than the minute that a letter rests which was interrupted twice.
pub const PATIENCE: Duration = Duration::from_secs(150);

pub struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    pub fn new() -> Self {
        let shop = Self { folder: tempfile::tempdir().expect("a folder") };
        shop.configure(CONFIG);
        fs::write(shop.path("amends.key"), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n").expect("a key");
        fs::create_dir_all(shop.path("in/new")).expect("an inbox");
        shop
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn configure(&self, text: &str) {
        fs::write(self.path("config.toml"), text).expect("a config");
    }

    /// The program with these arguments, in the shop's folder.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_amends"));
        command.args(args).current_dir(self.folder.path()).env_remove("RUST_LOG").env_remove("AMENDS_PASSWORD");
        command.stdin(Stdio::null());
        command
    }

    pub fn amends(&self, args: &[&str]) -> Ran {
        Ran::of(args, self.command(args).output().expect("it runs"))
    }

    /// With something on stdin.
    pub fn piped(&self, args: &[&str], input: &[u8]) -> Ran {
        let mut command = self.command(args);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("it runs");
        let sent = child.stdin.take().expect("a pipe").write_all(input);
        // It may say no before it has read everything.
        assert!(sent.is_ok() || sent.is_err_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe));
        Ran::of(args, child.wait_with_output().expect("it ends"))
    }

    pub fn start(&self, args: &[&str]) -> Daemon {
        self.start_as(self.command(args))
    }

    /// A command with an environment of its own; its log is kept.
    pub fn start_as(&self, mut command: Command) -> Daemon {
        let log = fs::File::options().create(true).append(true).open(self.path("log")).expect("a log");
        Daemon { child: command.stderr(log).spawn().expect("it runs") }
    }

    /// Letters leave by a server on this port.
    pub fn sends_to(&self, port: u16) {
        let smtp = format!("[mailbox.smtp]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n");
        self.configure(&CONFIG.replace("outgoing = \"out\"\n", &smtp));
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// A customer's mail lies in the inbox.
    pub fn arrives(&self, n: usize) {
        // Written beside and moved in, as Maildir wants it: nobody reads half a mail.
        let tmp = self.path(&format!("mail-{n}"));
        fs::write(&tmp, mail(n)).expect("a mail");
        fs::rename(tmp, self.path(&format!("in/new/{n}.M{n}.host"))).expect("it arrives");
    }

    pub fn letters(&self) -> Vec<String> {
        letters_in(&self.path("out"))
    }

    /// Letters whose header names this customer as the one they are for.
    pub fn letters_to(&self, n: usize) -> Vec<String> {
        let to = format!("customer{n}@customer.example");
        self.letters().into_iter().filter(|l| header(l, "To").is_some_and(|field| field.contains(&to))).collect()
    }

    pub async fn letter_to(&self, n: usize) -> String {
        let what = format!("a letter to customer {n}");
        wait_until(&what, PATIENCE, || self.letters_to(n).pop()).await
    }

    pub async fn log_says(&self, words: &str) {
        wait_until(words, PATIENCE, || self.log().contains(words).then_some(())).await;
    }
}

pub fn mail(n: usize) -> Vec<u8> {
    let from = format!("Klaus Berger <customer{n}@customer.example>");
    RawMail::new(&from, "support@northwind.example", "Lamp broken")
        .with("Return-Path", &format!("<customer{n}@customer.example>"))
        .with("Message-ID", &format!("<{n}@customer.example>"))
        .body("Hello,\nthe lamp is broken. I want my money back.\n")
        .bytes()
}

fn letters_in(maildir: &Path) -> Vec<String> {
    mails_in(maildir).into_iter().map(|bytes| String::from_utf8(bytes).expect("letters are text")).collect()
}

/// The first line of a header field.
pub fn header<'a>(letter: &'a str, name: &str) -> Option<&'a str> {
    letter.lines().take_while(|l| !l.is_empty()).find_map(|l| l.strip_prefix(name)?.strip_prefix(": "))
}

/// A daemon that ends with the test.
pub struct Daemon {
    child: Child,
}

impl Daemon {
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success(), "{name} could not be sent");
    }

    pub async fn ended(&mut self) -> std::process::ExitStatus {
        wait_until("the end of the daemon", PATIENCE, || self.child.try_wait().expect("a child")).await
    }

    /// SIGKILL, at once.
    pub async fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.ended().await;
    }

    /// Stopped as soon as it runs: the database is there then.
    pub async fn stopped_once_running(self, shop: &Shop) {
        shop.log_says("running").await;
        self.stopped().await;
    }

    pub async fn stopped(mut self) {
        self.signal("-TERM");
        let status = self.ended().await;
        assert!(status.success(), "a clean stop ended with {status}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // Already gone where the test has stopped it.
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().expect("it can be killed");
            self.child.wait().expect("it ends");
        }
    }
}

/// How a command ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
    what: String,
}

impl Ran {
    fn of(args: &[&str], output: Output) -> Self {
        Self {
            code: output.status.code().expect("no signal ended it"),
            out: String::from_utf8(output.stdout).expect("text"),
            err: String::from_utf8(output.stderr).expect("text"),
            what: format!("amends {}", args.join(" ")),
        }
    }

    /// Ended with this code.
    pub fn with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}:\n{}{}", self.what, self.out, self.err);
        assert!(!self.err.contains("panicked"), "{}: {}", self.what, self.err);
        self
    }

    pub fn ok(self) -> Self {
        self.with(0)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{}: {e}\n{}", self.what, self.out))
    }

    pub fn says(self, words: &str) -> Self {
        let all = format!("{}{}", self.out, self.err);
        assert!(all.contains(words), "{} does not say \"{words}\":\n{all}", self.what);
        self
    }
}
