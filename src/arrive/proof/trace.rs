//! The lines that the receiving server itself wrote on top of a mail, and where the sender's begin.
//!
//! RFC 5321 section 4.4 (Received), RFC 8601 sections 4.1 and 5. Each server writes above what it got, so the topmost
//! Received of the trusted server, and whatever trace fields touch it, are its own; below the first line that is none of
//! these everything is a stranger's. Above it stand, in larger houses, hops from one machine of theirs to the next: they
//! are passed only where no stranger can have brought the mail to them.

use std::net::IpAddr;

use crate::mail::{Header, Mail};

/// The fields that the provider wrote: its Received, the trace fields around it, up to the first field that a sender
/// may have written or the first Received of another house. Empty where its Received is not on top.
pub fn block(mail: &Mail, is_own: impl Fn(&str) -> bool) -> Vec<&Header> {
    let mut block = Vec::new();
    let mut own_seen = false;
    // The last hop inside the house that was passed, until the server that it names is seen.
    let mut passed: Option<Hop<'_>> = None;
    for header in &mail.headers {
        if is_named(header, "Received") {
            let hop = Hop::read(&header.value);
            let own = hop.by.is_some_and(&is_own);
            match (own, own_seen) {
                (true, false) if passed.as_ref().is_some_and(|inner| !inner.comes_from(&is_own)) => return Vec::new(),
                (true, _) => own_seen = true,
                (false, false) if hop.is_inside() => passed = Some(hop),
                (false, _) => break,
            }
        } else if !is_trace(header) {
            break;
        }
        block.push(header);
    }
    if own_seen { block } else { Vec::new() }
}

/// What the writer of a Received line calls itself.
pub fn host(received: &str) -> Option<String> {
    Hop::read(received).by.map(str::to_owned)
}

/// What receiving servers add between their Received lines (mail-rules section 5), and where they deliver.
fn is_trace(header: &Header) -> bool {
    let name = header.name.to_ascii_lowercase();
    const NAMES: [&str; 7] = [
        "authentication-results",
        "received-spf",
        "return-path",
        "delivered-to",
        "envelope-to",
        "delivery-date",
        "original-recipient",
    ];
    NAMES.contains(&name.as_str()) || ["arc-", "dkim-", "x-"].iter().any(|prefix| name.starts_with(prefix))
}

pub fn is_named(header: &Header, name: &str) -> bool {
    header.name.eq_ignore_ascii_case(name)
}

/// One Received line.
#[derive(Debug, Default, PartialEq, Eq)]
struct Hop<'a> {
    /// All words of the from clause: what the client called itself, and in comments what the server saw.
    from: Option<Vec<&'a str>>,
    /// What the writer of the line calls itself.
    by: Option<&'a str>,
    /// The protocol.
    with: Option<&'a str>,
}

impl<'a> Hop<'a> {
    /// Clauses begin outside of comments only: a stranger chooses what stands in them, by HELO and reverse DNS.
    fn read(value: &'a str) -> Self {
        let mut hop = Self::default();
        let mut depth = 0usize;
        let mut clause = "";
        for word in value.split_whitespace() {
            let outside = depth == 0 && !word.contains('(');
            depth = (depth + word.matches('(').count()).saturating_sub(word.matches(')').count());
            let begins = ["from", "by", "with", "id", "for", "via"].iter().find(|c| word.eq_ignore_ascii_case(c));
            if let (true, Some(begins)) = (outside, begins) {
                clause = begins;
                if clause == "from" {
                    hop.from.get_or_insert_default();
                }
                continue;
            }
            let bare = word.trim_end_matches([';', ',']);
            match clause {
                "from" if hop.by.is_none() => hop.from.get_or_insert_default().push(bare),
                "by" if outside && hop.by.is_none() => hop.by = Some(bare),
                "with" if outside && hop.with.is_none() => hop.with = Some(bare),
                _ => {}
            }
        }
        hop
    }

