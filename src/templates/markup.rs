//! The little markup of letters, turned into two handlebars templates: plain text and HTML.
//!
//! Paragraphs, `**bold**`, `[label](url)` (alone in a paragraph: a button; several and nothing else: a row of buttons that
//! only the HTML shows), `- ` lists, `> ` quotes, `---`, and `\`
//! at a line's end for a break. It is read once, when the templates are loaded, and never sees a value: whatever a
//! customer is called, `**x**` or `<b>` or `{{y}}`, stands in the letter as it is. A line that holds nothing but
//! `{{#if ..}}`, `{{else}}`, `{{/if}}` and the like ends a paragraph; within a line they may stand anywhere.

/// A letter's body in both forms, still with its `{{tags}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forms {
    pub text: String,
    pub html: String,
}

/// What was wrong, with the line of the body (0 is its first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub line: usize,
    pub what: String,
}

// Inline, because some mail programs drop the style sheet in the head; the classes are for dark mode alone.
const P: &str = "<p style=\"margin:0 0 18px\">";
/// What is left of a paragraph or a list when none of its conditions held.
pub const EMPTY: [&str; 2] =
    ["<p style=\"margin:0 0 18px\"></p>\n", "<ul style=\"margin:0 0 18px;padding:0 0 0 20px\">\n</ul>\n"];
const UL: &str = "<ul style=\"margin:0 0 18px;padding:0 0 0 20px\">";
const LI: &str = "<li style=\"margin:0 0 6px\">";
const QUOTE: &str = "<blockquote class=\"quote\" style=\"margin:0 0 18px;padding:2px 0 2px 16px;border-left:3px solid #d9d4c7;color:#4c4a45\">";
const RULE: &str = "<hr class=\"rule\" style=\"margin:26px 0;border:0;border-top:1px solid #e4e0d6\">";
const LINK: &str = "class=\"link\" style=\"color:#1f5f8b\"";
const BUTTON: &str = "class=\"button\" style=\"display:inline-block;padding:11px 20px;border-radius:6px;background:#1f5f8b;color:#ffffff;text-decoration:none;font-weight:600\"";
const SMALL_BUTTON: &str = "class=\"tap\" style=\"display:inline-block;margin:0 6px 8px 0;padding:7px 14px;border:1px solid #1f5f8b;border-radius:6px;color:#1f5f8b;text-decoration:none;font-size:15px\"";

/// The two templates of a letter's body.
pub fn compile(body: &str) -> Result<Forms, Broken> {
    let lines: Vec<&str> = body.lines().collect();
    let mut forms = Forms { text: String::new(), html: String::new() };
    let mut at = 0;
    while at < lines.len() {
        let kind = kind_of(lines[at]);
        let end = at + run_length(&lines[at..], kind);
        write_block(&mut forms, kind, &lines[at..end]).map_err(|what| Broken { line: at, what })?;
        at = end;
    }
    Ok(forms)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Blank,
    Control,
    Rule,
    Item,
    Quote,
    Words,
}

fn kind_of(line: &str) -> Kind {
    let line = line.trim();
    match line {
        "" => Kind::Blank,
        "---" => Kind::Rule,
        _ if is_control(line) => Kind::Control,
        _ if line.starts_with("- ") => Kind::Item,
        _ if line.starts_with('>') => Kind::Quote,
        _ => Kind::Words,
    }
}

/// Only block tags and comments: `{{#if x}}`, `{{else}}`, `{{/if}}`, `{{! why }}`.
fn is_control(line: &str) -> bool {
    pieces(line).iter().all(|piece| match piece {
        Piece::Tag(tag) => is_block_tag(tag),
        Piece::Words(words) => words.trim().is_empty(),
    })
}

fn is_block_tag(tag: &str) -> bool {
    let inner = tag.trim_start_matches("{{").trim_start_matches('~').trim_start();
    inner.starts_with(['#', '/', '^', '!']) || inner.starts_with("else")
}

/// How many lines from here belong to one block. A list keeps the control lines between its items where they are
/// closed within it, so that `{{#each}}` over items makes one list.
fn run_length(lines: &[&str], kind: Kind) -> usize {
    match kind {
        Kind::Blank | Kind::Rule => 1,
        Kind::Words | Kind::Quote => lines.iter().take_while(|l| kind_of(l) == kind).count(),
        Kind::Item | Kind::Control => list_length(lines).max(1),
    }
}

