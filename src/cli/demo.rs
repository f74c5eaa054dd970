//! `amends demo`: the real desk plays a story on set time, with no mail server and no set-up.
//!
//! Everything but the customers' words is done by the daemon's own parts, on SQLite and two Maildirs in a folder that
//! stays, so that every letter can be read and the desk can be asked afterwards. A folder that holds something is
//! refused (exit code 73): nothing of anybody's is written over. A reader that closes the pipe ends the story quietly.

mod ending;
mod pages;
mod play;
mod post;
mod stage;
mod story;
mod telling;

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::exit::{self, Answer, Trouble};
use crate::config::key;
use telling::Telling;

const CONFIG: &str = include_str!("demo/config.toml");

/// Plays a story: a lamp fails, the case climbs, is mended and asked after; with no mail server and no set-up
#[derive(Debug, Args)]
pub struct Demo {
    /// Where everything is left, a new or empty folder; without it, among the temporary files
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Without pauses for reading
    #[arg(long)]
    fast: bool,
}

/// Tells the story to stdout.
pub fn run(asked: &Demo) -> Answer {
    let folder = match &asked.keep {
        Some(folder) => empty_folder(folder),
        None => folder_of_our_own(),
    };
    let folder = folder.map_err(|error| Trouble::new(exit::EXISTS, format!("{error:#}")))?;
    match tell(&folder, asked.fast) {
        Err(error) if pipe_is_closed(&error) => Ok(()),
        told => Ok(told?),
    }
}

fn tell(folder: &Path, fast: bool) -> anyhow::Result<()> {
    set_up(folder)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(play::play(folder, &mut Telling::to_stdout(fast)))
}

/// What `amends init` would make, and a folder for the pages.
fn set_up(folder: &Path) -> anyhow::Result<()> {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        let written = file.and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()));
        written.with_context(|| format!("cannot write {}", path.display()))
    };
    write("config.toml", CONFIG)?;
    write("amends.key", &key::make().context("no random numbers for a key")?)?;
    let letters = folder.join("letters");
    fs::create_dir(&letters).with_context(|| format!("cannot make {}", letters.display()))
}

/// The folder of `--keep`, which is made where it is missing.
fn empty_folder(folder: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let mut entries = fs::read_dir(folder).with_context(|| format!("cannot look into {}", folder.display()))?;
    match entries.next() {
        None => Ok(folder.canonicalize()?),
        Some(_) => anyhow::bail!(
            "{} is not empty, and the demo writes over nothing: name a folder that is new or empty",
            folder.display()
        ),
    }
}

/// A new folder among the temporary ones. It stays: the letters are to be read.
fn folder_of_our_own() -> anyhow::Result<PathBuf> {
    let mut random = [0_u8; 4];
    getrandom::fill(&mut random).context("no random numbers for a name")?;
    let folder = std::env::temp_dir().join(format!("amends-demo-{}", data_encoding::HEXLOWER.encode(&random)));
    // Not `create_dir_all`: a folder that is there already is somebody else's.
    let made = DirBuilder::new().mode(0o700).create(&folder);
    made.with_context(|| format!("cannot make {}; `--keep DIR` names another place", folder.display()))?;
    Ok(folder)
}

fn pipe_is_closed(error: &anyhow::Error) -> bool {
    let closed = |e: &io::Error| e.kind() == io::ErrorKind::BrokenPipe;
    error.chain().any(|e| e.downcast_ref::<io::Error>().is_some_and(closed))
}
