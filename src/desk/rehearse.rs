//! Rehearsal: the real inbox and the real rules, but every letter goes to one address and says for whom it was.
//!
//! Wraps whatever road letters take. The letter in the outbox stays as it was written; only what goes over the wire
//! carries the mark, so a rehearsal shows all that the customers would have got, and they get nothing.

use crate::deliver::outbox::Attempt;
use crate::mail::{Address, Envelope, Outgoing};

use super::sender::{Post, Road};

/// A road on which, during a rehearsal, all letters go `to` one address. `None`: it is no rehearsal.
#[derive(Debug, Clone)]
pub struct Rehearsal<T> {
    pub real: T,
    pub to: Option<Address>,
}

impl<R: Road> Road for Rehearsal<R> {
    type Post = Rehearsal<R::Post>;

    async fn open(&self) -> Result<Self::Post, Attempt> {
        Ok(Rehearsal { real: self.real.open().await?, to: self.to.clone() })
    }
}

impl<P: Post> Post for Rehearsal<P> {
    async fn offer(&mut self, letter: &Outgoing) -> Result<(), Attempt> {
        match &self.to {
            Some(to) => self.real.offer(&redirected(letter, to)).await,
            None => self.real.offer(letter).await,
        }
    }

    async fn hand_over(&mut self, letter: &Outgoing) -> Attempt {
        match &self.to {
            Some(to) => self.real.hand_over(&redirected(letter, to)).await,
            None => self.real.hand_over(letter).await,
        }
    }

    fn is_usable(&self) -> bool {
        self.real.is_usable()
    }

    async fn close(self) {
        self.real.close().await;
    }
}

/// The same letter for the one who rehearses.
fn redirected(letter: &Outgoing, to: &Address) -> Outgoing {
    let envelope = Envelope { to: to.clone(), ..letter.envelope.clone() };
    Outgoing { envelope, bytes: marked(&letter.bytes, &letter.envelope.to) }
}

/// A header field on top, and whom it was for in front of the subject.
fn marked(bytes: &[u8], original: &Address) -> Vec<u8> {
    const SUBJECT: &[u8] = b"\r\nSubject: ";
    let mut marked = format!("X-Amends-Rehearsal-To: {original}\r\n").into_bytes();
    let header = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    // A first field has no line end before it; ours is never the subject, but a mark must not depend on that.
    let subject = if bytes.starts_with(&SUBJECT[2..]) {
        Some(SUBJECT.len() - 2)
    } else {
        bytes[..header].windows(SUBJECT.len()).position(|w| w == SUBJECT).map(|at| at + SUBJECT.len())
    };
    let (before, after) = bytes.split_at(subject.unwrap_or(0));
    marked.extend_from_slice(before);
    if subject.is_some() {
        marked.extend_from_slice(format!("[to {original}] ").as_bytes());
    }
    marked.extend_from_slice(after);
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rehearsed_letter_says_for_whom_it_was_and_changes_nothing_else() {
        let original = Address::parse("klaus@customer.example").expect("an address");
        let bytes = b"From: a@b.example\r\nSubject: =?utf-8?B?w6Q=?=\r\n\r\nHello,\r\n\r\nSubject: not this\r\n";
        let marked = String::from_utf8(marked(bytes, &original)).expect("text");
        assert_eq!(
            marked,
            "X-Amends-Rehearsal-To: klaus@customer.example\r\nFrom: a@b.example\r\n\
             Subject: [to klaus@customer.example] =?utf-8?B?w6Q=?=\r\n\r\nHello,\r\n\r\nSubject: not this\r\n"
        );
    }
}
