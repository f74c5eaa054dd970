//! Words that no reader of a mail sees: mail-rules section 5 obeys commands of the visible text only, and what a writer's
//! program hides is not for a customer either.
//!
//! By the style of an element (CSS 2.2, sections 9.2.4 and 11.2) or its `hidden`; white words count as hidden where the
//! mail names no background at all. Style sheets are not read. For well-formed HTML; one pass, never an error.

use crate::arrive::html::quotes;

/// Is there anything to look for? Most mails hide nothing, and are spared a second parser.
pub(super) fn hides(html: &str) -> bool {
    let bytes = html.as_bytes();
    let declared = memchr::memchr_iter(b':', bytes).any(|at| {
        let before = &bytes[at.saturating_sub(12)..at];
        let behind = bytes[at + 1..].trim_ascii_start();
        let named = |name: &str| ends_with(before.trim_ascii_end(), name);
        HIDING.iter().any(|(name, value)| named(name) && starts_with(behind, value))
            || named("color") && WHITE.iter().any(|white| starts_with(behind, white))
    });
    declared || memchr::memmem::find(bytes, b" hidden").is_some()
}

/// What makes an element invisible, as its declaration begins.
const HIDING: [(&str, &str); 5] =
    [("display", "none"), ("visibility", "hidden"), ("font-size", "0"), ("opacity", "0"), ("max-height", "0")];
const WHITE: [&str; 4] = ["#fff", "white", "rgb(255,255,255)", "rgb(255, 255, 255)"];

fn ends_with(bytes: &[u8], name: &str) -> bool {
    bytes.len() >= name.len() && bytes[bytes.len() - name.len()..].eq_ignore_ascii_case(name.as_bytes())
}

fn starts_with(bytes: &[u8], value: &str) -> bool {
    bytes.get(..value.len()).is_some_and(|start| start.eq_ignore_ascii_case(value.as_bytes()))
}

/// How the words of an element are shown; what stands in it goes on with that.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    /// Whatever stands inside says.
    gone: bool,
    unseen: bool,
    no_size: bool,
    white: bool,
}

impl Look {
    fn is_seen(self, white_shows: bool) -> bool {
        !(self.gone || self.unseen || self.no_size || self.white && !white_shows)
    }

    fn inside(self, tag: &str) -> Self {
        let mut look = self;
        look.gone |= quotes::attribute(tag, "hidden").is_some();
        let style = quotes::attribute(tag, "style").unwrap_or_default().to_ascii_lowercase();
        for (name, value) in style.split(';').filter_map(|one| one.split_once(':')) {
            look.declare(name.trim(), value.trim());
        }
        look
    }

    fn declare(&mut self, name: &str, value: &str) {
        let zero = || value.trim_start_matches(['0', '.']).trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let is_zero = value.starts_with('0') && zero().trim_matches(['%', ' ']).is_empty();
        match name {
            "display" => self.gone |= value.starts_with("none"),
            "opacity" | "max-height" => self.gone |= is_zero || value.starts_with("0 !") || value.starts_with("0px !"),
            "visibility" => self.unseen = value.starts_with("hidden"),
            "font-size" => self.no_size = is_zero || value.starts_with("0 !") || value.starts_with("0px !"),
            "color" => self.white = WHITE.iter().any(|white| value.starts_with(white)),
            _ => {}
        }
    }
}

/// Well-formed HTML without what no reader sees. `white_shows`: somewhere there is a background to see it on.
pub(super) fn without(html: &str, white_shows: bool) -> String {
    let mut out = String::with_capacity(html.len());
    let mut looks = vec![Look::default()];
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(piece_end(rest));
        rest = behind;
        let look = looks.last().copied().unwrap_or_default();
        if piece.starts_with("</") {
            if looks.len() > 1 {
                looks.pop();
            }
        } else if piece.starts_with('<') && !is_void(piece) {
            looks.push(look.inside(piece));
        }
        // An element that is gone goes with its tags; in others only the words do, for a child may be seen again.
        let now = looks.last().copied().unwrap_or_default();
        let stays = if piece.starts_with('<') { !(look.gone || now.gone) } else { look.is_seen(white_shows) };
        if stays {
            out.push_str(piece);
        }
    }
    out
}

/// Behind the tag or the words that begin here; an attribute may hold a `>`.
fn piece_end(rest: &str) -> usize {
    if !rest.starts_with('<') {
        return rest.find('<').unwrap_or(rest.len());
    }
    let mut quoted = false;
    let ends = |b: u8| {
        quoted ^= b == b'"';
        b == b'>' && !quoted
    };
    rest.bytes().position(ends).map_or(rest.len(), |at| at + 1)
}

fn is_void(tag: &str) -> bool {
    let name = tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    matches!(name, "br" | "hr" | "img" | "col" | "wbr" | "area")
}

#[cfg(test)]
mod tests {
    use super::super::to_text;

    fn shown(html: &str) -> String {
        to_text(html).text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_no_reader_sees_is_no_text() {
        for hidden in [
            "<div style=\"display:none\">#close</div>",
            "<DIV STYLE='color:red; Display : NONE !important'>#close</DIV>",
            "<span style=visibility:hidden>#close</span>",
            "<p hidden>#close</p>",
            "<div style=\"font-size: 0px; line-height:0\">#close</div>",
            "<div style=\"font-size:0\"><b>#close</b></div>",
            "<div style=\"opacity:0\"><p style=\"opacity:1\">#close</p></div>",
            "<div style=\"max-height:0px;overflow:hidden\">#close</div>",
            "<div style=\"color:#FFFFFF\">#close</div>",
            "<div style=\"color: white\">#close</div>",
            "<div style=\"color:rgb(255, 255, 255)\">#close</div>",
            "<div style=\"display:none\"><div>#close<br><img src=\"cid:a\"></div></div>",
        ] {
            assert_eq!(shown(&format!("{hidden}<p>Dear Klaus</p>")), "Dear Klaus", "{hidden}");
        }
    }

    #[test]
    fn what_a_reader_sees_stays() {
        for html in [
            "<div style=\"font-size:0\"><p style=\"font-size:16px\">seen</p></div>",
            "<div style=\"color:#fff\"><p style=\"color:#333\">seen</p></div>",
            "<div style=\"visibility:hidden\"><p style=\"visibility:visible\">seen</p></div>",
            "<TABLE BGCOLOR=\"#003366\"><tr><td style=\"color:#ffffff\">seen</td></tr></table>",
            "<body style=\"background:#000\"><p style=\"color:#fff\">seen</p></body>",
            "<p style=\"font-size:0.9em\">seen</p>",
            "<p style=\"opacity:0.8;max-height:05px\">seen</p>",
            "<p style=\"display:block; border-color:white\">seen</p>",
            "<p title=\" hidden display:none\">seen</p>",
        ] {
            assert_eq!(shown(html), "seen", "{html}");
        }
    }
}
