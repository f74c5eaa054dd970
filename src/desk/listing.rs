//! `#list`: the cases that somebody of staff asked for, as a letter.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::decide::case::Case;
use crate::decide::effect::LetterKey;
use crate::decide::lists::Which;
use crate::deliver::compose::compose_listing;
use crate::learn::listing::listing;
use crate::mail::{CaseId, MailboxName, PersonId};
use crate::store::Tx;
use crate::store::cases::CaseFilter;

use super::{Desk, letters};

/// More open cases than these are not looked at: nobody reads so long a list, and `amends case list` has them all.
const LOOKED_AT: usize = 5_000;

impl Desk {
    pub(super) async fn write_listing(
        &self,
        tx: &mut Tx,
        (person, which): (&PersonId, Which),
        key: LetterKey,
        mailbox: &MailboxName,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let open = match which {
            Which::Mine => self.cases_read_by(tx, person, now).await?,
            Which::Overdue | Which::Team => {
                tx.list_cases(&CaseFilter { open: Some(true), limit: LOOKED_AT, ..CaseFilter::default() }).await?
            }
        };
        let policy = self.shop.policy();
        let listing = listing(&policy, person, which, open.iter(), now);
        let cases: BTreeMap<CaseId, Case> = open.into_iter().map(|case| (case.id, case)).collect();
        let letter = tx.next_letter_id().await?;
        let composed = compose_listing(&listing, &cases, &self.shop.context(&policy, mailbox, letter, now)?)?;
        let fell_back = composed.fell_back.clone();
        letters::queue_unbound(tx, composed, key, now).await?;
        match fell_back {
            Some(what) => letters::tell_fell_back(self, tx, "listing", &what, now).await,
            None => Ok(()),
        }
    }
}
