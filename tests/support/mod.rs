//! What tests stand on: real servers, the roads a mail takes to them and back, and mails to send.
//!
//! Benches take single files of this folder; so each stands alone or names what it needs beside it.

pub mod bombs;
pub mod changes;
pub mod dkim;
pub mod imap;
pub mod lmtp;
pub mod mail;
pub mod maildir;
pub mod seeds;
pub mod servers;
pub mod smtp;
pub mod targets;
pub mod wait;
