//! Where a mail goes, through a whole desk with two mailboxes: into the case it belongs to, and nowhere twice.

use amends::arrive::parse::parse;
use amends::desk::Desk;
use amends::mail::{Mail, MailboxName};
use amends::store::Store;
use amends::store::cases::CaseFilter;
use amends::store::ledger::{Epoch, Received};
use amends::store::outbox::LetterFilter;
use amends::store::verify::verify;
use amends::templates::Templates;
use amends::time::{SetTime, Time};
use tempfile::TempDir;

use super::stories::shop;
use super::support::mail::RawMail;

const KLAUS: &str = "klaus@customer.example";
const ROSA: &str = "rosa@customer.example";
const WORDS: &str = "The lamp is broken and I am very disappointed.";

/// A desk that answers for support@ and for returns@.
struct House {
    desk: Desk,
    uid: u32,
    _folder: TempDir,
}

impl House {
    async fn open() -> Self {
        Self::with("").await
    }

    /// With these lines in `[security]`.
    async fn with(security: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let second = "[[mailbox]]\naddress = \"returns@northwind.example\"\nteam = \"care\"\n\
                      [mailbox.maildir]\ninbox = \"returns-in\"\noutgoing = \"returns-out\"\n\n[[team]]";
        let text = shop::CONFIG.replacen("[[team]]", second, 1);
        let text = text.replacen("[security]\n", &format!("[security]\n{security}"), 1);
        let config = shop::config(folder.path(), &text);
        let time = Time::Set(SetTime::new("2026-11-23T08:10:00Z".parse().expect("an instant")));
        let url = format!("sqlite:{}", folder.path().join("amends.db").display());
        let store = Store::open(&url, time.now()).await.expect("opens");
        let letters = Templates::load(None).expect("the built-in letters");
        let desk = Desk::open(config, letters, store, time).await.expect("a desk");
        Self { desk, uid: 0, _folder: folder }
    }

    /// A mail arrives in a mailbox and has its turn.
    async fn comes(&mut self, mailbox: &str, mail: &RawMail) {
        self.uid += 1;
        let (now, mailbox) = (self.desk.time.now(), MailboxName::new(mailbox));
        let received = Received {
            epoch: Epoch { account: mailbox.clone(), folder: "INBOX".into(), uidvalidity: 1 },
            uid: self.uid,
            mailbox,
            raw: mail.bytes(),
            received_at: now,
            imported: false,
            header_only: false,
        };
        let mut tx = self.desk.store.begin().await.expect("begins");
        tx.receive(&[received], now).await.expect("received");
        tx.commit().await.expect("commits");
        assert_eq!(self.desk.turn_mails().await.expect("a turn"), 1);
    }

    /// How many mails each case holds, the first case first.
    async fn cases(&self) -> Vec<usize> {
        let mut tx = self.desk.store.look().await.expect("looks");
        let mut cases = tx.list_cases(&CaseFilter::default()).await.expect("cases");
        cases.sort_by_key(|case| case.id);
        cases.iter().map(|case| case.mails.len()).collect()
    }

    /// The letters of that name, the first first.
    async fn letters(&self, name: &str) -> Vec<Mail> {
        let mut tx = self.desk.store.look().await.expect("looks");
        let mut rows = tx.letters(&LetterFilter::default()).await.expect("letters");
        rows.retain(|row| row.letter == name);
        rows.sort_by_key(|row| row.id);
        let mut letters = Vec::new();
        for row in rows {
            letters.push(parse(&tx.letter_bytes(row.id).await.expect("read").expect("bytes")));
        }
        letters
    }

    /// The apology to the first case's customer.
    async fn apology(&self) -> Mail {
        self.letters("apology").await.remove(0)
    }

    async fn ends(self) {
        let broken = verify(&self.desk.store).await.expect("verifies");
        assert!(broken.is_empty(), "{broken:?}");
    }
}

/// Mei's answer to the notice of Klaus's case.
async fn answer_of_mei(house: &House) -> RawMail {
    let notice = house.letters("new-case").await.remove(0);
    mail("mei@northwind.example", &door(&notice), "Re: Lamp broken")
        .with("Message-ID", "<answer@northwind.example>")
        .with("In-Reply-To", &id(&notice))
        .body("Dear Klaus, a new lamp is on its way.")
}

/// A mail of somebody whose provider vouches for them.
fn mail(from: &str, to: &str, subject: &str) -> RawMail {
    mail_by(&format!("<{from}>"), from, to, subject)
}

