//! The whole session, broken off, silenced or answered wrongly at every place.

use futures_util::future::join_all;

use super::server::{Exchange, Fault, Script, Then};
use super::*;

async fn the_whole_truth() -> Vec<Told> {
    let (stream, server) = connect(whole_script(), Fault::None);
    let (told, error) = whole_session(stream, patient()).await;
    assert!(error.is_none(), "{error:?}");
    heard(server).await;
    told
}

fn length(script: &Script) -> usize {
    // Every answer has tags of two digits or less: what is counted is what is sent.
    let filled = |(at, exchange): (usize, &Exchange)| {
        let tag = format!("A{}", at + 1);
        exchange.answer.len() - if exchange.answer.windows(5).any(|w| w == b"{tag}") { 5 - tag.len() } else { 0 }
    };
    script.greeting.len() + script.exchanges.iter().enumerate().map(filled).sum::<usize>()
}

#[tokio::test]
async fn a_whole_session_tells_the_whole_truth() {
    let told = the_whole_truth().await;
    assert_eq!(told.len(), 8);
    assert_eq!(told[1], Told::Uids(vec![4, 9]));
    let at = |text: &str| Some(text.parse().expect("an instant"));
    let (first, second) = (at("2026-11-21T07:00:00Z"), at("2026-11-21T07:01:00Z"));
    let mail_9 = Fetched { uid: 9, internal_date: second, raw: bytes(MAIL_9) };
    assert_eq!(
        told[3],
        Told::Mails(vec![Fetched { uid: 4, internal_date: first, raw: bytes(MAIL_4) }, mail_9.clone()])
    );
    assert_eq!(told[4], Told::Header(Some(Fetched { raw: bytes("Subject: nine\r\n\r\n"), ..mail_9 })));
    assert_eq!(told[7], Told::Woke(Woke::Mail));
}

#[tokio::test]
async fn a_connection_lost_at_any_byte_is_an_error_and_what_was_told_before_is_whole() {
    broken(Fault::CloseAfter, 1, patient()).await;
    let (stream, _server) = connect(whole_script(), Fault::CloseAfter(length(&whole_script())));
    assert!(whole_session(stream, patient()).await.1.is_none(), "that is all that the server sends");
}

#[tokio::test]
async fn silence_from_any_byte_on_is_an_error_and_what_was_told_before_is_whole() {
    // All at once, so that their deadlines pass together. Every third byte: the others are the same road.
    let silenced = broken(Fault::StallAfter, 3, hasty()).await;
    let closed = broken(Fault::CloseAfter, 3, patient()).await;
    let as_far = silenced.iter().zip(&closed).filter(|(silenced, closed)| silenced == closed).count();
    // On a machine that is out of breath a deadline may pass early; that too is an error, and no wrong answer.
    assert!(as_far * 10 >= closed.len() * 9, "only {as_far} of {} came as far as the silence", closed.len());
}

/// Breaks a session at every `step`th byte; how many answers each had told until then.
async fn broken(fault: fn(usize) -> Fault, step: usize, deadlines: Deadlines) -> Vec<usize> {
    let truth = the_whole_truth().await;
    let last = length(&whole_script());
    let tries = (0..last).step_by(step).map(|after| async move {
        let (stream, _server) = connect(whole_script(), fault(after));
        (after, whole_session(stream, deadlines).await)
    });
    let mut reached = Vec::new();
    for (after, (told, error)) in join_all(tries).await {
        let error = error.unwrap_or_else(|| panic!("no error although it broke after {after} of {last} bytes"));
        assert_eq!(told, truth[..told.len()], "broken after {after} bytes");
        assert!(!error.leaves_session_usable(), "after {after} bytes: {error}");
        assert_silent(&error);
        reached.push(told.len());
    }
    reached
}

/// `whole_script` with the answer to one line replaced; what follows it is lost with the session or not asked for.
fn answered(at: usize, answer: &str, then: Then) -> Script {
    let mut script = whole_script();
    script.exchanges.truncate(at + 1);
    let exchange = &mut script.exchanges[at];
    exchange.answer = answer.replace('\n', "\r\n").into_bytes();
    exchange.then = then;
    // Where IDLE is refused the client goes on to poll.
    script.on("NOOP", "").then(Then::Close)
}

#[tokio::test]
async fn every_command_answered_wrongly_is_an_error() {
    let truth = the_whole_truth().await;
    let answers = [
        ("{tag} NO [UNAVAILABLE] later\n", Then::GoOn),
        ("{tag} BAD what?\n", Then::GoOn),
        ("* BYE shutting down\n", Then::Close),
        ("* BYE shutting down\n{tag} OK done\n", Then::GoOn),
        ("", Then::Close),
        ("A99 OK somebody else's\n", Then::Close),
        ("* FOO bar\n{tag} OK done\n", Then::GoOn),
        ("* ESEARCH (TAG \"A1\") UID ALL 1:9\n{tag} OK done\n", Then::GoOn),
        ("*  1 FETCH (UID 4)\n{tag} OK done\n", Then::GoOn),
        ("HTTP/1.1 400 Bad Request\n\n", Then::Close),
        ("\0\0\0\0\n", Then::Close),
        ("{tag} OK", Then::Close),
    ];
    for at in 0..whole_script().exchanges.len() {
        for (answer, then) in answers {
            let (stream, _server) = connect(answered(at, answer, then), Fault::None);
            let (told, error) = whole_session(stream, patient()).await;
            let place = format!("{answer:?} to {:?}", whole_script().exchanges[at].expects);
            assert_eq!(told, truth[..told.len()], "{place}");
            let error = error.unwrap_or_else(|| panic!("no error for {place}"));
            assert_silent(&error);
        }
    }
}

