//! The line above a quote, in the languages of mail programs: `On Fri, 20 Nov 2026, Mei Tan <mei@n.example> wrote:`.
//!
//! It is found by its end, then followed upwards, since programs wrap it. What it is made of decides how far it is
//! believed: only a form that people hardly write hides an unmarked quote below it.

use super::words::{WORDS, begins_with, ends_with_one, holds, plain};
use super::{Caution, Line, quotes};

/// Lines that one introduction may be wrapped over.
const MAX_LINES: usize = 6;
/// Longer lines belong to none.
const MAX_BYTES: usize = 400;
/// Lines that end like an introduction and are looked at closely, in one mail.
const MAX_TRIES: usize = 1000;
/// A short one without any date: `Mei Tan wrote:`.
const SHORT_CHARS: usize = 100;

/// How far a line is believed to be an introduction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Belief {
    /// If a marked quote follows.
    IfQuoted,
    /// The same; and where a wrong guess is asked about, without one.
    Guess,
    /// Whatever follows.
    Sure,
}

/// Marks introductions as quoted. A quote behind one is marked already; without one, all that follows is the quote.
pub(super) fn mark(lines: &[&str], marks: &mut [Line], caution: Caution) {
    let mut tries = MAX_TRIES;
    let mut own_above = 0;
    for at in 0..lines.len() {
        if marks[at] != Line::Own || lines[at].trim().is_empty() {
            continue;
        }
        own_above += 1;
        if tries == 0 || !could_end(lines[at]) {
            continue;
        }
        tries -= 1;
        let Some((start, belief)) = found(lines, marks, at) else { continue };
        let next = (at + 1..lines.len()).find(|n| !lines[*n].trim().is_empty());
        let quoted = next.is_some_and(|n| marks[n] == Line::Quoted);
        let least = match caution {
            Caution::Hold => Belief::Guess,
            Caution::Show => Belief::Sure,
        };
        if !quoted && belief < least {
            continue;
        }
        own_above -= (start..=at).filter(|n| !lines[*n].trim().is_empty()).count();
        marks[start..=at].fill(Line::Quoted);
        // With nothing above it, the answer stands below it, whether the quote was marked or taken out.
        if own_above > 0 && !quoted {
            marks[at + 1..].fill(Line::Quoted);
            return;
        }
    }
}

/// Where the introduction begins whose last line is `end`.
fn found(lines: &[&str], marks: &[Line], end: usize) -> Option<(usize, Belief)> {
    let mut best: Option<(usize, Belief)> = None;
    let mut joined = String::new();
    let (mut at, mut below) = (end, end);
    for _ in 0..MAX_LINES {
        if at < end && !goes_on(lines[at], lines[below]) {
            break;
        }
        joined = format!("{} {joined}", lines[at].trim());
        if let Some(belief) = judge(&joined) {
            let better = best.is_none_or(|(start, known)| {
                let next = if at < end { lines[below] } else { "" };
                begins_one(lines[at], next) || !is_beginning(lines[start]) || names_writer(lines[at]) || belief > known
            });
            if better {
                best = Some((at, belief));
            }
        }
        let above = line_above(lines, marks, at);
        below = at;
        match above {
            Some(above) => at = above,
            None => break,
        }
    }
    best
}

/// The line above that may belong to the same introduction. An empty one stands between where Gmail's link to an
/// address became lines of its own (`<`, `mailto:...`, `> wrote:`).
fn line_above(lines: &[&str], marks: &[Line], at: usize) -> Option<usize> {
    let above = at.checked_sub(1)?;
    let above = match lines[above].trim().is_empty() && lines[at].trim_start().starts_with('<') {
        true => above.checked_sub(1)?,
        false => above,
    };
    let fits = marks[above] == Line::Own && !lines[above].trim().is_empty() && lines[above].len() <= MAX_BYTES;
    fits.then_some(above)
}

/// May a line be followed by the next in one introduction? Not where a sentence ends.
fn goes_on(line: &str, next: &str) -> bool {
    let line = line.trim_end();
    let digit = |c: char| c.is_ascii_digit();
    let of_date = next.trim_start().starts_with(digit) || line.trim_end_matches('.').ends_with(digit);
    !line.ends_with(['!', '?', ':', ';', '\u{ff1a}', '\u{3002}']) && (!line.ends_with('.') || of_date)
}

/// A name with its address: programs in Turkish, Chinese and other languages begin with it.
fn names_writer(line: &str) -> bool {
    let line = line.trim();
    let whole = line.find('<').filter(|at| *at > 0).zip(line.find('>')).is_some_and(|(open, close)| open < close);
    whole && line.contains('@') && line.split(' ').count() <= 8
}

