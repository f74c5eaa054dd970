//! Bombs: mail whose cost would grow faster than its size in a careless reader, read and judged; and what is beyond the
//! limits of mail-rules section 6 is said so. How the cost grows is asked by `benches/reading`.

use amends::arrive::parse;
use amends::mail::Defect;

use super::super::support::bombs::{self, FORMS};
use super::super::support::targets::{self, checks};

/// Small enough for the target that asks everything of a mail.
const SMALL: usize = 30_000;
/// Beyond the limits of a header, of parts and of HTML.
const LARGE: usize = 700_000;

#[test]
fn every_form_keeps_every_promise() {
    let mime = targets::named("mime");
    for form in &FORMS {
        println!("{}", form.name);
        (mime.body)(&form.of(SMALL));
    }
}

#[test]
fn every_form_is_read_and_judged_however_large() {
    for form in &FORMS {
        println!("{}", form.name);
        survives(&form.of(LARGE));
    }
    for (name, raw) in bombs::issue() {
        println!("{name}");
        survives(&raw);
    }
    survives(&bombs::long_line(4_000_000));
}

fn survives(raw: &[u8]) {
    let mail = parse::parse(raw);
    checks::verdict(&mail);
    for index in [0, mail.attachments.len().saturating_sub(1)] {
        let bytes = parse::attachment_bytes(raw, index);
        assert_eq!(bytes.map(|b| b.len()), mail.attachments.get(index).map(|file| file.size_bytes));
    }
}

#[test]
fn what_is_beyond_the_limits_is_flagged() {
    let issue = bombs::issue();
    let flagged = |name: &str, defect: Defect| {
        let (_, raw) = issue.iter().find(|(n, _)| *n == name).expect("a bomb");
        let mail = parse::parse(raw);
        assert!(mail.has_defect(defect), "{name}: {:?}", mail.defects);
        let verdict = checks::verdict(&mail);
        assert!(!defect.is_limit() || verdict.row == "5", "{name}: row {}", verdict.row);
    };
    flagged("10,000 multiparts in multiparts", Defect::TooDeep);
    flagged("10,000 mails in mails", Defect::TooDeep);
    flagged("200,000 parts", Defect::TooManyParts);
    flagged("100,000 fields", Defect::TooManyHeaders);
    flagged("50,000 nested div", Defect::UnreadableHtml);
    let long = |name: &str| FORMS.iter().find(|f| f.name == name).expect("a form").of(SMALL);
    assert!(parse::parse(&long("addresses")).has_defect(Defect::TooManyAddresses));
    assert!(parse::parse(&long("references")).has_defect(Defect::TooManyReferences));
}
