//! `amends case`: what is open and due, one case's story, its log, its clocks. Changes nothing.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::decide::case::{Case, Clock, ClockState, LogLine, State, Target};
use crate::mail::{Address, CaseRef, PersonId, clean_line};
use crate::store::Tx;
use crate::store::cases::CaseFilter;
use crate::store::outbox::LetterFilter;

use super::Global;
use super::exit::{Answer, Trouble};
use super::open::{Opened, wait_for};
use super::shown::Shown;
use super::{case_ref, explain, show, table};

/// Shows cases: `list`, or one by its reference
#[derive(Debug, Subcommand)]
pub enum Cases {
    List(List),
    /// One case: who, what is due, its mails, its log
    Show(One),
    /// What happened on a case, line by line
    Timeline(One),
    /// How each clock of a case was worked out, window by window
    Explain(One),
}

/// Open cases by what is due next
#[derive(Debug, Args)]
pub struct List {
    /// An array of objects
    #[arg(long)]
    json: bool,
    /// Closed ones, too
    #[arg(long)]
    all: bool,
    /// Only cases of this owner
    #[arg(long, value_name = "PERSON")]
    owner: Option<String>,
    /// Only cases of this team
    #[arg(long)]
    team: Option<String>,
    /// Only cases of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only cases of the customer with this address
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    customer: Option<Address>,
    /// At most so many
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

#[derive(Debug, Args)]
pub struct One {
    /// A case, as NW-1042
    #[arg(value_name = "REF")]
    pub case: String,
    /// As JSON
    #[arg(long)]
    pub json: bool,
}

fn address(text: &str) -> Result<Address, String> {
    Address::parse(text).ok_or_else(|| "no mail address".to_owned())
}

pub fn run(asked: &Cases, global: &Global) -> Answer {
    wait_for(async {
        let desk = Opened::database(global).await?;
        let mut tx = desk.store.look().await?;
        match asked {
            Cases::List(list) => list.print(&desk, &mut tx).await,
            Cases::Show(one) => show::print(&desk, &mut tx, one).await,
            Cases::Timeline(one) => timeline(&desk, &mut tx, one).await,
            Cases::Explain(one) => {
                let case = case_ref::find(&mut tx, prefix(&desk), &one.case).await?;
                explain::print(&desk, &case, one.json);
                Ok(())
            }
        }
    })
}

pub fn prefix(desk: &Opened) -> &str {
    &desk.config.policy.company.case_prefix
}

impl List {
    async fn print(&self, desk: &Opened, tx: &mut Tx) -> Answer {
        let mut cases = tx.list_cases(&self.filter()).await?;
        // What is overdue has nothing more due by itself, and still comes first.
        cases.sort_by_key(|case| (first_due(case).unwrap_or(Timestamp::MAX), case.id));
        cases.truncate(self.limit.unwrap_or(usize::MAX));
        if self.json {
            let list: Vec<Value> = cases.iter().map(|c| head(c, prefix(desk), desk.now)).collect();
            println!("{:#}", Value::Array(list));
        } else if cases.is_empty() {
            println!("{}", if self.all { "No cases." } else { "No open cases." });
        } else {
            let rows: Vec<Vec<String>> = cases.iter().map(|c| row(c, desk)).collect();
            println!("{}", table::columns(&["CASE", "DUE", "", "OWNER", "STATE", "SUBJECT"], &rows));
        }
        Ok(())
    }

