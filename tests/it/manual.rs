//! `config.toml` is the manual: every key stands in it, every default in it is the program's, every example loads.

use std::collections::BTreeSet;
use std::path::Path;

use amends::config::world::Given;
use amends::config::{self, Config, Mistakes};
use proptest::prelude::*;

const MANUAL: &str = include_str!("../../config.toml");
const FOLDER: &str = "/desk";

/// A machine on which every secret and file exists that the manual speaks of.
fn world() -> Given {
    let key = "VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMgb25seSwgbm90IGZvciB1c2U=";
    let holidays = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261026\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let variables = ["AMENDS_IMAP_PASSWORD", "AMENDS_SMTP_PASSWORD", "AMENDS_PASSWORD", "AMENDS_CLIENT_SECRET"];
    let given =
        variables.iter().fold(Given::default(), |given, name| given.with_variable(name, &format!("hunter2 {name}")));
    let files = ["imap.password", "board.token", "dkim.pem"].iter();
    files
        .fold(given, |given, name| given.with_file(Path::new(FOLDER).join(name), format!("hunter2 {name}\n")))
        .with_variable("AMENDS_KEY", "QW5vdGhlciBrZXkgZm9yIHRlc3RzLCBub3QgdGhlIHNhbWUgb25lIGF0IGFsbC4=")
        .with_file("/desk/amends.key", key)
        .with_file("/desk/ca.pem", "-----BEGIN CERTIFICATE-----\n")
        .with_file("/desk/austria.ics", holidays)
        .with_command("pass show northwind/support", "hunter2 pass\n")
        .with_folder("/desk/our-letters")
        .with_folder("/var/lib/amends")
}

fn load(text: &str) -> Result<Config, Mistakes> {
    config::from_text(text, "config.toml", Path::new(FOLDER), &world())
}

fn loaded(text: &str) -> Config {
    load(text).unwrap_or_else(|mistakes| panic!("{mistakes}\n---\n{text}"))
}

