//! The rules of the house over one file, each with a name that its message begins with.
//!
//! imports, pure, time, sql, printing, parser, opening, unfinished, length. A rule errs on the side of a finding: what
//! it reports wrongly is seen at once, what it overlooked never.

use std::fmt;

use super::source::{Source, Written};
use super::{ALL_ABOVE, PURE, TABLE};

/// A broken rule.
#[derive(Debug)]
pub struct Finding {
    pub file: String,
    pub line: usize,
    pub rule: &'static str,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.rule, self.what)
    }
}

/// All that a file of `src` breaks. `file` is its path from the crate's root, with slashes.
pub fn check(file: &str, text: &str) -> Vec<Finding> {
    if file.ends_with("/tests.rs") || file.contains("/tests/") {
        return Vec::new(); // a module of unit tests in a file of its own
    }
    let source = Source::read(text);
    let paths = source.paths();
    let module = module_of(file);
    let mut found = Findings { file, list: Vec::new() };
    opening(&mut found, text);
    imports(&mut found, module, &paths);
    if PURE.contains(&module) {
        pure(&mut found, &source, &paths);
    }
    one_place_each(&mut found, module, &source, &paths);
    unfinished(&mut found, &source, &paths);
    database_time(&mut found, text);
    length(&mut found, &source, text);
    found.list.sort_by_key(|f| f.line);
    found.list
}

struct Findings<'a> {
    file: &'a str,
    list: Vec<Finding>,
}

impl Findings<'_> {
    fn add(&mut self, line: usize, rule: &'static str, what: String) {
        if !self.list.iter().any(|f| f.line == line && f.rule == rule && f.what == what) {
            self.list.push(Finding { file: self.file.to_string(), line, rule, what });
        }
    }
}

/// The row of the table that a file belongs to: `deliver/outbox`, else the first folder or file name.
fn module_of(file: &str) -> &str {
    let inside = file.strip_prefix("src/").unwrap_or(file).trim_end_matches(".rs");
    let fits = |row: &str| inside == row || inside.strip_prefix(row).is_some_and(|rest| rest.starts_with('/'));
    let row = TABLE.iter().map(|(row, _)| *row).filter(|row| fits(row)).max_by_key(|row| row.len());
    row.unwrap_or_else(|| inside.split('/').next().unwrap_or(inside))
}

fn opening(found: &mut Findings<'_>, text: &str) {
    if !text.starts_with("//!") {
        found.add(
            1,
            "opening",
            "a file opens with `//!`: what it is for, what it refuses, what happens when it fails".into(),
        );
    }
}

fn imports(found: &mut Findings<'_>, module: &str, paths: &[Written]) {
    let Some((at, may)) = row(module).map(|at| (at, TABLE[at].1)) else {
        return found.add(1, "imports", format!("{module} has no row in the table"));
    };
    for path in paths {
        let Some(target) = target_of(found.file, &path.names) else { continue };
        let same_folder = target.split('/').next() == module.split('/').next();
        let above = may == ALL_ABOVE && row(&target).is_some_and(|its| its < at);
        if !same_folder && !above && !may.contains(&target.as_str()) {
            found.add(path.line, "imports", format!("{module} may not use {target} ({})", path.names.join("::")));
        }
    }
}

fn row(module: &str) -> Option<usize> {
    TABLE.iter().position(|(name, _)| *name == module)
}

/// The row of the table that a path leads to, if it leads into this crate.
fn target_of(file: &str, names: &[String]) -> Option<String> {
    let mut here: Vec<&str> = file.strip_prefix("src/")?.trim_end_matches(".rs").split('/').collect();
    if matches!(here.last(), Some(&"mod" | &"lib" | &"main")) {
        here.pop();
    }
    let mut rest = names.iter().map(String::as_str).peekable();
    match rest.next()? {
        "crate" | "amends" => here.clear(),
        "super" => {
            here.pop();
            while rest.next_if_eq(&"super").is_some() {
                here.pop();
            }
        }
        _ => return None,
    }
    here.extend(rest);
    // `crate` alone stands in `pub(crate)` and `super` alone in `pub(super)`.
    let path = format!("src/{}", here.join("/"));
    (!here.is_empty() && names.len() > 1).then(|| module_of(&path).to_string())
}

