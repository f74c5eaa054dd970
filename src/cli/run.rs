//! `amends run`: the daemon, and what the world around it may ask of it.
//!
//! SIGTERM or SIGINT: what has begun is finished, within ten seconds; a second one ends it at once. SIGHUP: the
//! configuration is read anew; with mistakes in it the old one stays. All of it under one lock on the database, so a
//! reload never meets a second daemon. systemd hears READY, RELOADING and STOPPING, and a watchdog's ping only while the
//! database answers.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use sd_notify::NotifyState;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};
use tracing::{error, info, warn};

use crate::config::Config;
use crate::desk::{self, Desk};
use crate::mail::Address;
use crate::store::Store;
use crate::time::Time;

use super::Global;
use super::exit::{self, Answer, Trouble};
use super::open;

/// How long a clean stop may take.
const STOP_WITHIN: Duration = Duration::from_secs(10);

/// Runs the daemon
#[derive(Debug, Args)]
pub struct Run {
    /// Send every letter to ADDRESS instead, saying for whom it was. They count as sent: rehearse on a database of its
    /// own
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    rehearse: Option<Address>,
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).ok_or_else(|| "no address that mail could go to".to_owned())
}

pub fn run(asked: &Run, global: &Global) -> Answer {
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|e| Trouble::new(exit::AGAIN, format!("no runtime: {e}")))?;
    let answer = runtime.block_on(serve(asked, &global.config));
    // A thread that still waits for a name server or a disk must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    answer
}

async fn serve(asked: &Run, file: &Path) -> Answer {
    let mut signals = Signals::listen()?;
    let config = open::with_secrets(file)?;
    let store = Store::open(&config.database.url, Time::System.now()).await?;
    let lock = store.daemon_lock()?;
    let url = config.database.url.clone();
    let mut watchdog = begin_watchdog(&store);
    let mut desk = make_desk(config, &store, asked).await?;
    let ended = loop {
        let mut daemon = Daemon::start(desk.clone());
        info!("running");
        tell_systemd(&[NotifyState::Ready]);
        match daemon.until(&mut signals, file, &url, &store, asked).await {
            Next::Ended(ended) => break ended,
            Next::Stop => {
                info!("stopping: what has begun is finished");
                tell_systemd(&[NotifyState::Stopping]);
                break daemon.stop(&mut signals, true).await.0;
            }
            Next::Reload(new) => match daemon.stop(&mut signals, false).await {
                (Ok(()), false) => desk = *new,
                (ended, _) => break ended,
            },
        }
    };
    watchdog.abort_all();
    store.close().await;
    drop(lock);
    ended
}

/// What ends a span of running.
enum Next {
    /// By itself: something the daemon cannot go on without is gone.
    Ended(Answer),
    Stop,
    Reload(Box<Desk>),
}

/// The desk's tasks under one configuration.
struct Daemon {
    tasks: JoinHandle<anyhow::Result<()>>,
    stop: watch::Sender<bool>,
}

impl Daemon {
    fn start(desk: Desk) -> Self {
        let (stop, stopped) = watch::channel(false);
        Self { tasks: tokio::spawn(desk::run::run(desk, stopped)), stop }
    }

    async fn until(&mut self, signals: &mut Signals, file: &Path, url: &str, store: &Store, asked: &Run) -> Next {
        loop {
            tokio::select! {
                ended = &mut self.tasks => return Next::Ended(how_it_ended(ended)),
                asked_for = signals.next() => match asked_for {
                    Asked::Stop => return Next::Stop,
                    Asked::Reload => {}
                },
            }
            tell_systemd(&reloading());
            match reload(file, url, store, asked).await {
                Ok(desk) => return Next::Reload(Box::new(desk)),
                Err(trouble) => {
                    trouble.says.lines().for_each(|line| error!("{line}"));
                    error!("the new configuration is not used: the old one stays");
                    tell_systemd(&[NotifyState::Ready]);
                }
            }
        }
    }

