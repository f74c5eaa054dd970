//! What the mail of each person of staff proves, in an admin's words: the end of `amends check`'s account of the file.

use crate::config::{Config, StaffProof};
use crate::decide::policy::Person;
use crate::decide::welcome::{Means, Measured, Welcome};

use super::exit::Answer;
use super::open::Opened;

/// Says it for everybody; for nobody where no daemon has run yet.
pub async fn print(config: &Config) -> Answer {
    println!("\nWhat the mail of staff proves");
    let Some((store, _)) = Opened::database_if_there(config).await? else {
        println!("  not measured yet: once `amends run` has made the database, `amends welcome` writes to everybody");
        return Ok(());
    };
    let mut tx = store.look().await?;
    for person in &config.policy.people {
        let welcome = tx.welcome(&person.id).await?;
        println!("  {:<11} {}", person.id, in_words(person, &welcome, config));
    }
    Ok(())
}

fn in_words(person: &Person, welcome: &Welcome, config: &Config) -> String {
    let own = |m: &&Measured| m.address == person.address || person.aliases.contains(&m.address);
    match (welcome.measured.as_ref().filter(own), welcome.written_at, &welcome.stranger) {
        (_, _, Some(stranger)) => format!(
            "{stranger} answered the welcome letter: if that is {}, write aliases = [\"{stranger}\"]; else ask who reads their mail",
            person.name
        ),
        (Some(measured), ..) => of_measured(person, measured, config),
        (None, Some(_), None) => format!("{}: the welcome letter is not answered yet", person.address),
        (None, None, None) => format!("{}: not measured yet: amends welcome {}", person.address, person.id),
    }
}

fn of_measured(person: &Person, measured: &Measured, config: &Config) -> String {
    let token_is_proof = config.security.staff_proof == StaffProof::Token;
    let means = match measured.means(token_is_proof) {
        Means::Everything => "everything runs",
        Means::Confirm => "each reply and command must be confirmed",
        Means::Notes => "nothing runs: their mail is kept as notes",
    };
    let found = measured.found();
    match what_to_do(measured, token_is_proof, config) {
        Some(what) => format!(
            "{}: {means}: {found}. What to do: {what}; then amends welcome --again {}",
            measured.address, person.id
        ),
        None => format!("{}: {means}: {found}", measured.address),
    }
}

fn what_to_do(measured: &Measured, token_is_proof: bool, config: &Config) -> Option<String> {
    if measured.means(token_is_proof) == Means::Everything {
        return None;
    }
    if !measured.has_token() {
        let how = "their program or server cut the +token out of the address that they answered: let the mail server deliver \
                   support+anything@ and keep it in To, and see that subaddressing is not false";
        return Some(how.to_owned());
    }
    let domain = measured.address.domain();
    Some(match config.security.trusted.is_empty() {
        true => format!(
            "name the server that checks incoming mail in security.trusted_authserv_id, sign the mail of {domain} by DKIM, \
             or set security.staff_proof = \"token\""
        ),
        false => {
            format!("sign the mail of {domain} by DKIM and publish DMARC, or set security.staff_proof = \"token\"")
        }
    })
}