fn pure(found: &mut Findings<'_>, source: &Source, paths: &[Written]) {
    const CRATES: &[&str] = &["tokio", "sqlx", "rand", "getrandom", "futures_util"];
    const NAMES: &[&str] = &["async", "await", "SystemTime", "Instant"];
    const OF_STD: &[&str] = &["fs", "env", "net", "process", "thread"];
    for path in paths {
        let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        let of_std = matches!(names[..], ["std", second, ..] if OF_STD.contains(&second));
        let name = names.iter().any(|n| NAMES.contains(n));
        if of_std || name || CRATES.contains(&names[0]) {
            found.add(path.line, "pure", format!("{} has no place in a pure module", path.names.join("::")));
        }
    }
    for line in calls(source, "now") {
        found.add(line, "pure", "a pure module is told the time, it does not ask for it: now()".into());
    }
}

/// The lines of `name()` with nothing between its parentheses.
fn calls(source: &Source, name: &str) -> Vec<usize> {
    let text: String = source.code.iter().collect();
    let mut lines = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let call = format!("{name}()");
        let starts = line.match_indices(&call).any(|(at, _)| !line[..at].ends_with(super::source::is_name));
        let declares = line.contains(&format!("fn {call}"));
        if starts && !declares {
            lines.push(n + 1);
        }
    }
    lines
}

/// What has one place in the crate and is asked for everywhere else.
fn one_place_each(found: &mut Findings<'_>, module: &str, source: &Source, paths: &[Written]) {
    let commands = matches!(module, "cli" | "main");
    let parser = found.file.starts_with("src/arrive/parse");
    for path in paths {
        let names: Vec<&str> = path.names.iter().map(String::as_str).collect();
        let written = path.names.join("::");
        let conversion = matches!(module, "cli" | "desk") && names == ["sqlx", "Error"];
        if names[0] == "sqlx" && module != "store" && !conversion && names.len() > 1 {
            found.add(path.line, "sql", format!("only src/store speaks SQL ({written})"));
        }
        if names[0] == "mail_parser" && !parser {
            found.add(path.line, "parser", format!("only src/arrive/parse knows mail-parser ({written})"));
        }
        let system_time = matches!(names[..], [.., "Timestamp" | "Zoned" | "SystemTime", "now"]);
        if system_time && module != "time" {
            found.add(path.line, "time", format!("only src/time.rs asks the system for the time ({written})"));
        }
    }
    for macro_name in ["println", "print", "eprintln", "eprint"] {
        for line in macros(source, macro_name).into_iter().filter(|_| !commands) {
            found.add(line, "printing", format!("only src/cli and main print ({macro_name}!)"));
        }
    }
}

fn macros(source: &Source, name: &str) -> Vec<usize> {
    let text: String = source.code.iter().collect();
    let call = format!("{name}!");
    let called = |line: &str| line.match_indices(&call).any(|(at, _)| !line[..at].ends_with(super::source::is_name));
    text.lines().enumerate().filter(|(_, line)| called(line)).map(|(n, _)| n + 1).collect()
}

fn unfinished(found: &mut Findings<'_>, source: &Source, paths: &[Written]) {
    for name in ["todo", "unimplemented", "dbg"] {
        for line in macros(source, name) {
            found.add(line, "unfinished", format!("{name}! does not stay in the program"));
        }
    }
    for line in calls(source, "unwrap") {
        found.add(line, "unfinished", "unwrap() is for tests: handle it, or say by expect() why it cannot be".into());
    }
    for path in paths.iter().filter(|p| p.names == ["dead_code"]) {
        found.add(path.line, "unfinished", "dead code is removed, not allowed".into());
    }
}

/// The database is told the time too, so this one looks into strings.
fn database_time(found: &mut Findings<'_>, text: &str) {
    for (n, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if code.contains("CURRENT_TIMESTAMP") || code.contains("datetime('now") {
            found.add(n + 1, "sql", "the time is bound to a statement, the database is not asked for it".into());
        }
    }
}

fn length(found: &mut Findings<'_>, source: &Source, text: &str) {
    if source.lines > 400 {
        found.add(
            1,
            "length",
            format!("{} lines without its tests; above 400 a file is split by subject", source.lines),
        );
    }
    for function in source.functions() {
        let lines = function.last_line - function.first_line + 1;
        if lines > 60 && !excused(text, function.first_line) {
            let what = format!(
                "fn {} has {lines} lines; above 60 it is split, or `// long:` above it says why not",
                function.name
            );
            found.add(function.first_line, "length", what);
        }
    }
}

/// Whether the comments and attributes directly above a line hold `// long: why`.
fn excused(text: &str, line: usize) -> bool {
    let lines: Vec<&str> = text.lines().take(line - 1).collect();
    let above = lines.iter().rev().map(|l| l.trim()).take_while(|l| l.starts_with("//") || l.starts_with("#["));
    above.into_iter().any(|l| l.strip_prefix("// long:").is_some_and(|why| why.trim().len() > 10))
}
