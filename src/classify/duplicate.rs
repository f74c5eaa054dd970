//! Mail that is here already: copies by other roads, and our own letters that came back.
//!
//! Equal content is asked for in both: a copied or forged id on other words never hides a mail (mail-rules section 2).

use crate::mail::{LetterId, Mail};

use super::{Found, Place};

/// Row 1: one of our letters, word for word.
pub fn echo(mail: &Mail, found: &Found) -> Option<LetterId> {
    found.own_letter.filter(|(_, sent)| *sent == mail.digest).map(|(letter, _)| letter)
}

/// The first mail of which this is a copy.
pub fn copy(found: &Found) -> Option<Place> {
    found.copies.first().map(|copy| Place::Duplicate(copy.mail))
}
