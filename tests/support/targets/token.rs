//! Tokens: only what was minted is accepted, under its own purpose, by its own desk, in its own time.
//!
//! The bytes are tried as they are, and as changes to a token that is good: a byte for the place, a byte for what is
//! written there.

use amends::mail::{Address, CaseId, LetterId, MessageId, ParticipantNo, PersonId};
use amends::token::{self, Purpose, Tokens};
use jiff::{SignedDuration, Timestamp};

pub fn body(data: &[u8]) {
    let now: Timestamp = Timestamp::from_second(1_795_000_000).expect("an instant");
    let tokens = Tokens::new(&[7; 32], "desk-1", 1);
    let minted = minted(&tokens, now);
    let text = String::from_utf8_lossy(data);
    refused(&tokens, &text, &minted, now);
    for (purpose, good) in &minted {
        let changed = changed(good, data);
        refused(&tokens, &changed, &minted, now);
        accepted_only_here(&tokens, *purpose, good, now);
    }
    marks(&tokens, &text, data);
    found_in_addresses(&text);
}

fn minted(tokens: &Tokens, now: Timestamp) -> Vec<(Purpose, String)> {
    let mei = PersonId::new("mei");
    let all = [
        (Purpose::Customer, tokens.mint_customer(CaseId(7), ParticipantNo(1), now)),
        (Purpose::Bounce, tokens.mint_bounce(LetterId(12), now)),
        (Purpose::Staff, tokens.mint_staff(CaseId(7), &mei, 0, now)),
        (Purpose::Internal, tokens.mint_internal(None, &mei, 0, now)),
        (Purpose::Confirm, tokens.mint_confirm(3, now)),
    ];
    all.into_iter().map(|(purpose, token)| (purpose, token.expect("a token"))).collect()
}

/// Every second byte says where, the one behind it what.
fn changed(good: &str, data: &[u8]) -> String {
    let mut text: Vec<u8> = good.bytes().collect();
    for pair in data.chunks_exact(2).take(8) {
        let at = usize::from(pair[0]) % text.len();
        text[at] = pair[1];
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Accepted is only what was minted for that purpose, whatever its case: servers on the way may change it.
fn refused(tokens: &Tokens, text: &str, minted: &[(Purpose, String)], now: Timestamp) {
    for purpose in Purpose::ALL {
        let known = minted.iter().any(|(p, good)| *p == purpose && good.eq_ignore_ascii_case(text));
        assert_eq!(tokens.check(purpose, text, now).is_ok(), known, "{purpose:?}: {text:?}");
    }
}

fn accepted_only_here(tokens: &Tokens, purpose: Purpose, good: &str, now: Timestamp) {
    assert!(tokens.check(purpose, good, now).is_ok() && tokens.check(purpose, &good.to_uppercase(), now).is_ok());
    let later = now + SignedDuration::from_hours(24 * 400);
    assert!(tokens.check(purpose, good, later).is_err(), "{purpose:?} never runs out");
    for other in
        [Tokens::new(&[8; 32], "desk-1", 1), Tokens::new(&[7; 32], "desk-2", 1), Tokens::new(&[7; 32], "desk-1", 2)]
    {
        assert!(other.check(purpose, good, now).is_err(), "{purpose:?} is good at another desk");
    }
}

/// The marks in Message-ID and X-Amends-Loop, as they were written and changed.
fn marks(tokens: &Tokens, text: &str, data: &[u8]) {
    let letter = LetterId(12);
    let own = Address::parse("support@northwind.example").expect("an address");
    let (mark, id) = (tokens.loop_mark(letter), tokens.message_id(letter, &own).expect("an id"));
    assert_eq!(tokens.check_loop_mark(&mark), Some(letter));
    assert_eq!(tokens.check_message_id(&id), Some(letter));
    for tried in [text.to_owned(), changed(&mark, data)] {
        let same = tried.trim().eq_ignore_ascii_case(&mark);
        assert_eq!(tokens.check_loop_mark(&tried).is_some(), same, "{tried:?}");
    }
    let local = |id: &str| id.split('@').next().unwrap_or_default().to_ascii_lowercase();
    if let Some(tried) = MessageId::new(&changed(id.as_str(), data)) {
        let same = local(tried.as_str()) == local(id.as_str());
        assert!(tokens.check_message_id(&tried).is_none() || same, "{tried:?}");
    }
}

/// A token stands in an address of ours only, and what is put in is found again.
fn found_in_addresses(text: &str) {
    let own = Address::parse("support@northwind.example").expect("an address");
    let other = Address::parse("sales@northwind.example").expect("an address");
    for purpose in Purpose::ALL {
        let Some(address) = token::address_with(&own, purpose, text) else { continue };
        super::checks::envelope(&address);
        assert_eq!(token::find_in(&address, &own), Some((purpose, text)));
        assert_eq!(token::find_in(&address, &other), None);
    }
}
