//! What a mail server's refusal means in the admin's words, and which page of the provider mends it.
//!
//! By the words and numbers that the large providers really write; where none is known, nothing is guessed.

/// A sign in the server's words, folded to lower case, and what to do.
const ADVICE: &[(&str, &str)] = &[
    (
        "5.7.139",
        "authenticated SMTP is off for this mailbox. In the Microsoft 365 admin center: Users, Active users, the mailbox, Mail, Manage email apps, Authenticated SMTP; security defaults may forbid it for the whole tenant",
    ),
    (
        "smtpclientauthentication is disabled",
        "authenticated SMTP is off for this mailbox or tenant. In the Microsoft 365 admin center: Users, Active users, the mailbox, Mail, Manage email apps, Authenticated SMTP",
    ),
    (
        "basic authentication is disabled",
        "Microsoft 365 takes no password any more: write oauth2 = { client_id = \"...\" } and run `amends login`",
    ),
    (
        "5.7.60",
        "this login may not send as the mailbox's address: give it Send As in the Exchange admin center, or log in as the mailbox itself",
    ),
    (
        "user is authenticated but not connected",
        "the login is good, but IMAP is off for this mailbox, or the mailbox has another name: in the Microsoft 365 admin center look at Manage email apps, IMAP; username must be the mailbox's own address",
    ),
    (
        "5.7.9",
        "the provider wants an app password here, not the one you type (Google: myaccount.google.com/apppasswords)",
    ),
    (
        "application-specific password required",
        "the provider wants an app password here, not the one you type (Google: myaccount.google.com/apppasswords)",
    ),
    (
        "invalidsecondfactor",
        "the provider wants an app password here, not the one you type (Google: myaccount.google.com/apppasswords)",
    ),
    (
        "badcredentials",
        "Google wants an app password here (myaccount.google.com/apppasswords), or oauth2 and `amends login`",
    ),
    (
        "imap access is disabled for your domain",
        "the Google Workspace administrator has IMAP off: admin.google.com, Apps, Google Workspace, Gmail, End User Access",
    ),
    (
        "please log in via your web browser",
        "the provider wants to see a person first: log in by a browser once, then try again",
    ),
    ("webloginrequired", "the provider wants to see a person first: log in by a browser once, then try again"),
    (
        "too many simultaneous connections",
        "another program keeps the mailbox open: close it, or ask the provider for more",
    ),
    ("daily user sending", "the provider's limit of mails a day is reached: letters wait until tomorrow"),
    (
        "5.7.3 authentication unsuccessful",
        "the login was not taken: with oauth2 run `amends login` again; with a password, Microsoft 365 takes none in most tenants",
    ),
];

/// What the words of a server mean to an admin; `None` where they are not known.
pub fn advice(words: &str) -> Option<&'static str> {
    let folded = words.to_lowercase();
    ADVICE.iter().find(|(sign, _)| holds(&folded, sign)).map(|(_, what)| *what)
}

/// A sentence with what to do behind it, where that is known.
pub fn advised(words: &str) -> String {
    match advice(words) {
        Some(what) => format!("{}. What to do: {what}", words.trim_end_matches('.')),
        None => words.to_owned(),
    }
}

/// As a whole: 5.7.9 is not the beginning of 5.7.90.
fn holds(words: &str, sign: &str) -> bool {
    words.match_indices(sign).any(|(at, _)| {
        let number = sign.ends_with(|c: char| c.is_ascii_digit());
        let before = words[..at].ends_with(|c: char| c.is_ascii_digit() || c == '.');
        let after = words[at + sign.len()..].starts_with(|c: char| c.is_ascii_digit());
        !number || !before && !after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_providers_really_say_is_understood() {
        for (words, says) in [
            (
                "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
                "Manage email apps",
            ),
            (
                "535 5.7.139 Authentication unsuccessful, basic authentication is disabled. [X.PROD.OUTLOOK.COM]",
                "Authenticated SMTP",
            ),
            ("User is authenticated but not connected.", "IMAP is off"),
            ("534 5.7.9 Application-specific password required. For more information, go to", "app password"),
            ("534-5.7.9 Application-specific password required", "app password"),
            (
                "535-5.7.8 Username and Password not accepted. For more information, go to BadCredentials",
                "app password",
            ),
            ("[ALERT] Please log in via your web browser: https://support.google.com/mail", "by a browser once"),
            ("550 5.7.60 SMTP; Client does not have permissions to send as this sender", "Send As"),
        ] {
            assert!(advice(words).is_some_and(|what| what.contains(says)), "{words}: {:?}", advice(words));
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for words in
            ["535 5.7.8 authentication failed", "550 5.7.90 policy", "535 15.7.9", "NO [AUTHENTICATIONFAILED]", ""]
        {
            assert_eq!(advice(words), None, "{words}");
        }
    }
}
