//! Mail is taken in: whatever a mailbox holds and the ledger lacks, stored before anything is done with it.
//!
//! Raw bytes and ledger rows of a fetched batch are one commit. The server is changed (seen, moved) only after the
//! mail's own turn is committed too. An error of the connection drops the session; the ledger knows where to go on.
//! A mail at which sessions break off again and again is fetched alone, then without its body, then passed over and told.

use std::collections::HashMap;
use std::future::Future;

use jiff::Timestamp;
use tracing::{info, warn};

use crate::arrive::imap::reconcile::{self, full_listing_due};
use crate::arrive::imap::{BATCH_BYTES, BATCH_COUNT, FolderState as OnServer, ImapError, Session, batches, open};
use crate::arrive::imap::{Fetched, Listed};
use crate::config::{After, Imap, MailboxConfig};
use crate::store::ledger::{Epoch, FolderState, Received};

use super::{Desk, letters, renumbered};

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
    /// The server refuses to change its mail: then it stays as it is, and mail is taken in all the same.
    marks: bool,
}

/// Connects with a password, or with an access token that is good for some minutes.
async fn log_in(desk: &Desk, imap: &Imap) -> anyhow::Result<(Session, OnServer)> {
    let credentials = desk.shop.keepers.credentials(&imap.login, desk.time.now()).await?;
    let opened = open(imap, &credentials, &desk.patience.imap).await;
    if let Err(ImapError::Credentials { .. }) = &opened {
        // It may be the token that the server does not take any more: the next try asks for another.
        desk.shop.keepers.forget(&imap.login).await;
    }
    Ok(opened?)
}

