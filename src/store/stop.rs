//! A seam for stories: the store dies at a chosen commit, and every later call fails, as if the machine had stopped.
//!
//! The same death follows a commit that failed at the disk, where nothing may be tried again.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::StoreError;

/// When the store dies, counted in commits of write transactions from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopAt {
    /// The n-th commit does not happen.
    Before(u32),
    /// The n-th commit happens, and whoever asked for it does not hear so.
    After(u32),
}

#[derive(Debug, Default)]
pub(super) struct Stop {
    plan: Mutex<Plan>,
}

#[derive(Debug, Default)]
struct Plan {
    at: Option<StopAt>,
    commits: u32,
    dead: bool,
}

impl Stop {
    pub(super) fn plan(&self, at: StopAt) {
        let mut plan = self.lock();
        plan.at = Some(at);
        plan.commits = 0;
    }

    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.lock().dead { Err(StoreError::Stopped) } else { Ok(()) }
    }

    pub(super) fn die(&self) {
        self.lock().dead = true;
    }

    /// Asked before a commit.
    pub(super) fn may_commit(&self) -> Result<(), StoreError> {
        let mut plan = self.lock();
        let now = plan.commits + 1;
        plan.dead |= plan.at == Some(StopAt::Before(now));
        if plan.dead { Err(StoreError::Stopped) } else { Ok(()) }
    }

    /// Told after a commit.
    pub(super) fn committed(&self) -> Result<(), StoreError> {
        let mut plan = self.lock();
        plan.commits += 1;
        plan.dead |= plan.at == Some(StopAt::After(plan.commits));
        if plan.dead { Err(StoreError::Stopped) } else { Ok(()) }
    }

    pub(super) fn commits(&self) -> u32 {
        self.lock().commits
    }

    fn lock(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
