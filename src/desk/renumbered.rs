//! A folder under new numbers (UIDVALIDITY changed): which of its mails we hold already, and whether what is unknown may
//! be answered (mail-rules section 6).

use crate::arrive::imap::reconcile;
use crate::arrive::parse;
use crate::mail::{Mail, MailId, MailboxName};
use crate::store::ledger::Epoch;
use crate::store::{StoreError, Tx};

use super::{Desk, letters};

/// The mail that this one is: of the same bytes, or, where the server changed them, with the same Message-ID and
/// content. An old one also by Message-ID, Date, From and Subject alone; of a young one that could be a mail never read.
pub async fn held(tx: &mut Tx, mailbox: &MailboxName, raw: &[u8], is_old: bool) -> Result<Option<MailId>, StoreError> {
    if let Some(held) = tx.mail_of_bytes(mailbox, raw).await? {
        return Ok(Some(held));
    }
    let Some((mail, id)) = read(raw.to_vec()).await.and_then(|mail| mail.message_id.clone().map(|id| (mail, id)))
    else {
        return Ok(None);
    };
    for candidate in tx.mails_by_message_id(&id).await? {
        let bytes = tx.raw(candidate).await?.unwrap_or_default();
        let is_it = |other: Mail| mail.digest == other.digest || is_old && is_same(&mail, &other);
        if read(bytes).await.is_some_and(is_it) {
            return Ok(Some(candidate));
        }
    }
    Ok(None)
}

fn is_same(one: &Mail, other: &Mail) -> bool {
    one.message_id == other.message_id
        && one.date.is_some()
        && one.date == other.date
        && one.subject == other.subject
        && one.sender().map(|p| &p.address) == other.sender().map(|p| &p.address)
}

/// A mail that cannot be read is none that we know; its own turn sets it aside. Away from the threads of the network: a
/// large mail takes its time.
async fn read(raw: Vec<u8>) -> Option<Mail> {
    tokio::task::spawn_blocking(move || parse::parse(&raw)).await.ok()
}

/// Too many old mails that we have never met: this may be another folder than the one that we knew. Cases are opened, and
/// nothing is written to anybody for what was found; a person has to look.
pub async fn held_because(
    desk: &Desk,
    mailbox: &MailboxName,
    epoch: &Epoch,
    all: usize,
) -> anyhow::Result<Option<String>> {
    let strangers = desk.store.look().await?.old_strangers(epoch).await?;
    if !reconcile::stays_held(strangers, all) {
        return Ok(None);
    }
    let what = format!(
        "folder {} of mailbox {mailbox} has new numbers (UIDVALIDITY), and {strangers} of its {all} mails are old and \
         unknown to us: cases were opened for all that is unknown there, and no customer was written to; please look \
         through them, and at whether this is still the right folder",
        epoch.folder
    );
    let mut tx = desk.store.begin().await?;
    letters::alert(desk, &mut tx, &format!("renumbered-{mailbox}"), &what, desk.time.now()).await?;
    tx.commit().await?;
    desk.nudges.letters.notify_waiters();
    Ok(Some(what))
}
