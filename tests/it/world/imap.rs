//! An IMAP server with one folder in memory that answers as servers do, until it is told to fail.
//!
//! A fault is used once, at the next command that begins as it says; `Always` ones stay. The folder outlives its
//! connections, so that a client may come back. What a client did to the mails (\\Seen, moved) can be read.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    No,
    Bad,
    Bye,
    Close,
    /// Closes after so many bytes of the answer.
    CloseWithin(usize),
    /// Says nothing more, and keeps the connection open.
    Stall,
}

#[derive(Debug, Clone)]
pub struct Message {
    pub uid: u32,
    pub raw: Vec<u8>,
    pub seen: bool,
    /// INTERNALDATE.
    date: String,
}

#[derive(Debug, Default)]
struct Folder {
    uidvalidity: u32,
    next_uid: u32,
    messages: Vec<Message>,
    faults: Vec<(&'static str, Fault)>,
    /// UIDs whose body no fetch gets through.
    poison: BTreeSet<u32>,
    /// UIDs that are listed, and gone when they are asked for.
    ghosts: BTreeSet<u32>,
    sessions: usize,
    commands: usize,
}

#[derive(Clone)]
pub struct Server {
    pub port: u16,
    folder: Arc<Mutex<Folder>>,
    news: watch::Sender<usize>,
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let folder = Arc::new(Mutex::new(Folder { uidvalidity: 7, next_uid: 1, ..Folder::default() }));
        let server = Self { port, folder, news: watch::Sender::new(0) };
        let host = server.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                host.folder().sessions += 1;
                let server = host.clone();
                // A client that leaves is one of the things that are tried.
                tokio::spawn(async move { drop(Talk::new(client, server).converse().await) });
            }
        });
        server
    }

    fn folder(&self) -> MutexGuard<'_, Folder> {
        self.folder.lock().expect("the folder")
    }

    pub fn deliver(&self, raw: Vec<u8>) -> u32 {
        self.deliver_at(raw, jiff::Timestamp::now())
    }

    /// With an INTERNALDATE of its own.
    pub fn deliver_at(&self, raw: Vec<u8>, date: jiff::Timestamp) -> u32 {
        let uid = {
            let mut folder = self.folder();
            let uid = folder.next_uid;
            folder.next_uid += 1;
            let date = date.strftime("%d-%b-%Y %H:%M:%S +0000").to_string();
            folder.messages.push(Message { uid, raw, seen: false, date });
            uid
        };
        self.news.send_modify(|n| *n += 1);
        uid
    }

    pub fn fail(&self, command: &'static str, fault: Fault) {
        self.folder().faults.push((command, fault));
        self.news.send_modify(|n| *n += 1);
    }

    /// All faults that were planned have happened.
    pub fn is_done_failing(&self) -> bool {
        self.folder().faults.is_empty()
    }

    pub fn poison(&self, uid: u32) {
        self.folder().poison.insert(uid);
    }

    pub fn make_ghost(&self, uid: u32) {
        self.folder().ghosts.insert(uid);
    }

    pub fn expunge(&self, uid: u32) {
        self.folder().messages.retain(|m| m.uid != uid);
    }

    /// The folder was made anew: the same mails under other numbers.
    pub fn renumber(&self) {
        let mut folder = self.folder();
        folder.uidvalidity += 1;
        folder.next_uid = 1000;
        for n in 0..folder.messages.len() {
            folder.messages[n].uid = folder.next_uid;
            folder.next_uid += 1;
        }
    }

    /// Something on the server writes a line of its own over each mail.
    pub fn change_bytes(&self) {
        for message in &mut self.folder().messages {
            message.raw.splice(0..0, *b"X-Scanned: yes\r\n");
        }
    }

    /// Other words under the same Message-ID, Date, From and Subject.
    pub fn change_words(&self, uid: u32) {
        for message in self.folder().messages.iter_mut().filter(|m| m.uid == uid) {
            message.raw.extend_from_slice(b"And the shade has a crack.\r\n");
        }
    }

    pub fn messages(&self) -> Vec<Message> {
        self.folder().messages.clone()
    }

    pub fn sessions(&self) -> usize {
        self.folder().sessions
    }

    pub fn commands(&self) -> usize {
        self.folder().commands
    }
}

struct Talk {
    stream: BufReader<TcpStream>,
    server: Server,
    news: watch::Receiver<usize>,
    /// The UIDs that the client knows of, in their order.
    told: Vec<u32>,
}

enum Next {
    GoOn,
    Close,
}

impl Talk {
    fn new(client: TcpStream, server: Server) -> Self {
        let news = server.news.subscribe();
        Self { stream: BufReader::new(client), server, news, told: Vec::new() }
    }

    async fn converse(&mut self) -> std::io::Result<()> {
        self.say(b"* OK fake ready\r\n").await?;
        loop {
            let Some(line) = self.hear().await? else { return Ok(()) };
            let Some((tag, command)) = line.split_once(' ') else { return Ok(()) };
            self.server.folder().commands += 1;
            if let Next::Close = self.answer(tag, command).await? {
                return Ok(());
            }
        }
    }

