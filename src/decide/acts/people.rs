//! Who is there, and whose cases are whose.

use jiff::{SignedDuration, Timestamp};

use crate::decide::Turn;
use crate::decide::absences::Said;
use crate::decide::assign;
use crate::decide::authority::facts;
use crate::decide::command::Assignee;
use crate::decide::effect::{Effect, Letter, Outcome, Recipient, TranscriptFacts};
use crate::decide::event::StaffMail;
use crate::decide::policy::{Absence, Person};
use crate::mail::PersonId;

/// The lead hears so seldom that somebody's program answers for them.
const TOLD_AGAIN: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Turn<'_> {
    pub(super) fn away(
        &mut self,
        mail: &StaffMail,
        who: &PersonId,
        until: jiff::civil::Date,
        stand_in: Option<&PersonId>,
    ) {
        let absence = Absence { from: self.today(), to: until, stand_in: stand_in.cloned() };
        self.did(&mail.person, format!("{who} is away until {until}"));
        self.say_absence(mail, who, Said::Away(absence));
    }

    pub(super) fn back(&mut self, mail: &StaffMail, who: &PersonId) {
        self.did(&mail.person, format!("{who} is back"));
        self.say_absence(mail, who, Said::Back(self.today()));
    }

    /// Whoever is meant hears what a colleague said of them.
    fn say_absence(&mut self, mail: &StaffMail, who: &PersonId, said: Said) {
        let words = self.absence_words(who, &said);
        self.effects.push(Effect::Absence { person: who.clone(), said, by: mail.person.clone() });
        if *who != mail.person {
            let did = vec![
                words,
                format!("{} said so by mail. If it is wrong, answer with #back.", self.name_of(&mail.person)),
            ];
            let told = TranscriptFacts { did, ..facts(mail.mail.mail, Outcome::Done) };
            let key = format!("res:{}:absence:{who}", mail.mail.mail);
            self.write_once(Letter::Transcript(told), Recipient::Person(who.clone()), key);
        }
    }

    pub(super) fn absence_words(&self, who: &PersonId, said: &Said) -> String {
        let name = self.name_of(who);
        match said {
            Said::Back(_) => format!("{name} is there again."),
            Said::Away(absence) => {
                let until = absence.to.strftime("%A, %-d %B %Y");
                let stands_in = absence.stand_in.as_ref().map(|id| format!("; {} stands in", self.name_of(id)));
                format!("{name} is away up to {until}, and with it{}.", stands_in.unwrap_or_default())
            }
        }
    }

    pub(super) fn today(&self) -> jiff::civil::Date {
        self.now.to_zoned(self.policy.company.timezone.clone()).date()
    }

    pub(super) fn is_away(&self, who: &PersonId) -> bool {
        let zone = &self.policy.company.timezone;
        self.policy.person(who).is_some_and(|p| p.absence(self.now, zone).is_some())
    }

    /// Oneself, those whom one leads, and everybody for who may decide.
    pub(super) fn may_manage(&self, by: &PersonId, who: &PersonId) -> bool {
        let has_authority = self.policy.person(by).is_some_and(|p| p.authority);
        let leads = |team: &String| self.policy.lead_of(team).is_some_and(|lead| lead.id == *by);
        by == who || has_authority || self.policy.person(who).is_some_and(|p| p.teams.iter().any(leads))
    }

    pub(super) fn assign_all(&mut self, mail: &StaffMail, of: &PersonId, to: Option<&Assignee>) {
        self.did(&mail.person, format!("handed over the cases of {of}"));
        let here = self.case.owner.as_ref() == Some(of) && !self.case.is_closed();
        if here {
            self.handed_over(of, to, &mail.person);
        }
        let (of, to) = (of.clone(), to.cloned());
        self.effects.push(Effect::HandOver { of, to, by: mail.person.clone(), mail: mail.mail.mail, here });
    }

    /// To whoever is named, else to whom the team's rule gives a new case; never back to whom it is taken from.
    pub(in crate::decide) fn handed_over(&mut self, of: &PersonId, to: Option<&Assignee>, by: &PersonId) {
        if self.case.owner.as_ref() != Some(of) || self.case.is_closed() {
            return;
        }
        let owner = match to {
            Some(Assignee::Person(id)) => Some(id.clone()),
            Some(Assignee::Team(team)) => {
                self.case.team.clone_from(team);
                self.chosen_but(of)
            }
            None => self.chosen_but(of),
        };
        let name = owner.as_ref().map_or("nobody".to_owned(), PersonId::to_string);
        (self.case.owner, self.case.taken_by) = (owner, None);
        self.case.note(self.now, by.as_str(), format!("handed the case from {of} to {name}"));
    }

    fn chosen_but(&self, of: &PersonId) -> Option<PersonId> {
        assign::owner_but(Some(of), self.policy, self.facts, (&self.case.team, &self.case.language), self.now)
    }

    /// Their mail program answers for them: whoever leads them may enter it.
    pub(in crate::decide) fn offer_away(&mut self, mail: &StaffMail) {
        let told = self.case.away_told_at.get(&mail.person);
        let lately = |at: &Timestamp| self.now.duration_since(*at) < TOLD_AGAIN;
        if !mail.out_of_office || self.is_away(&mail.person) || told.is_some_and(lately) {
            return;
        }
        let leads = |p: &&Person| p.id != mail.person && self.may_manage(&p.id, &mail.person);
        let Some(lead) = self.lead().filter(leads).or_else(|| self.authority().filter(leads)) else { return };
        let lead = assign::stand_in(self.policy, lead, self.now).id.clone();
        self.case.away_told_at.insert(mail.person.clone(), self.now);
        let week = self.today().iso_week_date();
        let key = format!("ntc:away-{}:{}-{}", mail.person, week.year(), week.week());
        self.write_once(Letter::SeemsAway { person: mail.person.clone() }, Recipient::Person(lead), key);
    }
}