/// Items, and conditions or loops that hold nothing but items: how many lines are one list.
fn list_length(lines: &[&str]) -> usize {
    let mut at = 0;
    while at < lines.len() {
        match kind_of(lines[at]) {
            Kind::Item => at += 1,
            Kind::Control => match closed_within(&lines[at..]) {
                Some(length) => at += length,
                None => return at,
            },
            Kind::Blank | Kind::Rule | Kind::Quote | Kind::Words => return at,
        }
    }
    at
}

/// From an opening line to its closing one, with nothing but items and further control lines between.
fn closed_within(lines: &[&str]) -> Option<usize> {
    let mut depth = 0_i32;
    let mut items = 0;
    for (n, line) in lines.iter().enumerate() {
        match kind_of(line) {
            Kind::Control => depth += depth_change(line),
            Kind::Item => items += 1,
            Kind::Blank | Kind::Rule | Kind::Quote | Kind::Words => return None,
        }
        if depth == 0 {
            return (items > 0).then_some(n + 1);
        }
    }
    None
}

fn depth_change(line: &str) -> i32 {
    let tags = pieces(line).into_iter().map(|piece| match piece {
        Piece::Tag(tag) if tag.starts_with("{{#") => 1,
        Piece::Tag(tag) if tag.starts_with("{{/") => -1,
        Piece::Tag(_) | Piece::Words(_) => 0,
    });
    tags.sum()
}

fn write_block(out: &mut Forms, kind: Kind, lines: &[&str]) -> Result<(), String> {
    match kind {
        Kind::Blank => {}
        Kind::Rule => {
            // Not "--": mail programs take what follows for a signature and hide it.
            out.text.push_str("----\n\n");
            push_line(&mut out.html, RULE);
        }
        Kind::Control if lines.len() == 1 => {
            push_line(&mut out.text, lines[0].trim());
            push_line(&mut out.html, lines[0].trim());
        }
        Kind::Control | Kind::Item => write_list(out, lines)?,
        Kind::Quote => write_quote(out, lines)?,
        Kind::Words => write_paragraph(out, lines)?,
    }
    Ok(())
}

fn push_line(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

fn write_list(out: &mut Forms, lines: &[&str]) -> Result<(), String> {
    push_line(&mut out.html, UL);
    for line in lines {
        let line = line.trim();
        match line.strip_prefix("- ") {
            Some(words) => {
                let inline = inline(words)?;
                out.text.push_str(&format!("- {}\n", inline.text));
                out.html.push_str(&format!("{LI}{}</li>\n", inline.html));
            }
            None => {
                push_line(&mut out.text, line);
                push_line(&mut out.html, line);
            }
        }
    }
    push_line(&mut out.html, "</ul>");
    out.text.push('\n');
    Ok(())
}

fn write_quote(out: &mut Forms, lines: &[&str]) -> Result<(), String> {
    out.html.push_str(QUOTE);
    for (n, line) in lines.iter().enumerate() {
        let words = line.trim().trim_start_matches('>').trim();
        let line_break = if n == 0 { "" } else { "<br>\n" };
        if let Some(name) = only_value(words) {
            // A value of several lines: the helper marks each of them.
            out.text.push_str(&format!("{{{{quote {name}}}}}\n"));
            out.html.push_str(&format!("{line_break}{{{{quote {name}}}}}"));
        } else {
            let inline = inline(words)?;
            out.text.push_str(&format!("> {}\n", inline.text));
            out.html.push_str(&format!("{line_break}{}", inline.html));
        }
    }
    push_line(&mut out.html, "</blockquote>");
    out.text.push('\n');
    Ok(())
}

/// `{{words}}` and nothing else.
fn only_value(words: &str) -> Option<&str> {
    let name = words.strip_prefix("{{")?.strip_suffix("}}")?.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/');
    name.chars().all(plain).then_some(name)
}

fn write_paragraph(out: &mut Forms, lines: &[&str]) -> Result<(), String> {
    let words = join(lines);
    if let Some(buttons) = only_links(&words) {
        return write_buttons(out, &buttons);
    }
    let whole = inline(&words)?;
    let html = match only_link(&words) {
        Some((label, url)) => format!("<a {BUTTON} href=\"{}\">{}</a>", escape(&url), inline(&label)?.html),
        None => whole.html,
    };
    out.html.push_str(&format!("{P}{html}</p>\n"));
    out.text.push_str(&whole.text);
    out.text.push_str("\n\n");
    Ok(())
}

/// What saves typing: as text the long addresses would only be in the way.
fn write_buttons(out: &mut Forms, buttons: &[(&str, &str)]) -> Result<(), String> {
    let mut row = String::new();
    for (label, url) in buttons {
        check_url(url)?;
        row.push_str(&format!("<a {SMALL_BUTTON} href=\"{}\">{}</a> ", escape(url), inline_bold(label)?.html));
    }
    out.html.push_str(&format!("{P}{}</p>\n", row.trim_end()));
    Ok(())
}

/// Two links or more, and nothing else.
fn only_links(words: &str) -> Option<Vec<(&str, &str)>> {
    let mut links = Vec::new();
    let mut rest = words;
    while let Some((before, label, url, after)) = next_link(rest) {
        if !before.trim().is_empty() {
            return None;
        }
        links.push((label, url));
        rest = after;
    }
    (links.len() > 1 && rest.trim().is_empty()).then_some(links)
}

/// The lines of a paragraph are one: phones break lines where they want. A `\` at the end keeps the break.
fn join(lines: &[&str]) -> String {
    let mut out = String::new();
    for (n, line) in lines.iter().enumerate() {
        let line = line.trim();
        match (line.strip_suffix('\\'), n + 1 == lines.len()) {
            (Some(kept), _) => push_line(&mut out, kept.trim_end()),
            (None, true) => out.push_str(line),
            (None, false) => out.push_str(&format!("{line} ")),
        }
    }
    out
}

enum Piece<'a> {
    Tag(&'a str),
    Words(&'a str),
}

/// Words and `{{tags}}` apart. A tag that is not closed is left to handlebars to complain about.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find("{{") {
        let end = rest[start..].find("}}").map_or(rest.len(), |end| start + end + 2);
        if start > 0 {
            out.push(Piece::Words(&rest[..start]));
        }
        out.push(Piece::Tag(&rest[start..end]));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        out.push(Piece::Words(rest));
    }
    out
}

