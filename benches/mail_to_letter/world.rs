//! The servers of the bench and its disk; gone when it ends, also by a panic.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::sink::Sink;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Dovecot and Postfix of tests/servers/start, an SMTP server that throws all away, and a folder on disk.
pub struct World {
    folder: PathBuf,
    values: HashMap<String, String>,
    sink: Sink,
    disk: tempfile::TempDir,
}

impl World {
    pub fn start() -> Self {
        let output = Command::new(format!("{ROOT}/tests/servers/start")).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "tests/servers/start: {}", output.status);
        let folder = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
        let text = fs::read_to_string(folder.join("env")).unwrap();
        let values = text.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        let sink = Sink::start(false).unwrap();
        // Beside the build: a temporary folder may be memory, where a sync costs nothing.
        let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { folder, values, sink, disk }
    }

    pub fn port(&self, name: &str) -> u16 {
        self.values[name].parse().unwrap()
    }

    pub fn sink(&self) -> &Sink {
        &self.sink
    }

    pub fn maildir(&self, address: &str) -> PathBuf {
        Path::new(&self.values["MAIL"]).join(address).join("Maildir")
    }

    pub fn disk(&self) -> &Path {
        self.disk.path()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let servers = Command::new(format!("{ROOT}/tests/servers/stop")).arg(&self.folder).status();
        if !servers.is_ok_and(|status| status.success()) {
            eprintln!("left running: see {}", self.folder.display());
        }
    }
}
