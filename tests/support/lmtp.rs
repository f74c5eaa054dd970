//! A client of LMTP (RFC 2033): mail straight into Dovecot, known to be stored when the call returns.

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// Delivers mails one by one over one connection.
pub struct Lmtp {
    stream: BufReader<TcpStream>,
}

impl Lmtp {
    pub async fn connect(port: u16) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        socket.set_nodelay(true).unwrap();
        let mut lmtp = Self { stream: BufReader::new(socket) };
        lmtp.expect("220").await;
        lmtp.command("LHLO localhost", "250").await;
        lmtp
    }

    /// One mail to one mailbox; stored for good when this returns.
    pub async fn deliver(&mut self, from: &str, to: &str, raw: &[u8]) {
        self.command(&format!("MAIL FROM:<{from}>"), "250").await;
        self.command(&format!("RCPT TO:<{to}>"), "250").await;
        self.command("DATA", "354").await;
        let mut content = Vec::with_capacity(raw.len() + 64);
        for line in raw.split_inclusive(|b| *b == b'\n') {
            if line.starts_with(b".") {
                content.push(b'.'); // RFC 5321 section 4.5.2
            }
            content.extend_from_slice(line);
        }
        if !content.ends_with(b"\r\n") {
            content.extend_from_slice(b"\r\n");
        }
        content.extend_from_slice(b".\r\n");
        self.stream.write_all(&content).await.unwrap();
        self.expect("250").await; // RFC 2033 section 4.2: one answer a recipient
    }

    async fn command(&mut self, line: &str, code: &str) {
        self.stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
        self.expect(code).await;
    }

    async fn expect(&mut self, code: &str) {
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(code), "LMTP wanted {code}, got {line:?}");
            if line.as_bytes().get(3) != Some(&b'-') {
                return;
            }
        }
    }
}
