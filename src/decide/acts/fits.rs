//! What stands against a mail as a whole: then nothing of it happens, and its writer hears why.

use super::said;
use crate::decide::Turn;
use crate::decide::authority::facts;
use crate::decide::case::{Door, HeldBecause, State};
use crate::decide::command::{Command, Script};
use crate::decide::effect::{LineRead, Outcome, TranscriptFacts};
use crate::decide::event::StaffMail;

/// From this length on a mail program may have wrapped a command line, and its end would pass for words.
const WRAPS_AT: usize = 66;
/// Of an update, so that the whole letter stays within its bounds (mail-rules section 3: 4 kB).
const UPDATE_BYTES: usize = 2_500;

impl Turn<'_> {
    pub(in crate::decide) fn would_refuse(&self, mail: &StaffMail, script: &Script) -> bool {
        self.objection(mail, script).is_some()
    }

    /// Why nothing of it can be done.
    pub(super) fn objection(&self, mail: &StaffMail, script: &Script) -> Option<TranscriptFacts> {
        let refused = |why: String, lines: Vec<LineRead>| {
            Some(TranscriptFacts { why: Some(why), lines, ..facts(mail.mail.mail, Outcome::Refused) })
        };
        if !script.mistakes.is_empty() {
            return refused("A line could not be read.".into(), lines(script));
        }
        let why = unclear(script, mail.door).or_else(|| {
            script
                .commands
                .iter()
                .find_map(|read| self.does_not_fit(mail, script, &read.command))
                .or_else(|| self.leaks(mail, script))
        });
        refused(why?, Vec::new())
    }

    /// Part of our own notice would go out: with a reply, or in the words of an update.
    fn leaks(&self, mail: &StaffMail, script: &Script) -> Option<String> {
        let updates = script.commands.iter().any(|r| matches!(r.command, Command::Update(_)));
        let leak = mail.leak.as_ref().filter(|_| updates || self.would_relay(mail, script))?;
        Some(format!(
            "Something that is not for the customer would have gone out: {leak}. Please delete what is quoted or \
             attached of our notices, and send your words again."
        ))
    }

    /// Why this command cannot be obeyed now.
    fn does_not_fit(&self, mail: &StaffMail, script: &Script, command: &Command) -> Option<String> {
        let reopens = script.commands.iter().any(|r| r.command == Command::Reopen);
        let closed = self.case.is_closed() && !reopens;
        let nobody = self.case.customer().is_none();
        match command {
            Command::Wait(_) if self.case.state == State::Fixed => {
                Some("The case is called fixed, and the customer is asked whether it holds: there is nothing to wait for.".into())
            }
            Command::Wait(_) | Command::Fixed(_) if closed => {
                Some("The case is closed. Write #reopen first, in the same mail if you like.".into())
            }
            Command::Nudge => self.no_nudge_because().map(str::to_owned),
            Command::Spam if self.case.told.person_wrote_at.is_some() || self.facts.other_cases > 0 => Some(
                "This address is a customer's: one of you has written to them, or another case of theirs is open. #close \
                 ends this one."
                    .into(),
            ),
            Command::Spam if nobody => Some("The case has no sender who could be set aside. #close ends it.".into()),
            Command::Close(_) if closed => Some("The case is closed already.".into()),
            Command::Reopen if !self.case.is_closed() => Some("The case is open already.".into()),
            Command::Update(_) | Command::Fixed(_) if nobody => {
                Some("There is no customer on this case who could be written to.".into())
            }
            Command::Update(_) if mail.door != Door::Reply && !script.words.trim().is_empty() => Some(
                "At this address the words below a command stay inside. Write the whole update in the line of #update, or \
                 answer the notice whose reply goes to the customer."
                    .into(),
            ),
            Command::Update(_) => update_fits(said(command, script, mail.door)),
            Command::Send
                if !self.case.held.iter().any(|h| h.person == mail.person && h.why != HeldBecause::Unproven) =>
            {
                Some("Nothing of yours waits to be sent on this case.".into())
            }
            Command::Confirm => Some("#confirm belongs into a reply to the mail that asks for it.".into()),
            _ => self.does_not_fit_others(mail, script, command),
        }
    }

    /// The same of commands that bring others in.
    fn does_not_fit_others(&self, mail: &StaffMail, script: &Script, command: &Command) -> Option<String> {
        let closed = self.case.is_closed() && !script.commands.iter().any(|r| r.command == Command::Reopen);
        let nobody = self.case.customer().is_none();
        match command {
            Command::Away { who, .. } | Command::Back(who) | Command::AssignAll { of: who, .. }
                if !self.may_manage(&mail.person, who) =>
            {
                let name = self.name_of(who);
                Some(format!("Only {name}, whoever leads them, and who may decide can say that for them."))
            }
            Command::Back(who) if !self.is_away(who) => Some(format!("{} is not away.", self.name_of(who))),
            Command::AssignAll { of, .. } if self.facts.open_cases.get(of).is_none_or(|n| *n == 0) => {
                Some(format!("No case of {} is open.", self.name_of(of)))
            }
            Command::Merge(into) => self.no_merge_because(*into),
            Command::Split if self.to_split().is_none() => {
                Some("The customer has written one mail on this case: there is nothing to take out of it.".into())
            }
            Command::New(_) if !nobody => {
                Some("#new belongs into a new mail to the support address: this case has its customer.".into())
            }
            Command::Ask { .. } if closed => {
                Some("The case is closed. Write #reopen first, in the same mail if you like.".into())
            }
            Command::Ask { .. } if said(command, script, mail.door).is_none() => {
                Some("#ask needs a question: behind the name, or below the line.".into())
            }
            Command::Ask { of, .. } if self.people_asked(of, &mail.person).is_empty() => {
                Some("Nobody but you would be asked.".into())
            }
            Command::Escalate(_) if closed => Some("The case is closed: nobody has to decide anything.".into()),
            Command::Escalate(_) if self.next_to_ring(&mail.person).is_none() => Some(
                "Nobody is left on the ladder of this case who does not know of it. #assign NAME hands it to somebody."
                    .into(),
            ),
            Command::Cc(_) if nobody => Some("There is no customer on this case with whom anybody could read.".into()),
            Command::Cc(party) if self.takes_part_already(&party.address) => {
                Some(format!("{} takes part already.", party.address))
            }
            _ => None,
        }
    }
}

