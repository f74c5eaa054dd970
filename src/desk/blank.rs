//! From a verdict to what the rules know: a `Verdict` becomes an `Event`.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::arrive::relay;
use crate::classify::{self, AutoKind, Class, Level, StaffPurpose, Standing, Verdict};
use crate::decide::case::{Door, Writer};
use crate::decide::event::{Age, Answer, Incoming, MailClass, Proof, StaffMail};
use crate::mail::{Address, Mail, MailId, MessageId, PersonId};
use crate::store::mails::Pending;

use super::reading::Read;

/// Mail-rules section 6: after an outage older mail gets the late sentence, much older mail no letter.
const LATE: SignedDuration = SignedDuration::from_hours(24);
const OLD: SignedDuration = SignedDuration::from_hours(14 * 24);
/// RFC 3834 section 3.1.6; mail-rules section 3.
const THREAD_IDS: usize = 20;

/// The mail as the rules see it.
pub(super) fn incoming(read: &Read, verdict: &Verdict, now: Timestamp) -> Incoming {
    let Read { pending, mail, hears, .. } = read;
    let customer = verdict.customer.as_ref();
    Incoming {
        mail: pending.id,
        message_id: mail.message_id.clone(),
        at: pending.received_at,
        writer: writer(verdict),
        from: customer.map(|p| p.address.clone()),
        name: customer.and_then(|p| p.name.clone()),
        authenticated: verdict.authenticated,
        class: mail_class(verdict),
        answer: answer(verdict),
        quiet: verdict.quiet,
        age: age(pending, now),
        language: None,
        subject: mail.subject.clone().unwrap_or_default(),
        words: mail.new_text.clone(),
        hears: Arc::clone(hears),
        attachments: mail.attachments.len(),
        marks: marks(pending, verdict),
        thread: thread(mail),
        burns: verdict.token_of.clone().filter(|_| verdict.burn_token),
        by_token: verdict.by_token,
    }
}

/// A mail of staff on a case, with what of it could go on to the customer.
pub(super) fn staff_mail(
    read: &Read,
    verdict: &Verdict,
    person: &PersonId,
    own: &[Address],
    now: Timestamp,
) -> StaffMail {
    let signs = verdict.staff.as_ref();
    let relayed = relay::relayed(&read.pending.raw, 0, own);
    let mut mail = incoming(read, verdict, now);
    if relayed.as_ref().is_ok_and(|r| r.text.trim().is_empty()) {
        // Nothing but what was quoted: it is nobody's words.
        mail.words.clear();
    }
    StaffMail {
        person: person.clone(),
        proof: proof(verdict.level),
        door: match signs.and_then(|s| s.purpose) {
            None => Door::None,
            Some(StaffPurpose::Reply) => Door::Reply,
            // A welcome letter's names no case, so it opens none of these doors; internal is the least.
            Some(StaffPurpose::Internal | StaffPurpose::Welcome) => Door::Internal,
            Some(StaffPurpose::Confirm(asked)) => Door::Confirm(asked),
        },
        answers_case: signs.is_some_and(|s| s.answers_case),
        // RFC 5322 section 3.6.6: resent by somebody, so not this person's order.
        may_command: verdict.commands && read.mail.header("Resent-From").is_none(),
        like_a_machine: signs.and_then(|s| s.like_a_machine.clone()),
        out_of_office: matches!(verdict.auto_kind, Some(AutoKind::OutOfOffice | AutoKind::Vacation)),
        cut_short: relayed.as_ref().is_ok_and(|r| r.cut_short),
        goes_out: relayed.as_ref().map_or_else(|_| mail.words.clone(), |r| r.text.clone()),
        carries: relayed.as_ref().is_ok_and(|r| !r.text.trim().is_empty() || !r.files.is_empty()),
        leak: relayed.err().or_else(|| relay::leak_in_words(&mail.words, own)).map(|leak| leak.to_string()),
        mail,
    }
}

fn proof(level: Level) -> Proof {
    match level.0 {
        0 | 1 => Proof::From,
        2 => Proof::Token,
        3 => Proof::Aligned,
        _ => Proof::Both,
    }
}

