//! HTML of strangers: made harmless for our pages and letters, and turned into text.
//!
//! Sanitised by ammonia, rendered by html2text. Both take time that grows with the square of the nesting (50,000 nested
//! `div` cost them a quarter of a minute), so a linear pre-scan stands before them: what is too deep or too long gets a
//! plain stripping of its tags, and no HTML is shown of it. No remote content ever: no image, no style sheet, no form.

use std::borrow::Cow;
use std::collections::HashSet;

use html2text::render::TextDecorator;

use super::text;

mod hidden;
mod nesting;
pub(super) mod quotes;

const MAX_BYTES: usize = 512 * 1024;
const MAX_DEPTH: usize = 256;
/// Each costs html2text and ammonia about a kilobyte, however few bytes it has: half a megabyte of `<br>` took 125 MB.
const MAX_TAGS: usize = 9000;
/// Lines are not wrapped: a wrapped attribution line would no longer be one.
const WIDTH: usize = 10_000;

/// The text of an HTML body, and whether it could be laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub text: String,
    pub readable: bool,
}

/// HTML as text: quotes as `> `, list items as `* `, link targets in angle brackets behind their words.
pub fn to_text(html: &str) -> Rendered {
    if !is_tame(html) {
        return Rendered { text: tidy(&strip_tags(html)), readable: false };
    }
    let seen = visible(html);
    let config = html2text::config::with_decorator(Plain::default()).raw_mode(true).allow_width_overflow();
    match config.string_from_read(seen.as_bytes(), WIDTH) {
        Ok(text) => Rendered { text: tidy(&text), readable: true },
        Err(_) => Rendered { text: tidy(&strip_tags(html)), readable: false },
    }
}

/// HTML that may stand in a page or a letter of ours: no script, style, form, frame or image, only links that lead to
/// web pages and addresses. `None` where it is beyond the limits; then only its text is shown.
pub fn sanitise(html: &str) -> Option<String> {
    if !is_tame(html) {
        return None;
    }
    // A remote image tells the sender when and where it was read.
    Some(strict(SCHEMES.into()).rm_tags(["img"]).clean(html).to_string())
}

/// [`sanitise`], but for pictures that travel with the mail (`cid:`, RFC 2392).
pub(super) fn sanitise_with_pictures(html: &str) -> Option<String> {
    if !is_tame(html) {
        return None;
    }
    let mut builder = strict(SCHEMES.into());
    builder.add_url_schemes(["cid"]).attribute_filter(|tag, name, value| {
        let picture = value.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cid:"));
        let fits = if (tag, name) == ("img", "src") { picture } else { !picture };
        fits.then_some(Cow::Borrowed(value))
    });
    Some(builder.clean(html).to_string())
}

/// As [`sanitise`], but with the attributes by which quotes are known and pictures are placed: a well-formed text to cut
/// in, never one to show.
pub(super) fn well_formed(html: &str) -> Option<String> {
    is_tame(html).then(|| seen(html))
}

/// What a reader sees of it, as it is where nothing is hidden.
fn visible(html: &str) -> Cow<'_, str> {
    if hidden::hides(html) { Cow::Owned(seen(html)) } else { Cow::Borrowed(html) }
}

/// Of HTML that is tame.
fn seen(html: &str) -> String {
    let mut builder = strict(SCHEMES.into());
    builder
        .add_url_schemes(["cid"])
        .add_generic_attributes(["class", "id", "name", "style", "hidden"])
        .add_tag_attributes("blockquote", ["type"]);
    let clean = builder.clean(html).to_string();
    match hidden::hides(html) {
        true => hidden::without(&clean, names_background(html)),
        false => clean,
    }
}

/// White words may stand on it.
fn names_background(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    ["background", "bgcolor"].iter().any(|word| lower.contains(word))
}

const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

fn strict(schemes: HashSet<&str>) -> ammonia::Builder<'_> {
    let mut builder = ammonia::Builder::default();
    builder
        .rm_tags(["map", "area"])
        // Words of these are no words of the mail.
        .add_clean_content_tags(["title", "template", "textarea", "select", "noscript"])
        .url_schemes(schemes)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
}

/// The newly written words of an HTML body: what stands before the quote that the writer's program marked, else the
/// same rules as for text. `whole` is the text of all of it.
pub fn new_words(html: &str, whole: &str) -> String {
    if let Some(at) = quotes::start(html) {
        let above = text::new_words(&to_text(&html[..at]).text);
        if !above.trim().is_empty() {
            return above;
        }
    }
    text::new_words(whole)
}

