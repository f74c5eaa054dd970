//! Reply tokens: minted into our addresses, checked when a mail comes back with one.
//!
//! A token (mail-rules section 5) is 24 bytes, written as 39 characters of base32: key id 1, subject 8, serial 1,
//! expiry day 2, MAC 12. The MAC is HMAC-SHA-256 over the purpose, the desk's id, the staff epoch and the fields
//! (RFC 2104, RFC 4648 section 6). It says *which* case, letter or person a mail is about; it never says who wrote
//! it. What is not ours, is for another purpose, or has run out is an error, and the mail goes on without it.

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::mail::{Address, CaseId, Digest, LetterId, MessageId, ParticipantNo, PersonId};

const FIELDS: usize = 12;
const MAC: usize = 12;
const BYTES: usize = FIELDS + MAC;
/// 24 bytes in base32 without padding.
pub const TOKEN_CHARS: usize = 39;
/// `+c.` and the token stand behind the mailbox's own local part, which may therefore have so many octets
/// (RFC 5321 section 4.5.3.1.1: 64 in all).
pub const MAX_OWN_LOCAL: usize = 64 - (3 + TOKEN_CHARS);

const CASE_MAX: i64 = (1 << 40) - 1;
const NUMBER_MAX: i64 = (1 << 24) - 1;
const SECONDS_A_DAY: i64 = 86_400;
/// The serial of an `i` token without a case that stands in a welcome letter; those of lists and digests have 0.
pub const WELCOME: u8 = 1;

/// What a token allows. A token of one purpose is nothing under another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// A staff reply that may reach the customer: 30 days.
    Staff,
    /// A staff reply that stays with us: 30 days.
    Internal,
    /// A customer's reply: 180 days.
    Customer,
    /// A report about one of our letters: 30 days.
    Bounce,
    /// A `#confirm`: used once, and by the row it names within 60 minutes; the token itself ends with the next day.
    Confirm,
}

impl Purpose {
    pub const ALL: [Purpose; 5] =
        [Purpose::Staff, Purpose::Internal, Purpose::Customer, Purpose::Bounce, Purpose::Confirm];

    /// As it stands in the address: `support+c.TOKEN@`.
    pub fn letter(self) -> char {
        match self {
            Purpose::Staff => 's',
            Purpose::Internal => 'i',
            Purpose::Customer => 'c',
            Purpose::Bounce => 'b',
            Purpose::Confirm => 'k',
        }
    }

    /// Whatever its case: servers on the way may change it.
    pub fn from_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.letter() == letter.to_ascii_lowercase())
    }

    fn lifetime_days(self) -> i64 {
        match self {
            Purpose::Staff | Purpose::Internal | Purpose::Bounce => 30,
            Purpose::Customer => 180,
            Purpose::Confirm => 1,
        }
    }
}

/// A token that was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    pub purpose: Purpose,
    pub subject: Subject,
    /// Rises when a token of this case and person is burnt. Without a case [`WELCOME`] or 0.
    pub serial: u8,
}

/// What a token is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// `s` and `i`; the case is `None` for lists and digests.
    Person { case: Option<CaseId>, person: PersonMark },
    /// `c`
    Participant { case: CaseId, participant: ParticipantNo },
    /// `b`
    Letter(LetterId),
    /// `k`: the row of what is to be confirmed.
    Confirmation(i64),
}

/// A person in three bytes: enough to tell the people of one configuration apart, and the same after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonMark([u8; 3]);

impl PersonMark {
    pub fn of(person: &PersonId) -> Self {
        let [a, b, c, ..] = crate::mail::Digest::of(person.as_str().as_bytes()).0;
        Self([a, b, c])
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    #[error("it is no token: it has another shape")]
    Shape,
    #[error("it was made with another key")]
    OtherKey,
    #[error("it was not made by this desk for this purpose")]
    Forged,
    #[error("it has run out")]
    Expired,
    #[error("a number is too large for a token")]
    TooLarge,
}

/// Mints and checks. Holds the key, ready for use; prints as nothing.
#[derive(Clone)]
pub struct Tokens {
    mac: Hmac<Sha256>,
    key_id: u8,
    desk_id: String,
    epoch: u32,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(***)")
    }
}

