//! The whole course over Dovecot and Postfix: complaint, apology, answer, fix, question, no, a second fix, yes.
//!
//! The server that vouches for the staff's mail is not trusted here, so each of their orders makes the round trip by
//! `#confirm`.

use amends::decide::case::{Outcome, State};
use amends::mail::{INTERNAL_MARK, REPLY_MARKER};
use amends::time::{SetTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::super::stories::clients::{mailed, mailed_by_outlook, reply_to, tapped};
use super::super::support::mail::RawMail;
use super::super::support::servers::Servers;
use super::daemon::Daemon;
use super::real::{complaint, field, mailbox, pass, send};
use super::shop::{Shop, folder};

/// People and their mailboxes, while the daemon runs.
struct Course<'a> {
    servers: &'a Servers,
    daemon: Daemon,
    time: SetTime,
    mei: String,
}

impl Course<'_> {
    async fn write(&self, from: &str, raw: &RawMail) {
        let mail = amends::arrive::parse::parse(&raw.bytes());
        let to = mail.to.first().expect("somebody").address.to_string();
        send(self.servers, from, &to, raw).await;
    }

    /// Mei writes, is asked whether it was her, and says so.
    async fn order(&self, raw: &RawMail) {
        let before = self.daemon.letters().await.iter().filter(|l| l.letter == "confirm").count();
        self.write(&self.mei, raw).await;
        self.daemon.until_letters(before + 1, "confirm", "sent").await;
        let asked = self.newest(&self.mei, "Did you ask for this?", before + 1).await;
        self.write(&self.mei, &mailed(&asked, &self.mei, "#confirm")).await;
    }

    /// The newest of so many mails with these words in their subject.
    async fn newest(&self, address: &str, subject: &str, count: usize) -> Vec<u8> {
        for all in count.. {
            let mails = mailbox(self.servers, address, all).await;
            let found: Vec<&String> = mails.iter().filter(|mail| decoded_subject(mail).contains(subject)).collect();
            if found.len() >= count {
                let newest = found.iter().max_by_key(|mail| number(mail));
                return newest.expect("one").as_bytes().to_vec();
            }
        }
        unreachable!("the wait for a mail ends by itself")
    }

    async fn days(&self, days: i64) {
        pass(&self.daemon, &self.time, self.time.now() + SignedDuration::from_hours(24 * days)).await;
    }
}

/// Of our letter: `<amends.17.MAC@domain>`.
fn number(mail: &str) -> u32 {
    let id = field(mail, "Message-ID");
    id.split('.').nth(1).and_then(|n| n.parse().ok()).unwrap_or_default()
}

fn decoded_subject(mail: &str) -> String {
    amends::arrive::parse::parse(mail.as_bytes()).subject.unwrap_or_default()
}

#[tokio::test]
async fn a_case_runs_its_course_in_real_mailboxes() {
    let Some(servers) = Servers::from_env("a case runs its course") else { return };
    let shop = Shop { trusts: false, ..Shop::over(&servers, "course") };
    let folder = folder();
    let time = SetTime::new(Timestamp::now());
    let daemon = Daemon::start(&shop, folder.path(), Time::Set(time.clone())).await;
    let klaus = "klaus.course@customer.example";
    let course = Course { servers: &servers, daemon, time, mei: shop.mei() };
    send(&servers, klaus, &shop.address(), &complaint(klaus, &shop)).await;

    // Mei answers from Outlook; the words reach Klaus only after she has confirmed them.
    let notice = course.newest(&course.mei, "Answer by", 1).await;
    assert!(reply_to(&amends::arrive::parse::parse(&notice)).starts_with("course+s."));
    course
        .order(&mailed_by_outlook(&notice, &course.mei, "#fixed\nDear Klaus,\n\na new hinge is on its way.\n\nMei"))
        .await;
    course.daemon.until_letters(1, "reply", "sent").await;
    let came = mailbox(&servers, klaus, 2).await;
    let reply = came.iter().find(|mail| mail.contains("a new hinge")).expect("her words").clone();
    assert!(field(&reply, "From").contains("Mei Tan") && field(&reply, "Auto-Submitted").is_empty(), "{reply}");
    assert!(!reply.contains("#fixed") && !reply.contains(INTERNAL_MARK) && !reply.contains(REPLY_MARKER), "{reply}");

    // Two days later Klaus is asked, and says no: one rung higher, and sorry again.
    course.days(6).await;
    let asked = course.newest(klaus, "Does it hold?", 1).await;
    course.write(klaus, &tapped(&asked, klaus, "No, it does not")).await;
    course.daemon.until_letters(1, "sorry-again", "sent").await;
    let case = course.daemon.case().await;
    assert_eq!((case.state, case.reopened), (State::Open, 1));

    // Fixed once more, by a link without a word; and it holds.
    let notice = course.newest(&course.mei, "wrote again", 1).await;
    course.order(&mailed(&notice, &course.mei, "#fixed\nDear Klaus, another lamp, by hand.")).await;
    course.daemon.until_letters(2, "reply", "sent").await;
    course.days(6).await;
    course.daemon.until_letters(2, "check-in", "sent").await;
    let asked = course.newest(klaus, "Does it hold?", 2).await;
    course.write(klaus, &tapped(&asked, klaus, "Yes, it holds")).await;
    course.daemon.until_letters(1, "recovered", "sent").await;
    let case = course.daemon.case().await;
    assert_eq!((case.state, case.outcome), (State::Closed, Some(Outcome::Recovered)));
    course.daemon.end().await;
}
