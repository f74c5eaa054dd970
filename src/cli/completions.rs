//! `amends completions`: what shells need to complete our commands.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;
use super::exit::Answer;

/// Prints completions for a shell
#[derive(Debug, Args)]
pub struct Completions {
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(asked: &Completions) -> Answer {
    let mut script = Vec::new();
    generate(asked.shell, &mut Cli::command(), "amends", &mut script);
    println!("{}", String::from_utf8_lossy(&script).trim_end());
    Ok(())
}
