//! Why a mail was refused: from the server's words first, from its code where the words say nothing.
//!
//! The words are data (`reasons.txt`), their order there is the order of trust: "user unknown" beside "blacklisted" is no
//! dead address. A dead address stops automatic letters (mail-rules section 4), so whatever is unclear is not dead.
//! Codes are those of RFC 3463 and RFC 7372, 7504, 7505.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::mail::BounceReason::{self, *};

use super::stage::Stage;

/// A server's words are short; what is longer is a mail that it returned.
const MAX_WORDS_BYTES: usize = 2000;

struct Section {
    reason: BounceReason,
    /// Each phrase as its pieces, which must stand in this order.
    phrases: Vec<Vec<&'static str>>,
}

static SECTIONS: LazyLock<Vec<Section>> = LazyLock::new(|| sections(include_str!("reasons.txt")));

/// All phrases in the order of trust, and one walk over the words that finds where any may begin: there are over a thousand,
/// and each mail holds few.
struct Phrases {
    all: Vec<(BounceReason, &'static [&'static str])>,
    first_pieces: AhoCorasick,
}

static PHRASES: LazyLock<Phrases> = LazyLock::new(|| {
    let of = |section: &'static Section| section.phrases.iter().map(|phrase| (section.reason, phrase.as_slice()));
    let all: Vec<_> = SECTIONS.iter().flat_map(of).collect();
    let first_pieces = AhoCorasick::new(all.iter().map(|(_, phrase)| phrase[0])).expect("the phrases fit a machine");
    Phrases { all, first_pieces }
});

fn sections(text: &'static str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            let known = serde_json::from_value(serde_json::Value::String(name.to_owned()));
            sections.extend(known.ok().map(|reason| Section { reason, phrases: Vec::new() }));
        } else if let Some(section) = sections.last_mut() {
            section.phrases.push(line.split(" * ").collect());
        }
    }
    sections
}

/// The reason that these words of a server give, read in the light of its code and of what it was answering.
pub fn of(words: &str, status: Option<&str>, stage: impl Fn() -> Option<Stage>) -> Option<BounceReason> {
    let said = by_words(words);
    let coded = status.and_then(by_code);
    match (said, coded) {
        // Other words may stand beside them; that the address is meant says the code.
        (Some(Content | Policy | Security | Expired | Network | System) | None, Some(UserUnknown | HostUnknown)) => {
            coded
        }
        // Not found now: asked again, the name may be there.
        (Some(HostUnknown | TakesNoMail), _) if is_passing(words, status) => Some(Network),
        (Some(UserUnknown), _) => Some(of_unknown_user(words, status, stage())),
        (Some(HostUnknown), _) if matches!(stage(), Some(Stage::Connect | Stage::Hello | Stage::Mail)) => Some(Blocked),
        (Some(reason), _) => Some(reason),
        // RFC 3464 section 2.3.6: the type of an answer that is no server's, but a program's.
        (None, _) if words.trim_start().get(..6).is_some_and(|t| t.eq_ignore_ascii_case("x-unix")) => Some(Mailer),
        (None, coded) => coded,
    }
}

/// RCPT is where a server says who lives there. After the mail's content the same words come of a filter, and a bare
/// reply that names no moment proves nothing.
fn of_unknown_user(words: &str, status: Option<&str>, stage: Option<Stage>) -> BounceReason {
    let is_coded = status.and_then(by_code).is_some_and(BounceReason::is_hard);
    // PowerMTA has judged the answer itself; Yahoo looks the user up only after the content.
    let is_judged =
        ["(bad-mailbox)", "delivery error: dd this user doesn't"].iter().any(|w| words.to_lowercase().contains(w));
    match stage {
        Some(Stage::Connect | Stage::Hello) => Blocked,
        Some(Stage::Mail) => SenderRejected,
        Some(Stage::Rcpt) => UserUnknown,
        _ if is_coded || is_judged => UserUnknown,
        Some(Stage::Data) => Filtered,
        None if super::codes::reply(words).is_some() => Filtered,
        None => UserUnknown,
    }
}

fn is_passing(words: &str, status: Option<&str>) -> bool {
    status.is_some_and(|s| s.starts_with('4')) || words.to_lowercase().contains("try again")
}

/// The reason of the first phrase, in the order of trust, that these words hold.
pub fn by_words(words: &str) -> Option<BounceReason> {
    let words = plain(words);
    let mut begun: Vec<usize> =
        PHRASES.first_pieces.find_overlapping_iter(&words).map(|found| found.pattern().as_usize()).collect();
    begun.sort_unstable();
    begun.dedup();
    begun.into_iter().map(|at| PHRASES.all[at]).find(|(_, phrase)| holds(&words, phrase)).map(|(reason, _)| reason)
}

