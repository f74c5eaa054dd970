//! The two roads that letters take: an SMTP server, or a Maildir for the demo and for small hosts.

use crate::arrive::maildir::Maildir;
use crate::config::{Credentials, Smtp};
use crate::deliver::outbox::Attempt;
use crate::deliver::smtp::{Connection, Deadlines};
use crate::mail::Outgoing;
use crate::oauth::Keepers;
use crate::time::Time;

use super::sender::{Post, Road};

/// Opens connections to one SMTP server.
#[derive(Debug, Clone)]
pub struct SmtpRoad {
    pub config: Smtp,
    /// What we call ourselves in EHLO: the domain of the mailbox.
    pub ehlo_name: String,
    pub deadlines: Deadlines,
    /// Who holds the access tokens, where the login is by OAuth.
    pub keepers: Keepers,
    pub time: Time,
}

impl Road for SmtpRoad {
    type Post = Connection;

    async fn open(&self) -> Result<Connection, Attempt> {
        let credentials = self.credentials().await?;
        let opened = Connection::open(&self.config, credentials.as_ref(), &self.ehlo_name, &self.deadlines).await;
        if let (Err(Attempt::OurFault { .. }), Some(login)) = (&opened, &self.config.login) {
            // It may be the token that the server does not take any more: the next try asks for another.
            self.keepers.forget(login).await;
        }
        opened
    }
}

impl SmtpRoad {
    async fn credentials(&self) -> Result<Option<Credentials>, Attempt> {
        let Some(login) = &self.config.login else { return Ok(None) };
        let made = self.keepers.credentials(login, self.time.now()).await;
        made.map(Some).map_err(|error| match error.needs_a_person() {
            true => Attempt::OurFault { answer: error.to_string() },
            false => Attempt::Later { answer: error.to_string() },
        })
    }
}

impl Post for Connection {
    async fn offer(&mut self, letter: &Outgoing) -> Result<(), Attempt> {
        self.offer(letter.envelope.from.as_ref(), &letter.envelope.to, letter.bytes.len()).await
    }

    async fn hand_over(&mut self, letter: &Outgoing) -> Attempt {
        self.hand_over(&letter.bytes).await
    }

    fn is_usable(&self) -> bool {
        self.is_usable()
    }

    async fn close(self) {
        self.quit().await;
    }
}

/// Every letter becomes a file, named by its id: a second try after a crash meets the file of the first.
#[derive(Debug, Clone)]
pub struct MaildirRoad {
    pub folder: Maildir,
    pub time: Time,
}

impl Road for MaildirRoad {
    type Post = MaildirRoad;

    async fn open(&self) -> Result<MaildirRoad, Attempt> {
        Ok(self.clone())
    }
}

impl Post for MaildirRoad {
    async fn offer(&mut self, _letter: &Outgoing) -> Result<(), Attempt> {
        Ok(())
    }

    async fn hand_over(&mut self, letter: &Outgoing) -> Attempt {
        let (folder, now) = (self.folder.clone(), self.time.now());
        let (bytes, name) = (letter.bytes.clone(), format!("amends-{}", letter.envelope.id));
        let written = tokio::task::spawn_blocking(move || folder.deliver(&bytes, now, &name)).await;
        match written {
            Ok(Ok(path)) => Attempt::Sent { answer: format!("written to {}", path.display()) },
            Ok(Err(error)) => Attempt::OurFault { answer: error.to_string() },
            Err(died) => Attempt::OurFault { answer: format!("the writer of the Maildir died: {died}") },
        }
    }

    fn is_usable(&self) -> bool {
        true
    }

    async fn close(self) {}
}
