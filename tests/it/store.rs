//! The store on a real SQLite file: what is committed lasts, what is dropped never was, nothing is sent twice,
//! and `verify` finds each kind of damage.

use amends::decide::case::*;
use amends::decide::effect::{LetterKey, RingNote};
use amends::deliver::outbox::{Attempt, Happening, LetterState, Past, step};
use amends::mail::*;
use amends::store::ahead::Marks;
use amends::store::ledger::{Epoch, FolderState, Received};
use amends::store::mails::{Disposition, Settled};
use amends::store::marks::{Name, Twins};
use amends::store::outbox::{Claimed, LetterFilter, NewLetter, Packed};
use amends::store::verify::verify;
use amends::store::{StopAt, Store, StoreError, Tx};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    fn url(&self) -> String {
        format!("sqlite:{}", self.folder.path().join("amends.db").display())
    }

    async fn open(&self) -> Store {
        Store::open(&self.url(), start()).await.expect("opens")
    }

    /// A connection that our rules do not bind: to do damage with.
    async fn vandal(&self) -> sqlx::AnyPool {
        let pool = sqlx::any::AnyPoolOptions::new().max_connections(1);
        let pool = pool.connect(&self.url()).await.expect("connects");
        sqlx::query("PRAGMA foreign_keys = OFF").execute(&pool).await.expect("no rules");
        pool
    }
}

fn start() -> Timestamp {
    "2026-11-20T22:40:00Z".parse().expect("an instant")
}

fn later(minutes: i64) -> Timestamp {
    start() + SignedDuration::from_mins(minutes)
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn support() -> MailboxName {
    MailboxName::new("support")
}

fn person(id: &str) -> PersonId {
    PersonId::new(id)
}

fn inbox() -> Epoch {
    Epoch { account: support(), folder: "INBOX".to_owned(), uidvalidity: 7 }
}

fn received(uid: u32, raw: &str) -> Received {
    Received {
        epoch: inbox(),
        uid,
        mailbox: support(),
        raw: raw.as_bytes().to_vec(),
        received_at: start(),
        imported: false,
        header_only: false,
    }
}

fn settled(disposition: Disposition) -> Settled {
    Settled {
        disposition,
        sender: Some(address("Klaus@Home.example")),
        message_id: MessageId::new("one@home.example"),
        digest: Digest::of(b"one"),
        subject: Some("The lamp".to_owned()),
        class: "human".to_owned(),
        sign: "none".to_owned(),
        level: 0,
        authenticated: true,
        no_letter_because: None,
        case: None,
        duplicate_of: None,
        words: Some(Digest::of(b"words")),
    }
}

fn clock(target: Target, version: u32, due_at: Timestamp) -> Clock {
    Clock { target, n: 0, version, started_at: start(), due_at, state: ClockState::Running }
}

fn ring(rung: usize, due_at: Timestamp) -> Ring {
    Ring {
        rung,
        to: amends::decide::policy::RungTo::Lead,
        acknowledge: None,
        tell_customer: false,
        target: Target::FirstResponse,
        n: 0,
        version: 1,
        due_at,
        state: RingState::Planned,
    }
}

fn case(id: CaseId) -> Case {
    let customer = Participant {
        no: ParticipantNo(0),
        address: address("Klaus@Home.example"),
        name: Some("Klaus Berger".to_owned()),
        authenticated: true,
        mentioned_only: false,
    };
    Case {
        subject: "The lamp".to_owned(),
        participants: vec![customer],
        owner: Some(person("mei")),
        team: "support".to_owned(),
        kind: "late".to_owned(),
        sla: "standard".to_owned(),
        language: "en".to_owned(),
        clocks: vec![clock(Target::FirstResponse, 1, later(60)), clock(Target::Resolution, 1, later(600))],
        rings: vec![ring(0, later(30)), ring(1, later(45))],
        told: Told { first_letter_at: Some(start()), ..Told::default() },
        log: vec![LogLine { at: start(), who: "desk".to_owned(), what: "opened".to_owned() }],
        ..Case::blank(id, support(), start())
    }
}

fn letter(id: LetterId, key: &str, case: Option<CaseId>) -> NewLetter {
    NewLetter {
        envelope: Envelope {
            id,
            mailbox: support(),
            from: Some(address("support+b.x@northwind.example")),
            to: address("Klaus@Home.example"),
            message_id: MessageId::new(&format!("letter-{id}@northwind.example")).expect("an id"),
        },
        key: LetterKey(key.to_owned()),
        letter: "apology".to_owned(),
        case,
        person: None,
        unasked: false,
        authenticated: false,
        automatic: true,
        not_before: start(),
        stale_after: None,
        held_because: None,
    }
}

fn words(letter: &NewLetter) -> Vec<u8> {
    format!("Subject: We are sorry\r\n\r\nletter {}\r\n", letter.envelope.id).into_bytes()
}

async fn queue(tx: &mut Tx, letter: &NewLetter, now: Timestamp) -> Result<bool, StoreError> {
    let queued = tx.queue(letter, now).await?;
    if queued {
        tx.put_bytes(&[(letter.envelope.id, Packed::of(&words(letter))?)]).await?;
    }
    Ok(queued)
}

/// One turn: a mail, its case, its letter.
async fn one_turn(tx: &mut Tx, uid: u32) -> (MailId, CaseId, LetterId) {
    let raw = format!("Subject: lamp {uid}\r\n\r\nIt broke.\r\n");
    let mail = tx.receive(&[received(uid, &raw)], start()).await.expect("received")[0];
    tx.count_attempts(&[mail], start()).await.expect("counted");
    let id = tx.next_case_id().await.expect("a number");
    let mut opened = case(id);
    tx.save_case(&mut opened).await.expect("saved");
    let letter_id = tx.next_letter_id().await.expect("a number");
    let queued = queue(tx, &letter(letter_id, &format!("ack:{id}"), Some(id)), start()).await.expect("queues");
    assert!(queued);
    let message_id = MessageId::new(&format!("mail-{uid}@home.example"));
    let ended =
        Settled { case: Some(id), message_id, digest: Digest::of(raw.as_bytes()), ..settled(Disposition::CaseNew) };
    tx.settle_mail(mail, &ended, start()).await.expect("settled");
    (mail, id, letter_id)
}

async fn claim(store: &Store, now: Timestamp) -> Vec<Claimed> {
    let mut tx = store.begin().await.expect("begins");
    let lease = now + SignedDuration::from_mins(10);
    let claimed = tx.claim(&support(), 10, now, lease).await.expect("claims");
    tx.commit().await.expect("commits");
    claimed
}

async fn commit_dot(store: &Store, claimed: &Claimed, now: Timestamp) -> bool {
    let mut tx = store.begin().await.expect("begins");
    let lease = now + SignedDuration::from_mins(10);
    let may = tx.committing(claimed.outgoing.envelope.id, claimed.fence, lease).await.expect("commits the dot");
    tx.commit().await.expect("commits");
    may
}

async fn settle(store: &Store, claimed: &Claimed, attempt: Attempt, now: Timestamp) -> Option<LetterState> {
    let mut tx = store.begin().await.expect("begins");
    let wait = now + SignedDuration::from_mins(15);
    let state = tx.settle_try(claimed.outgoing.envelope.id, claimed.fence, &attempt, now, wait).await.expect("settles");
    tx.commit().await.expect("commits");
    state
}

fn answer(text: &str) -> String {
    text.to_owned()
}

async fn state_of(store: &Store, id: LetterId) -> LetterState {
    let mut tx = store.look().await.expect("looks");
    tx.letter(id).await.expect("reads").expect("a letter").state
}

/// A store with one turn in it.
async fn with_one_turn(place: &Place) -> (Store, MailId, CaseId, LetterId) {
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let (mail, case, letter) = one_turn(&mut tx, 1).await;
    tx.commit().await.expect("commits");
    (store, mail, case, letter)
}

#[tokio::test]
async fn what_was_found_absent_is_forgotten_by_the_write_that_makes_it_be() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let mails = tx.receive(&[received(1, "one"), received(2, "two"), received(3, "two")], start()).await.expect("two");
    let (klaus, words) = (address("klaus@home.example"), Digest::of(b"words"));
    let id = MessageId::new("one@home.example").expect("an id");
    let marks = |mail| Marks { mail, message_id: Some(id.clone()), sender: Some(klaus.clone()), words: Some(words) };
    tx.look_ahead(&mails.iter().copied().map(marks).collect::<Vec<_>>()).await.expect("looks");
    assert_eq!(tx.cases_of(&klaus, 9).await.expect("asks"), []);
    assert!(!tx.same_words_elsewhere(&klaus, &words, start()).await.expect("asks"));
    assert_eq!(tx.twins(mails[1], Name::Id(&id), &Digest::of(b"one")).await.expect("asks").copies, []);

    let case_id = tx.next_case_id().await.expect("a number");
    tx.save_case(&mut case(case_id)).await.expect("saved");
    tx.stop_address(&klaus, start()).await.expect("stops");
    for mail in &mails[..2] {
        let ended = Settled { case: Some(case_id), ..settled(Disposition::CaseNew) };
        tx.settle_mail(*mail, &ended, start()).await.expect("settled");
    }
    assert_eq!(tx.cases_of(&klaus, 9).await.expect("asks").len(), 1);
    assert_eq!(tx.switches(&klaus).await.expect("asks").stopped_at, Some(start()));
    assert!(tx.same_words_elsewhere(&klaus, &words, start()).await.expect("asks"));
    let twins = tx.twins(mails[2], Name::Id(&id), &Digest::of(b"one")).await.expect("asks");
    assert_eq!((twins.copies, twins.message_id_taken), (mails[..2].to_vec(), true));
}

