//! What colleagues ask of one another by mail: a caller's case, a question to the warehouse, somebody let in, somebody
//! away, and cases that go to others.

use amends::arrive::parse::parse;
use amends::mail::Mail;

use super::play::{self, Scene, Told};
use super::{LENA, MEI, at, clients, from_customer, made};
use crate::support::mail::RawMail;

const KLAUS: &str = "klaus@customer.example";
const ERIKA: &str = "erika@berger.example";
const UMA: &str = "uma@northwind.example";

/// A new mail to the support address, of somebody of the house.
fn fresh(at_: &str, name: &str, address: &str, subject: &str, words: &str) -> Scene {
    Scene::Mail { at: at(at_), raw: from_customer(name, address, subject, words) }
}

/// The same words with a picture beside them.
fn with_picture(mail: RawMail, words: &str) -> Vec<u8> {
    let text = format!("--mix\nContent-Type: text/plain; charset=utf-8\n\n{words}\n");
    let picture = "--mix\nContent-Type: image/png; name=shade.png\nContent-Disposition: attachment; filename=shade.png\n\
                   Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--mix--\n";
    mail.with("Content-Type", "multipart/mixed; boundary=mix").body(&format!("{text}{picture}")).bytes()
}

fn letters(told: &Told, to: &str) -> Vec<Mail> {
    let theirs = told.letters.iter().filter(|letter| letter.envelope.to.as_str() == to);
    theirs.map(|letter| parse(&letter.bytes)).collect()
}

fn has_picture(mail: &Mail) -> bool {
    mail.attachments.iter().any(|file| file.name.as_deref() == Some("shade.png"))
}

/// Klaus calls Mei; the warehouse has what he needs; his wife chooses the colour.
fn called() -> Vec<Scene> {
    vec![
        fresh(
            "2026-11-23T08:05:00Z",
            "Mei Tan",
            MEI,
            "Call of Mr Berger",
            "#new klaus@customer.example Klaus Berger\n\nThe shade came torn, and he is rather loud about it.",
        ),
        made("2026-11-23T08:10:00Z", "confirm", MEI, |l| clients::gmail(l, MEI, "#confirm")),
        made("2026-11-23T08:20:00Z", "after-call", KLAUS, |l| {
            with_picture(clients::reply(l, KLAUS), "This is how it came.")
        }),
        made("2026-11-23T08:30:00Z", "customer-wrote", MEI, |l| {
            clients::outlook(l, MEI, "#ask warehouse by wed 12:00\n\nIs a shade of this kind on the shelf?")
        }),
        made("2026-11-23T08:40:00Z", "question", UMA, |l| {
            clients::apple_mail(l, UMA, "Two of them, a blue and a green one.")
        }),
        made("2026-11-23T08:45:00Z", "customer-wrote", MEI, |l| {
            clients::plain(l, MEI, "#sla vip\n#tag shade, torn\n#priority high\n#show files")
        }),
        made("2026-11-23T08:50:00Z", "customer-wrote", MEI, |l| {
            clients::plain(l, MEI, "#cc Erika Berger <erika@berger.example>")
        }),
        made("2026-11-23T08:52:00Z", "confirm", MEI, |l| clients::gmail(l, MEI, "#confirm")),
        made("2026-11-23T09:00:00Z", "new-case", MEI, |l| {
            clients::gmail(l, MEI, "Dear Klaus, dear Erika,\n\nwhich colour would you like, blue or green?\n\nMei Tan")
        }),
        made("2026-11-23T09:30:00Z", "new-case", MEI, |l| clients::plain(l, MEI, "#nudge")),
        made("2026-11-23T09:40:00Z", "reply", ERIKA, |l| {
            clients::reply(l, ERIKA).with("Cc", "opa@berger.example").body("Blue. My father pays for it.").bytes()
        }),
        // Somebody whom a participant named is no stranger.
        made("2026-11-23T09:45:00Z", "new-case", MEI, |l| clients::plain(l, MEI, "#cc opa@berger.example")),
        made("2026-11-23T09:50:00Z", "new-case", MEI, |l| {
            clients::plain(l, MEI, "#escalate May I send it without the deposit?")
        }),
        made("2026-11-23T09:55:00Z", "escalation", LENA, |l| clients::plain(l, LENA, "#note Send it, we trust them.")),
        made("2026-11-23T10:00:00Z", "new-case", MEI, |l| {
            clients::plain(l, MEI, "#fixed\nDear all, the blue one is on its way.")
        }),
        Scene::Until(at("2026-11-23T10:10:00Z")),
    ]
}

