//! Amends: a support inbox that makes amends.
//!
//! A desk that fails a customer mostly answers with silence, an excuse or a careless "sorry", and forgets what it
//! promised. This daemon reads the inbox, opens a [case](decide::case::Case) for each complaint, says sorry at once,
//! keeps every date that a letter named or owns up to it, and puts what is overdue before somebody who can decide.
//! What must never happen: a mail lost, a letter sent twice, a forged command obeyed, an internal word shown to a
//! customer. Most of the shape of this crate comes from these four.
//!
//! # The life of a mail
//!
//! 1. [`arrive`]: bytes become a [`Mail`](mail::Mail). Reading never fails: a broken mail is a mail with its defects
//!    listed, and its raw bytes stay in the store for ever.
//! 2. [`classify`]: what is this mail? The desk looks up what [`classify::questions`] asks for, and
//!    [`classify::classify`] gives a [`Verdict`](classify::Verdict): human or machine, to which case it belongs, how much
//!    authority it has, whether it may be answered, and by which sign.
//! 3. [`decide`]: what follows? [`decide::decide`] takes the rules of the shop, the case and an
//!    [`Event`](decide::event::Event), and gives the case as it stands then with the
//!    [`Effect`](decide::effect::Effect)s that it asks for.
//! 4. [`deliver`]: effects become mail that leaves. [`deliver::compose`] fixes every byte of a letter when it is
//!    decided, [`deliver::outbox`] holds the states of a letter, [`deliver::smtp`] makes one attempt.
//!
//! [`desk`] joins the four: one [turn](desk::turn) loads, decides, composes, and commits everything in one transaction
//! of the [`store`]; only then is a mail marked on its server and a sender nudged. A crash between any two steps
//! repeats work, and loses none.
//!
//! # Beside the road
//!
//! [`config`] reads `config.toml`, finds every mistake in it, and fills the [`Policy`](decide::policy::Policy);
//! [`learn`] says whose daily list is due and what stands in it; [`templates`] holds the letters; [`token`] mints and
//! checks the marks by which replies and reports come home; [`time`] is the only one who asks what hour it is; [`tls`]
//! connects, and [`oauth`] holds access tokens; [`cli`] is the only one who prints.
//!
//! # Deliberately absent
//!
//! * Nothing under [`decide`], [`classify`] or [`learn`] can fail, wait, look anything up, or know what time it is: `now`
//!   is an argument, so a story of three weeks runs in milliseconds.
//! * Nothing but [`store`] speaks SQL. [`arrive`], [`deliver`] and [`store`] do not know each other; only [`desk`] knows
//!   all of them. `tests/it/layers.rs` holds the table of who may import whom, and fails when it is broken.
//! * No clock ticks in memory: whatever waits is a row with a due instant, and the daemon sleeps until the earliest.
//! * No state outside the database, and no transaction open while a server is spoken to.
//! * No recipient is ever taken from a mail's own header fields: letters go to the participants of a case.
//!
//! A newcomer reads this page, then `decide/mod.rs`, `decide/recovery.rs` and `desk/turn.rs`; `docs/one-complaint.md`
//! follows one complaint through all of it.

pub mod arrive;
pub mod classify;
pub mod cli;
pub mod config;
pub mod decide;
pub mod deliver;
pub mod desk;
pub mod learn;
pub mod mail;
pub mod oauth;
pub mod store;
pub mod templates;
pub mod time;
pub mod tls;
pub mod token;
