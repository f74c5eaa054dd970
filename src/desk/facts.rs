//! What a decision needs of the world beside its case: plain values, loaded before.

use jiff::{SignedDuration, Timestamp};

use crate::decide::case::Case;
use crate::decide::command::cases_named;
use crate::decide::event::{EarlierCase, Facts, NamedCase, OtherCase};
use crate::mail::{CaseId, MailId, MessageId, PersonId};
use crate::store::cases::{CaseFilter, CaseHead};
use crate::store::{StoreError, Tx};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Earlier cases that a letter may mention.
const EARLIER: usize = 3;
/// Cases that one mail may name.
const NAMED: usize = 5;
/// Ids of a mail's thread that are looked at.
const THREAD: usize = 4;

/// For a case that is about to be opened by a sender of these cases, newest first.
pub async fn of_opening(
    tx: &mut Tx,
    team: &str,
    cases: &[CaseHead],
    authenticated: bool,
    linked: Option<CaseId>,
    now: Timestamp,
) -> Result<Facts, StoreError> {
    Ok(Facts {
        open_cases: tx.open_cases().await?,
        last_assigned: tx.last_assigned(team).await?,
        rings_last_hour: tx.rings_since(now - HOUR).await?,
        // What is known of an address is said only to whom it is proven to belong.
        earlier: if authenticated { cases.iter().take(EARLIER).map(earlier).collect() } else { Vec::new() },
        other_open: linked.map(|id| other_open(cases, id)),
        ..Facts::default()
    })
}

/// For a case whose clocks came due.
pub async fn of_due(tx: &mut Tx, case: &Case, now: Timestamp) -> Result<Facts, StoreError> {
    let mut facts = Facts { rings_last_hour: tx.rings_since(now - HOUR).await?, ..Facts::default() };
    if let Some(customer) = case.customer() {
        facts.unasked_at = tx.unasked_at(&customer.address).await?;
        facts.address_stopped = tx.switches(&customer.address).await?.stopped_at.is_some();
    }
    Ok(facts)
}

/// What choosing another owner needs.
pub async fn of_assigning(tx: &mut Tx, facts: &mut Facts, team: &str) -> Result<(), StoreError> {
    facts.open_cases = tx.open_cases().await?;
    facts.last_assigned = tx.last_assigned(team).await?;
    Ok(())
}

/// Which mail of the case an answered notice was about: the newest of our notices that the mail names.
pub async fn of_answered(tx: &mut Tx, facts: &mut Facts, thread: &[MessageId]) -> Result<(), StoreError> {
    for id in thread.iter().rev().take(THREAD) {
        let key = tx.key_of(id).await?;
        let about = key.as_ref().and_then(|key| key.0.strip_prefix("ntc:mail-"));
        if let Some(mail) = about.and_then(|rest| rest.split(':').next()).and_then(|n| n.parse().ok()) {
            facts.answers_about = Some(MailId(mail));
            return Ok(());
        }
    }
    Ok(())
}

/// Open cases of the customer beside this one.
pub async fn other_cases(tx: &mut Tx, case: &Case) -> Result<u32, StoreError> {
    let Some(customer) = case.customer().map(|c| c.address.clone()) else { return Ok(0) };
    let theirs = CaseFilter { open: Some(true), customer: Some(customer), limit: 2, ..CaseFilter::default() };
    Ok(tx.list_cases(&theirs).await?.iter().filter(|other| other.id != case.id).count() as u32)
}

/// What is known of the cases that a mail's commands name, or those of a mail that waits to be confirmed.
pub async fn of_named(
    tx: &mut Tx,
    facts: &mut Facts,
    case: &Case,
    words: &str,
    prefix: &str,
) -> Result<(), StoreError> {
    let held = case.held.iter().map(|h| h.words.as_str());
    for id in held.chain([words]).flat_map(|words| cases_named(words, prefix)).take(NAMED) {
        if let Some(found) = tx.case(id).await? {
            let customer = found.customer().map(|c| c.address.clone());
            facts.named_cases.push(NamedCase { id, customer, closed: found.is_closed() });
        }
    }
    Ok(())
}

/// What a mail of staff may need beside.
pub async fn of_staff(
    tx: &mut Tx,
    facts: &mut Facts,
    (team, case): (&str, CaseId),
    person: &PersonId,
    now: Timestamp,
) -> Result<(), StoreError> {
    of_assigning(tx, facts, team).await?;
    facts.mentioned = tx.mentioned(case).await?;
    facts.asked = tx.asked_lately(person, now).await?;
    Ok(())
}

fn earlier(head: &CaseHead) -> EarlierCase {
    EarlierCase { id: head.id, opened_at: head.opened_at, kind: head.kind.clone(), subject: head.subject.clone() }
}

fn other_open(cases: &[CaseHead], id: CaseId) -> OtherCase {
    let head = cases.iter().find(|h| h.id == id);
    OtherCase { id, first_letter_at: head.and_then(|h| h.first_letter_at) }
}