    /// Lets every task finish what it has begun; whatever takes longer is cut off, which a restart repairs as it would a
    /// crash. The answer says as well whether the daemon has been told to stop by then; told twice, it waits no longer.
    async fn stop(mut self, signals: &mut Signals, mut told: bool) -> (Answer, bool) {
        self.stop.send_replace(true);
        let deadline = Instant::now() + STOP_WITHIN;
        loop {
            tokio::select! {
                ended = &mut self.tasks => return (how_it_ended(ended), told),
                () = sleep_until(deadline) => {
                    warn!("not everything could be finished within {} s: cut off", STOP_WITHIN.as_secs());
                    break;
                }
                asked_for = signals.next() => match asked_for {
                    Asked::Stop if told => {
                        warn!("told to stop a second time: cut off");
                        break;
                    }
                    Asked::Stop => told = true,
                    // It ends, or begins with the new configuration anyway.
                    Asked::Reload => {}
                },
            }
        }
        self.tasks.abort();
        match self.tasks.await {
            Ok(ended) => (ended.map_err(Trouble::from), told),
            // It was we who cut it off.
            Err(_) => (Ok(()), told),
        }
    }
}

fn how_it_ended(ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> Answer {
    match ended {
        Ok(ended) => ended.map_err(Trouble::from),
        Err(died) => Err(Trouble::new(exit::AGAIN, format!("the daemon died: {died}"))),
    }
}

async fn make_desk(config: Config, store: &Store, asked: &Run) -> Result<Desk, Trouble> {
    let templates = open::templates(&config)?;
    config.notes.iter().for_each(|note| warn!("{note}"));
    if let Some(to) = &asked.rehearse {
        warn!(to = %to.masked(), "rehearsal: every letter goes there, and counts as sent to whom it was for");
    }
    for mailbox in &config.mailboxes {
        info!(mailbox = %mailbox.name, address = %mailbox.address, "watching");
    }
    let mut desk = Desk::open(config, templates, store.clone(), Time::System).await?;
    desk.rehearse = asked.rehearse.clone();
    Ok(desk)
}

async fn reload(file: &Path, url: &str, store: &Store, asked: &Run) -> Result<Desk, Trouble> {
    info!("reading {} anew", file.display());
    let path = file.to_owned();
    // A password may come from a slow command: the desk goes on meanwhile.
    let read = tokio::task::spawn_blocking(move || open::with_secrets(&path)).await;
    let config = read.map_err(|e| Trouble::new(exit::CONFIG, format!("reading the configuration died: {e}")))??;
    if config.database.url != url {
        let says = format!("{}: database.url cannot change while the daemon runs: restart it", file.display());
        return Err(Trouble::new(exit::CONFIG, says));
    }
    make_desk(config, store, asked).await
}

enum Asked {
    Stop,
    Reload,
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Trouble> {
        let on = |kind| signal(kind).map_err(|e| Trouble::new(exit::AGAIN, format!("signals cannot be received: {e}")));
        Ok(Self {
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            hang_up: on(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop,
            _ = self.interrupt.recv() => Asked::Stop,
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }
}

/// Pings as often as systemd wants, as long as the database answers.
fn begin_watchdog(store: &Store) -> tokio::task::JoinSet<()> {
    let mut tasks = tokio::task::JoinSet::new();
    let Some(interval) = sd_notify::watchdog_enabled() else { return tasks };
    let store = store.clone();
    tasks.spawn(async move {
        loop {
            match store.look().await {
                Ok(_) => tell_systemd(&[NotifyState::Watchdog]),
                Err(error) => error!(%error, "the database does not answer: the watchdog is not pinged"),
            }
            // Twice in each interval, as sd_watchdog_enabled(3) advises.
            tokio::time::sleep(interval / 2).await;
        }
    });
    tasks
}

/// systemd 253 and later want the time with it.
fn reloading() -> Vec<NotifyState<'static>> {
    let now = NotifyState::monotonic_usec_now().ok();
    std::iter::once(NotifyState::Reloading).chain(now).collect()
}

fn tell_systemd(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd could not be told");
    }
}
