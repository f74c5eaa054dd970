//! Our own check of DKIM signatures: which of them could prove the mail, and whether one does. RFC 6376, 8301, 8463.
//!
//! Stricter than RFC 6376 asks (mail-rules section 5), for a pass here lets commands through: the signer is aligned with
//! From, signs whatever letters and cases are made of, the whole body, with a fresh date, and its key is strong and not a
//! test. mail-auth does the arithmetic over the bytes as received; all else is decided here, before anything is asked of
//! DNS. Whatever fails means "not authenticated", never an error: the mail goes on without.

use std::borrow::{Borrow, Cow};
use std::hash::Hash;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use futures_util::FutureExt as _;
use jiff::{SignedDuration, Timestamp};
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, Parameters, ResolverCache, Txt};

use super::align::aligned;
use super::tags::{Tags, squeeze};
use crate::mail::{Digest, Mail};

/// A signature that would prove the mail if a key of its signer fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// `d=`, lower case.
    pub domain: String,
    /// Where its key lies in DNS, with the final dot.
    pub key_name: String,
    /// Of (d, Message-ID, bh): a second mail with it is a replay (RFC 6376 section 8.6).
    pub mark: Digest,
    /// To is signed. Without that the mail may have been written to anybody (Exchange signs no To).
    pub signs_to: bool,
    /// So is Reply-To: of a contact form it is the customer.
    pub signs_reply_to: bool,
    /// So is Content-Type: how the body is cut into parts.
    pub signs_type: bool,
    /// The whole field without white space: how it is found again among the bytes.
    squeezed: String,
}

/// Signatures that are looked at, and those for which DNS is asked.
const MAX_FIELDS: usize = 20;
const MAX_CLAIMS: usize = 3;
const MAX_KEYS: usize = 3;
/// Far above the longest of an honest signer (8192 bits and 60 names).
const MAX_FIELD_BYTES: usize = 8 * 1024;
const MAX_SIGNED_NAMES: usize = 200;
/// mail-rules section 5. A mail that waited longer in a queue is confirmed by hand.
const OLDEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Clocks of others may be ahead of ours by so much.
const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// RFC 8301 section 3.2.
const MIN_RSA_BITS: usize = 1024;

