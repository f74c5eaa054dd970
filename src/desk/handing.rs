//! `#assign all` and `#split`: cases that go to others, each in its own turn, and a mail that opens a case.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::decide::case::Case;
use crate::decide::command::Assignee;
use crate::decide::effect::LetterKey;
use crate::decide::event::{Event, SplitOff};
use crate::decide::lists::Which;
use crate::mail::{CaseId, MailId, MailboxName, PersonId};

use super::drafts::Work;
use super::{Desk, facts};

impl Desk {
    /// `#split`: a mail of a case opens one of its own; answers to it lead there from now on.
    pub(super) async fn split_off(
        &self,
        tx: &mut Work,
        from: &Case,
        split: &SplitOff,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let id = tx.next_case_id().await?;
        let case = Case::blank(id, from.mailbox.clone(), split.mail.at);
        let mut facts = facts::of_due(tx, from, now).await?;
        facts::of_assigning(tx, &mut facts, &from.team).await?;
        let event = Event::SplitOff(Box::new(split.clone()));
        Box::pin(self.decide_and_keep(tx, &facts, case, &event, now)).await?;
        Ok(tx.move_mail(split.mail.mail, id).await?)
    }

    /// All but the case on which it was asked for. Whoever gets cases gets one list of what is theirs, and not a mail each.
    pub(super) async fn hand_over(
        &self,
        tx: &mut Work,
        (asked_on, mailbox, its_owner): (CaseId, &MailboxName, Option<&PersonId>),
        (of, to, by): (&PersonId, Option<&Assignee>, &PersonId),
        mail: MailId,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let mut owners: BTreeSet<PersonId> = its_owner.into_iter().cloned().collect();
        let theirs: Vec<CaseId> = tx.open_cases_of(of).await?.iter().map(|c| c.id).collect();
        for id in theirs.into_iter().filter(|id| *id != asked_on) {
            let event = Event::HandedOver { of: of.clone(), to: to.cloned(), by: by.clone() };
            Box::pin(self.event(tx, id, &event, now)).await?;
            if let Some(Case { team, owner: Some(owner), .. }) = tx.case(id).await? {
                tx.set_last_assigned(&team, &owner);
                owners.insert(owner);
            }
        }
        for owner in owners {
            let key = LetterKey(format!("ans:{mail}:handed:{owner}"));
            self.write_listing(tx, (&owner, Which::Mine), key, mailbox, now).await?;
        }
        Ok(())
    }
}
