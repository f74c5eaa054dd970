//! The SMTP server fails in every way: no letter is lost, and none goes twice but where nobody can know that it went.

use std::collections::BTreeMap;

use amends::time::{SetTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::super::smtp_faults::fake::{Act, At, Fake, Script, say};
use super::daemon::Daemon;
use super::faults_in::complaint;
use super::imap::Server;
use super::shop::{Shop, folder};

struct World {
    server: Server,
    shop: Shop,
    folder: tempfile::TempDir,
    time: SetTime,
    daemon: Daemon,
}

/// The daemon on set time between a good IMAP server and the SMTP server at this port.
async fn world(name: &'static str, port: u16) -> World {
    let server = Server::start().await;
    let (shop, folder) = (Shop::plain(name, server.port, port), folder());
    let time = SetTime::new(Timestamp::now());
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::Set(time.clone())).await;
    World { server, shop, folder, time, daemon }
}

impl World {
    fn one_complains(&self, n: usize) {
        self.server.deliver(complaint(&self.shop, n));
    }

    /// All letters have left, once each; those in `twice` may have gone twice.
    async fn all_left(self, fake: &Fake, letters: usize, twice: usize) {
        let daemon = &self.daemon;
        let all_sent = async || {
            let letters_now = daemon.letters().await;
            letters_now.len() == letters && letters_now.iter().all(|l| l.state.as_str() == "sent")
        };
        daemon.until(&format!("{letters} letters sent"), all_sent).await;
        let mut taken: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for letter in fake.heard().letters {
            taken.entry(message_id(&letter)).or_default().push(letter);
        }
        assert_eq!(taken.len(), letters);
        assert!(taken.values().all(|copies| copies.iter().all(|c| *c == copies[0])), "the same bytes each time");
        assert_eq!(taken.values().map(|copies| copies.len() - 1).sum::<usize>(), twice);
        self.daemon.end().await;
    }
}

fn message_id(letter: &[u8]) -> String {
    let text = String::from_utf8_lossy(letter);
    text.lines().find(|l| l.starts_with("Message-ID:")).expect("a Message-ID").to_owned()
}

fn minutes(n: i64) -> SignedDuration {
    SignedDuration::from_mins(n)
}

#[tokio::test]
async fn what_is_refused_for_now_goes_later_once() {
    let script = Script::default()
        .at(At::Mail, say("451 4.3.0 not now\r\n"))
        .at(At::Rcpt, say("450 4.2.0 busy\r\n"))
        .at(At::Data, say("452 4.3.1 full\r\n"))
        .at(At::Rset, Act::SayAndClose(b"421 4.3.2 going down\r\n".to_vec()));
    let fake = script.start().await;
    let world = world("later", fake.port).await;
    world.one_complains(1);
    world.daemon.until_letters(1, "apology", "deferred").await;
    for _ in 0..4 {
        world.time.move_to(world.time.now() + minutes(8));
        let due = async || {
            let at = world.time.now();
            world.daemon.letters().await.iter().all(|l| l.state.is_final() || l.next_try_at > at)
        };
        world.daemon.until("what is due to be tried", due).await;
    }
    world.time.move_to(world.time.now() + minutes(60));
    world.all_left(&fake, 2, 0).await;
}

#[tokio::test]
async fn a_connection_that_was_closed_while_idle_costs_no_time() {
    // After the first two letters (RSET between them) the server says goodbye to whoever asks next.
    let script = Script::default().at(At::Mail, say("250 ok\r\n")).at(At::Mail, say("250 ok\r\n"));
    let fake = script.at(At::Mail, Act::SayAndClose(b"421 4.4.2 idle too long\r\n".to_vec())).start().await;
    let world = world("dozing", fake.port).await;
    world.one_complains(1);
    world.daemon.until_letters(1, "apology", "sent").await;
    world.daemon.until_letters(1, "new-case", "sent").await;
    world.one_complains(2);
    // Time stands still: a letter that had to wait a minute would never go.
    world.daemon.until_letters(2, "apology", "sent").await;
    world.daemon.until_letters(2, "new-case", "sent").await;
    assert!(fake.heard().connections >= 2);
    let tries: u32 = world.daemon.letters().await.iter().map(|l| l.tries).sum();
    assert_eq!(tries, 4, "one try a letter");
    world.all_left(&fake, 4, 0).await;
}

#[tokio::test]
async fn what_is_refused_for_good_is_told_to_the_owner() {
    let fake = Script::default().at(At::Rcpt, say("550 5.1.1 no such mailbox\r\n")).start().await;
    let world = world("never", fake.port).await;
    world.one_complains(1);
    world.daemon.until_letters(1, "apology", "failed").await;
    let told = async || {
        let letters = world.daemon.letters().await;
        letters.iter().filter(|l| l.person.is_some() && l.state.as_str() == "sent").count() >= 2
    };
    world.daemon.until("the owner to be told", told).await;
    world.daemon.end().await;
}

