//! What a decision needs of the world beside its case: plain values, loaded before.

use jiff::{SignedDuration, Timestamp};

use crate::decide::case::Case;
use crate::decide::event::{EarlierCase, Facts, OtherCase};
use crate::mail::{Address, CaseId};
use crate::store::{StoreError, Tx};

const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Earlier cases that a letter may mention.
const EARLIER: usize = 3;

/// For a case that is about to be opened.
pub async fn of_opening(
    tx: &mut Tx,
    team: &str,
    sender: Option<&Address>,
    authenticated: bool,
    linked: Option<CaseId>,
    now: Timestamp,
) -> Result<Facts, StoreError> {
    let mut facts = Facts {
        open_cases: tx.open_cases().await?,
        last_assigned: tx.last_assigned(team).await?,
        rings_last_hour: tx.rings_since(now - HOUR).await?,
        ..Facts::default()
    };
    if let Some(sender) = sender {
        // What is known of an address is said only to whom it is proven to belong.
        if authenticated {
            facts.earlier = earlier(tx, sender).await?;
        }
        facts.other_open = other_open(tx, sender, linked).await?;
    }
    Ok(facts)
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

async fn earlier(tx: &mut Tx, sender: &Address) -> Result<Vec<EarlierCase>, StoreError> {
    let heads = tx.cases_of(sender, EARLIER).await?;
    let told =
        heads.into_iter().map(|h| EarlierCase { id: h.id, opened_at: h.opened_at, kind: h.kind, subject: h.subject });
    Ok(told.collect())
}

async fn other_open(tx: &mut Tx, sender: &Address, linked: Option<CaseId>) -> Result<Option<OtherCase>, StoreError> {
    let Some(id) = linked else { return Ok(None) };
    let heads = tx.cases_of(sender, EARLIER).await?;
    let head = heads.into_iter().find(|h| h.id == id);
    Ok(Some(OtherCase { id, first_letter_at: head.and_then(|h| h.first_letter_at) }))
}
