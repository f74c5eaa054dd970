//! Connections to mail servers: TCP that sends at once and notices a dead peer, and TLS by rustls.
//!
//! Chain and name are always verified; the only other way is a pinned certificate (mail-rules section 9).

use std::path::PathBuf;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    Implicit,
    StartTls,
    /// Loopback addresses only; the configuration refuses it elsewhere.
    None,
}

/// Whose certificates count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Instead of the system's roots.
    pub ca_file: Option<PathBuf>,
    /// SHA-256 of the one certificate that counts, as `sha256:` hex in the configuration.
    pub fingerprint: Option<[u8; 32]>,
}
