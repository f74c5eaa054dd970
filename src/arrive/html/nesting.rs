//! How deep HTML nests, found in one pass before a tree is built of it: html5ever, and with it ammonia and html2text, take
//! the square of the depth, and build formatting elements anew in every paragraph that they were not closed in.
//!
//! A pre-scan that can be led astray is none: an end tag inside an attribute or a comment, or one that closes nothing,
//! must not be taken for one that does. So tags are read by the rules of the HTML standard (section 13.2.5), and an end tag
//! counts only where the tree builder surely closes that element; in doubt a mail nests too deep, and is shown as text.

/// Where no more can be said for sure (the standard has other rules inside of them), tags are only counted.
const STRANGE: [&str; 13] = [
    "svg",
    "math",
    "select",
    "template",
    "noscript",
    "iframe",
    "xmp",
    "noembed",
    "noframes",
    "plaintext",
    "frameset",
    "textarea",
    "noframe",
];
/// Never on the stack of open elements, or once.
const VOID: [&str; 18] = [
    "br", "img", "hr", "meta", "link", "input", "area", "base", "col", "source", "wbr", "embed", "param", "track",
    "html", "head", "body", "basefont",
];
/// Reopened in each block until they are closed (section 13.2.4.3).
const FORMATTING: [&str; 14] =
    ["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
/// Their end tags close only themselves at the top of the stack.
const INLINE: [&str; 22] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u", "span", "label",
    "sup", "sub", "abbr", "cite", "ins", "del",
];
/// So many elements may be opened again.
const MAX_REOPENED: usize = 500_000;

/// Is it nested deeper than `most`, or would it grow when its formatting is opened again?
pub fn is_beyond(html: &str, most: usize) -> bool {
    let mut scan = Scan { bytes: html.as_bytes(), open: Vec::new(), formatting: 0, reopened: 0, strange: false };
    let mut at = 0;
    while let Some(next) = scan.bytes[at..].iter().position(|b| *b == b'<') {
        let Some(behind) = scan.tag(at + next) else { break };
        at = behind;
        if scan.open.len() > most || scan.reopened > MAX_REOPENED {
            return true;
        }
    }
    scan.open.len() > most
}

struct Scan<'h> {
    bytes: &'h [u8],
    /// Names of the elements that may be open: never fewer than the tree builder has.
    open: Vec<&'h [u8]>,
    formatting: usize,
    reopened: usize,
    strange: bool,
}

fn is_any(name: &[u8], of: &[&str]) -> bool {
    of.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

impl<'h> Scan<'h> {
    /// Reads what begins with the `<` at `at`. Returns what is behind it; `None` at the end.
    fn tag(&mut self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at + 1..];
        match rest {
            [b'!', b'-', b'-', ..] if !self.strange => self.comment_end(at + 4),
            [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                let name = name_of(&rest[1..]);
                let behind = self.tag_end(at + 2 + name.len())?;
                self.end(name);
                Some(behind)
            }
            [letter, ..] if letter.is_ascii_alphabetic() => {
                let name = name_of(rest);
                let behind = self.tag_end(at + 1 + name.len())?;
                self.start(name);
                if is_any(name, &["style", "script", "title"]) && !self.strange {
                    self.raw_end(name, behind)
                } else {
                    Some(behind)
                }
            }
            // In the strange ones what looks like a comment may be none.
            [b'!' | b'?' | b'/', ..] if !self.strange => rest.iter().position(|b| *b == b'>').map(|end| at + 2 + end),
            _ => Some(at + 1),
        }
    }

    fn start(&mut self, name: &'h [u8]) {
        self.reopened += self.formatting;
        self.strange |= is_any(name, &STRANGE);
        if !self.strange && (is_any(name, &VOID) || is_any(name, &["style", "script", "title"])) {
            return;
        }
        if !self.strange {
            let ended: &[&str] = match name.to_ascii_lowercase().as_slice() {
                b"p" => &["p"],
                b"li" => &["p", "li"],
                b"dt" | b"dd" => &["p", "dt", "dd"],
                b"td" | b"th" => &["p", "td", "th"],
                b"tr" => &["p", "td", "th", "tr"],
                b"tbody" | b"thead" | b"tfoot" => &["p", "td", "th", "tr", "tbody", "thead", "tfoot"],
                b"option" => &["option"],
                _ => &[],
            };
            while self.open.last().is_some_and(|top| is_any(top, ended)) {
                self.open.pop();
            }
        }
        self.formatting += usize::from(is_any(name, &FORMATTING));
        self.open.push(name);
    }

    fn end(&mut self, name: &[u8]) {
        self.reopened += self.formatting;
        if self.strange {
            return;
        }
        // Elements whose end people leave out end with what they stand in.
        let implied: &[&str] = match name.to_ascii_lowercase().as_slice() {
            b"tr" => &["p", "td", "th"],
            b"tbody" | b"thead" | b"tfoot" => &["p", "td", "th", "tr"],
            b"table" => &["p", "td", "th", "tr", "tbody", "thead", "tfoot", "caption", "colgroup"],
            _ if is_any(name, &INLINE) => &[],
            b"p" => &[],
            _ => &["p", "li", "dt", "dd", "option"],
        };
        let kept = self.open.iter().rposition(|open| open.eq_ignore_ascii_case(name) || !is_any(open, implied));
        if let Some(at) = kept.filter(|at| self.open[*at].eq_ignore_ascii_case(name)) {
            self.formatting -= usize::from(is_any(name, &FORMATTING));
            self.open.truncate(at);
        }
    }

    /// Behind the `>` of a tag whose name ends at `at`; a quoted value may hold one.
    fn tag_end(&self, mut at: usize) -> Option<usize> {
        loop {
            at += self.bytes[at..].iter().position(|b| !b.is_ascii_whitespace() && *b != b'/')?;
            if self.bytes[at] == b'>' {
                return Some(at + 1);
            }
            // The first byte of a name may be anything, also `=`.
            at += 1;
            at += self.bytes[at..].iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'/' | b'>' | b'='))?;
            let value = at + self.bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
            if self.bytes[value] == b'=' {
                at = self.value_end(value + 1)?;
            }
        }
    }

    fn value_end(&self, at: usize) -> Option<usize> {
        let at = at + self.bytes[at..].iter().position(|b| !b.is_ascii_whitespace())?;
        match self.bytes[at] {
            quote @ (b'"' | b'\'') => self.bytes[at + 1..].iter().position(|b| *b == quote).map(|end| at + end + 2),
            _ => self.bytes[at..].iter().position(|b| b.is_ascii_whitespace() || *b == b'>').map(|end| at + end),
        }
    }

    fn comment_end(&self, at: usize) -> Option<usize> {
        let rest = &self.bytes[at..];
        if rest.starts_with(b">") || rest.starts_with(b"->") {
            return Some(at + 1);
        }
        let ends = |w: &[u8]| w.starts_with(b"--") && (w[2] == b'>' || w[2] == b'!' && w.get(3) == Some(&b'>'));
        let mut from = 0;
        while let Some(dash) = rest[from..].iter().position(|b| *b == b'-').map(|p| p + from) {
            let window = &rest[dash..rest.len().min(dash + 4)];
            if window.len() >= 3 && ends(window) {
                return Some(at + dash + 3);
            }
            from = dash + 1;
        }
        None
    }

    /// Behind the end tag of an element whose content is no markup.
    fn raw_end(&mut self, name: &[u8], at: usize) -> Option<usize> {
        let mut from = at;
        while let Some(open) = self.bytes[from..].iter().position(|b| *b == b'<').map(|p| p + from) {
            let rest = &self.bytes[open + 1..];
            // A script in a comment in a script may hold the end tag of a script.
            self.strange |= name.eq_ignore_ascii_case(b"script") && rest.starts_with(b"!--");
            if rest.first() == Some(&b'/') && name_of(&rest[1..]).eq_ignore_ascii_case(name) {
                return self.tag_end(open + 2 + name.len());
            }
            from = open + 1;
        }
        None
    }
}

