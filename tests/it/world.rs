//! The whole daemon against the world: real servers, servers that fail at every turn, and the kill.
//!
//! `desk::run::run` works here as it does in production, over sockets. What must hold whatever happens: no mail is
//! lost, no letter goes twice beyond the documented bound, and `verify` finds nothing.

mod course;
mod daemon;
mod faults_in;
mod faults_out;
mod imap;
mod kill;
mod quiet;
mod real;
mod roads;
mod shop;
mod trial;
