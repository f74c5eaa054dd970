//! Where a mail belongs: the case it joins, the one it claims without proof, or a new one (design.md section 5).
//!
//! Ids and subjects place a mail only for who takes part in the case or was mentioned on it; a token places it for
//! whoever holds it. Nothing here gives authority.

use crate::mail::{Address, CaseId, CaseRef, Mail, MessageId};

use super::{Found, FoundCase, FoundToken, Place, Sender, Standing, Thread};

/// Ids that one answer of ours may carry (mail-rules section 3).
const MAX_ANSWER_IDS: usize = 20;

/// The ids that the mail answers, nearest first, without doubles.
pub fn answered(mail: &Mail) -> Thread {
    let mut ids: Thread = Vec::with_capacity(mail.references.len() + 1);
    for id in mail.in_reply_to.iter().chain(mail.references.iter().rev()) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    ids
}

/// Ids for References of an answer to this mail, oldest first: the first and the latest where there are too many.
pub fn for_answer(mail: &Mail) -> Vec<MessageId> {
    let mut ids: Vec<MessageId> =
        if mail.references.is_empty() { mail.in_reply_to.clone() } else { mail.references.clone() };
    ids.extend(mail.message_id.clone().filter(|id| !ids.contains(id)));
    if ids.len() > MAX_ANSWER_IDS {
        ids.drain(1..=ids.len() - MAX_ANSWER_IDS);
    }
    ids
}

/// Details of our own addresses that look like tokens, from all fields that name a recipient.
pub fn tokens(mail: &Mail, own: &[Address]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for address in recipients(mail) {
        let (base, detail) = address.split_detail();
        let Some(detail) = detail.filter(|_| own.contains(&base)) else { continue };
        if is_token_shape(detail) && !found.iter().any(|t| t.eq_ignore_ascii_case(detail)) {
            found.push(detail.to_owned());
        }
    }
    found
}

/// A `+b.` address among the recipients, whatever it is worth (row 2).
pub fn is_to_bounce_address(mail: &Mail, own: &[Address]) -> bool {
    tokens(mail, own).iter().any(|t| t.starts_with("b.") || t.starts_with("B."))
}

/// `c.`, `b.`, `s.`, `i.` or `k.` and something behind it.
fn is_token_shape(detail: &str) -> bool {
    let bytes = detail.as_bytes();
    bytes.len() > 2 && bytes[1] == b'.' && b"cbsik".contains(&bytes[0].to_ascii_lowercase())
}

/// Everybody the mail says it was for, also where only the delivering server wrote it.
fn recipients(mail: &Mail) -> impl Iterator<Item = Address> + '_ {
    const DELIVERY: [&str; 6] =
        ["Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "X-Forwarded-To"];
    let shown = mail.to.iter().chain(&mail.cc).map(|p| p.address.clone());
    let written = DELIVERY.into_iter().flat_map(|name| mail.headers_named(name));
    shown.chain(written.flat_map(|v| v.split(',')).filter_map(Address::parse))
}

/// The number in `[NW-n]` of the subject.
pub fn reference(mail: &Mail, prefix: &str) -> Option<CaseId> {
    CaseRef::find_in_subject(prefix, mail.subject.as_deref()?).map(|found| found.id)
}

/// What is known beside the mail when it is placed.
pub struct Placing<'a> {
    pub sender: &'a Sender,
    /// The writer's address is proven.
    pub authenticated: bool,
    pub found: &'a Found,
    /// Of the mail, by [`bare_subject`].
    pub bare_subject: &'a str,
}

/// A case found, and how the writer stands to it.
pub type Placed = (CaseId, Standing);

impl Placing<'_> {
    /// By token or by ids of who takes part: the match that also a machine's mail may have.
    pub fn matched(&self) -> Option<Placed> {
        self.by_token().or_else(|| self.by_ids())
    }

    /// Every way in which a person's mail may join a case.
    pub fn joined(&self) -> Option<Placed> {
        self.matched().or_else(|| self.by_reference()).or_else(|| self.by_subject())
    }

    /// A new case, with the case that it is linked to or claims.
    pub fn opened(&self) -> Place {
        let linked = self.found.by_sender.first().filter(|_| self.authenticated).map(|c| c.id);
        let named = self.found.by_reference.as_ref().or(self.found.by_message_id.first());
        let claims = named.map(|case| case.id).filter(|id| Some(*id) != linked);
        Place::New { linked, claims }
    }

    fn by_token(&self) -> Option<Placed> {
        match &self.found.token {
            FoundToken::Customer(case) => Some((case.id, self.standing(case))),
            FoundToken::Staff { case, .. } => {
                let standing = if self.is_person() { Standing::Person } else { Standing::Stranger };
                case.map(|case| (case, standing))
            }
            FoundToken::Bounce { .. } | FoundToken::None => None,
        }
    }

    fn by_ids(&self) -> Option<Placed> {
        let welcome = |c: &&FoundCase| c.participant.is_some() || c.mentioned || self.is_person();
        self.found.by_message_id.iter().find(welcome).map(|case| (case.id, self.standing(case)))
    }

    fn by_reference(&self) -> Option<Placed> {
        let case = self.found.by_reference.as_ref()?;
        (case.participant.is_some() || self.is_person()).then(|| (case.id, self.standing(case)))
    }

    fn by_subject(&self) -> Option<Placed> {
        if !self.authenticated || self.bare_subject.is_empty() {
            return None;
        }
        let same = self.found.by_sender.iter().find(|c| c.bare_subject == self.bare_subject)?;
        Some((same.id, Standing::Participant(same.participant)))
    }

    fn is_person(&self) -> bool {
        matches!(self.sender, Sender::Person(_))
    }

    fn standing(&self, case: &FoundCase) -> Standing {
        match (self.sender, case.participant) {
            (Sender::Person(_), _) => Standing::Person,
            (_, Some(number)) => Standing::Participant(number),
            (_, None) if case.mentioned => Standing::Mentioned,
            (_, None) => Standing::Stranger,
        }
    }
}

