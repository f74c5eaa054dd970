//! What the cases teach: who is to look at what on which day. Pure over plain rows, like `decide`.
//!
//! Nothing here belongs to one case's course, and nothing here changes a case: the desk hands over rows, and gets back
//! what is worth saying. Read [`hours`] for when, [`lists`] for what.

pub mod hours;
pub mod listing;
pub mod lists;

#[cfg(test)]
mod tests;
