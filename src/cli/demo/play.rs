//! Plays the scenes in their order: what happens, what the desk does about it, and how both are told.
//!
//! The story is data and the desk is real, so they could come to differ: a scene in which nothing happens, or a letter
//! that was to be shown and did not come, is an error and no telling.

use std::io::Write;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::decide::case::{Case, Target};
use crate::decide::policy::Policy;
use crate::mail::CaseRef;

use super::ending;
use super::pages::Pages;
use super::post;
use super::stage::{Happened, Letter, Stage};
use super::story::{self, Happens, Scene, Writer};
use super::telling::Telling;

/// The whole evening: prologue, scenes, and what is left of them.
pub async fn play<W: Write>(folder: &Path, telling: &mut Telling<W>) -> anyhow::Result<()> {
    let mut stage = Stage::set(folder).await?;
    let mut pages = Pages::in_folder(&folder.join("letters"));
    telling.heading("Amends", "a support inbox that makes amends")?;
    for words in story::PROLOGUE {
        telling.says(words)?;
    }
    telling.end_of_scene()?;
    for scene in story::SCENES {
        play_scene(scene, &mut stage, &mut pages, telling).await?;
        telling.end_of_scene()?;
    }
    let index = pages.finish()?;
    let ended = ending::tell(folder, &index, &stage, telling).await;
    stage.desk.store.close().await;
    ended
}

async fn play_scene<W: Write>(
    scene: &Scene,
    stage: &mut Stage,
    pages: &mut Pages,
    telling: &mut Telling<W>,
) -> anyhow::Result<()> {
    let at = stage.instant(scene.at)?;
    for (at, lists) in stage.pass_time(at).await? {
        tell_lists(&at.to_zoned(stage.zone.clone()), &lists, stage, pages, telling)?;
    }
    let wall_clock = at.to_zoned(stage.zone.clone());
    telling.scene(&wall_clock, scene.title)?;
    pages.scene(&wall_clock, scene.title);
    if let Some(mail) = arriving(scene, stage, at).await? {
        stage.deliver(&mail.raw)?;
        telling.arrives(mail.from.name, mail.from.address, &mail.subject, mail.words)?;
        pages.arrives(mail.from.name, &mail.subject, mail.words);
    }
    telling.says(scene.tells)?;
    let happened = stage.work().await?;
    if happened.nothing() {
        bail!("nothing happens at {}, in the scene \"{}\"", scene.at, scene.title);
    }
    tell_happened(scene, &happened, stage, pages, telling)?;
    telling.says(scene.remark)?;
    Ok(())
}

/// A customer's mail on its way in.
struct Arriving {
    from: Writer,
    subject: String,
    words: &'static str,
    raw: Vec<u8>,
}

async fn arriving(scene: &Scene, stage: &Stage, at: Timestamp) -> anyhow::Result<Option<Arriving>> {
    match scene.happens {
        Happens::Hour => Ok(None),
        Happens::Mail { from, subject, words } => {
            let raw = post::first(from, subject, words, at);
            Ok(Some(Arriving { from, subject: subject.to_owned(), words, raw }))
        }
        Happens::Reply { from, words } => {
            let last = last_letter(stage, from, None).await?;
            let raw = post::reply(from, &last.mail, words, at);
            Ok(Some(Arriving { from, subject: last.subject().to_owned(), words, raw }))
        }
        Happens::Outlook { from, letter, words } => {
            let last = last_letter(stage, from, Some(letter)).await?;
            let raw = post::from_outlook(from, &last.mail, words, at);
            Ok(Some(Arriving { from, subject: format!("RE: {}", last.subject()), words, raw }))
        }
        Happens::Tap { from, letter, label, words } => {
            let last = last_letter(stage, from, Some(letter)).await?;
            let tapped = post::tap(from, &last.mail, label, at);
            let (subject, raw) = tapped.with_context(|| format!("no link \"{label}\" in the last {letter}"))?;
            Ok(Some(Arriving { from, subject, words, raw }))
        }
    }
}

/// The last letter that somebody had, of that name where one is asked for.
async fn last_letter(stage: &Stage, to: Writer, name: Option<&str>) -> anyhow::Result<Letter> {
    let letters = stage.letters().await?;
    let theirs = |l: &Letter| l.row.to.to_string() == to.address && name.is_none_or(|name| l.row.letter == name);
    let last = letters.into_iter().rev().find(theirs);
    last.with_context(|| format!("{} has had no letter to answer", to.name))
}

fn tell_happened<W: Write>(
    scene: &Scene,
    happened: &Happened,
    stage: &Stage,
    pages: &mut Pages,
    telling: &mut Telling<W>,
) -> anyhow::Result<()> {
    let policy = &stage.desk.shop.config.policy;
    for case in &happened.opened {
        telling.does(&opened(policy, &stage.zone, case))?;
    }
    for case in &happened.joined {
        telling.does(&format!("the mail joins case {}", reference(policy, case)))?;
    }
    for letter in &happened.letters {
        let to = addressee(policy, letter);
        telling.leaves(&to, letter.subject())?;
        pages.leaves(letter, &to)?;
    }
    telling.line("")?;
    for (name, to) in scene.in_full {
        let is_it = |l: &&Letter| l.row.letter == *name && l.row.to.to_string() == *to;
        let letter = happened.letters.iter().find(is_it);
        telling.letter(letter.with_context(|| format!("no {name} to {to} at {}", scene.at))?)?;
    }
    Ok(())
}

/// The daily lists that go out between two scenes: a line each.
fn tell_lists<W: Write>(
    at: &Zoned,
    lists: &[Letter],
    stage: &Stage,
    pages: &mut Pages,
    telling: &mut Telling<W>,
) -> anyhow::Result<()> {
    let policy = &stage.desk.shop.config.policy;
    telling.meanwhile(at)?;
    pages.scene(at, "Meanwhile");
    for letter in lists {
        let to = addressee(policy, letter);
        telling.leaves(&to, letter.subject())?;
        pages.leaves(letter, &to)?;
    }
    Ok(telling.line("")?)
}

/// A new case in one line, from the case itself.
fn opened(policy: &Policy, zone: &TimeZone, case: &Case) -> String {
    let owner = case.owner.as_ref().and_then(|id| policy.person(id));
    let owner = owner.map_or_else(|| "nobody's".to_owned(), |person| format!("{}'s", person.name));
    let due = case.clock(Target::FirstResponse).map(|clock| clock.due_at.to_zoned(zone.clone()));
    let due = due.map(|at| at.strftime("; a person has to answer by %A, %H:%M").to_string()).unwrap_or_default();
    format!("case {} is opened, of the kind \"{}\"; it is {owner}{due}", reference(policy, case), case.kind)
}

pub fn reference(policy: &Policy, case: &Case) -> CaseRef {
    CaseRef::new(&policy.company.case_prefix, case.id)
}

/// Whom a letter goes to, by name where we know one.
fn addressee(policy: &Policy, letter: &Letter) -> String {
    let person = letter.row.person.as_ref().and_then(|id| policy.person(id)).map(|p| p.name.clone());
    let named = || letter.mail.to.first().and_then(|party| party.name.clone());
    person.or_else(named).unwrap_or_else(|| letter.row.to.to_string())
}
