//! The table of mail-rules section 2, row by row in its order, and what each class means for the mail's place.

use crate::mail::{Address, Defect, HOLDS, HOLDS_NOT, Mail, Party};

use super::thread::Placing;
use super::{Answer, AutoKind, Bounce, Class, Found, FoundToken, Level, Place, Proven, Rules, Sender, Standing};
use super::{answer, auto, bounce, duplicate, is_form, is_ours, staff, thread};

/// RFC 5321 section 6.3 leaves the number to us; an honest road has under twenty hops.
const MAX_RECEIVED: usize = 50;

/// All that the rows look at.
pub struct Seen<'a> {
    pub mail: &'a Mail,
    pub proven: Proven,
    /// The customer's address is the proven one.
    pub authenticated: bool,
    pub found: &'a Found,
    pub rules: &'a Rules,
    pub sender: &'a Sender,
    pub customer: Option<&'a Party>,
}

/// The row that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub number: &'static str,
    pub class: Class,
    pub sign: String,
    pub answerable: bool,
    pub commands: bool,
    pub mark: Option<&'static str>,
}

impl Row {
    fn machine(number: &'static str, class: Class, sign: impl Into<String>) -> Self {
        Self { number, class, sign: sign.into(), answerable: false, commands: false, mark: None }
    }

    /// Human mail that gets no answer; rows from 13 on may command.
    fn human(number: &'static str, commands: bool, sign: impl Into<String>) -> Self {
        Self { number, class: Class::Human, sign: sign.into(), answerable: false, commands, mark: None }
    }

    fn marked(mut self, mark: &'static str) -> Self {
        self.mark = Some(mark);
        self
    }
}

