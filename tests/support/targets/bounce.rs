//! Bounces: what a report says can be forged, so it is read within bounds and never has an effect without a token.

use amends::classify::{self, Class, Found, FoundToken, Place, Proven, ReportedLetter, Rules, bounce};
use amends::mail::{Address, CaseId, LetterId, Mail};

use super::checks;

pub fn body(data: &[u8]) {
    let text =
        [&b"From: Mail Delivery System <mailer-daemon@mx.example>\r\nSubject: Undelivered\r\n\r\n"[..], data].concat();
    let report = [REPORT, data, b"\r\n--b--\r\n"].concat();
    for raw in [data, &text, &report] {
        let mail = checks::read(raw);
        said(&mail);
        without_effect(&mail);
    }
}

const REPORT: &[u8] = b"From: mailer-daemon@mx.example\r\nSubject: Undelivered\r\n\
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
--b\r\n\r\nIt could not be delivered.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n";

fn said(mail: &Mail) {
    bounce::sign(mail);
    bounce::says_bounce(mail);
    let Some(bounce) = bounce::read(mail) else { return };
    for report in &bounce.reports {
        report.recipient.iter().for_each(checks::envelope);
        assert!(report.status.as_deref().is_none_or(is_status), "a status: {:?}", report.status);
    }
    assert!(bounce.reports.len() <= 1000, "{} reports", bounce.reports.len());
    assert_eq!(Some(bounce), bounce::read(mail));
}

/// RFC 3463 section 2.
fn is_status(status: &str) -> bool {
    let parts: Vec<&str> = status.split('.').collect();
    let digits = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    parts.len() == 3 && matches!(parts[0], "2" | "4" | "5") && parts.iter().all(digits)
}

/// A letter that it names by an id is a hint (mail-rules section 4): it may tell the owner, and stops no mail.
fn without_effect(mail: &Mail) {
    let to = Address::parse("klaus@customer.example").expect("an address");
    let named = ReportedLetter { letter: LetterId(7), case: CaseId(3), to };
    let found = Found { reported: Some(named), token: FoundToken::None, ..Found::default() };
    let verdict = classify::classify(mail, Proven::default(), &found, &Rules::default());
    assert!(!matches!(verdict.place, Place::Report { proven: true, .. }), "proven without a token");
    let machine = matches!(verdict.class, Class::Bounce | Class::Report);
    assert!(!machine || !verdict.answer.is_yes() && !verdict.commands && verdict.level.0 == 0);
}
