//! One reply, as each mail program sends it: above the notice, below it and between its lines, as text, as HTML and as
//! both. The notice is one that the desk wrote; the customer receives exactly the new words, or nothing until its writer
//! has seen what would go and said `#send`.
//!
//! `forms` holds how programs quote, `known` which do it how. Nothing internal reaches anybody: every letter to every customer is looked
//! through for addresses, tokens and words of the notice.

mod forms;
mod known;

use amends::arrive::parse::parse;
use amends::mail::{INTERNAL_MARK, Mail, Outgoing, REPLY_MARKER};
use amends::time::SetTime;
use jiff::SignedDuration;

use super::office::Office;
use super::{clients, shop};
use forms::{Form, Goes, Place, Program};

const ABOVE: &str = "Dear Klaus,\n\nyour lamp is mended & comes back on Friday.\n\nBest regards\nMei Tan";
const BELOW: &str = "We are sorry for the trouble, and here is how it goes on.";

fn pass(office: &Office, minutes: i64) {
    office.time.move_to(office.time.now() + SignedDuration::from_mins(minutes));
}

/// A case of its own for each form: the customer, the notice of it, and what came of the reply.
struct Case<'a> {
    office: &'a Office,
    customer: String,
    notice: Outgoing,
}

impl<'a> Case<'a> {
    async fn open(office: &'a Office, number: usize) -> Self {
        let customer = format!("klaus{number}@customer.example");
        let subject = format!("Lamp number {number}");
        pass(office, 7);
        office.arrives(super::from_customer("Klaus Berger", &customer, &subject, "The hinge of my lamp broke."));
        office.work().await;
        let sent = office.sent();
        let notice = sent.iter().rev().find(|letter| {
            let subject_of = parse(&letter.bytes).subject.unwrap_or_default();
            letter.envelope.to.as_str().ends_with("@northwind.example") && subject_of.contains(&subject)
        });
        let notice = notice.unwrap_or_else(|| panic!("no notice of {subject}")).clone();
        Self { office, customer, notice }
    }

    async fn answered(&self, reply: Vec<u8>) {
        pass(self.office, 2);
        self.office.arrives(reply);
        self.office.work().await;
    }

    /// The letters to the customer that hold a person's words.
    fn replies(&self) -> Vec<Mail> {
        let sent = self.office.sent();
        let theirs = sent.iter().filter(|letter| letter.envelope.to.as_str() == self.customer);
        let read = theirs.map(|letter| parse(&letter.bytes));
        read.filter(|mail| mail.header("Auto-Submitted").is_none()).collect()
    }

    /// The last mail to whoever was asked, from then on.
    fn transcript(&self) -> Option<Outgoing> {
        let last = self.office.sent().into_iter().rev().find(|letter| letter.envelope.to == self.notice.envelope.to);
        last.filter(|letter| letter.envelope.message_id != self.notice.envelope.message_id)
    }

    async fn says_send(&self, transcript: &Outgoing) {
        let person = self.notice.envelope.to.to_string();
        self.answered(clients::plain(&transcript.bytes, &person, "#send")).await;
    }
}

#[test]
fn the_customer_receives_exactly_the_new_words_of_every_program() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut told = Vec::new();
    for program in known::PROGRAMS {
        told.extend(runtime.block_on(all_forms_of(program)));
    }
    let count = |goes: &str| told.iter().filter(|line| line.contains(goes)).count();
    println!(
        "{} forms: {} sent, {} after #send, {} asked again",
        told.len(),
        count("Sent"),
        count("Held"),
        count("Refused")
    );
    let wrong: Vec<&String> = told.iter().filter(|line| line.contains("but")).collect();
    assert!(wrong.is_empty(), "{} of {} forms:\n{wrong:#?}", wrong.len(), told.len());
    assert!(told.len() >= 60 && count("Sent") >= 25 && count("Held") >= 25, "{} forms", told.len());
}

async fn all_forms_of(program: &Program) -> Vec<String> {
    let time = SetTime::new("2026-11-24T08:10:00Z".parse().expect("an instant"));
    let office = Office::open(&time, &shop::CONFIG.replace("bot_guard = \"20s\"", "bot_guard = \"0s\"")).await;
    let mut told = Vec::new();
    for (number, (place, form)) in program.forms().into_iter().enumerate() {
        let case = Case::open(&office, number).await;
        let goes = came_of(&case, program, place, form).await;
        let expected = program.goes(place, form);
        let but = if goes == expected { String::new() } else { format!(", but expected {expected:?}") };
        told.push(format!("{}, {place:?}, {form:?}: {goes:?}{but}", program.name));
        nothing_internal_left(&office);
    }
    told
}

