//! What staff read of their own mails: what was done, what waits for their word, which date has passed.

use serde_json::{Value, json};

use crate::decide::case::{Case, CaseMail, Question};
use crate::decide::command::FORMS;
use crate::decide::effect::{LineRead, Outcome, ReminderFacts, TranscriptFacts};
use crate::mail::clean_line;
use crate::templates::Values;

use super::dates::Dates;
use super::{Context, english, story, values, wording};

const REMINDERS: &[&str] = &["passed", "woke", "delayed", "unanswered"];
const LINE_CHARS: usize = 200;
/// The last so many stand in a story.
const MAILS: usize = 20;

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
            one_of(out, REMINDERS, "passed");
            out.insert("what".into(), target.words().into());
            out.insert("was".into(), story::short(dates, *due_at).into());
            out.insert("customer_told".into(), (*told).into());
        }
        ReminderFacts::Woke { since } => {
            one_of(out, REMINDERS, "woke");
            out.insert("what".into(), "wait".into());
            out.insert("was".into(), story::short(dates, *since).into());
            out.insert("customer_told".into(), false.into());
        }
        ReminderFacts::Unanswered { of, since } => {
            one_of(out, REMINDERS, "unanswered");
            out.insert("what".into(), of.as_str().into());
            out.insert("was".into(), story::short(dates, *since).into());
            out.insert("customer_told".into(), false.into());
        }
        ReminderFacts::Delayed { to, answer } => {
            one_of(out, REMINDERS, "delayed");
            out.insert("what".into(), "reply".into());
            out.insert("was".into(), story::short(dates, dates.now).into());
            out.insert("customer_told".into(), false.into());
            out.insert("address".into(), to.as_str().into());
            out.insert("answer".into(), wording::shorten(&clean_line(answer), 300).into());
        }
    }
}

/// What a colleague wants to know.
pub(super) fn question(out: &mut Values, question: &Question, again: bool, dates: &Dates<'_>, ctx: &Context<'_>) {
    values::set_person(out, "asker", Some(&question.by), ctx);
    values::set(out, "question", wording::words_for_staff(&question.words));
    let passed = question.answer_by <= dates.now;
    values::set(out, "answer_by", (!passed).then(|| english::by(&dates.moment(question.answer_by))));
    out.insert("asked_on".into(), story::stamp(dates, question.asked_at).into());
    out.insert("again".into(), again.into());
}

/// All of the case that a person may want to read: what happened, and what was written.
pub(super) fn case_story(out: &mut Values, case: &Case, dates: &Dates<'_>, ctx: &Context<'_>) {
    out.insert("state".into(), english::state(case.state).into());
    out.insert("sla".into(), case.sla.as_str().into());
    out.insert("story".into(), story::story(case, dates, ctx).into());
    let tags: Vec<&str> = case.tags.iter().map(String::as_str).collect();
    values::set(out, "tags", (!tags.is_empty()).then(|| tags.join(", ")));
    let others: Vec<String> = case.taking_part().skip(1).map(|p| p.address.to_string()).collect();
    values::set(out, "others", (!others.is_empty()).then(|| others.join(", ")));
    let left_out = case.mails.len().saturating_sub(MAILS);
    values::set(out, "earlier", (left_out > 0).then_some(left_out));
    let mails = case.mails.iter().skip(left_out).map(|mail| mail_in_full(mail, case, dates, ctx));
    out.insert("mails".into(), mails.collect::<Vec<_>>().into());
}

fn mail_in_full(mail: &CaseMail, case: &Case, dates: &Dates<'_>, ctx: &Context<'_>) -> Value {
    let mut value = Values::new();
    value.insert("at".into(), story::stamp(dates, mail.at).into());
    value.insert("who".into(), story::named(&mail.writer, case, ctx).into());
    values::set(&mut value, "words", wording::words_for_staff(&mail.words));
    let files = match mail.files {
        0 => None,
        1 => Some("1 file".to_owned()),
        n => Some(format!("{n} files")),
    };
    values::set(&mut value, "files", files);
    value.into()
}

fn one_of(out: &mut Values, names: &[&str], which: &str) {
    for name in names {
        out.insert((*name).to_owned(), (*name == which).into());
    }
}

fn lines(all: &[String]) -> Value {
    all.iter().map(|l| Value::from(wording::shorten(&clean_line(l), 300))).collect::<Vec<_>>().into()
}
