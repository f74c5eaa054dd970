//! Logins by OAuth that will end: the admin hears of it while letters still leave.
//!
//! A refresh token renews itself as long as the daemon runs, unless the provider has named its end (a Google app in
//! testing: seven days; a tenant's policy). Nothing is asked of a provider here: the token file says until when.

use jiff::{SignedDuration, Timestamp};
use tracing::error;

use crate::config::{By, MailboxConfig};
use crate::oauth::{Kept, kept};

use super::run::{Stop, asked, is_asked};
use super::{Desk, end_if_fatal, letters};

/// How often the token files are looked at; the admin is told once a day.
const LOOK: SignedDuration = SignedDuration::from_hours(6);

/// Until the stop, or until the database fails.
pub async fn watch(desk: Desk, mut stop: Stop) -> anyhow::Result<()> {
    while !is_asked(&stop) {
        if let Err(error) = desk.tell_ending_logins().await {
            end_if_fatal(&error)?;
            error!(error = format!("{error:#}"), "the admin could not be told of a login that ends");
        }
        tokio::select! {
            () = desk.time.sleep_until(desk.time.now() + LOOK) => {}
            () = asked(&mut stop) => {}
        }
    }
    Ok(())
}

impl Desk {
    async fn tell_ending_logins(&self) -> anyhow::Result<()> {
        let now = self.time.now();
        for mailbox in &self.shop.config.mailboxes {
            let Some(until) = ends_soon(mailbox, now) else { continue };
            let name = &mailbox.name;
            let day = until.to_zoned(self.shop.config.policy.company.timezone.clone()).strftime("%A, %-d %B %Y");
            let what = format!(
                "the login of mailbox {name} ends on {day}: run `amends login {name}` before then, or its mail stands still"
            );
            let mut tx = self.store.begin().await?;
            letters::alert(self, &mut tx, &format!("login-{name}"), &what, now).await?;
            tx.commit().await?;
            self.nudges.letters.notify_waiters();
        }
        Ok(())
    }
}

/// The earliest end of a login of this mailbox, where it is near. What cannot be read is told by whoever needs it.
fn ends_soon(mailbox: &MailboxConfig, now: Timestamp) -> Option<Timestamp> {
    let files = mailbox.logins().filter_map(|login| match &login.by {
        By::OAuth(oauth) => Some(&oauth.token_file),
        By::Password(_) => None,
    });
    let logins = files.filter_map(|file| kept(file).ok().flatten());
    logins.filter_map(|login: Kept| login.ends_soon(now)).min()
}
