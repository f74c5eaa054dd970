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
mod raw;
#[path = "../../tests/support/sink.rs"]
mod sink;
mod submit;
mod world;

use std::time::Duration;

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

    backlog::fill(&world.maildir("raw@northwind.example"), &mails);
    let fetch = raw::fetch(&world, "raw@northwind.example", mails.len()).await;
    println!("fetch in batches of 100       {:>8.0} mails/s", fetch.rate());
    let commit = raw::synced_commits(world.disk(), mails.len(), sizes.connections).await;
    println!("one synced commit a letter    {:>8.0} letters/s", commit.rate());
    let letters = raw::submit(&world, &mails, sizes.connections).await;
    println!("submit on {} connection(s)     {:>8.0} letters/s", sizes.connections, letters.rate());

    let bare = chain::bare(&world, "chain@northwind.example", &mails[..sizes.singles.min(mails.len())]).await;
    for (what, latency) in [("from its delivery", bare.whole), ("from the wake   ", bare.from_wake)] {
        println!("bare chain {what}  {:>8.1} ms median ({})", millis(latency.median()), latency.spread());
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
