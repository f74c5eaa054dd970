//! Commands that were written wrong, by every finger that slips by one key: nothing of such a mail happens, and the
//! customer receives no line of it. Signs that only look otherwise (a capital, a full-width `#`, blanks before it) are
//! the command itself, and no customer receives those either.
//!
//! What only looks like a command (`# take` may be a heading, a misspelt one below other words a hashtag) waits for its
//! writer's word.

use amends::arrive::parse::plain_body;
use amends::decide::case::{Case, Door};
use amends::decide::command::{FORMS, Form};
use amends::decide::decide;
use amends::decide::effect::{Effect, Letter, Recipient};
use amends::decide::event::{Event, Incoming, Proof, StaffMail};

use super::story::{Story, house, staff_mail};

/// Each command as it would be written. One that is new here gets words that no customer must read.
fn written() -> Vec<(&'static str, &'static str)> {
    let argument = |form: &Form| match form.word() {
        "assign" => " ben",
        "update" => " it is on its way",
        "wait" => " 3d",
        "priority" => " high",
        "kind" => " delivery",
        "fixed" => "",
        _ if form.form.contains(' ') => " he is a nuisance",
        _ => "",
    };
    FORMS.iter().map(|form| (form.word(), argument(form))).collect()
}

const KEYS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// Where the line stands: first, in the middle and last of a block, alone, and before words.
const BLOCKS: [&str; 6] = [
    "{}\n#priority high\n#help\n\nDear Klaus, it comes.",
    "#priority high\n{}\n#help\n\nDear Klaus, it comes.",
    "#priority high\n#help\n{}\n\nDear Klaus, it comes.",
    "{}",
    "{}\nDear Klaus, it comes.",
    "\n\n{}\n\nDear Klaus,\n\nit comes.\n",
];

/// Deleted, swapped with the next, doubled, or another key beside it.
fn misspelt(word: &str) -> Vec<String> {
    let mut all = Vec::new();
    for (at, letter) in word.char_indices() {
        let (before, behind) = (&word[..at], &word[at + 1..]);
        all.push(format!("{before}{behind}"));
        all.push(format!("{before}{letter}{letter}{behind}"));
        if let Some(next) = behind.chars().next() {
            all.push(format!("{before}{next}{letter}{}", &behind[1..]));
        }
        all.extend(beside(letter).into_iter().map(|key| format!("{before}{key}{behind}")));
    }
    let known = |typo: &String| FORMS.iter().any(|form| form.word() == typo);
    all.retain(|typo| typo != word && !known(typo));
    all
}

fn beside(letter: char) -> Vec<char> {
    let row = KEYS.iter().find(|row| row.contains(letter)).expect("a key");
    let at = row.find(letter).expect("its place");
    let keys: Vec<char> = row.chars().collect();
    [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|n| keys.get(n).copied()).collect()
}

/// As the parser hands it on: quoted lines are gone.
fn mail_of(words: &str, proof: Proof) -> StaffMail {
    let unquoted: String =
        words.lines().filter(|line| !line.starts_with('>')).map(|line| format!("{line}\n")).collect();
    let new = plain_body(unquoted.as_bytes()).1;
    StaffMail { proof, door: Door::Reply, goes_out: new.clone(), ..staff_mail("anna", &new) }
}

/// What the customer receives of the mail, and the case after it.
fn received(story: &Story, mail: StaffMail) -> (Option<String>, Case) {
    let goes_out = mail.goes_out.clone();
    let now = story.at("2026-11-18 11:00");
    let mail = StaffMail { mail: Incoming { at: now, ..mail.mail }, ..mail };
    let decided = decide(&story.policy, &story.facts, story.case.clone(), &Event::Staff(mail), now);
    let mut words = None;
    for effect in &decided.effects {
        let Effect::Write(order) = effect else { continue };
        if !matches!(order.to, Recipient::Participant(_)) {
            continue;
        }
        words = Some(match &order.letter {
            Letter::Reply { command_lines, .. } => below(&goes_out, *command_lines),
            // It has no words of anybody.
            Letter::Fixed { .. } => String::new(),
            Letter::Update { words, .. } => words.clone(),
            other => panic!("{} to the customer", other.name()),
        });
    }
    (words, decided.case)
}

