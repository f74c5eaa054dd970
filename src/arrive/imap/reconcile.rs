//! Which mails of a folder are still to be taken in: pure arithmetic over UIDs (mail-rules section 6).
//!
//! Work is what the server lists less what the ledger holds. Servers may show a UID late, after a higher one, so the mark
//! below which nobody looks on the fast road follows ten minutes behind, and a full listing is compared every ten minutes.
//! Nothing here can fail; whatever is unclear falls on the side of looking again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{FolderState, Listed};
use crate::config::Start;

/// How long a UID below others may take to show up before its absence is believed; also the pause between full listings.
pub const SETTLED_AFTER: Duration = Duration::from_secs(10 * 60);

/// Received times older than this are not believed (mail-rules section 6).
const OLDEST_RECEIVED: Duration = Duration::from_secs(7 * 24 * 60 * 60);

const OLD_AT_FIRST: Duration = Duration::from_secs(24 * 60 * 60);
const OLD_ALWAYS: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// A mail that the ledger holds in the folder's present epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub uid: u32,
    /// When its ledger row was written.
    pub since: Timestamp,
}

/// What the server lists and the ledger lacks, ascending. `ledger` may be in any order.
pub fn missing(server: &[u32], ledger: &[u32]) -> Vec<u32> {
    let known: std::collections::HashSet<u32> = ledger.iter().copied().collect();
    let mut missing: Vec<u32> = server.iter().copied().filter(|uid| !known.contains(uid)).collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// The mark: every mail with this UID or a lower one is in the ledger, and has been for ten minutes. 0: none.
///
/// A number between two held UIDs is a gap only while a mail with that UID may still show up: the ten minutes decide
/// that. `missing` are the UIDs of the last full listing that are not in the ledger yet; the mark stays below them.
pub fn mark(held: &[Held], missing: &[u32], now: Timestamp) -> u32 {
    let first_missing = missing.iter().copied().min().unwrap_or(u32::MAX);
    let first_young = held.iter().filter(|row| !settled(row.since, now)).map(|row| row.uid).min().unwrap_or(u32::MAX);
    let below = first_missing.min(first_young);
    held.iter().filter(|row| row.uid < below && settled(row.since, now)).map(|row| row.uid).max().unwrap_or(0)
}

/// Whether a full listing is due. A clock that was set back makes it due at once.
pub fn full_listing_due(last: Option<Timestamp>, now: Timestamp) -> bool {
    last.is_none_or(|last| last > now || settled(last, now))
}

fn settled(since: Timestamp, now: Timestamp) -> bool {
    Duration::try_from(now.duration_since(since)).is_ok_and(|age| age >= SETTLED_AFTER)
}

/// What a folder's UIDVALIDITY says of the ledger that we hold (RFC 3501 section 2.3.1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Epoch {
    /// No ledger of this folder yet: `start` in the configuration decides about the mail that is there.
    First,
    Same,
    /// UIDs name other mails now: the old ledger is kept, automation is held until the mails are matched.
    New {
        before: u32,
    },
    /// The server says that its UIDs do not last (UIDNOTSTICKY): every session is an epoch of its own.
    Unstable,
}

/// `known` is the UIDVALIDITY of the newest ledger rows.
pub fn epoch(known: Option<u32>, folder: &FolderState) -> Epoch {
    match known {
        None => Epoch::First,
        Some(_) if !folder.sticky_uids => Epoch::Unstable,
        Some(before) if before == folder.uid_validity => Epoch::Same,
        Some(before) => Epoch::New { before },
    }
}

/// After a new epoch: too many old mails that match nothing we hold, so letters stay held and staff are asked.
///
/// `unmatched` counts those older than 24 hours, `all` every mail of the folder.
pub fn stays_held(unmatched: usize, all: usize) -> bool {
    unmatched > 20 || unmatched.saturating_mul(20) > all
}

