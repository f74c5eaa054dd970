//! `run`, and what the other commands say of what it did. Every wait is for something to be there, with a deadline.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::support::wait::wait_until;
use super::shop::{CONFIG, PATIENCE, Shop, header, mail};

#[tokio::test]
async fn a_mail_in_a_maildir_is_answered_and_every_command_knows_of_it() {
    let shop = Shop::new();
    let daemon = shop.start(&["run"]);
    shop.arrives(1);
    let apology = shop.letter_to(1).await;
    assert!(header(&apology, "Subject").is_some_and(|s| s.contains("[NW-1001]")), "{apology}");
    shop.log_says("letter tried").await;
    shop.amends(&["run"]).with(69).says("another amends daemon");
    daemon.stopped().await;
    shop.log_says("stopped").await;

    shop.amends(&["case", "list"]).ok().says("NW-1001").says("first answer").says("Lamp broken");
    shop.amends(&["case", "show", "1001"]).ok().says("customer1@customer.example").says("I want my money back.");
    shop.amends(&["case", "timeline", "nw-1001"]).ok().says("first letter: apology").says("apology to customer1@");
    shop.amends(&["case", "explain", "[NW-1001]"]).ok().says("first answer, 4h by the sla").says("sum      4h");
    shop.amends(&["preview", "apology", "--case", "NW-1001"]).ok().says("[NW-1001]");
    shop.amends(&["outbox", "list"]).ok().says("No letter waits.");
    shop.amends(&["outbox", "retry", "1"]).with(65).says("letter 1 is sent");
    shop.amends(&["outbox", "drop", "1"]).with(65).says("letter 1 is sent");
    shop.amends(&["verify"]).ok();
    for command in ["show", "timeline", "explain"] {
        shop.amends(&["case", command, "NW-1001", "--json"]).ok().json();
    }
    shapes(&shop);
}

/// The keys that design section 4 promises to scripts.
fn shapes(shop: &Shop) {
    let list = shop.amends(&["case", "list", "--json"]).ok().json();
    let head = "ref subject customer state outcome owner team kind cause sla priority opened_at due";
    assert_keys(&list[0], head);
    assert_keys(&list[0]["customer"], "name address");
    assert_keys(&list[0]["due"][0], "clock due_at overdue");
    assert_eq!(list[0]["due"][0]["clock"], "first_response");
    let case = shop.amends(&["case", "show", "NW-1001", "--json"]).ok().json();
    assert_keys(&case, &format!("{head} wish merged_into tags checklist promises offers participants mails log"));
    assert_keys(&case["mails"][0], "direction from to at subject text");
    assert_keys(&case["log"][0], "at what who");
    let later = [&case["outcome"], &case["checklist"], &case["promises"], &case["offers"]];
    assert_eq!(later, [&Value::Null, &json!([]), &json!([]), &json!([])]);
    let directions: Vec<&Value> = case["mails"].as_array().expect("mails").iter().map(|m| &m["direction"]).collect();
    assert_eq!(directions, ["in", "out", "out"]);
    let outbox = shop.amends(&["outbox", "list", "--all", "--json"]).ok().json();
    assert_keys(&outbox[0], "id letter case to state next_try_at last_answer");
    assert_eq!((&outbox[0]["letter"], &outbox[0]["case"]), (&json!("apology"), &json!("NW-1001")));
}

fn assert_keys(object: &Value, wanted: &str) {
    let mut wanted: Vec<&str> = wanted.split(' ').collect();
    wanted.sort_unstable();
    let keys: Vec<&String> = object.as_object().expect("an object").keys().collect();
    assert_eq!(keys, wanted);
}

#[tokio::test]
async fn what_deliver_stores_a_running_daemon_notices() {
    let shop = Shop::new();
    let daemon = shop.start(&["run"]);
    shop.log_says("running").await;
    shop.piped(&["deliver", "--mailbox", "support"], &mail(4)).ok();
    shop.letter_to(4).await;
    daemon.stopped().await;
}

