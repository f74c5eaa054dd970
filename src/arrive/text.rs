//! The words newly written: quotes, their introductions and signatures folded away.
//!
//! Works line by line in linear time, and only folds: the whole text is kept beside it, and where nothing would be left
//! the whole text is the answer. Rules are general forms of what mail programs write, never a fit to one mail.

mod attributions;
mod fields;
pub(super) mod marker;

use attributions::{STARTS, VERBS};
use fields::{Field, field_of};

/// Lines that one attribution may be wrapped over.
const MAX_ATTRIBUTION_LINES: usize = 4;
/// Lines that end like an attribution and are looked at closely, in one mail.
const MAX_ATTRIBUTION_TRIES: usize = 1000;
/// Nobody writes more lines, and each costs more memory than it has bytes: such a text is shown whole.
const MAX_LINES: usize = 100_000;
/// Lines in which a header block of a quoted mail must show itself.
const HEADER_BLOCK_LINES: usize = 8;

/// What a line of a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The writer's.
    Own,
    /// Quoted, or an introduction of a quote.
    Quoted,
    /// The writer's block of name and address.
    Signature,
    /// A footer of the writer's program.
    Footer,
}

/// The newly written words of a plain text; all of it if nothing would be left.
pub fn new_words(text: &str) -> String {
    if text.lines().nth(MAX_LINES).is_some() {
        return text.trim().to_owned();
    }
    let lines: Vec<&str> = text.lines().collect();
    let marks = marks(&lines, vec![Line::Own; lines.len()]);
    let kept: Vec<&str> =
        lines.iter().zip(&marks).filter(|(_, mark)| **mark == Line::Own).map(|(line, _)| line.trim_end()).collect();
    let kept = kept.join("\n");
    let kept = kept.trim();
    if kept.is_empty() { text.trim().to_owned() } else { kept.to_owned() }
}

/// What each line is. `marks` holds what is known already, one for each line: [`Line::Quoted`] where markup said so.
pub(super) fn marks(lines: &[&str], mut marks: Vec<Line>) -> Vec<Line> {
    let end = cut_at(lines);
    marks[end..].fill(Line::Quoted);
    mark_quotes(&lines[..end], &mut marks[..end]);
    mark_attributions(&lines[..end], &mut marks[..end]);
    mark_signature(&lines[..end], &mut marks[..end]);
    marks
}

/// The line from which on everything is a quoted mail: our own marker, a rule, or the header block of Outlook and others.
fn cut_at(lines: &[&str]) -> usize {
    let found = lines.iter().enumerate().position(|(at, line)| {
        marker::starts(&lines[at..]) || is_original_rule(line) || starts_header_block(&lines[at..])
    });
    let mut at = found.unwrap_or(lines.len());
    // Outlook draws a rule above its header block; a marker may be torn behind its dashes.
    while at > 0 && found.is_some() && (is_rule(lines[at - 1]) || is_signature_delimiter(lines[at - 1])) {
        at -= 1;
    }
    at
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().all(|c| matches!(c, '_' | '-' | '=' | '*' | '\u{2500}')) && (line.len() >= 5 || line.is_empty())
}

/// `-----Original Message-----` in the languages of common programs.
fn is_original_rule(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['>', ' ', '*']);
    if !line.starts_with("--") && !line.starts_with("__") && !line.starts_with("**") {
        return false;
    }
    let words = line.trim_matches(|c: char| matches!(c, '-' | '_' | '*' | ' ')).to_lowercase();
    const RULES: [&str; 24] = [
        "original message",
        "original-nachricht",
        "originalnachricht",
        "urspr\u{fc}ngliche nachricht",
        "urspruengliche nachricht",
        "message d'origine",
        "message original",
        "message initial",
        "mensaje original",
        "messaggio originale",
        "mensagem original",
        "oorspronkelijk bericht",
        "originele bericht",
        "wiadomo\u{15b}\u{107} oryginalna",
        "oryginalna wiadomo\u{15b}\u{107}",
        "ursprungligt meddelande",
        "oprindelig meddelelse",
        "opprinnelig melding",
        "alkuper\u{e4}inen viesti",
        "original appointment",
        "\u{438}\u{441}\u{445}\u{43e}\u{434}\u{43d}\u{43e}\u{435} \u{441}\u{43e}\u{43e}\u{431}\u{449}\u{435}\u{43d}\u{438}\u{435}",
        "\u{539f}\u{59cb}\u{90ae}\u{4ef6}",
        "\u{5143}\u{306e}\u{30e1}\u{30c3}\u{30bb}\u{30fc}\u{30b8}",
        "reply message",
    ];
    // Zoho: `---- On Wed, 24 Feb 2021 14:02:50 +0530 mei@n.example wrote ----`.
    RULES.iter().any(|rule| words.starts_with(rule)) || words.starts_with("on ") && words.ends_with(" wrote")
}

