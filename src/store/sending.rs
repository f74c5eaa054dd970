//! What a sender does with the outbox: claim, commit, settle; and what becomes of a letter whose sender died.
//!
//! Two writes frame the only dangerous moment: `committing` is committed before the final dot, the end of the try
//! after its answer. Whatever died before the first was not sent; between the two, it is in doubt.

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::outbox::{Claimed, Fence, Live, Moved};
use super::values::{address, instant, message_id, micros, number};
use super::{StoreError, Tx};
use crate::decide::effect::LetterKey;
use crate::deliver::outbox::{Attempt, Happening, LetterState, after_interruption, after_pause, next_try, step};
use crate::mail::{CaseId, Envelope, LetterId, MailboxName, Outgoing};

impl Tx {
    /// Claims at most `limit` due letters of a mailbox, the longest waiting first, until `lease_until`.
    pub async fn claim(
        &mut self,
        mailbox: &MailboxName,
        limit: usize,
        now: Timestamp,
        lease_until: Timestamp,
    ) -> Result<Vec<Claimed>, StoreError> {
        let text = format!(
            "UPDATE outbox SET state = 'sending', fence = fence + 1, lease_until = $3 WHERE id IN \
             (SELECT id FROM outbox WHERE state IN ('queued', 'deferred') AND next_try_at <= $2 AND mailbox = $1 \
             AND (stale_after IS NULL OR stale_after > $2) ORDER BY next_try_at, id LIMIT {limit}) \
             RETURNING id, key, case_id, letter, recipient, envelope_from, message_id, fence, tries, next_try_at"
        );
        let claim = sqlx::query_as::<_, ClaimRow>(AssertSqlSafe(text));
        let claim = claim.bind(mailbox.as_str()).bind(micros(now)).bind(micros(lease_until));
        let mut claimed = claim.fetch_all(&mut *self.inner).await?;
        // RETURNING promises no order.
        claimed.sort_by_key(|row| (row.next_try_at, row.id));
        let mut bytes = self.bytes_of(&claimed.iter().map(|row| row.id).collect::<Vec<_>>()).await?;
        let read = |row: ClaimRow| {
            let bytes = bytes.remove(&row.id);
            let bytes = bytes.ok_or_else(|| StoreError::Broken(format!("letter {} has no bytes", row.id)))?;
            row.read(mailbox, bytes)
        };
        claimed.into_iter().map(read).collect()
    }

    /// To be committed before the final dot. `false`: the lease is lost or the letter withdrawn, it must not be sent.
    pub async fn committing(&mut self, id: LetterId, fence: Fence, lease_until: Timestamp) -> Result<bool, StoreError> {
        // `step(Sending, Committing)` in one statement: the only row a letter costs before its dot.
        let update = sqlx::query(
            "UPDATE outbox SET state = 'committing', lease_until = $3 WHERE id = $1 AND fence = $2 AND state = 'sending'",
        );
        let update = update.bind(id.0).bind(fence.0).bind(micros(lease_until));
        Ok(update.execute(&mut *self.inner).await?.rows_affected() == 1)
    }

