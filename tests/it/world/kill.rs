//! `kill -9` at moments of chance, again and again, while mail comes in: the daemon is a process of its own here.
//!
//! At the end every mail is one case and every case has its apology in a real mailbox: once, but for letters that were
//! between their final dot and its answer when the daemon died (mail-rules section 8), which may come again as the very
//! same mail.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use amends::deliver::outbox::LetterState;
use amends::store::outbox::LetterRow;
use amends::time::{SetTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::super::support::lmtp::Lmtp;
use super::super::support::mail::RawMail;
use super::super::support::maildir::mails_in;
use super::super::support::servers::Servers;
use super::super::support::wait::wait_until;
use super::daemon::{Daemon, SOON, case_of, desk, letters};
use super::real::{field, pass};
use super::shop::{Shop, folder};

const MAILS: usize = 200;
const KILLS: usize = 10;
/// Connections, each of which may have one letter between its final dot and its answer.
const CONNECTIONS: usize = 4;

fn shop(servers: &Servers) -> Shop {
    let shop = Shop::over(servers, "killed").mailbox("start = \"all\"\nafter = \"seen\"");
    Shop { smtp: format!("{}connections = {CONNECTIONS}\n", shop.smtp), ..shop }
}

fn amends(folder: &Path, command: &str) -> Command {
    let mut amends = Command::new(env!("CARGO_BIN_EXE_amends"));
    amends.arg("--config").arg(folder.join("config.toml")).arg(command).stdin(Stdio::null());
    amends
}

fn start(folder: &Path) -> Child {
    amends(folder, "run").stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("amends runs")
}

/// The child, killed whatever becomes of the test.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // SIGKILL. An error means that it is dead already.
        self.0.kill().ok();
        self.0.wait().expect("it is dead");
    }
}

async fn deliver_all(servers: &Servers, shop: &Shop) {
    let mut lmtp = Lmtp::connect(servers.port("LMTP")).await;
    for n in 0..MAILS {
        let from = customer(n);
        let raw = RawMail::new(&format!("Ann <{from}>"), &shop.address(), "My lamp is broken")
            .with("Received", "from out.example by mx.test with ESMTPS; Sat, 21 Nov 2026 10:00:00 +0000")
            .with("Authentication-Results", "mx.test; dmarc=pass header.from=customer.example")
            .body(&format!("It broke on day {n}. I am angry."));
        lmtp.deliver(&from, &shop.address(), &raw.bytes()).await;
    }
}

fn customer(n: usize) -> String {
    format!("killed.{n}@customer.example")
}

/// How many letters of the customers are in real mailboxes, by Message-ID.
fn arrived(servers: &Servers) -> BTreeMap<String, usize> {
    let mut ids = BTreeMap::new();
    for n in 0..MAILS {
        for raw in mails_in(&servers.maildir(&customer(n))) {
            *ids.entry(field(&String::from_utf8_lossy(&raw).replace("\r\n", "\n"), "Message-ID")).or_default() += 1;
        }
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_loses_nothing_and_doubles_nothing_beyond_the_bound() {
    let Some(servers) = Servers::from_env("killed at any moment") else { return };
    let (shop, folder) = (shop(&servers), folder());
    // The database and the key are made before the first death.
    desk(&shop, folder.path(), Time::System).await.store.close().await;
    let delivering = tokio::spawn({
        let (servers, shop) = (servers.clone(), shop.clone());
        async move { deliver_all(&servers, &shop).await }
    });
    let mut progress = 0;
    for kill in 1..=KILLS {
        let child = Killed(start(folder.path()));
        // Killed when so many letters more have arrived, and a moment of chance later.
        let goal = (progress + 3 + kill * 7919 % 11).min(MAILS - 1);
        progress =
            wait_until(&format!("{goal} letters"), SOON, || Some(arrived(&servers).len()).filter(|n| *n >= goal)).await;
        tokio::time::sleep(Duration::from_micros(kill as u64 * 104_729 % 20_000)).await;
        drop(child);
    }
    delivering.await.expect("all mail is delivered");
    let in_doubt = settle(&servers, &shop, folder.path()).await;

    let arrived = arrived(&servers);
    let twice = arrived.values().map(|n| n - 1).sum::<usize>();
    eprintln!("{KILLS} kills: {in_doubt} letters in doubt, {twice} came twice");
    assert!(twice <= in_doubt && in_doubt <= KILLS * CONNECTIONS, "{twice} came twice, {in_doubt} were in doubt");
    assert_eq!(arrived.len(), MAILS, "every customer has the apology");
    let verified = amends(folder.path(), "verify").output().expect("amends runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

/// Lets it work in peace, on set time: over the pauses after interruptions, and the wait for proofs. How many letters
/// were in doubt.
async fn settle(servers: &Servers, shop: &Shop, folder: &Path) -> usize {
    let time = SetTime::new(Timestamp::now());
    let before = desk(shop, folder, Time::Set(time.clone())).await;
    let doubtful = |l: &LetterRow| matches!(l.state, LetterState::InDoubt | LetterState::Committing);
    let in_doubt = letters(&before.store).await.into_iter().filter(doubtful).count();
    before.store.close().await;
    let daemon = Daemon::start(shop, folder, Time::Set(time.clone())).await;
    // First the time of what rests (a mail whose reading was interrupted twice), then what comes from the server meanwhile.
    pass(&daemon, &time, time.now() + SignedDuration::from_hours(2)).await;
    daemon.until_settled(MAILS).await;
    pass(&daemon, &time, time.now()).await;
    wait_until("the last letters", SOON, || Some(()).filter(|()| arrived(servers).len() == MAILS)).await;
    let rows = daemon.mails().await;
    let cases: BTreeSet<i64> = rows.iter().map(|mail| case_of(mail).0).collect();
    assert_eq!((rows.len(), cases.len()), (MAILS, MAILS), "every mail is a case of its own");
    let letters = daemon.letters().await;
    let stayed: Vec<&LetterRow> = letters.iter().filter(|l| l.state != LetterState::Sent).collect();
    assert!(stayed.is_empty(), "{stayed:?}");
    assert_eq!(letters.iter().filter(|l| l.letter == "apology").count(), MAILS, "every case has one apology");
    daemon.end().await;
    in_doubt
}
