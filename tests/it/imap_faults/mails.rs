//! Listing, fetching and moving where the server says too much, too little or something else.

use super::*;

fn listed(mails: &[(u32, u64)]) -> Vec<Listed> {
    mails.iter().map(|(uid, size_bytes)| Listed { uid: *uid, size_bytes: *size_bytes, internal_date: None }).collect()
}

async fn session(script: Script) -> Session<DuplexStream> {
    // The server is detached: these tests look at what the client made of its answers.
    begin(script).await.0.expect("a session")
}

#[tokio::test]
async fn the_last_mail_below_the_first_one_asked_for_is_not_new() {
    let mut session = session(Script::logged_in("", 3).on("UID FETCH 10:* (UID)", "* 3 FETCH (UID 9)\n{tag} OK")).await;
    assert_eq!(session.uids_from(10).await.expect("a list"), [0_u32; 0]);
}

#[tokio::test]
async fn uids_come_sorted_and_once_whatever_else_is_told() {
    let answer = "* 3 FETCH (UID 12)\n* 4 EXISTS\n* 2 FETCH (FLAGS (\\Seen) UID 11)\n* 3 FETCH (UID 12)\n\
                  * 1 FETCH (FLAGS ())\n* NO a warning\n{tag} OK";
    let mut session = session(Script::logged_in("", 3).on("UID FETCH 10:* (UID)", answer)).await;
    assert_eq!(session.uids_from(10).await.expect("a list"), [11, 12]);
}

#[tokio::test]
async fn an_empty_folder_is_empty_only_after_a_second_look() {
    let script = Script::logged_in("", 0)
        .on("NOOP", "{tag} OK")
        .on("NOOP", "* 1 EXISTS\n{tag} OK")
        .on("UID FETCH 1:* (UID)", "* 1 FETCH (UID 5)\n{tag} OK");
    let mut session = session(script).await;
    assert_eq!(session.all_uids().await.expect("a list"), [0_u32; 0]);
    assert_eq!(session.all_uids().await.expect("a list"), [5]);
}

#[tokio::test]
async fn an_empty_list_of_a_folder_that_holds_mail_is_an_error() {
    let mut broken = session(Script::logged_in("", 3).on("UID FETCH 1:* (UID)", "{tag} OK done")).await;
    assert!(matches!(broken.all_uids().await, Err(ImapError::Protocol { .. })));
    let emptied = "* 1 EXPUNGE\n* 1 EXPUNGE\n* 1 EXPUNGE\n{tag} OK done";
    let mut emptied = session(Script::logged_in("", 3).on("UID FETCH 1:* (UID)", emptied)).await;
    assert_eq!(emptied.all_uids().await.expect("a list"), [0_u32; 0]);
}

#[tokio::test]
async fn mail_that_was_not_asked_for_is_not_taken_and_mail_that_is_gone_is_absent() {
    let answer = "* 1 FETCH (UID 3 BODY[] {3}\nno!)\n* 2 FETCH (UID 4 BODY[] {4}\nyes!)\n* 2 FETCH (UID 4 BODY[] {4}\nlies)\n\
                  * 3 FETCH (BODY[] {3}\nno!)\n* 4 FETCH (UID 6 BODY[HEADER] {3}\nno!)\n* 5 FETCH (UID 7 BODY[] NIL)\n\
                  * 6 FETCH (UID 8 BODY[] {0}\n)\n* 7 FETCH (UID 9 BODY[] \"\")\n{tag} OK";
    let mut session = session(Script::logged_in("", 9).on("UID FETCH 4:9 ", answer)).await;
    let asked = listed(&[(4, 4), (5, 3), (6, 3), (7, 3), (8, 3), (9, 0)]);
    let mails = session.fetch(&asked).await.expect("mails");
    let taken: Vec<(u32, &[u8])> = mails.iter().map(|mail| (mail.uid, mail.raw.as_slice())).collect();
    assert_eq!(taken, [(4, &b"yes!"[..]), (9, &b""[..])]);
}

#[tokio::test]
async fn a_batch_of_nothing_asks_nothing() {
    let (session, server) = begin(Script::logged_in("MOVE", 1)).await;
    let mut session = session.expect("a session");
    assert!(session.fetch(&[]).await.expect("nothing").is_empty());
    assert!(session.sizes(&[]).await.expect("nothing").is_empty());
    session.mark_seen(&[]).await.expect("nothing");
    session.move_to(&[], "Handled").await.expect("nothing");
    drop(session);
    assert_eq!(heard(server).await.len(), 4);
}

