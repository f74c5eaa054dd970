//! What staff do by mail: their words go to the customer, their commands steer the case.
//!
//! A mail is one act. Before anything of it happens it is looked at as a whole: a line that cannot be read, a command
//! that does not fit the case, our own notice among the words, and nothing happens at all. Who takes a case does so
//! first, then their words go out, then the rest follows in the order in which it was written.

use super::Turn;
use super::authority::facts;
use super::case::{Door, HeldBecause, State, Target};
use super::command::{Command, Read, Script};
use super::effect::{Letter, Outcome, TranscriptFacts, WroteBy};
use super::event::{Proof, StaffMail};
use crate::mail::{MailId, PersonId};

mod asking;
mod fits;
mod obey;
mod outward;
mod people;
mod saying;
mod saying_of_others;
mod sorting;

/// What happens with the words below the commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum WordsGo {
    Nowhere,
    ToCustomer,
    /// They are what `#note`, `#called` or `#update` is about.
    WithCommand,
    /// They stay on the case.
    Inside,
}

impl Turn<'_> {
    /// All of it, or nothing.
    pub(super) fn act(&mut self, mail: &StaffMail, script: &Script) {
        self.forget_old_holds(&mail.person);
        if let Some(told) = self.objection(mail, script) {
            self.note(format!("nothing done for {}: {}", mail.person, told.why.clone().unwrap_or_default()));
            return self.transcript(mail, told);
        }
        if let Some((why, asks)) = self.wants_a_look(mail, script) {
            self.hold(mail, why, self.would_do(mail, script));
            let did = self.waits_for_send(&mail.person);
            self.note(format!("{}'s mail waits for #send: {asks}", mail.person));
            let told = TranscriptFacts { did, why: Some(asks), ..facts(mail.mail.mail, Outcome::Held) };
            return self.transcript(mail, told);
        }
        self.act_now(mail, script);
    }

    /// What was held, once its writer has said that it is meant.
    pub(super) fn act_released(&mut self, mail: &StaffMail, script: &Script) {
        match self.objection(mail, script) {
            Some(told) => self.transcript(mail, told),
            None => self.act_now(mail, script),
        }
    }

    fn act_now(&mut self, mail: &StaffMail, script: &Script) {
        let did = self.would_do(mail, script);
        let (first, later): (Vec<&Read>, Vec<&Read>) = script
            .commands
            .iter()
            .partition(|r| matches!(r.command, Command::New(_) | Command::Take | Command::Reopen));
        // Whose case it was and who may speak is asked before the commands change it.
        let words = self.words_go(mail, script);
        let owner = self.case.owner.clone();
        for read in first {
            self.command(mail, script, &read.command, words);
        }
        if words == WordsGo::ToCustomer {
            self.relay(mail, script);
        }
        // What ends the case comes last: the rest is done to one that lives.
        let (ending, going_on): (Vec<&Read>, Vec<&Read>) =
            later.into_iter().partition(|r| matches!(r.command, Command::Close(_) | Command::Spam | Command::Merge(_)));
        for read in going_on.into_iter().chain(ending) {
            self.command(mail, script, &read.command, words);
        }
        self.moved_by(&mail.person, script);
        self.mark_acted(mail.mail.mail);
        self.report(mail, script, did, words);
        self.tell_former_owner(mail, script, owner, words);
        let told = |r: &Read| matches!(r.command, Command::Note(_) | Command::Called(_));
        if words == WordsGo::Inside || script.commands.iter().any(told) {
            self.note_answer(mail);
        }
    }

    /// A copy of it that comes by another road does nothing more.
    fn mark_acted(&mut self, mail: MailId) {
        if let Some(kept) = self.case.mails.iter_mut().find(|m| m.mail == mail) {
            kept.acted = true;
        }
    }

    /// A later question to somebody else is no longer about the case as it was; one's own act is no news to oneself.
    fn moved_by(&mut self, person: &PersonId, script: &Script) {
        let harmless = |read: &Read| {
            matches!(read.command, Command::Send | Command::Confirm | Command::Show { .. }) || read.command.is_of_desk()
        };
        if !script.commands.is_empty() && script.commands.iter().all(harmless) {
            return;
        }
        let before = self.case.revision;
        self.case.revision += 1;
        for held in self.case.held.iter_mut().filter(|h| h.person == *person && h.revision == before) {
            held.revision = before + 1;
        }
    }

    fn report(&mut self, mail: &StaffMail, script: &Script, mut did: Vec<String>, words: WordsGo) {
        let help = script.commands.iter().any(|r| r.command == Command::Help);
        let left = mail.mail.attachments > 0 && words != WordsGo::ToCustomer && mail.door == Door::Reply;
        if left {
            did.push("The files of your mail stay on the case: only a plain reply carries files.".into());
        }
        if help || left || self.policy.all_transcripts {
            let told = TranscriptFacts { did, help, ..facts(mail.mail.mail, Outcome::Done) };
            self.transcript(mail, told);
        }
    }

    /// Whoever owned the case reads what a colleague wrote or did on it.
    fn tell_former_owner(&mut self, mail: &StaffMail, script: &Script, owner: Option<PersonId>, words: WordsGo) {
        let told = |r: &Read| {
            use Command::{Called, Close, Fixed, Merge, Spam, Update};
            matches!(r.command, Called(_) | Update(_) | Fixed(_) | Close(_) | Spam | Merge(_))
        };
        let answered = words == WordsGo::ToCustomer || script.commands.iter().any(told);
        let noted = script.commands.iter().any(|r| matches!(r.command, Command::Note(_)));
        if (answered || noted || words == WordsGo::Inside) && owner == self.case.owner {
            self.tell_owner_of_colleague(mail, answered);
        }
    }

    /// The owner reads what a colleague wrote on their case. Never whoever wrote it: a responder of theirs would answer
    /// that, and for ever.
    pub(super) fn tell_owner_of_colleague(&mut self, mail: &StaffMail, answered: bool) {
        let reader = self.whom_to_tell();
        let theirs = self.case.owner.as_ref() == Some(&mail.person) || reader.as_ref() == Some(&mail.person);
        if self.case.owner.is_none() || theirs {
            return;
        }
        let proven = mail.proof >= Proof::Token;
        let by = WroteBy::Person { id: mail.person.clone(), answered, proven };
        self.tell_owner(Letter::CustomerWrote { mail: mail.mail.mail, by }, &format!("mail-{}", mail.mail.mail));
    }

    pub(super) fn would_relay(&self, mail: &StaffMail, script: &Script) -> bool {
        self.words_go(mail, script) == WordsGo::ToCustomer
    }

    fn words_go(&self, mail: &StaffMail, script: &Script) -> WordsGo {
        let with_words = |r: &Read| r.command.takes_words();
        match () {
            () if script.words.trim().is_empty() && (!mail.carries || !script.is_empty()) => WordsGo::Nowhere,
            () if script.commands.iter().any(with_words) => WordsGo::WithCommand,
            () if mail.door == Door::Reply && self.may_speak(&mail.person, script) => WordsGo::ToCustomer,
            () => WordsGo::Inside,
        }
    }

    /// A person in no support team always writes internally, unless they took the case themselves.
    fn may_speak(&self, person: &PersonId, script: &Script) -> bool {
        let takes = script.commands.iter().any(|r| r.command == Command::Take);
        let in_support = self.policy.person(person).is_some_and(|p| p.in_support(self.policy));
        self.case.customer().is_some() && (in_support || takes || self.case.taken_by.as_ref() == Some(person))
    }

    /// What a person should see before it leaves, and how they are asked.
    pub(super) fn wants_a_look(&self, mail: &StaffMail, script: &Script) -> Option<(HeldBecause, String)> {
        let customer = self.customer_words();
        if let Some(line) = &script.later {
            let asks = format!(
                "Among your words stands a line that looks like a command: \"{line}\". Send it all to \
                 {customer} as it is? Then answer with #send within a day. Else write the command on top, and send it again."
            );
            return Some((HeldBecause::CommandBelow, asks));
        }
        let updates = script.commands.iter().any(|r| matches!(r.command, Command::Update(_)));
        if !(self.would_relay(mail, script) || updates && mail.cut_short) {
            return None;
        }
        if !mail.answers_case {
            let asks = format!(
                "This mail came to the address of a reply, but it is no reply to a mail of this case. Send this to \
                 {customer}? Then answer with #send within a day."
            );
            return Some((HeldBecause::NoReply, asks));
        }
        if let Some(why) = &mail.like_a_machine {
            let asks = format!(
                "A machine may have written this for you: {why}. Send it to {customer}? Then answer with #send within a \
                 day."
            );
            return Some((HeldBecause::LikeAMachine, asks));
        }
        let asks = format!(
            "Part of your mail looks like a quote. What stands below goes to {customer}, and nothing else: is it all? Then \
             answer with #send within a day. Else mark what is yours more plainly, and send it again."
        );
        mail.cut_short.then_some((HeldBecause::CutShort, asks))
    }

    /// The person's words go to the customer, and count as the answer that the customer waited for.
    fn relay(&mut self, mail: &StaffMail, script: &Script) {
        let letter = Letter::Reply { mail: mail.mail.mail, by: mail.person.clone(), command_lines: script.lines };
        self.write_to_all(&letter, &format!("rel:{}", mail.mail.mail));
        self.case.note(self.now, mail.person.as_str(), "wrote to the customer");
        self.person_wrote(asks_something(&script.words));
    }

    /// A person has told the customer something: the answer they waited for, and the clock of the next one.
    pub(super) fn person_wrote(&mut self, asks: bool) {
        self.answered();
        if self.case.is_closed() {
            return;
        }
        if matches!(self.case.state, State::Waiting | State::Paused) {
            self.go_on();
        }
        if self.case.state != State::Fixed {
            self.case.state = State::Open;
            self.start_clock(Target::NextUpdate, self.now);
        }
        if asks && self.case.state == State::Open {
            self.await_customer();
        }
    }
}

