//! What staff read of their own mails: what was done, what waits for their word, which date has passed.

use serde_json::{Value, json};

use crate::decide::command::FORMS;
use crate::decide::effect::{LineRead, Outcome, ReminderFacts, TranscriptFacts};
use crate::mail::clean_line;
use crate::templates::Values;

use super::dates::Dates;
use super::{english, story, values, wording};

const LINE_CHARS: usize = 200;

pub(super) fn transcript(out: &mut Values, told: &TranscriptFacts) {
    one_of(out, &["done", "refused", "held", "kept"], told.result.as_str());
    out.insert("did".into(), lines(&told.did));
    out.insert("lines".into(), told.lines.iter().map(line).collect::<Vec<_>>().into());
    values::set(out, "why", told.why.as_deref().map(|why| wording::shorten(&clean_line(why), 600)));
    out.insert("help".into(), told.help.into());
    let forms = FORMS.iter().map(|f| json!({"form": f.form, "does": f.does}));
    out.insert("commands".into(), if told.help { forms.collect::<Vec<_>>().into() } else { json!([]) });
    out.insert("quiet".into(), (told.result == Outcome::Done && told.did.is_empty() && told.help).into());
}

fn line(read: &LineRead) -> Value {
    let mut value = Values::new();
    value.insert("line".into(), wording::shorten(&clean_line(&read.line), LINE_CHARS).into());
    values::set(&mut value, "wrong", read.wrong.as_deref().map(clean_line));
    values::set(&mut value, "nearest", read.nearest.clone());
    value.into()
}

pub(super) fn confirm(out: &mut Values, asks: &[String], since: &[String], until: jiff::Timestamp, dates: &Dates<'_>) {
    out.insert("asks".into(), lines(asks));
    out.insert("since".into(), lines(since));
    out.insert("until".into(), english::by(&dates.moment(until)).into());
}

pub(super) fn reminder(out: &mut Values, facts: &ReminderFacts, dates: &Dates<'_>) {
    match facts {
        ReminderFacts::Passed { target, due_at, told } => {
            one_of(out, &["passed", "woke", "delayed"], "passed");
            out.insert("what".into(), target.words().into());
            out.insert("was".into(), story::short(dates, *due_at).into());
            out.insert("customer_told".into(), (*told).into());
        }
        ReminderFacts::Woke { since } => {
            one_of(out, &["passed", "woke", "delayed"], "woke");
            out.insert("what".into(), "wait".into());
            out.insert("was".into(), story::short(dates, *since).into());
            out.insert("customer_told".into(), false.into());
        }
        ReminderFacts::Delayed { to, answer } => {
            one_of(out, &["passed", "woke", "delayed"], "delayed");
            out.insert("what".into(), "reply".into());
            out.insert("was".into(), story::short(dates, dates.now).into());
            out.insert("customer_told".into(), false.into());
            out.insert("address".into(), to.as_str().into());
            out.insert("answer".into(), wording::shorten(&clean_line(answer), 300).into());
        }
    }
}

fn one_of(out: &mut Values, names: &[&str], which: &str) {
    for name in names {
        out.insert((*name).to_owned(), (*name == which).into());
    }
}

fn lines(all: &[String]) -> Value {
    all.iter().map(|l| Value::from(wording::shorten(&clean_line(l), 300))).collect::<Vec<_>>().into()
}