/// Of mail found at first contact: is it none of our business? A mail without a readable date is taken in, so that none is lost.
pub fn pre_existing(start: Start, internal_date: Option<Timestamp>, zone: &TimeZone) -> bool {
    match (start, internal_date) {
        (Start::Now, _) => true,
        (Start::All, _) | (Start::From(_), None) => false,
        (Start::From(date), Some(at)) => at.to_zoned(zone.clone()).date() < date,
    }
}

/// INTERNALDATE as the time of receipt: never in the future, at most seven days ago; `now` where it is unreadable.
pub fn received_at(internal_date: Option<Timestamp>, now: Timestamp) -> Timestamp {
    let oldest = now.checked_sub(OLDEST_RECEIVED).unwrap_or(now);
    internal_date.map_or(now, |at| at.clamp(oldest, now))
}

/// A case, and no letter (mail-rules section 6): older than a day when the folder is met for the first time or under new
/// numbers, older than two weeks at any time. By INTERNALDATE as it is: the time of receipt never goes back so far.
pub fn gets_no_letter(internal_date: Option<Timestamp>, now: Timestamp, first_meeting: bool) -> bool {
    let oldest = if first_meeting { OLD_AT_FIRST } else { OLD_ALWAYS };
    let lay = internal_date.and_then(|at| Duration::try_from(now.duration_since(at)).ok());
    lay.is_some_and(|lay| lay > oldest)
}

