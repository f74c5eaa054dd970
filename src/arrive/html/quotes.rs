//! What mail programs put around or before the mail that is answered, in their HTML.
//!
//! Marks that hold the whole quote end with their element: people write below it. Marks that only introduce it reach to
//! the end of the mail. What is not known here is left to the rules for text. One pass over the tags, never an error.

/// How far a mark reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Element,
    Rest,
}

/// An attribute, how its value begins, and how far the mark reaches.
const MARKS: [(&str, &str, Reach); 32] = [
    ("class", "gmail_quote", Reach::Element),
    ("class", "gmail_extra", Reach::Element),
    ("class", "yahoo_quoted", Reach::Element),
    ("id", "yahoo_quoted", Reach::Element),
    ("class", "protonmail_quote", Reach::Element),
    ("class", "tutanota_quote", Reach::Element),
    ("class", "zmail_extra", Reach::Element),
    ("class", "moz-forward-container", Reach::Element),
    ("class", "front-blockquote", Reach::Element),
    ("class", "history_container", Reach::Element),
    ("class", "mail-quote-collapse", Reach::Element),
    ("id", "mail-app-auto-quote", Reach::Element),
    ("id", "isreplycontent", Reach::Element),
    ("id", "_persistentblockquote", Reach::Element),
    // Spark; GMX and WEB.DE.
    ("name", "messagereplysection", Reach::Element),
    ("name", "quote", Reach::Element),
    // Outlook in its many forms, Hotmail, Zimbra, BlackBerry: the quoted mail follows the mark, unmarked itself.
    ("id", "divrplyfwdmsg", Reach::Rest),
    ("id", "divrpf", Reach::Rest),
    ("id", "appendonsend", Reach::Rest),
    ("id", "mail-editor-reference-message-container", Reach::Rest),
    ("class", "ms-outlook-mobile-reference-message", Reach::Rest),
    ("class", "outlookmessageheader", Reach::Rest),
    ("id", "olk_src_body_section", Reach::Rest),
    ("id", "mac_outlook_attribution", Reach::Rest),
    ("id", "stopspelling", Reach::Rest),
    ("id", "zwchr", Reach::Rest),
    ("id", "_replytxt", Reach::Rest),
    ("id", "response_container_bbppid", Reach::Rest),
    // The line above the quote, which has a mark of its own.
    ("class", INTRODUCTIONS[0], Reach::Element),
    ("class", INTRODUCTIONS[1], Reach::Element),
    ("class", INTRODUCTIONS[2], Reach::Element),
    ("id", INTRODUCTIONS[3], Reach::Element),
];

/// Thunderbird, Gmail, Airmail, Roundcube: people write below the quote that follows, and above it.
const INTRODUCTIONS: [&str; 4] = ["moz-cite-prefix", "gmail_attr", "airmail_on", "reply-intro"];

/// Where the tag of the first mark begins; not for a quote that is followed by an answer (`blockquote` and the line above
/// it are left to the text rules, because people write below and between).
pub fn start(html: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(open) = html[at..].find('<').map(|found| at + found) {
        let tag = &html[open..tag_end(html, open)?];
        let name = element(tag);
        if !name.is_empty()
            && tag.contains('=')
            && name != "blockquote"
            && marked(&name, |wanted| attribute(tag, wanted))
                .is_some_and(|(reach, introduces)| reach == Reach::Rest || !introduces)
        {
            return Some(open);
        }
        at = open + tag.len();
    }
    None
}

/// Does an element begin a quote, and how far does it reach? `attribute` gives the value of one by its name.
pub fn reach(element: &str, attribute: impl Fn(&str) -> Option<String>) -> Option<Reach> {
    if let Some((reach, _)) = marked(element, &attribute) {
        return Some(reach);
    }
    let value = |name: &str| attribute(name).unwrap_or_default().to_ascii_lowercase();
    let style: String = value("style").chars().filter(|c| !c.is_whitespace()).collect();
    // Gmail and Apple indent by a block quote without a border: words of the writer.
    let indented = value("type") != "cite" && (style.contains("border:none") || style.contains("border:0"));
    (element == "blockquote" && !indented).then_some(Reach::Element)
}

