//! The `name=value; name=value` lists of DKIM: signatures and key records. RFC 6376 section 3.2.
//!
//! Read more strictly than most do: two readers that differ about a doubled tag are how signatures are forged, so a list
//! with one is no list.

/// Tags in their order, white space around names and values gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tags<'a>(Vec<(&'a str, &'a str)>);

/// More than any signer writes.
const MAX_TAGS: usize = 40;

impl<'a> Tags<'a> {
    /// `None` for what is no tag list, or names one tag twice.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut tags: Vec<(&str, &str)> = Vec::new();
        for piece in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
            let (name, value) = piece.split_once('=')?;
            let name = name.trim_end();
            if !is_name(name) || tags.len() == MAX_TAGS || tags.iter().any(|(n, _)| n.eq_ignore_ascii_case(name)) {
                return None;
            }
            tags.push((name, value.trim_start()));
        }
        Some(Self(tags))
    }

    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }

    /// Values that may be folded anywhere: base64, lists.
    pub fn squeezed(&self, name: &str) -> Option<String> {
        self.get(name).map(squeeze)
    }

    /// A list with colons, its words trimmed and in lower case.
    pub fn list(&self, name: &str) -> Vec<String> {
        self.get(name).map(|v| v.split(':').map(|w| w.trim().to_ascii_lowercase()).collect()).unwrap_or_default()
    }
}

/// RFC 6376 section 3.2, tag-name.
fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

pub fn squeeze(value: &str) -> String {
    value.chars().filter(|c| !c.is_ascii_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_with_its_folding() {
        let tags = Tags::parse("v=1; a = rsa-sha256;\t h=From : to:\t subject; b=ab\t cd== ;").expect("tags");
        assert_eq!(tags.get("a"), Some("rsa-sha256"));
        assert_eq!(tags.list("h"), ["from", "to", "subject"]);
        assert_eq!(tags.squeezed("b").as_deref(), Some("abcd=="));
        assert_eq!((tags.get("x"), tags.get("A")), (None, None));
        assert_eq!(Tags::parse("p="), Some(Tags(vec![("p", "")])));
    }

    #[test]
    fn what_readers_could_disagree_about_is_no_list() {
        for bad in ["d=a; d=b", "d=a; D=b", "d", "=a", "d a=b", "1d=a", &"a=b;".repeat(2), &many()] {
            assert_eq!(Tags::parse(bad), None, "{bad}");
        }
    }

    fn many() -> String {
        (0..100).map(|n| format!("a{n}=b;")).collect()
    }
}
