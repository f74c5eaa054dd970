//! One test program, a module a subject: it links once.

mod batches;
mod calendar;
mod cli;
mod configs;
mod corpus;
mod demo;
mod dependencies;
mod dkim;
mod forged;
mod hostile;
mod imap_faults;
mod layers;
mod letters;
mod maildir;
mod mails;
mod manual;
mod oauth;
mod placing;
mod properties;
mod providers;
mod rules;
mod servers;
mod smtp_faults;
mod store;
mod stories;
mod world;

#[path = "../support/mod.rs"]
mod support;
