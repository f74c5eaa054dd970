//! One attempt to send, against a server that does what a script says: every fault has its one meaning.
//!
//! The line that matters: before the final dot a failure is certain (`Later`, `Never`, `OurFault`), after it a lost
//! answer is a letter in doubt, and nothing else is.

use std::time::Duration;

use amends::config::{By, Credentials, Login, Proof, Secret, Smtp};
use amends::deliver::smtp::{Attempt, Connection, Deadlines};
use amends::mail::Address;
use amends::tls::{TlsMode, Trust};

mod certificate;
pub mod fake;
mod speed;

/// For stories too.
#[path = "../support/sink.rs"]
pub mod sink;

use fake::{Act, At, Fake, Script, say};

const LETTER: &[u8] = b"Subject: sorry\r\n\r\n.It is late.\r\n..\r\n.\r\nWe know.\r\n";

/// Long enough for a busy machine; what must wait one out uses [`hasty`].
fn patient() -> Deadlines {
    let long = Duration::from_secs(20);
    Deadlines { connect: long, command: long, data: long, end_of_data: long, quit: long, slowest_road: 4096 }
}

fn hasty() -> Deadlines {
    let short = Duration::from_millis(60);
    Deadlines { command: short, data: short, end_of_data: short, quit: short, ..patient() }
}

fn config(port: u16) -> Smtp {
    Smtp { host: "127.0.0.1".to_owned(), port, tls: TlsMode::None, trust: Trust::default(), login: None }
}

fn with_login(port: u16) -> Smtp {
    let by = By::Password(Secret::new("open sesame"));
    Smtp { login: Some(Login { username: "support@northwind.example".to_owned(), by }), ..config(port) }
}

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

async fn open(fake: &Fake) -> Connection {
    Connection::open(&config(fake.port), None, "amends.example", &patient()).await.expect("a connection")
}

async fn send(connection: &mut Connection, letter: &[u8]) -> Attempt {
    let (from, to) = (address("support+b.x@northwind.example"), address("klaus@customer.example"));
    match connection.offer(Some(&from), &to, letter.len()).await {
        Ok(()) => connection.hand_over(letter).await,
        Err(attempt) => attempt,
    }
}

/// One letter, from the first connect to the last answer.
async fn attempt(config: &Smtp, deadlines: &Deadlines) -> Attempt {
    let credentials = config.login.as_ref().and_then(Login::by_password);
    match Connection::open(config, credentials.as_ref(), "amends.example", deadlines).await {
        Ok(mut connection) => send(&mut connection, LETTER).await,
        Err(attempt) => attempt,
    }
}

async fn attempt_with(script: Script) -> Attempt {
    let fake = script.start().await;
    attempt(&config(fake.port), &patient()).await
}

fn kind(attempt: &Attempt) -> &'static str {
    match attempt {
        Attempt::Sent { .. } => "sent",
        Attempt::Later { .. } => "later",
        Attempt::Never { .. } => "never",
        Attempt::OurFault { .. } => "our fault",
        Attempt::InDoubt { .. } => "in doubt",
    }
}

#[tokio::test]
async fn a_letter_is_handed_over_with_its_dots_doubled() {
    let fake = Script::default().start().await;
    let mut connection = open(&fake).await;
    assert_eq!(connection.max_size(), Some(10_000_000));
    let sent = send(&mut connection, LETTER).await;
    assert_eq!(sent, Attempt::Sent { answer: "250 2.0.0 Ok: queued as 4711".to_owned() });
    connection.quit().await;
    let heard = fake.heard();
    let conversation = [
        "EHLO amends.example",
        "EHLO amends.example",
        "MAIL FROM:<support+b.x@northwind.example> SIZE=49 BODY=8BITMIME RET=HDRS",
        "RCPT TO:<klaus@customer.example> NOTIFY=FAILURE,DELAY",
        "DATA",
        "QUIT",
    ];
    assert_eq!(heard.commands, conversation);
    assert_eq!(heard.letters, [b"Subject: sorry\r\n\r\n..It is late.\r\n...\r\n..\r\nWe know.\r\n".to_vec()]);
}

