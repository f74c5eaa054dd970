//! How instants, waits and strangers' words are written for people.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Times in the company's zone, seen from now.
#[derive(Debug, Clone)]
pub struct Shown {
    zone: TimeZone,
    now: Timestamp,
}

impl Shown {
    pub fn new(zone: &TimeZone, now: Timestamp) -> Self {
        Self { zone: zone.clone(), now }
    }

    /// `Mon 2026-11-23 14:00`.
    pub fn at(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
    }

    /// `14:00`.
    pub fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%H:%M").to_string()
    }

    /// `Mon 2026-11-23`.
    pub fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %Y-%m-%d").to_string()
    }

    /// `in 3h`, `2d late`.
    pub fn left(&self, due: Timestamp) -> String {
        match due.duration_since(self.now) {
            left if left.is_positive() => format!("in {}", rough(left)),
            late => format!("{} late", rough(late.abs())),
        }
    }

    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }
}

/// The largest unit that says enough: `5d`, `3h`, `12m`, `40s`.
fn rough(time: SignedDuration) -> String {
    match time.as_secs() {
        secs if secs >= 48 * 3600 => format!("{}d", secs / 86_400),
        secs if secs >= 2 * 3600 => format!("{}h", secs / 3600),
        secs if secs >= 60 => format!("{}m", secs / 60),
        secs => format!("{secs}s"),
    }
}

/// `3h30m`, exactly.
pub fn exact(time: SignedDuration) -> String {
    let secs = time.as_secs();
    let parts = [(secs / 3600, "h"), (secs % 3600 / 60, "m"), (secs % 60, "s")];
    let shown: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
    if shown.is_empty() { "0m".to_owned() } else { shown }
}

/// A mail's words on a terminal, line by line: nothing in them may steer it.
pub fn harmless(text: &str) -> String {
    text.lines().map(crate::mail::clean_line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_one_unit() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().expect("an instant");
        let shown = Shown::new(&TimeZone::UTC, now);
        for (secs, told) in [(59, "in 59s"), (119 * 60, "in 119m"), (-7200, "2h late"), (-86_400 * 3, "3d late")] {
            assert_eq!(shown.left(now + SignedDuration::from_secs(secs)), told);
        }
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        assert!(!harmless("a\u{1b}[31mred\u{7}\nb").contains(['\u{1b}', '\u{7}']));
    }
}
