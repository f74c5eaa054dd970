//! What a mail's own DKIM signature is worth here: for one mail, and where it was meant for us.
//!
//! The signature itself was checked while the mail was read. Whether it was seen before, and whether the mail answers a
//! letter of ours, only the store knows. What does not hold takes the proof from the mail, and nothing else.

use jiff::Timestamp;

use crate::arrive::proof::dkim::Claim;
use crate::classify::{FoundToken, Proven, Rules};
use crate::mail::Digest;
use crate::store::Tx;

use super::found::Answers;
use super::reading::Read;

/// The signatures of a mail that could prove it, checked or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Signed {
    /// Of all of them: a replay may leave some away.
    pub marks: Vec<Digest>,
    /// The signature that is the proof, where we checked one.
    proof: Option<Covers>,
}

/// What a signature says something of.
#[derive(Debug, Clone, Copy)]
struct Covers {
    to: bool,
    reply_to: bool,
}

impl Signed {
    pub fn new(claims: &[Claim], proof: Option<&Claim>) -> Self {
        Self {
            marks: claims.iter().map(|c| c.mark).collect(),
            proof: proof.map(|c| Covers { to: c.signs_to, reply_to: c.signs_reply_to }),
        }
    }
}

/// Why the signature does not prove this mail after all; `None` where it does, or where something else does.
pub(super) async fn objection(
    tx: &mut Tx,
    read: &Read,
    rules: &Rules,
    answers: &Answers,
) -> anyhow::Result<Option<&'static str>> {
    let Some(covers) = read.signed.proof else { return Ok(None) };
    // Without To in the signature anybody who was sent such a mail can send it on to us (mail-rules section 5).
    if !covers.to && !answers_own_letter(read, rules, answers) {
        return Ok(Some("it does not cover To, and the mail answers no letter of ours to its writer"));
    }
    if covers.to && !is_signed_to_us(read, rules) {
        return Ok(Some(
            "it was signed for somebody else: its To does not name us, or not the address that it came to",
        ));
    }
    // Of a form Reply-To is whom we write to: whoever could change it would choose the reader of our letters.
    let is_form = read.mail.sender().is_some_and(|from| rules.form_senders.contains(&from.address));
    if is_form && !covers.reply_to {
        return Ok(Some("it does not cover Reply-To, by which this form names the customer"));
    }
    // What a list was quicker with is the same mail, and did nothing.
    let copies = &answers.found.copies;
    let unheard = copies.iter().filter(|_| copies.iter().all(|c| !c.human)).map(|c| c.mail);
    let same: Vec<_> = unheard.chain([read.pending.id]).collect();
    let replayed = tx.signed_another(&read.signed.marks, &same).await?;
    Ok(replayed.then_some("it came with another mail before"))
}

/// The token is of a letter that went to whoever From names, and not to somebody who sends their mail on.
fn answers_own_letter(read: &Read, rules: &Rules, answers: &Answers) -> bool {
    match &answers.found.token {
        FoundToken::Customer(case) => case.participant.is_some(),
        FoundToken::Staff { person, .. } => {
            read.mail.sender().is_some_and(|from| rules.people.get(&from.address) == Some(person))
        }
        FoundToken::Bounce { .. } | FoundToken::None => false,
    }
}

/// To names one of our addresses, and every token that we would go by: in other fields anybody can write one.
fn is_signed_to_us(read: &Read, rules: &Rules) -> bool {
    let ours: Vec<_> =
        read.mail.to.iter().map(|p| p.address.split_detail()).filter(|(a, _)| rules.own.contains(a)).collect();
    let names = |token: &String| ours.iter().any(|(_, detail)| detail.is_some_and(|d| d.eq_ignore_ascii_case(token)));
    !ours.is_empty() && read.questions.tokens.iter().all(names)
}

/// Whatever proved the mail, its signatures prove no other from now on.
pub(super) async fn note(tx: &mut Tx, read: &Read, now: Timestamp) -> anyhow::Result<()> {
    if read.proven.authenticated && !read.signed.marks.is_empty() {
        tx.note_signatures(&read.signed.marks, read.pending.id, now).await?;
    }
    Ok(())
}

/// Nothing is proven of the mail.
pub(super) const UNPROVEN: Proven = Proven { authenticated: false, dmarc_failed: false };