#[tokio::test]
async fn a_message_id_is_known_from_the_letter_that_takes_it() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let mail = tx.receive(&[received(1, "one")], start()).await.expect("one")[0];
    let id = tx.next_letter_id().await.expect("a number");
    let new = letter(id, "ack:1", None);
    let message_id = new.envelope.message_id.clone();
    let marks = Marks { mail, message_id: Some(message_id.clone()), sender: None, words: None };
    tx.look_ahead(&[marks]).await.expect("looks");
    assert_eq!(tx.letter_by_message_id(&message_id).await.expect("asks"), None);
    assert!(queue(&mut tx, &new, start()).await.expect("queues"));
    assert_eq!(tx.letter_by_message_id(&message_id).await.expect("asks").map(|l| l.id), Some(id));
}

#[tokio::test]
async fn no_letter_is_committed_without_its_bytes() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let id = tx.next_letter_id().await.expect("a number");
    assert!(tx.queue(&letter(id, "ack:1", None), start()).await.expect("queues"));
    let refused = tx.commit().await.expect_err("its bytes are missing");
    assert_eq!(refused.to_string(), "letter 1 was queued without its bytes");
    let mut tx = store.look().await.expect("looks");
    assert_eq!(tx.letters(&LetterFilter::default()).await.expect("asks"), [], "nothing of it happened");
}

// ---- the file

#[tokio::test]
async fn a_desk_keeps_its_id_and_counts_cases_from_1001() {
    let place = Place::new();
    let (store, _, case, letter) = with_one_turn(&place).await;
    assert_eq!((case, letter), (CaseId(1001), LetterId(1)));
    let desk = store.look().await.expect("looks").desk().await.expect("a desk");
    store.close().await;
    let again = Store::open(&place.url(), later(99)).await.expect("opens again");
    let mut tx = again.begin().await.expect("begins");
    assert_eq!(tx.desk().await.expect("a desk"), desk);
    assert_eq!(desk.made_at, start());
    assert_eq!(tx.next_case_id().await.expect("a number"), CaseId(1002));
}

#[tokio::test]
async fn two_desks_have_two_ids() {
    let (one, other) = (Place::new(), Place::new());
    let one = one.open().await.look().await.expect("looks").desk().await.expect("a desk");
    let other = other.open().await.look().await.expect("looks").desk().await.expect("a desk");
    assert_ne!(one.id, other.id);
}

#[tokio::test]
async fn the_file_is_readable_by_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let (_store, ..) = with_one_turn(&place).await;
    for file in std::fs::read_dir(place.folder.path()).expect("a folder") {
        let file = file.expect("a file");
        let mode = file.metadata().expect("its mode").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} {mode:o}", file.path());
    }
}

#[tokio::test]
async fn free_space_is_known() {
    let place = Place::new();
    let store = place.open().await;
    assert!(store.free_bytes().expect("a number") > 0);
}

#[tokio::test]
async fn one_daemon_at_a_time() {
    let place = Place::new();
    let store = place.open().await;
    let lock = store.daemon_lock().expect("locks");
    let error = store.daemon_lock().expect_err("is locked");
    assert!(error.to_string().contains("amends.db.lock"), "{error}");
    drop(lock);
    store.daemon_lock().expect("locks again");
}

#[tokio::test]
async fn what_another_program_commits_is_noticed_and_ones_own_is_not() {
    let place = Place::new();
    let (store, ..) = with_one_turn(&place).await;
    let before = store.outside_commits().await.expect("a number");
    let mut tx = store.begin().await.expect("begins");
    one_turn(&mut tx, 2).await;
    tx.commit().await.expect("commits");
    assert_eq!(store.outside_commits().await.expect("a number"), before);
    let other = place.open().await;
    let mut tx = other.begin().await.expect("begins");
    one_turn(&mut tx, 3).await;
    tx.commit().await.expect("commits");
    assert_ne!(store.outside_commits().await.expect("a number"), before);
}

#[tokio::test]
async fn a_reader_cannot_write() {
    let place = Place::new();
    let (store, ..) = with_one_turn(&place).await;
    let mut tx = store.look().await.expect("looks");
    let error = tx.mark_spam(&address("a@b.example"), true).await.expect_err("read only");
    assert!(matches!(error, StoreError::Database(_)) && !error.is_fatal(), "{error}");
}

// ---- transactions

#[tokio::test]
async fn what_is_dropped_never_was() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    one_turn(&mut tx, 1).await;
    drop(tx);
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.lacking(&inbox(), &[1]).await.expect("asks"), [1]);
    assert!(tx.case(CaseId(1001)).await.expect("asks").is_none());
    // Its numbers are free again.
    assert_eq!(one_turn(&mut tx, 1).await, (MailId(1), CaseId(1001), LetterId(1)));
}

#[tokio::test]
async fn a_later_turn_of_a_batch_sees_the_earlier_and_a_reader_sees_none_before_the_commit() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let (_, first, _) = one_turn(&mut tx, 1).await;
    let open = tx.cases_of(&address("klaus@home.example"), 9).await.expect("asks");
    assert_eq!(open.iter().map(|h| h.id).collect::<Vec<_>>(), [first]);
    let mut reader = store.look().await.expect("looks");
    assert!(reader.case(first).await.expect("asks").is_none());
    drop(reader);
    tx.commit().await.expect("commits");
    assert!(store.look().await.expect("looks").case(first).await.expect("asks").is_some());
}

