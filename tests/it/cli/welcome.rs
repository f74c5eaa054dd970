//! `welcome`, and what `check` says of the answers.

use super::super::stories::clients;
use super::super::support::wait::wait_until;
use super::shop::{CONFIG, PATIENCE, Shop, header};

/// The newest letter to Mei whose subject begins so.
async fn to_mei(shop: &Shop, subject: &str) -> String {
    let is_it = |l: &String| {
        let to = header(l, "To").is_some_and(|to| to.contains("mei@"));
        to && header(l, "Subject").is_some_and(|s| s.starts_with(subject))
    };
    wait_until(subject, PATIENCE, || shop.letters().into_iter().rfind(is_it)).await
}

fn answers(shop: &Shop, n: usize, raw: Vec<u8>) {
    let tmp = shop.path(&format!("answer-{n}"));
    std::fs::write(&tmp, raw).expect("a mail");
    std::fs::rename(tmp, shop.path(&format!("in/new/a{n}.M{n}.host"))).expect("it arrives");
}

#[tokio::test]
async fn people_are_welcomed_answer_and_check_says_what_their_mail_proves() {
    let shop = Shop::new();
    shop.amends(&["welcome"]).with(66).says("`amends run` makes it");
    shop.amends(&["check", "--offline"]).ok().says("not measured yet: once `amends run` has made the database");
    shop.configure(&format!("{CONFIG}\n[security]\ntrusted_authserv_id = [\"mx.northwind.example\"]\n"));
    shop.start(&["run"]).stopped_once_running(&shop).await;

    shop.amends(&["welcome", "ole"]).with(66).says("there are: mei, jane");
    shop.amends(&["welcome", "Mei Tan"]).ok().says("mei@northwind.example>: letter 1").says("A running daemon sends");
    shop.amends(&["welcome"]).ok().says("Mei Tan <mei@northwind.example>: had a letter on").says("Jane Okafor");
    shop.amends(&["welcome", "jane@northwind.example"]).ok().says("--again writes another");
    shop.amends(&["check", "--offline"]).ok().says("mei@northwind.example: the welcome letter is not answered yet");
    let elsewhere = CONFIG.replace("[[mailbox]]", "[database]\nurl = \"sqlite:in\"\n[[mailbox]]");
    std::fs::write(shop.path("other.toml"), elsewhere).expect("a config");
    let check = shop.amends(&["--config", "other.toml", "check"]).ok();
    check.says("cannot be told: ").says("Maildir");

    let daemon = shop.start(&["run"]);
    let letter = to_mei(&shop, "Mei, please answer").await;
    answers(&shop, 1, clients::plain(letter.as_bytes(), "mei@northwind.example", "Hello!"));
    to_mei(&shop, "Your mail proves").await;
    let check = shop.amends(&["check", "--offline"]).ok();
    check.says("mei@northwind.example: everything runs").says("dmarc=pass").says("jane@northwind.example: the welcome");

    shop.amends(&["welcome", "--again", "mei"]).ok().says("Mei Tan <mei@northwind.example>: letter");
    let again = || shop.letters().into_iter().filter(|l| l.contains("Mei, please answer")).nth(1);
    let letter = wait_until("a second letter", PATIENCE, again).await;
    answers(&shop, 2, clients::unproven(letter.as_bytes(), "mei@northwind.example", "Hello!"));
    to_mei(&shop, "Your mail needs a second word").await;
    daemon.stopped().await;
    let check = shop.amends(&["check", "--offline"]).ok();
    check
        .says("must be confirmed")
        .says("sign the mail of northwind.example by DKIM")
        .says("amends welcome --again mei");
    shop.amends(&["verify"]).ok();
    shop.amends(&["case", "list"]).ok().says("No open cases");
}
