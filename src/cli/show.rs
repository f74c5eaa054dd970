//! `amends case show`: everything about one case on one page.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::arrive::parse;
use crate::decide::case::{Case, LogLine};
use crate::deliver::outbox::LetterState;
use crate::mail::{CaseRef, Mail, clean_line};
use crate::store::Tx;
use crate::store::mails::MailRow;
use crate::store::outbox::LetterFilter;

use super::cases::{One, dues, head, log_json, log_text, prefix, word};
use super::exit::{Answer, Trouble};
use super::open::Opened;
use super::{case_ref, shown, table};

/// A mail of the case, whichever way it went.
struct Shown {
    at: Timestamp,
    direction: &'static str,
    mail: Mail,
}

pub async fn print(desk: &Opened, tx: &mut Tx, one: &One) -> Answer {
    let case = case_ref::find(tx, prefix(desk), &one.case).await?;
    let log = tx.case_log(case.id).await?;
    let mails = mails(tx, &case).await?;
    if one.json {
        println!("{:#}", whole(&case, &mails, &log, desk));
    } else {
        println!("{}", page(&case, &mails, &log, desk));
    }
    Ok(())
}

/// What came in and what went out, oldest first; copies and withdrawn letters are not part of the story.
async fn mails(tx: &mut Tx, case: &Case) -> Result<Vec<Shown>, Trouble> {
    let mut mails = Vec::new();
    for row in rows_of(tx, case).await? {
        let is_copy = row.settled.as_ref().is_some_and(|s| s.duplicate_of.is_some());
        if let (false, Some(raw)) = (is_copy, tx.raw(row.id).await?) {
            mails.push(Shown { at: row.received_at, direction: "in", mail: parse::parse(&raw) });
        }
    }
    for row in tx.letters(&LetterFilter { case: Some(case.id), ..LetterFilter::default() }).await? {
        if row.state != LetterState::Voided
            && let Some(bytes) = tx.letter_bytes(row.id).await?
        {
            let at = row.sent_at.unwrap_or(row.created_at);
            mails.push(Shown { at, direction: "out", mail: parse::parse(&bytes) });
        }
    }
    mails.sort_by_key(|m| m.at);
    Ok(mails)
}

/// With those of the cases that became part of it.
async fn rows_of(tx: &mut Tx, case: &Case) -> Result<Vec<MailRow>, Trouble> {
    let (mut rows, mut parts) = (tx.mails_of(case.id).await?, case.merged_from.clone());
    while let Some(id) = parts.pop() {
        rows.extend(tx.mails_of(id).await?);
        parts.extend(tx.case(id).await?.map(|part| part.merged_from).unwrap_or_default());
    }
    Ok(rows)
}

/// `case show --json` (design section 4). What later versions fill is there and empty.
fn whole(case: &Case, mails: &[Shown], log: &[LogLine], desk: &Opened) -> Value {
    let mut whole = head(case, prefix(desk), desk.now);
    let participants = case.participants.iter().map(|p| {
        json!({
            "no": p.no, "name": p.name, "address": p.address.as_str(),
            "authenticated": p.authenticated, "mentioned_only": p.mentioned_only,
        })
    });
    whole["wish"] = json!(case.wish);
    whole["merged_into"] = json!(case.merged_into.map(|id| CaseRef::new(prefix(desk), id).to_string()));
    whole["tags"] = json!(case.tags);
    whole["checklist"] = json!([]);
    whole["promises"] = json!([]);
    whole["offers"] = json!([]);
    whole["participants"] = participants.collect();
    whole["mails"] = mails.iter().map(mail_json).collect();
    whole["log"] = log_json(log);
    whole
}

fn mail_json(shown: &Shown) -> Value {
    let mail = &shown.mail;
    let to: Vec<&str> = mail.to.iter().map(|p| p.address.as_str()).collect();
    json!({
        "direction": shown.direction,
        "from": mail.from.first().map(|p| p.address.as_str()),
        "to": to,
        "at": shown.at,
        "subject": mail.subject,
        "text": mail.text,
    })
}

fn page(case: &Case, mails: &[Shown], log: &[LogLine], desk: &Opened) -> String {
    let times = desk.shown();
    let mut lines = vec![
        format!("{}  {}", CaseRef::new(prefix(desk), case.id), clean_line(&case.subject)),
        String::new(),
        format!("customer   {}", customer(case)),
        format!("owner      {} (team {})", case.owner.as_ref().map_or("nobody", |o| o.as_str()), case.team),
        format!("state      {}{}", word(case.state), outcome(case)),
        format!("kind       {} under sla {}", case.kind, case.sla),
        format!("opened     {}", times.at(case.opened_at)),
    ];
    if let Some(into) = case.merged_into {
        lines.push(format!("part of    {}", CaseRef::new(prefix(desk), into)));
    }
    if !case.tags.is_empty() {
        lines.push(format!("tags       {}", case.tags.iter().map(String::as_str).collect::<Vec<_>>().join(", ")));
    }
    for clock in dues(case) {
        let (target, left) = (clock.target.words(), times.left(clock.due_at));
        lines.push(format!("due        {}  {target} ({left})", times.at(clock.due_at)));
    }
    if let Some(because) = &case.told.no_letter_because {
        lines.push(format!("no letter  {because}"));
    }
    for shown in mails {
        lines.push(String::new());
        lines.push(format!("{} {}", if shown.direction == "in" { "<-" } else { "->" }, mail_head(shown, &times)));
        lines.extend(words(shown).lines().map(line_of));
    }
    lines.push(String::new());
    lines.push(log_text(log, &times));
    lines.join("\n")
}

/// A line of a mail; what is quoted stays quoted where it wraps, and an item of a list hangs from its dash.
fn line_of(line: &str) -> String {
    match line.strip_prefix("> ") {
        Some(quoted) => table::wrapped(quoted, "   > "),
        None if line.starts_with("- ") => table::wrapped(line, "     ").replacen("     -", "   -", 1),
        None => table::wrapped(line, "   "),
    }
}

fn customer(case: &Case) -> String {
    let Some(customer) = case.customer() else { return "unknown: their mail names no address".to_owned() };
    let name = customer.name.as_deref().map(|n| format!("{n} ")).unwrap_or_default();
    let proof = if customer.authenticated { "" } else { ", unproven" };
    format!("{name}<{}>{proof}", customer.address)
}

fn outcome(case: &Case) -> String {
    let outcome = json!(case.outcome);
    outcome.as_str().map(|word| format!(", {word}")).unwrap_or_default()
}

fn mail_head(shown: &Shown, times: &shown::Shown) -> String {
    let other = if shown.direction == "in" { shown.mail.from.first() } else { shown.mail.to.first() };
    let other = other.map_or("(no address)".to_owned(), |p| p.address.to_string());
    let subject = clean_line(shown.mail.subject.as_deref().unwrap_or("(no subject)"));
    format!("{}  {other}  {subject}", times.at(shown.at))
}

/// Of a mail that came in the new words; of a letter all of it.
fn words(shown: &Shown) -> String {
    let mail = &shown.mail;
    let all = shown.direction == "out" || mail.new_text.trim().is_empty();
    shown::harmless(if all { &mail.text } else { &mail.new_text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_lists_keep_their_shape_where_a_line_wraps() {
        let words = "word ".repeat(30);
        let quote = line_of(&format!("> {words}"));
        assert!(quote.lines().count() > 1 && quote.lines().all(|l| l.starts_with("   > word")), "{quote}");
        let item = line_of(&format!("- {words}"));
        assert!(item.starts_with("   - word") && item.lines().skip(1).all(|l| l.starts_with("     word")), "{item}");
    }
}