#[tokio::test]
async fn two_writers_wait_for_one_another() {
    let place = Place::new();
    let store = place.open().await;
    let writers = (0..8).map(|n| {
        let store = store.clone();
        tokio::spawn(async move {
            for i in 0..5 {
                let mut tx = store.begin().await.expect("begins");
                one_turn(&mut tx, n * 10 + i).await;
                tx.commit().await.expect("commits");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("ends");
    }
    let cases = store.look().await.expect("looks").list_cases(&Default::default()).await.expect("lists");
    assert_eq!(cases.len(), 40);
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn two_programs_wait_for_one_another() {
    let place = Place::new();
    let (one, other) = (place.open().await, place.open().await);
    let mut tx = one.begin().await.expect("begins");
    one_turn(&mut tx, 1).await;
    let waiting = tokio::spawn(async move {
        let mut tx = other.begin().await.expect("begins");
        let (_, case, _) = one_turn(&mut tx, 2).await;
        tx.commit().await.expect("commits");
        case
    });
    tx.commit().await.expect("commits");
    assert_eq!(waiting.await.expect("ends"), CaseId(1002));
}

#[tokio::test]
async fn a_store_stops_before_or_after_a_commit_and_stays_dead() {
    for (at, kept) in [(StopAt::Before(2), 1), (StopAt::After(2), 2)] {
        let place = Place::new();
        let store = place.open().await;
        store.stop_at(at);
        let mut done = 0;
        for uid in 1..=3 {
            let Ok(mut tx) = store.begin().await else { break };
            one_turn(&mut tx, uid).await;
            if let Err(error) = tx.commit().await {
                assert!(error.is_fatal() && matches!(error, StoreError::Stopped));
                break;
            }
            done += 1;
        }
        assert_eq!(done, 1, "{at:?}");
        assert!(matches!(store.begin().await.err(), Some(StoreError::Stopped)));
        assert!(matches!(store.look().await.err(), Some(StoreError::Stopped)));
        store.close().await;
        let again = place.open().await;
        let cases = again.look().await.expect("looks").list_cases(&Default::default()).await.expect("lists");
        assert_eq!(cases.len(), kept, "{at:?}");
        assert_eq!(verify(&again).await.expect("verifies"), []);
    }
}

// ---- the ledger

#[tokio::test]
async fn a_message_is_fetched_once() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    tx.mark_pre_existing(&inbox(), &[3, 4], start()).await.expect("marks");
    let batch = [received(5, "a"), received(7, "b")];
    let ids = tx.receive(&batch, start()).await.expect("receives");
    assert_eq!(tx.receive(&batch, start()).await.expect("receives again"), ids);
    assert_eq!(tx.lacking(&inbox(), &[9, 7, 6, 5, 4, 3, 2]).await.expect("asks"), [2, 6, 9]);
    assert_eq!(tx.lacking(&inbox(), &[]).await.expect("asks"), [] as [u32; 0]);
    let other = Epoch { uidvalidity: 8, ..inbox() };
    assert_eq!(tx.lacking(&other, &[5]).await.expect("asks"), [5], "another life, other numbers");
    assert!(tx.receive(&[received(3, "c")], start()).await.is_err());
    let file = Received { epoch: Epoch::of_file(&support(), "1700.M1.host"), uid: 0, ..received(0, "d") };
    let id = tx.receive(std::slice::from_ref(&file), start()).await.expect("receives")[0];
    assert_eq!(tx.receive(&[file], start()).await.expect("receives again"), [id]);
}

#[tokio::test]
async fn a_folder_lives_again_under_a_new_uidvalidity() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.folder(&support(), "INBOX").await.expect("asks"), None);
    let first = FolderState { epoch: inbox(), mark: 0, first_contact_at: start(), held_because: None };
    tx.set_folder(&first).await.expect("writes");
    let second = FolderState {
        epoch: Epoch { uidvalidity: 8, ..inbox() },
        held_because: Some("UIDVALIDITY changed".to_owned()),
        ..first.clone()
    };
    tx.set_folder(&second).await.expect("writes");
    assert_eq!(tx.folder(&support(), "INBOX").await.expect("asks").as_ref(), Some(&second));
    tx.set_folder(&FolderState { mark: 40, ..first }).await.expect("writes the old one");
    assert_eq!(tx.folder(&support(), "INBOX").await.expect("asks"), Some(second));
}

#[tokio::test]
async fn only_what_is_settled_is_marked_on_the_server() {
    let place = Place::new();
    let (store, mail, ..) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    tx.receive(&[received(2, "not read yet")], start()).await.expect("receives");
    let unmarked = tx.unmarked(&support(), 10).await.expect("asks");
    assert_eq!(unmarked.iter().map(|u| (u.uid, u.mail)).collect::<Vec<_>>(), [(1, mail)]);
    tx.mark(&inbox(), &[1], later(1)).await.expect("marks");
    assert_eq!(tx.unmarked(&support(), 10).await.expect("asks"), []);
}

// ---- mails

#[tokio::test]
async fn raw_bytes_come_back_as_they_were() {
    let place = Place::new();
    let store = place.open().await;
    let large: Vec<u8> = (0..900_000u32).flat_map(|n| (n.wrapping_mul(2_654_435_761)).to_le_bytes()).collect();
    for (uid, raw) in [(1, Vec::new()), (2, vec![0, 255, 13, 10]), (3, large)] {
        let mut tx = store.begin().await.expect("begins");
        let mail = Received { raw: raw.clone(), ..received(uid, "") };
        let id = tx.receive(&[mail], start()).await.expect("receives")[0];
        tx.commit().await.expect("commits");
        let found = store.look().await.expect("looks").raw(id).await.expect("reads");
        assert!(found == Some(raw), "mail {uid} has changed");
    }
}

#[tokio::test]
async fn waiting_mails_come_in_order_and_a_poisonous_one_rests() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let ids = tx.receive(&[received(1, "a"), received(2, "b")], start()).await.expect("receives");
    let seen = |pending: Vec<amends::store::mails::Pending>| {
        pending.into_iter().map(|p| (p.id, p.attempts)).collect::<Vec<_>>()
    };
    assert_eq!(seen(tx.pending(9, start()).await.expect("asks")), [(ids[0], 0), (ids[1], 0)]);
    tx.count_attempts(&ids[..1], start()).await.expect("counts");
    assert_eq!(seen(tx.pending(9, start()).await.expect("asks")), [(ids[0], 1), (ids[1], 0)], "one crash is no fault");
    tx.count_attempts(&ids[..1], start()).await.expect("counts");
    assert_eq!(seen(tx.pending(9, start()).await.expect("asks")), [(ids[1], 0)]);
    tx.settle_mail(ids[1], &settled(Disposition::MachineParked), start()).await.expect("settles");
    assert_eq!(tx.next_pending().await.expect("asks"), Some(later(1)));
    assert_eq!(seen(tx.pending(9, later(1)).await.expect("asks")), [(ids[0], 2)]);
}

#[tokio::test]
async fn mails_that_waited_when_the_last_run_ended_count_as_tried_once() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let ids = tx.receive(&[received(1, "a"), received(2, "b"), received(3, "c")], start()).await.expect("receives");
    tx.settle_mail(ids[0], &settled(Disposition::MachineParked), start()).await.expect("settles");
    assert_eq!(tx.suspect_first(1).await.expect("counts"), 1);
    let attempts = |pending: Vec<amends::store::mails::Pending>| pending.iter().map(|p| p.attempts).collect::<Vec<_>>();
    assert_eq!(
        attempts(tx.pending(9, start()).await.expect("asks")),
        [1, 0],
        "those behind the batch were not touched"
    );
    assert_eq!(tx.suspect_first(9).await.expect("counts"), 1);
    assert_eq!(tx.suspect_first(9).await.expect("counts"), 0, "restarts alone set nothing aside");
}

#[tokio::test]
async fn a_letter_to_staff_that_a_limit_holds_is_asked_about_again() {
    let place = Place::new();
    let (store, _, case, _) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let id = tx.next_letter_id().await.expect("a number");
    let person = Some(PersonId::new("mei"));
    let held_because = Some(answer("limit: mei had 120 mails in an hour"));
    let held = NewLetter { person, held_because, ..letter(id, "esc:1", Some(case)) };
    assert!(queue(&mut tx, &held, start()).await.expect("queues"));
    let rows = tx.held(9).await.expect("asks");
    assert_eq!(rows.iter().map(|r| (r.id, r.person.is_some())).collect::<Vec<_>>(), [(id, true)]);
}

#[tokio::test]
async fn what_was_in_doubt_twice_is_not_withdrawn_as_stale() {
    let place = Place::new();
    let (store, _, case, first) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    assert!(tx.drop_letter(first, "not of this story", start()).await.expect("drops"));
    let id = tx.next_letter_id().await.expect("a number");
    let stale = NewLetter { stale_after: Some(later(60)), ..letter(id, "ack:twice", Some(case)) };
    assert!(queue(&mut tx, &stale, start()).await.expect("queues"));
    tx.commit().await.expect("commits");
    for minute in [0, 20] {
        let claimed = claim(&store, later(minute)).await.remove(0);
        assert!(commit_dot(&store, &claimed, later(minute)).await);
        settle(&store, &claimed, Attempt::InDoubt { answer: answer("connection lost") }, later(minute)).await;
        let mut tx = store.begin().await.expect("begins");
        tx.resolve_doubts(later(minute + 19)).await.expect("resolves");
        tx.commit().await.expect("commits");
    }
    assert_eq!(state_of(&store, id).await, LetterState::Held);
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.void_stale(later(90)).await.expect("asks"), [], "a third letter would be one too many");
    assert_eq!(tx.next_letter_change().await.expect("asks"), None, "and nothing wakes for it");
}

#[tokio::test]
async fn a_batch_of_waiting_mails_fits_in_memory() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    for uid in 1..=3 {
        let mail = Received { raw: vec![uid as u8; 9 * 1024 * 1024], ..received(uid, "") };
        tx.receive(&[mail], start()).await.expect("receives");
    }
    assert_eq!(tx.pending(9, start()).await.expect("asks").len(), 1);
}

