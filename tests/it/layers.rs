//! Guards the house: who may import whom, what is pure, who speaks SQL, who prints, how long things grow.
//!
//! The table below is the one place where the rules of imports stand. The checker reads `src` as text, without its
//! comments, strings and `#[cfg(test)]` items; each rule is first shown to fail on a snippet, then run on the crate.

mod rules;
mod source;

use std::path::{Path, PathBuf};

use rules::check;

/// What a module may use of the crate, besides itself. A file is judged by the longest name that fits it.
///
/// `deliver` means all its files but `outbox`, whose states the store knows too.
pub const TABLE: &[(&str, &[&str])] = &[
    ("mail", &[]),
    ("time", &[]),
    ("templates", &[]),
    ("tls", &[]),
    ("tone", &[]),
    ("token", &["mail"]),
    ("classify", &["mail", "token"]),
    ("decide", &["mail", "tone"]),
    ("deliver/outbox", &["mail"]),
    ("config", &["mail", "decide", "templates", "tls"]),
    ("oauth", &["mail", "config", "tls"]),
    ("arrive", &["mail", "time", "config", "tls"]),
    ("deliver", &["mail", "time", "decide", "token", "templates", "config", "tls", "deliver/outbox"]),
    ("learn", &["mail", "decide"]),
    ("store", &["mail", "decide", "config", "deliver/outbox"]),
    ("desk", ALL_ABOVE),
    ("web", &["store", "learn", "decide", "mail", "config"]),
    ("cli", ALL_ABOVE),
    ("main", &["cli"]),
    ("lib", &[]),
];

/// Every row that stands above.
pub const ALL_ABOVE: &[&str] = &["all above"];

/// Modules that hold no IO, no waiting, no system time and no chance.
pub const PURE: &[&str] = &["classify", "decide", "learn", "deliver/outbox"];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn the_crate_keeps_its_layers() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    rust_files(&root.join("src"), &mut files);
    files.sort();
    assert!(files.len() > 30, "only {} files under src: is this the crate?", files.len());
    let mut findings = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
        findings.extend(check(&name, &text).iter().map(ToString::to_string));
    }
    assert!(
        findings.is_empty(),
        "\n{}\n{} broken rules; the table of imports is TABLE in tests/it/layers.rs, the others are in tests/it/layers/rules.rs\n",
        findings.join("\n"),
        findings.len()
    );
}

/// The rules that a text breaks, by name, with their lines.
fn broken(file: &str, text: &str) -> Vec<(usize, String)> {
    check(file, text).into_iter().map(|f| (f.line, f.rule.to_string())).collect()
}

fn one(line: usize, rule: &str) -> Vec<(usize, String)> {
    vec![(line, rule.to_string())]
}

#[test]
fn an_import_outside_the_table_is_found_with_its_line() {
    let text = "//! x\nuse crate::mail::Address;\nuse crate::store::cases::find;\n";
    assert_eq!(broken("src/decide/ladder.rs", text), one(3, "imports"));
    let message = check("src/decide/ladder.rs", text)[0].to_string();
    assert_eq!(message, "src/decide/ladder.rs:3: imports: decide may not use store (crate::store::cases::find)");
}

#[test]
fn nested_imports_and_plain_paths_are_read_too() {
    let nested = "//! x\nuse crate::{\n    mail::{Address, ids::CaseId},\n    desk::turn as t,\n};\n";
    assert_eq!(broken("src/store/mails.rs", nested), one(4, "imports"));
    let plain = "//! x\nfn f() -> crate::config::Config {\n    crate::arrive::imap::open()\n}\n";
    assert_eq!(broken("src/store/mails.rs", plain), one(3, "imports"));
}

#[test]
fn a_way_out_by_super_is_an_import() {
    let text = "//! x\nuse super::cases::Row;\nuse super::super::desk::turn;\n";
    assert_eq!(broken("src/store/mails.rs", text), one(3, "imports"));
    assert_eq!(broken("src/store/mod.rs", "//! x\nuse super::desk::turn;\nuse self::cases::Row;\n"), one(2, "imports"));
}

#[test]
fn the_store_knows_the_states_of_the_outbox_and_nothing_else_of_deliver() {
    assert_eq!(broken("src/store/outbox.rs", "//! x\nuse crate::deliver::outbox::State;\n"), []);
    assert_eq!(broken("src/store/outbox.rs", "//! x\nuse crate::deliver::smtp::Sent;\n"), one(2, "imports"));
    assert_eq!(broken("src/deliver/outbox.rs", "//! x\nuse crate::decide::case::Case;\n"), one(2, "imports"));
    assert_eq!(broken("src/deliver/smtp.rs", "//! x\nuse crate::deliver::outbox::State;\n"), []);
}

#[test]
fn the_desk_joins_the_stages_and_knows_nothing_of_who_shows_them() {
    assert_eq!(broken("src/desk/turn.rs", "//! x\nuse crate::{store::Store, deliver::smtp, classify};\n"), []);
    assert_eq!(broken("src/desk/turn.rs", "//! x\nuse crate::cli;\n"), one(2, "imports"));
    assert_eq!(broken("src/desk/turn.rs", "//! x\nuse crate::web::board;\n"), one(2, "imports"));
    assert_eq!(broken("src/cli/run.rs", "//! x\nuse crate::{desk, web, time};\n"), []);
}

#[test]
fn the_program_uses_only_its_commands() {
    assert_eq!(broken("src/main.rs", "//! x\nuse amends::cli;\nuse amends::store::Store;\n"), one(3, "imports"));
}

