//! The shop of the stories: Northwind Lamps, as in the manual.

use std::path::Path;

use amends::config::{self, Config};

pub const CONFIG: &str = r#"
[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"

[[mailbox]]
address = "support@northwind.example"
display_name = "Northwind Care"
team = "care"
[mailbox.maildir]
inbox = "in"
outgoing = "out"

[[team]]
name = "care"
lead = "lena"

[[person]]
id = "mei"
name = "Mei Tan"
email = "mei@northwind.example"
teams = ["care"]

[[person]]
id = "lena"
name = "Lena Voss"
email = "lena@northwind.example"
teams = ["care"]
away = [{ from = "2026-11-01", to = "2026-11-22" }]

[[person]]
id = "jane"
name = "Jane Okafor"
title = "Head of Service"
email = "jane@northwind.example"
authority = true

[calendar.office]
mon = ["09:00-12:30", "13:30-17:30"]
tue = ["09:00-12:30", "13:30-17:30"]
wed = ["09:00-12:30", "13:30-17:30"]
thu = ["09:00-12:30", "13:30-17:30"]
fri = ["09:00-12:30", "13:30-16:00"]

[security]
key = { file = "amends.key" }
trusted_authserv_id = ["mx.northwind.example"]
bot_guard = "20s"

[board]
listen = ""
"#;

/// What stands below it in a shop that has a warehouse.
pub const LARGER: &str = r#"
[[team]]
name = "warehouse"
purpose = "fix"

[[person]]
id = "ben"
name = "Ben Kaya"
email = "ben@northwind.example"
teams = ["care"]

[[person]]
id = "uma"
name = "Uma Lind"
email = "uma@northwind.example"
teams = ["warehouse"]

[sla.vip]
first_response = "1h"
next_update = "4h"
ladder = "standard"
"#;

/// The configuration above, with a key beside it.
pub fn config(folder: &Path, text: &str) -> Config {
    std::fs::write(folder.join("amends.key"), "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n")
        .expect("a key");
    let file = folder.join("config.toml");
    std::fs::write(&file, text).expect("a config");
    config::load(&file).unwrap_or_else(|mistakes| panic!("the shop's configuration:\n{mistakes}"))
}