/// The first row that matches; the last one always does.
pub fn first_row(seen: &Seen<'_>) -> Row {
    const ROWS: [fn(&Seen<'_>) -> Option<Row>; 15] = [
        own_mail,
        bounce_address,
        report,
        bounce_like,
        malformed,
        looped,
        blocked,
        automatic,
        responder,
        redirected,
        bulk,
        role,
        suspicious,
        unasked,
        limited,
    ];
    let found = ROWS.iter().find_map(|row| row(seen));
    found.unwrap_or_else(|| Row {
        number: "16",
        class: Class::Human,
        sign: "no sign of a machine".to_owned(),
        answerable: true,
        commands: true,
        mark: None,
    })
}

/// Rows 1 and 1b.
fn own_mail(seen: &Seen<'_>) -> Option<Row> {
    if duplicate::echo(seen.mail, seen.found).is_some() {
        return Some(Row::machine("1", Class::SelfEcho, "one of our letters, word for word"));
    }
    if seen.found.is_trial {
        return Some(Row::machine("1", Class::SelfEcho, "a trial letter of `amends check --send`"));
    }
    let own = *seen.sender == Sender::Own && original_from(seen.mail, seen.rules).is_none();
    own.then(|| Row::machine("1b", Class::OwnFrom, "From is one of our own addresses"))
}

/// Row 2: whatever its format (mail-rules section 4).
fn bounce_address(seen: &Seen<'_>) -> Option<Row> {
    let sent_there = thread::is_to_bounce_address(seen.mail, &seen.rules.own);
    sent_there.then(|| Row::machine("2", Class::Bounce, "sent to a bounce address (+b.)"))
}

fn report(seen: &Seen<'_>) -> Option<Row> {
    if auto::asks_to_confirm(seen.mail) {
        return Some(Row::machine("3", Class::Automatic, "a filter asks whether a person wrote"));
    }
    bounce::report_sign(seen.mail).map(|sign| Row::machine("3", Class::Report, sign))
}

/// Row 4. A null Return-Path alone is what good responders write (RFC 3834 section 3.3): automatic, not a bounce.
fn bounce_like(seen: &Seen<'_>) -> Option<Row> {
    let sign = bounce::sign(seen.mail)?;
    let class = if bounce::says_bounce(seen.mail) { Class::Bounce } else { Class::Automatic };
    Some(Row::machine("4", class, sign))
}

fn malformed(seen: &Seen<'_>) -> Option<Row> {
    let bad = |d: &&Defect| {
        let doubled = matches!(d, Defect::SeveralFrom | Defect::DuplicateContentType | Defect::DuplicateBoundary);
        doubled || matches!(d, Defect::NoFrom) || d.is_limit()
    };
    let defect = seen.mail.defects.iter().find(bad)?;
    Some(Row::machine("5", Class::Malformed, format!("defect: {defect}")))
}

fn looped(seen: &Seen<'_>) -> Option<Row> {
    let hops = seen.mail.headers_named("Received").count();
    (hops > MAX_RECEIVED).then(|| Row::machine("6", Class::Loop, format!("{hops} Received fields")))
}

/// Row 6b.
fn blocked(seen: &Seen<'_>) -> Option<Row> {
    if seen.found.marked_spam {
        return Some(Row::machine("6b", Class::Blocked, "the sender was marked by #spam"));
    }
    // Whoever sent it, and whoever wrote it before a group or a form did.
    let addresses: Vec<&Address> = seen.mail.sender().into_iter().chain(seen.customer).map(|p| &p.address).collect();
    let fits = |pattern: &str, address: &Address| match pattern.strip_prefix("*@") {
        Some(domain) => address.domain().eq_ignore_ascii_case(domain),
        None => address.as_str().eq_ignore_ascii_case(pattern),
    };
    let pattern = seen.rules.blocked.iter().find(|p| addresses.iter().any(|a| fits(p, a)))?;
    Some(Row::machine("6b", Class::Blocked, format!("limits.blocked: {pattern}")))
}

fn automatic(seen: &Seen<'_>) -> Option<Row> {
    let token = auto::submitted(seen.mail)?;
    // A listed form says honestly that a program wrote the mail; the words are the customer's.
    if token == "auto-generated" && is_form(seen.mail, seen.proven, seen.rules) {
        return None;
    }
    Some(Row::machine("7", Class::Automatic, format!("Auto-Submitted: {token}")))
}

fn responder(seen: &Seen<'_>) -> Option<Row> {
    auto::responder_field(seen.mail).map(|name| Row::machine("8", Class::Automatic, name))
}

/// Row 8b.
fn redirected(seen: &Seen<'_>) -> Option<Row> {
    // Bulk mail that was redirected is bulk mail still: rows 9 and 10 say more about it.
    let bulk = auto::precedence(seen.mail).is_some() || auto::list_field(seen.mail).is_some();
    auto::redirected(seen.mail).filter(|_| !bulk).map(|name| Row::human("8b", false, name))
}

/// Rows 9 and 10.
fn bulk(seen: &Seen<'_>) -> Option<Row> {
    if auto::is_via_list(seen.mail, &seen.rules.via_list) || is_form(seen.mail, seen.proven, seen.rules) {
        return None;
    }
    if let Some(word) = auto::precedence(seen.mail) {
        return Some(Row::machine("9", Class::Bulk, format!("Precedence: {word}")));
    }
    auto::list_field(seen.mail).map(|name| Row::machine("10", Class::Bulk, name))
}

fn role(seen: &Seen<'_>) -> Option<Row> {
    let address = &seen.customer?.address;
    auto::is_role(address).then(|| Row::human("11", false, format!("From: {}@", address.local())))
}

fn suspicious(seen: &Seen<'_>) -> Option<Row> {
    if seen.proven.dmarc_failed {
        return Some(Row::human("12", false, "DMARC failed").marked("unverified: DMARC failed"));
    }
    let says_yes = |name: &str| {
        seen.mail.header(name).is_some_and(|v| v.trim_start().get(..3).is_some_and(|w| w.eq_ignore_ascii_case("yes")))
    };
    let field = ["X-Spam-Flag", "X-Spam-Status"].into_iter().find(|name| says_yes(name))?;
    Some(Row::human("12", false, format!("{field}: yes")).marked("spam?"))
}

/// Rows 13 and 14: human mail whose sender did not write to us for an answer.
fn unasked(seen: &Seen<'_>) -> Option<Row> {
    if is_form(seen.mail, seen.proven, seen.rules) {
        return None;
    }
    if auto::suppressed(seen.mail) {
        return Some(Row::human("13", true, "X-Auto-Response-Suppress"));
    }
    let named = seen.mail.to.iter().chain(&seen.mail.cc).any(|p| is_ours(&p.address, &seen.rules.mailbox));
    let exempt = seen.rules.mailbox.is_empty() || auto::is_via_list(seen.mail, &seen.rules.via_list);
    (!named && !exempt).then(|| Row::human("14", true, "our address is not in To or Cc"))
}

fn limited(seen: &Seen<'_>) -> Option<Row> {
    let address = seen.customer.map(|party| &party.address);
    let why = answer::limit(address, seen.authenticated, seen.found, seen.rules)?;
    Some(Row::human("15", true, why))
}

/// Why a mail that the table calls a person's gets no letter and moves nothing (mail-rules section 2, bot guard).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    pub because: String,
    /// What its own words and fields make it; `None` where only the moment or the sender is suspicious.
    pub hint: Option<AutoKind>,
}

