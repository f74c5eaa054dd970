//! Handshakes with a server of our own, with certificates that the `openssl` program makes when a test starts.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, crypto};

use super::*;

const SOON: Duration = Duration::from_secs(20);

/// A self-signed certificate for a server, and its key.
struct Made {
    folder: TempDir,
}

impl Made {
    /// `None`, with a printed line, where there is no openssl.
    fn new(name: &str, extra: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-subj", "/CN=test", "-addext", &format!("subjectAltName={name}")])
            .args(["-keyout", "key.pem", "-out", "cert.pem"])
            .args(extra)
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .status();
        match made {
            Ok(status) if status.success() => Some(Self { folder }),
            Ok(status) => panic!("openssl: {status}"),
            Err(why) => {
                println!("skipped: no openssl here ({why})");
                None
            }
        }
    }

    fn for_server(name: &str) -> Option<Self> {
        Self::new(name, &["-days", "2", "-addext", "basicConstraints=critical,CA:FALSE"])
    }

    /// Signed anew by its own key with dates that are past. `openssl req` knows none such before version 3.4, the
    /// small authority that openssl holds ready does.
    fn expired(name: &str) -> Option<Self> {
        let made = Self::for_server(name)?;
        let settings = format!(
            "[ca]\ndefault_ca=own\n[own]\ndatabase=index\nserial=serial\nnew_certs_dir=.\ndefault_md=sha256\n\
             policy=any\n[any]\ncommonName=supplied\n[ext]\nsubjectAltName={name}\n\
             basicConstraints=critical,CA:FALSE\n"
        );
        for (file, text) in [("ca.cnf", settings.as_str()), ("index", ""), ("serial", "01\n")] {
            std::fs::write(made.folder.path().join(file), text).expect("written");
        }
        made.openssl(&["req", "-new", "-key", "key.pem", "-subj", "/CN=test", "-out", "request.pem"]);
        let dates = ["-startdate", "20240101000000Z", "-enddate", "20240102000000Z"];
        let own = ["ca", "-config", "ca.cnf", "-batch", "-selfsign", "-notext", "-extensions", "ext"];
        let files = ["-keyfile", "key.pem", "-in", "request.pem", "-out", "cert.pem"];
        made.openssl(&[&own[..], &dates, &files].concat());
        Some(made)
    }

    fn openssl(&self, arguments: &[&str]) {
        let mut command = Command::new("openssl");
        let done = command.args(arguments).current_dir(self.folder.path()).output().expect("openssl");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }

    fn cert(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    fn fingerprint(&self) -> [u8; 32] {
        use sha2::Digest;
        sha2::Sha256::digest(first_certificate(&self.cert())).into()
    }

    fn as_ca_file(&self) -> Trust {
        Trust { ca_file: Some(self.cert()), fingerprint: None }
    }

    fn acceptor(&self) -> TlsAcceptor {
        let key = PrivateKeyDer::from_pem_file(self.folder.path().join("key.pem")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![first_certificate(&self.cert())], key)
            .expect("a server's configuration");
        TlsAcceptor::from(Arc::new(config))
    }
}

fn first_certificate(file: &Path) -> CertificateDer<'static> {
    CertificateDer::from_pem_file(file).expect("a certificate")
}

/// Says `hello` inside TLS to whoever gets through the handshake; answers `early` in clear before it.
async fn server(made: &Made, early: &'static [u8]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let acceptor = made.acceptor();
    tokio::spawn(async move {
        while let Ok((mut tcp, _)) = listener.accept().await {
            tcp.write_all(early).await.expect("written");
            if let Ok(mut tls) = acceptor.accept(tcp).await {
                tls.write_all(b"hello").await.expect("written");
                tls.flush().await.expect("flushed");
                tls.shutdown().await.expect("closed");
            }
        }
    });
    port
}

async fn hear(made: &Made, trust: &Trust) -> Result<String, TlsError> {
    let port = server(made, b"").await;
    let mut stream = connect("localhost", port, TlsMode::Implicit, trust, SOON).await?;
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.expect("read");
    Ok(heard)
}

async fn refused(made: &Made, trust: &Trust) -> (TlsError, String) {
    let error = hear(made, trust).await.expect_err("a refusal");
    let words = error.to_string();
    assert!(error.needs_a_person(), "{words}");
    (error, words)
}

