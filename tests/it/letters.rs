//! The letters, rendered in every situation: their words, their headers, their bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use amends::config::{After, Arrive, Envelope, Leave, MailboxConfig, Start};
use amends::decide::calendar::{Calendar, Span, Window};
use amends::decide::case::{CaseMail, Target, Writer};
use amends::decide::policy::{
    Assign, Company, FirstLetter, Inbox, Kind, OTHER, Person, Policy, Purpose as TeamPurpose, Rung, RungAt, RungTo,
    Sla, Team,
};
use amends::deliver::compose::samples::{self, Sample};
use amends::deliver::compose::{Composed, Context};
use amends::mail::{Address, LetterId, MailId, MailboxName, MessageId, ParticipantNo, PersonId};
use amends::templates::{LETTERS, Templates};
use amends::token::{Purpose, Tokens, find_in};
use jiff::civil::time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

/// Friday, 20 November 2026, 23:40 in Berlin.
fn now() -> Timestamp {
    "2026-11-20T22:40:00Z".parse().expect("an instant")
}

fn person(id: &str, name: &str, title: Option<&str>, teams: &[&str], authority: bool) -> Person {
    Person {
        id: PersonId::new(id),
        name: name.into(),
        title: title.map(Into::into),
        address: address(&format!("{id}@northwind.example")),
        aliases: vec![],
        teams: teams.iter().map(|t| (*t).to_owned()).collect(),
        languages: vec![],
        hours: "office".into(),
        may_offer: None,
        authority,
        away: vec![],
    }
}

fn kind(name: &str, says: &str, danger: bool) -> Kind {
    let says = (!says.is_empty()).then(|| ("en".to_owned(), says.to_owned()));
    Kind {
        name: name.into(),
        words: BTreeMap::new(),
        says: says.into_iter().collect(),
        letter: FirstLetter::Apology,
        sla: None,
        fix_team: None,
        design_team: None,
        check_in: None,
        danger,
    }
}

fn policy() -> Policy {
    let zone = TimeZone::get("Europe/Berlin").expect("a zone");
    let window = Window { open: time(9, 0, 0, 0), close: Some(time(17, 30, 0, 0)) };
    let week = std::array::from_fn(|day| if day < 5 { vec![window] } else { vec![] });
    let office = Calendar {
        name: "office".into(),
        timezone: zone.clone(),
        week,
        yearly_holidays: BTreeSet::new(),
        holidays: BTreeSet::new(),
        always: false,
    };
    let rung =
        |at, to, tell_customer| Rung { at, on: vec![Target::FirstResponse], to, acknowledge: None, tell_customer };
    let two_hours = Span::Working(SignedDuration::from_hours(2));
    let sla = Sla {
        name: "standard".into(),
        calendar: "office".into(),
        first_response: Span::Working(SignedDuration::from_hours(4)),
        next_update: Span::Days(1),
        resolution: Span::Days(5),
        customer_silent: Span::Days(5),
        check_in: Span::Days(2),
        auto_close: Span::Days(7),
        ladder: vec![
            rung(RungAt::Percent(75), RungTo::Owner, false),
            rung(RungAt::After(two_hours), RungTo::Authority, true),
        ],
    };
    Policy {
        company: Company {
            name: "Northwind Lamps".into(),
            timezone: zone,
            language: "en".into(),
            case_prefix: "NW".into(),
            hours: "office".into(),
        },
        inboxes: vec![Inbox {
            name: MailboxName::new("support"),
            address: address("support@northwind.example"),
            aliases: vec![],
            display_name: "Northwind Care".into(),
            subaddressing: true,
            sla: "standard".into(),
            team: "care".into(),
            letter: FirstLetter::Apology,
        }],
        people: vec![
            person("mei", "Mei Tan", None, &["care"], false),
            person("jane", "Jane Okafor", Some("Head of Service"), &[], true),
        ],
        teams: vec![Team {
            name: "care".into(),
            purpose: TeamPurpose::Support,
            assign: Assign::FewestOpen,
            lead: Some(PersonId::new("mei")),
        }],
        calendars: BTreeMap::from([("office".into(), office)]),
        slas: BTreeMap::from([("standard".into(), sla)]),
        kinds: vec![
            kind("danger", "something of ours that put you in danger", true),
            kind("broken", "a lamp that broke and should not have", false),
            kind(OTHER, "", false),
        ],
        lists: true,
        all_transcripts: false,
        token_is_proof: false,
        per_person_hour: 120,
    }
}

