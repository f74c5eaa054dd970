//! A fake IMAP server that plays a script, and can go wrong at any byte of it.
//!
//! A [`Script`] is a greeting and exchanges: what the client's line must begin with, and what is answered; `{tag}` in an
//! answer is the tag of the client's last command. It plays over any stream: in memory, or a socket of its own. What it
//! heard, and whether the client kept to the script, comes back when it ends.

use std::net::SocketAddr;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

#[derive(Debug, Clone, Default)]
pub struct Script {
    pub greeting: Vec<u8>,
    pub exchanges: Vec<Exchange>,
}

#[derive(Debug, Clone)]
pub struct Exchange {
    /// What the client's line begins with, behind its tag.
    pub expects: String,
    /// False for what continues a command: a literal, DONE.
    pub tagged: bool,
    pub answer: Vec<u8>,
    /// After the answer.
    pub then: Then,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    GoOn,
    Close,
    /// Says nothing more, and keeps the connection open.
    Stall,
}

/// What goes wrong, counted over all bytes that the server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    CloseAfter(usize),
    StallAfter(usize),
}

impl Script {
    pub fn new(greeting: &str) -> Self {
        Self { greeting: format!("{greeting}\r\n").into_bytes(), exchanges: Vec::new() }
    }

    /// A command, and the answer to it; lines are parted by `\n` here and by CR LF on the wire.
    pub fn on(self, expects: &str, answer: &str) -> Self {
        self.on_bytes(expects, lines(answer))
    }

    /// As [`Script::on`], with the answer's bytes as they are.
    pub fn on_bytes(mut self, expects: &str, answer: Vec<u8>) -> Self {
        self.exchanges.push(Exchange { expects: expects.into(), tagged: true, answer, then: Then::GoOn });
        self
    }

    /// A line that continues a command.
    pub fn on_more(mut self, expects: &str, answer: &str) -> Self {
        let answer = lines(answer);
        self.exchanges.push(Exchange { expects: expects.into(), tagged: false, answer, then: Then::GoOn });
        self
    }

    /// What follows the answer of the last exchange; the script ends there.
    pub fn then(mut self, then: Then) -> Self {
        self.exchanges.last_mut().expect("an exchange").then = then;
        self
    }

    /// A greeting, LOGIN, and a folder of `exists` mails with UIDVALIDITY 7: how most scripts begin.
    pub fn logged_in(capabilities: &str, exists: u32) -> Self {
        let capable = format!("* CAPABILITY IMAP4rev1 {capabilities}\n{{tag}} OK done");
        Self::new("* OK ready")
            .on("CAPABILITY", &capable)
            .on("LOGIN ", "{tag} OK welcome")
            .on("CAPABILITY", &capable)
            .on("SELECT ", &format!(
                "* FLAGS (\\Seen)\n* {exists} EXISTS\n* 0 RECENT\n* OK [UIDVALIDITY 7] ok\n* OK [UIDNEXT 99] ok\n{{tag}} OK [READ-WRITE] selected"
            ))
    }

    /// Plays it over `stream`. What the client said, line by line; an error tells where it left the script.
    pub fn play<S>(self, stream: S, fault: Fault) -> JoinHandle<Result<Vec<String>, String>>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        tokio::spawn(Player { stream: BufReader::new(stream), fault, sent: 0, heard: Vec::new() }.play(self))
    }

    /// Plays it to the first who connects to the address that comes back.
    pub async fn listen(self) -> (SocketAddr, JoinHandle<Result<Vec<String>, String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.map_err(|error| error.to_string())?;
            let player = Player { stream: BufReader::new(stream), fault: Fault::None, sent: 0, heard: Vec::new() };
            player.play(self).await
        });
        (address, server)
    }
}

fn lines(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return Vec::new();
    }
    text.split('\n').flat_map(|line| [line, "\r\n"]).collect::<String>().into_bytes()
}

struct Player<S> {
    stream: BufReader<S>,
    fault: Fault,
    sent: usize,
    heard: Vec<String>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Player<S> {
    async fn play(mut self, script: Script) -> Result<Vec<String>, String> {
        if self.say(&script.greeting).await == Then::Close {
            return Ok(self.heard);
        }
        let mut tag = String::new();
        for exchange in script.exchanges {
            let Some(line) = self.hear().await else { return Ok(self.heard) };
            let rest = match line.split_once(' ') {
                Some((word, rest)) if exchange.tagged => {
                    tag = word.to_owned();
                    rest
                }
                _ => line.as_str(),
            };
            if !rest.starts_with(&exchange.expects) {
                return Err(format!("expected {:?}, heard {line:?}", exchange.expects));
            }
            let answer = fill_in(&exchange.answer, &tag);
            if self.say(&answer).await == Then::Close || exchange.then == Then::Close {
                return Ok(self.heard);
            }
            if exchange.then == Then::Stall {
                break;
            }
        }
        // The script is over: what the client still says is heard and not answered.
        while self.hear().await.is_some() {}
        Ok(self.heard)
    }

    /// A line of the client; `None` when it is gone.
    async fn hear(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let read = self.stream.read_until(b'\n', &mut line).await.ok()?;
        if read == 0 {
            return None;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        self.heard.push(line.clone());
        Some(line)
    }

    async fn say(&mut self, bytes: &[u8]) -> Then {
        let left = match self.fault {
            Fault::None => usize::MAX,
            Fault::CloseAfter(total) | Fault::StallAfter(total) => total - self.sent,
        };
        let cut = bytes.len().min(left);
        self.sent += cut;
        // A client that is gone already hears nothing: its own result is what a test looks at.
        let heard = self.stream.get_mut().write_all(&bytes[..cut]).await.is_ok();
        if cut == bytes.len() && heard {
            return Then::GoOn;
        }
        if matches!(self.fault, Fault::StallAfter(_)) {
            let mut rest = Vec::new();
            self.stream.read_to_end(&mut rest).await.ok();
        }
        Then::Close
    }
}

fn fill_in(answer: &[u8], tag: &str) -> Vec<u8> {
    const HOLE: &[u8] = b"{tag}";
    let mut filled = Vec::with_capacity(answer.len());
    let mut rest = answer;
    while let Some(at) = rest.windows(HOLE.len()).position(|window| window == HOLE) {
        filled.extend_from_slice(&rest[..at]);
        filled.extend_from_slice(tag.as_bytes());
        rest = &rest[at + HOLE.len()..];
    }
    filled.extend_from_slice(rest);
    filled
}
