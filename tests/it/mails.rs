//! Mails as folders: `tests/mails/NN-what-it-shows/` holds `mail.eml`, `expected.toml` (what is known beside the mail, and
//! the verdict) and `why.md`. Each runs with LF and with CRLF; a mismatch writes `actual.toml` beside it.

use std::fs;
use std::path::{Path, PathBuf};

use amends::arrive::{parse, proof};
use amends::classify::{
    self, Answer, AnswerLimits, Copy, Found, FoundCase, FoundToken, Level, Place, Proven, ReportedLetter, Rules,
    SenderCase, StaffPurpose, Standing, Verdict,
};
use amends::config::TrustedServer;
use amends::mail::{Address, CaseId, Digest, LetterId, Mail, MailId, ParticipantNo, PersonId};
use toml::{Table, Value};

#[test]
fn every_mail_gets_the_verdict_that_its_folder_names() {
    let folders = folders();
    assert!(folders.len() >= 40, "only {} folders in tests/mails", folders.len());
    let mut wrong = Vec::new();
    for folder in &folders {
        wrong.extend(check(folder).err());
    }
    assert!(wrong.is_empty(), "{} of {} mails:\n{}", wrong.len(), folders.len(), wrong.join("\n"));
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mails");
    let mut folders: Vec<PathBuf> = fs::read_dir(&root)
        .expect("tests/mails")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.join("mail.eml").exists())
        .collect();
    folders.sort();
    folders
}

fn check(folder: &Path) -> Result<(), String> {
    let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(folder.join("why.md").exists(), "{name} has no why.md");
    let text = fs::read_to_string(folder.join("expected.toml")).expect("expected.toml");
    let table: Table = text.parse().unwrap_or_else(|e| panic!("{name}: {e}"));
    let given = table.get("given").and_then(Value::as_table).cloned().unwrap_or_default();
    let expected = table["verdict"].as_table().expect("[verdict]").clone();
    for key in ["class", "row", "answer", "place"] {
        assert!(expected.contains_key(key), "{name}: expected.toml names no {key}");
    }
    let raw = fs::read(folder.join("mail.eml")).expect("mail.eml");
    let lf: Vec<u8> = raw.iter().copied().filter(|b| *b != b'\r').collect();
    let crlf: Vec<u8> = lf.iter().flat_map(|b| if *b == b'\n' { vec![b'\r', b'\n'] } else { vec![*b] }).collect();
    let actual_file = folder.join("actual.toml");
    for (ends, bytes) in [("LF", lf), ("CRLF", crlf)] {
        let actual = actual(&bytes, &given);
        for (key, want) in &expected {
            if actual.get(key) != Some(want) {
                fs::write(&actual_file, toml::to_string_pretty(&actual).expect("toml")).expect("actual.toml");
                let got = actual.get(key).map_or("nothing".to_owned(), ToString::to_string);
                return Err(format!("{name} ({ends}): {key} should be {want}, is {got}"));
            }
        }
    }
    if actual_file.exists() {
        fs::remove_file(actual_file).expect("the old actual.toml goes");
    }
    Ok(())
}

/// The house that all mails are sent to.
fn house() -> Rules {
    let address = |a: &str| Address::parse(a).expect("an address");
    Rules {
        mailbox: vec![address("support@northwind.example"), address("info@northwind.example")],
        own: vec![address("support@northwind.example"), address("info@northwind.example")],
        people: [("mei", "mei@northwind.example"), ("mei", "mei.tan@home.example"), ("jane", "jane@northwind.example")]
            .into_iter()
            .map(|(id, a)| (address(a), PersonId::new(id)))
            .collect(),
        case_prefix: "NW".into(),
        via_list: vec!["support.groups.northwind.example".into()],
        form_senders: vec![address("form@northwind.example")],
        bot_guard_secs: 20,
        blocked: vec!["spammer@bad.example".into(), "*@worse.example".into()],
        limits: AnswerLimits { per_address_hour: 5, per_address_day: 20, per_domain_hour: 60 },
    }
}

fn trusted() -> Vec<TrustedServer> {
    vec![TrustedServer::Named { id: "mx.northwind.example".into(), host: None }]
}

fn actual(raw: &[u8], given: &Table) -> Table {
    let rules = house();
    let mail = parse::parse(raw);
    let proof = proof::prove(&mail, &trusted());
    let proven = Proven { authenticated: proof.authenticated, dmarc_failed: proof.dmarc_failed };
    let asked = classify::questions(&mail, proven, &rules);
    let verdict = classify::classify(&mail, proven, &found(given, &mail), &rules);
    let mut table = verdict_table(&verdict);
    let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
    put("authenticated", proof.authenticated.into());
    put("new_text", mail.new_text.clone().into());
    put("subject", mail.subject.clone().unwrap_or_default().into());
    put("language", parse::language(&mail).unwrap_or_default().into());
    put("tokens", strings(&asked.tokens));
    put("bare_subject", asked.bare_subject.into());
    put("thread", strings(asked.thread.iter().map(|id| id.as_str())));
    put("defects", strings(mail.defects.iter().map(ToString::to_string)));
    put("attachments", strings(mail.attachments.iter().map(|a| a.name.clone().unwrap_or_default())));
    table
}

