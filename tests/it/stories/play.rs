//! How a story is played: scenes in their order, time moved to whatever is due next, and the daemon killed at will.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use amends::arrive::parse::parse;
use amends::config::Config;
use amends::decide::command::FORMS;
use amends::deliver::outbox::Attempt;
use amends::desk::Desk;
use amends::desk::run::begin;
use amends::desk::sender::{Post, Road, Round};
use amends::mail::{INTERNAL_MARK, LetterId, Mail, MailboxName, Outgoing, REPLY_MARKER};
use amends::store::ledger::{Epoch, Received};
use amends::store::outbox::LetterFilter;
use amends::store::verify::verify;
use amends::store::{StopAt, Store, StoreError};
use amends::templates::Templates;
use amends::time::{SetTime, Time};
use jiff::{SignedDuration, Timestamp};

use super::super::support::mail::RawMail;
use super::books::books;
use super::shop;

/// What happens in a story, in order of time.
#[derive(Clone)]
pub enum Scene {
    /// A mail arrives.
    Mail {
        at: Timestamp,
        raw: Vec<u8>,
    },
    /// Somebody answers the last letter of that name that was sent.
    Reply {
        at: Timestamp,
        letter: &'static str,
        from: &'static str,
        body: &'static str,
        headers: &'static [(&'static str, &'static str)],
    },
    /// A mail made from the last letter of that name that went to this address.
    Made {
        at: Timestamp,
        letter: &'static str,
        to: &'static str,
        make: fn(&[u8]) -> Vec<u8>,
    },
    /// The same of the last one that has this in its subject.
    About {
        at: Timestamp,
        letter: &'static str,
        to: &'static str,
        subject: &'static str,
        make: fn(&[u8]) -> Vec<u8>,
    },
    /// The last mail that came with these words comes again, by another road.
    Again {
        at: Timestamp,
        words: &'static str,
    },
    /// The last letter of that name, with this in its subject, is reported as undeliverable to its envelope sender.
    Bounce {
        at: Timestamp,
        letter: &'static str,
        subject: &'static str,
    },
    /// The daemon is ended and started anew.
    Restart {
        at: Timestamp,
    },
    /// The last letter of that name comes back as it was sent.
    Echo {
        at: Timestamp,
        letter: &'static str,
    },
    /// The mail server no longer answers.
    ServerGoes {
        at: Timestamp,
    },
    ServerComes {
        at: Timestamp,
    },
    /// The customers' server says "later" to every letter, from then on.
    Greylists {
        at: Timestamp,
    },
    /// Nothing but time passes.
    Until(Timestamp),
}

impl Scene {
    pub fn at(&self) -> Timestamp {
        match self {
            Scene::Mail { at, .. }
            | Scene::Reply { at, .. }
            | Scene::Made { at, .. }
            | Scene::About { at, .. }
            | Scene::Again { at, .. }
            | Scene::Restart { at }
            | Scene::Bounce { at, .. }
            | Scene::Echo { at, .. }
            | Scene::ServerGoes { at }
            | Scene::ServerComes { at }
            | Scene::Greylists { at }
            | Scene::Until(at) => *at,
        }
    }
}

/// A letter as the server in memory took it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) at: Timestamp,
    pub(super) letter: Outgoing,
}

/// The world outside the daemon: it lives on when the daemon dies.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) inbox: Vec<(Timestamp, Vec<u8>)>,
    pub(super) sent: Vec<Sent>,
    away: bool,
    /// Letters to customers are told to come later.
    greylists: bool,
}

/// What a story came to.
#[derive(Debug)]
pub struct Told {
    pub letters: Vec<Outgoing>,
    /// A line for each mail that came: what became of it.
    pub mails: Vec<String>,
    /// A line for each case, as it stands at the end.
    pub cases: Vec<String>,
}

/// One telling of a story.
pub struct Play {
    folder: PathBuf,
    config: &'static Config,
    time: SetTime,
    world: Arc<Mutex<World>>,
    desk: Option<Desk>,
    stop: Option<StopAt>,
    /// Commits of daemons that were ended in peace.
    before: u32,
    deaths: u32,
}

/// Read once: a story starts the daemon a hundred times.
pub(super) static LETTERS: LazyLock<Templates> = LazyLock::new(|| Templates::load(None).expect("the built-in letters"));

/// Commits of a story that is stopped before each of them, too.
const SHORT: u32 = 30;

/// Its mailbox lies in folders that nobody opens here: the world is in memory.
static SHOP: LazyLock<Config> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    shop::config(folder.path(), shop::CONFIG)
});

