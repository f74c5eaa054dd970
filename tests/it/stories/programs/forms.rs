//! How mail programs quote: what stands above a quote and around it, in text and in HTML, and where people may write.
//!
//! Written from what the programs send, with the same pieces in the same order. A program that quotes without any mark
//! of its own (Outlook) puts the fields of the quoted mail above it.

use amends::arrive::parse::parse;
use amends::mail::Mail;

use super::super::clients;

/// Where the new words stand, seen from the quoted notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Above,
    Below,
    /// Above it, and once more between its lines.
    Between,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Html,
    Both,
}

/// What becomes of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goes {
    /// The new words and nothing else, at once.
    Sent,
    /// The same, once their writer has seen them and said `#send`.
    Held,
    /// At once, and what stands between the lines of the quote is lost.
    SentInPart,
    /// Nothing: its writer is asked to write above the line.
    Refused,
    /// Nothing, and nobody hears of it.
    Nowhere,
    Otherwise(String),
}

/// How a program's text marks what it quotes.
#[derive(Debug, Clone, Copy)]
enum Quote {
    /// `> ` before each line, below this introduction.
    Barred(&'static str),
    /// The introduction stands behind the bar, too.
    BarredWhole(&'static str),
    /// Nothing before the lines; the fields of the mail above them.
    Fields(&'static str),
}

/// A program's HTML: words, what introduces the quote, and what is around it.
struct Html {
    head: &'static str,
    /// Around a line of words, and what stands for an empty one.
    line: (&'static str, &'static str),
    empty: &'static str,
    intro: &'static str,
    open: &'static str,
    close: &'static str,
    tail: &'static str,
}

pub struct Program {
    pub name: &'static str,
    quote: Quote,
    html: Option<Html>,
    places: &'static [Place],
    forms: &'static [Form],
    /// Behind the new words, from the program itself.
    footer: &'static str,
    /// Where its marks say enough to tell words below the quote from the quote.
    below: Goes,
    between: Goes,
}

const ALL: &[Place] = &[Place::Above, Place::Below, Place::Between];
const EVERY: &[Form] = &[Form::Text, Form::Html, Form::Both];
const ON: &str = "On Tue, 24 Nov 2026 at 09:10, Northwind Care <support@northwind.example> wrote:\n";
const FIELDS: &str = "From: Northwind Care <support@northwind.example>\nSent: Tuesday, November 24, 2026 9:10 AM\n\
                      To: Mei Tan <{to}>\nSubject: {subject}\n";
const ON_HTML: &str = "On Tue, 24 Nov 2026 at 09:10, Northwind Care &lt;<a href=\"mailto:support@northwind.example\">support@northwind.example</a>&gt; wrote:";
const DIVS: (&str, &str) = ("<div>", "</div>");
const NOTHING: Html = Html { head: "", line: DIVS, empty: "<div><br></div>", intro: "", open: "", close: "", tail: "" };

pub static PROGRAMS: &[Program] = &[
    Program {
        name: "Gmail on the web",
        quote: Quote::Barred(ON),
        html: Some(Html {
            head: "<div dir=\"ltr\">",
            intro: "</div><br><div class=\"gmail_quote gmail_quote_container\"><div dir=\"ltr\" class=\"gmail_attr\">{on}<br></div>",
            open: "<blockquote class=\"gmail_quote\" style=\"margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex\">",
            close: "</blockquote></div>",
            ..NOTHING
        }),
        forms: &[Form::Text, Form::Both],
        ..PLAIN
    },
    Program {
        name: "Gmail for Android",
        quote: Quote::Barred(ON),
        html: Some(Html {
            head: "<div dir=\"auto\">",
            intro: "</div><br><div class=\"gmail_quote\"><div dir=\"ltr\" class=\"gmail_attr\">{on}<br></div>",
            open: "<blockquote class=\"gmail_quote\" style=\"margin:0 0 0 .8ex;border-left:1px #ccc solid;padding-left:1ex\">",
            close: "</blockquote></div>",
            ..NOTHING
        }),
        forms: &[Form::Both],
        ..PLAIN
    },
    Program {
        name: "Outlook on the desktop",
        quote: Quote::Fields(FIELDS),
        html: Some(Html {
            head: "<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><head><style><!-- p.MsoNormal {margin:0cm} --></style></head>\
                   <body lang=EN-GB link=\"#0563C1\"><div class=WordSection1>",
            line: ("<p class=MsoNormal>", "<o:p></o:p></p>"),
            empty: "<p class=MsoNormal><o:p>&nbsp;</o:p></p>",
            intro: "<p class=MsoNormal><o:p>&nbsp;</o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>\
                    <p class=MsoNormal>{fields}<o:p></o:p></p></div></div>",
            tail: "</div></body></html>",
            ..NOTHING
        }),
        // Its quote has no marks at all: below the fields nobody can tell whose words are whose.
        below: Goes::Refused,
        between: Goes::SentInPart,
        ..PLAIN
    },
    Program {
        name: "Outlook on the web",
        quote: Quote::Fields("________________________________\n{fields}"),
        html: Some(Html {
            head: "<html><head><style type=\"text/css\" style=\"display:none;\"> P {margin-top:0;margin-bottom:0;} </style></head><body dir=\"ltr\">",
            line: (
                "<div class=\"elementToProof\" style=\"font-family: Aptos; font-size: 12pt; color: rgb(0, 0, 0);\">",
                "</div>",
            ),
            intro: "<div id=\"appendonsend\"></div><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\">\
                    <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\" style=\"font-size:11pt\" color=\"#000000\">{fields}</font><div>&nbsp;</div></div>",
            tail: "</body></html>",
            ..NOTHING
        }),
        forms: &[Form::Html, Form::Both],
        // Its quote has no marks at all: below the fields nobody can tell whose words are whose.
        below: Goes::Refused,
        between: Goes::SentInPart,
        ..PLAIN
    },
    Program {
        name: "Outlook for iOS",
        quote: Quote::Fields("________________________________\n{fields}"),
        html: Some(Html {
            head: "<html><body><div dir=\"auto\">",
            intro: "</div><div id=\"ms-outlook-mobile-signature\" dir=\"auto\">Get <a href=\"https://aka.ms/o0ukef\">Outlook for iOS</a></div>\
                    <div id=\"mail-editor-reference-message-container\" dir=\"auto\"><hr style=\"display:inline-block;width:98%\" tabindex=\"-1\"/>\
                    <div id=\"divRplyFwdMsg\" dir=\"ltr\"><font face=\"Calibri, sans-serif\">{fields}</font></div>",
            close: "</div>",
            tail: "</body></html>",
            ..NOTHING
        }),
        places: &[Place::Above],
        forms: &[Form::Both],
        footer: "\n\nGet Outlook for iOS<https://aka.ms/o0ukef>",
        ..PLAIN
    },
    Program {
        name: "Apple Mail on macOS",
        quote: Quote::BarredWhole("On 24. Nov 2026, at 09:10, Northwind Care <support@northwind.example> wrote:"),
        html: Some(Html {
            head: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body style=\"overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;\">",
            intro: "<div><br><blockquote type=\"cite\"><div>{on}</div><br class=\"Apple-interchange-newline\"></blockquote></div>",
            open: "<div><blockquote type=\"cite\"><div>",
            close: "</div></blockquote></div>",
            tail: "<br></body></html>",
            ..NOTHING
        }),
        forms: &[Form::Text, Form::Both],
        ..PLAIN
    },
    Program {
        name: "Apple Mail on iOS",
        quote: Quote::BarredWhole("On 24. Nov 2026, at 09:10, Northwind Care <support@northwind.example> wrote:"),
        html: Some(Html {
            head: "<html><head><meta http-equiv=\"content-type\" content=\"text/html; charset=utf-8\"></head><body dir=\"auto\">",
            intro: "<br id=\"lineBreakAtBeginningOfSignature\"><div dir=\"ltr\">Sent from my iPhone</div><div dir=\"ltr\"><br><blockquote type=\"cite\">{on}<br><br></blockquote></div>",
            open: "<blockquote type=\"cite\"><div dir=\"ltr\">",
            close: "</div></blockquote>",
            tail: "</body></html>",
            ..NOTHING
        }),
        forms: &[Form::Text, Form::Both],
        footer: "\n\nSent from my iPhone",
        ..PLAIN
    },
    Program {
        name: "Thunderbird",
        quote: Quote::Barred("On 24.11.26 09:10, Northwind Care wrote:"),
        html: Some(Html {
            head: "<!DOCTYPE html><html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\"></head><body>",
            line: ("<p>", "</p>"),
            empty: "",
            intro: "<div class=\"moz-cite-prefix\">On 24.11.26 09:10, Northwind Care wrote:<br></div>",
            open: "<blockquote type=\"cite\" cite=\"mid:amends@northwind.example\">",
            close: "</blockquote>",
            tail: "</body></html>",
        }),
        ..PLAIN
    },
    Program {
        name: "K-9 Mail",
        quote: Quote::Barred(ON),
        html: Some(Html {
            head: "<!DOCTYPE html><html><body>",
            line: ("<div dir=\"auto\">", "</div>"),
            intro: "<br><br><div class=\"gmail_quote\"><div dir=\"auto\">{on}</div>",
            open: "<blockquote class=\"gmail_quote\" style=\"margin: 0pt 0pt 0pt 0.8ex; border-left: 1px solid rgb(204, 204, 204); padding-left: 1ex;\">",
            close: "</blockquote></div>",
            tail: "</body></html>",
            ..NOTHING
        }),
        forms: &[Form::Text, Form::Both],
        ..PLAIN
    },
    Program {
        name: "mutt",
        quote: Quote::Barred("On Tue, Nov 24, 2026 at 09:10:00AM +0100, Northwind Care wrote:"),
        ..PLAIN
    },
    Program {
        name: "Roundcube",
        quote: Quote::Barred("On 2026-11-24 09:10, Northwind Care wrote:"),
        html: Some(Html {
            head: "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\" /></head><body style='font-size: 10pt; font-family: Verdana,Geneva,sans-serif'>",
            line: ("<p>", "</p>"),
            empty: "",
            intro: "<p id=\"reply-intro\">On 2026-11-24 09:10, Northwind Care wrote:</p>",
            open: "<blockquote type=\"cite\" style=\"padding: 0 0.4em; border-left: #1010ff 2px solid; margin: 0\"><div id=\"replybody1\">",
            close: "</div></blockquote>",
            tail: "</body></html>",
        }),
        forms: &[Form::Text, Form::Both],
        ..PLAIN
    },
    Program {
        name: "a ticket gateway",
        quote: Quote::Fields("-----Original Message-----\n{fields}"),
        html: Some(Html {
            head: "<html><body>",
            line: ("<p>", "</p>"),
            empty: "",
            intro: "<p>-----Original Message-----<br>{fields}</p>",
            tail: "</body></html>",
            ..NOTHING
        }),
        places: &[Place::Above],
        ..PLAIN
    },
];

/// Text alone; what programs with HTML begin with, too.
const PLAIN: Program = Program {
    name: "",
    quote: Quote::Barred(ON),
    html: None,
    places: ALL,
    forms: EVERY,
    footer: "",
    below: Goes::Held,
    between: Goes::Held,
};

/// The notice as it is quoted.
struct Notice {
    mail: Mail,
    to: String,
}

impl Notice {
    fn filled(&self, text: &str) -> String {
        let fields = FIELDS.trim_end().lines().map(|line| {
            let line = line.replace('<', "&lt;").replace('>', "&gt;");
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            format!("<b>{name}:</b>{value}<br>")
        });
        let in_html = text.contains("</") || text.contains("<p");
        let fields: String = if in_html { fields.collect() } else { FIELDS.to_owned() };
        let subject = self.mail.subject.clone().unwrap_or_default();
        let text = text.replace("{on}", ON_HTML).replace("{fields}", &fields);
        text.replace("{to}", &self.to).replace("{subject}", &subject)
    }

    /// Its lines up to the middle, and the rest.
    fn halves(&self) -> (Vec<&str>, Vec<&str>) {
        let lines: Vec<&str> = self.mail.text.lines().collect();
        let (first, rest) = lines.split_at(lines.len() / 2);
        (first.to_vec(), rest.to_vec())
    }

    /// What stands in the body of its HTML, with a picture of the customer's.
    fn html(&self) -> String {
        let html = self.mail.html.clone().unwrap_or_default();
        let body = html.split_once("<body").and_then(|(_, rest)| rest.split_once('>')).map_or(&*html, |(_, body)| body);
        let body = body.split_once("</body>").map_or(body, |(body, _)| body);
        format!("{body}<img src=\"cid:quoted@customer\" alt=\"hinge\">")
    }
}

impl Program {
    /// What this program can send.
    pub fn forms(&self) -> Vec<(Place, Form)> {
        let forms = self.forms.iter().filter(|form| **form == Form::Text || self.html.is_some());
        forms.flat_map(|form| self.places.iter().map(|place| (*place, *form))).collect()
    }

    pub fn goes(&self, place: Place, _form: Form) -> Goes {
        match place {
            Place::Above => Goes::Sent,
            Place::Below => self.below.clone(),
            Place::Between => self.between.clone(),
        }
    }

    pub fn reply(&self, letter: &[u8], from: &str, words: (&str, &str), place: Place, form: Form) -> Vec<u8> {
        let raw = clients::reply(letter, from);
        let notice = Notice { mail: parse(letter), to: from.to_owned() };
        let (text, html) = (|| self.text(&notice, words, place), || self.markup(&notice, words, place, ""));
        match form {
            Form::Text => raw.body(&text()),
            Form::Html => raw.with("Content-Type", "text/html; charset=utf-8").body(&html()),
            Form::Both => clients::alternative(raw, &text(), &html()),
        }
        .bytes()
    }

    /// Words above, a new picture below them, a file, and the picture that the notice carried.
    pub fn reply_with_files(&self, letter: &[u8], from: &str, words: &str, form: Form) -> Vec<u8> {
        let notice = Notice { mail: parse(letter), to: from.to_owned() };
        let html =
            self.markup(&notice, (words, ""), Place::Above, "<div><img src=\"cid:new@staff\" alt=\"lamp\"></div>");
        let text = self.text(&notice, (words, ""), Place::Above);
        let part = |kind: &str, body: &str| format!("Content-Type: {kind}; charset=utf-8\n\n{body}\n");
        let words = match form {
            Form::Both => multipart("alternative", &[part("text/plain", &text), part("text/html", &html)]),
            _ => part("text/html", &html),
        };
        let related =
            multipart("related", &[words, picture("new@staff", "new.png"), picture("quoted@customer", "old.png")]);
        let whole = multipart("mixed", &[related, PDF.to_owned()]);
        let (kind, body) = whole.split_once("\n\n").expect("a header");
        let kind = kind.trim_start_matches("Content-Type: ");
        clients::reply(letter, from).with("Content-Type", kind).body(body).bytes()
    }

    fn text(&self, notice: &Notice, (above, below): (&str, &str), place: Place) -> String {
        let (first, rest) = notice.halves();
        let (bar, intro) = match self.quote {
            Quote::Barred(on) => ("> ", format!("{on}\n")),
            Quote::BarredWhole(on) => ("> ", format!("> {on}\n> \n")),
            Quote::Fields(fields) => ("", notice.filled(fields) + "\n"),
        };
        let quoted = |lines: &[&str]| lines.iter().map(|line| format!("{bar}{line}\n")).collect::<String>();
        let (first, rest) = (quoted(&first), quoted(&rest));
        let footer = self.footer;
        match place {
            Place::Above => format!("{above}{footer}\n\n{intro}{first}{rest}"),
            Place::Below => format!("{intro}{first}{rest}\n{below}{footer}\n"),
            Place::Between => format!("{above}{footer}\n\n{intro}{first}\n{below}\n\n{rest}"),
        }
    }

    fn markup(&self, notice: &Notice, (above, below): (&str, &str), place: Place, picture: &str) -> String {
        let Some(html) = &self.html else { return String::new() };
        let Html { head, open, close, tail, .. } = html;
        let (above, below, intro) = (html.words(above), html.words(below), notice.filled(html.intro));
        match place {
            Place::Above => format!("{head}{above}{picture}{intro}{open}{}{close}{tail}", notice.html()),
            Place::Below => format!("{head}{intro}{open}{}{close}{below}{tail}", notice.html()),
            Place::Between => {
                let (first, rest) = notice.halves();
                let lines = |lines: &[&str]| html.words(&lines.join("\n"));
                let (first, rest) = (lines(&first), lines(&rest));
                format!("{head}{above}{intro}{open}{first}{close}{below}{open}{rest}{close}{tail}")
            }
        }
    }
}

impl Html {
    fn words(&self, words: &str) -> String {
        let line = |line: &str| match line {
            "" => self.empty.to_owned(),
            line => {
                let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                format!("{}{line}{}\n", self.line.0, self.line.1)
            }
        };
        words.lines().map(line).collect()
    }
}

const PDF: &str = "Content-Type: application/pdf\nContent-Disposition: attachment; filename=\"offer.pdf\"\n\
                   Content-Transfer-Encoding: base64\n\nJVBERg==\n";

fn picture(id: &str, name: &str) -> String {
    format!(
        "Content-Type: image/png; name={name}\nContent-ID: <{id}>\nContent-Disposition: inline; filename={name}\n\
         Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
    )
}

fn multipart(kind: &str, parts: &[String]) -> String {
    let parts: String = parts.iter().map(|part| format!("--{kind}\n{part}")).collect();
    format!("Content-Type: multipart/{kind}; boundary={kind}\n\n{parts}--{kind}--\n")
}
