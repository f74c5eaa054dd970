//! What stands behind the crate: one TLS provider, licences that may be shipped, and everything from crates.io.
//!
//! Asks cargo itself, offline: what was built is already here.

use std::process::Command;

use serde_json::Value;

/// Never in the tree: second TLS stacks, and C libraries that a machine would have to bring.
const REFUSED: &[&str] = &["aws-lc-rs", "aws-lc-sys", "boring", "native-tls", "openssl", "openssl-sys", "libpq-sys"];

/// Licences that may be shipped in a program under `MIT OR Apache-2.0`.
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0", // the root certificates of webpki-roots: data
    "ISC",
    "MIT",
    "MPL-2.0", // binds changes of its own files only (ammonia's CSS parser)
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Cargo's answer to a question about this crate, without the network.
fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let output = Command::new(cargo)
        .args(arguments)
        .args(["--locked", "--offline", "--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The platform for which the tests were built, as cargo names it.
fn host() -> String {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_string()
}

/// Every package that may be part of the program.
fn packages() -> Vec<Value> {
    let text = cargo(&["metadata", "--format-version", "1", "--filter-platform", &host()]);
    let mut metadata: Value = serde_json::from_str(&text).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else { panic!("no packages") };
    assert!(packages.len() > 100, "only {} packages: is this the whole tree?", packages.len());
    packages
}

/// Whether one of the choices of a licence expression (SPDX, and the old `A/B`) is wholly allowed.
fn may_be_shipped(expression: &str) -> bool {
    let words = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "+WITH+");
    let mut words = words.split_whitespace().peekable();
    let allowed = any_of(&mut words);
    allowed && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>) -> bool {
    let mut allowed = all_of(words);
    while words.next_if_eq(&"OR").is_some() {
        allowed |= all_of(words);
    }
    allowed
}

fn all_of(words: &mut Words<'_>) -> bool {
    let mut allowed = licence(words);
    while words.next_if_eq(&"AND").is_some() {
        allowed &= licence(words);
    }
    allowed
}

fn licence(words: &mut Words<'_>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let allowed = any_of(words);
        return words.next() == Some(")") && allowed;
    }
    words.next().is_some_and(|word| ALLOWED.contains(&word.replace("+WITH+", " WITH ").as_str()))
}

#[test]
fn licence_expressions_are_understood() {
    for allowed in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-2.0) AND Unicode-3.0"] {
        assert!(may_be_shipped(allowed), "{allowed}");
    }
    assert!(may_be_shipped("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT"));
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND AGPL-3.0", "MIT )", "MIT WITH Other-exception"]
    {
        assert!(!may_be_shipped(refused), "{refused}");
    }
}

#[test]
fn every_licence_may_be_shipped() {
    let refused: Vec<String> = packages()
        .iter()
        .filter(|p| !p["license"].as_str().is_some_and(may_be_shipped))
        .map(|p| format!("{} {}: {}", p["name"], p["version"], p["license"]))
        .collect();
    assert!(refused.is_empty(), "not in ALLOWED of tests/it/dependencies.rs:\n{}", refused.join("\n"));
}

#[test]
fn every_crate_comes_from_the_registry() {
    for package in packages() {
        let source = package["source"].as_str();
        let ours = package["name"] == "amends" && source.is_none();
        let registry = source.is_some_and(|s| s.starts_with("registry+https://github.com/rust-lang/crates.io-index"));
        assert!(ours || registry, "{} comes from {source:?}", package["name"]);
    }
}

#[test]
fn there_is_one_tls_provider_and_no_library_of_the_machine() {
    let tree = cargo(&["tree", "--prefix", "none", "--edges", "normal,build,dev", "--format", "{p}"]);
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains(&"ring") && names.contains(&"rustls"), "the tree was not read: {} names", names.len());
    let refused: Vec<&&str> = REFUSED.iter().filter(|name| names.contains(name)).collect();
    assert!(refused.is_empty(), "{refused:?} came into the tree: see cargo tree -i");
}