#[tokio::test]
async fn a_letter_in_doubt_goes_once_more_with_the_same_bytes() {
    let fake = Script::default().at(At::Dot, Act::SayAndClose(Vec::new())).start().await;
    let world = world("doubt", fake.port).await;
    world.one_complains(1);
    world.daemon.until_letters(1, "apology", "in_doubt").await;
    world.daemon.until_letters(1, "new-case", "sent").await;
    world.time.move_to(world.time.now() + minutes(14));
    assert_eq!(world.daemon.count("apology", "in_doubt").await, 1, "the wait for a proof is not over");
    world.time.move_to(world.time.now() + minutes(2));
    world.all_left(&fake, 2, 1).await;
}

#[tokio::test]
async fn a_second_doubt_is_left_to_a_person() {
    let script = Script::default().at(At::Dot, Act::SayAndClose(Vec::new())).at(At::Dot, say("250 ok\r\n"));
    let fake = script.at(At::Dot, Act::SayAndClose(Vec::new())).start().await;
    let world = world("doubts", fake.port).await;
    world.one_complains(1);
    world.daemon.until_letters(1, "apology", "in_doubt").await;
    world.daemon.until_letters(1, "new-case", "sent").await;
    world.time.move_to(world.time.now() + minutes(16));
    world.daemon.until_letters(1, "apology", "held").await;
    world.daemon.until_letters(1, "alert", "sent").await;
    world.time.move_to(world.time.now() + minutes(59));
    let quiet = async || world.daemon.desk.next_wake().await.expect("a wake") > world.time.now();
    world.daemon.until("all to be quiet", quiet).await;
    assert_eq!(world.daemon.count("apology", "held").await, 1);
    let apologies = fake.heard().letters.iter().filter(|l| String::from_utf8_lossy(l).contains("auto-replied")).count();
    assert_eq!(apologies, 2, "never a third time");
    world.daemon.end().await;
}

#[tokio::test]
async fn a_password_that_the_server_refuses_fails_no_letter_and_is_told_once() {
    let (server, mut script) = (Server::start().await, Script::default());
    for _ in 0..3 {
        script = script.at(At::Auth, say("535 5.7.8 wrong\r\n"));
    }
    let fake = script.start().await;
    // A login on a plain road: the password goes to this machine only.
    let mut shop = Shop::plain("barred.out", server.port, fake.port);
    shop.login_out = true;
    let (folder, time) = (folder(), SetTime::new(Timestamp::now()));
    let daemon = Daemon::start_hasty(&shop, folder.path(), Time::Set(time.clone())).await;
    for n in 0..3 {
        server.deliver(complaint(&shop, n));
    }
    daemon.until("three tries", async || fake.count("AUTH") >= 3).await;
    assert_eq!(daemon.letters().await.iter().filter(|l| l.state.as_str() == "failed").count(), 0);
    time.move_to(time.now() + minutes(20));
    daemon.until_letters(3, "apology", "sent").await;
    daemon.until_letters(1, "alert", "sent").await;
    assert_eq!(daemon.letters().await.iter().filter(|l| l.letter == "alert").count(), 1);
    daemon.end().await;
}

#[tokio::test]
async fn a_server_that_is_away_for_hours_gets_every_letter_when_it_is_back() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = nobody.local_addr().expect("bound").port();
    drop(nobody);
    let world = world("hours", port).await;
    world.one_complains(1);
    world.daemon.until_letters(1, "apology", "deferred").await;
    world.time.move_to(world.time.now() + minutes(90));
    let tried_again = async || world.daemon.letters().await.iter().any(|l| l.tries >= 2);
    world.daemon.until("another try in vain", tried_again).await;
    let fake = Script::default().start_on(port).await;
    world.time.move_to(world.time.now() + minutes(90));
    world.all_left(&fake, 2, 0).await;
}

/// What another program does to the database.
async fn meddle(world: &World, sql: &'static str) {
    use sqlx::Connection as _;
    let file = format!("sqlite://{}", world.folder.path().join("amends.db").display());
    let mut connection = sqlx::SqliteConnection::connect(&file).await.expect("the database");
    sqlx::query(sql).execute(&mut connection).await.expect("it takes it");
    connection.close().await.expect("closes");
}

#[tokio::test]
async fn a_letter_that_left_while_nothing_could_be_written_does_not_go_again() {
    let fake = Script::default().start().await;
    let world = world("unwritten", fake.port).await;
    meddle(&world, "CREATE TRIGGER full BEFORE INSERT ON attempts BEGIN SELECT RAISE(ABORT, 'full'); END").await;
    world.one_complains(1);
    let heard = async || !fake.heard().letters.is_empty();
    world.daemon.until("a letter at the server", heard).await;
    world.daemon.until_letters(1, "apology", "committing").await;
    meddle(&world, "DROP TRIGGER full").await;
    world.daemon.until_letters(1, "apology", "sent").await;
    // Past the lease, and past the wait for a proof.
    world.time.move_to(world.time.now() + minutes(60));
    world.all_left(&fake, 2, 0).await;
}
