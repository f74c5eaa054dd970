//! Mail whose cost would grow faster than its size in a careless reader: for tests and for benches/reading.
//!
//! Each form is made to any size. [`issue`] are those of which the numbers are agreed. Included by `#[path]` where it is
//! used: it depends on the standard library only.

/// A kind of mail that grows.
pub struct Form {
    pub name: &'static str,
    make: fn(usize) -> Vec<u8>,
}

impl Form {
    /// About so many bytes of it.
    pub fn of(&self, bytes: usize) -> Vec<u8> {
        (self.make)(bytes)
    }
}

const HEAD: &str = "Return-Path: <a@b.example>\r\nFrom: A <a@b.example>\r\nTo: support@northwind.example\r\n\
                    Subject: Lamp\r\nMessage-ID: <1@b.example>\r\n";
const HTML: &str = "Content-Type: text/html; charset=utf-8\r\n\r\n";
const MIXED: &str = "Content-Type: multipart/mixed; boundary=x\r\n\r\n";

fn times(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len() + 1)
}

/// Plain words: a body of `piece` again and again.
fn text(piece: &str, bytes: usize) -> Vec<u8> {
    format!("{HEAD}\r\n{}", times(piece, bytes)).into_bytes()
}

fn html(piece: &str, bytes: usize) -> Vec<u8> {
    format!("{HEAD}{HTML}{}", times(piece, bytes)).into_bytes()
}

/// HTML short enough to be laid out, in as many parts as it takes: beyond that only its tags are stripped.
fn html_parts(piece: &str, bytes: usize) -> Vec<u8> {
    let part = format!("--x\r\n{HTML}{}\r\n", times(piece, 100_000));
    format!("{HEAD}{MIXED}{}--x--\r\n", times(&part, bytes)).into_bytes()
}

/// A part of this type, encoded so.
fn coded(kind: &str, encoding: &str, piece: &str, bytes: usize) -> Vec<u8> {
    let head = format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n");
    format!("{HEAD}{head}{}", times(piece, bytes)).into_bytes()
}

/// One field, as long as a header may be (256 kB), in as many parts as it takes.
fn field(name: &str, piece: &str, bytes: usize) -> Vec<u8> {
    const BLOCK: usize = 200_000;
    let value = times(piece, BLOCK.min(bytes));
    let part = format!("--x\r\n{name}: {value}\r\n\r\nwords\r\n");
    let own = if name.starts_with("Content-") { String::new() } else { format!("{name}: {value}\r\n") };
    format!("{HEAD}{own}{MIXED}{}--x--\r\n", times(&part, bytes)).into_bytes()
}

/// As above, in the header of the mail alone, which is read up to its limit.
fn header(name: &str, piece: &str, bytes: usize) -> Vec<u8> {
    format!("{HEAD}{name}: {}\r\n\r\nwords", times(piece, bytes)).into_bytes()
}

/// Each another, with an open mark before it.
fn references(bytes: usize) -> Vec<u8> {
    let ids: String = (0..bytes / 20).map(|n| format!("<<{n}@b.example>\r\n ")).collect();
    format!("{HEAD}References: {ids}\r\n\r\nwords").into_bytes()
}

fn nested(bytes: usize) -> Vec<u8> {
    deep(bytes / 55)
}

fn deep(levels: usize) -> Vec<u8> {
    let level = |n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    format!("{HEAD}{}", (0..levels).map(level).collect::<String>()).into_bytes()
}

/// Lines that begin as every one of thirty open boundaries, and are none.
fn nearly(bytes: usize) -> Vec<u8> {
    let open = |n: usize| {
        let boundary = "b".repeat(n + 1);
        format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n--{boundary}\r\n")
    };
    let open: String = (0..30).map(open).collect();
    format!("{HEAD}{open}\r\n{}", times(&format!("--{}c\r\n", "b".repeat(30)), bytes)).into_bytes()
}

fn report(bytes: usize) -> Vec<u8> {
    let one = |n: usize| format!("Final-Recipient: rfc822; a{n}@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n");
    let named: String = (0..bytes / 80).map(one).collect();
    let words: String = (0..bytes / 400).map(|n| format!("<a{n}@b.example>: 550 5.1.1 unknown\r\n")).collect();
    let kind = "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n\r\n";
    let fields = "--x\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n";
    format!("{HEAD}{kind}--x\r\n\r\n{words}\r\n{fields}{named}--x--\r\n").into_bytes()
}