/// The words of a command: those in its line, and those below it. What comes to an internal address stays inside: from
/// there an update has only the words of its own line.
fn said(command: &Command, script: &Script, door: Door) -> Option<String> {
    let line = match command {
        Command::Note(words) | Command::Called(words) | Command::Update(words) => words.as_deref(),
        // A question in the line is whole: what stands below goes where it would go.
        Command::Ask { words: Some(words), .. } => return Some(words.clone()),
        Command::Ask { words: None, .. } => None,
        _ => return None,
    };
    let below_goes_out = matches!(command, Command::Update(_)) && door != Door::Reply;
    let below = Some(script.words.trim()).filter(|_| !below_goes_out);
    let all: Vec<&str> = [line, below].into_iter().flatten().map(str::trim).filter(|w| !w.is_empty()).collect();
    (!all.is_empty()).then(|| all.join("\n\n"))
}

/// Do these words ask something? A sentence that ends in a question mark, and not an address that holds one.
fn asks_something(words: &str) -> bool {
    let ends = |word: &str| {
        let word = word.trim_end_matches(['"', '\'', ')', ']', '»', '“', '”', '’', '*', '_', '!', '.']);
        word.ends_with(['?', '\u{ff1f}', '\u{61f}', '\u{37e}']) && !word.contains("://")
    };
    words.split_whitespace().any(ends)
}
