//! How programs write a reply: a table of their texts and HTMLs, around new words and a quoted notice.

use super::{notice, notice_html, quoted};

/// One program's way to write a reply: its text and HTML, around new words and a quoted notice.
pub struct Client {
    pub name: &'static str,
    pub text: Option<String>,
    pub html: Option<String>,
}

/// How programs write a paragraph: `<p class=MsoNormal>`, `<div>`, lines with `<br>`.
fn paragraphs(words: &str, open: &str, close: &str, empty: &str) -> String {
    let line = |line: &str| match line.replace('&', "&amp;") {
        line if line.is_empty() => empty.to_owned(),
        line => format!("{open}{line}{close}\n"),
    };
    words.lines().map(line).collect()
}

pub fn clients(words: &str, picture: &str, marker: bool) -> Vec<Client> {
    let reply = Reply::new(words, picture, marker);
    [outlook(&reply), gmail(&reply), apple(&reply), thunderbird_and_text(&reply), html_only(&reply)]
        .into_iter()
        .flatten()
        .collect()
}

/// The pieces that all programs put together.
struct Reply<'a> {
    words: &'a str,
    picture: &'a str,
    /// The notice as text and as HTML.
    plain: String,
    html: String,
    /// What Outlook and others write above it, as text and as HTML.
    fields: &'static str,
    bold: String,
    /// What Gmail and others write above it, as text and as HTML.
    on: &'static str,
    on_html: String,
    /// The words in `div`.
    div: String,
}

const FIELDS: &str = "From: Support <support@northwind.example>\nSent: Friday, November 20, 2026 23:40\n\
                      To: Mei Tan <mei@northwind.example>\nSubject: [NW-12] Lamp";
const ON: &str = "On Fri, 20 Nov 2026 at 23:40, Northwind Support <support@northwind.example> wrote:";

impl<'a> Reply<'a> {
    fn new(words: &'a str, picture: &'a str, marker: bool) -> Self {
        let escaped = |text: &str| text.replace('<', "&lt;").replace('>', "&gt;");
        let bold = FIELDS.lines().map(|l| escaped(l).replacen("From:", "<b>From:</b>", 1) + "<br>").collect();
        Self {
            words,
            picture,
            plain: notice(marker),
            html: notice_html(marker),
            fields: FIELDS,
            bold,
            on: ON,
            on_html: escaped(ON),
            div: paragraphs(words, "<div>", "</div>", "<div><br></div>\n"),
        }
    }
}

fn outlook(reply: &Reply<'_>) -> Vec<Client> {
    let Reply { words, picture, plain, html, fields, bold, div, .. } = reply;
    vec![
        Client {
            name: "Outlook desktop",
            text: Some(format!("{words}\n\n{fields}\n\n{plain}")),
            html: Some(format!(
                "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><meta charset=utf-8><title>Lamp</title>\
                 <style><!-- p.MsoNormal {{margin:0cm}} --></style></head><body lang=EN-GB><div class=WordSection1>{}{picture}\
                 <p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;\
                 padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>{bold}<o:p></o:p></p></div></div>{html}</div></body></html>",
                paragraphs(
                    words,
                    "<p class=MsoNormal>",
                    "<o:p></o:p></p>",
                    "<p class=MsoNormal><o:p>&nbsp;</o:p></p>\n"
                )
            )),
        },
        Client {
            name: "Outlook on the web",
            text: Some(format!("{words}\n________________________________\n{fields}\n\n{plain}")),
            html: Some(format!(
                "<html><head><style type=\"text/css\">P {{}}</style></head><body dir=\"ltr\"><div class=\"elementToProof\">{div}</div>{picture}\
                 <div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\"><div id=\"divRplyFwdMsg\" dir=\"ltr\">\
                 <font face=\"Calibri\">{bold}</font><div>&nbsp;</div></div>{html}</body></html>"
            )),
        },
        Client {
            name: "Outlook for iOS",
            text: Some(format!(
                "{words}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n________________________________\n{fields}\n\n{plain}"
            )),
            html: Some(format!(
                "<html><body><div dir=\"auto\">{div}</div>{picture}<div><br></div><div id=\"ms-outlook-mobile-signature\">Get <a href=\"https://aka.ms/o0ukef\">\
                 Outlook for iOS</a></div><div id=\"mail-editor-reference-message-container\"><hr><div id=\"divRplyFwdMsg\">{bold}</div>{html}</div></body></html>"
            )),
        },
    ]
}

