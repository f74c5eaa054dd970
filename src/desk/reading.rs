//! Stored bytes become mails to be judged: by all processors, ahead of the turns that ask for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use tokio::sync::oneshot;

use crate::arrive::{parse, proof};
use crate::classify::{self, Proven, Questions};
use crate::decide::kinds::Words;
use crate::mail::Mail;
use crate::store::ahead::Marks;
use crate::store::mails::Pending;

use super::{Desk, Shop};

/// A mail that was read, before anything is decided.
pub(super) struct Read {
    pub pending: Pending,
    pub mail: Mail,
    pub proven: Proven,
    pub questions: Questions,
    pub hears: Arc<Words>,
}

impl Read {
    /// What the store will be asked about it.
    pub(super) fn marks(&self) -> Marks {
        Marks {
            mail: self.pending.id,
            message_id: self.questions.message_id.clone(),
            sender: self.questions.sender.clone(),
            words: self.questions.words,
        }
    }
}

/// A mail that is being read.
pub(super) struct Reading(oneshot::Receiver<anyhow::Result<Read>>);

/// Waits for them.
pub(super) async fn done(reading: impl Iterator<Item = Reading>) -> anyhow::Result<Vec<Read>> {
    let mut read = Vec::new();
    for one in reading {
        read.push(one.0.await.context("the reader of mail has died")??);
    }
    Ok(read)
}

impl Desk {
    /// In the order in which they will be asked for. Away from the async threads: parsing is work for a processor, not
    /// for a network loop.
    pub(super) fn read_all(&self, pending: Vec<Pending>) -> Vec<Reading> {
        let begin = |pending: Pending| {
            let (shop, (answer, read_by)) = (self.shop.clone(), oneshot::channel());
            rayon::spawn_fifo(move || {
                // Nobody waits any more when an earlier mail of the batch has failed.
                drop(answer.send(read(pending, &shop)));
            });
            Reading(read_by)
        };
        pending.into_iter().map(begin).collect()
    }
}

fn read(pending: Pending, shop: &Shop) -> anyhow::Result<Read> {
    let rules = shop.rules(&pending.mailbox)?;
    let reading = AssertUnwindSafe(|| {
        let mail = parse::parse(&pending.raw);
        let proof = proof::prove(&mail, &shop.config.security.trusted);
        let proven = Proven { authenticated: proof.authenticated, dmarc_failed: proof.dmarc_failed };
        let questions = classify::questions(&mail, proven, rules);
        let hears = Words::of(mail.subject.as_deref().unwrap_or_default(), &mail.new_text);
        (mail, proven, questions, Arc::new(hears))
    });
    let (mail, proven, questions, hears) =
        catch_unwind(reading).map_err(|_| anyhow!("reading mail {} panicked", pending.id))?;
    Ok(Read { pending, mail, proven, questions, hears })
}
