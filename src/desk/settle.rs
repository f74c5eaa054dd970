//! What is written of a mail as its turn ends: exactly one disposition, and why.

use crate::classify::{self, Place, Verdict};
use crate::mail::CaseId;
use crate::store::mails::{Disposition, Pending, Settled, UNREADABLE};

use super::reading::Read;

/// What is known of a mail that nobody could read.
pub(super) fn quarantined(pending: &Pending, case: CaseId) -> Settled {
    Settled {
        disposition: Disposition::Quarantined,
        sender: None,
        message_id: None,
        digest: crate::mail::Digest::of(&pending.raw),
        subject: None,
        class: "malformed".into(),
        sign: UNREADABLE.into(),
        level: 0,
        authenticated: false,
        no_letter_because: Some("the mail could not be read".into()),
        case: Some(case),
        duplicate_of: None,
        words: None,
    }
}

/// Set aside: why, as a disposition.
pub(super) fn parked(verdict: &Verdict) -> Disposition {
    match verdict.class {
        classify::Class::Blocked => Disposition::Blocked,
        classify::Class::SelfEcho => Disposition::SelfEcho,
        _ => Disposition::MachineParked,
    }
}

/// What its turn found out about a mail.
pub(super) fn settled(
    read: &Read,
    verdict: &Verdict,
    disposition: Disposition,
    case: Option<CaseId>,
    words: Option<crate::mail::Digest>,
) -> Settled {
    let duplicate_of = match verdict.place {
        Place::Duplicate(original) => Some(original),
        _ => None,
    };
    let no_letter_because = match &verdict.answer {
        classify::Answer::Yes => None,
        classify::Answer::No(because) => Some(because.clone()),
    };
    Settled {
        disposition,
        sender: verdict.customer.as_ref().map(|p| p.address.clone()),
        message_id: read.mail.message_id.clone(),
        digest: read.mail.digest,
        subject: read.mail.subject.clone(),
        class: class_word(verdict.class),
        sign: verdict.sign.clone(),
        level: verdict.level.0,
        authenticated: verdict.authenticated,
        no_letter_because,
        case,
        duplicate_of,
        words,
    }
}

/// As the store keeps it.
pub(super) fn class_word(class: classify::Class) -> String {
    let word = serde_json::to_value(class).ok();
    word.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}
