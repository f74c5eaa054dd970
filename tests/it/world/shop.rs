//! A shop for each test: Northwind Lamps with mailboxes and people of its own, so that tests run side by side.

use std::path::Path;

use amends::config::{self, Config};
use tempfile::TempDir;

use super::super::support::servers::Servers;

/// What a test says of its shop; the rest is the same for all.
#[derive(Clone)]
pub struct Shop {
    /// Mail comes to `NAME@northwind.example`, Mei reads `mei.NAME@`, the admin `admin.NAME@`.
    pub name: &'static str,
    pub imap: String,
    pub smtp: String,
    /// Further lines of `[[mailbox]]`.
    pub mailbox: String,
    /// The server that says who wrote a mail is believed.
    pub trusts: bool,
    /// Letters leave signed in.
    pub login_out: bool,
}

impl Shop {
    pub fn new(name: &'static str, imap: String, smtp: String) -> Self {
        Self { name, imap, smtp, mailbox: "start = \"all\"\n".to_owned(), login_out: true, trusts: true }
    }

    /// IMAP over TLS with the test's own CA, letters over TLS and signed in.
    pub fn over(servers: &Servers, name: &'static str) -> Self {
        let tls = format!("tls = \"implicit\"\nca_file = \"{}\"", servers.value("CERTIFICATE"));
        let imap = format!("port = {}\n{tls}\n", servers.port("IMAPS"));
        let smtp = format!("port = {}\n{tls}\n", servers.port("SMTPS"));
        Self::new(name, imap, smtp)
    }

    /// Plain roads to servers of the test's own.
    pub fn plain(name: &'static str, imap: u16, smtp: u16) -> Self {
        let road = |port| format!("port = {port}\ntls = \"none\"\n");
        Self { login_out: false, ..Self::new(name, road(imap), road(smtp)) }
    }

    pub fn mailbox(self, lines: &str) -> Self {
        Self { mailbox: format!("{lines}\n"), ..self }
    }

    pub fn address(&self) -> String {
        format!("{}@northwind.example", self.name)
    }

    pub fn mei(&self) -> String {
        format!("mei.{}@northwind.example", self.name)
    }

    pub fn admin(&self) -> String {
        format!("admin.{}@northwind.example", self.name)
    }

    /// Writes the configuration with its key and password, and reads it as the daemon does.
    pub fn config(&self, folder: &Path) -> Config {
        std::fs::write(folder.join("amends.key"), "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n")
            .expect("a key");
        let password = folder.join("password");
        if !password.exists() {
            std::fs::write(password, "secret\n").expect("a password");
        }
        let file = folder.join("config.toml");
        std::fs::write(&file, self.text()).expect("a config");
        config::load(&file).unwrap_or_else(|mistakes| panic!("the shop's configuration:\n{mistakes}"))
    }

    fn text(&self) -> String {
        let (address, mei, admin) = (self.address(), self.mei(), self.admin());
        let Self { name, imap, smtp, mailbox, .. } = self;
        let trusted = if self.trusts { "\"mx.test\"" } else { "" };
        let login = match self.login_out {
            true => format!("username = \"{address}\"\npassword = {{ file = \"password\" }}"),
            false => String::new(),
        };
        format!(
            r#"
[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"

[database]
url = "sqlite:amends.db"

[alerts]
to = "{admin}"

[[mailbox]]
name = "{name}"
address = "{address}"
display_name = "Northwind Care"
{mailbox}
[mailbox.imap]
host = "127.0.0.1"
username = "{address}"
password = {{ file = "password" }}
{imap}
[mailbox.smtp]
host = "127.0.0.1"
{login}
{smtp}
[[person]]
id = "mei"
name = "Mei Tan"
email = "{mei}"

[[person]]
id = "jane"
name = "Jane Okafor"
email = "jane.{name}@northwind.example"
authority = true

[security]
key = {{ file = "amends.key" }}
trusted_authserv_id = [{trusted}]
bot_guard = "0s"

[board]
listen = ""
"#
        )
    }
}

/// A folder that outlives the daemons in it.
pub fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}
