//! Mail is taken in: whatever a mailbox holds and the ledger lacks, stored before anything is done with it.
//!
//! Raw bytes and ledger rows of a fetched batch are one commit. The server is changed (seen, moved) only after the
//! mail's own turn is committed too. An error of the connection drops the session; the ledger knows where to go on.

use jiff::Timestamp;
use tracing::{info, warn};

use crate::arrive::imap::reconcile::{self, full_listing_due};
use crate::arrive::imap::{
    BATCH_BYTES, BATCH_COUNT, Deadlines, FolderState as OnServer, ImapError, Session, batches, open,
};
use crate::arrive::imap::{Fetched, Listed};
use crate::config::{After, Imap, MailboxConfig};
use crate::store::ledger::{Epoch, FolderState, Received};

use super::Desk;

/// Below so much room on the disk no new mail is taken in (mail-rules section 10).
const DISK_FLOOR_BYTES: u64 = 64 << 20;
/// An IMAP mailbox, connected and selected, with what the ledger knows of it.
pub struct ImapIntake<'a> {
    desk: &'a Desk,
    mailbox: &'a MailboxConfig,
    session: Session,
    known: FolderState,
    /// Mail found by this session's first look lay there before we came.
    first_contact: bool,
    /// A new UIDVALIDITY: what is older than a day gets no letter, for it may have had one under another number.
    renumbered: bool,
    listed_at: Option<Timestamp>,
    /// The highest UID of the last full listing, all of whose mails are in the ledger.
    highest_listed: u32,
}

impl<'a> ImapIntake<'a> {
    pub async fn begin(desk: &'a Desk, mailbox: &'a MailboxConfig, imap: &Imap) -> anyhow::Result<Self> {
        let (session, folder) = open(imap, &Deadlines::default()).await?;
        let now = desk.time.now();
        let known = desk.store.look().await?.folder(&mailbox.name, &imap.folder).await?;
        let epoch = reconcile::epoch(known.as_ref().map(|k| k.epoch.uidvalidity), &folder);
        let renumbered = matches!(epoch, reconcile::Epoch::New { .. } | reconcile::Epoch::Unstable);
        let first_contact = epoch == reconcile::Epoch::First;
        if renumbered {
            warn!(mailbox = %mailbox.name, "the folder's UIDVALIDITY changed: its mail is compared with what we hold");
        }
        let known = match known {
            Some(known) if epoch == reconcile::Epoch::Same => known,
            _ => first_state(mailbox, imap, &folder, now),
        };
        info!(mailbox = %mailbox.name, folder = %imap.folder, mails = folder.exists, idle = folder.can_idle, "connected");
        Ok(Self { desk, mailbox, session, known, first_contact, renumbered, listed_at: None, highest_listed: 0 })
    }

    /// One look: lists, fetches what the ledger lacks, stores it batch by batch, and marks what is settled.
    pub async fn round(&mut self) -> anyhow::Result<usize> {
        let now = self.desk.time.now();
        let full = full_listing_due(self.listed_at, now);
        let uids =
            if full { self.session.all_uids().await? } else { self.session.uids_from(self.known.mark + 1).await? };
        let lacking = self.desk.store.look().await?.lacking(&self.known.epoch, &uids).await?;
        let listed = self.session.sizes(&lacking).await?;
        let stored = self.take_in(&listed).await?;
        if full {
            self.after_full_listing(&uids, now).await?;
        }
        self.mark_settled().await?;
        Ok(stored)
    }

    /// Waits for the server to speak of mail, for the poll, or for mail that may now be marked.
    pub async fn wait(&mut self) -> anyhow::Result<()> {
        let settled = self.desk.nudges.settled.notified();
        let marks = self.mailbox.after != After::Keep;
        let stop = async {
            match marks {
                true => settled.await,
                false => std::future::pending().await,
            }
        };
        // A full listing comes round even where IDLE stays silent.
        self.session.wait(reconcile::SETTLED_AFTER, stop).await?;
        Ok(())
    }

    pub async fn end(self) -> Result<(), ImapError> {
        self.session.logout().await
    }

