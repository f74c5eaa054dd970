//! One attempt to hand a letter to the server, over lettre's connection on our own socket.
//!
//! The attempt is in two halves, because the store has to know before the final dot that it is coming: [`Connection::offer`]
//! goes up to the server's go-ahead, [`Connection::hand_over`] writes the letter. Whatever goes wrong before the dot is
//! certain; only what is lost after it is in doubt. Every command has its deadline. One recipient a letter, no
//! SMTPUTF8, no pipelining. RFC 5321, 1870 (SIZE), 6152 (8BITMIME), 3461 (DSN); mail-rules sections 3 and 7.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::Quit;
use lettre::transport::smtp::response::Response;
use tokio::time::timeout;

use crate::config::{Credentials, Smtp};
use crate::mail::Address;

mod answer;
mod hello;
mod wire;

pub use super::outbox::Attempt;
use answer::{Step, Trouble, judge, later, never, one_line};
use hello::Offers;

/// How long we wait for the server, step by step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadlines {
    /// Name, TCP and TLS; and TLS again after STARTTLS.
    pub connect: Duration,
    /// Greeting with EHLO, login, MAIL, RCPT, RSET: each.
    pub command: Duration,
    /// DATA up to the 354.
    pub data: Duration,
    /// From the final dot to its answer; the time that the letter itself may take comes on top.
    pub end_of_data: Duration,
    /// What a letter under way must make at least, in bytes a second.
    pub slowest_road: u64,
    pub quit: Duration,
}

impl Default for Deadlines {
    /// RFC 5321 section 4.5.3.2 asks for 5 minutes at most steps; no server in use needs them, and one that hangs holds
    /// all other letters. The 10 minutes after the dot are kept: an impatience there makes duplicates.
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(30),
            command: seconds(60),
            data: seconds(120),
            end_of_data: seconds(600),
            slowest_road: 4096,
            quit: seconds(5),
        }
    }
}

impl Deadlines {
    fn of(&self, step: Step) -> Duration {
        match step {
            Step::Hello | Step::StartTls | Step::LogIn | Step::Sender | Step::Recipient | Step::Reset => self.command,
            Step::Data => self.data,
            Step::Letter { .. } => self.end_of_data,
            Step::Goodbye => self.quit,
        }
    }

    fn for_letter(&self, size_bytes: usize) -> Duration {
        self.end_of_data + Duration::from_secs(size_bytes as u64 / self.slowest_road.max(1))
    }
}

/// A conversation with the server: greeted, in TLS where that is asked for, and logged in.
///
/// A future of it that is dropped half-way leaves it unusable, and so does every answer that is none.
pub struct Connection {
    link: AsyncSmtpConnection,
    offers: Offers,
    state: State,
    deadlines: Deadlines,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    /// A letter was refused: RSET comes before the next.
    Refused,
    /// The server said 354 and waits for the letter.
    Offered,
    /// A question is out, or nobody knows what the next answer belongs to.
    Spent,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").field("state", &self.state).field("offers", &self.offers).finish_non_exhaustive()
    }
}

impl Connection {
    /// Connects, greets, goes into TLS, logs in with the `credentials` made from `config.login`. `ehlo_name` is how we call
    /// ourselves: a host name.
    ///
    /// # Errors
    /// `Later` where the network or the server is not there, `OurFault` where somebody has to change something: a
    /// certificate, a password, a port.
    pub async fn open(
        config: &Smtp,
        credentials: Option<&Credentials>,
        ehlo_name: &str,
        deadlines: &Deadlines,
    ) -> Result<Connection, Attempt> {
        hello::open(config, credentials, ehlo_name, deadlines).await
    }

    /// MAIL, RCPT and DATA up to the server's go-ahead; `None` is the null sender `<>`. After `Ok` comes
    /// [`Connection::hand_over`], or the connection is dropped.
    ///
    /// On a connection that has idled, `Later` together with `!is_usable()` mostly means that the server has closed it:
    /// the letter may be offered on a fresh one at once.
    ///
    /// # Errors
    /// What the server said. Nothing was sent, and that is certain.
    pub async fn offer(
        &mut self,
        envelope_from: Option<&Address>,
        to: &Address,
        size_bytes: usize,
    ) -> Result<(), Attempt> {
        match self.state {
            State::Ready => {}
            State::Refused => drop(self.ask(Step::Reset, "RSET\r\n", 2).await?),
            State::Offered | State::Spent => return Err(later("the connection is used up")),
        }
        if let Some(max) = self.max_size().filter(|max| size_bytes as u64 > *max) {
            self.state = State::Ready;
            let words = "nothing of it was sent; answer again with fewer or smaller files, or a link to them";
            return Err(never(&format!("the letter has {size_bytes} bytes, the server takes at most {max}: {words}")));
        }
        self.ask(Step::Sender, self.mail_command(envelope_from, size_bytes), 2).await?;
        self.ask(Step::Recipient, self.rcpt_command(envelope_from, to), 2).await?;
        let go_ahead = self.ask(Step::Data, "DATA\r\n", 3).await?;
        self.state = match go_ahead.has_code(354) {
            true => State::Offered,
            false => State::Spent,
        };
        match self.state {
            State::Offered => Ok(()),
            _ => Err(judge(Step::Data, &Trouble::Garbled(shown(&go_ahead)))),
        }
    }

