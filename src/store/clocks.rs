//! What waits for an instant, found by index: cost grows with what is due, not with what is stored.
//!
//! One row for each running clock of a case, one (`ring`) for its earliest planned ring and one (`letter`) for its
//! earliest waiting letter. The rows are made from the case's document and from nothing else.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::dialect::{ROWS_AT_ONCE, rows};
use super::values::{instant_or_none, micros};
use super::{StoreError, Tx};
use crate::decide::case::Case;
use crate::mail::CaseId;

/// A row of `clocks`, without its case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClockRow {
    pub(super) what: &'static str,
    pub(super) n: u32,
    pub(super) version: u32,
    pub(super) due_at: i64,
}

/// The rows that the case's document asks for, sorted.
pub(super) fn clock_rows(case: &Case) -> Vec<ClockRow> {
    let clocks = case.running().map(|c| ClockRow {
        what: c.target.as_str(),
        n: c.n,
        version: c.version,
        due_at: micros(c.due_at),
    });
    let alone = |what, due_at: Timestamp| ClockRow { what, n: 0, version: 0, due_at: micros(due_at) };
    let ring = case.planned_rings().map(|r| r.due_at).min();
    let letter = case.told.waiting.iter().map(|w| w.not_before).min();
    let mut all: Vec<_> =
        clocks.chain(ring.map(|at| alone("ring", at))).chain(letter.map(|at| alone("letter", at))).collect();
    all.sort();
    all.dedup_by(|a, b| (a.what, a.n, a.version) == (b.what, b.n, b.version));
    all
}

impl Tx {
    /// Cases with something due at `now` or before, longest overdue first, each once.
    pub async fn due_cases(&mut self, now: Timestamp, limit: usize) -> Result<Vec<CaseId>, StoreError> {
        self.write_late().await?;
        let due = sqlx::query_scalar("SELECT case_id FROM clocks WHERE due_at <= $1 ORDER BY due_at, case_id LIMIT $2");
        let due: Vec<i64> = due.bind(micros(now)).bind(limit as i64).fetch_all(&mut *self.inner).await?;
        let mut cases: Vec<CaseId> = Vec::with_capacity(due.len());
        let mut seen = std::collections::HashSet::new();
        cases.extend(due.into_iter().map(CaseId).filter(|case| seen.insert(*case)));
        Ok(cases)
    }

    /// The earliest instant at which something of any case comes due.
    pub async fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        self.write_late().await?;
        let at = sqlx::query_scalar("SELECT MIN(due_at) FROM clocks");
        instant_or_none(at.fetch_one(&mut *self.inner).await?)
    }

    /// Makes the rows those that `now` says, touching only what differs from `was`.
    pub(super) async fn write_clocks(
        &mut self,
        case: CaseId,
        was: &[ClockRow],
        now: &[ClockRow],
    ) -> Result<(), StoreError> {
        for gone in was.iter().filter(|row| !now.contains(row)) {
            self.write_late().await?;
            let delete = sqlx::query("DELETE FROM clocks WHERE case_id = $1 AND what = $2 AND n = $3 AND version = $4");
            let delete = delete.bind(case.0).bind(gone.what).bind(i64::from(gone.n)).bind(i64::from(gone.version));
            delete.execute(&mut *self.inner).await?;
        }
        let new = now.iter().filter(|row| !was.contains(row)).cloned();
        self.late.clocks.extend(new.map(|row| (case, row)));
        Ok(())
    }

    pub(super) async fn insert_clocks(&mut self, new: &[(CaseId, ClockRow)]) -> Result<(), StoreError> {
        for some in new.chunks(ROWS_AT_ONCE) {
            let places = rows(some.len(), 5);
            let text = format!("INSERT INTO clocks (case_id, what, n, version, due_at) VALUES {places}");
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for (case, row) in some {
                insert = insert.bind(case.0).bind(row.what).bind(i64::from(row.n));
                insert = insert.bind(i64::from(row.version)).bind(row.due_at);
            }
            insert.execute(&mut *self.inner).await?;
        }
        Ok(())
    }
}
