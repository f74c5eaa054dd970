//! Signs mails as any signer could, good or bad. Written from RFC 6376 section 3.4 apart from what the crate checks with,
//! so that a mistake there is not made here as well; the keys in `tests/keys` are for tests and secret to nobody.

use std::collections::HashMap;

use data_encoding::BASE64;
use mail_auth::common::crypto::{RsaKey, Sha256, SigningKey as _};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    Ed25519,
    Rsa2048,
    Rsa1024,
    Rsa768,
}

/// A signature to be made.
#[derive(Debug, Clone)]
pub struct Signer {
    pub key: Key,
    pub domain: String,
    pub selector: String,
    /// `h=`
    pub names: String,
    /// Both canonicalizations relaxed, or both simple.
    pub relaxed: bool,
    /// More tags, as they are written: `t=1; x=2`.
    pub more: String,
    /// `a=`, where it lies.
    pub algorithm: Option<&'static str>,
}

impl Signer {
    pub fn new(domain: &str, more: &str) -> Self {
        Self {
            key: Key::Ed25519,
            domain: domain.into(),
            selector: "s1".into(),
            names: "From:To:Subject:Date:Message-ID:MIME-Version".into(),
            relaxed: true,
            more: more.into(),
            algorithm: None,
        }
    }

    /// Where the key is looked for.
    pub fn key_name(&self) -> String {
        format!("{}._domainkey.{}.", self.selector, self.domain)
    }

    /// The mail with the signature on top.
    pub fn sign(&self, mail: &[u8]) -> Vec<u8> {
        let text = std::str::from_utf8(mail).expect("ASCII mails");
        let (header, body) = text.split_once("\r\n\r\n").expect("a header and a body");
        let fields = fields(header);
        let word = if self.relaxed { "relaxed" } else { "simple" };
        let algorithm = self.algorithm.unwrap_or(match self.key {
            Key::Ed25519 => "ed25519-sha256",
            _ => "rsa-sha256",
        });
        let hash = BASE64.encode(&sha256(self.body(body).as_bytes()));
        let (d, s, h) = (&self.domain, &self.selector, &self.names);
        let mut value = format!(" v=1; a={algorithm}; c={word}/{word};\r\n\td={d}; s={s};\r\n\th={h};");
        value.push_str(&format!(
            "\r\n\t{} bh={hash};\r\n\tb=",
            if self.more.is_empty() { String::new() } else { format!("{};", self.more) }
        ));
        let mut signed = String::new();
        let mut used: HashMap<String, usize> = HashMap::new();
        for name in h.split(':').map(|n| n.trim().to_ascii_lowercase()) {
            let nth = used.entry(name.clone()).or_default();
            if let Some(field) = fields.iter().rev().filter(|f| name_of(f) == name).nth(*nth) {
                signed.push_str(&self.field(field));
                signed.push_str("\r\n");
            }
            *nth += 1;
        }
        signed.push_str(&self.field(&format!("DKIM-Signature:{value}")));
        format!("DKIM-Signature:{value}{}\r\n{text}", BASE64.encode(&self.key.sign(signed.as_bytes()))).into_bytes()
    }

    fn field(&self, field: &str) -> String {
        if !self.relaxed {
            return field.to_owned();
        }
        let (name, value) = field.split_once(':').expect("a field");
        let value =
            value.replace("\r\n", "").split([' ', '\t']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        format!("{}:{value}", name.trim().to_ascii_lowercase())
    }

    fn body(&self, body: &str) -> String {
        let line = |line: &str| match self.relaxed {
            true => {
                let single = line.split([' ', '\t']).collect::<Vec<_>>();
                let mut out = String::new();
                for (at, word) in single.iter().enumerate() {
                    let blank = at > 0 && !out.ends_with(' ');
                    out.push_str(if blank { " " } else { "" });
                    out.push_str(word);
                }
                out.trim_end().to_owned()
            }
            false => line.to_owned(),
        };
        let mut lines: Vec<String> = body.split("\r\n").map(line).collect();
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        match lines.is_empty() {
            true if self.relaxed => String::new(),
            _ => lines.join("\r\n") + "\r\n",
        }
    }
}

impl Key {
    /// The text that stands in DNS.
    pub fn record(self) -> String {
        match self {
            Key::Ed25519 => format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(ed25519().public_key().as_ref())),
            rsa => format!("v=DKIM1; k=rsa; p={}", BASE64.encode(&rsa.rsa().public_key())),
        }
    }

    fn sign(self, data: &[u8]) -> Vec<u8> {
        match self {
            // RFC 8463 section 3: the hash is what is signed.
            Key::Ed25519 => ed25519().sign(&sha256(data)).as_ref().to_vec(),
            rsa => rsa.rsa().sign(data).expect("a signature"),
        }
    }

    fn rsa(self) -> RsaKey<Sha256> {
        let pem: &[u8] = match self {
            Key::Rsa2048 => include_bytes!("../keys/rsa2048.pem"),
            Key::Rsa1024 => include_bytes!("../keys/rsa1024.pem"),
            Key::Rsa768 => include_bytes!("../keys/rsa768.pem"),
            Key::Ed25519 => panic!("no RSA"),
        };
        RsaKey::from_key_der(PrivateKeyDer::from_pem_slice(pem).expect("a key")).expect("an RSA key")
    }
}

fn ed25519() -> Ed25519KeyPair {
    Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("32 bytes")
}

fn sha256(data: &[u8]) -> Vec<u8> {
    ring::digest::digest(&ring::digest::SHA256, data).as_ref().to_vec()
}

/// Fields with their folding, without the last line end.
fn fields(header: &str) -> Vec<String> {
    let mut fields: Vec<String> = Vec::new();
    for line in header.split("\r\n") {
        match fields.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push_str("\r\n");
                last.push_str(line);
            }
            _ => fields.push(line.to_owned()),
        }
    }
    fields
}

fn name_of(field: &str) -> String {
    field.split(':').next().unwrap_or_default().trim().to_ascii_lowercase()
}