    /// Writes down how a try ended, and the state that follows; `None` when the lease was lost meanwhile.
    /// `in_doubt_wait_until`: how long a proof is waited for if the try ended in doubt.
    pub async fn settle_try(
        &mut self,
        id: LetterId,
        fence: Fence,
        attempt: &Attempt,
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Option<LetterState>, StoreError> {
        if let Attempt::Sent { answer } = attempt
            && self.settle_sent(id, fence, answer, now).await?
        {
            return Ok(Some(LetterState::Sent));
        }
        let Some(mut live) = self.live(id.0).await?.filter(|live| live.fence == fence.0) else { return Ok(None) };
        let happening = Happening::Ended(attempt.clone());
        let Some(state) = step(live.state()?, &happening, &live.past()?, now) else { return Ok(None) };
        let tries = number(live.tries)? + 1;
        live.tries = i64::from(tries);
        live.last_answer = Some(attempt.answer().to_owned());
        match attempt {
            Attempt::Sent { .. } => live.sent_at = Some(micros(now)),
            Attempt::Later { .. } => {
                let made = instant(live.created_at)?;
                live.next_try_at = next_try(tries, made, now, id).map_or(live.next_try_at, micros);
            }
            Attempt::OurFault { .. } => live.next_try_at = micros(after_pause(tries, now, id)),
            Attempt::Never { .. } => {}
            Attempt::InDoubt { .. } => {
                live.doubts += 1;
                live.next_try_at = micros(in_doubt_wait_until);
            }
        }
        self.write_live(&live, state).await?;
        self.write_attempt(id, attempt.word(), attempt.answer(), now).await?;
        Ok(Some(state))
    }

    /// `step(Committing, Ended(Sent))` in one statement: what nearly every try ends with. `false`: it was in another state.
    async fn settle_sent(
        &mut self,
        id: LetterId,
        fence: Fence,
        answer: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let update = sqlx::query(
            "UPDATE outbox SET state = 'sent', sent_at = $3, last_answer = $4, tries = tries + 1, lease_until = NULL \
             WHERE id = $1 AND fence = $2 AND state = 'committing'",
        );
        let update = update.bind(id.0).bind(fence.0).bind(micros(now)).bind(answer);
        if update.execute(&mut *self.inner).await?.rows_affected() == 0 {
            return Ok(false);
        }
        self.write_attempt(id, "sent", answer, now).await?;
        Ok(true)
    }

    async fn write_attempt(
        &mut self,
        id: LetterId,
        outcome: &str,
        answer: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO attempts (letter_id, n, at, outcome, answer) VALUES ($1, \
             (SELECT COALESCE(MAX(n), 0) + 1 FROM attempts WHERE letter_id = $1), $2, $3, $4)",
        );
        insert.bind(id.0).bind(micros(now)).bind(outcome).bind(answer).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Gives a claimed letter back untried (a clean stop, a lost connection before it). `false`: the lease was lost.
    pub async fn unclaim(&mut self, id: LetterId, fence: Fence, now: Timestamp) -> Result<bool, StoreError> {
        match self.live(id.0).await? {
            Some(live) if live.fence == fence.0 && live.state()? == LetterState::Sending => {
                Ok(self.step_one(id, &Happening::Abandoned, now, |_| ()).await?.is_some())
            }
            Some(_) | None => Ok(false),
        }
    }

    /// At start, when no sender of ours can be alive: all leases are released. `sending` becomes `queued`,
    /// `committing` becomes `in_doubt` (or `held` the second time). Of a claim's letters only the first can have been on
    /// the wire: the others go again at once, whatever happened.
    pub async fn release_all(
        &mut self,
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Vec<Moved>, StoreError> {
        let ids =
            "SELECT id FROM outbox WHERE state IN ('sending', 'committing') ORDER BY lease_until, next_try_at, id";
        let ids: Vec<i64> = sqlx::query_scalar(ids).fetch_all(&mut *self.inner).await?;
        self.release(&ids, now, in_doubt_wait_until).await
    }

    /// While running: the same for leases that ran out.
    pub async fn release_expired(
        &mut self,
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Vec<Moved>, StoreError> {
        let ids = sqlx::query_scalar(
            "SELECT id FROM outbox WHERE state IN ('sending', 'committing') AND lease_until <= $1 \
             ORDER BY lease_until, next_try_at, id",
        );
        let ids: Vec<i64> = ids.bind(micros(now)).fetch_all(&mut *self.inner).await?;
        self.release(&ids, now, in_doubt_wait_until).await
    }

    async fn release(
        &mut self,
        ids: &[i64],
        now: Timestamp,
        in_doubt_wait_until: Timestamp,
    ) -> Result<Vec<Moved>, StoreError> {
        let mut moved = Vec::new();
        // A claim's letters end their lease at one instant.
        let mut claim = None;
        for id in ids {
            let Some(live) = self.live(*id).await? else { continue };
            let interrupted = number(live.interruptions)?;
            let committing = live.state()? == LetterState::Committing;
            let is_first = !committing && claim != live.lease_until;
            let change = |live: &mut Live| {
                if committing {
                    live.doubts += 1;
                    live.next_try_at = micros(in_doubt_wait_until);
                    live.last_answer = Some("stopped between the final dot and its answer".to_owned());
                } else if is_first {
                    live.next_try_at = micros(after_interruption(interrupted, now, LetterId(*id)));
                    live.interruptions += 1;
                }
            };
            claim = if committing { claim } else { live.lease_until };
            moved.extend(self.step_one(LetterId(*id), &Happening::Abandoned, now, change).await?);
        }
        Ok(moved)
    }

    /// In doubt, and the wait for a proof is over: queued once more, then held; staff want to be told of the held.
    pub async fn resolve_doubts(&mut self, now: Timestamp) -> Result<Vec<Moved>, StoreError> {
        let ids = sqlx::query_scalar(
            "SELECT id FROM outbox WHERE state = 'in_doubt' AND next_try_at <= $1 ORDER BY next_try_at, id",
        );
        let ids: Vec<i64> = ids.bind(micros(now)).fetch_all(&mut *self.inner).await?;
        self.step_all(&ids, &Happening::NoProof, now, |live| live.next_try_at = micros(now)).await
    }

    /// Our letter came back, was reported on or answered: if it was in doubt, it was sent.
    pub async fn prove_sent(&mut self, id: LetterId, evidence: &str, now: Timestamp) -> Result<bool, StoreError> {
        let change = |live: &mut Live| {
            live.sent_at = Some(micros(now));
            live.last_answer = Some(evidence.to_owned());
        };
        if self.step_one(id, &Happening::Proven, now, change).await?.is_none() {
            return Ok(false);
        }
        self.write_attempt(id, "sent", evidence, now).await?;
        Ok(true)
    }
}

#[derive(sqlx::FromRow)]
struct ClaimRow {
    id: i64,
    key: String,
    case_id: Option<i64>,
    letter: String,
    recipient: String,
    envelope_from: Option<String>,
    message_id: String,
    fence: i64,
    tries: i64,
    next_try_at: i64,
}

impl ClaimRow {
    fn read(self, mailbox: &MailboxName, bytes: Vec<u8>) -> Result<Claimed, StoreError> {
        let envelope = Envelope {
            id: LetterId(self.id),
            mailbox: mailbox.clone(),
            from: self.envelope_from.as_deref().map(address).transpose()?,
            to: address(&self.recipient)?,
            message_id: message_id(&self.message_id)?,
        };
        Ok(Claimed {
            outgoing: Outgoing { envelope, bytes },
            key: LetterKey(self.key),
            letter: self.letter,
            case: self.case_id.map(CaseId),
            fence: Fence(self.fence),
            tries: number(self.tries)?,
        })
    }
}
