//! `amends outbox`: letters that wait and why; try them now, or drop them. The daemon notices by itself.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::deliver::outbox::LetterState;
use crate::mail::{CaseRef, LetterId, clean_line};
use crate::store::Tx;
use crate::store::outbox::{LetterFilter, LetterRow};

use super::cases::prefix;
use super::exit::{self, Answer, Trouble};
use super::open::{Opened, wait_for};
use super::{Global, table};

/// Shows letters that wait; tries them again; drops them
#[derive(Debug, Subcommand)]
pub enum Outbox {
    List(List),
    /// Tries a letter now; without ID all that are deferred or held
    Retry {
        #[arg(value_name = "ID")]
        letter: Option<i64>,
    },
    /// Withdraws a letter: it is never sent
    Drop {
        #[arg(value_name = "ID")]
        letter: i64,
    },
}

/// Letters that have not left, and what the server said
#[derive(Debug, Args)]
pub struct List {
    /// An array of objects
    #[arg(long)]
    json: bool,
    /// Sent and withdrawn ones, too
    #[arg(long)]
    all: bool,
}

pub fn run(asked: &Outbox, global: &Global) -> Answer {
    wait_for(async {
        let desk = Opened::database(global).await?;
        match asked {
            Outbox::List(list) => list.print(&desk).await,
            Outbox::Retry { letter: None } => retry_all(&desk).await,
            Outbox::Retry { letter: Some(id) } => retry(&desk, LetterId(*id)).await,
            Outbox::Drop { letter } => drop_letter(&desk, LetterId(*letter)).await,
        }
    })
}

impl List {
    async fn print(&self, desk: &Opened) -> Answer {
        let states = LetterState::ALL.into_iter().filter(|s| self.all || waits(*s)).collect();
        let letters = desk.store.look().await?.letters(&LetterFilter { states, ..LetterFilter::default() }).await?;
        if self.json {
            println!("{:#}", letters.iter().map(|l| letter_json(l, desk)).collect::<Value>());
        } else if letters.is_empty() {
            println!("{}", if self.all { "No letters." } else { "No letter waits." });
        } else {
            println!("{}", listed(&letters, desk));
        }
        Ok(())
    }
}

/// Not sent, and not because somebody withdrew it: a person may want to look.
fn waits(state: LetterState) -> bool {
    match state {
        LetterState::Sent | LetterState::Voided => false,
        LetterState::Queued
        | LetterState::Sending
        | LetterState::Committing
        | LetterState::Deferred
        | LetterState::Failed
        | LetterState::InDoubt
        | LetterState::Held => true,
    }
}

/// `outbox list --json` (design section 4).
fn letter_json(letter: &LetterRow, desk: &Opened) -> Value {
    json!({
        "id": letter.id,
        "letter": letter.letter,
        "case": case_of(letter, desk),
        "to": letter.to.as_str(),
        "state": letter.state.as_str(),
        "next_try_at": is_tried(letter.state).then_some(letter.next_try_at),
        "last_answer": letter.last_answer,
    })
}

/// Does it move by itself at that time?
fn is_tried(state: LetterState) -> bool {
    matches!(state, LetterState::Queued | LetterState::Deferred | LetterState::InDoubt)
}

fn case_of(letter: &LetterRow, desk: &Opened) -> Option<String> {
    letter.case.map(|id| CaseRef::new(prefix(desk), id).to_string())
}

/// A line a letter, and under it what the server said or why it waits.
fn listed(letters: &[LetterRow], desk: &Opened) -> String {
    let rows: Vec<Vec<String>> = letters.iter().map(|l| row(l, desk)).collect();
    let table = table::columns(&["ID", "LETTER", "CASE", "STATE", "NEXT TRY", "TO"], &rows);
    let whys = std::iter::once(None).chain(letters.iter().map(|l| l.last_answer.as_deref()));
    let mut lines = Vec::new();
    for (line, why) in table.lines().zip(whys) {
        lines.push(line.to_owned());
        lines.extend(why.map(|why| table::wrapped(&clean_line(why), "    ")));
    }
    lines.join("\n")
}

fn row(letter: &LetterRow, desk: &Opened) -> Vec<String> {
    let shown = desk.shown();
    let next = if letter.next_try_at > desk.now { shown.left(letter.next_try_at) } else { "now".to_owned() };
    vec![
        letter.id.to_string(),
        letter.letter.clone(),
        case_of(letter, desk).unwrap_or_default(),
        letter.state.as_str().to_owned(),
        if is_tried(letter.state) { next } else { String::new() },
        letter.to.to_string(),
    ]
}

async fn retry_all(desk: &Opened) -> Answer {
    let mut tx = desk.store.begin().await?;
    let count = tx.retry_all(desk.now).await?;
    tx.commit().await?;
    match count {
        0 => println!("No letter is deferred or held."),
        1 => println!("1 letter is tried now."),
        n => println!("{n} letters are tried now."),
    }
    Ok(())
}

async fn retry(desk: &Opened, id: LetterId) -> Answer {
    let mut tx = desk.store.begin().await?;
    let letter = letter(&mut tx, id).await?;
    if !tx.retry(id, desk.now).await? {
        let says =
            format!("letter {id} is {}: held, deferred and failed ones can be tried again", letter.state.as_str());
        return Err(Trouble::new(exit::DATA, says));
    }
    tx.commit().await?;
    println!("Letter {id} ({} to {}) is tried now.", letter.letter, letter.to);
    Ok(())
}

async fn drop_letter(desk: &Opened, id: LetterId) -> Answer {
    let mut tx = desk.store.begin().await?;
    let letter = letter(&mut tx, id).await?;
    if !tx.drop_letter(id, "dropped by an admin", desk.now).await? {
        let says = format!("letter {id} is {}: queued, deferred and held ones can be dropped", letter.state.as_str());
        return Err(Trouble::new(exit::DATA, says));
    }
    tx.commit().await?;
    println!("Letter {id} ({} to {}) is withdrawn and will not be sent.", letter.letter, letter.to);
    Ok(())
}

async fn letter(tx: &mut Tx, id: LetterId) -> Result<LetterRow, Trouble> {
    let found = tx.letter(id).await?;
    found.ok_or_else(|| {
        Trouble::unknown(format!("there is no letter {id}; `amends outbox list --all` shows all there are"))
    })
}
