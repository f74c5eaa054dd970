//! What is remembered of addresses and of people of staff: switches, turns, rings that wait for a digest.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::decide::effect::RingNote;
use crate::mail::{Address, LetterId, PersonId};

/// What stands against writing to an address by itself (mail-rules sections 3 and 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Switches {
    pub hard_failures: u32,
    /// Automatic mail has ended: three hard failures, or a complaint.
    pub stopped_at: Option<Timestamp>,
    pub muted_until: Option<Timestamp>,
    /// Marked by `#spam`.
    pub spam: bool,
}

/// A ring that waits for its person's digest.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldedRing {
    pub person: PersonId,
    pub ring: RingNote,
    pub at: Timestamp,
    /// The digest that told it.
    pub told_in: Option<LetterId>,
}

impl Tx {
    /// All off where nothing is known.
    pub async fn switches(&mut self, address: &Address) -> Result<Switches, StoreError> {
        let _ = address;
        todo!()
    }

    /// One more hard failure; how many there are now.
    pub async fn count_hard_failure(&mut self, address: &Address) -> Result<u32, StoreError> {
        let _ = address;
        todo!()
    }

    /// Ends automatic mail to the address; the first instant stays. `false`: it had ended before.
    pub async fn stop_address(&mut self, address: &Address, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (address, now);
        todo!()
    }

    pub async fn mute_address(&mut self, address: &Address, until: Timestamp) -> Result<(), StoreError> {
        let _ = (address, until);
        todo!()
    }

    pub async fn mark_spam(&mut self, address: &Address, spam: bool) -> Result<(), StoreError> {
        let _ = (address, spam);
        todo!()
    }

    /// An answer to an automatic letter within 120 seconds; how many of the last 24 hours there are now.
    pub async fn count_quick_answer(&mut self, address: &Address, now: Timestamp) -> Result<u32, StoreError> {
        let _ = (address, now);
        todo!()
    }

    /// Who got the last case of a team that assigns in rotation.
    pub async fn last_assigned(&mut self, team: &str) -> Result<Option<PersonId>, StoreError> {
        let _ = team;
        todo!()
    }

    pub async fn set_last_assigned(&mut self, team: &str, person: &PersonId) -> Result<(), StoreError> {
        let _ = (team, person);
        todo!()
    }

    /// Keeps a ring for its person's digest. `false` when its key was used before.
    pub async fn fold_ring(&mut self, person: &PersonId, ring: &RingNote, now: Timestamp) -> Result<bool, StoreError> {
        let _ = (person, ring, now);
        todo!()
    }

    /// Rings of a person that no digest has told yet, oldest first.
    pub async fn folded_rings(&mut self, person: &PersonId) -> Result<Vec<FoldedRing>, StoreError> {
        let _ = person;
        todo!()
    }

    /// Who has such rings, and since when the oldest waits.
    pub async fn waiting_for_digest(&mut self) -> Result<BTreeMap<PersonId, Timestamp>, StoreError> {
        todo!()
    }

    /// The rings of that person up to now stand in this digest.
    pub async fn tell_folded(&mut self, person: &PersonId, digest: LetterId) -> Result<(), StoreError> {
        let _ = (person, digest);
        todo!()
    }

    /// How many single rings (`escalation`) were written to each person since then.
    pub async fn rings_since(&mut self, since: Timestamp) -> Result<BTreeMap<PersonId, u32>, StoreError> {
        let _ = since;
        todo!()
    }

    /// When a customer was last written to without asking, on whatever case.
    pub async fn unasked_at(&mut self, customer: &Address) -> Result<Option<Timestamp>, StoreError> {
        let _ = customer;
        todo!()
    }
}
