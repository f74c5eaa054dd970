//! A write transaction of the desk, and the letters that are composed for it meanwhile.
//!
//! Rendering and packing a letter is the largest part of a turn, and nothing that follows in the transaction asks for
//! its words: the row is written at once, other processors write the words, and the commit waits for them. A letter
//! that cannot be written fails the whole of it; whoever began it then begins again with [`Composing::Here`], where a
//! failure belongs to its one turn.

use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::Context as _;
use jiff::Timestamp;
use tokio::sync::oneshot;

use crate::decide::case::Case;
use crate::decide::effect::Order;
use crate::decide::policy::Policy;
use crate::deliver::compose::{self, ComposeError, Context, Head};
use crate::mail::{LetterId, Relayed};
use crate::store::outbox::Packed;
use crate::store::{StoreError, Tx};

use super::{Desk, Shop, letters};

/// Letters that are written together while there are more to come.
const TOGETHER: usize = 16;

/// Where the letters of a transaction get their words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Composing {
    /// On other processors, while the transaction goes on.
    Aside,
    /// In their turn.
    Here,
}

/// Reads and writes as a [`Tx`] does; to be ended by [`Work::commit`].
pub struct Work {
    tx: Tx,
    composing: Composing,
    begun: Vec<Begun>,
}

/// A letter whose words are being written.
struct Begun {
    letter: LetterId,
    now: Timestamp,
    words: oneshot::Receiver<anyhow::Result<Drafted>>,
}

/// All that the words of a letter are made from, as it was when the letter was asked for.
pub struct Draft {
    pub shop: Arc<Shop>,
    pub policy: Arc<Policy>,
    pub order: Order,
    pub case: Case,
    pub letter: LetterId,
    pub now: Timestamp,
    pub enclosed: Option<Relayed>,
}

/// The words of a letter.
pub struct Drafted {
    pub packed: Packed,
    /// The owner's own template failed: which and how.
    pub fell_back: Option<(&'static str, String)>,
}

impl Desk {
    pub(super) async fn begin(&self, composing: Composing) -> Result<Work, StoreError> {
        Ok(Work { tx: self.store.begin().await?, composing, begun: Vec::new() })
    }
}

impl Work {
    pub fn composing(&self) -> Composing {
        self.composing
    }

    /// Has the words of a queued letter written by another processor.
    pub fn compose_aside(&mut self, head: Head, draft: Draft) {
        let (answer, words) = oneshot::channel();
        self.begun.push(Begun { letter: draft.letter, now: draft.now, words });
        rayon::spawn_fifo(move || {
            let words = catch_unwind(AssertUnwindSafe(|| draft.words(head)));
            let words = words.unwrap_or_else(|_| Err(anyhow::anyhow!("composing panicked")));
            // Nobody waits any more when the transaction has failed.
            drop(answer.send(words));
        });
    }

    /// Writes what is ready, so that less is left for the end, when nobody works beside it.
    pub async fn write_ready(&mut self, desk: &Desk) -> anyhow::Result<()> {
        self.tx.write_late().await?;
        let ready = self.begun.iter().take_while(|begun| !begun.words.is_empty()).count();
        self.write_first(ready - ready % TOGETHER, desk).await
    }

    /// Waits for the letters, and makes all of it last.
    pub async fn commit(mut self, desk: &Desk) -> anyhow::Result<()> {
        self.write_first(self.begun.len(), desk).await?;
        desk.note_lists_seen(&mut self.tx).await?;
        Ok(self.tx.commit().await?)
    }

    /// The words of so many letters, in the order in which they were begun.
    async fn write_first(&mut self, count: usize, desk: &Desk) -> anyhow::Result<()> {
        let first: Vec<Begun> = self.begun.drain(..count).collect();
        let mut packed = Vec::with_capacity(count);
        for Begun { letter, now, words } in first {
            let drafted = words.await.context("whoever composed it has died").flatten();
            let drafted = drafted.with_context(|| format!("letter {letter}"))?;
            if let Some((name, what)) = &drafted.fell_back {
                letters::tell_fell_back(desk, &mut self.tx, name, what, now).await?;
            }
            packed.push((letter, drafted.packed));
        }
        Ok(self.tx.put_bytes(&packed).await?)
    }
}

impl Draft {
    pub fn head(&self) -> anyhow::Result<Result<Head, ComposeError>> {
        let context = self.shop.context(&self.policy, &self.case.mailbox, self.letter, self.now)?;
        Ok(compose::head(&self.order, &self.case, &context))
    }

    pub fn words(&self, head: Head) -> anyhow::Result<Drafted> {
        let context = self.shop.context(&self.policy, &self.case.mailbox, self.letter, self.now)?;
        let context = Context { enclosed: self.enclosed.as_ref(), ..context };
        let name = head.letter;
        let composed = compose::words(head, &self.order, &self.case, &context)?;
        let fell_back = composed.fell_back.map(|what| (name, what));
        Ok(Drafted { packed: Packed::of(&composed.bytes)?, fell_back })
    }
}

impl Deref for Work {
    type Target = Tx;

    fn deref(&self) -> &Tx {
        &self.tx
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut Tx {
        &mut self.tx
    }
}