#[tokio::test]
async fn the_null_sender_asks_for_no_report() {
    let fake = Script::default().start().await;
    let mut connection = open(&fake).await;
    connection.offer(None, &address("a@b.example"), 3).await.expect("a go-ahead");
    assert_eq!(kind(&connection.hand_over(b"a\r\n").await), "sent");
    let heard = fake.heard();
    assert_eq!(heard.commands[2..4], ["MAIL FROM:<> SIZE=3 BODY=8BITMIME", "RCPT TO:<a@b.example>"]);
}

#[tokio::test]
async fn a_server_without_extensions_is_asked_for_none() {
    for plain in ["250 old.example\r\n", "250\r\n", "250-old.example\r\n250- \r\n250\r\n"] {
        let fake = Script::default().at(At::Ehlo, say(plain)).at(At::Ehlo, say(plain)).start().await;
        let mut connection = open(&fake).await;
        assert_eq!(connection.max_size(), None);
        assert_eq!(kind(&send(&mut connection, LETTER).await), "sent", "{plain}");
        let heard = fake.heard();
        let envelope = ["MAIL FROM:<support+b.x@northwind.example>", "RCPT TO:<klaus@customer.example>"];
        assert_eq!(heard.commands[2..4], envelope);
    }
}

#[tokio::test]
async fn a_line_feed_cannot_smuggle_a_second_mail() {
    let fake = Script::default().start().await;
    let mut connection = open(&fake).await;
    let letter = b"Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@x.example>\r\n";
    assert_eq!(kind(&send(&mut connection, letter).await), "sent");
    let on_the_wire = b"Subject: x\r\n\r\na\r\n..\r\nMAIL FROM:<evil@x.example>\r\n";
    assert_eq!(fake.heard().letters, [on_the_wire.to_vec()]);
    assert_eq!(fake.count("MAIL"), 1);
}

#[tokio::test]
async fn eight_bit_bytes_are_not_sent_to_a_server_that_takes_none() {
    let plain = "250 old.example\r\n";
    let fake = Script::default().at(At::Ehlo, say(plain)).at(At::Ehlo, say(plain)).start().await;
    let mut connection = open(&fake).await;
    assert_eq!(kind(&send(&mut connection, "Subject: ü\r\n\r\n".as_bytes()).await), "never");
    assert!(!connection.is_usable());
    assert!(fake.heard().letters.is_empty());
}

#[tokio::test]
async fn a_letter_larger_than_the_server_s_limit_is_not_even_offered() {
    let small = "250-small.example\r\n250 SIZE 40\r\n";
    let fake = Script::default().at(At::Ehlo, say(small)).at(At::Ehlo, say(small)).start().await;
    let mut connection = open(&fake).await;
    let refused = send(&mut connection, LETTER).await;
    assert_eq!(kind(&refused), "never");
    assert!(refused.answer().contains("49 bytes") && refused.answer().contains("40"), "{}", refused.answer());
    assert_eq!(fake.count("MAIL"), 0);
    assert_eq!(kind(&send(&mut connection, b"Subject: x\r\n\r\n").await), "sent");
}

