//! (next)
use super::Global;
use super::exit::Answer;
use clap::Args;
/// next
#[derive(Debug, Args)]
pub struct Simulate {}
pub fn run(_: &Simulate, _: &Global) -> Answer {
    Ok(())
}
