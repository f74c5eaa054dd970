//! The states of a letter that leaves (mail-rules section 7), and when it is tried again. Pure.
//!
//! `queued → sending → committing → sent | deferred | failed | in_doubt → (sent | queued once | held)`.
//! A duplicate can arise in one place only: where the connection was lost between the final dot and its answer
//! (RFC 1047). An impossible pair of state and happening leaves the letter where it is: [`step`] answers `None`.

use jiff::{SignedDuration, Timestamp};

use crate::mail::{Digest, LetterId};

/// Where a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LetterState {
    /// Waits for its turn.
    Queued,
    /// Claimed under a lease; nothing of its content has been ended by a dot.
    Sending,
    /// The final dot may be on the wire: from here on its bytes are frozen.
    Committing,
    /// The server took it.
    Sent,
    /// Refused for now; waits for its next try.
    Deferred,
    /// Refused for good, or given up.
    Failed,
    /// Nobody knows whether the server took it.
    InDoubt,
    /// Waits for a limit or for a person.
    Held,
    /// Withdrawn before it went: never sent, its key stays used.
    Voided,
}

impl LetterState {
    pub const ALL: [LetterState; 9] = [
        LetterState::Queued,
        LetterState::Sending,
        LetterState::Committing,
        LetterState::Sent,
        LetterState::Deferred,
        LetterState::Failed,
        LetterState::InDoubt,
        LetterState::Held,
        LetterState::Voided,
    ];

    /// As in the database and in `outbox list`.
    pub fn as_str(self) -> &'static str {
        match self {
            LetterState::Queued => "queued",
            LetterState::Sending => "sending",
            LetterState::Committing => "committing",
            LetterState::Sent => "sent",
            LetterState::Deferred => "deferred",
            LetterState::Failed => "failed",
            LetterState::InDoubt => "in_doubt",
            LetterState::Held => "held",
            LetterState::Voided => "voided",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == word)
    }

    /// Nothing happens to it by itself any more.
    pub fn is_final(self) -> bool {
        matches!(self, LetterState::Sent | LetterState::Failed | LetterState::Voided)
    }
}

/// How one try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attempt {
    Sent {
        answer: String,
    },
    /// 4yz, or no connection: tried again.
    Later {
        answer: String,
    },
    /// 5yz at RCPT, or a refusal of the content.
    Never {
        answer: String,
    },
    /// 5yz at EHLO, AUTH or MAIL, quota, credentials, send-as: everything is deferred and the admin told; never given up.
    OurFault {
        answer: String,
    },
    /// Lost between the final dot and its answer.
    InDoubt {
        answer: String,
    },
}

impl Attempt {
    /// What the server said, or what became of the connection.
    pub fn answer(&self) -> &str {
        match self {
            Attempt::Sent { answer }
            | Attempt::Later { answer }
            | Attempt::Never { answer }
            | Attempt::OurFault { answer }
            | Attempt::InDoubt { answer } => answer,
        }
    }

    /// As in the table `attempts`.
    pub fn word(&self) -> &'static str {
        match self {
            Attempt::Sent { .. } => "sent",
            Attempt::Later { .. } => "later",
            Attempt::Never { .. } => "never",
            Attempt::OurFault { .. } => "our_fault",
            Attempt::InDoubt { .. } => "in_doubt",
        }
    }
}

/// What can happen to a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A sender takes it under a lease.
    Claimed,
    /// The sender is about to end its content with a dot.
    Committing,
    /// The try ended.
    Ended(Attempt),
    /// Its sender died: found at start, or its lease ran out.
    Abandoned,
    /// The wait for a proof is over and none came.
    NoProof,
    /// Our own letter, a report or an answer came back: it was sent.
    Proven,
    /// A limit or a person stops it.
    Held,
    /// The limits allow it again, or a person says so.
    Released,
    /// The case has moved on, or its `stale_after` has passed.
    Withdrawn,
}

/// What a step needs to know of a letter beside its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    pub letter: LetterId,
    pub created_at: Timestamp,
    /// Tries that ended before.
    pub tries: u32,
    /// How many of its tries ended in doubt.
    pub doubts: u32,
}