/// How far a mark reaches, and whether it only introduces the quote.
fn marked(element: &str, attribute: impl Fn(&str) -> Option<String>) -> Option<(Reach, bool)> {
    let value = |name: &str| attribute(name).unwrap_or_default().to_ascii_lowercase();
    let (class, id, name) = (value("class"), value("id"), value("name"));
    // Outlook on the web puts `x_` before every name of the mail that it quotes.
    let begins = |value: &str, start: &str| value.trim_start_matches("x_").starts_with(start);
    let named = [&class, &id, &name].iter().any(|value| !value.is_empty());
    let known = MARKS.iter().filter(|_| named).find(|(attribute, start, _)| match *attribute {
        "class" => class.split_ascii_whitespace().any(|class| begins(class, start)),
        "id" => begins(&id, start),
        _ => element == "div" && name == *start,
    });
    if let Some((_, start, reach)) = known {
        return Some((*reach, INTRODUCTIONS.contains(start)));
    }
    let style: String = value("style").chars().filter(|c| !c.is_whitespace()).collect();
    // Outlook's own border above `From: Sent: To: Subject:`; that of Windows Mail, and of Outlook between answers.
    let above = style.contains("border:none;border-top:solid")
        || style.contains("border-top-width:1px") && style.contains("border-top-style:solid");
    let beside = style.contains("border:none;border-left:solidblue");
    match element {
        "div" if above => Some((Reach::Rest, false)),
        "div" if beside => Some((Reach::Element, true)),
        _ => None,
    }
}

/// Behind the `>` of the tag that begins here; an attribute may hold one. `None` where it never ends.
fn tag_end(html: &str, open: usize) -> Option<usize> {
    let mut quoted: Option<u8> = None;
    let mut before = b' ';
    for (at, byte) in html.bytes().enumerate().skip(open + 1) {
        match (byte, quoted) {
            (b'"' | b'\'', None) if before == b'=' => quoted = Some(byte),
            (_, Some(quote)) if byte == quote => quoted = None,
            (b'>', None) => return Some(at + 1),
            // No tag, but a sign of less: it ends nowhere.
            (b'<', None) => return Some(at),
            _ => {}
        }
        before = if byte.is_ascii_whitespace() { before } else { byte };
    }
    None
}

/// The element that a tag opens, in lower case; empty for anything else.
fn element(tag: &str) -> String {
    let name = tag[1..].split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    name.to_ascii_lowercase()
}

/// The value of an attribute of a tag as it was sent: in double quotes, single ones, or none.
pub(super) fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag[1..].trim_end_matches('>').trim_start_matches(|c: char| c.is_ascii_alphanumeric());
    while let Some((key, tail)) = rest.split_once('=') {
        let tail = tail.trim_start();
        let (value, behind) = match tail.chars().next() {
            Some(quote @ ('"' | '\'')) => tail[1..].split_once(quote).unwrap_or((&tail[1..], "")),
            _ => tail.split_at(tail.find(char::is_whitespace).unwrap_or(tail.len())),
        };
        let key = key.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
        if key.eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = behind;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_as_programs_write_them() {
        for mark in [
            "<div class=\"gmail_quote gmail_quote_container\">",
            "<div class=gmail_quote>",
            "<DIV CLASS='x_gmail_quote'>",
            "<div dir=\"ltr\" class=\"a > b gmail_extra\">",
            "<div id=\"x_divRplyFwdMsg\" dir=ltr>",
            "<div id=appendonsend></div>",
            "<div class='yahoo_quoted' id='yahoo_quoted_1'>",
            "<div class=\"protonmail_quote\">",
            "<div class=\"zmail_extra\">",
            "<div name=\"messageReplySection\">",
            "<div name='quote' style='margin:10px'>",
            "<hr id=\"stopSpelling\">",
            "<hr id=zwchr>",
            "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>",
            "<div style=\"border: none; border-top: solid #B5C4DF 1.0pt\">",
            "<div style=\"padding-top: 5px; border-top-width: 1px; border-top-style: solid;\">",
        ] {
            let html = format!("<p title=\"a > b\">1 < 2, it's so</p><br/>{mark}quoted");
            assert_eq!(start(&html), html.find(mark), "{mark}");
        }
    }

    #[test]
    fn what_people_answer_below_and_what_is_no_mark_is_left() {
        for html in [
            "<div class=\"moz-cite-prefix\">On ... wrote:</div><blockquote type=cite>a</blockquote>b",
            "<p>class=\"gmail_quote\"</p>",
            "<style>.gmail_quote{}</style>",
            "<p title='id=\"appendonsend\"'>a</p>",
            "<div class=\"my_gmail_quote\">a</div>",
            "a < b",
            "<div class=\"",
            "",
        ] {
            assert_eq!(start(html), None, "{html}");
        }
        let value = |name: &str| (name == "class").then(|| "moz-cite-prefix".to_owned());
        assert_eq!(reach("div", value), Some(Reach::Element));
        assert_eq!(reach("blockquote", |_| None), Some(Reach::Element));
        assert_eq!(reach("blockquote", |name| (name == "style").then(|| "border: none".to_owned())), None);
    }

    #[test]
    fn hostile_tags_are_read_in_one_pass() {
        for torn in ["<", "<div class=", "<div class=\"", "<a '", "<<>", "<div style=\"border:none;\">", "='\""] {
            assert_eq!(start(&torn.repeat(10_000)), None, "{torn}");
        }
    }
}
