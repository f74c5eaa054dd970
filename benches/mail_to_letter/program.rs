//! The program itself over the same servers: the real binary, from its start to the last letter at the sink.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use amends::mail::LetterId;
use amends::store::Store;
use amends::store::outbox::LetterFilter;

use crate::chain::Latency;
use crate::lmtp::Lmtp;
use crate::raw::Measured;
use crate::sink::Arrival;
use crate::world::World;

/// A daemon on a folder of its own; killed when it is dropped.
pub struct Daemon {
    child: Child,
    folder: PathBuf,
}

/// What became of a backlog.
pub struct Backlog {
    pub measured: Measured,
    pub peak_rss_kb: u64,
    /// All that left: apologies and the owner's notices.
    pub letters: usize,
}

impl Daemon {
    pub fn start(world: &World, user: &str, connections: usize) -> Self {
        let folder = world.disk().join(user);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("amends.key"), amends::config::key::make().unwrap()).unwrap();
        fs::write(folder.join("config.toml"), config(world, user, connections)).unwrap();
        let log = fs::File::create(folder.join("log")).unwrap();
        let mut run = Command::new(env!("CARGO_BIN_EXE_amends"));
        run.arg("--config").arg(folder.join("config.toml")).arg("run").env("RUST_LOG", "warn").stdin(Stdio::null());
        let child = run.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        Self { child, folder }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.join("amends.db")
    }

    fn peak_rss_kb(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).expect("a peak of memory");
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            panic!("the daemon ended: {status}\n{}", fs::read_to_string(self.folder.join("log")).unwrap());
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // SIGKILL: a bench that failed must not leave it running. It may be gone already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Limits are switched off: the bench is a flood on purpose.
fn config(world: &World, user: &str, connections: usize) -> String {
    let (imap, smtp) = (world.port("IMAP"), world.sink().port());
    format!(
        r#"
[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"
[[mailbox]]
name = "support"
address = "{user}"
aliases = ["support@northwind.example"]
start = "all"
sla = "round-the-clock"
[mailbox.imap]
host = "127.0.0.1"
port = {imap}
tls = "none"
username = "{user}"
password = {{ command = "echo secret" }}
[mailbox.smtp]
host = "127.0.0.1"
port = {smtp}
tls = "none"
connections = {connections}
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
key = {{ file = "amends.key" }}
trusted_authserv_id = ["mx.test"]
[limits]
per_address_hour = 0
per_address_day = 0
per_domain_hour = 0
burst = 0
per_person_hour = 0
[board]
listen = ""
"#
    )
}

fn is_apology(arrival: &Arrival) -> bool {
    arrival.to.ends_with("@customer.example")
}

/// From the start of the program to the last apology of a backlog that lay there before.
pub fn backlog(world: &World, daemon: &mut Daemon, began: Instant, count: usize, before: usize) -> Backlog {
    let deadline = began + Duration::from_secs(1200);
    loop {
        daemon.assert_alive();
        assert!(Instant::now() < deadline, "the backlog is not worked off in 20 minutes");
        let arrived = world.sink().wait_for(before + 2 * count, Duration::from_secs(2));
        if arrived >= before + 2 * count {
            break;
        }
    }
    let arrivals = world.sink().arrivals();
    let ours = &arrivals[before..];
    let apologies = ours.iter().filter(|a| is_apology(a));
    assert_eq!(apologies.clone().count(), count, "every mail has one apology");
    let last = apologies.map(|a| a.at).max().expect("there are apologies");
    // The owner's notices are letters, too: the rate is that of the whole work, its last letter included.
    let end = ours.iter().map(|a| a.at).max().unwrap_or(last);
    let measured = Measured { count, took: end - began };
    Backlog { measured, peak_rss_kb: daemon.peak_rss_kb(), letters: ours.len() }
}

/// Single mails to an idle daemon: from Dovecot's word that it is stored to the apology's final dot.
pub async fn singles(world: &World, daemon: &mut Daemon, user: &str, mails: &[Vec<u8>]) -> Latency {
    let mut lmtp = Lmtp::connect(world.port("LMTP")).await;
    let mut all = Vec::new();
    for mail in mails {
        let before = world.sink().arrivals().len();
        lmtp.deliver("ann@customer.example", user, mail).await;
        let began = Instant::now();
        while !world.sink().arrivals()[before..].iter().any(is_apology) {
            daemon.assert_alive();
            assert!(began.elapsed() < Duration::from_secs(60), "no apology within a minute");
            world.sink().wait_for(world.sink().arrivals().len() + 1, Duration::from_millis(200));
        }
        let arrivals = world.sink().arrivals();
        let apology = arrivals[before..].iter().find(|a| is_apology(a)).expect("it is there");
        all.push(apology.at - began);
        // The owner's notice belongs to this mail, too: the next one meets an idle daemon.
        world.sink().wait_for(before + 2, Duration::from_secs(60));
    }
    Latency::of(all)
}

/// The letters that the program wrote, to be submitted again by bare commands.
pub async fn letters(database: &Path) -> Vec<Vec<u8>> {
    let url = format!("sqlite:{}", database.display());
    let store = Store::open(&url, jiff::Timestamp::now()).await.unwrap();
    let mut tx = store.look().await.unwrap();
    let rows = tx.letters(&LetterFilter::default()).await.unwrap();
    let mut letters = Vec::new();
    for id in rows.iter().map(|row| row.id) {
        let LetterId(_) = id;
        letters.push(tx.letter_bytes(id).await.unwrap().expect("its bytes"));
    }
    letters
}
