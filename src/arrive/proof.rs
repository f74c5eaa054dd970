//! What the receiving server proved about the sender: Authentication-Results, and whose of them count.
//!
//! RFC 8601. Anybody can write such a field, so one counts only where the operator named the server and the field stands
//! in the unbroken block of lines that this server wrote on top of the mail (sections 5 and 7.1; mail-rules section 5).
//! SPF alone never counts, ARC never. What cannot be parsed is ignored. An own DKIM check is not made here.

mod results;

use crate::config::TrustedServer;
use crate::mail::{Header, Mail};

use results::{Method, Results};

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
    fn none(why: impl Into<String>) -> Self {
        Self { why: why.into(), ..Self::default() }
    }
}

/// Judges the mail by the servers that the operator trusts; without one nothing is ever proven.
pub fn prove(mail: &Mail, trusted: &[TrustedServer]) -> Proof {
    if trusted.is_empty() {
        return Proof::none("no trusted_auth_results are configured");
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

fn by_named(mail: &Mail, domain: &str, id: &str, host: &str) -> Proof {
    let all: Vec<Results> = mail.headers_named("Authentication-Results").filter_map(results::parse).collect();
    let of_id = all.iter().filter(|r| r.id.eq_ignore_ascii_case(id)).count();
    // RFC 8601 section 5: a second field of that id can only be forged, or relayed from inside; neither is told apart.
    if of_id != 1 {
        return Proof::none(format!("{of_id} Authentication-Results of {id}"));
    }
    let Some(found) = in_trace_block(mail, id, host) else {
        return Proof::none(format!("the Authentication-Results of {id} do not stand where {host} writes them"));
    };
    judge(mail, domain, &found, id)
}

/// Microsoft 365 writes no authserv-id; the first field, in its own block, is the tenant's.
fn by_microsoft(mail: &Mail, domain: &str) -> Proof {
    const HOST: &str = "prod.outlook.com";
    let block = trace_block(mail, |host| host.ends_with(HOST));
    let fields: Vec<&Header> = block.iter().copied().filter(|h| is_named(h, "Authentication-Results")).collect();
    match fields.as_slice() {
        [one] => match results::parse_without_id(&one.value) {
            Some(found) => judge(mail, domain, &found, "Microsoft 365"),
            None => Proof::none("the Authentication-Results of Microsoft 365 cannot be read"),
        },
        fields => Proof::none(format!("{} Authentication-Results in the block of Microsoft 365", fields.len())),
    }
}

fn in_trace_block(mail: &Mail, id: &str, host: &str) -> Option<Results> {
    let block = trace_block(mail, |by| by.eq_ignore_ascii_case(host) || by.eq_ignore_ascii_case(id));
    let fields = block.into_iter().filter(|h| is_named(h, "Authentication-Results"));
    fields.filter_map(|h| results::parse(&h.value)).find(|r| r.id.eq_ignore_ascii_case(id))
}

/// The fields on top of the mail that the provider itself wrote: its Received, and trace fields right above and below
/// it, up to the first field that a sender may have written or the first Received of another host.
fn trace_block(mail: &Mail, is_own: impl Fn(&str) -> bool) -> Vec<&Header> {
    let mut block = Vec::new();
    let mut own_seen = false;
    for header in &mail.headers {
        if is_named(header, "Received") {
            if !received_by(&header.value).is_some_and(&is_own) {
                break;
            }
            own_seen = true;
        } else if !is_trace(header) {
            break;
        }
        block.push(header);
    }
    if own_seen { block } else { Vec::new() }
}

/// RFC 8601 section 4.1 names the place; these are what receiving servers add there.
fn is_trace(header: &Header) -> bool {
    let name = header.name.to_ascii_lowercase();
    const NAMES: [&str; 6] =
        ["authentication-results", "received-spf", "return-path", "delivered-to", "envelope-to", "delivery-date"];
    NAMES.contains(&name.as_str()) || ["arc-", "dkim-", "x-"].iter().any(|prefix| name.starts_with(prefix))
}

fn is_named(header: &Header, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}

/// The host behind `by` (RFC 5321 section 4.4), outside of comments: what the writer of the field calls itself.
fn received_by(value: &str) -> Option<&str> {
    let mut depth = 0usize;
    let mut by_next = false;
    for word in value.split_whitespace() {
        let opens = word.matches('(').count();
        let closes = word.matches(')').count();
        let outside = depth == 0 && opens == 0;
        depth = (depth + opens).saturating_sub(closes);
        if outside && by_next {
            return Some(word.trim_end_matches([';', ',']));
        }
        by_next = outside && word.eq_ignore_ascii_case("by") || by_next && !outside;
    }
    None
}

fn judge(mail: &Mail, domain: &str, found: &Results, by: &str) -> Proof {
    let by = Some(by.to_owned());
    let dmarc = found.methods.iter().find(|m| m.name == "dmarc");
    if dmarc.is_some_and(|m| m.result == "fail") {
        return Proof { dmarc_failed: true, by, why: "dmarc=fail".to_owned(), ..Proof::default() };
    }
    let cut_short = signatures_with_length(mail);
    if let Some(pass) = found.methods.iter().find(|m| is_aligned_dkim(m, domain)) {
        let signer = signer(pass);
        if !cut_short.iter().any(|d| aligned(d, domain)) {
            return Proof { authenticated: true, by, why: format!("dkim=pass header.d={signer}"), ..Proof::default() };
        }
        // RFC 6376 section 8.2: with l= anything may be appended to what was signed.
        return Proof { by, why: format!("the DKIM signature of {signer} carries l="), ..Proof::default() };
    }
    let passed = dmarc.filter(|m| m.result == "pass" && m.property("header.from").is_some_and(|from| from == domain));
    match passed {
        Some(_) if cut_short.iter().any(|d| aligned(d, domain)) => {
            Proof { by, why: "the DKIM signature carries l=".to_owned(), ..Proof::default() }
        }
        Some(_) => {
            Proof { authenticated: true, by, why: format!("dmarc=pass header.from={domain}"), ..Proof::default() }
        }
        None => Proof { by, why: "neither dmarc=pass nor an aligned dkim=pass".to_owned(), ..Proof::default() },
    }
}

fn is_aligned_dkim(method: &Method, domain: &str) -> bool {
    method.name == "dkim" && method.result == "pass" && aligned(&signer(method), domain)
}

/// `header.d`, or the domain of `header.i` where a server writes only that (RFC 8601 section 2.7.1).
fn signer(method: &Method) -> String {
    let by_identity = || method.property("header.i").and_then(|i| i.rsplit('@').next());
    method.property("header.d").or_else(by_identity).unwrap_or_default().to_owned()
}

/// Strict, or relaxed towards the parent: a signer may stand for its subdomains. A bare top-level name stands for nobody.
fn aligned(signer: &str, domain: &str) -> bool {
    signer == domain || signer.contains('.') && !is_shared_suffix(signer) && domain.ends_with(&format!(".{signer}"))
}

/// Suffixes under which strangers register names; relaxed alignment must not cross them.
fn is_shared_suffix(signer: &str) -> bool {
    let mut labels = signer.split('.');
    let first = labels.next().unwrap_or_default();
    let rest = labels.count();
    rest == 1 && (first.len() <= 3 || ["onmicrosoft", "appspot", "github", "herokuapp"].contains(&first))
}

/// Domains of DKIM signatures that cover only a part of the body.
fn signatures_with_length(mail: &Mail) -> Vec<String> {
    let tag = |value: &str, name: &str| {
        let mut tags = value.split(';').filter_map(|t| t.split_once('='));
        tags.find(|(n, _)| n.trim() == name).map(|(_, v)| v.trim().to_ascii_lowercase())
    };
    mail.headers_named("DKIM-Signature").filter(|v| tag(v, "l").is_some()).filter_map(|v| tag(v, "d")).collect()
}

#[cfg(test)]
mod tests;
