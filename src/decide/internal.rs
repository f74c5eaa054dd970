//! A mail of staff that belongs to no case: a case of the desk's own, on which no customer stands.
//!
//! No clock runs and no letter goes out. Commands that are about no case (whose cases are whose, who is away) are obeyed
//! here, too; a mail of nothing else leaves no open case behind.

use super::Turn;
use super::assign;
use super::authority::facts;
use super::case::{Outcome as End, Participant, State, Target};
use super::effect::{Letter, Outcome, Recipient, TranscriptFacts};
use super::event::{Incoming, MailClass, StaffMail};
use super::kinds::{self, Words};
use crate::mail::{ParticipantNo, Party, PersonId};

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
        self.name_the_failure(&mail.subject, mail.language.clone(), None);
        self.case.state = State::Open;
        self.keep_mail(mail);
        self.case.note(mail.at, person.as_str(), "an internal case opened");
        self.case.owner = Some(person.clone());
        self.case.told.no_letter_because = Some("staff opened it".into());
    }

    /// `#new`: the case is somebody's who called. What its writer noted stays inside; the caller has it in writing that
    /// they were heard, and when they hear more.
    pub(super) fn take_down(&mut self, mail: &StaffMail, party: &Party, words: &str) {
        let hears = Words::of("", words);
        let kind = kinds::kind_of(self.policy, &hears);
        // The subject is a colleague's: letters to the customer must not bear it.
        self.name_the_failure("", mail.mail.language.clone(), kind);
        self.case.wish = kinds::wish_in(&hears, "", words);
        (self.case.outcome, self.case.closed_at, self.case.told.no_letter_because) = (None, None, None);
        self.case.participants.push(Participant {
            no: ParticipantNo(0),
            address: party.address.clone(),
            name: party.name.clone(),
            // A colleague has vouched for both, and confirmed it.
            authenticated: true,
            mentioned_only: false,
        });
        self.case.note(self.now, mail.person.as_str(), format!("took down what {} told", party.address.masked()));
        self.keep_owner_who_answers(&mail.person);
        self.start_clock(Target::FirstResponse, self.now);
        self.start_clock(Target::Resolution, self.now);
        let by = mail.person.clone();
        self.name_the_date(false, |facts| Letter::AfterCall { by, facts });
        self.tell_owner(Letter::NewCase { mail: mail.mail.mail }, &format!("new-{}", self.case.id));
        if self.is_danger() {
            self.ring_authority_now(mail.mail.mail);
        }
    }

    /// Whoever brought the case goes on with it, where they answer customers.
    pub(super) fn keep_owner_who_answers(&mut self, person: &PersonId) {
        if self.policy.person(person).is_none_or(|p| !p.in_support(self.policy)) {
            let (team, language) = (&self.case.team, &self.case.language);
            self.case.owner =
                assign::owner(self.policy, self.facts, team, language, self.now).or(self.case.owner.clone());
        }
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
