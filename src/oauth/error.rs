//! What can go wrong between us and a provider, in the admin's words: what was refused, and what to do about it.

use std::path::PathBuf;

use crate::tls::TlsError;

#[derive(Debug, thiserror::Error)]
pub enum OAuthError {
    #[error(transparent)]
    Unreachable(#[from] TlsError),
    #[error("{host} did not answer within {secs} s")]
    Silent { host: String, secs: u64 },
    #[error("{host} gave no answer that is one of OAuth's: {what}")]
    Garbled { host: String, what: String },
    /// The provider's own words, shortened to a line, and what they mean where that is known.
    #[error("{host} refuses: {words}{}", advice(.code, .words))]
    Refused { host: String, code: String, words: String },
    #[error("nobody has logged in yet: run `amends login` for this mailbox ({file} does not exist)")]
    NotLoggedIn { file: String },
    #[error("the token file {} {what}", path.display())]
    File { path: PathBuf, what: String },
    #[error("the login took too long: the code is no longer good. Run `amends login` once more")]
    TooLate,
}

impl OAuthError {
    /// Waiting will not help: somebody has to log in again, or to change a setting.
    pub fn needs_a_person(&self) -> bool {
        match self {
            Self::Unreachable(error) => error.needs_a_person(),
            Self::Silent { .. } | Self::Garbled { .. } => false,
            // RFC 6749 section 5.2; a provider that is out of order says otherwise.
            Self::Refused { code, .. } => {
                !matches!(code.as_str(), "temporarily_unavailable" | "server_error" | "slow_down")
            }
            Self::NotLoggedIn { .. } | Self::File { .. } | Self::TooLate => true,
        }
    }
}

/// What a provider's error means to an admin: by Microsoft's number, else by the code of RFC 6749 section 5.2.
const ADVICE: &[(&str, &str)] = &[
    ("AADSTS7000218", "allow public client flows in the app registration (Authentication), or set client_secret"),
    ("AADSTS7000215", "client_secret is wrong: write the secret's value, not its id"),
    ("AADSTS7000222", "client_secret has run out: make a new one in the app registration"),
    ("AADSTS700016", "there is no such app in this tenant: look at client_id, and put your tenant into token_url"),
    ("AADSTS90002", "there is no such tenant: look at token_url"),
    ("AADSTS50059", "name your tenant in token_url instead of \"organizations\""),
    ("AADSTS65001", "an administrator has to consent to the app first (API permissions, Grant admin consent)"),
    ("AADSTS50076", "the account asks for a second factor: run `amends login` again"),
    ("AADSTS50079", "the account asks for a second factor: run `amends login` again"),
    ("AADSTS53003", "a Conditional Access policy forbids it: let this app through"),
    ("AADSTS50105", "the account is not assigned to the app (Enterprise applications, Users and groups)"),
    ("AADSTS700082", "the login has run out because it was not used: run `amends login` again"),
    ("AADSTS70008", "the login has run out: run `amends login` again"),
    ("AADSTS50173", "the password was changed: run `amends login` again"),
    ("invalid_grant", "the login is no longer good: run `amends login` again"),
    ("invalid_client", "look at client_id and client_secret"),
    ("unauthorized_client", "the app is not allowed this kind of login: look at grant, and at the app's settings"),
    ("unsupported_grant_type", "the provider does not know this kind of login: look at grant"),
    ("invalid_scope", "look at scope"),
    ("access_denied", "somebody said no in the browser"),
    ("expired_token", "the code was not entered in time: run `amends login` again"),
];

fn advice(code: &str, words: &str) -> String {
    let by_number =
        ADVICE.iter().filter(|(sign, _)| sign.starts_with("AADSTS")).find(|(sign, _)| is_number(words, sign));
    let found = by_number.or_else(|| ADVICE.iter().find(|(sign, _)| *sign == code));
    found.map(|(_, what)| format!(". What to do: {what}")).unwrap_or_default()
}

/// The number as a whole: AADSTS70008 is not the beginning of AADSTS700082.
fn is_number(words: &str, sign: &str) -> bool {
    words.match_indices(sign).any(|(at, _)| !words[at + sign.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do() {
        let refused = |code: &str, words: &str| {
            OAuthError::Refused { host: "login.example".into(), code: code.into(), words: words.into() }.to_string()
        };
        assert!(refused("invalid_grant", "AADSTS700082: The refresh token has expired").contains("was not used"));
        assert!(refused("invalid_grant", "AADSTS70008: expired").contains("run `amends login` again"));
        assert!(refused("invalid_client", "AADSTS7000218: must contain client_secret").contains("public client flows"));
        assert!(refused("invalid_grant", "Token has been revoked.").contains("run `amends login` again"));
        assert_eq!(refused("teapot", "short and stout"), "login.example refuses: short and stout");
    }
}
