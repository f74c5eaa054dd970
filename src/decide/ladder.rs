//! Who is rung, when, and what folds into a digest.
//!
//! A rung rings once for one version of one target. After an outage only the highest rung that is due rings. A ring
//! waits for its person's hours unless the SLA never closes, the case is urgent or there is danger; who already has
//! the same ring is not rung again, but the time in which they have to take it runs all the same.

use jiff::Timestamp;

use crate::mail::{MailId, PersonId};

use super::Turn;
use super::assign::stand_in;
use super::case::{Clock, Priority, Ring, RingState, Target, Waiting, WaitingLetter};
use super::effect::{Effect, Letter, LetterKey, Recipient, RingNote};
use super::policy::{Person, Rung, RungAt, RungTo};

/// So many rings an hour reach a person as mails of their own; the rest fold into a digest (design section 2, Calm).
const SINGLE_RINGS_AN_HOUR: u32 = 3;

impl Turn<'_> {
    /// Plans every rung of the ladder that watches this clock's target.
    pub(super) fn plan_rings(&mut self, clock: &Clock) {
        let Some(sla) = self.sla() else { return };
        let watching = sla.ladder.iter().enumerate().filter(|(_, rung)| rung.on.contains(&clock.target));
        for (index, rung) in watching {
            let due_at = self.planned_at(clock, rung);
            self.case.rings.push(Ring {
                rung: index,
                to: rung.to.clone(),
                acknowledge: rung.acknowledge,
                tell_customer: rung.tell_customer,
                target: clock.target,
                n: clock.n,
                version: clock.version,
                due_at,
                state: RingState::Planned,
            });
        }
    }

    /// When a rung rings by its clock, whatever the hours of its person.
    fn planned_at(&self, clock: &Clock, rung: &Rung) -> Timestamp {
        match rung.at {
            RungAt::Percent(part) => self.calendar().part_of(clock.started_at, clock.due_at, part),
            RungAt::After(delay) if delay.is_zero() => clock.due_at,
            RungAt::After(delay) => self.calendar().add(clock.due_at, delay),
        }
    }

    /// The case presses from now on: what waits for somebody's hours waits no longer.
    pub(super) fn wait_for_no_hours(&mut self) {
        let Some(sla) = self.sla() else { return };
        let by_clock = |ring: &Ring| {
            let same = |c: &&Clock| (c.target, c.n, c.version) == (ring.target, ring.n, ring.version);
            let clock = self.case.clocks.iter().find(same)?;
            sla.ladder.get(ring.rung).map(|rung| self.planned_at(clock, rung)).filter(|at| *at <= self.now)
        };
        let planned: Vec<Option<Timestamp>> = self.case.rings.iter().map(by_clock).collect();
        for (ring, due_at) in self.case.rings.iter_mut().zip(planned) {
            if let (RingState::Planned, Some(due_at)) = (&ring.state, due_at) {
                ring.due_at = ring.due_at.min(due_at);
            }
        }
    }

    /// Rings what is due: of each target's version the highest due rung, the lower ones are passed over.
    pub(super) fn ring_due(&mut self) {
        let now = self.now;
        let still: Vec<Ring> = self.case.planned_rings().filter(|r| r.due_at <= now).cloned().collect();
        let due = |r: &Ring| still.contains(r);
        let mut highest: Vec<usize> = Vec::new();
        for (at, ring) in self.case.rings.iter().enumerate().filter(|(_, r)| due(r)) {
            match highest.iter_mut().find(|h| self.case.rings[**h].same_clock(ring)) {
                Some(other) if self.case.rings[*other].rung < ring.rung => *other = at,
                Some(_) => {}
                None => highest.push(at),
            }
        }
        for (at, ring) in self.case.rings.iter_mut().enumerate().filter(|(_, r)| due(r)) {
            if !highest.contains(&at) {
                ring.state = RingState::Skipped { at: now };
            }
        }
        for at in highest {
            self.ring(at, Hours::Respected);
        }
    }

    /// A rung that was not taken in time: the next one rings at once.
    pub(super) fn ring_not_taken(&mut self, ring_at: usize) {
        let Some(ring) = self.case.rings.get(ring_at).cloned() else { return };
        self.note(format!("ring {} of {} was not taken in time", ring.rung + 1, ring.target.words()));
        match self.next_rung(&ring) {
            Some(next) => self.ring(next, Hours::Respected),
            None => self.note("nobody comes after: the ladder ends here"),
        }
    }

    /// Danger: whoever can decide is rung at any hour, before any clock has run; where no ladder has a rung for it (a
    /// machine's mail runs no clocks), they get the notice of the case, once for each mail that spoke of danger.
    pub(super) fn ring_authority_now(&mut self, mail: MailId) {
        let planned = |r: &Ring| r.state == RingState::Planned && r.target == Target::FirstResponse;
        let authority = self.case.rings.iter().position(|r| planned(r) && r.to == RungTo::Authority);
        // A ladder may name its authority as a person: then they stand on its last rung.
        if let Some(at) = authority.or_else(|| self.case.rings.iter().rposition(planned)) {
            self.ring(at, Hours::Ignored);
        } else if let Some(person) = self.authority().map(|p| stand_in(self.policy, p, self.now).id.clone()) {
            self.note(format!("no rung for danger: {person} is told of the case"));
            self.tell_of_danger(person, mail);
        }
    }

    fn tell_of_danger(&mut self, person: PersonId, mail: MailId) {
        let to = Recipient::Person(person.clone());
        let told =
            |e: &Effect| matches!(e, Effect::Write(o) if o.to == to && matches!(o.letter, Letter::NewCase { .. }));
        if !self.effects.iter().any(told) {
            let about = self.last_customer_mail().unwrap_or(mail);
            self.write(Letter::NewCase { mail: about }, to, format!("ntc:danger-{mail}:{person}"), None);
        }
    }

    fn ring(&mut self, at: usize, hours: Hours) {
        let ring = self.case.rings[at].clone();
        let Some((person, absent)) = self.person_of(&ring.to) else {
            self.skip(at, "nobody stands on this rung");
            return self.ring_next_after(&ring);
        };
        if hours == Hours::Respected
            && let Some(opening) = self.waits_until(person)
        {
            self.case.rings[at].due_at = opening;
            return;
        }
        let person = person.id.clone();
        if self.has_same_ring(&ring, &person) {
            self.skip(at, &format!("{person} has this ring already"));
        } else {
            self.send_ring(at, &person, absent);
        }
        self.await_taking(at, &ring);
        // In danger the first letter says so itself.
        if ring.tell_customer && hours == Hours::Respected {
            self.tell_escalated(&ring, &person);
        }
    }

    /// One mail, or a line of the digest when this person had enough rings in this hour.
    fn send_ring(&mut self, at: usize, person: &PersonId, standing_in_for: Option<PersonId>) {
        let now = self.now;
        // What a colleague asks for now neither waits for a list nor for a digest.
        let at_once = self.asks.is_some() || self.is_danger();
        if self.stands_in_list(at) && !at_once {
            self.case.rings[at].state = RingState::Listed { at: now };
            return self.note(format!("the {} of {person} stands in their list", self.case.rings[at].target.words()));
        }
        let note = self.ring_note(at, person, standing_in_for);
        let (name, what) = (person.clone(), format!("rung {person} about {}", note.target.words()));
        let rung = self.rung.entry(person.clone()).or_default();
        let before = self.facts.rings_last_hour.get(person).copied().unwrap_or(0) + *rung;
        *rung += 1;
        if before >= SINGLE_RINGS_AN_HOUR && !at_once {
            self.case.rings[at].state = RingState::Folded { at: now, person: name.clone(), taken_by: None };
            self.note(format!("{what}, in the digest"));
            self.effects.push(Effect::Fold { person: name, ring: note });
        } else {
            self.case.rings[at].state = RingState::Rung { at: now, person: name.clone(), taken_by: None };
            self.note(what);
            let key = note.key.0.clone();
            self.write(Letter::Escalation(note), Recipient::Person(name), key, None);
        }
    }

    /// A ring to the owner is a line of their list, unless it presses.
    fn stands_in_list(&self, at: usize) -> bool {
        let presses = self.is_danger() || self.case.priority == Priority::Urgent;
        self.policy.lists && self.case.rings[at].to == RungTo::Owner && !presses
    }

    /// The fix did not hold: whoever stands above the owner is asked at once, and not only when a date has passed.
    pub(super) fn ring_one_higher(&mut self) -> Option<PersonId> {
        let version = self.case.clock(Target::FirstResponse)?.version;
        let planned =
            |r: &Ring| (r.target, r.version) == (Target::FirstResponse, version) && r.state == RingState::Planned;
        let others = |r: &Ring| self.person_of(&r.to).is_some_and(|(p, _)| Some(&p.id) != self.case.owner.as_ref());
        let above = self.case.rings.iter().enumerate().filter(|(_, r)| planned(r) && others(r));
        let (at, _) = above.min_by_key(|(_, r)| r.rung)?;
        self.ring(at, Hours::Respected);
        let person = self.case.rings[at].person().cloned();
        // "You are still waiting" would be nonsense in the minute in which they wrote.
        let news =
            |w: &WaitingLetter| matches!(&w.letter, Waiting::Escalated { to, .. } if Some(to) == person.as_ref());
        self.case.told.waiting.retain(|w| !news(w));
        person
    }

    /// Who is rung next if nobody waits for a clock: the lowest rung that stands above the owner and whoever asks.
    pub(super) fn next_to_ring(&self, by: &PersonId) -> Option<(usize, PersonId)> {
        let knows = |person: &PersonId| Some(person) == self.case.owner.as_ref() || person == by;
        let above = |r: &Ring| r.state == RingState::Planned && r.to != RungTo::Owner;
        let planned = self.case.rings.iter().enumerate().filter(|(_, r)| above(r));
        let above = planned.filter_map(|(at, ring)| {
            let (person, _) = self.person_of(&ring.to)?;
            (!knows(&person.id) && !self.has_same_ring(ring, &person.id)).then(|| (at, person.id.clone()))
        });
        above.min_by_key(|(at, _)| (self.case.rings[*at].rung, self.case.rings[*at].due_at))
    }

    /// `#escalate`: at any hour, since a colleague knows why it cannot wait.
    pub(super) fn ring_next_now(&mut self, by: &PersonId, why: &str) {
        let Some((at, _)) = self.next_to_ring(by) else { return };
        self.asks = Some(super::effect::AskedFor { by: by.clone(), why: why.to_owned() });
        self.ring(at, Hours::Ignored);
        self.asks = None;
    }

    fn ring_note(&self, at: usize, person: &PersonId, standing_in_for: Option<PersonId>) -> RingNote {
        let ring = &self.case.rings[at];
        RingNote {
            case: self.case.id,
            key: LetterKey(format!("esc:{}:{}.{}:{}", self.case.id, ring.rule(), ring.rung, ring.version)),
            target: ring.target,
            n: ring.n,
            version: ring.version,
            rung: ring.rung,
            due_at: self.due_of(ring),
            standing_in_for,
            acknowledge_by: ring.acknowledge.map(|span| self.calendar().add(self.now, span)),
            next: self.comes_after(ring, person),
            asked: self.asks.clone(),
        }
    }

    /// Who is rung next if nobody acts: in a small team one person may stand on several rungs, and is rung once.
    fn comes_after(&self, ring: &Ring, person: &PersonId) -> Option<PersonId> {
        let mut above: Vec<&Ring> = self.rungs_above(ring).map(|(_, r)| r).collect();
        above.sort_by_key(|r| r.rung);
        let reached = above.into_iter().filter_map(|r| self.person_of(&r.to));
        let mut others = reached.filter(|(p, _)| p.id != *person && !self.has_same_ring(ring, &p.id));
        others.next().map(|(p, _)| p.id.clone())
    }

    /// From now on it has to be taken; the clocks of lower rungs have no more to say.
    fn await_taking(&mut self, at: usize, ring: &Ring) {
        let lower: Vec<usize> = self.rings_of(ring).filter(|(_, r)| r.rung < ring.rung).map(|(i, _)| i).collect();
        self.stop_taking(&lower);
        if let Some(span) = ring.acknowledge {
            let by = self.calendar().add(self.now, span);
            self.start_clock_until(Target::Acknowledge, at as u32, self.now, by);
        }
    }

    fn ring_next_after(&mut self, ring: &Ring) {
        if let Some(next) = self.next_rung(ring) {
            self.ring(next, Hours::Respected);
        }
    }

    fn skip(&mut self, at: usize, because: &str) {
        self.case.rings[at].state = RingState::Skipped { at: self.now };
        let ring = &self.case.rings[at];
        let what = format!("ring {} of {} is passed over: {because}", ring.rung + 1, ring.target.words());
        self.note(what);
    }

    /// The lowest planned rung above this one, for the same clock.
    fn next_rung(&self, ring: &Ring) -> Option<usize> {
        self.rungs_above(ring).min_by_key(|(_, r)| r.rung).map(|(i, _)| i)
    }

    fn rungs_above<'b>(&'b self, ring: &'b Ring) -> impl Iterator<Item = (usize, &'b Ring)> + 'b {
        self.rings_of(ring).filter(|(_, r)| r.rung > ring.rung && r.state == RingState::Planned)
    }

    fn rings_of<'b>(&'b self, ring: &'b Ring) -> impl Iterator<Item = (usize, &'b Ring)> + 'b {
        self.case.rings.iter().enumerate().filter(|(_, r)| r.same_clock(ring))
    }

    fn has_same_ring(&self, ring: &Ring, person: &PersonId) -> bool {
        self.rings_of(ring).any(|(_, r)| r.person() == Some(person))
    }

    fn due_of(&self, ring: &Ring) -> Timestamp {
        let same = |c: &&Clock| (c.target, c.n, c.version) == (ring.target, ring.n, ring.version);
        self.case.clocks.iter().find(same).map_or(ring.due_at, |c| c.due_at)
    }

    /// The person of a rung, and for whom they stand in.
    fn person_of(&self, to: &RungTo) -> Option<(&Person, Option<PersonId>)> {
        let asked = match to {
            RungTo::Owner => self.case.owner.as_ref().and_then(|id| self.policy.person(id)).or_else(|| self.lead())?,
            RungTo::Lead => self.lead()?,
            RungTo::Authority => self.authority()?,
            RungTo::Person(id) => self.policy.person(id)?,
        };
        let reached = stand_in(self.policy, asked, self.now);
        Some((reached, (reached.id != asked.id).then(|| asked.id.clone())))
    }

    pub(super) fn lead(&self) -> Option<&Person> {
        self.policy.lead_of(&self.case.team)
    }

    /// The first who may decide and is there; else the first of all.
    pub(super) fn authority(&self) -> Option<&Person> {
        let zone = &self.policy.company.timezone;
        let able = || self.policy.people.iter().filter(|p| p.authority);
        able().find(|p| p.absence(self.now, zone).is_none()).or_else(|| able().next())
    }

    /// `Some` opening where this ring has to wait for its person's hours.
    fn waits_until(&self, person: &Person) -> Option<Timestamp> {
        if self.calendar().always || self.case.priority == Priority::Urgent || self.is_danger() {
            return None;
        }
        let opening = self.policy.hours_of(person).opening_from(self.now);
        (opening > self.now).then_some(opening)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hours {
    Respected,
    Ignored,
}

impl Ring {
    fn same_clock(&self, other: &Ring) -> bool {
        (self.target, self.n, self.version) == (other.target, other.n, other.version)
    }

    /// Who was rung, singly or in a digest.
    pub fn person(&self) -> Option<&PersonId> {
        match &self.state {
            RingState::Rung { person, .. } | RingState::Folded { person, .. } => Some(person),
            RingState::Planned | RingState::Listed { .. } | RingState::Skipped { .. } => None,
        }
    }

    /// When it rang; when it is to ring, where it has not.
    pub(super) fn rang_at(&self) -> Timestamp {
        match self.state {
            RingState::Rung { at, .. }
            | RingState::Folded { at, .. }
            | RingState::Listed { at }
            | RingState::Skipped { at } => at,
            RingState::Planned => self.due_at,
        }
    }

    /// The target, a promise with its number.
    fn rule(&self) -> String {
        match self.n {
            0 => self.target.as_str().to_owned(),
            n => format!("{}-{n}", self.target.as_str()),
        }
    }
}
