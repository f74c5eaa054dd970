//! Waiting for mail: IDLE (RFC 2177) where the server offers it, else a pause and NOOP.
//!
//! IDLE is spoken here command by command: async-imap's hides a closed socket, and waits for ever where a server answers
//! NO. Every wait ends with a tagged answer under a deadline, so a link that died in silence is found.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::wire::ByteStream;
use super::{ImapError, Session};

/// NATs and firewalls forget a silent connection long before RFC 2177's 29 minutes.
const LONGEST_IDLE: Duration = Duration::from_secs(5 * 60);

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woke {
    /// The server spoke of new mail. Which mails these are only a listing tells.
    Mail,
    /// The time is over; a listing may still find mail.
    Elapsed,
    /// `stop` came first.
    Stopped,
}

impl<S: ByteStream> Session<S> {
    /// Waits for mail that was announced since the last listing, or for `stop`; at most `at_most`, and of that at most
    /// five minutes of IDLE, or the configured `poll` where there is no IDLE.
    ///
    /// # Errors
    /// The session is dead or a deadline passed: reconnect. A server that refuses IDLE is polled from then on.
    pub async fn wait(&mut self, at_most: Duration, stop: impl Future<Output = ()>) -> Result<Woke, ImapError> {
        if std::mem::take(&mut self.wire.news) {
            return Ok(Woke::Mail);
        }
        let mut stop = pin!(stop);
        if self.folder.can_idle {
            match self.idle(at_most.min(LONGEST_IDLE), stop.as_mut()).await {
                Err(ImapError::Refused { words, .. }) => {
                    tracing::info!(%words, "the IMAP server refuses IDLE: polling instead");
                    self.folder.can_idle = false;
                }
                other => return other,
            }
        }
        self.poll(at_most.min(self.poll), stop).await
    }

    async fn idle(&mut self, at_most: Duration, stop: impl Future<Output = ()>) -> Result<Woke, ImapError> {
        const COMMAND: &str = "IDLE";
        let answer = self.deadlines.answer;
        let until = Instant::now() + at_most;
        self.wire.start(COMMAND, COMMAND.as_bytes(), answer).await?;
        self.wire.ready(COMMAND, answer).await?;
        let mut stop = pin!(stop);
        loop {
            // The deadline of the read lies beyond that of the wait: which of the two ended it is never in doubt.
            let heard = tokio::select! {
                biased;
                () = &mut stop => return self.end_idle(Woke::Stopped).await,
                () = sleep_until(until) => return self.end_idle(Woke::Elapsed).await,
                heard = self.wire.overhear(COMMAND, at_most + answer) => heard?,
            };
            if heard.is_some() {
                // The server ended IDLE by itself, with OK: some do after half an hour.
                return Ok(self.woken(Woke::Elapsed));
            }
            if self.wire.news {
                return self.end_idle(Woke::Mail).await;
            }
        }
    }

    /// DONE, and the tagged OK: the only proof that the link still lives.
    async fn end_idle(&mut self, woke: Woke) -> Result<Woke, ImapError> {
        self.wire.send("IDLE", b"DONE", self.deadlines.answer).await?;
        self.wire.finish_plain("IDLE", self.deadlines.answer, |_| ()).await.map_err(as_lost)?;
        Ok(self.woken(woke))
    }

    async fn poll(&mut self, pause: Duration, stop: impl Future<Output = ()>) -> Result<Woke, ImapError> {
        tokio::select! {
            () = stop => return Ok(Woke::Stopped),
            () = tokio::time::sleep(pause) => {}
        }
        self.wire.command("NOOP", "NOOP", self.deadlines.answer, |_| ()).await?;
        Ok(self.woken(Woke::Elapsed))
    }

    /// News are told once; when we were stopped they wait for the next call.
    fn woken(&mut self, woke: Woke) -> Woke {
        if woke == Woke::Stopped {
            return woke;
        }
        let news = std::mem::take(&mut self.wire.news);
        if news { Woke::Mail } else { woke }
    }
}

/// NO to DONE: IDLE ran and was then refused, so nothing of what it told may be relied on.
fn as_lost(error: ImapError) -> ImapError {
    match error {
        ImapError::Refused { command, words } => ImapError::Lost { command, why: words },
        other => other,
    }
}
