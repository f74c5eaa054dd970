//! The first mail of a case: what failed, who owns it, which clocks run, and the first letter.
//!
//! A machine's mail opens a case that staff see, without letter and without clocks: nobody waits for an answer. A mail
//! that we may not answer runs its clocks all the same: the person behind it waits.

use jiff::{SignedDuration, Timestamp};

use super::Turn;
use super::assign;
use super::case::{NamedDate, Participant, Priority, State, Target, Writer};
use super::effect::{FirstLetterFacts, Letter, Recipient};
use super::event::{Age, Answer, Incoming, MailClass};
use super::kinds::{self, Words};
use super::policy::{FirstLetter, Kind, OTHER};
use crate::mail::{ParticipantNo, PersonId};

/// Within so long a further case of the same sender gets one line instead of a second apology.
const ONE_APOLOGY: SignedDuration = SignedDuration::from_hours(24);

impl Turn<'_> {
    pub(super) fn open(&mut self, mail: &Incoming) {
        if let Writer::Person(person) = &mail.writer {
            return self.begin_internal(mail, person);
        }
        let words = mail.hears.as_ref();
        let kind = kinds::kind_of(self.policy, words);
        self.name_the_failure(&mail.subject, mail.language.clone(), kind);
        self.case.wish = kinds::wish_in(words, &mail.subject, &mail.words);
        self.add_customer(mail);
        self.find_owner(kind);
        self.keep_mail(mail);
        self.case.note(
            mail.at,
            "customer",
            format!("case opened: {}", mail.marks.join(", ")).trim_end_matches([':', ' ']),
        );
        if runs_clocks(mail.class) {
            let from = self.counts_from(mail.at);
            self.start_clock(Target::FirstResponse, from);
            self.start_clock(Target::Resolution, from);
        }
        self.first_letter(mail, kind, words);
        self.tell_owner(Letter::NewCase { mail: mail.mail }, &format!("new-{}", self.case.id));
        if self.is_danger() {
            self.ring_authority_now(mail.mail);
        }
    }

    /// A list's or a machine's mail opened the case, and nobody waited. Now the customer writes, so that somebody does:
    /// they are met as if this mail had opened it.
    pub(super) fn begin_late(&mut self, mail: &Incoming) {
        let is_customer = mail.writer == Writer::Participant(ParticipantNo(0));
        let begun = self.case.clock(Target::FirstResponse).is_some() || self.case.told.person_wrote_at.is_some();
        if !is_customer || begun || self.case.is_closed() || !runs_clocks(mail.class) {
            return;
        }
        let words = mail.hears.as_ref();
        let kind = kinds::kind_of(self.policy, words);
        if let Some(kind) = kind.filter(|kind| kind.danger || self.case.kind == OTHER) {
            self.case.kind.clone_from(&kind.name);
            self.case.priority = if self.is_danger() { Priority::Urgent } else { self.case.priority };
        }
        self.case.wish = self.case.wish.take().or_else(|| kinds::wish_in(words, &mail.subject, &mail.words));
        let from = self.counts_from(mail.at);
        self.start_clock(Target::FirstResponse, from);
        self.start_clock(Target::Resolution, from);
        self.first_letter(mail, kind, words);
        if self.is_danger() {
            self.ring_authority_now(mail.mail);
        }
    }

    pub(super) fn name_the_failure(&mut self, subject: &str, language: Option<String>, kind: Option<&Kind>) {
        let inbox = self.policy.inbox(&self.case.mailbox);
        self.case.state = State::New;
        self.case.subject = subject.to_owned();
        self.case.kind = kind.map_or(OTHER.to_owned(), |k| k.name.clone());
        let sla = kind.and_then(|k| k.sla.clone()).or_else(|| inbox.map(|i| i.sla.clone()));
        self.case.sla = sla.or_else(|| self.policy.slas.keys().next().cloned()).unwrap_or_default();
        self.case.team = inbox.map(|i| i.team.clone()).unwrap_or_default();
        self.case.language = language.unwrap_or_else(|| self.policy.company.language.clone());
        self.case.priority = if self.is_danger() { Priority::Urgent } else { Priority::Normal };
        self.case.linked = self.facts.other_open.as_ref().map(|o| o.id);
    }

    fn add_customer(&mut self, mail: &Incoming) {
        if let Some(address) = mail.from.clone() {
            self.case.participants.push(Participant {
                no: ParticipantNo(0),
                address,
                name: mail.name.clone(),
                authenticated: mail.authenticated,
                mentioned_only: false,
            });
        }
    }

    fn find_owner(&mut self, kind: Option<&Kind>) {
        let by_team = assign::owner(self.policy, self.facts, &self.case.team, &self.case.language, self.now);
        // A letter from a lawyer is the lead's (design section 2, Danger).
        let lead = self.lead().map(|p| p.id.clone());
        self.case.owner = if kind.is_some_and(|k| k.name == "legal") { lead.or(by_team) } else { by_team };
        match self.case.owner.clone() {
            Some(owner) => self.note(format!("{owner} owns the case")),
            None => self.note("nobody owns the case yet"),
        }
    }

    /// From when the promise counts: from the mail's arrival, unless that promise would be broken before it is made.
    pub(super) fn counts_from(&self, arrived: Timestamp) -> Timestamp {
        let due = self.sla().map(|s| self.calendar().add(arrived, s.first_response));
        if due.is_some_and(|due| due > self.now) { arrived } else { self.now }
    }

    fn first_letter(&mut self, mail: &Incoming, kind: Option<&Kind>, words: &Words) {
        let nowhere = || self.case.customer().is_none().then(|| "there is no address to write to".to_owned());
        if let Some(because) = no_letter_because(mail).or_else(nowhere) {
            self.note(format!("no first letter: {because}"));
            self.case.told.no_letter_because = Some(because);
            return;
        }
        self.write_first_letter(mail.age == Age::Late, kind, words);
    }

    /// The letter names the date of `first_response`; it is worth sending until then.
    fn write_first_letter(&mut self, late: bool, kind: Option<&Kind>, words: &Words) {
        let chosen = kinds::first_letter(kind, self.policy.inbox(&self.case.mailbox), words);
        self.name_the_date(late, |facts| match chosen {
            FirstLetter::Apology if !facts.brief => Letter::Apology(facts),
            FirstLetter::Apology | FirstLetter::Acknowledgement => Letter::Acknowledgement(facts),
        });
    }

    /// The first letter, whichever it is: from now on the customer counts on its date.
    pub(super) fn name_the_date(&mut self, late: bool, letter: impl FnOnce(FirstLetterFacts) -> Letter) {
        let Some(clock) = self.case.clock(Target::FirstResponse).filter(|c| c.is_running()) else { return };
        let (by, version) = (clock.due_at, clock.version);
        let letter = letter(self.first_letter_facts(late, by));
        self.note(format!("first letter: {}", letter.name()));
        self.case.told.first_letter_at = Some(self.now);
        self.case.told.named =
            Some(NamedDate { by, person: self.case.owner.clone(), target: Target::FirstResponse, version });
        // One a case; a version behind it only where the one before was withdrawn unsent.
        let again = if version == 0 { String::new() } else { format!(".{version}") };
        let key = format!("ack:{}{again}", self.case.id);
        self.write(letter, self.customer(), key, Some(by));
    }

    /// The first letter lay in the outbox until its date had passed: the promise is made anew, and late. That the date
    /// broke need not be owned up to: the customer never heard of it, and a holding letter before the first would
    /// bewilder them.
    pub(super) fn first_letter_again(&mut self) {
        if let Some(because) = self.needs_no_first_letter() {
            return self.note(format!("no first letter any more: {because}"));
        }
        self.take_back_holding();
        let first = self.case.mails.first();
        let words = Words::of(&self.case.subject, first.map_or("", |m| m.words.as_str()));
        let kind = self.policy.kind(&self.case.kind);
        let took_down = first.and_then(|m| match &m.writer {
            Writer::Person(by) => Some(by.clone()),
            _ => None,
        });
        self.start_clock(Target::FirstResponse, self.now);
        match took_down {
            Some(by) => self.name_the_date(true, |facts| Letter::AfterCall { by, facts }),
            None => self.write_first_letter(true, kind, &words),
        }
    }

    fn needs_no_first_letter(&self) -> Option<&'static str> {
        match () {
            () if self.case.told.first_letter_at.is_none() => Some("there never was one"),
            () if self.case.is_closed() => Some("the case is closed"),
            () if self.case.told.person_wrote_at.is_some() => Some("a person has written"),
            () if self.facts.address_stopped => Some("mail to this address has ended"),
            () => None,
        }
    }

    fn first_letter_facts(&self, late: bool, by: Timestamp) -> FirstLetterFacts {
        let opening = self.calendar().opening_from(self.now);
        let told_lately = |at: Timestamp| self.now.duration_since(at) < ONE_APOLOGY;
        let danger = self.is_danger();
        FirstLetterFacts {
            reader: self.case.owner.clone(),
            by,
            opens_at: (opening > self.now).then_some(opening),
            late,
            wish_known: self.case.wish.is_some(),
            danger,
            brief: !danger && self.facts.other_open.as_ref().and_then(|o| o.first_letter_at).is_some_and(told_lately),
            earlier: self.facts.earlier.clone(),
        }
    }

    /// A notice to whoever owes the case its next move: the owner, else the lead, else whoever may decide.
    pub(super) fn tell_owner(&mut self, letter: Letter, event: &str) {
        let Some(person) = self.whom_to_tell() else {
            return self.note("nobody could be told: the team has neither owner nor lead");
        };
        let key = format!("ntc:{event}:{person}");
        self.write_once(letter, Recipient::Person(person), key);
    }

    pub(super) fn whom_to_tell(&self) -> Option<PersonId> {
        let owner = self.case.owner.as_ref().and_then(|id| self.policy.person(id));
        let asked = owner.or_else(|| self.lead()).or_else(|| self.authority())?;
        Some(assign::stand_in(self.policy, asked, self.now).id.clone())
    }
}

/// Machines do not wait for an answer; a broken mail may well come from a person.
fn runs_clocks(class: MailClass) -> bool {
    match class {
        MailClass::Human | MailClass::Malformed => true,
        MailClass::Automatic | MailClass::Bulk | MailClass::OwnFrom => false,
    }
}

fn no_letter_because(mail: &Incoming) -> Option<String> {
    match (&mail.answer, mail.age) {
        (Answer::No(because), _) => Some(because.clone()),
        (Answer::Yes, Age::Old) => Some("the mail was too old when it was read".into()),
        (Answer::Yes, Age::Fresh | Age::Late) => None,
    }
}