/// The same with a third colleague, a warehouse and a second SLA.
static LARGER: LazyLock<Config> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    shop::config(folder.path(), &[shop::CONFIG, shop::LARGER].concat())
});

type Story = fn() -> Vec<Scene>;

/// Plays the story, compares it with its file, then kills the daemon at every commit and compares again.
pub fn tell(name: &str, story: Story) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (told, commits) = play(story, None).await;
        compare(name, &told);
        // In a long story what happens before a commit is what happened after the last.
        let stops =
            |n| if commits <= SHORT { vec![StopAt::Before(n), StopAt::After(n)] } else { vec![StopAt::After(n)] };
        for n in 1..=commits {
            for stop in stops(n) {
                let (again, _) = play(story, Some(stop)).await;
                assert_eq!(essence(&again), essence(&told), "{name}: stopped at {stop:?} of {commits}");
            }
        }
        assert!(commits > 3, "{name}: a story of {commits} commits tells nothing");
    });
}

/// The same in the larger shop; where each mail went and how the cases stand is compared as well.
pub fn tell_of_cases(name: &str, story: Story) -> Told {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let end = played(&LARGER, START.parse().expect("an instant"), story, None).await;
        compare_text(name, &format!("{}{}", show(&end.sent), end.books()));
        let stops = (1..=end.commits).map(StopAt::After).chain((1..=end.commits).step_by(5).map(StopAt::Before));
        for stop in stops {
            let again = played(&LARGER, START.parse().expect("an instant"), story, Some(stop)).await;
            assert_eq!(essence(&again.sent), essence(&end.sent), "{name}: stopped at {stop:?} of {}", end.commits);
            assert_eq!(again.books(), end.books(), "{name}: stopped at {stop:?} of {}", end.commits);
        }
        let letters = end.sent.into_iter().map(|one| one.letter).collect();
        Told { letters, mails: end.mails, cases: end.cases }
    })
}

/// For a story in which letters are tried again and again: a death shifts the hours of the tries, and with them which
/// letter is written anew. Every thirtieth commit is died at; there must be one first letter, and no letter twice.
pub fn tell_of_tries(name: &str, story: Story) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (told, commits) = play(story, None).await;
        compare(name, &told);
        for n in (1..=commits).step_by(30) {
            let (again, _) = play(story, Some(StopAt::After(n))).await;
            let letters = essence(&again);
            let first = letters.iter().filter(|l| l.contains("Our desk sends this first answer by itself"));
            assert_eq!(first.count(), 1, "{name}: stopped after commit {n} of {commits}");
        }
    });
}

/// All mail of a story that begins then: when, to whom, under which subject.
pub fn sent_from(start: Timestamp, story: Story) -> Vec<(Timestamp, String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (sent, _) = runtime.block_on(play_from(start, story, None));
    let shown = |one: &Sent| {
        let subject = parse(&one.letter.bytes).subject.unwrap_or_default();
        (one.at, one.letter.envelope.to.to_string(), subject)
    };
    sent.iter().map(shown).collect()
}

/// All mail of a story that begins then, as it left.
pub fn letters_from(start: Timestamp, story: Story) -> Vec<Outgoing> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (sent, _) = runtime.block_on(play_from(start, story, None));
    sent.into_iter().map(|one| one.letter).collect()
}

const START: &str = "2026-11-20T22:00:00Z";

async fn play(story: Story, stop: Option<StopAt>) -> (Vec<Sent>, u32) {
    play_from(START.parse().expect("an instant"), story, stop).await
}

async fn play_from(start: Timestamp, story: Story, stop: Option<StopAt>) -> (Vec<Sent>, u32) {
    let end = played(&SHOP, start, story, stop).await;
    (end.sent, end.commits)
}

/// What there is when a story is over.
struct End {
    sent: Vec<Sent>,
    commits: u32,
    mails: Vec<String>,
    cases: Vec<String>,
}

impl End {
    fn books(&self) -> String {
        format!("=== the mails\n{}\n\n=== the cases\n{}\n", self.mails.join("\n"), self.cases.join("\n"))
    }
}

