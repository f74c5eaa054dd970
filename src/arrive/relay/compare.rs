//! Do a text and an HTML say the same? Only then may the HTML go out beside the text.
//!
//! White space, bold marks of a text (`*so*`), bullets and link targets are form, not words; all other characters count.
//! Where the two differ for a harmless reason, the text goes alone: that costs looks, never a secret.

use super::markup;

/// Compared twice, since a number at the start of a line may be that of a list item or the writer's.
pub(super) fn same_words(text: &str, html: &str) -> bool {
    let page = markup::read(html);
    let shown: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    let shown = shown.join("\n");
    [false, true].iter().any(|numbers| normal(text, *numbers) == normal(&shown, *numbers))
}

/// The characters of a text that are words.
pub(super) fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !is_form(*c)).collect()
}

fn normal(text: &str, numbers_are_form: bool) -> String {
    text.lines().map(|line| squeezed(&without_targets(without_bullet(line, numbers_are_form)))).collect()
}

fn is_form(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '*' | '_' | '\u{2022}' | '\u{b7}' | '\u{2500}' | '\u{f0b7}' | markup::PICTURE | '\u{200b}'
                ..='\u{200f}' | '\u{2060}' | '\u{feff}'
        )
}

fn without_bullet(line: &str, numbers_are_form: bool) -> &str {
    let line = line.trim_start();
    let Some((first, rest)) = line.split_once(char::is_whitespace) else { return line };
    let number = first.trim_end_matches(['.', ')']);
    let numbered = first.len() > number.len() && number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
    if matches!(first, "-" | "o" | "\u{2013}" | "\u{a7}") || numbers_are_form && numbered { rest } else { line }
}

/// `words<https://...>` of a text: where they lead is in the HTML's tags.
fn without_targets(line: &str) -> String {
    const SCHEMES: [&str; 4] = ["http://", "https://", "mailto:", "tel:"];
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, tail)) = rest.split_once('<') {
        out.push_str(before);
        let target = SCHEMES.iter().any(|scheme| tail.starts_with(scheme));
        rest = match tail.split_once('>').filter(|_| target) {
            Some((_, behind)) => behind,
            // None ends any more: looking for each would cost the square of the length.
            None if target => return out + "<" + tail,
            None => {
                out.push('<');
                tail
            }
        };
    }
    out + rest
}