/// Words before a colon that answer or forward (RFC 5322 section 3.6.5 knows only `Re: `).
const PREFIXES: [&str; 34] = [
    "re",
    "fwd",
    "fw",
    "aw",
    "wg",
    "antw",
    "antwort",
    "sv",
    "vs",
    "vb",
    "vl",
    "rv",
    "res",
    "enc",
    "tr",
    "r\u{e9}f",
    "ref",
    "rif",
    "r",
    "i",
    "odp",
    "pd",
    "ynt",
    "ilt",
    "doorst",
    "\u{56de}\u{590d}",
    "\u{56de}\u{8986}",
    "\u{7b54}\u{590d}",
    "\u{7b54}\u{8986}",
    "\u{8f6c}\u{53d1}",
    "\u{8f49}\u{5bc4}",
    "\u{8fd4}\u{4fe1}",
    "\u{8ee2}\u{9001}",
    "\u{43e}\u{442}\u{432}\u{435}\u{442}",
];

/// Tags that mail gateways put before subjects from outside.
const TAGS: [&str; 4] = ["external", "extern", "ext", "caution"];

/// The name of a thread: no `Re:`, no `[NW-7]`, no `[EXTERNAL]`, folded, so that an answer has the name of what it answers.
pub fn bare_subject(subject: &str, prefix: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let next = without_tag(rest, prefix).or_else(|| without_prefix(rest)).map(str::trim_start);
        match next {
            Some(shorter) => rest = shorter,
            None => break,
        }
    }
    let mut words: Vec<String> = Vec::new();
    for word in rest.split_whitespace() {
        if CaseRef::parse(prefix, word).is_none() || !word.starts_with('[') {
            words.push(word.to_lowercase());
        }
    }
    words.join(" ").trim_end_matches("(fwd)").trim().to_owned()
}

/// `Re:`, `AW[2]:`, `RE (3):`, `回复：`.
fn without_prefix(subject: &str) -> Option<&str> {
    let (at, colon) = subject.char_indices().take(14).find(|(_, c)| matches!(c, ':' | '\u{ff1a}'))?;
    let word = subject[..at].trim_end_matches([']', ')', ' ']).trim_end_matches(|c: char| c.is_ascii_digit());
    let word = word.trim_end_matches(['[', '(', ' ', '^', '*']).to_lowercase();
    PREFIXES.contains(&word.as_str()).then(|| &subject[at + colon.len_utf8()..])
}

/// `[NW-1042]` of ours and `[EXTERNAL]` of gateways; other tags are words of the writer.
fn without_tag<'s>(subject: &'s str, prefix: &str) -> Option<&'s str> {
    let (tag, rest) = subject.strip_prefix('[')?.split_once(']')?;
    let known = TAGS.contains(&tag.trim().to_ascii_lowercase().as_str()) || CaseRef::parse(prefix, tag).is_some();
    known.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_the_name_of_what_they_answer() {
        for subject in [
            "Lamp broken again",
            "Re: Lamp broken again",
            "AW: WG: Lamp  broken again",
            "RE[2]: Lamp broken again [NW-1042]",
            "[EXTERNAL] Re: [nw-1042] Lamp broken again",
            "\u{56de}\u{590d}\u{ff1a}Lamp broken again",
            "Fwd: Lamp broken again (fwd)",
            "SV: TR: Re (3): Lamp broken again",
        ] {
            assert_eq!(bare_subject(subject, "NW"), "lamp broken again", "{subject}");
        }
        assert_eq!(bare_subject("[Shop] Order: late", "NW"), "[shop] order: late");
        assert_eq!(bare_subject("Re: ", "NW"), "");
        assert_eq!(bare_subject("Regarding: x", "NW"), "regarding: x");
    }

    #[test]
    fn tokens_are_taken_from_our_own_addresses_only() {
        let own = [Address::parse("support@n.example").expect("one")];
        let mail = |field: &str, value: &str| Mail {
            headers: vec![crate::mail::Header { name: field.into(), value: value.into() }],
            ..Mail::default()
        };
        assert_eq!(tokens(&mail("Delivered-To", "support+c.ab@n.example"), &own), ["c.ab"]);
        assert!(tokens(&mail("Delivered-To", "support+c.ab@other.example"), &own).is_empty());
        assert!(tokens(&mail("Delivered-To", "support+sales@n.example"), &own).is_empty());
        assert!(is_to_bounce_address(&mail("X-Original-To", "<support+b.ab@n.example>"), &own));
    }

    #[test]
    fn a_long_thread_keeps_its_first_and_its_latest_ids() {
        let id = |n: usize| MessageId::new(&format!("{n}@x")).expect("an id");
        let mail = Mail { references: (0..40).map(id).collect(), message_id: Some(id(99)), ..Mail::default() };
        let ids = for_answer(&mail);
        assert_eq!((ids.len(), &ids[0], &ids[19], &ids[1]), (20, &id(0), &id(99), &id(22)));
    }
}
