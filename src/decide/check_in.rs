//! After the fix: the question whether it holds, what the customer says of it, and the end of a case.
//!
//! *Yes* is the outcome that the house is proud of. *No* brings the case back one rung higher, with an apology for the
//! second failure. Silence closes it as silent, which counts as neither; what cannot be told for sure is read by a
//! person and counts as neither, too.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::time;

use super::Turn;
use super::case::{ClockState, Outcome, RingState, State, Target};
use super::effect::{Effect, Letter, LetterKey, WroteBy};
use super::event::{Answer, Incoming, StaffMail};
use super::kinds;
use crate::mail::{HOLDS, PersonId};

/// Check-ins leave between nine and six, where the company is.
const FROM_HOUR: i8 = 9;
const TO_HOUR: i8 = 18;
/// A yes with more words than a closing needs is read by a person: it may go on to something else.
const PLAIN_WORDS: usize = 12;

impl Turn<'_> {
    /// A person says that it is mended, since then or from then on; the question follows from there.
    pub(super) fn fixed(&mut self, mail: &StaffMail, at: Option<Timestamp>, told: bool) {
        let at = at.unwrap_or(self.now);
        self.answered();
        self.withdraw_check_in();
        self.stop_all(|at| ClockState::Met { at });
        self.case.state = State::Fixed;
        let mending = &mut self.case.mending;
        (mending.fixes, mending.fixed_at) = (mending.fixes + 1, Some(at));
        (mending.asked_at, mending.holds) = (None, None);
        self.case.note(self.now, mail.person.as_str(), "called it fixed");
        if let Some(span) = self.check_in_span() {
            let due = self.calendar().add(at, span);
            self.start_clock_until(Target::CheckIn, 0, at, due);
        }
        if !told {
            let letter = Letter::Fixed { by: mail.person.clone(), at };
            let key = format!("fup:{}:fixed:{}", self.case.id, self.case.mending.fixes);
            self.write_to_all(&letter, &key);
        }
    }

    /// Of the kind, for things that fail again late; else of the SLA.
    fn check_in_span(&self) -> Option<super::calendar::Span> {
        let of_kind = self.policy.kind(&self.case.kind).and_then(|k| k.check_in);
        of_kind.or_else(|| self.sla().map(|s| s.check_in))
    }

    /// That hour if a check-in may leave then, else the next nine o'clock.
    pub(super) fn hour_of_check_in(&self, at: Timestamp) -> Timestamp {
        let zoned = at.to_zoned(self.policy.company.timezone.clone());
        if (FROM_HOUR..TO_HOUR).contains(&zoned.hour()) {
            return at;
        }
        let day = if zoned.hour() < FROM_HOUR { Ok(zoned.date()) } else { zoned.date().tomorrow() };
        let morning = day.and_then(|day| day.to_datetime(time(FROM_HOUR, 0, 0, 0)).to_zoned(zoned.time_zone().clone()));
        morning.map_or(at, |m| m.timestamp())
    }

    /// Does it hold? From here on silence has its end, too.
    pub(super) fn write_check_in(&mut self, fix: u32) {
        let fixed_at = self.case.mending.fixed_at.unwrap_or(self.now);
        self.case.mending.asked_at = Some(self.now);
        self.note("asked the customer whether it holds");
        let key = self.check_in_key(fix);
        let until = self.start_clock(Target::AutoClose, self.now);
        self.write(Letter::CheckIn { fixed_at }, self.customer(), key, until);
    }

    fn check_in_key(&self, fix: u32) -> String {
        format!("fup:{}:check-in:{fix}", self.case.id)
    }

    /// The question is not asked any more, if it has not left.
    pub(super) fn withdraw_check_in(&mut self) {
        let mending = &self.case.mending;
        if mending.asked_at.is_some() && mending.holds.is_none() {
            let keys = vec![LetterKey(self.check_in_key(self.case.mending.fixes))];
            self.effects.push(Effect::Void { keys, because: "it is not as it was when it was to be asked".into() });
        }
    }

    /// A customer's word after the fix. `true` where it was the answer to the question.
    pub(super) fn answers_check_in(&mut self, mail: &Incoming) -> bool {
        if self.case.state != State::Fixed {
            return false;
        }
        let said = holds(&mail.words, &mail.subject);
        let asked = self.case.mending.asked_at.is_some();
        if !asked && (said == Some(true) || is_thanks(&mail.words)) {
            // Glad before they were asked: a person reads it, and the question still comes.
            self.notify_wrote(mail, WroteBy::Customer);
            return true;
        }
        // Anybody can write in a customer's name: what ends or reopens a case comes by their token, or is proven.
        match said.filter(|_| asked && (mail.by_token || mail.authenticated)) {
            Some(true) => self.it_holds(mail),
            Some(false) => self.it_does_not_hold(mail),
            None => {
                self.note("whether it holds is not plain from the answer: a person has to read it");
                return false;
            }
        }
        true
    }

    fn it_holds(&mut self, mail: &Incoming) {
        self.case.mending.holds = Some(true);
        self.end(Outcome::Recovered);
        self.case.note(self.now, "customer", "says that it holds: recovered");
        if mail.answer == Answer::Yes && !self.facts.address_stopped {
            let key = format!("fup:{}:recovered:{}", self.case.id, self.case.mending.fixes);
            self.write(Letter::Recovered, self.customer(), key, None);
        }
        // Whatever they write beside the yes is for a person to read.
        if says_more(mail) {
            self.notify_wrote(mail, WroteBy::Customer);
        }
    }

    /// One rung higher, and sorry again.
    fn it_does_not_hold(&mut self, mail: &Incoming) {
        self.case.mending.holds = Some(false);
        self.case.note(self.now, "customer", "says that it does not hold");
        self.come_back();
        let by = self.case.clock(Target::FirstResponse).filter(|c| c.is_running()).map(|c| c.due_at);
        let before = self.ring_one_higher();
        if mail.answer == Answer::Yes && !self.facts.address_stopped {
            if let (Some(by), Some(owner)) = (by, self.case.owner.clone()) {
                self.name_first_response(by, owner);
            }
            self.case.told.put_before.extend(before.clone());
            let key = format!("fup:{}:sorry-again:{}", self.case.id, self.case.mending.fixes);
            self.write(Letter::SorryAgain { by, before }, self.customer(), key, by);
        }
        self.notify_wrote(mail, WroteBy::Customer);
    }

    /// Open again, with clocks that start anew.
    pub(super) fn come_back(&mut self) {
        self.withdraw_unsent();
        self.withdraw_check_in();
        self.stop_all(|at| ClockState::Stopped { at });
        self.case.told.waiting.clear();
        (self.case.outcome, self.case.closed_at) = (None, None);
        self.case.state = State::Open;
        self.case.reopened += 1;
        self.case.told.holding = 0;
        self.case.told.put_before.clear();
        (self.case.told.person_wrote_at, self.case.told.named) = (None, None);
        self.start_clock(Target::FirstResponse, self.now);
        self.start_clock(Target::Resolution, self.now);
    }

    /// Without a letter: whoever closes it has said what was to be said.
    pub(super) fn close(&mut self, person: &PersonId, why: Option<&str>) {
        let outcome = if self.case.mending.holds == Some(false) { Outcome::Unrecovered } else { Outcome::Closed };
        self.end(outcome);
        let why = why.map(|w| format!(": {w}")).unwrap_or_default();
        self.case.note(self.now, person.as_str(), format!("closed the case{why}"));
    }

    pub(super) fn reopen(&mut self, person: &PersonId) {
        (self.case.state, self.case.outcome, self.case.closed_at) = (State::Open, None, None);
        self.case.reopened += 1;
        if std::mem::take(&mut self.case.spam) {
            self.set_aside(false);
        }
        self.start_clock(Target::NextUpdate, self.now);
        self.start_clock(Target::Resolution, self.now);
        self.case.note(self.now, person.as_str(), "reopened the case");
    }

    /// Nobody answered the question.
    pub(super) fn silence(&mut self) {
        self.end(Outcome::Silent);
        self.note("closed: the customer did not say whether it holds");
    }

    /// A closed case has no clock that runs, no ring that is planned and no letter that waits.
    pub(super) fn end(&mut self, outcome: Outcome) {
        self.withdraw_unsent();
        self.withdraw_check_in();
        self.stop_all(|at| ClockState::Stopped { at });
        self.case.told.waiting.clear();
        self.case.told.named = None;
        (self.case.state, self.case.outcome, self.case.closed_at) = (State::Closed, Some(outcome), Some(self.now));
    }

    /// Every clock ends, whether it runs or stands; nobody is rung for any of them any more.
    fn stop_all(&mut self, state: fn(Timestamp) -> ClockState) {
        let now = self.now;
        for clock in self.case.clocks.iter_mut() {
            if matches!(clock.state, ClockState::Running | ClockState::Paused { .. }) {
                clock.state = match clock.target {
                    // These were no promise to anybody.
                    Target::Acknowledge | Target::Ask | Target::Wake | Target::CustomerSilent => {
                        ClockState::Stopped { at: now }
                    }
                    _ => state(now),
                };
            }
        }
        for ring in self.case.rings.iter_mut().filter(|r| r.state == RingState::Planned) {
            ring.state = RingState::Skipped { at: now };
        }
    }
}

