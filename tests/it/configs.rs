//! Bad configurations, one folder each: `config.toml` and the messages expected of it, exactly.
//!
//! On a mismatch `actual.txt` is written beside; a message more or another one fails as well as a missing one.

use std::path::{Path, PathBuf};

use amends::config;
use amends::config::world::Given;
use amends::decide::policy::{Purpose, RungTo};

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
        "{MINIMAL}may_offer = \"5 EUR\"\n[[kind]]\nname = \"k\"\nwords = {{ en = [\"glare\"] }}\nsays = {{ en = \"a k\"}}\ndesign_team = \"care\"\ntrend = {{ customers = 5, within = \"7d\" }}\n[letters]\ntone = \"off\"\n"
    );
    let config = config::from_text(&text, "c.toml", Path::new("/desk"), &world()).expect("no mistakes");
    assert_eq!(
        config.notes,
        [
            "c.toml:15: person[1].may_offer has no effect yet: offers come in a later version",
            "c.toml:20: kind[1].design_team, kind[1].trend have no effect yet: trends come in a later version",
            "c.toml:23: letters.tone has no effect yet: replies are read for their tone in a later version",
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
    assert_eq!(imap.login.by, config::By::Password(config::Secret::new("hunter2")));
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
        (smtp.port, smtp.login.map(|login| (login.username, login.by)))
    };
    let login = |user: &str| Some((user.to_owned(), config::By::Password(config::Secret::new("hunter2"))));
    assert_eq!(with("host = \"127.0.0.1\"\ntls = \"none\""), (25, None));
    assert_eq!(with("host = \"localhost\"\ntls = \"starttls\"\nusername = \"relay\""), (587, login("relay")));
    assert_eq!(with("host = \"s.example\""), (465, login("u")));
}

/// The minimal file at the head of the interface, with the password that this version needs.
const HOUSE: &str = r#"
[company]
name = "Northwind Lamps"
timezone = "Europe/Berlin"
case_prefix = "NW"
[[mailbox]]
address = "support@northwind.example"
provider = "microsoft365"
[mailbox.imap]
password = { env = "PASSWORD" }
[[person]]
name = "Mei Tan"
email = "mei@northwind.example"
may_offer = "50 EUR"
[[person]]
name = "Jörg Weber"
email = "joerg@northwind.example"
teams = ["warehouse"]
[[person]]
name = "Jane Okafor"
email = "jane@northwind.example"
authority = true
"#;

fn house(more: &str) -> config::Config {
    let text = format!("{HOUSE}{more}");
    config::from_text(&text, "c.toml", Path::new("/desk"), &world()).unwrap_or_else(|m| panic!("{m}"))
}

#[test]
fn the_minimal_file_is_filled_by_its_defaults() {
    let config = house("");
    let policy = &config.policy;
    let ids: Vec<&str> = policy.people.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(ids, ["mei", "jörg", "jane"]);
    let teams: Vec<(&str, Purpose, &str)> =
        policy.teams.iter().map(|t| (t.name.as_str(), t.purpose, t.lead.as_ref().map_or("", |l| l.as_str()))).collect();
    assert_eq!(teams, [("care", Purpose::Support, "mei"), ("warehouse", Purpose::Fix, "jörg")]);
    let rungs: Vec<&RungTo> = policy.slas["standard"].ladder.iter().map(|r| &r.to).collect();
    assert_eq!(rungs, [&RungTo::Owner, &RungTo::Lead, &RungTo::Authority]);
    let config::Leave::Smtp(smtp) = &config.mailboxes[0].leave else { panic!("by SMTP") };
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("smtp.office365.com", 587, amends::tls::TlsMode::StartTls));
    assert_eq!(config.mailboxes[0].envelope, config::Envelope::Plain);
    assert!(config.notes[0].contains("Microsoft 365 refuses passwords in most tenants"), "{:?}", config.notes);
}

#[test]
fn a_kind_of_the_file_stands_between_the_built_in_ones() {
    let config = house(
        "[[kind]]\nname = \"parcel\"\nwords = { en = [\"Parcel\", \"  never   arrived \"] }\n\
         [[kind]]\nname = \"danger\"\nwords = { en = [\"splinter*\"] }\n\
         [[kind]]\nname = \"other\"\nsays = { en = \"trouble with a lamp\" }\n",
    );
    let kinds = &config.policy.kinds;
    assert_eq!(kinds.iter().map(|k| k.name.as_str()).collect::<Vec<_>>(), ["danger", "legal", "parcel", "other"]);
    assert!(kinds[0].danger && kinds[0].words["en"] == ["splinter*"] && kinds[0].words["de"].len() > 10);
    assert_eq!(kinds[2].words["en"], ["parcel", "never arrived"]);
    assert_eq!(kinds[3].says["en"], "trouble with a lamp");
}

#[test]
fn hours_follow_the_first_mailboxs_sla() {
    let shop = "[calendar.shop]\nsat = [\"10:00-14:00\"]\n[sla.standard]\ncalendar = \"shop\"\n";
    assert!(house(shop).policy.people.iter().all(|p| p.hours == "shop"));
    let holidays =
        "[calendar.office]\nmon = [\"13:00-17:00\", \"09:00-12:00\"]\nholidays = [\"12-25\", \"2026-04-06\"]\n";
    let office = &house(holidays).policy.calendars["office"];
    assert_eq!(office.week.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 0, 0, 0, 0, 0]);
    assert!(office.week[0][0].open < office.week[0][1].open);
    assert_eq!((office.yearly_holidays.len(), office.holidays.len()), (1, 1));
}

#[test]
fn a_borrowed_ladder_is_the_lenders() {
    let config = house(
        "[sla.vip]\n[[sla.vip.escalation]]\nat = \"50%\"\nto = \"jane\"\n\
         [sla.a]\nladder = \"b\"\n[sla.b]\nladder = \"vip\"\n[sla.c]\n",
    );
    let ladder = |name: &str| config.policy.slas[name].ladder.clone();
    assert_eq!((ladder("a"), ladder("c")), (ladder("vip"), ladder("standard")));
    assert_eq!(ladder("a").len(), 1);
}
