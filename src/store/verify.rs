//! `amends verify`: the invariants of mail-rules section 1, and those of our own tables.
//!
//! Reads one consistent picture and changes nothing. Every finding names the row, so that a person can look.

use super::{Store, StoreError};

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which rule, in a few words: the same for all its findings.
    pub rule: &'static str,
    /// Which row, and what is wrong with it.
    pub what: String,
}

/// All that is broken; empty when all is well. At most 100 findings a rule.
pub async fn verify(store: &Store) -> Result<Vec<Broken>, StoreError> {
    let _ = store;
    todo!()
}
