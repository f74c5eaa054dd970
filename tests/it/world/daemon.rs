//! The daemon in this process, as the command line runs it; and looking at what it has written down.

use std::future::Future;
use std::path::Path;
use std::time::{Duration, Instant};

use amends::decide::case::Case;
use amends::deliver::outbox::LetterState;
use amends::desk::Desk;
use amends::desk::run::run;
use amends::mail::CaseId;
use amends::store::Store;
use amends::store::cases::CaseFilter;
use amends::store::mails::MailRow;
use amends::store::outbox::{LetterFilter, LetterRow};
use amends::store::verify::verify;
use amends::templates::Templates;
use amends::time::Time;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::shop::Shop;

/// Far more than anything here needs on a busy machine.
pub const SOON: Duration = Duration::from_secs(40);

pub struct Daemon {
    pub desk: Desk,
    stop: watch::Sender<bool>,
    task: JoinHandle<anyhow::Result<()>>,
}

impl Daemon {
    pub async fn start(shop: &Shop, folder: &Path, time: Time) -> Self {
        Self::run(desk(shop, folder, time).await)
    }

    /// One that waits for faulty servers no longer than a test has to.
    pub async fn start_hasty(shop: &Shop, folder: &Path, time: Time) -> Self {
        let mut desk = desk(shop, folder, time).await;
        desk.patience.first_pause = Duration::from_millis(50);
        desk.patience.imap.body = Duration::from_secs(3);
        Self::run(desk)
    }

    fn run(desk: Desk) -> Self {
        let (stop, told) = watch::channel(false);
        let task = tokio::spawn(run(desk.clone(), told));
        Self { desk, stop, task }
    }

    /// Tells it to stop; how long that took.
    pub async fn stop(self) -> Duration {
        let began = Instant::now();
        self.stop.send_replace(true);
        let ended = tokio::time::timeout(SOON, self.task).await.expect("the daemon stops").expect("no panic");
        let took = began.elapsed();
        ended.unwrap_or_else(|error| panic!("the daemon failed: {error:#}"));
        took
    }

    /// Stops it, and looks whether all it wrote hangs together.
    pub async fn end(self) {
        let store = self.desk.store.clone();
        self.stop().await;
        assert_clean(&store).await;
        store.close().await;
    }

    /// How it ended by itself.
    pub async fn ended(self) -> anyhow::Result<()> {
        tokio::time::timeout(SOON, self.task).await.expect("the daemon ends").expect("no panic")
    }

    pub async fn letters(&self) -> Vec<LetterRow> {
        letters(&self.desk.store).await
    }

    /// The one case there is.
    pub async fn case(&self) -> Case {
        let mut tx = self.desk.store.look().await.expect("a look");
        let mut cases = tx.list_cases(&CaseFilter::default()).await.expect("cases");
        assert_eq!(cases.len(), 1, "{cases:?}");
        cases.remove(0)
    }

    /// The letters of that name, in that state.
    pub async fn count(&self, name: &str, state: &str) -> usize {
        self.letters().await.iter().filter(|l| l.letter == name && l.state.as_str() == state).count()
    }

    pub async fn mails(&self) -> Vec<MailRow> {
        mails(&self.desk.store).await
    }

    /// Waits until something written down is as it should be.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, mut is_so: impl FnMut() -> F) {
        let began = Instant::now();
        while !is_so().await {
            if self.task.is_finished() || began.elapsed() > SOON {
                let mut letters = self.letters().await;
                letters.retain(|l| l.state != LetterState::Sent);
                let letters: Vec<_> = letters.into_iter().map(|l| (l.letter, l.state, l.last_answer)).collect();
                panic!("in vain for {what} (running: {}); not sent: {letters:?}", !self.task.is_finished());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until so many letters of that name are in that state.
    pub async fn until_letters(&self, count: usize, name: &str, state: &str) {
        self.until(&format!("{count} {name} {state}"), async || self.count(name, state).await >= count).await;
    }

    /// Waits until so many mails have had their turn.
    pub async fn until_settled(&self, count: usize) {
        let settled = async || self.mails().await.iter().filter(|m| m.settled.is_some()).count() >= count;
        self.until(&format!("{count} mails settled"), settled).await;
    }
}

pub async fn desk(shop: &Shop, folder: &Path, time: Time) -> Desk {
    let config = shop.config(folder);
    let url = format!("sqlite:{}", folder.join("amends.db").display());
    let store = Store::open(&url, time.now()).await.expect("a store");
    let templates = Templates::load(None).expect("the built-in letters");
    Desk::open(config, templates, store, time).await.expect("a desk")
}

pub async fn letters(store: &Store) -> Vec<LetterRow> {
    store.look().await.expect("a look").letters(&LetterFilter::default()).await.expect("letters")
}

pub async fn mails(store: &Store) -> Vec<MailRow> {
    let mut tx = store.look().await.expect("a look");
    let mut mails = Vec::new();
    // Mails are numbered from 1 without a gap.
    while let Some(mail) = tx.mail(amends::mail::MailId(mails.len() as i64 + 1)).await.expect("a mail") {
        mails.push(mail);
    }
    mails
}

pub async fn assert_clean(store: &Store) {
    let broken = verify(store).await.expect("verify runs");
    assert!(broken.is_empty(), "{broken:?}");
}

/// The case of a mail that has been settled.
pub fn case_of(mail: &MailRow) -> CaseId {
    mail.settled.as_ref().and_then(|s| s.case).unwrap_or_else(|| panic!("{mail:?} has no case"))
}
