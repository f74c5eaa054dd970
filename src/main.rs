//! Parses the arguments, calls `cli`, turns the result into an exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    amends::cli::run(amends::cli::Cli::parse())
}
