//! What each command does to the case.

use super::saying::gist;
use super::{WordsGo, said};
use crate::decide::Turn;
use crate::decide::assign;
use crate::decide::case::{RingState, State, Target};
use crate::decide::command::{Assignee, Command, Read, Script};
use crate::decide::effect::Letter;
use crate::decide::event::StaffMail;
use crate::mail::PersonId;

impl Turn<'_> {
    pub(super) fn command(&mut self, mail: &StaffMail, script: &Script, command: &Command, goes: WordsGo) {
        let person = &mail.person;
        let words = said(command, script, mail.door);
        match command {
            Command::Take => self.take(mail),
            Command::Note(_) => self.did(person, format!("noted: {}", gist(words.as_deref()))),
            Command::Called(_) => {
                self.did(person, format!("called: {}", gist(words.as_deref())));
                self.person_wrote(false);
            }
            Command::Assign(to) => self.assign(mail, to),
            Command::Ask { of, until, .. } => self.ask(mail, of, *until, words.as_deref().unwrap_or_default()),
            Command::AssignAll { of, to } => self.assign_all(mail, of, to.as_ref()),
            Command::Away { who, until, stand_in } => self.away(mail, who, *until, stand_in.as_ref()),
            Command::Back(who) => self.back(mail, who),
            Command::Update(_) => self.update(mail, script, words.unwrap_or_default()),
            Command::Wait(until) => self.wait(person, *until),
            Command::Fixed(at) => {
                let updates = script.commands.iter().any(|r| matches!(r.command, Command::Update(_)));
                self.fixed(mail, *at, updates || goes == WordsGo::ToCustomer);
            }
            Command::Close(why) => self.close(person, why.as_deref()),
            Command::Reopen => self.reopen(person),
            Command::Priority(priority) => self.set_priority(person, *priority),
            Command::Kind(name) => self.set_kind(mail, name),
            Command::Sla(name) => self.set_sla(person, name),
            Command::Tag(tags) => self.set_tags(person, tags),
            Command::Escalate(why) => self.escalate(person, why),
            Command::Nudge => self.nudge(mail),
            Command::Spam => self.spam(person),
            Command::Cc(party) => self.let_in(person, party),
            Command::New(party) => self.take_down(mail, party, &script.words),
            Command::Merge(into) => self.merge(mail, *into),
            Command::Split => self.split(mail),
            Command::Show { files } => self.show(mail, *files),
            Command::List(which) => self.list(mail, *which),
            Command::Send => self.send_held(person),
            Command::Confirm | Command::Help => {}
        }
        let only_asks =
            |c: &Command| matches!(c, Command::Send | Command::Note(_) | Command::Show { .. }) || c.is_of_desk();
        if !only_asks(command) {
            self.acknowledge(person);
        }
    }

    pub(super) fn did(&mut self, person: &PersonId, what: impl Into<String>) {
        self.case.note(self.now, person.as_str(), what);
    }

    fn take(&mut self, mail: &StaffMail) {
        let person = &mail.person;
        let was_theirs = self.case.owner.as_ref() == Some(person);
        self.case.owner = Some(person.clone());
        self.case.taken_by = Some(person.clone());
        if self.case.state == State::New {
            self.case.state = State::Open;
        }
        self.did(person, "took the case");
        self.acknowledge_all(person);
        if !was_theirs {
            // What rang them is answered inside; this one carries their words to the customer.
            self.notify_owner_of_case(mail, "take");
        }
    }

    /// The case as its new owner needs it, with the customer's last words.
    fn notify_owner_of_case(&mut self, mail: &StaffMail, why: &str) {
        let about = self.last_customer_mail().unwrap_or(mail.mail.mail);
        self.tell_owner(Letter::NewCase { mail: about }, &format!("{why}-{}", mail.mail.mail));
    }

    /// Whoever was rung and acts has it: nobody above them is rung because they were silent.
    fn acknowledge(&mut self, person: &PersonId) {
        self.mark_taken(person, |ring_person| ring_person == person);
    }

    /// Whoever takes the case takes every ring of it.
    fn acknowledge_all(&mut self, person: &PersonId) {
        self.mark_taken(person, |_| true);
    }

    fn mark_taken(&mut self, person: &PersonId, whose: impl Fn(&PersonId) -> bool) {
        let mut taken = Vec::new();
        for (at, ring) in self.case.rings.iter_mut().enumerate() {
            if let RingState::Rung { person: rung, taken_by, .. } | RingState::Folded { person: rung, taken_by, .. } =
                &mut ring.state
                && whose(rung)
                && taken_by.is_none()
            {
                *taken_by = Some(person.clone());
                taken.push(at);
            }
        }
        self.stop_taking(&taken);
    }

    fn assign(&mut self, mail: &StaffMail, to: &Assignee) {
        let owner = match to {
            Assignee::Person(id) => Some(id.clone()),
            Assignee::Team(team) => {
                self.case.team = team.clone();
                assign::owner(self.policy, self.facts, team, &self.case.language, self.now)
            }
        };
        let name = owner.as_ref().map_or("nobody".to_owned(), PersonId::to_string);
        self.case.owner = owner.clone();
        self.case.taken_by = None;
        self.did(&mail.person, format!("handed the case to {name}"));
        if owner.as_ref() != Some(&mail.person) {
            self.notify_owner_of_case(mail, "assign");
        }
    }

    fn update(&mut self, mail: &StaffMail, script: &Script, words: String) {
        self.person_wrote(false);
        // A date is named only where a clock goes on to watch it.
        let ends = |r: &Read| matches!(r.command, Command::Wait(_) | Command::Fixed(_) | Command::Close(_));
        let running = self.case.clock(Target::NextUpdate).filter(|c| c.is_running());
        let next = running.filter(|_| !script.commands.iter().any(ends)).map(|c| c.due_at);
        if let Some(by) = next {
            self.name_date(by, &mail.person);
        }
        self.did(&mail.person, "sent the customer an update");
        let letter = Letter::Update { by: mail.person.clone(), words, next };
        self.write_to_all(&letter, &format!("fup:{}:update:{}", self.case.id, mail.mail.mail));
    }
}