#[tokio::test]
async fn each_refusal_means_what_its_place_and_code_say() {
    let cases = [
        (At::Greeting, "554 5.3.2 no service\r\n", "our fault"),
        (At::Greeting, "421 busy\r\n", "later"),
        (At::Ehlo, "502 never heard of it\r\n", "our fault"),
        (At::Ehlo, "421 go away\r\n", "later"),
        (At::Mail, "550 5.7.60 may not send as this sender\r\n", "our fault"),
        (At::Mail, "451 4.3.0 try again\r\n", "later"),
        (At::Rcpt, "550 5.1.1 unknown\r\n", "never"),
        (At::Rcpt, "550\r\n", "never"),
        (At::Rcpt, "550-5.1.1 this\r\n550 5.1.1 is unknown\r\n", "never"),
        (At::Rcpt, "550 Empf\u{e4}nger unbekannt\r\n", "never"),
        (At::Rcpt, "451 4.7.1 greylisted\r\n", "later"),
        (At::Rcpt, "421 4.3.2 shutting down\r\n", "later"),
        (At::Data, "451 not now\r\n", "later"),
        (At::Data, "554 5.5.1 no valid recipients\r\n", "our fault"),
        (At::Data, "250 no letter wanted\r\n", "later"),
        (At::Dot, "552 5.2.2 mailbox full\r\n", "never"),
        (At::Dot, "554 5.6.0 content refused\r\n", "never"),
        (At::Dot, "552-5.3.4 too\r\n552 5.3.4 large\r\n", "never"),
        (At::Dot, "550 5.4.5 daily quota exceeded\r\n", "our fault"),
        (At::Dot, "554 5.7.1 refused by policy\r\n", "our fault"),
        (At::Dot, "452 4.3.1 no space\r\n", "later"),
        (At::Dot, "421 4.3.2 shutting down\r\n", "later"),
        (At::Dot, "250\r\n", "sent"),
        (At::Dot, "250-2.0.0 queued\r\n250 as 1\r\n", "sent"),
        (At::Dot, "250 angenommen f\u{fc}r Zustellung\n", "sent"),
    ];
    for (at, reply, expected) in cases {
        // As Latin-1, as such servers write it.
        let bytes: Vec<u8> = reply.chars().map(|c| u32::from(c) as u8).collect();
        let answered = attempt_with(Script::default().at(at, Act::Say(bytes))).await;
        assert_eq!(kind(&answered), expected, "{at:?} {reply}: {answered:?}");
        assert!(!answered.answer().contains(['\r', '\n']), "{answered:?}");
    }
}

/// What a step's reply looks like when all goes well, and what it means when it breaks off.
const STEPS: [(At, &str, &str); 6] = [
    (At::Greeting, "220-fake.example\r\n220 ESMTP\r\n", "later"),
    (At::Ehlo, "250-fake.example\r\n250-SIZE 10\r\n250 DSN\r\n", "later"),
    (At::Mail, "250 2.1.0 ok\r\n", "later"),
    (At::Rcpt, "250 2.1.5 ok\r\n", "later"),
    (At::Data, "354 go\r\n", "later"),
    (At::Dot, "250-2.0.0 queued\r\n250 as 4711\r\n", "in doubt"),
];

#[tokio::test]
async fn a_connection_that_ends_at_any_byte_is_certain_before_the_dot_and_in_doubt_after_it() {
    for (at, reply, expected) in STEPS {
        for cut in 0..reply.len() - 1 {
            let part = reply.as_bytes()[..cut].to_vec();
            let ended = attempt_with(Script::default().at(at, Act::SayAndClose(part))).await;
            assert_eq!(kind(&ended), expected, "{at:?} cut at {cut}: {ended:?}");
        }
    }
}

