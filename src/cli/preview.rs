//! (next)
use super::Global;
use super::exit::Answer;
use clap::Args;
/// next
#[derive(Debug, Args)]
pub struct Preview {}
pub fn run(_: &Preview, _: &Global) -> Answer {
    Ok(())
}
