//! The daemon: one task a mailbox, one for turns and clocks, so many senders as the configuration says.
//!
//! A task that fails waits and tries again, longer each time; only a database that can no longer be trusted ends the
//! daemon. A stop lets every task finish what it has begun.

use std::time::Duration;

use anyhow::Context as _;
use jiff::SignedDuration;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use crate::arrive::imap::{ImapError, backoff};
use crate::arrive::maildir::Maildir;
use crate::config::{Arrive, Imap, Leave, MailboxConfig};
use crate::deliver::smtp;
use crate::store::StoreError;

use super::intake::ImapIntake;
use super::local::MaildirIntake;
use super::rehearse::Rehearsal;
use super::roads::{MaildirRoad, SmtpRoad};
use super::sender::{Post as _, Road, Round};
use super::{Desk, letters};

/// How often the folders of local mailboxes are listed, and the database is asked for what other programs wrote.
const LOOK: SignedDuration = SignedDuration::from_millis(500);
/// Failures in a row after which the admin is told.
const TELL_AFTER: u32 = 5;

/// Told to stop.
pub type Stop = watch::Receiver<bool>;

/// Runs until `stop` says so, or until the database fails.
pub async fn run(desk: Desk, stop: Stop) -> anyhow::Result<()> {
    begin(&desk).await?;
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    for mailbox in desk.shop.config.mailboxes.clone() {
        tasks.spawn(watch_mailbox(desk.clone(), mailbox.clone(), stop.clone()));
        for n in 0..mailbox.connections.max(1) {
            tasks.spawn(send_letters(desk.clone(), mailbox.clone(), n, stop.clone()));
        }
    }
    tasks.spawn(turn(desk.clone(), stop.clone()));
    while let Some(ended) = tasks.join_next().await {
        ended.context("a part of the daemon died")??;
    }
    info!("stopped");
    Ok(())
}

/// No sender of ours can be alive: whatever was on the wire when we died is settled first.
async fn begin(desk: &Desk) -> anyhow::Result<()> {
    let now = desk.time.now();
    let mut tx = desk.store.begin().await?;
    let moved = tx.release_all(now, now + desk.longest_doubt()).await?;
    tx.commit().await?;
    if !moved.is_empty() {
        warn!(letters = moved.len(), "letters were on the wire when the last run ended; see `amends outbox list`");
    }
    Ok(())
}

