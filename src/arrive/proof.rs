//! Who vouches for the sender: Authentication-Results of a trusted server, or the DKIM signature that we check ourselves.
//!
//! RFC 8601. Anybody can write such a field, so one counts only where the operator named the server and the field stands
//! in the unbroken block of lines that this server wrote on top of the mail (sections 5 and 7.1; mail-rules section 5).
//! SPF alone never counts, ARC never. What cannot be parsed is ignored. [`dkim`] checks signatures (RFC 6376), [`keys`]
//! asks DNS for them. Nothing here fails: what is not proven is not authenticated, with the reason in words.

mod align;
pub mod dkim;
pub mod keys;
mod results;
mod tags;
mod trace;

use crate::config::TrustedServer;
use crate::mail::Mail;

use align::aligned;
use results::{Method, Results};
use trace::is_named;

/// What is proven, and why.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    /// The domain of From stands for the mail: DMARC pass, or an aligned DKIM pass.
    pub authenticated: bool,
    pub dmarc_failed: bool,
    /// The server that said so.
    pub by: Option<String>,
    /// In words, for staff and the log.
    pub why: String,
}

impl Proof {
    /// By our own check of a signature.
    pub fn by_signature(claim: &dkim::Claim) -> Self {
        let why = format!("DKIM signature of {}", claim.domain);
        Self { authenticated: true, dmarc_failed: false, by: Some("our own check".into()), why }
    }

    /// What was found, and who found it.
    pub fn in_words(&self) -> String {
        match &self.by {
            Some(by) => format!("{}, by {by}", self.why),
            None => self.why.clone(),
        }
    }

    fn none(why: impl Into<String>) -> Self {
        Self { why: why.into(), ..Self::default() }
    }
}

/// Judges the mail by the servers that the operator trusts; without one nothing is ever proven.
pub fn prove(mail: &Mail, trusted: &[TrustedServer]) -> Proof {
    if trusted.is_empty() {
        return Proof::none("security.trusted_authserv_id names no server");
    }
    let Some(sender) = mail.sender() else { return Proof::none("there is not exactly one From address") };
    let domain = sender.address.domain().to_owned();
    let mut last = Proof::none("no trusted Authentication-Results");
    for server in trusted {
        let proof = match server {
            TrustedServer::Named { id, host } => by_named(mail, &domain, id, host.as_deref().unwrap_or(id)),
            TrustedServer::Microsoft365 => by_microsoft(mail, &domain),
        };
        if proof.authenticated || proof.dmarc_failed {
            return proof;
        }
        last = proof;
    }
    last
}

/// What a server wrote of the sender, for whoever sets us up: nothing of it is believed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Its authserv-id; `None` of Microsoft 365, which writes none.
    pub id: Option<String>,
    /// The host of the topmost Received.
    pub host: Option<String>,
    /// `dmarc=pass`
    pub results: Vec<String>,
}

/// All Authentication-Results that can be read, topmost first.
pub fn vouchers(mail: &Mail) -> Vec<Voucher> {
    let host = mail.header("Received").and_then(trace::host);
    let read = |value: &str| results::parse(value).or_else(|| results::parse_without_id(value));
    let found = mail.headers_named("Authentication-Results").filter_map(read);
    let one = |found: Results| Voucher {
        id: Some(found.id).filter(|id| !id.is_empty()),
        host: host.clone(),
        results: found.methods.iter().map(|m| format!("{}={}", m.name, m.result)).collect(),
    };
    found.map(one).collect()
}

fn by_named(mail: &Mail, domain: &str, id: &str, host: &str) -> Proof {
    // One that cannot be read counts as well where it may be the server's own: a forged one beside it would be the only.
    let may_be = |value: &str| match results::parse(value) {
        Some(read) => read.id.eq_ignore_ascii_case(id),
        None => value.trim_start().get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id)),
    };
    let of_id = mail.headers_named("Authentication-Results").filter(|value| may_be(value)).count();
    // RFC 8601 section 5: a second field of that id can only be forged, or relayed from inside; neither is told apart.
    if of_id != 1 {
        return Proof::none(format!("{of_id} Authentication-Results of {id}"));
    }
    let Some(found) = in_trace_block(mail, id, host) else {
        return Proof::none(format!("the Authentication-Results of {id} do not stand where {host} writes them"));
    };
    judge(mail, domain, &found, id)
}

/// Hosts of Microsoft 365: mailboxes, the front door of a region, and the border to the world.
const MICROSOFT: [&str; 3] = [".prod.outlook.com", ".outlook.office365.com", ".mail.protection.outlook.com"];

