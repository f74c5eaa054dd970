//! Keys of signers, asked of DNS: RFC 6376 section 3.6.2, by the servers that the system names.
//!
//! In a bounded time, and never as an error: a server that is silent, broken or says something else means that the mail
//! proves nothing. A signer whose servers were silent is not waited for again for a minute, so that one dead zone delays
//! the mails of others once. hickory keeps what was found, and what was not, for as long as DNS allows, at most an hour.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use mail_auth::hickory_resolver::TokioResolver;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tracing::warn;

use super::dkim::{Asked, Claim};

/// All that may be waited for the keys of one mail, its place in the queue included.
const PATIENCE: Duration = Duration::from_secs(3);
/// Questions under way at once: sockets are bounded, whatever comes in.
const AT_ONCE: usize = 64;
const CACHED_NAMES: u64 = 512;
const CACHED_AT_MOST: Duration = Duration::from_secs(3600);
const NOT_AGAIN_FOR: SignedDuration = SignedDuration::from_secs(60);
const FAULTS_KEPT: usize = 1000;

/// What DNS said: the texts that stand under a name, none if there is no such name, or what went wrong.
pub type Answer = Result<Vec<String>, String>;

/// Whoever can be asked for texts in DNS. Names end with a dot.
pub trait Dns: Send + Sync {
    fn txt<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;
}

/// Asks for keys, and gives up in time.
pub struct Keys {
    dns: Box<dyn Dns>,
    patience: Duration,
    at_once: Semaphore,
    /// Signers whose servers failed, and when.
    faults: Mutex<HashMap<String, Timestamp>>,
}

impl Keys {
    /// By the servers of the system (`/etc/resolv.conf`), which are read when the first key is wanted.
    pub fn of_system() -> Self {
        Self::by(Hickory::default(), PATIENCE)
    }

    /// By these servers, over UDP.
    pub fn of_servers(servers: Vec<SocketAddr>, patience: Duration) -> Self {
        Self::by(Hickory { servers: Some(servers), kept: Mutex::default() }, patience)
    }

    pub fn by(dns: impl Dns + 'static, patience: Duration) -> Self {
        Self { dns: Box::new(dns), patience, at_once: Semaphore::new(AT_ONCE), faults: Mutex::default() }
    }

    /// The keys of all claims, asked for together. Takes no longer than the patience, whatever DNS does.
    pub async fn of(&self, claims: Vec<Claim>, now: Timestamp) -> Vec<Asked> {
        let answers = join_all(claims.iter().map(|claim| self.one(claim, now))).await;
        claims.into_iter().zip(answers).collect()
    }

    async fn one(&self, claim: &Claim, now: Timestamp) -> Answer {
        if self.failed_lately(&claim.domain, now) {
            return Err("DNS failed a moment ago".into());
        }
        let asking = async {
            let _place = self.at_once.acquire().await.map_err(|_| "DNS is closed".to_owned())?;
            self.dns.txt(&claim.key_name).await
        };
        // A fault of DNS is never one of the mail, not even a panic over what a stranger's server said.
        let asking = AssertUnwindSafe(asking).catch_unwind();
        let answer = match timeout(self.patience, asking).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err("asking DNS panicked".to_owned()),
            Err(_) => Err("DNS did not answer in time".to_owned()),
        };
        if let Err(fault) = &answer {
            warn!(signer = %claim.domain, fault = %fault.chars().take(120).collect::<String>(), "no key: DNS failed");
            self.remember(&claim.domain, now);
        }
        answer
    }

    fn failed_lately(&self, domain: &str, now: Timestamp) -> bool {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.get(domain).is_some_and(|at| now.duration_since(*at).abs() < NOT_AGAIN_FOR)
    }

    fn remember(&self, domain: &str, now: Timestamp) {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        if faults.len() >= FAULTS_KEPT {
            faults.clear();
        }
        faults.insert(domain.to_owned(), now);
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("patience", &self.patience).finish_non_exhaustive()
    }
}

/// The resolver, made when it is first asked and anew after a fault: the servers may have become others.
#[derive(Default)]
struct Hickory {
    /// `None`: those of the system.
    servers: Option<Vec<SocketAddr>>,
    kept: Mutex<Option<TokioResolver>>,
}

impl Hickory {
    fn resolver(&self) -> Result<TokioResolver, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resolver) = &*kept {
            return Ok(resolver.clone());
        }
        let mut builder = match &self.servers {
            None => TokioResolver::builder_tokio().map_err(|e| format!("no DNS servers are known: {e}"))?,
            Some(servers) => {
                let all = servers.iter().map(|at| name_server(*at)).collect();
                TokioResolver::builder_with_config(
                    ResolverConfig::from_name_servers(all),
                    TokioRuntimeProvider::default(),
                )
            }
        };
        let options = builder.options_mut();
        (options.timeout, options.attempts) = (PATIENCE / 2, 1);
        (options.cache_size, options.positive_max_ttl) = (CACHED_NAMES, Some(CACHED_AT_MOST));
        options.negative_max_ttl = Some(CACHED_AT_MOST);
        let resolver = builder.build().map_err(|e| format!("DNS cannot be asked: {e}"))?;
        Ok(kept.insert(resolver).clone())
    }

    fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    async fn ask(&self, name: &str) -> Answer {
        let name = Name::from_ascii(name).map_err(|e| format!("no name: {e}"))?;
        let lookup = match self.resolver()?.txt_lookup(name).await {
            Ok(lookup) => lookup,
            // NXDOMAIN, or a name without texts: an answer, not a fault.
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
            {
                return Ok(Vec::new());
            }
            Err(error) => {
                self.forget();
                return Err(error.to_string());
            }
        };
        let texts = lookup.answers().iter().filter_map(|record| match &record.data {
            // RFC 6376 section 3.6.2.2: the strings of a record are joined without anything between them.
            RData::TXT(txt) => Some(txt.txt_data.iter().map(|s| String::from_utf8_lossy(s)).collect::<String>()),
            _ => None,
        });
        Ok(texts.collect())
    }
}

impl Dns for Hickory {
    fn txt<'a>(&'a self, name: &'a str) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(self.ask(name))
    }
}

fn name_server(at: SocketAddr) -> NameServerConfig {
    let mut udp = ConnectionConfig::udp();
    udp.port = at.port();
    NameServerConfig::new(at.ip(), true, vec![udp])
}
