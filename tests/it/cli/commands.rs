//! Commands that answer and end.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use amends::store::Store;
use amends::time::Time;

use super::shop::{CONFIG, Shop, mail};

#[test]
fn init_makes_a_configuration_that_check_takes_and_overwrites_nothing() {
    let shop = Shop::new();
    shop.amends(&["init", "new"]).ok().says("amends check");
    let mode = fs::metadata(shop.path("new/amends.key")).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "the key is private");
    assert!(shop.path("new/templates").is_dir());
    let key = fs::read(shop.path("new/amends.key")).expect("a key");
    shop.amends(&["init", "new"]).with(73).says("is not overwritten");
    assert_eq!(fs::read(shop.path("new/amends.key")).expect("a key"), key);

    let check = ["--config", "new/config.toml", "check", "--offline"];
    shop.amends(&check).with(78).says("AMENDS_PASSWORD").says("1 mistake");
    let with_password = shop.command(&check).env("AMENDS_PASSWORD", "secret").output().expect("it runs");
    let said = String::from_utf8(with_password.stdout).expect("text");
    assert_eq!(with_password.status.code(), Some(0), "{said}");
    assert!(said.contains("Northwind Lamps") && !said.contains("secret"), "{said}");
}

#[test]
fn a_mistake_is_told_with_file_line_and_key_and_every_command_but_deliver_ends_with_78() {
    let shop = Shop::new();
    shop.configure(&CONFIG.replace("timezone", "timezne"));
    for args in [&["check", "--offline"][..], &["run"], &["case", "list"], &["verify"], &["preview", "apology"]] {
        shop.amends(args).with(78).says("config.toml:3: company.timezne: ").says("Did you mean \"timezone\"?");
    }
    shop.piped(&["deliver", "--mailbox", "support"], &mail(1)).with(75).says("company.timezne");
}

#[test]
fn check_writes_every_letter_and_tells_mistakes_in_the_owners_own() {
    let shop = Shop::new();
    shop.amends(&["check"]).ok().says("written as a trial, in en").says("Maildir");
    shop.amends(&["check", "--offline", "--send"]).with(64).says("cannot be used with");
    shop.amends(&["check", "--send"]).ok().says("a mailbox in local folders has no servers to try");
    fs::create_dir_all(shop.path("templates/en")).expect("a folder");
    fs::write(shop.path("templates/en/apology.md"), "Sorry\n\nHello {{nmae}}\n").expect("a letter");
    shop.amends(&["check", "--offline"]).with(78).says("apology.md").says("nmae");
}

#[test]
fn a_server_that_is_not_there_is_told_with_its_mailbox_and_ends_check_with_69() {
    let shop = Shop::new();
    // A port that was free a moment ago, and that nobody listens on.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a port").port();
    let road = |kind: &str| {
        format!(
            "[mailbox.{kind}]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\npassword = {{ env = \"PW\" }}\n"
        )
    };
    let servers = format!("{}{}", road("imap"), road("smtp"));
    shop.configure(&CONFIG.replace("[mailbox.maildir]\ninbox = \"in\"\noutgoing = \"out\"\n", &servers));
    let output = shop.command(&["check"]).env("PW", "x").output().expect("it runs");
    let said = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert_eq!(said.matches("FAILS").count(), 2, "{said}");
}

#[tokio::test]
async fn deliver_stores_a_mail_once_and_tells_the_mta_what_it_cannot_do() {
    let shop = Shop::new();
    let deliver = ["deliver", "--mailbox", "support"];
    for _ in 0..2 {
        let ran = shop.piped(&deliver, &mail(1)).ok();
        assert_eq!(ran.out, "", "an MTA would put it into a bounce");
    }
    let url = format!("sqlite:{}", shop.path("amends.db").display());
    let now = Time::System.now();
    let store = Store::open(&url, now).await.expect("opens");
    let waiting = store.look().await.expect("a look").pending(10, now).await.expect("mails");
    assert_eq!(waiting.len(), 1, "the same bytes twice are one mail");
    assert_eq!(waiting[0].raw, mail(1));
    store.close().await;

    shop.piped(&deliver, b"").with(65).says("no mail");
    shop.piped(&["deliver", "--mailbox", "sales"], &mail(1)).with(66).says("there are: support");
    fs::remove_file(shop.path("amends.db")).expect("gone");
    fs::create_dir(shop.path("amends.db")).expect("a folder in its place");
    shop.piped(&deliver, &mail(2)).with(75);
}

