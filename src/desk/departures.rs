//! Letters leave: so many tasks a mailbox as it may have connections, each with one connection at most.
//!
//! A task sleeps until its mailbox's next letter may be tried. While the server cannot be used it waits longer each
//! time, whatever is queued meanwhile.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tracing::error;

use crate::arrive::imap::backoff;
use crate::arrive::maildir::Maildir;
use crate::config::{Leave, MailboxConfig};
use crate::deliver::smtp;

use super::rehearse::Rehearsal;
use super::roads::{MaildirRoad, SmtpRoad};
use super::run::{LOOK, Stop, asked, is_asked};
use super::sender::{Post, Road, Round};
use super::{Desk, end_if_fatal, seed};

/// An idle connection is given back after so long: servers close it soon after anyhow.
const IDLE: Duration = Duration::from_secs(60);

pub async fn send(desk: Desk, mailbox: MailboxConfig, n: usize, stop: Stop) -> anyhow::Result<()> {
    match &mailbox.leave {
        Leave::Smtp(smtp) => {
            let ehlo_name = mailbox.address.domain().to_owned();
            let (keepers, time) = (desk.shop.keepers.clone(), desk.time.clone());
            let road =
                SmtpRoad { config: smtp.clone(), ehlo_name, deadlines: smtp::Deadlines::default(), keepers, time };
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
    let mut pace = Pace::new(&mailbox);
    while !is_asked(&stop) {
        // Listening before looking, so that no nudge is lost.
        let nudged = desk.nudges.letters.notified();
        let most = pace.room(desk.time.now());
        match round(&desk, &mailbox, &road, &mut post, most, &stop).await {
            Ok((Round::Tried(count), _)) => {
                failures = 0;
                pace.count(desk.time.now(), count);
            }
            Ok((Round::Idle, next_try)) => {
                let next = pace.next(next_try, desk.time.now());
                tokio::select! {
                    () = nudged => {}
                    () = desk.time.sleep_until(next) => {}
                    () = tokio::time::sleep(IDLE), if post.is_some() => close(&mut post).await,
                    () = asked(&mut stop) => {}
                }
            }
            troubled => {
                if let Err(error) = troubled {
                    end_if_fatal(&error)?;
                    error!(mailbox = %mailbox.name, error = format!("{error:#}"), "sending failed");
                }
                failures += 1;
                tokio::select! {
                    () = tokio::time::sleep(backoff(desk.patience.first_pause, failures - 1, seed(&mailbox).wrapping_add(n as u64))) => {}
                    () = asked(&mut stop) => {}
                }
            }
        }
    }
    close(&mut post).await;
    Ok(())
}

/// One round, and where nothing was due: when the mailbox's next letter will be.
async fn round<R: Road>(
    desk: &Desk,
    mailbox: &MailboxConfig,
    road: &R,
    post: &mut Option<R::Post>,
    most: usize,
    stop: &Stop,
) -> anyhow::Result<(Round, Option<Timestamp>)> {
    desk.book_owed().await?;
    // Asked before anything is claimed: a write transaction a look would keep others from writing.
    let next_try = desk.store.look().await?.next_try_of(&mailbox.name).await?;
    if most == 0 || next_try.is_none_or(|at| at > desk.time.now()) {
        return Ok((Round::Idle, next_try));
    }
    Ok((desk.send_until(&mailbox.name, road, post, most, stop).await?, next_try))
}

async fn close<P: Post>(post: &mut Option<P>) {
    if let Some(post) = post.take() {
        post.close().await;
    }
}

/// `per_minute`: letters of this connection in the running minute.
struct Pace {
    /// 0: no bound.
    per_minute: usize,
    minute: i64,
    sent: usize,
}

impl Pace {
    /// The mailbox's bound is shared among its connections.
    fn new(mailbox: &MailboxConfig) -> Self {
        let share = match mailbox.per_minute as usize {
            0 => 0,
            all => (all / mailbox.connections.max(1)).max(1),
        };
        Self { per_minute: share, minute: 0, sent: 0 }
    }

    /// How many may go now.
    fn room(&mut self, now: Timestamp) -> usize {
        let minute = now.as_second().div_euclid(60);
        if minute != self.minute {
            (self.minute, self.sent) = (minute, 0);
        }
        match self.per_minute {
            0 => usize::MAX,
            most => most.saturating_sub(self.sent),
        }
    }

    fn count(&mut self, now: Timestamp, sent: usize) {
        self.room(now);
        self.sent += sent;
    }

    /// When to look again without a nudge: at the next try, or when the bound allows it; at the latest in an hour.
    fn next(&mut self, next_try: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let latest = now + SignedDuration::from_hours(1);
        let next = match next_try {
            // Due, and still not to be claimed: another connection has it, or it goes stale in this moment.
            Some(at) if at <= now => now + LOOK,
            Some(at) => at.min(latest),
            None => latest,
        };
        match self.room(now) {
            0 => next.max(Timestamp::from_second((self.minute + 1) * 60).unwrap_or(latest)),
            _ => next,
        }
    }
}
