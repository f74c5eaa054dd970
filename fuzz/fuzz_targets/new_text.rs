//! See tests/support/targets/new_text.rs.
#![no_main]

#[path = "../../tests/support/targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| (targets::named("new_text").body)(data));
