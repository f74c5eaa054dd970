//! Rust text as the rules see it: without comments, strings and tests, its lines where they were.
//!
//! Not a parser of Rust: enough of its lexical rules (nested comments, raw strings, lifetimes) and of the syntax of
//! paths and `use` trees to read this crate; what it cannot read it leaves out, it never panics.

/// A file's text with everything blanked that is no code of the program.
pub struct Source {
    /// Same lines and columns as the file; comments, strings and `#[cfg(test)]` items are spaces.
    pub code: Vec<char>,
    /// How many lines stand outside `#[cfg(test)]` items.
    pub lines: usize,
}

/// A path of names as written at a line: `a::b::c`, `use` trees taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub line: usize,
    pub names: Vec<String>,
}

/// A function with a body, by the lines of its `fn` and its closing brace.
pub struct Function {
    pub name: String,
    pub first_line: usize,
    pub last_line: usize,
}

impl Source {
    pub fn read(text: &str) -> Self {
        let mut code = without_comments_and_strings(text);
        let cut = cut_tests(&mut code);
        Self { lines: text.lines().count() - cut, code }
    }

    pub fn line_at(&self, position: usize) -> usize {
        self.code[..position].iter().filter(|c| **c == '\n').count() + 1
    }

    /// Every path and every lone name of the code.
    pub fn paths(&self) -> Vec<Written> {
        let mut found = Vec::new();
        let mut at = 0;
        let mut line = 1;
        while at < self.code.len() {
            let c = self.code[at];
            if is_name(c) && !c.is_ascii_digit() {
                let next = self.path_from(at, line, Vec::new(), &mut found);
                line += self.code[at..next].iter().filter(|c| **c == '\n').count();
                at = next;
            } else {
                // A number's suffix is no name.
                at += 1 + self.code[at + 1..].iter().take_while(|x| c.is_ascii_digit() && is_name(**x)).count();
                line += usize::from(c == '\n');
            }
        }
        found
    }

    /// Reads `name(::name)*` or `name::{tree}` from here; returns where it ends.
    fn path_from(&self, mut at: usize, mut line: usize, mut names: Vec<String>, found: &mut Vec<Written>) -> usize {
        loop {
            let end = at + self.code[at..].iter().take_while(|c| is_name(**c)).count();
            names.push(self.code[at..end].iter().collect());
            let (after, crossed) = self.skip_space(end);
            if self.code.get(after) != Some(&':') || self.code.get(after + 1) != Some(&':') {
                found.push(Written { line, names });
                return end;
            }
            let (next, crossed_more) = self.skip_space(after + 2);
            line += crossed + crossed_more;
            match self.code.get(next) {
                Some('{') => return self.tree(next + 1, line, &names, found),
                Some(c) if is_name(*c) => at = next,
                _ => {
                    found.push(Written { line, names });
                    return next;
                }
            }
        }
    }

    /// The branches of a `use` tree, from behind its brace; returns where it ends.
    fn tree(&self, mut at: usize, mut line: usize, stem: &[String], found: &mut Vec<Written>) -> usize {
        while let Some(&c) = self.code.get(at) {
            if c == '}' {
                return at + 1;
            }
            if is_name(c) {
                let end = self.path_from(at, line, stem.to_vec(), found);
                // `as another` is no name of a path.
                let next = end + self.code[end..].iter().take_while(|c| !matches!(c, ',' | '}')).count();
                line += self.code[at..next].iter().filter(|c| **c == '\n').count();
                at = next;
            } else {
                line += usize::from(c == '\n');
                at += 1;
            }
        }
        at
    }

    /// The next place that is no space, and the lines crossed on the way.
    fn skip_space(&self, from: usize) -> (usize, usize) {
        let count = self.code[from..].iter().take_while(|c| c.is_whitespace()).count();
        (from + count, self.code[from..from + count].iter().filter(|c| **c == '\n').count())
    }

    pub fn functions(&self) -> Vec<Function> {
        let mut found = Vec::new();
        for (at, window) in self.code.windows(3).enumerate() {
            let starts = at == 0 || !is_name(self.code[at - 1]);
            if !starts || window[0] != 'f' || window[1] != 'n' || !window[2].is_whitespace() {
                continue;
            }
            let (start, _) = self.skip_space(at + 2);
            let name: String = self.code[start..].iter().take_while(|c| is_name(**c)).collect();
            if let Some(body) = self.body_of(start).filter(|_| !name.is_empty()) {
                let last = matching_brace(&self.code, body);
                found.push(Function { name, first_line: self.line_at(at), last_line: self.line_at(last) });
            }
        }
        found
    }

