//! One command and its answers over a stream: the only place that speaks with the server.
//!
//! async-imap is used to read answers and for nothing else: its own commands turn NO, BAD, BYE and a closed socket into
//! "success, nothing there", and wait for ever. Here a command has succeeded only by its own tagged OK (RFC 3501 section
//! 7.1.1); NO and BAD are `Refused`, after which the session goes on; BYE, end of stream, silence and junk are errors after
//! which it refuses every further command. So does a command whose future was dropped half-way: its answers would be
//! taken for those of the next one.

use std::fmt::Debug;
use std::io;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_imap::Client;
use async_imap::imap_proto::{MailboxDatum, Outcome, Response, ResponseCode, Status};
use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout};

use super::ImapError;
use super::error::words;
use super::meter::Metered;

/// What one answer without a mail's body may take: a listing of capabilities, a long SEARCH line.
const PLAIN_ANSWER_BYTES: u64 = 1 << 20;

/// What a connection to an IMAP server is made of.
pub trait ByteStream: AsyncRead + AsyncWrite + Unpin + Debug + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Debug + Send> ByteStream for S {}

#[derive(Debug)]
pub(super) struct Wire<S: ByteStream> {
    reader: Client<Metered<S>>,
    last_tag: u32,
    /// For all answers of a command together: "still here" once a minute must not keep us for ever.
    longest: Duration,
    /// False from a command's first byte to its tagged answer.
    usable: bool,
    /// How many mails the selected folder holds (RFC 3501 section 7.3.1); `None` before the server said so.
    pub(super) exists: Option<u32>,
    /// The count has grown since this was last set to false. A server announces a mail once, in whatever command runs
    /// then: told during a FETCH and not kept, it would not be heard of again in IDLE.
    pub(super) news: bool,
}

/// The tagged OK of a command.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) code: Option<ResponseCode<'static>>,
}

/// What one answer means for the command that runs.
enum Step {
    More,
    Ready,
    Tagged(Result<Done, ImapError>),
}

impl<S: ByteStream> Wire<S> {
    pub(super) fn new(stream: S, longest: Duration) -> Self {
        Self {
            reader: Client::new(Metered::new(stream)),
            last_tag: 0,
            longest,
            usable: true,
            exists: None,
            news: false,
        }
    }

    /// Sends `line` and shows every untagged answer to `on`, until the tagged one.
    ///
    /// # Errors
    /// All of [`ImapError`] but TLS. `within` is the time for each answer, not for all of them.
    pub(super) async fn command(
        &mut self,
        command: &'static str,
        line: &str,
        within: Duration,
        on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Done, ImapError> {
        self.start(command, line.as_bytes(), within).await?;
        self.finish(command, within, PLAIN_ANSWER_BYTES, on).await
    }

    /// As [`Wire::command`], for answers with mail in them of at most `bytes` each.
    pub(super) async fn command_for_mail(
        &mut self,
        command: &'static str,
        line: &str,
        within: Duration,
        bytes: u64,
        on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Done, ImapError> {
        self.start(command, line.as_bytes(), within).await?;
        self.finish(command, within, PLAIN_ANSWER_BYTES.saturating_add(bytes), on).await
    }

    /// Sends the first line of a command, under a new tag.
    pub(super) async fn start(
        &mut self,
        command: &'static str,
        line: &[u8],
        within: Duration,
    ) -> Result<(), ImapError> {
        if !std::mem::replace(&mut self.usable, false) {
            return Err(ImapError::Broken);
        }
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            // Nothing was sent: the session is as it was.
            self.usable = true;
            return Err(ImapError::Input("a command is one line"));
        }
        self.last_tag += 1;
        let tagged = [self.tag().as_bytes(), b" ", line].concat();
        self.send(command, &tagged, within).await
    }

    /// Sends a line that belongs to a command already begun: a literal, a SASL answer, DONE. `bytes` may hold anything.
    pub(super) async fn send(
        &mut self,
        command: &'static str,
        bytes: &[u8],
        within: Duration,
    ) -> Result<(), ImapError> {
        // One write: with no-delay sockets every write is a packet, under TLS a record.
        let line = [bytes, b"\r\n"].concat();
        let stream = self.reader.get_mut();
        let sent = timeout(within, async {
            stream.write_all(&line).await?;
            stream.flush().await
        });
        match sent.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(broken_stream(command, &error)),
            Err(_) => Err(ImapError::Timeout { command, within }),
        }
    }