    fn filter(&self) -> CaseFilter {
        CaseFilter {
            open: (!self.all).then_some(true),
            owner: self.owner.as_deref().map(PersonId::new),
            team: self.team.clone(),
            kind: self.kind.clone(),
            customer: self.customer.clone(),
            ..CaseFilter::default()
        }
    }
}

fn row(case: &Case, desk: &Opened) -> Vec<String> {
    let shown = desk.shown();
    let due = dues(case).into_iter().next();
    let (what, left) = due.map_or(Default::default(), |c| (c.target.words().to_owned(), shown.left(c.due_at)));
    vec![
        CaseRef::new(prefix(desk), case.id).to_string(),
        left,
        what,
        case.owner.as_ref().map_or("nobody".to_owned(), ToString::to_string),
        word(case.state),
        clean_line(&case.subject),
    ]
}

/// What the case still owes, earliest first: running clocks, and dates that passed without what they were for.
pub fn dues(case: &Case) -> Vec<&Clock> {
    let latest = |clock: &Clock| case.clock(clock.target).is_some_and(|l| l.version == clock.version);
    let owed = |clock: &Clock| match clock.state {
        ClockState::Running => clock.target != Target::Wake,
        ClockState::Broken { .. } => !case.is_closed() && is_owed_to_customer(clock.target) && latest(clock),
        ClockState::Paused { .. } | ClockState::Met { .. } | ClockState::Stopped { .. } => false,
    };
    let mut dues: Vec<&Clock> = case.clocks.iter().filter(|c| owed(c)).collect();
    dues.sort_by_key(|c| (c.due_at, c.target));
    dues
}

fn is_owed_to_customer(target: Target) -> bool {
    match target {
        Target::FirstResponse | Target::NextUpdate | Target::Resolution | Target::Promise => true,
        Target::Acknowledge
        | Target::CustomerSilent
        | Target::CheckIn
        | Target::AutoClose
        | Target::Ask
        | Target::Wake => false,
    }
}

fn first_due(case: &Case) -> Option<Timestamp> {
    dues(case).first().map(|c| c.due_at).or_else(|| case.next_due())
}

/// A case as `case list --json` gives it (design section 4).
pub fn head(case: &Case, prefix: &str, now: Timestamp) -> Value {
    let due: Vec<Value> = dues(case)
        .into_iter()
        .map(|c| json!({ "clock": c.target, "due_at": c.due_at, "overdue": c.due_at <= now }))
        .collect();
    let customer = case.customer().map(|c| json!({ "name": c.name, "address": c.address.as_str() }));
    json!({
        "ref": CaseRef::new(prefix, case.id).to_string(),
        "subject": case.subject,
        "customer": customer,
        "state": case.state,
        "outcome": case.outcome,
        "owner": case.owner,
        "team": case.team,
        "kind": case.kind,
        "cause": case.cause,
        "sla": case.sla,
        "priority": case.priority,
        "opened_at": case.opened_at,
        "due": due,
    })
}

/// `new`, `open`, ...: the word of the JSON.
pub fn word(state: State) -> String {
    json!(state).as_str().unwrap_or_default().to_owned()
}

/// The log, and what became of each letter.
async fn timeline(desk: &Opened, tx: &mut Tx, one: &One) -> Answer {
    let case = case_ref::find(tx, prefix(desk), &one.case).await?;
    let mut lines = tx.case_log(case.id).await?;
    lines.extend(attempts(tx, &case).await?);
    lines.sort_by_key(|line| line.at);
    if one.json {
        println!("{:#}", log_json(&lines));
    } else {
        println!("{}", log_text(&lines, &desk.shown()));
    }
    Ok(())
}

async fn attempts(tx: &mut Tx, case: &Case) -> Result<Vec<LogLine>, Trouble> {
    let mut lines = Vec::new();
    for letter in tx.letters(&LetterFilter { case: Some(case.id), ..LetterFilter::default() }).await? {
        for attempt in tx.attempts(letter.id).await? {
            let what = format!("{} to {}: {} ({})", letter.letter, letter.to, attempt.outcome, attempt.answer);
            lines.push(LogLine { at: attempt.at, who: "outbox".to_owned(), what });
        }
    }
    Ok(lines)
}

pub fn log_json(lines: &[LogLine]) -> Value {
    lines.iter().map(|l| json!({ "at": l.at, "what": l.what, "who": l.who })).collect()
}

pub fn log_text(lines: &[LogLine], shown: &Shown) -> String {
    let width = lines.iter().map(|l| l.who.chars().count()).max().unwrap_or(0);
    let line = |l: &LogLine| format!("{}  {:<width$}  {}", shown.at(l.at), l.who, clean_line(&l.what));
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}
