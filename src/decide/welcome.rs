//! What the mail of a person of staff proves, as their answer to the welcome letter showed it, and what that means.
//!
//! The same words stand in the letter that answers them and in `amends check`. Nothing is decided by it: each mail is
//! judged by what it proves itself (mail-rules section 5), and this only tells beforehand how that will go.

use jiff::Timestamp;

use crate::mail::Address;

/// What is known of a person's welcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Welcome {
    pub letters: u32,
    /// The last one.
    pub written_at: Option<Timestamp>,
    pub measured: Option<Measured>,
    /// Somebody answered from this address, which is none of the person's.
    pub stranger: Option<Address>,
}

/// What an answer proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// mail-rules section 5: 1 From, 2 and the token, 3 and aligned authentication, 4 both.
    pub level: u8,
    /// Who vouched for it and how, or why nobody did.
    pub proof: String,
    /// Whose mail was measured.
    pub address: Address,
    pub at: Timestamp,
}

/// What follows for the person's mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// Replies go out and commands run at once.
    Everything,
    /// Each mail that asks for something waits for a `#confirm`.
    Confirm,
    /// Mail is kept on its case as a note.
    Notes,
}

impl Measured {
    /// `token_is_proof` is `security.staff_proof = "token"`.
    pub fn means(&self, token_is_proof: bool) -> Means {
        match self.level {
            0 | 1 => Means::Notes,
            2 if token_is_proof => Means::Everything,
            2 | 3 => Means::Confirm,
            _ => Means::Everything,
        }
    }

    /// The token of the letter's address came back with the answer.
    pub fn has_token(&self) -> bool {
        matches!(self.level, 2 | 4..)
    }

    /// Somebody trusted vouched for the sender.
    pub fn is_vouched_for(&self) -> bool {
        self.level >= 3
    }

    /// What was found, in half a sentence.
    pub fn found(&self) -> String {
        let token = if self.has_token() { "the token came back" } else { "the token did not come back" };
        match self.is_vouched_for() {
            true => format!("{token}, and the sender is proven by {}", self.proof),
            false => format!("{token}, and nothing proves the sender ({})", self.proof),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_means_what_the_gate_does_with_it() {
        let measured = |level| Measured {
            level,
            proof: "dmarc=pass".into(),
            address: Address::parse("mei@n.example").expect("an address"),
            at: Timestamp::UNIX_EPOCH,
        };
        let means = |level, token| measured(level).means(token);
        assert_eq!(
            [1, 2, 3, 4].map(|l| means(l, false)),
            [Means::Notes, Means::Confirm, Means::Confirm, Means::Everything]
        );
        assert_eq!([1, 2, 3].map(|l| means(l, true)), [Means::Notes, Means::Everything, Means::Confirm]);
        assert_eq!(measured(3).found(), "the token did not come back, and the sender is proven by dmarc=pass");
    }
}
