//! What stands between a server and lettre's reader: whole reply lines, ASCII, of bounded length.
//!
//! lettre reads replies as UTF-8 and takes a Latin-1 umlaut, or a code without text, for a broken connection: after
//! the final dot that would be a letter in doubt, and so a duplicate. It also panics at a blank EHLO line and keeps
//! a line that never ends in memory. So each line is put right here before it is read. RFC 5321 section 4.2.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::tls::Stream;

/// RFC 5321 section 4.5.3.1.5: a reply line has at most 512 octets; what is longer is cut.
const LINE_BYTES: usize = 512;
/// Lines that a server may say in a row: a reply to EHLO has one for each extension, and nobody has so many. (lettre
/// reads a reply anew from its start at each of its lines.)
const LINES_IN_A_ROW: usize = 200;

/// A connection whose replies are put right.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Stream,
    lines: Lines,
    /// Put right and not read yet.
    ready: Vec<u8>,
}

/// A reply read by ourselves: before TLS, where lettre must not buffer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    /// Without the code.
    pub lines: Vec<String>,
}

impl Wire {
    /// `first` is read before anything of the stream: the greeting that lettre waits for, where the server has said
    /// it already.
    pub fn new(stream: Stream, first: &str) -> Self {
        Self { stream, lines: Lines::default(), ready: first.as_bytes().to_vec() }
    }

    /// The stream itself, to go on in TLS; `None` if the server said more than we have read (RFC 3207 section 4: it
    /// may not), since that would then be taken for words from inside.
    pub fn into_stream(self) -> Option<Stream> {
        (self.ready.is_empty() && self.lines.line.is_empty()).then_some(self.stream)
    }

    /// One reply, of however many lines.
    pub async fn reply(&mut self) -> io::Result<Reply> {
        let mut reply: Option<Reply> = None;
        for _ in 0..LINES_IN_A_ROW {
            let line = self.line().await?;
            let (code, last, text) = parse_line(&line).ok_or_else(|| garbled(&line))?;
            let reply = reply.get_or_insert(Reply { code, lines: Vec::new() });
            if reply.code != code {
                return Err(garbled(&line));
            }
            reply.lines.push(text.to_owned());
            if last {
                return Ok(Reply { code, lines: std::mem::take(&mut reply.lines) });
            }
        }
        Err(io::Error::new(io::ErrorKind::InvalidData, "a reply without end"))
    }

    async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.ready.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.ready.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            let mut raw = [0; 512];
            match self.stream.read(&mut raw).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => self.lines.feed(&raw[..count], &mut self.ready),
            }
        }
    }
}

fn garbled(line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("\"{line}\" is no SMTP reply"))
}

/// Code, whether it is the reply's last line, and the text.
fn parse_line(line: &str) -> Option<(u16, bool, &str)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = code.bytes().all(|b| b.is_ascii_digit()).then(|| code.parse().ok())??;
    match rest.split_at_checked(1) {
        Some((" ", text)) => Some((code, true, text)),
        Some(("-", text)) => Some((code, false, text)),
        _ => None,
    }
}

/// Takes bytes as they come and gives whole lines.
#[derive(Debug, Default)]
struct Lines {
    line: Vec<u8>,
    /// Since we last said something.
    in_a_row: usize,
}

impl Lines {
    fn feed(&mut self, raw: &[u8], out: &mut Vec<u8>) {
        for byte in raw {
            match byte {
                b'\n' => self.end(out),
                _ if self.line.len() == LINE_BYTES => {}
                b'\t' => self.line.push(b' '),
                b'\r' | b' '..=b'~' => self.line.push(*byte),
                // Latin-1, UTF-8 (nobody asked for SMTPUTF8) or a control character.
                _ => self.line.push(b'?'),
            }
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        let text_end = self.line.iter().rposition(|b| !matches!(b, b'\r' | b' ')).map_or(0, |at| at + 1);
        self.line.truncate(text_end);
        // A bare CR within the line would end it early for some readers and not for others.
        self.line.iter_mut().filter(|b| **b == b'\r').for_each(|b| *b = b' ');
        let is_code = self.line.len() >= 3 && self.line[..3].iter().all(u8::is_ascii_digit);
        match (is_code, self.line.get(3), self.line.len()) {
            // RFC 5321 section 4.2.1: a client should take a code that stands alone.
            (true, None, 3) => self.line.extend(b" (no text)"),
            (true, Some(b'-'), 4) => self.line.extend(b"(no text)"),
            _ => {}
        }
        self.in_a_row += 1;
        out.append(&mut self.line);
        out.extend(b"\r\n");
    }
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        while wire.ready.is_empty() {
            let mut space = [0; 4096];
            let mut raw = ReadBuf::new(&mut space);
            ready!(Pin::new(&mut wire.stream).poll_read(cx, &mut raw))?;
            if raw.filled().is_empty() {
                return Poll::Ready(Ok(())); // the end: half a line is no reply
            }
            wire.lines.feed(raw.filled(), &mut wire.ready);
            if wire.lines.in_a_row > LINES_IN_A_ROW {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "a reply without end")));
            }
        }
        let count = wire.ready.len().min(buf.remaining());
        buf.put_slice(&wire.ready[..count]);
        wire.ready.drain(..count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        wire.lines.in_a_row = 0;
        Pin::new(&mut wire.stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_right(raw: &[u8]) -> String {
        let mut whole = Vec::new();
        Lines::default().feed(raw, &mut whole);
        // However the bytes come, the lines are the same.
        let (mut lines, mut one_by_one) = (Lines::default(), Vec::new());
        raw.iter().for_each(|byte| lines.feed(&[*byte], &mut one_by_one));
        assert_eq!(whole, one_by_one);
        String::from_utf8(whole).expect("ASCII")
    }

    #[test]
    fn reply_lines_are_put_right() {
        let cases: [(&[u8], &str); 9] = [
            (b"250 ok\r\n", "250 ok\r\n"),
            (b"250\r\n", "250 (no text)\r\n"),
            (b"250 \r\n", "250 (no text)\r\n"),
            (b"250- \r\n250 x\r\n", "250-(no text)\r\n250 x\r\n"),
            (b"250 ok\n", "250 ok\r\n"),
            (b"550 Empf\xe4nger unbekannt\r\n", "550 Empf?nger unbekannt\r\n"),
            (b"250 a\rb\tc\x00\x1b[2J\r\n", "250 a b c??[2J\r\n"),
            (b"250 half a li", ""),
            (b"garbage\r\n", "garbage\r\n"),
        ];
        for (raw, expected) in cases {
            assert_eq!(put_right(raw), expected, "{}", String::from_utf8_lossy(raw));
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut lines = Lines::default();
        let mut out = Vec::new();
        (0..1000).for_each(|_| lines.feed(&[b'x'; 1000], &mut out));
        assert!(lines.line.len() <= LINE_BYTES && out.is_empty());
    }

    #[test]
    fn a_line_is_a_code_and_a_text() {
        assert_eq!(parse_line("250-SIZE 1"), Some((250, false, "SIZE 1")));
        assert_eq!(parse_line("250 ok"), Some((250, true, "ok")));
        for bad in ["", "25", "2x0 a", "250", "250_a", "+50 a", "ééé"] {
            assert_eq!(parse_line(bad), None, "{bad}");
        }
    }
}