/// Everything that grows.
pub const FORMS: [Form; 39] = [
    Form { name: "text", make: |n| text("the lamp that you sent is broken again and I am angry\r\n", n) },
    Form { name: "text in one line", make: |n| text("word ", n) },
    Form { name: "empty lines", make: |n| text("\n", n) },
    Form { name: "bare carriage returns", make: |n| text("a\r", n) },
    Form { name: "NUL", make: |n| text("\0", n) },
    Form { name: "UTF-8", make: |n| text("die Lampe wäre größer schöner\r\n", n) },
    Form {
        name: "ISO-2022-JP",
        make: |n| coded("text/plain; charset=iso-2022-jp", "7bit", "\x1b$B%i%s%W\x1b(B\r\n", n),
    },
    Form { name: "UTF-7", make: |n| coded("text/plain; charset=utf-7", "7bit", "K+AOQ-se +\r\n", n) },
    Form {
        name: "quoted-printable",
        make: |n| coded("text/plain; charset=utf-8", "quoted-printable", "=C3=A4=\r\n=0D", n),
    },
    Form {
        name: "base64",
        make: |n| coded("application/pdf", "base64", "aGVsbG8gd29ybGQgaGVsbG8gd29ybGQgaGVsbG8=\r\n", n),
    },
    Form { name: "uuencode", make: |n| text("begin 644 a.txt\r\n#86)C\r\n`\r\nend\r\n", n) },
    Form { name: "uuencode without end", make: |n| text("begin 644 a.txt\r\n", n) },
    Form {
        name: "format=flowed",
        make: |n| coded("text/plain; format=flowed; delsp=yes", "7bit", ">>> the lamp \r\n", n),
    },
    Form { name: "quotes", make: |n| text("> a\r\nOn Fri 20 Nov 2026, Mei wrote:\r\n", n) },
    Form { name: "deep quotes", make: |n| text(">>>>>>>>>>>>>>>>>>>>>>>>>>>>>>>> a\r\n", n) },
    Form { name: "half attributions", make: |n| text("Hello\r\nOn Fri, 20 Nov 2026 at 23:40, Mei\r\n", n) },
    Form { name: "header blocks", make: |n| text("From: 1 @ <x>:\r\n", n) },
    Form { name: "signatures", make: |n| text("-- \r\n", n) },
    Form { name: "footers", make: |n| text("Sent from my iPhone\r\n", n) },
    Form { name: "bars", make: |n| text("| a\r\n", n) },
    Form {
        name: "HTML",
        make: |n| html_parts("<p>the lamp is <b>broken</b> &amp; <a href=http://x.example/>here</a></p>", n),
    },
    Form { name: "HTML tables", make: |n| html_parts("<table><tr><td>a<td>b</table>", n) },
    Form { name: "HTML quotes", make: |n| html_parts("<blockquote>a</blockquote><div class=gmail_quote>", n) },
    Form { name: "HTML line breaks", make: |n| html("<br>", n) },
    Form { name: "HTML nesting", make: |n| html("<div>", n) },
    Form { name: "HTML misnested", make: |n| html_parts("<b><i>x</b></i>", n) },
    Form { name: "HTML comments", make: |n| html("<!-- a --><![if mso]>x<style>", n) },
    Form { name: "open marks", make: |n| html("<", n) },
    Form { name: "parts", make: |n| format!("{HEAD}{MIXED}{}", times("--x\r\n\r\na\r\n", n)).into_bytes() },
    Form { name: "nesting", make: nested },
    Form {
        name: "mails in mails",
        make: |n| format!("{HEAD}{}", times("Content-Type: message/rfc822\r\n\r\n", n)).into_bytes(),
    },
    Form { name: "boundary look-alikes", make: nearly },
    Form { name: "headers", make: |n| format!("{HEAD}{}\r\nwords", times("X-A: b\r\n", n)).into_bytes() },
    Form {
        name: "junk in the header",
        make: |n| format!("{HEAD}{}\r\nwords", times("no field here\r\n", n)).into_bytes(),
    },
    Form { name: "addresses", make: |n| header("Cc", "A B <a@b.example>,\r\n ", n) },
    Form { name: "references", make: references },
    Form {
        name: "encoded words",
        make: |n| field("Content-Disposition", "attachment; filename==?utf-8?Q?a?=\r\n =?a?Q?", n),
    },
    Form { name: "parameters", make: |n| field("Content-Type", "text/plain; a*0*=utf-8''%41;\r\n b=", n) },
    Form { name: "a report", make: report },
];

/// The mails that the issue names, with its numbers; what is beyond five megabytes is for a program of its own.
pub fn issue() -> Vec<(&'static str, Vec<u8>)> {
    let of = |head: &str, rest: String| format!("{HEAD}{head}{rest}").into_bytes();
    vec![
        ("10,000 multiparts in multiparts", deep(10_000)),
        ("10,000 mails in mails", of("", "Content-Type: message/rfc822\r\n\r\n".repeat(10_000))),
        ("200,000 parts", of(MIXED, "--x\r\n\r\na\r\n".repeat(200_000))),
        ("100,000 fields", of("", format!("{}\r\nwords", "X-A: b\r\n".repeat(100_000)))),
        ("50,000 nested div", of(HTML, "<div>".repeat(50_000))),
        ("NUL and bare CR and LF everywhere", sprinkled()),
    ]
}

pub fn long_line(bytes: usize) -> Vec<u8> {
    format!("{HEAD}\r\n{}", "x".repeat(bytes)).into_bytes()
}

/// A plain mail with NUL, a bare CR or a bare LF behind every eleventh byte, in turn.
fn sprinkled() -> Vec<u8> {
    let kind =
        "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\n\r\nThe lamp is broken.\r\n";
    let file =
        "--x\r\nContent-Type: text/plain; name=\"a.txt\"\r\nContent-Disposition: attachment\r\n\r\nwords\r\n--x--\r\n";
    let plain = format!("{HEAD}{kind}{file}");
    let marks = [b'\0', b'\r', b'\n'];
    let one = |(n, piece): (usize, &[u8])| [piece, &[marks[n % 3]]].concat();
    plain.as_bytes().chunks(11).enumerate().flat_map(one).collect()
}