    async fn hear(&mut self) -> std::io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line).await?;
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }

    async fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    fn fault(&self, command: &str) -> Option<Fault> {
        let mut folder = self.server.folder();
        let at = folder.faults.iter().position(|(begins, _)| command.starts_with(begins))?;
        Some(folder.faults.remove(at).1)
    }

    async fn answer(&mut self, tag: &str, command: &str) -> std::io::Result<Next> {
        let fault = self.fault(command);
        match fault {
            Some(Fault::No) => return self.plain(&format!("{tag} NO not now\r\n")).await,
            Some(Fault::Bad) => return self.plain(&format!("{tag} BAD what\r\n")).await,
            Some(Fault::Bye) => {
                self.say(b"* BYE shutting down\r\n").await?;
                return Ok(Next::Close);
            }
            Some(Fault::Close) => return Ok(Next::Close),
            Some(Fault::Stall) => {
                // Until the client has had enough.
                self.stream.read_to_end(&mut Vec::new()).await?;
                return Ok(Next::Close);
            }
            Some(Fault::CloseWithin(_)) | None => {}
        }
        if command == "IDLE" {
            return self.idle(tag).await;
        }
        let (mut bytes, breaks_off) = self.untagged(command);
        bytes.extend(format!("{tag} OK done\r\n").bytes());
        let cut = match fault {
            Some(Fault::CloseWithin(count)) => Some(count),
            _ => breaks_off,
        };
        self.say(&bytes[..cut.unwrap_or(bytes.len()).min(bytes.len())]).await?;
        Ok(if cut.is_some() || command == "LOGOUT" { Next::Close } else { Next::GoOn })
    }

    async fn plain(&mut self, line: &str) -> std::io::Result<Next> {
        self.say(line.as_bytes()).await?;
        Ok(Next::GoOn)
    }

    async fn idle(&mut self, tag: &str) -> std::io::Result<Next> {
        self.say(b"+ idling\r\n").await?;
        loop {
            let changes = self.changes();
            self.say(changes.as_bytes()).await?;
            if let Some(Fault::Bye | Fault::Close) = self.fault("(idling)") {
                return Ok(Next::Close);
            }
            let mut line = String::new();
            tokio::select! {
                read = self.stream.read_line(&mut line) => match read? {
                    0 => return Ok(Next::Close),
                    _ => return self.plain(&format!("{tag} OK idled\r\n")).await,
                },
                _ = self.news.changed() => {}
            }
        }
    }

    /// What happened to the folder since the client heard of it last: EXPUNGE for each mail that is gone, and EXISTS
    /// (RFC 3501 sections 7.3.1 and 7.4.1).
    fn changes(&mut self) -> String {
        let folder = self.server.folder();
        let now: Vec<u32> = folder.messages.iter().map(|m| m.uid).collect();
        let mut text = String::new();
        for at in (0..self.told.len()).rev().filter(|at| !now.contains(&self.told[*at])) {
            write!(text, "* {} EXPUNGE\r\n", at + 1).expect("a string");
        }
        if now.iter().any(|uid| !self.told.contains(uid)) {
            write!(text, "* {} EXISTS\r\n", now.len()).expect("a string");
        }
        self.told = now;
        text
    }

    /// What comes before the tagged line, and where the answer breaks off if it does.
    fn untagged(&mut self, command: &str) -> (Vec<u8>, Option<usize>) {
        let words: Vec<&str> = command.split(' ').collect();
        let text = match words.as_slice() {
            ["CAPABILITY"] => "* CAPABILITY IMAP4rev1 IDLE UIDPLUS\r\n".to_owned(),
            ["SELECT", ..] => {
                let folder = self.server.folder();
                self.told = folder.messages.iter().map(|m| m.uid).collect();
                format!("* {} EXISTS\r\n* OK [UIDVALIDITY {}] ok\r\n", folder.messages.len(), folder.uidvalidity)
            }
            ["NOOP"] => self.changes(),
            ["UID", "FETCH", set, ..] => return self.fetch(set, command),
            ["UID", "STORE", set, ..] => self.see(set),
            ["LOGOUT"] => "* BYE bye\r\n".to_owned(),
            _ => String::new(),
        };
        (text.into_bytes(), None)
    }

    fn see(&self, set: &str) -> String {
        let mut folder = self.server.folder();
        for message in folder.messages.iter_mut().filter(|m| names(set, m.uid)) {
            message.seen = true;
        }
        String::new()
    }

    fn fetch(&self, set: &str, command: &str) -> (Vec<u8>, Option<usize>) {
        let folder = self.server.folder();
        let mut bytes = Vec::new();
        for (n, message) in folder.messages.iter().enumerate().filter(|(_, m)| names(set, m.uid)) {
            let (uid, size) = (message.uid, message.raw.len());
            let wants_body = command.contains("BODY.PEEK[");
            if folder.ghosts.contains(&uid) && !command.ends_with("(UID)") {
                continue;
            }
            if folder.poison.contains(&uid) && command.contains("BODY.PEEK[]") {
                let here = bytes.len();
                return (bytes, Some(here));
            }
            let mut items = format!("UID {uid}");
            if command.contains("RFC822.SIZE") {
                write!(items, " RFC822.SIZE {size}").expect("a string");
            }
            if command.contains("INTERNALDATE") {
                write!(items, " INTERNALDATE \"{}\"", message.date).expect("a string");
            }
            bytes.extend(format!("* {} FETCH ({items}", n + 1).bytes());
            if wants_body {
                let header = command.contains("[HEADER]");
                let end = message.raw.windows(4).position(|w| w == b"\r\n\r\n").map_or(size, |at| at + 4);
                let part = if header { &message.raw[..end] } else { &message.raw[..] };
                let name = if header { "BODY[HEADER]<0>" } else { "BODY[]" };
                bytes.extend(format!(" {name} {{{}}}\r\n", part.len()).bytes());
                bytes.extend(part);
            }
            bytes.extend(b")\r\n");
        }
        (bytes, None)
    }
}

/// Does the UID set name this one? (RFC 3501 section 9; `*` stands at the end only here.)
fn names(set: &str, uid: u32) -> bool {
    set.split(',').any(|run| {
        let (first, last) = run.split_once(':').unwrap_or((run, run));
        let last = if last == "*" { u32::MAX } else { last.parse().expect("a UID") };
        (first.parse().expect("a UID")..=last).contains(&uid)
    })
}
