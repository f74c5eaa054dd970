//! Who was welcomed, and what the answer proved: a row for each person of staff.

use jiff::Timestamp;

use super::values::{broken, instant, instant_or_none, micros, number};
use super::{StoreError, Tx};
use crate::decide::welcome::{Measured, Welcome};
use crate::mail::{Address, PersonId};

#[derive(sqlx::FromRow)]
struct Row {
    letters: i64,
    written_at: Option<i64>,
    measured_at: Option<i64>,
    level: Option<i64>,
    proof: Option<String>,
    address: Option<String>,
    stranger: Option<String>,
}

impl Row {
    fn read(self, person: &PersonId) -> Result<Welcome, StoreError> {
        let known = |text: String| Address::parse(&text).ok_or_else(|| broken(format!("the address of {person}")));
        let measured = match (self.measured_at, self.level, self.proof, self.address) {
            (Some(at), Some(level), Some(proof), Some(address)) => {
                Some(Measured { level: of_level(level)?, proof, address: known(address)?, at: instant(at)? })
            }
            _ => None,
        };
        Ok(Welcome {
            letters: number(self.letters)?,
            written_at: instant_or_none(self.written_at)?,
            measured,
            stranger: self.stranger.map(known).transpose()?,
        })
    }
}

fn of_level(level: i64) -> Result<u8, StoreError> {
    u8::try_from(level).map_err(|_| broken(format!("a level of {level}")))
}

impl Tx {
    /// Nothing but noughts for somebody who was never written to.
    pub async fn welcome(&mut self, person: &PersonId) -> Result<Welcome, StoreError> {
        let found = sqlx::query_as::<_, Row>(
            "SELECT letters, written_at, measured_at, level, proof, address, stranger FROM welcomes WHERE person = $1",
        );
        let found = found.bind(person.as_str()).fetch_optional(&mut *self.inner).await?;
        found.map_or_else(|| Ok(Welcome::default()), |row| row.read(person))
    }

    /// One more welcome letter; what earlier ones showed stays until somebody answers.
    pub async fn note_welcome(&mut self, person: &PersonId, now: Timestamp) -> Result<(), StoreError> {
        self.know_person(person).await?;
        let update = sqlx::query(
            "UPDATE welcomes SET letters = letters + 1, written_at = $2, stranger = NULL WHERE person = $1",
        );
        update.bind(person.as_str()).bind(micros(now)).execute(&mut *self.inner).await?;
        Ok(())
    }

    pub async fn note_measured(&mut self, person: &PersonId, measured: &Measured) -> Result<(), StoreError> {
        self.know_person(person).await?;
        let update = sqlx::query(
            "UPDATE welcomes SET measured_at = $2, level = $3, proof = $4, address = $5, stranger = NULL \
             WHERE person = $1",
        );
        let update = update.bind(person.as_str()).bind(micros(measured.at)).bind(i64::from(measured.level));
        let update = update.bind(measured.proof.as_str()).bind(measured.address.as_str());
        update.execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Somebody answered whose address is none of the person's.
    pub async fn note_stranger(&mut self, person: &PersonId, from: &Address) -> Result<(), StoreError> {
        self.know_person(person).await?;
        let update = sqlx::query("UPDATE welcomes SET stranger = $2 WHERE person = $1");
        update.bind(person.as_str()).bind(from.as_str()).execute(&mut *self.inner).await?;
        Ok(())
    }

    async fn know_person(&mut self, person: &PersonId) -> Result<(), StoreError> {
        let insert =
            sqlx::query("INSERT INTO welcomes (person, letters) VALUES ($1, 0) ON CONFLICT (person) DO NOTHING");
        insert.bind(person.as_str()).execute(&mut *self.inner).await?;
        Ok(())
    }
}