fn update_fits(words: Option<String>) -> Option<String> {
    match words {
        None => Some("#update needs the words for the customer: write them behind it, in the same line.".into()),
        Some(words) if words.len() > UPDATE_BYTES => {
            Some(format!("An update has at most {UPDATE_BYTES} octets. Write it as a plain reply: that may be longer."))
        }
        Some(_) => None,
    }
}

/// Commands that say two things at once, or of which the end is not plain.
fn unclear(script: &Script, door: Door) -> Option<String> {
    let count = |is: fn(&Command) -> bool| script.commands.iter().filter(|r| is(&r.command)).count();
    let takes_words = count(Command::takes_words);
    if takes_words > 1 && !script.words.trim().is_empty() {
        return Some(
            "#note, #called, #update and an #ask without words take what stands below them: one of them in a mail that has \
             words."
                .into(),
        );
    }
    if count(|c| matches!(c, Command::Update(_))) > 1 {
        return Some("There are two #update in the mail. One letter is enough.".into());
    }
    if count(|c| matches!(c, Command::Assign(_))) > 1 {
        return Some("There are two #assign in the mail, and a case has one owner.".into());
    }
    if let Some(why) = exclude_each_other(&count) {
        return Some(why.into());
    }
    if count(|c| matches!(c, Command::Split)) > 1 {
        return Some("There are two #split in the mail. Send one, and when it is done the next.".into());
    }
    if count(|c| matches!(c, Command::New(_))) > 1 {
        return Some("There are two #new in the mail: each caller gets a case, and each case a mail.".into());
    }
    if count(|c| matches!(c, Command::AssignAll { .. })) > 1 {
        return Some("There are two #assign all in the mail. Send one, and when it is done the next.".into());
    }
    if count(|c| matches!(c, Command::Priority(_))) > 1 || count(|c| matches!(c, Command::Kind(_))) > 1 {
        return Some("There are two #priority or two #kind in the mail, and a case has one of each.".into());
    }
    if count(|c| matches!(c, Command::Sla(_))) > 1 {
        return Some("There are two #sla in the mail, and a case runs by one.".into());
    }
    if count(|c| {
        matches!(c, Command::Wait(_) | Command::Fixed(_) | Command::Close(_) | Command::Spam | Command::Merge(_))
    }) > 1
    {
        return Some("#wait, #fixed, #close, #spam and #merge exclude each other: one of them in a mail.".into());
    }
    may_run_on(script, door).then(|| {
        "A long command line is followed by words at once, and mail programs wrap long lines: it is not plain where the \
         command ends. Leave an empty line below it."
            .into()
    })
}

/// What one of them begins the other would end, or do to a case that is no more.
fn exclude_each_other(count: &dyn Fn(fn(&Command) -> bool) -> usize) -> Option<&'static str> {
    use Command::{Ask, Assign, Called, Close, Escalate, Fixed, Merge, New, Nudge, Spam, Split};
    let ends = count(|c| matches!(c, Close(_) | Spam | Merge(_) | Fixed(_)));
    match () {
        () if count(|c| matches!(c, New(_))) > 0 && ends + count(|c| matches!(c, Called(_))) > 0 => Some(
            "#new writes to the caller when they hear from you. What they said goes below it and stays inside; the rest \
             belongs into an answer to the new case's notice.",
        ),
        () if ends > 0 && count(|c| matches!(c, Ask { .. } | Nudge | Escalate(_) | Split)) > 0 => Some(
            "#ask, #nudge, #escalate and #split are about a case that goes on: not beside #close, #fixed, #spam or #merge.",
        ),
        () if count(|c| matches!(c, Merge(_))) > 0 && count(|c| matches!(c, Assign(_))) > 0 => {
            Some("#merge keeps the owner of the other case. Write #assign there.")
        }
        () => None,
    }
}

/// The end of `#close why` or of an update from an internal address would pass for words, or be lost.
fn may_run_on(script: &Script, door: Door) -> bool {
    let last = script.commands.last();
    let worded = last.is_some_and(|read| match read.command {
        Command::Close(_) => true,
        Command::Update(_) => door != Door::Reply,
        _ => false,
    });
    worded && script.runs_on && last.is_some_and(|read| read.line.len() >= WRAPS_AT)
}

/// The command lines as they were read, the wrong ones with what is wrong.
fn lines(script: &Script) -> Vec<LineRead> {
    let good = script.commands.iter().map(|r| LineRead { line: r.line.clone(), wrong: None, nearest: None });
    let wrong = script.mistakes.iter().map(|m| LineRead {
        line: m.line.clone(),
        wrong: Some(m.why.clone()),
        nearest: m.nearest.clone(),
    });
    good.chain(wrong).collect()
}
