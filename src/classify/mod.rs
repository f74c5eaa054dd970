//! What is this mail? Pure: the questions to ask the store, and the order of checks of mail-rules section 2.
//!
//! It touches nothing that can fail, holds no clock and looks nothing up: [`questions`] says what must be known,
//! the desk finds it, [`classify`] gives the [`Verdict`] with the sign that decided it. A sign that is missed costs a
//! needless letter at worst; a mail is never hidden but by rows that name where it can be seen.
//! RFC 3834 (automatic answers), RFC 6522, 3464, 8098, 5965 (reports), RFC 2919 and 2369 (lists).

pub mod answer;
pub mod auto;
pub mod bounce;
pub mod duplicate;
pub mod found;
pub mod staff;
pub mod table;
pub mod thread;
pub mod verdict;

use crate::mail::{Address, Digest, Mail, MessageId, Party, ReportKind};

pub use found::{AnswerLimits, Copy, Found, FoundCase, FoundToken, Proven, Questions, ReportedLetter, Rules};
pub use found::{SenderCase, StaffPurpose};
pub use verdict::{Answer, AutoKind, Bounce, BounceClass, Class, Level, Place, Sender, StaffSigns, Standing, Verdict};

use table::{Row, Seen};
use thread::Placing;

/// Message-IDs that a mail answers, nearest first.
pub type Thread = Vec<MessageId>;

/// New words of this length are compared with the sender's other mails (bot guard).
const LONG_WORDS_CHARS: usize = 200;

/// What must be looked up before this mail can be classified.
pub fn questions(mail: &Mail, proven: Proven, rules: &Rules) -> Questions {
    Questions {
        message_id: mail.message_id.clone(),
        digest: mail.digest,
        nameless: mail.message_id.is_none() && mail.date.is_some(),
        loop_mark: mail.header("X-Amends-Loop").map(|mark| mark.trim().to_owned()),
        thread: thread::answered(mail),
        tokens: thread::tokens(mail, &rules.own),
        reference: thread::reference(mail, &rules.case_prefix),
        sender: customer(mail, proven, rules).map(|party| party.address),
        bare_subject: thread::bare_subject(mail.subject.as_deref().unwrap_or_default(), &rules.case_prefix),
        words: long_words(mail),
        reported: mail.report.as_ref().and_then(|r| r.original_message_id.clone()).or_else(|| returned_id(mail)),
    }
}

/// The verdict on a mail, by the first row of mail-rules section 2 that matches.
pub fn classify(mail: &Mail, proven: Proven, found: &Found, rules: &Rules) -> Verdict {
    let sender = staff::sender(mail, rules);
    let customer = customer(mail, proven, rules);
    let authenticated = is_proven(mail, proven, customer.as_ref());
    let seen = Seen { mail, proven, authenticated, found, rules, sender: &sender, customer: customer.as_ref() };
    let row = table::first_row(&seen);
    let level = staff::level(&sender, proven, found);
    let guard = table::guard(&seen, &row, level);
    let hint = guard.as_ref().and_then(|guard| guard.hint);
    let guard = guard.map(|guard| guard.because);
    let answer = answer_of(&seen, &row, guard.as_deref());
    let bare = thread::bare_subject(mail.subject.as_deref().unwrap_or_default(), &rules.case_prefix);
    let placing = Placing { sender: &sender, authenticated, found, bare_subject: &bare };
    let bounce = if matches!(row.class, Class::Bounce | Class::Report) { bounce::read(mail) } else { None };
    let (place, standing) = table::place(&seen, &row, &placing, bounce.as_ref());
    let marks = marks(&seen, &place, standing, level, guard.as_deref(), row.mark);
    // Said by its own words; a person who is only quick or repeats themselves stays a person who is not answered.
    let class = if hint.is_some() { Class::Automatic } else { row.class };
    let staff = staff::signs(mail, &sender, found, &place, rules);
    let welcomed = row.class == Class::Human && matches!(place, Place::Welcome | Place::Park);
    let sign = if welcomed { "it answers a welcome letter".to_owned() } else { row.sign };
    Verdict {
        class,
        staff,
        row: if guard.is_some() { verdict::GUARD } else { row.number },
        sign: guard.clone().unwrap_or(sign),
        answer,
        place,
        level,
        commands: row.commands && guard.is_none(),
        standing,
        quiet: guard.is_some() || row.class != Class::Human,
        burn_token: staff::burns_token(&sender, found),
        token_of: staff::token_of(found),
        by_token: matches!(found.token, FoundToken::Customer(_)),
        alert: row.class == Class::Loop,
        marks,
        auto_kind: hint.or_else(|| auto_kind(mail, class)),
        bounce,
        customer,
        authenticated,
        sender,
    }
}

/// What is proven is proven of From: whoever stands in a form's Reply-To or a group's X-Original-From may be anybody.
fn is_proven(mail: &Mail, proven: Proven, customer: Option<&Party>) -> bool {
    proven.authenticated && customer.zip(mail.sender()).is_some_and(|(c, from)| c.address == from.address)
}

