//! Mail as people send it: through Postfix, by lettre. Nothing of Amends has a hand in it.

use lettre::address::Envelope;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::servers::Servers;

/// Hands one mail to Postfix's door for strangers; `Err` is the server's answer.
pub async fn send_as_customer(servers: &Servers, from: &str, to: &str, raw: &[u8]) -> Result<(), String> {
    let sender = if from.is_empty() { None } else { Some(from.parse().unwrap()) };
    let envelope = Envelope::new(sender, vec![to.parse().unwrap()]).unwrap();
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1").port(servers.port("SMTP"));
    transport.build().send_raw(&envelope, raw).await.map(|_| ()).map_err(|error| error.to_string())
}
