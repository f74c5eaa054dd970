//! `amends verify`: does everything still hold that must always hold? Changes nothing.

use clap::Args;
use serde_json::json;

use crate::store::verify::verify;

use super::Global;
use super::exit::{self, Answer, Trouble};
use super::open::{Opened, wait_for};

/// Checks the database against the invariants; non-zero if one is broken
#[derive(Debug, Args)]
pub struct Verify {
    /// An array of {rule, what}
    #[arg(long)]
    json: bool,
}

pub fn run(asked: &Verify, global: &Global) -> Answer {
    wait_for(async {
        let desk = Opened::database(global).await?;
        let broken = verify(&desk.store).await?;
        if asked.json {
            let list: Vec<_> = broken.iter().map(|b| json!({ "rule": b.rule, "what": b.what })).collect();
            println!("{:#}", json!(list));
        } else {
            broken.iter().for_each(|b| println!("{}: {}", b.rule, b.what));
        }
        match broken.len() {
            0 if asked.json => Ok(()),
            0 => {
                println!("Every invariant holds.");
                Ok(())
            }
            1 => Err(Trouble::new(exit::DATA, "1 finding: keep the database as it is, and report it")),
            n => Err(Trouble::new(exit::DATA, format!("{n} findings: keep the database as it is, and report them"))),
        }
    })
}
