//! Codes in the middle of words: enhanced status codes (RFC 3463) and SMTP replies (RFC 5321 section 4.2).

/// The first enhanced status code of a failure; not a piece of an IP address or version. Codes that say nothing
/// (`5.0.0`) only where there is no other.
pub fn status(text: &str) -> Option<String> {
    let mut codes =
        text.split(|c: char| !c.is_ascii_digit() && c != '.').map(|w| w.trim_matches('.')).filter(|w| is_status(w));
    let first = codes.next()?;
    if !first.ends_with(".0.0") {
        return Some(first.to_owned());
    }
    Some(codes.find(|c| c[..1] == first[..1] && !c.ends_with(".0.0")).unwrap_or(first).to_owned())
}

fn is_status(word: &str) -> bool {
    let mut parts = word.split('.');
    let is_number = |p: &str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    matches!(parts.next(), Some("4" | "5"))
        && parts.next().is_some_and(is_number)
        && parts.next().is_some_and(is_number)
        && parts.next().is_none()
}

/// The first SMTP reply code of a failure.
pub fn reply(text: &str) -> Option<&str> {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '.');
    words.find(|w| {
        w.len() == 3
            && matches!(w.as_bytes()[0], b'4' | b'5')
            && w.bytes().all(|b| b.is_ascii_digit())
            && w.as_bytes()[1] <= b'7'
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_told_from_addresses_of_hosts() {
        assert_eq!(status("host 5.4.1.2[192.168.5.1] said: 550 5.1.1 unknown"), Some("5.1.1".into()));
        assert_eq!(status("version 2.3.4 of 10.5.1.1"), None);
        assert_eq!(status("5.0.0 (really 5.2.2)"), Some("5.2.2".into()));
        assert_eq!(status("5.0.0 (really)"), Some("5.0.0".into()));
        assert_eq!(reply("host x[10.0.0.1] said: 452 full"), Some("452"));
        assert_eq!(reply("port 25 of 4711"), None);
    }
}
