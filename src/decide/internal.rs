//! A mail of staff that belongs to no case: a case of the desk's own, on which no customer stands.
//!
//! No clock runs and no letter goes out. Commands that are about no case (whose cases are whose, who is away) are obeyed
//! here, too; a mail of nothing else leaves no open case behind.

use super::Turn;
use super::authority::facts;
use super::case::{Outcome as End, State};
use super::effect::{Letter, Outcome, Recipient, TranscriptFacts};
use super::event::{Incoming, MailClass, StaffMail};
use crate::mail::PersonId;

impl Turn<'_> {
    pub(super) fn open_by_staff(&mut self, mail: &StaffMail) {
        self.begin_internal(&mail.mail, &mail.person);
        let script = self.script(&mail.person, &mail.mail.words, mail.mail.at);
        if script.is_empty() || !mail.may_command {
            return self.explain_internal(mail);
        }
        self.asked(mail, &script);
        let of_desk = script.commands.iter().all(|read| read.command.is_of_desk());
        if script.only_commands() && of_desk && self.case.customer().is_none() {
            self.end(End::Closed);
            self.note("closed: there was nothing in the mail but commands");
        }
    }

    pub(super) fn begin_internal(&mut self, mail: &Incoming, person: &PersonId) {
        self.name_the_failure(mail, None);
        self.case.state = State::Open;
        self.keep_mail(mail);
        self.case.note(mail.at, person.as_str(), "an internal case opened");
        self.case.owner = Some(person.clone());
        self.case.told.no_letter_because = Some("staff opened it".into());
    }

    fn explain_internal(&mut self, mail: &StaffMail) {
        if mail.mail.class != MailClass::Human || mail.mail.quiet || !self.may_pester() {
            return;
        }
        let why = "Your mail belongs to no case, so it opened an internal one of yours. No customer stands on it, and \
                   nobody was written to. For a customer who called write #new and their address on top of such a mail."
            .to_owned();
        let told = TranscriptFacts { why: Some(why), ..facts(mail.mail.mail, Outcome::Kept) };
        let key = format!("res:{}:unproven", mail.mail.mail);
        self.write_once(Letter::Transcript(told), Recipient::Person(mail.person.clone()), key);
    }
}
