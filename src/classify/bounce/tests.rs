//! Notices as mail programs really write them, with other people in them: `tests/notices.txt` names for each the
//! recipients, the reasons (`-`: none is told), the class, and whether it only warns.

use crate::mail::{Address, Defect, Mail, MessageId, Party, ReturnPath, Returned};

use super::*;

struct Case<'a> {
    name: &'a str,
    recipients: Vec<Address>,
    reasons: Vec<&'a str>,
    class: &'a str,
    delay: bool,
    text: &'a str,
}

fn cases() -> Vec<Case<'static>> {
    let all = include_str!("tests/notices.txt").split("=== ").skip(1);
    all.map(|case| {
        let (head, text) = case.split_once('\n').expect("a line and a notice");
        let fields: Vec<&str> = head.split('|').map(str::trim).collect();
        Case {
            name: fields[0],
            recipients: fields[1].split(',').filter_map(Address::parse).collect(),
            reasons: fields[2].split(',').collect(),
            class: fields[3],
            delay: fields.get(4) == Some(&"delay"),
            text,
        }
    })
    .collect()
}

fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or("-".into())
}

fn party(address: &str) -> Vec<Party> {
    Address::parse(address).map(|a| Party::new(None, a)).into_iter().collect()
}

fn notice(text: &str) -> Mail {
    let (from, to) = (party("mailer-daemon@c.example"), party("support@c.example"));
    Mail { from, to, from_fields: 1, return_path: ReturnPath::Null, text: text.into(), ..Mail::default() }
}

#[test]
fn notices_of_all_programs_are_read() {
    let mut wrong = Vec::new();
    for case in cases() {
        let bounce = read(&notice(case.text)).expect("a bounce");
        let recipients: Vec<Address> = bounce.reports.iter().filter_map(|r| r.recipient.clone()).collect();
        let reasons: Vec<String> = bounce.reports.iter().map(|r| word(r.reason)).collect();
        let got = (&recipients, word(bounce.class), bounce.delay);
        let told = case.reasons == ["-"] || case.reasons == reasons;
        if got != (&case.recipients, case.class.to_owned(), case.delay) || !told {
            wrong.push(format!("{}: {recipients:?} {reasons:?} {:?} delay {}", case.name, bounce.class, bounce.delay));
        }
        assert!(says_bounce(&notice(case.text)), "{}", case.name);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
