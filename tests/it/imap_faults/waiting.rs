//! IDLE and polling: a wait that ends without a tagged answer is an error, never "no mail".

use std::future::ready;

use super::server::Then;
use super::*;

const LONG: Duration = Duration::from_secs(3600);

async fn idle(answer: &str, then: Then) -> Result<Woke, ImapError> {
    let script = Script::logged_in("IDLE", 3).on("IDLE", answer).then(then);
    let (session, _server) = begin(script).await;
    session.expect("a session").wait(LONG, pending()).await
}

#[tokio::test]
async fn a_connection_that_ends_during_idle_is_an_error() {
    assert!(matches!(idle("+ idling", Then::Close).await, Err(ImapError::Lost { .. })));
    assert!(matches!(idle("+ idling\n* BYE shutting down", Then::GoOn).await, Err(ImapError::Bye { .. })));
    assert!(matches!(idle("* BYE shutting down", Then::GoOn).await, Err(ImapError::Bye { .. })));
    assert!(matches!(idle("+ idling\n* FOO", Then::GoOn).await, Err(ImapError::Protocol { .. })));
    assert!(matches!(idle("{tag} OK already?", Then::GoOn).await, Err(ImapError::Protocol { .. })));
    // Mail is spoken of, but the link is dead before DONE is answered: the next session will find it.
    assert!(matches!(idle("+ idling\n* 4 EXISTS", Then::Close).await, Err(ImapError::Lost { .. })));
}

#[tokio::test]
async fn a_link_that_died_in_silence_is_found_when_the_wait_is_over() {
    let script = Script::logged_in("IDLE", 3).on("IDLE", "+ idling").on_more("DONE", "").then(Then::Stall);
    let (stream, _server) = connect(script, Fault::None);
    // Patient but for DONE: the deadline that must pass is a whole one.
    let deadlines = Deadlines { answer: Duration::from_millis(300), ..patient() };
    let mut session = Session::begin(stream, false, &config(), &proof(&config()), &deadlines).await.expect("a session");
    let error = session.wait(Duration::from_millis(1), pending()).await.expect_err("dead");
    assert!(matches!(error, ImapError::Timeout { command: "IDLE", .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_refuses_idle_is_polled_from_then_on() {
    for refusal in ["{tag} NO not now", "{tag} BAD what?"] {
        let script =
            Script::logged_in("IDLE", 3).on("IDLE", refusal).on("NOOP", "* 4 EXISTS\n{tag} OK").on("NOOP", "{tag} OK");
        let (session, server) = begin(script).await;
        let mut session = session.expect("a session");
        assert_eq!(session.wait(LONG, pending()).await.expect("polled"), Woke::Mail);
        assert_eq!(session.wait(LONG, pending()).await.expect("polled"), Woke::Elapsed);
        drop(session);
        assert_eq!(heard(server).await.len(), 7);
    }
}

#[tokio::test]
async fn stop_ends_a_wait_and_the_session_goes_on() {
    let script = Script::logged_in("IDLE", 3)
        .on("IDLE", "+ idling")
        .on_more("DONE", "{tag} OK")
        .on("UID FETCH 1:*", "* 1 FETCH (UID 4)\n{tag} OK");
    let (session, _server) = begin(script).await;
    let mut session = session.expect("a session");
    assert_eq!(session.wait(LONG, ready(())).await.expect("stopped"), Woke::Stopped);
    assert_eq!(session.all_uids().await.expect("a list"), [4]);
}

#[tokio::test]
async fn a_poll_is_stopped_without_a_word() {
    let (session, server) = begin(Script::logged_in("", 3)).await;
    let mut session = session.expect("a session");
    assert_eq!(session.wait(LONG, ready(())).await.expect("stopped"), Woke::Stopped);
    drop(session);
    assert_eq!(heard(server).await.len(), 4);
}

#[tokio::test]
async fn mail_that_comes_while_idle_is_being_ended_is_told() {
    let script = Script::logged_in("IDLE", 3).on("IDLE", "+ idling").on_more("DONE", "* 4 EXISTS\n{tag} OK");
    let (session, _server) = begin(script).await;
    let woke = session.expect("a session").wait(Duration::from_millis(1), pending()).await;
    assert_eq!(woke.expect("over"), Woke::Mail);
}

#[tokio::test]
async fn flags_and_deletions_wake_nobody() {
    let script = Script::logged_in("IDLE", 3)
        .on("IDLE", "+ idling\n* 1 FETCH (FLAGS (\\Seen))\n* 2 EXPUNGE\n* OK Still here\n{tag} OK IDLE is over");
    let (session, server) = begin(script).await;
    let mut session = session.expect("a session");
    assert_eq!(session.wait(LONG, pending()).await.expect("the server ended it"), Woke::Elapsed);
    drop(session);
    assert_eq!(heard(server).await.len(), 5, "no DONE to an IDLE that is over");
}

#[tokio::test]
async fn mail_announced_during_another_command_is_not_forgotten() {
    let script = Script::logged_in("IDLE", 3)
        .on("UID FETCH 1:*", "* 1 FETCH (UID 4)\n{tag} OK")
        .on("UID STORE", "* 4 EXISTS\n{tag} OK")
        .on("UID FETCH 1:*", "* 1 FETCH (UID 4)\n* 5 EXISTS\n{tag} OK")
        .on("UID FETCH 1:*", "* 1 FETCH (UID 4)\n{tag} OK")
        .on("IDLE", "+ idling\n{tag} OK over");
    let (session, _server) = begin(script).await;
    let mut session = session.expect("a session");
    session.all_uids().await.expect("a list");
    session.mark_seen(&[4]).await.expect("marked");
    assert_eq!(session.wait(LONG, pending()).await.expect("at once"), Woke::Mail);
    session.all_uids().await.expect("a list");
    // It came while the list was read: nobody knows whether it is in it.
    assert_eq!(session.wait(LONG, pending()).await.expect("at once"), Woke::Mail);
    session.all_uids().await.expect("a list");
    assert_eq!(session.wait(LONG, pending()).await.expect("idle"), Woke::Elapsed);
}

#[tokio::test]
async fn a_server_that_repeats_its_count_keeps_nobody_busy() {
    let repeated = "+ idling\n* 3 EXISTS\n* 0 RECENT\n* 3 EXISTS\n{tag} OK over";
    let (session, _server) = begin(Script::logged_in("IDLE", 3).on("IDLE", repeated)).await;
    let woke = session.expect("a session").wait(LONG, pending()).await;
    assert_eq!(woke.expect("over"), Woke::Elapsed);
}

#[tokio::test]
async fn a_poll_that_fails_is_an_error() {
    for (answer, then) in
        [("* BYE", Then::GoOn), ("", Then::Close), ("{tag} NO", Then::GoOn), ("{tag} BAD", Then::GoOn)]
    {
        let (session, _server) = begin(Script::logged_in("", 3).on("NOOP", answer).then(then)).await;
        assert!(session.expect("a session").wait(LONG, pending()).await.is_err(), "{answer}");
    }
}