impl<'a> ImapIntake<'a> {
    pub async fn begin(desk: &'a Desk, mailbox: &'a MailboxConfig, imap: &Imap) -> anyhow::Result<Self> {
        let (session, folder) = log_in(desk, imap).await?;
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
            known => new_state(mailbox, imap, &folder, epoch, known, now),
        };
        info!(mailbox = %mailbox.name, folder = %imap.folder, mails = folder.exists, idle = folder.can_idle, "connected");
        let marks = mailbox.after != After::Keep;
        Ok(Self { desk, mailbox, session, known, first_contact, renumbered, listed_at: None, highest_listed: 0, marks })
    }

    /// One look: lists, fetches what the ledger lacks, stores it batch by batch, and marks what is settled.
    pub async fn round(&mut self, suspects: &mut Suspects) -> anyhow::Result<usize> {
        let now = self.desk.time.now();
        let full = full_listing_due(self.listed_at, now);
        let uids =
            if full { self.session.all_uids().await? } else { self.session.uids_from(self.known.mark + 1).await? };
        suspects.judge(self.known.epoch.uidvalidity);
        let mut lacking = self.desk.store.look().await?.lacking(&self.known.epoch, &uids).await?;
        self.pass_over(&mut lacking, suspects).await?;
        let listed = self.session.sizes(&lacking).await?;
        let stored = match self.renumbered {
            true => self.take_in_again(&listed, uids.len(), suspects).await?,
            false => self.take_in(&listed, suspects).await?,
        };
        if full {
            self.after_full_listing(&uids, now).await?;
        }
        self.mark_settled().await?;
        Ok(stored)
    }

    /// Waits for the server to speak of mail, for the poll, or for mail that was `settled` and may now be marked.
    pub async fn wait(&mut self, settled: impl Future<Output = ()>) -> anyhow::Result<()> {
        let marks = self.marks;
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

    /// Under new numbers the old ones first: how many of them we have never met says whether the rest may be answered.
    async fn take_in_again(&mut self, listed: &[Listed], all: usize, suspects: &mut Suspects) -> anyhow::Result<usize> {
        let now = self.desk.time.now();
        let is_old = |m: &&Listed| reconcile::gets_no_letter(m.internal_date, now, true);
        let (old, young): (Vec<&Listed>, Vec<&Listed>) = listed.iter().partition(is_old);
        let (old, young): (Vec<Listed>, Vec<Listed>) =
            (old.into_iter().copied().collect(), young.into_iter().copied().collect());
        let stored = self.take_in(&old, suspects).await?;
        self.known.held_because =
            renumbered::held_because(self.desk, &self.mailbox.name, &self.known.epoch, all).await?;
        Ok(stored + self.take_in(&young, suspects).await?)
    }

    async fn take_in(&mut self, listed: &[Listed], suspects: &mut Suspects) -> anyhow::Result<usize> {
        let (before, wanted): (Vec<&Listed>, Vec<&Listed>) = listed.iter().partition(|mail| self.lay_there(mail));
        let cap = self.desk.shop.config.security.max_message_bytes;
        let (large, fit): (Vec<Listed>, Vec<Listed>) =
            wanted.into_iter().partition(|m| m.size_bytes > cap || suspects.wants_header_only(m.uid));
        let (mut alone, fit): (Vec<Listed>, Vec<Listed>) =
            fit.into_iter().partition(|m| suspects.wants_to_be_alone(m.uid));
        alone.sort_by_key(|m| suspects.breaks(m.uid));
        self.note_pre_existing(&before).await?;
        let mut stored = 0;
        // Those at which a session broke off come last, and the worst at the very end.
        for batch in batches(&fit, BATCH_COUNT, BATCH_BYTES).into_iter().chain(batches(&alone, 1, 0)) {
            self.refuse_full_disk()?;
            suspects.under_way(batch);
            let fetched = self.session.fetch(batch).await?;
            suspects.clear(batch);
            if fetched.len() < batch.len() {
                let gone = batch.len() - fetched.len();
                warn!(mailbox = %self.mailbox.name, gone, "listed, and not given out when asked for: asked again");
            }
            stored += self.store(fetched, false).await?;
        }
        for mail in &large {
            warn!(mailbox = %self.mailbox.name, uid = mail.uid, bytes = mail.size_bytes, "only its header is read: it is over security.max_message_size, or cannot be fetched");
            suspects.under_way(std::slice::from_ref(mail));
            let header = self.session.fetch_header(mail.uid).await?;
            suspects.clear(std::slice::from_ref(mail));
            stored += self.store(header.into_iter().collect(), true).await?;
        }
        Ok(stored)
    }

    /// Did it lie there before the first contact, and is by `mailbox.start` none of our business? After a change of
    /// UIDVALIDITY such mail comes up again under new numbers.
    fn lay_there(&self, mail: &Listed) -> bool {
        let zone = &self.desk.shop.config.policy.company.timezone;
        let before = || mail.internal_date.is_some_and(|at| at < self.known.first_contact_at);
        // It came while we were looking for the first time.
        if self.first_contact && mail.internal_date.is_some_and(|at| at > self.known.first_contact_at) {
            return false;
        }
        (self.first_contact || self.renumbered && before())
            && reconcile::pre_existing(self.mailbox.start, mail.internal_date, zone)
    }

    /// Mails that no try can fetch do not keep the others waiting; a person has to look.
    async fn pass_over(&self, lacking: &mut Vec<u32>, suspects: &Suspects) -> anyhow::Result<()> {
        let hopeless: Vec<u32> = lacking.extract_if(.., |uid| suspects.is_hopeless(*uid)).collect();
        for uid in hopeless {
            let (name, folder) = (&self.mailbox.name, &self.known.epoch.folder);
            let what =
                format!("mail {uid} of folder {folder} of mailbox {name} cannot be fetched: please read it there");
            let mut tx = self.desk.store.begin().await?;
            letters::alert(self.desk, &mut tx, &format!("imap-{name}-{uid}"), &what, self.desk.time.now()).await?;
            tx.commit().await?;
            self.desk.nudges.letters.notify_waiters();
        }
        Ok(())
    }

    async fn note_pre_existing(&self, before: &[&Listed]) -> anyhow::Result<()> {
        if before.is_empty() {
            return Ok(());
        }
        let uids: Vec<u32> = before.iter().map(|m| m.uid).collect();
        let mut tx = self.desk.store.begin().await?;
        tx.mark_pre_existing(&self.known.epoch, &uids, self.desk.time.now()).await?;
        // With the folder in one commit: a crash after it must not make a second first contact, which would take
        // the mail that came in between for mail that lay there. New numbers are known once all is compared.
        if self.first_contact {
            tx.set_folder(&self.known).await?;
        }
        tx.commit().await?;
        info!(mailbox = %self.mailbox.name, mails = uids.len(), "lay there before the first contact (mailbox.start)");
        Ok(())
    }

    async fn store(&self, fetched: Vec<Fetched>, header_only: bool) -> anyhow::Result<usize> {
        if fetched.is_empty() {
            return Ok(0);
        }
        let now = self.desk.time.now();
        let mut tx = self.desk.store.begin().await?;
        let mut batch = Vec::new();
        for mail in fetched {
            let held = match self.renumbered {
                true => {
                    let is_old = reconcile::gets_no_letter(mail.internal_date, now, true);
                    renumbered::held(&mut tx, &self.mailbox.name, &mail.raw, is_old).await?
                }
                false => None,
            };
            match held {
                Some(held) => tx.meet_again(&self.known.epoch, mail.uid, held, now).await?,
                None => batch.push(self.received(mail, header_only, now)),
            }
        }
        tx.receive(&batch, now).await?;
        tx.commit().await?;
        self.desk.nudges.turn.notify_one();
        info!(mailbox = %self.mailbox.name, mails = batch.len(), "stored");
        Ok(batch.len())
    }

    fn received(&self, mail: Fetched, header_only: bool, now: Timestamp) -> Received {
        let received_at = reconcile::received_at(mail.internal_date, now);
        Received {
            epoch: self.known.epoch.clone(),
            uid: mail.uid,
            mailbox: self.mailbox.name.clone(),
            raw: mail.raw,
            received_at,
            imported: self.renumbered && self.known.held_because.is_some()
                || reconcile::gets_no_letter(mail.internal_date, now, self.first_contact || self.renumbered),
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
            if unmarked.is_empty() {
                return Ok(());
            }
            let here: Vec<u32> = unmarked.iter().filter(|u| u.epoch == self.known.epoch).map(|u| u.uid).collect();
            self.mark_here(&here).await?;
            let now = self.desk.time.now();
            let mut tx = self.desk.store.begin().await?;
            tx.mark(&self.known.epoch, &here, now).await?;
            // What has another number on the server by now, or lies in another folder, needs no mark.
            for gone in unmarked.iter().filter(|u| u.epoch != self.known.epoch) {
                tx.mark(&gone.epoch, &[gone.uid], now).await?;
            }
            tx.commit().await?;
        }
    }

    /// That the server refuses is told, and no reason to take in no mail.
    async fn mark_here(&mut self, uids: &[u32]) -> anyhow::Result<()> {
        if uids.is_empty() || !self.marks {
            return Ok(());
        }
        let marked = match &self.mailbox.after {
            After::Keep => Ok(()),
            After::Seen => self.session.mark_seen(uids).await,
            After::Move(folder) => self.session.move_to(uids, folder).await,
        };
        match marked {
            Err(error) if error.leaves_session_usable() => {
                self.marks = false;
                let name = &self.mailbox.name;
                let what = format!("mail of mailbox {name} is taken in, but mailbox.after cannot be done: {error}");
                let mut tx = self.desk.store.begin().await?;
                letters::alert(self.desk, &mut tx, &format!("after-{name}"), &what, self.desk.time.now()).await?;
                tx.commit().await?;
                self.desk.nudges.letters.notify_waiters();
                Ok(())
            }
            other => Ok(other?),
        }
    }
}

