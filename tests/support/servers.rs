//! The servers that tests/servers/start started, as the environment names their folder.
//!
//! Without `AMENDS_TEST_SERVERS` a test that needs them says so and ends; with `AMENDS_REQUIRE_SERVERS` it fails,
//! so that tests/run never passes by skipping.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where Dovecot and Postfix answer, and where Dovecot keeps its mail.
#[derive(Debug, Clone)]
pub struct Servers {
    values: HashMap<String, String>,
}

impl Servers {
    /// `None` where there are none, after a line that says so.
    pub fn from_env(test: &str) -> Option<Self> {
        match std::env::var_os("AMENDS_TEST_SERVERS") {
            Some(folder) => Some(Self::in_folder(Path::new(&folder))),
            None => {
                assert!(std::env::var_os("AMENDS_REQUIRE_SERVERS").is_none(), "{test} needs AMENDS_TEST_SERVERS");
                // Past the runner's capture: a test that did not run should be seen.
                let line = format!("skipped: {test} (no AMENDS_TEST_SERVERS; tests/run starts them)\n");
                std::io::stderr().write_all(line.as_bytes()).unwrap();
                None
            }
        }
    }

    /// The servers of a folder that tests/servers/start printed.
    pub fn in_folder(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join("env"))
            .unwrap_or_else(|error| panic!("no servers in {}: {error}", folder.display()));
        let values = text.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.into(), v.into()));
        Self { values: values.collect() }
    }

    /// A value of the file `env`: `CERTIFICATE`, `FINGERPRINT`, `MAIL`.
    pub fn value(&self, name: &str) -> &str {
        self.values.get(name).unwrap_or_else(|| panic!("the servers' env has no {name}"))
    }

    /// `IMAP`, `IMAPS`, `POLL_IMAP`, `LMTP`, `SMTP`, `SUBMISSION` or `SMTPS`, all on 127.0.0.1.
    pub fn port(&self, name: &str) -> u16 {
        self.value(name).parse().unwrap()
    }

    /// The Maildir of an address, which is there once it got mail.
    pub fn maildir(&self, address: &str) -> PathBuf {
        Path::new(self.value("MAIL")).join(address).join("Maildir")
    }
}
