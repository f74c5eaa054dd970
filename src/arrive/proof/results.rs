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

/// More than any server writes.
const MAX_METHODS: usize = 50;
const MAX_BYTES: usize = 16 * 1024;

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
    // Another server's, which names itself.
    if pieces.first().is_some_and(|first| first.first().is_some_and(|word| !word.contains('='))) {
        return None;
    }
    let methods: Vec<Method> = pieces.iter().take(MAX_METHODS).filter_map(|m| method(m)).collect();
    (!methods.is_empty()).then(|| Results { id: String::new(), methods })
}

/// `dkim=pass`, `reason="..."`, `header.d=n.example`. `None` for a version that does not exist (section 2.6: only 1
/// does), and for a property that stands there twice: nobody knows which of them was checked.
fn method(words: &[String]) -> Option<Method> {
    let (first, rest) = words.split_first()?;
    let (name, result) = first.split_once('=')?;
    let (name, version) = name.split_once('/').unwrap_or((name, "1"));
    if version.trim() != "1" {
        return None;
    }
    let mut properties: Vec<(String, String)> = Vec::new();
    for word in rest {
        let Some((name, value)) = word.split_once('=') else { continue };
        let name = name.trim().to_ascii_lowercase();
        if !name.contains('.') {
            continue;
        }
        if properties.iter().any(|(n, _)| *n == name) {
            return None;
        }
        properties.push((name, value.trim().to_ascii_lowercase()));
    }
    Some(Method { name: name.trim().to_ascii_lowercase(), result: result.trim().to_ascii_lowercase(), properties })
}

/// Words between semicolons, comments gone, quotes undone, `a = b` joined. `None` for an unclosed comment or quote, and
/// for a quoted string where a keyword has to stand: servers quote what strangers wrote, and that is never a method.
fn pieces(value: &str) -> Option<Vec<Vec<String>>> {
    if value.len() > MAX_BYTES {
        return None;
    }
    let mut pieces: Vec<Vec<String>> = vec![Vec::new()];
    let mut word = String::new();
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '(' => {
                end_word(&mut pieces, &mut word);
                skip_comment(&mut chars)?;
            }
            '"' => {
                let is_id = pieces.len() == 1 && pieces[0].is_empty();
                let is_value = word.contains('=') || pieces.last()?.last().is_some_and(|w| is_open(w));
                if !is_id && !is_value {
                    return None;
                }
                quoted(&mut chars, &mut word)?;
            }
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

/// `header.d=`, whose value is still to come. `header.b=ab=` has it.
fn is_open(word: &str) -> bool {
    word.ends_with('=') && word.matches('=').count() == 1
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

/// Blanks and comments may stand around `=`, the dot of a property and the slash of a version (section 2.2, CFWS).
fn end_word(pieces: &mut [Vec<String>], word: &mut String) {
    if word.is_empty() {
        return;
    }
    let done = std::mem::take(word);
    let methods = pieces.len() > 1;
    let Some(piece) = pieces.last_mut() else { return };
    let goes_on = |before: &str| {
        let name = !before.contains('=');
        let by_dot = methods && name && (done.starts_with(['.', '/']) || before.ends_with(['.', '/']));
        is_open(before) || name && done.starts_with('=') || by_dot
    };
    match piece.last_mut() {
        Some(before) if goes_on(before) => before.push_str(&done),
        _ => piece.push(done),
    }
}

#[cfg(test)]
mod tests;
