//! Does a signer stand for the domain of From? RFC 7489 section 3.1.1, without its list of public suffixes.
//!
//! Only the domain itself and its parents count: whoever holds a parent's zone holds the names below it. A subdomain
//! never speaks for its parent here: under a shared name (a hoster, a free DNS service) that would be a stranger.

/// Strict, or relaxed towards the parent: a signer may stand for its subdomains. A bare top-level name stands for nobody.
pub fn aligned(signer: &str, domain: &str) -> bool {
    if signer == domain {
        return !signer.is_empty();
    }
    let below = domain.strip_suffix(signer).is_some_and(|rest| rest.ends_with('.'));
    below && signer.contains('.') && !is_shared_suffix(signer)
}

/// Second levels under which registries of countries let strangers register.
const SECOND_LEVELS: [&str; 34] = [
    "ac", "asn", "asso", "co", "com", "edu", "gob", "gouv", "gov", "go", "id", "info", "ltd", "ltda", "me", "mil",
    "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "presse", "sch", "school", "tm", "web", "gen", "geek",
    "firm", "ind", "biz",
];

/// Names below `com` and the like that are sold as if they were countries.
const SOLD: [&str; 18] =
    ["ae", "br", "cn", "co", "de", "eu", "gb", "gr", "hu", "jp", "jpn", "kr", "no", "ru", "sa", "se", "uk", "us"];

/// Hosters that give each customer a name.
const HOSTERS: [&str; 14] = [
    "onmicrosoft",
    "appspot",
    "github",
    "gitlab",
    "herokuapp",
    "blogspot",
    "netlify",
    "vercel",
    "pages",
    "azurewebsites",
    "cloudfront",
    "amazonaws",
    "duckdns",
    "dyndns",
];

/// Suffixes under which strangers register names; relaxed alignment must not cross them.
fn is_shared_suffix(signer: &str) -> bool {
    let Some((first, top)) = signer.split_once('.') else { return true };
    if HOSTERS.contains(&first) {
        return true;
    }
    match top.len() {
        2 => SECOND_LEVELS.contains(&first),
        _ => ["com", "net", "org"].contains(&top) && SOLD.contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signer_stands_for_itself_and_what_is_below_it() {
        for (signer, domain, stands) in [
            ("c.example", "c.example", true),
            ("c.example", "mail.c.example", true),
            ("ibm.com", "de.ibm.com", true),
            ("bbc.co.uk", "news.bbc.co.uk", true),
            ("mail.c.example", "c.example", false),
            ("c.example", "evilc.example", false),
            ("evilc.example", "c.example", false),
            ("example", "c.example", false),
            ("co.uk", "c.co.uk", false),
            ("com.au", "c.com.au", false),
            ("uk.com", "c.uk.com", false),
            ("github.io", "c.github.io", false),
            ("onmicrosoft.com", "c.onmicrosoft.com", false),
            ("", "c.example", false),
            ("", "", false),
            (".example", "c.example", false),
        ] {
            assert_eq!(aligned(signer, domain), stands, "{signer} for {domain}");
        }
    }
}
