//! Tokens: what is minted is read back; what was touched, even by one bit, is not.

use proptest::prelude::*;

use super::*;

const KEY: &[u8] = b"a key of thirty-two bytes or more";

fn tokens() -> Tokens {
    Tokens::new(KEY, "desk-1", 1)
}

fn now() -> Timestamp {
    "2026-11-20T22:40:00Z".parse().expect("an instant")
}

fn in_days(days: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + days * SECONDS_A_DAY).expect("an instant")
}

fn mint(purpose: Purpose, number: i64) -> String {
    let mei = PersonId::new("mei");
    let t = tokens();
    match purpose {
        Purpose::Staff => t.mint_staff(CaseId(number), &mei, 3, now()),
        Purpose::Internal => t.mint_internal(Some(CaseId(number)), &mei, 0, now()),
        Purpose::Customer => t.mint_customer(CaseId(number), ParticipantNo(2), now()),
        Purpose::Bounce => t.mint_bounce(LetterId(number), now()),
        Purpose::Confirm => t.mint_confirm(number, now()),
    }
    .expect("a token")
}

#[test]
fn a_token_has_39_characters_and_comes_back_whole() {
    let mei = PersonMark::of(&PersonId::new("mei"));
    let case = CaseId(1042);
    for (purpose, subject, serial) in [
        (Purpose::Staff, Subject::Person { case: Some(case), person: mei }, 3),
        (Purpose::Internal, Subject::Person { case: Some(case), person: mei }, 0),
        (Purpose::Customer, Subject::Participant { case, participant: ParticipantNo(2) }, 0),
        (Purpose::Bounce, Subject::Letter(LetterId(1042)), 0),
        (Purpose::Confirm, Subject::Confirmation(1042), 0),
    ] {
        let text = mint(purpose, 1042);
        assert_eq!(text.len(), TOKEN_CHARS);
        assert!(text.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b)), "{text}");
        let want = Token { purpose, subject, serial };
        assert_eq!(tokens().check(purpose, &text, now()), Ok(want));
        assert_eq!(tokens().check(purpose, &text.to_ascii_uppercase(), now()), Ok(want), "servers may change case");
    }
}

#[test]
fn a_list_has_no_case() {
    let text = tokens().mint_internal(None, &PersonId::new("mei"), 0, now()).expect("a token");
    let token = tokens().check(Purpose::Internal, &text, now()).expect("ours");
    assert_eq!(token.subject, Subject::Person { case: None, person: PersonMark::of(&PersonId::new("mei")) });
}

#[test]
fn the_format_does_not_change_unnoticed() {
    // Tokens live for half a year in other people's address books. The values were worked out by another program.
    assert_eq!(mint(Purpose::Customer, 1042), "diaaaaaeciaaaaqakho75534emxdqfpcgwrryfy");
    assert_eq!(mint(Purpose::Bounce, 7), "diaaaaaaaaaaabyakfd5spvispaob3snnkhzina");
    assert_eq!(tokens().loop_mark(LetterId(7)), "7.rysah3olrsz4qdb6tx3a");
}

#[test]
fn a_token_of_one_purpose_is_nothing_under_another() {
    for minted in Purpose::ALL {
        let text = mint(minted, 1042);
        for asked in Purpose::ALL.into_iter().filter(|p| *p != minted) {
            assert_eq!(tokens().check(asked, &text, now()), Err(TokenError::Forged), "{minted:?} as {asked:?}");
        }
    }
}

#[test]
fn another_desk_another_epoch_and_another_key_mint_other_tokens() {
    let text = mint(Purpose::Customer, 1042);
    for other in [Tokens::new(KEY, "desk-2", 1), Tokens::new(KEY, "desk-1", 2)] {
        assert_eq!(other.check(Purpose::Customer, &text, now()), Err(TokenError::Forged));
    }
    let other = Tokens::new(b"another key of thirty-two bytes!!", "desk-1", 1);
    assert!(other.check(Purpose::Customer, &text, now()).is_err());
}

#[test]
fn the_desk_id_and_the_epoch_cannot_be_shifted_into_each_other() {
    let a = Tokens::new(KEY, "desk\0\0\0\u{1}", 1);
    let b = Tokens::new(KEY, "desk", 1);
    assert_ne!(a.token_mac(Purpose::Bounce, &[0; FIELDS]), b.token_mac(Purpose::Bounce, &[0, 0, 0, 1]));
}

#[test]
fn a_token_ends_with_its_last_day() {
    for (purpose, days) in [
        (Purpose::Staff, 30),
        (Purpose::Internal, 30),
        (Purpose::Customer, 180),
        (Purpose::Bounce, 30),
        (Purpose::Confirm, 1),
    ] {
        let text = mint(purpose, 1);
        assert!(tokens().check(purpose, &text, in_days(days)).is_ok(), "{purpose:?}");
        assert_eq!(tokens().check(purpose, &text, in_days(days + 1)), Err(TokenError::Expired), "{purpose:?}");
    }
}

#[test]
fn what_does_not_fit_is_refused_and_never_cut() {
    let t = tokens();
    assert!(t.mint_customer(CaseId(CASE_MAX), ParticipantNo(NUMBER_MAX), now()).is_ok());
    assert_eq!(t.mint_customer(CaseId(CASE_MAX + 1), ParticipantNo(0), now()), Err(TokenError::TooLarge));
    assert_eq!(t.mint_customer(CaseId(1), ParticipantNo(NUMBER_MAX + 1), now()), Err(TokenError::TooLarge));
    assert_eq!(t.mint_bounce(LetterId(-1), now()), Err(TokenError::TooLarge));
    assert!(t.mint_bounce(LetterId(i64::MAX), now()).is_ok());
}