fn verdict_table(verdict: &Verdict) -> Table {
    let mut table = Table::new();
    let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
    put("class", Value::try_from(verdict.class).expect("a word"));
    put("row", verdict.row.into());
    put("sign", verdict.sign.clone().into());
    put("answer", verdict.answer.is_yes().into());
    if let Answer::No(why) = &verdict.answer {
        put("why", why.clone().into());
    }
    put("place", place(&verdict.place).into());
    put("level", i64::from(verdict.level.0).into());
    put("commands", verdict.commands.into());
    put("standing", standing(verdict.standing).into());
    put("writer_proven", verdict.authenticated.into());
    put("customer", verdict.customer.as_ref().map_or("", |c| c.address.as_str()).into());
    let name = verdict.customer.as_ref().and_then(|c| c.name.clone());
    put("customer_name", name.unwrap_or_default().into());
    put("quiet", verdict.quiet.into());
    put("burn_token", verdict.burn_token.into());
    put("alert", verdict.alert.into());
    put("marks", strings(&verdict.marks));
    if let Some(kind) = verdict.auto_kind {
        put("auto_kind", Value::try_from(kind).expect("a word"));
    }
    if let Some(bounce) = &verdict.bounce {
        put("delay", bounce.delay.into());
        put("hard", bounce.hard.into());
        put("recipients", strings(bounce.reports.iter().filter_map(|r| r.recipient.as_ref()).map(Address::as_str)));
        put("statuses", strings(bounce.reports.iter().filter_map(|r| r.status.clone())));
    }
    table
}

fn strings<S: Into<String>>(list: impl IntoIterator<Item = S>) -> Value {
    Value::Array(list.into_iter().map(|s| Value::String(s.into())).collect())
}

fn place(place: &Place) -> String {
    match place {
        Place::Case(case) => format!("case {case}"),
        Place::New { linked, claims } => {
            let word = |name: &str, case: &Option<CaseId>| case.map(|c| format!(" {name} {c}")).unwrap_or_default();
            format!("new{}{}", word("linked", linked), word("claims", claims))
        }
        Place::Park => "park".into(),
        Place::Welcome => "welcome".into(),
        Place::Duplicate(mail) => format!("copy of {mail}"),
        Place::Echo(letter) => format!("echo of {letter}"),
        Place::Report { letter, case, proven } => {
            format!("report on {letter} of case {case}{}", if *proven { "" } else { ", unproven" })
        }
    }
}

fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Participant(_) => "participant",
        Standing::Person => "person",
        Standing::Mentioned => "mentioned",
        Standing::Stranger => "stranger",
        Standing::Opener => "opener",
    }
}

/// `[given]` of expected.toml as the answers of the store.
fn found(given: &Table, mail: &Mail) -> Found {
    let number = |key: &str| given.get(key).and_then(Value::as_integer);
    let flag = |key: &str| given.get(key).and_then(Value::as_bool).unwrap_or(false);
    let count = |key: &str| number(key).map_or(0, |n| u32::try_from(n).expect("a count"));
    let cases = |key: &str| -> Vec<FoundCase> {
        given.get(key).and_then(Value::as_array).map(|list| list.iter().map(found_case).collect()).unwrap_or_default()
    };
    let first = |n: i64| Copy {
        mail: MailId(n),
        level: Level(0),
        human: !flag("copy_of_a_machine"),
        case: number("copy_on").map(CaseId),
    };
    let own_letter = |n: i64| {
        let changed = given.get("own_letter_changed").is_some();
        (LetterId(n), if changed { Digest::of(b"other words") } else { mail.digest })
    };
    Found {
        copies: number("copy_of").map(first).into_iter().collect(),
        message_id_taken: flag("message_id_taken"),
        own_letter: number("own_letter").map(own_letter),
        by_message_id: cases("by_message_id"),
        token: given.get("token").map(token).unwrap_or_default(),
        answers_welcome_of: None,
        is_trial: false,
        by_reference: cases("by_reference").into_iter().next(),
        by_sender: given
            .get("by_sender")
            .and_then(Value::as_array)
            .map(|l| l.iter().map(sender_case).collect())
            .unwrap_or_default(),
        reported: given.get("reported").map(|v| ReportedLetter {
            letter: LetterId(v["letter"].as_integer().expect("a letter")),
            case: CaseId(v["case"].as_integer().expect("a case")),
            to: Address::parse(v["to"].as_str().expect("an address")).expect("an address"),
        }),
        letters_hour: count("letters_hour"),
        letters_day: count("letters_day"),
        domain_letters_hour: count("domain_letters_hour"),
        last_letter_secs: number("last_letter_secs"),
        muted: flag("muted"),
        stopped: flag("stopped"),
        marked_spam: flag("marked_spam"),
        answered_after_secs: number("answered_after_secs"),
        same_words_elsewhere: flag("same_words_elsewhere"),
    }
}

fn found_case(value: &Value) -> FoundCase {
    FoundCase {
        id: CaseId(value["case"].as_integer().expect("a case")),
        participant: value.get("participant").and_then(Value::as_integer).map(ParticipantNo),
        mentioned: value.get("mentioned").and_then(Value::as_bool).unwrap_or(false),
    }
}

fn sender_case(value: &Value) -> SenderCase {
    SenderCase {
        id: CaseId(value["case"].as_integer().expect("a case")),
        participant: ParticipantNo(0),
        bare_subject: value["subject"].as_str().expect("a subject").to_owned(),
    }
}

fn token(value: &Value) -> FoundToken {
    let case = || value.get("case").and_then(Value::as_integer).map(CaseId);
    let staff = |purpose| FoundToken::Staff {
        case: case(),
        person: PersonId::new(value["person"].as_str().expect("a person")),
        purpose,
    };
    match value["purpose"].as_str().expect("a purpose") {
        "c" => FoundToken::Customer(found_case(value)),
        "s" => staff(StaffPurpose::Reply),
        "i" => staff(StaffPurpose::Internal),
        "w" => staff(StaffPurpose::Welcome),
        "k" => staff(StaffPurpose::Confirm(MailId(7))),
        "b" => FoundToken::Bounce {
            letter: LetterId(value["letter"].as_integer().expect("a letter")),
            case: case().expect("a case"),
        },
        other => panic!("no token purpose {other}"),
    }
}
