//! What `classify` wants to know, and what it is told: the questions to the store, their answers, and the rules of the
//! configuration as plain values. Nothing here looks anything up.

use std::collections::HashMap;

use crate::mail::{Address, CaseId, Digest, LetterId, MailId, MessageId, ParticipantNo, PersonId};

use super::{Level, Thread};

/// The rules of the configuration, seen from one mailbox.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules {
    /// This mailbox: its address and aliases.
    pub mailbox: Vec<Address>,
    /// All our addresses: of this mailbox and of every other one.
    pub own: Vec<Address>,
    /// Active people by each of their addresses.
    pub people: HashMap<Address, PersonId>,
    pub case_prefix: String,
    /// List-Ids of groups that forward to this mailbox.
    pub via_list: Vec<String>,
    /// Contact forms whose Reply-To is the customer, once authenticated.
    pub form_senders: Vec<Address>,
    /// `security.bot_guard`; 0 switches its time rule off.
    pub bot_guard_secs: i64,
    /// Lower case: an address, or `*@domain`.
    pub blocked: Vec<String>,
    pub limits: AnswerLimits,
}

/// Letters to outsiders (mail-rules section 3); 0 switches one off.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AnswerLimits {
    pub per_address_hour: u32,
    pub per_address_day: u32,
    /// For senders that are not authenticated, but not for free-mail domains.
    pub per_domain_hour: u32,
}

/// What the transport proved about the sender; `arrive::proof` works it out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proven {
    /// Trusted DMARC pass or aligned DKIM for the From domain (mail-rules section 5).
    pub authenticated: bool,
    /// A trusted server says that DMARC failed.
    pub dmarc_failed: bool,
}

/// What to look up before a mail can be classified. Everything in it is a stranger's claim.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Questions {
    /// Is a mail of this id stored (a copy, or the id taken), or is it one of our letters' (an echo)?
    pub message_id: Option<MessageId>,
    /// The normalised digest that a copy shares.
    pub digest: Digest,
    /// No Message-ID, but a Date: then the digest alone tells a copy, for two mails of one second with the same words
    /// are one mail.
    pub nameless: bool,
    /// The value of `X-Amends-Loop`: `<outbox id>.<MAC>`; it names a letter only if its MAC is ours.
    pub loop_mark: Option<String>,
    /// The ids that the mail answers, nearest first: letters of ours, or mails on a case.
    pub thread: Thread,
    /// Details of our own addresses that look like tokens, as written and without duplicates: `c.ab12...`.
    pub tokens: Vec<String>,
    /// `[NW-n]` of the subject.
    pub reference: Option<CaseId>,
    /// Who counts as the writer: From, a contact form's Reply-To, a group's X-Original-From.
    pub sender: Option<Address>,
    pub bare_subject: String,
    /// SHA-256 of the new words without white space, where they are 200 characters or more (bot guard).
    pub words: Option<Digest>,
    /// A report's mail: which letter it says it is about.
    pub reported: Option<MessageId>,
}

/// The answers to [`Questions`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Found {
    /// Mails already stored with the same raw SHA-256, or the same Message-ID and normalised digest; oldest first.
    pub copies: Vec<Copy>,
    /// A mail with the same Message-ID and other content exists.
    pub message_id_taken: bool,
    /// Our letter with this Message-ID or in a loop mark with a valid MAC, with the normalised digest of what was sent.
    pub own_letter: Option<(LetterId, Digest)>,
    /// A letter of `amends check --send`, word for word: its mark holds a MAC over this very content.
    pub is_trial: bool,
    /// Cases that hold one of the ids in `thread`, nearest id first; then those of `copies` that are no person's.
    pub by_message_id: Vec<FoundCase>,
    /// What the tokens of the recipient addresses are worth.
    pub token: FoundToken,
    /// To whom the welcome letter was written that it answers by Message-ID; for where no token comes back.
    pub answers_welcome_of: Option<PersonId>,
    /// The case of `[NW-n]` in the subject.
    pub by_reference: Option<FoundCase>,
    /// Open cases of the same sender, newest first, with their bare subjects.
    pub by_sender: Vec<SenderCase>,
    /// The letter that a report names.
    pub reported: Option<ReportedLetter>,
    /// Letters to this sender: counts and switches of mail-rules section 3.
    pub letters_hour: u32,
    pub letters_day: u32,
    pub domain_letters_hour: u32,
    /// How long before this mail the last automatic letter to its sender left, in seconds. Looked up where there was
    /// more than one within the hour.
    pub last_letter_secs: Option<i64>,
    pub muted: bool,
    pub stopped: bool,
    pub marked_spam: bool,
    /// How long before this mail the letter that it answers was sent, in seconds.
    pub answered_after_secs: Option<i64>,
    /// The same long words were written by the same outsider on another case within 14 days.
    pub same_words_elsewhere: bool,
}

/// A mail already stored that this one is a copy of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Copy {
    pub mail: MailId,
    /// The authority that was found for it: a copy that proves more is still looked at, once.
    pub level: Level,
    /// What its own road made of it was a person's mail: not one of a list, not a machine's.
    pub human: bool,
    pub case: Option<CaseId>,
}

/// A case that a mark points to, and how the mail's sender stands to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCase {
    pub id: CaseId,
    pub participant: Option<ParticipantNo>,
    /// Stands in To or Cc of one of the case's mails.
    pub mentioned: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderCase {
    pub id: CaseId,
    /// Who the sender is on it.
    pub participant: ParticipantNo,
    pub bare_subject: String,
}

/// What the token in a recipient address turned out to be, after its MAC, expiry and serial were checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum FoundToken {
    /// None there, or none of ours, or too old: worth nothing.
    #[default]
    None,
    /// Purpose `c`: a customer's reply to a letter.
    Customer(FoundCase),
    /// Purpose `s` or `i`: written to this person. No case for lists and digests.
    Staff { case: Option<CaseId>, person: PersonId, purpose: StaffPurpose },
    /// Purpose `b`: the envelope of this letter.
    Bounce { letter: LetterId, case: CaseId },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffPurpose {
    /// `s`: a plain reply goes to the customer.
    Reply,
    /// `i`: stays internal.
    Internal,
    /// `i`, of a welcome letter: shows what the mail proves.
    Welcome,
    /// `k`: confirms what this mail asked for.
    Confirm(MailId),
}

/// A letter of ours that a report is about, by the Message-ID it returned: a hint only, ids can be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedLetter {
    pub letter: LetterId,
    pub case: CaseId,
    /// To whom it was sent.
    pub to: Address,
}
