//! Greeting, EHLO, STARTTLS and login: all that comes before the first letter.
//!
//! What the server offers is believed only from the EHLO after which the letters go, never from one in clear before
//! STARTTLS. There is no way on without TLS where the configuration asks for it, and no password in clear but to this
//! machine. RFC 5321 section 4.1.1.1, RFC 3207, RFC 4954.

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Auth, Ehlo};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use super::super::outbox::Attempt;
use super::answer::{Step, Trouble, judge, one_line};
use super::wire::{Reply, Wire};
use super::{Connection, Deadlines, State};
use crate::config::{self, Proof, Smtp};
use crate::mail::clean_line;
use crate::tls::{self, Stream, TlsError, TlsMode};

/// For user name and password, the better first.
const PASSWORD_WAYS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// For an access token.
const TOKEN_WAYS: [Mechanism; 1] = [Mechanism::Xoauth2];

/// What the server offers beyond plain SMTP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub eight_bit: bool,
    pub dsn: bool,
    /// SIZE is listed (RFC 1870); a limit of 0 is none.
    pub size: bool,
    pub max_size: Option<u64>,
    pub starttls: bool,
    /// The mechanisms of AUTH, upper case.
    pub logins: Vec<String>,
}

impl Offers {
    /// From the lines of an EHLO reply, of which the first is the server's name. Keywords have no case.
    pub fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut offers = Self::default();
        for line in lines.skip(1) {
            // `AUTH=PLAIN` is how servers wrote it before RFC 2554, and some write both.
            let line = line.to_ascii_uppercase().replacen("AUTH=", "AUTH ", 1);
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("8BITMIME") => offers.eight_bit = true,
                Some("DSN") => offers.dsn = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("SIZE") => {
                    offers.size = true;
                    offers.max_size = words.next().and_then(|n| n.parse().ok()).filter(|n| *n > 0);
                }
                Some("AUTH") => offers.logins.extend(words.map(str::to_owned)),
                _ => {}
            }
        }
        offers
    }

    fn login(&self, ways: &[Mechanism]) -> Option<Mechanism> {
        ways.iter().copied().find(|way| self.logins.iter().any(|offered| *offered == way.to_string()))
    }
}

/// See [`Connection::open`].
pub(super) async fn open(
    config: &Smtp,
    credentials: Option<&config::Credentials>,
    ehlo_name: &str,
    deadlines: &Deadlines,
) -> Result<Connection, Attempt> {
    let name = client_id(ehlo_name);
    let connected = tls::connect(&config.host, config.port, config.tls, &config.trust, deadlines.connect).await;
    let stream = connected.map_err(|error| unreachable(&error))?;
    let wire = match config.tls {
        TlsMode::StartTls => go_into_tls(stream, config, &name, deadlines).await?,
        TlsMode::Implicit | TlsMode::None => Wire::new(stream, ""),
    };
    let link = greet(wire, &name, deadlines).await?;
    let mut connection =
        Connection { link, offers: Offers::default(), state: State::Ready, deadlines: deadlines.clone() };
    // A second EHLO: lettre keeps the reply to the first for itself, and of it neither SIZE nor DSN.
    let reply = connection.ask(Step::Hello, Ehlo::new(name), 2).await?;
    connection.offers = Offers::read(reply.message());
    if let Some(credentials) = credentials {
        log_in(&mut connection, credentials).await?;
    }
    connection.state = State::Ready;
    Ok(connection)
}

/// RFC 5321 section 4.1.4: a name, or an address literal where there is no sound one.
fn client_id(ehlo_name: &str) -> ClientId {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"-._[]:".contains(&b);
    match !ehlo_name.is_empty() && ehlo_name.len() <= 255 && ehlo_name.bytes().all(sound) {
        true => ClientId::Domain(ehlo_name.to_owned()),
        false => ClientId::Domain("[127.0.0.1]".to_owned()),
    }
}