/// Whom the mail is from, as a customer: From; of a contact form its Reply-To; through a group X-Original-From.
fn customer(mail: &Mail, proven: Proven, rules: &Rules) -> Option<Party> {
    if is_form(mail, proven, rules) {
        return mail.reply_to.first().cloned();
    }
    if let Some(original) = table::original_from(mail, rules) {
        return Some(original);
    }
    mail.sender().cloned()
}

/// mail-rules section 3, the one exception: a listed, authenticated form whose single Reply-To is the customer.
fn is_form(mail: &Mail, proven: Proven, rules: &Rules) -> bool {
    is_listed_form(mail, rules) && proven.authenticated && mail.reply_to.len() == 1
}

fn is_listed_form(mail: &Mail, rules: &Rules) -> bool {
    mail.sender().is_some_and(|party| rules.form_senders.contains(&party.address))
}

fn answer_of(seen: &Seen<'_>, row: &Row, guard: Option<&str>) -> Answer {
    if let Some(why) = guard {
        return Answer::No(why.to_owned());
    }
    if duplicate::copy(seen.found, row.class, seen.sender).is_some() {
        return Answer::No("a copy of a mail that is here already".to_owned());
    }
    if !row.answerable {
        return Answer::No(row.sign.clone());
    }
    if matches!(seen.sender, Sender::Person(_)) {
        return Answer::No("from a colleague".to_owned());
    }
    let address = seen.customer.map(|party| &party.address);
    if address.is_some_and(|a| is_ours(a, &seen.rules.own)) {
        return Answer::No("the address to answer is one of our own".to_owned());
    }
    if is_listed_form(seen.mail, seen.rules) && !is_form(seen.mail, seen.proven, seen.rules) {
        return Answer::No("a contact form that is not proven, or that names no one customer".to_owned());
    }
    if table::original_from(seen.mail, seen.rules).is_some() {
        return Answer::No("through a list that rewrote From: the writer is not proven".to_owned());
    }
    answer::destination(seen.mail, address, seen.proven)
}

/// What staff should see beside the mail.
fn marks(
    seen: &Seen<'_>,
    place: &Place,
    standing: Standing,
    level: Level,
    guard: Option<&str>,
    of_row: Option<&'static str>,
) -> Vec<String> {
    let mut marks: Vec<String> = of_row.map(str::to_owned).into_iter().collect();
    if let Place::New { claims: Some(case), .. } = place {
        marks.push(format!("claims relation to {}-{case}", seen.rules.case_prefix));
    }
    if matches!(place, Place::Case(_)) && standing == Standing::Stranger && matches!(seen.sender, Sender::Outsider(_)) {
        marks.push("the writer is unknown on this case".to_owned());
    }
    if matches!(seen.sender, Sender::Person(_)) && level < Level(4) {
        marks.push("unverified".to_owned());
    }
    if seen.found.message_id_taken && seen.found.copies.is_empty() {
        marks.push("same Message-ID as another mail, other content".to_owned());
    }
    if staff::burns_token(seen.sender, seen.found) {
        marks.push("a stranger used a token of staff; it is void now".to_owned());
    }
    marks.extend(guard.map(|why| format!("perhaps a machine: {why}")));
    marks
}

fn auto_kind(mail: &Mail, class: Class) -> Option<AutoKind> {
    match class {
        Class::Automatic => Some(auto::kind(mail)),
        Class::Bulk => Some(auto::kind_of_bulk(mail)),
        Class::Report => match mail.report.as_ref()?.kind {
            ReportKind::Feedback => Some(AutoKind::FeedbackReport),
            ReportKind::Disposition => Some(AutoKind::ReadReceipt),
            ReportKind::Delivery => None,
        },
        _ => None,
    }
}

/// The new words without their white space, where they are long enough to tell a person from a machine.
fn long_words(mail: &Mail) -> Option<Digest> {
    // A report is no answer, whatever it repeats.
    if mail.new_text.len() < LONG_WORDS_CHARS || mail.report.is_some() {
        return None;
    }
    // Of the size that is needed at most: a growing one would hold a large mail three times.
    let mut bare = String::with_capacity(mail.new_text.len());
    bare.extend(mail.new_text.split_whitespace());
    (mail.new_text.chars().count() >= LONG_WORDS_CHARS).then(|| Digest::of(bare.as_bytes()))
}

/// The id that a bounce without fields returns in its text.
fn returned_id(mail: &Mail) -> Option<MessageId> {
    bounce::sign(mail)?;
    bounce::returned_id(mail)
}

/// Is this one of the addresses that stand for the mailbox, with or without a detail?
fn is_ours(address: &Address, ours: &[Address]) -> bool {
    ours.contains(address) || ours.contains(&address.split_detail().0)
}

#[cfg(test)]
mod tests;
