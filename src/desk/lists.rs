//! The two daily lists of each person of staff: looked up, composed, and queued, when their hour has come.
//!
//! All of it happens in the transaction that moves the instant up to which lists are seen to, and a list's key exists
//! once: a crash repeats none. A list that cannot be composed is an alert, and keeps nobody else from theirs.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use jiff::{SignedDuration, Timestamp};
use tracing::info;

use crate::decide::case::Case;
use crate::decide::effect::LetterKey;
use crate::decide::lists::{DayList, ListKind, ParkedMail, Part, SHOWN};
use crate::deliver::compose::compose_list;
use crate::learn::hours::{self, Due};
use crate::learn::lists::{self, Rows};
use crate::mail::{CaseId, MailboxName, PersonId};
use crate::store::{StoreError, Tx};

use super::{Desk, end_if_fatal, letters};

/// Whoever never had a list is told of the mail set aside in so many days.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Desk {
    /// When the next list is due, in the past where one waits; `None` where the lists are switched off.
    pub async fn next_list(&self, tx: &mut Tx) -> anyhow::Result<Option<Timestamp>> {
        Ok(hours::next_list_at(&self.shop.policy(), self.lists_seen(tx).await?))
    }

    /// Up to when they were seen to. Hours at which nobody had anything to read ask for no commit of their own: they are
    /// remembered, and written with whatever is committed next ([`Desk::note_lists_seen`]).
    async fn lists_seen(&self, tx: &mut Tx) -> anyhow::Result<Timestamp> {
        let remembered = Timestamp::from_microsecond(self.lists_seen.load(Ordering::Relaxed))?;
        Ok(tx.lists_done().await?.max(remembered))
    }

    /// Before whatever happens next: else a restart would find something to tell at an hour at which there was nothing.
    pub(super) async fn note_lists_seen(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let seen = self.lists_seen.swap(0, Ordering::Relaxed);
        match Timestamp::from_microsecond(seen) {
            Ok(seen) if seen > Timestamp::UNIX_EPOCH => tx.set_lists_done(seen).await,
            _ => Ok(()),
        }
    }

    /// Has anybody a list to read whose hour has come?
    pub(super) async fn is_list_due(&self, tx: &mut Tx, now: Timestamp) -> anyhow::Result<bool> {
        let since = self.lists_seen(tx).await?;
        for due in hours::lists_due(&self.shop.policy(), since, now) {
            let open = self.cases_read_by(tx, &due.person, now).await;
            // What cannot be read is an alert, once it is tried in earnest.
            let Ok(open) = open else { return Ok(true) };
            if self.list(tx, &due, &open, now).await.is_ok_and(|list| list.is_none()) {
                continue;
            }
            return Ok(true);
        }
        self.lists_seen.store(now.as_microsecond(), Ordering::Relaxed);
        Ok(false)
    }

    /// The lists whose hour has come; after an outage only those that are still of use.
    pub(super) async fn write_lists(&self, tx: &mut Tx, now: Timestamp) -> anyhow::Result<()> {
        if self.next_list(tx).await?.is_none_or(|at| at > now) {
            return Ok(());
        }
        let since = self.lists_seen(tx).await?;
        for due in hours::lists_due(&self.shop.policy(), since, now) {
            if let Err(error) = self.write_list(tx, &due, now).await {
                end_if_fatal(&error)?;
                let (person, name) = (&due.person, due.kind.name());
                let what = format!("the list {name} of {person} could not be written: {error:#}");
                letters::alert(self, tx, &format!("{name}-{person}"), &what, now).await?;
            }
        }
        Ok(tx.set_lists_done(now).await?)
    }

    async fn write_list(&self, tx: &mut Tx, due: &Due, now: Timestamp) -> anyhow::Result<()> {
        let open = self.cases_read_by(tx, &due.person, now).await?;
        let Some(list) = self.list(tx, due, &open, now).await? else { return Ok(()) };
        let cases = cases_named(tx, &list, open).await?;
        let (person, name) = (&due.person, due.kind.name());
        let key = LetterKey(format!("per:{name}:{person}:{}", due.date));
        let letter = tx.next_letter_id().await?;
        let mailbox = self.mailbox_of(&list, &cases)?;
        let policy = self.shop.policy();
        let composed = compose_list(&list, &cases, &self.shop.context(&policy, &mailbox, letter, now)?)?;
        let fell_back = composed.fell_back.clone();
        if letters::queue_unbound_until(tx, composed, key, Some(due.until), now).await? {
            info!(%letter, %person, name, cases = list.items.total(), "list queued");
        }
        match fell_back {
            Some(what) => letters::tell_fell_back(self, tx, name, &what, now).await,
            None => Ok(()),
        }
    }

    async fn list(&self, tx: &mut Tx, due: &Due, open: &[Case], now: Timestamp) -> anyhow::Result<Option<DayList>> {
        let policy = self.shop.policy();
        let cases: Vec<&Case> = open.iter().collect();
        let last = tx.last_list(&due.person, due.kind).await?;
        let mut rows = Rows { cases: &cases, last, ..Rows::default() };
        match due.kind {
            ListKind::Today => rows.parked = self.parked(tx, due, last).await?,
            ListKind::BeforeYouGo => {
                let Some(person) = policy.person(&due.person) else { return Ok(None) };
                let morning = hours::day_begins(&policy, person, due.date);
                let own = open.iter().filter(|c| c.owner.as_ref() == Some(&due.person)).map(|c| c.id);
                let mut own: Vec<CaseId> = own.collect();
                own.extend(tx.closed_cases_of(&due.person, morning).await?);
                rows.letters = tx.letters_on(&own, morning).await?;
                rows.log = tx.log_of(&due.person, morning).await?;
            }
        }
        Ok(lists::day_list(&policy, due, rows, now))
    }

    /// Their own cases, and those of the absent for whom they stand in.
    pub(super) async fn cases_read_by(
        &self,
        tx: &mut Tx,
        person: &PersonId,
        now: Timestamp,
    ) -> anyhow::Result<Vec<Case>> {
        let mut cases = Vec::new();
        for owner in lists::owners_read_by(&self.shop.policy(), person, now) {
            cases.extend(tx.open_cases_of(&owner).await?);
        }
        Ok(cases)
    }

    /// Mail set aside in the mailboxes of the teams that this person leads.
    async fn parked(&self, tx: &mut Tx, due: &Due, last: Option<Timestamp>) -> anyhow::Result<Part<ParkedMail>> {
        let policy = &self.shop.config.policy;
        let leads = |team: &str| policy.lead_of(team).is_some_and(|lead| lead.id == due.person);
        let since = last.unwrap_or(due.at.saturating_sub(FIRST_LOOK)?);
        let (mut shown, mut total) = (Vec::new(), 0);
        for inbox in policy.inboxes.iter().filter(|inbox| leads(&inbox.team)) {
            let (mails, count) = tx.parked_since(&inbox.name, since, SHOWN).await?;
            shown.extend(mails);
            total += count;
        }
        shown.sort_by_key(|mail| std::cmp::Reverse(mail.at));
        shown.truncate(SHOWN);
        let more = total - shown.len();
        Ok(Part { shown, more })
    }

    /// That of the list's first case; a list without cases leaves through the first.
    fn mailbox_of(&self, list: &DayList, cases: &BTreeMap<CaseId, Case>) -> anyhow::Result<MailboxName> {
        let first = list.cases().find_map(|id| cases.get(&id)).map(|case| case.mailbox.clone());
        let any = || self.shop.config.mailboxes.first().map(|m| m.name.clone());
        first.or_else(any).ok_or_else(|| anyhow::anyhow!("no mailbox is configured"))
    }
}

/// What the list names, of whoever the cases are.
async fn cases_named(tx: &mut Tx, list: &DayList, open: Vec<Case>) -> anyhow::Result<BTreeMap<CaseId, Case>> {
    let mut cases: BTreeMap<CaseId, Case> = open.into_iter().map(|case| (case.id, case)).collect();
    let mut others: Vec<CaseId> = list.cases().filter(|id| !cases.contains_key(id)).collect();
    others.sort_unstable();
    others.dedup();
    cases.extend(tx.cases_named(&others).await?);
    Ok(cases)
}
