//! A desk with a case for each row of the matrix, each with a customer of its own, so that no row sees what another did.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use amends::arrive::parse::parse;
use amends::arrive::proof::keys::{Answer, Dns, Keys};
use amends::decide::case::{Case, State};
use amends::desk::Desk;
use amends::mail::{Address, CaseId, MailId, MailboxName, PersonId};
use amends::store::ledger::{Epoch, Received};
use amends::store::outbox::LetterFilter;
use amends::store::{Store, Tx};
use amends::templates::Templates;
use amends::time::{SetTime, Time};
use tempfile::TempDir;

use super::super::stories::shop;
use super::super::support::dkim::Key;
use super::super::support::mail::RawMail;
use super::mail;
use super::row::{Row, Token};

/// What became of a row.
#[derive(Debug)]
pub struct Seen {
    pub level: u8,
    pub closed: bool,
    /// The case is not as it was, in what an order changes.
    pub moved: bool,
    /// It waits for its writer's word.
    pub held: bool,
    /// The case that another token names.
    pub other_closed: bool,
    /// The customer was sent a letter.
    pub written: bool,
    /// In which the command stands.
    pub shows_command: bool,
}

pub struct House {
    desk: Desk,
    /// As it was opened; the cases of the rows are copies of it.
    first: Case,
    _folder: TempDir,
}

/// The key of every domain is the one of the tests: what counts is whose signature it is.
struct OneKeyForAll;

impl Dns for OneKeyForAll {
    fn txt<'a>(&'a self, _: &'a str) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async { Ok(vec![Key::Ed25519.record()]) })
    }
}