    fn mail_command(&self, envelope_from: Option<&Address>, size_bytes: usize) -> String {
        let mut command = format!("MAIL FROM:<{}>", envelope_from.map_or("", Address::as_str));
        if self.offers.size {
            command += &format!(" SIZE={size_bytes}"); // RFC 1870 section 6: it can then say no before the letter
        }
        if self.offers.eight_bit {
            command += " BODY=8BITMIME";
        }
        if self.offers.dsn && envelope_from.is_some() {
            command += " RET=HDRS"; // RFC 3461 section 4.3: a bounce need not bring the customer's words back
        }
        command + "\r\n"
    }

    fn rcpt_command(&self, envelope_from: Option<&Address>, to: &Address) -> String {
        match self.offers.dsn && envelope_from.is_some() {
            true => format!("RCPT TO:<{to}> NOTIFY=FAILURE,DELAY\r\n"),
            false => format!("RCPT TO:<{to}>\r\n"),
        }
    }

    /// The letter and the final dot, after [`Connection::offer`] said `Ok`. `bytes` are RFC 5322 with CRLF; dots are
    /// doubled here. `InDoubt` only if the dot was on its way and no answer came.
    pub async fn hand_over(&mut self, bytes: &[u8]) -> Attempt {
        let state = std::mem::replace(&mut self.state, State::Spent);
        if state != State::Offered {
            return later("the letter was not offered on this connection");
        }
        if !bytes.is_ascii() && !self.offers.eight_bit {
            // RFC 6152 section 3: it must not be sent. Dropping the connection takes the offer back.
            return never("the letter holds 8-bit bytes, and the server takes none (no 8BITMIME)");
        }
        let letter = for_the_wire(bytes);
        let ended = AtomicBool::new(false);
        let waited = self.deadlines.for_letter(letter.len());
        let answered = timeout(waited, self.link.message_iter(Pieces { rest: &letter, ended: &ended })).await;
        let step = Step::Letter { ended: ended.load(Ordering::Acquire) };
        let trouble = match answered {
            Ok(Ok(reply)) if is_completion(&reply) => {
                self.state = State::Ready;
                return Attempt::Sent { answer: one_line(&shown(&reply)) };
            }
            Ok(Ok(reply)) => Trouble::Garbled(shown(&reply)),
            Ok(Err(error)) => Trouble::from(error),
            Err(_) => Trouble::Silent(waited),
        };
        self.state = after(&trouble);
        judge(step, &trouble)
    }

    /// Whether another letter may be offered.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, State::Ready | State::Refused)
    }

    /// The largest letter in bytes that the server says it takes (RFC 1870).
    pub fn max_size(&self) -> Option<u64> {
        self.offers.max_size
    }

    /// Says goodbye where there is somebody to say it to. Nothing depends on the answer.
    pub async fn quit(mut self) {
        if !self.is_usable() {
            return;
        }
        if let Err(attempt) = self.ask(Step::Goodbye, Quit, 2).await {
            tracing::debug!("QUIT: {}", attempt.answer());
        }
    }

    async fn ask(&mut self, step: Step, command: impl Display, class: u8) -> Result<Response, Attempt> {
        self.ask_either(step, command, [class, class]).await
    }

    /// One command and its reply, of which the first digit must be in `classes`.
    async fn ask_either(&mut self, step: Step, command: impl Display, classes: [u8; 2]) -> Result<Response, Attempt> {
        // Before trying, so that a future dropped half-way leaves no connection whose answers are one off.
        self.state = State::Spent;
        let waited = self.deadlines.of(step);
        let trouble = match timeout(waited, self.link.command(command)).await {
            Ok(Ok(reply)) if classes.contains(&(reply.code().severity as u8)) => {
                self.state = State::Refused;
                return Ok(reply);
            }
            Ok(Ok(reply)) => Trouble::Garbled(shown(&reply)),
            Ok(Err(error)) => Trouble::from(error),
            Err(_) => Trouble::Silent(waited),
        };
        self.state = after(&trouble);
        Err(judge(step, &trouble))
    }
}

