//! An SMTP server that takes every letter and notes when: for stories, for faults, and for the bench.
//!
//! Plain threads and blocking sockets, so that it costs the daemon's runtime nothing and stands in for a server on
//! another machine. Answers as Postfix does for a good letter; refuses nothing. Included by `#[path]` where it is
//! used: it depends on the standard library only.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

const EHLO: &[u8] = b"250-sink.example\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n250 DSN\r\n";

/// A letter as it arrived.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When the final dot was read, before it was answered.
    pub at: Instant,
    /// The envelope's sender; empty for `<>`.
    pub from: String,
    pub to: String,
    /// Dots undoubled, line ends as they came; empty in a sink that only counts.
    pub bytes: Vec<u8>,
}

/// Runs until it is dropped.
pub struct Sink {
    address: SocketAddr,
    shelf: Arc<Shelf>,
}

#[derive(Default)]
struct Shelf {
    arrivals: Mutex<Vec<Arrival>>,
    more: Condvar,
    keep_bytes: bool,
    closing: AtomicBool,
}

impl Shelf {
    fn arrivals(&self) -> MutexGuard<'_, Vec<Arrival>> {
        self.arrivals.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Sink {
    /// Listens on a free port of 127.0.0.1. `keep_bytes`: whether the letters themselves are kept, or only counted.
    pub fn start(keep_bytes: bool) -> io::Result<Sink> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shelf = Arc::new(Shelf { keep_bytes, ..Shelf::default() });
        let shared = Arc::clone(&shelf);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let shelf = Arc::clone(&shared);
                match client {
                    Ok(_) if shelf.closing.load(Ordering::Acquire) => return,
                    // A client that goes away in the middle has not delivered: nothing to note.
                    Ok(client) => drop(std::thread::spawn(move || converse(client, &shelf))),
                    Err(why) => return eprintln!("sink: {why}"),
                }
            }
        });
        Ok(Sink { address, shelf })
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// All letters so far, in the order of their final dots.
    pub fn arrivals(&self) -> Vec<Arrival> {
        self.shelf.arrivals().clone()
    }

    /// Waits until `count` letters are here; how many there are after at most `within`.
    pub fn wait_for(&self, count: usize, within: Duration) -> usize {
        let too_few = |arrivals: &mut Vec<Arrival>| arrivals.len() < count;
        match self.shelf.more.wait_timeout_while(self.shelf.arrivals(), within, too_few) {
            Ok((arrivals, _)) => arrivals.len(),
            Err(poisoned) => poisoned.into_inner().0.len(),
        }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.shelf.closing.store(true, Ordering::Release);
        // Wakes the listener; if that fails it has ended already.
        drop(TcpStream::connect(self.address));
    }
}

fn converse(client: TcpStream, shelf: &Shelf) -> io::Result<()> {
    client.set_nodelay(true)?;
    let mut answers = client.try_clone()?;
    let mut questions = BufReader::with_capacity(64 * 1024, client);
    answers.write_all(b"220 sink.example ESMTP\r\n")?;
    let (mut from, mut to, mut line) = (String::new(), String::new(), String::new());
    loop {
        line.clear();
        if questions.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let verb = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match verb.as_str() {
            "EHLO" => EHLO,
            "MAIL" => {
                from = path(&line);
                b"250 2.1.0 Ok\r\n"
            }
            "RCPT" => {
                to = path(&line);
                b"250 2.1.5 Ok\r\n"
            }
            "DATA" => {
                answers.write_all(b"354 End data with <CR><LF>.<CR><LF>\r\n")?;
                let bytes = letter(&mut questions, shelf.keep_bytes)?;
                let arrival = Arrival { at: Instant::now(), from: from.clone(), to: to.clone(), bytes };
                shelf.arrivals().push(arrival);
                shelf.more.notify_all();
                b"250 2.0.0 Ok: queued as SINK\r\n"
            }
            "RSET" | "NOOP" => b"250 2.0.0 Ok\r\n",
            "QUIT" => return answers.write_all(b"221 2.0.0 Bye\r\n"),
            _ => b"502 5.5.2 not here\r\n",
        };
        answers.write_all(answer)?;
    }
}

/// What stands between `<` and `>`.
fn path(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or_else(String::new, |(path, _)| path.to_owned())
}

/// Up to the line that is a dot alone (RFC 5321 section 4.5.2).
fn letter(questions: &mut impl BufRead, keep: bool) -> io::Result<Vec<u8>> {
    let (mut bytes, mut line) = (Vec::new(), Vec::new());
    loop {
        line.clear();
        if questions.read_until(b'\n', &mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match line.as_slice() {
            b".\r\n" => return Ok(bytes),
            other if keep => bytes.extend(other.strip_prefix(b".").unwrap_or(other)),
            _ => {}
        }
    }
}
