//! What staff can write in a reply to steer a case: `#word ...` lines on top of the newly written words.
//!
//! [`read`] says what stands there and runs nothing. One mistake spoils the whole block, and it is for the caller to
//! obey that: nothing runs, nothing is sent, the writer is told each line with what is allowed. The table [`FORMS`]
//! drives the reading and is what `#help` prints; a new command is a row there and a variant of [`Command`].

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::mail::{CaseId, Party, PersonId};

pub use join::cases_named;

use super::calendar::Calendar;
use super::case::Priority;
use super::lists::Which;
use super::policy::Policy;
use super::when::{self, Here, Side};

mod absence;
mod ask;
mod block;
mod join;
mod outward;
mod sort;
mod who;

/// What a mail of staff asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// In the order of the mail.
    pub commands: Vec<Read>,
    /// Lines of the block that are not blank, ill-formed ones included.
    pub lines: usize,
    /// What stands below the block, without blank lines around it.
    pub words: String,
    /// The words begin on the line after the last command, without a blank one between.
    pub runs_on: bool,
    pub mistakes: Vec<Mistake>,
    /// A line of `words` that may have been meant as a command: the mail is held, and its writer asked.
    pub later: Option<String>,
}

/// A command, and the line that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    pub line: String,
    pub command: Command,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Take,
    Note(Option<String>),
    Called(Option<String>),
    Assign(Assignee),
    /// All open cases of somebody, to whom the team's rule chooses where nobody is named.
    AssignAll {
        of: PersonId,
        to: Option<Assignee>,
    },
    /// Up to that day and with it, in the company's zone.
    Away {
        who: PersonId,
        until: Date,
        stand_in: Option<PersonId>,
    },
    Back(PersonId),
    /// A colleague or a team about the case; without a day a working day from now.
    Ask {
        of: Assignee,
        until: Option<Timestamp>,
        words: Option<String>,
    },
    Update(Option<String>),
    Wait(Option<Timestamp>),
    /// When the fix reaches the customer, or up to thirty days ago reached them.
    Fixed(Option<Timestamp>),
    Close(Option<String>),
    Reopen,
    Priority(Priority),
    /// The name of a `[[kind]]`, or `other`.
    Kind(String),
    /// The name of an `[[sla]]`.
    Sla(String),
    /// Words of the house's own; one with a minus in front is taken away.
    Tag(Vec<Tag>),
    /// Why somebody above has to see it now.
    Escalate(String),
    Nudge,
    Spam,
    /// Whoever is to read along, and to be heard.
    Cc(Party),
    /// A case for somebody who called.
    New(Party),
    /// This case becomes part of that one.
    Merge(CaseId),
    /// The customer's last mail becomes a case of its own.
    Split,
    /// The case by mail; with the files of its mails.
    Show {
        files: bool,
    },
    /// Cases by mail.
    List(Which),
    Send,
    Confirm,
    Help,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    On(String),
    Off(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    Person(PersonId),
    /// A team that answers customers.
    Team(String),
}

/// A line that cannot be obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    pub line: String,
    /// What was found and what is allowed, in plain English.
    pub why: String,
    /// What was most likely meant, to be written in the place of what was found: `#take`, `Jane Doe`.
    pub nearest: Option<String>,
}

/// Who wrote, when, and in which shop.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub policy: &'a Policy,
    pub person: &'a PersonId,
    pub now: Timestamp,
}

/// One row of the table that `#help` prints.
#[derive(Debug, Clone, Copy)]
pub struct Form {
    /// As it is written: `#wait [WHEN]`.
    pub form: &'static str,
    pub does: &'static str,
    argument: Argument,
}

/// What may stand behind the word of a command, and what is made of it.
#[derive(Debug, Clone, Copy)]
enum Argument {
    Nothing(fn() -> Command),
    Words(fn(Option<String>) -> Command),
    When(Side, fn(Option<Timestamp>) -> Command),
    /// What it reads itself.
    Own(for<'a> fn(&str, &Reader<'a>) -> Result<Command, Wrong>),
}