/// Responders without any header; `None` where a person wrote the mail.
pub fn guard(seen: &Seen<'_>, row: &Row, level: Level) -> Option<Guard> {
    let words = &seen.mail.new_text;
    // A tap on a link of ours is as quick as a machine, and writes what we wrote there.
    let tapped = [HOLDS, HOLDS_NOT].iter().any(|said| words.starts_with(said));
    let exempt = row.class != Class::Human || level >= Level(2) || staff::begins_with_command(words) || tapped;
    if exempt {
        return None;
    }
    if let Some(hint) = auto::hint(seen.mail) {
        return Some(Guard { because: hint.because.to_owned(), hint: Some(hint.kind) });
    }
    by_moment(seen.found, seen.rules).or_else(|| by_desk(seen)).map(|because| Guard { because, hint: None })
}

/// A person may be that quick, or repeat themselves: it stays a person's mail.
pub(super) fn by_moment(found: &Found, rules: &Rules) -> Option<String> {
    match found.answered_after_secs {
        Some(secs) if (0..rules.bot_guard_secs).contains(&secs) => {
            Some(format!("it came {secs} s after the letter that it answers"))
        }
        _ => found.same_words_elsewhere.then(|| "the same words came on another case within 14 days".to_owned()),
    }
}

fn by_desk(seen: &Seen<'_>) -> Option<String> {
    // Two desks that answer each other: one letter is enough to say that we are one, too.
    match auto::desk(seen.mail) {
        Some(auto::Desk::LikeOurs) => Some("a desk like ours wrote it".to_owned()),
        Some(auto::Desk::Other(sign)) if seen.found.letters_day > 0 => {
            Some(format!("another desk wrote it ({sign}), which has had a letter of ours today"))
        }
        Some(auto::Desk::Other(_)) | None => None,
    }
}

/// The writer before a group of `via_list` put its own address into From.
pub fn original_from(mail: &Mail, rules: &Rules) -> Option<Party> {
    mail.original_from.clone().filter(|_| auto::is_via_list(mail, &rules.via_list))
}

/// What the class means for the place, and how the writer stands to it.
pub fn place(seen: &Seen<'_>, row: &Row, placing: &Placing<'_>, bounce: Option<&Bounce>) -> (Place, Standing) {
    if let Some(letter) = duplicate::echo(seen.mail, seen.found).filter(|_| row.class == Class::SelfEcho) {
        return (Place::Echo(letter), Standing::Stranger);
    }
    if let Some(first) = duplicate::copy(seen.found, row.class, seen.sender) {
        return (Place::Duplicate(first), Standing::Stranger);
    }
    let joins = |(case, standing)| (Place::Case(case), standing);
    match row.class {
        Class::SelfEcho | Class::Loop | Class::Blocked => (Place::Park, Standing::Stranger),
        Class::Bounce | Class::Report => (report_place(seen, bounce), Standing::Stranger),
        // Quarantined: never joined to a case by marks that readers disagree about.
        Class::Malformed => (placing.opened(), Standing::Opener),
        Class::Automatic => placing.matched().map_or_else(|| unmatched_automatic(seen, placing), joins),
        Class::Bulk | Class::OwnFrom => placing.matched().map_or_else(|| (placing.opened(), Standing::Opener), joins),
        Class::Human => match staff::welcomed(seen.mail, seen.sender, seen.found) {
            Some(place) => (place, Standing::Stranger),
            None => placing.joined().map_or_else(|| (placing.opened(), Standing::Opener), joins),
        },
    }
}

/// A machine that begins a matter (a monitor, a shop) opens a case; one that answers something else is set aside.
fn unmatched_automatic(seen: &Seen<'_>, placing: &Placing<'_>) -> (Place, Standing) {
    match auto::submitted(seen.mail).as_deref() {
        Some("auto-generated") if bounce::null_return_path(seen.mail).is_none() => (placing.opened(), Standing::Opener),
        _ => (Place::Park, Standing::Stranger),
    }
}

/// RFC 3464 section 4.1: forgeable. A `b` token proves; a returned id with that letter's recipient is a hint.
fn report_place(seen: &Seen<'_>, bounce: Option<&Bounce>) -> Place {
    if let FoundToken::Bounce { letter, case } = seen.found.token {
        return Place::Report { letter, case, proven: true };
    }
    match &seen.found.reported {
        Some(hint) if bounce.is_some_and(|b| bounce::names(b, &hint.to)) => {
            Place::Report { letter: hint.letter, case: hint.case, proven: false }
        }
        _ => Place::Park,
    }
}

impl Answer {
    pub fn is_yes(&self) -> bool {
        *self == Answer::Yes
    }
}
