//! What is fuzzed, and what must hold: one function a target, from any bytes to a panic where a promise is broken.
//!
//! Used three times, so that no promise stands in two places: by `fuzz/` under libFuzzer, by the property tests of plain
//! `cargo test`, and by the timed runs of `tests/run` and `tests/soak`. A body reads no file, opens no connection and
//! asks no clock; what it is given decides what it does, so that a found case is found again.

pub mod checks;

mod address;
mod bounce;
mod commands;
mod header;
mod mime;
mod new_text;
mod results;
mod token;

/// A target: the name of its folder under `tests/hostile` and of its program in `fuzz/`, and its body.
pub struct Target {
    pub name: &'static str,
    pub body: fn(&[u8]),
}

pub const TARGETS: [Target; 8] = [
    Target { name: "header", body: header::body },
    Target { name: "mime", body: mime::body },
    Target { name: "new_text", body: new_text::body },
    Target { name: "bounce", body: bounce::body },
    Target { name: "results", body: results::body },
    Target { name: "token", body: token::body },
    Target { name: "commands", body: commands::body },
    Target { name: "address", body: address::body },
];

/// The target of that name.
pub fn named(name: &str) -> &'static Target {
    TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("there is no target {name}"))
}