/// Begins as introductions do: with a first word of theirs, a weekday or a number, and with a date.
fn begins_one(line: &str, next: &str) -> bool {
    let line = plain(line);
    let line = line.trim_matches([' ', '*', '_', '-', '"']);
    let is_digit = |c: char| c.is_ascii_digit();
    let dated = line.contains(is_digit) || names_weekday(line) || next.trim_start().starts_with(is_digit);
    dated && starts(line) || WORDS.starts.of(line).any(|start| start.contains(' ') && begins_with(line, start))
}

/// Not in the middle of one.
fn is_beginning(line: &str) -> bool {
    let line = plain(line);
    let line = line.trim_start_matches([' ', '*', '_', '-']);
    !line.starts_with(['<', '(', '>', '[', ',']) && !WORDS.verbs.iter().any(|verb| begins_with(line, verb))
}

/// Asked of every line.
fn could_end(line: &str) -> bool {
    if line.len() > MAX_BYTES {
        return false;
    }
    let line = line.trim_end_matches(|c: char| {
        c.is_whitespace() || matches!(c, '*' | '_' | '\u{200e}' | '\u{200f}' | '\u{202c}' | '\u{2069}')
    });
    const BARE: [&str; 8] =
        ["wrote", "\u{5199}\u{9053}", "\u{5beb}\u{9053}", "crit", "scritto", "escreveu", "escribi\u{f3}", "schrieb"];
    line.ends_with([':', '\u{ff1a}'])
        || line.ends_with(" ----")
        || BARE.iter().any(|verb| line.ends_with(verb))
        || line.starts_with("20")
}

/// What an introduction holds: each asked for where it decides, for most lines with a colon are none.
struct Signs<'a>(&'a str);

impl Signs<'_> {
    /// Something on both sides of an `@`.
    fn address(&self) -> bool {
        holds_address(self.0)
    }

    /// A date with its year.
    fn dated(&self) -> bool {
        holds_date(self.0)
    }

    /// `23:40`
    fn timed(&self) -> bool {
        holds_time(self.0)
    }

    fn starts(&self) -> bool {
        starts(self.0)
    }

    /// More than people write before a colon.
    fn made(&self) -> bool {
        self.address() || self.dated() && (self.timed() || names_weekday(self.0))
    }
}

fn judge(joined: &str) -> Option<Belief> {
    let line = plain(joined);
    let line = line.trim_matches([' ', '*', '_', '-', '>']);
    if is_old_gmail(line) {
        return Some(Belief::Sure);
    }
    // Zoho ends with a rule where others have a colon.
    let framed = joined.trim_start().starts_with("--") && joined.trim_end().ends_with("--");
    let ended = line.strip_suffix(':').or_else(|| line.strip_suffix('\u{ff1a}')).or(framed.then_some(line));
    let body = ended.unwrap_or(line).trim_end_matches([' ', '*', '_']);
    let signs = Signs(body);
    if ended.is_none() {
        // Some write no colon; then only the strictest form counts.
        let strict = ends_with_verb(body) && signs.starts() && signs.dated();
        return judge_by_verb(body, &signs).filter(|belief| strict && *belief == Belief::Sure);
    }
    judge_by_verb(body, &signs).or_else(|| judge_by_form(body, &signs))
}

fn judge_by_verb(body: &str, signs: &Signs<'_>) -> Option<Belief> {
    if ends_with_one(body, &WORDS.verbs_you_at_end) {
        return Some(if signs.dated() || signs.timed() { Belief::Guess } else { Belief::IfQuoted });
    }
    if ends_with_verb(body) {
        return match () {
            () if signs.made() => Some(Belief::Sure),
            () if signs.dated() || signs.timed() && signs.starts() => Some(Belief::Guess),
            () if body.chars().count() <= SHORT_CHARS => Some(Belief::IfQuoted),
            () => None,
        };
    }
    // `Am 20.11.2026 um 23:40 schrieb Mei Tan:`, `Mei Tan <mei@n.example> escreveu (sexta, 20/11/2026 23:40):`
    let (dated, timed) = (signs.dated(), signs.timed());
    let inside = (dated || timed)
        && (dated && timed || signs.starts() || signs.address())
        && WORDS.any_verb.is_match(body)
        && WORDS.verbs.iter().any(|v| holds(body, v));
    inside.then(|| if signs.made() { Belief::Sure } else { Belief::Guess })
}

