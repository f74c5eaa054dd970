//! A letter of a mailbox to itself: by the way it comes back `amends check --send` sees what the servers do to mail.
//!
//! Plain text by hand: it says nothing to anybody, so it needs neither template nor case. Its mark is put on by whoever
//! sends it, over the digest of what is read here: other words under it are no trial.

use jiff::Timestamp;

use crate::mail::Address;

/// The bytes without their mark; `nonce` is a word that no other mail holds.
pub fn trial(from: &Address, to: &Address, nonce: &str, now: Timestamp) -> String {
    let date = now.strftime("%a, %d %b %Y %H:%M:%S +0000");
    // RFC 3834 section 5: nobody shall answer it.
    [
        format!("Date: {date}"),
        format!("From: <{from}>"),
        format!("To: <{to}>"),
        format!("Subject: Amends tries this mailbox ({nonce})"),
        format!("Message-ID: <amends-trial.{nonce}@{}>", from.domain()),
        "MIME-Version: 1.0".to_owned(),
        "Content-Type: text/plain; charset=us-ascii".to_owned(),
        "Auto-Submitted: auto-generated".to_owned(),
        "X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply".to_owned(),
        String::new(),
        "\"amends check --send\" sent this mail to see how it comes back. It opens no case, and may be deleted."
            .to_owned(),
        String::new(),
    ]
    .join("\r\n")
}
