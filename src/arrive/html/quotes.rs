//! What mail programs put around or before the mail that is answered, in their HTML.
//!
//! Marks that hold the whole quote end with their element: people write below it. Marks that only introduce it reach to
//! the end of the mail. What is not known here is left to the rules for text.

/// How far a mark reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Element,
    Rest,
}

/// An attribute, how its value begins, and how far the mark reaches.
const MARKS: [(&str, &str, Reach); 18] = [
    ("class", "gmail_quote", Reach::Element),
    ("class", "gmail_extra", Reach::Element),
    ("class", "moz-cite-prefix", Reach::Element),
    ("class", "yahoo_quoted", Reach::Element),
    ("id", "yahoo_quoted", Reach::Element),
    ("class", "protonmail_quote", Reach::Element),
    ("class", "zmail_extra", Reach::Element),
    ("id", "reply-intro", Reach::Element),
    // Spark; GMX and WEB.DE.
    ("name", "messagereplysection", Reach::Element),
    ("name", "quote", Reach::Element),
    // Outlook in its many forms: the quoted mail follows the mark, unmarked itself.
    ("id", "divrplyfwdmsg", Reach::Rest),
    ("id", "x_divrplyfwdmsg", Reach::Rest),
    ("id", "appendonsend", Reach::Rest),
    ("id", "mail-editor-reference-message-container", Reach::Rest),
    ("class", "ms-outlook-mobile-reference-message", Reach::Rest),
    ("class", "outlookmessageheader", Reach::Rest),
    ("id", "olk_src_body_section", Reach::Rest),
    ("id", "mac_outlook_attribution", Reach::Rest),
];

/// Where the tag of the first mark begins; not for a quote that is followed by an answer (`blockquote` is left to the
/// text rules, because people write below and between).
pub fn start(html: &str) -> Option<usize> {
    let lower = html.to_ascii_lowercase();
    let find = |(name, value, _): &(&str, &str, Reach)| {
        let quoted = lower.find(&format!("{name}=\"{value}"));
        quoted.into_iter().chain(lower.find(&format!("{name}={value}"))).min()
    };
    let mark = MARKS.iter().filter_map(find).min()?;
    lower[..mark].rfind('<')
}

/// Does an element begin a quote, and how far does it reach? `attribute` gives the value of one by its name.
pub fn reach(element: &str, attribute: impl Fn(&str) -> Option<String>) -> Option<Reach> {
    let value = |name: &str| attribute(name).unwrap_or_default().to_ascii_lowercase();
    let (class, id, name) = (value("class"), value("id"), value("name"));
    let marked = MARKS.iter().find(|(attribute, start, _)| match *attribute {
        "class" => class.starts_with(start),
        "id" => id.starts_with(start),
        _ => element == "div" && name == *start,
    });
    if let Some((_, _, reach)) = marked {
        return Some(*reach);
    }
    let style: String = value("style").chars().filter(|c| !c.is_whitespace()).collect();
    // Outlook's own border above `From: Sent: To: Subject:`.
    if element == "div" && style.contains("border:none;border-top:solid") {
        return Some(Reach::Rest);
    }
    // Gmail and Apple indent by a block quote without a border: words of the writer.
    let indented = value("type") != "cite" && (style.contains("border:none") || style.contains("border:0"));
    (element == "blockquote" && !indented).then_some(Reach::Element)
}