/// Without a verb: `2026-11-20 23:40 GMT+01:00 Mei Tan <mei@n.example>:`, `Zitat von Mei Tan <mei@n.example>:`
fn judge_by_form(body: &str, signs: &Signs<'_>) -> Option<Belief> {
    if !signs.address() {
        return None;
    }
    let quoting = || WORDS.quoting.iter().any(|word| begins_with(body, word));
    let boxed = || body.contains(['<', '(', '"']);
    let made = || boxed() && signs.dated() && (signs.timed() || signs.starts() && body.ends_with('>'));
    (quoting() || made()).then_some(Belief::Sure)
}

/// Gmail wrote no colon for years: `2016-03-03 17:21 GMT+01:00 Mei Tan`, `2013/10/2 Mei Tan <mei@n.example>`.
fn is_old_gmail(line: &str) -> bool {
    let Some((date, rest)) = line.split_once(' ') else { return false };
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let dated = parts.len() == 3 && parts[0].len() == 4 && parts.iter().all(|p| p.len() <= 4 && is_number(p));
    let zoned = rest.split_once(" gmt").is_some_and(|(time, zone)| {
        let (zone, name) = zone.split_once(' ').unwrap_or((zone, ""));
        // A line of a log has seconds, or says more than a name.
        let is_name = |word: &str| word.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | '-' | '\''));
        time.len() <= 5
            && holds_time(time)
            && zone.starts_with(['+', '-'])
            && holds_time(&zone[1..])
            && (1..=4).contains(&name.split(' ').count())
            && !name.is_empty()
            && name.split(' ').all(is_name)
    });
    let boxed = rest.ends_with('>')
        && rest.split_once(" <").is_some_and(|(name, address)| {
            !name.is_empty() && !name.contains(['<', '>', '.', ',']) && address.contains('@') && !address.contains(' ')
        });
    dated && (zoned || boxed)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn starts(body: &str) -> bool {
    let body = body.trim_start_matches(['"', '(', '[']);
    body.starts_with(|c: char| c.is_ascii_digit())
        || WORDS.starts.of(body).any(|word| begins_with(body, word))
        || WORDS.weekdays.contains(first_word(body))
}

fn first_word(body: &str) -> &str {
    body.split(|c: char| !c.is_alphanumeric() && c != '\'').next().unwrap_or_default()
}

fn names_weekday(body: &str) -> bool {
    // Chinese, Japanese, Korean: a sign for the day of the week, within other letters.
    const SIGNS: [&str; 5] = ["\u{661f}\u{671f}", "\u{5468}", "\u{9031}", "\u{66dc}", "\u{c694}\u{c77c}"];
    body.split(|c: char| !c.is_alphanumeric() && c != '\'').take(8).any(|word| WORDS.weekdays.contains(word))
        || !body.is_ascii() && SIGNS.iter().any(|sign| body.contains(sign))
}

fn ends_with_verb(body: &str) -> bool {
    ends_with_one(body, &WORDS.verbs_at_end)
}

fn holds_address(body: &str) -> bool {
    body.match_indices('@').any(|(at, _)| {
        body[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+' | '"'))
            && body[at + 1..].starts_with(|c: char| c.is_alphanumeric() || matches!(c, '[' | '.'))
    })
}

/// A date with its year (`2026`), or one of three numbers (`20.11.26`): enough for months in any language.
fn holds_date(body: &str) -> bool {
    let year = |n: &str| n.len() == 4 && (n.starts_with("20") || n.starts_with("19"));
    body.split(|c: char| !c.is_ascii_digit()).any(year)
        || body.split(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '/' | '-')).any(|word| {
            let numbers: Vec<&str> = word.split(['.', '/', '-']).take(4).collect();
            numbers.len() == 3 && numbers.iter().all(|n| (1..=2).contains(&n.len()) && is_number(n))
        })
}

fn holds_time(body: &str) -> bool {
    let bytes = body.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let colon = |at: usize| bytes[at] == b':' && at > 0 && digit(at - 1) && digit(at + 1) && digit(at + 2);
    (0..bytes.len()).any(colon)
}

/// `>:` or `> wrote:` below an introduction whose address was wrapped just before its end. `above`: the line above it.
pub(super) fn is_wrapped_end(line: &str, above: &str) -> bool {
    let line = line.trim();
    let fits = line.len() < 60 && line.starts_with('>') && line.ends_with([':', '\u{ff1a}']);
    fits && !quotes::is_barred(above)
        && above.contains('@')
        && line.strip_prefix('>').and_then(|rest| rest.strip_suffix([':', '\u{ff1a}'])).is_some_and(|rest| {
            let rest = plain(rest);
            let rest = rest.trim_matches([' ', ',', '*']);
            rest.is_empty() || ends_with_verb(rest)
        })
}