fn mailbox() -> MailboxConfig {
    MailboxConfig {
        name: MailboxName::new("support"),
        address: address("support@northwind.example"),
        aliases: vec![],
        display_name: "Northwind Care".into(),
        subaddressing: true,
        after: After::Keep,
        start: Start::Now,
        via_list: vec![],
        form_senders: vec![],
        arrive: Arrive::Maildir(PathBuf::from("in")),
        leave: Leave::Maildir(PathBuf::from("out")),
        envelope: Envelope::Token,
        connections: 1,
        per_minute: 0,
        in_doubt_wait: Duration::from_secs(900),
    }
}

/// All that a test composes with.
struct House {
    policy: Policy,
    templates: Templates,
    tokens: Tokens,
    mailbox: MailboxConfig,
}

impl House {
    fn new() -> Self {
        Self {
            policy: policy(),
            templates: Templates::load(None).expect("the built-in letters"),
            tokens: Tokens::new(b"a key of thirty-two bytes or more", "desk", 1),
            mailbox: mailbox(),
        }
    }

    fn context(&self) -> Context<'_> {
        Context {
            policy: &self.policy,
            templates: &self.templates,
            tokens: &self.tokens,
            mailbox: &self.mailbox,
            letter: LetterId(77),
            now: now(),
            customer_offset: None,
            enclosed: None,
        }
    }

    fn samples(&self) -> Vec<Sample> {
        samples::all(&self.policy, &self.mailbox.name, now())
    }

    fn sample(&self, title: &str) -> Sample {
        self.samples().into_iter().find(|s| s.title == title).unwrap_or_else(|| panic!("no sample {title}"))
    }

    fn compose(&self, sample: &Sample) -> Composed {
        sample.compose(&self.context()).unwrap_or_else(|e| panic!("{}: {e}", sample.title))
    }

    fn letter(&self, title: &str) -> Composed {
        self.compose(&self.sample(title))
    }
}

