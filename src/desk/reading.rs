//! Stored bytes become mails to be judged: by all processors, ahead of the turns that ask for them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context as _, anyhow};
use tokio::sync::oneshot;

use crate::arrive::{parse, proof};
use crate::classify::Proven;
use crate::config::TrustedServer;
use crate::mail::Mail;
use crate::store::mails::Pending;

use super::Desk;

/// A mail that was read, before anything is decided.
pub(super) struct Read {
    pub pending: Pending,
    pub mail: Mail,
    pub proven: Proven,
}

/// A mail that is being read.
pub(super) struct Reading(oneshot::Receiver<anyhow::Result<Read>>);

impl Reading {
    pub(super) async fn done(self) -> anyhow::Result<Read> {
        self.0.await.context("the reader of mail has died")?
    }
}

impl Desk {
    /// In the order in which they will be asked for. Away from the async threads: parsing is work for a processor, not
    /// for a network loop.
    pub(super) fn read_all(&self, pending: Vec<Pending>) -> Vec<Reading> {
        let begin = |pending: Pending| {
            let (shop, (answer, read_by)) = (self.shop.clone(), oneshot::channel());
            rayon::spawn_fifo(move || {
                // Nobody waits any more when an earlier mail of the batch has failed.
                drop(answer.send(read(pending, &shop.config.security.trusted)));
            });
            Reading(read_by)
        };
        pending.into_iter().map(begin).collect()
    }
}

fn read(pending: Pending, trusted: &[TrustedServer]) -> anyhow::Result<Read> {
    let reading = AssertUnwindSafe(|| {
        let mail = parse::parse(&pending.raw);
        let proof = proof::prove(&mail, trusted);
        (mail, Proven { authenticated: proof.authenticated, dmarc_failed: proof.dmarc_failed })
    });
    let (mail, proven) = catch_unwind(reading).map_err(|_| anyhow!("reading mail {} panicked", pending.id))?;
    Ok(Read { pending, mail, proven })
}