/// Bold and links, outside of tags; everything else of the words is escaped for HTML.
fn inline(words: &str) -> Result<Forms, String> {
    let mut forms = Forms { text: String::new(), html: String::new() };
    let mut rest = words;
    while let Some((before, label, url, after)) = next_link(rest) {
        emphasise(&mut forms, before)?;
        check_url(url)?;
        let shown = inline_bold(label)?;
        forms.text.push_str(&if label == url { url.to_owned() } else { format!("{}: {url}", shown.text) });
        forms.html.push_str(&format!("<a {LINK} href=\"{}\">{}</a>", escape(url), shown.html));
        rest = after;
    }
    emphasise(&mut forms, rest)?;
    Ok(forms)
}

fn emphasise(forms: &mut Forms, words: &str) -> Result<(), String> {
    let inner = inline_bold(words)?;
    forms.text.push_str(&inner.text);
    forms.html.push_str(&inner.html);
    Ok(())
}

fn inline_bold(words: &str) -> Result<Forms, String> {
    let mut forms = Forms { text: String::new(), html: String::new() };
    let mut bold = false;
    for piece in pieces(words) {
        match piece {
            Piece::Tag(tag) => {
                forms.text.push_str(tag);
                forms.html.push_str(tag);
            }
            Piece::Words(plain) => {
                for (n, part) in plain.split("**").enumerate() {
                    if n > 0 {
                        bold = !bold;
                        forms.html.push_str(if bold { "<strong>" } else { "</strong>" });
                    }
                    forms.text.push_str(part);
                    forms.html.push_str(&escape(part).replace('\n', "<br>\n"));
                }
            }
        }
    }
    if bold { Err("a ** opens bold and none closes it in the same paragraph".into()) } else { Ok(forms) }
}

/// The next `[label](url)`: what stands before it, its parts, and what comes after.
fn next_link(words: &str) -> Option<(&str, &str, &str, &str)> {
    let middle = words.find("](")?;
    let end = middle + words[middle..].find(')')?;
    let start = words[..middle].rfind('[')?;
    Some((&words[..start], &words[start + 1..middle], &words[middle + 2..end], &words[end + 1..]))
}

