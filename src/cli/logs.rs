//! The log: one readable line per thing that happened, on stderr. `RUST_LOG` chooses what is told.

use std::io::{self, IsTerminal};

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Text,
    // An object a line.
    Json,
}

/// The daemon tells what it does; a command that prints its answer tells only what goes wrong.
pub fn begin(format: Format, daemon: bool) {
    let default = if daemon { "amends=info" } else { "amends=warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // Where the log cannot be written there is no place to say so.
        .log_internal_errors(false);
    match format {
        Format::Text => log.with_target(false).compact().init(),
        Format::Json => log.json().flatten_event(true).init(),
    }
}
