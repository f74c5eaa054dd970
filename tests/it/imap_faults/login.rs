//! Greeting, STARTTLS and LOGIN: who may be believed when.

use amends::arrive::imap::open;
use amends::tls::TlsError;

use super::server::Then;
use super::*;

#[tokio::test]
async fn a_greeting_that_is_none_ends_the_attempt() {
    for greeting in ["* PREAUTH welcome back", "+ go on", "220 mx.example ESMTP", "A1 OK hello", "* 3 EXISTS", ""] {
        let (session, server) = begin(Script::new(greeting)).await;
        let error = session.expect_err(greeting);
        assert!(matches!(error, ImapError::Protocol { .. } | ImapError::Lost { .. }), "{greeting}: {error:?}");
        assert!(heard(server).await.is_empty(), "nothing is said to {greeting:?}");
    }
    let (session, _server) = begin(Script::new("* BYE [UNAVAILABLE] too many connections")).await;
    let error = session.expect_err("no session");
    assert!(matches!(&error, ImapError::Unavailable { words } if words.contains("too many")), "{error:?}");
}

#[tokio::test]
async fn a_refused_password_is_told_from_a_server_in_trouble() {
    let cases = [
        ("{tag} NO [AUTHENTICATIONFAILED] Authentication failed.", true),
        ("{tag} NO wrong", true),
        ("{tag} NO [ALERT] please log in via your web browser", true),
        ("{tag} NO [UNAVAILABLE] Temporary authentication failure", false),
        ("{tag} NO [INUSE] the mailbox is locked", false),
        ("{tag} NO [LIMIT] too many sessions", false),
    ];
    for (answer, ours) in cases {
        let script = Script::new("* OK [CAPABILITY IMAP4rev1] ready").on("LOGIN ", answer);
        let (session, _server) = begin(script).await;
        let error = session.expect_err(answer);
        assert_eq!(matches!(error, ImapError::Credentials { .. }), ours, "{answer}: {error:?}");
        assert_eq!(matches!(error, ImapError::Unavailable { .. }), !ours, "{answer}: {error:?}");
        assert_eq!(error.needs_admin(), ours);
        assert_silent(&error);
    }
}

#[tokio::test]
async fn a_password_is_quoted_and_logged_in_with() {
    let script = Script::logged_in("IDLE", 0);
    let (session, server) = begin(script).await;
    drop(session.expect("a session"));
    let lines = heard(server).await;
    assert_eq!(lines[1], "A2 LOGIN \"support@northwind.example\" \"correct \\\"horse\\\\battery\"");
    assert_eq!(lines[3], "A4 SELECT \"INBOX\"");
}

#[tokio::test]
async fn a_password_beyond_ascii_travels_as_a_literal_or_by_authenticate() {
    let with = |password: &str| Imap { login: login("support@northwind.example", password), ..config() };
    let literal = Script::new("* OK [CAPABILITY IMAP4rev1] ready")
        .on("LOGIN {25}", "+ go on")
        .on_more("support@northwind.example {6}", "+ go on")
        .on_more("p\u{e4}ssw", "{tag} NO wrong");
    let (stream, server) = connect(literal, Fault::None);
    let refused = Session::begin(stream, false, &with("p\u{e4}ssw"), &proof(&with("p\u{e4}ssw")), &patient()).await;
    assert!(matches!(refused, Err(ImapError::Credentials { .. })), "{refused:?}");
    assert_eq!(heard(server).await.len(), 3);

    let plain = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready")
        .on("AUTHENTICATE PLAIN", "+ ")
        .on_more("AHN1cHBvcnRAbm9ydGh3aW5kLmV4YW1wbGUAcMOkc3N3", "{tag} NO wrong");
    let (stream, server) = connect(plain, Fault::None);
    let refused = Session::begin(stream, false, &with("p\u{e4}ssw"), &proof(&with("p\u{e4}ssw")), &patient()).await;
    assert!(matches!(refused, Err(ImapError::Credentials { .. })), "{refused:?}");
    assert_eq!(heard(server).await.len(), 2);
}

#[tokio::test]
async fn nothing_with_a_line_end_in_it_is_sent() {
    let evil = "x\r\nA9 DELETE \"INBOX\"";
    let greeting = "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready";
    for config in [
        Imap { login: login(evil, PASSWORD), ..config() },
        Imap { login: login("u", evil), ..config() },
        Imap { login: login("u", "a\0b"), ..config() },
    ] {
        let (stream, server) = connect(Script::new(greeting), Fault::None);
        let session = Session::begin(stream, false, &config, &proof(&config), &patient()).await;
        assert!(matches!(session, Err(ImapError::Input(_))), "{session:?}");
        assert!(heard(server).await.is_empty());
    }
    let (session, server) = begin(Script::logged_in("MOVE", 0)).await;
    let mut session = session.expect("a session");
    assert!(matches!(session.move_to(&[1], evil).await, Err(ImapError::Input(_))));
    drop(session);
    assert_eq!(heard(server).await.len(), 4);
}

#[tokio::test]
async fn a_password_is_not_shown_to_a_server_that_takes_none_here() {
    let script = Script::new("* OK ready").on("CAPABILITY", "* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED\n{tag} OK");
    let (session, server) = begin(script).await;
    let error = session.expect_err("no login");
    assert!(matches!(error, ImapError::LoginDisabled) && error.needs_admin());
    assert_eq!(heard(server).await.len(), 1);
}

