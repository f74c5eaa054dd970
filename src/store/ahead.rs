//! One look for a group of mails instead of many for each: under most of a stranger's marks nothing is stored, and what
//! is known to be absent need not be asked for again.
//!
//! Only absence is remembered, and every write of this transaction under such a key forgets it: an answer is never
//! older than the transaction.

use std::collections::HashSet;

use sqlx::AssertSqlSafe;

use super::dialect::{ROWS_AT_ONCE, rows};
use super::{StoreError, Tx};
use crate::mail::{Address, Digest, MailId, MessageId};

/// What a mail whose turn is about to come will be looked up by.
#[derive(Debug, Clone)]
pub struct Marks {
    pub mail: MailId,
    pub message_id: Option<MessageId>,
    pub sender: Option<Address>,
    pub words: Option<Digest>,
}

/// Keys under which nothing is stored.
#[derive(Debug, Default)]
pub(super) struct Absent {
    /// Mails whose bytes came only once.
    unique: HashSet<MailId>,
    /// Of no mail that has ended and of no letter.
    message_ids: HashSet<MessageId>,
    /// Folded: neither a customer of a case nor an address with switches.
    senders: HashSet<String>,
    words: HashSet<Digest>,
}

impl Absent {
    pub(super) fn is_unique(&self, mail: MailId) -> bool {
        self.unique.contains(&mail)
    }

    pub(super) fn lacks_message_id(&self, id: &MessageId) -> bool {
        self.message_ids.contains(id)
    }

    pub(super) fn lacks_sender(&self, address: &Address) -> bool {
        !self.senders.is_empty() && self.senders.contains(&address.folded())
    }

    pub(super) fn lacks_words(&self, words: &Digest) -> bool {
        self.words.contains(words)
    }

    pub(super) fn now_has_message_id(&mut self, id: Option<&MessageId>) {
        id.map(|id| self.message_ids.remove(id));
    }

    pub(super) fn now_has_sender(&mut self, folded: Option<&str>) {
        folded.map(|address| self.senders.remove(address));
    }

    pub(super) fn now_has_words(&mut self, words: Option<&Digest>) {
        words.map(|words| self.words.remove(words));
    }
}

impl Tx {
    /// Asks once for all that the turns of these mails would ask one by one.
    pub async fn look_ahead(&mut self, mails: &[Marks]) -> Result<(), StoreError> {
        for some in mails.chunks(ROWS_AT_ONCE) {
            self.look_for_bytes(some).await?;
            self.look_for_message_ids(some).await?;
            self.look_for_senders(some).await?;
            self.look_for_words(some).await?;
        }
        Ok(())
    }

    async fn look_for_bytes(&mut self, mails: &[Marks]) -> Result<(), StoreError> {
        let text = format!(
            "SELECT m.id FROM mails m WHERE m.id IN {} \
             AND EXISTS (SELECT 1 FROM mails o WHERE o.sha256 = m.sha256 AND o.id <> m.id)",
            rows(1, mails.len())
        );
        let twice = sqlx::query_scalar(AssertSqlSafe(text));
        let twice = mails.iter().fold(twice, |twice, m| twice.bind(m.mail.0));
        let twice: Vec<i64> = twice.fetch_all(&mut *self.inner).await?;
        self.absent.unique.extend(mails.iter().map(|m| m.mail).filter(|mail| !twice.contains(&mail.0)));
        Ok(())
    }

    async fn look_for_message_ids(&mut self, mails: &[Marks]) -> Result<(), StoreError> {
        let ids: Vec<&MessageId> = mails.iter().filter_map(|m| m.message_id.as_ref()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let places = rows(1, ids.len());
        let text = format!(
            "SELECT message_id FROM mails WHERE message_id IN {places} \
             UNION SELECT message_id FROM outbox WHERE message_id IN {places}"
        );
        let found = self.which_of(text, ids.iter().map(|id| id.as_str())).await?;
        self.absent.message_ids.extend(ids.into_iter().filter(|id| !found.contains(id.as_str())).cloned());
        Ok(())
    }

    async fn look_for_senders(&mut self, mails: &[Marks]) -> Result<(), StoreError> {
        let senders: Vec<String> = mails.iter().filter_map(|m| m.sender.as_ref()).map(Address::folded).collect();
        if senders.is_empty() {
            return Ok(());
        }
        let places = rows(1, senders.len());
        let text = format!(
            "SELECT customer FROM cases WHERE customer IN {places} \
             UNION SELECT address FROM addresses WHERE address IN {places}"
        );
        let found = self.which_of(text, senders.iter().map(String::as_str)).await?;
        self.absent.senders.extend(senders.into_iter().filter(|sender| !found.contains(sender)));
        Ok(())
    }

    async fn look_for_words(&mut self, mails: &[Marks]) -> Result<(), StoreError> {
        let words: Vec<&Digest> = mails.iter().filter_map(|m| m.words.as_ref()).collect();
        if words.is_empty() {
            return Ok(());
        }
        let text = format!("SELECT words FROM mails WHERE words IN {}", rows(1, words.len()));
        let found = sqlx::query_scalar(AssertSqlSafe(text));
        let found = words.iter().fold(found, |found, words| found.bind(words.0.to_vec()));
        let found: Vec<Vec<u8>> = found.fetch_all(&mut *self.inner).await?;
        let absent = words.into_iter().filter(|words| found.iter().all(|f| f[..] != words.0[..]));
        self.absent.words.extend(absent.copied());
        Ok(())
    }

    async fn which_of(
        &mut self,
        text: String,
        asked: impl Iterator<Item = &str>,
    ) -> Result<HashSet<String>, StoreError> {
        let found = asked.fold(sqlx::query_scalar(AssertSqlSafe(text)), |found, one| found.bind(one.to_owned()));
        Ok(found.fetch_all(&mut *self.inner).await?.into_iter().collect())
    }
}