    /// Where a function's body opens; `None` for a declaration without one.
    fn body_of(&self, from: usize) -> Option<usize> {
        let mut depth = 0usize;
        for (at, c) in self.code.iter().enumerate().skip(from) {
            match c {
                '(' | '[' => depth += 1,
                ')' | ']' => depth = depth.saturating_sub(1),
                ';' if depth == 0 => return None,
                '{' if depth == 0 => return Some(at),
                _ => {}
            }
        }
        None
    }
}

pub fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The closing brace of an opening one, or the end of a text that has none.
fn matching_brace(code: &[char], open: usize) -> usize {
    let mut depth = 0usize;
    for (at, c) in code.iter().enumerate().skip(open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    code.len().saturating_sub(1)
}

/// Blanks comments, strings and characters; newlines stay.
fn without_comments_and_strings(text: &str) -> Vec<char> {
    let mut code: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < code.len() {
        let end = match code[at] {
            '/' if code.get(at + 1) == Some(&'/') => end_of_line(&code, at),
            '/' if code.get(at + 1) == Some(&'*') => end_of_block_comment(&code, at),
            '"' => end_of_string(&code, at),
            'r' if !preceded_by_name(&code, at) => end_of_raw_string(&code, at + 1).unwrap_or(at),
            'b' | 'c' if code.get(at + 1) == Some(&'r') && !preceded_by_name(&code, at) => {
                end_of_raw_string(&code, at + 2).unwrap_or(at)
            }
            '\'' => end_of_character(&code, at),
            _ => at,
        };
        for c in &mut code[at..end] {
            if *c != '\n' {
                *c = ' ';
            }
        }
        at = end.max(at + 1);
    }
    code
}

fn preceded_by_name(code: &[char], at: usize) -> bool {
    at > 0 && is_name(code[at - 1])
}

fn end_of_line(code: &[char], from: usize) -> usize {
    from + code[from..].iter().take_while(|c| **c != '\n').count()
}

fn end_of_block_comment(code: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < code.len() {
        match (code[at], code.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn end_of_string(code: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < code.len() {
        match code[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    code.len()
}

/// From behind the `r`: hashes, a quote, and all up to the quote with as many hashes.
fn end_of_raw_string(code: &[char], from: usize) -> Option<usize> {
    let hashes = code[from..].iter().take_while(|c| **c == '#').count();
    if code.get(from + hashes) != Some(&'"') {
        return None;
    }
    let mut at = from + hashes + 1;
    while at < code.len() {
        if code[at] == '"' && code[at + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes {
            return Some(at + 1 + hashes);
        }
        at += 1;
    }
    Some(code.len())
}

/// The end of `'x'` or `'\n'`; a lifetime is left as it is.
fn end_of_character(code: &[char], from: usize) -> usize {
    match (code.get(from + 1), code.get(from + 2)) {
        (Some('\\'), _) => {
            let rest = code.get(from + 3..).unwrap_or_default();
            from + 4 + rest.iter().take_while(|c| **c != '\'').count()
        }
        (Some(_), Some('\'')) => from + 3,
        _ => from,
    }
    .min(code.len())
}

/// Blanks the items under `#[cfg(test)]`; returns how many lines they took.
fn cut_tests(code: &mut [char]) -> usize {
    let sign: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut lines = 0;
    let mut at = 0;
    while at + sign.len() <= code.len() {
        if code[at..at + sign.len()] != sign[..] {
            at += 1;
            continue;
        }
        let item = at + sign.len();
        let ends = code[item..].iter().position(|c| matches!(c, '{' | ';')).map_or(code.len() - 1, |n| item + n);
        let end = if code[ends] == '{' { matching_brace(code, ends) } else { ends };
        for c in &mut code[at..=end] {
            if *c == '\n' {
                lines += 1;
            } else {
                *c = ' ';
            }
        }
        lines += 1; // the line on which it ends
        at = end;
    }
    lines
}