#[test]
fn a_caller_is_written_to_the_warehouse_is_asked_and_his_wife_takes_part() {
    let told = play::tell_of_cases("called", called);
    let to_klaus = letters(&told, KLAUS);
    let place = |to: &str, words: &str| {
        told.letters.iter().position(|l| l.envelope.to.as_str() == to && parse(&l.bytes).text.contains(words))
    };
    let (asked, first) =
        (place(MEI, "#confirm").expect("asked to confirm"), place(KLAUS, "").expect("the first letter"));
    assert!(asked < first, "nothing before the confirmation");
    assert_eq!(to_klaus.iter().filter(|m| m.text.contains("You told Mei Tan")).count(), 1);
    // The warehouse sees what the customer sent, and its answer stays in the house.
    assert!(letters(&told, UMA).iter().all(has_picture) && letters(&told, UMA).len() == 1);
    assert!(letters(&told, MEI).iter().any(|m| m.text.contains("a blue and a green one")));
    let outside = [KLAUS, ERIKA, "opa@berger.example"];
    assert!(outside.iter().flat_map(|to| letters(&told, to)).all(|m| !m.text.contains("Two of them")));
    // `#show files`.
    assert!(
        letters(&told, MEI)
            .iter()
            .any(|m| m.subject.as_deref().is_some_and(|s| s.starts_with("As it stands")) && has_picture(m))
    );
    // Both read Mei's words, each with an address of their own to answer to, and each sees the other.
    let both: Vec<Mail> =
        [KLAUS, ERIKA].iter().flat_map(|to| letters(&told, to)).filter(|m| m.text.contains("which colour")).collect();
    let [klaus, erika] = both.as_slice() else { panic!("{} letters", both.len()) };
    let cc = |mail: &Mail| mail.cc.iter().map(|p| p.address.to_string()).collect::<Vec<_>>();
    assert_eq!((cc(klaus), cc(erika)), (vec![ERIKA.to_owned()], vec![KLAUS.to_owned()]));
    assert_ne!(klaus.reply_to[0].address, erika.reply_to[0].address);
    assert_eq!(letters(&told, "opa@berger.example").len(), 1, "what was said after he was let in");
}

const BEN: &str = "ben@northwind.example";

/// Mei leaves in the morning; her cases go to the others, and none comes to her until she is back.
fn absent() -> Vec<Scene> {
    let writes = |at_: &str, name: &str, address: &str, subject: &str| Scene::Mail {
        at: at(at_),
        raw: from_customer(name, address, subject, "The lamp is broken."),
    };
    vec![
        // On Friday night Lena is away: they are Mei's and Ben's.
        writes("2026-11-20T22:10:00Z", "Klaus Berger", KLAUS, "Left lamp"),
        writes("2026-11-20T22:20:00Z", "Rosa Diaz", "rosa@other.example", "Desk lamp"),
        writes("2026-11-20T22:30:00Z", "Emil Roth", "emil@roth.example", "Floor lamp"),
        made("2026-11-23T08:20:00Z", "today", MEI, |l| clients::gmail(l, MEI, "#list\n#away until fri stand-in ben")),
        writes("2026-11-23T08:30:00Z", "Paul Ott", "paul@ott.example", "Wall lamp"),
        made("2026-11-23T08:40:00Z", "new-case", LENA, |l| clients::outlook(l, LENA, "#assign all mei")),
        writes("2026-11-23T08:50:00Z", "Ines Noll", "ines@noll.example", "Night lamp"),
        Scene::Restart { at: at("2026-11-23T08:55:00Z") },
        writes("2026-11-23T09:00:00Z", "Otto Hahn", "otto@hahn.example", "Garden lamp"),
        fresh("2026-11-23T09:10:00Z", "Mei Tan", MEI, "I am here", "#back"),
        made("2026-11-23T09:15:00Z", "confirm", MEI, |l| clients::gmail(l, MEI, "#confirm")),
        writes("2026-11-23T09:20:00Z", "Nora Kern", "nora@kern.example", "Bed lamp"),
        made("2026-11-23T09:30:00Z", "new-case", BEN, |l| clients::plain(l, BEN, "#list overdue\n#list team")),
        made("2026-11-23T09:35:00Z", "listing", BEN, |l| clients::tap_of(l, BEN, "Show it")),
        Scene::Until(at("2026-11-23T09:40:00Z")),
    ]
}

#[test]
fn who_is_away_gets_no_case_and_whoever_gets_theirs_gets_one_list() {
    let told = play::tell_of_cases("absent", absent);
    let new_cases = |to: &str| -> Vec<String> {
        let subjects = letters(&told, to).into_iter().filter_map(|m| m.subject);
        subjects.filter(|s| s.contains("lamp") && !s.contains("Nothing")).collect()
    };
    let mine = |name: &str| told.cases.iter().filter(|c| c.contains(&format!("with {name},"))).count();
    assert_eq!((mine("mei"), told.cases.len()), (3, 9), "{:#?}", told.cases);
    assert!(new_cases(MEI).iter().all(|s| !s.contains("Night") && !s.contains("Garden")), "{:?}", new_cases(MEI));
    assert!(new_cases(MEI).iter().any(|s| s.contains("Bed lamp")));
}
