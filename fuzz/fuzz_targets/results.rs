//! See tests/support/targets/results.rs.
#![no_main]

#[path = "../../tests/support/targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| (targets::named("results").body)(data));