impl Tokens {
    /// `key` should have 32 bytes or more. `desk_id` stays with the database and its backups; raising `epoch` makes
    /// every token minted before worthless.
    pub fn new(key: &[u8], desk_id: &str, epoch: u32) -> Self {
        let mac = keyed(key);
        let key_id = tag(&mac, "amends/v1/key-id", &[])[0];
        Self { mac, key_id, desk_id: desk_id.to_owned(), epoch }
    }

    /// For the Reply-To of letters to that participant.
    pub fn mint_customer(
        &self,
        case: CaseId,
        participant: ParticipantNo,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        self.mint(Purpose::Customer, Subject::Participant { case, participant }, 0, now)
    }

    /// For the envelope sender of that letter.
    pub fn mint_bounce(&self, letter: LetterId, now: Timestamp) -> Result<String, TokenError> {
        self.mint(Purpose::Bounce, Subject::Letter(letter), 0, now)
    }

    /// For notices whose plain reply may reach the customer.
    pub fn mint_staff(
        &self,
        case: CaseId,
        person: &PersonId,
        serial: u8,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        let subject = Subject::Person { case: Some(case), person: PersonMark::of(person) };
        self.mint(Purpose::Staff, subject, serial, now)
    }

    /// For all other mail to staff; no case for lists and digests.
    pub fn mint_internal(
        &self,
        case: Option<CaseId>,
        person: &PersonId,
        serial: u8,
        now: Timestamp,
    ) -> Result<String, TokenError> {
        self.mint(Purpose::Internal, Subject::Person { case, person: PersonMark::of(person) }, serial, now)
    }

    /// For the letters whose answer shows what a person's mail proves.
    pub fn mint_welcome(&self, person: &PersonId, now: Timestamp) -> Result<String, TokenError> {
        self.mint_internal(None, person, WELCOME, now)
    }

    /// For the mail that asks for a `#confirm`.
    pub fn mint_confirm(&self, confirmation: i64, now: Timestamp) -> Result<String, TokenError> {
        self.mint(Purpose::Confirm, Subject::Confirmation(confirmation), 0, now)
    }

    fn mint(&self, purpose: Purpose, subject: Subject, serial: u8, now: Timestamp) -> Result<String, TokenError> {
        let day = u16::try_from(day_of(now) + purpose.lifetime_days()).map_err(|_| TokenError::TooLarge)?;
        let mut bytes = [0; BYTES];
        bytes[0] = self.key_id;
        bytes[1..9].copy_from_slice(&subject_bytes(subject)?);
        bytes[9] = serial;
        bytes[10..12].copy_from_slice(&day.to_be_bytes());
        let mac = self.token_mac(purpose, &bytes[..FIELDS]);
        bytes[FIELDS..].copy_from_slice(&mac);
        Ok(encode(&bytes))
    }

    /// Was this text minted here for that purpose, and does it still hold at `now`? Compared in constant time.
    pub fn check(&self, purpose: Purpose, text: &str, now: Timestamp) -> Result<Token, TokenError> {
        let bytes = decode(text)?;
        if bytes[0] != self.key_id {
            return Err(TokenError::OtherKey);
        }
        let mac = self.token_mac(purpose, &bytes[..FIELDS]);
        if !bool::from(mac.ct_eq(&bytes[FIELDS..])) {
            return Err(TokenError::Forged);
        }
        if day_of(now) > i64::from(u16::from_be_bytes([bytes[10], bytes[11]])) {
            return Err(TokenError::Expired);
        }
        let subject = subject_of(purpose, &bytes[1..9])?;
        Ok(Token { purpose, subject, serial: bytes[9] })
    }

