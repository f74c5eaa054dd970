//! What the store knows of a mail's marks: the answers to the questions that `classify` asks.

use jiff::{SignedDuration, Timestamp};

use crate::arrive::parse;
use crate::classify::thread::bare_subject;
use crate::classify::{
    Class, Copy, Found, FoundCase, FoundToken, Level, Questions, ReportedLetter, SenderCase, StaffPurpose,
};
use crate::mail::{Address, CaseId, Digest, MailId, PersonId};
use crate::store::cases::CaseHead;
use crate::store::marks::{Name, Standing};
use crate::store::outbox::{LetterCounts, OwnLetter};
use crate::store::{StoreError, Tx};
use crate::token::{PersonMark, Purpose, Subject, Token, WELCOME};

use super::Shop;
use super::place::lives_in;
use super::settle::class_word;
use super::welcome::WELCOMES;

/// How far back the same long words count as a machine's (mail-rules section 2, bot guard).
const SAME_WORDS: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Open cases of one sender that are compared by subject.
const CASES_OF_SENDER: usize = 20;
/// So far apart may the clocks of two servers be.
const CLOCKS_DIFFER_SECS: i64 = 60;

/// The answers, and our letter that the mail answers, if it names one.
pub struct Answers {
    pub found: Found,
    /// The sender's cases, newest first, as far as they are looked at.
    pub cases: Vec<CaseHead>,
    pub answered: Option<OwnLetter>,
}

/// The mail whose marks are looked up.
#[derive(Clone, Copy)]
pub struct Asked {
    pub id: MailId,
    pub received_at: Timestamp,
}

pub async fn look_up(
    tx: &mut Tx,
    shop: &Shop,
    mail: Asked,
    questions: &Questions,
    now: Timestamp,
) -> Result<Answers, StoreError> {
    let sender = questions.sender.as_ref();
    let name = match &questions.message_id {
        Some(id) => Name::Id(id),
        None if questions.nameless => Name::Content,
        None => Name::Bytes,
    };
    let twins = tx.twins(mail.id, name, &questions.digest).await?;
    let copies = copies(tx, &twins.copies).await?;
    let unheard: Vec<CaseId> = copies.iter().filter(|c| !c.human).filter_map(|c| c.case).collect();
    let mut found = Found { copies, message_id_taken: twins.message_id_taken, ..Found::default() };
    found.own_letter = own_letter(tx, shop, questions).await?;
    found.is_trial =
        questions.loop_mark.as_deref().is_some_and(|mark| shop.tokens.check_trial_mark(mark, &questions.digest));
    found.by_message_id = tx.cases_by_ids(&questions.thread, sender).await?.into_iter().map(FoundCase::from).collect();
    for case in unheard {
        found.by_message_id.extend(tx.standing(case, sender).await?.map(FoundCase::from));
    }
    found.token = token(tx, shop, questions, now).await?;
    if let Some(case) = questions.reference {
        found.by_reference = tx.standing(case, sender).await?.map(FoundCase::from);
    }
    found.reported = reported(tx, questions).await?;
    let mut cases = Vec::new();
    if let Some(sender) = sender {
        cases = tx.cases_of(sender, CASES_OF_SENDER).await?;
        found.by_sender = open_ones(&cases, shop);
        of_sender(tx, shop, &mut found, sender, questions, mail.received_at, now).await?;
    }
    let answered = answered(tx, &found, questions).await?;
    found.answers_welcome_of = answered.as_ref().and_then(|letter| welcomed(shop, letter));
    found.answered_after_secs = seconds_after(answered.as_ref(), mail.received_at);
    Ok(Answers { found, cases, answered })
}

/// To whom the welcome letter was written, if the letter is one.
fn welcomed(shop: &Shop, letter: &OwnLetter) -> Option<PersonId> {
    let people = &shop.config.policy.people;
    let is_one = letter.case.is_none() && WELCOMES.contains(&letter.letter.as_str());
    people.iter().find(|p| is_one && p.address == letter.to).map(|p| p.id.clone())
}

