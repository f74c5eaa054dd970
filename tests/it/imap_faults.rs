//! An IMAP server that goes wrong in every way we know of: the caller hears an error or the whole right answer.
//!
//! Never an empty success: what a listing lacks without an error would be a customer's mail that nobody reads.

use std::future::pending;
use std::time::Duration;

use amends::arrive::imap::{Deadlines, Fetched, FolderState, ImapError, Listed, Session, Woke};
use amends::config::{By, Credentials, Imap, Login, Proof, Secret};
use amends::tls::{TlsMode, Trust};
use tokio::io::DuplexStream;
use tokio::task::JoinHandle;

pub mod server;

mod every_byte;
mod login;
mod mails;
mod waiting;

use server::{Fault, Script};

const PASSWORD: &str = "correct \"horse\\battery";

fn config() -> Imap {
    Imap {
        host: "127.0.0.1".into(),
        port: 0,
        tls: TlsMode::None,
        trust: Trust::default(),
        login: login("support@northwind.example", PASSWORD),
        folder: "INBOX".into(),
        poll: Duration::from_millis(1),
    }
}

fn login(username: &str, password: &str) -> Login {
    Login { username: username.into(), by: By::Password(Secret::new(password)) }
}

/// What goes over the wire for it.
fn proof(config: &Imap) -> Credentials {
    config.login.by_password().expect("a password")
}

/// Long enough for a busy machine: of the tests that use them none waits for one of these.
fn patient() -> Deadlines {
    let long = Duration::from_secs(60);
    Deadlines { connect: long, answer: long, command: long, body: long, body_bytes_per_second: 50_000 }
}

/// For silence that must be noticed. Far longer than an answer takes among hundreds of sessions on one thread.
fn hasty() -> Deadlines {
    let short = Duration::from_secs(2);
    Deadlines { connect: short, answer: short, command: short * 60, body: short, body_bytes_per_second: 1 << 40 }
}

type Server = JoinHandle<Result<Vec<String>, String>>;

/// A client's end of a connection to a server that plays `script`.
fn connect(script: Script, fault: Fault) -> (DuplexStream, Server) {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    (ours, script.play(theirs, fault))
}

async fn begin(script: Script) -> (Result<Session<DuplexStream>, ImapError>, Server) {
    let (stream, server) = connect(script, Fault::None);
    (Session::begin(stream, false, &config(), &proof(&config()), &patient()).await, server)
}

async fn heard(server: Server) -> Vec<String> {
    server.await.expect("the server ends").expect("the client keeps to the script")
}

/// What a session told at one step.
#[derive(Debug, Clone, PartialEq)]
enum Told {
    Folder(FolderState),
    Uids(Vec<u32>),
    Listed(Vec<Listed>),
    Mails(Vec<Fetched>),
    Header(Option<Fetched>),
    Woke(Woke),
    Done,
}

/// A mail whose text looks like answers of a server, and must not be taken for any.
const MAIL_4: &str = "Subject: four\r\n\r\nA7 OK done\r\n* BYE\r\n)\r\nthe customer's own words\r\n";
const MAIL_9: &str = "Subject: nine\r\n\r\n{5}\r\nthe customer's own words\r\n";

/// One of everything that a session does, answered rightly.
fn whole_script() -> Script {
    let bodies = format!(
        "* 1 FETCH (UID 4 INTERNALDATE \"21-Nov-2026 08:00:00 +0100\" BODY[] {{{}}}\r\n{MAIL_4})\r\n\
         * 2 FETCH (FLAGS (\\Seen))\r\n\
         * 2 FETCH (UID 9 INTERNALDATE \"21-Nov-2026 08:01:00 +0100\" BODY[] {{{}}}\r\n{MAIL_9})\r\n\
         {{tag}} OK fetched\r\n",
        MAIL_4.len(),
        MAIL_9.len()
    );
    Script::logged_in("IDLE MOVE UIDPLUS", 2)
        .on("UID FETCH 1:* (UID)", "* 1 FETCH (UID 4)\n* 2 FETCH (UID 9)\n{tag} OK done")
        .on(
            "UID FETCH 4,9 (UID RFC822.SIZE INTERNALDATE)",
            "* 1 FETCH (UID 4 RFC822.SIZE 66 INTERNALDATE \"21-Nov-2026 08:00:00 +0100\")\n\
             * 2 FETCH (UID 9 RFC822.SIZE 49 INTERNALDATE \"21-Nov-2026 08:01:00 +0100\")\n{tag} OK done",
        )
        .on_bytes("UID FETCH 4,9 (UID INTERNALDATE BODY.PEEK[])", bodies.into_bytes())
        .on(
            "UID FETCH 9 (UID INTERNALDATE BODY.PEEK[HEADER]",
            "* 2 FETCH (UID 9 INTERNALDATE \"21-Nov-2026 08:01:00 +0100\" BODY[HEADER]<0> {17}\nSubject: nine\n\n)\n{tag} OK done",
        )
        .on("UID STORE 4,9 +FLAGS.SILENT (\\Seen)", "* 1 FETCH (MODSEQ (12) FLAGS (\\Seen))\n{tag} OK done")
        .on("UID MOVE 4 \"Handled\"", "* OK [COPYUID 8 4 1] moved\n* 1 EXPUNGE\n{tag} OK done")
        .on("IDLE", "+ idling\n* OK Still here\n* 2 EXISTS")
        .on_more("DONE", "{tag} OK done")
}

/// Plays a client's part of [`whole_script`], up to the first error.
async fn whole_session(stream: DuplexStream, deadlines: Deadlines) -> (Vec<Told>, Option<ImapError>) {
    let mut told = Vec::new();
    let error = run(stream, deadlines, &mut told).await.err();
    (told, error)
}

async fn run(stream: DuplexStream, deadlines: Deadlines, told: &mut Vec<Told>) -> Result<(), ImapError> {
    let mut session = Session::begin(stream, false, &config(), &proof(&config()), &deadlines).await?;
    told.push(Told::Folder(session.folder().clone()));
    let uids = session.all_uids().await?;
    told.push(Told::Uids(uids.clone()));
    let listed = session.sizes(&uids).await?;
    told.push(Told::Listed(listed.clone()));
    told.push(Told::Mails(session.fetch(&listed).await?));
    told.push(Told::Header(session.fetch_header(9).await?));
    session.mark_seen(&uids).await?;
    told.push(Told::Done);
    session.move_to(&[4], "Handled").await?;
    told.push(Told::Done);
    told.push(Told::Woke(session.wait(deadlines.answer / 4, pending()).await?));
    Ok(())
}

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// Nothing of a password or a mail stands in what is logged of an error.
fn assert_silent(error: &ImapError) {
    let text = format!("{error} {error:?}");
    for secret in ["horse", "customer's own words", "Subject:"] {
        assert!(!text.contains(secret), "{text}");
    }
}
