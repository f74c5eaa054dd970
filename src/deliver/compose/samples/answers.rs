//! Samples of what staff and customers get once somebody of staff has written.

use jiff::SignedDuration;

use crate::decide::case::{Case, Mending, Question, State, Target};
use crate::decide::effect::{FirstLetterFacts, Letter, LineRead, Outcome, ReminderFacts, TranscriptFacts};
use crate::mail::MailId;

use super::{Sample, Scene, customer_address};

impl Scene<'_> {
    pub(super) fn answers(&self) -> Vec<Sample> {
        let mut out = self.to_customer_after();
        out.extend(self.transcripts());
        out.extend(self.reminders());
        out.extend(self.questions());
        out
    }

    pub(super) fn after_call(&self, facts: FirstLetterFacts) -> Letter {
        Letter::AfterCall { by: self.owner.id.clone(), facts }
    }

    /// Opened by a colleague, who noted the call.
    pub(super) fn called(&self) -> Case {
        Case { subject: String::new(), ..self.fresh() }
    }

    fn to_customer_after(&self) -> Vec<Sample> {
        let by = self.owner.id.clone();
        let words = "Your new lamp is packed. The courier brings it on Tuesday between nine and twelve.";
        let update = |next| Letter::Update { by: by.clone(), words: words.into(), next };
        let fixed = |at| Letter::Fixed { by: by.clone(), at };
        let nudge = Letter::Nudge { by: by.clone(), asked_at: self.weekday(-3, 10) };
        let asks = Letter::CheckIn { fixed_at: self.weekday(-2, 10) };
        let sorry = |before| Letter::SorryAgain { by: Some(self.weekday(1, 12)), before };
        let above = Some(self.authority.id.clone());
        vec![
            self.sample("update", self.mended(0), update(Some(self.weekday(1, 17)))),
            self.sample("update, unproven sender, no date", self.stranger(), update(None)),
            self.sample("fixed", self.mended(1), fixed(self.now)),
            self.sample("fixed, on its way", self.mended(1), fixed(self.weekday(2, 9))),
            self.sample("nudge", self.fresh(), nudge.clone()),
            self.sample("nudge, unproven sender", self.stranger(), nudge),
            self.sample("check-in", self.mended(1), asks.clone()),
            self.sample("check-in, the second, unproven sender", self.stranger_mended(2), asks),
            self.sample("sorry-again", self.mended(1), sorry(above)),
            self.sample("sorry-again, once more", self.mended(2), sorry(None)),
            self.sample("recovered", self.mended(1), Letter::Recovered),
            self.sample("recovered, unproven sender", self.stranger_mended(1), Letter::Recovered),
        ]
    }

    fn questions(&self) -> Vec<Sample> {
        let question = Question {
            n: 1,
            by: self.authority.id.clone(),
            of: "warehouse".into(),
            people: vec![self.owner.id.clone()],
            words: "Is the crate of last week still in the yard? If so, how many lamps are in it?".into(),
            asked_at: self.weekday(-1, 10),
            answer_by: self.weekday(1, 17),
            reminded: 0,
            answered_at: None,
            about: Some(MailId(1)),
        };
        let late = Question { answer_by: self.hours(-1), reminded: 1, ..question.clone() };
        let case = |question| Case { questions: vec![question], ..self.fresh() };
        vec![
            self.sample("question", case(question), Letter::Question { n: 1, again: false }),
            self.sample("question, once more", case(late), Letter::Question { n: 1, again: true }),
        ]
    }

    fn mended(&self, fixes: u32) -> Case {
        let (fixed_at, asked_at) = (Some(self.weekday(-2, 10)), Some(self.hours(-2)));
        let mending = Mending { fixes, fixed_at, asked_at, holds: None };
        Case { state: State::Fixed, mending, ..self.fresh() }
    }

    fn stranger_mended(&self, fixes: u32) -> Case {
        Case { mending: self.mended(fixes).mending, owner: None, ..self.stranger() }
    }

    fn transcripts(&self) -> Vec<Sample> {
        let told = |result, why: Option<&str>| TranscriptFacts {
            mail: MailId(1),
            result,
            did: Vec::new(),
            lines: Vec::new(),
            why: why.map(str::to_owned),
            help: false,
        };
        let did = vec!["The case is yours.".to_owned(), "Your words go to Klaus Berger: \"We are sorry.\"".to_owned()];
        let wrong_word = Some("There is no such command.".to_owned());
        let lines = vec![
            LineRead { line: "#take".into(), wrong: None, nearest: None },
            LineRead { line: "#fixd".into(), wrong: wrong_word, nearest: Some("#fixed".into()) },
        ];
        let why = "A line could not be read.";
        let wrong = TranscriptFacts { lines, ..told(Outcome::Refused, Some(why)) };
        let why = "This mail is no reply to a mail of this case. Send this to Klaus Berger? Then answer with #send.";
        let held = TranscriptFacts { did: did.clone(), ..told(Outcome::Held, Some(why)) };
        let sample = |title: &str, told: TranscriptFacts| self.sample(title, self.fresh(), Letter::Transcript(told));
        vec![
            sample("transcript", TranscriptFacts { did: did.clone(), ..told(Outcome::Done, None) }),
            sample("transcript, help", TranscriptFacts { help: true, ..told(Outcome::Done, None) }),
            sample("transcript, a line is wrong", wrong),
            sample("transcript, held", held),
            sample("transcript, kept", told(Outcome::Kept, None)),
            self.sample("confirm", self.fresh(), self.confirm(did.clone(), Vec::new())),
            self.sample("confirm, asked again", self.fresh(), self.confirm(did, vec!["It smells burnt, too.".into()])),
        ]
    }

    fn confirm(&self, asks: Vec<String>, since: Vec<String>) -> Letter {
        let until = self.now.saturating_add(SignedDuration::from_hours(1)).unwrap_or(self.now);
        Letter::Confirm { mail: MailId(1), asks, until, since }
    }

    fn reminders(&self) -> Vec<Sample> {
        let (target, due_at) = (Target::FirstResponse, self.hours(-1));
        let passed = |told| Letter::Reminder(ReminderFacts::Passed { target, due_at, told });
        let delayed = ReminderFacts::Delayed { to: customer_address(), answer: "451 4.3.0 try again later".into() };
        let woke = ReminderFacts::Woke { since: self.hours(-50) };
        vec![
            self.sample("reminder, a date has passed", self.overdue(), passed(true)),
            self.sample("reminder, a date has passed that nobody named", self.overdue(), passed(false)),
            self.sample("reminder, awake again", self.fresh(), Letter::Reminder(woke)),
            self.sample("reminder, a reply does not leave", self.fresh(), Letter::Reminder(delayed)),
        ]
    }
}