fn only_link(words: &str) -> Option<(String, String)> {
    let (before, label, url, after) = next_link(words)?;
    (before.trim().is_empty() && after.trim().is_empty()).then(|| (label.to_owned(), url.to_owned()))
}

fn check_url(url: &str) -> Result<(), String> {
    let schemes = ["https://", "http://", "mailto:", "tel:"];
    if schemes.iter().any(|s| url.starts_with(s)) {
        return Ok(());
    }
    Err(format!("a link begins with https://, mailto: or tel:, and \"{url}\" does not"))
}

/// Escapes words for HTML and leaves `{{tags}}` as they are: handlebars escapes their values.
fn escape(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    for piece in pieces(words) {
        match piece {
            Piece::Tag(tag) => out.push_str(tag),
            Piece::Words(plain) => plain.chars().for_each(|c| match c {
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '"' => out.push_str("&quot;"),
                other => out.push(other),
            }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(body: &str) -> String {
        compile(body).expect("good markup").html
    }

    fn text(body: &str) -> String {
        compile(body).expect("good markup").text
    }

    #[test]
    fn lines_of_a_paragraph_are_one_line_of_text() {
        assert_eq!(text("One\ntwo **three**.\n\nFour\\\nfive"), "One two three.\n\nFour\nfive\n\n");
        assert_eq!(html("One\ntwo **three**."), format!("{P}One two <strong>three</strong>.</p>\n"));
    }

    #[test]
    fn a_control_line_stands_outside_of_paragraphs() {
        let body = "{{#if name}}\nDear {{name}},\n{{else}}\nHello,\n{{/if}}";
        assert_eq!(text(body), "{{#if name}}\nDear {{name}},\n\n{{else}}\nHello,\n\n{{/if}}\n");
        let want = format!("{{{{#if name}}}}\n{P}Dear {{{{name}}}},</p>\n{{{{else}}}}\n{P}Hello,</p>\n{{{{/if}}}}\n");
        assert_eq!(html(body), want);
    }

    #[test]
    fn each_over_items_is_one_list() {
        let body = "{{#each story}}\n- {{this}}\n{{/each}}";
        assert_eq!(html(body), format!("{UL}\n{{{{#each story}}}}\n{LI}{{{{this}}}}</li>\n{{{{/each}}}}\n</ul>\n"));
        assert_eq!(text(body), "{{#each story}}\n- {{this}}\n{{/each}}\n\n");
    }

    #[test]
    fn conditions_between_items_stay_in_the_list() {
        let body = "- a\n{{#if x}}\n{{#each y}}\n- b\n{{/each}}\n{{else}}\n- c\n{{/if}}\n- d";
        assert_eq!(html(body).matches("<ul").count(), 1);
        assert_eq!(text(body), format!("{body}\n\n"));
        assert_eq!(html("- a\n{{#if x}}\nwords\n{{/if}}").matches("</ul>").count(), 1);
        let apart = "{{#if x}}\n- a\n\nwords\n{{/if}}";
        assert!(html(apart).starts_with("{{#if x}}\n<ul"), "{}", html(apart));
    }

    #[test]
    fn links_have_a_label_and_a_lone_one_is_a_button() {
        assert_eq!(text("See [the shop](https://s.example/a)."), "See the shop: https://s.example/a.\n\n");
        assert!(html("See [the shop](https://s.example/a).").contains("href=\"https://s.example/a\">the shop</a>."));
        assert!(html("[Call {{name}}](tel:+49)").contains("class=\"button\""));
        assert!(html("[{{ref}}] (2)").contains("[{{ref}}] (2)"), "brackets alone are words");
        assert!(compile("[x](javascript:alert)").is_err());
    }

    #[test]
    fn quotes_mark_every_line_of_a_value() {
        assert_eq!(text("> {{words}}"), "{{quote words}}\n\n");
        assert_eq!(text("> a {{x}}\n> b"), "> a {{x}}\n> b\n\n");
    }

    #[test]
    fn html_in_a_template_is_shown_and_not_obeyed() {
        assert_eq!(html("a <b> & {{c}}"), format!("{P}a &lt;b&gt; &amp; {{{{c}}}}</p>\n"));
    }

    #[test]
    fn bold_that_is_not_closed_is_a_mistake_with_its_line() {
        assert_eq!(compile("one\n\ntwo **three").expect_err("not closed").line, 2);
    }
}
