//! Waiting for what another program will do: by looking, never by guessing how long it takes.

use std::time::{Duration, Instant};

/// What `look` finds in the end. Panics with `what` when it found nothing in that time.
pub async fn wait_until<T>(what: &str, at_most: Duration, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < at_most, "waited {at_most:?} in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
