//! `#ask`: a colleague or a team is asked about a case; its owner goes on owning it, and silence is followed up.

use jiff::Timestamp;

use super::Turn;
use super::assign;
use super::calendar::Span;
use super::case::{ClockState, Question, Target};
use super::command::Assignee;
use super::effect::{Letter, Recipient, ReminderFacts, WroteBy};
use super::event::{Proof, StaffMail};
use super::policy::Person;
use crate::mail::PersonId;

/// So long a question has where no day is named, and again after a reminder.
const ANSWER_IN: Span = Span::Days(1);

impl Turn<'_> {
    pub(super) fn ask(&mut self, mail: &StaffMail, of: &Assignee, until: Option<Timestamp>, words: &str) {
        let n = self.case.questions.iter().map(|q| q.n).max().unwrap_or(0) + 1;
        let people = self.people_asked(of, &mail.person);
        let answer_by = until.unwrap_or_else(|| self.answer_by());
        let of = match of {
            Assignee::Person(id) => id.to_string(),
            Assignee::Team(team) => team.clone(),
        };
        self.case.note(self.now, mail.person.as_str(), format!("asked {of}: {words}"));
        let (by, words, about) = (mail.person.clone(), words.to_owned(), self.last_customer_mail());
        let asked_at = self.now;
        self.case.questions.push(Question {
            n,
            by,
            of,
            people,
            words,
            asked_at,
            answer_by,
            reminded: 0,
            answered_at: None,
            about,
        });
        self.start_clock_until(Target::Ask, n, self.now, answer_by);
        self.write_question(n, None);
    }

    /// A working day from now.
    pub(super) fn answer_by(&self) -> Timestamp {
        self.calendar().add(self.now, ANSWER_IN)
    }

    /// Of a team all who are there; where nobody is, whoever stands in for its lead. Never whoever asks.
    pub(super) fn people_asked(&self, of: &Assignee, by: &PersonId) -> Vec<PersonId> {
        let zone = &self.policy.company.timezone;
        let reached = |p: &Person| assign::stand_in(self.policy, p, self.now).id.clone();
        let mut people: Vec<PersonId> = match of {
            Assignee::Person(id) => self.policy.person(id).map(reached).into_iter().collect(),
            Assignee::Team(team) => {
                let there = self.policy.members(team).filter(|p| p.absence(self.now, zone).is_none());
                there.map(|p| p.id.clone()).collect()
            }
        };
        people.retain(|id| id != by);
        if let (true, Assignee::Team(team)) = (people.is_empty(), of) {
            people.extend(self.policy.lead_of(team).map(reached).filter(|id| id != by));
        }
        people
    }

    fn write_question(&mut self, n: u32, also: Option<PersonId>) {
        let Some(question) = self.case.questions.iter().find(|q| q.n == n) else { return };
        let (again, people) = (question.reminded, question.people.clone());
        for person in people.into_iter().chain(also) {
            let key = format!("ask:{}:{n}:{again}:{person}", self.case.id);
            self.write_once(Letter::Question { n, again: again > 0 }, Recipient::Person(person), key);
        }
    }

    /// Nobody answered: they are asked once more, then whoever leads them too, and whoever waits for it hears that.
    pub(super) fn unanswered(&mut self, n: u32) {
        let lead = self.lead_of_question(n);
        let Some(question) = self.case.questions.iter_mut().find(|q| q.n == n) else { return };
        question.reminded += 1;
        let (of, since, reminded) = (question.of.clone(), question.asked_at, question.reminded);
        self.note(format!("{of} did not answer in time"));
        if reminded == 1 {
            self.write_question(n, None);
            let again_by = self.answer_by();
            self.start_clock_until(Target::Ask, n, self.now, again_by);
        } else {
            self.write_question(n, lead);
            let facts = ReminderFacts::Unanswered { of, since };
            self.tell_owner(Letter::Reminder(facts), &format!("unanswered-{}-{n}", self.case.id));
        }
    }

    fn lead_of_question(&self, n: u32) -> Option<PersonId> {
        let question = self.case.questions.iter().find(|q| q.n == n)?;
        let lead = self.policy.lead_of(&question.of)?;
        (!question.people.contains(&lead.id) && lead.id != question.by).then(|| lead.id.clone())
    }

    /// Words of somebody who was asked, and that stay inside: whoever asked reads them, whosever the case is.
    pub(super) fn note_answer(&mut self, mail: &StaffMail) {
        let is_answer = mail.proof >= Proof::Token && mail.like_a_machine.is_none() && !mail.mail.quiet;
        if !is_answer || mail.mail.words.trim().is_empty() {
            return;
        }
        let mut answered = Vec::new();
        for question in self.case.questions.iter_mut().filter(|q| q.answered_at.is_none()) {
            if question.people.contains(&mail.person) {
                question.answered_at = Some(self.now);
                answered.push((question.n, question.by.clone()));
            }
        }
        for (n, by) in answered {
            self.end_clock(Target::Ask, n, |at| ClockState::Met { at });
            self.note(format!("{} answered question {n}", mail.person));
            if by != mail.person && self.policy.person(&by).is_some() {
                let wrote = WroteBy::Person { id: mail.person.clone(), answered: false, proven: true };
                let letter = Letter::CustomerWrote { mail: mail.mail.mail, by: wrote };
                // The key of what an owner reads of a colleague's mail: one notice of it is enough.
                let key = format!("ntc:mail-{}:{by}", mail.mail.mail);
                self.write_once(letter, Recipient::Person(by), key);
            }
        }
    }
}
