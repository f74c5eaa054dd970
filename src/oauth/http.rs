//! One question to a provider: a form by POST, an answer in JSON (RFC 6749 sections 3.2 and 5).
//!
//! The connection is our own, with chain and name verified, and closed after the answer. What is longer than an answer of
//! OAuth is refused; a redirect is not followed: secrets go where the configuration says, or nowhere.

use std::time::Duration;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::time::timeout;

use super::OAuthError;
use crate::config::Endpoint;
use crate::tls::{self, Trust};

/// Of an answer: a token has some kilobytes.
const LONGEST_BYTES: usize = 256 << 10;
const PATIENCE: Duration = Duration::from_secs(30);

/// What came back, whatever it says.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub body: Value,
}

/// # Errors
/// Where no JSON came back; a refusal in JSON is a reply.
pub async fn post(to: &Endpoint, form: &[(&str, &str)]) -> Result<Reply, OAuthError> {
    let asked = timeout(PATIENCE, exchange(to, form)).await;
    asked.unwrap_or_else(|_| Err(OAuthError::Silent { host: to.host.clone(), secs: PATIENCE.as_secs() }))
}

async fn exchange(to: &Endpoint, form: &[(&str, &str)]) -> Result<Reply, OAuthError> {
    let stream = tls::connect(&to.host, to.port, to.tls, &Trust::default(), PATIENCE).await?;
    let garbled = |what: String| OAuthError::Garbled { host: to.host.clone(), what };
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| garbled(error.to_string()))?;
    let asking = async move {
        let response = sender.send_request(request(to, form)?).await.map_err(|error| garbled(error.to_string()))?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), LONGEST_BYTES).collect().await;
        let body = body.map_err(|error| garbled(error.to_string()))?.to_bytes();
        let body = serde_json::from_slice(&body).map_err(|_| garbled(format!("status {status}, and no JSON")))?;
        Ok(Reply { status, body })
    };
    // How the connection ends after the answer is nobody's concern; before it, the answer's error tells.
    let (reply, _ended) = futures_util::future::join(asking, connection).await;
    reply
}

fn request(to: &Endpoint, form: &[(&str, &str)]) -> Result<Request<Full<Bytes>>, OAuthError> {
    let form: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let request = Request::post(to.path.as_str())
        .header(HOST, to.host.as_str())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(ACCEPT, "application/json")
        .body(Full::new(Bytes::from(form)));
    request.map_err(|error| OAuthError::Garbled { host: to.host.clone(), what: error.to_string() })
}