#[tokio::test]
async fn a_mail_ends_once() {
    let place = Place::new();
    let (store, mail, case, _) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let error = tx.settle_mail(mail, &settled(Disposition::Blocked), start()).await.expect_err("has ended");
    assert!(matches!(error, StoreError::Broken(_)), "{error}");
    let row = tx.mail(mail).await.expect("reads").expect("a mail");
    let ended = row.settled.expect("has ended");
    assert_eq!((ended.disposition, ended.case, row.attempts), (Disposition::CaseNew, Some(case), 1));
    assert_eq!(ended.sender, Some(address("klaus@home.example")));
    assert_eq!(tx.mails_of(case).await.expect("reads").len(), 1);
    tx.raise_level(mail, 3).await.expect("raises");
    tx.raise_level(mail, 1).await.expect("does not lower");
    assert_eq!(tx.mail(mail).await.expect("reads").and_then(|m| m.settled).map(|s| s.level), Some(3));
}

#[tokio::test]
async fn copies_are_found_by_bytes_and_by_id_with_content() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let batch = [received(1, "same"), received(2, "same"), received(3, "third"), received(4, "fourth")];
    let ids = tx.receive(&batch, start()).await.expect("receives");
    let message_id = MessageId::new("one@home.example").expect("an id");
    let (here, other) = (Digest::of(b"one"), Digest::of(b"two"));
    let twins = tx.twins(ids[0], Name::Id(&message_id), &here).await.expect("asks");
    assert_eq!(twins, Twins { copies: vec![], message_id_taken: false }, "nothing has ended yet");
    tx.settle_mail(ids[0], &settled(Disposition::MachineParked), start()).await.expect("settles");
    let named = Name::Id(&message_id);
    for (mail, name, digest, copies, message_id_taken, what) in [
        (ids[1], Name::Bytes, other, vec![ids[0]], false, "the same bytes"),
        (ids[1], named, here, vec![ids[0]], true, "the same bytes, id and content"),
        (ids[2], named, here, vec![ids[0]], true, "the same id and content"),
        (ids[3], named, other, vec![], true, "the same id alone"),
        (ids[0], named, here, vec![], false, "itself"),
        (ids[2], Name::Content, here, vec![], false, "one of the two has an id"),
    ] {
        let twins = tx.twins(mail, name, &digest).await.expect("asks");
        assert_eq!(twins, Twins { copies, message_id_taken }, "{what}");
    }
}

#[tokio::test]
async fn a_copy_without_an_id_is_found_by_its_content() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let ids = tx.receive(&[received(1, "one"), received(2, "two")], start()).await.expect("receives");
    let nameless = Settled { message_id: None, ..settled(Disposition::MachineParked) };
    tx.settle_mail(ids[0], &nameless, start()).await.expect("settles");
    let copies = |twins: Twins| (twins.copies, twins.message_id_taken);
    let same = nameless.digest;
    for (name, digest, found) in [
        (Name::Content, same, vec![ids[0]]),
        (Name::Content, Digest::of(b"other"), vec![]),
        (Name::Bytes, same, vec![]),
    ] {
        assert_eq!(copies(tx.twins(ids[1], name, &digest).await.expect("asks")), (found, false), "{name:?}");
    }
}

#[tokio::test]
async fn a_mail_finds_its_case_by_the_ids_it_answers() {
    let place = Place::new();
    let (store, _, first, letter) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let (_, second, _) = one_turn(&mut tx, 2).await;
    tx.mention(first, &[address("Anna@home.example"), address("klaus@home.example")]).await.expect("mentions");
    let ids: Vec<MessageId> =
        ["mail-2@home.example", "nobody@x.example", "letter-1@northwind.example", "mail-1@home.example"]
            .into_iter()
            .filter_map(MessageId::new)
            .collect();
    let anna = tx.cases_by_ids(&ids, Some(&address("anna@HOME.example"))).await.expect("asks");
    assert_eq!(anna.iter().map(|s| s.case).collect::<Vec<_>>(), [second, first]);
    assert_eq!((anna[0].participant, anna[0].mentioned), (None, false));
    assert_eq!((anna[1].participant, anna[1].mentioned), (None, true));
    let klaus = tx.standing(first, Some(&address("klaus@home.example"))).await.expect("asks").expect("a case");
    assert_eq!((klaus.participant, klaus.mentioned), (Some(ParticipantNo(0)), true));
    assert_eq!(tx.standing(CaseId(9), None).await.expect("asks"), None);
    let own = tx.letter_by_message_id(&ids[2]).await.expect("asks").expect("ours");
    assert_eq!((own.id, own.case), (letter, Some(first)));
}

#[tokio::test]
async fn the_same_long_words_on_another_case_are_remembered() {
    let place = Place::new();
    let (store, ..) = with_one_turn(&place).await;
    let mut tx = store.look().await.expect("looks");
    let (klaus, words) = (address("klaus@home.example"), Digest::of(b"words"));
    let since = start() - SignedDuration::from_hours(24);
    assert!(tx.same_words_elsewhere(&klaus, &words, since).await.expect("asks"));
    assert!(!tx.same_words_elsewhere(&klaus, &words, later(1)).await.expect("asks"), "too long ago");
    assert!(!tx.same_words_elsewhere(&address("a@b.example"), &words, since).await.expect("asks"));
    assert!(!tx.same_words_elsewhere(&klaus, &Digest::of(b"other"), since).await.expect("asks"));
}

// ---- cases and clocks

