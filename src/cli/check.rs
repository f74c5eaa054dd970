//! (next)
use super::Global;
use super::exit::Answer;
use clap::Args;
/// next
#[derive(Debug, Args)]
pub struct Check {}
pub fn run(_: &Check, _: &Global) -> Answer {
    Ok(())
}
