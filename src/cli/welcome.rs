//! `amends welcome`: one letter to each person of staff, whose answer shows what their mail proves.
//!
//! The letter lies in the outbox as any other: a running daemon sends it at once, else the next one does. `amends check`
//! says what the answers showed.

use clap::Args;

use crate::decide::policy::Person;
use crate::desk::Desk;
use crate::desk::welcome::Welcomed;
use crate::mail::Address;
use crate::time::Time;

use super::Global;
use super::exit::{Answer, Trouble};
use super::open::{self, Opened, wait_for};
use super::shown::Shown;

/// Writes to people of staff, whose answer shows what their mail proves
#[derive(Debug, Args)]
pub struct Welcome {
    /// People, by id, name or address; without any all of them
    #[arg(value_name = "PERSON")]
    people: Vec<String>,
    /// Also to those who were written to before
    #[arg(long)]
    again: bool,
}

pub fn run(asked: &Welcome, global: &Global) -> Answer {
    // The key makes the token of the letter's address, and may come from a variable.
    let config = open::with_secrets(&global.config)?;
    let people = named(&config.policy.people, &asked.people)?;
    wait_for(async {
        let Opened { config, store, now } = Opened::database_of(config).await?;
        let templates = open::templates(&config)?;
        let desk = Desk::open(config, templates, store, Time::System).await?;
        let shown = Shown::new(&desk.shop.config.policy.company.timezone, now);
        let mut tx = desk.store.begin().await?;
        let mut lines = Vec::new();
        for person in &people {
            let became = desk.welcome(&mut tx, person, asked.again, now).await?;
            lines.push((format!("{} <{}>", person.name, person.address), became));
        }
        tx.commit().await?;
        for (who, became) in &lines {
            match became {
                Welcomed::Queued(letter) => println!("{who}: letter {letter}"),
                Welcomed::Before(at) => println!("{who}: had a letter on {}; --again writes another", shown.day(*at)),
            }
        }
        if lines.iter().any(|(_, became)| matches!(became, Welcomed::Queued(_))) {
            println!("A running daemon sends what is new now, else the next `amends run` does.");
            println!("`amends check` says what the answers prove.");
        }
        Ok(())
    })
}

fn named(people: &[Person], asked: &[String]) -> Result<Vec<Person>, Trouble> {
    if asked.is_empty() {
        return Ok(people.to_vec());
    }
    let one = |name: &String| {
        people.iter().find(|p| is_called(p, name)).cloned().ok_or_else(|| {
            let all: Vec<&str> = people.iter().map(|p| p.id.as_str()).collect();
            Trouble::unknown(format!("there is no person \"{name}\"; there are: {}", all.join(", ")))
        })
    };
    asked.iter().map(one).collect()
}

fn is_called(person: &Person, name: &str) -> bool {
    let address = Address::parse(name);
    let has = |own: &Address| address.as_ref() == Some(own);
    person.id.as_str().eq_ignore_ascii_case(name)
        || person.name.eq_ignore_ascii_case(name)
        || has(&person.address)
        || person.aliases.iter().any(has)
}