#[tokio::test]
async fn a_certificate_of_the_ca_file_is_trusted() {
    let Some(made) = Made::for_server("DNS:localhost,IP:127.0.0.1") else { return };
    assert_eq!(hear(&made, &made.as_ca_file()).await.expect("heard"), "hello");
}

#[tokio::test]
async fn an_address_in_the_certificate_serves_as_well_as_a_name() {
    let Some(made) = Made::for_server("IP:127.0.0.1") else { return };
    let port = server(&made, b"").await;
    let stream = connect("127.0.0.1", port, TlsMode::Implicit, &made.as_ca_file(), SOON).await.expect("connected");
    assert!(stream.is_encrypted());
    assert_eq!(stream.peer_addr().expect("a peer").port(), port);
}

#[tokio::test]
async fn a_stranger_s_certificate_is_refused_with_the_line_that_would_pin_it() {
    let Some(made) = Made::for_server("DNS:localhost") else { return };
    let (error, words) = refused(&made, &Trust::default()).await;
    assert!(matches!(error, TlsError::NotTrusted { .. }), "{error:?}");
    assert!(words.contains("ca_file"), "{words}");
    assert!(words.contains(&format!("fingerprint = \"{}\"", fingerprint_text(&made.fingerprint()))), "{words}");
}

#[tokio::test]
async fn a_root_of_the_same_name_and_another_key_is_another_root() {
    let (Some(trusted), Some(shown)) = (Made::for_server("DNS:localhost"), Made::for_server("DNS:localhost")) else {
        return;
    };
    let (error, _) = refused(&shown, &trusted.as_ca_file()).await;
    assert!(matches!(error, TlsError::NotTrusted { .. }), "{error:?}");
}

#[tokio::test]
async fn an_issuer_s_certificate_is_no_server_s_and_the_words_say_so() {
    let Some(made) = Made::new("DNS:localhost", &["-days", "2"]) else { return };
    let (error, words) = refused(&made, &made.as_ca_file()).await;
    assert!(matches!(error, TlsError::IssuerAsServer { .. }), "{error:?}");
    assert!(words.contains("basicConstraints=CA:FALSE") && words.contains("sha256:"), "{words}");
    // The pin is the way out that needs nothing of the server.
    let pinned = Trust { ca_file: None, fingerprint: Some(made.fingerprint()) };
    assert_eq!(hear(&made, &pinned).await.expect("heard"), "hello");
}

#[tokio::test]
async fn a_pinned_certificate_is_trusted_whatever_its_name_and_date() {
    let Some(made) = Made::expired("DNS:elsewhere.example") else { return };
    let pinned = Trust { ca_file: None, fingerprint: Some(made.fingerprint()) };
    assert_eq!(hear(&made, &pinned).await.expect("heard"), "hello");
}

#[tokio::test]
async fn another_than_the_pinned_certificate_is_refused_with_both_fingerprints() {
    let Some(made) = Made::for_server("DNS:localhost") else { return };
    // The CA file would trust it: the pin is stronger.
    let trust = Trust { fingerprint: Some([7; 32]), ..made.as_ca_file() };
    let (error, words) = refused(&made, &trust).await;
    assert!(matches!(error, TlsError::NotThePinned { .. }), "{error:?}");
    assert!(words.contains(&fingerprint_text(&made.fingerprint())), "{words}");
    assert!(words.contains(&fingerprint_text(&[7; 32])), "{words}");
}

#[tokio::test]
async fn a_pinned_certificate_without_its_key_proves_nothing() {
    let (Some(shown), Some(other)) = (Made::for_server("DNS:localhost"), Made::for_server("DNS:localhost")) else {
        return;
    };
    // A server that shows a certificate, which is public, but holds another key.
    std::fs::copy(other.folder.path().join("key.pem"), shown.folder.path().join("key.pem")).expect("copied");
    let key = PrivateKeyDer::from_pem_file(shown.folder.path().join("key.pem")).expect("a key");
    let signer = crypto::ring::sign::any_supported_type(&key).expect("a key of a known kind");
    let forged = tokio_rustls::rustls::sign::CertifiedKey::new(vec![first_certificate(&shown.cert())], signer);
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(tokio_rustls::rustls::sign::SingleCertAndKey::from(forged)));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.expect("a client");
        TlsAcceptor::from(Arc::new(config)).accept(tcp).await.expect_err("no handshake");
    });
    let pinned = Trust { ca_file: None, fingerprint: Some(shown.fingerprint()) };
    let error = connect("localhost", port, TlsMode::Implicit, &pinned, SOON).await.expect_err("a refusal");
    assert!(error.needs_a_person(), "{error}");
}