#[test]
fn a_command_that_looks_makes_no_database_and_needs_no_password() {
    let shop = Shop::new();
    shop.amends(&["init", "new"]).ok();
    let config = "new/config.toml";
    for args in [&["case", "list"][..], &["outbox", "list"], &["verify"], &["case", "show", "NW-1001"]] {
        let args = [&["--config", config][..], args].concat();
        shop.amends(&args).with(66).says("`amends run` makes it");
    }
    assert!(!shop.path("new/amends.db").exists());
    shop.amends(&["--config", config, "preview", "apology"]).ok().says("Northwind Lamps");
}

#[test]
fn an_empty_desk_says_so() {
    let shop = Shop::new();
    shop.piped(&["deliver", "--mailbox", "support"], &mail(1)).ok();
    shop.amends(&["case", "list"]).ok().says("No open cases.");
    shop.amends(&["outbox", "list"]).ok().says("No letter waits.");
    shop.amends(&["outbox", "retry"]).ok().says("No letter is deferred or held.");
    shop.amends(&["verify"]).ok().says("Every invariant holds.");
    for args in [["case", "list", "--json"], ["outbox", "list", "--json"], ["case", "list", "--json"]] {
        assert_eq!(shop.amends(&args).ok().json(), serde_json::json!([]));
    }
    shop.amends(&["case", "show", "NW-7"]).with(66).says("no case NW-7");
    shop.amends(&["case", "explain", "lamp"]).with(66).says("NW-1001");
    shop.amends(&["outbox", "drop", "7"]).with(66).says("no letter 7");
}

#[test]
fn a_letter_is_previewed_in_all_its_situations() {
    let shop = Shop::new();
    let ran = shop.amends(&["preview", "holding"]).ok();
    assert!(ran.out.matches("Subject: ").count() >= 3, "{}", ran.out);
    shop.amends(&["preview", "apology", "--html", "page.html"]).ok().says("page-2.html");
    let page = fs::read_to_string(shop.path("page.html")).expect("a page");
    assert!(page.contains("<html") && page.contains("Northwind Lamps"));
    shop.amends(&["preview", "apolgy"]).with(66).says("there are: ").says("apology");
    shop.amends(&["preview", "apology", "--lang", "tlh"]).with(66).says("there are: en");
}

#[test]
fn a_neglected_case_is_simulated_up_the_ladder() {
    let shop = Shop::new();
    let asked = ["simulate", "--sla", "standard", "--opened", "2026-11-20 22:40"];
    let told = shop.amends(&asked).ok();
    // Friday night: four working hours from Monday 9:00.
    for words in [
        "Fri 2026-11-20 22:40",
        "first answer is due Mon 2026-11-23 13:00",
        "Mon 2026-11-23 13:00  first answer is overdue",
        "letter holding to the customer",
        "rings mei: first answer",
        "rings jane: first answer",
        "resolution is overdue",
    ] {
        assert!(told.out.contains(words), "\"{words}\" is missing in\n{}", told.out);
    }
    let list = shop.amends(&[&asked[..], &["--json"]].concat()).ok().json();
    let at: Vec<&str> = list.as_array().expect("an array").iter().filter_map(|m| m["at"].as_str()).collect();
    assert!(at.len() > 8 && at.is_sorted() && at[0] == "2026-11-20T21:40:00Z", "{at:?}");
    shop.amends(&["simulate", "--sla", "gold"]).with(66).says("there are: ");
    shop.amends(&["simulate", "--sla", "standard", "--opened", "soon"]).with(64).says("2026-11-20 22:40");
}

#[test]
fn what_cannot_be_read_as_arguments_is_64_and_help_is_no_mistake() {
    let shop = Shop::new();
    for args in
        [&["bogus"][..], &[], &["case"], &["deliver"], &["run", "--rehearse", "nobody"], &["completions", "abc"]]
    {
        shop.amends(args).with(64);
    }
    let help = shop.amends(&["--help"]).ok();
    for command in [
        "init", "check", "login", "run", "deliver", "inspect", "preview", "simulate", "case", "outbox", "parked",
        "verify",
    ] {
        assert!(help.out.lines().any(|l| l.trim_start().starts_with(command)), "{command}:\n{}", help.out);
    }
    shop.amends(&["--version"]).ok().says("amends ");
}

#[test]
fn completions_know_the_commands_of_every_shell() {
    let shop = Shop::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        shop.amends(&["completions", shell]).ok().says("simulate");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let shop = Shop::new();
    let mail = shop.path("a.eml");
    fs::write(&mail, self::mail(1)).expect("a mail");
    for args in [&["completions", "bash"][..], &["--help"], &["inspect", "a.eml"], &["check", "--offline"]] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let output = shop.command(args).stdout(writer).output().expect("it runs");
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""), "{args:?}");
    }
}