/// The words without so many lines on top, as they are relayed.
fn below(words: &str, command_lines: usize) -> String {
    let filled = words.lines().filter(|line| !line.trim().is_empty());
    filled.skip(command_lines).collect::<Vec<_>>().join("\n")
}

fn complaint() -> Story {
    Story::complaint(house())
}

#[test]
fn a_misspelt_command_does_nothing_and_reaches_no_customer() {
    let story = complaint();
    let orders = |case: &Case| (case.state, case.owner.clone(), case.priority, case.kind.clone(), case.held.len());
    let mut tried = 0;
    for (word, argument) in written() {
        for typo in misspelt(word) {
            for (block, proof) in BLOCKS.iter().flat_map(|block| [(block, Proof::Both), (block, Proof::Token)]) {
                let words = block.replace("{}", &format!("#{typo}{argument}"));
                let (sent, case) = received(&story, mail_of(&words, proof));
                assert_eq!(sent, None, "{words}");
                assert_eq!(orders(&case), orders(&story.case), "{words}");
                tried += 1;
            }
        }
    }
    println!("{tried} mails with a misspelt command");
    assert!(tried > 3_000, "{tried}");
}

/// The command itself, however its sign is written: it may be obeyed, and is never told.
#[test]
fn no_command_reaches_a_customer_however_its_sign_is_written() {
    let story = complaint();
    let mut sent_on = 0;
    for (word, argument) in written() {
        let capital = format!("{}{}", word[..1].to_uppercase(), &word[1..]);
        for sign in [
            format!("#{capital}"),
            format!("#{}", word.to_uppercase()),
            format!("\u{ff03}{word}"),
            format!("   #{word}"),
            format!("\t#{word}"),
            format!("\u{a0}#{word}"),
            format!("\u{a0} \u{2003}#{word}\u{a0}"),
            format!("\u{200b}#{word}"),
            format!("\u{feff}#{word}"),
            format!("> #{word}"),
            format!("#{word}:"),
            format!("#{word},"),
            format!("#{word}."),
        ] {
            for block in BLOCKS {
                let words = block.replace("{}", &format!("{sign}{argument}"));
                let (sent, _) = received(&story, mail_of(&words, Proof::Both));
                let sent = sent.unwrap_or_default();
                sent_on += usize::from(!sent.is_empty());
                for inside in ["#", "\u{ff03}", "nuisance", "priority"] {
                    assert!(!sent.contains(inside), "{inside} in {sent:?} of {words:?}");
                }
            }
        }
    }
    assert!(sent_on > 100, "only {sent_on} of them told the customer anything");
}

#[test]
fn a_misspelt_command_below_words_and_one_with_an_odd_sign_wait_for_their_writer() {
    let story = complaint();
    let waits = |words: &str| {
        let (sent, case) = received(&story, mail_of(words, Proof::Both));
        assert_eq!((sent, case.held.len()), (None, 1), "{words:?}");
    };
    for (word, argument) in written() {
        for sign in ["# ", "#\u{a0}", "#\u{200b}", "##", "-#", "\"#", "*#", "/", "#-"] {
            waits(&format!("{sign}{word}{argument}\n\nDear Klaus, it comes."));
            waits(&format!("Dear Klaus, it comes.\n\n{sign}{word}{argument}"));
        }
        // Of four letters and more: what is left of a shorter word may be any word.
        for typo in misspelt(word).iter().filter(|typo| typo.len() > 4) {
            waits(&format!("Dear Klaus, it comes.\n\n#{typo}{argument}"));
        }
    }
}

/// Below other words the very word of a command holds the mail.
#[test]
fn a_command_below_words_waits_for_its_writer() {
    let story = complaint();
    for (word, argument) in written() {
        for sign in ["#", " #", "\u{ff03}", "\u{a0}#"] {
            let words = format!("Dear Klaus, it comes.\n\n{sign}{word}{argument}\n");
            let (sent, case) = received(&story, mail_of(&words, Proof::Both));
            assert_eq!((sent, case.held.len()), (None, 1), "{words}");
        }
    }
}
