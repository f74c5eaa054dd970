//! Reports about our letters: who was not reached, and when automatic mail to an address ends.
//!
//! Reports can be forged (RFC 3464 section 4.1): only a valid bounce token stops mail, and only after three failures
//! for good. Without a token the owner is told, no more. What says nothing of a failure (a vacation note that went to
//! the envelope's sender, as RFC 3834 section 4 wants it) is a machine's mail on the case.

use jiff::Timestamp;

use crate::classify::{BounceClass, Verdict};
use crate::decide::case::Writer;
use crate::decide::event::{Event, Incoming, MailClass};
use crate::mail::{Address, CaseId, LetterId};
use crate::store::Tx;
use crate::store::outbox::OwnLetter;

use super::Desk;
use super::drafts::Work;

/// So many failures for good end automatic mail to an address (mail-rules section 4).
const HARD_FAILURES: u32 = 3;

pub struct About {
    pub letter: LetterId,
    pub case: CaseId,
    /// By a valid bounce token.
    pub proven: bool,
}

/// What a report tells.
enum Says {
    Failed { hard: bool, answer: String },
    Complaint,
    NotYet,
    Nothing,
}

pub async fn apply(
    desk: &Desk,
    tx: &mut Work,
    about: &About,
    verdict: &Verdict,
    mail: Incoming,
    now: Timestamp,
) -> anyhow::Result<()> {
    let Some(letter) = tx.own_letter(about.letter).await? else { return Ok(()) };
    // Whatever it says, somebody has seen our letter.
    tx.prove_sent(letter.id, "a report came about it", now).await?;
    match says(verdict) {
        Says::Failed { hard, answer } => failed(desk, tx, about, &letter, hard, answer, now).await,
        Says::Complaint => complained(desk, tx, about, &letter, now).await,
        Says::NotYet => Ok(()),
        Says::Nothing => {
            // Of staff it answers our notice, from whatever address: to tell them of it would make it answer again.
            let staff = desk.shop.config.policy.person_at(&letter.to).map(|p| Writer::Person(p.id.clone()));
            let writer = staff.unwrap_or_else(|| mail.writer.clone());
            let mail = Incoming { class: MailClass::Automatic, writer, ..mail };
            desk.event(tx, about.case, &Event::Wrote(mail), now).await
        }
    }
}

async fn failed(
    desk: &Desk,
    tx: &mut Work,
    about: &About,
    letter: &OwnLetter,
    hard: bool,
    answer: String,
    now: Timestamp,
) -> anyhow::Result<()> {
    let stopped = about.proven && hard && count_failure(desk, tx, &letter.to, now).await?;
    desk.event(tx, about.case, &undelivered(letter, answer, stopped), now).await
}

/// One more failure for good; `true` when it is the one that ends automatic mail to the address. Mail to staff never
/// ends: whoever is rung for a customer must be tried each time.
pub async fn count_failure(desk: &Desk, tx: &mut Tx, to: &Address, now: Timestamp) -> anyhow::Result<bool> {
    if is_staff(desk, to) {
        return Ok(false);
    }
    Ok(tx.count_hard_failure(to).await? >= HARD_FAILURES && tx.stop_address(to, now).await?)
}

fn is_staff(desk: &Desk, address: &Address) -> bool {
    desk.shop.config.policy.person_at(address).is_some()
}

async fn complained(
    desk: &Desk,
    tx: &mut Work,
    about: &About,
    letter: &OwnLetter,
    now: Timestamp,
) -> anyhow::Result<()> {
    let stopped = about.proven && !is_staff(desk, &letter.to) && tx.stop_address(&letter.to, now).await?;
    let answer = "the recipient reported it as unwanted".to_owned();
    desk.event(tx, about.case, &undelivered(letter, answer, stopped), now).await
}

pub fn undelivered(letter: &OwnLetter, answer: String, stopped: bool) -> Event {
    Event::Undelivered { letter: letter.id, name: letter.letter.clone(), to: letter.to.clone(), answer, stopped }
}

fn says(verdict: &Verdict) -> Says {
    if verdict.auto_kind == Some(crate::classify::AutoKind::FeedbackReport) {
        return Says::Complaint;
    }
    let Some(bounce) = &verdict.bounce else { return Says::Nothing };
    match bounce.class {
        _ if bounce.delay => Says::NotYet,
        Some(BounceClass::Permanent | BounceClass::Mixed) => {
            let answer = bounce.reports.iter().find_map(|r| r.diagnostic.clone().or_else(|| r.status.clone()));
            Says::Failed { hard: bounce.hard, answer: answer.unwrap_or_else(|| "it could not be delivered".into()) }
        }
        Some(BounceClass::Transient) => Says::NotYet,
        None => Says::Nothing,
    }
}
