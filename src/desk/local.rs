//! Mail from a Maildir or a pipe: the same ledger, a file's unique name in place of a UID.

use std::collections::HashSet;
use std::path::Path;

use anyhow::Context as _;
use tracing::info;

use crate::arrive::maildir::{Entry, Maildir, MaildirError, ledger_unique};
use crate::config::{After, MailboxConfig};
use crate::mail::{Digest, MailId, MailboxName};
use crate::store::Store;
use crate::store::ledger::{Epoch, Received};

use super::Desk;

/// Files that are stored in one commit.
const FILES: usize = 100;

/// A Maildir that is watched.
pub struct MaildirIntake<'a> {
    desk: &'a Desk,
    mailbox: &'a MailboxConfig,
    folder: Maildir,
    /// Files that are in the ledger: the folder is listed often, the database is asked once a file.
    known: HashSet<String>,
}

impl<'a> MaildirIntake<'a> {
    pub fn begin(desk: &'a Desk, mailbox: &'a MailboxConfig, path: &Path) -> anyhow::Result<Self> {
        Ok(Self { desk, mailbox, folder: Maildir::open(path)?, known: HashSet::new() })
    }

    /// One look: stores what is new, and moves to `cur/` what is settled.
    pub async fn round(&mut self) -> anyhow::Result<usize> {
        let folder = self.folder.clone();
        let entries = off_thread(move || folder.list()).await?;
        // Only what is still there is remembered.
        let there: HashSet<&str> = entries.iter().map(|e| e.unique.as_str()).collect();
        self.known.retain(|unique| there.contains(unique.as_str()));
        let fresh: Vec<Entry> = entries.into_iter().filter(|e| !self.known.contains(&e.unique)).collect();
        let mut stored = 0;
        for files in fresh.chunks(FILES) {
            stored += self.take_in(files).await?;
        }
        self.mark_settled().await?;
        Ok(stored)
    }

    async fn take_in(&mut self, files: &[Entry]) -> anyhow::Result<usize> {
        let now = self.desk.time.now();
        let mut batch = Vec::new();
        for file in files {
            let epoch = Epoch::of_file(&self.mailbox.name, &file.unique);
            let lacking = self.desk.store.look().await?.lacking(&epoch, &[0]).await?;
            if !lacking.is_empty()
                && let Some(mail) = self.received(file, epoch, now).await?
            {
                batch.push(mail);
            }
        }
        if !batch.is_empty() {
            let mut tx = self.desk.store.begin().await?;
            tx.receive(&batch, now).await?;
            tx.commit().await?;
            self.desk.nudges.turn.notify_one();
            info!(mailbox = %self.mailbox.name, mails = batch.len(), "stored");
        }
        self.known.extend(files.iter().map(|f| f.unique.clone()));
        Ok(batch.len())
    }

    async fn received(&self, file: &Entry, epoch: Epoch, now: jiff::Timestamp) -> anyhow::Result<Option<Received>> {
        let header_only = file.size_bytes > self.desk.shop.config.security.max_message_bytes;
        let (folder, entry) = (self.folder.clone(), file.clone());
        let read = move || if header_only { folder.read_header(&entry) } else { folder.read(&entry) };
        let raw = off_thread(read).await?;
        let received_at = file.received_at.map_or(now, |at| at.min(now));
        let mailbox = self.mailbox.name.clone();
        Ok(raw.map(|raw| Received { epoch, uid: 0, mailbox, raw, received_at, imported: false, header_only }))
    }

    async fn mark_settled(&mut self) -> anyhow::Result<()> {
        let unmarked = self.desk.store.look().await?.unmarked(&self.mailbox.name, 500).await?;
        if unmarked.is_empty() {
            return Ok(());
        }
        let (folder, seen) = (self.folder.clone(), self.mailbox.after == After::Seen);
        let names: Vec<String> =
            unmarked.iter().filter_map(|m| ledger_unique(&m.epoch.folder)).map(str::to_owned).collect();
        off_thread(move || names.iter().try_for_each(|unique| folder.settle(unique, seen))).await?;
        let mut tx = self.desk.store.begin().await?;
        for mail in &unmarked {
            tx.mark(&mail.epoch, &[mail.uid], self.desk.time.now()).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Files wait for a disk: not on the threads that everybody else waits on.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, MaildirError> + Send + 'static,
) -> anyhow::Result<T> {
    Ok(tokio::task::spawn_blocking(work).await.context("the reader of a Maildir has died")??)
}

/// One mail from a pipe (`amends deliver`): stored when this returns. The same bytes twice are one mail.
pub async fn store_one(
    store: &Store,
    mailbox: &MailboxName,
    raw: Vec<u8>,
    now: jiff::Timestamp,
) -> anyhow::Result<Option<MailId>> {
    let name = format!("pipe-{}", Digest::of(&raw).to_hex());
    let epoch = Epoch::of_file(mailbox, &name);
    let received = Received {
        epoch,
        uid: 0,
        mailbox: mailbox.clone(),
        raw,
        received_at: now,
        imported: false,
        header_only: false,
    };
    let mut tx = store.begin().await?;
    let ids = tx.receive(&[received], now).await?;
    tx.commit().await?;
    Ok(ids.first().copied())
}