impl House {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let alias = "email = \"mei@northwind.example\"\naliases = [\"mei.tan@home.example\"]";
        let text = shop::CONFIG.replacen("email = \"mei@northwind.example\"", alias, 1);
        let config = shop::config(folder.path(), &text);
        let time = Time::Set(SetTime::new("2026-11-23T08:10:00Z".parse().expect("an instant")));
        let url = format!("sqlite:{}", folder.path().join("amends.db").display());
        let store = Store::open(&url, time.now()).await.expect("opens");
        let letters = Templates::load(None).expect("the built-in letters");
        let mut desk = Desk::open(config, letters, store, time).await.expect("a desk");
        desk.keys = Arc::new(Keys::by(OneKeyForAll, Duration::from_secs(20)));
        let complaint = RawMail::new("Klaus <klaus@customer.example>", "support@northwind.example", "Lamp broken");
        receive(&desk, 0, vec![complaint.body("The lamp is broken.").bytes()]).await;
        let mut tx = desk.store.look().await.expect("looks");
        let first = tx.case(CaseId(1001)).await.expect("asks").expect("a case");
        drop(tx);
        Self { desk, first, _folder: folder }
    }

    /// The rows arrive together and have their turns; `first` is the place of the first of them among all that come.
    pub async fn come(&mut self, first: usize, rows: &[Row]) -> Vec<Seen> {
        let cases = self.cases(rows).await;
        let now = self.desk.time.now();
        let token = |row: &Row, case: CaseId, other: CaseId| mail::token(&self.desk.shop.tokens, row, case, other, now);
        let raw =
            rows.iter().zip(&cases).map(|(row, (case, other))| mail::of(row, *case, &token(row, *case, *other), now));
        receive(&self.desk, first as u32 + 1, raw.collect()).await;
        let mut tx = self.desk.store.look().await.expect("looks");
        let mut seen = Vec::new();
        // The complaint was the first mail.
        for (mail, (row, (case, other))) in (first as i64 + 2..).zip(rows.iter().zip(cases)) {
            let mail = tx.mail(MailId(mail)).await.expect("asks").expect("a mail");
            let level = mail.settled.unwrap_or_else(|| panic!("{row} had no turn")).level;
            seen.push(Seen { level, ..self.seen(&mut tx, case, other).await });
        }
        seen
    }

    /// The row, and then the very bytes of it once more with each of these on top: the level of each, and how many letters
    /// its customer was sent in all.
    pub async fn comes_again(&mut self, row: &Row, on_top: &[&str]) -> (Vec<u8>, usize) {
        let (case, other) = self.cases(std::slice::from_ref(row)).await[0];
        let now = self.desk.time.now();
        let raw = mail::of(row, case, &mail::token(&self.desk.shop.tokens, row, case, other, now), now);
        let again = on_top.iter().map(|more| [more.as_bytes(), &raw].concat());
        let mails: Vec<Vec<u8>> = std::iter::once(raw.clone()).chain(again).collect();
        receive(&self.desk, 1, mails.clone()).await;
        let mut tx = self.desk.store.look().await.expect("looks");
        let mut levels = Vec::new();
        for mail in (2..).take(mails.len()) {
            let mail = tx.mail(MailId(mail)).await.expect("asks").expect("a mail");
            levels.push(mail.settled.expect("a turn").level);
        }
        let letters = tx.letters(&LetterFilter { case: Some(case), ..LetterFilter::default() }).await.expect("letters");
        (levels, letters.iter().filter(|letter| letter.person.is_none()).count())
    }

    /// Two open cases for each row: its own, and the one that a wrong token names.
    async fn cases(&self, rows: &[Row]) -> Vec<(CaseId, CaseId)> {
        let mut tx = self.desk.store.begin().await.expect("begins");
        let mut cases = Vec::new();
        for row in rows {
            let own = self.case(&mut tx, row, "klaus").await;
            let other = if row.token == Token::OfOtherCase { self.case(&mut tx, row, "rosa").await } else { own };
            cases.push((own, other));
        }
        tx.commit().await.expect("commits");
        cases
    }

    async fn case(&self, tx: &mut Tx, row: &Row, name: &str) -> CaseId {
        let id = tx.next_case_id().await.expect("an id");
        let mut case = Case { id, ..self.first.clone() };
        case.participants[0].address = Address::parse(&format!("{name}{}@customer.example", row.number)).expect("one");
        if row.token == Token::Burnt {
            case.serials.insert(PersonId::new("mei"), 1);
        }
        tx.save_case(&mut case).await.expect("saved");
        id
    }

    async fn seen(&self, tx: &mut Tx, case: CaseId, other: CaseId) -> Seen {
        let is = tx.case(case).await.expect("asks").expect("a case");
        let other = tx.case(other).await.expect("asks").expect("a case");
        let customer = is.participants[0].address.clone();
        let letters = tx.letters(&LetterFilter { case: Some(case), ..LetterFilter::default() }).await.expect("letters");
        let mut shown = String::new();
        for letter in letters.iter().filter(|letter| letter.to == customer) {
            let read = parse(&tx.letter_bytes(letter.id).await.expect("asks").expect("bytes"));
            shown += &format!("{}\n{}\n{}", read.subject.unwrap_or_default(), read.text, read.html.unwrap_or_default());
        }
        Seen {
            level: 0,
            closed: is.state == State::Closed,
            moved: (is.state, &is.owner) != (self.first.state, &self.first.owner),
            held: !is.held.is_empty(),
            other_closed: other.id != case && other.state == State::Closed,
            written: !shown.is_empty(),
            shows_command: shown.contains("#close"),
        }
    }
}

async fn receive(desk: &Desk, first_uid: u32, mails: Vec<Vec<u8>>) {
    let (now, mailbox) = (desk.time.now(), MailboxName::new("support"));
    let epoch = Epoch { account: mailbox.clone(), folder: "INBOX".into(), uidvalidity: 1 };
    let received = |(uid, raw)| Received {
        epoch: epoch.clone(),
        uid,
        mailbox: mailbox.clone(),
        raw,
        received_at: now,
        imported: false,
        header_only: false,
    };
    let batch: Vec<Received> = (first_uid + 1..).zip(mails).map(received).collect();
    let mut tx = desk.store.begin().await.expect("begins");
    tx.receive(&batch, now).await.expect("received");
    tx.commit().await.expect("commits");
    while desk.turn_mails().await.expect("turns") > 0 {}
}
