//! What can go wrong before a server is heard, in the words of whoever keeps `config.toml`.
//!
//! Each message says what was found and which key would mend it; a refused certificate is named by its fingerprint,
//! to be compared with the server's and then pinned. Nothing secret can stand in any of them.

use std::fmt;
use std::io;
use std::path::PathBuf;

use tokio_rustls::rustls::{CertificateError, Error as RustlsError};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("tls = \"none\" is for servers on this machine, and {host} is another: use \"implicit\" or \"starttls\"")]
    NotLoopback { host: String },
    #[error("{host} is neither a host name nor an IP address")]
    NoHostName { host: String },
    #[error("the name {host} was not found: {source}")]
    NameNotFound { host: String, source: io::Error },
    #[error("{host} refused the connection: nothing listens on port {port}")]
    Refused { host: String, port: u16 },
    #[error("{host} did not answer on port {port} in time")]
    TimedOut { host: String, port: u16 },
    #[error("{host} cannot be reached on port {port}: {source}")]
    Unreachable { host: String, port: u16, source: io::Error },
    #[error("{host} accepted the connection, but did not finish the TLS handshake in time (tls = \"starttls\"?)")]
    HandshakeTimedOut { host: String },
    #[error("the connection to {host} was lost during the TLS handshake: {source}")]
    Lost { host: String, source: io::Error },
    #[error(
        "{host} does not speak TLS on this port (implicit TLS: 465 for SMTP, 993 for IMAP; else tls = \"starttls\")"
    )]
    NotTls { host: String },
    #[error("{host} sent plain text after its go-ahead for TLS: somebody may sit in between")]
    EarlyPlaintext { host: String },
    #[error("the connection to {host} is in TLS already")]
    AlreadyTls { host: String },
    #[error("{host} and we have no version or cipher of TLS in common, or it ended the handshake: {source}")]
    Handshake { host: String, source: RustlsError },
    #[error(
        "the certificate of {host} is not trusted: it is self-signed or its issuer is unknown. Name the issuer's \
         certificate as ca_file, or, if this is the server's, pin it: fingerprint = \"{}\"",
        fingerprint_text(shown)
    )]
    NotTrusted { host: String, shown: [u8; 32] },
    #[error(
        "the certificate of {host} is made for an issuer (CA:TRUE), not for a server. Make it anew with \
         basicConstraints=CA:FALSE, or, if this is the server's, pin it: fingerprint = \"{}\"",
        fingerprint_text(shown)
    )]
    IssuerAsServer { host: String, shown: [u8; 32] },
    #[error(
        "the certificate of {host} is for {names}: use a host it names, or, if this is the server's, pin it: \
         fingerprint = \"{}\"",
        fingerprint_text(shown)
    )]
    WrongName { host: String, names: String, shown: [u8; 32] },
    #[error("the certificate of {host} has expired (or this machine's date is wrong): it has to be renewed there")]
    Expired { host: String },
    #[error("the certificate of {host} is not valid yet: this machine's date may be wrong")]
    NotYetValid { host: String },
    #[error(
        "the certificate of {host} is another than the pinned one: found {}, pinned {}. If it was renewed, change \
         fingerprint",
        fingerprint_text(shown),
        fingerprint_text(pinned)
    )]
    NotThePinned { host: String, shown: [u8; 32], pinned: [u8; 32] },
    #[error("the certificate of {host} is not acceptable ({why}); it is {}", fingerprint_text(shown))]
    BadCertificate { host: String, why: String, shown: [u8; 32] },
    #[error("ca_file {}: {why}", file.display())]
    CaFile { file: PathBuf, why: String },
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

