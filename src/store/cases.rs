//! Cases: one document each, with what is searched by in columns of its own, and a log of lines.
//!
//! The document is the truth. Columns, clocks and participants are written from it at each save, where they
//! differ from what was there; `verify` compares them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{StoreError, Tx};
use crate::decide::case::{Case, LogLine, Outcome, State};
use crate::mail::{Address, CaseId, PersonId};

/// What a list of cases shows without opening them.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseHead {
    pub id: CaseId,
    pub subject: String,
    pub kind: String,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub first_letter_at: Option<Timestamp>,
}

/// Which cases a list shows; all that is `None` is not asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseFilter {
    /// `Some(true)`: all but closed ones.
    pub open: Option<bool>,
    pub state: Option<State>,
    pub outcome: Option<Outcome>,
    pub owner: Option<PersonId>,
    pub team: Option<String>,
    pub kind: Option<String>,
    pub customer: Option<Address>,
    /// Something of it came due before then.
    pub due_before: Option<Timestamp>,
    /// 0: all.
    pub limit: usize,
}

impl Tx {
    /// The id of a case that is about to be opened: the number of its reference. The first is 1001.
    pub async fn next_case_id(&mut self) -> Result<CaseId, StoreError> {
        todo!()
    }

    pub async fn case(&mut self, id: CaseId) -> Result<Option<Case>, StoreError> {
        let _ = id;
        todo!()
    }

    /// Writes the case, its clocks, its participants, and its new log lines, which are cleared.
    pub async fn save_case(&mut self, case: &mut Case) -> Result<(), StoreError> {
        let _ = case;
        todo!()
    }

    /// People in To or Cc of a case's mail: their mail joins the case, they are sent nothing.
    pub async fn mention(&mut self, case: CaseId, addresses: &[Address]) -> Result<(), StoreError> {
        let _ = (case, addresses);
        todo!()
    }

    /// Ordered by what is due next; those without anything due last, by number.
    pub async fn list_cases(&mut self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let _ = filter;
        todo!()
    }

    /// Oldest first.
    pub async fn case_log(&mut self, id: CaseId) -> Result<Vec<LogLine>, StoreError> {
        let _ = id;
        todo!()
    }

    /// The cases of a customer, newest first.
    pub async fn cases_of(&mut self, customer: &Address, limit: usize) -> Result<Vec<CaseHead>, StoreError> {
        let _ = (customer, limit);
        todo!()
    }

    /// How many cases a customer opened since then.
    pub async fn opened_since(&mut self, customer: &Address, since: Timestamp) -> Result<u32, StoreError> {
        let _ = (customer, since);
        todo!()
    }

    /// How many open cases each person owns. Counted once a transaction and kept up by its saves.
    pub async fn open_cases(&mut self) -> Result<BTreeMap<PersonId, u32>, StoreError> {
        todo!()
    }
}