async fn copies(tx: &mut Tx, earlier: &[MailId]) -> Result<Vec<Copy>, StoreError> {
    let mut copies = Vec::new();
    for earlier in earlier {
        let Some(settled) = tx.mail(*earlier).await?.and_then(|m| m.settled) else { continue };
        let human = settled.class == class_word(Class::Human);
        copies.push(Copy { mail: *earlier, level: Level(settled.level), human, case: settled.case });
    }
    Ok(copies)
}

/// A loop mark counts only with our MAC; a Message-ID of ours names a letter, which the digest then has to match.
async fn own_letter(
    tx: &mut Tx,
    shop: &Shop,
    questions: &Questions,
) -> Result<Option<(crate::mail::LetterId, Digest)>, StoreError> {
    let marked = questions.loop_mark.as_deref().and_then(|mark| shop.tokens.check_loop_mark(mark));
    let named = match (marked, &questions.message_id) {
        (Some(id), _) => tx.own_letter(id).await?,
        (None, Some(id)) => tx.letter_by_message_id(id).await?,
        (None, None) => None,
    };
    let Some(letter) = named else { return Ok(None) };
    // Read as the mail that may be it was read: only then equal digests say that it is.
    let bytes = tx.letter_bytes(letter.id).await?;
    Ok(bytes.map(|bytes| (letter.id, parse::parse(&bytes).digest)))
}

/// The first token of ours that holds; what does not is worth nothing.
async fn token(tx: &mut Tx, shop: &Shop, questions: &Questions, now: Timestamp) -> Result<FoundToken, StoreError> {
    for written in &questions.tokens {
        let Some((letter, text)) = written.split_once('.') else { continue };
        let purpose = letter.chars().next().and_then(Purpose::from_letter);
        let Some(checked) = purpose.and_then(|p| shop.tokens.check(p, text, now).ok()) else { continue };
        let worth = match checked.subject {
            Subject::Participant { case, participant } => customer_token(tx, case, participant, questions).await?,
            Subject::Letter(letter) => {
                let case = tx.own_letter(letter).await?.and_then(|l| l.case);
                case.map(|case| FoundToken::Bounce { letter, case })
            }
            Subject::Person { case, person } => staff_token(tx, shop, &checked, case, person).await?,
            Subject::Confirmation(mail) => confirm_token(tx, MailId(mail)).await?,
        };
        if let Some(worth) = worth {
            return Ok(worth);
        }
    }
    Ok(FoundToken::None)
}

/// The token names the case; whether its sender is the participant that it was made for is told apart by address.
async fn customer_token(
    tx: &mut Tx,
    case: CaseId,
    _participant: crate::mail::ParticipantNo,
    questions: &Questions,
) -> Result<Option<FoundToken>, StoreError> {
    let standing = tx.standing(case, questions.sender.as_ref()).await?;
    Ok(standing.map(|s| FoundToken::Customer(FoundCase::from(s))))
}

/// Worth something while its serial is the case's: it rises when a stranger showed one (mail-rules section 5).
async fn staff_token(
    tx: &mut Tx,
    shop: &Shop,
    token: &Token,
    case: Option<CaseId>,
    mark: PersonMark,
) -> Result<Option<FoundToken>, StoreError> {
    let Some(person) = shop.config.policy.people.iter().find(|p| PersonMark::of(&p.id) == mark) else {
        return Ok(None);
    };
    let purpose = match token.purpose {
        Purpose::Staff => StaffPurpose::Reply,
        Purpose::Internal if case.is_none() && token.serial == WELCOME => StaffPurpose::Welcome,
        Purpose::Internal => StaffPurpose::Internal,
        Purpose::Customer | Purpose::Bounce | Purpose::Confirm => return Ok(None),
    };
    let serial = match case {
        Some(id) => tx.case(id).await?.map(|c| c.serial_of(&person.id)),
        None if purpose == StaffPurpose::Welcome => Some(WELCOME),
        None => Some(0),
    };
    let holds = serial == Some(token.serial);
    Ok(holds.then(|| FoundToken::Staff { case, person: person.id.clone(), purpose }))
}