fn header<'a>(letter: &'a Composed, name: &str) -> Option<String> {
    let whole: &'a str = std::str::from_utf8(&letter.bytes).expect("ASCII");
    let head = whole.split("\r\n\r\n").next().expect("a header").replace("\r\n ", " ");
    head.split("\r\n").find_map(|line| {
        let (field, value) = line.split_once(':')?;
        field.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

/// The samples to customers, each with its letter.
fn to_customers(house: &House) -> Vec<(String, Composed)> {
    let all = house.samples().into_iter().map(|s| (s.title.clone(), house.compose(&s)));
    all.filter(|(_, letter)| letter.head.participant.is_some()).collect()
}

fn wire(letter: &Composed) -> &str {
    std::str::from_utf8(&letter.bytes).expect("ASCII")
}

#[test]
fn every_letter_has_a_sample() {
    let house = &*HOUSE;
    let shown: BTreeSet<String> = house.samples().iter().map(|s| house.compose(s).head.letter.to_owned()).collect();
    let all: BTreeSet<String> = LETTERS.iter().map(|l| l.name.to_owned()).collect();
    assert_eq!(shown, all);
}

#[test]
fn the_same_order_gives_the_same_bytes_and_the_next_letter_others() {
    let house = &*HOUSE;
    let again = House::new();
    for sample in house.samples() {
        let letter = house.compose(&sample);
        assert_eq!(letter, again.compose(&sample), "{}", sample.title);
        let other = Context { letter: LetterId(78), ..house.context() };
        let other = sample.compose(&other).expect("composed");
        assert_ne!(letter.head.envelope.message_id, other.head.envelope.message_id);
        assert_ne!(letter.bytes, other.bytes);
    }
}

#[test]
fn letters_are_plain_ascii_lines_that_any_server_takes() {
    let house = &*HOUSE;
    for sample in house.samples() {
        let letter = house.compose(&sample);
        let whole = wire(&letter);
        assert!(whole.is_ascii(), "{}", sample.title);
        assert!(whole.ends_with("\r\n"), "{}", sample.title);
        assert_eq!(whole.matches('\n').count(), whole.matches("\r\n").count(), "{}: a bare LF", sample.title);
        assert_eq!(whole.matches('\r').count(), whole.matches("\r\n").count(), "{}: a bare CR", sample.title);
        assert!(whole.split("\r\n").all(|line| line.len() <= 998), "{}", sample.title);
    }
}

#[test]
fn what_was_composed_is_what_is_read() {
    let house = &*HOUSE;
    for sample in house.samples() {
        let letter = house.compose(&sample);
        let mail = mail_parser::MessageParser::default().parse(&letter.bytes).expect("a mail");
        assert_eq!(mail.subject(), Some(letter.subject.as_str()), "{}", sample.title);
        assert_eq!(mail.message_id(), Some(letter.head.envelope.message_id.as_str()));
        assert_eq!(mail.date().expect("a date").to_timestamp(), now().as_second());
        assert_eq!(
            mail.body_text(0).expect("text").replace("\r\n", "\n").trim(),
            letter.text.trim(),
            "{}",
            sample.title
        );
        assert_eq!(
            mail.body_html(0).expect("html").replace("\r\n", "\n").trim(),
            letter.html.trim(),
            "{}",
            sample.title
        );
        assert_eq!(mail.attachment_count(), 0);
        let from = mail.from().and_then(|f| f.first()).expect("a sender");
        assert_eq!((from.name(), from.address()), (Some("Northwind Care"), Some("support@northwind.example")));
    }
}

#[test]
fn headers_tell_machines_what_it_is() {
    let house = &*HOUSE;
    for sample in house.samples() {
        let letter = house.compose(&sample);
        let name = letter.head.letter;
        let first = matches!(name, "apology" | "acknowledgement");
        // RFC 3834 section 5: auto-replied only on a direct answer.
        let answers =
            first || matches!(name, "sorry-again" | "recovered" | "transcript" | "confirm" | "case-story" | "listing");
        let submitted = if answers { "auto-replied" } else { "auto-generated" };
        assert_eq!(header(&letter, "Auto-Submitted").as_deref(), Some(submitted), "{}", sample.title);
        assert_eq!(header(&letter, "Precedence").as_deref(), first.then_some("bulk"), "{}", sample.title);
        let suppress = header(&letter, "X-Auto-Response-Suppress");
        assert_eq!(suppress.as_deref(), Some("DR, RN, NRN, OOF, AutoReply"), "never All");
        let mark = header(&letter, "X-Amends-Loop").expect("a mark");
        assert_eq!(house.tokens.check_loop_mark(&mark), Some(LetterId(77)));
        assert_eq!(house.tokens.check_message_id(&letter.head.envelope.message_id), Some(LetterId(77)));
        assert_eq!(letter.head.unasked, matches!(name, "holding" | "escalated" | "check-in"), "{}", sample.title);
    }
}

#[test]
fn answers_and_bounces_come_home_by_their_tokens() {
    let house = &*HOUSE;
    let own = &house.mailbox.address;
    for sample in house.samples() {
        let letter = house.compose(&sample);
        let envelope = letter.head.envelope.from.clone().expect("an envelope sender");
        let (purpose, token) = find_in(&envelope, own).expect("a token");
        assert_eq!(purpose, Purpose::Bounce);
        assert!(house.tokens.check(purpose, token, now()).is_ok());
        let Some(reply_to) = header(&letter, "Reply-To") else {
            assert_eq!(letter.head.letter, "alert", "only the admin's answer has no place of its own");
            continue;
        };
        let reply_to = address(reply_to.rsplit(' ').next().expect("an address"));
        let (purpose, token) = find_in(&reply_to, own).expect("a token");
        let to_customer = "Your reply goes to ";
        let wanted = match letter.head.letter {
            _ if letter.head.participant.is_some() => Purpose::Customer,
            "confirm" => Purpose::Confirm,
            // What the letter says of a reply is what its address does.
            _ if letter.text.contains(to_customer) => Purpose::Staff,
            _ => Purpose::Internal,
        };
        assert_eq!(purpose, wanted, "{}", sample.title);
        let owners = ["new-case", "reminder", "customer-wrote", "customer-wrote, a participant"];
        let answers = owners.iter().any(|title| sample.title == *title);
        assert!(!answers || wanted == Purpose::Staff, "{}", sample.title);
        assert!(house.tokens.check(purpose, token, now()).is_ok());
    }
}

#[test]
fn the_envelope_is_what_the_mailbox_says() {
    let mut house = House::new();
    let sample = house.sample("apology");
    let own = house.mailbox.address.clone();
    house.mailbox.envelope = Envelope::Plain;
    assert_eq!(house.compose(&sample).head.envelope.from, Some(own.clone()));
    house.mailbox.envelope = Envelope::Null;
    assert_eq!(house.compose(&sample).head.envelope.from, None);
    house.mailbox.envelope = Envelope::Token;
    house.mailbox.subaddressing = false;
    let letter = house.compose(&sample);
    assert_eq!(letter.head.envelope.from, Some(own.clone()));
    assert!(header(&letter, "Reply-To").expect("there").contains(own.as_str()));
    assert!(letter.subject.contains("[NW-1042]"), "without subaddresses the mark brings it home");
}

#[test]
fn references_hold_the_customers_mails_and_our_own_id_last() {
    let house = &*HOUSE;
    let mut sample = house.sample("apology");
    let first = sample.case.mails[0].clone();
    for n in 0..40 {
        let id = MessageId::new(&format!("m{n}@customer.example"));
        sample.case.mails.push(CaseMail { mail: MailId(n + 2), message_id: id, ..first.clone() });
    }
    let internal = CaseMail {
        message_id: MessageId::new("secret@northwind.example"),
        writer: Writer::Person(PersonId::new("mei")),
        ..first.clone()
    };
    sample.case.mails.push(internal);
    let huge = CaseMail { message_id: MessageId::new(&"x".repeat(900)), ..first };
    sample.case.mails.push(huge);
    let letter = house.compose(&sample);
    let references = header(&letter, "References").expect("there");
    let ids: Vec<&str> = references.split_whitespace().collect();
    assert_eq!(ids.len(), 20);
    assert_eq!(ids[0], "<lamp-2@customer.example>");
    assert_eq!(ids[18], "<m39@customer.example>");
    assert_eq!(ids[19], letter.head.envelope.message_id.to_string());
    assert_eq!(header(&letter, "In-Reply-To").as_deref(), Some("<m39@customer.example>"));
    assert!(!wire(&letter).contains("secret@"), "what staff wrote among themselves is not the customer's");
}

/// What the house never says (letters.md): excuses, belittling, sorry-if, the words of every form letter.
const NEVER: &[&str] = &[
    "unfortunately",
    "inconvenience",
    "we regret",
    "regret to",
    "apologise for any",
    "apologize for any",
    "sorry if",
    "sorry for any",
    "valued customer",
    "valued",
    "your call is important",
    "important to us",
    "please be advised",
    "please note",
    "as per",
    "due to",
    "high volume",
    "unexpected",
    "unforeseen",
    "beyond our control",
    "policy",
    "but we",
    "however",
    "misunderstanding",
    "ticket",
    "do not hesitate",
    "don't hesitate",
    "feel free",
    "rest assured",
    "patience",
    "bear with us",
    "at your earliest",
    "kindly",
    "was not handled",
    "mistakes were made",
    "has been lost",
    "issue",
    "escalat",
    "as soon as possible",
    "shortly",
    "dear customer",
    "dear sir",
    "no-reply",
    "not your fault",
];

#[test]
fn no_letter_to_a_customer_says_what_the_house_never_says() {
    let house = &*HOUSE;
    for (title, letter) in to_customers(house) {
        let words = format!("{}\n{}", letter.subject, letter.text).to_lowercase();
        for never in NEVER {
            assert!(!words.contains(never), "{title}: \"{never}\" in\n{words}");
        }
        assert!(!words.contains('!'), "{title}: nobody shouts");
    }
}

#[test]
fn a_letter_to_a_customer_is_short_names_one_date_and_leaves_no_place_empty() {
    let house = &*HOUSE;
    for (title, letter) in to_customers(house) {
        let words = letter.text.split_whitespace().count();
        assert!(words < 140, "{title}: {words} words");
        let bold = letter.html.matches("<strong>").count();
        let wanted = match title.as_str() {
            "holding, the third" | "escalated, not yet taken" | "update, unproven sender, no date" => 0,
            title if title.starts_with("recovered") => 0,
            "apology, danger" | "after-call, danger" => 2,
            _ => 1,
        };
        assert_eq!(bold, wanted, "{title}: one date in bold");
        for empty in ["  ", " ,", " .", "{{", "}}", "()", "**", "null", "Dear ,", "\n,", ",,", ".."] {
            assert!(!letter.text.contains(empty), "{title}: {empty:?} in\n{}", letter.text);
        }
        assert!(letter.text.trim_end().lines().last().expect("a line").starts_with("Northwind Care"), "{title}");
        assert!(letter.text.len() <= 4096);
    }
}

#[test]
fn nothing_of_the_incoming_mail_comes_back_to_a_customer_but_the_subject() {
    let house = &*HOUSE;
    for (title, letter) in to_customers(house) {
        for word in ["hinge", "in my hand", "money", "third lamp"] {
            assert!(!letter.text.contains(word) && !letter.html.contains(word), "{title}: {word}");
        }
    }
}

#[test]
fn an_unproven_sender_is_not_called_by_name_and_their_subject_is_not_repeated() {
    let house = &*HOUSE;
    for mut sample in house.samples() {
        sample.case.subject = "Cheap pills".into();
        let case = &mut sample.case;
        case.participants.iter_mut().for_each(|p| {
            p.authenticated = false;
            p.name = Some("Eve Il".into());
        });
        let letter = house.compose(&sample);
        if letter.head.participant.is_some() {
            assert!(letter.text.starts_with("Hello,"), "{}", sample.title);
            assert!(!wire(&letter).contains("pills") && !letter.html.contains("pills"), "{}", sample.title);
            assert!(!wire(&letter).contains("Eve") && !letter.html.contains("Eve Il"), "{}", sample.title);
        } else if !["alert", "welcome", "measured"].contains(&sample.letter())
            && sample.title != "listing, of the team, none"
        {
            let seen = format!("{}\n{}", letter.subject, letter.text);
            assert!(seen.contains("Eve Il"), "{}: staff see it", sample.title);
        }
    }
}

#[test]
fn what_looks_like_an_advertisement_is_not_repeated_even_of_a_proven_sender() {
    let house = &*HOUSE;
    let mut sample = house.sample("apology");
    sample.case.subject = "Visit www.shop.example today".into();
    sample.case.participants[0].name = Some("Win at casino.example".into());
    let letter = house.compose(&sample);
    assert_eq!(letter.subject, "We have your mail, and we are sorry [NW-1042]");
    assert!(letter.text.starts_with("Hello,"));
    assert!(!wire(&letter).contains("casino"));
}

#[test]
fn a_strangers_words_stay_words() {
    let house = &*HOUSE;
    for hostile in [
        "A\r\nBcc: evil@x.example\r\n\r\nbody",
        "{{house}} {{{house}}}",
        "<script>alert(1)</script>",
        "**bold** [a](b)",
        "\u{202e}drow\u{0}\u{2028}x",
        "=?utf-8?q?x=0D=0ABcc:_y?=",
        "名前 ünï",
    ] {
        for mut sample in house.samples() {
            sample.case.subject = hostile.into();
            sample.case.participants[0].name = Some(hostile.into());
            sample.case.wish = Some(hostile.into());
            sample.case.mails[0].words = hostile.into();
            let letter = house.compose(&sample);
            let head = wire(&letter).split("\r\n\r\n").next().expect("a header");
            assert!(!head.lines().any(|l| l.to_ascii_lowercase().starts_with("bcc")), "{}: {head}", sample.title);
            assert!(!letter.html.contains("<script"), "{}", sample.title);
            assert!(!letter.text.contains('\u{202e}') && !letter.text.contains('\u{0}'), "{}", sample.title);
            if letter.head.letter == "new-case" && hostile.starts_with("{{") {
                assert!(letter.text.contains("> {{house}} {{{house}}}"), "{}", letter.text);
            }
            if letter.head.letter == "apology" && sample.case.participants[0].authenticated && hostile.starts_with("**")
            {
                assert!(letter.text.starts_with("Hello,"), "that is no name: {}", letter.text);
            }
        }
    }
}

#[test]
fn holding_letters_never_say_the_same_twice() {
    let house = &*HOUSE;
    let sentences = |title: &str| -> BTreeSet<String> {
        let letter = house.letter(title);
        let text = letter.text.replace('\n', " ");
        let all = text.split(". ").map(|s| s.trim().trim_end_matches('.').to_owned());
        all.filter(|s| s.split_whitespace().count() > 3 && !s.starts_with("Northwind Care")).collect()
    };
    let letters = ["holding, the first", "holding, the second", "holding, the third"].map(sentences);
    for (a, b) in [(0, 1), (0, 2), (1, 2)] {
        let same: Vec<_> = letters[a].intersection(&letters[b]).collect();
        assert!(same.is_empty(), "{same:?}");
    }
    let subjects: BTreeSet<_> = ["holding, the first", "holding, the second", "holding, the third"]
        .map(|t| house.letter(t).subject)
        .into_iter()
        .collect();
    assert_eq!(subjects.len(), 3);
    let third = house.letter("holding, the third");
    assert!(!third.text.contains("Monday"), "the third names no new date");
    assert!(third.text.contains("Jane Okafor"), "but the person it was put before");
}

#[test]
fn danger_asks_to_stop_and_asks_nothing_else() {
    let house = &*HOUSE;
    let letter = house.letter("apology, danger");
    assert!(letter.text.contains("Please stop using it now"));
    assert!(!letter.text.contains('?'));
    assert!(letter.text.contains("Jane Okafor"));
}

#[test]
fn what_the_customer_wants_is_asked_once() {
    let house = &*HOUSE;
    assert!(house.letter("apology").text.contains("What would put this right for you?"));
    assert!(!house.letter("apology, late, wish known").text.contains('?'));
    assert!(house.letter("apology, late, wish known").text.contains("more than a day"));
    let brief = house.letter("acknowledgement, brief");
    assert_eq!(brief.text.lines().filter(|l| !l.is_empty()).count(), 3, "greeting, one line, name:\n{}", brief.text);
}

#[test]
fn staff_are_told_at_once_what_is_asked_and_where_a_reply_goes() {
    let house = &*HOUSE;
    for sample in house.samples() {
        let letter = house.compose(&sample);
        if letter.head.participant.is_some() || letter.head.letter == "alert" {
            continue;
        }
        let mut lines = letter.text.lines().filter(|l| !l.is_empty());
        assert_eq!(lines.next(), Some(amends::mail::REPLY_MARKER), "{}", sample.title);
        let first = lines.next().expect("a line");
        assert!(first.starts_with("Mei, ") || first.starts_with("Jane, "), "{}: {first}", sample.title);
        let second = lines.next().expect("a second line");
        let says = second.starts_with("Your reply goes to ") || second.starts_with("Internal to the desk");
        assert!(says && second.contains(amends::mail::INTERNAL_MARK), "{}: {second}", sample.title);
    }
    let notice = house.letter("new-case");
    assert!(notice.text.contains("Mei, this case is yours: please answer Klaus Berger by Monday, 14:00."));
}

#[test]
fn the_one_question_of_an_escalation_stands_in_its_subject() {
    let house = &*HOUSE;
    let last = house.letter("escalation, the last rung");
    assert!(last.subject.starts_with("Decide now: who answers Klaus Berger? 1 h overdue"));
    assert!(last.text.contains("nobody comes after you"));
    assert!(last.text.contains("Not a third lamp."), "in their words");
    let earlier = house.letter("escalation, an earlier rung");
    assert!(earlier.subject.starts_with("Decide by 0:40 tomorrow, Saturday"));
}

#[test]
fn somebody_has_a_case_only_after_they_took_it() {
    let house = &*HOUSE;
    let asked = house.letter("escalated, not yet taken");
    assert!(asked.text.contains("Nothing is decided yet") && asked.subject.contains("asked to step in"));
    assert!(house.letter("escalated, taken").text.contains("Jane Okafor has your case now"));
}

#[test]
fn dates_name_our_zone_to_a_customer_whose_clock_differs() {
    let house = &*HOUSE;
    let context = Context { customer_offset: Some(jiff::tz::offset(-5)), ..house.context() };
    let letter = house.sample("apology").compose(&context).expect("composed");
    assert!(letter.text.contains("by Monday, 14:00 (Berlin time)"), "{}", letter.text);
    let notice = house.sample("new-case").compose(&context).expect("composed");
    assert!(!notice.text.contains("Berlin time"), "staff know their own clock");
}

#[test]
fn who_is_only_mentioned_is_sent_nothing() {
    let house = &*HOUSE;
    let mut sample = house.sample("apology");
    sample.case.participants[0].mentioned_only = true;
    assert!(sample.compose(&house.context()).is_err());
    sample.case.participants[0].no = ParticipantNo(5);
    assert!(sample.compose(&house.context()).is_err(), "nobody has that number");
}

#[test]
fn the_owners_letters_are_used_in_the_customers_language() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("de")).expect("made");
    let words = "Subject: Ihre Mail [{{ref}}]\n\nGuten Tag,\n\nwir schreiben Ihnen **{{by}}**.\n\n{{house}}\n";
    std::fs::write(folder.path().join("de/apology.md"), words).expect("written");
    let mut house = House::new();
    house.templates = Templates::load(Some(folder.path())).expect("good");
    let mut sample = house.sample("apology");
    sample.case.language = "de-AT".into();
    assert_eq!(house.compose(&sample).subject, "Ihre Mail [NW-1042]");
    sample.case.language = "fr".into();
    assert!(house.compose(&sample).text.starts_with("Dear Klaus Berger"));
    house.policy.company.language = "de".into();
    assert!(house.compose(&sample).text.starts_with("Guten Tag"), "the company's before ours");
}

#[test]
fn letters_bring_nothing_from_elsewhere() {
    let house = &*HOUSE;
    for sample in house.samples() {
        let html = house.compose(&sample).html.to_lowercase();
        for bad in ["<script", "src=", "url(", "@import", "http://", "https://", "<link", "<form", "<img"] {
            assert!(!html.contains(bad), "{}: {bad}", sample.title);
        }
    }
}

/// Parsing the letters takes most of a test's time.
static HOUSE: LazyLock<House> = LazyLock::new(House::new);

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_stranger_writes_a_letter_is_composed(
        name in "\\PC{0,60}|[\\x00-\\x7f]{0,60}",
        subject in "\\PC{0,120}|[\\x00-\\x7f]{0,120}",
        words in "(\\PC|[\r\n\t\u{0}]){0,300}",
    ) {
        let house = &*HOUSE;
        for title in ["apology", "new-case", "escalation, the last rung"] {
            let mut sample = house.sample(title);
            sample.case.subject = subject.clone();
            sample.case.participants[0].name = Some(name.clone());
            sample.case.mails[0].words = words.clone();
            sample.case.wish = Some(words.clone());
            let letter = house.compose(&sample);
            let head = wire(&letter).split("\r\n\r\n").next().expect("a header");
            // As many header fields as ever: nothing was injected.
            let fields = head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).count();
            proptest::prop_assert_eq!(fields, if title == "apology" { 14 } else { 13 }, "{}", head);
            proptest::prop_assert!(wire(&letter).is_ascii());
        }
    }
}

/// With `AMENDS_LETTERS=FOLDER` every letter is written there, to be looked at; and none is empty.
#[test]
fn every_letter_can_be_read() {
    let house = &*HOUSE;
    let folder = std::env::var_os("AMENDS_LETTERS").map(PathBuf::from);
    for sample in house.samples() {
        let letter = house.compose(&sample);
        println!("===== {}\nSubject: {}\n\n{}", sample.title, letter.subject, letter.text);
        assert!(letter.text.lines().count() > 3 && letter.html.contains("</html>"), "{}", sample.title);
        if let Some(folder) = &folder {
            let file = folder.join(sample.title.replace([' ', ','], "-"));
            std::fs::write(file.with_extension("html"), &letter.html).expect("written");
            std::fs::write(file.with_extension("eml"), &letter.bytes).expect("written");
        }
    }
}