/// Sends the reply, releases it where that is offered, and looks at what the customer has.
async fn came_of(case: &Case<'_>, program: &Program, place: Place, form: Form) -> Goes {
    let person = case.notice.envelope.to.to_string();
    case.answered(program.reply(&case.notice.bytes, &person, (ABOVE, BELOW), place, form)).await;
    if let [reply] = case.replies().as_slice() {
        return judged(reply, place, Goes::Sent);
    }
    let Some(transcript) = case.transcript() else { return Goes::Nowhere };
    if !parse(&transcript.bytes).text.contains("#send") {
        return Goes::Refused;
    }
    case.says_send(&transcript).await;
    match case.replies().as_slice() {
        [reply] => judged(reply, place, Goes::Held),
        _ => Goes::Nowhere,
    }
}

/// Whether the letter holds what was written, and no more: all of it, or only what stands above the quote.
fn judged(reply: &Mail, place: Place, all: Goes) -> Goes {
    let wanted = match place {
        Place::Above => ABOVE.to_owned(),
        Place::Below => BELOW.to_owned(),
        Place::Between => format!("{ABOVE} {BELOW}"),
    };
    let (text, html) = (one_line(&reply.text), one_line(&shown(reply)));
    match () {
        () if text == one_line(&wanted) && html == text => all,
        () if text == one_line(ABOVE) && html == text && all == Goes::Sent => Goes::SentInPart,
        () => Goes::Otherwise(format!("{text} | {html}")),
    }
}

/// The words of the HTML, by the smallest reader that there is.
fn shown(mail: &Mail) -> String {
    let mut words = String::new();
    for piece in mail.html.as_deref().unwrap_or_default().split('<') {
        words += piece.split_once('>').map_or(piece, |(_, words)| words);
        words.push(' ');
    }
    words.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Of every letter that went to a customer so far.
fn nothing_internal_left(office: &Office) {
    for (_, letter) in office.sent_outside() {
        let text = String::from_utf8_lossy(&letter.bytes).into_owned();
        let mail = parse(&letter.bytes);
        let all = format!("{text}\n{}\n{}", mail.text, mail.html.unwrap_or_default()).to_lowercase();
        let marks =
            ["+s.", "+i.", "+k.", "%2bs.", "%2bi.", "%2bk.", "mei@", "lena@", "jane@", "#take", "your reply goes"];
        for inside in marks.map(str::to_owned).into_iter().chain([INTERNAL_MARK, REPLY_MARKER].map(str::to_lowercase)) {
            assert!(!all.contains(&inside), "{inside} in a letter to {}:\n{text}", letter.envelope.to);
        }
    }
}

/// A footer that the law demands stands below the words and above the quote, in text and HTML: it goes along, once.
#[tokio::test]
async fn a_legal_footer_goes_along_once() {
    const FOOTER: &str = "Northwind Lamps GmbH, Amtsgericht Berlin HRB 4711, Managing director: Jane Okafor";
    let time = SetTime::new("2026-11-24T08:10:00Z".parse().expect("an instant"));
    let office = Office::open(&time, shop::CONFIG).await;
    for (number, program) in known::PROGRAMS.iter().enumerate() {
        let case = Case::open(&office, number).await;
        let words = format!("{ABOVE}\n\n{FOOTER}");
        let (place, form) = (Place::Above, program.forms()[0].1);
        let person = case.notice.envelope.to.to_string();
        case.answered(program.reply(&case.notice.bytes, &person, (&words, ""), place, form)).await;
        let replies = case.replies();
        let [reply] = replies.as_slice() else { panic!("{}: {} replies", program.name, replies.len()) };
        assert_eq!(one_line(&reply.text), one_line(&words), "{}", program.name);
        assert_eq!(shown(reply).matches("HRB 4711").count(), 1, "{}", program.name);
    }
    nothing_internal_left(&office);
}

/// A new picture between the words, an attached file, and the picture of the quoted notice, which stays here.
#[tokio::test]
async fn attachments_and_new_pictures_go_along_and_quoted_ones_stay() {
    let time = SetTime::new("2026-11-24T08:10:00Z".parse().expect("an instant"));
    let office = Office::open(&time, shop::CONFIG).await;
    for (number, program) in known::PROGRAMS.iter().enumerate() {
        let Some(form) = program.forms().into_iter().map(|(_, form)| form).find(|form| *form != Form::Text) else {
            continue;
        };
        let case = Case::open(&office, number).await;
        let person = case.notice.envelope.to.to_string();
        case.answered(program.reply_with_files(&case.notice.bytes, &person, ABOVE, form)).await;
        let replies = case.replies();
        let [reply] = replies.as_slice() else { panic!("{}: {} replies", program.name, replies.len()) };
        let files: Vec<(&str, bool)> =
            reply.attachments.iter().map(|f| (f.name.as_deref().unwrap_or_default(), f.inline)).collect();
        assert_eq!(files, [("new.png", true), ("offer.pdf", false)], "{}", program.name);
        let html = reply.html.clone().unwrap_or_default();
        assert!(html.contains("cid:new@staff") && !html.contains("quoted@customer"), "{}: {html}", program.name);
    }
}