#[tokio::test]
async fn a_selected_folder_that_does_not_tell_its_uidvalidity_or_size_is_a_lost_one() {
    let login = |answer: &str| {
        Script::new("* OK [CAPABILITY IMAP4rev1] ready")
            .on("LOGIN ", "{tag} OK")
            .on("CAPABILITY", "* CAPABILITY IMAP4rev1\n{tag} OK")
            .on("SELECT ", answer)
    };
    for answer in [
        "* 3 EXISTS\n{tag} OK selected",
        "* OK [UIDVALIDITY 7] ok\n{tag} OK selected",
        "{tag} OK [READ-WRITE] selected",
    ] {
        let (session, _server) = begin(login(answer)).await;
        assert!(matches!(session, Err(ImapError::Protocol { .. })), "{answer}: {session:?}");
    }
    let (session, _server) = begin(login("{tag} NO Mailbox doesn't exist: INBOX")).await;
    let error = session.expect_err("no folder");
    assert!(error.to_string().contains("refused SELECT: Mailbox doesn't exist"), "{error}");
    let unstable = "* 3 EXISTS\n* OK [UIDVALIDITY 7] ok\n* NO [UIDNOTSTICKY] no\n{tag} OK [READ-ONLY] selected";
    let (session, _server) = begin(login(unstable)).await;
    let session = session.expect("a session");
    assert!(!session.folder().sticky_uids && session.folder().read_only);
}

fn starttls(address: std::net::SocketAddr) -> Imap {
    Imap { port: address.port(), tls: TlsMode::StartTls, ..config() }
}

#[tokio::test]
async fn what_stands_before_the_handshake_is_not_believed() {
    let cases = [
        ("* PREAUTH welcome", "", 0),
        ("* OK ready", "{tag} NO not today", 1),
        ("* OK ready", "{tag} BAD what?", 1),
        ("* OK ready", "* BYE no", 1),
        ("* OK ready", "{tag} OK go on\n* OK injected", 1),
        ("* OK ready", "{tag} OK go on\nA1 OK [CAPABILITY IMAP4rev1] injected", 1),
    ];
    for (greeting, answer, lines) in cases {
        let script = Script::new(greeting).on("STARTTLS", answer).then(Then::Close);
        let (address, server) = script.listen().await;
        let error = open(&starttls(address), &proof(&config()), &patient()).await.expect_err(answer);
        assert!(!matches!(error, ImapError::Timeout { .. }), "{answer}: {error}");
        assert_eq!(heard(server).await.len(), lines, "{answer}: no password is sent");
        if answer.contains("injected") {
            assert!(matches!(error, ImapError::Tls(TlsError::EarlyPlaintext { .. })), "{answer}: {error}");
        }
    }
}

#[tokio::test]
async fn bytes_that_come_late_break_the_handshake() {
    let script = Script::new("* OK ready").on("STARTTLS", "{tag} OK go on").then(Then::GoOn);
    let (address, server) = script.on_more("\u{16}", "* OK injected").listen().await;
    let error = open(&starttls(address), &proof(&config()), &patient()).await.expect_err("no handshake");
    assert!(matches!(error, ImapError::Tls(_)), "{error:?}");
    server.abort();
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_in_plain_words() {
    let (address, server) = Script::new("* OK").listen().await;
    server.abort();
    assert!(server.await.is_err_and(|ended| ended.is_cancelled()));
    let gone = Imap { port: address.port(), ..config() };
    let error = open(&gone, &proof(&gone), &patient()).await.expect_err("nobody is there");
    assert!(matches!(error, ImapError::Tls(TlsError::Refused { .. })), "{error:?}");
}

fn by_token() -> Credentials {
    Credentials { username: "support@northwind.example".into(), proof: Proof::Bearer(Secret::new("t0ken")) }
}

/// `user=support@northwind.example^Aauth=Bearer t0ken^A^A`, in base64.
const BEARER: &str = "dXNlcj1zdXBwb3J0QG5vcnRod2luZC5leGFtcGxlAWF1dGg9QmVhcmVyIHQwa2VuAQE=";

#[tokio::test]
async fn an_access_token_travels_by_xoauth2() {
    let script = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready")
        .on("AUTHENTICATE XOAUTH2", "+ ")
        .on_more(BEARER, "{tag} OK welcome")
        .on("CAPABILITY", "* CAPABILITY IMAP4rev1\n{tag} OK")
        .on("SELECT ", "* 0 EXISTS\n* OK [UIDVALIDITY 7] ok\n{tag} OK [READ-WRITE] selected");
    let (stream, server) = connect(script, Fault::None);
    Session::begin(stream, false, &config(), &by_token(), &patient()).await.expect("a session");
    assert_eq!(heard(server).await.len(), 4);
}

#[tokio::test]
async fn a_token_that_is_not_taken_is_told_after_its_challenge() {
    let script = Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2] ready")
        .on("AUTHENTICATE XOAUTH2", "+ ")
        .on_more(BEARER, "+ eyJzdGF0dXMiOiI0MDEifQ==")
        .on_more("", "{tag} NO AUTHENTICATE failed.");
    let (stream, server) = connect(script, Fault::None);
    let refused = Session::begin(stream, false, &config(), &by_token(), &patient()).await.expect_err("refused");
    assert!(
        matches!(&refused, ImapError::Credentials { words } if words.contains("AUTHENTICATE failed")),
        "{refused:?}"
    );
    assert_eq!(heard(server).await.len(), 3);
    let (stream, server) = connect(Script::new("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready"), Fault::None);
    let refused = Session::begin(stream, false, &config(), &by_token(), &patient()).await.expect_err("not offered");
    assert!(matches!(refused, ImapError::Unsupported(_)) && refused.needs_admin(), "{refused:?}");
    assert!(heard(server).await.is_empty(), "a token is not shown to a server that did not ask for it");
}
