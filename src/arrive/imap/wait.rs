//! Waiting for mail: IDLE (RFC 2177) where the server offers it, else a pause and NOOP.
//!
//! IDLE is spoken here command by command: async-imap's hides a closed socket, and waits for ever where a server answers
//! NO. Every wait ends with a tagged answer under a deadline, so a link that died in silence is found.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use async_imap::imap_proto::{MailboxDatum, Response};
use tokio::time::{Instant, sleep_until};

use super::wire::Wireable;
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

impl<S: Wireable> Session<S> {
    /// Waits for mail, for at most `at_most` (and five minutes of IDLE, or the configured `poll` without), or for `stop`.
    ///
    /// # Errors
    /// The session is dead or a deadline passed: reconnect. A server that refuses IDLE is polled from then on.
    pub async fn wait(&mut self, at_most: Duration, stop: impl Future<Output = ()>) -> Result<Woke, ImapError> {
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
        let mut mail = false;
        loop {
            let mut on = |answer: &Response<'_>| mail |= speaks_of_mail(answer);
            // The deadline of the read lies beyond that of the wait: which of the two ended it is never in doubt.
            let heard = tokio::select! {
                biased;
                () = &mut stop => return self.end_idle(Woke::Stopped).await,
                () = sleep_until(until) => return self.end_idle(Woke::Elapsed).await,
                heard = self.wire.overhear(COMMAND, at_most + answer, &mut on) => heard?,
            };
            match heard {
                // The server ended IDLE by itself, with OK: some do after half an hour.
                Some(_) => return Ok(if mail { Woke::Mail } else { Woke::Elapsed }),
                None if mail => return self.end_idle(Woke::Mail).await,
                None => {}
            }
        }
    }

    /// DONE, and the tagged OK: the only proof that the link still lives.
    async fn end_idle(&mut self, woke: Woke) -> Result<Woke, ImapError> {
        let mut mail = false;
        self.wire.send("IDLE", b"DONE", self.deadlines.answer).await?;
        let on = |answer: &Response<'_>| mail |= speaks_of_mail(answer);
        self.wire.finish_plain("IDLE", self.deadlines.answer, on).await.map_err(as_lost)?;
        Ok(if mail && woke == Woke::Elapsed { Woke::Mail } else { woke })
    }

    async fn poll(&mut self, pause: Duration, stop: impl Future<Output = ()>) -> Result<Woke, ImapError> {
        tokio::select! {
            () = stop => return Ok(Woke::Stopped),
            () = tokio::time::sleep(pause) => {}
        }
        let mut mail = false;
        let on = |answer: &Response<'_>| mail |= speaks_of_mail(answer);
        self.wire.command("NOOP", "NOOP", self.deadlines.answer, on).await?;
        Ok(if mail { Woke::Mail } else { Woke::Elapsed })
    }
}

/// Whether this answer is a reason to list the folder. Flags that somebody sets, and mail that goes, are none.
fn speaks_of_mail(answer: &Response<'_>) -> bool {
    matches!(answer, Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_)))
}

/// NO to DONE: IDLE ran and was then refused, so nothing of what it told may be relied on.
fn as_lost(error: ImapError) -> ImapError {
    match error {
        ImapError::Refused { command, words } => ImapError::Lost { command, why: words },
        other => other,
    }
}
