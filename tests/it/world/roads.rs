//! All roads that a configuration can name, over real servers: TLS in its forms, polling, and what becomes of the mail.

use std::path::Path;

use amends::mail::MailboxName;
use amends::store::mails::Disposition;
use amends::time::Time;

use super::super::support::lmtp::Lmtp;
use super::super::support::mail::RawMail;
use super::super::support::servers::Servers;
use super::daemon::Daemon;
use super::real::mailbox;
use super::shop::{Shop, folder};

/// A mail that lies in the mailbox, as Postfix would have vouched for it.
async fn deliver(servers: &Servers, shop: &Shop, n: usize) {
    let from = format!("{}.{n}@customer.example", shop.name);
    let raw = RawMail::new(&format!("Ann <{from}>"), &shop.address(), "My lamp is broken")
        .with("Return-Path", &format!("<{from}>"))
        .body(&format!("It broke on day {n}. I am angry."));
    Lmtp::connect(servers.port("LMTP")).await.deliver(&from, &shop.address(), &raw.bytes()).await;
}

async fn one_mail_is_answered(servers: &Servers, shop: Shop) {
    let folder = folder();
    deliver(servers, &shop, 1).await;
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    let customer = format!("{}.1@customer.example", shop.name);
    assert_eq!(mailbox(servers, &customer, 1).await.len(), 1);
    daemon.until_letters(1, "apology", "sent").await;
    daemon.end().await;
}

#[tokio::test]
async fn starttls_with_a_ca_of_ones_own_works_both_ways() {
    let Some(servers) = Servers::from_env("starttls both ways") else { return };
    let road = |port| format!("port = {port}\ntls = \"starttls\"\nca_file = \"{}\"\n", servers.value("CERTIFICATE"));
    let shop = Shop::new("upgraded", road(servers.port("IMAP")), road(servers.port("SUBMISSION")));
    one_mail_is_answered(&servers, shop).await;
}

#[tokio::test]
async fn a_pinned_certificate_works_both_ways() {
    let Some(servers) = Servers::from_env("a pinned certificate") else { return };
    let pin = |port| format!("port = {port}\ntls = \"implicit\"\nfingerprint = \"{}\"\n", servers.value("FINGERPRINT"));
    let shop = Shop::new("pinned", pin(servers.port("IMAPS")), pin(servers.port("SMTPS")));
    one_mail_is_answered(&servers, shop).await;
}

#[tokio::test]
async fn a_server_that_must_be_polled_is_polled() {
    let Some(servers) = Servers::from_env("a server is polled") else { return };
    let imap = format!("port = {}\ntls = \"none\"\npoll = \"1s\"\n", servers.port("POLL_IMAP"));
    let shop = Shop { imap, ..Shop::over(&servers, "polled") };
    let folder = folder();
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    deliver(&servers, &shop, 1).await;
    daemon.until_letters(1, "apology", "sent").await;
    deliver(&servers, &shop, 2).await;
    daemon.until_letters(2, "apology", "sent").await;
    daemon.end().await;
}

#[tokio::test]
async fn a_server_that_cannot_move_mail_loses_none_and_the_admin_is_told() {
    let Some(servers) = Servers::from_env("a server cannot move") else { return };
    let imap = format!("port = {}\ntls = \"none\"\npoll = \"1s\"\n", servers.port("POLL_IMAP"));
    let shop = Shop { imap, ..Shop::over(&servers, "unmoved") };
    let (shop, folder) = (shop.mailbox("start = \"all\"\nafter = \"move:Handled\""), folder());
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    deliver(&servers, &shop, 1).await;
    daemon.until_letters(1, "alert", "sent").await;
    deliver(&servers, &shop, 2).await;
    daemon.until_letters(2, "apology", "sent").await;
    let told = mailbox(&servers, &shop.admin(), 1).await;
    assert!(told.len() == 1 && told[0].contains("UIDPLUS"), "{told:?}");
    assert_eq!(files(&servers.maildir(&shop.address())).len(), 2, "both mails lie where they lay");
    daemon.end().await;
}

