//! The daemon: one task a mailbox, one for turns and clocks, so many senders as the configuration says.
//!
//! A task that fails waits and tries again, longer each time; only a database that can no longer be trusted ends the
//! daemon. A stop lets what is being written end: a commit, a letter on the wire; what waits is dropped.

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use anyhow::Context as _;

use crate::arrive::imap::backoff;
use crate::deliver::outbox::LetterState;

use super::jump::Clock;

use super::{Desk, arrivals, departures, end_if_fatal, letters, logins};

/// How often the folders of local mailboxes are listed, and the database is asked for what other programs wrote.
pub(super) const LOOK: SignedDuration = SignedDuration::from_millis(500);

/// Told to stop. That nobody is left who could say it is a stop as well.
pub type Stop = watch::Receiver<bool>;

pub(super) fn is_asked(stop: &Stop) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

/// Returns when the stop is asked for.
pub(super) async fn asked(stop: &mut Stop) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Runs until `stop` says so, or until the database fails.
pub async fn run(desk: Desk, stop: Stop) -> anyhow::Result<()> {
    begin(&desk).await?;
    let mut tasks: JoinSet<anyhow::Result<()>> = JoinSet::new();
    for mailbox in desk.shop.config.mailboxes.clone() {
        tasks.spawn(arrivals::watch(desk.clone(), mailbox.clone(), stop.clone()));
        for n in 0..mailbox.connections.max(1) {
            tasks.spawn(departures::send(desk.clone(), mailbox.clone(), n, stop.clone()));
        }
    }
    tasks.spawn(logins::watch(desk.clone(), stop.clone()));
    // On a thread of its own: it waits for the database many times a mail, and to wake a thread that waits for nothing
    // else is cheapest.
    let (turns, runtime) = (turn(desk.clone(), stop.clone()), tokio::runtime::Handle::current());
    tasks.spawn_blocking(move || runtime.block_on(turns));
    while let Some(ended) = tasks.join_next().await {
        ended.context("a part of the daemon died")??;
    }
    info!("stopped");
    Ok(())
}

/// No sender of ours can be alive: whatever was on the wire when we died is settled first. And a mail that was being read
/// then may be what killed us: those are read one by one, each counted before.
pub async fn begin(desk: &Desk) -> anyhow::Result<()> {
    let now = desk.time.now();
    let mut tx = desk.store.begin().await?;
    let suspects = tx.suspect_first(super::turn::BATCH).await?;
    let moved = tx.release_all(now, now + desk.longest_doubt()).await?;
    for letter in moved.iter().filter(|m| m.state == LetterState::Held) {
        letters::tell_held(desk, &mut tx, letter.id, now).await?;
    }
    tx.commit().await?;
    if suspects > 0 {
        info!(mails = suspects, "mail was waiting to be read when the last run ended: read one by one");
    }
    if !moved.is_empty() {
        warn!(letters = moved.len(), "letters were on the wire when the last run ended; see `amends outbox list`");
    }
    Ok(())
}

/// What there is to wait for when all is done.
struct Rest {
    until: Timestamp,
    /// What other programs had committed when we looked.
    commits: i64,
}

/// Turns, clocks and what else is due; sleeps until there is more.
async fn turn(desk: Desk, mut stop: Stop) -> anyhow::Result<()> {
    let mut failures = 0;
    let mut clock = Clock::new(&desk.time);
    while !is_asked(&stop) {
        // Listening before looking, so that no nudge is lost.
        let nudged = desk.nudges.turn.notified();
        match turn_once(&desk, clock.doubted_until(desk.time.now())).await {
            Ok(None) => failures = 0,
            Ok(Some(rest)) => {
                failures = 0;
                tokio::select! {
                    () = nudged => {}
                    () = desk.time.sleep_until(rest.until) => {}
                    () = outside_news(&desk, rest.commits) => {}
                    () = asked(&mut stop) => {}
                }
            }
            Err(error) => {
                end_if_fatal(&error)?;
                failures += 1;
                error!(error = format!("{error:#}"), failures, "turns failed; trying again");
                tokio::select! {
                    () = nudged => {}
                    () = tokio::time::sleep(backoff(desk.patience.first_pause, failures - 1, 0)) => {}
                    () = asked(&mut stop) => {}
                }
            }
        }
    }
    Ok(())
}

/// One look at everything; `None` when there may be more at once. A failure of one kind holds up no other. While the
/// clock is doubted, nothing happens because a time has come: only mail is read.
async fn turn_once(desk: &Desk, doubted_until: Option<Timestamp>) -> anyhow::Result<Option<Rest>> {
    if let Some(until) = doubted_until {
        let mails = desk.turn_mails().await?;
        let commits = desk.store.outside_commits().await?;
        return Ok((mails == 0).then_some(Rest { until, commits }));
    }
    let ticked = desk.tick().await;
    let mails = desk.turn_mails().await;
    let due = desk.turn_due().await;
    ticked?;
    if mails? + due? > 0 {
        return Ok(None);
    }
    // In this order: what is written after the count is news.
    let commits = desk.store.outside_commits().await?;
    Ok(Some(Rest { until: desk.next_turn().await?, commits }))
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
