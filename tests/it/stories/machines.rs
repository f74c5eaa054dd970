//! Mail of other people's machines, delivered to a running daemon with every other reason against an answer taken away:
//! our address in Cc, a proven sender, a Return-Path where there is none. Only the class stands in between.

use std::fs;
use std::path::Path;

use amends::arrive::parse::parse;
use amends::time::SetTime;
use serde_json::Value;

use super::at;
use super::office::Office;
use super::shop;

/// The mails of one kind that their authors call a machine's.
fn machines(root: &Path, kind: &str, says: &str) -> Vec<(String, Vec<u8>)> {
    let manifest = fs::read_to_string(root.join(kind).join("manifest.jsonl")).expect("a manifest");
    let rows = manifest.lines().map(|line| serde_json::from_str::<Value>(line).expect("a row"));
    let told = rows.filter(|row| row["expect"][says] == true && row["not_asked"].get(says).is_none());
    let told = told.filter(|row| row["format"] == "message");
    told.map(|row| {
        let file = row["file"].as_str().expect("a file").to_owned();
        let raw = fs::read(root.join(kind).join(&file)).expect("a mail");
        (file, raw)
    })
    .collect()
}

/// The same mail as our server would have it, its sender proven.
fn as_favourable_as_possible(raw: &[u8]) -> Vec<u8> {
    // An mbox line is no field: it must stay on top.
    let at = if raw.starts_with(b"From ") { raw.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1) } else { 0 };
    let mail = parse(raw);
    let from = mail.from.first().map(|party| &party.address);
    let domain = from.map_or("nowhere.example", |a| a.domain());
    let path = match from {
        Some(from) if mail.header("Return-Path").is_none() => format!("Return-Path: <{from}>\n"),
        _ => String::new(),
    };
    let top = format!(
        "{path}Authentication-Results: mx.northwind.example; dmarc=pass header.from={domain}\nReceived: from \
         out.{domain} by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000\nCc: \
         support@northwind.example\n"
    );
    [&raw[..at], top.as_bytes(), &raw[at..]].concat()
}

/// A person who forwards a report (`Fwd: Returned mail`, by Apple Mail): its author calls it a bounce.
const PEOPLE: [&str; 1] = ["sisimai__lhost-sendmail-14"];

#[test]
fn no_machine_of_the_sets_has_a_letter_of_a_running_daemon() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/mail"));
    if !root.is_dir() {
        println!("skipped: no third-party mail at {}", root.display());
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut mails = machines(root, "bounces", "is_bounce");
        mails.extend(machines(root, "autoreplies", "is_automated"));
        mails.retain(|(file, _)| !PEOPLE.iter().any(|person| file.contains(person)));
        assert!(mails.len() > 400, "only {} machines", mails.len());
        let time = SetTime::new(at("2026-11-23T08:10:00Z"));
        let office = Office::open(&time, shop::CONFIG).await;
        // The same mail of a person is answered: so it is the class that keeps the others from it.
        let person = "From: Klaus <klaus@customer.example>\nTo: Northwind <support@northwind.example>\nSubject: Lamp\n\
                      Message-ID: <person@customer.example>\nDate: Mon, 23 Nov 2026 08:00:00 +0000\n\nIt is broken.\n";
        office.arrives(as_favourable_as_possible(person.as_bytes()));
        mails.iter().for_each(|(_, raw)| office.arrives(as_favourable_as_possible(raw)));
        office.work().await;
        office.verify().await;
        let sent = office.sent_outside();
        let told: Vec<String> = sent
            .iter()
            .map(|(_, letter)| format!("{}: {}", letter.envelope.to, parse(&letter.bytes).subject.unwrap_or_default()))
            .filter(|told| !told.starts_with("klaus@customer.example"))
            .collect();
        assert_eq!(sent.len() - told.len(), 1, "a person is answered, once");
        assert!(told.is_empty(), "{} letters to machines: {told:#?}", told.len());
    });
}
