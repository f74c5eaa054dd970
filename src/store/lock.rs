//! One daemon a database: an advisory lock on a file beside it, gone with the process that holds it.

use std::fs::File;

/// Held as long as the daemon lives.
#[derive(Debug)]
pub struct DaemonLock {
    _file: File,
}
