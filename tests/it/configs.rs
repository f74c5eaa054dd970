//! Bad configurations, one folder each: `config.toml` and the messages expected of it, exactly.
//!
//! On a mismatch `actual.txt` is written beside; a message more or another one fails as well as a missing one.

use std::path::{Path, PathBuf};

use amends::config;
use amends::config::world::Given;

/// The machine that every folder assumes: one password, one key, one file of holidays.
fn world() -> Given {
    Given::default()
        .with_variable("PASSWORD", "hunter2")
        .with_variable("TWO_LINES", "hunter2\nhunter3")
        .with_variable("EMPTY", "")
        .with_file("/desk/amends.key", "VGhpcyBpcyBhIGtleSBmb3IgdGVzdHMgb25seSwgbm90IGZvciB1c2U=")
        .with_file("/desk/short.key", "c2hvcnQ=")
        .with_file("/desk/ca.pem", "no certificate")
        .with_file("/desk/thanksgiving.ics", include_str!("../configs/thanksgiving.ics"))
        .with_command("pass show imap", "hunter2\n")
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configs");
    let entries = std::fs::read_dir(root).expect("tests/configs");
    let mut folders: Vec<PathBuf> = entries.map(|e| e.expect("an entry").path()).filter(|p| p.is_dir()).collect();
    folders.sort();
    folders
}

/// What reading the folder's file says, or that it says nothing.
fn told(folder: &Path) -> String {
    let text = std::fs::read_to_string(folder.join("config.toml")).expect("a config.toml");
    match config::from_text(&text, "config.toml", Path::new("/desk"), &world()) {
        Ok(_) => "no mistakes\n".to_owned(),
        Err(mistakes) => format!("{mistakes}\n"),
    }
}

#[test]
fn every_bad_configuration_is_told_what_is_wrong_with_it() {
    let folders = folders();
    assert!(folders.len() >= 40, "only {} folders", folders.len());
    let mut wrong = Vec::new();
    for folder in &folders {
        let actual = told(folder);
        let expected = std::fs::read_to_string(folder.join("expected.txt")).unwrap_or_default();
        let written = folder.join("actual.txt");
        if actual == expected && actual != "no mistakes\n" {
            continue;
        }
        // Kept out of version control; look at it, and if it is right it is the new expectation.
        std::fs::write(&written, &actual).expect("actual.txt can be written");
        wrong.push(format!("{}\nexpected:\n{expected}actual:\n{actual}", folder.display()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn no_message_repeats_a_secret() {
    for folder in folders() {
        let told = told(&folder);
        assert!(!told.contains("hunter"), "{}: {told}", folder.display());
    }
}

#[test]
fn a_file_that_is_not_there_is_said() {
    let told = config::load(Path::new("/nowhere/config.toml")).expect_err("no file").to_string();
    assert_eq!(
        told,
        "/nowhere/config.toml:1: the file cannot be read: there is none. `amends init` writes one to begin with\n1 mistake in /nowhere/config.toml"
    );
}

const MINIMAL: &str = "[company]\nname = \"N\"\ntimezone = \"Europe/Berlin\"\ncase_prefix = \"NW\"\n\
    [[mailbox]]\naddress = \"support@n.example\"\n[mailbox.maildir]\ninbox = \"in\"\noutgoing = \"out\"\n\
    [[person]]\nname = \"Jane\"\nemail = \"jane@n.example\"\nauthority = true\nteams = [\"care\"]\n";

#[test]
fn a_missing_key_names_the_command_that_makes_it() {
    let told = config::from_text(MINIMAL, "c.toml", Path::new("/desk"), &Given::default()).expect_err("no key");
    assert_eq!(
        told.to_string(),
        "c.toml:1: security.key: the file amends.key cannot be read: there is none. `amends init` makes one\n1 mistake in c.toml"
    );
}

#[test]
fn keys_without_effect_are_told_in_a_line_each() {
    let text = format!(
        "{MINIMAL}may_offer = \"5 EUR\"\n[sla.a]\ncheck_in = \"3d\"\nauto_close = \"9d\"\n[letters]\ntone = \"off\"\n"
    );
    let config = config::from_text(&text, "c.toml", Path::new("/desk"), &world()).expect("no mistakes");
    assert_eq!(
        config.notes,
        [
            "c.toml:15: person[1].may_offer has no effect yet: offers come in a later version",
            "c.toml:17: sla.a.check_in, sla.a.auto_close have no effect yet: the letter after the fix comes with staff replies",
            "c.toml:20: letters.tone has no effect yet: replies are read for their tone once staff can answer by mail",
        ]
    );
}

#[test]
fn a_real_folder_is_read_with_its_key_and_password_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("config.toml", &config::minimal_text().replace("env = \"AMENDS_PASSWORD\"", "file = \"support.password\""));
    write("amends.key", &config::key::make().expect("random"));
    write("support.password", "hunter2\r\n");
    let config = config::load(&folder.path().join("config.toml")).expect("no mistakes");
    assert_eq!(config.security.key.expose().len(), 32);
    let config::Arrive::Imap(imap) = &config.mailboxes[0].arrive else { panic!("by IMAP") };
    assert_eq!(imap.password.expose(), b"hunter2");
    assert_eq!(config.database.url, format!("sqlite:{}", folder.path().join("amends.db").display()));
    assert_eq!(config.letters.folder, None);
}

#[test]
fn a_key_that_everybody_may_read_is_noted() {
    let mut world = world();
    world.public.insert("/desk/amends.key".into());
    let config = config::from_text(MINIMAL, "c.toml", Path::new("/desk"), &world).expect("no mistakes");
    assert_eq!(
        config.notes,
        ["c.toml:1: security.key: every user of this machine may read amends.key; `chmod 600` keeps it yours"]
    );
}

#[test]
fn a_relay_on_this_machine_needs_no_login_and_any_other_has_the_inboxs() {
    let with = |smtp: &str| {
        let road = format!(
            "[mailbox.imap]\nhost = \"i.example\"\nusername = \"u\"\npassword = {{ env = \"PASSWORD\" }}\n[mailbox.smtp]\n{smtp}\n"
        );
        let text = MINIMAL.replace("[mailbox.maildir]\ninbox = \"in\"\noutgoing = \"out\"\n", &road);
        let config = config::from_text(&text, "c.toml", Path::new("/desk"), &world()).expect("no mistakes");
        let config::Leave::Smtp(smtp) = config.mailboxes[0].leave.clone() else { panic!("by SMTP") };
        (smtp.port, smtp.login.map(|(user, password)| (user, password.expose().to_vec())))
    };
    let login = |user: &str| Some((user.to_owned(), b"hunter2".to_vec()));
    assert_eq!(with("host = \"127.0.0.1\"\ntls = \"none\""), (25, None));
    assert_eq!(with("host = \"localhost\"\ntls = \"starttls\"\nusername = \"relay\""), (587, login("relay")));
    assert_eq!(with("host = \"s.example\""), (465, login("u")));
}
