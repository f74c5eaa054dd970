//! Address fields (RFC 5322 section 3.4, obsolete forms of section 4.4 too): names and addresses, groups, comments, routes.
//!
//! Own, because names are decoded only after the field was taken apart (an encoded word must not bring a bracket or a
//! comma into it), and because broken forms are to give the address that is meant, or several: `Mei mei@x`, `<<mei@x>>`,
//! `Tan, Mei <mei@x>`, `mei@x; jane@x`. What could be two senders is never read as one. One pass over the characters.

use crate::mail::{Address, Party};

use super::words;

/// Stands for a blank inside quotes until the words of a phrase were told apart: `"mei tan"@x` is one word.
const QUOTED_BLANK: char = '\u{f8ff}';

/// No name with commas in it is longer.
const MAX_NAME_BYTES: usize = 200;

/// Addresses of one field.
#[derive(Debug, Default)]
pub struct Parties {
    pub list: Vec<Party>,
    /// How many addresses the field names, readable or not.
    pub named: usize,
}

/// Reads a field's value as text.
pub fn parties(value: &str) -> Parties {
    let (found, unclosed) = read(value);
    match unclosed {
        // A quote or bracket that never ends has swallowed the rest: it is none.
        Some(at) => read(&format!("{} {}", &value[..at], &value[at + 1..])).0,
        None => found,
    }
}

/// The second is where a quote or comment begins that never ends.
fn read(value: &str) -> (Parties, Option<usize>) {
    let mut reader = Reader::default();
    let (mut at, mut opened_at) = (0, None);
    while let Some(c) = value[at..].chars().next() {
        let encoded = if c == '=' && reader.comments == 0 { words::length_at(&value[at..]) } else { None };
        let was_open = reader.is_open();
        match encoded {
            Some(length) => reader.push_str(&value[at..at + length]),
            None => reader.take(c),
        }
        match reader.is_open() {
            true if !was_open => opened_at = Some(at),
            true => {}
            false => opened_at = None,
        }
        at += encoded.unwrap_or(c.len_utf8());
    }
    reader.end_mailbox(None);
    (reader.found, opened_at)
}

/// One mailbox that is being read.
#[derive(Default)]
struct Reader {
    found: Parties,
    /// What stands outside of brackets and comments: quotes resolved.
    phrase: String,
    has_at: bool,
    comment: String,
    angle: Option<String>,
    /// A name without an address, before a comma: `Tan, Mei <mei@x>`.
    before_comma: String,
    in_angle: bool,
    in_quotes: bool,
    escaped: bool,
    comments: usize,
}

impl Reader {
    fn is_open(&self) -> bool {
        self.in_quotes || self.comments > 0
    }

    fn take(&mut self, c: char) {
        if std::mem::take(&mut self.escaped) {
            self.push(if c.is_whitespace() && self.in_quotes { QUOTED_BLANK } else { c });
        } else if c == '\\' && (self.in_quotes || self.comments > 0) {
            self.escaped = true;
        } else if self.comments > 0 {
            self.take_in_comment(c);
        } else if c == '"' {
            self.in_quotes = !self.in_quotes;
        } else if self.in_quotes {
            self.push(if c.is_whitespace() { QUOTED_BLANK } else { c });
        } else {
            self.take_plain(c);
        }
    }

    fn take_in_comment(&mut self, c: char) {
        match c {
            '(' => self.comments += 1,
            ')' => self.comments -= 1,
            _ => {}
        }
        if self.comments > 0 {
            self.comment.push(c);
        }
    }

    fn take_plain(&mut self, c: char) {
        match c {
            '(' => {
                self.comments = 1;
                if !self.comment.is_empty() {
                    self.comment.push(' ');
                }
            }
            '<' => {
                // A second pair of brackets is a second mailbox, a bracket in brackets the same one.
                if !self.in_angle && self.angle.as_ref().is_some_and(|a| !a.trim().is_empty()) {
                    self.end_mailbox(None);
                }
                self.in_angle = true;
                self.angle = Some(String::new());
            }
            '>' => self.in_angle = false,
            // A comma ends brackets that were never closed, but not a route (`<@a,@b:mei@x>`, section 4.4).
            ',' | ';' if !self.in_angle || !self.angle.as_deref().unwrap_or_default().trim_start().starts_with('@') => {
                self.end_mailbox(Some(c));
            }
            // The name of a group (section 3.4); a scheme before an address is none.
            ':' if !self.in_angle && !self.has_at && !ends_with_scheme(&self.phrase) => self.phrase.clear(),
            c => self.push(c),
        }
    }

