//! How long to wait before a server is tried again. Pure: chance comes in as a seed.

use std::time::Duration;

/// The first pause outside of tests.
pub const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A pause is never longer than so many first ones: five minutes.
const LONGEST: u32 = 5 * 60;

/// The wait before try `attempt` (0 is the first *re*try): doubled each time, from `first` to five minutes.
///
/// Of each wait a third is chance, so that a hundred daemons that one server dropped together do not come back together;
/// never less than two thirds, so that a refusing server is not asked in a busy loop.
pub fn backoff(first: Duration, attempt: u32, seed: u64) -> Duration {
    let full = first.saturating_mul(2_u32.saturating_pow(attempt.min(16)).min(LONGEST));
    let fixed = full * 2 / 3;
    let thousandths = u32::try_from(scatter(seed, attempt) % 1001).unwrap_or_default();
    fixed + (full - fixed) * thousandths / 1000
}

/// The last step of splitmix64: neighbouring seeds give far values.
fn scatter(seed: u64, attempt: u32) -> u64 {
    let mut z = seed.wrapping_add(u64::from(attempt).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_within_bounds() {
        for seed in 0..200 {
            for attempt in [0, 1, 5, 8, 9, 40, u32::MAX] {
                let wait = backoff(FIRST_PAUSE, attempt, seed);
                let full = Duration::from_secs(1 << attempt.min(9)).min(Duration::from_secs(300));
                assert!(wait >= full * 2 / 3 && wait <= full, "attempt {attempt}, seed {seed}: {wait:?}");
            }
        }
    }

    #[test]
    fn daemons_dropped_together_do_not_return_together() {
        let waits: std::collections::BTreeSet<_> =
            (0..100).map(|seed| backoff(FIRST_PAUSE, 8, seed).as_millis()).collect();
        assert!(waits.len() > 80, "{} different waits of 100", waits.len());
    }
}