    /// Reads on until the server asks for more with `+` (RFC 3501 section 7.5). A tagged NO or BAD is `Refused`.
    pub(super) async fn ready(&mut self, command: &'static str, within: Duration) -> Result<(), ImapError> {
        let until = Instant::now() + self.longest;
        loop {
            match self.step(command, within, PLAIN_ANSWER_BYTES, &mut |_| ()).await? {
                Step::More => self.not_too_long(command, until)?,
                Step::Ready => return Ok(()),
                Step::Tagged(Err(refused)) => return Err(refused),
                Step::Tagged(Ok(_)) => {
                    self.usable = false;
                    return Err(ImapError::Protocol { command, what: "it was called done before it was".into() });
                }
            }
        }
    }

    /// Reads on until the server asks for more (true) or the command is done (false). A tagged NO or BAD is `Refused`.
    pub(super) async fn wants_more(&mut self, command: &'static str, within: Duration) -> Result<bool, ImapError> {
        let until = Instant::now() + self.longest;
        loop {
            match self.step(command, within, PLAIN_ANSWER_BYTES, &mut |_| ()).await? {
                Step::More => self.not_too_long(command, until)?,
                Step::Ready => return Ok(true),
                Step::Tagged(result) => return result.map(|_| false),
            }
        }
    }

