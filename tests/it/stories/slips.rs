//! What a hurried colleague writes: notes, a talk by phone, commands that slipped. The customer hears of none of it; the
//! scan of every letter (`play`) looks for each of these lines.

use amends::arrive::parse::parse;

use super::play::{self, Scene};
use super::{MEI, at, clients, klaus_complains, made};

const KLAUS: &str = "klaus@customer.example";

fn hurried() -> Vec<Scene> {
    vec![
        Scene::Mail { at: at("2026-11-23T08:10:00Z"), raw: klaus_complains() },
        made("2026-11-23T08:20:00Z", "new-case", MEI, |l| {
            clients::plain(l, MEI, "#note he bent the hinge himself\n\nand he is rude about it")
        }),
        made("2026-11-23T08:25:00Z", "new-case", MEI, |l| {
            clients::gmail(l, MEI, "#called he shouts, and wants his money back")
        }),
        made("2026-11-23T08:30:00Z", "new-case", MEI, |l| {
            clients::plain(l, MEI, "#clsoe a nuisance\n\nDear Klaus, that is all we can do.")
        }),
        made("2026-11-23T08:35:00Z", "new-case", MEI, |l| {
            clients::outlook(l, MEI, "#take\n#fxied as if by magic\n\nDear Klaus, that is all we can do.")
        }),
        made("2026-11-23T08:40:00Z", "new-case", MEI, |l| {
            clients::apple_mail(l, MEI, "#noet do not give in\n\nDear Klaus, that is all we can do.")
        }),
        made("2026-11-23T08:45:00Z", "new-case", MEI, |l| {
            clients::plain(l, MEI, "#note one more lamp, then no more\n#fixed")
        }),
        made("2026-11-23T08:50:00Z", "new-case", MEI, |l| clients::plain(l, MEI, "#close he will never be content")),
        Scene::Until(at("2026-11-23T09:00:00Z")),
    ]
}

#[test]
fn what_slipped_in_a_hurry_reaches_no_customer() {
    let letters = play::letters_from(at("2026-11-23T08:00:00Z"), hurried);
    let to_klaus: Vec<_> = letters.iter().filter(|letter| letter.envelope.to.as_str() == KLAUS).collect();
    let subjects: Vec<_> = to_klaus.iter().filter_map(|letter| parse(&letter.bytes).subject).collect();
    assert_eq!(subjects.len(), 2, "the apology, and that it is fixed: {subjects:?}");
    let told = letters.iter().filter(|letter| parse(&letter.bytes).text.contains("There is no command"));
    assert_eq!(told.count(), 3, "each slip is told to its writer");
}
