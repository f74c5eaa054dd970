//! The loop that joins the stages; the only place that knows all of them.
//!
//! One turn is the same for a mail, a clock that came due and a report: load what it touches, decide, compose, and one
//! transaction commits it all. Only then the mail is marked on the server and the senders are nudged. A crash between
//! any two steps repeats work and loses none. Read [`turn`] first.

mod arrivals;
pub mod blank;
mod books;
mod departures;
mod drafts;
mod facts;
mod found;
mod handing;
pub mod intake;
mod jump;
mod letters;
mod listing;
mod lists;
pub mod local;
mod logins;
mod place;
mod reading;
pub mod rehearse;
mod renumbered;
mod report;
pub mod roads;
pub mod run;
pub mod sender;
mod settle;
mod signed;
pub mod ticker;
pub mod turn;
pub mod welcome;

use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Notify;

use crate::arrive::imap::{Deadlines, FIRST_PAUSE};
use crate::arrive::proof::keys::Keys;
use crate::classify::{AnswerLimits, Rules};
use crate::config::{Config, MailboxConfig};
use crate::decide::absences::Said;
use crate::decide::policy::Policy;
use crate::deliver::compose;
use crate::mail::{Address, LetterId, MailboxName, PersonId};
use crate::oauth::Keepers;
use crate::store::{Store, StoreError};
use crate::templates::Templates;
use crate::time::Time;
use crate::token::Tokens;

/// What turns need and nobody changes between reloads.
#[derive(Debug)]
pub struct Shop {
    pub config: Config,
    pub templates: Templates,
    pub tokens: Tokens,
    pub keepers: Keepers,
    rules: HashMap<MailboxName, Rules>,
    /// The house with the absences that were told by mail.
    today: RwLock<Today>,
}

#[derive(Debug)]
struct Today {
    said: Vec<(PersonId, Said)>,
    policy: Arc<Policy>,
}

/// Everything that a stage of the daemon works with. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Desk {
    pub shop: Arc<Shop>,
    pub store: Store,
    pub time: Time,
    pub nudges: Arc<Nudges>,
    /// Asks DNS for keys of signatures; only where `security.verify_dkim` says so.
    pub keys: Arc<Keys>,
    books: Arc<books::Books>,
    /// In microseconds: up to when the daily lists were seen to.
    lists_seen: Arc<AtomicI64>,
    pub patience: Patience,
    /// Whoever gets all letters during a rehearsal.
    pub rehearse: Option<Address>,
}

/// How long servers are waited for, by the clock on the wall whatever the desk's own time: tests have less of it.
#[derive(Debug, Clone)]
pub struct Patience {
    pub imap: Deadlines,
    /// Before a server that failed is tried again the first time.
    pub first_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { imap: Deadlines::default(), first_pause: FIRST_PAUSE }
    }
}

/// Taps on the shoulder. Whoever waits also looks by itself: a lost nudge costs time, never mail.
#[derive(Debug, Default)]
pub struct Nudges {
    /// Mail was stored, or something else a turn has to look at.
    pub turn: Notify,
    /// Letters were queued.
    pub letters: Notify,
    /// A mail's turn is committed: its mailbox may mark it on the server.
    pub settled: Notify,
}

impl Desk {
    /// Joins a checked configuration with an open store.
    pub async fn open(config: Config, templates: Templates, store: Store, time: Time) -> anyhow::Result<Self> {
        let desk = {
            let mut tx = store.look().await?;
            tx.desk().await.context("reading who this desk is")?
        };
        let desk_id = data_encoding::HEXLOWER.encode(&desk.id);
        let tokens = Tokens::new(config.security.key.expose(), &desk_id, desk.staff_epoch);
        let shop = Arc::new(Shop::new(config, templates, tokens));
        let desk = Self {
            shop,
            store,
            time,
            nudges: Arc::default(),
            keys: Arc::new(Keys::of_system()),
            books: Arc::default(),
            lists_seen: Arc::default(),
            patience: Patience::default(),
            rehearse: None,
        };
        desk.read_absences().await?;
        Ok(desk)
    }

    /// Who is away, as it was told by mail: here, or to another daemon on the same database.
    async fn read_absences(&self) -> anyhow::Result<()> {
        let said = self.store.look().await?.absences().await.context("reading who is away")?;
        self.shop.note_absences(said);
        Ok(())
    }

