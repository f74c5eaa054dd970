//! What is this mail? Pure: the questions to ask the store, and the order of checks of mail-rules section 2.
//!
//! It touches nothing that can fail, holds no clock and looks nothing up: [`questions`] says what must be known,
//! the desk finds it, [`classify`] gives the [`Verdict`] with the sign that decided it. A sign that is missed costs a
//! needless letter at worst; a mail is never hidden but by rows that name where it can be seen.
//! RFC 3834 (automatic answers), RFC 6522, 3464, 8098, 5965 (reports), RFC 2919 and 2369 (lists).

pub mod auto;
pub mod bounce;
pub mod duplicate;
pub mod found;
pub mod staff;
pub mod thread;
pub mod verdict;

use crate::mail::{Mail, MessageId};

pub use found::{AnswerLimits, Copy, Found, FoundCase, FoundToken, Proven, Questions, ReportedLetter, Rules};
pub use found::{SenderCase, StaffPurpose};
pub use verdict::{Answer, AutoKind, Bounce, BounceClass, Class, Level, Place, Sender, Standing, Verdict};

/// Message-IDs that a mail answers, nearest first.
pub type Thread = Vec<MessageId>;

/// What must be looked up before this mail can be classified.
pub fn questions(mail: &Mail, proven: Proven, rules: &Rules) -> Questions {
    todo!()
}

/// The verdict on a mail, by the first row of mail-rules section 2 that matches.
pub fn classify(mail: &Mail, proven: Proven, found: &Found, rules: &Rules) -> Verdict {
    todo!()
}