/// Whoever a confirmation was asked of, as long as the mail that it is about still waits.
async fn confirm_token(tx: &mut Tx, mail: MailId) -> Result<Option<FoundToken>, StoreError> {
    let Some(id) = tx.mail(mail).await?.and_then(|m| m.settled).and_then(|s| s.case) else { return Ok(None) };
    // What waited on a case that became part of another waits there.
    let id = lives_in(tx, id).await?;
    let Some(case) = tx.case(id).await? else { return Ok(None) };
    let asked = case.held.iter().find(|h| h.mail == mail || h.asked_with == mail);
    let purpose = StaffPurpose::Confirm(mail);
    Ok(asked.map(|held| FoundToken::Staff { case: Some(id), person: held.person.clone(), purpose }))
}

async fn reported(tx: &mut Tx, questions: &Questions) -> Result<Option<ReportedLetter>, StoreError> {
    let Some(id) = &questions.reported else { return Ok(None) };
    let letter = tx.letter_by_message_id(id).await?;
    Ok(letter.and_then(|l| Some(ReportedLetter { letter: l.id, case: l.case?, to: l.to })))
}

async fn of_sender(
    tx: &mut Tx,
    shop: &Shop,
    found: &mut Found,
    sender: &Address,
    questions: &Questions,
    received_at: Timestamp,
    now: Timestamp,
) -> Result<(), StoreError> {
    let limits = &shop.config.limits;
    let counts = match [limits.per_address_hour, limits.per_address_day, limits.per_domain_hour] {
        [0, 0, 0] => LetterCounts::default(),
        _ => tx.letter_counts(sender, now).await?,
    };
    (found.letters_hour, found.letters_day) = (counts.hour, counts.day);
    found.domain_letters_hour = counts.domain_hour;
    if counts.hour > 1 {
        let last = tx.last_automatic_letter(sender).await?;
        found.last_letter_secs = last.map(|at| received_at.duration_since(at).as_secs().max(0));
    }
    let switches = tx.switches(sender).await?;
    found.muted = switches.muted_until.is_some_and(|until| until > now);
    found.stopped = switches.stopped_at.is_some();
    found.marked_spam = switches.spam;
    if let Some(words) = &questions.words {
        let since = received_at.saturating_sub(SAME_WORDS).unwrap_or(Timestamp::MIN);
        found.same_words_elsewhere = tx.same_words_elsewhere(sender, words, since).await?;
    }
    Ok(())
}

fn open_ones(cases: &[CaseHead], shop: &Shop) -> Vec<SenderCase> {
    let prefix = &shop.config.policy.company.case_prefix;
    let one = |c: &CaseHead| SenderCase {
        id: c.id,
        participant: crate::mail::ParticipantNo(0),
        bare_subject: bare_subject(&c.subject, prefix),
    };
    cases.iter().filter(|c| c.closed_at.is_none()).map(one).collect()
}

/// By In-Reply-To or References; without either our last letter on the case of the token (bot guard).
async fn answered(tx: &mut Tx, found: &Found, questions: &Questions) -> Result<Option<OwnLetter>, StoreError> {
    for id in &questions.thread {
        if let Some(letter) = tx.letter_by_message_id(id).await? {
            return Ok(Some(letter));
        }
    }
    match (&found.token, &questions.sender) {
        (FoundToken::Customer(case), Some(sender)) => tx.last_letter(case.id, sender).await,
        _ => Ok(None),
    }
}

fn seconds_after(letter: Option<&OwnLetter>, received_at: Timestamp) -> Option<i64> {
    let sent_at = letter?.sent_at?;
    let secs = received_at.duration_since(sent_at).as_secs();
    // Servers count whole seconds, and their clocks differ a little: a mail may seem to come a moment before the letter
    // that it answers. Where it came long before, a clock was set, and nothing is known.
    (secs > -CLOCKS_DIFFER_SECS).then_some(secs.max(0))
}

impl From<Standing> for FoundCase {
    fn from(standing: Standing) -> Self {
        Self { id: standing.case, participant: standing.participant, mentioned: standing.mentioned }
    }
}
