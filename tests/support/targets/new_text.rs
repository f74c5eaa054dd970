//! New words: folding only takes lines away, takes all that bars mark, and never takes everything.

use amends::arrive::{html, parse, text};

use super::checks;

const OWN: &str = "My lamp is broken again.";

pub fn body(data: &[u8]) {
    let words = String::from_utf8_lossy(data);
    folded(&words);
    let (decoded, new) = parse::plain_body(data);
    checks::only_takes_lines_away(&decoded, &new);
    quoted_below(&words);
    of_html(&words);
}

fn folded(words: &str) {
    let new = text::new_words(words);
    checks::only_takes_lines_away(words, &new);
    assert_eq!(new.trim().is_empty(), words.trim().is_empty(), "nothing is left of {words:?}");
    assert_eq!(new, text::new_words(words));
}

/// Whatever it was, behind bars it is a quote, and the words above it are new.
fn quoted_below(words: &str) {
    // `> wrote:` ends an attribution whose address was wrapped; with words of its own above it, that is not known.
    let lines = words.lines().filter(|line| !line.trim_end().ends_with([':', '\u{ff1a}']));
    let quoted: String = lines.map(|line| format!("> {}\n", line.replace('\r', " "))).collect();
    assert_eq!(text::new_words(&format!("{OWN}\n\n{quoted}")), OWN);
}

fn of_html(source: &str) {
    let whole = html::to_text(source);
    assert_eq!(whole, html::to_text(source));
    let new = html::new_words(source, &whole.text);
    assert_eq!(new.trim().is_empty(), whole.text.trim().is_empty(), "nothing is left of {source:?}");
    if let Some(clean) = html::sanitise(source) {
        checks::harmless_html(&clean);
        // What is shown is read by a browser once more: it must not become something else there.
        if let Some(again) = html::sanitise(&clean) {
            checks::harmless_html(&again);
        }
    }
}
