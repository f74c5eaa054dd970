//! Login by OAuth against a scripted provider: what is asked, what is kept, and what an admin is told.

mod command;
mod ending;
pub mod provider;

use std::path::Path;

use amends::config::{By, Endpoint, Grant, Login, OAuth, Proof, Secret};
use amends::oauth::{Code, Keeper, Kept, OAuthError, Page, Visit, kept, replace};
use jiff::Timestamp;
use provider::{Answer, Provider, json};
use tempfile::TempDir;

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn url(port: u16, path: &str) -> Endpoint {
    Endpoint::parse(&format!("http://127.0.0.1:{port}{path}")).expect("an address")
}

fn config(provider: &Provider, grant: Grant, folder: &Path) -> OAuth {
    OAuth {
        grant,
        token_url: url(provider.port, "/token"),
        login_url: Some(url(provider.port, "/login")),
        client_id: "amends".into(),
        client_secret: None,
        scope: "mail offline_access".into(),
        token_file: folder.join("support.token"),
    }
}

fn logged_in(folder: &TempDir, refresh: &str) {
    let login = Kept::new(&Secret::new(refresh), at("2026-11-01T00:00:00Z"), None);
    replace(&folder.path().join("support.token"), &login).expect("kept");
}

#[tokio::test]
async fn a_token_is_renewed_in_time_and_a_new_refresh_token_is_on_the_disk_first() {
    let provider = Provider::start(vec![
        json(200, r#"{"access_token": "one", "expires_in": 3600, "refresh_token": "r-2"}"#),
        json(200, r#"{"access_token": "two", "expires_in": 3600}"#),
    ])
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    logged_in(&folder, "r-1");
    let keeper = Keeper::new(config(&provider, Grant::DeviceCode, folder.path()));
    for (now, token) in [("10:00", "one"), ("10:54", "one"), ("10:56", "two"), ("11:50", "two")] {
        let access = keeper.access(at(&format!("2026-11-22T{now}:00Z"))).await.expect("a token");
        assert_eq!(access.expose(), token.as_bytes(), "{now}");
    }
    let forms = provider.forms();
    assert_eq!(forms.len(), 2, "what is at hand is not asked for");
    for (form, refresh) in forms.iter().zip(["r-1", "r-2"]) {
        assert_eq!(form["grant_type"], "refresh_token");
        assert_eq!((form["client_id"].as_str(), form["refresh_token"].as_str()), ("amends", refresh));
        assert!(!form.contains_key("client_secret"));
    }
    let login = kept(&folder.path().join("support.token")).expect("read").expect("a login");
    assert_eq!(login.since, at("2026-11-01T00:00:00Z"), "somebody logged in then, and nobody since");
    keeper.forget().await;
    let error = keeper.access(at("2026-11-22T11:51:00Z")).await.expect_err("the provider is gone");
    assert!(!error.needs_a_person(), "{error}");
}

#[tokio::test]
async fn a_client_that_is_its_own_login_needs_nobody() {
    let provider = Provider::start(vec![json(200, r#"{"access_token": "a", "expires_in": 60}"#); 2]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let secret = Some(Secret::new("s3cret"));
    let config = OAuth { client_secret: secret, ..config(&provider, Grant::ClientCredentials, folder.path()) };
    let keeper = Keeper::new(config);
    for _ in 0..2 {
        keeper.access(at("2026-11-22T10:00:00Z")).await.expect("a token");
    }
    let forms = provider.forms();
    assert_eq!(forms.len(), 2, "a token of a minute is not kept");
    assert_eq!(forms[0]["grant_type"], "client_credentials");
    assert_eq!((forms[0]["client_secret"].as_str(), forms[0]["scope"].as_str()), ("s3cret", "mail offline_access"));
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test]
async fn without_a_login_or_with_one_that_is_void_a_person_is_told_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let words = r#"{"error": "invalid_grant", "error_description": "AADSTS700082: expired due to inactivity"}"#;
    let provider = Provider::start(vec![json(400, words)]).await;
    let keeper = Keeper::new(config(&provider, Grant::DeviceCode, folder.path()));
    let now = at("2026-11-22T10:00:00Z");
    let error = keeper.access(now).await.expect_err("nobody has logged in");
    assert!(matches!(error, OAuthError::NotLoggedIn { .. }) && error.needs_a_person(), "{error}");
    logged_in(&folder, "r-1");
    let error = keeper.access(now).await.expect_err("refused");
    assert!(error.needs_a_person(), "{error}");
    assert!(error.to_string().contains("was not used: run `amends login` again"), "{error}");
    assert!(!format!("{error:?}").contains("r-1"));
}

#[tokio::test]
async fn what_is_no_answer_of_a_provider_is_weather_and_leaves_the_login_alone() {
    let answers = vec![
        Answer::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>".to_vec()),
        Answer::Raw(b"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n".to_vec()),
        Answer::Raw(b"220 mx.example ESMTP\r\n".to_vec()),
        Answer::Raw(Vec::new()),
        Answer::Raw([b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n".to_vec(), vec![b' '; 400_000]].concat()),
        json(200, r#"{"token_type": "Bearer"}"#),
    ];
    let (count, provider) = (answers.len(), Provider::start(answers).await);
    let folder = tempfile::tempdir().expect("a folder");
    logged_in(&folder, "r-1");
    let keeper = Keeper::new(config(&provider, Grant::DeviceCode, folder.path()));
    for n in 0..count {
        let error = keeper.access(at("2026-11-22T10:00:00Z")).await.expect_err("no token");
        assert!(matches!(error, OAuthError::Garbled { .. }) && !error.needs_a_person(), "{n}: {error}");
    }
    assert_eq!(provider.forms().len(), count);
    assert!(kept(&folder.path().join("support.token")).expect("read").is_some());
}

#[tokio::test]
async fn a_code_is_shown_and_waited_for() {
    let code = r#"{"device_code": "d-1", "user_code": "WDJB-MJHT", "verification_uri": "https://login.example/device",
                   "expires_in": 900, "interval": 0}"#;
    let provider = Provider::start(vec![
        json(200, code),
        json(400, r#"{"error": "authorization_pending"}"#),
        json(400, r#"{"error": "authorization_pending"}"#),
        json(200, r#"{"access_token": "a", "refresh_token": "r-1", "refresh_token_expires_in": 604800}"#),
    ])
    .await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(&provider, Grant::DeviceCode, folder.path());
    let code = Code::ask(&config, config.login_url.as_ref().expect("one")).await.expect("a code");
    assert_eq!((code.page.as_str(), code.code.as_str()), ("https://login.example/device", "WDJB-MJHT"));
    let login = code.entered(&config, || at("2026-11-22T10:00:00Z")).await.expect("a login");
    assert_eq!(login.until, Some(at("2026-11-29T10:00:00Z")));
    let forms = provider.forms();
    assert_eq!(forms[0]["scope"], "mail offline_access");
    assert_eq!(forms[3]["grant_type"], "urn:ietf:params:oauth:grant-type:device_code");
    assert_eq!(forms[3]["device_code"], "d-1");
}

#[tokio::test]
async fn a_no_in_the_browser_and_a_login_that_would_end_soon_are_told() {
    let code = r#"{"device_code": "d", "user_code": "u", "verification_uri": "https://x", "interval": 0}"#;
    for (answer, says) in [
        (json(400, r#"{"error": "access_denied"}"#), "said no"),
        (json(400, r#"{"error": "expired_token"}"#), "not entered in time"),
        (json(200, r#"{"access_token": "a"}"#), "offline access in scope"),
    ] {
        let provider = Provider::start(vec![json(200, code), answer]).await;
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(&provider, Grant::DeviceCode, folder.path());
        let code = Code::ask(&config, config.login_url.as_ref().expect("one")).await.expect("a code");
        let error = code.entered(&config, || at("2026-11-22T10:00:00Z")).await.expect_err(says);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_browser_comes_back_with_a_code_that_only_we_can_use() {
    let provider = Provider::start(vec![json(200, r#"{"access_token": "a", "refresh_token": "r-1"}"#)]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let config = config(&provider, Grant::AuthorizationCode, folder.path());
    let page = Page::open(&config, config.login_url.as_ref().expect("one")).await.expect("a page");
    let asked = provider::query(&page.address);
    let redirect = &asked["redirect_uri"];
    let back = |query: &str| format!("{redirect}?{query}");

    assert_eq!(page.visit(&back("code=evil&state=guessed")), Visit::Other, "an answer that nobody asked for");
    assert_eq!(page.visit("http://127.0.0.1/favicon.ico"), Visit::Other);
    let no = back(&format!("error=access_denied&state={}", asked["state"]));
    assert_eq!(page.visit(&no), Visit::No("access_denied".into()));

    let (visited, ()) = tokio::join!(page.visited(), async {
        provider::get(&back("code=stray&state=other")).await;
        provider::get(&back(&format!("code=c%2F1&state={}", asked["state"]))).await;
    });
    let Ok(Visit::Code(code)) = visited else { panic!("{visited:?}") };
    page.logged_in(&config, &code, at("2026-11-22T10:00:00Z")).await.expect("a login");
    let form = &provider.forms()[0];
    assert_eq!((form["code"].as_str(), &form["redirect_uri"]), ("c/1", redirect));
    assert_eq!(provider::s256(&form["code_verifier"]), asked["code_challenge"], "RFC 7636 section 4.6");
}

#[test]
fn a_login_by_oauth_has_no_password_to_show() {
    let folder = tempfile::tempdir().expect("a folder");
    let provider = Provider { port: 1, forms: Default::default() };
    let by = By::OAuth(Box::new(config(&provider, Grant::DeviceCode, folder.path())));
    assert_eq!(Login { username: "support@northwind.example".into(), by }.by_password(), None);
    assert!(!format!("{:?}", Proof::Bearer(Secret::new("t0ken"))).contains("t0ken"));
}
