//! Stored bytes become mails to be judged, a batch on all processors at once.

use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context as _, anyhow};

use crate::arrive::{parse, proof};
use crate::classify::Proven;
use crate::mail::Mail;
use crate::store::mails::Pending;

use super::Desk;

/// Mails that one thread reads: a batch is spread over all processors.
const READ_AT_ONCE: usize = 25;

/// A mail that was read, before anything is decided.
pub(super) struct Read {
    pub pending: Pending,
    pub mail: Mail,
    pub proven: Proven,
}

impl Desk {
    /// Reads a batch away from the async threads: parsing is work for a processor, not for a network loop.
    pub(super) async fn read_all(&self, pending: Vec<Pending>) -> anyhow::Result<Vec<Read>> {
        let mut waiting = pending.into_iter().peekable();
        let mut parts = Vec::new();
        while waiting.peek().is_some() {
            let (shop, part) = (self.shop.clone(), waiting.by_ref().take(READ_AT_ONCE).collect::<Vec<Pending>>());
            let reading = move || {
                let trusted = &shop.config.security.trusted;
                part.into_iter().map(|p| read(p, trusted)).collect::<anyhow::Result<Vec<Read>>>()
            };
            parts.push(tokio::task::spawn_blocking(reading));
        }
        let mut read = Vec::new();
        for part in parts {
            read.extend(part.await.context("the reader of mail has died")??);
        }
        Ok(read)
    }
}

fn read(pending: Pending, trusted: &[crate::config::TrustedServer]) -> anyhow::Result<Read> {
    let reading = AssertUnwindSafe(|| {
        let mail = parse::parse(&pending.raw);
        let proof = proof::prove(&mail, trusted);
        (mail, Proven { authenticated: proof.authenticated, dmarc_failed: proof.dmarc_failed })
    });
    let (mail, proven) = catch_unwind(reading).map_err(|_| anyhow!("reading mail {} panicked", pending.id))?;
    Ok(Read { pending, mail, proven })
}
