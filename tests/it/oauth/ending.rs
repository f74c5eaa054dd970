//! Logins that end or are refused: the admin hears of it by the road that still works, once a day.

use jiff::{SignedDuration, Timestamp};

use super::super::cli::shop::{CONFIG, PATIENCE, Shop, header};
use super::super::support::maildir::mails_in;
use super::super::support::wait::wait_until;
use super::provider::{Provider, json};

/// `support` logs in at this provider; `sales` lies in folders.
fn two_mailboxes(port: u16) -> String {
    let oauth = format!(
        "oauth2 = {{ client_id = \"amends\", grant = \"device_code\", token_url = \"http://127.0.0.1:{port}/token\", \
         login_url = \"http://127.0.0.1:{port}/device\", scope = \"mail\" }}"
    );
    let imap = format!("[mailbox.imap]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n{oauth}\n");
    let sales =
        "[[mailbox]]\naddress = \"sales@northwind.example\"\n[mailbox.maildir]\ninbox = \"in\"\noutgoing = \"sales\"\n";
    let one = CONFIG.replace("[mailbox.maildir]\ninbox = \"in\"\n", &format!("{imap}[mailbox.maildir]\n"));
    let two = one.replacen("[[person]]", &format!("{sales}\n[[person]]"), 1);
    format!("{two}\n[alerts]\nto = \"admin@northwind.example\"\n")
}

fn logged_in_until(shop: &Shop, until: Timestamp) {
    let since = Timestamp::now() - SignedDuration::from_hours(60 * 24);
    let kept = format!(r#"{{"refresh_token": "r-1", "since": "{since}", "until": "{until}"}}"#);
    std::fs::write(shop.path("support.token"), kept).expect("a login");
}

fn alerts(shop: &Shop, folder: &str) -> Vec<String> {
    let all = mails_in(&shop.path(folder)).into_iter().map(|bytes| String::from_utf8(bytes).expect("text"));
    all.filter(|l| header(l, "To").is_some_and(|to| to.contains("admin@"))).collect()
}

/// A letter's words as they were before quoted-printable.
fn words(letter: &str) -> String {
    amends::arrive::parse::parse(letter.as_bytes()).text
}

#[tokio::test]
async fn an_end_that_comes_near_is_told_ahead_once_a_day_by_the_other_mailbox() {
    let shop = Shop::new();
    shop.configure(&two_mailboxes(1));
    let until = Timestamp::now() + SignedDuration::from_hours(5 * 24);
    logged_in_until(&shop, until);
    for run in 1..=2 {
        let daemon = shop.start(&["run"]);
        let said = || (shop.log().matches("the login of mailbox support ends on").count() == run).then_some(());
        wait_until("a line of the log", PATIENCE, said).await;
        let told = wait_until("an alert", PATIENCE, || alerts(&shop, "sales").pop()).await;
        let day = until.strftime("%Y").to_string();
        assert!(words(&told).contains("the login of mailbox support ends on"), "{}", words(&told));
        assert!(words(&told).contains("run `amends login support` before then") && words(&told).contains(&day));
        daemon.stopped().await;
    }
    let told = alerts(&shop, "sales").iter().filter(|l| words(l).contains("ends on")).count();
    assert_eq!((told, alerts(&shop, "out").len()), (1, 0), "once, and not by the road of that login");
}

#[tokio::test]
async fn a_refused_login_is_told_by_the_other_mailbox_with_what_to_do() {
    let no = r#"{"error": "invalid_grant", "error_description": "AADSTS700082: The refresh token has expired."}"#;
    let provider = Provider::start(vec![json(400, no); 20]).await;
    let shop = Shop::new();
    shop.configure(&two_mailboxes(provider.port));
    logged_in_until(&shop, Timestamp::now() + SignedDuration::from_hours(90 * 24));
    let daemon = shop.start(&["run"]);
    let told = words(&wait_until("an alert", PATIENCE, || alerts(&shop, "sales").pop()).await);
    assert!(told.contains("AADSTS700082: The refresh token has expired"), "{told}");
    assert!(
        told.contains("What to do: the login has run out because it was not used: run `amends login` again"),
        "{told}"
    );
    wait_until("more tries", PATIENCE, || (provider.forms().len() >= 3).then_some(())).await;
    daemon.stopped().await;
    assert_eq!((alerts(&shop, "sales").len(), alerts(&shop, "out").len()), (1, 0));
}