    async fn take_in(&mut self, listed: &[Listed]) -> anyhow::Result<usize> {
        let zone = self.desk.shop.config.policy.company.timezone.clone();
        let start = self.mailbox.start;
        let old = |mail: &&Listed| self.first_contact && reconcile::pre_existing(start, mail.internal_date, &zone);
        let (before, wanted): (Vec<&Listed>, Vec<&Listed>) = listed.iter().partition(old);
        let cap = self.desk.shop.config.security.max_message_bytes;
        let (large, fit): (Vec<Listed>, Vec<Listed>) = wanted.into_iter().partition(|m| m.size_bytes > cap);
        self.note_pre_existing(&before).await?;
        let mut stored = 0;
        for batch in batches(&fit, BATCH_COUNT, BATCH_BYTES) {
            self.refuse_full_disk()?;
            let fetched = self.session.fetch(batch).await?;
            stored += self.store(fetched, false).await?;
        }
        for mail in &large {
            warn!(mailbox = %self.mailbox.name, uid = mail.uid, bytes = mail.size_bytes, "over security.max_message_size: only its header is read");
            let header = self.session.fetch_header(mail.uid).await?;
            stored += self.store(header.into_iter().collect(), true).await?;
        }
        Ok(stored)
    }

    async fn note_pre_existing(&self, before: &[&Listed]) -> anyhow::Result<()> {
        if before.is_empty() {
            return Ok(());
        }
        let uids: Vec<u32> = before.iter().map(|m| m.uid).collect();
        let mut tx = self.desk.store.begin().await?;
        tx.mark_pre_existing(&self.known.epoch, &uids, self.desk.time.now()).await?;
        tx.commit().await?;
        info!(mailbox = %self.mailbox.name, mails = uids.len(), "lay there before the first contact (mailbox.start)");
        Ok(())
    }

    async fn store(&self, fetched: Vec<Fetched>, header_only: bool) -> anyhow::Result<usize> {
        if fetched.is_empty() {
            return Ok(0);
        }
        let now = self.desk.time.now();
        let batch: Vec<Received> = fetched.into_iter().map(|mail| self.received(mail, header_only, now)).collect();
        let mut tx = self.desk.store.begin().await?;
        tx.receive(&batch, now).await?;
        tx.commit().await?;
        self.desk.nudges.turn.notify_one();
        info!(mailbox = %self.mailbox.name, mails = batch.len(), "stored");
        Ok(batch.len())
    }

    fn received(&self, mail: Fetched, header_only: bool, now: Timestamp) -> Received {
        let received_at = reconcile::received_at(mail.internal_date, now);
        let day_old = now.duration_since(received_at) > jiff::SignedDuration::from_hours(24);
        Received {
            epoch: self.known.epoch.clone(),
            uid: mail.uid,
            mailbox: self.mailbox.name.clone(),
            raw: mail.raw,
            received_at,
            // Mail-rules section 6: with `all` or a date, mail older than a day opens cases without letters.
            imported: day_old && (self.first_contact || self.renumbered),
            header_only,
        }
    }

    fn refuse_full_disk(&self) -> anyhow::Result<()> {
        let free = self.desk.store.free_bytes()?;
        anyhow::ensure!(
            free >= DISK_FLOOR_BYTES,
            "only {} MB are free where the database lies: no new mail is taken in",
            free >> 20
        );
        Ok(())
    }

    /// All that was listed is stored. What an earlier full listing held is old enough for the mark: servers may show a
    /// UID late, so the mark stays a listing behind.
    async fn after_full_listing(&mut self, uids: &[u32], now: Timestamp) -> anyhow::Result<()> {
        self.known.mark = self.known.mark.max(self.highest_listed);
        self.highest_listed = uids.iter().copied().max().unwrap_or(0);
        (self.listed_at, self.first_contact, self.renumbered) = (Some(now), false, false);
        let mut tx = self.desk.store.begin().await?;
        tx.set_folder(&self.known).await?;
        Ok(tx.commit().await?)
    }

    /// Only now, after the turns are committed, the server is changed. Doing it twice changes nothing.
    async fn mark_settled(&mut self) -> anyhow::Result<()> {
        loop {
            let unmarked = self.desk.store.look().await?.unmarked(&self.mailbox.name, 500).await?;
            let here: Vec<u32> = unmarked.iter().filter(|u| u.epoch == self.known.epoch).map(|u| u.uid).collect();
            if here.is_empty() {
                return Ok(());
            }
            match &self.mailbox.after {
                After::Keep => {}
                After::Seen => self.session.mark_seen(&here).await?,
                After::Move(folder) => self.session.move_to(&here, folder).await?,
            }
            let mut tx = self.desk.store.begin().await?;
            tx.mark(&self.known.epoch, &here, self.desk.time.now()).await?;
            tx.commit().await?;
        }
    }
}

fn first_state(mailbox: &MailboxConfig, imap: &Imap, folder: &OnServer, now: Timestamp) -> FolderState {
    let epoch = Epoch { account: mailbox.name.clone(), folder: imap.folder.clone(), uidvalidity: folder.uid_validity };
    FolderState { epoch, mark: 0, first_contact_at: now, held_because: None }
}
