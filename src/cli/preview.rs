//! `amends preview`: a letter as it would be sent, in every situation it can meet, for nobody.
//!
//! With a case its people, words and dates stand in the letter; what only the moment of writing knows (which date was
//! missed, who is rung) is made up. The page is written where it is asked for, over an earlier one.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::Config;
use crate::decide::case::Case;
use crate::deliver::compose::{Composed, Context, samples};
use crate::mail::LetterId;
use crate::templates::{LETTERS, Templates};
use crate::time::Time;
use crate::token::Tokens;

use super::exit::{self, Answer, Trouble};
use super::open::{self, Opened, wait_for, without_secrets};
use super::{Global, case_ref};

/// Shows a letter as it would be sent
#[derive(Debug, Args)]
pub struct Preview {
    /// Its name, as apology
    letter: String,
    /// With the people and words of this case
    #[arg(long, value_name = "REF")]
    case: Option<String>,
    /// In this language, as de
    #[arg(long, value_name = "L")]
    lang: Option<String>,
    /// Write its HTML there; further situations beside it, numbered
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

pub fn run(asked: &Preview, global: &Global) -> Answer {
    if !LETTERS.iter().any(|l| l.name == asked.letter) {
        let names: Vec<&str> = LETTERS.iter().map(|l| l.name).collect();
        return Err(Trouble::unknown(format!(
            "there is no letter \"{}\"; there are: {}",
            asked.letter,
            names.join(", ")
        )));
    }
    let config = without_secrets(global)?;
    let templates = open::templates(&config)?;
    let config = in_language(config, &templates, asked.lang.as_deref())?;
    let case = match &asked.case {
        Some(text) => Some(load(global, text)?),
        None => None,
    };
    let letters = letters(asked, &config, &templates, case.as_ref())?;
    for (n, (title, letter)) in letters.iter().enumerate() {
        match &asked.html {
            Some(file) => write(&numbered(file, n), title, &letter.html)?,
            None => print(n, title, letter),
        }
    }
    Ok(())
}

fn in_language(mut config: Config, templates: &Templates, language: Option<&str>) -> Result<Config, Trouble> {
    let Some(language) = language else { return Ok(config) };
    let all: Vec<&str> = templates.languages().into_iter().collect();
    if !all.contains(&language) {
        return Err(Trouble::unknown(format!("there are no letters in \"{language}\"; there are: {}", all.join(", "))));
    }
    config.policy.company.language = language.to_owned();
    Ok(config)
}

fn load(global: &Global, text: &str) -> Result<Case, Trouble> {
    let mut found = None;
    wait_for(async {
        let desk = Opened::database(global).await?;
        let mut tx = desk.store.look().await?;
        found = Some(case_ref::find(&mut tx, super::cases::prefix(&desk), text).await?);
        Ok(())
    })?;
    found.ok_or_else(|| Trouble::unknown(format!("there is no case {text}")))
}

fn letters(
    asked: &Preview,
    config: &Config,
    templates: &Templates,
    case: Option<&Case>,
) -> Result<Vec<(String, Composed)>, Trouble> {
    let mailbox = config.mailboxes.iter().find(|m| case.is_none_or(|c| c.mailbox == m.name));
    let Some(mailbox) = mailbox.or(config.mailboxes.first()) else { return Ok(Vec::new()) };
    let tokens = Tokens::new(config.security.key.expose(), "preview", 1);
    let (policy, now) = (&config.policy, Time::System.now());
    let ctx = Context {
        policy,
        templates,
        tokens: &tokens,
        mailbox,
        letter: LetterId(1),
        now,
        customer_offset: None,
        enclosed: None,
    };
    let all = samples::all(policy, &mailbox.name, now);
    let wanted = all.into_iter().filter(|s| s.letter() == asked.letter);
    wanted
        .map(|mut sample| {
            if let Some(case) = case {
                sample.case = case.clone();
            }
            if let Some(language) = &asked.lang {
                sample.case.language = language.clone();
            }
            let composed = sample.compose(&ctx);
            let composed = composed.map_err(|e| Trouble::new(exit::DATA, format!("{}: {e}", sample.title)))?;
            Ok((sample.title, composed))
        })
        .collect()
}

fn print(n: usize, title: &str, letter: &Composed) {
    if n > 0 {
        println!();
    }
    println!("--- {title} ---\nSubject: {}\n\n{}", letter.subject, letter.text.trim_end());
}

/// `apology.html`, `apology-2.html`, ...
fn numbered(file: &Path, n: usize) -> PathBuf {
    if n == 0 {
        return file.to_owned();
    }
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let extension = file.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
    file.with_file_name(format!("{stem}-{}{extension}", n + 1))
}

fn write(file: &Path, title: &str, html: &str) -> Answer {
    let written = std::fs::write(file, html);
    written.map_err(|e| Trouble::new(exit::OUTPUT, format!("{} cannot be written: {e}", file.display())))?;
    println!("{}  {title}", file.display());
    Ok(())
}
