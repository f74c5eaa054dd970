use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::decide::case::Priority;

use super::*;
use crate::decide::policy::{Assign, Company, Person, Purpose, Team};
use crate::mail::Address;

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn person(id: &str, name: &str, teams: &[&str]) -> Person {
    Person {
        id: PersonId::new(id),
        name: name.into(),
        title: None,
        address: address(&format!("{id}@n.example")),
        aliases: vec![address(&format!("{id}@home.example"))],
        teams: teams.iter().map(|team| (*team).to_owned()).collect(),
        languages: Vec::new(),
        hours: "always".into(),
        may_offer: None,
        authority: false,
        away: Vec::new(),
    }
}

fn team(name: &str, purpose: Purpose) -> Team {
    Team { name: name.into(), purpose, assign: Assign::FewestOpen, lead: None }
}

fn policy() -> Policy {
    Policy {
        company: Company {
            name: "Northwind Lamps".into(),
            timezone: TimeZone::get("Europe/Berlin").expect("a zone"),
            language: "en".into(),
            case_prefix: "NW".into(),
            hours: "always".into(),
        },
        inboxes: Vec::new(),
        people: vec![
            person("mei", "Mei Tan", &["care"]),
            person("jane", "Jane Doe", &["care"]),
            person("jroe", "Jane Roe", &["care"]),
            person("jose", "José Ruiz", &["workshop"]),
        ],
        teams: vec![
            team("care", Purpose::Support),
            team("Second Line", Purpose::Support),
            team("workshop", Purpose::Fix),
        ],
        calendars: BTreeMap::new(),
        slas: BTreeMap::new(),
        kinds: Vec::new(),
        lists: true,
        all_transcripts: false,
        token_is_proof: false,
        per_person_hour: 3,
    }
}

/// Wednesday, 18 November 2026, 10:00 in Berlin.
fn script(text: &str) -> Script {
    let now = "2026-11-18T09:00:00Z".parse().expect("an instant");
    read(text, &Reader { policy: &policy(), person: &PersonId::new("mei"), now })
}

fn commands(text: &str) -> Vec<Command> {
    let script = script(text);
    assert_eq!(script.mistakes, [], "{text}");
    script.commands.into_iter().map(|read| read.command).collect()
}

/// The one mistake of a text.
fn mistake(text: &str) -> Mistake {
    let mut script = script(text);
    assert_eq!(script.mistakes.len(), 1, "{text}: {script:?}");
    script.mistakes.remove(0)
}

fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().expect("an instant"))
}

#[test]
fn every_command_is_read() {
    let words = |words: &str| Some(words.to_owned());
    for (line, command) in [
        ("#take", Command::Take),
        ("#TAKE", Command::Take),
        ("#note", Command::Note(None)),
        ("#note he is furious", Command::Note(words("he is furious"))),
        ("#called  sends it\tback ", Command::Called(words("sends it\tback"))),
        ("#assign me", Command::Assign(Assignee::Person(PersonId::new("mei")))),
        ("#update", Command::Update(None)),
        ("#update the part is here", Command::Update(words("the part is here"))),
        ("#wait", Command::Wait(None)),
        ("#wait fri 17:00", Command::Wait(at("2026-11-20T16:00:00Z"))),
        ("#wait fri", Command::Wait(at("2026-11-20T22:59:00Z"))),
        ("#fixed", Command::Fixed(None)),
        ("#fixed yesterday 15:00", Command::Fixed(at("2026-11-17T14:00:00Z"))),
        ("#close a duplicate", Command::Close(words("a duplicate"))),
        ("#reopen", Command::Reopen),
        ("#priority Urgent", Command::Priority(Priority::Urgent)),
        ("#priority low", Command::Priority(Priority::Low)),
        ("#kind other", Command::Kind("other".into())),
        ("#send", Command::Send),
        ("#confirm", Command::Confirm),
        ("#help", Command::Help),
    ] {
        assert_eq!(commands(line), [command], "{line}");
    }
}

#[test]
fn what_sorts_a_case_is_one_of_the_words_that_there_are() {
    assert!(mistake("#priority").why.contains("low, normal, high, urgent"));
    assert_eq!(mistake("#priority urgnt").nearest.as_deref(), Some("urgent"));
    assert!(mistake("#priority very high").why.contains("\"very high\" is none of them"));
    assert_eq!(mistake("#kind").why, "#kind asks for a word behind it. There are: other.");
}

#[test]
fn every_row_of_the_table_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<&str> = FORMS.iter().map(Form::word).collect();
    assert_eq!(words.len(), FORMS.len());
    assert!(FORMS.iter().all(|form| form.form.starts_with('#') && !form.does.is_empty()));
    assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
}

