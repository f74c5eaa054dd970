//! Mail that nobody here wrote, where it lies beside the project: everything parses, everything has a class, no machine
//! is answered, and the reading is no worse than it was. Prints a line and returns where there is none.

use std::fs;
use std::path::{Path, PathBuf};

use amends::arrive::parse;
use amends::classify::{self, Class, Found, Proven, Rules, Verdict};
use amends::mail::Mail;
use serde_json::Value;

fn root() -> Option<PathBuf> {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/mail"));
    if root.is_dir() {
        return Some(root.to_owned());
    }
    println!("skipped: no third-party mail at {}", root.display());
    None
}

/// The rows of one manifest that are whole mails, with their bytes.
fn rows(root: &Path, kind: &str) -> Vec<(Value, Vec<u8>)> {
    let manifest = fs::read_to_string(root.join(kind).join("manifest.jsonl")).expect("a manifest");
    let rows = manifest.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
    let mails = rows.filter(|row| row["format"] == "message");
    mails
        .map(|row| {
            (row.clone(), fs::read(root.join(kind).join(row["file"].as_str().expect("a file"))).expect("a mail"))
        })
        .collect()
}

fn read(raw: &[u8]) -> (Mail, Verdict) {
    let mail = parse::parse(raw);
    let verdict = classify::classify(&mail, Proven::default(), &Found::default(), &Rules::default());
    (mail, verdict)
}

#[test]
fn every_mail_of_strangers_is_read_and_gets_a_class() {
    let Some(root) = root() else { return };
    let mut seen = 0;
    for kind in ["mime", "bounces", "autoreplies", "replies"] {
        for (row, raw) in rows(&root, kind) {
            let (mail, verdict) = read(&raw);
            assert!(!verdict.sign.is_empty(), "{}", row["file"]);
            for index in 0..mail.attachments.len() {
                let bytes =
                    parse::attachment_bytes(&raw, index).unwrap_or_else(|| panic!("{}: file {index}", row["file"]));
                assert_eq!(bytes.len(), mail.attachments[index].size_bytes, "{}", row["file"]);
            }
            assert_eq!(parse::attachment_bytes(&raw, mail.attachments.len()), None);
            seen += 1;
        }
    }
    assert!(seen > 600, "only {seen} mails");
}

#[test]
fn no_machine_of_the_sets_is_answered() {
    let Some(root) = root() else { return };
    let mut answered = Vec::new();
    for (kind, says_machine) in [("bounces", "is_bounce"), ("autoreplies", "is_automated")] {
        for (row, raw) in rows(&root, kind) {
            let machine = row["expect"][says_machine] == true && row["not_asked"].get(says_machine).is_none();
            // As if the sender were proven: then only the class stands between it and a letter.
            let mail = parse::parse(&raw);
            let proven = Proven { authenticated: true, dmarc_failed: false };
            let verdict = classify::classify(&mail, proven, &Found::default(), &Rules::default());
            if machine && verdict.answer.is_yes() {
                answered.push(row["file"].to_string());
            }
        }
    }
    assert!(answered.len() <= ANSWERED_MACHINES, "{} answered: {answered:#?}", answered.len());
}

/// One row that its author calls a bounce is a person who forwards one (`Fwd: Returned mail`, by Apple Mail): answered.
const ANSWERED_MACHINES: usize = 1;

#[test]
fn the_reading_of_bounces_gets_no_worse() {
    let Some(root) = root() else { return };
    let (mut bounces, mut known, mut recipients, mut named) = (0, 0, 0, 0);
    let (mut judged, mut hard) = (0, 0);
    for (row, raw) in rows(&root, "bounces") {
        if row["expect"]["is_bounce"] != true {
            continue;
        }
        bounces += 1;
        let (_, verdict) = read(&raw);
        known += usize::from(matches!(verdict.class, Class::Bounce | Class::Report) && verdict.bounce.is_some());
        if let Some(want) = row["expect"]["hard"].as_bool() {
            judged += 1;
            hard += usize::from(verdict.bounce.as_ref().is_some_and(|bounce| bounce.hard == want));
        }
        let Some(wanted) = row["expect"]["recipients"].as_array() else { continue };
        recipients += 1;
        let mut wanted: Vec<String> = wanted.iter().filter_map(|w| w.as_str()).map(str::to_ascii_lowercase).collect();
        let mut got: Vec<String> = verdict
            .bounce
            .iter()
            .flat_map(|b| &b.reports)
            .filter_map(|r| r.recipient.as_ref())
            .map(|a| a.folded())
            .collect();
        wanted.sort();
        got.sort();
        named += usize::from(wanted == got);
    }
    assert!(known * 1000 >= bounces * 985, "{known} of {bounces} bounces are known");
    assert!(hard * 100 >= judged * 94, "{hard} of {judged} dead addresses are told from live ones");
    assert!(named * 100 >= recipients * 95, "{named} of {recipients} name their recipients");
}

#[test]
fn the_reading_of_structure_gets_no_worse() {
    let Some(root) = root() else { return };
    let (mut asked, mut right) = (0, 0);
    for (row, raw) in rows(&root, "mime") {
        let mail = parse::parse(&raw);
        let expect = &row["expect"];
        let mut check = |field: &str, got: Value| {
            if !expect[field].is_null() && row["not_asked"].get(field).is_none() {
                asked += 1;
                right += usize::from(expect[field] == got);
            }
        };
        check("text_parts", mail.parts.text.into());
        check("html_parts", mail.parts.html.into());
        check("leaf_parts", mail.parts.leaf.into());
        check("multiparts", mail.parts.multipart.into());
        check("embedded_messages", mail.parts.embedded.into());
        check("message_id", mail.message_id.map(|id| id.as_str().to_owned()).into());
    }
    assert!(right * 100 >= asked * 88, "{right} of {asked}");
}
