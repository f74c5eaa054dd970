//! Whose certificates are believed: the system's roots, a CA file's, or one pinned certificate.
//!
//! One provider (ring) for the whole program, named here and never taken from a global. Whatever is refused is
//! refused with the certificate's fingerprint, so that the error can say what to write into the configuration.
//! There is no way to believe just anything.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{self, CryptoProvider};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use super::error::{BadCertificate, WhyBad};
use super::{TlsError, Trust};

/// The one place where a TLS configuration is made: for mail in, mail out, and whoever else needs TLS.
///
/// The system's roots are read once in the life of the process; a CA file is read anew each time, so that a renewed
/// file serves the next connection.
///
/// # Errors
/// [`TlsError::CaFile`] where the file cannot be read or holds no usable certificate.
pub fn client_config(trust: &Trust) -> Result<Arc<ClientConfig>, TlsError> {
    let provider = Arc::new(crypto::ring::default_provider());
    let check = match (&trust.fingerprint, &trust.ca_file) {
        (Some(pinned), _) => Check::Pinned(*pinned),
        (None, Some(file)) => {
            let roots = Arc::new(roots_of_file(file)?);
            Check::Chain(chain_verifier(roots, &provider).map_err(|why| bad_ca_file(file, why))?)
        }
        (None, None) => Check::Chain(chain_verifier(system_roots(), &provider).map_err(TlsError::Setup)?),
    };
    let verifier = Arc::new(Verifier { check, provider: Arc::clone(&provider) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| TlsError::Setup(why.to_string()))?
        .dangerous() // the builder's name for "with a verifier of our own", which is the stricter one here
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn chain_verifier(
    roots: Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, String> {
    match WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider)).build() {
        Ok(verifier) => Ok(verifier),
        Err(why) => Err(why.to_string()),
    }
}

fn system_roots() -> Arc<RootCertStore> {
    static ROOTS: OnceLock<Arc<RootCertStore>> = OnceLock::new();
    Arc::clone(ROOTS.get_or_init(|| {
        let found = rustls_native_certs::load_native_certs();
        for why in &found.errors {
            tracing::warn!("a root certificate of the system cannot be read: {why}");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            tracing::warn!("the system has no root certificates (package ca-certificates): Mozilla's list is used");
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Arc::new(roots)
    }))
}

fn roots_of_file(file: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    let pem = std::fs::read(file).map_err(|why| bad_ca_file(file, why.to_string()))?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|why| bad_ca_file(file, why.to_string()))?;
        roots.add(certificate).map_err(|why| bad_ca_file(file, why.to_string()))?;
    }
    match roots.is_empty() {
        true => Err(bad_ca_file(file, "it holds no certificate (PEM, BEGIN CERTIFICATE)".to_owned())),
        false => Ok(roots),
    }
}

fn bad_ca_file(file: &Path, why: String) -> TlsError {
    TlsError::CaFile { file: file.to_owned(), why }
}

#[derive(Debug)]
enum Check {
    Chain(Arc<dyn ServerCertVerifier>),
    Pinned([u8; 32]),
}

/// rustls's own check of chain and name, or the pin's; its refusals carry the fingerprint of what was shown.
#[derive(Debug)]
struct Verifier {
    check: Check,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let shown: [u8; 32] = Sha256::digest(end_entity).into();
        let refuse = |why| {
            let carried = OtherError(Arc::new(BadCertificate { shown, why }));
            Error::InvalidCertificate(CertificateError::Other(carried))
        };
        match &self.check {
            Check::Pinned(pinned) if *pinned == shown => Ok(ServerCertVerified::assertion()),
            Check::Pinned(pinned) => Err(refuse(WhyBad::NotThePinned(*pinned))),
            Check::Chain(chain) => chain
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map_err(|error| match error {
                    Error::InvalidCertificate(why) => refuse(WhyBad::Chain(why)),
                    other => other,
                }),
        }
    }

    // That the server holds the key of the certificate it shows: without this a pinned certificate, which is
    // public, would prove nothing.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
