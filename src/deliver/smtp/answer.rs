//! What an answer of the server, or its silence, means for a letter (mail-rules section 7). Pure.
//!
//! Three questions decide: at which step, which code, and whether the final dot was on its way. A refusal that is
//! about *us* (password, quota, permission) never fails a letter: it defers all of them and somebody is told.
//! RFC 5321 section 4.2, RFC 3463 (enhanced codes), RFC 4954 section 6 (login).

use std::time::Duration;

use crate::mail::clean_line;

use super::super::outbox::Attempt;

/// Where in the conversation we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Hello,
    StartTls,
    LogIn,
    Sender,
    Recipient,
    Data,
    /// The letter and its final dot. `ended`: the dot was on its way.
    Letter {
        ended: bool,
    },
    Reset,
    Goodbye,
}

/// Why a step did not go as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trouble {
    /// A 4yz or 5yz. The text begins with the enhanced code where there is one.
    Refused {
        code: u16,
        text: String,
    },
    /// Closed, reset, or an error of TLS.
    Lost(String),
    /// What came is no answer to what was asked.
    Garbled(String),
    Silent(Duration),
}

impl Trouble {
    /// After a plain refusal the conversation goes on; after 421 the server has closed (RFC 5321 section 3.8), and
    /// after all else nobody knows which answer would belong to which question.
    pub fn ends_connection(&self) -> bool {
        !matches!(self, Trouble::Refused { code, .. } if *code != 421)
    }
}

pub(super) fn judge(step: Step, trouble: &Trouble) -> Attempt {
    let (code, text) = match trouble {
        Trouble::Refused { code, text } => (*code, text.as_str()),
        _ => return without_answer(step, trouble),
    };
    let answer = format!("{code} {text}");
    if code < 500 {
        return later(&answer);
    }
    match step {
        Step::Recipient if !is_about_login(code) => never(&answer),
        // A size is the letter's own, whatever the subject of its enhanced code: one that is too large must not
        // stop all the others (RFC 1870 section 6, RFC 3463 section 3.4).
        Step::Sender | Step::Letter { .. } if enhanced(text) == Some((3, 4)) => never(&answer),
        Step::Letter { .. } if !is_about_us(code, text) => never(&answer),
        _ => our_fault(code, text, words_for(step, code, text)),
    }
}

/// The server was lost, fell silent or spoke nonsense.
fn without_answer(step: Step, trouble: &Trouble) -> Attempt {
    let at = name_of(step);
    let answer = match trouble {
        Trouble::Silent(waited) => format!("no answer {at} within {waited:?}"),
        Trouble::Garbled(what) => format!("an answer {at} that is none: {what}"),
        Trouble::Lost(why) => format!("the connection was lost {at}: {why}"),
        Trouble::Refused { code, text } => format!("{code} {text}"),
    };
    match step {
        Step::Letter { ended: true } => Attempt::InDoubt { answer: one_line(&answer) },
        // RFC 5321 section 4.1.1.4: without its end the server must not take a letter over.
        _ => later(&answer),
    }
}

/// Mail-rules section 7: 5.3.x (their system), 5.4.5 (quota), 5.7.x (permission) are about us, not about the letter.
/// Microsoft 365 says the same under 5.1.8 and 5.1.90 (a stopped sender, the day's limit) and 5.2.x, by its words.
fn is_about_us(code: u16, text: &str) -> bool {
    const MICROSOFT: [&str; 2] = ["SendAsDenied", "SubmissionQuotaExceeded"];
    let ours = matches!(enhanced(text), Some((3 | 7, _) | (4, 5) | (1, 8 | 90)));
    is_about_login(code) || ours || MICROSOFT.iter().any(|words| text.contains(words))
}

/// RFC 4954 section 6: these say that we have not logged in as the server wants, and never that an address is bad.
fn is_about_login(code: u16) -> bool {
    matches!(code, 530 | 534 | 535 | 538)
}

/// Subject and detail of an enhanced code that refuses for good: `5.7.1` gives (7, 1).
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let word = text.split_whitespace().next()?;
    let mut numbers = word.split('.').map(|n| n.parse::<u16>().ok());
    match (numbers.next()??, numbers.next()??, numbers.next()??, numbers.next()) {
        (5, subject, detail, None) => Some((subject, detail)),
        _ => None,
    }
}

/// What the admin can do about it.
fn words_for(step: Step, code: u16, text: &str) -> &'static str {
    match (step, enhanced(text)) {
        (_, Some((4, 5))) => "the account's sending quota is used up",
        (Step::LogIn, _) if code == 534 => "the server wants another way to log in: an application password, or OAuth",
        (Step::LogIn, _) if code != 535 => "the server refuses to log us in (smtp.username)",
        (Step::LogIn, _) => "the server refused the user name or password of smtp.username",
        (_, _) if is_about_login(code) => "the server wants a login (smtp.username) or TLS (smtp.tls) first",
        (Step::Hello, _) => "the server does not want to talk to this machine",
        (Step::StartTls, _) => "the server refuses STARTTLS: smtp.tls = \"implicit\" and port 465 may serve",
        (Step::Sender, _) => "the server does not take this sender: smtp.envelope, or the account may not send as it",
        (_, Some((3, _))) => "the server's system is full or not able",
        (_, Some((7, _))) => "the server's policy forbids it to us",
        _ => "the server refuses the command",
    }
}