#[tokio::test]
async fn a_new_configuration_is_taken_and_a_bad_one_is_told_while_the_old_one_stays() {
    let shop = Shop::new();
    let daemon = shop.start(&["run"]);
    shop.arrives(1);
    shop.letter_to(1).await;

    shop.configure(&CONFIG.replace("timezone", "timezne"));
    daemon.signal("-HUP");
    shop.log_says("the old one stays").await;
    assert!(shop.log().contains("config.toml:3: company.timezne"), "{}", shop.log());
    shop.arrives(2);
    assert!(shop.letter_to(2).await.contains("Northwind Lamps"));

    shop.configure(&CONFIG.replace("[[mailbox]]", "[database]\nurl = \"sqlite:other.db\"\n[[mailbox]]"));
    daemon.signal("-HUP");
    shop.log_says("database.url cannot change").await;

    let runs = shop.log().matches("running").count();
    shop.configure(&CONFIG.replace("Northwind Lamps", "Southwind Lamps"));
    daemon.signal("-HUP");
    let again = || (shop.log().matches("running").count() > runs).then_some(());
    wait_until("a new start", PATIENCE, again).await;
    shop.arrives(3);
    assert!(shop.letter_to(3).await.contains("Southwind Lamps"));
    daemon.stopped().await;
    assert_eq!([1, 2, 3].map(|n| shop.letters_to(n).len()), [1, 1, 1]);
}

#[tokio::test]
async fn killed_again_and_again_and_started_again_every_mail_has_one_apology() {
    const MAILS: usize = 30;
    let shop = Shop::new();
    (1..=MAILS).for_each(|n| shop.arrives(n));
    // Between the mails and their turns, while the first letters leave, and among letters that were not on their way
    // then: whatever is interrupted twice would rest a minute.
    let letters = || shop.letters().len();
    let moments: [(&str, &dyn Fn() -> bool); 3] = [
        ("stored mail", &|| shop.log().contains("stored")),
        ("a letter", &|| letters() >= 1),
        ("further letters", &|| letters() >= 22),
    ];
    for (what, come) in moments {
        let mut daemon = shop.start(&["run"]);
        wait_until(what, PATIENCE, || come().then_some(())).await;
        daemon.kill().await;
    }
    let daemon = shop.start(&["run"]);
    for n in 1..=MAILS {
        shop.letter_to(n).await;
    }
    let all_left = || (shop.amends(&["outbox", "list", "--json"]).json() == json!([])).then_some(());
    wait_until("an empty outbox", PATIENCE, all_left).await;
    daemon.stopped().await;
    shop.amends(&["verify"]).ok();
    for n in 1..=MAILS {
        assert_eq!(shop.letters_to(n).len(), 1, "customer {n}");
    }
    let cases = shop.amends(&["case", "list", "--json"]).ok().json();
    assert_eq!(cases.as_array().map(Vec::len), Some(MAILS));
}

#[tokio::test]
async fn in_a_rehearsal_every_letter_goes_to_one_address_and_says_for_whom_it_was() {
    let shop = Shop::new();
    let daemon = shop.start(&["run", "--rehearse", "boss@northwind.example"]);
    shop.arrives(1);
    let letter = shop.letter_to(1).await;
    assert_eq!(header(&letter, "X-Amends-Rehearsal-To"), Some("customer1@customer.example"));
    assert!(header(&letter, "Subject").is_some_and(|s| s.starts_with("[to customer1@customer.example] ")), "{letter}");
    daemon.stopped().await;
    assert!(shop.log().contains("rehearsal: every letter goes there"), "{}", shop.log());
}

#[tokio::test]
async fn the_log_can_be_json_and_holds_no_full_address() {
    let shop = Shop::new();
    let daemon = shop.start(&["run", "--log-format", "json"]);
    shop.arrives(1);
    shop.letter_to(1).await;
    shop.log_says("letter tried").await;
    daemon.stopped().await;
    let lines: Vec<Value> = shop.log().lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    assert!(lines.iter().any(|l| l["message"] == "letter tried" && l["outcome"] == "sent"));
    assert!(!shop.log().contains("customer1@customer.example"), "{}", shop.log());
}

