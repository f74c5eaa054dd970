//! From a fresh connection to a server that knows who we are: greeting, STARTTLS, capabilities, LOGIN.
//!
//! What stands before the TLS handshake is believed by nobody: PREAUTH, or a single byte after the answer to STARTTLS, ends
//! the attempt (mail-rules section 6; RFC 2595 section 2.4 and the "NO STARTTLS" class of attacks), and capabilities are
//! asked for anew behind it (RFC 3501 section 6.2.1). Passwords travel as quoted strings, literals or base64, never through
//! a log or an error.

use std::collections::BTreeSet;
use std::time::Duration;

use async_imap::imap_proto::{Capability, Response, ResponseCode, Status};
use data_encoding::BASE64;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::error::{one_line, words};
use super::names::quoted;
use super::wire::{ByteStream, Wire};
use super::{Deadlines, ImapError};
use crate::config::{Credentials, Proof};

/// A line before TLS that is longer is none of IMAP's.
const LONGEST_LINE: usize = 8192;

/// What the server says that it can do, in upper case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Capabilities(BTreeSet<String>);

impl Capabilities {
    pub(super) fn has(&self, word: &str) -> bool {
        self.0.contains(word)
    }

    fn of(list: &[Capability<'_>]) -> Self {
        let name = |capability: &Capability<'_>| match capability {
            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
            Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_ascii_uppercase()),
            Capability::Atom(atom) => atom.to_ascii_uppercase(),
        };
        Self(list.iter().map(name).collect())
    }
}

/// Asks a plain connection for TLS, byte by byte: whatever follows the answer is still in the socket, where
/// [`crate::tls::upgrade`] finds it and gives up.
///
/// # Errors
/// Whatever is not `* OK`, then a tagged OK: there is no way back to plain text.
pub(super) async fn ask_for_tls<S: ByteStream>(stream: &mut S, deadlines: &Deadlines) -> Result<(), ImapError> {
    const COMMAND: &str = "STARTTLS";
    let greeting = plain_line(stream, "the greeting", deadlines.answer).await?;
    match greeting.split_whitespace().nth(1).map(str::to_ascii_uppercase).as_deref() {
        Some("OK") if greeting.starts_with("* ") => {}
        Some("BYE") => return Err(ImapError::Unavailable { words: one_line(&greeting) }),
        Some("PREAUTH") => return Err(preauth()),
        _ => return Err(ImapError::Protocol { command: "the greeting", what: "it is none of IMAP's".into() }),
    }
    let sent = timeout(deadlines.answer, stream.write_all(b"S1 STARTTLS\r\n")).await;
    sent.map_err(|_| ImapError::Timeout { command: COMMAND, within: deadlines.answer })?
        .map_err(|error| ImapError::Lost { command: COMMAND, why: error.kind().to_string() })?;
    loop {
        let line = plain_line(stream, COMMAND, deadlines.answer).await?;
        if let Some(answer) = line.strip_prefix("S1 ") {
            let ok = answer.get(..2).is_some_and(|word| word.eq_ignore_ascii_case("OK"));
            return if ok { Ok(()) } else { refused(COMMAND, answer) };
        }
        if line.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("* BYE ")) {
            return Err(ImapError::Bye { command: COMMAND, words: one_line(&line) });
        }
    }
}

fn refused(command: &'static str, answer: &str) -> Result<(), ImapError> {
    Err(ImapError::Refused { command, words: one_line(answer) })
}

async fn plain_line<S: ByteStream>(
    stream: &mut S,
    command: &'static str,
    within: Duration,
) -> Result<String, ImapError> {
    let read = async {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            if line.len() >= LONGEST_LINE {
                return Err(ImapError::Protocol { command, what: "it is far too long".into() });
            }
            let byte = stream.read_u8().await;
            line.push(byte.map_err(|error| ImapError::Lost { command, why: error.kind().to_string() })?);
        }
        Ok(String::from_utf8_lossy(line.trim_ascii_end()).into_owned())
    };
    timeout(within, read).await.map_err(|_| ImapError::Timeout { command, within })?
}

fn preauth() -> ImapError {
    ImapError::Protocol { command: "the greeting", what: "it is PREAUTH: we were logged in as we know not whom".into() }
}

/// Reads the greeting of an implicit TLS or loopback connection.
pub(super) async fn greeting<S: ByteStream>(
    wire: &mut Wire<S>,
    deadlines: &Deadlines,
) -> Result<Option<Capabilities>, ImapError> {
    let read = |answer: &Response<'_>| match answer {
        Response::Data { status: Status::Ok, outcome } => Ok(offered(outcome.code.as_ref())),
        Response::Data { status: Status::PreAuth, .. } => Err(preauth()),
        Response::Data { status: Status::Bye, outcome } => Err(ImapError::Unavailable { words: words(outcome) }),
        _ => Err(ImapError::Protocol { command: "the greeting", what: "it is none of IMAP's".into() }),
    };
    wire.greeting(deadlines.answer, read).await?
}

fn offered(code: Option<&ResponseCode<'_>>) -> Option<Capabilities> {
    match code {
        Some(ResponseCode::Capabilities(list)) => Some(Capabilities::of(list)),
        _ => None,
    }
}

/// # Errors
/// Also where the server answers OK but tells nothing: what it can do is never guessed.
pub(super) async fn capabilities<S: ByteStream>(
    wire: &mut Wire<S>,
    deadlines: &Deadlines,
) -> Result<Capabilities, ImapError> {
    const COMMAND: &str = "CAPABILITY";
    let mut found = None;
    let note = |answer: &Response<'_>| {
        if let Response::Capabilities(list) = answer {
            found = Some(Capabilities::of(list));
        }
    };
    wire.command(COMMAND, COMMAND, deadlines.answer, note).await?;
    found.ok_or(ImapError::Protocol { command: COMMAND, what: "it lists nothing".into() })
}

