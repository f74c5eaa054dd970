//! Mail comes in: one task a mailbox, which connects, watches, and connects again for as long as it takes.

use jiff::{SignedDuration, Timestamp};
use tracing::{error, warn};

use crate::arrive::imap::{ImapError, backoff};
use crate::config::{self, Arrive, Imap, MailboxConfig};
use crate::oauth::OAuthError;

use super::intake::{ImapIntake, Suspects};
use super::local::MaildirIntake;
use super::run::{LOOK, Stop, asked, is_asked};
use super::{Desk, end_if_fatal, letters, seed};

/// Failures in a row after which the admin is told.
const TELL_AFTER: u32 = 5;
/// And again, for as long as they last.
const TELL_AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// What a mailbox's task knows beyond one connection.
#[derive(Default)]
struct Past {
    /// In a row.
    failures: u32,
    /// The last time that the admin was told of them.
    told_at: Option<Timestamp>,
    suspects: Suspects,
}

/// Until the stop, or until the database fails. A stop may drop a connection anywhere: what was not committed is
/// fetched again by the next run.
pub async fn watch(desk: Desk, mailbox: MailboxConfig, mut stop: Stop) -> anyhow::Result<()> {
    let mut past = Past::default();
    while !is_asked(&stop) {
        let watched = tokio::select! {
            watched = watch_once(&desk, &mailbox, &mut past) => watched,
            () = asked(&mut stop) => return Ok(()),
        };
        let Err(error) = watched else { continue };
        end_if_fatal(&error)?;
        past.failures += 1;
        let pause = backoff(desk.patience.first_pause, past.failures - 1, seed(&mailbox));
        let why = advised(&mailbox, &format!("{error:#}"));
        warn!(mailbox = %mailbox.name, why, past.failures, pause_secs = pause.as_secs(), "cannot take in mail; trying again");
        if let Err(error) = tell_admin(&desk, &mailbox, &error, &mut past).await {
            end_if_fatal(&error)?;
            error!(mailbox = %mailbox.name, %error, "the admin could not be told");
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = asked(&mut stop) => {}
        }
    }
    Ok(())
}

/// Watches until something fails; a good round ends the count of failures.
async fn watch_once(desk: &Desk, mailbox: &MailboxConfig, past: &mut Past) -> anyhow::Result<()> {
    match &mailbox.arrive {
        Arrive::Imap(imap) => watch_imap(desk, mailbox, imap, past).await,
        Arrive::Maildir(path) => {
            let mut intake = MaildirIntake::begin(desk, mailbox, path)?;
            loop {
                intake.round().await?;
                past.failures = 0;
                desk.time.sleep_until(desk.time.now() + LOOK).await;
            }
        }
    }
}

async fn watch_imap(desk: &Desk, mailbox: &MailboxConfig, imap: &Imap, past: &mut Past) -> anyhow::Result<()> {
    let mut intake = ImapIntake::begin(desk, mailbox, imap).await?;
    loop {
        // Listening before looking: what is settled during the round is marked in the next.
        let settled = desk.nudges.settled.notified();
        intake.round(&mut past.suspects).await?;
        past.failures = 0;
        intake.wait(settled).await?;
    }
}

/// With what to do about it, where that is known.
fn advised(mailbox: &MailboxConfig, what: &str) -> String {
    let at = match &mailbox.arrive {
        Arrive::Imap(imap) => imap.host.as_str(),
        Arrive::Maildir(_) => "",
    };
    config::advised(at, what)
}

/// After a few failures, or at once where only a person can mend it; then once a day.
async fn tell_admin(
    desk: &Desk,
    mailbox: &MailboxConfig,
    error: &anyhow::Error,
    past: &mut Past,
) -> anyhow::Result<()> {
    let refused = error.downcast_ref::<ImapError>().is_some_and(ImapError::needs_admin);
    let hopeless = refused || error.downcast_ref::<OAuthError>().is_some_and(OAuthError::needs_a_person);
    let now = desk.time.now();
    let told_lately = past.told_at.is_some_and(|at| now.duration_since(at) < TELL_AGAIN);
    if told_lately || !(hopeless || past.failures >= TELL_AFTER) {
        return Ok(());
    }
    let mut tx = desk.store.begin().await?;
    let what = advised(mailbox, &format!("mail of mailbox {} cannot be taken in: {error:#}", mailbox.name));
    letters::alert(desk, &mut tx, &format!("imap-{}", mailbox.name), &what, now).await?;
    tx.commit().await?;
    past.told_at = Some(now);
    desk.nudges.letters.notify_waiters();
    Ok(())
}