#[tokio::test]
async fn a_case_comes_back_as_it_was_and_its_log_grows() {
    let place = Place::new();
    let (store, _, id, _) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let mut found = tx.case(id).await.expect("reads").expect("a case");
    assert_eq!(found, Case { log: Vec::new(), ..case(id) });
    for n in 0..7 {
        found.note(later(n), "mei", format!("line {n}"));
    }
    tx.save_case(&mut found).await.expect("saves");
    assert!(found.log.is_empty());
    found.note(later(9), "mei", "the last");
    tx.save_case(&mut found).await.expect("saves");
    tx.commit().await.expect("commits");
    let log = store.look().await.expect("looks").case_log(id).await.expect("reads");
    assert_eq!(log.len(), 9);
    assert_eq!((log[0].what.as_str(), log[8].what.as_str()), ("opened", "the last"));
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn a_case_is_saved_by_who_did_not_load_it() {
    let place = Place::new();
    let (store, _, id, _) = with_one_turn(&place).await;
    let mut found = store.look().await.expect("looks").case(id).await.expect("reads").expect("a case");
    found.state = State::Open;
    found.clocks[0].state = ClockState::Met { at: later(1) };
    let mut tx = store.begin().await.expect("begins");
    tx.save_case(&mut found).await.expect("saves");
    tx.commit().await.expect("commits");
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn whoever_leaves_a_case_or_moves_is_known_no_more() {
    let place = Place::new();
    let (store, _, id, _) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let (klaus, anna, ben) = (address("klaus@home.example"), address("anna@home.example"), address("ben@home.example"));
    tx.mention(id, std::slice::from_ref(&ben)).await.expect("mentions");
    let mut found = tx.case(id).await.expect("reads").expect("a case");
    let party = |no, address: &Address, mentioned_only| Participant {
        no: ParticipantNo(no),
        address: address.clone(),
        name: None,
        authenticated: false,
        mentioned_only,
    };
    found.participants.push(party(1, &anna, false));
    tx.save_case(&mut found).await.expect("saves");
    for (who, no) in [(&klaus, 0), (&anna, 1)] {
        let standing = tx.standing(id, Some(who)).await.expect("asks").expect("a case");
        assert_eq!(standing.participant, Some(ParticipantNo(no)), "who stays, stays");
    }
    found.participants = vec![party(0, &anna, false), party(1, &ben, false)];
    tx.save_case(&mut found).await.expect("saves");
    let mut known = Vec::new();
    for who in [&klaus, &anna, &ben] {
        let standing = tx.standing(id, Some(who)).await.expect("asks").expect("a case");
        known.push((standing.participant, standing.mentioned));
    }
    let no = |n| Some(ParticipantNo(n));
    assert_eq!(known, [(None, false), (no(0), false), (no(1), true)]);
    tx.commit().await.expect("commits");
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn due_cases_come_longest_overdue_first() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let (_, one, _) = one_turn(&mut tx, 1).await;
    let (_, two, _) = one_turn(&mut tx, 2).await;
    assert_eq!(tx.next_due().await.expect("asks"), Some(later(30)), "the first ring");
    let mut sooner = tx.case(two).await.expect("reads").expect("a case");
    sooner.told.waiting.push(WaitingLetter {
        not_before: later(5),
        letter: Waiting::Holding { target: Target::FirstResponse, version: 1, was_due: later(1) },
    });
    tx.save_case(&mut sooner).await.expect("saves");
    assert_eq!(tx.next_due().await.expect("asks"), Some(later(5)));
    assert_eq!(tx.due_cases(later(4), 9).await.expect("asks"), []);
    assert_eq!(tx.due_cases(later(5), 9).await.expect("asks"), [two]);
    assert_eq!(tx.due_cases(later(700), 9).await.expect("asks"), [two, one]);
    sooner.told.waiting.clear();
    sooner.rings.clear();
    sooner.clocks.clear();
    tx.save_case(&mut sooner).await.expect("saves");
    assert_eq!(tx.due_cases(later(700), 9).await.expect("asks"), [one]);
    tx.commit().await.expect("commits");
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn open_cases_are_counted_as_they_change() {
    let place = Place::new();
    let (store, _, id, _) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let counts = |n: &[(&str, u32)]| n.iter().map(|(p, n)| (person(p), *n)).collect();
    assert_eq!(tx.open_cases().await.expect("counts"), counts(&[("mei", 1)]));
    one_turn(&mut tx, 2).await;
    assert_eq!(tx.open_cases().await.expect("counts"), counts(&[("mei", 2)]));
    let mut found = tx.case(id).await.expect("reads").expect("a case");
    found.owner = Some(person("jon"));
    tx.save_case(&mut found).await.expect("saves");
    assert_eq!(tx.open_cases().await.expect("counts"), counts(&[("jon", 1), ("mei", 1)]));
    tx.commit().await.expect("commits");
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.open_cases().await.expect("counts"), counts(&[("jon", 1), ("mei", 1)]));
}

#[tokio::test]
async fn cases_are_listed_by_what_is_asked() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let (_, one, _) = one_turn(&mut tx, 1).await;
    let (_, two, _) = one_turn(&mut tx, 2).await;
    let mut closed = tx.case(one).await.expect("reads").expect("a case");
    (closed.state, closed.outcome, closed.closed_at) = (State::Closed, Some(Outcome::Silent), Some(later(9)));
    closed.clocks.clear();
    closed.rings.clear();
    tx.save_case(&mut closed).await.expect("saves");
    use amends::store::cases::CaseFilter;
    let all = CaseFilter::default;
    let asked = [
        (all(), vec![two, one]),
        (CaseFilter { open: Some(true), ..all() }, vec![two]),
        (CaseFilter { open: Some(false), ..all() }, vec![one]),
        (CaseFilter { outcome: Some(Outcome::Silent), ..all() }, vec![one]),
        (CaseFilter { state: Some(State::New), ..all() }, vec![two]),
        (CaseFilter { owner: Some(person("jon")), ..all() }, vec![]),
        (CaseFilter { owner: Some(person("mei")), limit: 1, ..all() }, vec![two]),
        (CaseFilter { customer: Some(address("KLAUS@home.example")), ..all() }, vec![two, one]),
        (CaseFilter { due_before: Some(later(31)), ..all() }, vec![two]),
        (CaseFilter { due_before: Some(later(30)), ..all() }, vec![]),
    ];
    for (filter, wanted) in asked {
        let found = tx.list_cases(&filter).await.expect("lists");
        assert_eq!(found.iter().map(|c| c.id).collect::<Vec<_>>(), wanted, "{filter:?}");
    }
    let heads = tx.cases_of(&address("klaus@home.example"), 9).await.expect("asks");
    assert_eq!((heads[0].id, heads[1].outcome), (two, Some(Outcome::Silent)));
    assert_eq!(tx.opened_since(&address("klaus@home.example"), start()).await.expect("asks"), 2);
    assert_eq!(tx.opened_since(&address("klaus@home.example"), later(1)).await.expect("asks"), 0);
}

// ---- letters

#[tokio::test]
async fn a_key_is_used_once_for_ever() {
    let place = Place::new();
    let (store, _, case, first) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let again = tx.next_letter_id().await.expect("a number");
    assert!(!queue(&mut tx, &letter(again, "ack:1001", Some(case)), start()).await.expect("queues"));
    assert!(tx.letter(again).await.expect("reads").is_none());
    let voided = tx.void(&[LetterKey(answer("ack:1001"))], "the case moved on", start()).await.expect("voids");
    assert_eq!(voided, [first]);
    assert!(
        !queue(&mut tx, &letter(again, "ack:1001", Some(case)), start()).await.expect("queues"),
        "even when withdrawn"
    );
    tx.commit().await.expect("commits");
    assert_eq!(claim(&store, later(1)).await, []);
}

#[tokio::test]
async fn a_letter_takes_its_road_and_leaves_its_attempts() {
    let place = Place::new();
    let (store, _, case, id) = with_one_turn(&place).await;
    let claimed = claim(&store, start()).await;
    assert_eq!(claimed.len(), 1);
    let queued = letter(id, "", None);
    assert_eq!(claimed[0].outgoing, Outgoing { bytes: words(&queued), envelope: queued.envelope });
    assert_eq!(claim(&store, start()).await, [], "one lease at a time");
    assert!(commit_dot(&store, &claimed[0], start()).await);
    assert!(!commit_dot(&store, &claimed[0], start()).await, "its dot is committed once");
    let later_answer = Attempt::Later { answer: answer("451 try again") };
    assert_eq!(settle(&store, &claimed[0], later_answer, start()).await, Some(LetterState::Deferred));
    assert_eq!(claim(&store, start()).await, []);
    let again = claim(&store, later(2)).await;
    assert_eq!((again.len(), again[0].tries, again[0].outgoing.bytes == claimed[0].outgoing.bytes), (1, 1, true));
    assert!(!commit_dot(&store, &claimed[0], later(2)).await, "the old lease is worth nothing");
    assert_eq!(settle(&store, &claimed[0], Attempt::Never { answer: answer("") }, later(2)).await, None);
    assert!(commit_dot(&store, &again[0], later(2)).await);
    let sent = Attempt::Sent { answer: answer("250 ok") };
    assert_eq!(settle(&store, &again[0], sent.clone(), later(2)).await, Some(LetterState::Sent));
    assert_eq!(settle(&store, &again[0], sent, later(2)).await, None, "an end is an end");
    let mut tx = store.look().await.expect("looks");
    let outcomes: Vec<String> = tx.attempts(id).await.expect("reads").into_iter().map(|a| a.outcome).collect();
    assert_eq!(outcomes, ["later", "sent"]);
    let last = tx.last_letter(case, &address("klaus@home.example")).await.expect("asks").expect("a letter");
    assert_eq!((last.id, last.sent_at), (id, Some(later(2))));
    drop(tx);
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn many_senders_claim_each_letter_once() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    for uid in 1..=60 {
        one_turn(&mut tx, uid).await;
    }
    tx.commit().await.expect("commits");
    let senders = (0..4).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = claim(&store, start()).await;
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|c| c.outgoing.envelope.id));
            }
        })
    });
    let mut all = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        all.extend(sender.await.expect("ends"));
    }
    all.sort();
    assert_eq!(all, (1..=60).map(LetterId).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_lease_that_ran_out_before_the_dot_is_queued_and_cannot_hammer() {
    let place = Place::new();
    let (store, _, _, id) = with_one_turn(&place).await;
    let old = claim(&store, start()).await.remove(0);
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.release_expired(later(9), later(30)).await.expect("releases"), []);
    assert_eq!(tx.next_letter_due().await.expect("asks"), Some(later(10)), "the end of the lease");
    let moved = tx.release_expired(later(10), later(30)).await.expect("releases");
    assert_eq!(moved.iter().map(|m| (m.id, m.state)).collect::<Vec<_>>(), [(id, LetterState::Queued)]);
    tx.commit().await.expect("commits");
    assert!(!commit_dot(&store, &old, later(10)).await, "nobody may send under the old lease");
    let second = claim(&store, later(10)).await.remove(0);
    assert_ne!(second.fence, old.fence);
    let mut tx = store.begin().await.expect("begins");
    tx.release_all(later(10), later(30)).await.expect("releases");
    tx.commit().await.expect("commits");
    assert_eq!(claim(&store, later(10)).await, [], "the second interruption waits");
    assert_eq!(claim(&store, later(12)).await.len(), 1);
}

