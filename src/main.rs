//! Calls `cli`, whose result is the exit code.

use std::process::ExitCode;

/// A mail is some hundreds of small strings: glibc spends a tenth of all time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    amends::cli::main()
}