/// The state after `happening`; `None` where the pair is impossible, and the letter stays in its state.
pub fn step(state: LetterState, happening: &Happening, past: &Past, now: Timestamp) -> Option<LetterState> {
    use LetterState::*;
    match happening {
        Happening::Claimed => match state {
            Queued | Deferred => Some(Sending),
            Sending | Committing | Sent | Failed | InDoubt | Held | Voided => None,
        },
        Happening::Committing => match state {
            Sending => Some(Committing),
            Queued | Committing | Sent | Deferred | Failed | InDoubt | Held | Voided => None,
        },
        Happening::Ended(attempt) => ended(state, attempt, past, now),
        Happening::Abandoned => match state {
            // Without the end of its content the server must forget it (RFC 5321 section 4.1.1.10).
            Sending => Some(Queued),
            Committing => Some(in_doubt(past)),
            Queued | Sent | Deferred | Failed | InDoubt | Held | Voided => None,
        },
        Happening::NoProof => match state {
            // Resent once, the same bytes; a second doubt is a person's to settle.
            InDoubt if past.doubts <= 1 => Some(Queued),
            InDoubt => Some(Held),
            Queued | Sending | Committing | Sent | Deferred | Failed | Held | Voided => None,
        },
        Happening::Proven => match state {
            InDoubt => Some(Sent),
            // The proof of an earlier try comes while the next one waits: it need not go.
            Queued | Deferred | Held | Failed if past.doubts > 0 => Some(Sent),
            Queued | Sending | Committing | Sent | Deferred | Failed | Held | Voided => None,
        },
        Happening::Held => match state {
            Queued | Deferred => Some(Held),
            Sending | Committing | Sent | Failed | InDoubt | Held | Voided => None,
        },
        Happening::Released => match state {
            Held | Deferred | Failed => Some(Queued),
            Queued | Sending | Committing | Sent | InDoubt | Voided => None,
        },
        Happening::Withdrawn => match state {
            Queued | Deferred | Held => Some(Voided),
            Sending | Committing | Sent | Failed | InDoubt | Voided => None,
        },
    }
}

/// A try reports its end. From `in_doubt` too: a slow answer that comes after the lease ran out is still the truth.
fn ended(state: LetterState, attempt: &Attempt, past: &Past, now: Timestamp) -> Option<LetterState> {
    use LetterState::*;
    match (attempt, state) {
        (_, Queued | Sent | Deferred | Failed | Held | Voided) => None,
        // What has had no final dot cannot have been taken.
        (Attempt::Sent { .. } | Attempt::InDoubt { .. }, Sending) => None,
        (Attempt::Sent { .. }, Committing | InDoubt) => Some(Sent),
        (Attempt::InDoubt { .. }, Committing) => Some(in_doubt(past)),
        (Attempt::InDoubt { .. }, InDoubt) => None,
        (Attempt::Later { .. }, Sending | Committing | InDoubt) => {
            let next = next_try(past.tries + 1, past.created_at, now, past.letter);
            Some(if next.is_some() { Deferred } else { Failed })
        }
        (Attempt::Never { .. }, Sending | Committing | InDoubt) => Some(Failed),
        (Attempt::OurFault { .. }, Sending | Committing | InDoubt) => Some(Deferred),
    }
}

fn in_doubt(past: &Past) -> LetterState {
    if past.doubts == 0 { LetterState::InDoubt } else { LetterState::Held }
}

/// RFC 5321 section 4.5.4.1: give up after four to five days.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(5 * 24);

/// When a letter that was refused for now is tried again: after 1, 5, 15, 30 minutes, then hourly, each ± 20 %
/// (drawn from the letter's id, so that a thousand letters do not come back in one second).
/// `None`: five days have passed since it was written, it is given up.
pub fn next_try(tries: u32, created_at: Timestamp, now: Timestamp, letter: LetterId) -> Option<Timestamp> {
    let end = created_at.saturating_add(GIVE_UP_AFTER).ok()?;
    (now < end).then(|| after_pause(tries, now, letter).min(end))
}

/// The same pauses without an end: for what is our own fault, and for the admin to mend.
pub fn after_pause(tries: u32, now: Timestamp, letter: LetterId) -> Timestamp {
    let minutes = match tries {
        0 | 1 => 1,
        2 => 5,
        3 => 15,
        4 => 30,
        _ => 60,
    };
    let pause = SignedDuration::from_micros(minutes * 60_000 * jitter(tries, letter));
    now.saturating_add(pause).unwrap_or(Timestamp::MAX)
}

/// When a letter whose sender died before the final dot goes again: the first time at once, for one crash is
/// nobody's fault; then after the pauses of a refusal, so that a crash cannot hammer.
pub fn after_interruption(earlier: u32, now: Timestamp, letter: LetterId) -> Timestamp {
    if earlier == 0 { now } else { after_pause(earlier, now, letter) }
}