#[tokio::test]
async fn of_a_claim_only_the_letter_that_may_have_been_on_the_wire_rests() {
    let place = Place::new();
    let (store, _, case, first) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let second = tx.next_letter_id().await.expect("a number");
    assert!(queue(&mut tx, &letter(second, "ack:2", Some(case)), start()).await.expect("queues"));
    tx.commit().await.expect("commits");
    for _ in 0..2 {
        assert_eq!(claim(&store, start()).await.len(), 2);
        let mut tx = store.begin().await.expect("begins");
        assert_eq!(tx.release_all(start(), later(15)).await.expect("releases").len(), 2);
        tx.commit().await.expect("commits");
    }
    let left: Vec<LetterId> = claim(&store, start()).await.iter().map(|c| c.outgoing.envelope.id).collect();
    assert_eq!(left, [second], "the first was interrupted twice");
    assert_ne!(first, second);
}

#[tokio::test]
async fn a_letter_given_back_goes_again() {
    let place = Place::new();
    let (store, ..) = with_one_turn(&place).await;
    let claimed = claim(&store, start()).await.remove(0);
    let mut tx = store.begin().await.expect("begins");
    assert!(tx.unclaim(claimed.outgoing.envelope.id, claimed.fence, start()).await.expect("gives back"));
    assert!(!tx.unclaim(claimed.outgoing.envelope.id, claimed.fence, start()).await.expect("only once"));
    tx.commit().await.expect("commits");
    assert_eq!(claim(&store, start()).await.len(), 1);
}

#[tokio::test]
async fn a_doubt_is_resent_once_and_then_held() {
    let place = Place::new();
    let (store, _, _, id) = with_one_turn(&place).await;
    let first = claim(&store, start()).await.remove(0);
    assert!(commit_dot(&store, &first, start()).await);
    // The daemon died between the dot and the answer.
    let mut tx = store.begin().await.expect("begins");
    let moved = tx.release_all(start(), later(15)).await.expect("releases");
    assert_eq!(moved[0].state, LetterState::InDoubt);
    assert_eq!(tx.resolve_doubts(later(14)).await.expect("asks"), []);
    assert_eq!(tx.next_letter_due().await.expect("asks"), Some(later(15)));
    assert!(!tx.drop_letter(id, "no", later(1)).await.expect("asks"), "it may have been sent");
    assert_eq!(tx.resolve_doubts(later(15)).await.expect("asks")[0].state, LetterState::Queued);
    let anew = Outgoing { bytes: b"other".to_vec(), ..first.outgoing.clone() };
    assert!(!tx.compose_anew(&anew).await.expect("asks"), "its bytes are frozen");
    tx.commit().await.expect("commits");
    let second = claim(&store, later(15)).await.remove(0);
    assert_eq!(second.outgoing, first.outgoing, "the same bytes");
    assert!(commit_dot(&store, &second, later(15)).await);
    let lost = Attempt::InDoubt { answer: answer("connection lost") };
    assert_eq!(settle(&store, &second, lost, later(15)).await, Some(LetterState::Held));
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.held(9).await.expect("asks"), [], "no limit releases it");
    assert!(tx.prove_sent(id, "it came back", later(20)).await.expect("proves"));
    tx.commit().await.expect("commits");
    assert_eq!(state_of(&store, id).await, LetterState::Sent);
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn a_proof_ends_a_doubt() {
    let place = Place::new();
    let (store, _, _, id) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    assert!(!tx.prove_sent(id, "too early", start()).await.expect("asks"), "it was never on the wire");
    tx.commit().await.expect("commits");
    let first = claim(&store, start()).await.remove(0);
    assert!(commit_dot(&store, &first, start()).await);
    let lost = Attempt::InDoubt { answer: answer("connection lost") };
    assert_eq!(settle(&store, &first, lost, start()).await, Some(LetterState::InDoubt));
    let mut tx = store.begin().await.expect("begins");
    assert!(tx.prove_sent(id, "answered", later(5)).await.expect("proves"));
    assert!(!tx.prove_sent(id, "answered", later(6)).await.expect("once"));
    tx.commit().await.expect("commits");
    assert_eq!(claim(&store, later(60)).await, []);
    assert_eq!(verify(&store).await.expect("verifies"), []);
}

#[tokio::test]
async fn what_is_our_fault_is_never_given_up_and_what_is_refused_is() {
    let place = Place::new();
    let (store, _, _, id) = with_one_turn(&place).await;
    let week = 7 * 24 * 60;
    let claimed = claim(&store, later(week)).await.remove(0);
    let ours = Attempt::OurFault { answer: answer("535 no such password") };
    assert_eq!(settle(&store, &claimed, ours, later(week)).await, Some(LetterState::Deferred));
    let claimed = claim(&store, later(week + 2)).await.remove(0);
    let refused = Attempt::Later { answer: answer("450 busy") };
    assert_eq!(
        settle(&store, &claimed, refused, later(week + 2)).await,
        Some(LetterState::Failed),
        "five days are over"
    );
    let mut tx = store.begin().await.expect("begins");
    assert!(tx.retry(id, later(week + 3)).await.expect("a person may"));
    tx.commit().await.expect("commits");
    assert_eq!(claim(&store, later(week + 3)).await.len(), 1);
}

#[tokio::test]
async fn a_letter_waits_for_its_hour_is_composed_anew_and_goes_stale() {
    let place = Place::new();
    let (store, _, case, _) = with_one_turn(&place).await;
    claim(&store, start()).await;
    let mut tx = store.begin().await.expect("begins");
    let id = tx.next_letter_id().await.expect("a number");
    let waits = NewLetter { not_before: later(60), stale_after: Some(later(90)), ..letter(id, "fup:1", Some(case)) };
    assert!(queue(&mut tx, &waits, start()).await.expect("queues"));
    let anew = Outgoing { bytes: b"new words".to_vec(), envelope: waits.envelope.clone() };
    assert!(tx.compose_anew(&anew).await.expect("composes"));
    assert_eq!(tx.next_try_of(&support()).await.expect("asks"), Some(later(60)));
    assert_eq!(tx.next_try_of(&MailboxName::new("sales")).await.expect("asks"), None);
    tx.commit().await.expect("commits");
    assert_eq!(claim(&store, later(59)).await, []);
    assert_eq!(claim(&store, later(90)).await, [], "it is stale by then");
    let claimed = claim(&store, later(60)).await.remove(0);
    assert_eq!(claimed.outgoing, anew);
    let mut tx = store.begin().await.expect("begins");
    assert!(tx.unclaim(id, claimed.fence, later(60)).await.expect("gives back"));
    assert_eq!(tx.void_stale(later(89)).await.expect("asks"), []);
    let stale = tx.void_stale(later(90)).await.expect("voids");
    assert_eq!(
        stale.iter().map(|m| (m.id, m.case, m.state)).collect::<Vec<_>>(),
        [(id, Some(case), LetterState::Voided)]
    );
}

#[tokio::test]
async fn held_letters_wait_and_lists_show_them() {
    let place = Place::new();
    let (store, _, case, first) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let id = tx.next_letter_id().await.expect("a number");
    let held = NewLetter { held_because: Some(answer("20 letters a day")), ..letter(id, "fup:2", Some(case)) };
    assert!(queue(&mut tx, &held, start()).await.expect("queues"));
    assert!(tx.hold(first, "the breaker is open", start()).await.expect("holds"));
    assert!(!tx.hold(first, "again", start()).await.expect("asks"));
    let rows = tx.held(9).await.expect("asks");
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [first, id]);
    assert_eq!(rows[1].last_answer.as_deref(), Some("20 letters a day"));
    assert!(tx.claim(&support(), 9, later(1), later(2)).await.expect("claims").is_empty());
    let only = LetterFilter { states: vec![LetterState::Held, LetterState::Sent], case: Some(case), limit: 1 };
    assert_eq!(tx.letters(&only).await.expect("lists").len(), 1);
    let none = LetterFilter { states: vec![LetterState::Queued], ..Default::default() };
    assert_eq!(tx.letters(&none).await.expect("lists"), []);
    assert!(tx.drop_letter(id, "not needed", start()).await.expect("drops"));
    assert_eq!(tx.retry_all(later(3)).await.expect("retries"), 1);
    assert_eq!(tx.claim(&support(), 9, later(3), later(9)).await.expect("claims").len(), 1);
    assert_eq!(tx.letters(&LetterFilter::default()).await.expect("lists").len(), 2);
}