#[tokio::test]
async fn sizes_without_a_date_are_taken_and_those_of_other_mails_are_not() {
    let answer = "* 1 FETCH (UID 4 RFC822.SIZE 17 INTERNALDATE \"never\")\n* 2 FETCH (UID 5 RFC822.SIZE 1)\n\
                  * 3 FETCH (UID 6 FLAGS (\\Seen))\n{tag} OK";
    let mut session = session(Script::logged_in("", 3).on("UID FETCH 4,6 ", answer)).await;
    assert_eq!(session.sizes(&[6, 4]).await.expect("sizes"), listed(&[(4, 17)]));
}

#[tokio::test]
async fn a_header_of_a_mail_that_is_gone_is_none() {
    let answer = "* 1 FETCH (UID 5 BODY[HEADER]<0> {3}\nno!)\n{tag} OK";
    let mut session = session(Script::logged_in("", 3).on("UID FETCH 4 ", answer)).await;
    assert_eq!(session.fetch_header(4).await.expect("an answer"), None);
}

#[tokio::test]
async fn a_missing_folder_is_made_and_the_move_tried_once_more() {
    let script = Script::logged_in("MOVE", 3)
        .on("UID MOVE 4 \"Erl&AOQ-utert\"", "{tag} NO [TRYCREATE] Mailbox doesn't exist")
        .on("CREATE \"Erl&AOQ-utert\"", "{tag} OK")
        .on("UID MOVE 4 \"Erl&AOQ-utert\"", "{tag} NO [TRYCREATE] still not");
    let mut session = session(script).await;
    let error = session.move_to(&[4], "Erl\u{e4}utert").await.expect_err("refused");
    assert!(matches!(error, ImapError::Refused { command: "UID MOVE", .. }), "{error:?}");
}

fn without_move() -> Script {
    Script::logged_in("UIDPLUS", 3)
        .on("UID FETCH 4:6 (UID)", "* 1 FETCH (UID 4)\n* 3 FETCH (UID 6)\n* 2 FETCH (UID 9)\n{tag} OK")
}

#[tokio::test]
async fn without_move_exactly_the_copied_mails_are_expunged() {
    let script = without_move()
        .on("UID COPY 4,6 \"Handled\"", "{tag} OK [COPYUID 8 4,6 1:2] copied")
        .on("UID STORE 4,6 +FLAGS.SILENT (\\Deleted)", "{tag} OK")
        .on("UID EXPUNGE 4,6", "* 1 EXPUNGE\n* 2 EXPUNGE\n{tag} OK");
    let (session, server) = begin(script).await;
    let mut session = session.expect("a session");
    session.move_to(&[4, 5, 6], "Handled").await.expect("moved");
    drop(session);
    assert_eq!(heard(server).await.len(), 8);
}

#[tokio::test]
async fn a_copy_that_the_server_does_not_name_removes_nothing() {
    for answer in ["{tag} OK copied", "{tag} OK [COPYUID 8 4 1] copied", "{tag} NO quota"] {
        let (session, server) = begin(without_move().on("UID COPY 4,6 \"Handled\"", answer)).await;
        let mut session = session.expect("a session");
        let error = session.move_to(&[4, 5, 6], "Handled").await.expect_err(answer);
        assert!(error.leaves_session_usable(), "{error:?}");
        drop(session);
        let said = heard(server).await;
        assert!(!said.iter().any(|line| line.contains("EXPUNGE") || line.contains("Deleted")), "{said:?}");
    }
}

#[tokio::test]
async fn a_server_that_can_neither_move_nor_expunge_by_uid_keeps_its_mail() {
    let (session, server) = begin(Script::logged_in("IDLE", 3)).await;
    let mut session = session.expect("a session");
    let error = session.move_to(&[4], "Handled").await.expect_err("unsupported");
    assert!(matches!(error, ImapError::Unsupported(_)) && error.needs_admin() && error.leaves_session_usable());
    drop(session);
    assert_eq!(heard(server).await.len(), 4);
}

#[tokio::test]
async fn leaving_is_done_with_bye() {
    let session = session(Script::logged_in("", 0).on("LOGOUT", "* BYE see you\n{tag} OK done")).await;
    session.logout().await.expect("left");
}