/// 800 to 1,200 thousandths.
fn jitter(tries: u32, letter: LetterId) -> i64 {
    let seed = Digest::of(format!("{letter}/{tries}").as_bytes());
    800 + i64::from(u16::from_be_bytes([seed.0[0], seed.0[1]]) % 401)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn past(tries: u32, doubts: u32) -> Past {
        Past { letter: LetterId(7), created_at: at("2026-11-20T22:40:00Z"), tries, doubts }
    }

    fn answer(text: &str) -> String {
        text.to_owned()
    }

    #[test]
    fn a_letter_takes_the_plain_road() {
        let now = at("2026-11-20T22:41:00Z");
        let road = [
            (Happening::Claimed, LetterState::Sending),
            (Happening::Committing, LetterState::Committing),
            (Happening::Ended(Attempt::Sent { answer: answer("250 ok") }), LetterState::Sent),
        ];
        let mut state = LetterState::Queued;
        for (happening, then) in road {
            state = step(state, &happening, &past(0, 0), now).expect("a possible step");
            assert_eq!(state, then);
        }
    }

    #[test]
    fn a_lost_answer_is_a_doubt_once_and_a_persons_affair_twice() {
        let now = at("2026-11-20T22:41:00Z");
        let lost = Happening::Ended(Attempt::InDoubt { answer: answer("connection lost") });
        assert_eq!(step(LetterState::Committing, &lost, &past(0, 0), now), Some(LetterState::InDoubt));
        assert_eq!(step(LetterState::InDoubt, &Happening::NoProof, &past(1, 1), now), Some(LetterState::Queued));
        assert_eq!(step(LetterState::InDoubt, &Happening::NoProof, &past(2, 2), now), Some(LetterState::Held));
        assert_eq!(step(LetterState::Committing, &lost, &past(1, 1), now), Some(LetterState::Held));
        assert_eq!(step(LetterState::Committing, &Happening::Abandoned, &past(1, 1), now), Some(LetterState::Held));
    }

    #[test]
    fn before_the_final_dot_nothing_can_be_in_doubt() {
        let now = at("2026-11-20T22:41:00Z");
        assert_eq!(step(LetterState::Sending, &Happening::Abandoned, &past(0, 0), now), Some(LetterState::Queued));
        let lost = Happening::Ended(Attempt::InDoubt { answer: answer("lost") });
        assert_eq!(step(LetterState::Sending, &lost, &past(0, 0), now), None);
    }

    #[test]
    fn pauses_grow_and_end_after_five_days() {
        let made = at("2026-11-20T22:40:00Z");
        for (tries, minutes) in [(1, 1), (2, 5), (3, 15), (4, 30), (5, 60), (100, 60)] {
            for letter in 0..50 {
                let next = next_try(tries, made, made, LetterId(letter)).expect("a next try");
                let seconds = next.duration_since(made).as_secs();
                assert!((minutes * 48..=minutes * 72).contains(&seconds), "{tries}: {seconds}");
            }
        }
        let last = made.saturating_add(SignedDuration::from_mins(5 * 24 * 60 - 1)).expect("an instant");
        let end = made.saturating_add(GIVE_UP_AFTER).expect("an instant");
        assert_eq!(next_try(9, made, last, LetterId(1)), Some(end));
        assert_eq!(next_try(9, made, end, LetterId(1)), None);
        let later = Happening::Ended(Attempt::Later { answer: answer("451") });
        assert_eq!(step(LetterState::Sending, &later, &past(9, 0), end), Some(LetterState::Failed));
        let ours = Happening::Ended(Attempt::OurFault { answer: answer("535") });
        assert_eq!(step(LetterState::Sending, &ours, &past(9, 0), end), Some(LetterState::Deferred));
    }

    #[test]
    fn letters_do_not_come_back_all_at_once() {
        let now = at("2026-11-20T22:40:00Z");
        let mut instants: Vec<_> = (0..100).map(|n| after_pause(5, now, LetterId(n))).collect();
        instants.sort();
        instants.dedup();
        assert!(instants.len() > 50, "{} different instants", instants.len());
    }

    #[test]
    fn what_has_ended_stays_ended() {
        let now = at("2026-11-20T22:41:00Z");
        for happening in [Happening::Claimed, Happening::Committing, Happening::Abandoned, Happening::Withdrawn] {
            for state in LetterState::ALL.into_iter().filter(|s| s.is_final()) {
                assert_eq!(step(state, &happening, &past(1, 1), now), None, "{state:?} {happening:?}");
            }
        }
    }

    #[test]
    fn a_state_is_read_as_it_was_written() {
        for state in LetterState::ALL {
            assert_eq!(LetterState::parse(state.as_str()), Some(state));
        }
    }
}