/// The pieces in their order, each from the beginning of a word on.
fn holds(words: &str, phrase: &[&str]) -> bool {
    let mut rest = words;
    phrase.iter().all(|piece| match find_word(rest, piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

fn find_word(text: &str, piece: &str) -> Option<usize> {
    // Scripts without blanks between words have no such beginning.
    let anywhere = !piece.is_ascii();
    text.match_indices(piece)
        .map(|(at, _)| at)
        .find(|at| anywhere || !text[..*at].ends_with(|c: char| c.is_alphanumeric()))
}

/// Lower case, single blanks; addresses and codes left out, which stand in the middle of sentences.
fn plain(words: &str) -> String {
    let words = words[..words.floor_char_boundary(MAX_WORDS_BYTES)].to_lowercase();
    let mut out = String::with_capacity(words.len());
    for word in words.split_whitespace().filter(|w| !w.contains('@') && !is_code(w)) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// `550`, `550-5.1.1`, `5.1.1`, `#5.1.1`.
fn is_code(word: &str) -> bool {
    word.len() >= 3
        && word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '#' | '('))
        && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'#' | b'(' | b')' | b':' | b';'))
}

/// What an enhanced status code says of itself.
fn by_code(status: &str) -> Option<BounceReason> {
    let (class, rest) = status.split_once('.')?;
    let reason = match rest {
        "1.0" | "1.1" | "1.3" | "1.351" => UserUnknown,
        "1.2" | "4.310" => HostUnknown,
        "1.4" | "2.0" | "2.4" => Filtered,
        "1.6" => Moved,
        "1.7" | "1.8" => SenderRejected,
        "1.10" => TakesNoMail,
        "2.1" | "7.13" => Suspended,
        "2.2" => MailboxFull,
        "2.3" | "3.4" => TooBig,
        "3.2" if class == "5" => TakesNoMail,
        "4.4" if class == "5" => HostUnknown,
        "4.7" | "4.312" | "4.316" => Expired,
        "7.5" | "7.8" | "7.10" => Security,
        "7.20" | "7.21" | "7.22" | "7.23" | "7.24" | "7.26" => Authentication,
        "7.25" => Blocked,
        _ => return by_subject(rest),
    };
    Some(reason)
}

/// RFC 3463 section 3: the second number.
fn by_subject(rest: &str) -> Option<BounceReason> {
    match rest.split('.').next()? {
        "3" => Some(System),
        "4" => Some(Network),
        "6" => Some(Content),
        "7" => Some(Policy),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str, status: Option<&str>, stage: Option<Stage>) -> Option<BounceReason> {
        super::of(words, status, || stage)
    }

    #[test]
    fn every_section_is_known_and_written_as_it_is_compared() {
        let named = include_str!("reasons.txt").lines().filter(|l| l.starts_with('[')).count();
        assert_eq!(SECTIONS.len(), named);
        for section in SECTIONS.iter() {
            for piece in section.phrases.iter().flatten() {
                assert_eq!(*piece, piece.to_lowercase().trim(), "{:?}", section.reason);
                assert!(!section.phrases.is_empty() && !piece.is_empty());
            }
        }
    }

    #[test]
    fn words_go_before_codes_and_our_own_fault_before_a_dead_address() {
        let rcpt = Some(Stage::Rcpt);
        assert_eq!(of("550 5.1.1 <a@b.example>... User unknown", Some("5.1.1"), rcpt), Some(UserUnknown));
        assert_eq!(of("550 5.1.1 IP address blacklisted by recipient", Some("5.1.1"), rcpt), Some(Blocked));
        assert_eq!(
            of("552 5.1.1 mailbox a@b.example is over quota temporarily", Some("5.1.1"), None),
            Some(MailboxFull)
        );
        assert_eq!(
            of("550 5.1.8 Domain of sender address x@y.example does not exist", Some("5.1.8"), rcpt),
            Some(SenderRejected)
        );
        assert_eq!(of("X-Unknown; we are sorry", Some("5.1.1"), None), Some(UserUnknown));
        assert_eq!(of("554 no words at all", None, None), None);
    }

    #[test]
    fn an_unknown_user_after_the_content_is_a_filter() {
        assert_eq!(of("550 Unknown user a@b.example", Some("5.0.0"), Some(Stage::Data)), Some(Filtered));
        assert_eq!(of("550 Unknown user a@b.example", Some("5.0.0"), None), Some(Filtered));
        assert_eq!(of("550 Unknown user a@b.example", Some("5.0.0"), Some(Stage::Rcpt)), Some(UserUnknown));
        assert_eq!(of("unknown user: \"mei\"", None, None), Some(UserUnknown));
        assert_eq!(
            of("550-5.1.1 The email account that you tried to reach does\n550 5.1.1 not exist", Some("5.1.1"), None),
            Some(UserUnknown)
        );
    }

    #[test]
    fn addresses_are_no_words() {
        assert_eq!(by_words("host said: 554 <user-unknown@b.example> see spam@b.example"), None);
    }
}
