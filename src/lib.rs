//! Amends: a support inbox that makes amends.
pub mod arrive;
pub mod classify;
pub mod cli;
pub mod config;
pub mod decide;
pub mod deliver;
pub mod desk;
pub mod mail;
pub mod store;
pub mod templates;
pub mod time;
pub mod tls;
pub mod token;
