//! From the file's text to a `Config`: block by block, then what only the whole can show.
//!
//! Every reader notes its mistakes and goes on with a default, so nothing here stops early but a broken syntax. A
//! `Config` leaves this file only if nothing was noted.

use std::path::Path;

use toml::de::DeTable;

use crate::decide::policy::{Inbox, Person, Policy, Purpose};

use super::mistakes::{Mistake, Mistakes};
use super::model::{Config, MailboxConfig, StaffProof};
use super::names::{ALWAYS, CARE, Names, OFFICE};
use super::people::{self, Uses};
use super::tree::{Block, Note, Reader};
use super::world::{self, Machine, World};
use super::{addresses, cover, hours, house, kinds, mailbox, targets};

/// Reads a file, its secrets and its calendars.
pub fn load(path: &Path) -> Result<Config, Mistakes> {
    load_in(path, &Machine)
}

/// The same where the file's secrets and calendars come from another world than this machine.
pub fn load_in(path: &Path, world: &dyn World) -> Result<Config, Mistakes> {
    let name = path.display().to_string();
    let says = |what: String| Mistakes::new(&name, vec![Mistake { line: 1, key: String::new(), what }]);
    let bytes = world.file(path).map_err(|e| {
        says(format!("the file cannot be read: {}. `amends init` writes one to begin with", world::reason(&e)))
    })?;
    let text = String::from_utf8(bytes).map_err(|_| says("is no UTF-8 text".to_owned()))?;
    // A path without a folder has "" as its parent, which is the current one.
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder =
        std::path::absolute(folder).map_err(|e| says(format!("its folder cannot be found: {}", world::reason(&e))))?;
    from_text(&text, &name, &folder, world)
}

/// Reads a configuration that is text already; `folder` is where its relative paths begin.
pub fn from_text(text: &str, file_name: &str, folder: &Path, world: &dyn World) -> Result<Config, Mistakes> {
    let reader = Reader::new(text, folder, world);
    let (tree, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let line = reader.line_at(error.span().map_or(0, |span| span.start));
        reader.wrong(line, "", error.message().replace('\n', "; "));
    }
    // Half a tree would only yield mistakes that are none.
    if !errors.is_empty() {
        return Err(Mistakes::new(file_name, reader.finish().0));
    }
    let config = read(&Block::file(&reader, tree.get_ref()));
    let (mistakes, notes) = reader.finish();
    match mistakes.is_empty() {
        true => Ok(Config { notes: told(file_name, notes), ..config }),
        false => Err(Mistakes::new(file_name, mistakes)),
    }
}

fn read(file: &Block<'_>) -> Config {
    let names = Names::gather(file);
    let mut company = house::company(&file.block("company", "company"));
    let calendars = hours::calendars(file, &company.timezone);
    let people = people::people(file, &names);
    let slas = targets::slas(file, &names, &people);
    let (mailboxes, inboxes) = mailboxes(file, &names, &company.name);
    let kinds = kinds::kinds(file, &names);
    let uses = Uses {
        answer: inboxes.iter().map(|i| i.team.clone()).filter(|team| !team.is_empty()).collect(),
        design: kinds.iter().filter_map(|k| k.design_team.clone()).collect(),
    };
    let teams = people::teams_of(file, &names, &people, &uses);
    let first_sla = inboxes.first().and_then(|inbox| slas.get(&inbox.sla));
    // Whose calendar is `always` has a machine's hours; people without hours of their own keep the office's.
    company.hours = first_sla.map(|s| s.calendar.clone()).filter(|c| c != ALWAYS).unwrap_or_else(|| OFFICE.to_owned());
    let limits = house::limits(&file.block("limits", "limits"));
    let letters = house::letters(&file.block("letters", "letters"));
    let security = house::security(&file.block("security", "security"));
    let people = with_hours(people, &company.hours);
    let policy = Policy {
        per_person_hour: limits.per_person_hour,
        lists: letters.lists,
        all_transcripts: letters.all_transcripts,
        token_is_proof: security.staff_proof == StaffProof::Token,
        company,
        inboxes,
        people,
        teams,
        calendars,
        slas,
        kinds,
    };
    check_whole(file, &policy);
    Config {
        folder: file.reader.folder.to_owned(),
        policy,
        mailboxes,
        database: house::database(&file.block("database", "database")),
        alerts_to: house::alerts_to(&file.block("alerts", "alerts")),
        letters,
        security,
        limits,
        board: house::board(&file.block("board", "board")),
        notes: Vec::new(),
    }
}