#[tokio::test]
async fn nonsense_is_no_answer() {
    let long = format!("{}\r\n", "x".repeat(100_000));
    let endless = "250-and so on\r\n".repeat(10_000);
    for nonsense in
        ["\r\n", "garbage\r\n", "2x0 ok\r\n", "250-a\r\n550 b\r\n", "999 ok\r\n", "\0\0\0\n", &long, &endless]
    {
        for (at, _, expected) in STEPS {
            let answered = attempt_with(Script::default().at(at, say(nonsense))).await;
            let shown: String = nonsense.chars().take(20).collect();
            assert_eq!(kind(&answered), expected, "{at:?} {shown:?}: {answered:?}");
            assert!(answered.answer().chars().count() <= 200);
        }
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_at_every_step() {
    for (at, _, expected) in STEPS {
        let fake = Script::default().at(at, Act::Stall).start().await;
        let answered = attempt(&config(fake.port), &hasty()).await;
        assert_eq!(kind(&answered), expected, "{at:?}: {answered:?}");
        assert!(answered.answer().starts_with("no answer"), "{answered:?}");
    }
}

#[tokio::test]
async fn a_connection_lost_within_a_large_letter_is_certain() {
    // More than the sockets' buffers hold: the dot is never on its way.
    let letter = b"0123456789abcdef\r\n".repeat(500_000);
    let fake = Script::default().at(At::Data, Act::CloseWithin(1000)).start().await;
    let mut connection = open(&fake).await;
    let (from, to) = (address("support@northwind.example"), address("klaus@customer.example"));
    connection.offer(Some(&from), &to, letter.len()).await.expect("a go-ahead");
    let lost = connection.hand_over(&letter).await;
    assert_eq!(kind(&lost), "later", "{lost:?}");
    assert!(lost.answer().contains("in the middle of the letter"), "{lost:?}");
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn after_a_refused_recipient_the_same_connection_goes_on() {
    let script = Script::default()
        .at(At::Rcpt, say("550 5.1.1 unknown\r\n"))
        .at(At::Rcpt, say("451 4.7.1 later\r\n"))
        .at(At::Dot, say("554 5.6.0 no\r\n"));
    let fake = script.start().await;
    let mut connection = open(&fake).await;
    for expected in ["never", "later", "never", "sent", "sent"] {
        assert!(connection.is_usable());
        assert_eq!(kind(&send(&mut connection, LETTER).await), expected);
    }
    assert_eq!(fake.heard().connections, 1);
    assert_eq!(fake.count("RSET"), 3, "after each refusal, and after nothing else");
    assert_eq!(fake.heard().letters.len(), 3);
}

#[tokio::test]
async fn after_421_the_connection_is_not_used_again() {
    for at in [At::Mail, At::Rcpt, At::Data, At::Dot] {
        let fake = Script::default().at(at, say("421 4.3.2 bye\r\n")).start().await;
        let mut connection = open(&fake).await;
        assert_eq!(kind(&send(&mut connection, LETTER).await), "later", "{at:?}");
        assert!(!connection.is_usable(), "{at:?}");
        let heard = fake.heard().commands.len();
        assert_eq!(kind(&send(&mut connection, LETTER).await), "later", "{at:?}");
        assert_eq!(fake.heard().commands.len(), heard, "nothing more is said");
    }
}

#[tokio::test]
async fn a_reply_too_many_never_passes_for_an_answer_to_the_letter() {
    for at in [At::Ehlo, At::Mail, At::Rcpt] {
        let fake = Script::default().at(at, say("250 ok\r\n250 ok\r\n250 ok\r\n")).start().await;
        let mut connection = match Connection::open(&config(fake.port), None, "amends.example", &patient()).await {
            Ok(connection) => connection,
            Err(attempt) => panic!("{at:?}: {attempt:?}"),
        };
        assert_eq!(kind(&send(&mut connection, LETTER).await), "later", "{at:?}");
        assert!(!connection.is_usable(), "{at:?}");
        assert!(fake.heard().letters.is_empty());
    }
}

#[tokio::test]
async fn an_attempt_that_is_dropped_half_way_leaves_no_usable_connection() {
    let fake = Script::default().at(At::Rcpt, Act::Stall).start().await;
    let mut connection = open(&fake).await;
    let abandoned = tokio::time::timeout(Duration::from_millis(50), send(&mut connection, LETTER)).await;
    assert!(abandoned.is_err());
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn a_letter_is_handed_over_only_after_its_offer_and_only_once() {
    let fake = Script::default().start().await;
    let mut connection = open(&fake).await;
    assert_eq!(kind(&connection.hand_over(LETTER).await), "later");
    assert!(fake.heard().letters.is_empty());
    let mut connection = open(&Script::default().start().await).await;
    connection.offer(None, &address("a@b.example"), 1).await.expect("a go-ahead");
    let again = connection.offer(None, &address("a@b.example"), 1).await.expect_err("one letter at a time");
    assert_eq!(kind(&again), "later");
}

#[tokio::test]
async fn a_login_goes_by_plain_or_by_login() {
    let encoded = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let fake = Script::default().start().await;
    let config = with_login(fake.port);
    let credentials = config.login.as_ref().and_then(Login::by_password);
    Connection::open(&config, credentials.as_ref(), "amends.example", &patient()).await.expect("logged in");
    let plain = format!("AUTH PLAIN {}", encoded("\0support@northwind.example\0open sesame"));
    assert_eq!(fake.heard().commands.last(), Some(&plain));

    let only_login = "250-fake.example\r\n250 auth login\r\n";
    let fake = Script::default()
        .at(At::Ehlo, say(only_login))
        .at(At::Ehlo, say(only_login))
        .at(At::Auth, say(&format!("334 {}\r\n", encoded("Username:"))))
        .at(At::Proof, say(&format!("334 {}\r\n", encoded("Password:"))))
        .start()
        .await;
    let config = with_login(fake.port);
    let credentials = config.login.as_ref().and_then(Login::by_password);
    Connection::open(&config, credentials.as_ref(), "amends.example", &patient()).await.expect("logged in");
    let proof = ["AUTH LOGIN".to_owned(), encoded("support@northwind.example"), encoded("open sesame")];
    assert_eq!(fake.heard().commands[2..], proof);
}

#[tokio::test]
async fn a_refused_login_is_our_fault_and_names_the_key() {
    let reply = "535 5.7.8 bad credentials \"open sesame\"\r\n";
    // Stalled behind its refusal: no polite goodbye may hide what was said.
    let fake = Script::default().at(At::Auth, say(reply)).at(At::Quit, Act::Stall).start().await;
    let refused = attempt(&with_login(fake.port), &patient()).await;
    assert_eq!(kind(&refused), "our fault");
    let answer = refused.answer();
    assert!(answer.starts_with("535: the server refused the user name or password of smtp.username"), "{answer}");
    assert!(!answer.contains("open sesame") && answer.contains("***"), "{answer}");
    assert_eq!(fake.count("MAIL"), 0);
}

#[tokio::test]
async fn every_other_way_of_refusing_a_login_has_its_meaning() {
    let cases = [
        (At::Auth, say("454 4.7.0 not now\r\n"), "later"),
        (At::Auth, say("534 5.7.9 use OAuth\r\n"), "our fault"),
        (At::Auth, say("250 what?\r\n"), "later"),
        (At::Auth, say("334 ???\r\n"), "later"),
        (At::Auth, say("334 \r\n"), "later"),
        (At::Auth, Act::SayAndClose(Vec::new()), "later"),
        (At::Ehlo, say("250 fake.example\r\n"), "our fault"),
        (At::Ehlo, say("250-fake.example\r\n250 AUTH XOAUTH2 GSSAPI\r\n"), "our fault"),
    ];
    for (at, act, expected) in cases {
        // The second EHLO is the one that counts.
        let script = match at {
            At::Ehlo => Script::default().at(At::Ehlo, say("250 fake.example\r\n")).at(at, act.clone()),
            _ => Script::default().at(at, act.clone()),
        };
        let fake = script.start().await;
        let refused = attempt(&with_login(fake.port), &patient()).await;
        assert_eq!(kind(&refused), expected, "{act:?}: {refused:?}");
        assert_eq!(fake.count("MAIL"), 0, "{act:?}");
    }
}

#[tokio::test]
async fn nobody_there_is_weather_and_a_wrong_setting_is_not() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("bound").port()
    };
    assert_eq!(kind(&attempt(&config(port), &patient()).await), "later");
    let far = Smtp { host: "smtp.northwind.example".to_owned(), ..config(25) };
    let refused = attempt(&far, &patient()).await;
    assert_eq!(kind(&refused), "our fault", "in clear to another machine: {refused:?}");
}

fn starttls(port: u16, trust: Trust) -> Smtp {
    Smtp { host: "localhost".to_owned(), tls: TlsMode::StartTls, trust, ..with_login(port) }
}

#[tokio::test]
async fn starttls_leads_into_tls_and_only_then_to_the_login() {
    let Some(made) = certificate::make() else { return };
    let fake = Script::default().with_tls(made.acceptor()).start().await;
    let sent = attempt(&starttls(fake.port, made.trust()), &patient()).await;
    assert_eq!(kind(&sent), "sent", "{sent:?}");
    let heard = fake.heard().commands;
    let verbs: Vec<&str> = heard.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS", "EHLO", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"]);
}