/// With this Return-Path.
fn mail_by(path: &str, from: &str, to: &str, subject: &str) -> RawMail {
    let domain = from.split('@').nth(1).expect("a domain");
    RawMail::new(from, to, subject)
        .with("Return-Path", path)
        .with("Received", "from out.example by mx.northwind.example with ESMTPS; Mon, 23 Nov 2026 08:09:00 +0000")
        .with("Authentication-Results", &format!("mx.northwind.example; dmarc=pass header.from={domain}"))
        .body(WORDS)
}

fn complaint() -> RawMail {
    mail(KLAUS, "support@northwind.example", "Lamp broken")
}

/// Where an answer to the letter goes.
fn door(letter: &Mail) -> String {
    letter.reply_to[0].address.to_string()
}

fn id(letter: &Mail) -> String {
    format!("<{}>", letter.message_id.as_ref().expect("an id").as_str())
}

#[tokio::test]
async fn an_answer_without_references_joins_by_its_address_or_its_number() {
    let mut house = House::open().await;
    house.comes("support", &complaint()).await;
    let apology = house.apology().await;
    // Apple Mail from a notification: the address, and nothing else of the thread.
    house.comes("support", &mail(KLAUS, &door(&apology), "A photo").body("Here it is.")).await;
    // A ticket system keeps the subject, writes ids of its own, and answers From.
    let subject = format!("INC0012 opened: {}", apology.subject.as_deref().expect("a subject"));
    let tool = mail(KLAUS, "support@northwind.example", &subject).body("Any news?");
    house
        .comes("support", &tool.with("In-Reply-To", "<1.2@tool.example>").with("References", "<1.2@tool.example>"))
        .await;
    // A subject without the number, from a proven sender with an open case of that name.
    house.comes("support", &mail(KLAUS, "support@northwind.example", "AW: Lamp broken").body("Hello?")).await;
    assert_eq!(house.cases().await, [4]);
    house.ends().await;
}

#[tokio::test]
async fn a_changed_subject_parts_nothing_that_an_id_joins() {
    let mut house = House::open().await;
    house.comes("support", &complaint()).await;
    let apology = house.apology().await;
    let other = |words| mail(KLAUS, "support@northwind.example", "Thank you for nothing").body(words);
    house.comes("support", &other("It is the hinge.").with("In-Reply-To", &id(&apology))).await;
    assert_eq!(house.cases().await, [2]);
    house.comes("support", &other("And the box was torn, which is another matter.")).await;
    assert_eq!(house.cases().await, [2, 1], "neither id, nor number, nor subject");
    house.ends().await;
}

#[tokio::test]
async fn a_colleague_in_copy_joins_and_is_sent_nothing() {
    let mut house = House::open().await;
    house.comes("support", &complaint().with("Cc", ROSA).with("Message-ID", "<first@customer.example>")).await;
    let answer = mail(ROSA, "support@northwind.example", "Re: Lamp broken").body("It was my birthday present.");
    house.comes("support", &answer.with("References", "<first@customer.example>")).await;
    assert_eq!(house.cases().await, [2]);
    let mut tx = house.desk.store.look().await.expect("looks");
    let letters = tx.letters(&LetterFilter::default()).await.expect("letters");
    assert!(letters.iter().all(|letter| letter.to.as_str() != ROSA), "{letters:?}");
    drop(tx);
    house.ends().await;
}

#[tokio::test]
async fn whoever_was_forwarded_a_letter_opens_a_case_that_claims_the_other() {
    let mut house = House::open().await;
    house.comes("support", &complaint()).await;
    let apology = house.apology().await;
    let subject = format!("Fwd: {}", apology.subject.as_deref().expect("a subject"));
    let forwarded = mail("eve@other.example", "support@northwind.example", &subject).body("Is this true?");
    house.comes("support", &forwarded.with("References", &id(&apology))).await;
    assert_eq!(house.cases().await, [1, 1]);
    let notices = house.letters("new-case").await;
    assert!(notices[1].text.contains("claims relation to NW-1001"), "{}", notices[1].text);
    house.ends().await;
}

#[tokio::test]
async fn one_mail_to_two_of_our_mailboxes_is_one_case_with_or_without_an_id() {
    for name in ["<one@customer.example>", ""] {
        let mut house = House::open().await;
        let both = mail(KLAUS, "support@northwind.example, returns@northwind.example", "Lamp broken");
        for mailbox in ["support", "returns"] {
            let copy = both.clone().with("Delivered-To", &format!("{mailbox}@northwind.example"));
            house.comes(mailbox, &copy.with("Message-ID", name)).await;
        }
        assert_eq!(house.cases().await, [1], "{name:?}");
        assert_eq!(house.letters("apology").await.len(), 1);
        house.ends().await;
    }
}

