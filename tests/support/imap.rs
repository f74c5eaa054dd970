//! Dovecot by bare IMAP commands: what the daemon's own client is measured against.
//!
//! Panics on whatever is not the expected answer; async-imap's high-level calls, which take a NO or a lost
//! connection for an empty success, are not used.

use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, Response, Status};
use async_imap::{Client, Session};
use tokio::net::TcpStream;
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(30);

/// A session with its inbox selected.
pub struct Imap {
    session: Session<TcpStream>,
}

impl Imap {
    /// Logs in (password `secret`) and selects INBOX.
    pub async fn open(port: u16, user: &str) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let mut client = Client::new(socket);
        client.read_response().await.unwrap().expect("a greeting");
        let session = client.login(user, "secret").await.map_err(|(error, _)| error).unwrap();
        let mut imap = Self { session };
        imap.command("SELECT INBOX").await;
        imap
    }

    /// The mails of a UID set with their UIDs, without marking them as seen.
    pub async fn fetch(&mut self, set: &str) -> Vec<(u32, Vec<u8>)> {
        let mut mails = Vec::new();
        self.run(&format!("UID FETCH {set} (UID BODY.PEEK[])"), |response| {
            let Response::Fetch(_, values) = response else { return };
            let mut uid = None;
            for value in values {
                match value {
                    AttributeValue::Uid(n) => uid = Some(*n),
                    AttributeValue::BodySection { data: Some(data), .. } => {
                        mails.push((uid.expect("the UID stands first"), data.to_vec()));
                    }
                    _ => {}
                }
            }
        })
        .await;
        mails
    }

    /// A command whose untagged answers do not matter.
    pub async fn command(&mut self, line: &str) {
        self.run(line, |_| {}).await;
    }

    async fn run(&mut self, line: &str, mut on: impl FnMut(&Response<'_>)) {
        let id = self.session.run_command(line).await.unwrap();
        loop {
            let answer = timeout(PATIENCE, self.session.read_response()).await.expect("an answer in time").unwrap();
            let answer = answer.unwrap_or_else(|| panic!("the connection was lost in {line}"));
            match answer.parsed() {
                Response::Done { tag, status, outcome, .. } if *tag == id => {
                    assert_eq!(*status, Status::Ok, "{line}: {outcome:?}");
                    return;
                }
                response => on(response),
            }
        }
    }

    /// Waits by IDLE (RFC 2177) until the server says anything. `ready` is told when the server waits.
    pub async fn idle(self, at_most: Duration, ready: tokio::sync::oneshot::Sender<()>) -> Self {
        let mut handle = self.session.idle();
        timeout(PATIENCE, handle.init()).await.expect("IDLE is taken up in time").unwrap();
        ready.send(()).expect("somebody waits for us to wait");
        let (news, interrupt) = handle.wait_with_timeout(at_most);
        let news = news.await.unwrap();
        drop(interrupt); // only now: dropping it ends the wait
        let told = matches!(news, async_imap::extensions::idle::IdleResponse::NewData(_));
        assert!(told, "IDLE ended after {at_most:?} without news");
        let session = timeout(PATIENCE, handle.done()).await.expect("DONE is answered in time").unwrap();
        Self { session }
    }
}