/// The charset that the source names for itself, for a part whose header names none: `<meta charset=...>`, the older
/// `http-equiv` form, or the declaration of XML; looked for near the beginning only, as browsers do.
pub(super) fn charset(source: &[u8]) -> Option<String> {
    let head: Vec<u8> = source[..source.len().min(2048)].to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let declared = head.trim_start().strip_prefix("<?xml").and_then(|rest| rest.split_once("encoding="));
    let in_meta = || {
        let metas = head.split("<meta").skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
        metas.filter_map(|meta| meta.split_once("charset=")).next()
    };
    let (_, value) = declared.or_else(in_meta)?;
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '>' | '?' | '/');
    let name = value.trim_start().trim_start_matches(['"', '\'']).split(ends).next()?;
    (!name.is_empty() && name.len() <= 40).then(|| name.to_owned())
}

fn is_tame(html: &str) -> bool {
    let tags = html.bytes().filter(|b| *b == b'<').count();
    html.len() <= MAX_BYTES && tags <= MAX_TAGS && !nesting::is_beyond(html, MAX_DEPTH)
}

fn tag_name(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().take(16).position(|b| !b.is_ascii_alphanumeric()).unwrap_or(bytes.len().min(16));
    &bytes[..end]
}

/// Linear, for what is too deep or too long: tags and the content of scripts and styles go, block ends become lines.
pub(super) fn strip_tags(html: &str) -> String {
    let mut out = String::with_capacity(html.len() / 2);
    let mut rest = html;
    let mut endless: Vec<&str> = Vec::new();
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let name = tag_name(rest.as_bytes()[1..].strip_prefix(b"/").unwrap_or(&rest.as_bytes()[1..]));
        let silent = ["style", "script", "head", "title"].iter().find(|s| name.eq_ignore_ascii_case(s.as_bytes()));
        // An end that was once not found is not looked for again: that would cost the square of the length.
        if let Some(tag) = silent.filter(|tag| !rest.starts_with("</") && !endless.contains(*tag)) {
            match rest.find(&format!("</{tag}")) {
                Some(end) => rest = &rest[end..],
                None => endless.push(tag),
            }
        }
        if ["br", "p", "div", "tr", "li", "h1", "h2", "h3"].iter().any(|b| name.eq_ignore_ascii_case(b.as_bytes())) {
            out.push('\n');
        }
        rest = rest.find('>').map_or("", |end| &rest[end + 1..]);
    }
    out.push_str(rest);
    unescape(&out)
}

/// Longer names of characters there are, and none that mail needs.
const MAX_ENTITY_BYTES: usize = 10;

/// The entities that plain words need: all by number, and the names that mail programs write. In one pass, so that an
/// escaped ampersand brings no entity about.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let near = &rest[..rest.floor_char_boundary(MAX_ENTITY_BYTES)];
        match near.split_once(';').and_then(|(name, _)| Some((entity(name)?, name.len() + 1))) {
            Some((c, length)) => {
                out.push(c);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    const NAMES: [(&str, char); 32] = [
        ("nbsp", ' '),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("amp", '&'),
        ("auml", '\u{e4}'),
        ("ouml", '\u{f6}'),
        ("uuml", '\u{fc}'),
        ("Auml", '\u{c4}'),
        ("Ouml", '\u{d6}'),
        ("Uuml", '\u{dc}'),
        ("szlig", '\u{df}'),
        ("eacute", '\u{e9}'),
        ("egrave", '\u{e8}'),
        ("ecirc", '\u{ea}'),
        ("agrave", '\u{e0}'),
        ("aacute", '\u{e1}'),
        ("iacute", '\u{ed}'),
        ("oacute", '\u{f3}'),
        ("uacute", '\u{fa}'),
        ("ccedil", '\u{e7}'),
        ("ntilde", '\u{f1}'),
        ("aring", '\u{e5}'),
        ("oslash", '\u{f8}'),
        ("euro", '\u{20ac}'),
        ("rsquo", '\u{2019}'),
        ("ldquo", '\u{201c}'),
        ("rdquo", '\u{201d}'),
        ("ndash", '\u{2013}'),
        ("mdash", '\u{2014}'),
        ("hellip", '\u{2026}'),
    ];
    let Some(number) = name.strip_prefix('#') else {
        return NAMES.iter().find(|(known, _)| *known == name).map(|(_, c)| *c);
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    let c = code.ok().and_then(char::from_u32)?;
    Some(if c == '\u{a0}' { ' ' } else { c }).filter(|c| !c.is_control() || c.is_whitespace())
}

/// No-break blanks as blanks, no blanks at line ends, never more than one empty line.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.lines() {
        let line: Cow<'_, str> =
            if line.contains('\u{a0}') { Cow::Owned(line.replace('\u{a0}', " ")) } else { Cow::Borrowed(line) };
        let line = line.trim_end();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            out.push_str(line);
            out.push('\n');
        }
    }
    drop_doubled_targets(out.trim_matches('\n'))
}