#[tokio::test]
async fn limits_count_what_was_written() {
    let place = Place::new();
    let (store, ..) = with_one_turn(&place).await;
    let klaus = address("klaus@home.example");
    let mut tx = store.begin().await.expect("begins");
    let counted = |c: amends::store::outbox::LetterCounts| (c.hour, c.day, c.domain_hour);
    assert_eq!(counted(tx.letter_counts(&klaus, later(1)).await.expect("counts")), (1, 1, 1));
    assert_eq!(counted(tx.letter_counts(&address("anna@home.example"), later(1)).await.expect("counts")), (0, 0, 1));
    assert_eq!(counted(tx.letter_counts(&klaus, later(61)).await.expect("counts")), (0, 1, 0));
    assert_eq!(counted(tx.letter_counts(&klaus, later(24 * 60 + 1)).await.expect("counts")), (0, 0, 0));
    assert_eq!(tx.unauthenticated_since(start(), 9).await.expect("counts"), 1);
    assert_eq!(tx.unauthenticated_since(start(), 0).await.expect("counts"), 0, "enough is enough");
    assert_eq!(tx.unasked_at(&klaus).await.expect("asks"), None);
    for (key, unasked, person_id, name) in
        [("fup:3", true, None, "holding"), ("esc:1", false, Some(person("mei")), "escalation")]
    {
        let id = tx.next_letter_id().await.expect("a number");
        let more = NewLetter { unasked, person: person_id, letter: name.to_owned(), ..letter(id, key, None) };
        assert!(queue(&mut tx, &more, later(2)).await.expect("queues"));
    }
    assert_eq!(tx.unasked_at(&klaus).await.expect("asks"), Some(later(2)));
    assert_eq!(counted(tx.letter_counts(&klaus, later(3)).await.expect("counts")), (2, 2, 2), "staff do not count");
    assert_eq!(tx.letters_to_person(&person("mei"), start()).await.expect("counts"), 1);
    assert_eq!(tx.rings_since(start()).await.expect("counts").get(&person("mei")), Some(&1));
    assert!(tx.rings_since(later(3)).await.expect("counts").is_empty());
    let all = [LetterKey(answer("ack:1001")), LetterKey(answer("fup:3"))];
    assert_eq!(tx.void(&all, "moved on", later(3)).await.expect("voids").len(), 2);
    assert_eq!(counted(tx.letter_counts(&klaus, later(3)).await.expect("counts")), (0, 0, 0), "never sent");
    assert_eq!(tx.unasked_at(&klaus).await.expect("asks"), None);
}

// ---- people

fn ring_note(case: CaseId, key: &str) -> RingNote {
    RingNote {
        case,
        key: LetterKey(key.to_owned()),
        target: Target::FirstResponse,
        n: 0,
        version: 1,
        rung: 1,
        due_at: later(60),
        standing_in_for: None,
        acknowledge_by: Some(later(90)),
        next: Some(person("ada")),
        asked: None,
    }
}

#[tokio::test]
async fn folded_rings_wait_for_one_digest_and_use_their_keys_up() {
    let place = Place::new();
    let (store, _, case, _) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    let mei = person("mei");
    assert!(tx.fold_ring(&mei, &ring_note(case, "esc:a"), later(1)).await.expect("folds"));
    assert!(!tx.fold_ring(&mei, &ring_note(case, "esc:a"), later(2)).await.expect("once"));
    assert!(tx.fold_ring(&mei, &ring_note(case, "esc:b"), later(2)).await.expect("folds"));
    let id = tx.next_letter_id().await.expect("a number");
    let single = NewLetter { letter: "escalation".to_owned(), ..letter(id, "esc:a", Some(case)) };
    assert!(!queue(&mut tx, &single, later(3)).await.expect("queues"), "told in a digest, not again");
    let other = NewLetter { key: LetterKey(answer("esc:c")), ..single };
    assert!(queue(&mut tx, &other, later(3)).await.expect("queues"));
    assert!(!tx.fold_ring(&mei, &ring_note(case, "esc:c"), later(3)).await.expect("rung already"));
    assert_eq!(tx.waiting_for_digest().await.expect("asks").get(&mei), Some(&later(1)));
    let rings = tx.folded_rings(&mei).await.expect("asks");
    assert_eq!(rings[0].ring, ring_note(case, "esc:a"));
    tx.tell_folded(&[rings[0].ring.key.clone()], LetterId(9)).await.expect("tells");
    assert_eq!(tx.folded_rings(&mei).await.expect("asks").len(), 1);
    assert_eq!(tx.forget_folded(&[LetterKey(answer("esc:b"))]).await.expect("forgets"), 1);
    assert!(tx.waiting_for_digest().await.expect("asks").is_empty());
    assert!(!tx.fold_ring(&mei, &ring_note(case, "esc:b"), later(9)).await.expect("its key is used"));
}

#[tokio::test]
async fn switches_of_an_address_are_remembered() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    let klaus = address("Klaus@home.example");
    assert_eq!(tx.switches(&klaus).await.expect("asks"), Default::default());
    for n in 1..=3 {
        assert_eq!(tx.count_hard_failure(&klaus).await.expect("counts"), n);
    }
    assert!(tx.stop_address(&klaus, later(1)).await.expect("stops"));
    assert!(!tx.stop_address(&klaus, later(2)).await.expect("stopped before"));
    tx.mute_address(&klaus, later(60)).await.expect("mutes");
    tx.mark_spam(&klaus, true).await.expect("marks");
    let found = tx.switches(&address("KLAUS@HOME.example")).await.expect("asks");
    assert_eq!((found.hard_failures, found.spam), (3, true));
    assert_eq!((found.stopped_at, found.muted_until), (Some(later(1)), Some(later(60))));
    for (minute, count) in [(0, 1), (60, 2), (23 * 60, 3), (25 * 60, 1), (26 * 60, 2)] {
        assert_eq!(tx.count_quick_answer(&klaus, later(minute)).await.expect("counts"), count, "{minute}");
    }
}

#[tokio::test]
async fn a_team_takes_turns() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    assert_eq!(tx.last_assigned("support").await.expect("asks"), None);
    for who in ["mei", "jon"] {
        tx.set_last_assigned("support", &person(who));
        assert_eq!(tx.last_assigned("support").await.expect("asks"), Some(person(who)));
        tx.commit().await.expect("commits");
        tx = store.begin().await.expect("begins");
        assert_eq!(tx.last_assigned("support").await.expect("asks"), Some(person(who)), "after the commit");
    }
}

// ---- verify

