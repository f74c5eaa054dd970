//! Letters that leave: one row each, under a key that is used once for ever (mail-rules sections 1 and 7).
//!
//! The states and their steps are `deliver::outbox`'s; here they are kept. A letter has one lease at a time; its
//! fencing number keeps a sender that was thought dead from writing over its successor.

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::decide::effect::LetterKey;
use crate::deliver::outbox::{Attempt, LetterState};
use crate::mail::{Address, CaseId, Digest, LetterId, MailboxName, MessageId, Outgoing, PersonId};

/// A letter to be queued: its bytes, and what limits and voiding need to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct NewLetter {
    pub outgoing: Outgoing,
    pub key: LetterKey,
    /// The name of its template.
    pub letter: String,
    pub case: Option<CaseId>,
    /// To somebody of staff.
    pub person: Option<PersonId>,
    /// Nobody asked for it: holding, escalated, check-in.
    pub unasked: bool,
    /// It answers an authenticated sender.
    pub authenticated: bool,
    /// Carries an Auto-Submitted field: counts in the limits.
    pub automatic: bool,
    /// The normalised digest, by which it is recognised when it comes back.
    pub digest: Digest,
    /// Not tried before; `now` for at once.
    pub not_before: Timestamp,
    /// From then on it is not worth sending.
    pub stale_after: Option<Timestamp>,
    /// `Some`: queued as `held`, for that reason.
    pub held_because: Option<String>,
}

/// A letter under a lease, with all that a sender needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Claimed {
    pub outgoing: Outgoing,
    pub key: LetterKey,
    pub letter: String,
    pub case: Option<CaseId>,
    pub fence: Fence,
    /// Tries that ended before.
    pub tries: u32,
}

/// Which lease of a letter: rises with each claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence(pub i64);

/// A letter as lists show it.
#[derive(Debug, Clone, PartialEq)]
pub struct LetterRow {
    pub id: LetterId,
    pub key: LetterKey,
    pub letter: String,
    pub case: Option<CaseId>,
    pub mailbox: MailboxName,
    pub to: Address,
    pub person: Option<PersonId>,
    pub unasked: bool,
    pub authenticated: bool,
    pub automatic: bool,
    pub message_id: MessageId,
    pub subject: String,
    pub state: LetterState,
    pub next_try_at: Timestamp,
    pub tries: u32,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
    pub stale_after: Option<Timestamp>,
    /// What the server said last, or why it is held or voided.
    pub last_answer: Option<String>,
}

/// A try that ended.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptRow {
    pub at: Timestamp,
    /// `sent later never our_fault in_doubt`.
    pub outcome: String,
    pub answer: String,
}

/// A letter whose state just changed by itself: enough to tell its case.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    pub id: LetterId,
    pub key: LetterKey,
    pub letter: String,
    pub case: Option<CaseId>,
    pub to: Address,
    pub person: Option<PersonId>,
    pub state: LetterState,
}

/// Which letters a list shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LetterFilter {
    /// Empty: all.
    pub states: Vec<LetterState>,
    pub case: Option<CaseId>,
    /// 0: all.
    pub limit: usize,
}

/// Automatic letters to an outsider, counted for the limits of mail-rules section 3; each count stops at 1,000.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LetterCounts {
    /// To the address, in the last 60 minutes and 24 hours.
    pub hour: u32,
    pub day: u32,
    /// To unauthenticated senders of its domain, in the last 60 minutes.
    pub domain_hour: u32,
}

/// A letter of ours that a mail answers or returns.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnLetter {
    pub id: LetterId,
    pub digest: Digest,
    pub case: Option<CaseId>,
    pub letter: String,
    pub to: Address,
    pub automatic: bool,
    pub sent_at: Option<Timestamp>,
    pub state: LetterState,
}

impl Tx {
    /// The id of a letter that is about to be composed: its Message-ID, loop mark and bounce token are made from it.
    pub async fn next_letter_id(&mut self) -> Result<LetterId, StoreError> {
        todo!()
    }

    /// `false`, and nothing written, when its key was used before (by a letter, or by a ring told in a digest).
    pub async fn queue(&mut self, letter: &NewLetter, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (letter, now);
        todo!()
    }

    /// A letter that is not yet on the wire, composed anew under its key and Message-ID. `false` when it is too late.
    pub async fn compose_anew(&mut self, outgoing: &Outgoing, digest: &Digest) -> Result<bool, StoreError> {
        let _ = (outgoing, digest);
        todo!()
    }

    /// Withdraws the letters of these keys that are not yet on the wire; the answer names those that were.
    pub async fn void(&mut self, keys: &[LetterKey], because: &str) -> Result<Vec<LetterId>, StoreError> {
        let _ = (keys, because);
        todo!()
    }

    /// Withdraws what is stale: each case wants to be told.
    pub async fn void_stale(&mut self, now: Timestamp) -> Result<Vec<Moved>, StoreError> {
        let _ = now;
        todo!()
    }

    /// Claims at most `limit` due letters of a mailbox, the longest waiting first, until `lease_until`.
    pub async fn claim(
        &mut self,
        mailbox: &MailboxName,
        limit: usize,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let _ = (mailbox, limit, now, lease_until);
        todo!()
    }