fn marks(pending: &Pending, verdict: &Verdict) -> Vec<String> {
    let mut marks = verdict.marks.clone();
    if pending.header_only {
        marks.push(
            "too large, or impossible to fetch: only its header was read, its words are on the mail server".into(),
        );
    }
    marks
}

/// A mail that brought the desk down three times: what is known of it without reading it.
pub fn unreadable(mail: MailId, at: Timestamp) -> Incoming {
    Incoming {
        mail,
        message_id: None,
        at,
        writer: Writer::Unknown,
        from: None,
        name: None,
        authenticated: false,
        class: MailClass::Malformed,
        answer: Answer::No("the mail could not be read".into()),
        quiet: true,
        age: Age::Fresh,
        language: None,
        subject: "A mail that could not be read".into(),
        words: String::new(),
        hears: Arc::default(),
        attachments: 0,
        marks: vec![format!(
            "quarantined: three tries to read it failed; an admin finds it by `amends parked show {mail}`"
        )],
        thread: Vec::new(),
        burns: None,
        by_token: false,
    }
}

fn writer(verdict: &Verdict) -> Writer {
    let address = || verdict.customer.as_ref().map(|p| p.address.clone());
    if let Some(person) = responder_of(verdict) {
        return Writer::Person(person);
    }
    if is_machine(verdict) {
        return match &verdict.sender {
            classify::Sender::Person(person) => Writer::Person(person.clone()),
            classify::Sender::Own | classify::Sender::Outsider(_) => Writer::Machine,
        };
    }
    match (&verdict.sender, verdict.standing) {
        (classify::Sender::Person(person), _) => Writer::Person(person.clone()),
        (_, Standing::Participant(no)) => Writer::Participant(no),
        (_, Standing::Opener) => Writer::Participant(crate::mail::ParticipantNo(0)),
        // A stranger with a good token: kept and shown, but not added to the participants.
        (_, Standing::Stranger) => Writer::Unknown,
        (_, Standing::Mentioned | Standing::Person) => address().map_or(Writer::Unknown, Writer::Outsider),
    }
}

/// A responder that answers a notice of ours from an address which the configuration does not know as that person's: to
/// tell them of its mail would make it answer again, and for ever.
fn responder_of(verdict: &Verdict) -> Option<PersonId> {
    let answers = verdict.quiet && matches!(verdict.sender, classify::Sender::Outsider(_));
    verdict.token_of.clone().filter(|_| answers && verdict.class != Class::Malformed)
}

fn is_machine(verdict: &Verdict) -> bool {
    !matches!(verdict.class, Class::Human | Class::Malformed) && !verdict.is_only_hinted()
}

fn mail_class(verdict: &Verdict) -> MailClass {
    if responder_of(verdict).is_some() {
        return MailClass::Automatic;
    }
    if verdict.is_only_hinted() {
        // It may be a person's after all: whoever waits for an answer has clocks that run, only no letter at once.
        return MailClass::Human;
    }
    match verdict.class {
        Class::Human => MailClass::Human,
        Class::Malformed => MailClass::Malformed,
        Class::Bulk => MailClass::Bulk,
        Class::OwnFrom | Class::SelfEcho => MailClass::OwnFrom,
        Class::Bounce | Class::Report | Class::Automatic | Class::Loop | Class::Blocked => MailClass::Automatic,
    }
}

fn answer(verdict: &Verdict) -> Answer {
    match &verdict.answer {
        classify::Answer::Yes => Answer::Yes,
        classify::Answer::No(because) => Answer::No(because.clone()),
    }
}

fn age(pending: &Pending, now: Timestamp) -> Age {
    let lay = now.duration_since(pending.received_at);
    match () {
        // It lay there before we were asked to read it: a case, and no letter.
        () if pending.imported || lay > OLD => Age::Old,
        () if lay > LATE => Age::Late,
        () => Age::Fresh,
    }
}

/// Ids for the References of an answer, oldest first.
fn thread(mail: &Mail) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> = mail.references.clone();
    ids.extend(mail.in_reply_to.iter().filter(|id| !mail.references.contains(id)).cloned());
    ids.extend(mail.message_id.clone());
    ids.split_off(ids.len().saturating_sub(THREAD_IDS))
}
