//! Mails of staff that wait: for the `#confirm` of who is said to have written them, or for a `#send`.
//!
//! What was told to the writer is what happens, or nothing: a held mail is read again as of the instant in which it came,
//! and compared with what was told.

use jiff::SignedDuration;

use super::Turn;
use super::case::{CaseMail, Held, HeldBecause, Writer};
use super::command::{Command, Script};
use super::effect::{Letter, Recipient};
use super::event::{Age, Answer, Incoming, MailClass, Proof, StaffMail};
use crate::mail::{MailId, PersonId};

/// A confirmation that is not used by then asks for nothing any more.
pub const CONFIRM_WITHIN: SignedDuration = SignedDuration::from_mins(60);
/// What waits for a `#send` is forgotten after it.
const SEND_WITHIN: SignedDuration = SignedDuration::from_hours(24);

impl Turn<'_> {
    pub(super) fn hold(&mut self, mail: &StaffMail, why: HeldBecause, asks: Vec<String>) {
        self.case.held.retain(|h| h.mail != mail.mail.mail);
        self.case.held.push(Held {
            mail: mail.mail.mail,
            person: mail.person.clone(),
            at: mail.mail.at,
            why,
            door: mail.door,
            words: mail.mail.words.clone(),
            carries: mail.carries,
            goes_out: mail.goes_out.clone(),
            files: mail.mail.attachments,
            meant: mail.answers_case && mail.like_a_machine.is_none() && !mail.cut_short,
            asks,
            revision: self.case.revision,
            asked_with: mail.mail.mail,
            asked_at: self.now,
        });
    }

    /// What a held mail asks for, as its writer is told it: from the mail as it will be read again.
    pub(super) fn say_what_it_asks(&mut self, mail: MailId) {
        let Some(at) = self.case.held.iter().position(|h| h.mail == mail) else { return };
        self.case.held[at].asks = self.asks_of(&self.case.held[at]);
    }

    fn asks_of(&self, held: &Held) -> Vec<String> {
        let mail = self.as_it_came(held, Proof::Confirmed);
        let script = self.script(&held.person, &held.words, held.at);
        let mut asks = self.would_do(&mail, &script);
        // What `#send` would have been asked for is confirmed with it.
        if let Some(line) = &script.later {
            asks.push(format!("Note that it goes out with the line \"{line}\", which looks like a command."));
        }
        if !held.meant {
            asks.push("Note that it is no plain reply to a mail of this case.".into());
        }
        if held.files > 0 {
            asks.push(format!("Files that came with it: {}.", held.files));
        }
        asks
    }

    /// One letter lists all that waits for this person's word on the case: one `#confirm` releases it, and earlier letters
    /// confirm nothing any more. What was asked about more than an hour ago asks for nothing either; what somebody wrote
    /// since an earlier letter is told.
    pub(super) fn write_confirm(&mut self, person: &PersonId, mail: MailId) {
        let (now, revision) = (self.now, self.case.revision);
        let theirs = |h: &Held| h.person == *person && h.why == HeldBecause::Unproven;
        self.case.held.retain(|h| !theirs(h) || now.duration_since(h.asked_at) <= CONFIRM_WITHIN);
        let moved = self.case.held.iter().filter(|h| theirs(h) && h.revision != revision).map(|h| h.asked_at).min();
        let since = moved.map(|at| self.news_since(at, person)).unwrap_or_default();
        let mut asks = Vec::new();
        for held in self.case.held.iter_mut().filter(|h| theirs(h)) {
            (held.asked_with, held.asked_at, held.revision) = (mail, now, revision);
            asks.extend(held.asks.clone());
        }
        self.note(format!("{person} is asked to confirm: {}", asks.join(" ")));
        let key = format!("cnf:{mail}:{revision}");
        let letter = Letter::Confirm { mail, asks, until: now + CONFIRM_WITHIN, since };
        self.write(letter, Recipient::Person(person.clone()), key, Some(now + CONFIRM_WITHIN));
    }

    /// What others wrote on the case since then, a line each.
    fn news_since(&self, at: jiff::Timestamp, person: &PersonId) -> Vec<String> {
        let others = |m: &&CaseMail| m.at >= at && m.writer != Writer::Person(person.clone());
        let line = |m: &CaseMail| m.words.lines().find(|l| !l.trim().is_empty()).unwrap_or("(no words)").to_owned();
        self.case.mails.iter().filter(others).map(line).collect()
    }

    /// A mail to a `k` address. Its writer is proven by having our letter; the word makes it an order.
    pub(super) fn confirmed(&mut self, mail: &StaffMail, script: &Script, asked: MailId) {
        let only_confirms = !script.is_empty() && script.commands.iter().all(|read| read.command == Command::Confirm);
        if mail.proof < Proof::Token || !mail.may_command || !only_confirms || !script.mistakes.is_empty() {
            let why = "A confirmation needs #confirm in its first line, and no other command.";
            return self.keep_as_note(mail, Some(why));
        }
        let (meant, rest): (Vec<Held>, Vec<Held>) =
            self.case.held.drain(..).partition(|h| h.person == mail.person && h.asked_with == asked);
        self.case.held = rest;
        if meant.is_empty() {
            return self.refuse(
                mail,
                "Nothing waits for this confirmation any more: it was used, or a newer mail asks for it.",
            );
        }
        if meant.iter().any(|h| self.now.duration_since(h.asked_at) > CONFIRM_WITHIN) {
            return self
                .refuse(mail, "This confirmation came more than an hour after it was asked for. Please write again.");
        }
        if meant.iter().any(|h| h.revision != self.case.revision) {
            return self.ask_again(mail, meant);
        }
        for held in meant {
            self.release(&held, Proof::Confirmed);
        }
    }

    /// Something happened since: the person may decide otherwise once they know.
    fn ask_again(&mut self, mail: &StaffMail, meant: Vec<Held>) {
        self.case.held.extend(meant);
        self.write_confirm(&mail.person, mail.mail.mail);
    }

    /// The same mail by a better road: done if it waits for its proof, or if the first copy came to nothing.
    pub(super) fn proven_later(&mut self, mail: &StaffMail) {
        let id = mail.mail.mail;
        if self.case.mails.iter().any(|m| m.mail == id && m.acted) {
            return;
        }
        self.note(format!("a copy of {}'s mail proves more", mail.person));
        self.case.held.retain(|h| h.mail != id || h.why != HeldBecause::Unproven);
        if !self.case.held.iter().any(|h| h.mail == id) {
            let script = self.script(&mail.person, &mail.mail.words, mail.mail.at);
            self.asked(mail, &script);
        }
    }

    /// What this person was lately asked to release by `#send`, a sentence each.
    pub(super) fn waits_for_send(&self, person: &PersonId) -> Vec<String> {
        let waits = self.case.held.iter().filter(|h| h.person == *person && h.why != HeldBecause::Unproven);
        waits.flat_map(|h| h.asks.clone()).collect()
    }

    /// What nobody released within a day was not meant: a later `#send` is about something else.
    pub(super) fn forget_old_holds(&mut self, person: &PersonId) {
        let now = self.now;
        let old = |h: &Held| h.person == *person && now.duration_since(h.asked_at) > SEND_WITHIN;
        if self.case.held.iter().any(old) {
            self.note(format!("what {person} had not released within a day is not sent any more"));
            self.case.held.retain(|h| !old(h));
        }
    }

    /// `#send`: what this person's mails waited for, in their order.
    pub(super) fn send_held(&mut self, person: &PersonId) {
        self.forget_old_holds(person);
        let (meant, rest): (Vec<Held>, Vec<Held>) =
            self.case.held.drain(..).partition(|h| h.person == *person && h.why != HeldBecause::Unproven);
        self.case.held = rest;
        for held in &meant {
            self.release(held, Proof::Both);
        }
    }

    /// A held mail happens as it was written then. What it means was told to its writer; should the house have changed
    /// so much that it means something else by now, nothing is done.
    fn release(&mut self, held: &Held, proof: Proof) {
        let script = self.script(&held.person, &held.words, held.at);
        let mail = self.as_it_came(held, proof);
        if held.why == HeldBecause::Unproven && self.asks_of(held) != held.asks {
            return self
                .refuse(&mail, "What you asked for no longer means what it meant when you were asked to confirm it.");
        }
        let why = format!("released mail {} ({})", held.mail, held.asks.join(" "));
        self.case.note(self.now, held.person.as_str(), why);
        self.act_released(&mail, &script);
    }

    /// A held mail once more, as it came.
    fn as_it_came(&self, held: &Held, proof: Proof) -> StaffMail {
        let kept = self.case.mails.iter().find(|m| m.mail == held.mail);
        StaffMail {
            mail: Incoming {
                mail: held.mail,
                message_id: kept.and_then(|m| m.message_id.clone()),
                at: held.at,
                writer: Writer::Person(held.person.clone()),
                from: None,
                name: None,
                authenticated: false,
                class: MailClass::Human,
                answer: Answer::No("from a colleague".into()),
                quiet: false,
                age: Age::Fresh,
                language: None,
                subject: kept.and_then(|m| m.subject.clone()).unwrap_or_default(),
                words: held.words.clone(),
                hears: Default::default(),
                attachments: held.files,
                marks: Vec::new(),
                thread: Vec::new(),
                burns: None,
                by_token: false,
            },
            person: held.person.clone(),
            proof,
            door: held.door,
            answers_case: held.meant,
            may_command: true,
            like_a_machine: None,
            out_of_office: false,
            carries: held.carries,
            goes_out: held.goes_out.clone(),
            leak: None,
            cut_short: false,
        }
    }
}
