//! `amends login`, as an admin meets it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::super::cli::shop::{CONFIG, Shop};
use super::provider::{Provider, json};

/// A mailbox that logs in by OAuth at this provider.
fn by_oauth(port: u16, grant: &str) -> String {
    let oauth = format!(
        "oauth2 = {{ client_id = \"amends\", grant = \"{grant}\", token_url = \"http://127.0.0.1:{port}/token\", \
         login_url = \"http://127.0.0.1:{port}/device\", scope = \"mail\" }}"
    );
    let road = format!("[mailbox.imap]\nhost = \"127.0.0.1\"\nport = 1\ntls = \"none\"\n{oauth}\n");
    CONFIG.replace("[mailbox.maildir]\ninbox = \"in\"\n", &format!("{road}[mailbox.maildir]\n"))
}

#[tokio::test]
async fn a_person_enters_a_code_and_the_login_is_kept() {
    let code = r#"{"device_code": "d", "user_code": "ABCD-EFGH", "verification_uri": "https://login.example/device", "interval": 0}"#;
    let tokens = r#"{"access_token": "a", "refresh_token": "r-1", "refresh_token_expires_in": 604800}"#;
    let provider =
        Provider::start(vec![json(200, code), json(400, r#"{"error": "authorization_pending"}"#), json(200, tokens)])
            .await;
    let shop = Shop::new();
    shop.configure(&by_oauth(provider.port, "device_code"));
    let mut command = shop.command(&["login", "support@northwind.example"]);
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it runs");
    let said = String::from_utf8(ran.stdout).expect("text");
    assert_eq!(ran.status.code(), Some(0), "{said}");
    for words in ["https://login.example/device", "ABCD-EFGH", "Logged in", "log in again before"] {
        assert!(said.contains(words), "\"{words}\" is missing in {said}");
    }
    assert!(!said.contains("r-1"));
    let file = shop.path("support.token");
    assert_eq!(fs::metadata(&file).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(fs::read_to_string(file).expect("text").contains("r-1"));
}

#[test]
fn who_need_not_or_cannot_log_in_is_told() {
    let shop = Shop::new();
    shop.amends(&["login", "support"]).with(65).says("logs in by password");
    shop.amends(&["login", "sales"]).with(66).says("there are: support");
    shop.configure(&by_oauth(1, "client_credentials"));
    shop.amends(&["login", "support"]).with(78).says("client_secret").says("whole login");
    shop.configure(&by_oauth(1, "device_code").replace("http://127.0.0.1:1/token", "http://login.example/token"));
    shop.amends(&["login", "support"]).with(78).says("https only");
}
