//! The least that a single mail needs to become a letter: IDLE wakes, fetch, three synced commits, submit.
//!
//! Measured from the moment when Dovecot said that the mail is stored to the final dot at the sink. Dovecot itself
//! waits half a second before it tells an idle client, to tell of several mails at once.

use std::time::{Duration, Instant};

use crate::imap::Imap;
use crate::lmtp::Lmtp;
use crate::millis;
use crate::raw::{commit, database};
use crate::submit::Submission;
use crate::world::World;

/// How long single mails took.
pub struct Latency {
    sorted: Vec<Duration>,
}

impl Latency {
    pub fn of(mut all: Vec<Duration>) -> Self {
        assert!(!all.is_empty(), "nothing was measured");
        all.sort_unstable();
        Self { sorted: all }
    }

    pub fn median(&self) -> Duration {
        self.sorted[self.sorted.len() / 2]
    }

    /// The fastest and the slowest, in words.
    pub fn spread(&self) -> String {
        let (first, last) = (self.sorted[0], self.sorted[self.sorted.len() - 1]);
        format!("{} mails, {:.1} to {:.1} ms", self.sorted.len(), millis(first), millis(last))
    }
}

/// The bare chain, from the stored mail and from the wake alone: the first holds Dovecot's pause, the second does not.
pub struct Chain {
    pub whole: Latency,
    pub from_wake: Latency,
}

/// The bare chain, mail after mail, over connections that stay open.
pub async fn bare(world: &World, user: &str, mails: &[Vec<u8>]) -> Chain {
    let mut lmtp = Lmtp::connect(world.port("LMTP")).await;
    let mut imap = Imap::open(world.port("IMAP"), user).await;
    let mut submission = Submission::open(world.sink().port()).await;
    let mut writer = database(world.disk(), "chain.db").await;
    let (mut whole, mut from_wake) = (Vec::new(), Vec::new());
    for (n, mail) in mails.iter().enumerate() {
        let (ready, waits) = tokio::sync::oneshot::channel();
        let waiting = tokio::spawn(imap.idle(Duration::from_secs(30), ready));
        waits.await.unwrap();
        lmtp.deliver("ann@customer.example", user, mail).await;
        let began = Instant::now();
        imap = waiting.await.unwrap();
        let woken = Instant::now();
        let uid = n + 1;
        let fetched = imap.fetch(&format!("{uid}:{uid}")).await;
        assert_eq!(fetched.len(), 1, "the mail that woke us is there");
        for _ in 0..3 {
            commit(&mut writer, i64::try_from(n).expect("a count")).await;
        }
        submission.letter(&fetched[0].1).await;
        let arrived = world.sink().arrivals().last().expect("the letter is there").at;
        whole.push(arrived - began);
        from_wake.push(arrived - woken);
    }
    Chain { whole: Latency::of(whole), from_wake: Latency::of(from_wake) }
}