#[test]
fn the_block_ends_where_the_words_begin() {
    for (text, lines, words) in [
        ("", 0, ""),
        ("\n \u{a0}\n", 0, ""),
        ("Thank you.\n", 0, "Thank you."),
        ("#take", 1, ""),
        ("#take\n\n#note x\nHello\n#1\n", 2, "Hello\n#1"),
        ("\r\n \r\n#take\r\n\r\n#confirm\r\n\r\nHello,\r\n\r\nbye\r\n\r\n", 2, "Hello,\r\n\r\nbye"),
        ("\u{feff}#take\u{a0}\n\u{a0}#note\u{2003}x\u{200b}\n", 2, ""),
        ("\u{ff03}take\n", 1, ""),
        ("#take\n\n  indented\n", 1, "  indented"),
        ("# heading\n#taken\n", 0, "# heading\n#taken"),
        ("#1042 is the case\n#take that\n", 0, "#1042 is the case\n#take that"),
        ("#\n", 0, "#"),
        ("##take\n", 0, "##take"),
        ("*#take*\n", 0, "*#take*"),
        ("> #take\n", 0, "> #take"),
    ] {
        let script = script(text);
        assert_eq!((script.lines, script.words.as_str()), (lines, words), "{text:?}");
        assert_eq!(script.is_empty(), lines == 0, "{text:?}");
        assert_eq!(script.only_commands(), lines > 0 && words.is_empty(), "{text:?}");
    }
}

#[test]
fn commands_keep_their_order_and_may_be_said_twice() {
    let script = script("#confirm\n#Confirm\n\n#take\n");
    let lines: Vec<&str> = script.commands.iter().map(|read| read.line.as_str()).collect();
    assert_eq!(lines, ["#confirm", "#Confirm", "#take"]);
}

#[test]
fn a_known_word_below_the_block_is_shown() {
    for (text, later) in [
        ("Hello\n#take\n", Some("#take")),
        ("Hello\n\n \u{a0}#Fixed tomorrow \r\n#close", Some("#Fixed tomorrow")),
        ("#take\n# heading\n#note x", Some("#note x")),
        ("Hello\n\u{ff03}close\n", Some("\u{ff03}close")),
        ("Hello\n#clsoe he is a nuisance", Some("#clsoe he is a nuisance")),
        ("# take\nHello", Some("# take")),
        ("#\u{a0}note he lies", Some("#\u{a0}note he lies")),
        ("#\u{200b}take", Some("#\u{200b}take")),
        ("##take\n", Some("##take")),
        ("-#note x\n", Some("-#note x")),
        ("\"#note x\"\n", Some("\"#note x\"")),
        ("*#note* x\n", Some("*#note* x")),
        ("/close\n", Some("/close")),
        ("# heading\n#1042 is it\n# Lamps\n1/take\n- take\n> # take", None),
        ("Hello\n#hashtag\n#1\nsee #take\n> #take", None),
        ("#take\nHello", None),
    ] {
        assert_eq!(script(text).later.as_deref(), later, "{text:?}");
    }
}

#[test]
fn an_unknown_word_is_told_with_the_nearest() {
    for (line, nearest) in [
        ("#tkae", Some("#take")),
        ("#Colse it", Some("#close")),
        ("#fix", Some("#fixed")),
        ("#notes", Some("#note")),
        ("#assing Mei", Some("#assign")),
        ("#take:", Some("#take")),
        ("#hashtag", None),
        ("#übergabe", None),
        ("#x", None),
    ] {
        let mistake = mistake(line);
        assert_eq!((mistake.line.as_str(), mistake.nearest.as_deref()), (line, nearest));
    }
    assert_eq!(
        mistake("#tkae").why,
        "There is no command #tkae. There are: #take, #note, #called, #assign, #ask, #update, #wait, #nudge, #fixed, #close, \
         #spam, #reopen, #priority, #kind, #sla, #tag, #merge, #split, #cc, #new, #escalate, \
         #away, #back, #show, #list, #send, #confirm, #help."
    );
}

#[test]
fn good_lines_are_read_beside_bad_ones() {
    let script = script("#take it please\n#note x\n#wait soonish\nHello");
    assert_eq!((script.lines, script.commands.len(), script.mistakes.len()), (3, 1, 2));
    assert_eq!(
        script.mistakes[0].why,
        "#take stands alone on its line, and \"it please\" stands behind it. Words for the customer go below the \
         commands, words for colleagues behind #note."
    );
    assert_eq!(
        script.mistakes[1].why,
        "I cannot read \"soonish\" as a date or a time. Write for example: fri 17:00, tomorrow, 2026-12-01, 4h, \
         2 working days."
    );
    assert_eq!(mistake("#wait yesterday").line, "#wait yesterday");
}

#[test]
fn twenty_lines_are_read_and_no_more() {
    assert_eq!(commands(&"#take\n".repeat(20)).len(), 20);
    let script = script(&format!("{}#close enough\n#nonsense\nHello", "#take\n\n".repeat(20)));
    assert_eq!((script.lines, script.commands.len(), script.words.as_str()), (22, 20, "Hello"));
    let told: Vec<&str> = script.mistakes.iter().map(|m| m.why.as_str()).collect();
    assert_eq!(told, ["A mail has at most 20 command lines, and this one has 22."]);
    assert_eq!(script.mistakes[0].line, "#close enough");
}

