//! What can go wrong between us and a provider, in the admin's words: what was refused, and what to do about it.

use std::path::PathBuf;

use crate::config;
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

/// By the number in the provider's words, else by the code of RFC 6749 section 5.2.
fn advice(code: &str, words: &str) -> String {
    let found = config::advice("", &format!("{words} {code}"));
    found.map(|what| format!(". What to do: {what}")).unwrap_or_default()
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
