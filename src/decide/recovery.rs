//! The course that every case runs: from which step, on which event, to which step.
//!
//! Hear, apologise, tell while they wait, put before somebody who can decide, fix, and ask whether it holds. What staff
//! write is read in [`authority`](super::authority) and done in [`acts`](super::acts); the fix and its question are
//! [`check_in`](super::check_in). Whoever adds an event or a state is asked by the compiler what it means in every other.

use jiff::SignedDuration;

use super::Turn;
use super::case::{CaseMail, Clock, ClockState, Participant, State, Target, Waiting, Writer};
use super::effect::{Effect, Letter, Outcome, Recipient, ReminderFacts, TranscriptFacts, WroteBy};
use super::event::{Event, Incoming, MailClass};
use crate::mail::{Address, LetterId, MailId, ParticipantNo, PersonId};

/// The new words that a case keeps of a mail for letters to staff; the whole mail stays in the store.
const WORDS_KEPT: usize = 4_000;

/// A customer's mail brings a closed case back so often in a day.
const REOPENED_A_DAY: usize = 3;

/// One event, whatever the state.
pub(super) fn step(turn: &mut Turn<'_>, event: &Event) {
    match event {
        Event::Opened(mail) => turn.open(mail),
        Event::OpenedByStaff(mail) => turn.open_by_staff(mail),
        Event::Wrote(mail) => turn.wrote(mail),
        Event::Staff(mail) => turn.staff_wrote(mail),
        Event::Due => turn.due(),
        Event::Undelivered { letter, name, to, answer, stopped } => {
            turn.undelivered(*letter, name, to, answer, *stopped)
        }
        Event::Stale { name } => turn.stale(name),
        Event::ProvenLater(mail) => turn.proven_later(mail),
        Event::Delayed { letter, to, answer } => turn.delayed(*letter, to, answer),
        Event::Unsendable { mail, person, why } => turn.unsendable(*mail, person, why),
        Event::HandedOver { of, to, by } => turn.handed_over(of, to.as_ref(), by),
        Event::Merged(brought) => turn.merged(brought),
        Event::SplitOff(split) => turn.split_off(split),
        Event::Linked { from } => turn.note(format!("the same sender has opened case {from}")),
    }
}