/// Every command there is.
pub const FORMS: &[Form] = &[
    form("#take", "you own the case, and what rang for it is acknowledged", Argument::Nothing(|| Command::Take)),
    form("#note [words]", "stays internal: the customer never sees this mail", Argument::Words(Command::Note)),
    form(
        "#called [what was said]",
        "you spoke to the customer: counts as an answer and as an update",
        Argument::Words(Command::Called),
    ),
    form(
        "#assign NAME or TEAM",
        "hands the case over; \"me\" is you; #assign all NAME [to NAME] hands over all open cases of somebody",
        Argument::Own(who::assign),
    ),
    form(
        "#ask TEAM or NAME [by WHEN] what",
        "asks them, and you go on owning the case; silence is followed up",
        Argument::Own(ask::ask),
    ),
    form("#update [words]", "a letter to the customer with how things stand", Argument::Words(Command::Update)),
    form(
        "#wait [WHEN]",
        "the case sleeps until then, or until the customer writes",
        Argument::When(Side::Ahead, Command::Wait),
    ),
    form("#nudge", "a kind reminder to a customer who has not answered", Argument::Nothing(|| Command::Nudge)),
    form(
        "#fixed [WHEN]",
        "it is mended, or was then: later the customer is asked whether all is well",
        Argument::When(Side::Either, Command::Fixed),
    ),
    form("#close [why]", "ends the case without asking the customer", Argument::Words(Command::Close)),
    form("#spam", "closes without a word; what the sender writes is set aside", Argument::Nothing(|| Command::Spam)),
    form("#reopen", "the case is open again", Argument::Nothing(|| Command::Reopen)),
    form("#priority low, normal, high or urgent", "urgent rings at any hour", Argument::Own(sort::priority)),
    form("#kind NAME", "what failed, as it is counted: a name of the configuration", Argument::Own(sort::kind)),
    form("#sla NAME", "runs by other targets: dates that no letter named begin anew", Argument::Own(sort::sla)),
    form("#tag a b", "words of your own to find it by; #tag -a takes one away", Argument::Own(sort::tags)),
    form("#merge CASE", "this case becomes part of that one, of the same customer", Argument::Own(join::merge)),
    form("#split", "the customer's last mail becomes a case of its own", Argument::Nothing(|| Command::Split)),
    form("#cc ADDRESS", "takes part: reads your replies, and is heard", Argument::Own(outward::cc)),
    form("#new ADDRESS [name]", "a case for somebody who called, in a new mail to us", Argument::Own(outward::new)),
    form("#escalate why", "rings the next person of the ladder now", Argument::Own(outward::escalate)),
    form(
        "#away [NAME] until WHEN [stand-in NAME]",
        "up to that day and with it: new cases and rings go to others",
        Argument::Own(absence::away),
    ),
    form("#back [NAME]", "there again", Argument::Own(absence::back)),
    form("#show [files]", "the case and its mails, by mail", Argument::Own(sort::show)),
    form("#list [mine, overdue or team]", "open cases, by mail", Argument::Own(sort::list)),
    form("#send", "releases what was held", Argument::Nothing(|| Command::Send)),
    form("#confirm", "confirms all that a mail asked you to confirm", Argument::Nothing(|| Command::Confirm)),
    form("#help", "this table, by mail", Argument::Nothing(|| Command::Help)),
];

const fn form(form: &'static str, does: &'static str, argument: Argument) -> Form {
    Form { form, does, argument }
}

/// Reads the newly written words of a mail. Total: what is no command is words, what is a bad one is a mistake.
pub fn read(words: &str, reader: &Reader<'_>) -> Script {
    let (lines, words, runs_on) = block::split(words);
    let mut script = Script { lines: lines.len(), words, runs_on, ..Script::default() };
    for line in lines.iter().take(block::MOST_LINES) {
        match block::fits(line).and_then(|()| reader.command(line)) {
            Ok(command) => script.commands.push(Read { line: (*line).to_owned(), command }),
            Err(wrong) => script.mistakes.push(wrong.on(line)),
        }
    }
    if let Some(line) = lines.get(block::MOST_LINES) {
        script.mistakes.push(block::too_many(lines.len()).on(line));
    }
    script.later = script.words.lines().find_map(looks_like_command).map(block::shown);
    script
}

impl Command {
    /// What stands below the commands is about this one.
    pub fn takes_words(&self) -> bool {
        matches!(self, Command::Note(_) | Command::Called(_) | Command::Update(_) | Command::Ask { words: None, .. })
    }

