//! `check --send`: letters of a mailbox to itself, over servers that keep, rewrite, refuse or lose what they are given.

use std::time::Duration;

use super::super::cli::shop::{CONFIG, PATIENCE, Shop};
use super::super::smtp_faults::fake::{At, Fake, Script, say};
use super::super::support::wait::wait_until;
use super::imap::Server;

struct Tried {
    code: Option<i32>,
    said: String,
}

fn shop(imap: &Server, smtp: &Fake, mailbox: &str) -> Shop {
    let shop = Shop::new();
    let road = |kind: &str, port: u16| {
        let password = "password = { file = \"amends.key\" }";
        format!("[mailbox.{kind}]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n{password}\n")
    };
    let servers = format!("start = \"all\"\n{mailbox}\n{}{}", road("imap", imap.port), road("smtp", smtp.port));
    shop.configure(&CONFIG.replace("[mailbox.maildir]\ninbox = \"in\"\noutgoing = \"out\"\n", &servers));
    shop
}

/// Runs it while `post` carries what the server took to the inbox.
async fn tried(shop: &Shop, smtp: &Fake, letters: usize, within: &str, post: impl Fn(usize, &str, Vec<u8>)) -> Tried {
    let mut command = shop.command(&["check", "--send", "--within", within]);
    let running = tokio::task::spawn_blocking(move || command.output());
    let heard = wait_until("the letters", PATIENCE, || Some(smtp.heard()).filter(|h| h.letters.len() >= letters)).await;
    let senders: Vec<String> = heard.commands.iter().filter(|c| c.starts_with("MAIL FROM:")).cloned().collect();
    // Refused ones come first: the last senders are those of the letters that were taken.
    for (n, (letter, sender)) in heard.letters.into_iter().zip(&senders[senders.len() - letters..]).enumerate() {
        post(n, sender.split(['<', '>']).nth(1).expect("a sender"), letter);
    }
    let ran = running.await.expect("it ends").expect("it runs");
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    Tried { code: ran.status.code(), said }
}

/// As Postfix with a milter writes it.
fn traced(sender: &str, letter: &[u8], results: &str) -> Vec<u8> {
    let received = "Received: from out.northwind.example (out.northwind.example [192.0.2.1]) by mx.northwind.example with ESMTPS id 1; Sun, 22 Nov 2026 10:00:00 +0000";
    let head = format!("Return-Path: <{sender}>\r\nAuthentication-Results: {results}\r\n{received}\r\n");
    [head.as_bytes(), letter].concat()
}

#[tokio::test]
async fn what_the_servers_do_to_a_letter_is_said_and_no_case_comes_of_it() {
    let (imap, smtp) = (Server::start().await, Script::default().start().await);
    let shop = shop(&imap, &smtp, "");
    let results = "mx.northwind.example; spf=pass smtp.mailfrom=northwind.example; dkim=pass header.d=northwind.example; \
                   dmarc=pass header.from=northwind.example";
    let tried = tried(&shop, &smtp, 2, "60", |_, sender, raw| {
        imap.deliver(traced(sender, &raw, results));
    })
    .await;
    assert_eq!(tried.code, Some(0), "{}", tried.said);
    for words in [
        "a letter to support@northwind.example came back after",
        "mx.northwind.example says: spf=pass, dkim=pass, dmarc=pass",
        "security.trusted_authserv_id = [\"mx.northwind.example\"] would let it be believed",
        "subaddresses are delivered, and stay in To",
        "the envelope stays as we write it: bounces come home",
    ] {
        assert!(tried.said.contains(words), "\"{words}\" is missing:\n{}", tried.said);
    }
    // The daemon finds both in the inbox, and knows them; the same mark on other words hides nothing.
    let forged =
        String::from_utf8(smtp.heard().letters[0].clone()).expect("text").replace("may be deleted", "pays 5 EUR");
    imap.deliver(forged.into_bytes());
    let daemon = shop.start(&["run"]);
    let handled = || (shop.log().matches("mail handled").count() == 3).then_some(());
    wait_until("three mails handled", PATIENCE, handled).await;
    daemon.stopped().await;
    let cases = shop.amends(&["case", "list", "--json"]).ok().json();
    assert_eq!(cases.as_array().map(Vec::len), Some(1), "{cases}");
    shop.amends(&["parked", "list"]).ok().says("No mail is set aside");
    shop.amends(&["verify"]).ok();
}

#[tokio::test]
async fn an_envelope_that_is_rewritten_or_refused_is_told() {
    let (imap, smtp) = (Server::start().await, Script::default().start().await);
    let of = shop(&imap, &smtp, "");
    let rewritten = tried(&of, &smtp, 2, "60", |_, _, raw| {
        imap.deliver(traced("support@northwind.example", &raw, "mx.northwind.example; dmarc=none"));
    });
    let rewritten = rewritten.await.said;
    assert!(rewritten.contains("write envelope = \"plain\""), "{rewritten}");
    assert!(rewritten.contains("none of it proves support@northwind.example"), "{rewritten}");

    let no = "550 5.7.60 SMTP; Client does not have permissions to send as this sender\r\n";
    let (imap, smtp) =
        (Server::start().await, Script::default().at(At::Mail, say("250 ok\r\n")).at(At::Mail, say(no)).start().await);
    let of = shop(&imap, &smtp, "");
    let refused = tried(&of, &smtp, 2, "60", |_, _, raw| {
        imap.deliver(raw);
    })
    .await
    .said;
    assert!(refused.contains("envelope \"token\" is refused: 550"), "{refused}");
    assert!(refused.contains("subaddresses are delivered"), "{refused}");
    assert!(refused.contains("the server wrote no Authentication-Results"), "{refused}");
}

#[tokio::test]
async fn what_does_not_come_back_is_told_in_time() {
    let (imap, smtp) = (Server::start().await, Script::default().start().await);
    let of = shop(&imap, &smtp, "");
    let half = tried(&of, &smtp, 2, "2", |n, _, raw| {
        if n == 0 {
            imap.deliver(raw);
        }
    })
    .await;
    assert!(half.said.contains("did not arrive: write subaddressing = false"), "{}", half.said);

    let (imap, smtp) = (Server::start().await, Script::default().start().await);
    let of = shop(&imap, &smtp, "");
    let began = std::time::Instant::now();
    let lost = tried(&of, &smtp, 2, "1", |_, _, _| ()).await;
    assert_eq!(lost.code, Some(69), "{}", lost.said);
    assert!(lost.said.contains("nothing came back within 1 s: look into the spam folder"), "{}", lost.said);
    assert!(began.elapsed() < Duration::from_secs(60));
}
