//! `amends init`: a configuration to begin with, a key, a folder for the owner's own letters. Overwrites nothing.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::{key, minimal_text};

use super::exit::{self, Answer, Trouble};

const CONFIG: &str = "config.toml";
const KEY: &str = "amends.key";
const LETTERS: &str = "templates";

/// Writes a configuration to begin with, and a key
#[derive(Debug, Args)]
pub struct Init {
    /// Where to
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

pub fn run(asked: &Init) -> Answer {
    let folder = &asked.folder;
    for name in [CONFIG, KEY] {
        let file = folder.join(name);
        if file.symlink_metadata().is_ok() {
            let says = format!("{} is there already, and is not overwritten: move it away first", file.display());
            return Err(Trouble::new(exit::EXISTS, says));
        }
    }
    let key = key::make().map_err(|e| Trouble::new(exit::AGAIN, format!("no random bytes for a key: {e}")))?;
    let letters = folder.join(LETTERS);
    fs::create_dir_all(&letters).map_err(|e| unwritten(&letters, &e))?;
    write(&folder.join(KEY), key.as_bytes(), 0o600)?;
    write(&folder.join(CONFIG), minimal_text().as_bytes(), 0o644)?;
    tell(folder);
    Ok(())
}

/// Never over a file that came to be meanwhile.
fn write(file: &Path, bytes: &[u8], mode: u32) -> Answer {
    let made = File::options().write(true).create_new(true).mode(mode).open(file);
    let written = made.and_then(|mut f| f.write_all(bytes).and_then(|()| f.sync_all()));
    written.map_err(|e| unwritten(file, &e))
}

fn unwritten(file: &Path, error: &io::Error) -> Trouble {
    let code = if error.kind() == io::ErrorKind::AlreadyExists { exit::EXISTS } else { exit::OUTPUT };
    Trouble::new(code, format!("{} cannot be written: {error}", file.display()))
}

fn tell(folder: &Path) {
    let config = folder.join(CONFIG);
    println!("{}  change every value in it", config.display());
    println!("{}  the key of reply addresses: keep it, and keep it private", folder.join(KEY).display());
    println!("{}  letters of your own go here; without them the built-in ones serve", folder.join(LETTERS).display());
    println!("\nThen: amends check --config {}", config.display());
}