fn unreachable(error: &TlsError) -> Attempt {
    // Not cut: what stands last is the fingerprint to compare, and none of it are the server's words.
    let answer = clean_line(&error.to_string());
    match error.needs_a_person() {
        true => Attempt::OurFault { answer },
        false => Attempt::Later { answer },
    }
}

/// The conversation in clear, read by ourselves and to the byte: lettre would keep what was slipped in behind the 220
/// and take it for the first words inside TLS (RFC 3207 section 4.2: all of it is forgotten).
async fn go_into_tls(stream: Stream, config: &Smtp, name: &ClientId, deadlines: &Deadlines) -> Result<Wire, Attempt> {
    let mut wire = Wire::new(stream, "");
    exchange(&mut wire, Step::Hello, "", 220, deadlines).await?;
    let hello = exchange(&mut wire, Step::Hello, &Ehlo::new(name.clone()).to_string(), 250, deadlines).await?;
    if !Offers::read(hello.lines.iter().map(String::as_str)).starttls {
        let words = "the server offers no STARTTLS here, and nothing is sent in clear: \
                     set smtp.tls = \"implicit\" (mostly port 465), or the port of its submission service";
        return Err(Attempt::OurFault { answer: one_line(words) });
    }
    exchange(&mut wire, Step::StartTls, "STARTTLS\r\n", 220, deadlines).await?;
    let Some(plain) = wire.into_stream() else {
        return Err(unreachable(&TlsError::EarlyPlaintext { host: config.host.clone() }));
    };
    let upgraded = tls::upgrade(plain, &config.host, &config.trust, deadlines.connect).await;
    let stream = upgraded.map_err(|error| unreachable(&error))?;
    // Inside TLS there is no second greeting, but lettre waits for one.
    Ok(Wire::new(stream, "220 in TLS\r\n"))
}

async fn exchange(
    wire: &mut Wire,
    step: Step,
    command: &str,
    expected: u16,
    deadlines: &Deadlines,
) -> Result<Reply, Attempt> {
    let waited = deadlines.of(step);
    let conversation = async {
        wire.write_all(command.as_bytes()).await?;
        wire.flush().await?;
        wire.reply().await
    };
    let trouble = match timeout(waited, conversation).await {
        Ok(Ok(reply)) if reply.code == expected => return Ok(reply),
        Ok(Ok(reply)) if reply.code >= 400 => Trouble::Refused { code: reply.code, text: reply.lines.join(" ") },
        Ok(Ok(reply)) => Trouble::Garbled(format!("{} {}", reply.code, reply.lines.join(" "))),
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::InvalidData => Trouble::Garbled(error.to_string()),
        Ok(Err(error)) => Trouble::Lost(error.to_string()),
        Err(_) => Trouble::Silent(waited),
    };
    Err(judge(step, &trouble))
}

async fn greet(wire: Wire, name: &ClientId, deadlines: &Deadlines) -> Result<AsyncSmtpConnection, Attempt> {
    let waited = deadlines.of(Step::Hello);
    let greeted = AsyncSmtpConnection::connect_with_transport(Box::new(wire), name);
    match timeout(waited, greeted).await {
        Ok(Ok(link)) => Ok(link),
        Ok(Err(error)) => Err(judge(Step::Hello, &Trouble::from(error))),
        Err(_) => Err(judge(Step::Hello, &Trouble::Silent(waited))),
    }
}

async fn log_in(connection: &mut Connection, ours: &config::Credentials) -> Result<(), Attempt> {
    let (Proof::Password(secret) | Proof::Bearer(secret)) = &ours.proof;
    let Ok(secret) = std::str::from_utf8(secret.expose()) else {
        return Err(Attempt::OurFault { answer: "smtp.password is not text (UTF-8)".to_owned() });
    };
    let ways: &[Mechanism] = if matches!(ours.proof, Proof::Bearer(_)) { &TOKEN_WAYS } else { &PASSWORD_WAYS };
    let credentials = Credentials::new(ours.username.clone(), secret.to_owned());
    let Some(way) = connection.offers.login(ways) else {
        return Err(no_way_to_log_in(&connection.offers, &ours.proof));
    };
    prove(connection, way, &credentials).await.map_err(|attempt| without(attempt, secret))
}

