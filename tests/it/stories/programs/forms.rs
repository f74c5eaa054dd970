//! How mail programs quote: what stands above a quote and around it, in text and in HTML, and where people may write.
//!
//! Written from what the programs send, with the same pieces in the same order. A program that quotes without any mark
//! of its own (Outlook) puts the fields of the quoted mail above it.

use amends::arrive::parse::parse;
use amends::mail::Mail;

use super::super::clients;

/// As Outlook and others write them above a quote.
pub const FIELDS: &str = "From: Northwind Care <support@northwind.example>\nSent: Tuesday, November 24, 2026 9:10 AM\n\
                      To: Mei Tan <{to}>\nSubject: {subject}\n";
const ON_HTML: &str = "On Tue, 24 Nov 2026 at 09:10, Northwind Care &lt;<a href=\"mailto:support@northwind.example\">support@northwind.example</a>&gt; wrote:";

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
pub enum Quote {
    /// `> ` before each line, below this introduction.
    Barred(&'static str),
    /// The introduction stands behind the bar, too.
    BarredWhole(&'static str),
    /// Nothing before the lines; the fields of the mail above them.
    Fields(&'static str),
}

/// A program's HTML: words, what introduces the quote, and what is around it.
pub struct Html {
    pub head: &'static str,
    /// Around a line of words, and what stands for an empty one.
    pub line: (&'static str, &'static str),
    pub empty: &'static str,
    pub intro: &'static str,
    pub open: &'static str,
    pub close: &'static str,
    pub tail: &'static str,
}

pub struct Program {
    pub name: &'static str,
    pub quote: Quote,
    pub html: Option<Html>,
    pub places: &'static [Place],
    pub forms: &'static [Form],
    /// Behind the new words, from the program itself.
    pub footer: &'static str,
    /// Where its marks say enough to tell words below the quote from the quote.
    pub below: Goes,
    pub between: Goes,
}

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
