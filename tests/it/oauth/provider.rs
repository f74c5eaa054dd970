//! A provider of tokens that gives the answers it was told to, one after the other, and remembers what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use data_encoding::BASE64URL_NOPAD;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

pub type Form = BTreeMap<String, String>;

#[derive(Debug, Clone)]
pub enum Answer {
    Json(u16, String),
    /// Whatever it is; then the connection ends.
    Raw(Vec<u8>),
}

pub fn json(status: u16, body: &str) -> Answer {
    Answer::Json(status, body.to_owned())
}

pub struct Provider {
    pub port: u16,
    pub forms: Arc<Mutex<Vec<Form>>>,
}

impl Provider {
    pub async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let provider = Self { port: listener.local_addr().expect("bound").port(), forms: Arc::default() };
        let forms = provider.forms.clone();
        tokio::spawn(async move {
            for answer in answers {
                let (mut client, _) = listener.accept().await.expect("a client");
                let form = asked(&mut client).await;
                forms.lock().expect("one thread").push(form);
                client.write_all(&bytes(answer)).await.ok();
            }
        });
        provider
    }

    /// The forms that were posted, the first first.
    pub fn forms(&self) -> Vec<Form> {
        self.forms.lock().expect("one thread").clone()
    }
}

fn bytes(answer: Answer) -> Vec<u8> {
    match answer {
        Answer::Raw(bytes) => bytes,
        Answer::Json(status, body) => format!(
            "HTTP/1.1 {status} It\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes(),
    }
}

async fn asked(client: &mut TcpStream) -> Form {
    let mut reader = BufReader::new(client);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await.expect("a line");
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).await.expect("a body");
    form_urlencoded::parse(&body).into_owned().collect()
}

/// The query of an address.
pub fn query(address: &str) -> Form {
    let query = address.split_once('?').expect("a query").1;
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// Opens a page of this machine, as a browser does, and waits for it.
pub async fn get(address: &str) {
    let rest = address.strip_prefix("http://").expect("http");
    let (host, path) = rest.split_once('/').expect("a path");
    let mut server = TcpStream::connect(host).await.expect("it listens");
    server.write_all(format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await.expect("asked");
    let mut page = Vec::new();
    // The page may be cut short where what we sent was not read to its end.
    server.read_to_end(&mut page).await.ok();
}

/// RFC 7636 section 4.2.
pub fn s256(verifier: &str) -> String {
    BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()))
}