#[tokio::test]
async fn every_command_unanswered_is_an_error() {
    let tries = (0..whole_script().exchanges.len()).map(|at| async move {
        let (stream, _server) = connect(answered(at, "", Then::Stall), Fault::None);
        (at, whole_session(stream, hasty()).await.1)
    });
    for (at, error) in join_all(tries).await {
        assert!(matches!(error, Some(ImapError::Timeout { .. })), "exchange {at}: {error:?}");
    }
}

#[tokio::test]
async fn a_refused_command_leaves_the_session_usable_and_anything_else_does_not() {
    let refused = Script::logged_in("", 1)
        .on("UID FETCH", "{tag} NO [UNAVAILABLE] later")
        .on("UID FETCH", "* 1 FETCH (UID 4)\n{tag} OK done");
    let (session, _server) = begin(refused).await;
    let mut session = session.expect("a session");
    let error = session.all_uids().await.expect_err("refused");
    assert!(error.leaves_session_usable() && error.to_string().contains("[UNAVAILABLE] later"), "{error}");
    assert_eq!(session.all_uids().await.expect("a list"), [4]);

    let junk = Script::logged_in("", 1).on("UID FETCH", "* FOO\n{tag} OK done").on("UID FETCH", "{tag} OK done");
    let (session, server) = begin(junk).await;
    let mut session = session.expect("a session");
    assert!(matches!(session.all_uids().await, Err(ImapError::Protocol { .. })));
    assert!(matches!(session.all_uids().await, Err(ImapError::Broken)));
    assert!(matches!(session.mark_seen(&[1]).await, Err(ImapError::Broken)));
    drop(session);
    assert_eq!(heard(server).await.len(), 5, "nothing was asked of a dead session");
}

#[tokio::test]
async fn a_command_that_was_dropped_half_way_breaks_the_session() {
    let script = Script::logged_in("", 1).on("UID FETCH", "* 1 FETCH (UID 4)").then(Then::Stall);
    let (session, _server) = begin(script).await;
    let mut session = session.expect("a session");
    tokio::select! {
        biased;
        listed = session.all_uids() => panic!("{listed:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert!(matches!(session.all_uids().await, Err(ImapError::Broken)));
}

#[tokio::test]
async fn answers_that_make_the_parser_panic_are_errors() {
    for answer in ["* 1 FETCH (UID 4 INTERNALDATE NIL)\n{tag} OK done", "* OK [READ-ONLY]\u{e9}\n{tag} OK done"] {
        let (session, _server) = begin(Script::logged_in("", 1).on("UID FETCH", answer)).await;
        let mut session = session.expect("a session");
        assert!(matches!(session.all_uids().await, Err(ImapError::Protocol { .. })), "{answer}");
        assert!(matches!(session.all_uids().await, Err(ImapError::Broken)), "{answer}");
    }
}

#[tokio::test]
async fn an_answer_without_end_is_an_error() {
    let endless = format!("* 1 FETCH (UID 4 X {{{}}}\r\n{}", 3 << 20, "x".repeat(3 << 20)).into_bytes();
    let (session, _server) = begin(Script::logged_in("", 1).on_bytes("UID FETCH", endless)).await;
    let error = session.expect("a session").all_uids().await.expect_err("too long");
    assert!(matches!(&error, ImapError::Protocol { what, .. } if what.contains("too long")), "{error}");
}

#[tokio::test]
async fn a_server_that_only_says_that_it_is_still_there_is_left() {
    let still_here = "* OK Still here\n".repeat(1000) + "{tag} OK done";
    let (stream, _server) = connect(Script::logged_in("", 1).on("UID FETCH", &still_here), Fault::None);
    let mut session = Session::begin(stream, false, &config(), &proof(&config()), &patient()).await.expect("a session");
    assert!(matches!(session.uids_from(2).await, Ok(uids) if uids.is_empty()), "said quickly, it is only talk");

    let (stream, _server) = connect(Script::new("* OK ready").on("CAPABILITY", &still_here), Fault::None);
    let impatient = Deadlines { command: Duration::ZERO, ..patient() };
    let error = Session::begin(stream, false, &config(), &proof(&config()), &impatient).await.expect_err("left");
    assert!(matches!(error, ImapError::Timeout { command: "CAPABILITY", .. }), "{error:?}");
}