async fn played(config: &'static Config, start: Timestamp, story: Story, stop: Option<StopAt>) -> End {
    let folder = tempfile::tempdir().expect("a folder");
    let mut play = Play {
        folder: folder.path().to_owned(),
        config,
        time: SetTime::new(start),
        world: Arc::default(),
        desk: None,
        stop,
        before: 0,
        deaths: 0,
    };
    for scene in story() {
        play.scene(&scene).await;
    }
    no_letter_leaks(&play.world.lock().expect("one thread"));
    let desk = play.desk().await;
    let broken = verify(&desk.store).await.expect("verify runs");
    assert!(broken.is_empty(), "{stop:?}: {broken:?}");
    assert!(stop.is_none() || play.deaths == 1, "{stop:?}: the daemon died {} times", play.deaths);
    let commits = play.before + desk.store.commits();
    let (mails, cases) = books(&desk).await;
    desk.store.close().await;
    let sent = play.world.lock().expect("one thread").sent.clone();
    End { sent, commits, mails, cases }
}

impl Play {
    /// The daemon, started anew where it has died.
    async fn desk(&mut self) -> Desk {
        if let Some(desk) = &self.desk {
            return desk.clone();
        }
        let config = self.config.clone();
        let templates = Templates::clone(&LETTERS);
        let url = format!("sqlite:{}", self.folder.join("amends.db").display());
        let store = Store::open(&url, self.time.now()).await.expect("a store");
        match self.stop {
            Some(StopAt::Before(n)) => store.stop_at(StopAt::Before(n - self.before)),
            Some(StopAt::After(n)) => store.stop_at(StopAt::After(n - self.before)),
            None => {}
        }
        let desk = Desk::open(config, templates, store, Time::Set(self.time.clone())).await.expect("a desk");
        // What was on the wire when the last daemon died is settled first, as a start of the program does it.
        if let Err(error) = begin(&desk).await {
            self.died(&error);
            return Box::pin(self.desk()).await;
        }
        self.desk = Some(desk.clone());
        desk
    }

    async fn scene(&mut self, scene: &Scene) {
        self.pass_time(scene.at()).await;
        match scene {
            Scene::Mail { raw, .. } => self.arrives(raw.clone()),
            Scene::Reply { letter, from, body, headers, .. } => {
                let raw = self.reply(letter, from, body, headers).await;
                self.arrives(raw);
            }
            Scene::Made { letter, to, make, .. } => {
                let raw = make(&self.last_to(letter, Some(to), "").await.bytes);
                self.arrives(raw);
            }
            Scene::About { letter, to, subject, make, .. } => {
                let raw = make(&self.last_to(letter, Some(to), subject).await.bytes);
                self.arrives(raw);
            }
            Scene::Again { words, .. } => self.arrives(self.by_another_road(words)),
            Scene::Bounce { letter, subject, .. } => {
                let raw = self.bounce(letter, subject).await;
                self.arrives(raw);
            }
            Scene::Restart { .. } => {
                if let Some(desk) = self.desk.take() {
                    self.before += desk.store.commits();
                    desk.store.close().await;
                }
            }
            Scene::Echo { letter, .. } => {
                let raw = self.last(letter).await.bytes;
                self.arrives(raw);
            }
            Scene::ServerGoes { .. } => self.world.lock().expect("one thread").away = true,
            Scene::ServerComes { .. } => self.world.lock().expect("one thread").away = false,
            Scene::Greylists { .. } => self.world.lock().expect("one thread").greylists = true,
            Scene::Until(_) => {}
        }
        self.work().await;
    }

    fn arrives(&self, raw: Vec<u8>) {
        self.world.lock().expect("one thread").inbox.push((self.time.now(), raw));
    }

    /// Moves time from one due instant to the next. The daemon also looks around once an hour; here it need not.
    async fn pass_time(&mut self, until: Timestamp) {
        self.work().await;
        loop {
            let next = self.next_due().await.expect("a look cannot fail but in a dead store");
            let Some(next) = next.filter(|at| *at < until) else { return self.time.move_to(until) };
            // While the server is away the senders ask it again by themselves: every half hour here.
            let away = self.world.lock().expect("one thread").away;
            let least = SignedDuration::from_secs(if away { 1800 } else { 1 });
            self.time.move_to(next.max(self.time.now() + least).min(until));
            self.work().await;
        }
    }

    async fn next_due(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let desk = self.desk().await;
        next_due(&desk).await
    }

    /// Works until nothing is left to do at this instant; a daemon that dies is started anew.
    async fn work(&mut self) {
        for _round in 0..500 {
            let desk = self.desk().await;
            match round(&desk, &self.world).await {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => self.died(&error),
            }
        }
        panic!("the daemon finds work for ever at {}", self.time.now());
    }

