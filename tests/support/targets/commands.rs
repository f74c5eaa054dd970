//! Command blocks: read from the top of new words only, never out of a quote, whole or not at all.

use std::path::Path;
use std::sync::LazyLock;

use amends::arrive::text;
use amends::config::world::Given;
use amends::config::{self, Config};
use amends::decide::command::{self, Reader, Script};
use amends::mail::PersonId;
use jiff::Timestamp;

use super::checks;

const SHOP: &str = r#"
[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"
[[mailbox]]
address = "support@northwind.example"
team = "care"
[mailbox.maildir]
inbox = "in"
outgoing = "out"
[[team]]
name = "care"
[[person]]
id = "mei"
name = "Mei Tan"
email = "mei@northwind.example"
teams = ["care"]
[[person]]
id = "jane"
name = "Jane Okafor"
email = "jane@northwind.example"
authority = true
[security]
key = { file = "amends.key" }
"#;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let folder = Path::new("/shop");
    let mut world = Given::default();
    world.files.insert(
        folder.join("amends.key"),
        b"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n".to_vec(),
    );
    config::from_text(SHOP, "config.toml", folder, &world).unwrap_or_else(|mistakes| panic!("the shop:\n{mistakes}"))
});

pub fn body(data: &[u8]) {
    let words = String::from_utf8_lossy(data).replace('\r', "");
    let script = read(&words);
    assert_eq!(script, read(&words));
    within_bounds(&words, &script);
    never_out_of_a_quote(&words);
}

fn read(words: &str) -> Script {
    let person = PersonId::new("mei");
    let now = Timestamp::from_second(1_795_000_000).expect("an instant");
    command::read(words, &Reader { policy: &CONFIG.policy, person: &person, now })
}

fn within_bounds(words: &str, script: &Script) {
    assert!(script.commands.len() <= 20, "{} commands", script.commands.len());
    assert!(script.lines <= 20 || !script.mistakes.is_empty(), "{} lines are no mistake", script.lines);
    // Every line is read or refused, and told.
    assert_eq!(script.commands.len() + script.mistakes.len(), script.lines.min(21));
    for read in &script.commands {
        assert!(read.line.len() <= 200 && words.contains(&read.line), "{:?}", read.line);
        assert!(read.line.starts_with(['#', '\u{ff03}']), "{:?} is no command line", read.line);
    }
    checks::only_takes_lines_away(words, &script.words);
    let told = script.mistakes.iter().flat_map(|m| m.nearest.iter()).all(|near| checks::is_clean(near));
    assert!(told && script.mistakes.iter().all(|m| !m.why.is_empty()));
}

/// Below an answer or alone: what stands behind a bar is somebody else's, and what stands below words is no block.
fn never_out_of_a_quote(words: &str) {
    let quoted: String = words.lines().map(|line| format!("> {line}\n")).collect();
    let bare = read(&quoted);
    assert!(bare.is_empty() && bare.later.is_none(), "a command out of a quote: {quoted:?}");
    let answered = format!("It holds now.\n\n{quoted}");
    let script = read(&text::new_words(&answered));
    assert!(script.is_empty() && script.later.is_none(), "a command below an answer: {answered:?}");
    let below = read(&format!("Dear Klaus,\n{words}"));
    assert!(below.commands.is_empty() && below.lines == 0, "a command below words: {words:?}");
}
