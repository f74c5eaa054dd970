//! A seam for stories: the store dies at a chosen commit, and every later call fails, as if the machine had stopped.

/// When the store dies, counted in commits of write transactions from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopAt {
    /// The n-th commit does not happen.
    Before(u32),
    /// The n-th commit happens, and whoever asked for it does not hear so.
    After(u32),
}