/// What the first words say of the fix. A word that takes it back, or a question, and it is not plain.
fn holds(words: &str, subject: &str) -> Option<bool> {
    let said = if words.trim().is_empty() { subject } else { words };
    let folded = folded(said);
    let yes = begins(&folded, &LISTS.holds) && !takes_back(&folded) && folded.split_whitespace().count() <= PLAIN_WORDS;
    let no = begins(&folded, &LISTS.holds_not) || says_plain_no(&folded) && !is_glad(&folded);
    match (yes, no) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Enough of it to know, with one kind of apostrophe.
fn folded(said: &str) -> String {
    let plain: String = said.chars().take(400).map(|c| if c == '\u{2019}' { '\'' } else { c }).collect();
    plain.trim_start_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

/// "No, thank you" and "No, all fine" are no complaint.
fn is_glad(folded: &str) -> bool {
    let mut words = folded.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.any(|word| LISTS.glad.iter().any(|w| w == word))
}

/// As whole words.
fn begins(folded: &str, list: &[String]) -> bool {
    let whole = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '\'');
    list.iter().any(|start| folded.strip_prefix(start.as_str()).is_some_and(whole))
}

fn takes_back(folded: &str) -> bool {
    let mut words = folded.split(|c: char| !c.is_alphanumeric() && c != '\'');
    folded.contains('?') || words.any(|word| LISTS.takes_back.iter().any(|w| w == word))
}

/// "No" alone or before a stop: what follows it otherwise may be "problems so far".
fn says_plain_no(folded: &str) -> bool {
    let rest = ["nope", "no"].iter().find_map(|no| folded.strip_prefix(no));
    rest.is_some_and(|rest| !rest.trim_start_matches(' ').starts_with(char::is_alphanumeric) && !rest.starts_with('\''))
}

/// More than the link wrote, or than a bare yes.
fn says_more(mail: &Incoming) -> bool {
    let words = mail.words.trim();
    let beside = match words.strip_prefix(HOLDS) {
        Some(rest) => !rest.trim().is_empty(),
        None => words.split_whitespace().count() > 2,
    };
    beside || mail.attachments > 0
}

/// Thanks, and nothing else that somebody would have to answer.
fn is_thanks(words: &str) -> bool {
    let folded = folded(words);
    begins(&folded, &LISTS.thanks) && !takes_back(&folded) && folded.split_whitespace().count() <= 15
}

/// What customers write when they are asked whether it holds.
struct Lists {
    holds: Vec<String>,
    holds_not: Vec<String>,
    /// Words after which a yes is none.
    takes_back: Vec<String>,
    thanks: Vec<String>,
    /// Words of somebody who is content.
    glad: Vec<String>,
}

static LISTS: LazyLock<Lists> = LazyLock::new(|| {
    let words = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let list = |name: &str| kinds::lines_under(kinds::ENGLISH, name).into_iter().flat_map(words).collect();
    Lists {
        holds: list("holds"),
        holds_not: list("holds not"),
        takes_back: list("takes back"),
        thanks: list("thanks"),
        glad: list("glad"),
    }
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::HOLDS_NOT;

    #[test]
    fn plain_answers_are_understood_and_others_are_left_to_people() {
        for (said, meant) in [
            (HOLDS, Some(true)),
            (HOLDS_NOT, Some(false)),
            ("Yes! Works like a charm, thank you so much.", Some(true)),
            ("Thanks, it works.", Some(true)),
            ("It’s working. Best regards, Klaus", Some(true)),
            ("Yes, but the hinge squeaks.", None),
            ("Yes, is there a warranty?", None),
            ("Yes, it broke again", None),
            ("No.", Some(false)),
            ("no, it came off again this morning", Some(false)),
            ("Still broken!!", Some(false)),
            ("It doesn’t hold.", Some(false)),
            ("No problems so far.", None),
            ("Not sure yet", None),
            ("Not had any trouble since", None),
            ("Yes, it is broken", None),
            ("Works. When switched off.", None),
            ("Yes, please call me about the second lamp", None),
            ("No", Some(false)),
            ("No, thank you!", None),
            ("No, all fine now", None),
            ("Yes, I am still waiting for my refund.", None),
            ("It works as long as I don't touch it.", None),
            ("Yes. I have been meaning to write to you about the other one as well, the green one", None),
            ("No longer needed", None),
            ("Yesterday it came off again.", None),
            ("Notice of dispatch", None),
            ("Hello Mei,\n\nyes it does.", None),
            ("", None),
        ] {
            assert_eq!(holds(said, ""), meant, "{said}");
        }
        assert_eq!(holds(" ", "Yes, it holds. [NW-1042]"), Some(true));
    }
}
