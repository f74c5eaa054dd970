//! What the large providers really say when they refuse, from scripted servers of theirs: their own words stay, and what
//! to do stands behind them.

use amends::arrive::imap::{Deadlines, ImapError, Session};
use amends::config::{By, Credentials, Endpoint, Grant, Imap, Login, OAuth, Proof, Secret, Smtp, advised};
use amends::deliver::smtp::{self, Attempt, Connection};
use amends::mail::Address;
use amends::oauth::{Keeper, Kept, replace};
use amends::tls::{TlsMode, Trust};
use jiff::Timestamp;

use super::cli::shop::{CONFIG, Shop};
use super::imap_faults::server::{Fault, Script as ImapScript};
use super::oauth::provider::{Provider, json};
use super::smtp_faults::fake::{At, Script, say};

const USER: &str = "support@northwind.example";
const MICROSOFT: &str = "outlook.office365.com";
const GOOGLE: &str = "imap.gmail.com";

fn login() -> Login {
    Login { username: USER.into(), by: By::Password(Secret::new("open sesame")) }
}

/// The server's own words, and then what to do.
fn assert_told(said: &str, words: &str, what: &str) {
    let (theirs, ours) = said.split_once(". What to do: ").unwrap_or_else(|| panic!("no advice: {said}"));
    assert!(theirs.contains(words), "\"{words}\" of the server is missing: {said}");
    assert!(ours.contains(what), "\"{what}\" is not what is told: {said}");
}

async fn imap_refusal(answer: &str, proof: Proof) -> ImapError {
    let (way, capable) = match proof {
        Proof::Password(_) => ("LOGIN ", "IMAP4rev1"),
        Proof::Bearer(_) => ("AUTHENTICATE XOAUTH2", "IMAP4rev1 AUTH=XOAUTH2"),
    };
    let mut script = ImapScript::new(&format!("* OK [CAPABILITY {capable}] ready"));
    script = match proof {
        Proof::Password(_) => script.on(way, answer),
        Proof::Bearer(_) => script.on(way, "+ ").on_more("", answer),
    };
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let _server = script.play(theirs, Fault::None);
    let config = Imap {
        host: "127.0.0.1".into(),
        port: 0,
        tls: TlsMode::None,
        trust: Trust::default(),
        login: login(),
        folder: "INBOX".into(),
        poll: std::time::Duration::from_secs(30),
    };
    let credentials = Credentials { username: USER.into(), proof };
    let session = Session::begin(ours, false, &config, &credentials, &Deadlines::default()).await;
    session.expect_err("it refuses")
}

