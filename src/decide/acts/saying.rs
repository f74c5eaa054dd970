//! What a mail of staff asks for, in sentences: told before it is confirmed or sent, and listed after.

use jiff::Timestamp;

use super::{WordsGo, said};
use crate::decide::Turn;
use crate::decide::command::{Assignee, Command, Reader, Script, Tag};
use crate::decide::event::StaffMail;
use crate::decide::when;
use crate::mail::PersonId;

impl Turn<'_> {
    /// What would be done, a sentence each: told before, confirmed, and listed after.
    pub(in crate::decide) fn would_do(&self, mail: &StaffMail, script: &Script) -> Vec<String> {
        let mut did: Vec<String> =
            script.commands.iter().filter_map(|r| self.sentence(mail, script, &r.command)).collect();
        match self.words_go(mail, script) {
            WordsGo::ToCustomer => did.push(format!(
                "Your words go to {}: \"{}\"",
                self.customer_words(),
                gist(Some(script.words.as_str()))
            )),
            WordsGo::Inside => did.push("Your words stay on the case as an internal note.".into()),
            WordsGo::Nowhere | WordsGo::WithCommand => {}
        }
        did
    }

    fn sentence(&self, mail: &StaffMail, script: &Script, command: &Command) -> Option<String> {
        let words = said(command, script, mail.door);
        let customer = self.customer_words();
        Some(match command {
            Command::Take => "The case is yours.".into(),
            Command::Note(_) => format!("A note stays on the case: \"{}\"", gist(words.as_deref())),
            Command::Called(_) => format!("Noted as a talk by phone, and as an answer: \"{}\"", gist(words.as_deref())),
            Command::Assign(Assignee::Person(id)) => format!("The case goes to {}.", self.name_of(id)),
            Command::Assign(Assignee::Team(team)) => format!("The case goes to the team {team}."),
            Command::Update(_) => format!("{customer} gets an update: \"{}\"", gist(words.as_deref())),
            Command::Wait(None) => format!("The case waits for {customer}."),
            Command::Wait(Some(at)) => format!("The case sleeps until {}.", self.say(*at, &mail.person)),
            Command::Fixed(None) => format!("It is fixed; {customer} is asked later whether it holds."),
            Command::Fixed(Some(at)) => format!(
                "It is fixed from {}; {customer} is asked after that whether it holds.",
                self.say(*at, &mail.person)
            ),
            Command::Close(_) => "The case is closed, without a letter.".into(),
            Command::Reopen => "The case is open again.".into(),
            Command::Priority(priority) => format!("Its priority is {}.", priority.word()),
            Command::Kind(name) if self.policy.kind(name).is_some_and(|kind| kind.danger) => {
                format!("It is counted as {name}: it is urgent, and whoever may decide is rung.")
            }
            Command::Kind(name) => format!("It is counted as {name}."),
            Command::Sla(name) => self.sla_sentence(name, &mail.person),
            Command::Tag(tags) => tag_sentence(tags),
            Command::Nudge => format!("{customer} is kindly reminded of what you asked."),
            Command::Spam => {
                format!(
                    "The case is closed without a word, and what {customer} writes is set aside. #reopen ends that."
                )
            }
            Command::Escalate(_)
            | Command::Cc(_)
            | Command::Ask { .. }
            | Command::AssignAll { .. }
            | Command::Away { .. }
            | Command::Back(_)
            | Command::New(_)
            | Command::Merge(_)
            | Command::Split
            | Command::Show { .. }
            | Command::List(_) => return self.sentence_of_others(mail, words.as_deref(), command),
            Command::Send => "What waited for your word goes out.".into(),
            Command::Confirm | Command::Help => return None,
        })
    }

    fn sla_sentence(&self, name: &str, person: &PersonId) -> String {
        let dates = self.dates_under(name);
        let moved = dates.iter().filter(|(clock, due)| clock.due_at != *due);
        let each: Vec<String> =
            moved.map(|(clock, due)| format!("{} {}", clock.target.words(), self.say(*due, person))).collect();
        match each.is_empty() {
            true => format!("It runs by {name}; its dates stay."),
            false => format!("It runs by {name} from its beginning: {}.", each.join(", ")),
        }
    }

    pub(super) fn say(&self, at: Timestamp, person: &PersonId) -> String {
        when::say(at, self.reader(person).here().zone)
    }

    pub(in crate::decide) fn reader<'b>(&'b self, person: &'b PersonId) -> Reader<'b> {
        Reader { policy: self.policy, person, now: self.now }
    }

    pub(super) fn name_of(&self, id: &PersonId) -> String {
        self.policy.person(id).map_or_else(|| id.to_string(), |p| p.name.clone())
    }

    /// The customer, as a sentence to staff calls them.
    pub(in crate::decide) fn customer_words(&self) -> String {
        let customer = self.case.customer();
        let name = customer.and_then(|c| c.name.clone()).map(|n| crate::mail::clean_name(&n));
        let name = name.filter(|n| !n.is_empty());
        name.or_else(|| customer.map(|c| c.address.to_string())).unwrap_or_else(|| "the customer".into())
    }
}

fn tag_sentence(tags: &[Tag]) -> String {
    let words = |on: bool| -> Vec<&str> {
        let each = tags.iter().filter_map(|tag| match tag {
            Tag::On(word) => on.then_some(word.as_str()),
            Tag::Off(word) => (!on).then_some(word.as_str()),
        });
        each.collect()
    };
    match (words(true), words(false)) {
        (on, off) if off.is_empty() => format!("Tagged: {}.", on.join(", ")),
        (on, off) if on.is_empty() => format!("No longer tagged: {}.", off.join(", ")),
        (on, off) => format!("Tagged: {}; no longer: {}.", on.join(", "), off.join(", ")),
    }
}

/// The beginning of what was said.
pub(super) fn gist(words: Option<&str>) -> String {
    const CHARS: usize = 80;
    let line: String = words.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "(no words)".into();
    }
    match line.char_indices().nth(CHARS) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}