fn name_of(step: Step) -> &'static str {
    match step {
        Step::Hello => "to the greeting",
        Step::StartTls => "to STARTTLS",
        Step::LogIn => "to the login",
        Step::Sender => "to MAIL",
        Step::Recipient => "to RCPT",
        Step::Data => "to DATA",
        Step::Letter { ended: false } => "in the middle of the letter",
        Step::Letter { ended: true } => "after the final dot",
        Step::Reset => "to RSET",
        Step::Goodbye => "to QUIT",
    }
}

pub(super) fn later(answer: &str) -> Attempt {
    Attempt::Later { answer: one_line(answer) }
}

pub(super) fn never(answer: &str) -> Attempt {
    Attempt::Never { answer: one_line(answer) }
}

fn our_fault(code: u16, text: &str, words: &str) -> Attempt {
    Attempt::OurFault { answer: one_line(&format!("{code}: {words} (\"{text}\")")) }
}

/// At most 200 characters, no line breaks, nothing that a terminal would obey.
pub(super) fn one_line(text: &str) -> String {
    clean_line(text).chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(step: Step, reply: &str) -> &'static str {
        let (code, text) = reply.split_at(3);
        let trouble = Trouble::Refused { code: code.parse().expect("a code"), text: text.trim().to_owned() };
        match judge(step, &trouble) {
            Attempt::Sent { .. } => "sent",
            Attempt::Later { .. } => "later",
            Attempt::Never { .. } => "never",
            Attempt::OurFault { .. } => "our fault",
            Attempt::InDoubt { .. } => "in doubt",
        }
    }

    #[test]
    fn a_refusal_means_what_its_step_and_code_say() {
        use Step::*;
        let letter = Letter { ended: true };
        let cases = [
            (Hello, "554 no service", "our fault"),
            (Hello, "421 busy", "later"),
            (LogIn, "535 5.7.8 bad", "our fault"),
            (LogIn, "454 4.7.0 later", "later"),
            (Sender, "550 5.7.60 send as", "our fault"),
            (Sender, "501 syntax", "our fault"),
            (Sender, "452 4.3.1 full", "later"),
            (Sender, "552 5.3.4 too large", "never"),
            (Recipient, "550 5.1.1 unknown", "never"),
            (Recipient, "550", "never"),
            (Recipient, "550 5.7.1 relaying denied", "never"),
            (Recipient, "553 5.3.0 no", "never"),
            (Recipient, "530 5.7.0 log in first", "our fault"),
            (Recipient, "450 4.2.0 greylisted", "later"),
            (Data, "554 no valid recipients", "our fault"),
            (Data, "451 later", "later"),
            (letter, "554 5.6.0 broken", "never"),
            (letter, "552 5.2.2 mailbox full", "never"),
            (letter, "552 5.3.4 too large", "never"),
            (letter, "554 content", "never"),
            (letter, "554 5.7.1 policy", "our fault"),
            (letter, "550 5.4.5 daily quota", "our fault"),
            (letter, "550 5.3.0 system", "our fault"),
            (letter, "550 5.4.4 no route", "never"),
            (letter, "554 5.2.252 SendAsDenied; a not allowed to send as b", "our fault"),
            (letter, "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException", "our fault"),
            (letter, "550 5.1.90 reached your daily limit for message recipients", "our fault"),
            (letter, "554 5.2.0 STOREDRV.Deliver.Exception:QuotaExceededException", "never"),
            (letter, "451 4.3.0 later", "later"),
            (letter, "421 shutting down", "later"),
        ];
        for (step, reply, expected) in cases {
            assert_eq!(judged(step, reply), expected, "{step:?} {reply}");
        }
    }

    #[test]
    fn only_after_the_final_dot_is_a_letter_in_doubt() {
        for trouble in [Trouble::Lost("reset".into()), Trouble::Garbled("?".into()), Trouble::Silent(Duration::ZERO)] {
            for step in [Step::Hello, Step::Sender, Step::Recipient, Step::Data, Step::Letter { ended: false }] {
                assert!(matches!(judge(step, &trouble), Attempt::Later { .. }), "{step:?} {trouble:?}");
            }
            assert!(matches!(judge(Step::Letter { ended: true }, &trouble), Attempt::InDoubt { .. }), "{trouble:?}");
            assert!(trouble.ends_connection());
        }
    }

    #[test]
    fn an_answer_is_one_short_line() {
        let trouble = Trouble::Refused { code: 550, text: format!("a\r\nb\u{1b}[2J{}", "x".repeat(500)) };
        let attempt = judge(Step::Recipient, &trouble);
        assert_eq!(attempt.answer().chars().count(), 200);
        assert!(attempt.answer().starts_with("550 a b[2J"), "{}", attempt.answer());
    }

    #[test]
    fn an_enhanced_code_is_three_numbers() {
        assert_eq!(enhanced("5.7.60 no"), Some((7, 60)));
        for bad in ["", "no", "4.7.1 x", "5.7 x", "5.7.1.2 x", "5.x.1", "5..1"] {
            assert_eq!(enhanced(bad), None, "{bad}");
        }
    }
}
