use super::*;

#[test]
fn a_mail_without_anything_is_malformed_and_kept() {
    let mut mail = Mail::default();
    mail.defects.push(crate::mail::Defect::NoFrom);
    let verdict = classify(&mail, Proven::default(), &Found::default(), &Rules::default());
    assert_eq!((verdict.class, verdict.row), (Class::Malformed, "5"));
    assert_eq!(verdict.place, Place::New { linked: None, claims: None });
}
