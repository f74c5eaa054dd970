//! See tests/support/targets/token.rs.
#![no_main]

#[path = "../../tests/support/targets/mod.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| (targets::named("token").body)(data));
