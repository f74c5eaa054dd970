//! What of a stranger's words may stand in a letter: subjects that look like subjects. Names are `greeting.rs`'s.
//!
//! mail-rules section 3: to outsiders the name and the subject only of an authenticated sender, and nothing that could
//! turn our letter into somebody else's advertisement. To staff their words, cleaned and bounded.

use crate::mail::clean_line;

const SUBJECT_CHARS: usize = 80;
/// Of a mail's words in a notice to staff.
pub const WORDS_BYTES: usize = 4096;
const WISH_BYTES: usize = 600;
const CONFIRMED_BYTES: usize = 128 * 1024;

/// The customer's subject as our answer may carry it; `None` for what does not look like one.
pub fn answer_subject(subject: &str) -> Option<String> {
    let bare = bare_subject(subject);
    let fits = bare.chars().count() <= SUBJECT_CHARS && bare.chars().any(char::is_alphanumeric);
    (fits && !holds_address_or_url(&bare)).then_some(bare)
}

/// Without "Re:" and the like in front and without `[NW-1042]`: the answer brings its own.
pub fn bare_subject(subject: &str) -> String {
    const PREFIXES: [&str; 14] =
        ["re", "aw", "antw", "sv", "fw", "fwd", "wg", "tr", "rif", "rv", "res", "enc", "vs", "odp"];
    let mut rest = clean_line(subject);
    while let Some((head, tail)) = rest.split_once(':') {
        let word = head.split(['[', '(']).next().unwrap_or(head).trim();
        if !PREFIXES.iter().any(|p| word.eq_ignore_ascii_case(p)) {
            break;
        }
        rest = tail.trim().to_owned();
    }
    without_references(&rest)
}

/// Drops `[AB-123]`: a case's mark of ours, or of another desk.
fn without_references(subject: &str) -> String {
    let mut out = String::new();
    let mut rest = subject;
    while let Some((before, after)) = rest.split_once('[') {
        let (inner, tail) = after.split_once(']').unwrap_or((after, ""));
        out.push_str(before);
        if !is_reference(inner) {
            out.push_str(&rest[before.len()..rest.len() - tail.len()]);
        }
        rest = tail;
    }
    out.push_str(rest);
    clean_line(&out)
}

