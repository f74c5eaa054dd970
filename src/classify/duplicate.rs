//! Mail that is here already: copies by other roads, and our own letters that came back.
//!
//! Equal content is asked for in both: a copied or forged id on other words never hides a mail (mail-rules section 2).

use crate::mail::{LetterId, Mail, MailId};

use super::{Class, Copy, Found, Sender};

/// Row 1: one of our letters, word for word.
pub fn echo(mail: &Mail, found: &Found) -> Option<LetterId> {
    found.own_letter.filter(|(_, sent)| *sent == mail.digest).map(|(letter, _)| letter)
}

/// The first mail of which this is a copy. A person's is none of what a list or a filter made a machine's: that was
/// quicker, and nobody may have seen it. Of a colleague's it is enough that it came to a case, where more is still done.
pub fn copy(found: &Found, class: Class, sender: &Sender) -> Option<MailId> {
    let is_one = |copy: &&Copy| match (class, sender) {
        (Class::Human, Sender::Person(_)) => copy.human || copy.case.is_some(),
        (Class::Human, _) => copy.human,
        _ => true,
    };
    found.copies.iter().find(is_one).map(|copy| copy.mail)
}
