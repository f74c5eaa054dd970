//! Notices as mail programs really write them, with other people in them: `tests/notices.txt` names for each the
//! recipients, the reasons (`-`: none is told), the class, and whether it only warns; `tests/answers.txt` what servers say.

use crate::mail::{Address, Header, Mail, MessageId, Party, Report, Returned};

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

/// The word as it is printed; `-` where there is none.
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

fn fields(status: &str, diagnostic: &str) -> Mail {
    let one = RecipientReport {
        recipient: Address::parse("mei@n.example"),
        action: Some("failed".into()),
        status: Some(status.into()),
        diagnostic: Some(diagnostic.into()),
        reason: None,
    };
    let report = Report { kind: ReportKind::Delivery, recipients: vec![one], original_message_id: None };
    Mail { report: Some(report), ..notice("Your message could not be delivered.") }
}

#[test]
fn the_answers_of_servers_have_their_reason() {
    let mut wrong = Vec::new();
    let answers = include_str!("tests/answers.txt").lines().filter(|line| !line.starts_with('#'));
    for line in answers {
        let [want, status, step, said] = line.splitn(4, '|').map(str::trim).collect::<Vec<_>>()[..] else {
            panic!("four columns: {line}")
        };
        let step = match step {
            "rcpt" => " (in reply to RCPT TO command)",
            "data" => " (in reply to end of DATA command)",
            _ => "",
        };
        let bounce = read(&fields(status, &format!("{said}{step}"))).expect("a bounce");
        let got = word(bounce.reports[0].reason);
        let dead = ["user-unknown", "host-unknown", "moved", "takes-no-mail"].contains(&want);
        if got != want || bounce.hard != dead {
            wrong.push(format!("{line}: {got}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_code_of_the_server_goes_before_a_vague_or_contrary_field() {
    let status = |field: &str, said: &str| read(&fields(field, said)).and_then(|b| b.reports[0].status.clone());
    assert_eq!(status("5.0.0", "smtp; 550 5.1.1 no").as_deref(), Some("5.1.1"));
    assert_eq!(status("4.5.0", "smtp; 550 5.5.0 refused, try later").as_deref(), Some("5.5.0"));
    assert_eq!(status("4.4.7", "smtp; 550 4.4.7 expired").as_deref(), Some("4.4.7"));
    assert_eq!(status("5.1.1", "smtp; 550 5.7.1 no").as_deref(), Some("5.1.1"));
    assert_eq!(status("2.1.5", "smtp; 250 2.1.5 ok").as_deref(), Some("2.1.5"));
}

#[test]
fn a_delay_and_a_success_are_no_failures() {
    let mut waits = fields("4.1.1", "smtp; 450 4.1.1 user unknown (in reply to RCPT TO command)");
    let mut went = fields("2.1.5", "smtp; 250 ok");
    for (mail, action) in [(&mut waits, "delayed"), (&mut went, "relayed")] {
        let report = mail.report.as_mut().expect("a report");
        report.recipients[0].action = Some(action.into());
    }
    let waits = read(&waits).expect("a bounce");
    assert!(waits.delay && !waits.hard);
    let went = read(&went).expect("a bounce");
    assert!(!went.delay && !went.hard && went.class.is_none());
    assert_eq!(went.reports[0].reason, None);
}

#[test]
fn our_own_address_is_never_one_that_failed() {
    let text = "The following address(es) failed:\n\n  support@c.example\n    550 no\n";
    let bounce = read(&notice(text)).expect("a bounce");
    assert_eq!(bounce.reports.len(), 1);
    assert_eq!(bounce.reports[0].recipient, None);
    let quoted = "Could not be delivered, <mei@n.example>:\n550 no\n\n--- Original message ---\nCc: ana@d.example\n";
    let bounce = read(&notice(quoted)).expect("a bounce");
    assert_eq!(
        bounce.reports.iter().filter_map(|r| r.recipient.clone()).collect::<Vec<_>>(),
        [Address::parse("mei@n.example").expect("an address")]
    );
}

#[test]
fn the_letter_is_named_by_its_part_or_by_its_header_in_the_text() {
    let mut mail =
        notice("Could not be delivered.\n\n--- Original message ---\nMessage-ID: <x@c.example>\nTo: mei@n.example\n");
    let bounce = read(&mail).expect("a bounce");
    assert_eq!(bounce.original_message_id, MessageId::new("x@c.example"));
    assert_eq!(bounce.reports[0].recipient, Address::parse("mei@n.example"));
    mail.returned = Some(Returned { message_id: MessageId::new("y@c.example"), to: vec![] });
    assert_eq!(read(&mail).expect("a bounce").original_message_id, MessageId::new("y@c.example"));
}

#[test]
fn a_returned_mail_to_many_names_nobody() {
    let mut mail = notice("Your message could not be delivered.");
    let to: Vec<Address> = ["mei@n.example", "ana@d.example"].into_iter().filter_map(Address::parse).collect();
    mail.returned = Some(Returned { message_id: None, to: to.clone() });
    assert_eq!(read(&mail).expect("a bounce").reports[0].recipient, None);
    mail.returned = Some(Returned { message_id: None, to: to[..1].to_vec() });
    assert_eq!(read(&mail).expect("a bounce").reports[0].recipient, to.first().cloned());
}

#[test]
fn a_read_receipt_is_a_refusal_only_where_it_says_so() {
    let receipt = |action: &str, submitted: &str| {
        let one = RecipientReport { action: Some(action.into()), ..RecipientReport::default() };
        let report = Report { kind: ReportKind::Disposition, recipients: vec![one], original_message_id: None };
        let headers = vec![Header { name: "Auto-Submitted".into(), value: submitted.into() }];
        read(&Mail { report: Some(report), headers, ..notice("Your message was automatically rejected: no") })
    };
    let refused = receipt("deleted", "auto-replied (rejected)").expect("a refusal");
    assert!(!refused.hard && refused.class.is_none());
    assert_eq!(receipt("displayed", "auto-replied (rejected)"), None);
    assert_eq!(receipt("deleted", "auto-replied"), None);
}

/// Couriers and their customers speak of failed deliveries; what they write is not set aside as a mail system's.
#[test]
fn people_who_speak_of_deliveries_stay_people() {
    let words = "Delivery failed again, your driver left it at 5.10.3 Mill Lane. It could not be delivered, he says.";
    let path = |address| Address::parse(address).map_or(ReturnPath::Absent, ReturnPath::Address);
    for (name, from, envelope) in [
        ("Klaus", "klaus@c.example", "klaus@c.example"),
        ("Klaus", "klaus@c.example", ""),
        ("Mail Delivery Services Ltd", "claims@courier.example", ""),
        ("Deliveries", "mail.delivery@courier.example", "mail.delivery@courier.example"),
        ("Mail Delivery System", "claims@courier.example", "claims@courier.example"),
    ] {
        let from = Address::parse(from).map(|a| Party::new(Some(name), a)).into_iter().collect();
        let subject = Some("Delivery failed".to_owned());
        let mail = Mail { from, subject, return_path: path(envelope), text: words.into(), ..Mail::default() };
        assert_eq!(sign(&mail), None, "{name} {envelope}");
    }
}

#[test]
fn a_report_that_a_person_attaches_is_no_report_of_a_server() {
    let with = |kind: &str, return_path| Mail {
        headers: vec![Header { name: "Content-Type".into(), value: kind.into() }],
        report: Some(Report { kind: ReportKind::Delivery, recipients: Vec::new(), original_message_id: None }),
        return_path,
        ..Mail::default()
    };
    let klaus = || Address::parse("klaus@c.example").map_or(ReturnPath::Absent, ReturnPath::Address);
    assert_eq!(report_sign(&with("multipart/mixed; boundary=x", klaus())), None);
    assert!(report_sign(&with("multipart/mixed; boundary=x", ReturnPath::Null)).is_some());
    assert!(report_sign(&with("Multipart/Report; boundary=x", klaus())).is_some());
}

#[test]
fn a_huge_notice_is_read_as_far_as_its_bounds() {
    let line = "mei@n.example 550 user unknown rcpt to:<ana@d.example> address failed: ";
    let mail = notice(&format!(
        "The following address(es) failed:\n{}\n{}",
        line.repeat(40_000),
        "x@y.example\n".repeat(100_000)
    ));
    let bounce = read(&mail).expect("a bounce");
    assert!(bounce.reports.len() <= 50);
    assert!(bounce.reports.iter().all(|r| r.diagnostic.as_deref().is_none_or(|d| d.chars().count() < 3000)));
}
