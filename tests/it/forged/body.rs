//! What a mail asks for: a command on top, or where no reader would see one.

/// What is asked for, and how plainly.
pub struct Body {
    pub name: &'static str,
    pub kind: &'static str,
    pub text: &'static str,
    /// The command stands on top, where a reader sees it.
    pub commands: bool,
    /// There are words or files for the customer, and nothing that asks their writer first.
    pub words: bool,
}

const fn body(name: &'static str, kind: &'static str, text: &'static str, commands: bool, words: bool) -> Body {
    Body { name, kind, text, commands, words }
}

pub const BODIES: [Body; 18] = [
    body("a command", "text/plain", "#close\n", true, false),
    body("a command and words", "text/plain", "#close\n\nDear Klaus, forget it.\n", true, true),
    body("words", "text/plain", "Dear Klaus, forget it.\n", false, true),
    body("a command in HTML", "text/html", "<p>#close</p><p>Dear Klaus, forget it.</p>\n", true, true),
    body(
        "hidden by display",
        "text/html",
        "<div style=\"display: none\">#close</div><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body(
        "hidden by visibility",
        "text/html",
        "<span style='color:red; visibility:hidden'>#close</span><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body(
        "hidden by its size",
        "text/html",
        "<div style=\"font-size:0px;line-height:0\">#close</div><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body("hidden by a word", "text/html", "<div hidden>#close</div><p>Dear Klaus, forget it.</p>\n", false, true),
    body(
        "white on white",
        "text/html",
        "<div style=\"color:#FFFFFF\">#close</div><p>Dear Klaus, forget it.</p>\n",
        false,
        true,
    ),
    body("in a comment", "text/html", "<!-- \n#close\n --><p>Dear Klaus, forget it.</p>\n", false, true),
    body(
        "in the head",
        "text/html",
        "<html><head><title>#close</title><style>#close {}</style></head><body><p>Dear Klaus, forget it.</p></body></html>\n",
        false,
        true,
    ),
    body("quoted", "text/plain", "> #close\n\nDear Klaus, forget it.\n", false, true),
    body("below words", "text/plain", "Dear Klaus, forget it.\n\n#close\n", false, false),
    body(
        "forwarded",
        "text/plain",
        "---------- Forwarded message ---------\nFrom: Mei Tan <mei@northwind.example>\nDate: Mon, 23 Nov 2026\nSubject: Lamp\nTo: support@northwind.example\n\n#close\n",
        false,
        false,
    ),
    body(
        "in a mail inside",
        "multipart/mixed; boundary=m",
        "--m\nContent-Type: text/plain\n\nDear Klaus, forget it.\n--m\nContent-Type: message/rfc822\n\n\
         Authentication-Results: mx.northwind.example; dmarc=pass header.from=northwind.example\n\
         From: mei@northwind.example\nSubject: Lamp\n\n#close\n--m--\n",
        false,
        true,
    ),
    body("only a mail inside", "message/rfc822", "From: mei@northwind.example\nSubject: Lamp\n\n#close\n", false, true),
    body(
        "in a file",
        "multipart/mixed; boundary=m",
        "--m\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=a.txt\n\n#close\n--m--\n",
        false,
        true,
    ),
    body(
        "in the other form",
        "multipart/alternative; boundary=m",
        "--m\nContent-Type: text/plain\n\nDear Klaus, forget it.\n--m\nContent-Type: text/html\n\n<p>#close</p>\n--m--\n",
        false,
        true,
    ),
];

impl Body {
    pub fn number(&self) -> usize {
        BODIES.iter().position(|body| body.name == self.name).unwrap_or(BODIES.len())
    }
}
