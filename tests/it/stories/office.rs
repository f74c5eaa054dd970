//! A daemon on set time that is driven by hand: its mailbox and its mail server are in memory, and it is never stopped.

use std::sync::{Arc, Mutex};

use amends::config::Config;
use amends::desk::Desk;
use amends::desk::run::begin;
use amends::mail::Outgoing;
use amends::store::Store;
use amends::store::verify::verify;
use amends::time::{SetTime, Time};
use jiff::Timestamp;

use super::play::{LETTERS, World, next_due, round};
use super::shop;

pub struct Office {
    pub desk: Desk,
    pub time: SetTime,
    world: Arc<Mutex<World>>,
    _folder: tempfile::TempDir,
}

impl Office {
    /// The shop of the stories; offices that share the time live in one world.
    pub async fn open(time: &SetTime, text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let config: Config = shop::config(folder.path(), text);
        let url = format!("sqlite:{}", folder.path().join("amends.db").display());
        let store = Store::open(&url, time.now()).await.expect("a store");
        let letters = LETTERS.clone();
        let desk = Desk::open(config, letters, store, Time::Set(time.clone())).await.expect("a desk");
        begin(&desk).await.expect("a beginning");
        Self { desk, time: time.clone(), world: Arc::default(), _folder: folder }
    }

    /// A mail arrives, now.
    pub fn arrives(&self, raw: Vec<u8>) {
        self.world.lock().expect("one thread").inbox.push((self.time.now(), raw));
    }

    /// Works until nothing is left to do at this instant.
    pub async fn work(&self) {
        for _ in 0..500 {
            if round(&self.desk, &self.world).await.expect("a round") == 0 {
                return;
            }
        }
        panic!("the daemon finds work for ever at {}", self.time.now());
    }

    pub async fn next_due(&self) -> Option<Timestamp> {
        next_due(&self.desk).await.expect("a look")
    }

    /// What the program's own look at its store finds wrong: nothing.
    pub async fn verify(&self) {
        let broken = verify(&self.desk.store).await.expect("verify runs");
        assert!(broken.is_empty(), "{broken:?}");
    }

    /// All that left, in order.
    pub fn sent(&self) -> Vec<Outgoing> {
        self.world.lock().expect("one thread").sent.iter().map(|s| s.letter.clone()).collect()
    }

    /// What left to that address, in order.
    pub fn sent_to(&self, address: &str) -> Vec<Outgoing> {
        let world = self.world.lock().expect("one thread");
        let to = world.sent.iter().filter(|s| s.letter.envelope.to.as_str() == address);
        to.map(|s| s.letter.clone()).collect()
    }

    /// What left, in order, to whom it may concern: the people of the house have no part in it.
    pub fn sent_outside(&self) -> Vec<(Timestamp, Outgoing)> {
        let people = &self.desk.shop.config.policy;
        let world = self.world.lock().expect("one thread");
        let outside = world.sent.iter().filter(|s| people.person_at(&s.letter.envelope.to).is_none());
        outside.map(|s| (s.at, s.letter.clone())).collect()
    }
}