    /// How long a proof is waited for where the mailbox is not known.
    fn longest_doubt(&self) -> SignedDuration {
        let longest = self.shop.config.mailboxes.iter().map(|m| m.in_doubt_wait).max().unwrap_or_default();
        SignedDuration::try_from(longest).unwrap_or(SignedDuration::from_mins(15))
    }
}

/// What the disk no longer keeps must not be answered for.
fn end_if_fatal(error: &anyhow::Error) -> anyhow::Result<()> {
    match error.downcast_ref::<StoreError>() {
        Some(store) if store.is_fatal() => Err(anyhow!("the database can no longer be trusted to keep: {error:#}")),
        _ => Ok(()),
    }
}

/// Chance for pauses, the same for a mailbox in every run.
fn seed(mailbox: &MailboxConfig) -> u64 {
    let digest = crate::mail::Digest::of(mailbox.name.as_str().as_bytes());
    u64::from_be_bytes(std::array::from_fn(|i| digest.0[i]))
}

impl Shop {
    pub fn new(config: Config, templates: Templates, tokens: Tokens) -> Self {
        let rules = config.mailboxes.iter().map(|m| (m.name.clone(), rules_of(&config, m))).collect();
        let keepers = Keepers::of(&config);
        let today = RwLock::new(Today { said: Vec::new(), policy: Arc::new(config.policy.clone()) });
        Self { config, templates, tokens, keepers, rules, today }
    }

    /// The rules of the house as it is today.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.today.read().unwrap_or_else(PoisonError::into_inner).policy)
    }

    fn note_absences(&self, said: Vec<(PersonId, Said)>) {
        let mut today = self.today.write().unwrap_or_else(PoisonError::into_inner);
        if today.said != said {
            today.policy = Arc::new(self.config.policy.with_absences(&said));
            today.said = said;
        }
    }

    pub fn mailbox(&self, name: &MailboxName) -> anyhow::Result<&MailboxConfig> {
        let found = self.config.mailboxes.iter().find(|m| m.name == *name);
        // Mail of a mailbox that left the configuration is still handled: by the first one's rules.
        found.or_else(|| self.config.mailboxes.first()).with_context(|| format!("no mailbox is configured for {name}"))
    }

    /// What composing a letter needs.
    fn context<'a>(
        &'a self,
        policy: &'a Policy,
        mailbox: &MailboxName,
        letter: LetterId,
        now: Timestamp,
    ) -> anyhow::Result<compose::Context<'a>> {
        Ok(compose::Context {
            policy,
            templates: &self.templates,
            tokens: &self.tokens,
            mailbox: self.mailbox(mailbox)?,
            letter,
            now,
            customer_offset: None,
            enclosed: None,
        })
    }

    fn rules(&self, name: &MailboxName) -> anyhow::Result<&Rules> {
        let name = &self.mailbox(name)?.name;
        self.rules.get(name).with_context(|| format!("no rules for mailbox {name}"))
    }
}

/// The configuration as `classify` wants it: plain values, seen from one mailbox.
fn rules_of(config: &Config, mailbox: &MailboxConfig) -> Rules {
    let addresses =
        |m: &MailboxConfig| std::iter::once(m.address.clone()).chain(m.aliases.clone()).collect::<Vec<Address>>();
    let people = config.policy.people.iter().flat_map(|p| {
        let all = std::iter::once(&p.address).chain(&p.aliases);
        all.map(|a| (a.clone(), p.id.clone())).collect::<Vec<_>>()
    });
    Rules {
        mailbox: addresses(mailbox),
        own: config.mailboxes.iter().flat_map(addresses).collect(),
        people: people.collect(),
        case_prefix: config.policy.company.case_prefix.clone(),
        via_list: mailbox.via_list.clone(),
        form_senders: mailbox.form_senders.clone(),
        bot_guard_secs: config.security.bot_guard.as_secs() as i64,
        blocked: config.limits.blocked.clone(),
        limits: AnswerLimits {
            per_address_hour: config.limits.per_address_hour,
            per_address_day: config.limits.per_address_day,
            per_domain_hour: config.limits.per_domain_hour,
        },
    }
}