#[tokio::test]
async fn a_server_that_is_not_believed_gets_no_login() {
    let Some(made) = certificate::make() else { return };
    let fake = Script::default().with_tls(made.acceptor()).start().await;
    let refused = attempt(&starttls(fake.port, Trust::default()), &patient()).await;
    assert_eq!(kind(&refused), "our fault");
    assert!(refused.answer().contains("fingerprint = \"sha256:"), "{refused:?}");
    assert_eq!(fake.count("AUTH"), 0);
}

#[tokio::test]
async fn what_is_slipped_in_behind_the_go_ahead_ends_the_connection() {
    let injected = "220 go ahead\r\n250-fake.example\r\n250 AUTH PLAIN\r\n";
    // Whole and half lines, and with a TLS handshake that would work behind them.
    for slipped_in in [injected, "220 go ahead\r\n2", "220 go ahead\r\n\r\n"] {
        let Some(made) = certificate::make() else { return };
        let script = Script::default().with_tls(made.acceptor()).at(At::StartTls, say(slipped_in));
        let fake = script.start().await;
        let refused = attempt(&starttls(fake.port, made.trust()), &patient()).await;
        assert_eq!(kind(&refused), "our fault", "{slipped_in:?}: {refused:?}");
        assert_eq!(fake.count("AUTH") + fake.count("MAIL"), 0);
    }
}