#[test]
fn a_module_that_is_not_in_the_table_is_refused() {
    assert_eq!(broken("src/helpers.rs", "//! x\n"), one(1, "imports"));
    assert_eq!(broken("src/cli/mod.rs", "//! x\nuse crate::helpers::x;\n"), one(2, "imports"));
}

#[test]
fn comments_strings_and_tests_are_not_read() {
    let text = r##"//! x crate::store::y
// use crate::store::x;
/* use crate::desk::x; /* nested */ println!() */
const A: &str = "use crate::store::x; \" println!()";
const B: &str = r#"crate::store::x "quoted" println!()"#;
const C: char = '"';
fn f<'a>(x: &'a str) -> &'a str { x }
#[cfg(test)]
mod tests {
    use crate::store::x;
    fn g() { println!("}}"); h.unwrap() }
}
"##;
    assert_eq!(broken("src/decide/mod.rs", text), []);
    let after = format!("{text}use crate::store::x;\n");
    assert_eq!(broken("src/decide/mod.rs", &after), one(13, "imports"));
}

#[test]
fn what_is_pure_neither_waits_nor_looks_at_the_world() {
    for line in [
        "async fn f() {}",
        "use tokio::sync::watch;",
        "use sqlx::Row;",
        "use std::{fs, fmt};",
        "fn f() { std::env::var(x); }",
        "fn f() { let t = Timestamp::now(); }",
        "fn f() { let t = time.now(); }",
        "fn f() { let t = std::time::Instant::now(); }",
        "fn f(t: SystemTime) {}",
        "fn f() { rand::random() }",
        "fn f() { getrandom::fill(&mut x) }",
    ] {
        let found = broken("src/decide/clocks.rs", &format!("//! x\n\n{line}\n"));
        assert!(found.contains(&(3, "pure".to_string())), "{line}: {found:?}");
    }
    assert_eq!(broken("src/decide/clocks.rs", "//! x\nfn f(now: Timestamp) { g(now) }\nfn known() {}\n"), []);
    assert_eq!(broken("src/desk/turn.rs", "//! x\nasync fn f(time: &Time) { let now = time.now(); }\n"), []);
}

#[test]
fn only_time_asks_the_system_for_the_time() {
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f() { Timestamp::now() }\n"), one(2, "time"));
    assert_eq!(broken("src/time.rs", "//! x\nfn f() { Timestamp::now() }\n"), []);
}

#[test]
fn only_the_store_speaks_sql() {
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f(p: sqlx::AnyPool) {}\n"), one(2, "sql"));
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f(e: sqlx::Error) {}\n"), []);
    assert_eq!(broken("src/arrive/imap.rs", "//! x\nfn f(e: sqlx::Error) {}\n"), one(2, "sql"));
    assert_eq!(broken("src/store/mod.rs", "//! x\nfn f(p: sqlx::AnyPool) {}\n"), []);
    assert_eq!(broken("src/store/mod.rs", "//! x\nconst Q: &str = \"... CURRENT_TIMESTAMP\";\n"), one(2, "sql"));
}

#[test]
fn only_the_commands_print() {
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f() { eprintln!(\"x\") }\n"), one(2, "printing"));
    assert_eq!(broken("src/cli/run.rs", "//! x\nfn f() { println!(\"x\") }\n"), []);
    assert_eq!(broken("src/cli/run.rs", "//! x\nfn f() { dbg!(1); }\n"), one(2, "unfinished"));
}

#[test]
fn only_parse_knows_the_parser() {
    assert_eq!(broken("src/arrive/proof.rs", "//! x\nuse mail_parser::Message;\n"), one(2, "parser"));
    assert_eq!(broken("src/arrive/parse/walk.rs", "//! x\nuse mail_parser::Message;\n"), []);
}

#[test]
fn a_file_says_first_what_it_is_for() {
    assert_eq!(broken("src/desk/turn.rs", "use std::fmt;\n"), one(1, "opening"));
}

#[test]
fn what_is_not_finished_is_found() {
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f() { todo!() }\n"), one(2, "unfinished"));
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f() { x.unwrap() }\n"), one(2, "unfinished"));
    assert_eq!(broken("src/desk/turn.rs", "//! x\n#[allow(dead_code)]\nfn f() {}\n"), one(2, "unfinished"));
    assert_eq!(broken("src/desk/turn.rs", "//! x\nfn f() { x.unwrap_or(1) }\n"), []);
}

#[test]
fn a_long_function_gives_its_reason() {
    let body = "    g();\n".repeat(60);
    let long = format!("//! x\n/// Doc.\n#[inline]\nfn f(a: [u8; 4]) -> u8\nwhere\n    u8: Copy,\n{{\n{body}}}\n");
    assert_eq!(broken("src/desk/turn.rs", &long), one(4, "length"));
    let excused = long.replace("/// Doc.", "// long: one table, read from top to bottom\n/// Doc.");
    assert_eq!(broken("src/desk/turn.rs", &excused), []);
    let short = format!("//! x\nfn f() {{\n{}}}\n", "    g();\n".repeat(58));
    assert_eq!(broken("src/desk/turn.rs", &short), []);
}

#[test]
fn a_long_file_is_split_but_its_tests_do_not_count() {
    let lines = "const A: u8 = 1;\n".repeat(400);
    assert_eq!(broken("src/desk/turn.rs", &format!("//! x\n{lines}")), one(1, "length"));
    let lines = "const A: u8 = 1;\n".repeat(390);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    const A: u8 = 1;\n".repeat(90));
    assert_eq!(broken("src/desk/turn.rs", &format!("//! x\n{lines}{tests}")), []);
}