    fn died(&mut self, error: &anyhow::Error) {
        let stopped = format!("{error:#}").contains(&StoreError::Stopped.to_string());
        assert!(stopped, "the daemon failed at {}: {error:?}", self.time.now());
        self.deaths += 1;
        (self.desk, self.stop) = (None, None);
    }

    /// The last letter of that name that the server took.
    async fn last(&mut self, name: &str) -> Outgoing {
        self.last_to(name, None, "").await
    }

    async fn last_to(&mut self, name: &str, to: Option<&str>, subject: &str) -> Outgoing {
        let mut tx = self.desk().await.store.look().await.expect("a look");
        let rows = tx.letters(&LetterFilter::default()).await.expect("letters");
        let named: Vec<LetterId> = rows.iter().filter(|row| row.letter == name).map(|row| row.id).collect();
        let world = self.world.lock().expect("one thread");
        let theirs = |s: &&Sent| to.is_none_or(|to| s.letter.envelope.to.as_str() == to);
        let about = |s: &&Sent| parse(&s.letter.bytes).subject.unwrap_or_default().contains(subject);
        let mut sent = world.sent.iter().rev().filter(theirs).filter(|s| named.contains(&s.letter.envelope.id));
        let none = || panic!("no {name} letter about \"{subject}\" went to {to:?}; this went:\n{}", show(&world.sent));
        sent.find(about).unwrap_or_else(none).letter.clone()
    }

    /// Byte for byte the same but for the trace of one more server.
    fn by_another_road(&self, words: &str) -> Vec<u8> {
        let world = self.world.lock().expect("one thread");
        let came = world.inbox.iter().rev().find(|(_, raw)| parse(raw).new_text.contains(words));
        let raw = &came.unwrap_or_else(|| panic!("no mail says {words}")).1;
        let trace =
            "Received: from list.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:41:00 +0000\r\n";
        [trace.as_bytes(), raw].concat()
    }

    async fn reply(&mut self, letter: &str, from: &str, body: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let letter = self.last(letter).await;
        let mail = parse(&letter.bytes);
        let to = mail.reply_to.first().map_or_else(|| letter.envelope.to.to_string(), |p| p.address.to_string());
        let address = from.split(['<', '>']).nth(1).expect("an address").to_owned();
        let domain = address.split('@').nth(1).expect("a domain").to_owned();
        let mut raw = RawMail::new(from, &to, &format!("Re: {}", mail.subject.as_deref().unwrap_or_default()))
            .with("Return-Path", &format!("<{address}>"))
            .with("Authentication-Results", &format!("mx.northwind.example; dmarc=pass header.from={domain}"))
            .with("Received", "from out.example by mx.northwind.example with ESMTPS; Fri, 20 Nov 2026 22:40:00 +0000")
            .with("In-Reply-To", &letter.envelope.message_id.to_string())
            .body(&format!("{body}\n\n{}", quoted(&mail.text)));
        for (name, value) in headers {
            raw = raw.with(name, value);
        }
        raw.bytes()
    }

    async fn bounce(&mut self, letter: &str, subject: &str) -> Vec<u8> {
        let letter = self.last_to(letter, None, subject).await;
        let envelope = letter.envelope.from.as_ref().expect("an envelope sender").to_string();
        let body = format!(
            "--b\nContent-Type: text/plain\n\nIt could not be delivered.\n--b\nContent-Type: message/delivery-status\n\n\
             Reporting-MTA: dns; mx.customer.example\n\nFinal-Recipient: rfc822; {to}\nAction: failed\nStatus: 5.1.1\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such user\n--b--\n",
            to = letter.envelope.to
        );
        RawMail::new("Mail Delivery System <mailer-daemon@mx.customer.example>", &envelope, "Undelivered")
            .with("Return-Path", "<>")
            .with("Content-Type", "multipart/report; report-type=delivery-status; boundary=b")
            .body(&body)
            .bytes()
    }
}

/// The whole letter, as most programs quote it.
pub fn quoted(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| format!("> {line}")).collect();
    format!("On Mon, 23 Nov 2026 at 10:00, Northwind Care <support@northwind.example> wrote:\n\n{}\n", lines.join("\n"))
}

