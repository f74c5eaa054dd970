//! Tokens that nobody minted: a million made up, and a hundred thousand that begin as good ones. None opens anything.
//!
//! A change of case alone is none: servers on the way may change it, and it is the same token (mail-rules section 5).

use std::collections::BTreeMap;

use amends::mail::{CaseId, LetterId, ParticipantNo, PersonId};
use amends::token::{Purpose, TOKEN_CHARS, Tokens};
use data_encoding::BASE32_NOPAD;
use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

use super::super::support::changes::Numbers;

const KEY: &[u8] = b"a key of thirty-two bytes or more";
const MADE_UP: u64 = 1_000_000;
const MUTATED: u64 = 100_000;
/// Of them made from one good token.
const FROM_ONE: u64 = 50;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

fn desk() -> Tokens {
    Tokens::new(KEY, "desk-1", 1)
}

fn now() -> Timestamp {
    "2026-11-23T08:00:00Z".parse().expect("an instant")
}

fn below(numbers: &mut Numbers, end: usize) -> usize {
    numbers.next() as usize % end
}

fn one_of(numbers: &mut Numbers) -> Purpose {
    Purpose::ALL[below(numbers, Purpose::ALL.len())]
}

fn mint(tokens: &Tokens, purpose: Purpose, number: i64, at: Timestamp) -> String {
    let (case, mei) = (CaseId(number), PersonId::new("mei"));
    match purpose {
        Purpose::Staff => tokens.mint_staff(case, &mei, 0, at),
        Purpose::Internal => tokens.mint_internal(Some(case), &mei, 0, at),
        Purpose::Customer => tokens.mint_customer(case, ParticipantNo(0), at),
        Purpose::Bounce => tokens.mint_bounce(LetterId(number), at),
        Purpose::Confirm => tokens.mint_confirm(number, at),
    }
    .expect("a token")
}

