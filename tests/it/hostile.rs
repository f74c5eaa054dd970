//! Hostile and broken mail: whatever the bytes, a mail is read and judged, answered by no mistake, and passed on harmless.
//!
//! `fuzz` runs the targets of tests/support/targets, `reading` mail that is large on purpose, `signs` every row of
//! mail-rules by which a machine is told, written in ways that hide it, `tokens` tokens that nobody minted, `desk` what
//! would break a letter, up to the letters themselves, and `process` the program: its memory, its files, its connections.
//! No times are asserted; what takes time beyond its size never ends here, and benches/reading prints by how much it grows.

mod desk;
mod fuzz;
mod process;
mod reading;
mod signs;
mod tokens;
