//! One Authentication-Results field, by the grammar of RFC 8601 section 2.2: folding, comments, quoted strings,
//! versions. `None` for what does not fit it; unknown methods, results and properties are kept and nobody asks for them.

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    pub id: String,
    pub methods: Vec<Method>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Method {
    /// Lower case, without its version: `dkim`.
    pub name: String,
    pub result: String,
    /// `ptype.property` and value, lower case.
    pub properties: Vec<(String, String)>,
}

impl Method {
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// More methods than any server writes.
const MAX_METHODS: usize = 50;

pub fn parse(value: &str) -> Option<Results> {
    let pieces = pieces(value)?;
    let (head, methods) = pieces.split_first()?;
    let mut words = head.iter();
    let id = words.next()?.to_ascii_lowercase();
    // A version may follow the id (section 2.2): only 1 exists.
    let version = words.next().is_none_or(|v| v == "1");
    let fits = version && !id.is_empty() && !id.contains('=') && words.next().is_none();
    fits.then(|| Results { id, methods: methods.iter().take(MAX_METHODS).filter_map(|m| method(m)).collect() })
}

/// The same of a server that writes no id: `spf=pass ...; dkim=pass ...`.
pub fn parse_without_id(value: &str) -> Option<Results> {
    let pieces = pieces(value)?;
    let methods: Vec<Method> = pieces.iter().take(MAX_METHODS).filter_map(|m| method(m)).collect();
    (!methods.is_empty()).then(|| Results { id: String::new(), methods })
}

/// `dkim=pass`, `reason="..."`, `header.d=n.example`.
fn method(words: &[String]) -> Option<Method> {
    let (first, rest) = words.split_first()?;
    let (name, result) = first.split_once('=')?;
    let name = name.split('/').next()?.trim().to_ascii_lowercase();
    let pair = |w: &String| {
        let (name, value) = w.split_once('=')?;
        name.contains('.').then(|| (name.to_ascii_lowercase(), value.trim().to_ascii_lowercase()))
    };
    Some(Method {
        name,
        result: result.trim().to_ascii_lowercase(),
        properties: rest.iter().filter_map(pair).collect(),
    })
}

/// Words between semicolons, comments gone, quotes undone, `a = b` joined. `None` for an unclosed comment or quote.
fn pieces(value: &str) -> Option<Vec<Vec<String>>> {
    let mut pieces: Vec<Vec<String>> = vec![Vec::new()];
    let mut word = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '(' => skip_comment(&mut chars)?,
            '"' => quoted(&mut chars, &mut word)?,
            ';' => {
                end_word(&mut pieces, &mut word);
                pieces.push(Vec::new());
            }
            c if c.is_whitespace() => end_word(&mut pieces, &mut word),
            c => word.push(c),
        }
    }
    end_word(&mut pieces, &mut word);
    Some(pieces)
}

/// Comments nest (RFC 5322 section 3.2.2).
fn skip_comment(chars: &mut std::str::Chars<'_>) -> Option<()> {
    let mut depth = 1;
    loop {
        match chars.next()? {
            '\\' => {
                chars.next()?;
            }
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(());
        }
    }
}

fn quoted(chars: &mut std::str::Chars<'_>, word: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            '"' => return Some(()),
            '\\' => word.push(chars.next()?),
            c => word.push(c),
        }
    }
}

/// Blanks may stand around `=` (section 2.2, CFWS).
fn end_word(pieces: &mut [Vec<String>], word: &mut String) {
    if word.is_empty() {
        return;
    }
    let done = std::mem::take(word);
    let Some(piece) = pieces.last_mut() else { return };
    match piece.last_mut() {
        Some(before) if done.starts_with('=') || before.ends_with('=') => before.push_str(&done),
        _ => piece.push(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_quotes_and_blanks_are_seen_through() {
        let value = "mx.n.example 1 (a (nested) ; comment);\r\n dkim=pass (2048-bit; ok) header.d = \"C.example\" header.b=x ; spf=pass";
        let found = parse(value).expect("results");
        assert_eq!(found.id, "mx.n.example");
        assert_eq!(found.methods[0].property("header.d"), Some("c.example"));
        assert_eq!((found.methods[1].name.as_str(), found.methods[1].result.as_str()), ("spf", "pass"));
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        for bad in [
            "",
            "dkim=pass",
            "mx.n.example 2; dkim=pass",
            "mx (unclosed; dkim=pass",
            "mx.n.example other words; dkim=pass",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(parse("mx.n.example; none").map(|r| r.methods.len()), Some(0));
    }
}