fn name_of(bytes: &[u8]) -> &[u8] {
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'/' | b'>');
    &bytes[..bytes.iter().position(ends).unwrap_or(bytes.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nests_deep_is_found_however_it_is_hidden() {
        for step in [
            "<div>",
            "<b><i>",
            "<blockquote>",
            "<table><tr><td>",
            "<div></x>",
            "<div a=\"</div>\">",
            "<div a='</div>'>",
            "<div a=</div >",
            "<div><!--</div>-->",
            "<div><style></div></style>",
            "<div><title></div></title>",
            "<span><div></span></div>",
            "<span><p></span></p>",
            "<svg><td></td>",
            "<div><select></div></select>",
            "<div><script><!--</script></div></script>",
            "<div><b></div></b>",
            "<li><div></li><ul>",
            "<div><svg><![CDATA[></div><!--]]></svg>",
            "<DIV></dIV/ a=\"</div>\"><Div>",
            "<td><span></td>",
        ] {
            assert!(is_beyond(&step.repeat(20_000), 256), "{step}");
        }
    }

    #[test]
    fn formatting_that_is_opened_again_and_again_is_found() {
        let open: String = (0..250).map(|n| format!("<b id={n}>")).collect();
        assert!(is_beyond(&format!("<p>{open}</p>{}", "<p>x</p>".repeat(20_000)), 256));
    }

    #[test]
    fn what_people_and_their_programs_write_is_no_bomb() {
        for step in [
            "<p>x<br>",
            "<p>x</p>",
            "<ul><li>a<li>b</ul>",
            "<table><tr><td><p>x<td>y<tr><td>z</table>",
            "<div><p>x</div>",
            "<b><i>x</i></b>",
            "<p><font>x</p></font>",
            "<img src=\"a>b\"><hr/><br/>",
            "<!--[if mso]><table><tr><td><![endif]--><div>x</div><!--[if mso]></td></tr></table><![endif]-->",
            "<style>a > b { } <div></style>",
            "<a href=x>y</a>",
            "<dl><dt>a<dd>b</dl>",
            "<o:p></o:p>",
            "a < b <3 ",
            "<table><tbody><tr><td><table><tr><td>x</td></tr></table></td></tr></tbody></table>",
        ] {
            assert!(!is_beyond(&format!("<html><body>{}</body></html>", step.repeat(3_000)), 256), "{step}");
        }
    }

    #[test]
    fn no_beginning_of_a_tag_runs_over_the_end() {
        let html = "<div a=\"x\"><!-- c --><style>p</style></div><a b='c' d=e f/>";
        for end in 0..html.len() {
            is_beyond(&html[..end], 256);
        }
    }
}
