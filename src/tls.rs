//! Connections to mail servers: TCP that sends at once and notices a dead peer, and TLS by rustls.
//!
//! Chain and name are always verified; the only other way is a pinned certificate (mail-rules section 9).
//! There is no opportunistic TLS: a connection is what the configuration asks for, or it is an error, and each
//! error says in the admin's words which key of `config.toml` would mend it. RFC 8314, RFC 3207, RFC 9525.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

mod dial;
mod error;
mod verify;

pub use error::{TlsError, fingerprint_text};
pub use verify::client_config;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    Implicit,
    StartTls,
    /// Loopback addresses only; the configuration refuses it elsewhere, and so does [`connect`].
    None,
}

/// Whose certificates count. Neither: the system's roots, or Mozilla's where the system has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trust {
    /// Instead of the system's roots: PEM, one certificate or more.
    pub ca_file: Option<PathBuf>,
    /// SHA-256 of the one certificate that counts, as `sha256:` hex in the configuration. Its name, dates and
    /// issuer are then not looked at, and neither is `ca_file`.
    pub fingerprint: Option<[u8; 32]>,
}

/// A connection to a mail server, in clear or inside TLS.
#[derive(Debug)]
pub enum Stream {
    /// Loopback, or before STARTTLS.
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

/// Opens a connection: name, TCP and, for [`TlsMode::Implicit`], the handshake, all within one deadline.
/// With [`TlsMode::StartTls`] what comes back is still plain, for [`upgrade`] after the server's go-ahead.
///
/// # Errors
/// Everything that can be wrong on the way, see [`TlsError`]. `TlsMode::None` to any but this machine is refused.
pub async fn connect(
    host: &str,
    port: u16,
    mode: TlsMode,
    trust: &Trust,
    within: Duration,
) -> Result<Stream, TlsError> {
    let deadline = Instant::now() + within;
    let tcp = dial::dial(host, port, mode == TlsMode::None, deadline).await?;
    match mode {
        TlsMode::Implicit => handshake(tcp, host, trust, deadline).await,
        TlsMode::StartTls | TlsMode::None => Ok(Stream::Plain(tcp)),
    }
}

/// Goes on in TLS after the server has said yes to STARTTLS.
///
/// # Errors
/// As [`connect`]; and [`TlsError::EarlyPlaintext`] where the server, or somebody in between, sent more in clear
/// after its go-ahead. The caller must drop what it has buffered itself, and treat that as the same error.
pub async fn upgrade(plain: Stream, host: &str, trust: &Trust, within: Duration) -> Result<Stream, TlsError> {
    let Stream::Plain(tcp) = plain else {
        return Err(TlsError::AlreadyTls { host: host.to_owned() });
    };
    // RFC 3207 section 4: nothing is sent in clear after the 220; what came was put there to be taken for the
    // server's words inside TLS. What arrives later than this look breaks the handshake.
    match tcp.try_read(&mut [0; 1]) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
        Ok(0) => return Err(TlsError::Lost { host: host.to_owned(), source: io::ErrorKind::UnexpectedEof.into() }),
        Ok(_) => return Err(TlsError::EarlyPlaintext { host: host.to_owned() }),
        Err(source) => return Err(TlsError::Lost { host: host.to_owned(), source }),
    }
    handshake(tcp, host, trust, Instant::now() + within).await
}

async fn handshake(tcp: TcpStream, host: &str, trust: &Trust, deadline: Instant) -> Result<Stream, TlsError> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsError::NoHostName { host: host.to_owned() })?;
    let connector = TlsConnector::from(client_config(trust)?);
    match timeout_at(deadline, connector.connect(name, tcp)).await {
        Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
        Ok(Err(failure)) => Err(error::of_handshake(host, failure)),
        Err(_) => Err(TlsError::HandshakeTimedOut { host: host.to_owned() }),
    }
}

impl Stream {
    pub fn is_encrypted(&self) -> bool {
        matches!(self, Stream::Tls(_))
    }

    /// # Errors
    /// The system's, when the connection is no more.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().peer_addr()
    }

    /// # Errors
    /// The system's, when the connection is no more.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp().local_addr()
    }

    fn tcp(&self) -> &TcpStream {
        match self {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls.get_ref().0,
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_read(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_write(cx, buf),
            Stream::Tls(tls) => Pin::new(tls).poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_flush(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(tcp) => Pin::new(tcp).poll_shutdown(cx),
            Stream::Tls(tls) => Pin::new(tls).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests;
