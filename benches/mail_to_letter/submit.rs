//! Letters handed to an SMTP server as fast as lettre's connection can: over a socket that sends at once.

use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tokio::net::TcpStream;

pub const FROM: &str = "support@northwind.example";
pub const TO: &str = "ann@customer.example";

/// One open connection.
pub struct Submission {
    connection: AsyncSmtpConnection,
    envelope: Envelope,
}

impl Submission {
    pub async fn open(port: u16) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        // lettre writes body and final dot apart: with Nagle's algorithm each letter would cost 40 ms.
        socket.set_nodelay(true).unwrap();
        let name = ClientId::Domain("bench.test".into());
        let connection = AsyncSmtpConnection::connect_with_transport(Box::new(socket), &name).await.unwrap();
        let envelope = Envelope::new(Some(FROM.parse().unwrap()), vec![TO.parse().unwrap()]).unwrap();
        Self { connection, envelope }
    }

    /// Taken by the server when this returns.
    pub async fn letter(&mut self, raw: &[u8]) {
        let answer = self.connection.send(&self.envelope, raw).await.unwrap();
        assert!(answer.is_positive(), "{answer:?}");
    }
}