    /// About no case: whose cases are whose, and what there is.
    pub fn is_of_desk(&self) -> bool {
        matches!(
            self,
            Command::List(_) | Command::Help | Command::Away { .. } | Command::Back(_) | Command::AssignAll { .. }
        )
    }
}

impl Script {
    /// No command line at all, not even a bad one: a plain reply.
    pub fn is_empty(&self) -> bool {
        self.lines == 0
    }

    /// Nothing but command lines: never a reply.
    pub fn only_commands(&self) -> bool {
        self.lines > 0 && self.words.is_empty()
    }
}

impl Form {
    /// The word behind the `#`.
    pub fn word(&self) -> &'static str {
        let word = self.form.split_whitespace().next().unwrap_or(self.form);
        word.trim_start_matches('#')
    }
}

impl<'a> Reader<'a> {
    fn command(&self, line: &str) -> Result<Command, Wrong> {
        let (word, argument) = block::word_of(line).unwrap_or((line, ""));
        let form = known(word).ok_or_else(|| unknown(word))?;
        let words = (!argument.is_empty()).then(|| argument.to_owned());
        match form.argument {
            Argument::Nothing(command) if argument.is_empty() => Ok(command()),
            Argument::Nothing(_) => Err(stands_alone(form, argument)),
            Argument::Words(command) => Ok(command(words)),
            Argument::When(side, command) => {
                let at = words.map(|words| when::read(&words, side, &self.here())).transpose();
                at.map(command).map_err(Wrong::because)
            }
            Argument::Own(read) => read(argument, self),
        }
    }

    /// The zone and hours that a WHEN of this person is read in.
    pub fn here(&self) -> Here<'a> {
        let hours = self.policy.person(self.person).map_or(&self.policy.company.hours, |person| &person.hours);
        let calendar: &Calendar = self.policy.calendar(hours);
        // Hours around the clock have no place of their own.
        let zone: &TimeZone = if calendar.always { &self.policy.company.timezone } else { &calendar.timezone };
        Here { now: self.now, zone, calendar }
    }
}

/// Why a line cannot be obeyed, before it is known which line that is.
#[derive(Debug)]
struct Wrong {
    why: String,
    nearest: Option<String>,
}

impl Wrong {
    fn because(why: impl Into<String>) -> Self {
        Self { why: why.into(), nearest: None }
    }

    fn on(self, line: &str) -> Mistake {
        Mistake { line: block::shown(line), why: self.why, nearest: self.nearest }
    }
}

fn known(word: &str) -> Option<&'static Form> {
    let word = word.to_lowercase();
    FORMS.iter().find(|form| form.word() == word)
}

/// The line without the blanks around it, where it may have been meant as a command: one of the table, one that was
/// mistyped, or one with a sign that makes it words (`# take`, `-#take`, `/take`). What is quoted is nobody's command.
fn looks_like_command(line: &str) -> Option<&str> {
    let line = block::bare(line);
    let (sign, word) = block::sign_of(line)?;
    let mistyped = || block::word_of(line).and_then(|(word, _)| nearest(word, FORMS.iter().map(Form::word)));
    (known(word).is_some() || sign.chars().count() == 1 && mistyped().is_some()).then_some(line)
}

fn unknown(word: &str) -> Wrong {
    let all: Vec<String> = FORMS.iter().map(|form| format!("#{}", form.word())).collect();
    let nearest = nearest(word, FORMS.iter().map(Form::word)).map(|near| format!("#{near}"));
    Wrong { why: format!("There is no command #{word}. There are: {}.", all.join(", ")), nearest }
}

fn stands_alone(form: &Form, argument: &str) -> Wrong {
    let form = form.form;
    Wrong::because(format!(
        "{form} stands alone on its line, and \"{argument}\" stands behind it. \
         Words for the customer go below the commands, words for colleagues behind #note."
    ))
}

/// The candidate that somebody who wrote `word` most likely meant, where one is close.
fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.8;
    let word = word.to_lowercase();
    let scored = candidates.into_iter().map(|c| (strsim::jaro_winkler(&word, &c.to_lowercase()), c));
    scored.filter(|(score, _)| *score >= NEAR).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, near)| near)
}

#[cfg(test)]
mod tests;