    /// Reads on until the tagged answer.
    pub(super) async fn finish(
        &mut self,
        command: &'static str,
        within: Duration,
        bytes: u64,
        mut on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Done, ImapError> {
        let until = Instant::now() + self.longest;
        loop {
            if let Step::Tagged(result) = self.step(command, within, bytes, &mut on).await? {
                return result;
            }
            self.not_too_long(command, until)?;
        }
    }

    fn not_too_long(&self, command: &'static str, until: Instant) -> Result<(), ImapError> {
        match Instant::now() > until {
            true => Err(ImapError::Timeout { command, within: self.longest }),
            false => Ok(()),
        }
    }

    /// As [`Wire::finish`] for an answer of plain size.
    pub(super) async fn finish_plain(
        &mut self,
        command: &'static str,
        within: Duration,
        on: impl FnMut(&Response<'_>) + Send,
    ) -> Result<Done, ImapError> {
        self.finish(command, within, PLAIN_ANSWER_BYTES, on).await
    }

    /// One untagged answer while a command runs that the server may leave unanswered for long (IDLE).
    ///
    /// Dropping the future loses no answer. `Ok(Some(..))`: the server ended the command itself.
    pub(super) async fn overhear(
        &mut self,
        command: &'static str,
        within: Duration,
    ) -> Result<Option<Done>, ImapError> {
        match self.step(command, within, PLAIN_ANSWER_BYTES, &mut |_| ()).await? {
            Step::More | Step::Ready => Ok(None),
            Step::Tagged(result) => result.map(Some),
        }
    }

    async fn step(
        &mut self,
        command: &'static str,
        within: Duration,
        bytes: u64,
        on: &mut (impl FnMut(&Response<'_>) + Send),
    ) -> Result<Step, ImapError> {
        let tag = self.tag();
        let mut exists = self.exists;
        let step = self.hear(command, within, bytes, |answer| {
            exists = count_mails(exists, answer);
            judge(command, &tag, answer, on)
        });
        let step = step.await??;
        // Only a count that grows: some servers repeat EXISTS in every IDLE, and would keep us busy with nothing.
        self.news |= exists > self.exists && !matches!(exists, Some(0));
        self.exists = exists;
        self.usable = matches!(step, Step::Tagged(_));
        Ok(step)
    }

    /// One answer, whatever it is; the deadline is for all of it.
    pub(super) async fn hear<R>(
        &mut self,
        command: &'static str,
        within: Duration,
        bytes: u64,
        read: impl FnOnce(&Response<'_>) -> R + Send,
    ) -> Result<R, ImapError> {
        self.reader.get_mut().allow(bytes);
        // imap-proto panics on `INTERNALDATE NIL` and on a letter right after a response code's bracket.
        let answer = AssertUnwindSafe(self.reader.read_response()).catch_unwind();
        match timeout(within, answer).await {
            Ok(Ok(Ok(Some(answer)))) => Ok(read(answer.parsed())),
            Ok(Ok(Ok(None))) => Err(ImapError::Lost { command, why: "the server closed it".into() }),
            Ok(Ok(Err(error))) => Err(broken_stream(command, &error)),
            Ok(Err(_panic)) => Err(not_imap(command)),
            Err(_) => Err(ImapError::Timeout { command, within }),
        }
    }

    /// The greeting, before any command (RFC 3501 section 7.1), and the bound of one plain answer.
    pub(super) async fn greeting<R>(
        &mut self,
        within: Duration,
        read: impl FnOnce(&Response<'_>) -> R + Send,
    ) -> Result<R, ImapError> {
        self.hear("the greeting", within, PLAIN_ANSWER_BYTES, read).await
    }

    fn tag(&self) -> String {
        format!("A{}", self.last_tag)
    }
}

fn judge(
    command: &'static str,
    tag: &str,
    answer: &Response<'_>,
    on: &mut impl FnMut(&Response<'_>),
) -> Result<Step, ImapError> {
    match answer {
        Response::Done { tag: answered, status, outcome } if answered.0 == tag => {
            Ok(Step::Tagged(completion(command, status, outcome)))
        }
        // Another's tag: not ours to judge by.
        Response::Done { .. } => Ok(Step::More),
        Response::Data { status: Status::Bye, outcome } => Err(ImapError::Bye { command, words: words(outcome) }),
        Response::Continue(_) => Ok(Step::Ready),
        other => {
            on(other);
            Ok(Step::More)
        }
    }
}

fn completion(command: &'static str, status: &Status, outcome: &Outcome<'_>) -> Result<Done, ImapError> {
    match status {
        Status::Ok => Ok(Done { code: outcome.code.as_ref().and_then(kept_code) }),
        _ => Err(ImapError::Refused { command, words: words(outcome) }),
    }
}

/// The codes that somebody reads after the answer is gone.
fn kept_code(code: &ResponseCode<'_>) -> Option<ResponseCode<'static>> {
    match code {
        ResponseCode::CopyUid(validity, from, to) => Some(ResponseCode::CopyUid(*validity, from.clone(), to.clone())),
        ResponseCode::ReadOnly => Some(ResponseCode::ReadOnly),
        _ => None,
    }
}

/// RFC 3501 sections 7.3.1 and 7.4.1.
fn count_mails(exists: Option<u32>, answer: &Response<'_>) -> Option<u32> {
    match answer {
        Response::MailboxData(MailboxDatum::Exists(count)) => Some(*count),
        Response::Expunge(_) => exists.map(|count| count.saturating_sub(1)),
        _ => exists,
    }
}

/// async-imap's texts quote the whole buffer, mail and all, so only their kind is told.
fn broken_stream(command: &'static str, error: &io::Error) -> ImapError {
    match error.kind() {
        io::ErrorKind::Other => not_imap(command),
        io::ErrorKind::FileTooLarge => ImapError::Protocol { command, what: "it is far too long".into() },
        kind => ImapError::Lost { command, why: kind.to_string() },
    }
}

fn not_imap(command: &'static str) -> ImapError {
    ImapError::Protocol { command, what: "it is none that we can read".into() }
}