#[tokio::test]
async fn another_name_is_refused_and_the_certificate_s_names_are_told() {
    let Some(made) = Made::for_server("DNS:mail.northwind.example,DNS:other.example") else { return };
    let (error, words) = refused(&made, &made.as_ca_file()).await;
    assert!(matches!(error, TlsError::WrongName { .. }), "{error:?}");
    assert!(words.contains("mail.northwind.example, other.example"), "{words}");
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let Some(made) = Made::expired("DNS:localhost") else { return };
    let (error, _) = refused(&made, &made.as_ca_file()).await;
    assert!(matches!(error, TlsError::Expired { .. }), "{error:?}");
}

#[tokio::test]
async fn starttls_goes_on_in_tls() {
    let Some(made) = Made::for_server("DNS:localhost") else { return };
    let port = server(&made, b"").await;
    let trust = made.as_ca_file();
    let plain = connect("localhost", port, TlsMode::StartTls, &trust, SOON).await.expect("connected");
    assert!(!plain.is_encrypted());
    let mut stream = upgrade(plain, "localhost", &trust, SOON).await.expect("upgraded");
    let mut heard = String::new();
    stream.read_to_string(&mut heard).await.expect("read");
    assert_eq!(heard, "hello");
}

#[tokio::test]
async fn plain_text_before_the_handshake_ends_it() {
    let Some(made) = Made::for_server("DNS:localhost") else { return };
    let port = server(&made, b"250 injected\r\n").await;
    let trust = made.as_ca_file();
    let plain = connect("localhost", port, TlsMode::StartTls, &trust, SOON).await.expect("connected");
    let Stream::Plain(tcp) = &plain else { panic!("plain") };
    tcp.readable().await.expect("the injected bytes are here");
    let error = upgrade(plain, "localhost", &trust, SOON).await.expect_err("a refusal");
    assert!(matches!(error, TlsError::EarlyPlaintext { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_that_speaks_plainly_is_told_from_a_bad_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let greets = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.expect("a client");
        tcp.write_all(b"220 plain.example ESMTP\r\n").await.expect("written");
        tcp
    });
    let error = connect("localhost", port, TlsMode::Implicit, &Trust::default(), SOON).await.expect_err("a refusal");
    assert!(matches!(error, TlsError::NotTls { .. }), "{error:?}");
    greets.await.expect("greeted");
}

#[tokio::test]
async fn a_silent_server_is_given_up_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let soon = Duration::from_millis(50);
    let error = connect("127.0.0.1", port, TlsMode::Implicit, &Trust::default(), soon).await.expect_err("no answer");
    assert!(matches!(error, TlsError::HandshakeTimedOut { .. }), "{error:?}");
    assert!(!error.needs_a_person());
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_named() {
    let port = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("bound").port()
    };
    let error = connect("127.0.0.1", port, TlsMode::None, &Trust::default(), SOON).await.expect_err("refused");
    assert!(matches!(error, TlsError::Refused { .. }), "{error:?}");
    assert!(error.to_string().contains(&port.to_string()), "{error}");
}

#[tokio::test]
async fn clear_text_never_leaves_this_machine() {
    for host in ["mail.northwind.example", "192.0.2.1", "::ffff:192.0.2.1", "localhost.evil.example"] {
        let error = connect(host, 25, TlsMode::None, &Trust::default(), SOON).await.expect_err("refused");
        assert!(matches!(error, TlsError::NotLoopback { .. }), "{host}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_does_not_wait_to_send() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let stream = connect("localhost", port, TlsMode::None, &Trust::default(), SOON).await.expect("connected");
    let Stream::Plain(tcp) = &stream else { panic!("plain") };
    assert!(tcp.nodelay().expect("an option"));
    assert!(socket2::SockRef::from(tcp).keepalive().expect("an option"));
}

#[test]
fn a_ca_file_that_is_none_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate\n").expect("written");
    for file in [folder.path().join("absent.pem"), empty] {
        let trust = Trust { ca_file: Some(file.clone()), fingerprint: None };
        let error = client_config(&trust).expect_err("no roots");
        assert!(matches!(error, TlsError::CaFile { .. }), "{error:?}");
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    }
}
