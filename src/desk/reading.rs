//! Stored bytes become mails to be judged: by all processors, ahead of the turns that ask for them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use tokio::sync::oneshot;
use tracing::debug;

use crate::arrive::parse;
use crate::arrive::proof::dkim::{self, Asked, Claim};
use crate::arrive::proof::{self, Proof};
use crate::classify::{self, Proven, Questions};
use crate::decide::kinds::Words;
use crate::mail::Mail;
use crate::store::ahead::Marks;
use crate::store::mails::Pending;

use super::signed::Signed;
use super::{Desk, Shop};

/// A mail that was read, before anything is decided.
pub(super) struct Read {
    pub pending: Pending,
    pub mail: Mail,
    pub proven: Proven,
    /// In words: who vouches for the sender and how, or why nobody does.
    pub why: String,
    pub signed: Signed,
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
pub(super) struct Reading {
    /// Comes once its bytes are read: whether DNS is asked about it then.
    asks: oneshot::Receiver<bool>,
    read: oneshot::Receiver<anyhow::Result<Read>>,
}

/// Waits until their bytes are read, which takes a processor's time and no server's; whether DNS is asked about any.
pub(super) async fn ask_dns(reading: &mut [Reading]) -> bool {
    let mut asks = false;
    for one in reading {
        // A reader that died says so where its mail is waited for.
        asks |= (&mut one.asks).await.unwrap_or(false);
    }
    asks
}

/// Waits for them.
pub(super) async fn done(reading: Vec<Reading>) -> anyhow::Result<Vec<Read>> {
    let mut read = Vec::with_capacity(reading.len());
    for one in reading {
        read.push(one.read.await.context("the reader of mail has died")??);
    }
    Ok(read)
}

impl Desk {
    /// In the order in which they will be asked for. Away from the async threads: parsing is work for a processor, not
    /// for a network loop. A mail that waits for DNS holds up no reader: it is finished when the answer is there.
    pub(super) fn read_all(&self, pending: Vec<Pending>) -> Vec<Reading> {
        let now = self.time.now();
        let runtime = tokio::runtime::Handle::current();
        let begin = |pending: Pending| {
            let (shop, keys, runtime) = (self.shop.clone(), self.keys.clone(), runtime.clone());
            let (tell_asks, asks) = oneshot::channel();
            let (answer, read) = oneshot::channel();
            rayon::spawn_fifo(move || {
                let opened = open(pending, &shop, now);
                if tell_asks.send(opened.as_ref().is_ok_and(|opened| opened.asks)).is_err() {
                    return; // Nobody waits any more: an earlier mail of the batch has failed. So it is below, too.
                }
                match opened {
                    Ok(opened) if opened.asks => {
                        runtime.spawn(async move {
                            let asked = keys.of(opened.claims.clone(), now).await;
                            rayon::spawn_fifo(move || drop(answer.send(finish(opened, &asked, &shop))));
                        });
                    }
                    Ok(opened) => drop(answer.send(finish(opened, &[], &shop))),
                    Err(error) => drop(answer.send(Err(error))),
                }
            });
            Reading { asks, read }
        };
        pending.into_iter().map(begin).collect()
    }
}

/// A mail that was read, and the signatures of which DNS is still to be asked.
struct Opened {
    pending: Pending,
    mail: Mail,
    proof: Proof,
    claims: Vec<Claim>,
    asks: bool,
}

fn open(pending: Pending, shop: &Shop, now: Timestamp) -> anyhow::Result<Opened> {
    let security = &shop.config.security;
    let reading = AssertUnwindSafe(|| {
        let mail = parse::parse(&pending.raw);
        let proof = proof::prove(&mail, &security.trusted);
        (dkim::claims(&mail, now), mail, proof)
    });
    let (claims, mail, proof) = guarded(&pending, reading)?;
    let claims = claims.unwrap_or_else(|why| {
        debug!(mail = %pending.id, why, "no signature to check");
        Vec::new()
    });
    // A trusted server has said what it knows, and without its body no signature fits.
    let settled = proof.authenticated || proof.dmarc_failed || pending.header_only;
    let asks = security.verify_dkim && !settled && !claims.is_empty();
    Ok(Opened { pending, mail, proof, claims, asks })
}

fn finish(opened: Opened, asked: &[Asked], shop: &Shop) -> anyhow::Result<Read> {
    let Opened { pending, mail, mut proof, claims, asks } = opened;
    let rules = shop.rules(&pending.mailbox)?;
    let reading = AssertUnwindSafe(|| {
        let fitting = asks.then(|| dkim::verify(&pending.raw, &mail, asked));
        let fitting =
            fitting.and_then(|found| found.inspect_err(|why| debug!(mail = %pending.id, why, "not proven")).ok());
        if let Some(claim) = fitting {
            proof = Proof::by_signature(claim);
        }
        let signed = Signed::new(&claims, fitting);
        let proven = Proven { authenticated: proof.authenticated, dmarc_failed: proof.dmarc_failed };
        let questions = classify::questions(&mail, proven, rules);
        let hears = Words::of(mail.subject.as_deref().unwrap_or_default(), &mail.new_text);
        (signed, proven, questions, Arc::new(hears), proof.in_words())
    });
    let (signed, proven, questions, hears, why) = guarded(&pending, reading)?;
    Ok(Read { pending, mail, proven, why, signed, questions, hears })
}

/// A panic is an error of the one mail.
fn guarded<T>(pending: &Pending, work: AssertUnwindSafe<impl FnOnce() -> T>) -> anyhow::Result<T> {
    catch_unwind(work).map_err(|_| anyhow!("reading mail {} panicked", pending.id))
}
