//! `config.toml` to [`Config`]: read once, checked once, then only passed on as small plain values.
//!
//! Every mistake is found in one go, each with its file, line and key, what was found, what is allowed and the
//! nearest right word. Secrets are read from a variable, a file or a command, and are never printed.

mod addresses;
mod advice;
mod builtin;
mod cover;
mod holidays;
mod hours;
mod house;
pub mod key;
pub mod keys;
mod kinds;
mod load;
mod login;
mod mailbox;
mod minimal;
mod mistakes;
mod model;
mod names;
mod people;
mod providers;
mod road;
mod secrets;
mod summary;
mod targets;
mod tree;
mod words;
pub mod world;

pub use advice::{advice, advised};
pub use load::{from_text, load, load_in};
pub use login::{By, Credentials, Endpoint, Grant, Login, OAuth, Proof};
pub use minimal::minimal_text;
pub use mistakes::{Mistake, Mistakes};
pub use model::*;
