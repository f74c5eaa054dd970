//! Which letters there are, and the values that each may use, with a sample of every one.
//!
//! This is the contract between composing and the words: `deliver::compose` fills these names and no others, and a
//! template that uses another name is refused when it is loaded. What may be lacking is left out of the values
//! altogether, so that a template which does not ask first fails its trial, and no letter holds an empty place.

use serde_json::{Map, Value, json};

mod lists;
mod staff;

use lists::{BEFORE_YOU_GO, LIST, LISTING, TODAY};
use staff::{CASE_STORY, CONFIRM, FAILED, NEW_CASE, QUESTION, REMINDER, RING, SEEMS_AWAY, STAFF, TRANSCRIPT, WROTE};

/// The values of one rendering.
pub type Values = Map<String, Value>;

/// One letter: its file's name and what it may say.
#[derive(Debug)]
pub struct LetterKind {
    pub name: &'static str,
    /// To customers: at most 4 kB of text, and nothing of the incoming mail but its subject.
    pub to_customer: bool,
    groups: &'static [&'static [Variable]],
}

#[derive(Debug)]
struct Variable {
    name: &'static str,
    needs: Needs,
    sample: fn() -> Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    Always,
    /// May be lacking: ask with `{{#if}}` first.
    Maybe,
    /// `true` or `false`.
    Flag,
    /// Exactly one of the group is `true`.
    OneOf,
}

const fn always(name: &'static str, sample: fn() -> Value) -> Variable {
    Variable { name, needs: Needs::Always, sample }
}

const fn maybe(name: &'static str, sample: fn() -> Value) -> Variable {
    Variable { name, needs: Needs::Maybe, sample }
}

const fn flag(name: &'static str) -> Variable {
    Variable { name, needs: Needs::Flag, sample: || json!(true) }
}

const fn one_of(name: &'static str) -> Variable {
    Variable { name, needs: Needs::OneOf, sample: || json!(true) }
}

fn mei() -> Value {
    json!({"name": "Mei Tan", "first": "Mei", "titled": "Mei Tan"})
}

fn jane() -> Value {
    json!({"name": "Jane Okafor", "first": "Jane", "titled": "Jane Okafor, our Head of Service"})
}

/// Every letter knows the house that writes it.
const HOUSE: &[Variable] =
    &[always("house", || json!("Northwind Care")), always("company", || json!("Northwind Lamps"))];

/// To the customer, about their case. A person is `name`, `first` and `titled`.
const CUSTOMER: &[Variable] = &[
    always("ref", || json!("NW-1042")),
    // Only of an authenticated sender, and only when it looks like a name or a subject.
    maybe("name", || json!("Klaus Berger")),
    maybe("subject", || json!("Lamp broken again")),
    maybe("says", || json!("a parcel that did not come when it should")),
    always("kind", || json!("delivery")),
    maybe("reader", mei),
    always("opened", || json!("20 November")),
];

const FIRST: &[Variable] = &[
    always("by", || json!("by Monday, 14:00")),
    maybe("opens", || json!("on Monday at 9:00")),
    // Before whom it comes if the reader does not write in time.
    maybe("above", jane),
    flag("late"),
    flag("wish_known"),
    flag("danger"),
    flag("brief"),
    maybe("again", || json!({"times": "the second time", "on": "3 October"})),
];

/// The person whom they called.
const AFTER_CALL: &[Variable] = &[maybe("by_person", mei)];

const HOLDING: &[Variable] = &[
    always("was", || json!("by Thursday evening")),
    maybe("next", || json!("by Friday, 16:00")),
    maybe("before", jane),
    // A letter had named the date that passed.
    flag("promised"),
    flag("first_answer"),
    one_of("first"),
    one_of("second"),
    one_of("third"),
];

const ESCALATED: &[Variable] = &[
    always("to", jane),
    always("was", || json!("by Thursday evening")),
    maybe("named", || json!("by Friday, 16:00")),
    flag("promised"),
    flag("taken"),
];

const UPDATE: &[Variable] = &[
    maybe("by_person", mei),
    maybe("words", || json!("Your new lamp is packed. The courier comes on Tuesday.")),
    maybe("next", || json!("by Friday evening")),
];