    fn token_mac(&self, purpose: Purpose, fields: &[u8]) -> [u8; MAC] {
        let label = format!("amends/v1/{}", purpose.letter());
        tag(&self.mac, &label, &[self.desk_id.as_bytes(), &self.epoch.to_be_bytes(), fields])
    }

    /// The value of `X-Amends-Loop`: by it we know our own mail when it comes back (mail-rules section 2, row 1).
    pub fn loop_mark(&self, letter: LetterId) -> String {
        format!("{letter}.{}", self.letter_mac("loop", letter))
    }

    /// The letter that a `X-Amends-Loop` of ours names.
    pub fn check_loop_mark(&self, text: &str) -> Option<LetterId> {
        self.check_letter_mac("loop", text.trim())
    }

    /// The `X-Amends-Loop` of a letter of `amends check --send`: over its content, for there is no row to compare it with,
    /// and without the desk's id, for there may be no database yet.
    pub fn trial_mark(&self, content: &Digest) -> String {
        format!("trial.{}", encode(&tag(&self.mac, "amends/v1/trial", &[&content.0])))
    }

    /// Was a mail of this content one of those?
    pub fn check_trial_mark(&self, text: &str, content: &Digest) -> bool {
        bool::from(self.trial_mark(content).as_bytes().ct_eq(text.trim().to_ascii_lowercase().as_bytes()))
    }

    /// `<amends.ID.MAC@domain>`: made of the letter's id alone, so that a retry carries the same.
    pub fn message_id(&self, letter: LetterId, own: &Address) -> Result<MessageId, TokenError> {
        let text = format!("amends.{letter}.{}@{}", self.letter_mac("message-id", letter), own.domain());
        MessageId::new(&text).ok_or(TokenError::Shape)
    }

    /// The letter that a Message-ID of ours names. For threading only: all its recipients have seen it.
    pub fn check_message_id(&self, id: &MessageId) -> Option<LetterId> {
        let (left, _domain) = id.as_str().split_once('@')?;
        self.check_letter_mac("message-id", left.strip_prefix("amends.")?)
    }

    /// A MIME boundary that no text can hold by accident or guess (RFC 2046 section 5.1.1: at most 70 characters).
    pub fn boundary(&self, letter: LetterId) -> String {
        format!("amends-{letter}-{}", self.letter_mac("boundary", letter))
    }

    /// Without the staff epoch: our mail of yesterday stays our own.
    fn letter_mac(&self, what: &str, letter: LetterId) -> String {
        let label = format!("amends/v1/{what}");
        encode(&tag(&self.mac, &label, &[self.desk_id.as_bytes(), &letter.0.to_be_bytes()]))
    }

    fn check_letter_mac(&self, what: &str, text: &str) -> Option<LetterId> {
        let (number, mac) = text.split_once('.')?;
        let letter = LetterId(number.parse().ok()?);
        let right = self.letter_mac(what, letter);
        let same = right.as_bytes().ct_eq(mac.to_ascii_lowercase().as_bytes());
        // `+7` and `07` read as 7, but we never write them.
        (bool::from(same) && letter.to_string() == number).then_some(letter)
    }
}

/// The purpose and text of a token in one of our own addresses: `support+c.TOKEN@` of `support@`. What stands there
/// may be anything; whatever comes to `+b.` is a bounce, its token good or bad (mail-rules section 2).
pub fn find_in<'a>(address: &'a Address, own: &Address) -> Option<(Purpose, &'a str)> {
    if address.domain() != own.domain() {
        return None;
    }
    let (base, detail) = address.local().split_at_checked(own.local().len())?;
    if !base.eq_ignore_ascii_case(own.local()) {
        return None;
    }
    let (purpose, text) = detail.strip_prefix('+')?.split_once('.')?;
    let mut letters = purpose.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Some((Purpose::from_letter(letter)?, text)),
        _ => None,
    }
}