    fn push(&mut self, c: char) {
        if self.comments == 0 && !self.in_angle {
            // Most characters are of names.
            self.has_at |= c == '@';
            self.phrase.push(c);
        } else {
            self.push_str(c.encode_utf8(&mut [0; 4]));
        }
    }

    fn push_str(&mut self, text: &str) {
        match &mut self.angle {
            _ if self.comments > 0 => self.comment.push_str(text),
            Some(angle) if self.in_angle && angle.is_empty() => angle.push_str(text.trim_start()),
            Some(angle) if self.in_angle => angle.push_str(text),
            _ => {
                self.has_at |= text.contains('@');
                self.phrase.push_str(text);
            }
        }
    }

    fn end_mailbox(&mut self, separator: Option<char>) {
        let (phrase, comment) = (std::mem::take(&mut self.phrase), std::mem::take(&mut self.comment));
        let (angle, before) = (self.angle.take(), std::mem::take(&mut self.before_comma));
        (self.in_angle, self.in_quotes, self.comments, self.has_at) = (false, false, 0, false);
        let angle = angle.filter(|a| !a.trim().is_empty());
        if angle.is_none() && !phrase.contains('@') {
            let names_more = separator == Some(',') && !phrase.trim().is_empty() && before.len() < MAX_NAME_BYTES;
            self.before_comma = if names_more { joined(&before, &phrase) } else { String::new() };
            return;
        }
        match angle {
            Some(angle) if angle.contains('@') || !phrase.contains('@') => {
                let name = joined(&before, &phrase);
                self.add(if name.trim().is_empty() { &comment } else { &name }, &angle);
            }
            // `mei@x <Mei>`: the wrong way round.
            Some(angle) => self.bare(&phrase, &angle),
            None => self.bare(&phrase, &comment),
        }
    }

    /// Addresses without brackets: the words that hold an `@`; the others are the name.
    fn bare(&mut self, phrase: &str, comment: &str) {
        // `mei @ shop.example`
        let phrase = phrase.replace(" @ ", "@");
        let (addresses, others): (Vec<&str>, Vec<&str>) =
            phrase.split_whitespace().partition(|word| word.contains('@'));
        let name = if others.is_empty() { comment.to_owned() } else { others.join(" ") };
        for address in addresses {
            self.add(&name, address);
        }
    }

    fn add(&mut self, name: &str, address: &str) {
        self.found.named += 1;
        let name = words::decode(&name.replace(QUOTED_BLANK, " "));
        if let Some(address) = meant(address) {
            self.found.list.push(Party::new(Some(&name), address));
        }
    }
}

fn ends_with_scheme(phrase: &str) -> bool {
    phrase.len() >= 6 && phrase.as_bytes()[phrase.len() - 6..].eq_ignore_ascii_case(b"mailto")
}

fn joined(before: &str, phrase: &str) -> String {
    match (before.trim(), phrase.trim()) {
        ("", phrase) => phrase.to_owned(),
        (before, "") => before.to_owned(),
        (before, phrase) => format!("{before}, {phrase}"),
    }
}