const FIXED: &[Variable] = &[
    maybe("by_person", mei),
    // Only where it is still on its way.
    maybe("from", || json!("on Monday at 9:00")),
    maybe("check", || json!("27 November")),
];

const NUDGE: &[Variable] = &[maybe("by_person", mei), always("asked_on", || json!("16 November"))];

/// A link: what follows `mailto:`.
fn link() -> Value {
    json!("support+c.abc@northwind.example?subject=Yes&body=Yes")
}

const CHECK_IN: &[Variable] =
    &[always("fixed_on", || json!("25 November")), always("yes", link), always("no", link), flag("again")];

const SORRY_AGAIN: &[Variable] = &[maybe("by", || json!("by Monday, 14:00")), maybe("before", jane), flag("many")];

const DIGEST: &[Variable] = &[
    always("me", jane),
    always("count", || json!(2)),
    maybe("oldest", || json!("1 h")),
    always("rings", || {
        json!([
            {"ref": "NW-1042", "customer": "Klaus Berger", "about": "Lamp broken again", "what": "first answer",
             "due_at": "Mon 23 Nov, 14:00", "overdue": "1 h", "wish": "My money back.", "owner": "Mei Tan",
             "decide_by": "by 17:00 today", "next": "Jane Okafor"},
            {"ref": "NW-1043", "customer": "ada@customer.example", "about": "no subject", "what": "next update",
             "due_at": "Mon 23 Nov, 16:00", "left": "45 min"},
        ])
    }),
];

const ALERT: &[Variable] = &[
    always("mailbox", || json!("support@northwind.example")),
    always("first", || json!("support: the server refuses the password")),
    always("lines", || json!(["support: the server refuses the password", "outbox: 3 letters wait"])),
    always("at", || json!("Fri 20 Nov, 23:40")),
];

/// To a person of staff, about no case.
const WELCOME: &[Variable] = &[always("me", mei), always("support", || json!("support@northwind.example"))];

const COMMANDS: &[Variable] = &[always("commands", || json!([{"form": "#take", "does": "the case is yours"}]))];

const MEASURED: &[Variable] = &[
    one_of("everything"),
    one_of("confirm"),
    one_of("notes"),
    always("found", || {
        json!("the token came back, and the sender is proven by dmarc=pass header.from=northwind.example")
    }),
];

/// All letters of this version.
pub const LETTERS: &[LetterKind] = &[
    LetterKind { name: "apology", to_customer: true, groups: &[HOUSE, CUSTOMER, FIRST] },
    LetterKind { name: "acknowledgement", to_customer: true, groups: &[HOUSE, CUSTOMER, FIRST] },
    LetterKind { name: "after-call", to_customer: true, groups: &[HOUSE, CUSTOMER, FIRST, AFTER_CALL] },
    LetterKind { name: "holding", to_customer: true, groups: &[HOUSE, CUSTOMER, HOLDING] },
    LetterKind { name: "escalated", to_customer: true, groups: &[HOUSE, CUSTOMER, ESCALATED] },
    LetterKind { name: "update", to_customer: true, groups: &[HOUSE, CUSTOMER, UPDATE] },
    LetterKind { name: "fixed", to_customer: true, groups: &[HOUSE, CUSTOMER, FIXED] },
    LetterKind { name: "nudge", to_customer: true, groups: &[HOUSE, CUSTOMER, NUDGE] },
    LetterKind { name: "check-in", to_customer: true, groups: &[HOUSE, CUSTOMER, CHECK_IN] },
    LetterKind { name: "sorry-again", to_customer: true, groups: &[HOUSE, CUSTOMER, SORRY_AGAIN] },
    LetterKind { name: "recovered", to_customer: true, groups: &[HOUSE, CUSTOMER] },
    LetterKind { name: "new-case", to_customer: false, groups: &[HOUSE, STAFF, NEW_CASE] },
    LetterKind { name: "customer-wrote", to_customer: false, groups: &[HOUSE, STAFF, WROTE] },
    LetterKind { name: "transcript", to_customer: false, groups: &[HOUSE, STAFF, TRANSCRIPT] },
    LetterKind { name: "confirm", to_customer: false, groups: &[HOUSE, STAFF, CONFIRM] },
    LetterKind { name: "reminder", to_customer: false, groups: &[HOUSE, STAFF, REMINDER] },
    LetterKind { name: "question", to_customer: false, groups: &[HOUSE, STAFF, QUESTION] },
    LetterKind { name: "seems-away", to_customer: false, groups: &[HOUSE, STAFF, SEEMS_AWAY] },
    LetterKind { name: "case-story", to_customer: false, groups: &[HOUSE, STAFF, CASE_STORY] },
    LetterKind { name: "delivery-failed", to_customer: false, groups: &[HOUSE, STAFF, FAILED] },
    LetterKind { name: "escalation", to_customer: false, groups: &[HOUSE, STAFF, RING] },
    LetterKind { name: "escalation-digest", to_customer: false, groups: &[HOUSE, DIGEST] },
    LetterKind { name: "today", to_customer: false, groups: &[HOUSE, LIST, TODAY] },
    LetterKind { name: "before-you-go", to_customer: false, groups: &[HOUSE, LIST, BEFORE_YOU_GO] },
    LetterKind { name: "listing", to_customer: false, groups: &[HOUSE, LISTING] },
    LetterKind { name: "welcome", to_customer: false, groups: &[HOUSE, WELCOME, COMMANDS] },
    LetterKind { name: "measured", to_customer: false, groups: &[HOUSE, WELCOME, MEASURED] },
    LetterKind { name: "alert", to_customer: false, groups: &[HOUSE, ALERT] },
];

