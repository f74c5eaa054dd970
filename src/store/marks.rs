//! What a mail's marks point to: copies of it, the cases of its ids, the same words elsewhere.
//!
//! Only settled mails are found: within a transaction, those whose turn came before.

use jiff::Timestamp;

use super::values::micros;
use super::{StoreError, Tx};
use crate::mail::{Address, CaseId, Digest, MailId, MessageId, ParticipantNo};

/// A case that a mark points to, and how an address stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub case: CaseId,
    pub participant: Option<ParticipantNo>,
    /// Stands in To or Cc of one of the case's mails.
    pub mentioned: bool,
}

/// What other mails share with one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twins {
    /// The same raw bytes, or the same Message-ID and normalised digest; oldest first, at most 20.
    pub copies: Vec<MailId>,
    /// One has this Message-ID, whatever its content.
    pub message_id_taken: bool,
}

/// What a copy of a mail shares with it, beside the raw bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name<'a> {
    /// The Message-ID and the digest.
    Id(&'a MessageId),
    /// The digest alone, where neither has a Message-ID.
    Content,
    /// Nothing: the same words may have been written twice.
    Bytes,
}

impl Tx {
    /// Other settled mails that may be the same one.
    pub async fn twins(&mut self, mail: MailId, name: Name<'_>, digest: &Digest) -> Result<Twins, StoreError> {
        let lacks_name = match name {
            Name::Id(id) => self.absent.lacks_message_id(id),
            Name::Content => false,
            Name::Bytes => true,
        };
        if lacks_name && self.absent.is_unique(mail) {
            return Ok(Twins { copies: Vec::new(), message_id_taken: false });
        }
        let message_id = if let Name::Id(id) = name { Some(id) } else { None };
        let twins = sqlx::query_as(
            "SELECT id, 1 AS copy, CASE WHEN message_id = $2 THEN 1 ELSE 0 END FROM mails WHERE sha256 = \
             (SELECT sha256 FROM mails WHERE id = $1) AND id <> $1 AND settled_at IS NOT NULL UNION \
             SELECT id, CASE WHEN digest = $3 THEN 1 ELSE 0 END, 1 FROM mails WHERE message_id = $2 AND id <> $1 \
             UNION SELECT id, 1, 0 FROM mails WHERE digest = $3 AND message_id IS NULL AND $4 = 1 AND id <> $1 \
             ORDER BY copy DESC, id LIMIT 20",
        );
        let twins = twins.bind(mail.0).bind(message_id.map(MessageId::as_str)).bind(&digest.0[..]);
        let twins = twins.bind(i64::from(name == Name::Content));
        let twins: Vec<(i64, i64, i64)> = twins.fetch_all(&mut *self.inner).await?;
        Ok(Twins {
            message_id_taken: twins.iter().any(|(_, _, taken)| *taken == 1),
            copies: twins.iter().filter(|(_, copy, _)| *copy == 1).map(|(id, ..)| MailId(*id)).collect(),
        })
    }

    /// The settled mails with this Message-ID, oldest first, at most 20.
    pub async fn mails_by_message_id(&mut self, id: &MessageId) -> Result<Vec<MailId>, StoreError> {
        let ids = sqlx::query_scalar("SELECT id FROM mails WHERE message_id = $1 ORDER BY id LIMIT 20");
        let ids: Vec<i64> = ids.bind(id.as_str()).fetch_all(&mut *self.inner).await?;
        Ok(ids.into_iter().map(MailId).collect())
    }

    /// Cases that hold one of these ids, as the id of a mail or of a letter of ours, in the order of `ids` (nearest
    /// first), each once; and how `sender` stands to each.
    pub async fn cases_by_ids(
        &mut self,
        ids: &[MessageId],
        sender: Option<&Address>,
    ) -> Result<Vec<Standing>, StoreError> {
        let mut found: Vec<Standing> = Vec::new();
        for id in ids {
            let cases = sqlx::query_scalar(
                "SELECT case_id FROM mails WHERE message_id = $1 AND case_id IS NOT NULL \
                 UNION SELECT case_id FROM outbox WHERE message_id = $1 AND case_id IS NOT NULL ORDER BY 1",
            );
            let cases: Vec<i64> = cases.bind(id.as_str()).fetch_all(&mut *self.inner).await?;
            for case in cases.into_iter().map(CaseId) {
                if found.iter().all(|f| f.case != case) {
                    found.extend(self.standing(case, sender).await?);
                }
            }
        }
        Ok(found)
    }

    /// How `sender` stands to a case; `None` where there is no such case.
    pub async fn standing(&mut self, case: CaseId, sender: Option<&Address>) -> Result<Option<Standing>, StoreError> {
        let found = sqlx::query_as(
            "SELECT p.no, COALESCE(p.mentioned, 0) FROM cases c \
             LEFT JOIN participants p ON p.case_id = c.id AND p.address = $2 WHERE c.id = $1",
        );
        let found = found.bind(case.0).bind(sender.map(Address::folded));
        let found: Option<(Option<i64>, i64)> = found.fetch_optional(&mut *self.inner).await?;
        let standing = |(no, mentioned): (Option<i64>, i64)| Standing {
            case,
            participant: no.map(ParticipantNo),
            mentioned: mentioned != 0,
        };
        Ok(found.map(standing))
    }

    /// The same long words came from the same sender on a case since then.
    pub async fn same_words_elsewhere(
        &mut self,
        sender: &Address,
        words: &Digest,
        since: Timestamp,
    ) -> Result<bool, StoreError> {
        if self.absent.lacks_words(words) {
            return Ok(false);
        }
        let found = sqlx::query_scalar(
            "SELECT id FROM mails WHERE words = $1 AND sender = $2 AND received_at >= $3 \
             AND case_id IS NOT NULL AND duplicate_of IS NULL LIMIT 1",
        );
        let found = found.bind(&words.0[..]).bind(sender.folded()).bind(micros(since));
        let found: Option<i64> = found.fetch_optional(&mut *self.inner).await?;
        Ok(found.is_some())
    }
}
