//! The stage: the real desk on SQLite and two Maildirs, on a time that the story sets.
//!
//! Nothing here decides anything. Mail is laid into the inbox as a mail server would lay it there, the desk works until
//! it has nothing left to do at that instant, and time moves to whatever is due next. Errors are the desk's own.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::arrive::maildir::Maildir;
use crate::arrive::parse;
use crate::config::{self, Arrive, Leave, MailboxConfig};
use crate::decide::case::Case;
use crate::desk::Desk;
use crate::desk::local::MaildirIntake;
use crate::desk::roads::MaildirRoad;
use crate::desk::sender::Round;
use crate::mail::{CaseId, Mail};
use crate::store::Store;
use crate::store::cases::CaseFilter;
use crate::store::outbox::{LetterFilter, LetterRow};
use crate::templates::Templates;
use crate::time::{SetTime, Time};

use super::story;

/// More rounds than any instant of the story needs.
const ROUNDS: usize = 100;

pub struct Stage {
    pub desk: Desk,
    pub zone: TimeZone,
    time: SetTime,
    mailbox: MailboxConfig,
    inbox: Maildir,
    road: MaildirRoad,
    arrived: usize,
    /// How many letters, and mails of each case, were handed out as [`Happened`].
    told_letters: usize,
    told_mails: BTreeMap<CaseId, usize>,
}

/// A letter that left, as the customer or colleague finds it.
pub struct Letter {
    pub row: LetterRow,
    pub mail: Mail,
}

impl Letter {
    pub fn subject(&self) -> &str {
        self.mail.subject.as_deref().unwrap_or_default()
    }
}

/// What the desk did at one instant.
pub struct Happened {
    pub opened: Vec<Case>,
    /// Cases that were there and have a mail more.
    pub joined: Vec<Case>,
    pub letters: Vec<Letter>,
}

impl Happened {
    /// Nothing but what every day brings.
    fn only_lists(&self) -> bool {
        let is_list = |l: &Letter| matches!(l.row.letter.as_str(), "today" | "before-you-go");
        self.opened.is_empty() && self.joined.is_empty() && self.letters.iter().all(is_list)
    }

    pub fn nothing(&self) -> bool {
        self.opened.is_empty() && self.joined.is_empty() && self.letters.is_empty()
    }
}

impl Stage {
    /// The desk of the configuration in `folder`.
    pub async fn set(folder: &Path) -> anyhow::Result<Self> {
        let config = config::load(&folder.join("config.toml")).map_err(|mistakes| anyhow::anyhow!("{mistakes}"))?;
        let zone = TimeZone::get(story::ZONE)?;
        let time = SetTime::new(instant(&zone, story::BEGINS)?);
        let mailbox = config.mailboxes.first().context("the demo has a mailbox")?.clone();
        let (Arrive::Maildir(inbox), Leave::Maildir(outgoing)) = (&mailbox.arrive, &mailbox.leave) else {
            bail!("the demo's mailbox lies in folders");
        };
        let inbox = Maildir::open(inbox)?;
        let road = MaildirRoad { folder: Maildir::open(outgoing)?, time: Time::Set(time.clone()) };
        let store = Store::open(&config.database.url, time.now()).await?;
        let templates = Templates::load(None).map_err(|mistakes| anyhow::anyhow!("{mistakes:?}"))?;
        let desk = Desk::open(config, templates, store, Time::Set(time.clone())).await?;
        Ok(Self { desk, zone, time, mailbox, inbox, road, arrived: 0, told_letters: 0, told_mails: BTreeMap::new() })
    }

    /// How many mails came in.
    pub fn arrived(&self) -> usize {
        self.arrived
    }

    pub fn instant(&self, wall_clock: &str) -> anyhow::Result<Timestamp> {
        instant(&self.zone, wall_clock)
    }

    /// Lays a mail into the inbox, at this instant.
    pub fn deliver(&mut self, raw: &[u8]) -> anyhow::Result<()> {
        self.arrived += 1;
        self.inbox.deliver(raw, self.time.now(), &format!("demo-{}", self.arrived))?;
        Ok(())
    }

    /// Moves time on to `until`, from one due instant to the next.
    ///
    /// # Errors
    /// Also where something happens on the way but daily lists: then the story lacks a scene.
    pub async fn pass_time(&mut self, until: Timestamp) -> anyhow::Result<Vec<(Timestamp, Vec<Letter>)>> {
        let mut lists = Vec::new();
        loop {
            let wake = self.desk.next_wake().await?;
            if wake >= until {
                self.time.move_to(until);
                return Ok(lists);
            }
            self.time.move_to(wake);
            let happened = self.work().await?;
            if !happened.only_lists() {
                bail!("something happens at {wake}, and no scene tells it");
            }
            if !happened.letters.is_empty() {
                lists.push((wake, happened.letters));
            }
        }
    }

    /// Works until nothing is left to do at this instant.
    pub async fn work(&mut self) -> anyhow::Result<Happened> {
        for _ in 0..ROUNDS {
            if self.round().await? == 0 {
                return self.happened().await;
            }
        }
        bail!("the desk finds no end of work at {}", self.time.now())
    }

    async fn round(&mut self) -> anyhow::Result<usize> {
        let mut intake = MaildirIntake::begin(&self.desk, &self.mailbox, self.inbox.root())?;
        let mut done = intake.round().await?;
        self.desk.tick().await?;
        done += self.desk.turn_mails().await? + self.desk.turn_due().await?;
        match self.desk.send_due(&self.mailbox.name, &self.road, &mut None, usize::MAX).await? {
            Round::Idle => Ok(done),
            Round::Tried(count) => Ok(done + count),
            Round::Trouble => bail!("a letter could not be written into {}", self.road.folder.root().display()),
        }
    }

    async fn happened(&mut self) -> anyhow::Result<Happened> {
        let letters: Vec<Letter> = self.letters().await?.into_iter().skip(self.told_letters).collect();
        self.told_letters += letters.len();
        let mut happened = Happened { opened: Vec::new(), joined: Vec::new(), letters };
        for case in self.cases().await? {
            match self.told_mails.insert(case.id, case.mails.len()) {
                None => happened.opened.push(case),
                Some(told) if told < case.mails.len() => happened.joined.push(case),
                Some(_) => {}
            }
        }
        Ok(happened)
    }

    /// All cases, oldest first.
    pub async fn cases(&self) -> anyhow::Result<Vec<Case>> {
        let mut cases = self.desk.store.look().await?.list_cases(&CaseFilter::default()).await?;
        cases.sort_by_key(|case| case.id);
        Ok(cases)
    }

    /// All letters that left, in their order.
    pub async fn letters(&self) -> anyhow::Result<Vec<Letter>> {
        let mut look = self.desk.store.look().await?;
        let mut rows = look.letters(&LetterFilter::default()).await?;
        rows.retain(|row| row.sent_at.is_some());
        rows.sort_by_key(|row| (row.sent_at, row.id));
        let mut letters = Vec::new();
        for row in rows {
            let bytes = look.letter_bytes(row.id).await?.context("a letter has its bytes")?;
            letters.push(Letter { mail: parse::parse(&bytes), row });
        }
        Ok(letters)
    }
}

fn instant(zone: &TimeZone, wall_clock: &str) -> anyhow::Result<Timestamp> {
    let civil: DateTime = wall_clock.parse()?;
    Ok(civil.to_zoned(zone.clone())?.timestamp())
}
