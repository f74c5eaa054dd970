//! The servers of the bench and its disk; gone when it ends, also by a panic.

use std::collections::HashMap;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Dovecot and Postfix of tests/servers/start, an SMTP server that throws all away, and a folder on disk.
pub struct World {
    folder: PathBuf,
    values: HashMap<String, String>,
    sink: Child,
    sink_port: u16,
    disk: tempfile::TempDir,
}

impl World {
    pub fn start() -> Self {
        let output = Command::new(format!("{ROOT}/tests/servers/start")).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "tests/servers/start: {}", output.status);
        let folder = PathBuf::from(String::from_utf8(output.stdout).unwrap().trim());
        let text = fs::read_to_string(folder.join("env")).unwrap();
        let values = text.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.into(), v.into())).collect();
        let (sink, sink_port) = sink();
        // Beside the build: a temporary folder may be memory, where a sync costs nothing.
        let disk = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        Self { folder, values, sink, sink_port, disk }
    }

    pub fn port(&self, name: &str) -> u16 {
        self.values[name].parse().unwrap()
    }

    pub fn sink_port(&self) -> u16 {
        self.sink_port
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
        let sink = self.sink.kill().and_then(|()| self.sink.wait());
        let servers = Command::new(format!("{ROOT}/tests/servers/stop")).arg(&self.folder).status();
        if sink.is_err() || !servers.is_ok_and(|status| status.success()) {
            eprintln!("left running: see {}", self.folder.display());
        }
    }
}

/// Postfix's `smtp-sink`, which takes any mail and keeps none.
fn sink() -> (Child, u16) {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut command = Command::new("smtp-sink");
    command.args(["-u", "nobody", &format!("127.0.0.1:{port}"), "1000"]);
    let sink = command.env("PATH", "/usr/sbin:/usr/bin:/bin").stderr(Stdio::null()).spawn().unwrap();
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < Duration::from_secs(10), "smtp-sink does not answer");
        std::thread::yield_now();
    }
    (sink, port)
}