/// `http://x <http://x>` says the same twice: the target goes where it is what stands before it.
fn drop_doubled_targets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(" \u{2039}") {
        out.push_str(&rest[..at]);
        let after = &rest[at + " \u{2039}".len()..];
        let Some((target, tail)) = after.split_once('\u{203a}') else {
            out.push_str(&rest[at..]);
            return out;
        };
        if !says_already(&out, target) {
            out.push_str(" <");
            out.push_str(target);
            out.push('>');
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn says_already(before: &str, target: &str) -> bool {
    let bare = target.trim_start_matches("mailto:").trim_start_matches("https://").trim_start_matches("http://");
    let bare = bare.trim_end_matches('/');
    let near = &before[before.floor_char_boundary(before.len().saturating_sub(500))..];
    let last = near.rsplit(char::is_whitespace).next().unwrap_or_default();
    bare.is_empty() || last.trim_end_matches(['/', '>', ')']).ends_with(bare)
}

/// Text as people write it, without marks for bold or italic.
#[derive(Debug, Clone, Default)]
struct Plain {
    links: Vec<String>,
}

impl TextDecorator for Plain {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        let shown = ["http://", "https://", "mailto:"].iter().any(|scheme| url.starts_with(scheme));
        self.links.push(if shown { url.to_owned() } else { String::new() });
        (String::new(), ())
    }

    /// Between characters that no target holds; [`tidy`] makes them angle brackets.
    fn decorate_link_end(&mut self) -> String {
        match self.links.pop() {
            Some(url) if !url.is_empty() && !url.contains('\u{203a}') => format!(" \u{2039}{url}\u{203a}"),
            _ => String::new(),
        }
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_superscript_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_superscript_end(&self) -> String {
        String::new()
    }

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "* ".to_owned()
    }

    fn ordered_item_prefix(&self, number: i64) -> String {
        format!("{number}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        Self::default()
    }

    fn finalise(&mut self, _urls: Vec<String>) -> Vec<html2text::render::TaggedLine<()>> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_reads_as_a_person_wrote_it() {
        let html = "<p>My <b>lamp</b>&nbsp;is broken.</p><ul><li>one<li>two</ul><blockquote>You wrote</blockquote>\
                    <a href='https://l.example/x'>this one</a> <a href='https://l.example'>l.example</a>";
        let text = to_text(html).text;
        for line in ["My lamp is broken.", "* one", "> You wrote", "this one <https://l.example/x> l.example"] {
            assert!(text.lines().any(|l| l == line), "{line} in:\n{text}");
        }
    }

    #[test]
    fn nothing_remote_and_nothing_active_is_left() {
        let html = "<p onclick=x()>a</p><img src=https://t.example/p><script>x()</script><a href='javascript:x()'>b</a>\
                    <style>p{}</style><form action=x><input></form><a href='https://l.example'>c</a>";
        let clean = sanitise(html).expect("tame");
        for bad in ["onclick", "<img", "script", "style", "form", "input", "t.example"] {
            assert!(!clean.contains(bad), "{bad} in {clean}");
        }
        assert!(clean.contains("https://l.example") && clean.contains("nofollow"));
    }

    #[test]
    fn entities_are_read_once() {
        assert_eq!(
            unescape("L&auml;mpe &#8364; &#x20AC; &amp;lt; &lt;b&gt; &nosuch; & &;"),
            "L\u{e4}mpe \u{20ac} \u{20ac} &lt; <b> &nosuch; & &;"
        );
        assert_eq!(unescape("&#0; &#xffffffff; &#"), "&#0; &#xffffffff; &#");
    }

    #[test]
    fn a_source_names_its_charset() {
        let of = |source: &str| charset(source.as_bytes());
        assert_eq!(of("<META charset='KOI8-R'>").as_deref(), Some("koi8-r"));
        assert_eq!(of("<meta content=\"text/html; charset=gb2312\" http-equiv=x>").as_deref(), Some("gb2312"));
        assert_eq!(of("<p>charset=utf-8</p>"), None);
    }

    #[test]
    fn a_depth_bomb_is_stripped_and_not_laid_out() {
        for bomb in ["<div>".repeat(50_000), "<b><i>".repeat(20_000), "<blockquote>".repeat(9_000)] {
            let rendered = to_text(&format!("{bomb}still here"));
            assert!(!rendered.readable && rendered.text.contains("still here"));
            assert_eq!(sanitise(&bomb), None);
        }
        let paragraphs = format!("{}end", "<p>x<br>".repeat(2_000));
        assert!(to_text(&paragraphs).readable);
    }

    #[test]
    fn the_quote_that_a_program_marked_is_folded_away() {
        let html = "<div>It broke again.</div><br><div class=\"gmail_quote\"><div>On Fri Mei wrote:</div>\
                    <blockquote>Dear Klaus</blockquote></div>";
        assert_eq!(new_words(html, &to_text(html).text), "It broke again.");
    }
}