#[tokio::test]
async fn without_starttls_nothing_goes_in_clear() {
    let hello = "250-fake.example\r\n250 STARTTLS\r\n";
    let cases = [
        (Script::default(), "our fault"),
        (Script::default().at(At::Ehlo, say(hello)).at(At::StartTls, say("502 5.5.1 no\r\n")), "our fault"),
        (Script::default().at(At::Ehlo, say(hello)).at(At::StartTls, say("454 4.7.0 not now\r\n")), "later"),
        (Script::default().at(At::Ehlo, say(hello)).at(At::StartTls, say("250 hm\r\n")), "later"),
        (Script::default().at(At::Ehlo, say(hello)).at(At::StartTls, Act::SayAndClose(b"220 go\r\n".into())), "later"),
        (Script::default().at(At::Ehlo, Act::SayAndClose(b"250-half".into())), "later"),
        (Script::default().at(At::Greeting, say("554 no\r\n")), "our fault"),
    ];
    for (number, (script, expected)) in cases.into_iter().enumerate() {
        let fake = script.start().await;
        let refused = attempt(&starttls(fake.port, Trust::default()), &patient()).await;
        assert_eq!(kind(&refused), expected, "{number}: {refused:?}");
        assert_eq!(fake.count("AUTH") + fake.count("MAIL"), 0, "{number}");
    }
}

#[tokio::test]
async fn an_access_token_goes_by_xoauth2_and_its_no_has_a_challenge_first() {
    let encoded = |text: &str| data_encoding::BASE64.encode(text.as_bytes());
    let offers = "250-fake.example\r\n250 AUTH PLAIN XOAUTH2\r\n";
    let token =
        Credentials { username: "support@northwind.example".into(), proof: Proof::Bearer(Secret::new("t0ken")) };
    let bearer = encoded("user=support@northwind.example\u{1}auth=Bearer t0ken\u{1}\u{1}");
    let hello = || Script::default().at(At::Ehlo, say(offers)).at(At::Ehlo, say(offers));

    let fake = hello().start().await;
    Connection::open(&config(fake.port), Some(&token), "amends.example", &patient()).await.expect("logged in");
    assert_eq!(fake.heard().commands.last(), Some(&format!("AUTH XOAUTH2 {bearer}")));

    let no = "535 5.7.3 Authentication unsuccessful\r\n";
    let fake = hello().at(At::Auth, say("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n")).at(At::Proof, say(no)).start().await;
    let refused = Connection::open(&config(fake.port), Some(&token), "amends.example", &patient()).await;
    let refused = refused.map(drop).expect_err("refused");
    assert_eq!(kind(&refused), "our fault");
    assert!(!refused.answer().contains("t0ken"), "{refused:?}");
}
