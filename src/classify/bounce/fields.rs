//! The fields of RFC 3464 where they stand among the words: gateways and old programs send no part of their own for them.

use crate::mail::{Address, RecipientReport};

use super::codes;

/// Recipients that one notice may name.
const MAX_REPORTS: usize = 50;

/// One report for each `Final-Recipient:` (or `Original-Recipient:`) line and the fields that stand with it.
pub fn in_words(lines: &[&str]) -> Vec<RecipientReport> {
    let mut reports = Vec::new();
    for group in lines.split(|line| line.trim().is_empty()) {
        let fields = unfolded(group);
        let value = |name: &str| fields.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
        let recipient = ["Final-Recipient", "Original-Recipient", "X-Actual-Recipient"]
            .iter()
            .filter_map(|name| value(name))
            .find_map(typed);
        let Some(recipient) = recipient else { continue };
        reports.push(RecipientReport {
            recipient: Some(recipient),
            action: value("Action").map(|a| a.split([' ', '(', ';']).next().unwrap_or_default().to_ascii_lowercase()),
            status: value("Status").and_then(codes::status),
            diagnostic: value("Diagnostic-Code").map(str::to_owned),
            reason: None,
        });
        if reports.len() >= MAX_REPORTS {
            break;
        }
    }
    reports
}

/// `Name: value` with the lines folded below it (RFC 5322 section 2.2.3).
fn unfolded(group: &[&str]) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in group {
        let named = line.trim_start().split_once(':').filter(|(name, _)| is_name(name));
        match (named, fields.last_mut()) {
            (Some((name, value)), _) => fields.push((name.to_owned(), value.trim().to_owned())),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (None, None) => {}
        }
    }
    fields
}

fn is_name(name: &str) -> bool {
    const NAMES: [&str; 12] = [
        "final-recipient",
        "original-recipient",
        "x-actual-recipient",
        "action",
        "status",
        "diagnostic-code",
        "remote-mta",
        "last-attempt-date",
        "reporting-mta",
        "arrival-date",
        "received-from-mta",
        "final-log-id",
    ];
    NAMES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn typed(value: &str) -> Option<Address> {
    Address::parse(value.rsplit_once(';').map_or(value, |(_, address)| address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_among_the_words_are_read_by_recipient() {
        let text = "Sorry.\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: RFC822; mei@n.example\nAction: failed (no)\n\
                    Status: 5.1.1 (bad)\nDiagnostic-Code: SMTP; 550 5.1.1\n  no such user\n\n\
                    Original-Recipient: rfc822;rfc822;klaus@c.example\nAction: delayed\nStatus: 4.4.1\n";
        let lines: Vec<&str> = text.lines().collect();
        let reports = in_words(&lines);
        assert_eq!(reports.len(), 2);
        assert_eq!(reports[0].action.as_deref(), Some("failed"));
        assert_eq!(reports[0].status.as_deref(), Some("5.1.1"));
        assert_eq!(reports[0].diagnostic.as_deref(), Some("SMTP; 550 5.1.1 no such user"));
        assert_eq!(reports[1].recipient, Address::parse("klaus@c.example"));
        assert_eq!(in_words(&["To: mei@n.example", "Status: fine"]), []);
    }
}