/// `From:` at the start of a line, then at least two more fields of a header within the next lines.
fn starts_header_block(lines: &[&str]) -> bool {
    let Some(first) = lines.first().and_then(|line| field_of(line)) else { return false };
    if first != Field::From && first != Field::Date {
        return false;
    }
    let mut seen = vec![first];
    for line in lines.iter().skip(1).take(HEADER_BLOCK_LINES) {
        if let Some(field) = field_of(line).filter(|f| !seen.contains(f)) {
            seen.push(field);
        }
    }
    seen.contains(&Field::From) && seen.len() >= 3
}

fn mark_quotes(lines: &[&str], marks: &mut [Line]) {
    let by_bar = lines.iter().any(|line| line.trim_start().starts_with("| ")) && quoted_by_bar(lines);
    for (line, mark) in lines.iter().zip(marks) {
        let start = line.trim_start();
        if ends_wrapped_attribution(start) {
            continue;
        }
        if start.starts_with('>') || start.starts_with("&gt;") || by_bar && start.starts_with("| ") && start.len() > 2 {
            *mark = Line::Quoted;
        }
    }
}

/// `>:` or `> wrote:` below an attribution whose address was wrapped just before its end.
fn ends_wrapped_attribution(line: &str) -> bool {
    let line = line.trim_end();
    line.len() < 40
        && line.starts_with('>')
        && line.ends_with(':')
        && (line.len() == 2 || ends_with_verb(&line[1..line.len() - 1].to_lowercase()))
}

/// Some programs quote by a bar; a table drawn with bars is no quote, and ends its lines with them too.
fn quoted_by_bar(lines: &[&str]) -> bool {
    !lines.iter().any(|line| line.trim().starts_with('|') && line.trim().len() > 1 && line.trim().ends_with('|'))
}

/// `On ..., Mei wrote:` and its kind. A quote behind it is marked already; without one, all that follows is the quote.
fn mark_attributions(lines: &[&str], marks: &mut [Line]) {
    let mut at = 0;
    let mut own_above = false;
    let mut tries = MAX_ATTRIBUTION_TRIES;
    while at < lines.len() && tries > 0 {
        if marks[at] == Line::Own
            && let Some(end) = attribution(&lines[at..], &marks[at..], &mut tries)
        {
            let behind = at + end;
            marks[at..behind].fill(Line::Quoted);
            let next = (behind..lines.len()).find(|n| !lines[*n].trim().is_empty());
            if !own_above {
                // The answer stands below it, whether the quote was marked or taken out.
                at = behind;
                continue;
            }
            if next.is_none_or(|n| marks[n] != Line::Quoted) {
                marks[behind..].fill(Line::Quoted);
                return;
            }
            at = behind;
        } else {
            own_above |= marks[at] == Line::Own && !lines[at].trim().is_empty();
            at += 1;
        }
    }
}

/// How many lines the attribution is long that begins here; `None` where none does.
fn attribution(lines: &[&str], marks: &[Line], tries: &mut usize) -> Option<usize> {
    if !could_start_attribution(lines[0]) {
        return None;
    }
    for (count, line) in lines.iter().enumerate().take(MAX_ATTRIBUTION_LINES) {
        if marks[count] != Line::Own || line.trim().is_empty() {
            return None;
        }
        // Joining is left for the few lines that could end one.
        if could_end_attribution(line) {
            *tries = tries.saturating_sub(1);
            if is_attribution(&join(&lines[..=count])) {
                return Some(count + 1);
            }
        }
    }
    None
}

fn could_end_attribution(line: &str) -> bool {
    let line = line.trim_end_matches(['\u{a0}', ' ', '*', '\t', '\r']);
    line.ends_with(':') || line.ends_with('\u{ff1a}') || line.ends_with(" wrote")
}

