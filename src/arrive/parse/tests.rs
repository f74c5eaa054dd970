use super::*;

fn read(raw: &str) -> Mail {
    parse(raw.as_bytes())
}

#[test]
fn an_empty_mail_is_a_mail_with_defects() {
    let mail = parse(b"");
    assert!(mail.has_defect(Defect::NoHeader) && mail.has_defect(Defect::NoFrom));
}