    /// A hop between machines of one house: handed over on the machine, by LMTP, or from a private address.
    fn is_inside(&self) -> bool {
        let Some(from) = &self.from else {
            // "by 2002:a05:...:" is how Gmail hands over. A program that sends ("by www (Postfix, from userid 33)")
            // names itself, and what it sends may be a stranger's.
            return self.by.is_some_and(|by| by.trim_matches(['[', ']']).parse::<IpAddr>().is_ok());
        };
        let mut seen = from.iter().filter_map(|word| address(word)).peekable();
        let by_lmtp = self.with.is_some_and(|w| w.to_ascii_uppercase().starts_with("LMTP"));
        (seen.peek().is_some() || by_lmtp) && seen.all(is_private)
    }

    /// Does the from clause name the server, or the machine itself?
    fn comes_from(&self, is_own: &impl Fn(&str) -> bool) -> bool {
        let Some(from) = &self.from else { return true };
        let bare = |word: &&str| word.trim_matches(|c: char| "()[];,.".contains(c)).to_owned();
        from.iter().map(bare).any(|word| is_own(&word))
            || from.iter().filter_map(|w| address(w)).any(|a| a.is_loopback())
    }
}

/// `[192.0.2.1]`, `(192.0.2.1)`, `([IPv6:2001:db8::1])`, `(192.0.2.1:4711)`.
fn address(word: &str) -> Option<IpAddr> {
    let bare = word.trim_matches(|c: char| "()[];,".contains(c));
    let bare = bare.get(..5).filter(|p| p.eq_ignore_ascii_case("IPv6:")).map_or(bare, |_| &bare[5..]);
    let without_port = || bare.rsplit_once(':').and_then(|(host, _)| host.trim_end_matches(']').parse().ok());
    let without_zone = bare.split('%').next().unwrap_or(bare);
    without_zone.parse().ok().or_else(without_port)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local(),
        IpAddr::V6(v6) => {
            let mapped = v6.to_ipv4_mapped().is_some_and(|v4| v4.is_private() || v4.is_loopback());
            v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || mapped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_received_line_is_read_by_its_clauses() {
        let postfix =
            "from evil.example (by mx.n.example [192.0.2.1])\tby mx.n.example (Postfix) with ESMTPS id 1; Fri";
        let hop = Hop::read(postfix);
        assert_eq!((hop.by, hop.with), (Some("mx.n.example"), Some("ESMTPS")));
        assert!(!hop.is_inside());
        let exim = Hop::read("from [192.0.2.7] (helo=by) by mx.n.example with esmtpsa (Exim 4.98) id 1; Fri");
        assert_eq!(exim.by, Some("mx.n.example"));
        assert_eq!(Hop::read("(qmail 3 invoked from network); 20 Nov 2026"), Hop::default());
    }

    #[test]
    fn a_hop_inside_the_house_is_told_from_one_that_a_stranger_can_make() {
        for inside in [
            "by 2002:a05:6402:12cc:b0:5cf:1a:2b with SMTP id x; Fri",
            "from mx.n.example by store.n.example with LMTP id 1; Fri",
            "from mx.n.example (mx.n.example [10.0.0.2]) by store.n.example (Cyrus 3.11) with LMTPA; Fri",
            "from localhost (localhost [127.0.0.1]) by store.n.example (Postfix) with ESMTP id 1; Fri",
            "from mx.n.example ([IPv6:fd00::1]) by store.n.example with ESMTP; Fri",
            "from mx.n.example ([fe80::1%6]) by store.n.example with mapi id 1; Fri",
        ] {
            assert!(Hop::read(inside).is_inside(), "{inside}");
        }
        for foreign in [
            "from mx.n.example (evil.example [192.0.2.1]) by store.n.example with ESMTP; Fri",
            "from [10.0.0.1] (evil.example [192.0.2.1]) by store.n.example with ESMTP; Fri",
            "from x ([10.0.0.1]) (192.0.2.1:4711) by store.n.example with LMTP; Fri",
            "from mx.n.example by store.n.example with ESMTP; Fri",
            "by www.n.example (Postfix, from userid 33) id 1; Fri",
            "(qmail 3 invoked by uid 89); Fri",
            "",
        ] {
            assert!(!Hop::read(foreign).is_inside(), "{foreign}");
        }
    }
}
