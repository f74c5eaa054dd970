//! The course that every case runs: from which step, on which event, to which step.
//!
//! Hear, apologise, tell while they wait, put before somebody who can decide. Staff's answers, the fix and the check-in
//! join here; whoever adds an event or a state is asked by the compiler what it means in every other.

use super::Turn;
use super::case::{CaseMail, Clock, Participant, State, Target, Writer};
use super::effect::{Effect, Letter, Recipient, WroteBy};
use super::event::{Event, Incoming, MailClass};
use crate::mail::{Address, LetterId, ParticipantNo, PersonId};

/// The new words that a case keeps of a mail for letters to staff; the whole mail stays in the store.
const WORDS_KEPT: usize = 4_000;

/// One event, whatever the state.
pub(super) fn step(turn: &mut Turn<'_>, event: &Event) {
    match event {
        Event::Opened(mail) => turn.open(mail),
        Event::Wrote(mail) => turn.wrote(mail),
        Event::Due => turn.due(),
        Event::Undelivered { letter, name, to, answer, stopped } => {
            turn.undelivered(*letter, name, to, answer, *stopped)
        }
        Event::Stale { name } => turn.stale(name),
        Event::Linked { from } => turn.note(format!("the same sender has opened case {from}")),
    }
}

impl Turn<'_> {
    /// A further mail on the case. It is kept whoever wrote it, and whoever owes the next move hears of it.
    fn wrote(&mut self, mail: &Incoming) {
        self.keep_mail(mail);
        self.case.note(mail.at, &writer_word(&mail.writer), wrote_what(mail));
        match (&mail.writer, mail.class) {
            // A vacation note of staff answers our own notice: telling anybody would make a loop.
            (Writer::Person(_), MailClass::Automatic | MailClass::Bulk | MailClass::OwnFrom) => {}
            (Writer::Person(person), MailClass::Human | MailClass::Malformed) => self.keep_as_note(mail, person),
            (_, MailClass::Automatic | MailClass::Bulk | MailClass::OwnFrom) => {
                self.notify_wrote(mail, WroteBy::Machine)
            }
            (writer, MailClass::Human | MailClass::Malformed) => {
                let by = self.wrote_by(writer);
                if !mail.quiet {
                    self.back_to_work(writer);
                }
                self.notify_wrote(mail, by);
            }
        }
    }

    /// A participant's word ends waiting and brings a closed case back; nobody else's does.
    fn back_to_work(&mut self, writer: &Writer) {
        match writer {
            Writer::Participant(no) if !self.is_mentioned_only(*no) => {}
            _ => return,
        }
        match self.case.state {
            State::New | State::Open => {}
            State::Waiting | State::Paused | State::Fixed => self.case.state = State::Open,
            State::Closed => {
                self.case.state = State::Open;
                self.case.outcome = None;
                self.case.closed_at = None;
                self.case.reopened += 1;
                self.note("reopened: the customer wrote again");
                self.start_clock(Target::FirstResponse, self.now);
            }
        }
    }

    fn wrote_by(&self, writer: &Writer) -> WroteBy {
        match writer {
            Writer::Participant(ParticipantNo(0)) => WroteBy::Customer,
            Writer::Participant(no) if self.is_mentioned_only(*no) => WroteBy::Outsider,
            Writer::Participant(_) => WroteBy::Participant,
            Writer::Person(person) => WroteBy::Person(person.clone()),
            Writer::Outsider(_) | Writer::Unknown => WroteBy::Outsider,
            Writer::Machine => WroteBy::Machine,
        }
    }

    fn is_mentioned_only(&self, no: ParticipantNo) -> bool {
        self.case.participants.iter().any(|p| p.no == no && p.mentioned_only)
    }

    fn notify_wrote(&mut self, mail: &Incoming, by: WroteBy) {
        self.tell_owner(Letter::CustomerWrote { mail: mail.mail, by }, &format!("mail-{}", mail.mail));
    }

    /// Until there is a relay, what staff write is an internal note: the writer is told, so that nobody believes that
    /// the customer has it, and the owner where somebody else wrote.
    fn keep_as_note(&mut self, mail: &Incoming, writer: &PersonId) {
        let by = WroteBy::Person(writer.clone());
        let letter = Letter::CustomerWrote { mail: mail.mail, by: by.clone() };
        let key = format!("ntc:mail-{}:{writer}", mail.mail);
        self.write(letter, Recipient::Person(writer.clone()), key, None);
        if self.case.owner.as_ref() != Some(writer) {
            self.notify_wrote(mail, by);
        }
    }

    /// All that is due: what begins in this turn may be over in it as well (a ring to be taken in no time), and
    /// whatever were left behind would be due again at once, and for ever.
    fn due(&mut self) {
        while self.case.next_due().is_some_and(|at| at <= self.now) {
            self.due_once();
        }
    }

    /// Rings first, so that a letter to the customer can say before whom it was put; letters last, so that of several
    /// only the most important goes today.
    fn due_once(&mut self) {
        self.ring_due();
        for clock in self.break_due_clocks() {
            self.broken(&clock);
        }
        self.send_waiting();
    }

    fn broken(&mut self, clock: &Clock) {
        match clock.target {
            Target::FirstResponse | Target::NextUpdate => {
                self.note(format!("{} did not come in time", clock.target.words()));
                self.tell_holding(clock);
            }
            Target::Acknowledge => self.ring_not_taken(clock.n as usize),
            // No letter has named this date to the customer: the ladder is told, they are not.
            Target::Resolution => self.note("not resolved in time"),
            Target::Promise | Target::CustomerSilent | Target::CheckIn | Target::AutoClose | Target::Wake => {
                self.note(format!("{} has passed", clock.target.words()));
            }
        }
    }

    fn undelivered(&mut self, letter: LetterId, name: &str, to: &Address, answer: &str, stopped: bool) {
        self.note(format!("the {name} letter did not reach {}", to.masked()));
        let facts =
            Letter::DeliveryFailed { name: name.to_owned(), to: to.clone(), answer: answer.to_owned(), stopped };
        // That this news did not arrive is no news to mail about: it would go round for ever.
        if name == facts.name() {
            return;
        }
        // A notice that could not be delivered to staff must not beget another to the same address.
        let to_staff = self.policy.person_at(to).is_some();
        if to_staff {
            return self.tell_lead_instead(facts, letter, to);
        }
        self.tell_owner(facts, &format!("undelivered-{letter}"));
    }

    /// A first letter that could not leave before its date passed is written anew, with a date that can be kept.
    fn stale(&mut self, name: &str) {
        self.note(format!("the {name} letter was withdrawn: it could not leave in time"));
        match name {
            "apology" | "acknowledgement" => self.first_letter_again(),
            // The customer never had it: it counts for no day, and the story does not tell of it.
            _ => {
                let unasked = &mut self.case.told.unasked;
                if let Some(never_left) = unasked.iter().rposition(|l| l.letter == name) {
                    unasked.remove(never_left);
                }
            }
        }
    }

    fn tell_lead_instead(&mut self, facts: Letter, letter: LetterId, failed: &Address) {
        let other = self.lead().filter(|p| p.address != *failed).or_else(|| self.authority());
        let Some(person) = other.filter(|p| p.address != *failed).map(|p| p.id.clone()) else {
            self.note("nobody else could be told of it");
            let what = format!(
                "a letter about case {} did not reach {}, and there is nobody else to tell",
                self.case.id,
                failed.masked()
            );
            return self.effects.push(Effect::Alert { what });
        };
        let key = format!("ntc:undelivered-{letter}:{person}");
        self.write(facts, Recipient::Person(person), key, None);
    }

    /// Every mail stays with its case; an outsider who takes part is remembered, and sent nothing.
    pub(super) fn keep_mail(&mut self, mail: &Incoming) {
        self.case.mails.push(CaseMail {
            mail: mail.mail,
            message_id: mail.message_id.clone(),
            at: mail.at,
            writer: mail.writer.clone(),
            words: mail.words.chars().take(WORDS_KEPT).collect(),
            subject: Some(mail.subject.clone()).filter(|s| !s.is_empty()),
        });
        if let Writer::Outsider(address) = &mail.writer
            && self.case.participant_at(address).is_none()
            && mail.class == MailClass::Human
        {
            self.add_mentioned(address, mail);
        }
    }

    fn add_mentioned(&mut self, address: &Address, mail: &Incoming) {
        let no = self.case.participants.iter().map(|p| p.no.0).max().map_or(1, |no| no + 1);
        self.case.participants.push(Participant {
            no: ParticipantNo(no),
            address: address.clone(),
            name: mail.name.clone(),
            authenticated: mail.authenticated,
            mentioned_only: true,
        });
    }
}

fn writer_word(writer: &Writer) -> String {
    match writer {
        Writer::Participant(ParticipantNo(0)) => "customer".into(),
        Writer::Participant(no) => format!("participant {no}"),
        Writer::Person(person) => person.to_string(),
        Writer::Outsider(address) => address.masked(),
        Writer::Machine => "machine".into(),
        Writer::Unknown => "unknown".into(),
    }
}

fn wrote_what(mail: &Incoming) -> String {
    let marks = if mail.marks.is_empty() { String::new() } else { format!(" ({})", mail.marks.join(", ")) };
    match mail.class {
        MailClass::Human => format!("wrote{marks}"),
        MailClass::Automatic => format!("sent an automatic mail{marks}"),
        MailClass::Bulk => format!("sent bulk mail{marks}"),
        MailClass::Malformed => format!("sent a broken mail{marks}"),
        MailClass::OwnFrom => format!("came from one of our own addresses{marks}"),
    }
}
