//! `amends parked`: mail that was set aside and why; one of them whole; read once more. The daemon notices by itself.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::arrive::parse;
use crate::mail::{CaseRef, MailId, clean_line};
use crate::store::Tx;
use crate::store::mails::{MailRow, Settled, UNREADABLE};

use super::cases::prefix;
use super::exit::{self, Answer, Trouble};
use super::open::{Opened, wait_for};
use super::{Global, print, shown, table};

/// Shows mail that was set aside; reads it again
#[derive(Debug, Subcommand)]
pub enum Parked {
    List(List),
    Show(Show),
    /// Gives a mail another turn, after a change of the configuration or the program
    Retry {
        #[arg(value_name = "ID")]
        mail: i64,
    },
}

/// Mail on no case, or that nobody could read: the latest last
#[derive(Debug, Args)]
pub struct List {
    /// An array of objects
    #[arg(long)]
    json: bool,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

/// One of them: from whom, why, its words
#[derive(Debug, Args)]
pub struct Show {
    #[arg(value_name = "ID")]
    mail: i64,
    /// Its bytes, as they came
    #[arg(long)]
    raw: bool,
}

/// A mail that has ended as set aside.
struct Aside {
    row: MailRow,
    settled: Settled,
}

pub fn run(asked: &Parked, global: &Global) -> Answer {
    wait_for(async {
        let desk = Opened::database(global).await?;
        match asked {
            Parked::List(list) => list.print(&desk).await,
            Parked::Show(one) => one.print(&desk).await,
            Parked::Retry { mail } => retry(&desk, MailId(*mail)).await,
        }
    })
}

impl List {
    async fn print(&self, desk: &Opened) -> Answer {
        let (rows, count) = desk.store.look().await?.parked(self.limit).await?;
        let mails: Vec<Aside> = rows.into_iter().filter_map(Aside::of).collect();
        if self.json {
            println!("{:#}", mails.iter().map(|mail| mail.json(desk)).collect::<Value>());
        } else if mails.is_empty() {
            println!("No mail is set aside.");
        } else {
            println!("{}", listed(&mails, desk));
            if count > mails.len() {
                println!("{} older ones are not shown; --limit shows more.", count - mails.len());
            }
        }
        Ok(())
    }
}

impl Show {
    async fn print(&self, desk: &Opened) -> Answer {
        let mut tx = desk.store.look().await?;
        let aside = find(&mut tx, MailId(self.mail)).await?;
        let raw = tx.raw(aside.row.id).await?.unwrap_or_default();
        if self.raw {
            print::bytes(&raw);
        } else {
            println!("{}", aside.page(&raw, desk));
        }
        Ok(())
    }
}

impl Aside {
    fn of(row: MailRow) -> Option<Self> {
        let settled = row.settled.clone()?;
        (settled.disposition.is_aside() && settled.duplicate_of.is_none()).then_some(Self { row, settled })
    }

    fn from(&self) -> &str {
        self.settled.sender.as_ref().map_or("(no address)", |address| address.as_str())
    }

    fn subject(&self) -> String {
        clean_line(self.settled.subject.as_deref().unwrap_or("(no subject)"))
    }

    fn case(&self, desk: &Opened) -> Option<String> {
        self.settled.case.map(|id| CaseRef::new(prefix(desk), id).to_string())
    }

    fn json(&self, desk: &Opened) -> Value {
        json!({
            "id": self.row.id,
            "mailbox": self.row.mailbox.as_str(),
            "received_at": self.row.received_at,
            "from": self.settled.sender.as_ref().map(|address| address.as_str()),
            "subject": self.settled.subject,
            "disposition": self.settled.disposition.as_str(),
            "class": self.settled.class,
            "sign": self.settled.sign,
            "case": self.case(desk),
        })
    }

    fn page(&self, raw: &[u8], desk: &Opened) -> String {
        let mut lines = vec![
            format!("mail {}  {}", self.row.id, self.subject()),
            String::new(),
            format!("from       {}", self.from()),
            format!("came       {} to mailbox {}", desk.shown().at(self.row.received_at), self.row.mailbox),
            format!("set aside  {} ({})", clean_line(&self.settled.sign), self.settled.disposition.as_str()),
            format!("size       {} bytes; --raw gives them as they came", raw.len()),
        ];
        lines.extend(self.case(desk).map(|case| format!("case       {case}")));
        // What brought the desk down three times is not read by this command either.
        if !self.could_not_be_read() {
            lines.push(String::new());
            lines.extend(shown::harmless(&parse::parse(raw).text).lines().map(|line| table::wrapped(line, "   ")));
        }
        lines.join("\n")
    }

    fn could_not_be_read(&self) -> bool {
        self.settled.sign == UNREADABLE
    }
}

/// A line a mail, and under it the sign that decided.
fn listed(mails: &[Aside], desk: &Opened) -> String {
    let times = desk.shown();
    let row = |mail: &Aside| {
        vec![
            mail.row.id.to_string(),
            times.at(mail.row.received_at),
            mail.case(desk).unwrap_or_default(),
            mail.from().to_owned(),
            mail.subject(),
        ]
    };
    let table = table::columns(&["ID", "CAME", "CASE", "FROM", "SUBJECT"], &mails.iter().map(row).collect::<Vec<_>>());
    let whys = std::iter::once(None).chain(mails.iter().map(|mail| Some(&mail.settled.sign)));
    let mut lines = Vec::new();
    for (line, why) in table.lines().zip(whys) {
        lines.push(line.to_owned());
        lines.extend(why.map(|why| table::wrapped(&clean_line(why), "    ")));
    }
    lines.join("\n")
}

async fn retry(desk: &Opened, id: MailId) -> Answer {
    let mut tx = desk.store.begin().await?;
    let aside = find(&mut tx, id).await?;
    // A mail that was read and has a case is answered there: another turn would only open another case.
    if let Some(case) = aside.case(desk).filter(|_| !aside.could_not_be_read()) {
        return Err(Trouble::new(exit::DATA, format!("mail {id} is on case {case}: it is to be answered there")));
    }
    tx.unpark(id, desk.now).await?;
    tx.commit().await?;
    println!("Mail {id} ({}) is read again now. If nothing has changed, it is set aside again.", aside.from());
    Ok(())
}

async fn find(tx: &mut Tx, id: MailId) -> Result<Aside, Trouble> {
    let row = tx.mail(id).await?;
    row.and_then(Aside::of)
        .ok_or_else(|| Trouble::unknown(format!("no mail {id} is set aside; `amends parked list` shows all that are")))
}
