//! What a turn costs without any server: mails that lie in the database become cases, and their letters leave into
//! nothing.
//!
//! `cargo bench --bench turns -- [mails]` (2000 if not said). For finding out where time goes: against what is to be
//! judged stands in `mail_to_letter`.

#[path = "../mail_to_letter/backlog.rs"]
#[allow(dead_code)] // Maildirs are laid by the other bench.
mod backlog;
#[path = "../../tests/support/mail.rs"]
mod mail;

use std::path::Path;
use std::time::Instant;

use amends::arrive::parse;
use amends::config;
use amends::deliver::outbox::Attempt;
use amends::desk::Desk;
use amends::desk::sender::{Post, Road, Round};
use amends::mail::{MailboxName, Outgoing};
use amends::store::Store;
use amends::store::ledger::{Epoch, Received};
use amends::templates::Templates;
use amends::time::Time;

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let count = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(2000);
    let mails = backlog::mails(count);
    let folder = tempfile::tempdir().unwrap();
    let desk = desk(folder.path()).await;

    let began = Instant::now();
    for raw in &mails {
        std::hint::black_box(parse::parse(raw));
    }
    tell("parsing", began, count, "mail");
    let began = Instant::now();
    for (n, batch) in mails.chunks(100).enumerate() {
        receive(&desk, n * 100, batch).await;
    }
    tell("storing, 100 a commit", began, count, "mail");
    let began = Instant::now();
    while desk.turn_mails().await.unwrap() > 0 {}
    tell("turns, 200 a commit", began, count, "mail");
    let began = Instant::now();
    let mut letters = 0;
    let mut post = None;
    while let Round::Tried(some) =
        desk.send_due(&MailboxName::new("support"), &Nowhere, &mut post, usize::MAX).await.unwrap()
    {
        letters += some;
    }
    tell("letters leaving", began, letters, "letter");
}

fn tell(what: &str, began: Instant, count: usize, unit: &str) {
    let each = began.elapsed().as_secs_f64() / count.max(1) as f64;
    println!("{what:<24} {:>8.0} µs a {unit}, {:>6.0} {unit}s/s", each * 1e6, 1.0 / each);
}

async fn desk(folder: &Path) -> Desk {
    std::fs::write(folder.join("amends.key"), config::key::make().unwrap()).unwrap();
    let file = folder.join("config.toml");
    std::fs::write(&file, CONFIG).unwrap();
    let config = config::load(&file).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let url = format!("sqlite:{}", folder.join("amends.db").display());
    let store = Store::open(&url, Time::System.now()).await.unwrap();
    Desk::open(config, Templates::load(None).unwrap(), store, Time::System).await.unwrap()
}

async fn receive(desk: &Desk, first: usize, mails: &[Vec<u8>]) {
    let now = desk.time.now();
    let epoch = Epoch { account: MailboxName::new("bench"), folder: "INBOX".into(), uidvalidity: 1 };
    let one = |(n, raw): (usize, &Vec<u8>)| Received {
        epoch: epoch.clone(),
        uid: (first + n + 1).try_into().expect("a UID"),
        mailbox: MailboxName::new("support"),
        raw: raw.clone(),
        received_at: now,
        imported: false,
        header_only: false,
    };
    let batch: Vec<Received> = mails.iter().enumerate().map(one).collect();
    let mut tx = desk.store.begin().await.unwrap();
    tx.receive(&batch, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// A server that takes everything.
struct Nowhere;

impl Road for Nowhere {
    type Post = Nowhere;

    async fn open(&self) -> Result<Nowhere, Attempt> {
        Ok(Nowhere)
    }
}

impl Post for Nowhere {
    async fn offer(&mut self, _: &Outgoing) -> Result<(), Attempt> {
        Ok(())
    }

    async fn hand_over(&mut self, _: &Outgoing) -> Attempt {
        Attempt::Sent { answer: "250 2.0.0 Ok".into() }
    }

    fn is_usable(&self) -> bool {
        true
    }

    async fn close(self) {}
}

/// No limits: the bench is a flood on purpose.
const CONFIG: &str = r#"
[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"
[[mailbox]]
name = "support"
address = "support@northwind.example"
sla = "round-the-clock"
[mailbox.imap]
host = "127.0.0.1"
tls = "none"
username = "support"
password = { command = "echo secret" }
[mailbox.smtp]
host = "127.0.0.1"
tls = "none"
[sla.round-the-clock]
calendar = "office"
[[person]]
name = "Mei Tan"
email = "mei@northwind.example"
[[person]]
name = "Jane Okafor"
email = "jane@northwind.example"
authority = true
[security]
key = { file = "amends.key" }
trusted_authserv_id = ["mx.test"]
[limits]
per_address_hour = 0
per_address_day = 0
per_domain_hour = 0
burst = 0
per_person_hour = 0
"#;
