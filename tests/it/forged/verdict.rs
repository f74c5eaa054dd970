//! The verdict on a row without a store: read, proven and classified as the desk does it, its token checked with the real
//! key. What a store would add is the serial of a burnt token, and that the case of the subject exists.

use amends::arrive::parse::parse;
use amends::arrive::proof::{Proof, dkim, prove};
use amends::classify::{
    Found, FoundCase, FoundToken, Proven, Questions, Rules, StaffPurpose, Verdict, classify, questions,
};
use amends::config::TrustedServer;
use amends::mail::{Address, CaseId, Mail, PersonId};
use amends::token::{PersonMark, Purpose, Subject, Tokens};
use jiff::Timestamp;

use super::super::support::dkim::Key;
use super::mail;
use super::row::{Row, Token};

const CASE: CaseId = CaseId(1001);
const OTHER: CaseId = CaseId(1002);

pub struct Court {
    rules: Rules,
    trusted: [TrustedServer; 1],
    tokens: Tokens,
    now: Timestamp,
}

impl Court {
    pub fn new() -> Self {
        let address = |text: &str| Address::parse(text).expect("an address");
        let people =
            [("mei@northwind.example", "mei"), ("mei.tan@home.example", "mei"), ("jane@northwind.example", "jane")];
        Self {
            rules: Rules {
                mailbox: vec![address("support@northwind.example")],
                own: vec![address("support@northwind.example")],
                people: people.iter().map(|(at, id)| (address(at), PersonId::new(*id))).collect(),
                case_prefix: "NW".into(),
                ..Rules::default()
            },
            trusted: [TrustedServer::Named { id: "mx.northwind.example".into(), host: None }],
            tokens: Tokens::new(b"a key of thirty-two bytes or more", "desk", 0),
            now: "2026-11-23T08:10:00Z".parse().expect("an instant"),
        }
    }

    pub fn judge(&self, row: &Row) -> Verdict {
        let token = mail::token(&self.tokens, row, CASE, OTHER, self.now);
        let raw = mail::of(row, CASE, &token, self.now);
        let mail = parse(&raw);
        let proof = self.proof(&raw, &mail);
        let proven = Proven { authenticated: proof.authenticated, dmarc_failed: proof.dmarc_failed };
        let questions = questions(&mail, proven, &self.rules);
        let named = |id| FoundCase { id, participant: None, mentioned: false };
        let found = Found {
            token: self.found(row, &questions),
            by_reference: questions.reference.map(named),
            ..Found::default()
        };
        classify(&mail, proven, &found, &self.rules)
    }

    fn proof(&self, raw: &[u8], mail: &Mail) -> Proof {
        let proof = prove(mail, &self.trusted);
        let claims = dkim::claims(mail, self.now).unwrap_or_default();
        if proof.authenticated || proof.dmarc_failed || claims.is_empty() {
            return proof;
        }
        let asked: Vec<dkim::Asked> = claims.into_iter().map(|c| (c, Ok(vec![Key::Ed25519.record()]))).collect();
        dkim::verify(raw, mail, &asked).map_or(proof, Proof::by_signature)
    }

    fn found(&self, row: &Row, questions: &Questions) -> FoundToken {
        let burnt = u8::from(row.token == Token::Burnt);
        let checked = questions.tokens.iter().filter_map(|written| {
            let (letter, text) = written.split_once('.')?;
            self.tokens.check(Purpose::from_letter(letter.chars().next()?)?, text, self.now).ok()
        });
        let worth = checked.filter_map(|token| match token.subject {
            Subject::Person { case, person } if token.serial == burnt => {
                let ids = ["mei", "jane"].map(PersonId::new);
                let person = ids.into_iter().find(|id| PersonMark::of(id) == person)?;
                let purpose = match token.purpose {
                    Purpose::Internal => StaffPurpose::Internal,
                    _ => StaffPurpose::Reply,
                };
                Some(FoundToken::Staff { case, person, purpose })
            }
            Subject::Participant { case, .. } => {
                Some(FoundToken::Customer(FoundCase { id: case, participant: None, mentioned: false }))
            }
            _ => None,
        });
        worth.into_iter().next().unwrap_or_default()
    }
}