fn join(lines: &[&str]) -> String {
    let trimmed: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    trimmed.join(" ")
}

fn could_start_attribution(line: &str) -> bool {
    let line = line.trim_start();
    !line.is_empty() && line.len() < 400
}

fn is_attribution(joined: &str) -> bool {
    let joined = joined.trim_end_matches(['\u{a0}', ' ', '*']);
    // Some write no colon; then only the strictest form counts.
    let bare = joined.strip_suffix(" wrote").is_some() && joined.starts_with("On ") && has_year(joined);
    let body = joined.strip_suffix(':').or_else(|| joined.strip_suffix('\u{ff1a}')).or(bare.then_some(joined));
    let Some(body) = body else { return false };
    let body = body.trim_end_matches(['\u{a0}', ' ', '*', '_']);
    let has_address = body.contains('@') && (body.contains('<') || body.contains('(') || body.contains("mailto"));
    let has_digit = body.bytes().any(|b| b.is_ascii_digit());
    if !has_address && !has_digit {
        return false;
    }
    // Most lines that end in a colon are none; folding the case is left for those that may be.
    let lower = body.to_lowercase();
    let starts = STARTS.iter().any(|start| lower.starts_with(start)) || lower.starts_with(|c: char| c.is_ascii_digit());
    if ends_with_verb(&lower) {
        return starts || has_address || has_year(&lower);
    }
    // `Am 20.11.2026 um 23:40 schrieb Mei Tan:`, `2026-11-20 23:40 GMT+01:00 Mei Tan <mei@n.example>:`
    let verb_inside = VERBS.iter().any(|verb| holds_word(&lower, verb));
    starts && has_digit && (verb_inside && (has_address || body.len() < 160) || has_address && body.ends_with('>'))
}

/// The verb between two blanks.
fn holds_word(lower: &str, verb: &str) -> bool {
    lower.match_indices(verb).any(|(at, _)| lower[..at].ends_with(' ') && lower[at + verb.len()..].starts_with(' '))
}

fn ends_with_verb(lower: &str) -> bool {
    let lower = lower.trim_end();
    VERBS
        .iter()
        .any(|verb| lower.strip_suffix(verb).is_some_and(|head| !head.ends_with(|c: char| c.is_ascii_alphanumeric())))
}

/// A date with its year: enough for languages whose first words are not known here.
fn has_year(lower: &str) -> bool {
    lower.split(|c: char| !c.is_ascii_digit()).any(|n| n.len() == 4 && (n.starts_with("20") || n.starts_with("19")))
}

/// From `-- ` on it is a signature (RFC 3676 section 4.3); footers of phones go by the line.
fn mark_signature(lines: &[&str], marks: &mut [Line]) {
    let own_end = marks.iter().rposition(|m| *m == Line::Own).map_or(0, |at| at + 1);
    let delimiter = (0..own_end).find(|at| marks[*at] == Line::Own && is_signature_delimiter(lines[*at]));
    if let Some(at) = delimiter {
        let has_words_above = (0..at).any(|n| marks[n] == Line::Own && !lines[n].trim().is_empty());
        let has_quote_below = (at..own_end).any(|n| marks[n] == Line::Quoted);
        let end = if has_quote_below {
            (at..own_end).find(|n| marks[*n] == Line::Quoted).unwrap_or(own_end)
        } else {
            own_end
        };
        if has_words_above {
            marks[at..end].iter_mut().filter(|m| **m == Line::Own).for_each(|m| *m = Line::Signature);
        }
    }
    // At the end of the words only: "Sent by DHL, number 7" may be one of them.
    for (line, mark) in lines.iter().zip(marks).rev() {
        match *mark {
            Line::Own | Line::Signature if is_footer(line) => *mark = Line::Footer,
            Line::Own if !line.trim().is_empty() => break,
            _ => {}
        }
    }
}

fn is_signature_delimiter(line: &str) -> bool {
    matches!(line, "-- " | "--" | "--\u{a0}")
}