/// The address that is meant: without a route, a scheme, marks around it, blanks inside it (some programs fold there), and
/// the dot of a fully qualified domain.
fn meant(text: &str) -> Option<Address> {
    let text = text.trim();
    let text = if text.starts_with('@') { text.rsplit(':').next().unwrap_or(text) } else { text };
    let text =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '[' | ']' | '\'' | '"' | ',' | ';'));
    let scheme = text.get(..7).is_some_and(|s| s.eq_ignore_ascii_case("mailto:"));
    let text = if scheme { &text[7..] } else { text };
    // What a program folded or spaced out belongs together; `Test test@x` put together would be somebody else's.
    let mut words: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match words.last_mut() {
            Some(last) if last.ends_with(['@', '.']) || word.starts_with(['@', '.']) => last.push_str(word),
            _ => words.push(word.to_owned()),
        }
    }
    let one = words.iter().rfind(|word| word.contains('@'))?;
    Address::parse(one.trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `name|address` of each, and how many were named.
    fn read(value: &str) -> (Vec<String>, usize) {
        let found = parties(value);
        let show = |p: &Party| format!("{}|{}", p.name.as_deref().unwrap_or_default(), p.address);
        (found.list.iter().map(show).collect(), found.named)
    }

    fn one(value: &str, name: &str) {
        assert_eq!(read(value), (vec![format!("{name}|mei@x.example")], 1), "{value}");
    }

    #[test]
    fn names_are_read_in_every_form() {
        one("mei@x.example", "");
        one("<mei@x.example>", "");
        one("Mei Tan <mei@x.example>", "Mei Tan");
        one("\"Tan, Mei\" <mei@x.example>", "Tan, Mei");
        one("Tan, Mei <mei@x.example>", "Tan, Mei");
        one("\"Mei \\\"M\\\" Tan\" <mei@x.example>", "Mei \"M\" Tan");
        one("mei@x.example (Mei Tan)", "Mei Tan");
        one("<mei@x.example> (Mei (M) Tan)", "Mei (M) Tan");
        one("Mail Delivery (the system) <mei@x.example>", "Mail Delivery");
        one("MAILER-DAEMON (Mail Delivery System) <mei@x.example>", "MAILER-DAEMON");
        one("\"Mei Tan (Acme)\" <mei@x.example>", "Mei Tan (Acme)");
        one("=?utf-8?Q?K=C3=A4the,_Mei?= <mei@x.example>", "K\u{e4}the, Mei");
        one("\"=?utf-8?Q?K=C3?= =?utf-8?Q?=A4the?=\" <mei@x.example>", "K\u{e4}the");
        one("K\u{e4}the Berg <mei@x.example>", "K\u{e4}the Berg");
        one("<mei@x.example> Mei", "Mei");
    }

    #[test]
    fn broken_forms_give_the_address_that_is_meant() {
        one("Mei mei@x.example", "Mei");
        one("Mei Tan mei@x.example", "Mei Tan");
        one("Mei <mei@x.example", "Mei");
        one("Mei mei@x.example>", "Mei");
        one("Mei <<mei@x.example>>", "Mei");
        one("Mei <mailto:mei@x.example>", "Mei");
        one("Mei [mailto:mei@x.example]", "Mei");
        one("Mei <mei @ x.example>", "Mei");
        one("mei @ x.example", "");
        one("Mei <mei@x.\r\n example>", "Mei");
        one("'mei@x.example'", "");
        one("mei@x.example <>", "");
        one("mei@x.example <Mei>", "Mei");
        one("<@a.example,@b.example:mei@x.example>", "");
        one("<mei@x.example.>", "");
        one("mei@x.example,", "");
        one("<Mei mei@x.example>", "");
        one("\"Mei <mei@x.example>", "Mei");
        one("Mei (the boss <mei@x.example>", "Mei the boss");
        one("Team: mei@x.example;", "");
    }

    #[test]
    fn what_may_be_two_is_two() {
        for two in [
            "a@x.example b@x.example",
            "a@x.example, b@x.example",
            "a@x.example; b@x.example",
            "<a@x.example> <b@x.example>",
            "A <a@x.example> B <b@x.example>",
            "Team: a@x.example, b@x.example;",
            "A <a@x.example, B <b@x.example>",
        ] {
            assert_eq!(parties(two).named, 2, "{two}");
        }
        assert_eq!(parties("b@x.example <a@x.example>").list[0].address.as_str(), "a@x.example");
    }

    #[test]
    fn long_fields_cost_no_more_than_their_length() {
        let at = format!("{}@{}", "a".repeat(100_000), ":".repeat(100_000));
        for field in [
            "a,".repeat(100_000),
            at,
            format!("<{}@{}", " ".repeat(100_000), ",".repeat(100_000)),
            "\"(".repeat(50_000),
        ] {
            assert!(parties(&field).list.is_empty());
        }
    }

    #[test]
    fn an_encoded_word_brings_no_address() {
        let (list, named) = read("=?utf-8?Q?=22Boss=22_=3Cboss=40shop.example=3E=2C?= <mei@x.example>");
        assert_eq!((list.len(), named), (1, 1));
        assert!(list[0].ends_with("|mei@x.example"), "{list:?}");
    }

    #[test]
    fn what_is_no_address_is_counted_and_not_believed() {
        assert_eq!(read("\"mei tan\"@x.example").1, 1);
        assert!(read("\"mei tan\"@x.example").0.is_empty());
        assert_eq!(read("<MAILER-DAEMON>"), (vec![], 1));
        assert_eq!(read("undisclosed-recipients:;"), (vec![], 0));
        assert_eq!(read("\"Mei\" <>"), (vec![], 0));
        assert_eq!(read(""), (vec![], 0));
    }
}