/// Says who we are, by the first way that the server offers and that can carry these credentials.
///
/// # Errors
/// `Credentials` for a plain NO; `Unavailable` where the server's words say that it is not our fault (RFC 5530 section 3).
pub(super) async fn log_in<S: ByteStream>(
    wire: &mut Wire<S>,
    offered: &Capabilities,
    credentials: &Credentials,
    deadlines: &Deadlines,
) -> Result<(), ImapError> {
    let username = credentials.username.as_str();
    let (Proof::Password(secret) | Proof::Bearer(secret)) = &credentials.proof;
    let secret = secret.expose();
    if [username.as_bytes(), secret].iter().any(|text| text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))) {
        return Err(ImapError::Input("a user name or password has no line end in it"));
    }
    if matches!(credentials.proof, Proof::Bearer(_)) {
        return authenticate_bearer(wire, offered, username, secret, deadlines).await.map_err(as_login_failure);
    }
    let plain_offered = offered.has("AUTH=PLAIN");
    let in_quotes = quoted(username).ok().zip(std::str::from_utf8(secret).ok().and_then(|text| quoted(text).ok()));
    let outcome = match in_quotes {
        // RFC 3501 section 6.2.3: a client must not issue LOGIN where LOGINDISABLED is advertised.
        _ if offered.has("LOGINDISABLED") && !plain_offered => return Err(ImapError::LoginDisabled),
        Some((user, pass)) if !offered.has("LOGINDISABLED") => {
            login_quoted(wire, &format!("LOGIN {user} {pass}"), deadlines).await
        }
        _ if plain_offered => authenticate_plain(wire, username, secret, deadlines).await,
        _ => login_by_literals(wire, username, secret, deadlines).await,
    };
    outcome.map_err(as_login_failure)
}

async fn login_quoted<S: ByteStream>(wire: &mut Wire<S>, line: &str, deadlines: &Deadlines) -> Result<(), ImapError> {
    wire.command("LOGIN", line, deadlines.answer, |_| ()).await.map(drop)
}

/// RFC 4616, for user names and passwords beyond ASCII, and where only LOGIN is switched off.
async fn authenticate_plain<S: ByteStream>(
    wire: &mut Wire<S>,
    username: &str,
    secret: &[u8],
    deadlines: &Deadlines,
) -> Result<(), ImapError> {
    const COMMAND: &str = "AUTHENTICATE PLAIN";
    wire.start(COMMAND, COMMAND.as_bytes(), deadlines.answer).await?;
    wire.ready(COMMAND, deadlines.answer).await?;
    let message = [b"\0", username.as_bytes(), b"\0", secret].concat();
    wire.send(COMMAND, BASE64.encode(&message).as_bytes(), deadlines.answer).await?;
    wire.finish_plain(COMMAND, deadlines.answer, |_| ()).await.map(drop)
}

/// XOAUTH2, as Google and Microsoft document it. The reason for a no comes as one more challenge, which wants an empty
/// answer before the NO.
async fn authenticate_bearer<S: ByteStream>(
    wire: &mut Wire<S>,
    offered: &Capabilities,
    username: &str,
    token: &[u8],
    deadlines: &Deadlines,
) -> Result<(), ImapError> {
    const COMMAND: &str = "AUTHENTICATE XOAUTH2";
    if !offered.has("AUTH=XOAUTH2") {
        return Err(ImapError::Unsupported("login by OAuth (XOAUTH2)"));
    }
    wire.start(COMMAND, COMMAND.as_bytes(), deadlines.answer).await?;
    wire.ready(COMMAND, deadlines.answer).await?;
    let message = [b"user=", username.as_bytes(), b"\x01auth=Bearer ", token, b"\x01\x01"].concat();
    wire.send(COMMAND, BASE64.encode(&message).as_bytes(), deadlines.answer).await?;
    if wire.wants_more(COMMAND, deadlines.answer).await? {
        wire.send(COMMAND, b"", deadlines.answer).await?;
        wire.finish_plain(COMMAND, deadlines.answer, |_| ()).await?;
    }
    Ok(())
}

/// RFC 3501 section 4.3: a literal holds any byte; the server asks for each with `+`.
async fn login_by_literals<S: ByteStream>(
    wire: &mut Wire<S>,
    username: &str,
    secret: &[u8],
    deadlines: &Deadlines,
) -> Result<(), ImapError> {
    const COMMAND: &str = "LOGIN";
    wire.start(COMMAND, format!("LOGIN {{{}}}", username.len()).as_bytes(), deadlines.answer).await?;
    wire.ready(COMMAND, deadlines.answer).await?;
    let name_then_literal = [username.as_bytes(), format!(" {{{}}}", secret.len()).as_bytes()].concat();
    wire.send(COMMAND, &name_then_literal, deadlines.answer).await?;
    wire.ready(COMMAND, deadlines.answer).await?;
    wire.send(COMMAND, secret, deadlines.answer).await?;
    wire.finish_plain(COMMAND, deadlines.answer, |_| ()).await.map(drop)
}

/// RFC 5530 section 3: which codes of a refused login will pass by themselves.
fn as_login_failure(error: ImapError) -> ImapError {
    const PASSING: [&str; 5] = ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]", "[OVERQUOTA]"];
    match error {
        ImapError::Refused { words, .. } => {
            let upper = words.to_ascii_uppercase();
            if PASSING.iter().any(|code| upper.contains(code)) {
                ImapError::Unavailable { words }
            } else {
                ImapError::Credentials { words }
            }
        }
        other => other,
    }
}