#[test]
fn a_line_has_two_hundred_octets_and_no_more() {
    let fits = format!("#note {}", "x".repeat(194));
    assert_eq!(commands(&format!("{fits}   \n")).len(), 1);
    let long = mistake(&format!("{fits}x"));
    assert_eq!(
        long.why,
        "A command line has at most 200 octets, and this one has 201. Write the rest below the commands."
    );
    assert_eq!(long.line, format!("{fits}…"));
    // Octets, not letters; and no letter is cut in two.
    let umlauts = mistake(&format!("#note x{}", "ü".repeat(97)));
    assert_eq!(umlauts.line, format!("#note x{}…", "ü".repeat(96)));
}

#[test]
fn a_case_is_handed_to_whom_the_name_fits_alone() {
    let mei = || Assignee::Person(PersonId::new("mei"));
    let jose = || Assignee::Person(PersonId::new("jose"));
    for (name, who) in [
        ("mei", mei()),
        ("MEI", mei()),
        ("Mei  Tan", mei()),
        ("mei\u{a0}tan", mei()),
        ("mei@N.example", mei()),
        ("<mei@home.example>", mei()),
        ("me", mei()),
        ("JOSÉ", jose()),
        ("jose", jose()),
        // The id of one, and the first name of both: an id is never ambiguous.
        ("jane", Assignee::Person(PersonId::new("jane"))),
        ("Jane Roe", Assignee::Person(PersonId::new("jroe"))),
        ("Care", Assignee::Team("care".into())),
        ("second line", Assignee::Team("Second Line".into())),
    ] {
        assert_eq!(commands(&format!("#assign {name}")), [Command::Assign(who)], "{name}");
    }
}

#[test]
fn a_name_that_fits_nobody_is_told_with_who_there_is() {
    const ALL: &str = "There are: the team care, the team Second Line, Mei Tan, Jane Doe, Jane Roe, José Ruiz.";
    let unknown = mistake("#assign Jane Do");
    assert_eq!(unknown.why, format!("\"Jane Do\" is nobody here. {ALL}"));
    assert_eq!(unknown.nearest.as_deref(), Some("Jane Doe"));
    assert_eq!(mistake("#assign").why, format!("#assign asks for a name or a team. {ALL}"));
    assert_eq!(mistake("#assign cares").nearest.as_deref(), Some("care"));
    assert_eq!(mistake("#assign zzz").nearest, None);
    assert_eq!(
        mistake("#assign Workshop").why,
        format!("The team workshop answers no customers: #assign hands a case to a support team or to a person. {ALL}")
    );
}

#[test]
fn two_of_a_name_are_told_apart_by_their_ids() {
    let mut two = policy();
    two.people[1].id = PersonId::new("jdoe");
    let reader = Reader { policy: &two, person: &PersonId::new("mei"), now: Timestamp::UNIX_EPOCH };
    let told = read("#assign jane", &reader).mistakes.remove(0);
    assert_eq!(told.why, "\"jane\" may be Jane Doe (jdoe), Jane Roe (jroe). Write the word in brackets.");
}

#[test]
fn eight_names_are_listed() {
    let mut many = policy();
    many.people.extend((0..10).map(|n| person(&format!("p{n}"), &format!("Person {n}"), &[])));
    let reader = Reader { policy: &many, person: &PersonId::new("mei"), now: Timestamp::UNIX_EPOCH };
    let told = read("#assign zzz", &reader).mistakes.remove(0).why;
    assert!(told.ends_with("José Ruiz, Person 0, Person 1, and 8 more."), "{told}");
}

#[test]
fn a_writer_who_left_the_configuration_is_read_in_the_companys_zone() {
    let reader = Reader { policy: &policy(), person: &PersonId::new("gone"), now: Timestamp::UNIX_EPOCH };
    assert_eq!(reader.here().zone, &policy().company.timezone);
}

/// Pieces of mails that come close to a block of commands.
const PIECES: [&str; 16] = [
    "#take",
    "#",
    "\u{ff03}note",
    "#wait ",
    "fri 17:00",
    "#assign ",
    "mei",
    "\n",
    "\r\n",
    "\u{a0}",
    "\u{200b}",
    "ü",
    "#1",
    "Hello",
    "#send",
    " ",
];

proptest! {
    #[test]
    fn no_text_breaks_the_reader(places in proptest::collection::vec(0..PIECES.len(), 0..60), tail in "\\PC{0,20}") {
        let text: String = places.iter().map(|at| PIECES[*at]).chain([tail.as_str()]).collect();
        let read = script(&text);
        prop_assert!(read.commands.len() + read.mistakes.len() <= read.lines.min(21));
        prop_assert!(text.contains(&read.words));
        // What is relayed to a customer is read the same way again: no command is left on top of it.
        prop_assert!(script(&read.words).is_empty());
    }
}