impl Turn<'_> {
    /// A further mail on the case. It is kept whoever wrote it, and whoever owes the next move hears of it.
    fn wrote(&mut self, mail: &Incoming) {
        self.keep_mail(mail);
        self.case.note(mail.at, &writer_word(&mail.writer), wrote_what(mail));
        self.burn_token(mail);
        match (&mail.writer, mail.class) {
            // A vacation note of staff answers our own notice: telling anybody would make a loop.
            (Writer::Person(_), _) => {}
            (_, MailClass::Automatic | MailClass::Bulk | MailClass::OwnFrom) => {
                self.notify_wrote(mail, WroteBy::Machine)
            }
            (_, MailClass::Human | MailClass::Malformed) => self.somebody_wrote(mail),
        }
    }

    fn somebody_wrote(&mut self, mail: &Incoming) {
        self.case.revision += 1;
        if !mail.quiet && self.takes_part(&mail.writer) {
            if self.answers_check_in(mail) {
                return;
            }
            self.back_to_work();
            self.begin_late(mail);
        }
        self.notify_wrote(mail, self.wrote_by(&mail.writer));
    }

    fn takes_part(&self, writer: &Writer) -> bool {
        matches!(writer, Writer::Participant(no) if !self.is_mentioned_only(*no))
    }

    /// A token of staff in a stranger's mail is known to a stranger now.
    fn burn_token(&mut self, mail: &Incoming) {
        if let Some(person) = &mail.burns {
            let serial = self.case.serials.entry(person.clone()).or_default();
            *serial = serial.saturating_add(1);
            // Whoever has seen one may have seen the address that confirms.
            self.case.held.retain(|h| h.person != *person);
            self.note(format!("{person}'s token for this case is void: it stood in somebody else's mail"));
        }
    }

    /// A participant's word ends waiting and brings a closed case back; nobody else's does.
    pub(super) fn back_to_work(&mut self) {
        match self.case.state {
            State::New | State::Open => {}
            State::Waiting | State::Paused => self.go_on(),
            // Not plainly an answer to the question: somebody has to read it, and to answer.
            State::Fixed => {
                self.go_on();
                self.withdraw_check_in();
                for target in [Target::CheckIn, Target::AutoClose] {
                    self.end_clock(target, 0, |at| ClockState::Stopped { at });
                }
                self.start_clock(Target::NextUpdate, self.now);
            }
            State::Closed => {
                if self.came_back_too_often() {
                    return self.note("not reopened: it came back three times within a day");
                }
                self.come_back();
                self.case.came_back_at.push(self.now);
                self.note("reopened: the customer wrote again");
                if self.case.reopened >= 2 {
                    self.ring_one_higher();
                }
            }
        }
    }

    /// Two desks that answer each other would reopen each other's cases for ever (mail-rules section 2).
    fn came_back_too_often(&mut self) -> bool {
        let since = self.now - SignedDuration::from_hours(24);
        self.case.came_back_at.retain(|at| *at > since);
        self.case.came_back_at.len() >= REOPENED_A_DAY
    }

    fn wrote_by(&self, writer: &Writer) -> WroteBy {
        match writer {
            Writer::Participant(ParticipantNo(0)) => WroteBy::Customer,
            Writer::Participant(no) if self.is_mentioned_only(*no) => WroteBy::Outsider,
            Writer::Participant(_) => WroteBy::Participant,
            Writer::Person(id) => WroteBy::Person { id: id.clone(), answered: false, proven: false },
            Writer::Outsider(_) | Writer::Unknown => WroteBy::Outsider,
            Writer::Machine => WroteBy::Machine,
        }
    }

    fn is_mentioned_only(&self, no: ParticipantNo) -> bool {
        self.case.participants.iter().any(|p| p.no == no && p.mentioned_only)
    }

    pub(super) fn notify_wrote(&mut self, mail: &Incoming, by: WroteBy) {
        self.tell_owner(Letter::CustomerWrote { mail: mail.mail, by }, &format!("mail-{}", mail.mail));
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
                self.remind_owner(clock);
            }
            Target::Acknowledge => self.ring_not_taken(clock.n as usize),
            // No letter has named this date to the customer: the ladder is told, they are not.
            Target::Resolution => self.note("not resolved in time"),
            Target::CheckIn => self.queue_to_tell(Waiting::CheckIn { fix: self.case.mending.fixes }),
            Target::AutoClose => self.silence(),
            Target::Ask => self.unanswered(clock.n),
            Target::Wake => self.wake(clock),
            // Their owner's list says so; promises come with their own rules.
            Target::CustomerSilent => self.note("the customer has not answered"),
            Target::Promise => self.note("a promise was not kept"),
        }
    }

    /// The person who owes the answer hears that its date has passed, unless they are rung about it anyway.
    fn remind_owner(&mut self, clock: &Clock) {
        let owner = self.case.owner.clone();
        let is_rung = |r: &super::case::Ring| {
            (r.target, r.n, r.version) == (clock.target, clock.n, clock.version)
                && r.person().is_some()
                && r.person() == owner.as_ref()
        };
        if owner.is_none() || !self.policy.lists || self.case.rings.iter().any(is_rung) {
            return;
        }
        let told = self.case.told.first_letter_at.is_some() || self.case.told.named.is_some();
        let facts = ReminderFacts::Passed { target: clock.target, due_at: clock.due_at, told };
        self.tell_owner(
            Letter::Reminder(facts),
            &format!("passed-{}-{}-{}", self.case.id, clock.target.as_str(), clock.version),
        );
    }

    fn wake(&mut self, clock: &Clock) {
        self.go_on();
        self.note("awake again");
        let facts = ReminderFacts::Woke { since: clock.started_at };
        self.tell_owner(Letter::Reminder(facts), &format!("woke-{}-{}", self.case.id, clock.version));
    }

    /// A person's reply lies with us: they can call meanwhile (mail-rules section 7).
    fn delayed(&mut self, letter: LetterId, to: &Address, answer: &str) {
        self.note(format!("a reply to {} has not left for half an hour", to.masked()));
        let facts = ReminderFacts::Delayed { to: to.clone(), answer: answer.to_owned() };
        self.tell_owner(Letter::Reminder(facts), &format!("delayed-{letter}"));
    }

    /// Nobody may believe that the customer has words which never became a mail.
    fn unsendable(&mut self, mail: MailId, person: &PersonId, why: &str) {
        self.note(format!("{person}'s words were not sent: {why}"));
        let told = TranscriptFacts {
            why: Some(format!("Your words could not be made a mail, so nothing was sent: {why}.")),
            ..super::authority::facts(mail, Outcome::Refused)
        };
        self.write_once(Letter::Transcript(told), Recipient::Person(person.clone()), format!("res:{mail}:unsendable"));
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
        self.tell_owner(facts.clone(), &format!("undelivered-{letter}"));
        if name == "reply" {
            self.tell_writer_of_reply(facts, letter);
        }
    }

    /// A colleague who answered somebody else's case: nobody may believe that their words arrived.
    fn tell_writer_of_reply(&mut self, facts: Letter, letter: LetterId) {
        let told = self.whom_to_tell();
        let writer = self.case.mails.iter().rev().find_map(|mail| match &mail.writer {
            Writer::Person(person) if mail.acted => Some(person.clone()),
            _ => None,
        });
        if let Some(writer) = writer.filter(|w| told.as_ref() != Some(w) && self.policy.person(w).is_some()) {
            let key = format!("ntc:undelivered-{letter}:{writer}");
            self.write_once(facts, Recipient::Person(writer), key);
        }
    }

    /// A first letter that could not leave before its date passed is written anew, with a date that can be kept.
    fn stale(&mut self, name: &str) {
        self.note(format!("the {name} letter was withdrawn: it could not leave in time"));
        match name {
            "apology" | "acknowledgement" | "after-call" => self.first_letter_again(),
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
            files: mail.attachments,
            acted: false,
            marks: mail.marks.clone(),
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

pub(super) fn wrote_what(mail: &Incoming) -> String {
    let marks = if mail.marks.is_empty() { String::new() } else { format!(" ({})", mail.marks.join(", ")) };
    match mail.class {
        MailClass::Human => format!("wrote{marks}"),
        MailClass::Automatic => format!("sent an automatic mail{marks}"),
        MailClass::Bulk => format!("sent bulk mail{marks}"),
        MailClass::Malformed => format!("sent a broken mail{marks}"),
        MailClass::OwnFrom => format!("came from one of our own addresses{marks}"),
    }
}
