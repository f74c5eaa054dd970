//! Output that does not panic: whoever reads us may stop when they have seen enough (`amends case list | head`).

use std::fmt::Arguments;
use std::io::{self, Write};
use std::process;

use serde::Serialize;

use super::exit;

/// To stdout. A closed pipe ends the program as a success; a full disk as an error of its own.
pub fn out(text: Arguments<'_>) {
    written(|stdout| stdout.write_fmt(text));
}

/// Bytes to stdout, as they are.
pub fn bytes(bytes: &[u8]) {
    written(|stdout| stdout.write_all(bytes));
}

/// A line of JSON to stdout, written as it is made: nothing holds all of it.
pub fn json(value: &impl Serialize) {
    written(|stdout| {
        let mut stdout = io::BufWriter::new(stdout);
        serde_json::to_writer(&mut stdout, value)?;
        stdout.write_all(b"\n")?;
        stdout.flush()
    });
}

fn written(write: impl FnOnce(&mut io::StdoutLock<'_>) -> io::Result<()>) {
    let mut stdout = io::stdout().lock();
    let Err(error) = write(&mut stdout).and_then(|()| stdout.flush()) else { return };
    if error.kind() == io::ErrorKind::BrokenPipe {
        process::exit(0);
    }
    err(format_args!("the output cannot be written: {error}\n"));
    process::exit(i32::from(exit::OUTPUT));
}

/// To stderr.
pub fn err(text: Arguments<'_>) {
    // Where nobody listens there is nobody to tell.
    drop(io::stderr().lock().write_fmt(text));
}
