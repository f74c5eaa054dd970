//! The subcommands: the only place that prints.
//!
//! One file a command family. What goes wrong is one readable line on stderr that says what to do, and an exit code of
//! sysexits ([`exit`]); configuration mistakes are a line each. A reader that closes the pipe ends us quietly.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// As `std::println`, but a closed pipe is no panic.
macro_rules! println {
    () => { $crate::cli::print::out(format_args!("\n")) };
    ($($arg:tt)*) => { $crate::cli::print::out(format_args!("{}\n", format_args!($($arg)*))) };
}

/// As `std::eprintln`, but a closed pipe is no panic.
macro_rules! eprintln {
    ($($arg:tt)*) => { $crate::cli::print::err(format_args!("{}\n", format_args!($($arg)*))) };
}

mod case_ref;
pub mod cases;
pub mod check;
mod completions;
pub mod deliver;
pub mod demo;
pub mod exit;
mod explain;
mod init;
pub mod inspect;
mod login;
mod logs;
mod open;
mod outbox;
mod parked;
mod preview;
mod print;
mod proofs;
pub mod run;
mod show;
mod shown;
mod simulate;
mod table;
mod trial;
mod verify;
mod welcome;

use exit::{Answer, Trouble};

/// A support inbox that makes amends.
#[derive(Debug, Parser)]
#[command(name = "amends", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// The configuration
    #[arg(long, global = true, value_name = "FILE", default_value = "./config.toml")]
    config: PathBuf,
    /// How the log is written to stderr
    #[arg(long, global = true, value_enum, value_name = "FORMAT", default_value_t = logs::Format::Text)]
    log_format: logs::Format,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Demo),
    Init(init::Init),
    Check(check::Check),
    Login(login::Login),
    Welcome(welcome::Welcome),
    Run(run::Run),
    Deliver(deliver::Deliver),
    Inspect(inspect::Inspect),
    Preview(preview::Preview),
    Simulate(simulate::Simulate),
    #[command(subcommand)]
    Case(cases::Cases),
    #[command(subcommand)]
    Outbox(outbox::Outbox),
    #[command(subcommand)]
    Parked(parked::Parked),
    Verify(verify::Verify),
    Completions(completions::Completions),
}

/// Reads the arguments and does what they ask for.
pub fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => misread(&error),
    }
}

/// Runs what was asked for.
pub fn run(cli: Cli) -> ExitCode {
    let global = &cli.global;
    logs::begin(global.log_format, matches!(cli.command, Command::Run(_)));
    let answer = match &cli.command {
        Command::Inspect(asked) => return inspect::run(asked),
        Command::Demo(asked) => demo::run(asked),
        Command::Init(asked) => init::run(asked),
        Command::Check(asked) => check::run(asked, global),
        Command::Login(asked) => login::run(asked, global),
        Command::Welcome(asked) => welcome::run(asked, global),
        Command::Run(asked) => run::run(asked, global),
        Command::Deliver(asked) => deliver::run(asked, global),
        Command::Preview(asked) => preview::run(asked, global),
        Command::Simulate(asked) => simulate::run(asked, global),
        Command::Case(asked) => cases::run(asked, global),
        Command::Outbox(asked) => outbox::run(asked, global),
        Command::Parked(asked) => parked::run(asked, global),
        Command::Verify(asked) => verify::run(asked, global),
        Command::Completions(asked) => completions::run(asked),
    };
    told(answer)
}

fn told(answer: Answer) -> ExitCode {
    match answer {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble { code, says }) => {
            if !says.is_empty() {
                eprintln!("{says}");
            }
            ExitCode::from(code)
        }
    }
}

/// Help and version are answers; all else is a mistake in the arguments.
fn misread(error: &clap::Error) -> ExitCode {
    if error.use_stderr() {
        eprintln!("{}", error.render().to_string().trim_end());
        return ExitCode::from(exit::USAGE);
    }
    println!("{}", error.render().to_string().trim_end());
    ExitCode::SUCCESS
}
