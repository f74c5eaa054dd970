//! The two daily lists, `today` and `before-you-go`: one line first that says what the day asks, then a case a line.
//!
//! They belong to no case, so an answer to them is internal and is asked to name its case.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::decide::case::Case;
use crate::decide::lists::{Act, Asks, DayList, Done, Item, ListKind, ParkedMail, Part};
use crate::decide::policy::Person;
use crate::mail::{CaseId, clean_line};
use crate::templates::Values;
use crate::token::Purpose;

use super::dates::Dates;
use super::values::{dates, reference, set};
use super::wire::{ReplyTo, Wire};
use super::{ComposeError, Composed, Context, Reader, english, finish, head_of, house, party, person, person_value};
use super::{render, staff, staff_language, story, wording};

/// Of a wish in a list: it is to be read in a breath, and stands on the case in full.
const WISH_CHARS: usize = 140;
const LINE_CHARS: usize = 200;

/// Items without their case in `cases` are left out.
pub fn compose_list(
    list: &DayList,
    cases: &BTreeMap<CaseId, Case>,
    ctx: &Context<'_>,
) -> Result<Composed, ComposeError> {
    if list.is_empty() {
        return Err(ComposeError::EmptyList);
    }
    let (name, me) = (list.kind.name(), person(ctx, &list.person)?);
    let page = Page { list, cases, ctx };
    let rendered = render(name, &staff_language(name, ctx), &page.values(me), ctx)?;
    let reply_to = ReplyTo::Token(Purpose::Internal, ctx.tokens.mint_internal(None, &me.id, 0, ctx.now)?);
    let wire = Wire { reply_to, ..Wire::plain(party(me)) };
    finish(head_of(name, Reader::Person(me), ctx)?, rendered, &wire, ctx)
}

struct Page<'a> {
    list: &'a DayList,
    cases: &'a BTreeMap<CaseId, Case>,
    ctx: &'a Context<'a>,
}

impl Page<'_> {
    fn values(&self, me: &Person) -> Values {
        let mut values = house(self.ctx);
        values.insert("me".into(), person_value(me));
        values.insert("prefix".into(), self.ctx.policy.company.case_prefix.as_str().into());
        values.insert("late".into(), counted(self.asking(Asks::Overdue).count()));
        set(&mut values, "more", some(self.list.items.more));
        match self.list.kind {
            ListKind::Today => self.today(&mut values),
            ListKind::BeforeYouGo => self.before_you_go(&mut values),
        }
        values
    }

    fn today(&self, values: &mut Values) {
        let parts = [("overdue", Asks::Overdue), ("today", Asks::Due), ("soon", Asks::Soon), ("waiting", Asks::Silent)];
        for (name, asks) in parts {
            set_lines(values, name, self.asking(asks).filter_map(|i| self.item(i)).collect());
        }
        values.insert("due".into(), counted(self.asking(Asks::Due).count()));
        values.insert("silent".into(), counted(self.asking(Asks::Silent).count()));
        let first = self.asking(Asks::Due).filter_map(|i| Some((i.at, self.cases.get(&i.case)?))).min_by_key(|f| f.0);
        set(values, "first", first.map(|(at, case)| story::hour(&self.dates(case), at)));
        let parked = &self.list.parked;
        values.insert("parked".into(), counted(parked.total()));
        set_lines(values, "set_aside", parked.shown.iter().map(|mail| self.parked(mail)).collect());
        set(values, "more_parked", some(parked.more));
        set(values, "rest", some(self.list.rest));
    }

    fn before_you_go(&self, values: &mut Values) {
        let Part { shown, more } = &self.list.items;
        values.insert("wants".into(), counted(shown.len() + more));
        set_lines(values, "open", shown.iter().filter_map(|i| self.item(i)).collect());
        set_lines(values, "done", self.list.done.shown.iter().filter_map(|d| self.done(d)).collect());
        set(values, "more_done", some(self.list.done.more));
        set_lines(values, "acts", self.list.acts.shown.iter().filter_map(|a| self.act(a)).collect());
        set(values, "more_acts", some(self.list.acts.more));
    }

    fn asking(&self, asks: Asks) -> impl Iterator<Item = &Item> {
        self.list.items.shown.iter().filter(move |i| i.asks == asks)
    }

    fn item(&self, item: &Item) -> Option<Value> {
        let case = self.cases.get(&item.case)?;
        let dates = self.dates(case);
        let mut values = self.line(case, story::hour(&dates, item.at));
        values.insert("what".into(), item.target.words().into());
        values.insert("overdue".into(), (item.asks == Asks::Overdue).into());
        values.insert("length".into(), english::length(dates.now.duration_since(item.at).abs()).into());
        set(&mut values, "next", item.next.map(|at| story::hour(&dates, at)));
        let wish = case.wish.as_deref().and_then(wording::wish);
        set(&mut values, "wish", wish.map(|w| wording::shorten(&clean_line(&w), WISH_CHARS)));
        let absent = item.standing_in_for.as_ref().map(|id| (id, self.ctx.policy.person(id)));
        set(&mut values, "for", absent.map(|(id, p)| p.map_or_else(|| id.to_string(), |p| p.name.clone())));
        Some(values.into())
    }

    fn done(&self, done: &Done) -> Option<Value> {
        let case = self.cases.get(&done.case)?;
        let mut values = self.line(case, story::hour(&self.dates(case), done.at));
        values.insert("letter".into(), english::letter_words(&done.letter).into());
        Some(values.into())
    }

    fn act(&self, act: &Act) -> Option<Value> {
        let case = self.cases.get(&act.case)?;
        let mut values = self.line(case, story::hour(&self.dates(case), act.at));
        values.insert("what".into(), wording::shorten(&clean_line(&act.what.join("; ")), LINE_CHARS).into());
        Some(values.into())
    }

    /// What names a case in every line.
    fn line(&self, case: &Case, at: String) -> Values {
        let mut values = Values::new();
        values.insert("ref".into(), reference(case, self.ctx).into());
        values.insert("customer".into(), story::customer(case).into());
        values.insert("about".into(), staff::about(case).into());
        values.insert("at".into(), at.into());
        values
    }

    fn parked(&self, mail: &ParkedMail) -> Value {
        let dates = Dates::new(&self.ctx.policy.company.timezone, self.ctx.now, None);
        let from = mail.from.as_ref().map_or_else(|| "an unknown address".to_owned(), ToString::to_string);
        json!({
            "at": story::hour(&dates, mail.at),
            "from": from,
            "subject": wording::about(mail.subject.as_deref().unwrap_or_default(), ""),
            "why": wording::shorten(&clean_line(&mail.sign), LINE_CHARS),
        })
    }

    fn dates(&self, case: &Case) -> Dates<'_> {
        Dates { reader_offset: None, ..dates(case, self.ctx) }
    }
}

fn counted(n: usize) -> Value {
    json!({"count": n, "one": n == 1, "words": english::count(n)})
}

fn some(n: usize) -> Option<usize> {
    (n > 0).then_some(n)
}

fn set_lines(values: &mut Values, name: &str, lines: Vec<Value>) {
    set(values, name, (!lines.is_empty()).then_some(lines));
}
