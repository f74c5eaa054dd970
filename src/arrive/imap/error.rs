//! What can go wrong with an IMAP server, told apart by what an admin or the desk can do about it.
//!
//! Texts hold the server's own words, cut to 200 bytes and to one line; never mail, never a password.

use std::time::Duration;

use async_imap::imap_proto::Outcome;

use crate::tls::TlsError;

/// How much of a server's words is kept.
const WORDS_BYTES: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum ImapError {
    #[error("the IMAP server refused this user name and password, or token: {words}")]
    Credentials { words: String },
    #[error(
        "the IMAP server takes no password on this connection (LOGINDISABLED): use tls = \"implicit\" or \"starttls\", or a login that it offers"
    )]
    LoginDisabled,
    #[error("the IMAP server is not available at the moment: {words}")]
    Unavailable { words: String },
    /// A tagged NO or BAD. The session goes on.
    #[error("the IMAP server refused {command}: {words}")]
    Refused { command: &'static str, words: String },
    #[error("the IMAP server ended the session during {command}: {words}")]
    Bye { command: &'static str, words: String },
    #[error("the connection to the IMAP server was lost during {command}: {why}")]
    Lost { command: &'static str, why: String },
    #[error("the IMAP server did not answer {command} within {} s", within.as_secs_f32())]
    Timeout { command: &'static str, within: Duration },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the IMAP server's answer to {command} breaks the protocol: {what}")]
    Protocol { command: &'static str, what: String },
    #[error("this cannot be sent to an IMAP server: {0}")]
    Input(&'static str),
    /// The session goes on.
    #[error("the IMAP server cannot do this: {0}")]
    Unsupported(&'static str),
    #[error("the IMAP session was given up in the middle of an earlier command")]
    Broken,
}

impl ImapError {
    /// Whether the same session may be used on; else it is dropped and a new one opened, after a [`super::backoff()`].
    pub fn leaves_session_usable(&self) -> bool {
        matches!(self, Self::Refused { .. } | Self::Unsupported(_) | Self::Input(_))
    }

    /// Whether only a change of the configuration, or at the provider, will help: trying again soon is pointless.
    pub fn needs_admin(&self) -> bool {
        matches!(self, Self::Credentials { .. } | Self::LoginDisabled | Self::Input(_) | Self::Unsupported(_))
    }
}

/// The server's words: code and text of a status answer, on one line, cut.
pub(super) fn words(outcome: &Outcome<'_>) -> String {
    let code = outcome.code.as_ref().map(|code| format!("[{code:?}] ")).unwrap_or_default();
    let text = outcome.information.as_deref().unwrap_or("(no reason given)");
    one_line(&format!("{code}{text}"))
}

/// Cut to 200 bytes at a character's border; control characters become spaces.
pub(super) fn one_line(text: &str) -> String {
    let mut end = text.len().min(WORDS_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_and_stay_on_one_line() {
        let long = format!("{}ü{}", "x".repeat(199), "y".repeat(500));
        assert_eq!(one_line(&long), "x".repeat(199));
        assert_eq!(one_line("a\r\nb\tc\u{1b}[31m"), "a  b c [31m");
    }
}