/// Mails at which a session broke off: tried alone, then without the body, then no more. It outlives the sessions of a
/// mailbox, and not the daemon.
#[derive(Debug, Default)]
pub struct Suspects {
    /// How often a session broke off at a UID.
    breaks: HashMap<u32, u32>,
    under_way: Vec<u32>,
    /// The UIDVALIDITY that these numbers belong to.
    uidvalidity: u32,
}

impl Suspects {
    /// What is under way when a round begins was so when the last session ended.
    fn judge(&mut self, uidvalidity: u32) {
        if self.uidvalidity != uidvalidity {
            // Under new numbers these are other mails: none of them may be passed over for an old one's fault.
            *self = Self { uidvalidity, ..Self::default() };
        }
        for uid in std::mem::take(&mut self.under_way) {
            *self.breaks.entry(uid).or_default() += 1;
        }
    }

    fn under_way(&mut self, batch: &[Listed]) {
        self.under_way = batch.iter().map(|mail| mail.uid).collect();
    }

    fn clear(&mut self, batch: &[Listed]) {
        self.under_way.clear();
        for mail in batch {
            self.breaks.remove(&mail.uid);
        }
    }

    fn breaks(&self, uid: u32) -> u32 {
        self.breaks.get(&uid).copied().unwrap_or_default()
    }

    fn wants_to_be_alone(&self, uid: u32) -> bool {
        self.breaks(uid) >= 1
    }

    fn wants_header_only(&self, uid: u32) -> bool {
        self.breaks(uid) >= 4
    }

    fn is_hopeless(&self, uid: u32) -> bool {
        self.breaks(uid) >= 6
    }
}

fn new_state(
    mailbox: &MailboxConfig,
    imap: &Imap,
    folder: &OnServer,
    epoch: reconcile::Epoch,
    known: Option<FolderState>,
    now: Timestamp,
) -> FolderState {
    let uidvalidity = match epoch {
        // Numbers that do not last get a life of their own: else a new mail under an old number would pass for known.
        reconcile::Epoch::Unstable => (now.as_second() & i64::from(u32::MAX)) as u32,
        _ => folder.uid_validity,
    };
    let epoch = Epoch { account: mailbox.name.clone(), folder: imap.folder.clone(), uidvalidity };
    FolderState { epoch, mark: 0, first_contact_at: known.map_or(now, |k| k.first_contact_at), held_because: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suspect_is_forgotten_when_its_number_names_another_mail() {
        let mail = [Listed { uid: 7, size_bytes: 1, internal_date: None }];
        let mut suspects = Suspects::default();
        for _ in 0..6 {
            suspects.judge(1);
            suspects.under_way(&mail);
        }
        suspects.judge(1);
        assert!(suspects.is_hopeless(7) && !suspects.is_hopeless(8));
        suspects.judge(2);
        assert!(!suspects.wants_to_be_alone(7));
    }
}