fn with_hours(people: Vec<Person>, company_hours: &str) -> Vec<Person> {
    let filled = |person: Person| match person.hours.is_empty() {
        true => Person { hours: company_hours.to_owned(), ..person },
        false => person,
    };
    people.into_iter().map(filled).collect()
}

fn mailboxes(file: &Block<'_>, names: &Names, company: &str) -> (Vec<MailboxConfig>, Vec<Inbox>) {
    let blocks = file.blocks("mailbox", "mailbox");
    if blocks.is_empty() {
        file.wrong("mailbox", "no mail comes in. Add [[mailbox]] with address and [mailbox.imap]");
    }
    let (mut configs, mut inboxes) = (Vec::new(), Vec::<Inbox>::new());
    for block in &blocks {
        let (config, inbox) = mailbox::mailbox(block, names, company);
        if let Some(twin) = inboxes.iter().find(|other| inbox.as_ref().is_some_and(|i| i.name == other.name)) {
            let what = format!("\"{}\" is the name of two mailboxes. Give this one a name of its own", twin.name);
            block.wrong("name", what);
        }
        configs.extend(config);
        inboxes.extend(inbox);
    }
    (configs, inboxes)
}

/// What no single block can show.
fn check_whole(file: &Block<'_>, policy: &Policy) {
    addresses::check(file);
    let mailboxes = file.blocks("mailbox", "mailbox");
    mailboxes.iter().for_each(|block| check_team(block, policy));
    let slas = file.block("sla", "slas");
    let first_mailbox = mailboxes.first().map_or(file.line, |block| block.line);
    for (sla, what) in cover::gaps(policy) {
        let (line, path) = slas.get(&sla).map_or((first_mailbox, format!("sla.{sla}")), |e| (e.line, e.path));
        file.reader.wrong(line, &path, what);
    }
}

/// The team that owns a mailbox's cases has people, and they talk to customers.
fn check_team(block: &Block<'_>, policy: &Policy) {
    let (line, path) = block.get("team").map_or((block.line, block.path_of("team")), |e| (e.line, e.path));
    let name = block.peek("team").unwrap_or(CARE);
    let Some(team) = policy.team(name) else { return };
    let wrong = |what| block.reader.wrong(line, &path, what);
    if policy.members(name).next().is_none() && !policy.people.is_empty() {
        wrong(format!(
            "nobody is in team \"{name}\", which owns this mailbox's cases. Add teams = [\"{name}\"] to a person"
        ));
    }
    if team.purpose != Purpose::Support {
        wrong(format!(
            "team \"{name}\" does not talk to customers. Set its purpose = \"support\", or name another team"
        ));
    }
}

/// `config.toml:33: letters.tone has no effect yet: ...`; keys with the same thing to say share a line.
fn told(file_name: &str, mut notes: Vec<Note>) -> Vec<String> {
    notes.sort_by(|a, b| a.line.cmp(&b.line).then_with(|| a.key.cmp(&b.key)));
    notes.dedup();
    let mut lines: Vec<(usize, Vec<String>, String)> = Vec::new();
    for note in notes {
        match lines.iter_mut().find(|(_, _, what)| *what == note.what) {
            Some((_, keys, _)) => keys.push(note.key),
            None => lines.push((note.line, vec![note.key], note.what)),
        }
    }
    lines.into_iter().map(|(line, keys, what)| format!("{file_name}:{line}: {}", sentence(&keys, &what))).collect()
}

fn sentence(keys: &[String], what: &str) -> String {
    match (keys, what.strip_prefix("has ")) {
        ([_, _, ..], Some(rest)) => format!("{} have {rest}", keys.join(", ")),
        (_, Some(_)) => format!("{} {what}", keys.join(", ")),
        _ => format!("{}: {what}", keys.join(", ")),
    }
}