/// The names of a folder's mails.
fn files(maildir: &Path) -> Vec<String> {
    let parts = ["new", "cur"].into_iter().filter_map(|part| std::fs::read_dir(maildir.join(part)).ok());
    parts.flatten().map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn mail_is_marked_as_seen_once_it_is_safe() {
    let Some(servers) = Servers::from_env("mail is marked as seen") else { return };
    let shop = Shop::over(&servers, "marked").mailbox("start = \"all\"\nafter = \"seen\"");
    let folder = folder();
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    deliver(&servers, &shop, 1).await;
    let inbox = servers.maildir(&shop.address());
    let seen = || files(&inbox).iter().any(|name| name.split(":2,").nth(1).is_some_and(|flags| flags.contains('S')));
    daemon.until("the mail marked as seen", async || seen()).await;
    daemon.until_settled(1).await;
    daemon.end().await;
}

#[tokio::test]
async fn mail_is_moved_once_it_is_safe() {
    let Some(servers) = Servers::from_env("mail is moved") else { return };
    let shop = Shop::over(&servers, "moved").mailbox("start = \"all\"\nafter = \"move:Handled\"");
    let folder = folder();
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    deliver(&servers, &shop, 1).await;
    deliver(&servers, &shop, 2).await;
    let inbox = servers.maildir(&shop.address());
    let moved = || files(&inbox).is_empty() && files(&inbox.join(".Handled")).len() == 2;
    daemon.until("both mails moved", async || moved()).await;
    assert_eq!(daemon.mails().await.len(), 2);
    daemon.end().await;
}

#[tokio::test]
async fn what_lay_there_before_the_first_contact_is_none_of_our_business() {
    let Some(servers) = Servers::from_env("what lay there before") else { return };
    let (shop, folder) = (Shop::over(&servers, "before").mailbox("start = \"now\""), folder());
    deliver(&servers, &shop, 1).await;
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    let contact = async || {
        let folder = daemon.desk.store.look().await.expect("a look").folder(&MailboxName::new("before"), "INBOX").await;
        folder.expect("a folder").is_some()
    };
    daemon.until("the first contact", contact).await;
    deliver(&servers, &shop, 2).await;
    daemon.until_letters(1, "apology", "sent").await;
    let mails = daemon.mails().await;
    assert_eq!(mails.len(), 1, "{mails:?}");
    assert_eq!(mails[0].settled.as_ref().map(|s| s.disposition), Some(Disposition::CaseNew));
    assert_eq!(daemon.letters().await.iter().filter(|l| l.to.as_str() == "before.1@customer.example").count(), 0);
    daemon.end().await;
}

#[tokio::test]
async fn a_wrong_password_is_told_at_once_and_costs_no_mail() {
    let Some(servers) = Servers::from_env("a wrong password") else { return };
    // Letters leave by the door that asks for no password, so that the admin can be told.
    let smtp = format!("port = {}\ntls = \"none\"\n", servers.port("SMTP"));
    let tls = format!("tls = \"implicit\"\nca_file = \"{}\"\n", servers.value("CERTIFICATE"));
    let imap = format!("port = {}\n{tls}", servers.port("IMAPS"));
    let (mut shop, folder) = (Shop::new("locked", imap, smtp), folder());
    shop.login_out = false;
    std::fs::write(folder.path().join("password"), "wrong\n").expect("a password");
    deliver(&servers, &shop, 1).await;
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    let told = mailbox(&servers, &shop.admin(), 1).await.remove(0);
    assert!(told.contains("password"), "{told}");
    daemon.end().await;
    std::fs::write(folder.path().join("password"), "secret\n").expect("a password");
    let daemon = Daemon::start(&shop, folder.path(), Time::System).await;
    daemon.until_letters(1, "apology", "sent").await;
    assert_eq!(daemon.letters().await.iter().filter(|l| l.letter == "alert").count(), 1);
    daemon.end().await;
}

#[tokio::test]
async fn check_logs_in_everywhere_and_says_where_it_cannot() {
    let Some(servers) = Servers::from_env("check logs in") else { return };
    let road = |port| format!("port = {port}\ntls = \"implicit\"\nca_file = \"{}\"\n", servers.value("CERTIFICATE"));
    let shop = Shop::new("checked", road(servers.port("IMAPS")), road(servers.port("SMTPS")));
    let folder = folder();
    shop.config(folder.path());
    let check = || {
        let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_amends"));
        let done = check.arg("--config").arg(folder.path().join("config.toml")).arg("check").output().expect("it runs");
        (done.status.code(), String::from_utf8(done.stdout).expect("text"))
    };
    let (code, said) = check();
    assert!(code == Some(0) && said.contains("logged in at 127.0.0.1"), "{code:?} {said}");
    assert!(said.contains("connected to 127.0.0.1"), "{said}");
    std::fs::write(folder.path().join("password"), "wrong\n").expect("a password");
    let (code, said) = check();
    assert_eq!((code, said.matches("FAILS").count()), (Some(69), 2), "{said}");
    assert!(said.contains("app password") && !said.contains(".."), "{said}");
}

#[tokio::test]
async fn a_mailbox_s_letters_to_itself_come_back_over_real_servers() {
    let Some(servers) = Servers::from_env("letters to itself") else { return };
    let (shop, folder) = (Shop::over(&servers, "tried"), folder());
    shop.config(folder.path());
    let mut check = std::process::Command::new(env!("CARGO_BIN_EXE_amends"));
    check.arg("--config").arg(folder.path().join("config.toml")).args(["check", "--send"]);
    let done = check.output().expect("it runs");
    let said = String::from_utf8(done.stdout).expect("text");
    assert_eq!(done.status.code(), Some(0), "{said}");
    for words in [
        "a letter to tried@northwind.example came back after",
        "subaddresses are delivered, and stay in To",
        "the envelope stays as we write it: bounces come home",
    ] {
        assert!(said.contains(words), "\"{words}\" is missing:\n{said}");
    }
}
