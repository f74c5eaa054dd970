//! Who may: what is proven of a mail of staff, and what it may therefore do (mail-rules section 5).
//!
//! A mail is an order as a whole: all of it happens, or nothing does and its writer hears why at their registered
//! address. What is not proven enough waits for a `#confirm` from there; what is not proven at all is kept on the case,
//! internal, and tells an outsider nothing. A vacation note confirms nothing: `#confirm` stands in the first line.

use jiff::SignedDuration;

use super::Turn;
use super::case::{Door, HeldBecause};
use super::command::{self, Reader, Script};
use super::effect::{Effect, Letter, Outcome, Recipient, TranscriptFacts};
use super::event::{MailClass, Proof, StaffMail};
use crate::mail::{MailId, PersonId};

/// Mails about what is not proven (levels 0, 1 and 3), so that a forger cannot make us pester the person.
const OPEN_CONFIRMATIONS: u32 = 3;
const DOUBTFUL_AN_HOUR: u32 = 10;
/// After so many confirmations a day the admin hears which setting would end them.
const TIRESOME: u32 = 3;

/// What may happen with what a mail asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    /// After a `#confirm`.
    Ask,
    Shut,
}

impl Turn<'_> {
    /// A mail of staff: kept whatever it is, obeyed as far as it is proven.
    pub(super) fn staff_wrote(&mut self, mail: &StaffMail) {
        self.keep_mail(&mail.mail);
        let who = mail.person.to_string();
        self.case.note(mail.mail.at, &who, super::recovery::wrote_what(&mail.mail));
        // A vacation note of staff answers our own notice: telling anybody would make a loop.
        if matches!(mail.mail.class, MailClass::Automatic | MailClass::Bulk | MailClass::OwnFrom) {
            return self.offer_away(mail);
        }
        let script = self.script(&mail.person, &mail.mail.words, mail.mail.at);
        match mail.door {
            Door::Confirm(asked) => self.confirmed(mail, &script, asked),
            Door::None | Door::Reply | Door::Internal => self.asked(mail, &script),
        }
    }

    pub(super) fn script(&self, person: &PersonId, words: &str, at: jiff::Timestamp) -> Script {
        command::read(words, &Reader { now: at, ..self.reader(person) })
    }

    pub(super) fn asked(&mut self, mail: &StaffMail, script: &Script) {
        if mail.may_command && mail.door == Door::Reply && mail.mail.words.trim().is_empty() && !mail.carries {
            let why = "No new words were found in your mail: what stands below the line \"please write above this line\" \
                       counts as quoted. Please write on top, and send it again.";
            return if self.gate(mail) == Gate::Shut { self.keep_as_note(mail, None) } else { self.refuse(mail, why) };
        }
        if !mail.may_command || (script.is_empty() && !self.would_relay(mail, script)) {
            let below = script.later.as_ref().filter(|_| self.gate(mail) == Gate::Open).map(|line| {
                format!("The line \"{line}\" was not obeyed: commands stand on top of a mail, above all other words.")
            });
            return self.keep_as_note(mail, below.as_deref());
        }
        match self.gate(mail) {
            Gate::Open if mail.proof != Proof::Confirmed && self.always_confirmed(script) => {
                self.ask_to_confirm(mail, script)
            }
            Gate::Open => self.act(mail, script),
            Gate::Ask => self.ask_to_confirm(mail, script),
            Gate::Shut => self.refuse_unproven(mail),
        }
    }

    fn gate(&self, mail: &StaffMail) -> Gate {
        match mail.proof {
            Proof::Both | Proof::Confirmed => Gate::Open,
            Proof::Token if self.policy.token_is_proof => Gate::Open,
            Proof::Token | Proof::Aligned => Gate::Ask,
            Proof::From => Gate::Shut,
        }
    }

    /// A mistake is told at once: nobody is asked to confirm what cannot be done.
    fn ask_to_confirm(&mut self, mail: &StaffMail, script: &Script) {
        if self.would_refuse(mail, script) {
            return self.act(mail, script);
        }
        if self.policy.inbox(&self.case.mailbox).is_some_and(|inbox| !inbox.subaddressing) {
            let why =
                "It could not be obeyed: this mailbox takes no subaddresses, so nothing can be confirmed by mail yet.";
            return self.keep_as_note(mail, Some(why));
        }
        if mail.proof == Proof::Aligned && !self.may_pester() {
            return self.case.note(self.now, "desk", format!("{}: not asked to confirm, too often", mail.person));
        }
        self.hold(mail, HeldBecause::Unproven, Vec::new());
        self.say_what_it_asks(mail.mail.mail);
        self.write_confirm(&mail.person, mail.mail.mail);
        if mail.proof == Proof::Token && self.facts.asked.confirmations_day + 1 >= TIRESOME {
            let what = format!(
                "{} has to confirm mail after mail, because their mail proves no sender (no DKIM or DMARC that we trust): \
                 name the server that checks it in security.trusted_authserv_id, or set security.staff_proof = \"token\"",
                mail.person
            );
            self.effects.push(Effect::Alert { what });
        }
    }

    /// For what is not proven by a token: a forger must not fill somebody's inbox.
    pub(super) fn may_pester(&self) -> bool {
        self.facts.asked.open < OPEN_CONFIRMATIONS && self.facts.asked.hour < DOUBTFUL_AN_HOUR
    }

    /// From alone proves nothing. The person whose name it bears hears of it, an outsider nothing.
    fn refuse_unproven(&mut self, mail: &StaffMail) {
        self.note(format!("nothing done for {}: not proven", mail.person));
        if !self.may_pester() || mail.mail.quiet {
            return;
        }
        let why = "A mail in your name came without any proof that you wrote it, so nothing of it was done. If it was \
                   you: answer one of our notices about this case, and write it there."
            .to_owned();
        let told = TranscriptFacts { why: Some(why), ..facts(mail.mail.mail, Outcome::Refused) };
        self.tell_of_unproven(mail, told);
    }

    pub(super) fn refuse(&mut self, mail: &StaffMail, why: &str) {
        self.note(format!("nothing done for {}: {why}", mail.person));
        self.transcript(mail, TranscriptFacts { why: Some(why.to_owned()), ..facts(mail.mail.mail, Outcome::Refused) });
    }

    /// To the registered address, never to where the mail came from.
    pub(super) fn transcript(&mut self, mail: &StaffMail, told: TranscriptFacts) {
        let key = format!("res:{}:{}", mail.mail.mail, told.result.as_str());
        self.write_once(Letter::Transcript(told), Recipient::Person(mail.person.clone()), key);
    }

    /// About what is not proven: counted, so that a forger cannot make us write to somebody all day.
    fn tell_of_unproven(&mut self, mail: &StaffMail, told: TranscriptFacts) {
        let key = format!("res:{}:unproven", mail.mail.mail);
        self.write_once(Letter::Transcript(told), Recipient::Person(mail.person.clone()), key);
    }

    /// Kept on the case, relayed to nobody. Its writer is told only where they may have believed otherwise.
    pub(super) fn keep_as_note(&mut self, mail: &StaffMail, why: Option<&str>) {
        // A responder of theirs answers our notices: whatever we said to that would be answered, too.
        if mail.like_a_machine.is_some() || mail.mail.quiet {
            return self.offer_away(mail);
        }
        let not_sent = (mail.door == Door::Reply && mail.carries).then_some(
            "It came to the address of a reply, but was not sent: the server marked it as suspicious or passed on by \
             somebody else, or you do not answer customers on this case. #take makes the case yours.",
        );
        let kept = facts(mail.mail.mail, Outcome::Kept);
        if let Some(why) = why.or(not_sent) {
            self.transcript(mail, TranscriptFacts { why: Some(why.to_owned()), ..kept });
        } else if self.gate(mail) != Gate::Open && mail.door == Door::None {
            return self.keep_unproven(mail, kept);
        }
        self.tell_owner_of_colleague(mail, false);
        self.note_answer(mail);
    }

    /// The person whose name it bears hears of it once a day, and the owner only while that is not too often.
    fn keep_unproven(&mut self, mail: &StaffMail, kept: TranscriptFacts) {
        if !self.may_pester() {
            return;
        }
        let last = self.case.kept_told_at.get(&mail.person);
        if last.is_none_or(|at| self.now.duration_since(*at) >= SignedDuration::from_hours(24)) {
            self.case.kept_told_at.insert(mail.person.clone(), self.now);
            let why = "If it was to be more than a note, answer our newest notice about this case.".to_owned();
            self.tell_of_unproven(mail, TranscriptFacts { why: Some(why), ..kept });
        }
        self.tell_owner_of_colleague(mail, false);
    }
}

pub(super) fn facts(mail: MailId, result: Outcome) -> TranscriptFacts {
    TranscriptFacts { mail, result, did: Vec::new(), lines: Vec::new(), why: None, help: false }
}