/// A line of the manual by its mark.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Line<'a> {
    Prose(&'a str),
    Active(&'a str),
    Default(&'a str),
    Example(&'a str),
    NotYet(&'a str),
}

fn line(text: &str) -> Line<'_> {
    let starts = |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '[');
    match (text.strip_prefix("#> "), text.strip_prefix("#? "), text.strip_prefix('#')) {
        (Some(example), ..) => Line::Example(example),
        (_, Some(later), _) => Line::NotYet(later),
        (_, _, Some(rest)) if starts(rest) => Line::Default(rest),
        (_, _, Some(_)) => Line::Prose(text),
        _ if text.trim().is_empty() => Line::Prose(text),
        _ => Line::Active(text),
    }
}

/// The manual with every default written out.
fn uncommented() -> String {
    let plain = |text| match line(text) {
        Line::Default(text) | Line::Active(text) => text,
        other => {
            let (Line::Prose(_) | Line::Example(_) | Line::NotYet(_)) = other else { unreachable!() };
            ""
        }
    };
    MANUAL.lines().map(plain).collect::<Vec<_>>().join("\n")
}

/// Runs of lines of one mark, as ranges of line numbers.
fn runs(is: impl Fn(Line<'_>) -> bool) -> Vec<std::ops::Range<usize>> {
    let lines: Vec<&str> = MANUAL.lines().collect();
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (i, _) in lines.iter().enumerate().filter(|(_, text)| is(line(text))) {
        match runs.last_mut() {
            Some(run) if run.end == i => run.end = i + 1,
            _ => runs.push(i..i + 1),
        }
    }
    runs
}

/// The manual with one run of examples in place, instead of the active keys of those names in the same block.
fn with_example(run: &std::ops::Range<usize>) -> String {
    let lines: Vec<&str> = MANUAL.lines().collect();
    let block_starts = (0..run.start).rev().find(|i| matches!(line(lines[*i]), Line::Active(t) if t.starts_with('[')));
    let replaced = |i: usize, text: &str| {
        let key = text.split(" =").next().unwrap_or_default();
        // An example with a header of its own changes nothing above it.
        let in_block = !lines[run.start][3..].starts_with('[') && i > block_starts.unwrap_or(0) && i < run.start;
        // One of the two logs in.
        let key = if key == "password" && lines[run.start][3..].starts_with("oauth2") { "oauth2" } else { key };
        in_block && !key.starts_with('[') && lines[run.clone()].iter().any(|l| l[3..].starts_with(&format!("{key} =")))
    };
    let shown = |(i, text): (usize, &&str)| match line(text) {
        Line::Example(text) | Line::NotYet(text) if run.contains(&i) => text.to_owned(),
        Line::Active(text) if !replaced(i, text) => text.to_owned(),
        _ => String::new(),
    };
    lines.iter().enumerate().map(shown).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_manual_as_it_stands_is_a_configuration() {
    let config = loaded(MANUAL);
    assert!(config.notes.is_empty(), "{:?}", config.notes);
    assert_eq!(config.mailboxes.len(), 1);
}

#[test]
fn every_default_in_the_manual_is_the_programs() {
    let text = uncommented();
    assert!(text.len() > 2000, "the manual lost its defaults");
    let (written, default) = (loaded(&text), loaded(MANUAL));
    // Written keys without effect are noted; that is the only difference that may be.
    let written = Config { notes: Vec::new(), ..written };
    assert_eq!(format!("{written:#?}"), format!("{default:#?}"));
    assert_eq!(written, default);
}

#[test]
fn every_example_in_the_manual_loads() {
    let runs = runs(|line| matches!(line, Line::Example(_)));
    assert!(runs.len() > 40, "only {} examples", runs.len());
    let default = loaded(MANUAL);
    for run in runs {
        let config = loaded(&with_example(&run));
        assert!(config != default, "line {}: an example of nothing", run.start + 1);
    }
}

#[test]
fn what_is_not_yet_there_is_refused_in_these_words() {
    let runs = runs(|line| matches!(line, Line::NotYet(_)));
    assert!(!runs.is_empty());
    for run in runs {
        let text: String =
            with_example(&run).lines().filter(|l| !l.starts_with("password")).collect::<Vec<_>>().join("\n");
        let mistakes = load(&text).expect_err("refused").to_string();
        assert!(mistakes.contains("not in this version yet"), "line {}: {mistakes}", run.start + 1);
    }
}

/// The keys that the manual names, each with its block: `mailbox.imap` `host`.
fn named() -> BTreeSet<(String, String)> {
    let mut named = BTreeSet::new();
    let mut block = String::new();
    for text in MANUAL.lines() {
        let (Line::Active(text) | Line::Default(text) | Line::Example(text) | Line::NotYet(text)) = line(text) else {
            continue;
        };
        if text.starts_with('[') {
            let path = text.trim_matches(['[', ']']);
            block = match path.split('.').collect::<Vec<_>>().as_slice() {
                [top @ ("calendar" | "sla"), _] => (*top).to_owned(),
                ["sla", _, rest] => format!("sla.{rest}"),
                _ => path.to_owned(),
            };
            let (above, last) = block.rsplit_once('.').unwrap_or(("", &block));
            named.insert((above.to_owned(), last.to_owned()));
        } else if let Some((key, value)) = text.split_once(" = ") {
            named.insert((block.clone(), key.to_owned()));
            let inner = inner_block(&block, key);
            for word in value.split(['{', ',']).filter_map(|part| part.split_once(" = ")) {
                named.insert((inner.clone(), word.0.trim().to_owned()));
            }
        }
    }
    named
}

/// The block of an inline table.
fn inner_block(block: &str, key: &str) -> String {
    match key {
        "password" | "key" | "token" | "client_secret" => "secret".to_owned(),
        "oauth2" | "dkim" | "trusted_authserv_id" => key.to_owned(),
        _ => format!("{block}.{key}"),
    }
}

#[test]
fn every_key_stands_in_the_manual() {
    let named = named();
    let missing: Vec<String> = config::keys::BLOCKS
        .iter()
        .flat_map(|(block, keys)| keys.iter().map(move |key| ((*block).to_owned(), (*key).to_owned())))
        .filter(|key| !named.contains(key))
        .map(|(block, key)| format!("{block}.{key}"))
        .collect();
    assert!(missing.is_empty(), "not in the manual: {missing:?}");
}

/// What `check` notes as without effect, the manual says too: in the paragraph of the key.
#[test]
fn the_manual_says_which_keys_have_no_effect_yet() {
    let lines: Vec<&str> = MANUAL.lines().collect();
    let mut texts = vec![uncommented()];
    texts.extend(runs(|line| matches!(line, Line::Example(_))).iter().map(with_example));
    let mut told = BTreeSet::new();
    for note in texts.iter().flat_map(|text| loaded(text).notes).filter(|note| note.contains("no effect yet")) {
        let number: usize = note.split(':').nth(1).and_then(|n| n.parse().ok()).expect("a line");
        let key = lines[number - 1].trim_start_matches(['#', '>', ' ']).split(" =").next().unwrap_or_default();
        let above = lines[..number].iter().rev().take_while(|line| !line.is_empty());
        let paragraph: Vec<&str> = above.map(|line| line.trim_start_matches("# ")).collect();
        let paragraph = paragraph.into_iter().rev().collect::<Vec<_>>().join(" ").to_lowercase();
        let says = ["no effect", "without effect", "later version"].iter().any(|words| paragraph.contains(words));
        assert!(told.contains(key) || says, "line {number}: {note}");
        told.insert(key);
    }
    assert!(told.len() > 5, "only {told:?}");
}

/// Each key of the manual, one after the other, is given a value that nothing wants: if nobody complains, nobody reads it.
#[test]
fn every_key_in_the_manual_is_read() {
    let runs = runs(|line| matches!(line, Line::Example(_)));
    let mut texts = vec![uncommented()];
    texts.extend(runs.iter().map(with_example));
    let mut read = BTreeSet::new();
    for text in texts {
        let lines: Vec<&str> = text.lines().collect();
        for (i, written) in lines.iter().enumerate().filter(|(_, l)| !l.starts_with('[') && l.contains(" = ")) {
            let header = lines[..i].iter().rev().find(|l| l.starts_with('['));
            let key = (header.copied().unwrap_or_default().to_owned(), written.split(" =").next().unwrap_or_default());
            let key = format!("{} {}", key.0, key.1);
            if !read.insert(key.clone()) {
                continue;
            }
            let spoilt = lines.iter().enumerate().map(|(j, l)| if i == j { spoil(l) } else { (*l).to_owned() });
            let mistakes = load(&spoilt.collect::<Vec<_>>().join("\n")).expect_err(&key);
            assert!(mistakes.iter().any(|m| m.line == i + 1), "{key}: {mistakes}");
        }
    }
    assert!(read.len() > 90, "only {} keys", read.len());
}

fn spoil(line: &str) -> String {
    format!("{} = 1979-05-27T07:32:00Z", line.split(" =").next().unwrap_or_default())
}

#[test]
fn what_init_writes_is_a_configuration() {
    let config = loaded(config::minimal_text());
    assert!(config.notes.is_empty(), "{:?}", config.notes);
    let policy = &config.policy;
    let ids: Vec<&str> = policy.people.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids, ["mei", "jane"]);
    assert_eq!((policy.people[0].teams.as_slice(), policy.people[1].teams.len()), (["care".to_owned()].as_slice(), 0));
    assert_eq!(policy.lead_of("care").map(|p| p.id.as_str()), Some("mei"));
    let config::Arrive::Imap(imap) = &config.mailboxes[0].arrive else { panic!("by IMAP") };
    assert_eq!(
        (imap.host.as_str(), imap.port, imap.login.username.as_str()),
        ("imap.gmail.com", 993, "support@northwind.example")
    );
    let config::Leave::Smtp(smtp) = &config.mailboxes[0].leave else { panic!("by SMTP") };
    assert_eq!((smtp.host.as_str(), smtp.port), ("smtp.gmail.com", 465));
    assert_eq!(
        smtp.login.as_ref().map(|l| l.by.clone()),
        Some(config::By::Password(config::Secret::new("hunter2 AMENDS_PASSWORD")))
    );
}

#[test]
fn no_secret_is_printed() {
    let config = loaded(MANUAL);
    for printed in [format!("{config:?}"), config.summary()] {
        assert!(!printed.contains("hunter2") && !printed.contains("104, 117, 110"), "{printed}");
    }
}

#[test]
fn the_summary_names_who_answers_and_by_when() {
    let summary = loaded(MANUAL).summary();
    for words in [
        "Mailbox support <support@northwind.example>, letters from \"Northwind Lamps\"",
        "imap.northwind.example:993 (TLS) as support@northwind.example",
        "care        talks to customers; lead mei; members mei",
        "jane        Jane Okafor <jane@northwind.example>, hours office, may decide anything",
        "office      Mon-Fri 09:00-17:00 (Europe/Berlin, 0 holidays)",
        "first answer 4h, next update 1d, resolution 5d",
        "2h later       an authority, for first answer",
        "danger, legal, other",
    ] {
        assert!(summary.contains(words), "{words:?} is not in:\n{summary}");
    }
}

/// The whole interface, as its designers wrote it; skipped where it is not at hand.
#[test]
fn the_whole_interface_loads() {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/config.example.toml"));
    let Ok(text) = std::fs::read_to_string(path) else {
        println!("skipped: the example of the interface is not here");
        return;
    };
    let config = loaded(&text);
    assert_eq!(config.policy.slas["urgent"].ladder, config.policy.slas["standard"].ladder);
    assert_eq!(
        config.policy.kinds.iter().map(|k| k.name.as_str()).collect::<Vec<_>>(),
        ["danger", "legal", "delivery", "other"]
    );
    assert!(config.notes.iter().any(|note| note.contains("tone has no effect yet")), "{:?}", config.notes);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever an editor does to a file, reading it ends with a configuration or with mistakes.
    #[test]
    fn no_text_makes_reading_panic(edits in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..6, any::<char>()), 1..12)) {
        let mut lines: Vec<String> = uncommented().lines().map(str::to_owned).collect();
        for (index, edit, c) in edits {
            let i = index.index(lines.len());
            match edit {
                0 => lines[i].clear(),
                1 => lines[i] = lines[i].replace('"', ""),
                2 => lines[i].push(c),
                3 => { let copy = lines[index.index(i + 1)].clone(); lines.insert(i, copy); }
                4 => lines[i] = lines[i].replacen(|x: char| x.is_ascii_digit(), "99999999999", 1),
                _ => { let half = lines[i].chars().count() / 2; lines[i] = lines[i].chars().take(half).chain([c]).collect(); }
            }
        }
        let result = load(&lines.join("\n"));
        if let Err(mistakes) = result {
            prop_assert!(!mistakes.is_empty() && mistakes.to_string().lines().count() == mistakes.len() + 1);
        }
    }

    #[test]
    fn no_noise_makes_reading_panic(text in ".{0,400}") {
        prop_assert!(load(&text).is_err());
    }
}
