//! The rules alone, told as stories: what happens to a case, and what is asked of the world, line by line.
//!
//! No store, no server, no clock: `decide` is given an event, then woken at each instant at which something is due.
//! Times stand in local time of the house. November 2026 begins on a Sunday; the 18th is a Wednesday.

mod commands;
mod first;
mod joining;
mod ladder;
mod later;
mod mended;
mod neglect;
mod people;
mod staff;
pub mod story;
mod typos;
