//! A type for every id, so that no bare number or string crosses a module's border.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A Message-ID without its angle brackets: printable ASCII, no white space, at most 998 octets (RFC 5322 section 3.6.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(String);

impl MessageId {
    /// `None` for what could not stand between angle brackets in a header of ours.
    pub fn new(id: &str) -> Option<Self> {
        let id = id.trim().trim_start_matches('<').trim_end_matches('>');
        let fits =
            !id.is_empty() && id.len() <= 990 && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
        fits.then(|| Self(id.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.0)
    }
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// A case; also the number in its reference.
    CaseId
);
number_id!(
    /// A mail that came in: its intake row.
    MailId
);
number_id!(
    /// A letter: its outbox row.
    LetterId
);
number_id!(
    /// Who takes part in a case; 0 is the customer who opened it.
    ParticipantNo
);

macro_rules! word_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn new(word: impl Into<String>) -> Self {
                Self(word.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word_id!(
    /// A `[[person]]` of the configuration, by its `id`.
    PersonId
);
word_id!(
    /// A `[[mailbox]]` of the configuration, by its `name`.
    MailboxName
);

/// How people name a case: `NW-1042`, in subjects `[NW-1042]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaseRef {
    pub prefix: String,
    pub id: CaseId,
}

impl CaseRef {
    pub fn new(prefix: &str, id: CaseId) -> Self {
        Self { prefix: prefix.to_owned(), id }
    }

    /// Reads `NW-1042` or `[NW-1042]` in any case; `None` where the prefix is another or the number is none.
    pub fn parse(prefix: &str, text: &str) -> Option<Self> {
        let bare = text.trim().trim_start_matches('[').trim_end_matches(']');
        let (head, number) = bare.rsplit_once('-')?;
        if !head.eq_ignore_ascii_case(prefix) || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        Some(Self::new(prefix, CaseId(number.parse().ok()?)))
    }

    /// The first `[NW-1042]` in a subject.
    pub fn find_in_subject(prefix: &str, subject: &str) -> Option<Self> {
        subject.match_indices('[').find_map(|(at, _)| {
            let end = subject[at..].find(']')?;
            Self::parse(prefix, &subject[at..=at + end])
        })
    }
}

impl fmt::Display for CaseRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.prefix, self.id)
    }
}

/// A SHA-256, printed as lower-case hex.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 32]);

impl From<ring::digest::Digest> for Digest {
    /// Of a SHA-256: its 32 bytes.
    fn from(sum: ring::digest::Digest) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(sum.as_ref());
        Self(bytes)
    }
}

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Self::from(ring::digest::digest(&ring::digest::SHA256, bytes))
    }

    pub fn to_hex(self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    pub fn from_hex(hex: &str) -> Option<Self> {
        let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let hex = String::deserialize(deserializer)?;
        Self::from_hex(&hex).ok_or_else(|| serde::de::Error::custom("not a SHA-256 in hex"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_found_in_a_subject() {
        let found = CaseRef::find_in_subject("NW", "AW: [EXTERN] Re: Lamp [nw-1042] again");
        assert_eq!(found, Some(CaseRef::new("NW", CaseId(1042))));
        assert_eq!(CaseRef::find_in_subject("NW", "[XX-1] [NW-] [NW-x]"), None);
    }

    #[test]
    fn a_message_id_cannot_carry_a_line_break() {
        assert!(MessageId::new("<a@b>").is_some());
        assert!(MessageId::new("a@b>\r\nBcc: x@y").is_none());
        assert!(MessageId::new("").is_none());
    }
}
