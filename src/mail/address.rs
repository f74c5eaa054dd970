//! Addresses and names, cleaned so that whatever a stranger wrote can stand in a header or an envelope.
//!
//! RFC 5321 section 4.1.2 (mailbox), RFC 5322 section 3.4. A local part that is no ASCII dot-atom is not
//! an `Address`: we could not write to it without SMTPUTF8 or quoting (mail-rules section 3).

use std::fmt;

use serde::{Deserialize, Serialize};

/// `local@domain`: an ASCII dot-atom local part as it was written, the domain in lower case.
/// Compared without regard to case, as all mail systems in use do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    text: String,
    at: usize,
}

impl Address {
    /// `None` for what is no address that we could write to: empty, non-ASCII, quoted, over 254 octets.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let (local, domain) = text.rsplit_once('@')?;
        if !is_dot_atom(local) || local.len() > 64 || !is_domain(domain) || text.len() > 254 {
            return None;
        }
        Some(Self { text: format!("{local}@{}", domain.to_ascii_lowercase()), at: local.len() })
    }

    pub fn local(&self) -> &str {
        &self.text[..self.at]
    }

    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key under which the store and the rules compare addresses.
    pub fn folded(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    /// `support+x@d` becomes (`support@d`, `x`); without a `+` the second is `None`.
    pub fn split_detail(&self) -> (Address, Option<&str>) {
        match self.local().split_once('+') {
            Some((base, detail)) if !base.is_empty() => {
                (Address { text: format!("{base}@{}", self.domain()), at: base.len() }, Some(detail))
            }
            _ => (self.clone(), None),
        }
    }

    /// This address with `+detail` behind its local part; `None` where that would be over 64 octets (RFC 5321 section 4.5.3.1.1).
    pub fn with_detail(&self, detail: &str) -> Option<Address> {
        Address::parse(&format!("{}+{detail}@{}", self.local(), self.domain()))
    }

    /// For logs: enough to recognise, too little to collect.
    pub fn masked(&self) -> String {
        let first: String = self.local().chars().take(2).collect();
        format!("{first}…@{}", self.domain())
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.text.eq_ignore_ascii_case(&other.text)
    }
}

impl Eq for Address {}

impl std::hash::Hash for Address {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.folded().hash(state);
    }
}

impl PartialOrd for Address {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Address {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.folded().cmp(&other.folded())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl TryFrom<String> for Address {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Address::parse(&text).ok_or_else(|| format!("\"{text}\" is no mail address"))
    }
}

impl From<Address> for String {
    fn from(address: Address) -> String {
        address.text
    }
}

/// RFC 5322 section 3.2.3.
fn is_dot_atom(local: &str) -> bool {
    let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext))
}

fn is_domain(domain: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty() && l.len() <= 63 && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    domain.len() <= 253 && domain.split('.').all(label)
}

/// An address with the name that stood before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Decoded and cleaned by [`clean_name`].
    pub name: Option<String>,
    pub address: Address,
}

impl Party {
    pub fn new(name: Option<&str>, address: Address) -> Self {
        let name = name.map(clean_name).filter(|n| !n.is_empty());
        Self { name, address }
    }

    /// The name, or the address where there is none.
    pub fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or(self.address.as_str())
    }
}

/// One line of a stranger's text, safe in a header and on a screen: no control characters, no bidi
/// overrides, no zero-width characters, white space folded to single blanks.
/// lettre panics on a CR in a display name, and an encoded word can hold one.
pub fn clean_line(text: &str) -> String {
    match text.bytes().all(|b| (b'!'..=b'~').contains(&b) || b == b' ') {
        true => single_blanks(text),
        false => clean_any(text),
    }
}

fn clean_any(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars().filter(|c| is_break(*c) || !is_hidden(*c)) {
        if !is_break(c) && !c.is_whitespace() {
            line.push(c);
        } else if !line.is_empty() && !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line
}

/// Nearly every line is plain: words and blanks.
fn single_blanks(text: &str) -> String {
    let text = text.trim_matches(' ');
    match text.contains("  ") {
        true => text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "),
        false => text.to_owned(),
    }
}

/// [`clean_line`], at most 128 characters, without quotes around it: mailers put them twice, groups put their own.
pub fn clean_name(text: &str) -> String {
    let line = clean_line(text);
    let bare = line.trim_matches(|c: char| "\"'`‘’‚“”„«»".contains(c) || c.is_whitespace());
    bare.chars().take(128).collect::<String>().trim_end().to_owned()
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\t' | '\u{2028}' | '\u{2029}' | '\u{85}' | '\u{a0}')
}

/// What no screen shows: bidi marks and overrides, zero-width characters, blank letters, tags, interlinear marks.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_lines_are_cleaned_alike_on_both_ways() {
        for line in ["", " ", "   ", "one", " one", "one  two   three ", "a b", "<x@y.example>  ~!"] {
            assert_eq!(single_blanks(line), clean_any(line), "{line:?}");
        }
    }

    #[test]
    fn an_address_is_one_that_can_be_written_to() {
        for good in ["a@b.example", "A.b+c@B.Example", "<x@y.z>"] {
            assert!(Address::parse(good).is_some(), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a b@c.d", "ü@b.c", "\"a b\"@c.d", "a@b\r\nc", ".a@b.c", "a@-b..c"] {
            assert!(Address::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn case_does_not_tell_addresses_apart() {
        assert_eq!(Address::parse("Mei@Northwind.Example"), Address::parse("mei@northwind.example"));
    }

    #[test]
    fn the_detail_is_split_off() {
        let address = Address::parse("support+c.abc@n.example").expect("an address");
        assert_eq!(address.split_detail(), (Address::parse("support@n.example").expect("one"), Some("c.abc")));
    }

    #[test]
    fn a_name_cannot_break_a_header() {
        assert_eq!(clean_name("A\r\nBcc: evil\u{202e}\u{0}"), "A Bcc: evil");
        assert_eq!(clean_name("K\u{61c}la\u{e0041}us\u{206a}\u{180e}\u{fff9}"), "Klaus");
    }

    #[test]
    fn a_name_is_what_a_reader_sees() {
        for (name, seen) in [
            ("'Mei Tan'", "Mei Tan"),
            ("\"'Mei Tan'\"", "Mei Tan"),
            ("“Mei Tan”", "Mei Tan"),
            ("„Mei Tan“", "Mei Tan"),
            ("Mei O'Neil", "Mei O'Neil"),
            ("Mei\u{61c}\u{2066}\u{200b} \u{180e}Tan\u{e0041}\u{fff9}", "Mei Tan"),
            ("Mei\u{3000}\u{a0}\u{2003}Tan", "Mei Tan"),
            ("\u{3164}\u{115f}\u{ad}", ""),
            ("Mei\u{85}Tan\u{2029}", "Mei Tan"),
            ("💡 Mei", "💡 Mei"),
        ] {
            assert_eq!(clean_name(name), seen, "{name:?}");
        }
        assert_eq!(clean_name(&"x ".repeat(200)).chars().count(), 127);
    }
}