    /// To be committed before the final dot. `false`: the lease is lost or the letter withdrawn, it must not be sent.
    pub async fn committing(&mut self, id: LetterId, fence: Fence, lease_until: Timestamp) -> Result<bool, StoreError> {
        let _ = (id, fence, lease_until);
        todo!()
    }

    /// Writes down how a try ended, and the state that follows; `None` when the lease was lost meanwhile.
    /// `in_doubt_wait_until`: how long a proof is waited for if the try ended in doubt.
    pub async fn settle_try(
        &mut self,
        id: LetterId,
        fence: Fence,
        attempt: &Attempt,
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Option<LetterState>, StoreError> {
        let _ = (id, fence, attempt, now, in_doubt_wait_until);
        todo!()
    }

    /// Gives a claimed letter back untried (a clean stop, a lost connection before it).
    pub async fn unclaim(&mut self, id: LetterId, fence: Fence, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (id, fence, now);
        todo!()
    }

    /// At start, when no sender of ours can be alive: all leases are released. `sending` becomes `queued`,
    /// `committing` becomes `in_doubt` (or `held` the second time).
    pub async fn release_all(
        &mut self,
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Vec<Moved>, StoreError> {
        let _ = (now, in_doubt_wait_until);
        todo!()
    }

    /// While running: the same for leases that ran out.
    pub async fn release_expired(
        &mut self,
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Vec<Moved>, StoreError> {
        let _ = (now, in_doubt_wait_until);
        todo!()
    }

    /// In doubt, and the wait for a proof is over: queued once more, then held; staff want to be told of the held.
    pub async fn resolve_doubts(&mut self, now: Timestamp) -> Result<Vec<Moved>, StoreError> {
        let _ = now;
        todo!()
    }

    /// Our letter came back, was reported on or answered: if it was in doubt, it was sent.
    pub async fn prove_sent(&mut self, id: LetterId, evidence: &str, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (id, evidence, now);
        todo!()
    }

    /// Stops a letter that is not on the wire. `false`: it is.
    pub async fn hold(&mut self, id: LetterId, because: &str) -> Result<bool, StoreError> {
        let _ = (id, because);
        todo!()
    }

    /// A held, deferred or failed letter is tried at once (`outbox retry ID`). `false`: it is in another state.
    pub async fn retry(&mut self, id: LetterId, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (id, now);
        todo!()
    }

    /// All that is deferred or held is tried at once (`outbox retry`); how many.
    pub async fn retry_all(&mut self, now: Timestamp) -> Result<u64, StoreError> {
        let _ = now;
        todo!()
    }

    /// Held letters to outsiders, oldest first: the desk asks the limits again.
    pub async fn held(&mut self, limit: usize) -> Result<Vec<LetterRow>, StoreError> {
        let _ = limit;
        todo!()
    }

    /// Withdraws one letter (`outbox drop ID`). `false`: it is on the wire, or has ended.
    pub async fn drop_letter(&mut self, id: LetterId, because: &str) -> Result<bool, StoreError> {
        let _ = (id, because);
        todo!()
    }

    pub async fn letter(&mut self, id: LetterId) -> Result<Option<LetterRow>, StoreError> {
        let _ = id;
        todo!()
    }

    /// By id.
    pub async fn letters(&mut self, filter: &LetterFilter) -> Result<Vec<LetterRow>, StoreError> {
        let _ = filter;
        todo!()
    }

    /// The letter as it goes (or went) over the wire.
    pub async fn letter_bytes(&mut self, id: LetterId) -> Result<Option<Vec<u8>>, StoreError> {
        let _ = id;
        todo!()
    }

    pub async fn attempts(&mut self, id: LetterId) -> Result<Vec<AttemptRow>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The letter with this Message-ID: our own mail coming back, or what a mail answers.
    pub async fn letter_by_message_id(&mut self, id: &MessageId) -> Result<Option<OwnLetter>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The letter of this id: what a bounce token or a loop mark names.
    pub async fn own_letter(&mut self, id: LetterId) -> Result<Option<OwnLetter>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The last letter of a case that was sent to an address.
    pub async fn last_letter(&mut self, case: CaseId, to: &Address) -> Result<Option<OwnLetter>, StoreError> {
        let _ = (case, to);
        todo!()
    }

    /// The earliest instant at which a letter wants something: a try, the end of a lease or of a doubt, going stale.
    pub async fn next_letter_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        todo!()
    }

    /// For the limits of mail-rules section 3.
    pub async fn letter_counts(&mut self, to: &Address, now: Timestamp) -> Result<LetterCounts, StoreError> {
        let _ = (to, now);
        todo!()
    }

    /// Automatic letters to unauthenticated outsiders since then (the breaker); counting stops at `enough`.
    pub async fn unauthenticated_since(&mut self, since: Timestamp, enough: u32) -> Result<u32, StoreError> {
        let _ = (since, enough);
        todo!()
    }

    /// Mails to a person since then: the bound `per_person_hour`.
    pub async fn letters_to_person(&mut self, person: &PersonId, since: Timestamp) -> Result<u32, StoreError> {
        let _ = (person, since);
        todo!()
    }
}