/// Turns, clocks and what else is due; sleeps until there is more.
async fn turn(desk: Desk, mut stop: Stop) -> anyhow::Result<()> {
    while !*stop.borrow() {
        // Listening before looking, so that no nudge is lost.
        let nudged = desk.nudges.turn.notified();
        desk.tick().await?;
        let handled = desk.turn_mails().await? + desk.turn_due().await?;
        if handled > 0 {
            continue;
        }
        let wake = desk.next_wake().await?;
        let commits = desk.store.outside_commits().await?;
        tokio::select! {
            () = nudged => {}
            () = desk.time.sleep_until(wake) => {}
            () = outside_news(&desk, commits) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

/// Another program (`amends deliver`, `amends outbox retry`) has written something.
async fn outside_news(desk: &Desk, before: i64) {
    loop {
        desk.time.sleep_until(desk.time.now() + LOOK).await;
        match desk.store.outside_commits().await {
            Ok(commits) if commits == before => {}
            // An error here meets the next look of the turn, which reports it.
            Ok(_) | Err(_) => break,
        }
    }
    desk.nudges.letters.notify_waiters();
}

async fn watch_mailbox(desk: Desk, mailbox: MailboxConfig, mut stop: Stop) -> anyhow::Result<()> {
    let mut failures = 0;
    while !*stop.borrow() {
        let watched = tokio::select! {
            watched = watch_once(&desk, &mailbox, &mut failures) => watched,
            _ = stop.changed() => return Ok(()),
        };
        let Err(error) = watched else { continue };
        end_if_fatal(&error)?;
        failures += 1;
        let pause = backoff(failures - 1, seed(&mailbox));
        warn!(mailbox = %mailbox.name, %error, failures, pause_secs = pause.as_secs(), "cannot take in mail; trying again");
        tell_admin(&desk, &mailbox, &error, failures).await?;
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
    Ok(())
}

/// Watches until something fails; a good round ends the count of failures.
async fn watch_once(desk: &Desk, mailbox: &MailboxConfig, failures: &mut u32) -> anyhow::Result<()> {
    match &mailbox.arrive {
        Arrive::Imap(imap) => watch_imap(desk, mailbox, imap, failures).await,
        Arrive::Maildir(path) => {
            let mut intake = MaildirIntake::begin(desk, mailbox, path)?;
            loop {
                intake.round().await?;
                *failures = 0;
                desk.time.sleep_until(desk.time.now() + LOOK).await;
            }
        }
    }
}

async fn watch_imap(desk: &Desk, mailbox: &MailboxConfig, imap: &Imap, failures: &mut u32) -> anyhow::Result<()> {
    let mut intake = ImapIntake::begin(desk, mailbox, imap).await?;
    loop {
        intake.round().await?;
        *failures = 0;
        intake.wait().await?;
    }
}

/// After a few failures, or at once where only a person can mend it.
async fn tell_admin(desk: &Desk, mailbox: &MailboxConfig, error: &anyhow::Error, failures: u32) -> anyhow::Result<()> {
    let hopeless = error.downcast_ref::<ImapError>().is_some_and(ImapError::needs_admin);
    if failures != TELL_AFTER && !(hopeless && failures == 1) {
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    let what = format!("mail of mailbox {} cannot be taken in: {error:#}", mailbox.name);
    letters::alert(desk, &mut tx, &format!("imap-{}", mailbox.name), &what, desk.time.now()).await?;
    tx.commit().await?;
    desk.nudges.letters.notify_waiters();
    Ok(())
}

async fn send_letters(desk: Desk, mailbox: MailboxConfig, n: usize, stop: Stop) -> anyhow::Result<()> {
    match &mailbox.leave {
        Leave::Smtp(smtp) => {
            let ehlo_name = mailbox.address.domain().to_owned();
            let road = SmtpRoad { config: smtp.clone(), ehlo_name, deadlines: smtp::Deadlines::default() };
            send_over(desk, mailbox, n, road, stop).await
        }
        Leave::Maildir(path) => {
            let road = MaildirRoad { folder: Maildir::open(path)?, time: desk.time.clone() };
            send_over(desk, mailbox, n, road, stop).await
        }
    }
}

async fn send_over<R: Road>(
    desk: Desk,
    mailbox: MailboxConfig,
    n: usize,
    road: R,
    mut stop: Stop,
) -> anyhow::Result<()> {
    let road = Rehearsal { real: road, to: desk.rehearse.clone() };
    let mut post = None;
    let mut failures = 0;
    let mut pace = Pace::new(mailbox.per_minute);
    while !*stop.borrow() {
        let nudged = desk.nudges.letters.notified();
        match desk.send_due(&mailbox.name, &road, &mut post, pace.room(&desk)).await {
            Ok(Round::Tried(count)) => {
                failures = 0;
                pace.count(&desk, count);
                continue;
            }
            Ok(Round::Idle) => {}
            Ok(Round::Trouble) => failures += 1,
            Err(error) => {
                end_if_fatal(&error)?;
                error!(mailbox = %mailbox.name, %error, "sending failed");
                failures += 1;
            }
        }
        let pause = if failures > 0 { backoff(failures - 1, seed(&mailbox) + n as u64) } else { pace.pause() };
        tokio::select! {
            () = nudged, if failures == 0 => {}
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
    if let Some(post) = post {
        post.close().await;
    }
    Ok(())
}

/// `per_minute`: letters of this connection in the running minute.
struct Pace {
    per_minute: u32,
    minute: i64,
    sent: usize,
}

impl Pace {
    fn new(per_minute: u32) -> Self {
        Self { per_minute, minute: 0, sent: 0 }
    }

    /// How many may go now.
    fn room(&mut self, desk: &Desk) -> usize {
        let minute = desk.time.now().as_second().div_euclid(60);
        if minute != self.minute {
            (self.minute, self.sent) = (minute, 0);
        }
        match self.per_minute {
            0 => usize::MAX,
            most => (most as usize).saturating_sub(self.sent),
        }
    }

    fn count(&mut self, desk: &Desk, sent: usize) {
        self.room(desk);
        self.sent += sent;
    }

    /// How long to wait without a nudge: letters become due by themselves, too.
    fn pause(&self) -> Duration {
        Duration::from_secs(if self.per_minute > 0 { 1 } else { 5 })
    }
}

/// What the disk no longer keeps must not be answered for.
fn end_if_fatal(error: &anyhow::Error) -> anyhow::Result<()> {
    match error.downcast_ref::<StoreError>() {
        Some(store) if store.is_fatal() => anyhow::bail!("the database can no longer be trusted: {error:#}"),
        _ => Ok(()),
    }
}

fn seed(mailbox: &MailboxConfig) -> u64 {
    let digest = crate::mail::Digest::of(mailbox.name.as_str().as_bytes());
    u64::from_be_bytes(std::array::from_fn(|i| digest.0[i]))
}
