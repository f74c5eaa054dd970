//! After the story: the longest case's own log, the figures, whether everything is in order, and where to look.
//!
//! A finding of `verify` is told and makes the demo fail: a desk that lost something must not end with a smile.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;

use crate::decide::case::Case;
use crate::store::verify::{Broken, verify};

use super::play::reference;
use super::stage::Stage;
use super::story;
use super::telling::Telling;

pub async fn tell<W: Write>(
    folder: &Path,
    index: &Path,
    stage: &Stage,
    telling: &mut Telling<W>,
) -> anyhow::Result<()> {
    telling.says(story::EPILOGUE)?;
    let cases = stage.cases().await?;
    if let Some(case) = cases.first() {
        timeline(case, stage, telling).await?;
    }
    figures(&cases, stage, telling).await?;
    where_to_look(folder, index, cases.first(), stage, telling)
}

/// What `amends case timeline` prints.
async fn timeline<W: Write>(case: &Case, stage: &Stage, telling: &mut Telling<W>) -> anyhow::Result<()> {
    let reference = reference(&stage.desk.shop.config.policy, case);
    telling.heading(&format!("The timeline of {reference}"), &case.subject)?;
    for line in stage.desk.store.look().await?.case_log(case.id).await? {
        let at = line.at.to_zoned(stage.zone.clone()).strftime("%a %d %b %H:%M");
        telling.fact(&at.to_string(), &line.what)?;
    }
    Ok(telling.line("")?)
}

async fn figures<W: Write>(cases: &[Case], stage: &Stage, telling: &mut Telling<W>) -> anyhow::Result<()> {
    let letters = stage.letters().await?;
    let to_staff = letters.iter().filter(|l| l.row.person.is_some()).count();
    let broken = verify(&stage.desk.store).await?;
    telling.heading("The figures", "")?;
    telling
        .fact("came in", &format!("{} mails; each lies in exactly one of {} cases", stage.arrived(), cases.len()))?;
    let (all, to_customers) = (letters.len(), letters.len() - to_staff);
    telling.fact("went out", &format!("{all} letters: {to_customers} to customers, {to_staff} to colleagues"))?;
    match broken.as_slice() {
        [] => telling.fact("verify", "every rule holds: nothing is lost, nothing was written twice")?,
        findings => {
            for Broken { rule, what } in findings {
                telling.fact("verify", &format!("{rule}: {what}"))?;
            }
            bail!("verify found {} broken rules", findings.len());
        }
    }
    Ok(telling.line("")?)
}

fn where_to_look<W: Write>(
    folder: &Path,
    index: &Path,
    case: Option<&Case>,
    stage: &Stage,
    telling: &mut Telling<W>,
) -> anyhow::Result<()> {
    let amends = std::env::args_os().next().map_or_else(|| "amends".into(), PathBuf::from);
    let (amends, config) = (quoted(&amends), quoted(&folder.join("config.toml")));
    telling.heading("Read on", "")?;
    telling.says("Every letter, as it looks in a mail program; open this in a browser:")?;
    telling.verbatim(&index.display().to_string())?;
    telling.line("")?;
    telling.says("The same letters as mail, byte for byte as they would have left:")?;
    telling.verbatim(&folder.join("mail/outgoing/new").display().to_string())?;
    telling.line("")?;
    telling.says("The desk is still there, with its configuration. Ask it:")?;
    telling.verbatim(&format!("{amends} --config {config} case list --all"))?;
    if let Some(case) = case {
        let reference = reference(&stage.desk.shop.config.policy, case);
        telling.verbatim(&format!("{amends} --config {config} case explain {reference}"))?;
    }
    telling.line("")?;
    telling.says("And then with an inbox of your own:")?;
    telling.verbatim(&format!("{amends} init"))?;
    telling.line("")?;
    telling.says("The folder of this story is yours to remove.")?;
    Ok(())
}

/// As a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@%,:".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_where_a_shell_would_cut_it() {
        assert_eq!(quoted(Path::new("/tmp/amends-demo-1/config.toml")), "/tmp/amends-demo-1/config.toml");
        assert_eq!(quoted(Path::new("/my mail/it's")), r"'/my mail/it'\''s'");
    }
}
