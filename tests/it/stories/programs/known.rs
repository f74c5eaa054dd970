//! Twelve programs, each with the marks that it puts around a quote, and what becomes of a reply where that is not what
//! its writer would expect.

use super::forms::{FIELDS, Form, Goes, Html, Place, Program, Quote};

const ALL: &[Place] = &[Place::Above, Place::Below, Place::Between];
const EVERY: &[Form] = &[Form::Text, Form::Html, Form::Both];
const ON: &str = "On Tue, 24 Nov 2026 at 09:10, Northwind Care <support@northwind.example> wrote:\n";
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
