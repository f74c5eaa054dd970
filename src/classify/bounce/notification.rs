//! Amazon SES reports as JSON over SNS ("notificationType": "Bounce"): the one provider that mails its events so.
//!
//! Read only where SNS has put its own header or is the sender; the recursion of the reader is bounded by serde_json.

use serde_json::Value;

use crate::mail::{Address, Mail, MessageId, RecipientReport};

/// What one notification says.
pub struct Notification {
    pub reports: Vec<RecipientReport>,
    pub original_message_id: Option<MessageId>,
    pub transient: bool,
}

const MAX_BYTES: usize = 256 * 1024;
const MAX_REPORTS: usize = 50;

/// `None` where the mail is no such notification, or one about something else (a complaint, an opening).
pub fn read(mail: &Mail) -> Option<Notification> {
    let of_sns = mail.header("x-amz-sns-message-id").is_some()
        || mail.from.iter().any(|p| p.address.domain() == "sns.amazonaws.com");
    if !of_sns || mail.text.len() > MAX_BYTES {
        return None;
    }
    // Mailers wrap its one long line, also inside strings.
    let text: String = mail.text[mail.text.find('{')?..].chars().filter(|c| !c.is_control()).collect();
    let json = serde_json::Deserializer::from_str(&text).into_iter::<Value>().next()?.ok()?;
    let kind = json["notificationType"].as_str().or_else(|| json["eventType"].as_str())?;
    let reports = match kind {
        "Bounce" => failed(&json["bounce"]),
        "DeliveryDelay" => list(&json["deliveryDelay"]["delayedRecipients"], "delayed"),
        "Delivery" => delivered(&json["delivery"]),
        _ => return None,
    };
    let id = json["mail"]["commonHeaders"]["messageId"].as_str().and_then(MessageId::new);
    let transient = json["bounce"]["bounceType"].as_str() == Some("Transient");
    Some(Notification { reports, original_message_id: id, transient })
}

fn failed(bounce: &Value) -> Vec<RecipientReport> {
    list(&bounce["bouncedRecipients"], "failed")
}

fn list(recipients: &Value, action: &str) -> Vec<RecipientReport> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let each = recipients.as_array().into_iter().flatten().take(MAX_REPORTS);
    each.map(|one| RecipientReport {
        recipient: one["emailAddress"].as_str().and_then(Address::parse),
        action: text(&one["action"]).map(|a| a.to_ascii_lowercase()).or_else(|| Some(action.to_owned())),
        status: text(&one["status"]),
        diagnostic: text(&one["diagnosticCode"]),
        reason: None,
    })
    .collect()
}

fn delivered(delivery: &Value) -> Vec<RecipientReport> {
    let answer = delivery["smtpResponse"].as_str().unwrap_or_default();
    let is_success = |w: &&str| w.starts_with("2.") && w.split('.').count() == 3;
    let status = answer.split_whitespace().find(is_success).unwrap_or("2.0.0");
    let each = delivery["recipients"].as_array().into_iter().flatten().take(MAX_REPORTS);
    each.map(|one| RecipientReport {
        recipient: one.as_str().and_then(Address::parse),
        action: Some("delivered".to_owned()),
        status: Some(status.to_owned()),
        diagnostic: Some(answer.to_owned()),
        reason: None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::{Header, Party};

    fn sns(text: &str) -> Mail {
        let header = Header { name: "x-amz-sns-message-id".into(), value: "1".into() };
        Mail { headers: vec![header], text: text.into(), ..Mail::default() }
    }

    #[test]
    fn a_bounce_names_its_recipients_and_letter() {
        let text = r#"{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[
            {"emailAddress":"mei@n.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},
            "mail":{"commonHeaders":{"messageId":"<x@c.example>"}}}
            --
            If you wish to stop receiving notifications"#;
        let read = read(&sns(text)).expect("a notification");
        assert_eq!(read.reports[0].recipient, Address::parse("mei@n.example"));
        assert_eq!(read.reports[0].status.as_deref(), Some("5.1.1"));
        assert_eq!(read.original_message_id, MessageId::new("x@c.example"));
        assert!(!read.transient);
    }

    #[test]
    fn success_is_told_and_strangers_are_not_believed() {
        let text = r#"{"notificationType":"Delivery","delivery":{"recipients":["mei@n.example"],"smtpResponse":"250 2.6.0 ok"}}"#;
        let told = read(&sns(text)).expect("a notification");
        assert!(told.reports[0].succeeded());
        assert_eq!(told.reports[0].status.as_deref(), Some("2.6.0"));
        let from = Address::parse("mei@n.example").map(|a| Party::new(None, a)).into_iter().collect();
        assert!(read(&Mail { from, text: text.into(), ..Mail::default() }).is_none());
        assert!(read(&sns(&"{\"a\":".repeat(50_000))).is_none());
        assert!(read(&sns("{\"notificationType\":\"Complaint\"}")).is_none());
    }
}
