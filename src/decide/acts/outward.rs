//! What staff ask for beyond the case's own course: somebody above, a word to a silent customer, somebody more, nobody.

use crate::decide::Turn;
use crate::decide::case::{Participant, State, Target};
use crate::decide::command::{Command, Script};
use crate::decide::effect::{Effect, Letter, Recipient};
use crate::decide::event::StaffMail;
use crate::mail::{Address, ParticipantNo, Party, PersonId};

impl Turn<'_> {
    pub(super) fn escalate(&mut self, person: &PersonId, why: &str) {
        self.did(person, format!("asked for somebody above: {why}"));
        self.ring_next_now(person, why);
    }

    /// Their time to answer begins anew.
    pub(super) fn nudge(&mut self, mail: &StaffMail) {
        let asked_at = self.case.told.person_wrote_at.unwrap_or(self.case.opened_at);
        self.case.told.nudged_at = Some(self.now);
        let until = self.start_clock(Target::CustomerSilent, self.now);
        self.did(&mail.person, "reminded the customer");
        let letter = Letter::Nudge { by: mail.person.clone(), asked_at };
        self.write(letter, self.customer(), format!("fup:{}:nudge:{}", self.case.id, mail.mail.mail), until);
    }

    pub(super) fn no_nudge_because(&self) -> Option<&'static str> {
        let today = |at| self.calendar().same_day(at, self.now);
        match () {
            () if self.case.customer().is_none() => Some("There is no customer on this case who could be written to."),
            () if self.case.state != State::Waiting => {
                Some("The case does not wait for the customer. Ask them something in a reply, or write #wait first.")
            }
            () if self.case.told.person_wrote_at.is_none() => {
                Some("Nobody has written to the customer yet, so there is nothing to remind them of.")
            }
            () if self.case.told.nudged_at.is_some_and(today) => Some("The customer was reminded today already."),
            () if self.facts.address_stopped => Some("Mail to this address does not arrive. Please call them."),
            () => None,
        }
    }

    /// Closed without a word. `#reopen` hears them again.
    pub(super) fn spam(&mut self, person: &PersonId) {
        self.case.spam = true;
        self.close(person, Some("spam"));
        self.set_aside(true);
    }

    pub(in crate::decide) fn set_aside(&mut self, aside: bool) {
        if let Some(address) = self.case.customer().map(|c| c.address.clone()) {
            self.effects.push(Effect::SetAside { address, aside });
        }
    }

    /// From now on they are sent what persons write, and their words count as a participant's.
    pub(super) fn let_in(&mut self, person: &PersonId, party: &Party) {
        self.did(person, format!("let {} take part", party.address.masked()));
        if let Some(known) = self.case.participants.iter_mut().find(|p| p.address == party.address) {
            known.mentioned_only = false;
            return;
        }
        let no = self.case.participants.iter().map(|p| p.no.0).max().map_or(1, |no| no + 1);
        self.case.participants.push(Participant {
            no: ParticipantNo(no),
            address: party.address.clone(),
            name: party.name.clone(),
            authenticated: false,
            mentioned_only: false,
        });
    }

    pub(super) fn takes_part_already(&self, address: &Address) -> bool {
        self.case.participant_at(address).is_some_and(|p| !p.mentioned_only)
    }

    /// Somebody whom no mail of the case has brought in: their address may be mistyped, and they will read everything.
    fn is_stranger(&self, address: &Address) -> bool {
        self.case.participant_at(address).is_none() && !self.facts.mentioned.contains(address)
    }

    /// What is confirmed whatever proves the mail (mail-rules section 5).
    pub(in crate::decide) fn always_confirmed(&self, script: &Script) -> bool {
        script.commands.iter().any(|read| match &read.command {
            Command::Cc(party) => self.is_stranger(&party.address),
            Command::New(_) => true,
            _ => false,
        })
    }

    /// To the customer and to everybody who was let in: what a person tells them.
    pub(in crate::decide) fn write_to_all(&mut self, letter: &Letter, key: &str) {
        self.write(letter.clone(), self.customer(), key.to_owned(), None);
        let others: Vec<ParticipantNo> =
            self.case.taking_part().filter(|p| p.no != ParticipantNo(0)).map(|p| p.no).collect();
        for no in others {
            self.write(letter.clone(), Recipient::Participant(no), format!("{key}:{no}"), None);
        }
    }
}
