//! A clock that jumps ahead (mail-rules section 8): whatever it makes due is not believed for two minutes.
//!
//! A wrong hour would ring every authority of the house, and a ring cannot be taken back. A clock that is set right
//! meanwhile has harmed nobody; one that stays ahead (the machine slept) is believed then. Backward, nothing fires again:
//! keys are used once.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;
use tracing::warn;

use crate::time::Time;

const JUMP: SignedDuration = SignedDuration::from_mins(10);
const DOUBT: SignedDuration = SignedDuration::from_mins(2);

/// The wall's clock, watched by one that nobody can set.
pub struct Clock {
    began: Instant,
    watch: Option<Watch>,
}

impl Clock {
    /// A time that is set by hand jumps on purpose: it is never doubted.
    pub fn new(time: &Time) -> Self {
        let watch = matches!(time, Time::System).then(Watch::default);
        Self { began: Instant::now(), watch }
    }

    /// Until when nothing may happen because a time has come; `None` where the clock is believed.
    pub fn doubted_until(&mut self, now: Timestamp) -> Option<Timestamp> {
        let steady = SignedDuration::try_from(self.began.elapsed()).unwrap_or(SignedDuration::MAX);
        let left = self.watch.as_mut()?.look(now, steady)?;
        now.checked_add(left).ok()
    }
}

#[derive(Debug, Default)]
struct Watch {
    /// Both clocks at the last look.
    seen: Option<(Timestamp, SignedDuration)>,
    /// By the steady one.
    doubt_ends: Option<SignedDuration>,
}

impl Watch {
    /// How long the wall's clock is still doubted.
    fn look(&mut self, wall: Timestamp, steady: SignedDuration) -> Option<SignedDuration> {
        if let Some((before, then)) = self.seen.replace((wall, steady)) {
            let ahead = wall.duration_since(before) - (steady - then);
            if ahead > JUMP {
                warn!(seconds = ahead.as_secs(), "the clock jumped ahead: what is due waits for two minutes");
                self.doubt_ends = Some(steady + DOUBT);
            } else if ahead < -JUMP {
                self.doubt_ends = None;
            }
        }
        self.doubt_ends = self.doubt_ends.filter(|ends| *ends > steady);
        self.doubt_ends.map(|ends| ends - steady)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + minute * 60).expect("an instant")
    }

    fn looks(minutes: &[(i64, i64)]) -> Vec<Option<i64>> {
        let mut watch = Watch::default();
        let look = |(at, steady): &(i64, i64)| watch.look(wall(*at), SignedDuration::from_mins(*steady));
        minutes.iter().map(look).map(|left| left.map(|l| l.as_mins())).collect()
    }

    #[test]
    fn a_clock_that_jumps_ahead_is_believed_after_two_minutes() {
        assert_eq!(looks(&[(0, 0), (600, 1), (601, 2), (602, 3)]), [None, Some(2), Some(1), None]);
    }

    #[test]
    fn a_clock_that_is_set_back_is_believed_at_once() {
        assert_eq!(looks(&[(0, 0), (600, 1), (2, 2), (3, 3)]), [None, Some(2), None, None]);
    }

    #[test]
    fn a_clock_that_only_runs_is_never_doubted() {
        assert_eq!(looks(&[(0, 0), (60, 60), (70, 60), (300, 290), (299, 291)]), [None; 5]);
    }
}
