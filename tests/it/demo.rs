//! `amends demo` as a newcomer runs it: the binary, a folder, and what is left in it.

use std::path::Path;
use std::process::{Command, Output};

use amends::config;
use amends::decide::case::Outcome;
use amends::store::Store;
use amends::store::cases::CaseFilter;
use amends::store::verify::verify;

/// What the story must show, in its order.
const SCENES: &[&str] = &[
    "A lamp fails for the second time                   Friday 20 November, 23:40",
    "We are sorry.",
    "writes to you by Monday, 14:00",
    "The desk opens                                     Monday 23 November, 09:00",
    "→ Mei Tan        Today: 1 customer is to hear from you, by 14:00",
    "The date has passed                                Monday 23 November, 14:00",
    "→ Lena Voss      Decide by 15:00",
    "Subject: We owe you an answer [NW-1001]",
    "Lena has not taken it                              Monday 23 November, 15:00",
    "To: jane@northwind.example",
    "Somebody only asks something                      Tuesday 24 November, 15:30",
    "→ Rosa Diaz      Re: Do you send to Portugal? [NW-1002]",
    "She writes again                                  Tuesday 24 November, 16:05",
    "the mail joins case NW-1002",
    "Tom answers, and is done                          Tuesday 24 November, 16:20",
    "From: Tom Weber",
    "The second date has passed                        Tuesday 24 November, 17:30",
    "→ Klaus Berger   Still no answer for you [NW-1001]",
    "A new day                                       Wednesday 25 November, 09:00",
    "Subject: Jane Okafor has been asked to step in [NW-1001]",
    "Lena takes it                                   Wednesday 25 November, 09:20",
    "A person writes at last                         Wednesday 25 November, 09:45",
    "From: Lena Voss",
    "Your 89 euros went back to you this morning",
    "Does it hold?                                      Tuesday 1 December, 17:30",
    "It does not                                      Wednesday 2 December, 09:30",
    "We told you that it was mended, and it is not.",
    "A digit was wrong                                Wednesday 2 December, 10:30",
    "Asked once more                                     Monday 7 December, 17:30",
    "It holds                                            Monday 7 December, 18:05",
    "It holds: thank you for telling us.",
    "The timeline of NW-1001",
    "recovered",
    "9 mails; each lies in exactly one of 2 cases",
    "31 letters: 12 to customers, 19 to colleagues",
    "every rule holds",
    " init",
];

fn demo(keep: &Path) -> Output {
    let demo = Command::new(env!("CARGO_BIN_EXE_amends")).args(["demo", "--fast", "--keep"]).arg(keep).output();
    demo.expect("the binary runs")
}

fn told(output: &Output) -> String {
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).expect("text")
}

#[test]
fn the_story_is_told_scene_by_scene_within_eighty_columns() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = parent.path().join("story");
    let story = told(&demo(&folder));
    let mut rest = story.as_str();
    for words in SCENES {
        let at = rest.find(words).unwrap_or_else(|| panic!("{words:?} is not told, or too early, in:\n{story}"));
        rest = &rest[at + words.len()..];
    }
    assert!(!story.contains('\u{1b}'), "no colours into a pipe");
    let here = folder.canonicalize().expect("it is there").display().to_string();
    for line in story.lines().filter(|line| !line.contains(&here) && !line.contains(env!("CARGO_BIN_EXE_amends"))) {
        assert!(line.chars().count() <= 80 && line.trim_end() == line, "{line:?}");
    }
}

#[test]
fn the_story_is_the_same_each_time() {
    let parent = tempfile::tempdir().expect("a folder");
    let tell = |name: &str| {
        let folder = parent.path().join(name);
        let story = told(&demo(&folder));
        story.replace(&folder.canonicalize().expect("it is there").display().to_string(), "DIR")
    };
    assert_eq!(tell("first"), tell("second"));
}

#[test]
fn everything_is_left_to_be_read_and_played_on() {
    let folder = tempfile::tempdir().expect("a folder");
    told(&demo(folder.path()));
    let count = |of: &str| std::fs::read_dir(folder.path().join(of)).expect(of).count();
    assert_eq!(count("mail/outgoing/new"), 31);
    assert_eq!((count("mail/inbox/new"), count("mail/inbox/cur")), (0, 9), "mail that is safe is moved to cur");
    assert_eq!(count("letters"), 32, "the letters and an index");
    let read = |name: &str| std::fs::read_to_string(folder.path().join("letters").join(name)).expect(name);
    assert!(read("01-apology-to-klaus.html").contains("We are sorry."));
    let index = read("index.html");
    for entry in std::fs::read_dir(folder.path().join("letters")).expect("letters") {
        let name = entry.expect("an entry").file_name().into_string().expect("a name");
        assert!(name == "index.html" || index.contains(&format!("href=\"{name}\"")), "{name} is not in the index");
    }
    let file = folder.path().join("config.toml");
    let ask = |words: &[&str]| {
        let amends = Command::new(env!("CARGO_BIN_EXE_amends")).arg("--config").arg(&file).args(words).output();
        told(&amends.expect("the binary runs"))
    };
    let list = ask(&["case", "list", "--all"]);
    assert!(list.contains("NW-1001") && list.contains("NW-1002"), "{list}");
    let explained = ask(&["case", "explain", "NW-1001"]);
    assert!(explained.contains("first answer") || explained.contains("first_response"), "{explained}");
    ask(&["verify"]);
    let config = config::load(&file).unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let now = "2026-12-08T08:00:00Z".parse().expect("an instant");
        let store = Store::open(&config.database.url, now).await.expect("the store opens");
        assert_eq!(verify(&store).await.expect("verify runs"), []);
        let cases = store.look().await.expect("a look").list_cases(&CaseFilter::default()).await.expect("cases");
        let mut mails: Vec<(i64, usize)> = cases.iter().map(|case| (case.id.0, case.mails.len())).collect();
        mails.sort();
        assert_eq!(mails, [(1001, 6), (1002, 3)], "answers and taps join their cases");
        assert!(
            cases.iter().all(|case| case.is_closed()) && cases.iter().any(|c| c.outcome == Some(Outcome::Recovered))
        );
        store.close().await;
    });
}

#[test]
fn a_folder_that_holds_something_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("config.toml"), "mine").expect("a file");
    let refused = demo(folder.path());
    assert_eq!(refused.status.code(), Some(73));
    let says = String::from_utf8_lossy(&refused.stderr);
    assert!(says.contains("is not empty") && refused.stdout.is_empty(), "{says}");
    assert_eq!(std::fs::read_to_string(folder.path().join("config.toml")).expect("still there"), "mine");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
}

#[test]
fn the_story_is_told_once_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    told(&demo(folder.path()));
    assert_eq!(demo(folder.path()).status.code(), Some(73));
}
