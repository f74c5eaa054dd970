//! `Time`: what hour it is, and sleeping until a later one; the system's, and one that tests set by hand.
//!
//! Nobody else asks the system for the time: everywhere else `now` is an argument, so that a story of three
//! weeks runs in milliseconds.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// A clock to read and to wait on. Cheap to clone; clones of a set time move together.
#[derive(Debug, Clone)]
pub enum Time {
    System,
    Set(SetTime),
}

/// A time that stands still until it is moved.
#[derive(Debug, Clone)]
pub struct SetTime {
    now: watch::Sender<Timestamp>,
    /// Serialises movers: a time never runs backwards by accident.
    moving: Arc<Mutex<()>>,
}

impl SetTime {
    pub fn new(now: Timestamp) -> Self {
        Self { now: watch::Sender::new(now), moving: Arc::default() }
    }

    /// Moves on to `then`; an earlier instant changes nothing.
    pub fn move_to(&self, then: Timestamp) {
        let _guard = self.moving.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.now.send_if_modified(|now| {
            let later = then > *now;
            *now = (*now).max(then);
            later
        });
    }

    pub fn now(&self) -> Timestamp {
        *self.now.borrow()
    }
}

impl Time {
    /// Now, in whole microseconds: what the database keeps, so that a value read back is the value written.
    pub fn now(&self) -> Timestamp {
        match self {
            Time::System => whole_micros(Timestamp::now()),
            Time::Set(set) => set.now(),
        }
    }

    /// Returns at `then` or at once when it has passed.
    pub async fn sleep_until(&self, then: Timestamp) {
        match self {
            Time::System => {
                // At most a minute at a time: a wall clock that is set back or forth is noticed.
                while let Some(left) = time_left(self.now(), then) {
                    tokio::time::sleep(left.min(Duration::from_secs(60))).await;
                }
            }
            Time::Set(set) => {
                let mut now = set.now.subscribe();
                // An error means that the last sender is gone: nobody can move this time any more.
                if now.wait_for(|now| *now >= then).await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

/// Cuts what the database does not keep.
pub fn whole_micros(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_microsecond()).unwrap_or(time)
}

fn time_left(now: Timestamp, then: Timestamp) -> Option<Duration> {
    let left = Duration::try_from(then.duration_since(now)).ok()?;
    (!left.is_zero()).then_some(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_set_time_wakes_its_sleepers() {
        let start: Timestamp = "2026-11-20T22:40:00Z".parse().expect("an instant");
        let then: Timestamp = "2026-11-23T08:00:00Z".parse().expect("an instant");
        let set = SetTime::new(start);
        let time = Time::Set(set.clone());
        let sleeper = tokio::spawn(async move { time.sleep_until(then).await });
        set.move_to(then);
        sleeper.await.expect("wakes");
    }
}
