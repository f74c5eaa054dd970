//! A mail's words as a quote: in plain text line by line, in HTML with the breaks taken out that only a mail program set.

use handlebars::{Context, Handlebars, Helper, HelperDef, HelperResult, Output, RenderContext, RenderErrorReason};

/// Mail programs wrap at 72 to 78 characters; a shorter line was ended by its writer (an address, a signature).
const WRAPPED_FROM: usize = 60;
const WRAPPED_TO: usize = 80;

/// `{{quote words}}`: escapes as its registry does.
pub(super) struct Quote {
    pub escape: fn(&str) -> String,
}

impl HelperDef for Quote {
    fn call<'reg: 'rc, 'rc>(
        &self,
        h: &Helper<'rc>,
        _: &'reg Handlebars<'reg>,
        _: &'rc Context,
        _: &mut RenderContext<'reg, 'rc>,
        out: &mut dyn Output,
    ) -> HelperResult {
        let words = h.param(0).and_then(|p| p.value().as_str());
        let words = words.ok_or_else(|| RenderErrorReason::Other("a quote needs words".into()))?;
        let is_html = (self.escape)("<") != "<";
        let shown: Vec<String> = match is_html {
            true => unwrapped(words).iter().map(|l| (self.escape)(l)).collect(),
            false => words.lines().map(|l| format!("> {}", (self.escape)(l))).collect(),
        };
        out.write(&shown.join(if is_html { "<br>\n" } else { "\n" }))?;
        Ok(())
    }
}

/// The lines as their writer meant them.
fn unwrapped(words: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in words.lines() {
        match lines.last_mut() {
            Some(last) if goes_on && is_prose(line) => *last = format!("{last} {line}"),
            _ => lines.push(line.to_owned()),
        }
        goes_on = (WRAPPED_FROM..=WRAPPED_TO).contains(&line.chars().count());
    }
    lines
}

/// Goes on where the line before broke off: no blank line, no item of a list, no older quote.
fn is_prose(line: &str) -> bool {
    line.chars().next().is_some_and(char::is_alphanumeric) && !is_numbered(line)
        || line.starts_with(['"', '\'', '(', '€', '$', '£'])
}

/// "1. the lamp", "2) the shade"
fn is_numbered(line: &str) -> bool {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.len() && rest.starts_with(['.', ')'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_mail_program_wrapped_is_joined() {
        let words = "Hello, the lamp went dark again, and I sat in the dark for an hour. That\nis two lamps.\n\n\
                     Klaus Berger\nHafenstrasse 7\nthis line has more than sixty characters, and a list comes after:\n\
                     - one\n1. two";
        let joined = [
            "Hello, the lamp went dark again, and I sat in the dark for an hour. That is two lamps.",
            "",
            "Klaus Berger",
            "Hafenstrasse 7",
            "this line has more than sixty characters, and a list comes after:",
            "- one",
            "1. two",
        ];
        assert_eq!(unwrapped(words), joined);
    }
}