#[tokio::test]
async fn imap_servers() {
    let password = || Proof::Password(Secret::new("open sesame"));
    let token = || Proof::Bearer(Secret::new("t0ken"));
    for (host, proof, words, what) in [
        (MICROSOFT, password(), "LOGIN failed.", "takes no password any more"),
        (MICROSOFT, token(), "AUTHENTICATE failed.", "IMAP.AccessAsUser.All"),
        (MICROSOFT, token(), "User is authenticated but not connected.", "IMAP is off for this mailbox"),
        (GOOGLE, password(), "[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "app password"),
        (GOOGLE, token(), "[AUTHENTICATIONFAILED] Invalid credentials (Failure)", "scope https://mail.google.com/"),
        (
            GOOGLE,
            password(),
            "[ALERT] Application-specific password required: https://support.google.com/accounts/answer/185833 (Failure)",
            "myaccount.google.com/apppasswords",
        ),
        (
            GOOGLE,
            password(),
            "[ALERT] Please log in via your web browser: https://support.google.com/mail/accounts/answer/78754 (Failure)",
            "by a browser once",
        ),
        (
            GOOGLE,
            token(),
            "[ALERT] IMAP access is disabled for your domain. Please contact your domain administrator for questions \
             about this feature. (Failure)",
            "admin.google.com",
        ),
        (
            GOOGLE,
            password(),
            "[ALERT] Your account is not enabled for IMAP use. Please visit your Gmail settings page and enable your \
             account for IMAP access. (Failure)",
            "Enable IMAP",
        ),
        (GOOGLE, password(), "[ALERT] Too many simultaneous connections. (Failure)", "another program keeps"),
        (GOOGLE, password(), "[OVERQUOTA] Account exceeded command or bandwidth limits. (Failure)", "within a day"),
        (
            "imap.mail.yahoo.com",
            password(),
            "[AUTHENTICATIONFAILED] LOGIN Invalid credentials",
            "Generate app password",
        ),
        ("imap.mail.me.com", password(), "[AUTHENTICATIONFAILED] Authentication failed", "account.apple.com"),
        (
            "imap.fastmail.com",
            password(),
            "[AUTHENTICATIONFAILED] Incorrect username or password",
            "Manage app passwords",
        ),
        ("imap.zoho.eu", password(), "[ALERT] You are yet to enable IMAP for your account.", "Zoho"),
    ] {
        let error = imap_refusal(&format!("{{tag}} NO {words}"), proof).await.to_string();
        let known = words.trim_end_matches('.').split_once("] ").map_or(words.trim_end_matches('.'), |(_, rest)| rest);
        assert_told(&advised(host, &error), &known[..known.len().min(80)], what);
    }
}

async fn smtp_refusal(step: At, answer: &str) -> Attempt {
    let fake = Script::default().at(step, say(&format!("{}\r\n", answer.replace('\n', "\r\n")))).start().await;
    let config = Smtp {
        host: "127.0.0.1".into(),
        port: fake.port,
        tls: TlsMode::None,
        trust: Trust::default(),
        login: Some(login()),
    };
    let credentials = login().by_password();
    let opened = Connection::open(&config, credentials.as_ref(), "amends.example", &smtp::Deadlines::default()).await;
    let mut connection = match opened {
        Ok(connection) => connection,
        Err(attempt) => return attempt,
    };
    let to = Address::parse("klaus@customer.example").expect("an address");
    match connection.offer(Address::parse(USER).as_ref(), &to, 3).await {
        Ok(()) => connection.hand_over(b"a\r\n").await,
        Err(attempt) => attempt,
    }
}

#[tokio::test]
async fn smtp_servers() {
    for (step, answer, kind, words, what) in [
        (
            At::Auth,
            "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit \
             https://aka.ms/smtp_auth_disabled for more information. [FR0P281CA0001.DEUP281.PROD.OUTLOOK.COM]",
            "our_fault",
            "SmtpClientAuthentication is disabled for the Mailbox",
            "Manage email apps, Authenticated SMTP on",
        ),
        (
            At::Auth,
            "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [FR0P281CA0001.PROD.OUTLOOK.COM]",
            "our_fault",
            "basic authentication is disabled",
            "`amends login`",
        ),
        (
            At::Auth,
            "535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated \
             successfully. Contact your administrator. [FR0P281CA0001.PROD.OUTLOOK.COM]",
            "our_fault",
            "did not meet the criteria",
            "Conditional Access",
        ),
        (
            At::Auth,
            "535 5.7.3 Authentication unsuccessful [X.PROD.OUTLOOK.COM]",
            "our_fault",
            "5.7.3",
            "`amends login` again",
        ),
        (
            At::Mail,
            "530 5.7.57 Client not authenticated to send mail. [X.PROD.OUTLOOK.COM]",
            "our_fault",
            "Client not authenticated",
            "smtp.office365.com",
        ),
        (
            At::Dot,
            "554 5.2.252 SendAsDenied; support@northwind.example not allowed to send as info@northwind.example",
            "our_fault",
            "SendAsDenied",
            "Send As",
        ),
        (
            At::Mail,
            "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
            "our_fault",
            "permissions to send as",
            "Delegation",
        ),
        (
            At::Dot,
            "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.",
            "our_fault",
            "traffic not accepted",
            "ask its support",
        ),
        (
            At::Mail,
            "432 4.3.2 Concurrent connections limit exceeded. Visit https://aka.ms/concurrent_sending",
            "later",
            "Concurrent connections",
            "connections = 1",
        ),
        (
            At::Auth,
            "535-5.7.8 Username and Password not accepted. For more information, go to\n\
             535 5.7.8  https://support.google.com/mail/?p=BadCredentials 5b1f17b1804b1-47 - gsmtp",
            "our_fault",
            "Username and Password not accepted",
            "app password",
        ),
        (
            At::Auth,
            "534-5.7.9 Application-specific password required. For more information, go to\n\
             534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor 5b1f17b1804b1-47 - gsmtp",
            "our_fault",
            "Application-specific password required",
            "apppasswords",
        ),
        (
            At::Auth,
            "534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1&scc=1&plt=AKgnsbtGCim6bqtaJeANyyQ0NvegYJS8\n\
             534-5.7.14 qnYbDSCz3M0IMvB-rgIFdr1rLrIl5wbt4DkimTvRMLnldGM2kvmrUKV9HfcGSB8pEYVWKLxfrlCXgdb5dOgI7aU0pIoJ>\n\
             534 5.7.14 Please log in via your web browser and then try again.",
            "our_fault",
            "accounts.google.com",
            "by a browser once",
        ),
        (
            At::Auth,
            "454 4.7.0 Too many login attempts, please try again later. 5b1-47 - gsmtp",
            "later",
            "Too many",
            "wait",
        ),
        (
            At::Greeting,
            "421 4.7.0 Try again later, closing connection. 5b1-47 - gsmtp",
            "later",
            "Try again",
            "per_minute",
        ),
        (
            At::Mail,
            "421 4.3.0 Temporary System Problem. Try again later (10). 5b1-47 - gsmtp",
            "later",
            "Temporary",
            "nothing",
        ),
        (
            At::Dot,
            "550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\n\
             550-5.4.5 sending limits go to\n550 5.4.5  https://support.google.com/a/answer/166852 - gsmtp",
            "our_fault",
            "Daily user sending limit exceeded",
            "wait until tomorrow",
        ),
        (
            At::Auth,
            "535 5.7.0 (#MBR1240) Please verify your account by going to https://login.yahoo.com",
            "our_fault",
            "#MBR1240",
            "Account security",
        ),
        (At::Rcpt, "554 5.7.1 <klaus@customer.example>: Relay access denied", "never", "Relay access denied", "587"),
        (At::Greeting, "* OK [CAPABILITY IMAP4rev1] Dovecot ready.", "later", "", "another service answers"),
    ] {
        let attempt = smtp_refusal(step, answer).await;
        assert_eq!(attempt.word(), kind, "{answer}: {}", attempt.answer());
        assert_told(&advised("", attempt.answer()), words, what);
    }
}

#[tokio::test]
async fn providers_of_tokens() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("support.token");
    for (code, words, what) in [
        ("invalid_grant", "AADSTS50076: Due to a configuration change made by your administrator", "second factor"),
        ("invalid_grant", "AADSTS50079: The user is required to use multi-factor authentication.", "second factor"),
        (
            "access_denied",
            "AADSTS53003: Access has been blocked by Conditional Access policies.",
            "let this app through",
        ),
        ("invalid_grant", "AADSTS65001: The user or administrator has not consented to use the application", "consent"),
        (
            "unauthorized_client",
            "AADSTS700016: Application with identifier was not found in the directory",
            "client_id",
        ),
        ("invalid_client", "AADSTS7000215: Invalid client secret provided.", "value, not its id"),
        ("invalid_grant", "AADSTS70008: The provided refresh token has expired due to inactivity.", "has run out: run"),
        ("invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity.", "it was not used"),
        ("invalid_grant", "AADSTS50034: The user account does not exist in the directory.", "no such account"),
        ("invalid_request", "AADSTS90002: Tenant 'northwind' not found.", "no such tenant"),
        ("invalid_grant", "Token has been expired or revoked.", "`amends login` again"),
        ("invalid_client", "The OAuth client was not found.", "client_id and client_secret"),
    ] {
        let body = format!(r#"{{"error": "{code}", "error_description": "{words}"}}"#);
        let provider = Provider::start(vec![json(400, body.leak())]).await;
        replace(&file, &Kept::new(&Secret::new("r-1"), Timestamp::UNIX_EPOCH, None)).expect("kept");
        let oauth = OAuth {
            grant: Grant::DeviceCode,
            token_url: Endpoint::parse(&format!("http://127.0.0.1:{}/token", provider.port)).expect("an address"),
            login_url: None,
            client_id: "amends".into(),
            client_secret: None,
            scope: "mail".into(),
            token_file: file.clone(),
        };
        let error = Keeper::new(oauth).access(Timestamp::UNIX_EPOCH).await.expect_err("refused").to_string();
        // As the desk and `check` show it: said once.
        assert_eq!(advised(MICROSOFT, &error), error);
        assert_told(&error, words.trim_end_matches('.'), what);
    }
}

#[tokio::test]
async fn check_says_it_for_each_road_of_a_mailbox() {
    let refuses = "{tag} NO [ALERT] Application-specific password required: https://support.google.com/ (Failure)";
    let (imap, _server) = ImapScript::new("* OK [CAPABILITY IMAP4rev1] ready").on("LOGIN ", refuses).listen().await;
    let disabled = "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.\r\n";
    let smtp = Script::default().at(At::Auth, say(disabled)).start().await;
    let shop = Shop::new();
    let road = |kind: &str, port: u16| {
        let password = "password = { file = \"amends.key\" }";
        format!("[mailbox.{kind}]\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"none\"\n{password}\n")
    };
    let servers = format!("{}{}", road("imap", imap.port()), road("smtp", smtp.port));
    shop.configure(&CONFIG.replace("[mailbox.maildir]\ninbox = \"in\"\noutgoing = \"out\"\n", &servers));
    let mut command = shop.command(&["check"]);
    let ran = tokio::task::spawn_blocking(move || command.output()).await.expect("it ends").expect("it runs");
    let said = String::from_utf8(ran.stdout).expect("text");
    assert_eq!(ran.status.code(), Some(69), "{said}");
    for (words, what) in [
        ("Application-specific password required", "What to do: the provider wants an app password"),
        ("SmtpClientAuthentication is disabled for the Tenant", "What to do: authenticated SMTP is off"),
    ] {
        assert!(said.lines().any(|line| line.contains(words) && line.contains(what)), "{words}: {said}");
    }
}