/// No letter to anybody but staff holds an address of staff, a token of theirs, a word of a notice, or what staff wrote
/// for the house alone.
fn no_letter_leaks(world: &World) {
    let staff = ["mei@", "lena@", "jane@", "ben@", "uma@", "admin@"].map(|local| format!("{local}northwind.example"));
    let inside_words = inside_words(world, &staff);
    for one in world.sent.iter().filter(|s| !staff.contains(&s.letter.envelope.to.to_string())) {
        let mail = parse(&one.letter.bytes);
        let headers = mail.headers.iter().map(|h| format!("{}: {}", h.name, h.value));
        let html = mail.html.clone().unwrap_or_default();
        let all: Vec<String> =
            headers.chain([mail.text.clone(), html, mail.subject.clone().unwrap_or_default()]).collect();
        let all = all.join("\n").to_lowercase();
        let marks = ["+s.", "+i.", "+k.", "%2bs.", "%2bi.", "%2bk.", "#take"].map(str::to_owned);
        let notice = [INTERNAL_MARK, REPLY_MARKER].map(str::to_lowercase);
        for inside in marks.iter().chain(&notice).chain(&inside_words) {
            assert!(!all.contains(inside.as_str()), "{inside} in a letter to {}:\n{all}", one.letter.envelope.to);
        }
        for address in &staff {
            // A token may end in anybody's name.
            let whole = |at: usize| !all[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
            let found = all.match_indices(address.as_str()).any(|(at, _)| whole(at));
            assert!(!found, "{address} in a letter to {}:\n{all}", one.letter.envelope.to);
        }
    }
}

/// What the mails of staff say to the house alone: notes, talks by phone, why a case is closed, and lines that begin like a command and are
/// none.
fn inside_words(world: &World, staff: &[String]) -> Vec<String> {
    let from_staff = |mail: &Mail| mail.sender().is_some_and(|party| staff.contains(&party.address.to_string()));
    let mails = world.inbox.iter().map(|(_, raw)| parse(raw)).filter(from_staff);
    mails.flat_map(|mail| inside_of(&mail.new_text)).map(|line| line.to_lowercase()).collect()
}

/// The words below a note or a talk belong to it.
fn inside_of(words: &str) -> Vec<String> {
    const A_SENTENCE: usize = 12;
    let noted = words.lines().any(|line| ["#note", "#called"].iter().any(|word| line.trim().starts_with(word)));
    let below = words.lines().filter(|line| noted && !line.starts_with('#') && line.len() > A_SENTENCE);
    words.lines().filter_map(inside_line).chain(below.map(str::to_owned)).collect()
}

fn inside_line(line: &str) -> Option<String> {
    let command = line.trim().strip_prefix('#')?;
    let (word, said) = command.split_once(char::is_whitespace).unwrap_or((command, ""));
    match FORMS.iter().any(|form| form.word().eq_ignore_ascii_case(word)) {
        true => {
            ["note", "called", "close"].contains(&word).then(|| said.trim().to_owned()).filter(|said| !said.is_empty())
        }
        false => Some(command.to_owned()),
    }
}

/// When the daemon has something to do, if nothing happens before.
pub(super) async fn next_due(desk: &Desk) -> Result<Option<Timestamp>, StoreError> {
    let mut tx = desk.store.look().await?;
    let mut due = vec![tx.next_due().await?, tx.next_pending().await?, tx.next_letter_due().await?];
    due.push(desk.next_list(&mut tx).await.expect("the instant up to which lists are seen to"));
    due.extend(tx.waiting_for_digest().await?.values().map(|since| Some(*since + SignedDuration::from_hours(1))));
    if !tx.held(1).await?.is_empty() {
        due.push(Some(desk.time.now() + SignedDuration::from_mins(1)));
    }
    Ok(due.into_iter().flatten().min())
}

/// One round of the daemon: take in, turn, tick, send. How much was done.
pub(super) async fn round(desk: &Desk, world: &Arc<Mutex<World>>) -> anyhow::Result<usize> {
    let mut done = take_in(desk, world).await?;
    desk.tick().await?;
    done += desk.turn_mails().await? + desk.turn_due().await?;
    let mailbox = MailboxName::new("support");
    let road = Memory { world: world.clone(), time: desk.time.clone() };
    let mut post = None;
    if let Round::Tried(count) = desk.send_due(&mailbox, &road, &mut post, usize::MAX).await? {
        done += count;
    }
    Ok(done)
}

/// What lies in the mailbox and not yet in the ledger, as the intake of a real mailbox does it.
async fn take_in(desk: &Desk, world: &Arc<Mutex<World>>) -> anyhow::Result<usize> {
    let inbox = world.lock().expect("one thread").inbox.clone();
    let epoch = Epoch { account: MailboxName::new("support"), folder: "INBOX".into(), uidvalidity: 7 };
    let uids: Vec<u32> = (1..=inbox.len() as u32).collect();
    let lacking = desk.store.look().await?.lacking(&epoch, &uids).await?;
    if lacking.is_empty() {
        return Ok(0);
    }
    let received = |uid: &u32| {
        let (received_at, raw) = inbox[*uid as usize - 1].clone();
        let (epoch, mailbox) = (epoch.clone(), MailboxName::new("support"));
        Received { epoch, uid: *uid, mailbox, raw, received_at, imported: false, header_only: false }
    };
    let batch: Vec<Received> = lacking.iter().map(received).collect();
    let mut tx = desk.store.begin().await?;
    tx.receive(&batch, desk.time.now()).await?;
    tx.commit().await?;
    Ok(batch.len())
}

/// A mail server that remembers what it took.
struct Memory {
    world: Arc<Mutex<World>>,
    time: Time,
}

impl Road for Memory {
    type Post = Memory;

    async fn open(&self) -> Result<Memory, Attempt> {
        if self.world.lock().expect("one thread").away {
            return Err(Attempt::Later { answer: "connection refused".into() });
        }
        Ok(Memory { world: self.world.clone(), time: self.time.clone() })
    }
}

impl Post for Memory {
    async fn offer(&mut self, letter: &Outgoing) -> Result<(), Attempt> {
        let greylists = self.world.lock().expect("one thread").greylists;
        match greylists && letter.envelope.to.domain() == "customer.example" {
            true => Err(Attempt::Later { answer: "451 4.7.1 try again later".into() }),
            false => Ok(()),
        }
    }

    async fn hand_over(&mut self, letter: &Outgoing) -> Attempt {
        let sent = Sent { at: self.time.now(), letter: letter.clone() };
        self.world.lock().expect("one thread").sent.push(sent);
        Attempt::Sent { answer: "250 2.0.0 taken".into() }
    }

    fn is_usable(&self) -> bool {
        true
    }

    async fn close(self) {}
}

/// What must be the same however often the daemon died: every letter once, with its bytes. A letter whose end was lost
/// in the crash may come a second time, but only as the very same mail.
fn essence(sent: &[Sent]) -> Vec<String> {
    let mut letters: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for one in sent {
        let before = letters.insert(one.letter.envelope.message_id.to_string(), one.letter.bytes.clone());
        assert!(
            before.is_none_or(|b| b == one.letter.bytes),
            "{} went twice with other bytes",
            one.letter.envelope.message_id
        );
    }
    let twice = sent.len() - letters.len();
    assert!(twice <= 1, "{twice} letters went twice after one crash");
    let mut shown: Vec<String> = sent.iter().map(|s| show_letter(s).join("\n")).collect();
    shown.sort();
    shown.dedup();
    shown
}

/// Tokens are others in each desk.
fn masked(line: &str) -> String {
    let mut out = line.to_owned();
    for mark in ["%2Bc.", "%2Bi.", "%2Bk.", "%2Bs."] {
        while let Some(at) = out.find(&format!("support{mark}")).filter(|at| !out[*at..].contains("TOKEN")) {
            let from = at + "support".len() + mark.len();
            let end = out[from..].find('@').map_or(out.len(), |end| from + end);
            out.replace_range(from..end, "TOKEN");
        }
    }
    out
}

fn show_letter(sent: &Sent) -> Vec<String> {
    let mail = parse(&sent.letter.bytes);
    let mut lines = vec![
        format!("To: {}", sent.letter.envelope.to),
        format!("Subject: {}", mail.subject.as_deref().unwrap_or_default()),
    ];
    lines.extend(mail.text.lines().map(|l| format!("  {}", masked(l)).trim_end().to_owned()));
    lines
}

/// All mail in the order in which it left, readable.
fn show(sent: &[Sent]) -> String {
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("a zone");
    let mut text = String::new();
    for one in sent {
        let when = one.at.to_zoned(zone.clone()).strftime("%a %d %b %H:%M").to_string();
        text += &format!("=== {when}\n{}\n\n", show_letter(one).join("\n"));
    }
    text
}

fn compare(name: &str, sent: &[Sent]) {
    compare_text(name, &show(sent));
}

fn compare_text(name: &str, told: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let (expected, actual) = (folder.join(format!("{name}.txt")), folder.join(format!("{name}.actual.txt")));
    let before = std::fs::read_to_string(&expected).unwrap_or_default();
    if told != before {
        std::fs::write(&actual, told).expect("a file for the actual story");
        panic!("the story {name} is told otherwise than in {}: see {}", expected.display(), actual.display());
    }
}