fn gmail(reply: &Reply<'_>) -> Vec<Client> {
    let Reply { words, picture, plain, html, on, on_html, div, .. } = reply;
    vec![
        Client {
            name: "Gmail on the web",
            text: Some(format!("{words}\n\n{}\n\n{}", on.replace("Support <", "Support <\n"), quoted(plain))),
            html: Some(format!(
                "<div dir=\"ltr\">{div}{picture}</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{on_html}<br></div>\
                 <blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex\">{html}</blockquote></div>"
            )),
        },
        Client {
            name: "Gmail for Android",
            text: Some(format!("{words}\n\n{on}\n\n{}", quoted(plain))),
            html: Some(format!(
                "<div dir=\"auto\">{div}{picture}</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">{on_html}<br></div>\
                 <blockquote class=\"gmail_quote\">{html}</blockquote></div>"
            )),
        },
    ]
}

fn apple(reply: &Reply<'_>) -> Vec<Client> {
    let Reply { words, picture, plain, html, on_html, div, .. } = reply;
    vec![
        Client {
            name: "Apple Mail",
            text: Some(format!(
                "{words}\n\n> On 20. Nov 2026, at 23:40, Northwind Support <support@northwind.example> wrote:\n> \n{}",
                quoted(plain)
            )),
            html: Some(format!(
                "<html><body style=\"overflow-wrap: break-word;\">{div}{picture}<div><br><blockquote type=\"cite\"><div>{on_html}</div><br \
                 class=\"Apple-interchange-newline\"><div>{html}</div></blockquote></div><br></body></html>"
            )),
        },
        Client {
            name: "Apple Mail for iOS",
            text: Some(format!(
                "{words}\n\nSent from my iPhone\n\n> On 20. Nov 2026, at 23:40, Support <support@northwind.example> wrote:\n> \n{}",
                quoted(plain)
            )),
            html: Some(format!(
                "<html><body dir=\"auto\">{div}{picture}<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Sent from my iPhone</div>\
                 <div dir=\"ltr\"><br><blockquote type=\"cite\">{on_html}<br><br></blockquote></div><blockquote type=\"cite\">{html}</blockquote></body></html>"
            )),
        },
    ]
}

fn thunderbird_and_text(reply: &Reply<'_>) -> Vec<Client> {
    let Reply { words, picture, plain, html, fields, on, on_html, .. } = reply;
    vec![
        Client {
            name: "Thunderbird",
            text: Some(format!("{words}\n\n{on}\n{}", quoted(plain))),
            html: Some(format!(
                "<html><head></head><body>{}{picture}<div class=\"moz-cite-prefix\">{on_html}<br></div><blockquote type=\"cite\" \
                 cite=\"mid:x@northwind.example\">{html}</blockquote></body></html>",
                paragraphs(words, "<p>", "</p>", "")
            )),
        },
        Client { name: "text only", text: Some(format!("{words}\n\n{on}\n{}", quoted(plain))), html: None },
        Client {
            name: "text only, Outlook",
            text: Some(format!("{words}\n\n-----Original Message-----\n{fields}\n\n{plain}")),
            html: None,
        },
    ]
}

fn html_only(reply: &Reply<'_>) -> Vec<Client> {
    let Reply { picture, html, on_html, div, .. } = reply;
    vec![
        Client {
            name: "HTML only",
            text: None,
            html: Some(format!(
                "{div}{picture}<div class=\"gmail_quote\">{on_html}<blockquote>{html}</blockquote></div>"
            )),
        },
        Client {
            name: "HTML only, unknown",
            text: None,
            html: Some(format!("{div}{picture}<div>{on_html}</div><table><tr><td>{html}</td></tr></table>")),
        },
    ]
}
