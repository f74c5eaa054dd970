//! What a configuration asks of the machine it stands on: variables, files, commands. Read once, at the start.
//!
//! `Machine` is the real one; `Given` answers from plain maps, for tests and for configurations that are made in
//! memory. A command has half a minute; it is told apart from a missing one, and what it printed is never shown.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Where secrets and other files of a configuration come from.
pub trait World {
    fn variable(&self, name: &str) -> Option<String>;
    fn file(&self, path: &Path) -> io::Result<Vec<u8>>;
    fn is_folder(&self, path: &Path) -> bool;
    /// May every user of the machine read it?
    fn is_public(&self, path: &Path) -> bool;
    /// What a shell command prints; the error says how it failed, not what it said.
    fn command(&self, line: &str, folder: &Path) -> Result<Vec<u8>, String>;
}

/// The machine that the program runs on.
#[derive(Debug, Clone, Copy)]
pub struct Machine;

/// Why a file cannot be read, as an admin says it.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is none".to_owned(),
        io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        kind => kind.to_string(),
    }
}

const COMMAND_WAIT: Duration = Duration::from_secs(30);

/// No secret and no list of holidays is larger; `/dev/zero` would be.
const LARGEST_FILE: u64 = 16 << 20;

impl World for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        std::fs::File::open(path)?.take(LARGEST_FILE).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    #[cfg(unix)]
    fn is_public(&self, path: &Path) -> bool {
        use std::os::unix::fs::PermissionsExt;
        std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o004 != 0)
    }

    #[cfg(not(unix))]
    fn is_public(&self, _path: &Path) -> bool {
        false
    }

    fn command(&self, line: &str, folder: &Path) -> Result<Vec<u8>, String> {
        let mut child = Command::new("sh")
            .args(["-c", line])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("could not be started ({e})"))?;
        let Some(stdout) = child.stdout.take() else { return Err("could not be read".to_owned()) };
        let Some(printed) = read_in_time(stdout) else {
            // Stopping it can only fail because it has just ended by itself; either way it is reaped below.
            child.kill().or_else(|e| if e.kind() == io::ErrorKind::InvalidInput { Ok(()) } else { Err(e) }).map_err(
                |e| format!("did not end in {} seconds and could not be stopped ({e})", COMMAND_WAIT.as_secs()),
            )?;
            child.wait().map_err(|e| format!("could not be waited for ({e})"))?;
            return Err(format!("did not end in {} seconds", COMMAND_WAIT.as_secs()));
        };
        let status = child.wait().map_err(|e| format!("could not be waited for ({e})"))?;
        let printed = printed.map_err(|e| format!("could not be read ({e})"))?;
        if status.success() { Ok(printed) } else { Err(format!("failed ({status})")) }
    }
}

/// All that a command prints, or `None` when it takes too long.
fn read_in_time(stdout: impl Read + Send + 'static) -> Option<io::Result<Vec<u8>>> {
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let result = stdout.take(LARGEST_FILE).read_to_end(&mut bytes).map(|_| bytes);
        // Nobody listens any more when the time was up; then the answer is not wanted.
        done.send(result).ok();
    });
    wait.recv_timeout(COMMAND_WAIT).ok()
}

/// A machine made of maps.
#[derive(Debug, Clone, Default)]
pub struct Given {
    pub variables: BTreeMap<String, String>,
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    pub folders: BTreeSet<PathBuf>,
    /// Files that every user may read.
    pub public: BTreeSet<PathBuf>,
    /// Commands that succeed, with what they print; every other one fails.
    pub commands: BTreeMap<String, Vec<u8>>,
}

impl Given {
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    pub fn with_file(mut self, path: impl Into<PathBuf>, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path.into(), bytes.into());
        self
    }

    pub fn with_command(mut self, line: &str, printed: &str) -> Self {
        self.commands.insert(line.to_owned(), printed.as_bytes().to_vec());
        self
    }

    pub fn with_folder(mut self, path: impl Into<PathBuf>) -> Self {
        self.folders.insert(path.into());
        self
    }
}

impl World for Given {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn file(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.folders.contains(path) || self.files.keys().any(|file| file.parent() == Some(path))
    }

    fn is_public(&self, path: &Path) -> bool {
        self.public.contains(path)
    }

    fn command(&self, line: &str, _folder: &Path) -> Result<Vec<u8>, String> {
        self.commands.get(line).cloned().ok_or_else(|| "failed (exit status: 1)".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_read_or_said_to_have_failed_without_its_words() {
        let folder = Path::new("/");
        assert_eq!(Machine.command("printf secret", folder), Ok(b"secret".to_vec()));
        let failed = Machine.command("echo secret; exit 3", folder).expect_err("fails");
        assert!(failed.contains('3') && !failed.contains("secret"), "{failed}");
    }
}
