//! From a host's name to a TCP connection that suits mail: no Nagle, keepalive, and an end to silence.
//!
//! All addresses of a name are tried in turn, each with a fair share of the time that is left, so that one dead
//! address (an IPv6 road that leads nowhere) does not eat the whole deadline. Refuses to speak in clear to
//! anything but this machine.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout, timeout_at};

use super::TlsError;

/// How long written bytes may stay unacknowledged before the connection counts as dead: as long as keepalive
/// takes for a link on which nothing is written (60 s + 4 × 15 s).
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(120);

pub(super) async fn dial(host: &str, port: u16, loopback_only: bool, deadline: Instant) -> Result<TcpStream, TlsError> {
    if loopback_only && !may_be_loopback(host) {
        return Err(TlsError::NotLoopback { host: host.to_owned() });
    }
    let mut addresses = resolve(host, port, deadline).await?;
    if loopback_only {
        // A name that only looks like this machine is still another one.
        addresses.retain(|address| address.ip().is_loopback());
        if addresses.is_empty() {
            return Err(TlsError::NotLoopback { host: host.to_owned() });
        }
    }
    let tcp = first_that_answers(&addresses, deadline).await.map_err(|e| failed(host, port, e))?;
    suit_mail(&tcp).map_err(|source| failed(host, port, source))?;
    Ok(tcp)
}

fn may_be_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        // RFC 6761 section 6.3
        Err(_) => host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost"),
    }
}

async fn resolve(host: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, TlsError> {
    let not_found = |source| TlsError::NameNotFound { host: host.to_owned(), source };
    let found = match timeout_at(deadline, lookup_host((host, port))).await {
        Ok(found) => found.map_err(not_found)?,
        Err(_) => return Err(not_found(io::ErrorKind::TimedOut.into())),
    };
    let addresses: Vec<SocketAddr> = found.collect();
    match addresses.is_empty() {
        true => Err(not_found(io::Error::other("the name has no address"))),
        false => Ok(addresses),
    }
}

/// The last address's error where none answers.
async fn first_that_answers(addresses: &[SocketAddr], deadline: Instant) -> io::Result<TcpStream> {
    let mut last = io::Error::from(io::ErrorKind::TimedOut);
    for (tried, address) in addresses.iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
        match timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => return Ok(tcp),
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

fn suit_mail(tcp: &TcpStream) -> io::Result<()> {
    // Body and final dot are two writes: with Nagle each letter would wait 40 ms for a delayed acknowledgement.
    tcp.set_nodelay(true)?;
    let socket = SockRef::from(tcp);
    let alive =
        TcpKeepalive::new().with_time(Duration::from_secs(60)).with_interval(Duration::from_secs(15)).with_retries(4);
    socket.set_tcp_keepalive(&alive)?;
    // Keepalive is silent while written bytes are in flight; this covers them.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED))?;
    Ok(())
}

fn failed(host: &str, port: u16, source: io::Error) -> TlsError {
    let host = host.to_owned();
    match source.kind() {
        io::ErrorKind::ConnectionRefused => TlsError::Refused { host, port },
        io::ErrorKind::TimedOut => TlsError::TimedOut { host, port },
        _ => TlsError::Unreachable { host, port, source },
    }
}
