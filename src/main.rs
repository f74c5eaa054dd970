//! Calls `cli`, whose result is the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    amends::cli::main()
}
