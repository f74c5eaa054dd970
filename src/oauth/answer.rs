//! What a provider's answer holds: tokens, or a refusal (RFC 6749 sections 5.1 and 5.2).

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::OAuthError;
use super::http::Reply;
use crate::config::Secret;
use crate::mail::clean_line;

/// Where a provider does not say how long an access token lives.
const LIVES: SignedDuration = SignedDuration::from_mins(10);
/// Of a provider's words.
const WORDS_SHOWN: usize = 300;

/// What a token endpoint gives out.
#[derive(Debug)]
pub struct Tokens {
    pub access: Secret,
    pub until: Timestamp,
    /// Only where the provider gives one, or another one: the old is void then.
    pub refresh: Option<Secret>,
    /// Until when the refresh token is good, where the provider says so.
    pub refresh_until: Option<Timestamp>,
}

/// # Errors
/// `Refused` with the provider's words; `Garbled` where there is no access token in it.
pub fn tokens(host: &str, reply: &Reply, now: Timestamp) -> Result<Tokens, OAuthError> {
    refused(host, reply)?;
    let token = |name: &str| secret(&reply.body[name]);
    let access = token("access_token")
        .ok_or_else(|| OAuthError::Garbled { host: host.to_owned(), what: "it holds no access token".to_owned() })?;
    let lives = |name: &str| seconds(&reply.body[name]).map(SignedDuration::from_secs);
    let later = |lives: SignedDuration| now.checked_add(lives).ok();
    Ok(Tokens {
        access,
        until: later(lives("expires_in").unwrap_or(LIVES)).unwrap_or(now),
        refresh: token("refresh_token"),
        refresh_until: lives("refresh_token_expires_in").and_then(later),
    })
}

/// # Errors
/// `Refused` where the reply names an error or has a status of one.
pub fn refused(host: &str, reply: &Reply) -> Result<(), OAuthError> {
    let text = |name: &str| reply.body[name].as_str().map(clean_line).filter(|s| !s.is_empty());
    let code = text("error");
    if code.is_none() && (200..300).contains(&reply.status) {
        return Ok(());
    }
    let words =
        text("error_description").or_else(|| code.clone()).unwrap_or_else(|| format!("status {}", reply.status));
    let words = words.chars().take(WORDS_SHOWN).collect();
    Err(OAuthError::Refused { host: host.to_owned(), code: code.unwrap_or_default(), words })
}

/// Of something that stands in a header or a form: one line without control characters.
pub fn secret(value: &Value) -> Option<Secret> {
    let text = value.as_str().filter(|s| !s.is_empty() && s.bytes().all(|b| b.is_ascii_graphic()))?;
    Some(Secret::new(text))
}

/// A number, also where it is written as text.
pub fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).filter(|secs| (0..=10 * 365 * 86_400).contains(secs))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(status: u16, body: Value) -> Reply {
        Reply { status, body }
    }

    #[test]
    fn tokens_are_read_with_their_lives() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().expect("an instant");
        let body = json!({"access_token": "a.b", "expires_in": "3599", "refresh_token": "r", "refresh_token_expires_in": 604799});
        let read = tokens("x", &reply(200, body), now).expect("tokens");
        assert_eq!(
            (read.access.expose(), read.until),
            (&b"a.b"[..], "2026-11-22T10:59:59Z".parse().expect("an instant"))
        );
        assert_eq!(read.refresh.expect("one").expose(), b"r");
        assert_eq!(read.refresh_until, Some("2026-11-29T09:59:59Z".parse().expect("an instant")));
    }

    #[test]
    fn what_is_no_token_is_an_error_and_never_a_panic() {
        let now = Timestamp::UNIX_EPOCH;
        for body in [json!({}), json!([]), json!(null), json!({"access_token": "a\r\nb"}), json!({"access_token": 7})] {
            let error = tokens("x", &reply(200, body), now).expect_err("no token");
            assert!(matches!(error, OAuthError::Garbled { .. }), "{error}");
        }
        let endless = json!({"access_token": "a", "expires_in": i64::MAX});
        assert_eq!(tokens("x", &reply(200, endless), now).expect("tokens").until, now + LIVES);
        let error = tokens("x", &reply(400, json!({"error": "invalid_grant"})), now).expect_err("refused");
        assert!(error.needs_a_person() && error.to_string().contains("amends login"), "{error}");
        assert!(tokens("x", &reply(503, json!({})), now).expect_err("refused").to_string().contains("status 503"));
    }
}