fn after(trouble: &Trouble) -> State {
    match trouble.ends_connection() {
        true => State::Spent,
        false => State::Refused,
    }
}

fn is_completion(reply: &Response) -> bool {
    reply.code().severity as u8 == 2
}

fn shown(reply: &Response) -> String {
    let lines: Vec<&str> = reply.message().collect();
    format!("{} {}", reply.code(), lines.join(" "))
}

impl From<lettre::transport::smtp::Error> for Trouble {
    fn from(error: lettre::transport::smtp::Error) -> Self {
        let why = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
        match error.status() {
            Some(code) => Trouble::Refused { code: code.into(), text: why },
            // What lettre calls a response that ends before its last line.
            None if error.is_response() && why == "incomplete response" => {
                Trouble::Lost("the server closed the connection".to_owned())
            }
            None if error.is_response() || error.is_client() => Trouble::Garbled(why),
            None => Trouble::Lost(why),
        }
    }
}

/// A letter in pieces. lettre asks for the next when the last is written, and writes the final dot when there is
/// none: so `ended` says whether the dot can be out.
struct Pieces<'a> {
    rest: &'a [u8],
    ended: &'a AtomicBool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            self.ended.store(true, Ordering::Release);
            return None;
        }
        let (piece, rest) = self.rest.split_at(self.rest.len().min(64 * 1024));
        self.rest = rest;
        Some(piece)
    }
}

/// Without the last line end, which lettre writes with the dot, and with CRLF only: a bare LF or CR is a line end for
/// some servers and not for others, and `LF . LF` then smuggles a second mail (RFC 5321 section 2.3.8).
fn for_the_wire(bytes: &[u8]) -> Cow<'_, [u8]> {
    match is_crlf_only(bytes) {
        true => Cow::Borrowed(bytes.strip_suffix(b"\r\n").unwrap_or(bytes)),
        false => {
            let mut fixed = with_crlf(bytes);
            if fixed.ends_with(b"\r\n") {
                fixed.truncate(fixed.len() - 2);
            }
            Cow::Owned(fixed)
        }
    }
}

/// Counted, because counting goes over many bytes at once: every CR and every LF is half of a pair.
fn is_crlf_only(bytes: &[u8]) -> bool {
    let count = |wanted: u8| bytes.iter().filter(|byte| **byte == wanted).count();
    let pairs = bytes.iter().zip(bytes.iter().skip(1)).filter(|pair| *pair == (&b'\r', &b'\n')).count();
    count(b'\r') == pairs && count(b'\n') == pairs
}

fn with_crlf(bytes: &[u8]) -> Vec<u8> {
    let mut fixed = Vec::with_capacity(bytes.len() + bytes.len() / 32);
    let mut last = 0;
    for byte in bytes {
        match (last, *byte) {
            (b'\r', b'\n') => {}
            (_, b'\r' | b'\n') => fixed.extend(b"\r\n"),
            (_, other) => fixed.push(other),
        }
        last = *byte;
    }
    fixed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crlf_goes_over_the_wire() {
        let cases: [(&[u8], &[u8]); 8] = [
            (b"a\r\n", b"a"),
            (b"a\r\n\r\n", b"a\r\n"),
            (b"a", b"a"),
            (b"", b""),
            (b"a\nb\n", b"a\r\nb"),
            (b"a\rb", b"a\r\nb"),
            (b"a\r\r\nb", b"a\r\n\r\nb"),
            (b"a\n.\nMAIL FROM:<x@y>\r\n", b"a\r\n.\r\nMAIL FROM:<x@y>"),
        ];
        for (bytes, wire) in cases {
            assert_eq!(for_the_wire(bytes), wire, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn the_dot_is_out_only_when_all_pieces_are() {
        let ended = AtomicBool::new(false);
        let letter = vec![b'x'; 100_000];
        let mut pieces = Pieces { rest: &letter, ended: &ended };
        assert_eq!(pieces.next().map(<[u8]>::len), Some(64 * 1024));
        assert_eq!(pieces.next().map(<[u8]>::len), Some(100_000 - 64 * 1024));
        assert!(!ended.load(Ordering::Acquire));
        assert_eq!(pieces.next(), None);
        assert!(ended.load(Ordering::Acquire));
    }
}