/// What phones and programs add below the words.
fn is_footer(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['*', '_', '[', '-', ' ']);
    if line.len() < 8 || line.len() > 160 {
        return false;
    }
    // Without a copy: this is asked of every line.
    let begins = |start: &str| line.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
    const FOOTERS: [&str; 24] = [
        "sent from my ",
        "sent from mail for windows",
        "sent from outlook",
        "sent from yahoo",
        "sent from samsung",
        "sent via ",
        "sent with ",
        "sent by ",
        "get outlook for ",
        "von meinem ",
        "gesendet mit ",
        "gesendet von ",
        "holen sie sich outlook",
        "envoy\u{e9} de mon ",
        "envoy\u{e9} depuis ",
        "enviado desde mi ",
        "enviado do meu ",
        "inviato da ",
        "verzonden vanaf ",
        "verstuurd vanaf ",
        "wys\u{142}ane z ",
        "skickat fr\u{e5}n ",
        "sendt fra ",
        "l\u{e4}hetetty ",
    ];
    FOOTERS.iter().any(|footer| begins(footer))
        && !line.ends_with('?')
        && (!begins("sent by ") && !begins("sent via ") && !begins("sent with ") || line.len() < 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::REPLY_MARKER;

    #[test]
    fn quotes_and_their_introductions_are_folded() {
        for introduction in [
            "On Fri, 20 Nov 2026 at 23:40, Mei Tan <mei@n.example> wrote:",
            "On Fri, 20 Nov 2026 at 23:40, Mei Tan\n<mei@n.example> wrote:",
            "Am 20.11.2026 um 23:40 schrieb Mei Tan <mei@n.example>:",
            "Am Fr., 20. Nov. 2026 um 23:40 Uhr schrieb Mei Tan <\nmei@n.example>:",
            "Le ven. 20 nov. 2026 \u{e0} 23:40, Mei Tan <mei@n.example> a \u{e9}crit\u{a0}:",
            "El vie, 20 nov 2026 a las 23:40, Mei Tan (<mei@n.example>) escribi\u{f3}:",
            "Op vr 20 nov. 2026 om 23:40 schreef Mei Tan <mei@n.example>:",
            "-----Original Message-----\nFrom: Mei",
            "________________________________\nVon: Mei Tan\nGesendet: Freitag, 20. November 2026\nAn: Klaus\nBetreff: Lampe",
            "From: Mei Tan <mei@n.example>\nSent: Friday\nTo: Klaus\nSubject: Re: lamp",
            "2026-11-20 23:40 GMT+01:00 Mei Tan <mei@n.example>:",
        ] {
            for quote in ["> Dear Klaus\n> we are sorry", "Dear Klaus, we are sorry"] {
                let text = format!("It broke again.\n\nKlaus\n\n{introduction}\n\n{quote}\n");
                assert_eq!(new_words(&text), "It broke again.\n\nKlaus", "{introduction}");
            }
        }
    }

    #[test]
    fn answers_between_and_below_quotes_are_kept() {
        let text = "On 20 Nov 2026, Mei wrote:\n> What broke?\nThe hinge.\n> And what would you like?\nA new lamp.";
        assert_eq!(new_words(text), "The hinge.\nA new lamp.");
    }

    #[test]
    fn a_text_of_endless_lines_is_shown_whole() {
        let text = "> a\n".repeat(MAX_LINES);
        assert_eq!(new_words(&format!("own\n{}", &text[4..])), "own");
        assert_eq!(new_words(&format!("own\n{text}")).lines().count(), MAX_LINES + 1);
    }

    #[test]
    fn words_that_look_like_an_introduction_are_kept() {
        for text in [
            "My wish is this:\na new lamp",
            "The manual wrote:\npress 3 times",
            "From: the heart\nI thank you",
            "| a | b |",
        ] {
            assert_eq!(new_words(text), text);
        }
    }

    #[test]
    fn signatures_and_footers_are_folded_and_closings_kept() {
        assert_eq!(new_words("Broken.\nThanks, Alex\n-- \nAlex Ltd\n1 Street"), "Broken.\nThanks, Alex");
        assert_eq!(new_words("Broken.\n\nSent from my iPhone"), "Broken.");
        assert_eq!(new_words(&format!("Broken.\n\n{REPLY_MARKER}\nDear Klaus")), "Broken.");
    }

    #[test]
    fn if_nothing_would_be_left_all_is_shown() {
        assert_eq!(new_words("> only a quote\n"), "> only a quote");
    }
}