/// The signatures that are worth asking DNS for, at most three; or why there is none.
pub fn claims(mail: &Mail, now: Timestamp) -> Result<Vec<Claim>, String> {
    let mut found: Vec<Claim> = Vec::new();
    let mut why = None;
    let mut fields = mail.headers_named("DKIM-Signature").take(MAX_FIELDS).peekable();
    if fields.peek().is_none() {
        return Err("no DKIM-Signature".into());
    }
    let sender = mail.sender().ok_or("there is not exactly one From address")?;
    refuse_doubled(mail)?;
    for value in fields {
        match claim(mail, value, sender.address.domain(), now) {
            Ok(claim) => found.push(claim),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    found.truncate(MAX_CLAIMS);
    match (found.is_empty(), why) {
        (true, Some(why)) => Err(why),
        _ => Ok(found),
    }
}

/// RFC 6376 section 8.15: a signature covers the lowest field of a name, and readers show the topmost.
fn refuse_doubled(mail: &Mail) -> Result<(), String> {
    let doubled = ["From", "Subject", "Date", "Message-ID", "To"].iter().find(|n| mail.headers_named(n).count() > 1);
    doubled.map_or(Ok(()), |name| Err(format!("several {name} fields")))
}

fn claim(mail: &Mail, value: &str, from: &str, now: Timestamp) -> Result<Claim, String> {
    if value.len() > MAX_FIELD_BYTES {
        return Err("a DKIM-Signature that is too long".into());
    }
    let tags = Tags::parse(value).ok_or("a DKIM-Signature that cannot be read")?;
    let domain = tags.squeezed("d").unwrap_or_default().to_ascii_lowercase();
    let selector = tags.squeezed("s").unwrap_or_default();
    if !is_host(&domain) || !is_host(&selector) {
        return Err("a DKIM-Signature without signer".into());
    }
    let says = |why: &str| format!("the DKIM signature of {domain} {why}");
    let refused = |why: &str| Err(says(why));
    if !aligned(&domain, from) {
        return refused(&format!("does not stand for {from}"));
    }
    // RFC 6376 section 8.2: with l= anything may be appended to what was signed.
    if tags.get("l").is_some() {
        return refused("carries l=");
    }
    if tags.get("v") != Some("1") || tags.get("q").is_some_and(|q| !squeeze(q).split(':').any(|m| m == "dns/txt")) {
        return refused("is of another version");
    }
    // RFC 8301 section 3.1: rsa-sha1 is no signature.
    if !["rsa-sha256", "ed25519-sha256"].contains(&tags.squeezed("a").unwrap_or_default().as_str()) {
        return refused("is made by an algorithm that does not count");
    }
    let signed = tags.list("h");
    let lacking = ["from", "subject", "date", "message-id"].into_iter().find(|n| !signed.iter().any(|s| s == n));
    if let Some(name) = lacking.or((signed.len() > MAX_SIGNED_NAMES).then_some("so many names and")) {
        return refused(&format!("does not cover {name}"));
    }
    dates(mail, &tags, now).map_err(|why| says(&why))?;
    let (Some(id), Some(hash)) = (&mail.message_id, tags.squeezed("bh")) else {
        return refused("has no Message-ID or no body hash beside it");
    };
    Ok(Claim {
        key_name: format!("{selector}._domainkey.{domain}."),
        mark: Digest::of(format!("{domain}\n{}\n{hash}", id.as_str()).as_bytes()),
        signs_to: signed.iter().any(|s| s == "to"),
        signs_type: signed.iter().any(|s| s == "content-type"),
        signs_reply_to: signed.iter().any(|s| s == "reply-to"),
        squeezed: squeeze(value),
        domain,
    })
}

/// Fresh, and not expired. Where `t=` is missing the Date field, which is signed, says when the mail was made.
fn dates(mail: &Mail, tags: &Tags<'_>, now: Timestamp) -> Result<(), String> {
    let instant = |name: &str| match tags.squeezed(name) {
        None => Ok(None),
        Some(digits) => seconds(&digits).map(Some).ok_or(format!("has no time in {name}=")),
    };
    let (signed_at, expires) = (instant("t")?, instant("x")?);
    let made = signed_at.or(mail.date).ok_or("does not say when it was made, and Date cannot be read")?;
    if now.duration_since(made) > OLDEST {
        return Err("is older than 7 days".into());
    }
    if made.duration_since(now) > SKEW {
        return Err("was made in the future".into());
    }
    match expires {
        Some(at) if at <= now || at <= made => Err("has expired".into()),
        _ => Ok(()),
    }
}

fn seconds(digits: &str) -> Option<Timestamp> {
    let plain = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten().and_then(|s| Timestamp::from_second(s).ok())
}

fn is_host(name: &str) -> bool {
    let label =
        |l: &str| (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    name.len() <= 200 && name.split('.').all(label)
}

/// A claim, and the texts that stand at its [`Claim::key_name`] in DNS; or why they could not be had.
pub type Asked = (Claim, Result<Vec<String>, String>);

/// The first claim that one of its keys fits, over the bytes of the mail as received; or why none does.
pub fn verify<'a>(raw: &[u8], mail: &Mail, asked: &'a [Asked]) -> Result<&'a Claim, String> {
    // A stranger's key and signature are the trouble of the proof, never of the mail.
    let judging = AssertUnwindSafe(|| first_that_fits(raw, mail, asked));
    catch_unwind(judging).unwrap_or_else(|_| Err("checking its signatures panicked".into()))
}

fn first_that_fits<'a>(raw: &[u8], mail: &Mail, asked: &'a [Asked]) -> Result<&'a Claim, String> {
    let raw = with_crlf(without_mbox_line(raw));
    let mut message = AuthenticatedMessage::parse(&raw).ok_or("mail-auth sees no header")?;
    // Two readers of one header: what this one calls signed must be what the rest of the crate shows.
    let names = message.headers.iter().map(|(name, _)| *name);
    if !names.eq(mail.headers.iter().map(|h| h.name.as_bytes())) {
        return Err("a header that can be read in two ways".into());
    }
    // A line that is no field ends the header for one reader and begins the body for the other: words that nobody signed.
    let (header, body) = raw.split_at_checked(message.body_offset()).ok_or("a header without an end")?;
    if !header.ends_with(b"\r\n\r\n") {
        return Err("a header that can be read in two ways".into());
    }
    let fields = std::mem::take(&mut message.dkim_headers);
    message.errors.clear();
    let mut why = "no DKIM-Signature".to_owned();
    for (claim, records) in asked {
        let field = fields.iter().find(|f| squeeze(&String::from_utf8_lossy(f.value)) == claim.squeezed);
        let tried = match (field, records) {
            (Some(_), _) if !claim.signs_type && !is_cut_as_sent(mail, body) => {
                Err("it does not cover Content-Type, which does not fit the body".to_owned())
            }
            (Some(field), Ok(records)) => {
                message.dkim_headers = vec![field.clone()];
                any_fits(&mut message, records)
            }
            (None, _) => Err("mail-auth cannot read it".to_owned()),
            (_, Err(fault)) => Err(fault.clone()),
        };
        match tried {
            Ok(()) => return Ok(claim),
            Err(reason) => why = format!("the DKIM signature of {}: {reason}", claim.domain),
        }
    }
    Err(why)
}

