//! What is done to mail on the server once it is safe with us: \Seen, or a move to another folder.
//!
//! Cosmetic and idempotent: a UID that is gone is passed over. Nothing here can lose mail: EXPUNGE is never sent, UID
//! EXPUNGE (RFC 4315) only for mails whose copy the server has named.

use std::collections::BTreeSet;

use async_imap::imap_proto::{AttributeValue, Response, ResponseCode, rfc4315::UidSetMember};

use super::wire::{ByteStream, Done};
use super::{ImapError, Session, names};

impl<S: ByteStream> Session<S> {
    /// Sets \Seen.
    ///
    /// # Errors
    /// `Refused` where the folder is read-only.
    pub async fn mark_seen(&mut self, uids: &[u32]) -> Result<(), ImapError> {
        self.set_flag(uids, "\\Seen").await
    }

    /// Moves the mails to `folder`, which is made if it is missing.
    ///
    /// # Errors
    /// `Unsupported` where the server has neither MOVE nor UIDPLUS: mail stays where it is rather than be at risk.
    pub async fn move_to(&mut self, uids: &[u32], folder: &str) -> Result<(), ImapError> {
        let name = names::folder(folder)?;
        for set in names::uid_sets(uids) {
            if self.folder.can_move {
                self.put_into("UID MOVE", &set, &name).await?;
            } else if self.folder.can_uidplus {
                self.copy_and_expunge(&set, &name).await?;
            } else {
                return Err(ImapError::Unsupported(
                    "moving mail needs MOVE or UIDPLUS, and it offers neither: use after = \"seen\" or \"keep\"",
                ));
            }
        }
        Ok(())
    }

    /// RFC 4315: copy, see that every mail was copied, and only then take away exactly these.
    async fn copy_and_expunge(&mut self, set: &str, name: &str) -> Result<(), ImapError> {
        let there = self.present(set).await?;
        for set in names::uid_sets(&there) {
            let done = self.put_into("UID COPY", &set, name).await?;
            let copied = copied(&done);
            if !there_in(&set, &there).all(|uid| copied.contains(&uid)) {
                return Err(ImapError::Unsupported("it does not say which mails it copied, so none was removed"));
            }
            self.flag("\\Deleted", &set).await?;
            self.wire.command("UID EXPUNGE", &format!("UID EXPUNGE {set}"), self.deadlines.answer, |_| ()).await?;
        }
        Ok(())
    }

    /// MOVE or COPY; a folder that is missing is made once (RFC 3501 section 7.1, TRYCREATE).
    async fn put_into(&mut self, command: &'static str, set: &str, name: &str) -> Result<Done, ImapError> {
        let line = format!("{command} {set} {name}");
        match self.wire.command(command, &line, self.deadlines.answer, |_| ()).await {
            Err(ImapError::Refused { words, .. }) if words.to_ascii_uppercase().contains("TRYCREATE") => {
                self.wire.command("CREATE", &format!("CREATE {name}"), self.deadlines.answer, |_| ()).await?;
                self.wire.command(command, &line, self.deadlines.answer, |_| ()).await
            }
            other => other,
        }
    }

    async fn set_flag(&mut self, uids: &[u32], flag: &str) -> Result<(), ImapError> {
        for set in names::uid_sets(uids) {
            self.flag(flag, &set).await?;
        }
        Ok(())
    }

    /// `.SILENT` still brings FETCH answers where CONDSTORE is on; they are no error and tell nothing new.
    async fn flag(&mut self, flag: &str, set: &str) -> Result<(), ImapError> {
        let line = format!("UID STORE {set} +FLAGS.SILENT ({flag})");
        self.wire.command("UID STORE", &line, self.deadlines.answer, |_| ()).await.map(drop)
    }

    /// Which of these mails the folder still holds.
    async fn present(&mut self, set: &str) -> Result<Vec<u32>, ImapError> {
        let mut there = BTreeSet::new();
        let on = |answer: &Response<'_>| {
            if let Response::Fetch(_, items) = answer {
                there.extend(items.iter().filter_map(|item| match item {
                    AttributeValue::Uid(uid) => Some(*uid),
                    _ => None,
                }));
            }
        };
        self.wire.command("UID FETCH", &format!("UID FETCH {set} (UID)"), self.deadlines.answer, on).await?;
        Ok(there_in(set, &there.into_iter().collect::<Vec<_>>()).collect())
    }
}

/// Those of `uids` that the set names: an answer may speak of other mails too.
fn there_in<'a>(set: &'a str, uids: &'a [u32]) -> impl Iterator<Item = u32> + 'a {
    let runs: Vec<(u32, u32)> = set.split(',').filter_map(run).collect();
    uids.iter().copied().filter(move |uid| runs.iter().any(|(first, last)| (first..=last).contains(&uid)))
}

fn run(text: &str) -> Option<(u32, u32)> {
    let (first, last) = text.split_once(':').unwrap_or((text, text));
    Some((first.parse().ok()?, last.parse().ok()?))
}

/// The source UIDs of a COPYUID (RFC 4315 section 3).
fn copied(done: &Done) -> CopiedUids {
    match &done.code {
        Some(ResponseCode::CopyUid(_, from, _)) => CopiedUids(from.clone()),
        _ => CopiedUids(Vec::new()),
    }
}

struct CopiedUids(Vec<UidSetMember>);

impl CopiedUids {
    fn contains(&self, uid: &u32) -> bool {
        self.0.iter().any(|member| match member {
            UidSetMember::UidRange(range) => range.contains(uid),
            UidSetMember::Uid(one) => one == uid,
        })
    }
}
