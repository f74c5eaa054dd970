//! With nothing to do it does nothing, and a stop ends it within a second wherever it is.

use std::time::Duration;

use amends::time::{SetTime, Time};
use jiff::Timestamp;

use super::super::smtp_faults::fake::{Act, At, Script};
use super::daemon::{Daemon, assert_clean, desk};
use super::faults_in::complaint;
use super::imap::{Fault, Server};
use super::shop::{Shop, folder};

const A_SECOND: Duration = Duration::from_secs(1);

/// How many commits and IMAP commands happen within two seconds. The only way to see that nothing happens is to look
/// for a while.
async fn bustle(daemon: &Daemon, server: &Server) -> (u32, usize) {
    let before = (daemon.desk.store.commits(), server.commands());
    tokio::time::sleep(Duration::from_secs(2)).await;
    (daemon.desk.store.commits() - before.0, server.commands() - before.1)
}

#[tokio::test]
async fn with_nothing_to_do_it_does_nothing() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    let (shop, folder) = (Shop::plain("idle", server.port, fake.port), folder());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    server.deliver(complaint(&shop, 1));
    daemon.until_letters(1, "apology", "sent").await;
    daemon.until_letters(1, "new-case", "sent").await;
    daemon.until("the mail to be done with", async || server.commands() >= 8).await;
    let (commits, commands) = bustle(&daemon, &server).await;
    assert!(commits <= 1 && commands <= 6, "{commits} commits and {commands} commands in two idle seconds");
    let took = daemon.stop().await;
    assert!(took < A_SECOND, "{took:?}");
}

#[tokio::test]
async fn while_the_mail_server_is_away_nothing_spins() {
    let server = Server::start().await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = nobody.local_addr().expect("bound").port();
    drop(nobody);
    let (shop, folder) = (Shop::plain("away", server.port, port), folder());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    for n in 0..5 {
        server.deliver(complaint(&shop, n));
    }
    daemon.until_letters(1, "apology", "deferred").await;
    daemon.until_settled(5).await;
    let (commits, _) = bustle(&daemon, &server).await;
    assert!(commits <= 12, "{commits} commits in two seconds while no letter can leave");
    let took = daemon.stop().await;
    assert!(took < A_SECOND, "in back-off: {took:?}");
}

#[tokio::test]
async fn a_stop_ends_the_wait_for_a_server_that_refuses() {
    let (server, fake) = (Server::start().await, Script::default().start().await);
    for _ in 0..20 {
        server.fail("LOGIN", Fault::No);
    }
    let (shop, folder) = (Shop::plain("barred", server.port, fake.port), folder());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    daemon.until("a second try", async || server.sessions() >= 2).await;
    let took = daemon.stop().await;
    assert!(took < A_SECOND, "{took:?}");
}

/// A stop while the SMTP server says nothing at this step.
async fn stopped_at(name: &'static str, step: At, verb: &str) -> (Duration, Vec<(String, String)>) {
    let (server, fake) = (Server::start().await, Script::default().at(step, Act::Stall).start().await);
    let (shop, folder) = (Shop::plain(name, server.port, fake.port), folder());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    server.deliver(complaint(&shop, 1));
    let reached = async || if step == At::Dot { !fake.heard().letters.is_empty() } else { fake.count(verb) >= 1 };
    daemon.until("the step where it stalls", reached).await;
    let took = daemon.stop().await;
    let desk = desk(&shop, folder.path(), Time::Set(SetTime::new(Timestamp::now()))).await;
    let letters = super::daemon::letters(&desk.store).await;
    assert_clean(&desk.store).await;
    (took, letters.into_iter().map(|l| (l.letter, l.state.as_str().to_owned())).collect())
}

#[tokio::test]
async fn a_stop_before_the_final_dot_takes_no_second_and_gives_the_letter_back() {
    for (name, step, verb) in [("stopped.hello", At::Ehlo, "EHLO"), ("stopped.rcpt", At::Rcpt, "RCPT")] {
        let (took, letters) = stopped_at(name, step, verb).await;
        assert!(took < A_SECOND, "{name}: {took:?}");
        assert!(letters.len() == 2 && letters.iter().all(|(_, state)| state == "queued"), "{name}: {letters:?}");
    }
}

#[tokio::test]
async fn a_stop_after_the_final_dot_waits_a_little_and_leaves_one_letter_in_doubt() {
    let (took, letters) = stopped_at("stopped.dot", At::Dot, "DATA").await;
    assert!(took < Duration::from_secs(7), "{took:?}");
    let states: Vec<&str> = letters.iter().map(|(_, state)| state.as_str()).collect();
    assert_eq!(states, ["in_doubt", "queued"], "{letters:?}");
}
