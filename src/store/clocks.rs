//! What waits for an instant, found by index: cost grows with what is due, not with what is stored.
//!
//! One row for each running clock of a case, one (`ring`) for its earliest planned ring and one (`letter`) for its
//! earliest waiting letter. The rows are made from the case's document and from nothing else.

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::mail::CaseId;

impl Tx {
    /// Cases with something due at `now` or before, longest overdue first, each once.
    pub async fn due_cases(&mut self, now: Timestamp, limit: usize) -> Result<Vec<CaseId>, StoreError> {
        let _ = (now, limit);
        todo!()
    }

    /// The earliest instant at which something of any case comes due.
    pub async fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        todo!()
    }
}