/// Many sign no Content-Type (Gmail). Whoever changes it may make other parts of the same body: but what was sent as a
/// multipart begins with its own boundary, and what was not with no boundary at all.
fn is_cut_as_sent(mail: &Mail, body: &[u8]) -> bool {
    let kind = mail.header("Content-Type").unwrap_or_default();
    let is_multipart = kind.trim_start().get(..10).is_some_and(|start| start.eq_ignore_ascii_case("multipart/"));
    let first = body.split(|b| *b == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default().trim_ascii();
    match (is_multipart, first.strip_prefix(b"--")) {
        (true, Some(boundary)) => !boundary.is_empty() && holds(kind.as_bytes(), boundary),
        (true, None) => false,
        (false, Some(rest)) => rest.is_empty() || rest.starts_with(b" "),
        (false, None) => true,
    }
}

fn holds(text: &[u8], piece: &[u8]) -> bool {
    text.windows(piece.len()).any(|window| window == piece)
}

/// RFC 6376 section 3.6.2.2 leaves open what several keys under one name mean: each is tried.
fn any_fits(message: &mut AuthenticatedMessage<'_>, records: &[String]) -> Result<(), String> {
    let mut why = "there is no key".to_owned();
    for record in records.iter().take(MAX_KEYS) {
        match key(record).and_then(|key| fits(message, key)) {
            Ok(()) => return Ok(()),
            Err(reason) => why = reason,
        }
    }
    Err(why)
}

/// RFC 6376 section 3.6.1. What mail-auth does not ask of a key is asked here.
fn key(record: &str) -> Result<DomainKey, String> {
    let tags = Tags::parse(record).ok_or("the key cannot be read")?;
    let lists = |name: &str, wanted: &[&str]| match tags.list(name) {
        words if words.is_empty() => true,
        words => words.iter().any(|w| wanted.contains(&w.as_str())),
    };
    if tags.get("v").is_some_and(|v| v != "DKIM1") {
        return Err("the key is of another version".into());
    }
    if tags.squeezed("p").is_some_and(|p| p.is_empty()) {
        return Err("the key was revoked".into());
    }
    // "Verifiers MUST NOT treat messages from Signers in testing mode differently from unsigned email."
    if tags.list("t").iter().any(|flag| flag == "y") {
        return Err("the key is a test".into());
    }
    if !lists("s", &["*", "email"]) || !lists("h", &["sha256"]) {
        return Err("the key is not for mail".into());
    }
    let key = DomainKey::parse(record.as_bytes()).map_err(|e| format!("the key cannot be read: {e}"))?;
    match key.p.public_key_bits() {
        bits if bits < MIN_RSA_BITS => Err(format!("the key has only {bits} bits")),
        _ => Ok(key),
    }
}

/// For the one signature that the message still holds.
fn fits(message: &mut AuthenticatedMessage<'_>, key: DomainKey) -> Result<(), String> {
    for field in &mut message.dkim_headers {
        // Judged above by the time that is given here, not by the clock of the machine; and no other name is asked for.
        (field.header.x, field.header.r, field.header.atps) = (0, false, None);
    }
    let known = OneKey(Txt::DomainKey(Arc::new(key)));
    let asked = Parameters::new(&*message).with_txt_cache(&known);
    // Every question is answered by `known`: nothing is waited for.
    let outputs = asker()?.verify_dkim(asked).now_or_never().ok_or("mail-auth waits for DNS")?;
    match outputs.first().map(|o| o.result()) {
        Some(DkimResult::Pass) => Ok(()),
        Some(DkimResult::Neutral(e) | DkimResult::Fail(e) | DkimResult::PermError(e) | DkimResult::TempError(e)) => {
            Err(e.to_string())
        }
        Some(DkimResult::None) | None => Err("mail-auth does not judge it".into()),
    }
}

/// What some deliverers put before the first field; nobody signs it.
fn without_mbox_line(raw: &[u8]) -> &[u8] {
    match (raw.starts_with(b"From ") || raw.starts_with(b">From "), raw.iter().position(|b| *b == b'\n')) {
        (true, Some(end)) => &raw[end + 1..],
        _ => raw,
    }
}

/// Signatures are made over CRLF (RFC 6376 section 5.3); a Maildir and a pipe hold the line ends of the machine.
fn with_crlf(raw: &[u8]) -> Cow<'_, [u8]> {
    let first = raw.iter().position(|b| *b == b'\n').unwrap_or(0);
    if first == 0 || raw[first - 1] == b'\r' {
        return Cow::Borrowed(raw);
    }
    let mut bytes = Vec::with_capacity(raw.len() + raw.len() / 32);
    let mut last = 0;
    for byte in raw {
        if *byte == b'\n' && last != b'\r' {
            bytes.push(b'\r');
        }
        bytes.push(*byte);
        last = *byte;
    }
    Cow::Owned(bytes)
}

/// Asks nobody: it has no server, and what it wants to know stands in [`OneKey`].
fn asker() -> Result<&'static MessageAuthenticator, String> {
    static ASKER: OnceLock<Option<MessageAuthenticator>> = OnceLock::new();
    let made = ASKER.get_or_init(|| MessageAuthenticator::new(ResolverConfig::default(), ResolverOpts::default()).ok());
    made.as_ref().ok_or_else(|| "mail-auth cannot begin".to_owned())
}

/// The key that was found, as the answer to whatever is asked.
struct OneKey(Txt);

impl ResolverCache<Box<str>, Txt> for OneKey {
    fn get<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        Some(self.0.clone())
    }

    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }

    fn insert(&self, _: Box<str>, _: Txt, _: std::time::Instant) {}
}
