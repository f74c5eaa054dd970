//! The subcommands: the only place that prints.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub mod demo;
pub mod inspect;

/// A support inbox that makes amends.
#[derive(Debug, Parser)]
#[command(name = "amends", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Inspect(inspect::Inspect),
}

/// Runs what was asked for.
pub fn run(cli: Cli) -> ExitCode {
    match cli.command {
        Command::Demo(asked) => demo::run(&asked),
        Command::Inspect(asked) => inspect::run(&asked),
    }
}
