//! Well-formed HTML (as ammonia writes it) as a row of tokens, and the lines that a reader sees of it.
//!
//! Only for what went through `html::well_formed` or a sanitiser: every tag is closed, every attribute quoted, no
//! comment and no raw text is left. Each token knows its line, so that what rules say about lines can be done to tags.

use crate::arrive::html::{quotes, unescape};
use quotes::Reach;

/// Stands for a picture in the text of a line (Unicode: object replacement character), as Apple Mail writes it too.
pub(super) const PICTURE: char = '\u{fffc}';

/// A piece of HTML: words, or one tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    /// As it stands in the HTML.
    pub source: &'a str,
    pub kind: Kind<'a>,
    /// The line that it stands on.
    pub line: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind<'a> {
    Words,
    /// Without an end: `br`, `hr`, `img`.
    Void(&'a str),
    Open(&'a str),
    Close(&'a str),
}

/// A line as a reader sees it.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub text: String,
    /// Stands in what a mail program marked as a quote.
    pub quoted: bool,
}

#[derive(Debug)]
pub(super) struct Page<'a> {
    pub tokens: Vec<Token<'a>>,
    pub lines: Vec<Line>,
}

/// Reads HTML in one pass.
pub(super) fn read(html: &str) -> Page<'_> {
    let mut reader = Reader::default();
    let mut rest = html;
    while !rest.is_empty() {
        let end = match rest.starts_with('<') {
            true => tag_end(rest),
            false => rest.find('<').unwrap_or(rest.len()),
        };
        let (piece, behind) = rest.split_at(end);
        if piece.starts_with('<') {
            reader.tag(piece)
        } else {
            reader.words(piece)
        }
        rest = behind;
    }
    reader.end_line();
    Page { tokens: reader.tokens, lines: reader.lines }
}

/// Behind the `>` of the tag that begins here; an attribute may hold one.
fn tag_end(tag: &str) -> usize {
    let mut quoted = false;
    for (at, byte) in tag.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b'>' if !quoted => return at + 1,
            _ => {}
        }
    }
    tag.len()
}

/// The value of an attribute of a tag; `None` where it has none of that name.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag.trim_start_matches('<').trim_end_matches('>');
    rest = &rest[rest.find(' ')?..];
    while let Some((key, tail)) = rest.split_once("=\"") {
        let (value, behind) = tail.split_once('"')?;
        if key.trim() == name {
            return Some(unescape(value));
        }
        rest = behind;
    }
    None
}

#[derive(Default)]
struct Reader<'a> {
    tokens: Vec<Token<'a>>,
    lines: Vec<Line>,
    words: String,
    /// Open elements: whether each is one that a quote is marked by.
    open: Vec<bool>,
    quotes: usize,
    /// From here on everything is quoted.
    rest_quoted: bool,
    preformatted: usize,
}

impl<'a> Reader<'a> {
    fn push(&mut self, source: &'a str, kind: Kind<'a>) {
        self.tokens.push(Token { source, kind, line: self.lines.len() });
    }

    fn words(&mut self, words: &'a str) {
        if self.preformatted == 0 {
            self.words.push_str(words);
            return self.push(words, Kind::Words);
        }
        for line in words.split_inclusive('\n') {
            self.words.push_str(line);
            self.push(line, Kind::Words);
            if line.ends_with('\n') {
                self.line();
            }
        }
    }

    fn tag(&mut self, tag: &'a str) {
        let bare = tag.trim_start_matches(['<', '/']);
        let name = &bare[..bare.find([' ', '>', '/']).unwrap_or(bare.len())];
        match name {
            "br" => {
                self.push(tag, Kind::Void(name));
                self.line();
            }
            "hr" => {
                self.end_line();
                self.push(tag, Kind::Void(name));
            }
            "img" | "col" | "wbr" => self.void(tag, name),
            _ if tag.starts_with("</") => self.close(tag, name),
            _ => self.open(tag, name),
        }
    }

    /// A picture of the mail is something on its line, though no word.
    fn void(&mut self, tag: &'a str, name: &'a str) {
        if name == "img" && super::files::picture_id(tag).is_some() {
            self.words.push(PICTURE);
        }
        self.push(tag, Kind::Void(name));
    }

    fn open(&mut self, tag: &'a str, name: &'a str) {
        let reach = quotes::reach(name, |wanted| attribute(tag, wanted));
        if is_block(name) || reach.is_some() {
            self.end_line();
        }
        self.open.push(reach == Some(Reach::Element));
        self.quotes += usize::from(reach == Some(Reach::Element));
        self.rest_quoted |= reach == Some(Reach::Rest);
        self.preformatted += usize::from(name == "pre");
        self.push(tag, Kind::Open(name));
    }

    fn close(&mut self, tag: &'a str, name: &'a str) {
        let marked = self.open.pop() == Some(true);
        self.push(tag, Kind::Close(name));
        if matches!(name, "td" | "th") {
            self.words.push(' ');
        }
        if is_block(name) || marked {
            self.end_line();
        }
        self.quotes -= usize::from(marked && self.quotes > 0);
        self.preformatted -= usize::from(name == "pre" && self.preformatted > 0);
    }

    /// The line ends here, empty or not.
    fn line(&mut self) {
        let words = unescape(&std::mem::take(&mut self.words));
        let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
        self.lines.push(Line { text, quoted: self.rest_quoted || self.quotes > 0 });
    }

    /// A block begins or ends: what stands before it is a line of its own, and one empty line keeps blocks apart, so that
    /// no rule takes two of them for one wrapped line.
    fn end_line(&mut self) {
        if self.words.chars().any(|c| !c.is_ascii_whitespace()) {
            self.line();
        }
        if self.lines.last().is_some_and(|last| !last.text.is_empty()) {
            self.words.clear();
            self.line();
        }
    }
}

fn is_block(name: &str) -> bool {
    const BLOCKS: [&str; 34] = [
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "tbody",
        "thead",
        "tfoot",
        "caption",
        "blockquote",
        "pre",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "center",
        "article",
        "aside",
        "header",
        "footer",
        "nav",
        "figure",
        "figcaption",
        "hgroup",
        "details",
        "summary",
        "section",
    ];
    BLOCKS.contains(&name)
}
