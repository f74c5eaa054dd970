//! What the notices to a person of staff about one case may say.

use serde_json::{Value, json};

use super::{Variable, always, flag, jane, link, maybe, mei, one_of};

/// To a person of staff, about one case.
pub(super) const STAFF: &[Variable] = &[
    always("ref", || json!("NW-1042")),
    always("me", mei),
    always("customer", || json!("Klaus Berger")),
    always("customer_address", || json!("klaus@customer.example")),
    flag("proven"),
    always("support", || json!("support@northwind.example")),
    always("about", || json!("Lamp broken again")),
    always("kind", || json!("delivery")),
    always("opened", || json!("Fri 20 Nov, 23:40")),
    maybe("wish", || json!("Geld zurück. Keine dritte Lampe.")),
    maybe("words", || json!("The lamp is broken again.\n\nI want my money back.")),
    maybe("owner", mei),
    flag("mine"),
    flag("danger"),
    // It was called fixed, and the customer said no.
    flag("failed_again"),
    // A plain reply goes to the customer; else it stays on the case.
    flag("to_customer"),
    // Links that write a command: what follows `mailto:`.
    maybe(
        "links",
        || json!({"take": link(), "fixed": link(), "note": link(), "wait": link(), "send": link(), "confirm": link()}),
    ),
    always("told", || json!(["that we have their mail, Fri 20 Nov, 23:40", "that Mei Tan writes by Monday, 14:00"])),
    // The next date that the customer counts on, or that the desk set itself.
    maybe(
        "due",
        || json!({"what": "first answer", "by": "by Monday, 14:00", "short": "by Mon 14:00", "passed": false}),
    ),
];

pub(super) const NEW_CASE: &[Variable] = &[always("marks", marks), flag("noted")];

/// What was seen about the mail.
fn marks() -> Value {
    json!(["claims relation to NW-1001", "spam?"])
}

pub(super) const WROTE: &[Variable] = &[
    always("marks", marks),
    always("writer", || json!("Klaus Berger")),
    one_of("by_customer"),
    one_of("by_participant"),
    one_of("by_outsider"),
    one_of("by_machine"),
    one_of("by_person"),
    // A colleague told the customer something.
    flag("answered"),
    flag("unproven"),
];

pub(super) const TRANSCRIPT: &[Variable] = &[
    one_of("done"),
    one_of("refused"),
    one_of("held"),
    one_of("kept"),
    always("did", || json!(["The case is yours.", "Your words go to Klaus Berger: \"We are sorry.\""])),
    always(
        "lines",
        || json!([{"line": "#take"}, {"line": "#fixd", "wrong": "There is no command #fixd.", "nearest": "#fixed"}]),
    ),
    maybe("why", || json!("A line could not be read.")),
    flag("help"),
    // Nothing was asked but the help.
    flag("quiet"),
    always("commands", || json!([{"form": "#take", "does": "the case is yours"}])),
];

pub(super) const QUESTION: &[Variable] = &[
    maybe("asker", jane),
    maybe("question", || json!("Is the crate of last week still in the yard?")),
    maybe("answer_by", || json!("by Friday evening")),
    always("asked_on", || json!("Fri 20 Nov, 10:12")),
    flag("again"),
];

pub(super) const SEEMS_AWAY: &[Variable] =
    &[always("who", mei), always("line", || json!("#away mei until ")), maybe("enter", link)];

pub(super) const CASE_STORY: &[Variable] = &[
    always("state", || json!("waiting for the customer")),
    always("sla", || json!("standard")),
    maybe("tags", || json!("hinge, garden")),
    // Who takes part beside the customer.
    maybe("others", || json!("erika@customer.example")),
    always("story", || json!(["Fri 20 Nov, 23:40: Klaus Berger wrote", "Mon 23 Nov, 14:00: first answer was due"])),
    // Mails before those that stand here.
    maybe("earlier", || json!(12)),
    always("mails", || {
        json!([
            {"at": "Fri 20 Nov, 23:40", "who": "Klaus Berger", "words": "The lamp is broken again.", "files": "2 files"},
            {"at": "Mon 23 Nov, 10:12", "who": "Mei Tan"},
        ])
    }),
];

pub(super) const CONFIRM: &[Variable] = &[
    always("asks", || json!(["The case is yours."])),
    always("since", || json!(["Klaus Berger wrote: it smells burnt, too"])),
    always("until", || json!("by 17:00 today, Friday")),
];

pub(super) const REMINDER: &[Variable] = &[
    one_of("passed"),
    one_of("woke"),
    one_of("delayed"),
    one_of("unanswered"),
    always("what", || json!("first answer")),
    always("was", || json!("Mon 14:00")),
    flag("customer_told"),
    maybe("address", || json!("klaus@customer.example")),
    maybe("answer", || json!("451 4.3.0 try again later")),
];

pub(super) const RING: &[Variable] = &[
    always("what", || json!("first answer")),
    always("due_at", || json!("Mon 23 Nov, 14:00")),
    // One of the two.
    maybe("overdue", || json!("1 h")),
    maybe("left", || json!("45 min")),
    maybe("decide_by", || json!("by 17:00 today")),
    maybe("next", jane),
    maybe("standing_in_for", mei),
    // A colleague had it rung before its time.
    maybe("asked_by", mei),
    maybe("asked", || json!("He called twice, and I may not offer what he asks for.")),
    always("story", || json!(["Fri 20 Nov, 23:40: Klaus Berger wrote", "Mon 23 Nov, 14:00: first answer was due"])),
];

pub(super) const FAILED: &[Variable] = &[
    always("which", || json!("apology")),
    always("address", || json!("klaus@customer.example")),
    always("answer", || json!("550 5.1.1 no such user")),
    flag("stopped"),
];
