//! Working time against a table that a person can check with a wall calendar, and against its own laws.
//!
//! Each row of the table names an opening, a span and the expected end, in local time. The laws are
//! tried over zones that change their clocks, over random weeks and over years in which a zone changed its mind.

pub mod hours;
mod laws;
mod table;