/// Cuts `listed` into runs of at most `max_count` mails and `max_bytes` together; one larger mail is a run of its own.
pub fn batches(listed: &[Listed], max_count: usize, max_bytes: u64) -> Vec<&[Listed]> {
    let mut runs = Vec::new();
    let (mut begin, mut bytes) = (0, 0_u64);
    for (at, mail) in listed.iter().enumerate() {
        let full = at > begin && (at - begin >= max_count || bytes.saturating_add(mail.size_bytes) > max_bytes);
        if full {
            runs.push(&listed[begin..at]);
            (begin, bytes) = (at, 0);
        }
        bytes = bytes.saturating_add(mail.size_bytes);
    }
    if begin < listed.len() {
        runs.push(&listed[begin..]);
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn held(rows: &[(u32, &str)]) -> Vec<Held> {
        rows.iter().map(|(uid, since)| Held { uid: *uid, since: at(since) }).collect()
    }

    #[test]
    fn the_mark_follows_the_settled_prefix() {
        let now = at("2026-11-21T12:00:00Z");
        let (old, edge, young) = ("2026-11-21T09:00:00Z", "2026-11-21T11:50:00Z", "2026-11-21T11:50:01Z");
        type Row<'a> = (&'a str, &'a [(u32, &'a str)], &'a [u32], u32);
        let table: &[Row] = &[
            ("nothing held", &[], &[], 0),
            ("all old", &[(1, old), (2, old), (9, old)], &[], 9),
            ("a number that never came is no gap once it is old", &[(1, old), (7, old)], &[], 7),
            ("exactly ten minutes are enough", &[(1, old), (2, edge)], &[], 2),
            ("the young hold it back", &[(1, old), (2, young), (3, old)], &[], 1),
            ("order does not matter", &[(3, old), (2, young), (1, old)], &[], 1),
            ("a late UID below holds it back", &[(1, old), (5, old)], &[3], 1),
            ("a late UID below all", &[(4, old), (5, old)], &[2], 0),
            ("a missing UID above does not", &[(1, old), (5, old)], &[6], 5),
            ("a row from the future is young", &[(1, old), (2, "2026-11-22T00:00:00Z")], &[], 1),
        ];
        for (name, rows, missing, expected) in table {
            assert_eq!(mark(&held(rows), missing, now), *expected, "{name}");
        }
    }

    #[test]
    fn work_is_what_the_server_lists_less_the_ledger() {
        assert_eq!(missing(&[9, 1, 5, 5], &[5, 7]), [1, 9]);
        assert!(missing(&[], &[1]).is_empty());
    }

    #[test]
    fn a_full_listing_is_due_at_start_every_ten_minutes_and_after_a_set_back() {
        let now = at("2026-11-21T12:00:00Z");
        assert!(full_listing_due(None, now));
        assert!(full_listing_due(Some(at("2026-11-21T11:50:00Z")), now));
        assert!(!full_listing_due(Some(at("2026-11-21T11:50:01Z")), now));
        assert!(full_listing_due(Some(at("2026-11-21T12:00:01Z")), now));
    }

    #[test]
    fn an_epoch_is_told_by_uidvalidity() {
        let folder = |sticky_uids| FolderState { uid_validity: 7, sticky_uids, ..FolderState::default() };
        assert_eq!(epoch(None, &folder(true)), Epoch::First);
        assert_eq!(epoch(Some(7), &folder(true)), Epoch::Same);
        assert_eq!(epoch(Some(6), &folder(true)), Epoch::New { before: 6 });
        assert_eq!(epoch(Some(7), &folder(false)), Epoch::Unstable);
    }

    #[test]
    fn more_than_twenty_or_five_percent_unmatched_stay_held() {
        for (unmatched, all, held) in
            [(0, 0, false), (0, 100, false), (5, 100, false), (6, 100, true), (20, 10_000, false), (21, 10_000, true)]
        {
            assert_eq!(stays_held(unmatched, all), held, "{unmatched} of {all}");
        }
    }

    #[test]
    fn start_decides_about_mail_that_was_there() {
        let berlin = TimeZone::get("Europe/Berlin").expect("bundled");
        let from = Start::From(jiff::civil::date(2026, 11, 1));
        // Half past midnight in Berlin, still October in UTC.
        let first_minutes = Some(at("2026-10-31T23:30:00Z"));
        let before = Some(at("2026-10-31T22:30:00Z"));
        assert!(pre_existing(Start::Now, first_minutes, &berlin));
        assert!(!pre_existing(Start::All, before, &berlin));
        assert!(!pre_existing(from, first_minutes, &berlin));
        assert!(pre_existing(from, before, &berlin));
        assert!(!pre_existing(from, None, &berlin));
    }

    #[test]
    fn received_is_within_the_last_seven_days() {
        let now = at("2026-11-21T12:00:00Z");
        assert_eq!(received_at(Some(at("2026-11-20T12:00:00Z")), now), at("2026-11-20T12:00:00Z"));
        assert_eq!(received_at(Some(at("2020-01-01T00:00:00Z")), now), at("2026-11-14T12:00:00Z"));
        assert_eq!(received_at(Some(at("2031-01-01T00:00:00Z")), now), now);
        assert_eq!(received_at(None, now), now);
    }

    #[test]
    fn old_mail_gets_no_letter_although_its_receipt_is_dated_later() {
        let now = at("2026-11-21T12:00:00Z");
        for (date, at_first, later) in [
            ("2026-11-20T12:00:00Z", false, false),
            ("2026-11-20T11:59:59Z", true, false),
            ("2026-11-07T12:00:00Z", true, false),
            ("2026-11-07T11:59:59Z", true, true),
            ("2026-11-22T00:00:00Z", false, false),
        ] {
            assert_eq!(gets_no_letter(Some(at(date)), now, true), at_first, "{date}");
            assert_eq!(gets_no_letter(Some(at(date)), now, false), later, "{date}");
        }
        assert!(!gets_no_letter(None, now, true), "without a date it is new");
    }

    #[test]
    fn batches_are_bounded_by_count_and_bytes_and_lose_nothing() {
        let listed: Vec<Listed> = [5, 5, 90, 200, 1, 1, 1, 1]
            .iter()
            .zip(1..)
            .map(|(size, uid)| Listed { uid, size_bytes: *size, internal_date: None })
            .collect();
        let runs = batches(&listed, 3, 100);
        let uids: Vec<Vec<u32>> = runs.iter().map(|run| run.iter().map(|mail| mail.uid).collect()).collect();
        assert_eq!(uids, [vec![1, 2, 3], vec![4], vec![5, 6, 7], vec![8]]);
        assert!(batches(&[], 3, 100).is_empty());
        assert_eq!(batches(&listed, 0, 0).len(), 8, "a bound of nothing still takes one at a time");
    }
}
