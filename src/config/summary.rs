//! What `amends check` prints that it made of the file, so that an admin sees a misunderstanding before a customer does.
//!
//! No secrets, and no key of the file: sentences about who answers, by when, and who is rung if not.

use std::fmt::{self, Write};

use crate::decide::calendar::{Calendar, Span};
use crate::decide::policy::{Assign, Kind, Person, Purpose, Rung, RungAt, RungTo, Sla, Team};
use crate::tls::TlsMode;

use super::hours::shown;
use super::model::{After, Arrive, Config, Envelope, Leave, MailboxConfig, Start};

impl Config {
    /// The configuration in words, several lines.
    pub fn summary(&self) -> String {
        let mut out = String::new();
        // Writing into a String cannot fail.
        match self.summarise(&mut out) {
            Ok(()) | Err(fmt::Error) => out,
        }
    }

    fn summarise(&self, out: &mut String) -> fmt::Result {
        let company = &self.policy.company;
        let zone = company.timezone.iana_name().unwrap_or("UTC");
        writeln!(
            out,
            "{}: cases as [{}-1], hours of {zone}, letters in \"{}\"",
            company.name, company.case_prefix, company.language
        )?;
        writeln!(out, "Everything is kept in {}", self.database.url)?;
        match &self.alerts_to {
            Some(admin) => writeln!(out, "{admin} hears when the daemon is unwell")?,
            None => writeln!(out, "Nobody is mailed when the daemon is unwell ([alerts] to); the log says it")?,
        }
        self.mailboxes.iter().try_for_each(|mailbox| self.mailbox(out, mailbox))?;
        writeln!(out, "\nTeams")?;
        self.policy.teams.iter().try_for_each(|team| self.team(out, team))?;
        writeln!(out, "\nPeople")?;
        self.policy.people.iter().try_for_each(|person| one_person(out, person))?;
        writeln!(out, "\nHours")?;
        let used: Vec<&Calendar> = self.policy.calendars.values().filter(|c| self.is_used(&c.name)).collect();
        used.into_iter().try_for_each(|calendar| one_calendar(out, calendar))?;
        writeln!(out, "\nTargets")?;
        self.policy.slas.values().try_for_each(|sla| self.sla(out, sla))?;
        let kinds: Vec<String> = self.policy.kinds.iter().map(one_kind).collect();
        writeln!(out, "\nKinds, first match first: {}", kinds.join(", "))
    }

    fn is_used(&self, calendar: &str) -> bool {
        self.policy.slas.values().any(|s| s.calendar == calendar)
            || self.policy.people.iter().any(|p| p.hours == calendar)
    }

    fn mailbox(&self, out: &mut String, mailbox: &MailboxConfig) -> fmt::Result {
        writeln!(out, "\nMailbox {} <{}>, letters from \"{}\"", mailbox.name, mailbox.address, mailbox.display_name)?;
        if !mailbox.aliases.is_empty() {
            let aliases: Vec<&str> = mailbox.aliases.iter().map(|a| a.as_str()).collect();
            writeln!(out, "  also        {}", aliases.join(", "))?;
        }
        writeln!(out, "  comes in    {}", arrive(mailbox))?;
        writeln!(out, "  goes out    {}", leave(mailbox))?;
        if let Some(inbox) = self.policy.inbox(&mailbox.name) {
            writeln!(out, "  new cases   go to team {} under sla {}", inbox.team, inbox.sla)?;
        }
        Ok(())
    }

    fn team(&self, out: &mut String, team: &Team) -> fmt::Result {
        let does = match team.purpose {
            Purpose::Support => "talks to customers",
            Purpose::Fix => "mends",
            Purpose::Design => "removes causes",
        };
        let assign = match team.assign {
            Assign::FewestOpen => "to whoever has fewest open",
            Assign::RoundRobin => "in turn",
            Assign::Nobody => "to nobody until taken",
        };
        let members: Vec<&str> = self.policy.members(&team.name).map(|p| p.id.as_str()).collect();
        let members = if members.is_empty() { "nobody".to_owned() } else { members.join(", ") };
        let lead = team.lead.as_ref().map_or("nobody", |id| id.as_str());
        writeln!(out, "  {:<11} {does}; lead {lead}; members {members}; cases {assign}", team.name)
    }

    fn sla(&self, out: &mut String, sla: &Sla) -> fmt::Result {
        writeln!(
            out,
            "  {:<11} in {} hours: first answer {}, next update {}, resolution {}",
            sla.name,
            sla.calendar,
            span(&sla.first_response),
            span(&sla.next_update),
            span(&sla.resolution)
        )?;
        sla.ladder.iter().try_for_each(|rung| one_rung(out, rung))
    }
}