/// Any characters of the alphabet; one in thirty-two are bytes behind the id of our key, and only the MAC stands in their way.
fn made_up(numbers: &mut Numbers, key_id: u8) -> String {
    if below(numbers, 32) > 0 {
        // Five bits a character, twelve characters a number.
        let four = [(); 4].map(|()| numbers.next());
        let letter = |at: usize| char::from(ALPHABET[(four[at / 12] >> (at % 12 * 5)) as usize % 32]);
        return (0..TOKEN_CHARS).map(letter).collect();
    }
    let three = [(); 3].map(|()| numbers.next().to_be_bytes());
    let mut bytes = three.concat();
    bytes[0] = key_id;
    // Far from its end, so that nobody can say it was only too old.
    bytes[10..12].copy_from_slice(&u16::MAX.to_be_bytes());
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

#[test]
fn of_a_million_tokens_that_were_made_up_none_is_accepted() {
    let desk = desk();
    let known = mint(&desk, Purpose::Staff, 1001, now()).to_ascii_uppercase();
    let key_id = BASE32_NOPAD.decode(known.as_bytes()).expect("base32")[0];
    let accepted: Vec<(Purpose, String)> = (0..MADE_UP)
        .into_par_iter()
        .filter_map(|n| {
            let mut numbers = Numbers(n);
            let (purpose, text) = (one_of(&mut numbers), made_up(&mut numbers, key_id));
            assert_eq!(text.len(), TOKEN_CHARS);
            desk.check(purpose, &text, now()).is_ok().then_some((purpose, text))
        })
        .collect();
    assert_eq!(accepted, [], "of {MADE_UP}");
}

/// What is done to a good token before it comes back.
const WAYS: [(&str, Way); 13] = [
    ("a flipped bit", |good, numbers| changed(good, flipped(&good.text, numbers))),
    ("two swapped characters", |good, numbers| changed(good, swapped(&good.text, numbers))),
    ("another character", |good, numbers| changed(good, replaced(&good.text, numbers))),
    ("a letter that is no base32", |good, numbers| changed(good, with_foreign(&good.text, numbers))),
    ("truncated", |good, numbers| changed(good, good.text[..below(numbers, TOKEN_CHARS)].to_owned())),
    ("extended", |good, numbers| changed(good, extended(&good.text, numbers))),
    ("another last character", |good, numbers| changed(good, other_end(&good.text, numbers))),
    ("another purpose", |good, numbers| Tried { purpose: other_than(good.purpose, numbers), ..good.clone() }),
    ("another desk", |good, _| by(good, &Tokens::new(KEY, "desk-2", 1))),
    ("another epoch", |good, _| by(good, &Tokens::new(KEY, "desk-1", 2))),
    ("another key", |good, _| by(good, &Tokens::new(b"another key of thirty-two bytes!!", "desk-1", 1))),
    ("expired", |good, _| changed(good, mint(&desk(), good.purpose, good.number, long_ago()))),
    ("another case of its letters", |good, numbers| changed(good, shouted(&good.text, numbers))),
];

type Way = fn(&Tried, &mut Numbers) -> Tried;

/// A token, as what it is shown, and what it was minted for.
#[derive(Debug, Clone, PartialEq)]
struct Tried {
    purpose: Purpose,
    number: i64,
    text: String,
}

fn changed(good: &Tried, text: String) -> Tried {
    Tried { text, ..good.clone() }
}

fn by(good: &Tried, other: &Tokens) -> Tried {
    changed(good, mint(other, good.purpose, good.number, now()))
}

/// Longer ago than any token lives.
fn long_ago() -> Timestamp {
    now() - SignedDuration::from_hours(24 * 182)
}

fn flipped(text: &str, numbers: &mut Numbers) -> String {
    let mut bytes = BASE32_NOPAD.decode(text.to_ascii_uppercase().as_bytes()).expect("base32");
    let at = below(numbers, bytes.len());
    bytes[at] ^= 1 << below(numbers, 8);
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

fn swapped(text: &str, numbers: &mut Numbers) -> String {
    let mut letters = text.as_bytes().to_vec();
    letters.swap(below(numbers, TOKEN_CHARS), below(numbers, TOKEN_CHARS));
    String::from_utf8(letters).expect("ASCII")
}

fn replaced(text: &str, numbers: &mut Numbers) -> String {
    let (at, to) = (below(numbers, TOKEN_CHARS), char::from(ALPHABET[below(numbers, 32)]));
    format!("{}{to}{}", &text[..at], &text[at + 1..])
}

fn with_foreign(text: &str, numbers: &mut Numbers) -> String {
    let foreign = ['0', '1', '8', '9', '=', '-', '_', ' ', '.', '+', '\0', '\u{e4}', '\u{ff41}', '\u{430}'];
    let at = below(numbers, TOKEN_CHARS);
    format!("{}{}{}", &text[..at], foreign[below(numbers, foreign.len())], &text[at + 1..])
}

fn extended(text: &str, numbers: &mut Numbers) -> String {
    let more: String = (0..=below(numbers, 9)).map(|_| char::from(ALPHABET[below(numbers, 32)])).collect();
    if below(numbers, 2) == 0 { format!("{text}{more}") } else { format!("{more}{text}") }
}

/// Three bits of the last character are nobody's (39 characters hold 195 bits, a token 192): with others there a lax
/// reader would take 8 texts for one token.
fn other_end(text: &str, numbers: &mut Numbers) -> String {
    let last = text.as_bytes()[TOKEN_CHARS - 1];
    let value = ALPHABET.iter().position(|l| *l == last).expect("base32");
    let other = char::from(ALPHABET[value ^ (1 + below(numbers, 7))]);
    format!("{}{other}", &text[..TOKEN_CHARS - 1])
}

fn shouted(text: &str, numbers: &mut Numbers) -> String {
    text.chars().map(|c| if below(numbers, 2) == 0 { c.to_ascii_uppercase() } else { c }).collect()
}

fn other_than(purpose: Purpose, numbers: &mut Numbers) -> Purpose {
    let others: Vec<Purpose> = Purpose::ALL.into_iter().filter(|p| *p != purpose).collect();
    others[below(numbers, others.len())]
}

#[test]
fn of_a_hundred_thousand_changed_tokens_only_those_of_another_case_of_letters_are_accepted() {
    let tried: Vec<(&str, bool)> = (0..MUTATED / FROM_ONE).into_par_iter().flat_map_iter(changed_and_tried).collect();
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for (way, same) in tried {
        *counted.entry(way).or_default() += 1;
        assert_eq!(same, way == "another case of its letters", "{way}");
    }
    println!("{counted:?}");
    let cases = counted.remove("another case of its letters").unwrap_or_default();
    let mutated: usize = counted.values().sum();
    assert!(counted.len() == WAYS.len() - 1 && cases > 7_000, "{counted:?}, {cases} in another case");
    // What came out as it went in (two equal characters were swapped) is no mutation.
    assert!(mutated > 85_000, "{mutated} mutated tokens of {MUTATED}");
}

/// Changes of one good token: each way, and whether what came of it was accepted. Without those that changed nothing.
fn changed_and_tried(n: u64) -> Vec<(&'static str, bool)> {
    let mut numbers = Numbers(n);
    let (purpose, number) = (one_of(&mut numbers), 1 + below(&mut numbers, 1 << 30) as i64);
    let desk = desk();
    let good = Tried { purpose, number, text: mint(&desk, purpose, number, now()) };
    assert!(desk.check(purpose, &good.text, now()).is_ok(), "{good:?}");
    let mut tried = Vec::new();
    for m in 0..FROM_ONE {
        let (name, way) = WAYS[(n * FROM_ONE + m) as usize % WAYS.len()];
        let one = way(&good, &mut numbers);
        let accepted = desk.check(one.purpose, &one.text, now()).is_ok();
        if one != good {
            tried.push((name, accepted));
        }
    }
    tried
}