/// Microsoft 365 writes no authserv-id; the one field in its own block is the tenant's.
fn by_microsoft(mail: &Mail, domain: &str) -> Proof {
    let is_own = |host: &str| {
        let host = host.to_ascii_lowercase();
        MICROSOFT.iter().any(|own| host.ends_with(own))
    };
    let block = trace::block(mail, is_own);
    let fields = block.iter().filter(|h| is_named(h, "Authentication-Results"));
    // As above: what cannot be read may be the tenant's own. Only what names another server is another's.
    let own: Vec<_> = fields.filter(|h| results::parse(&h.value).is_none()).collect();
    match own.as_slice() {
        [one] => match results::parse_without_id(&one.value) {
            Some(found) => judge(mail, domain, &found, "Microsoft 365"),
            None => Proof::none("the Authentication-Results of Microsoft 365 cannot be read"),
        },
        _ => Proof::none(format!("{} Authentication-Results in the block of Microsoft 365", own.len())),
    }
}

fn in_trace_block(mail: &Mail, id: &str, host: &str) -> Option<Results> {
    let block = trace::block(mail, |by| by.eq_ignore_ascii_case(host) || by.eq_ignore_ascii_case(id));
    let fields = block.into_iter().filter(|h| is_named(h, "Authentication-Results"));
    fields.filter_map(|h| results::parse(&h.value)).find(|r| r.id.eq_ignore_ascii_case(id))
}

fn judge(mail: &Mail, domain: &str, found: &Results, by: &str) -> Proof {
    let by = Some(by.to_owned());
    let dmarc: Vec<&Method> = found.methods.iter().filter(|m| m.name == "dmarc").collect();
    let judged = !dmarc.is_empty();
    if dmarc.iter().any(|m| m.result == "fail") {
        return Proof { dmarc_failed: true, by, why: "dmarc=fail".to_owned(), ..Proof::default() };
    }
    let passes: Vec<&Method> = found.methods.iter().filter(|m| is_aligned_dkim(m, domain)).collect();
    if let Some(pass) = passes.iter().find(|m| !is_cut_short(mail, m)) {
        let why = format!("dkim=pass header.d={}", signer(pass));
        return Proof { authenticated: true, by, why, ..Proof::default() };
    }
    // RFC 6376 section 8.2: with l= anything may be appended to what was signed. Which signature DMARC passed by is not
    // told, so one such is enough to void it.
    if !passes.is_empty() || judged && signatures(mail).any(|s| s.cut_short && aligned(&s.domain, domain)) {
        return Proof { by, why: format!("the DKIM signature of {domain} carries l="), ..Proof::default() };
    }
    let says_pass = |m: &&Method| m.result == "pass" && m.property("header.from") == Some(domain);
    match judged && dmarc.iter().all(says_pass) {
        true => Proof { authenticated: true, by, why: format!("dmarc=pass header.from={domain}"), ..Proof::default() },
        false => Proof { by, why: "neither dmarc=pass nor an aligned dkim=pass".to_owned(), ..Proof::default() },
    }
}

fn is_aligned_dkim(method: &Method, domain: &str) -> bool {
    method.name == "dkim" && method.result == "pass" && aligned(signer(method), domain)
}

/// `header.d`, or the domain of `header.i` where a server writes only that (RFC 8601 section 2.7.1; Gmail, GMX).
fn signer(method: &Method) -> &str {
    let by_identity = || method.property("header.i").and_then(|i| i.rsplit('@').next());
    method.property("header.d").or_else(by_identity).unwrap_or_default()
}

/// What the mail says of one of its signatures.
struct Signature {
    domain: String,
    selector: String,
    /// It covers only a part of the body. Also of what cannot be read: it might.
    cut_short: bool,
}

fn signatures(mail: &Mail) -> impl Iterator<Item = Signature> {
    mail.headers_named("DKIM-Signature").map(|value| {
        let loose = |name: &str| {
            let mut tags = value.split(';').filter_map(|t| t.split_once('='));
            tags.find(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, v)| tags::squeeze(v).to_ascii_lowercase())
        };
        Signature {
            domain: loose("d").unwrap_or_default(),
            selector: loose("s").unwrap_or_default(),
            cut_short: loose("l").is_some(),
        }
    })
}

/// Is the signature that passed one of those with `l=`? Where the server names no selector, any of the signer's.
fn is_cut_short(mail: &Mail, pass: &Method) -> bool {
    let selector = pass.property("header.s");
    let by_identity = pass.property("header.d").is_none();
    let matches = |s: &Signature| {
        // With `header.i` only, the signer may be a parent of the domain named there (RFC 6376 section 3.5).
        let same = s.domain == signer(pass) || by_identity && aligned(&s.domain, signer(pass));
        same && selector.is_none_or(|named| named == s.selector)
    };
    signatures(mail).any(|s| s.cut_short && matches(&s))
}

#[cfg(test)]
mod tests;