#[tokio::test]
async fn a_letter_that_cannot_leave_is_told_tried_again_and_dropped() {
    let shop = Shop::new();
    // A port that was free a moment ago, and that nobody listens on.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    shop.sends_to(port);
    let daemon = shop.start(&["run"]);
    shop.arrives(1);
    shop.log_says("letter tried").await;
    daemon.stopped().await;

    let waiting = shop.amends(&["outbox", "list", "--json"]).ok().json();
    assert_eq!((&waiting[0]["id"], &waiting[0]["state"]), (&json!(1), &json!("deferred")), "{waiting}");
    let answer = waiting[0]["last_answer"].as_str().expect("why").to_owned();
    let first_words: Vec<&str> = answer.split(' ').take(3).collect();
    shop.amends(&["outbox", "list"]).ok().says("deferred").says(&first_words.join(" "));
    shop.amends(&["outbox", "retry", "1"]).ok().says("Letter 1 (apology to customer1@customer.example) is tried now.");
    assert_eq!(shop.amends(&["outbox", "list", "--json"]).ok().json()[0]["state"], "queued");
    shop.amends(&["outbox", "drop", "1"]).ok().says("will not be sent");
    shop.amends(&["outbox", "retry", "1"]).with(65).says("letter 1 is voided");
    let left = shop.amends(&["outbox", "list", "--json"]).ok().json();
    assert!(left.as_array().is_some_and(|l| l.iter().all(|letter| letter["id"] != 1)), "{left}");
    shop.amends(&["verify"]).ok();
}

#[tokio::test]
async fn a_server_that_never_answers_the_final_dot_does_not_keep_a_daemon_that_is_told_to_stop_twice() {
    let shop = Shop::new();
    let server = TcpListener::bind("127.0.0.1:0").expect("a port");
    shop.sends_to(server.local_addr().expect("an address").port());
    let mut daemon = shop.start(&["run"]);
    shop.arrives(1);
    let (connection, _) = server.accept().expect("the sender calls");
    take_in_silence(&connection);
    daemon.signal("-TERM");
    shop.log_says("stopping").await;
    let told = Instant::now();
    daemon.signal("-TERM");
    assert!(daemon.ended().await.success());
    assert!(told.elapsed() < Duration::from_secs(9), "it waited {:?}", told.elapsed());
    assert!(shop.log().contains("a second time"), "{}", shop.log());
    let letters = shop.amends(&["outbox", "list", "--json"]).ok().json();
    assert_eq!(letters[0]["state"], "committing", "the next start knows that it may have gone");
}

/// An SMTP server that takes a letter up to its final dot (RFC 5321 section 4.1.1.4), and then says nothing.
fn take_in_silence(mut connection: &TcpStream) {
    connection.write_all(b"220 server.example ESMTP\r\n").expect("a greeting");
    for line in BufReader::new(connection).lines() {
        let line = line.expect("a line");
        match line.as_str() {
            "." => return,
            "DATA" => connection.write_all(b"354 go ahead\r\n").expect("an answer"),
            command if ["EHLO", "MAIL", "RCPT"].iter().any(|c| command.starts_with(c)) && !command.contains(": ") => {
                connection.write_all(b"250 server.example\r\n").expect("an answer");
            }
            _ => {}
        }
    }
    panic!("the sender hung up before the final dot");
}

#[tokio::test]
async fn systemd_hears_ready_reloading_stopping_and_the_watchdog() {
    let shop = Shop::new();
    let systemd = UnixDatagram::bind(shop.path("notify")).expect("a socket");
    systemd.set_nonblocking(true).expect("a socket");
    let mut command = shop.command(&["run"]);
    command.env("NOTIFY_SOCKET", shop.path("notify")).env("WATCHDOG_USEC", "200000").env_remove("WATCHDOG_PID");
    let daemon = shop.start_as(command);
    heard(&systemd, "READY=1").await;
    heard(&systemd, "WATCHDOG=1").await;
    heard(&systemd, "WATCHDOG=1").await;
    daemon.signal("-HUP");
    heard(&systemd, "RELOADING=1").await;
    heard(&systemd, "READY=1").await;
    daemon.signal("-TERM");
    heard(&systemd, "STOPPING=1").await;
    drop(daemon);
}

/// Reads until that was said; what else is said on the way does not matter.
async fn heard(systemd: &UnixDatagram, words: &str) {
    let mut message = [0; 512];
    let hear = || {
        let length = systemd.recv(&mut message).ok()?;
        let said = String::from_utf8_lossy(&message[..length]).into_owned();
        said.lines().any(|line| line == words).then_some(())
    };
    wait_until(words, PATIENCE, hear).await;
}
