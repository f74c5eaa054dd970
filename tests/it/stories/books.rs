//! What a story leaves in the store, as lines: what became of each mail, and how each case stands.

use amends::decide::case::Case;
use amends::desk::Desk;
use amends::mail::{CaseRef, MailId};
use amends::store::cases::CaseFilter;

/// A line for each mail, and one for each case.
pub async fn books(desk: &Desk) -> (Vec<String>, Vec<String>) {
    let mut tx = desk.store.look().await.expect("a look");
    let prefix = &desk.shop.config.policy.company.case_prefix;
    let mut mails = Vec::new();
    for id in 1.. {
        let Some(row) = tx.mail(MailId(id)).await.expect("a mail") else { break };
        let settled = row.settled.expect("every mail is settled");
        let (from, subject) = (settled.sender.map(|a| a.to_string()), settled.subject.unwrap_or_default());
        let case = settled.case.map(|case| CaseRef::new(prefix, case).to_string());
        mails.push(format!(
            "{}, \"{subject}\": {} {}",
            from.unwrap_or_default(),
            settled.disposition.as_str(),
            case.unwrap_or_default()
        ));
    }
    let mut cases = tx.list_cases(&CaseFilter { limit: 100, ..CaseFilter::default() }).await.expect("cases");
    cases.sort_by_key(|case| case.id);
    (mails, cases.iter().map(|case| case_line(case, prefix)).collect())
}

fn case_line(case: &Case, prefix: &str) -> String {
    let writers: Vec<String> = case.participants.iter().map(|p| p.address.to_string()).collect();
    let merged = case.merged_into.map(|into| format!(", part of {}", CaseRef::new(prefix, into)));
    let tags: Vec<&str> = case.tags.iter().map(String::as_str).collect();
    format!(
        "{}: {:?}{}, of {}, with {}, {}, sla {}, tags [{}], {} mails",
        CaseRef::new(prefix, case.id),
        case.state,
        merged.unwrap_or_default(),
        writers.join(" and "),
        case.owner.as_ref().map_or("nobody", |o| o.as_str()),
        case.priority.word(),
        case.sla,
        tags.join(" "),
        case.mails.len()
    )
}