fn is_reference(inner: &str) -> bool {
    inner.rsplit_once('-').is_some_and(|(prefix, number)| {
        !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && prefix.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// Mail programs turn `evil.example/x` into a link without being asked: so a dot between letters is enough.
pub(super) fn holds_address_or_url(text: &str) -> bool {
    text.contains('@') || text.contains("://") || text.split_whitespace().any(looks_like_host)
}

fn looks_like_host(word: &str) -> bool {
    let host = word.split(['/', ':', '?']).next().unwrap_or(word);
    let mut labels = host.trim_matches(|c: char| !c.is_alphanumeric()).rsplit('.');
    let last = labels.next().unwrap_or_default();
    let before = labels.next().unwrap_or_default();
    last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
        && before.chars().count() >= 2
        && before.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// What a case is about, in a line for staff.
pub fn about(subject: &str, words: &str) -> String {
    let subject = bare_subject(subject);
    if !subject.is_empty() {
        return shorten(&subject, SUBJECT_CHARS);
    }
    telling_line(words).unwrap_or_else(|| "no subject".to_owned())
}

/// The first line of a mail that says something: "Hello," does not, unless nothing else stands there.
pub fn telling_line(words: &str) -> Option<String> {
    let lines: Vec<String> = words.lines().map(clean_line).filter(|line| !line.is_empty()).collect();
    let telling = lines.iter().find(|line| line.split_whitespace().count() >= 4);
    telling.or(lines.first()).map(|line| shorten(line, 60))
}

/// A mail's words for staff; `None` where nothing readable is left.
pub fn words_for_staff(words: &str) -> Option<String> {
    let cleaned = clean_lines(words);
    (!cleaned.is_empty()).then(|| bounded(&cleaned, WORDS_BYTES, "[…] the rest is kept on the case"))
}

/// All of a mail's words: what is to be confirmed is shown to its end.
pub fn all_words_for_staff(words: &str) -> Option<String> {
    let cleaned = clean_lines(words);
    (!cleaned.is_empty())
        .then(|| bounded(&cleaned, CONFIRMED_BYTES, "[…] too long to be shown: do not confirm it unless you wrote it"))
}

/// A person's words in a letter of ours to the customer.
pub fn words_for_customer(words: &str) -> Option<String> {
    let cleaned = clean_lines(words);
    (!cleaned.is_empty()).then_some(cleaned)
}

/// The wish, short enough to be read in a breath.
pub fn wish(words: &str) -> Option<String> {
    let cleaned = clean_lines(words);
    (!cleaned.is_empty()).then(|| bounded(&cleaned, WISH_BYTES, "[…]"))
}

/// Every line cleaned; at most one empty line in a row.
fn clean_lines(words: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in words.lines().map(clean_line) {
        if !line.is_empty() || out.last().is_some_and(|last| !last.is_empty()) {
            out.push(line);
        }
    }
    out.join("\n").trim().to_owned()
}

fn bounded(text: &str, bytes: usize, mark: &str) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(bytes);
    format!("{}\n{mark}", text[..end].trim_end())
}

/// At most so many characters, cut at a word where there is one near the end.
pub fn shorten(line: &str, chars: usize) -> String {
    let Some((end, _)) = line.char_indices().nth(chars) else { return line.to_owned() };
    let cut = &line[..end];
    let at_word = cut.rfind(' ').filter(|at| *at > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..at_word].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_loses_its_prefixes_and_our_mark() {
        for (subject, bare) in [
            ("Re: AW: Fwd: Lamp [NW-1042] broken", "Lamp broken"),
            ("RE[2]: Lamp", "Lamp"),
            ("Lamp: broken", "Lamp: broken"),
            ("[EXTERN] Lamp [not closed", "[EXTERN] Lamp [not closed"),
            ("Re:", ""),
        ] {
            assert_eq!(bare_subject(subject), bare, "{subject}");
        }
    }

    #[test]
    fn an_answer_repeats_only_what_looks_like_a_subject() {
        assert_eq!(
            answer_subject("Re: Lamp broken again. Order 12.5kg, v1.2").as_deref(),
            Some("Lamp broken again. Order 12.5kg, v1.2")
        );
        for bad in
            ["", "Re: ", "visit www.shop.example/x", "see http://x", "write a@b.example", "!!!", &"long ".repeat(20)]
        {
            assert_eq!(answer_subject(bad), None, "{bad}");
        }
    }

    #[test]
    fn words_for_staff_are_clean_and_bounded() {
        assert_eq!(words_for_staff("a\u{202e}b\r\n\r\n\r\n\u{0}c").as_deref(), Some("ab\n\nc"));
        assert_eq!(words_for_staff(" \n\u{200b}\n"), None);
        let long = words_for_staff(&"ü".repeat(5000)).expect("words");
        assert!(long.len() < WORDS_BYTES + 60 && long.ends_with("kept on the case"));
    }

    #[test]
    fn a_long_line_is_cut_at_a_word() {
        assert_eq!(shorten("one two three", 9), "one two…");
        assert_eq!(shorten("onetwothree", 5), "onetw…");
        assert_eq!(shorten("short", 5), "short");
    }

    #[test]
    fn a_case_without_a_subject_is_named_by_its_words() {
        assert_eq!(about("", "\n The lamp.\nAgain"), "The lamp.");
        assert_eq!(about("", "Hello,\n\nthe lamp is broken again."), "the lamp is broken again.");
        assert_eq!(about("Re:", ""), "no subject");
    }
}
