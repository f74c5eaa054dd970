//! The file that `amends init` writes: the least that works, with the lines to change named.

/// A configuration to begin with; it loads once its password variable is set and its key is made.
pub fn minimal_text() -> &'static str {
    include_str!("minimal.toml")
}