#[test]
fn a_token_is_found_in_our_own_address_only() {
    let own = Address::parse("support@n.example").expect("an address");
    let text = mint(Purpose::Customer, 1);
    let address = address_with(&own, Purpose::Customer, &text).expect("fits");
    assert_eq!(find_in(&address, &own), Some((Purpose::Customer, text.as_str())));
    let shouted = Address::parse(&address.as_str().to_ascii_uppercase()).expect("an address");
    assert_eq!(find_in(&shouted, &own).map(|(p, _)| p), Some(Purpose::Customer));
    for (other, found) in [
        ("support+b.rubbish@n.example", Some((Purpose::Bounce, "rubbish"))),
        ("support+x.abc@n.example", None),
        ("support+abc@n.example", None),
        ("support+bb.abc@n.example", None),
        ("support@n.example", None),
        ("supports+c.abc@n.example", None),
        ("support+c.abc@m.example", None),
        ("s@n.example", None),
    ] {
        assert_eq!(find_in(&Address::parse(other).expect("an address"), &own), found, "{other}");
    }
}

#[test]
fn the_longest_local_part_that_is_allowed_takes_a_token() {
    let address = |n| Address::parse(&format!("{}@n.example", "a".repeat(n))).expect("an address");
    let text = mint(Purpose::Bounce, 1);
    assert!(address_with(&address(MAX_OWN_LOCAL), Purpose::Bounce, &text).is_some());
    assert!(address_with(&address(MAX_OWN_LOCAL + 1), Purpose::Bounce, &text).is_none());
    assert_eq!(MAX_OWN_LOCAL, 22);
}

#[test]
fn our_own_marks_are_known_and_no_others() {
    let t = tokens();
    let own = Address::parse("support@n.example").expect("an address");
    let id = t.message_id(LetterId(7), &own).expect("an id");
    assert_eq!(t.check_message_id(&id), Some(LetterId(7)));
    assert_eq!(t.message_id(LetterId(7), &own), Ok(id.clone()), "a retry carries the same");
    assert_eq!(t.check_loop_mark(&t.loop_mark(LetterId(7))), Some(LetterId(7)));
    let mark = t.loop_mark(LetterId(7));
    let (_, mac) = mark.split_once('.').expect("two parts");
    for foreign in [format!("8.{mac}"), format!("+7.{mac}"), format!("07.{mac}"), "7.".into(), "7".into()] {
        assert_eq!(t.check_loop_mark(&foreign), None, "{foreign}");
    }
    let as_id = MessageId::new(&format!("amends.{mark}@n.example")).expect("an id");
    assert_eq!(t.check_message_id(&as_id), None, "a loop mark is no Message-ID");
    let later = Tokens::new(KEY, "desk-1", 2);
    assert_eq!(later.check_message_id(&id), Some(LetterId(7)), "a new epoch does not disown our mail");
    assert!(t.boundary(LetterId(i64::MAX)).len() <= 70);
}

#[test]
fn a_key_does_not_print() {
    assert_eq!(format!("{:?}", tokens()), "Tokens(***)");
}

/// RFC 4231 section 4.7 (test case 6): a key longer than the block.
#[test]
fn the_keyed_hash_is_hmac_sha256() {
    let mut mac = keyed(&[0xaa; 131]);
    mac.update(b"Test Using Larger Than Block-Size Key - Hash Key First");
    let got = data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes());
    assert_eq!(got, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

#[test]
fn of_a_hundred_thousand_mutated_tokens_none_is_accepted() {
    let t = tokens();
    let good = decode(&mint(Purpose::Staff, 1042)).expect("a token");
    // A xorshift with a fixed seed: the same hundred thousand each time.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as usize
    };
    for _ in 0..100_000 {
        let mut bytes = good;
        for _ in 0..1 + next() % 3 {
            // Never the key id alone: that is refused before the MAC is asked.
            bytes[1 + next() % (BYTES - 1)] ^= 1 << (next() % 8);
        }
        if bytes != good {
            assert_eq!(t.check(Purpose::Staff, &encode(&bytes), now()), Err(TokenError::Forged));
        }
    }
}

proptest! {
    #[test]
    fn whatever_text_is_checked_nothing_panics_and_nothing_is_ours(text in "\\PC{0,60}") {
        for purpose in Purpose::ALL {
            prop_assert!(tokens().check(purpose, &text, now()).is_err());
        }
        prop_assert_eq!(tokens().check_loop_mark(&text), None);
    }

    #[test]
    fn a_changed_character_is_noticed(at in 0..TOKEN_CHARS, to in "[a-z2-7]") {
        let text = mint(Purpose::Customer, 1042);
        let mut changed = text.clone();
        changed.replace_range(at..=at, &to);
        let accepted = tokens().check(Purpose::Customer, &changed, now()).is_ok();
        prop_assert_eq!(accepted, changed == text);
    }

    #[test]
    fn every_number_comes_back(case in 1..=CASE_MAX, participant in 0..=NUMBER_MAX, letter in 0..=i64::MAX) {
        let (case, participant) = (CaseId(case), ParticipantNo(participant));
        let text = tokens().mint_customer(case, participant, now()).expect("a token");
        let token = tokens().check(Purpose::Customer, &text, now()).expect("ours");
        prop_assert_eq!(token.subject, Subject::Participant { case, participant });
        let text = tokens().mint_bounce(LetterId(letter), now()).expect("a token");
        let token = tokens().check(Purpose::Bounce, &text, now()).expect("ours");
        prop_assert_eq!(token.subject, Subject::Letter(LetterId(letter)));
    }
}
