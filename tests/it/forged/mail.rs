//! A row as bytes: its fields, its signature, and what servers wrote on top.

use amends::mail::{CaseId, LetterId, ParticipantNo, PersonId};
use amends::token::Tokens;
use data_encoding::BASE32_NOPAD;
use jiff::{SignedDuration, Timestamp};

use super::super::support::dkim::Signer;
use super::proof::Signed;
use super::row::{Row, Token};

/// Longer than a token of staff lives.
const TOO_OLD: SignedDuration = SignedDuration::from_hours(24 * 32);

/// The detail of the address that the mail comes by: `s.TOKEN`; empty without one.
pub fn token(tokens: &Tokens, row: &Row, case: CaseId, other: CaseId, now: Timestamp) -> String {
    let minted = |letter: char, person: &str, case: CaseId, at: Timestamp| {
        let person = PersonId::new(person);
        let text = match letter {
            's' => tokens.mint_staff(case, &person, 0, at),
            'i' => tokens.mint_internal(Some(case), &person, 0, at),
            'c' => tokens.mint_customer(case, ParticipantNo(0), at),
            'k' => tokens.mint_confirm(row.number as i64 + 2, at),
            _ => tokens.mint_bounce(LetterId(1), at),
        };
        text.expect("a token")
    };
    let mei = |letter| minted(letter, "mei", case, now);
    match row.token {
        Token::None => String::new(),
        Token::Internal => format!("i.{}", mei('i')),
        Token::Shouted => format!("S.{}", mei('s').to_ascii_uppercase()),
        Token::Janes => format!("s.{}", minted('s', "jane", case, now)),
        Token::OfOtherCase => format!("s.{}", minted('s', "mei", other, now)),
        Token::Expired => format!("s.{}", minted('s', "mei", case, now - TOO_OLD)),
        Token::OtherKey => {
            let other = Tokens::new(b"another key of thirty-two bytes!!", "desk", 0);
            format!("s.{}", other.mint_staff(case, &PersonId::new("mei"), 0, now).expect("a token"))
        }
        Token::Flipped(at) => format!("s.{}", flipped(&mei('s'), at)),
        Token::As(minted, shown) => format!("{shown}.{}", mei(minted)),
        Token::Truncated => format!("s.{}", &mei('s')[..38]),
        Token::Extended => format!("s.{}a", mei('s')),
        Token::Customers => format!("c.{}", mei('c')),
        _ => format!("s.{}", mei('s')),
    }
}

fn flipped(token: &str, at: u8) -> String {
    let mut bytes = BASE32_NOPAD.decode(token.to_ascii_uppercase().as_bytes()).expect("base32");
    bytes[usize::from(at)] ^= 1;
    BASE32_NOPAD.encode(&bytes).to_ascii_lowercase()
}

pub fn of(row: &Row, case: CaseId, token: &str, now: Timestamp) -> Vec<u8> {
    let signed = signed(row, fields(row, case, token) + &row.filled(row.body.text), now);
    let mut top = String::new();
    if row.token == Token::InDeliveredTo {
        top += &format!("Delivered-To: {}\r\n", at(token));
    }
    if row.names.0 == "Return-Path" {
        top += "Return-Path: <mei@northwind.example>\r\n";
    }
    [(top + &row.filled(row.proof.top)).into_bytes(), signed].concat()
}

fn at(token: &str) -> String {
    if token.is_empty() { "support@northwind.example".into() } else { format!("support+{token}@northwind.example") }
}

fn fields(row: &Row, case: CaseId, token: &str) -> String {
    let (plain, full) = (at(""), at(token));
    let (to, more) = match row.token {
        Token::InCc => (plain, format!("Cc: {full}\r\n")),
        Token::InDeliveredTo | Token::InSubject => (plain, String::new()),
        Token::InReplyTo => (plain, format!("Reply-To: {full}\r\n")),
        Token::InName => (format!("\"{full}\" <{plain}>"), String::new()),
        Token::InMessageId => (plain, format!("References: <{full}>\r\n")),
        Token::AtAnotherDomain => (format!("{plain}, support+{token}@northwind.evil.example"), String::new()),
        Token::Mentioned => (format!("{plain} ({full})"), String::new()),
        _ => (full, String::new()),
    };
    let in_subject = if row.token == Token::InSubject { at(token) } else { String::new() };
    let from: String = row.from.fields.iter().map(|value| format!("From: {value}\r\n")).collect();
    let (names, below, kind) = (row.filled(row.names.1), row.filled(row.proof.below), row.body.kind);
    format!(
        "{from}To: {to}\r\n{more}{names}Subject: Re: Lamp broken [NW-{case}] {in_subject}\r\n\
         Date: Mon, 23 Nov 2026 08:08:00 +0000\r\nMessage-ID: <row-{}@mail.test>\r\nMIME-Version: 1.0\r\n\
         Content-Type: {kind}\r\n{below}\r\n",
        row.number
    )
}

fn signed(row: &Row, mail: String, now: Timestamp) -> Vec<u8> {
    let fresh = format!("t={}", now.as_second() - 60);
    let domain = if row.proof.signed == Signed::ByAnother { "signer.example" } else { row.from.domain };
    let more = if row.proof.signed == Signed::InPart { format!("{fresh}; l=1") } else { fresh };
    match row.proof.signed {
        Signed::No => mail.into_bytes(),
        Signed::Well | Signed::InPart | Signed::ByAnother => Signer::new(domain, &more).sign(mail.as_bytes()),
        Signed::AndChanged => {
            let mail = Signer::new(domain, &more).sign(mail.as_bytes());
            [mail.as_slice(), b"PS\r\n"].concat()
        }
    }
}