/// RFC 4954 section 4. A challenge more than any mechanism has is the server's mistake.
async fn prove(connection: &mut Connection, way: Mechanism, credentials: &Credentials) -> Result<(), Attempt> {
    let ill = |error| judge(Step::LogIn, &Trouble::from(error));
    let mut command = Auth::new(way, credentials.clone(), None).map_err(ill)?.to_string();
    for _ in 0..3 {
        let reply = connection.ask_either(Step::LogIn, &command, [2, 3]).await?;
        if !reply.has_code(334) {
            return match reply.has_code(235) {
                true => Ok(()),
                false => Err(judge(Step::LogIn, &Trouble::Garbled(reply.code().to_string()))),
            };
        }
        command = answer_to(&reply, way, credentials).map_err(ill)?;
    }
    Err(judge(Step::LogIn, &Trouble::Garbled("one challenge after the other".to_owned())))
}

fn answer_to(
    challenge: &Response,
    way: Mechanism,
    credentials: &Credentials,
) -> Result<String, lettre::transport::smtp::Error> {
    match way {
        // The challenge holds why it fails; an empty answer asks for the 535.
        Mechanism::Xoauth2 => Ok("\r\n".to_owned()),
        _ => Ok(Auth::new_from_response(way, credentials.clone(), challenge)?.to_string()),
    }
}

fn no_way_to_log_in(offers: &Offers, proof: &Proof) -> Attempt {
    let what = if matches!(proof, Proof::Bearer(_)) { "OAuth (XOAUTH2)" } else { "password that we know" };
    let answer = match offers.logins.as_slice() {
        [] => "the server offers no login here: leave smtp.username out, or take the port of its submission service"
            .to_owned(),
        offered => format!("the server offers no login by {what}, only {}", offered.join(", ")),
    };
    Attempt::OurFault { answer: one_line(&answer) }
}

/// A server that repeats what it was sent must not put the password into the logs.
fn without(attempt: Attempt, secret: &str) -> Attempt {
    let hide = |answer: String| match secret.is_empty() {
        true => answer,
        false => answer.replace(secret, "***"),
    };
    match attempt {
        Attempt::Sent { answer } => Attempt::Sent { answer: hide(answer) },
        Attempt::Later { answer } => Attempt::Later { answer: hide(answer) },
        Attempt::Never { answer } => Attempt::Never { answer: hide(answer) },
        Attempt::OurFault { answer } => Attempt::OurFault { answer: hide(answer) },
        Attempt::InDoubt { answer } => Attempt::InDoubt { answer: hide(answer) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_whatever_their_case() {
        let reply = ["mx.example", "Size 1000", "dsn", "8BitMime", "AUTH=LOGIN", "AUTH plain XOAUTH2", "STARTTLS", ""];
        let offers = Offers::read(reply.into_iter());
        let logins = ["LOGIN", "PLAIN", "XOAUTH2"].map(str::to_owned).to_vec();
        let all = Offers { eight_bit: true, dsn: true, size: true, max_size: Some(1000), starttls: true, logins };
        assert_eq!(offers, all);
        assert_eq!(offers.login(&PASSWORD_WAYS), Some(Mechanism::Plain));
    }

    #[test]
    fn a_server_s_name_is_no_offer_and_a_size_of_zero_no_limit() {
        let offers = Offers::read(["DSN", "SIZE 0"].into_iter());
        assert_eq!(offers, Offers { size: true, ..Offers::default() });
        assert_eq!(offers.login(&PASSWORD_WAYS), None);
    }

    #[test]
    fn a_name_that_could_break_the_command_is_not_sent() {
        for name in ["", "a b", "a\r\nMAIL FROM:<x@y>", "ü"] {
            assert_eq!(client_id(name).to_string(), "[127.0.0.1]", "{name:?}");
        }
        assert_eq!(client_id("amends.northwind.example").to_string(), "amends.northwind.example");
    }
}
