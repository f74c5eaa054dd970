//! An SMTP server that follows a script: at each step it says what it should, or what the script wants instead.
//!
//! What it heard can be read afterwards. It lives as long as the test's runtime.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Where in the conversation the server is about to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    /// The answers to its challenges.
    Proof,
    Mail,
    Rcpt,
    Data,
    /// The final dot.
    Dot,
    Rset,
    Quit,
}

#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes, whatever they are, and goes on.
    Say(Vec<u8>),
    /// Sends these bytes and closes.
    SayAndClose(Vec<u8>),
    /// Says nothing and keeps the connection open.
    Stall,
    /// Only after DATA: says 354, reads so many bytes of the letter and closes.
    CloseWithin(usize),
}

pub fn say(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

#[derive(Default)]
pub struct Script {
    acts: HashMap<At, VecDeque<Act>>,
    tls: Option<TlsAcceptor>,
}

impl Script {
    /// What happens at the next visit of that step for which nothing is written yet.
    pub fn at(mut self, at: At, act: Act) -> Self {
        self.acts.entry(at).or_default().push_back(act);
        self
    }

    /// STARTTLS is offered, and meant.
    pub fn with_tls(mut self, tls: TlsAcceptor) -> Self {
        self.tls = Some(tls);
        self
    }

    pub async fn start(self) -> Fake {
        self.start_on(0).await
    }

    /// On a port of the test's choice; 0 is any.
    pub async fn start_on(self, port: u16) -> Fake {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let mut server = Server { script: self, heard: Arc::clone(&heard) };
        tokio::spawn(async move {
            // One connection after the other: the script goes on where it was.
            while let Ok((client, _)) = listener.accept().await {
                server.heard.lock().expect("heard").connections += 1;
                // A client that leaves is one of the things that are tried.
                if let Err(why) = server.converse(client).await {
                    println!("fake server: {why}");
                }
            }
        });
        Fake { port, heard }
    }
}

#[derive(Debug, Default, Clone)]
pub struct Heard {
    pub connections: usize,
    /// All command lines, without their ends.
    pub commands: Vec<String>,
    /// As they came over the wire, dots still doubled, without the final one.
    pub letters: Vec<Vec<u8>>,
}

pub struct Fake {
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
}

impl Fake {
    pub fn heard(&self) -> Heard {
        self.heard.lock().expect("heard").clone()
    }

    /// How often a command that begins so was heard.
    pub fn count(&self, verb: &str) -> usize {
        self.heard().commands.iter().filter(|line| line.starts_with(verb)).count()
    }
}

trait Line: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Line for T {}

type Talk = BufReader<Box<dyn Line>>;

enum Next {
    GoOn,
    Close,
}

struct Server {
    script: Script,
    heard: Arc<Mutex<Heard>>,
}

impl Server {
    async fn converse(&mut self, client: TcpStream) -> std::io::Result<()> {
        client.set_nodelay(true)?;
        let mut talk: Talk = BufReader::new(Box::new(client));
        let mut next = self.act(&mut talk, At::Greeting, "220 fake.example ESMTP").await?;
        let mut encrypted = false;
        while let Next::GoOn = next {
            let mut line = String::new();
            if talk.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            self.heard.lock().expect("heard").commands.push(line.clone());
            let verb = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
            next = match verb.as_str() {
                "EHLO" => self.act(&mut talk, At::Ehlo, self.ehlo(encrypted)).await?,
                "STARTTLS" => {
                    let next = self.act(&mut talk, At::StartTls, "220 go ahead").await?;
                    if let (Next::GoOn, Some(tls)) = (&next, self.script.tls.clone()) {
                        talk = BufReader::new(Box::new(tls.accept(talk.into_inner()).await?));
                        encrypted = true;
                    }
                    next
                }
                "AUTH" => self.act(&mut talk, At::Auth, "235 2.7.0 welcome").await?,
                "MAIL" => self.act(&mut talk, At::Mail, "250 2.1.0 ok").await?,
                "RCPT" => self.act(&mut talk, At::Rcpt, "250 2.1.5 ok").await?,
                "DATA" => self.data(&mut talk).await?,
                "RSET" => self.act(&mut talk, At::Rset, "250 2.0.0 ok").await?,
                "QUIT" => {
                    self.act(&mut talk, At::Quit, "221 bye").await?;
                    Next::Close
                }
                _ => self.act(&mut talk, At::Proof, "235 2.7.0 welcome").await?,
            };
        }
        Ok(())
    }

    fn ehlo(&self, encrypted: bool) -> &'static str {
        match self.script.tls.is_some() && !encrypted {
            true => "250-fake.example\r\n250 STARTTLS",
            false => "250-fake.example\r\n250-SIZE 10000000\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 DSN",
        }
    }

    async fn data(&mut self, talk: &mut Talk) -> std::io::Result<Next> {
        if let Some(Act::CloseWithin(count)) = self.script.acts.get(&At::Data).and_then(VecDeque::front) {
            let mut some = vec![0; *count];
            talk.write_all(b"354 go\r\n").await?;
            talk.read_exact(&mut some).await?;
            return Ok(Next::Close);
        }
        // A scripted answer that is no 354 brings no letter.
        let scripted = self.script.acts.get(&At::Data).is_some_and(|acts| !acts.is_empty());
        let next = self.act(talk, At::Data, "354 go").await?;
        if scripted || matches!(next, Next::Close) {
            return Ok(next);
        }
        let mut letter = Vec::new();
        while !letter.ends_with(b"\r\n.\r\n") {
            if talk.read_until(b'\n', &mut letter).await? == 0 {
                return Ok(Next::Close);
            }
        }
        letter.truncate(letter.len() - 3);
        self.heard.lock().expect("heard").letters.push(letter);
        self.act(talk, At::Dot, "250 2.0.0 Ok: queued as 4711").await
    }

    async fn act(&mut self, talk: &mut Talk, at: At, usual: &str) -> std::io::Result<Next> {
        let (bytes, next) = match self.script.acts.get_mut(&at).and_then(VecDeque::pop_front) {
            None => (format!("{usual}\r\n").into_bytes(), Next::GoOn),
            Some(Act::Say(bytes)) => (bytes, Next::GoOn),
            Some(Act::SayAndClose(bytes)) => (bytes, Next::Close),
            Some(Act::Stall) => {
                // Until the client has had enough.
                talk.read_to_end(&mut Vec::new()).await?;
                return Ok(Next::Close);
            }
            Some(Act::CloseWithin(_)) => panic!("only DATA can close within a letter"),
        };
        talk.write_all(&bytes).await?;
        talk.flush().await?;
        Ok(next)
    }
}
