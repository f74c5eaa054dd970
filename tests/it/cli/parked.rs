//! `parked`: what was set aside is listed with its sign, given out as it came, and read again once it may be.

use super::super::support::wait::wait_until;
use super::shop::{CONFIG, PATIENCE, Shop, mail};

#[tokio::test]
async fn what_was_set_aside_is_listed_shown_and_read_again() {
    let shop = Shop::new();
    shop.piped(&["deliver", "--mailbox", "support"], &mail(1)).ok();
    shop.amends(&["parked", "list"]).ok().says("No mail is set aside.");
    shop.amends(&["parked", "show", "1"]).with(66).says("`amends parked list`");

    shop.configure(&format!("{CONFIG}\n[limits]\nblocked = [\"*@customer.example\"]\n"));
    let daemon = shop.start(&["run"]);
    let list = || shop.amends(&["parked", "list", "--json"]).ok().json().as_array().cloned().filter(|l| !l.is_empty());
    let aside = wait_until("a mail set aside", PATIENCE, list).await;
    daemon.stopped().await;
    assert_eq!(aside.len(), 1);
    assert_eq!(
        (aside[0]["id"].as_i64(), aside[0]["disposition"].as_str(), aside[0]["from"].as_str()),
        (Some(1), Some("blocked"), Some("customer1@customer.example"))
    );
    shop.amends(&["parked", "list"]).ok().says("limits.blocked: *@customer.example").says("Lamp broken");
    shop.amends(&["parked", "show", "1"]).ok().says("mailbox support").says("I want my money back.");
    assert_eq!(shop.amends(&["parked", "show", "1", "--raw"]).ok().out.as_bytes(), mail(1));
    assert!(shop.letters().is_empty());

    shop.configure(CONFIG);
    shop.amends(&["parked", "retry", "2"]).with(66);
    shop.amends(&["parked", "retry", "1"]).ok().says("read again");
    let daemon = shop.start(&["run"]);
    shop.letter_to(1).await;
    daemon.stopped().await;
    shop.amends(&["parked", "list"]).ok().says("No mail is set aside.");
    shop.amends(&["verify"]).ok();
}
