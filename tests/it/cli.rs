//! The built program, as people, MTAs and service managers call it: exit codes, words, JSON, signals.

mod commands;
mod daemon;
mod parked;
pub mod shop;
mod welcome;
