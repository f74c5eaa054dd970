//! A certificate for localhost that the `openssl` program makes when a test starts.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use amends::tls::Trust;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

pub struct Made {
    folder: TempDir,
}

/// `None`, with a printed line, where there is no openssl.
pub fn make() -> Option<Made> {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    match made {
        Ok(status) if status.success() => Some(Made { folder }),
        Ok(status) => panic!("openssl: {status}"),
        Err(why) => {
            println!("skipped: no openssl here ({why})");
            None
        }
    }
}

impl Made {
    pub fn trust(&self) -> Trust {
        Trust { ca_file: Some(self.folder.path().join("cert.pem")), fingerprint: None }
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        let file = |name: &str| Path::join(self.folder.path(), name);
        let certificate = CertificateDer::from_pem_file(file("cert.pem")).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(file("key.pem")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("a server's configuration");
        TlsAcceptor::from(Arc::new(config))
    }
}
