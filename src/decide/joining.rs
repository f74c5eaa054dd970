//! Two cases that are one, and one case that is two.
//!
//! A case that became part of another stays as a sign that points to it: its number, its tokens and the ids of its mails
//! lead there. Every date that its letters named is kept by the other, or owned up to.

use jiff::Timestamp;

use super::Turn;
use super::authority::facts;
use super::case::{Case, CaseMail, Clock, NamedDate, Outcome, Participant, Priority, State, Target, Waiting, Writer};
use super::effect::{Effect, FirstLetterFacts, Letter, Outcome as Done, Recipient, TranscriptFacts, WroteBy};
use super::event::{Event, Merged, SplitOff, StaffMail};
use super::kinds::{self, Words};
use super::policy::OTHER;
use crate::mail::{CaseId, ParticipantNo, PersonId};

/// What the customer waits for: of two cases the earlier date.
const AWAITED: [Target; 2] = [Target::FirstResponse, Target::NextUpdate];

impl Turn<'_> {
    /// `#merge`: this case becomes part of that one.
    pub(super) fn merge(&mut self, mail: &StaffMail, into: CaseId) {
        self.drop_held();
        let brought = Merged { case: self.case.clone(), by: mail.person.clone() };
        self.case.merged_into = Some(into);
        if !self.case.is_closed() {
            self.end(Outcome::Closed);
        }
        self.case.note(self.now, mail.person.as_str(), format!("made it part of case {into}"));
        self.effects.push(Effect::Raise { case: into, event: Box::new(Event::Merged(Box::new(brought))) });
    }

    /// What waits for somebody's word was written to a case that is no more what it was.
    fn drop_held(&mut self) {
        for held in std::mem::take(&mut self.case.held) {
            let why =
                "What you wrote here waited for your word, and the case has become part of another. Please send it \
                       again, in answer to the other case's notice."
                    .to_owned();
            let told = TranscriptFacts { why: Some(why), ..facts(held.mail, Done::Refused) };
            let key = format!("res:{}:merged", held.mail);
            self.write_once(Letter::Transcript(told), Recipient::Person(held.person), key);
        }
    }

    /// Everything of the other case that this one has to know, and every date that it has to keep.
    pub(super) fn merged(&mut self, brought: &Merged) {
        let other = &brought.case;
        self.case.note(self.now, brought.by.as_str(), format!("made case {} part of this one", other.id));
        self.case.revision += 1;
        self.case.merged_from.push(other.id);
        self.take_mails(other);
        self.take_what_is_known(other);
        self.take_questions(other);
        self.take_dates(other);
        let last = other.mails.iter().rev().find(|m| m.writer == Writer::Participant(ParticipantNo(0)));
        let Some(last) = last.map(|m| m.mail) else { return };
        let letter = Letter::CustomerWrote { mail: last, by: WroteBy::Customer };
        self.tell_owner(letter, &format!("merged-{}", other.id));
        // Whoever was to be rung there is rung here.
        if self.policy.kind(&other.kind).is_some_and(|k| k.danger) && !other.is_closed() {
            self.wait_for_no_hours();
            self.ring_authority_now(last);
        }
    }

    fn take_mails(&mut self, other: &Case) {
        for theirs in other.participants.iter().filter(|p| p.no != ParticipantNo(0)) {
            match self.case.participants.iter_mut().find(|p| p.address == theirs.address) {
                Some(_) => {}
                // Whoever read along there was not let in here.
                None => {
                    let no = self.case.participants.iter().map(|p| p.no.0).max().map_or(0, |no| no + 1);
                    self.case.participants.push(Participant {
                        no: ParticipantNo(no),
                        mentioned_only: true,
                        ..theirs.clone()
                    });
                }
            }
        }
        let mails: Vec<CaseMail> =
            other.mails.iter().map(|m| CaseMail { writer: self.writer_here(&m.writer, other), ..m.clone() }).collect();
        self.case.mails.extend(mails);
        self.case.mails.sort_by_key(|m| (m.at, m.mail));
    }

    /// Participants are numbered by case.
    fn writer_here(&self, writer: &Writer, other: &Case) -> Writer {
        let Writer::Participant(no) = writer else { return writer.clone() };
        let address = other.participant(*no).map(|p| &p.address);
        let here = address.and_then(|address| self.case.participant_at(address));
        here.map_or(Writer::Unknown, |p| Writer::Participant(p.no))
    }

    fn take_what_is_known(&mut self, other: &Case) {
        self.case.wish = self.case.wish.take().or_else(|| other.wish.clone());
        self.case.tags.extend(other.tags.iter().cloned());
        self.case.priority = self.case.priority.max(other.priority);
        let theirs_is_danger = self.policy.kind(&other.kind).is_some_and(|k| k.danger);
        if self.case.kind == OTHER || theirs_is_danger {
            self.case.kind.clone_from(&other.kind);
        }
        if self.is_danger() {
            self.case.priority = Priority::Urgent;
        }
        let told = &mut self.case.told;
        told.first_letter_at = [told.first_letter_at, other.told.first_letter_at].into_iter().flatten().min();
    }

    fn take_questions(&mut self, other: &Case) {
        for question in other.questions.iter().filter(|q| q.answered_at.is_none()) {
            let n = self.case.questions.iter().map(|q| q.n).max().unwrap_or(0) + 1;
            let due = other.running().find(|c| (c.target, c.n) == (Target::Ask, question.n)).map(|c| c.due_at);
            self.case.questions.push(super::case::Question { n, ..question.clone() });
            if let Some(due) = due {
                self.start_clock_until(Target::Ask, n, question.asked_at, due);
            }
        }
    }

    fn take_dates(&mut self, other: &Case) {
        if matches!(other.state, State::New | State::Open) {
            // Somebody waits for an answer, whatever was asked or called fixed here.
            self.back_to_work();
        }
        let awaited = other.running().filter(|c| AWAITED.contains(&c.target)).min_by_key(|c| c.due_at);
        match awaited {
            Some(theirs) => self.answer_by_then(theirs, other),
            // Their dates had passed, and were owned up to.
            None if other.state == State::Open && !self.case.running().any(|c| AWAITED.contains(&c.target)) => {
                self.start_clock(Target::NextUpdate, self.now);
            }
            None => {}
        }
        let theirs = other.running().find(|c| c.target == Target::Resolution);
        let ours = self.case.running().find(|c| c.target == Target::Resolution).cloned();
        if let (Some(theirs), Some(ours)) = (theirs, ours)
            && theirs.due_at < ours.due_at
        {
            self.start_clock_until(Target::Resolution, 0, theirs.started_at, theirs.due_at);
        }
    }

    /// The earlier of the two dates; what a letter of the other case named is named here.
    fn answer_by_then(&mut self, theirs: &Clock, other: &Case) {
        let ours = self.case.running().filter(|c| AWAITED.contains(&c.target)).min_by_key(|c| c.due_at).cloned();
        if ours.as_ref().is_some_and(|c| c.due_at <= theirs.due_at) {
            return;
        }
        let target = ours.map_or(Target::NextUpdate, |c| c.target);
        self.start_clock_until(target, 0, theirs.started_at, theirs.due_at);
        let version = self.case.clock(target).map_or(0, |c| c.version);
        let named = other.told.named.as_ref().filter(|n| (n.target, n.version) == (theirs.target, theirs.version));
        if let Some(named) = named {
            let person = self.case.owner.clone();
            self.case.told.named = Some(NamedDate { by: named.by, person, target, version });
        }
    }

    pub(super) fn no_merge_because(&self, into: CaseId) -> Option<String> {
        let named = crate::mail::CaseRef::new(&self.policy.company.case_prefix, into);
        let Some(other) = self.facts.named_cases.iter().find(|c| c.id == into) else {
            return Some(format!("There is no case {named}."));
        };
        match () {
            () if into == self.case.id => Some(format!("This is {named}.")),
            () if self.case.customer().is_none() => Some("No customer stands on this case.".into()),
            () if self.case.told.waiting.iter().any(|w| matches!(w.letter, Waiting::Holding { .. })) => Some(
                "A date has passed, and the letter that owns up to it has not left yet. Write to the customer first, or \
                 wait until tomorrow."
                    .into(),
            ),
            () if other.closed => Some(format!("{named} is closed. #reopen it first.")),
            () if other.customer.as_ref() != self.case.customer().map(|c| &c.address) => Some(format!(
                "{named} is of another customer, and each would read what you write to the other. #cc lets somebody take part."
            )),
            () => None,
        }
    }

    /// The customer's mail whose notice was answered, else their last; where there are others.
    pub(super) fn to_split(&self) -> Option<&CaseMail> {
        let customers = |m: &&CaseMail| m.writer == Writer::Participant(ParticipantNo(0));
        let theirs: Vec<&CaseMail> = self.case.mails.iter().filter(customers).collect();
        let answered = theirs.iter().find(|m| Some(m.mail) == self.facts.answers_about);
        answered.or(theirs.last()).copied().filter(|_| theirs.len() > 1)
    }

    pub(super) fn split(&mut self, mail: &StaffMail) {
        let (Some(taken), Some(customer)) = (self.to_split().cloned(), self.case.customer().cloned()) else { return };
        self.case.mails.retain(|m| m.mail != taken.mail);
        self.case.note(self.now, mail.person.as_str(), format!("made mail {} a case of its own", taken.mail));
        let (from, by) = (self.case.id, mail.person.clone());
        let (language, team) = (self.case.language.clone(), self.case.team.clone());
        self.effects.push(Effect::Split(Box::new(SplitOff { from, by, mail: taken, customer, language, team })));
    }

    /// The customer has written about something else, and waits for an answer to that.
    pub(super) fn split_off(&mut self, split: &SplitOff) {
        let SplitOff { from, by, mail, customer, .. } = split;
        let subject = mail.subject.clone().unwrap_or_default();
        let hears = Words::of(&subject, &mail.words);
        let kind = kinds::kind_of(self.policy, &hears);
        self.name_the_failure(&subject, Some(split.language.clone()), kind);
        self.case.team.clone_from(&split.team);
        self.case.linked = Some(*from);
        self.case.wish = kinds::wish_in(&hears, &subject, &mail.words);
        self.case.participants.push(customer.clone());
        self.case.mails.push(mail.clone());
        self.case.note(self.now, by.as_str(), format!("taken out of case {from}"));
        self.case.owner = Some(by.clone());
        self.keep_owner_who_answers(by);
        let from = self.counts_from(mail.at);
        self.start_clock(Target::FirstResponse, from);
        self.start_clock(Target::Resolution, from);
        if !self.facts.address_stopped {
            self.name_the_date(false, |facts| match facts.danger {
                true => Letter::Apology(facts),
                false => Letter::Acknowledgement(FirstLetterFacts { brief: true, ..facts }),
            });
        }
        self.tell_owner(Letter::NewCase { mail: mail.mail }, &format!("new-{}", self.case.id));
        if self.is_danger() {
            self.ring_authority_now(mail.mail);
        }
    }

    pub(super) fn split_words(&self, person: &PersonId) -> String {
        let Some(mail) = self.to_split() else { return "Nothing is split.".into() };
        let at: Timestamp = mail.at;
        let words: String = mail.words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(60).collect();
        format!(
            "The mail of {} (\"{words}\") becomes a case of its own, and {} is told when you answer it.",
            super::when::say(at, self.reader(person).here().zone),
            self.customer_words()
        )
    }
}