#[tokio::test]
async fn verify_finds_each_kind_of_damage() {
    let damages = [
        ("one disposition", "UPDATE mails SET disposition = NULL"),
        ("one disposition", "UPDATE mails SET disposition = 'lost'"),
        ("one disposition", "UPDATE mails SET settled_at = NULL"),
        ("raw bytes", "DELETE FROM raw_mails"),
        ("row in the ledger", "DELETE FROM ledger"),
        ("row of the ledger", "UPDATE ledger SET mail_id = 77"),
        ("after the mail's turn", "UPDATE ledger SET marked_at = 1, mail_id = 2"),
        ("mail's case exists", "UPDATE mails SET case_id = 77 WHERE id = 1"),
        ("names it", "UPDATE mails SET case_id = NULL WHERE id = 1"),
        (
            "opened by one mail",
            "UPDATE mails SET settled_at = 1, disposition = 'case_new', case_id = 1001 WHERE id = 2",
        ),
        ("a copy shares", "UPDATE mails SET duplicate_of = 2 WHERE id = 1"),
        ("letter's state", "UPDATE outbox SET state = 'lost' WHERE id = 1"),
        ("letter's state", "UPDATE outbox SET state = 'sending' WHERE id = 1"),
        ("letter's state", "UPDATE outbox SET state = 'in_doubt' WHERE id = 1"),
        ("letter's state", "UPDATE outbox SET lease_until = 5 WHERE id = 1"),
        ("has its bytes", "DELETE FROM letter_bytes"),
        ("the attempt that sent it", "UPDATE outbox SET state = 'sent', sent_at = 5 WHERE id = 1"),
        ("no attempt that sent it", "INSERT INTO attempts VALUES (1, 1, 1, 'sent', '250')"),
        ("attempt belongs", "INSERT INTO attempts VALUES (77, 1, 1, 'later', '450')"),
        ("letter's case exists", "UPDATE outbox SET case_id = 77"),
        ("key is used once", "INSERT INTO folded_rings VALUES ('ack:1001', 'mei', 1001, '{}', 1, NULL)"),
        ("one first letter", "UPDATE outbox SET person = NULL, letter = 'apology'"),
        ("belong to a case", "INSERT INTO clocks VALUES (77, 'ring', 0, 0, 5)"),
        ("numbered through", "DELETE FROM log"),
        ("numbered through", "UPDATE log SET n = 5"),
        ("next free number", "UPDATE desk SET value = '1001' WHERE name = 'next_case'"),
        ("next free number", "UPDATE desk SET value = '1' WHERE name = 'next_mail'"),
        ("document can be read", "UPDATE cases SET document = '{}'"),
        ("columns", "UPDATE cases SET state = 'closed'"),
        ("columns", "UPDATE cases SET next_due_at = NULL"),
        (
            "closed with its instant",
            "UPDATE cases SET document = REPLACE(document, '\"state\":\"new\"', '\"state\":\"closed\"')",
        ),
        (
            "no running clock",
            "UPDATE cases SET document = REPLACE(document, '\"state\":\"new\"', '\"state\":\"closed\"')",
        ),
        ("waits for a confirmation", "INSERT INTO held VALUES (1, 1001, 'mei', 5)"),
        ("clocks are those", "DELETE FROM clocks WHERE what = 'resolution'"),
        ("clocks are those", "UPDATE clocks SET due_at = due_at + 1 WHERE what = 'ring'"),
        ("clocks are those", "INSERT INTO clocks VALUES (1001, 'letter', 0, 0, 5)"),
        ("participants are those", "DELETE FROM participants"),
        ("participants are those", "INSERT INTO participants VALUES (1001, 'x@y.example', 4, 0)"),
        ("first letter, or the reason", "UPDATE outbox SET letter = 'holding' WHERE id = 1"),
    ];
    let place = Place::new();
    let (store, ..) = with_one_turn(&place).await;
    let mut tx = store.begin().await.expect("begins");
    tx.receive(&[received(2, "waits")], start()).await.expect("receives");
    let id = tx.next_letter_id().await.expect("a number");
    let notice = NewLetter {
        letter: "new-case".to_owned(),
        person: Some(person("mei")),
        ..letter(id, "ntc:1", Some(CaseId(1001)))
    };
    assert!(queue(&mut tx, &notice, start()).await.expect("queues"));
    tx.mention(CaseId(1001), &[address("anna@home.example")]).await.expect("mentions");
    tx.commit().await.expect("commits");
    assert_eq!(verify(&store).await.expect("verifies"), []);
    store.close().await;
    let sound = std::fs::read(place.folder.path().join("amends.db")).expect("the file");
    for (rule, damage) in damages {
        let place = Place::new();
        std::fs::write(place.folder.path().join("amends.db"), &sound).expect("a copy");
        let vandal = place.vandal().await;
        let rows = sqlx::query(damage).execute(&vandal).await.expect(damage).rows_affected();
        assert!(rows > 0, "does nothing: {damage}");
        vandal.close().await;
        let found = verify(&place.open().await).await.expect("verifies");
        assert!(found.iter().any(|b| b.rule.contains(rule)), "{damage}: {found:?}");
    }
}

#[tokio::test]
async fn verify_finds_a_torn_file() {
    let place = Place::new();
    let store = place.open().await;
    let mut tx = store.begin().await.expect("begins");
    for uid in 1..=30 {
        one_turn(&mut tx, uid).await;
    }
    tx.commit().await.expect("commits");
    store.close().await;
    let vandal = place.vandal().await;
    let page: i64 = sqlx::query_scalar("SELECT rootpage FROM sqlite_master WHERE name = 'clocks_due'")
        .fetch_one(&vandal)
        .await
        .expect("a page");
    vandal.close().await;
    let path = place.folder.path().join("amends.db");
    let mut bytes = std::fs::read(&path).expect("the file");
    let at = (page as usize - 1) * 4096;
    bytes[at + 3000..at + 4096].fill(0xA5);
    std::fs::write(&path, bytes).expect("torn");
    let store = place.open().await;
    match verify(&store).await {
        Ok(found) => assert!(found.iter().any(|b| b.rule.contains("whole")), "{found:?}"),
        Err(error) => assert!(error.is_fatal(), "{error}"),
    }
}

// ---- the text of our SQL

#[test]
fn our_sql_is_one_that_both_databases_take() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = 0;
    for entry in std::fs::read_dir(root.join("src/store")).expect("the store") {
        let path = entry.expect("a file").path();
        let text = std::fs::read_to_string(&path).expect("its text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (n, line) in code.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            let upper = line.to_uppercase();
            for word in
                ["CURRENT_TIMESTAMP", "NOW()", "LAST_INSERT_ROWID", " ROWID", "INSERT OR ", "JSON_EACH", "GLOB "]
            {
                assert!(!upper.contains(word), "{}:{}: {line}", path.display(), n + 1);
            }
            assert!(!upper.contains("SUM(") || upper.contains("CAST(SUM("), "{}:{}", path.display(), n + 1);
            let sql =
                ["SELECT ", "UPDATE ", "INSERT ", "DELETE ", "WHERE ", "VALUES "].iter().any(|w| line.contains(w));
            assert!(!(sql && line.contains(" ?")), "{}:{}: a placeholder is $n: {line}", path.display(), n + 1);
        }
        files += 1;
    }
    assert!(files > 10, "found {files} files");
}

#[test]
fn both_databases_have_the_same_tables() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let names = |folder: &str| {
        let entries = std::fs::read_dir(root.join(folder)).expect("migrations");
        let mut names: Vec<_> = entries.map(|e| e.expect("a file").file_name()).collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite") {
        let sqlite = std::fs::read_to_string(root.join("sqlite").join(&name)).expect("its text");
        let postgres = std::fs::read_to_string(root.join("postgres").join(&name)).expect("its text");
        assert!(!sqlite.to_uppercase().contains("BOOLEAN"));
        let plain = |text: &str| {
            let code = text.lines().filter(|l| !l.starts_with("--")).collect::<Vec<_>>().join(" ");
            let code = code.replace(" WITHOUT ROWID", "").replace("BYTEA", "BLOB").replace("INTEGER", "BIGINT");
            code.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(plain(&sqlite), plain(&postgres), "{name:?}");
    }
}

// ---- the states of a letter, whatever happens

fn happening() -> impl Strategy<Value = Happening> {
    let text = || "said".to_owned();
    prop_oneof![
        Just(Happening::Claimed),
        Just(Happening::Claimed),
        Just(Happening::Committing),
        Just(Happening::Committing),
        Just(Happening::Ended(Attempt::Sent { answer: text() })),
        Just(Happening::Ended(Attempt::Later { answer: text() })),
        Just(Happening::Ended(Attempt::Never { answer: text() })),
        Just(Happening::Ended(Attempt::OurFault { answer: text() })),
        Just(Happening::Ended(Attempt::InDoubt { answer: text() })),
        Just(Happening::Abandoned),
        Just(Happening::NoProof),
        Just(Happening::Proven),
        Just(Happening::Held),
        Just(Happening::Released),
        Just(Happening::Withdrawn),
    ]
}

proptest! {
    /// Between a dot that may have been taken and the next dot lies a doubt; and after two doubts, a person.
    #[test]
    fn nothing_is_sent_twice_but_through_a_doubt(story in proptest::collection::vec(happening(), 1..60)) {
        let mut state = LetterState::Queued;
        let (mut tries, mut doubts) = (0, 0);
        // What the server may hold: dots that were neither refused nor forgotten.
        let (mut dots_out, mut released_by_person) = (0, 0);
        for happens in story {
            let past = Past { letter: LetterId(1), created_at: start(), tries, doubts };
            let Some(next) = step(state, &happens, &past, later(1)) else { continue };
            prop_assert!(!state.is_final() || (state == LetterState::Failed), "{state:?} is an end, {happens:?}");
            let was_doubtful = doubts > 0;
            match &happens {
                Happening::Committing => {
                    prop_assert!(dots_out == 0 || was_doubtful, "a second dot without a doubt");
                    prop_assert!(dots_out < 2 || released_by_person > 0, "a third dot without a person");
                    dots_out += 1;
                }
                Happening::Ended(Attempt::Sent { .. }) => tries += 1,
                Happening::Ended(Attempt::InDoubt { .. }) => { tries += 1; doubts += 1; }
                Happening::Ended(_) => {
                    tries += 1;
                    // The server said no to this dot, where there was one.
                    if matches!(state, LetterState::Committing | LetterState::InDoubt) { dots_out -= 1; }
                }
                Happening::Abandoned if state == LetterState::Committing => doubts += 1,
                Happening::Released if state == LetterState::Held && doubts > 1 => released_by_person += 1,
                Happening::Released if state == LetterState::Failed => released_by_person += 1,
                _ => {}
            }
            state = next;
        }
    }
}