#[tokio::test]
async fn the_same_id_on_other_words_is_another_mail() {
    let mut house = House::open().await;
    let named = |mail: RawMail| mail.with("Message-ID", "<one@customer.example>");
    house.comes("support", &named(complaint())).await;
    house.comes("support", &named(mail(ROSA, "support@northwind.example", "Shade torn"))).await;
    assert_eq!(house.cases().await, [1, 1]);
    let notices = house.letters("new-case").await;
    assert!(notices[1].text.contains("same Message-ID as another mail"), "{}", notices[1].text);
    house.ends().await;
}

#[tokio::test]
async fn mails_without_an_id_are_told_apart_by_their_words_and_answered() {
    let mut house = House::open().await;
    house.comes("support", &complaint().with("Message-ID", "")).await;
    house.comes("support", &mail(ROSA, "support@northwind.example", "Shade torn").with("Message-ID", "")).await;
    // The same words a week later: another Date, another mail of the same case.
    let later = complaint().with("Date", "Mon, 30 Nov 2026 10:00:00 +0000").with("Message-ID", "");
    house.comes("support", &later).await;
    assert_eq!(house.cases().await, [2, 1]);
    let apologies = house.letters("apology").await;
    assert_eq!(apologies.len(), 2);
    assert!(apologies.iter().all(|letter| letter.in_reply_to.is_empty()), "there is no id to answer");
    house.ends().await;
}

#[tokio::test]
async fn a_copy_by_a_list_that_came_first_takes_nothing_from_a_colleagues_answer() {
    // Vouched for by a server, or by nothing but the token, where the house says that this is enough.
    for (proof, vouched) in [("", true), ("staff_proof = \"token\"\n", false)] {
        let mut house = House::with(proof).await;
        house.comes("support", &complaint()).await;
        let mut answer = answer_of_mei(&house).await;
        if !vouched {
            answer = answer.with("Authentication-Results", "other.example; none");
        }
        house.comes("support", &answer.clone().with("List-Id", "<care.northwind.example>")).await;
        assert_eq!(house.letters("reply").await.len(), 0, "what came by a list gives no orders");
        house.comes("support", &answer).await;
        house.comes("returns", &answer.with("Delivered-To", "returns@northwind.example")).await;
        assert_eq!(house.letters("reply").await.len(), 1, "{proof:?}");
        house.ends().await;
    }
}

/// A redirection writes the empty path, a forger whatever stops a letter: what comes straight is a person's all the same.
#[tokio::test]
async fn a_copy_that_was_set_aside_hides_no_complaint() {
    let redirected = mail_by("<>", KLAUS, "support@northwind.example", "Lamp broken");
    for (name, aside) in [("redirected", redirected), ("forged", complaint().with("Auto-Submitted", "auto-replied"))] {
        let mut house = House::open().await;
        let complaint = complaint().with("Message-ID", "<first@customer.example>");
        house.comes("support", &aside.with("Message-ID", "<first@customer.example>")).await;
        assert_eq!(house.cases().await, [0; 0], "{name} is set aside");
        house.comes("support", &complaint).await;
        house.comes("returns", &complaint.with("Delivered-To", "returns@northwind.example")).await;
        assert_eq!(house.cases().await, [1], "{name}");
        assert_eq!(house.letters("apology").await.len(), 1, "{name}");
        house.ends().await;
    }
}

/// What a list was quicker with opened a case that nobody was written to about.
#[tokio::test]
async fn a_copy_by_a_list_that_came_first_keeps_no_apology_from_the_customer() {
    let mut house = House::open().await;
    let complaint = complaint().with("Message-ID", "<first@customer.example>");
    house.comes("support", &complaint.clone().with("List-Id", "<lamps.example>")).await;
    assert_eq!((house.cases().await, house.letters("apology").await.len()), (vec![1], 0));
    house.comes("support", &complaint).await;
    house.comes("returns", &complaint.with("Delivered-To", "returns@northwind.example")).await;
    assert_eq!((house.cases().await, house.letters("apology").await.len()), (vec![2], 1));
    house.ends().await;
}

/// Where the first copy came to the case as a machine's, the straight one brings it back.
#[tokio::test]
async fn a_copy_by_a_list_takes_nothing_from_a_customers_answer() {
    let mut house = House::open().await;
    house.comes("support", &complaint()).await;
    let apology = house.apology().await;
    let answer = mail(KLAUS, &door(&apology), "Re: Lamp broken")
        .with("Message-ID", "<second@customer.example>")
        .body("It broke again.");
    house.comes("support", &answer.clone().with("Precedence", "list")).await;
    house.comes("support", &answer).await;
    house.comes("support", &answer.with("X-Road", "3")).await;
    assert_eq!(house.cases().await, [3]);
    let notices = house.letters("customer-wrote").await;
    assert_eq!(notices.len(), 2, "one of a machine's mail, one of the customer's");
    house.ends().await;
}