/// The letter of that name.
pub fn letter_kind(name: &str) -> Option<&'static LetterKind> {
    LETTERS.iter().find(|l| l.name == name)
}

impl LetterKind {
    fn variables(&self) -> impl Iterator<Item = &'static Variable> {
        self.groups.iter().flat_map(|group| group.iter())
    }

    /// Every name with its sample: what a template may use.
    pub fn shape(&self) -> Values {
        self.variables().map(|v| (v.name.to_owned(), merged((v.sample)()))).collect()
    }

    /// Does this value belong to the letter, and is none missing that it always has?
    pub fn unknown_or_missing(&self, values: &Values) -> Vec<String> {
        let unknown = values.keys().filter(|k| !self.variables().any(|v| v.name == **k)).cloned();
        let missing = self.variables().filter(|v| v.needs != Needs::Maybe && !values.contains_key(v.name));
        unknown.chain(missing.map(|v| v.name.to_owned())).collect()
    }

    /// Values in all combinations that a template can stumble over: for each choice of the group everything there,
    /// everything lacking, each value alone lacking, and each value alone there.
    pub fn samples(&self) -> Vec<Values> {
        let optional: Vec<&Variable> =
            self.variables().filter(|v| matches!(v.needs, Needs::Maybe | Needs::Flag)).collect();
        let mut out = Vec::new();
        for choice in self.choices() {
            out.push(self.with(choice, |_| true));
            out.push(self.with(choice, |_| false));
            for one in &optional {
                out.push(self.with(choice, |name| name != one.name));
                out.push(self.with(choice, |name| name == one.name));
            }
        }
        out
    }

    fn choices(&self) -> Vec<Option<&'static str>> {
        let names: Vec<_> = self.variables().filter(|v| v.needs == Needs::OneOf).map(|v| Some(v.name)).collect();
        if names.is_empty() { vec![None] } else { names }
    }

    /// Values where `there` says which optional ones exist.
    pub fn with(&self, choice: Option<&str>, there: impl Fn(&str) -> bool) -> Values {
        let mut values = Values::new();
        for variable in self.variables() {
            let value = match variable.needs {
                Needs::Always => Some((variable.sample)()),
                Needs::Maybe => there(variable.name).then(variable.sample),
                Needs::Flag => Some(json!(there(variable.name))),
                Needs::OneOf => Some(json!(choice == Some(variable.name))),
            };
            if let Some(value) = value {
                values.insert(variable.name.to_owned(), value);
            }
        }
        values
    }
}

/// Of a list of objects, one object with the names of all: what `{{#each}}` may use.
fn merged(sample: Value) -> Value {
    match sample {
        Value::Array(items) if items.iter().all(Value::is_object) => {
            let all = items.into_iter().filter_map(|item| match item {
                Value::Object(map) => Some(map),
                _ => None,
            });
            json!([all.fold(Map::new(), |mut sum, map| {
                sum.extend(map);
                sum
            })])
        }
        other => other,
    }
}
