//! The two lists that a person of staff gets a day, as plain data: `learn` fills them, `deliver` makes letters of them.
//!
//! What does not press stands here instead of in a mail of its own (design section 2, Calm). Every part is bounded: a list
//! is read on a phone.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::mail::{Address, CaseId, PersonId};

use super::case::Target;

/// Of each part so many stand in the letter; of the others their number.
pub const SHOWN: usize = 30;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListKind {
    /// At the start of their hours: what is due on this day.
    Today,
    /// 90 minutes before the end: what still wants one line, and what was done in their name.
    BeforeYouGo,
}

impl ListKind {
    /// The name of its template, and of its keys.
    pub fn name(self) -> &'static str {
        match self {
            ListKind::Today => "today",
            ListKind::BeforeYouGo => "before-you-go",
        }
    }
}

/// Which cases `#list` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// One's own, and those of the absent for whom one stands in.
    Mine,
    /// Of one's teams, what is overdue.
    Overdue,
    /// Of one's teams, all.
    Team,
}

impl Which {
    pub const ALL: [Which; 3] = [Which::Mine, Which::Overdue, Which::Team];

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Which::Mine => "mine",
            Which::Overdue => "overdue",
            Which::Team => "team",
        }
    }
}

/// Open cases that somebody asked for, the most pressing first.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    pub which: Which,
    pub person: PersonId,
    pub entries: Part<Entry>,
}

/// An open case and the date that presses most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub case: CaseId,
    pub due: Option<(Target, Timestamp)>,
    pub overdue: bool,
}

/// One person's list of one day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayList {
    pub kind: ListKind,
    pub person: PersonId,
    pub date: Date,
    /// What asks something of them: overdue first, then by when it is due.
    pub items: Part<Item>,
    /// What our letters told customers of their cases today.
    pub done: Part<Done>,
    /// What they did by mail today.
    pub acts: Part<Act>,
    /// Mail that was set aside since the last list.
    pub parked: Part<ParkedMail>,
    /// Further open cases, of which nothing is due.
    pub rest: usize,
}

impl DayList {
    /// Nothing to read: no list.
    pub fn is_empty(&self) -> bool {
        self.items.shown.is_empty()
            && self.done.shown.is_empty()
            && self.acts.shown.is_empty()
            && self.parked.shown.is_empty()
    }

    /// The cases that it names, the most pressing first.
    pub fn cases(&self) -> impl Iterator<Item = CaseId> + '_ {
        let items = self.items.shown.iter().map(|i| i.case);
        items.chain(self.done.shown.iter().map(|d| d.case)).chain(self.acts.shown.iter().map(|a| a.case))
    }
}

/// A bounded part: what is shown, and how many more there are.
#[derive(Debug, Clone, PartialEq)]
pub struct Part<T> {
    pub shown: Vec<T>,
    pub more: usize,
}

impl<T> Part<T> {
    /// The first [`SHOWN`] of all.
    pub fn of(mut all: Vec<T>) -> Self {
        let more = all.len().saturating_sub(SHOWN);
        all.truncate(SHOWN);
        Self { shown: all, more }
    }

    pub fn total(&self) -> usize {
        self.shown.len() + self.more
    }
}

impl<T> Default for Part<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), more: 0 }
    }
}

/// A case that asks something of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub case: CaseId,
    pub asks: Asks,
    /// What presses most; of an unanswered question since when it was asked.
    pub target: Target,
    pub at: Timestamp,
    /// Where that date has passed: the one that the customer counts on now.
    pub next: Option<Timestamp>,
    /// The absent person whose case it is.
    pub standing_in_for: Option<PersonId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asks {
    /// The date has passed, and nobody has written since.
    Overdue,
    /// Due soon: today, or before noon of the next working day.
    Due,
    /// Due later, but the ladder has rung for it: a ring to an owner is a line of their list.
    Soon,
    /// We asked, and the customer has not answered for too long.
    Silent,
}

/// A letter of ours to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub case: CaseId,
    /// The name of its template.
    pub letter: String,
    pub at: Timestamp,
}

/// What a person did on one case, in the log's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub case: CaseId,
    /// The last of it.
    pub at: Timestamp,
    pub what: Vec<String>,
}

/// A mail that was set aside, and opened no case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedMail {
    pub at: Timestamp,
    pub from: Option<Address>,
    pub subject: Option<String>,
    /// By which sign.
    pub sign: String,
}