/// `own` with a token behind its local part; `None` where that would be too long (see [`MAX_OWN_LOCAL`]).
pub fn address_with(own: &Address, purpose: Purpose, token: &str) -> Option<Address> {
    own.with_detail(&format!("{}.{token}", purpose.letter()))
}

/// RFC 2104 section 2: a key longer than the block is hashed first. Written out because it cannot fail this way.
fn keyed(key: &[u8]) -> Hmac<Sha256> {
    let digest = crate::mail::Digest::of(key);
    let mut block = Key::<Hmac<Sha256>>::default();
    let short = if key.len() > block.len() { &digest.0[..] } else { key };
    block[..short.len()].copy_from_slice(short);
    Hmac::<Sha256>::new(&block)
}

/// The first 12 bytes of the HMAC. Each part is preceded by its length: no two lists of parts are one text.
fn tag(mac: &Hmac<Sha256>, label: &str, parts: &[&[u8]]) -> [u8; MAC] {
    let mut mac = mac.clone();
    for part in std::iter::once(label.as_bytes()).chain(parts.iter().copied()) {
        mac.update(&(part.len() as u32).to_be_bytes());
        mac.update(part);
    }
    let whole = mac.finalize().into_bytes();
    let mut short = [0; MAC];
    short.copy_from_slice(&whole[..MAC]);
    short
}

fn encode(bytes: &[u8]) -> String {
    BASE32_NOPAD.encode(bytes).to_ascii_lowercase()
}

fn decode(text: &str) -> Result<[u8; BYTES], TokenError> {
    if text.len() != TOKEN_CHARS {
        return Err(TokenError::Shape);
    }
    let bytes = BASE32_NOPAD_NOCASE.decode(text.as_bytes()).map_err(|_| TokenError::Shape)?;
    bytes.try_into().map_err(|_| TokenError::Shape)
}

/// Whole days since 1970 in UTC.
fn day_of(at: Timestamp) -> i64 {
    at.as_second().div_euclid(SECONDS_A_DAY)
}

fn subject_bytes(subject: Subject) -> Result<[u8; 8], TokenError> {
    let number = match subject {
        Subject::Person { case, person } => {
            let [a, b, c] = person.0;
            let case = bounded(case.map_or(0, |c| c.0), CASE_MAX)?;
            (case << 24) | i64::from(u32::from_be_bytes([0, a, b, c]))
        }
        Subject::Participant { case, participant } => {
            (bounded(case.0, CASE_MAX)? << 24) | bounded(participant.0, NUMBER_MAX)?
        }
        Subject::Letter(letter) => bounded(letter.0, i64::MAX)?,
        Subject::Confirmation(row) => bounded(row, i64::MAX)?,
    };
    Ok(number.to_be_bytes())
}

fn subject_of(purpose: Purpose, bytes: &[u8]) -> Result<Subject, TokenError> {
    let whole: [u8; 8] = bytes.try_into().map_err(|_| TokenError::Shape)?;
    let [a, b, c, d, e, x, y, z] = whole;
    let case = CaseId(i64::from_be_bytes([0, 0, 0, a, b, c, d, e]));
    Ok(match purpose {
        Purpose::Staff | Purpose::Internal => {
            Subject::Person { case: (case.0 != 0).then_some(case), person: PersonMark([x, y, z]) }
        }
        Purpose::Customer => {
            let participant = ParticipantNo(i64::from(u32::from_be_bytes([0, x, y, z])));
            Subject::Participant { case, participant }
        }
        Purpose::Bounce => Subject::Letter(LetterId(i64::from_be_bytes(whole))),
        Purpose::Confirm => Subject::Confirmation(i64::from_be_bytes(whole)),
    })
}

fn bounded(number: i64, max: i64) -> Result<i64, TokenError> {
    if (0..=max).contains(&number) { Ok(number) } else { Err(TokenError::TooLarge) }
}

#[cfg(test)]
mod tests;