impl TlsError {
    /// Whether somebody has to change something, here or on the server: trying again alone will not mend it.
    /// The others are the weather of networks.
    pub fn needs_a_person(&self) -> bool {
        use TlsError::*;
        match self {
            NameNotFound { .. } | Refused { .. } | TimedOut { .. } | Unreachable { .. } => false,
            HandshakeTimedOut { .. } | Lost { .. } => false,
            NotLoopback { .. } | NoHostName { .. } | NotTls { .. } | EarlyPlaintext { .. } | AlreadyTls { .. } => true,
            Handshake { .. } | NotTrusted { .. } | IssuerAsServer { .. } | WrongName { .. } => true,
            Expired { .. } | NotYetValid { .. } | NotThePinned { .. } | BadCertificate { .. } => true,
            CaFile { .. } | Setup(_) => true,
        }
    }
}

/// `sha256:` and lower-case hex, as the configuration takes it.
pub fn fingerprint_text(fingerprint: &[u8; 32]) -> String {
    format!("sha256:{}", data_encoding::HEXLOWER.encode(fingerprint))
}

/// What our verifier hands through rustls: why, and which certificate was shown.
#[derive(Debug)]
pub(super) struct BadCertificate {
    pub shown: [u8; 32],
    pub why: WhyBad,
}

#[derive(Debug)]
pub(super) enum WhyBad {
    NotThePinned([u8; 32]),
    Chain(CertificateError),
}

impl fmt::Display for BadCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.why {
            WhyBad::NotThePinned(_) => f.write_str("not the pinned certificate"),
            WhyBad::Chain(why) => write!(f, "{why}"),
        }
    }
}

impl std::error::Error for BadCertificate {}

/// Reads what rustls wrapped into an `io::Error`.
pub(super) fn of_handshake(host: &str, failure: io::Error) -> TlsError {
    let host = host.to_owned();
    let Some(tls) = failure.get_ref().and_then(|inner| inner.downcast_ref::<RustlsError>()) else {
        return TlsError::Lost { host, source: failure };
    };
    match tls {
        RustlsError::InvalidCertificate(CertificateError::Other(other)) => {
            match other.0.downcast_ref::<BadCertificate>() {
                Some(bad) => of_certificate(host, bad),
                None => TlsError::Handshake { host, source: tls.clone() },
            }
        }
        RustlsError::InvalidMessage(_) => TlsError::NotTls { host },
        _ => TlsError::Handshake { host, source: tls.clone() },
    }
}

fn of_certificate(host: String, bad: &BadCertificate) -> TlsError {
    let shown = bad.shown;
    let why = match &bad.why {
        WhyBad::NotThePinned(pinned) => return TlsError::NotThePinned { host, shown, pinned: *pinned },
        WhyBad::Chain(why) => why,
    };
    match why {
        CertificateError::UnknownIssuer => TlsError::NotTrusted { host, shown },
        // A root of the issuer's name and of another key: Debian's ssl-cert calls itself "localhost", too.
        CertificateError::BadSignature | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            TlsError::NotTrusted { host, shown }
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsError::Expired { host },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => TlsError::NotYetValid { host },
        CertificateError::NotValidForNameContext { presented, .. } => {
            TlsError::WrongName { host, names: names(presented), shown }
        }
        CertificateError::NotValidForName => TlsError::WrongName { host, names: names(&[]), shown },
        // rustls has no variant of its own for it; webpki's name is all there is to know it by.
        CertificateError::Other(other) if format!("{:?}", other.0).contains("CaUsedAsEndEntity") => {
            TlsError::IssuerAsServer { host, shown }
        }
        other => TlsError::BadCertificate { host, why: other.to_string(), shown },
    }
}

/// A server chooses what stands in its certificate: some of it, on one line. rustls shows names as `DnsName("x")`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| match name.split_once("(\"").and_then(|(_, rest)| rest.strip_suffix("\")")) {
        Some(inner) => inner.to_owned(),
        None => name.clone(),
    };
    let shown: Vec<String> = presented.iter().take(5).map(bare).collect();
    match shown.is_empty() {
        true => "no name at all".to_owned(),
        false => shown.join(", ").chars().filter(|c| !c.is_control()).take(200).collect(),
    }
}
