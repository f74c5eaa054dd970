//! What the two daily lists may say.

use serde_json::{Value, json};

use super::{Variable, always, maybe, mei, one_of};

/// One of the daily lists. A count is `count`, `one` and `words`; what lists nothing is left out.
pub(super) const LIST: &[Variable] = &[
    always("me", mei),
    always("prefix", || json!("NW")),
    always("late", two),
    // Cases beyond those that stand here.
    maybe("more", || json!(4)),
];

fn two() -> Value {
    json!({"count": 2, "one": false, "words": "two"})
}

/// Cases in a list. What is overdue has its `length`, else `at` is still to come.
fn listed() -> Value {
    json!([
        {"ref": "NW-1042", "customer": "Klaus Berger", "about": "Lamp broken again", "what": "first answer",
         "at": "Mon 14:00", "length": "2 h", "overdue": true, "next": "Tue 16:00", "wish": "My money back.",
         "for": "Jane Okafor"},
        {"ref": "NW-1043", "customer": "ada@customer.example", "about": "no subject", "what": "next update",
         "at": "10:30", "length": "45 min", "overdue": false},
    ])
}

pub(super) const TODAY: &[Variable] = &[
    always("due", two),
    always("silent", two),
    always("parked", two),
    // The first hour of what is due.
    maybe("first", || json!("10:30")),
    maybe("overdue", listed),
    maybe("today", listed),
    maybe("soon", listed),
    maybe("waiting", listed),
    maybe(
        "set_aside",
        || json!([{"at": "Fri 23:40", "from": "shop@partner.example", "subject": "Your invoice", "why": "List-Id"}]),
    ),
    maybe("more_parked", || json!(3)),
    maybe("rest", || json!(12)),
];

pub(super) const BEFORE_YOU_GO: &[Variable] = &[
    always("wants", two),
    maybe("open", listed),
    maybe(
        "done",
        || json!([{"at": "14:00", "ref": "NW-1042", "customer": "Klaus Berger", "letter": "letter about the passed date"}]),
    ),
    maybe("more_done", || json!(3)),
    maybe(
        "acts",
        || json!([{"at": "10:12", "ref": "NW-1042", "customer": "Klaus Berger", "what": "wrote to the customer"}]),
    ),
    maybe("more_acts", || json!(3)),
];

/// The cases that somebody asked for.
pub(super) const LISTING: &[Variable] = &[
    always("me", mei),
    always("prefix", || json!("NW")),
    one_of("mine"),
    one_of("overdue"),
    one_of("team"),
    always("total", || json!({"count": 2, "one": false})),
    maybe("overdue_count", || json!(1)),
    maybe("cases", || {
        json!([
            {"ref": "NW-1042", "customer": "Klaus Berger", "about": "Lamp broken again", "state": "open",
             "what": "first answer", "at": "Mon 14:00", "length": "2 h", "overdue": true, "owner": "Jane Okafor",
             "show": "support+i.abc@northwind.example?subject=NW-1042&body=%23show"},
            {"ref": "NW-1043", "customer": "ada@customer.example", "about": "no subject", "state": "asleep",
             "overdue": false},
        ])
    }),
    maybe("more", || json!(4)),
];
