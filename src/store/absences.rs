//! Who is away or back, as it was said by mail.

use jiff::Timestamp;
use jiff::civil::Date;

use super::values::{broken, micros};
use super::{StoreError, Tx};
use crate::decide::absences::Said;
use crate::decide::policy::Absence;
use crate::mail::PersonId;

impl Tx {
    /// In the place of what was said of them before.
    pub async fn say_absence(
        &mut self,
        person: &PersonId,
        said: &Said,
        by: &PersonId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (from, to, stand_in) = match said {
            Said::Away(absence) => (absence.from, Some(absence.to), absence.stand_in.as_ref()),
            Said::Back(day) => (*day, None, None),
        };
        let upsert = sqlx::query(
            "INSERT INTO absences (person, from_day, to_day, stand_in, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (person) DO UPDATE SET from_day = excluded.from_day, to_day = excluded.to_day, \
             stand_in = excluded.stand_in, said_by = excluded.said_by, said_at = excluded.said_at",
        );
        let upsert = upsert.bind(person.as_str()).bind(from.to_string()).bind(to.map(|day| day.to_string()));
        let upsert = upsert.bind(stand_in.map(PersonId::as_str)).bind(by.as_str()).bind(micros(now));
        upsert.execute(&mut *self.inner).await?;
        Ok(())
    }

    /// What was last said of each.
    pub async fn absences(&mut self) -> Result<Vec<(PersonId, Said)>, StoreError> {
        let rows = sqlx::query_as("SELECT person, from_day, to_day, stand_in FROM absences ORDER BY person");
        let rows: Vec<(String, String, Option<String>, Option<String>)> = rows.fetch_all(&mut *self.inner).await?;
        rows.into_iter()
            .map(|(person, from, to, stand_in)| Ok((PersonId::new(person), said(&from, to, stand_in)?)))
            .collect()
    }
}

fn said(from: &str, to: Option<String>, stand_in: Option<String>) -> Result<Said, StoreError> {
    let from = day(from)?;
    Ok(match to {
        Some(to) => Said::Away(Absence { from, to: day(&to)?, stand_in: stand_in.map(PersonId::new) }),
        None => Said::Back(from),
    })
}

fn day(text: &str) -> Result<Date, StoreError> {
    text.parse().map_err(|e| broken(format!("the day {text} of an absence: {e}")))
}
