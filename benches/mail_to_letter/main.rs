//! From mails at Dovecot to letters at an SMTP server: how fast, beside what the machine can do at all.
//!
//! `cargo bench --bench mail_to_letter -- [mails] [singles] [connections]` (10000, 30 and 1 if not said). Needs
//! Dovecot, Postfix and root, as tests/run does. First come the raw rates, by bare commands without Amends, over the
//! same mails, disk and servers; each figure of the program is to be read against those of its run.

mod backlog;
mod chain;
#[path = "../../tests/support/imap.rs"]
mod imap;
#[path = "../../tests/support/lmtp.rs"]
mod lmtp;
#[path = "../../tests/support/mail.rs"]
mod mail;
mod orders;
mod program;
mod raw;
mod rows;
#[path = "../../tests/support/sink.rs"]
mod sink;
mod submit;
mod world;

use std::time::{Duration, Instant};

use program::Daemon;
use world::World;

/// How much is measured.
struct Sizes {
    mails: usize,
    singles: usize,
    connections: usize,
}

impl Sizes {
    fn from_arguments() -> Self {
        // cargo adds `--bench` to what the user says.
        let mut numbers = std::env::args().skip(1).filter_map(|argument| argument.parse().ok());
        let mut next = |otherwise| numbers.next().unwrap_or(otherwise);
        Self { mails: next(10_000), singles: next(30), connections: next(1) }
    }
}

#[tokio::main]
async fn main() {
    let sizes = Sizes::from_arguments();
    let world = World::start();
    let mails = backlog::mails(sizes.mails);
    let lengths = backlog::Lengths::of(&mails);
    println!("{} mails, median {} bytes, largest {}", mails.len(), lengths.median, lengths.largest);

    // Laid on the disk before anything is measured: the program and the raw commands fetch the same mails.
    for user in ["raw@northwind.example", "backlog@northwind.example"] {
        backlog::fill(&world.maildir(user), &mails);
    }
    let before = world.sink().arrivals().len();
    let began = Instant::now();
    let mut daemon = Daemon::start(&world, "backlog@northwind.example", sizes.connections);
    let whole = program::backlog(&world, &mut daemon, began, mails.len(), before);
    let database = daemon.database();
    drop(daemon);

    let each = whole.letters as f64 / mails.len() as f64;
    let fetch = raw::fetch(&world, "raw@northwind.example", mails.len()).await.rate();
    let rows = rows::commit_again(world.disk(), &database, mails.len()).await.rate();
    let commit = raw::synced_commits(world.disk(), whole.letters, sizes.connections).await.rate() / each;
    let letters = program::letters(&database).await;
    let submit = raw::submit(&world, &letters, sizes.connections).await.rate() / each;
    println!("raw rates, in mails/s ({each:.1} letters a mail, {} connection(s)):", sizes.connections);
    for (what, rate) in [("fetch in batches of 100", fetch), ("the same rows, 100 mails a commit", rows)] {
        println!("  {what:<36} {rate:>8.0}");
    }
    for (what, rate) in [("one synced commit a letter", commit), ("submitting the same letters", submit)] {
        println!("  {what:<36} {rate:>8.0}");
    }
    let slowest = fetch.min(rows).min(commit).min(submit);
    let rate = whole.measured.rate();
    println!("the program, from its start            {rate:>8.0} mails/s: {:.2} of the slowest", rate / slowest);
    println!("its peak of resident memory            {:>8.1} MB", whole.peak_rss_kb as f64 / 1024.0);

    let singles = &mails[..sizes.singles.min(mails.len())];
    let bare = chain::bare(&world, "chain@northwind.example", singles).await;
    for (what, latency) in [("from its delivery", &bare.whole), ("from the wake    ", &bare.from_wake)] {
        println!("bare chain {what}   {:>8.1} ms median ({})", millis(latency.median()), latency.spread());
    }
    let mut daemon = Daemon::start(&world, "single@northwind.example", sizes.connections);
    let program = program::singles(&world, &mut daemon, "single@northwind.example", singles).await;
    let times = program.median().as_secs_f64() / bare.whole.median().as_secs_f64();
    println!("the program, delivery to apology {:>8.1} ms median ({})", millis(program.median()), program.spread());
    println!("  {times:.2} times the bare chain");
    let orders = orders::singles(&world, &mut daemon, "single@northwind.example", sizes.singles).await;
    let times = orders.median().as_secs_f64() / bare.whole.median().as_secs_f64();
    println!("a command, delivery to transcript {:>7.1} ms median ({})", millis(orders.median()), orders.spread());
    println!("  {times:.2} times the bare chain (asked: at most 3)");
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
