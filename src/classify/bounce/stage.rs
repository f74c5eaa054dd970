//! At which step of the SMTP session the other server said no (RFC 5321 section 3).
//!
//! The same words mean other things at RCPT and after the content. Every mail program tells the step in its own way:
//! "in reply to end of DATA command", "after RCPT TO:<...>", a transcript. Where none is told, the answer is `None`.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Connect,
    Hello,
    Mail,
    Rcpt,
    /// The command, the content, or the dot behind it.
    Data,
}

/// Phrases of mail programs, lower case; the first that is found decides, so the narrow ones stand first.
const PHRASES: [(&str, Stage); 42] = [
    ("end of data", Stage::Data),
    ("reply to data", Stage::Data),
    ("after data", Stage::Data),
    ("data command", Stage::Data),
    ("after i sent the message", Stage::Data),
    ("after sending the message", Stage::Data),
    ("our data", Stage::Data),
    ("error: data:", Stage::Data),
    ("smtp:data", Stage::Data),
    ("smtp:eod", Stage::Data),
    ("response to data", Stage::Data),
    ("response to end", Stage::Data),
    ("generated response", Stage::Data),
    ("[data]", Stage::Data),
    ("[end_of_data]", Stage::Data),
    ("rcpt to command", Stage::Rcpt),
    ("rcpt command", Stage::Rcpt),
    ("after rcpt to", Stage::Rcpt),
    ("reply to rcpt", Stage::Rcpt),
    ("response to rcpt", Stage::Rcpt),
    ("rcpt to response", Stage::Rcpt),
    ("rcpt to:", Stage::Rcpt),
    ("[rcpt_to]", Stage::Rcpt),
    ("rcpt_to", Stage::Rcpt),
    ("our rcpt", Stage::Rcpt),
    ("smtp:rcpt", Stage::Rcpt),
    ("does not like recipient", Stage::Rcpt),
    ("did not like recipient", Stage::Rcpt),
    ("rejected recipient", Stage::Rcpt),
    ("mail from command", Stage::Mail),
    ("after mail from", Stage::Mail),
    ("reply to mail", Stage::Mail),
    ("our mail from", Stage::Mail),
    ("sender was rejected", Stage::Mail),
    ("[mail_from]", Stage::Mail),
    ("smtp:mail", Stage::Mail),
    ("helo handshake", Stage::Hello),
    ("ehlo command", Stage::Hello),
    ("helo command", Stage::Hello),
    ("my name was rejected", Stage::Hello),
    ("initial connection", Stage::Connect),
    ("refused to talk to me", Stage::Connect),
];

static ANY: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(PHRASES.map(|(phrase, _)| phrase)).expect("the phrases fit a machine"));

/// The step that these words of a mail program tell.
pub fn in_words(words: &str) -> Option<Stage> {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let found = ANY.find_overlapping_iter(&words).map(|found| found.pattern().as_usize()).min()?;
    Some(PHRASES[found].1)
}

/// sendmail's transcript: `>>> RCPT TO:<a@b>` above `<<< 550 ...`. The step whose answer is this diagnostic.
pub fn in_transcript(lines: &[&str], diagnostic: &str) -> Option<Stage> {
    let diagnostic = squeezed(diagnostic);
    let mut sent = None;
    let mut last = None;
    for line in lines.iter().map(|line| line.trim_start()) {
        if let Some(command) = line.strip_prefix(">>>").or_else(|| line.strip_prefix("Sent <<<")) {
            sent = of_command(command.trim_start());
        } else if let Some(answer) = line.strip_prefix("<<<").or_else(|| line.strip_prefix("Received >>>")) {
            let answer = squeezed(answer);
            if answer.len() > 8 && (diagnostic.contains(&answer) || answer.contains(&diagnostic)) {
                return sent;
            }
            last = if answer.starts_with(['4', '5']) { sent } else { last };
        }
    }
    last
}

fn of_command(command: &str) -> Option<Stage> {
    let word = command.split([' ', ':', '<']).next()?.to_ascii_uppercase();
    match word.as_str() {
        "HELO" | "EHLO" | "LHLO" => Some(Stage::Hello),
        "MAIL" => Some(Stage::Mail),
        "RCPT" => Some(Stage::Rcpt),
        "DATA" | "BDAT" | "." => Some(Stage::Data),
        _ => None,
    }
}

/// Letters and digits: transcripts are wrapped and fields folded where they like.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_tells_the_step_in_its_own_words() {
        assert_eq!(in_words("said: 550 no (in reply to end of DATA\n    command)"), Some(Stage::Data));
        assert_eq!(in_words("SMTP error from remote mail server after RCPT TO:<a@b.example>:"), Some(Stage::Rcpt));
        assert_eq!(in_words("192.0.2.1 does not like recipient."), Some(Stage::Rcpt));
        assert_eq!(in_words("Connected to 192.0.2.1 but sender was rejected."), Some(Stage::Mail));
        assert_eq!(in_words("host mx.example refused to talk to me: 554 no"), Some(Stage::Connect));
        assert_eq!(in_words("550 no such user"), None);
    }

    #[test]
    fn a_transcript_pairs_each_answer_with_its_command() {
        let lines = [
            "... while talking to mx.example.:",
            ">>> RCPT TO:<a@b.example>",
            "<<< 550 5.1.1 No such user",
            ">>> DATA",
            "<<< 503 Need RCPT",
        ];
        assert_eq!(in_transcript(&lines, "SMTP; 550 5.1.1 No such user"), Some(Stage::Rcpt));
        assert_eq!(in_transcript(&lines, "SMTP; 503 Need\n RCPT"), Some(Stage::Data));
        assert_eq!(in_transcript(&lines[..1], "SMTP; 550"), None);
    }
}