fn arrive(mailbox: &MailboxConfig) -> String {
    let after = match &mailbox.after {
        After::Keep => "mail stays as it is".to_owned(),
        After::Seen => "read mail is marked seen".to_owned(),
        After::Move(folder) => format!("read mail is moved to {folder}"),
    };
    let start = match mailbox.start {
        Start::Now => "starting with new mail".to_owned(),
        Start::All => "starting with all mail that is there".to_owned(),
        Start::From(date) => format!("starting with mail of {date}"),
    };
    match &mailbox.arrive {
        Arrive::Imap(imap) => {
            let (tls, poll) = (tls(imap.tls), imap.poll.as_secs());
            format!(
                "{}:{} ({tls}) as {}, folder {}, at least every {poll} s; {after}; {start}",
                imap.host, imap.port, imap.login.username, imap.folder
            )
        }
        Arrive::Maildir(folder) => format!("Maildir {}; {after}; {start}", folder.display()),
    }
}

fn leave(mailbox: &MailboxConfig) -> String {
    let envelope = match mailbox.envelope {
        Envelope::Token => "bounces come back to their letter",
        Envelope::Plain => "envelope from the mailbox's own address",
        Envelope::Null => "empty envelope for automatic mail",
    };
    match &mailbox.leave {
        Leave::Smtp(smtp) => {
            let login =
                smtp.login.as_ref().map_or("without login".to_owned(), |login| format!("as {}", login.username));
            format!("{}:{} ({}) {login}; {envelope}", smtp.host, smtp.port, tls(smtp.tls))
        }
        Leave::Maildir(folder) => format!("Maildir {}", folder.display()),
    }
}

fn tls(mode: TlsMode) -> &'static str {
    match mode {
        TlsMode::Implicit => "TLS",
        TlsMode::StartTls => "STARTTLS",
        TlsMode::None => "in clear, on this machine",
    }
}

fn one_person(out: &mut String, person: &Person) -> fmt::Result {
    write!(out, "  {:<11} {} <{}>, hours {}", person.id.as_str(), person.name, person.address, person.hours)?;
    match (person.authority, &person.may_offer) {
        (true, None) => write!(out, ", may decide anything")?,
        (true, Some(most)) => write!(out, ", may decide, offers up to {most}")?,
        (false, Some(most)) => write!(out, ", may offer up to {most}")?,
        (false, None) => {}
    }
    for away in &person.away {
        let stand_in = away.stand_in.as_ref().map_or("nobody stands in".to_owned(), |id| format!("{id} stands in"));
        write!(out, ", away {} to {} ({stand_in})", away.from, away.to)?;
    }
    writeln!(out)
}

fn one_calendar(out: &mut String, calendar: &Calendar) -> fmt::Result {
    if calendar.always {
        return writeln!(out, "  {:<11} every hour of every day", calendar.name);
    }
    let holidays = calendar.holidays.len() + calendar.yearly_holidays.len();
    let zone = calendar.timezone.iana_name().unwrap_or("UTC");
    writeln!(out, "  {:<11} {} ({zone}, {holidays} holidays)", calendar.name, week(calendar))
}

/// `Mon-Thu 09:00-17:00, Fri 09:00-13:00`: neighbours of the same hours stand together.
fn week(calendar: &Calendar) -> String {
    let mut runs: Vec<(&str, &str, String)> = Vec::new();
    for (day, windows) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].into_iter().zip(&calendar.week) {
        let hours = windows.iter().map(shown).collect::<Vec<_>>().join(" ");
        match runs.last_mut() {
            Some((_, last, same)) if *same == hours => *last = day,
            _ => runs.push((day, day, hours)),
        }
    }
    let open = runs.iter().filter(|(_, _, hours)| !hours.is_empty());
    let told = open.map(|(first, last, hours)| match first == last {
        true => format!("{first} {hours}"),
        false => format!("{first}-{last} {hours}"),
    });
    told.collect::<Vec<_>>().join(", ")
}

fn one_rung(out: &mut String, rung: &Rung) -> fmt::Result {
    let at = match rung.at {
        RungAt::Percent(percent) => format!("at {percent}%"),
        RungAt::After(Span::Working(time)) if time.is_zero() => "as it breaks".to_owned(),
        RungAt::After(span_after) => format!("{} later", span(&span_after)),
    };
    let to = match &rung.to {
        RungTo::Owner => "the owner",
        RungTo::Lead => "the team's lead",
        RungTo::Authority => "an authority",
        RungTo::Person(id) => id.as_str(),
    };
    let on: Vec<&str> = rung.on.iter().map(|target| target.words()).collect();
    write!(out, "    {at:<14} {to}, for {}", on.join(", "))?;
    if let Some(time) = &rung.acknowledge {
        write!(out, "; must be taken within {}", span(time))?;
    }
    writeln!(out, "{}", if rung.tell_customer { "; the customer is told" } else { "" })
}

fn one_kind(kind: &Kind) -> String {
    match &kind.sla {
        Some(sla) => format!("{} (sla {sla})", kind.name),
        None => kind.name.clone(),
    }
}

/// As the file writes it: `4h`, `1h30m`, `5d`.
fn span(span: &Span) -> String {
    match span {
        Span::Days(days) => format!("{days}d"),
        Span::Weeks(weeks) => format!("{weeks}w"),
        Span::Working(time) => {
            let seconds = time.as_secs();
            let parts = [(seconds / 3600, 'h'), (seconds % 3600 / 60, 'm'), (seconds % 60, 's')];
            let shown: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
            if shown.is_empty() { "0m".to_owned() } else { shown }
        }
    }
}
