//! The sentences of commands that bring others in: who is rung, asked, let in, away, or gets the cases.

use jiff::Timestamp;

use super::saying::gist;
use crate::decide::Turn;
use crate::decide::absences::Said;
use crate::decide::command::{Assignee, Command};
use crate::decide::event::StaffMail;
use crate::decide::lists::Which;
use crate::decide::policy::Absence;
use crate::mail::PersonId;

impl Turn<'_> {
    pub(super) fn sentence_of_others(
        &self,
        mail: &StaffMail,
        words: Option<&str>,
        command: &Command,
    ) -> Option<String> {
        let customer = self.customer_words();
        Some(match command {
            Command::Escalate(why) => {
                let next = self.next_to_ring(&mail.person).map(|(_, person)| self.name_of(&person));
                format!("{} is rung now: \"{}\"", next.unwrap_or_else(|| "Nobody".into()), gist(Some(why)))
            }
            Command::Cc(party) => {
                format!("{} takes part: they get what you and your colleagues write to {customer}.", party.address)
            }
            Command::Ask { of, until, .. } => self.question_words(mail, of, *until, words),
            Command::AssignAll { of, to } => self.handing_words(of, to.as_ref()),
            Command::Away { who, until, stand_in } => {
                let absence = Absence { from: self.today(), to: *until, stand_in: stand_in.clone() };
                let theirs = match self.open_cases_of(who) {
                    0 => String::new(),
                    n => format!(" Open cases of theirs: {n}; #assign all {who} hands them over."),
                };
                format!("{}{theirs}", self.absence_words(who, &Said::Away(absence)))
            }
            Command::Back(who) => self.absence_words(who, &Said::Back(self.today())),
            Command::New(party) => {
                let name = party.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
                format!("A case opens for {}{name}, who gets a letter now that says when you write.", party.address)
            }
            Command::Merge(into) => {
                let named = crate::mail::CaseRef::new(&self.policy.company.case_prefix, *into);
                format!("The case becomes part of {named}, with its mails, its number and every date that it named.")
            }
            Command::Split => self.split_words(&mail.person),
            Command::Show { files: false } => "The case comes by mail.".into(),
            Command::Show { files: true } => "The case comes by mail, with the files of its mails.".into(),
            Command::List(Which::Mine) => "Your open cases come by mail.".into(),
            Command::List(Which::Overdue) => "What is overdue comes by mail.".into(),
            Command::List(Which::Team) => "The open cases of your teams come by mail.".into(),
            _ => return None,
        })
    }

    fn question_words(&self, mail: &StaffMail, of: &Assignee, until: Option<Timestamp>, words: Option<&str>) -> String {
        let people: Vec<String> = self.people_asked(of, &mail.person).iter().map(|id| self.name_of(id)).collect();
        let by = self.say(until.unwrap_or_else(|| self.answer_by()), &mail.person);
        format!(
            "{} {} asked until {by}: \"{}\"",
            people.join(", "),
            if people.len() == 1 { "is" } else { "are" },
            gist(words)
        )
    }

    fn handing_words(&self, of: &PersonId, to: Option<&Assignee>) -> String {
        let (name, count) = (self.name_of(of), self.open_cases_of(of));
        let to = match to {
            Some(Assignee::Person(id)) => self.name_of(id),
            Some(Assignee::Team(team)) => format!("the team {team}"),
            None => "the others of their team".into(),
        };
        format!("Open cases of {name} that go to {to}: {count}.")
    }

    fn open_cases_of(&self, who: &PersonId) -> u32 {
        self.facts.open_cases.get(who).copied().unwrap_or(0)
    }
}
