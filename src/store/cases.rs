//! Cases: one document each, with what is searched by in columns of its own, and a log of lines.
//!
//! The document is the truth. Columns, clocks and participants are written from it at each save, where they
//! differ from what was there; `verify` compares them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sqlx::AssertSqlSafe;

use super::clocks::{ClockRow, clock_rows};
use super::dialect::{ROWS_AT_ONCE, rows};
use super::values::{broken, from_word, instant, instant_or_none, micros, number, word};
use super::{Number, StoreError, Tx};
use crate::decide::case::{Case, Held, HeldBecause, LogLine, Outcome, State};
use crate::mail::{Address, CaseId, PersonId};

/// What a list of cases shows without opening them.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseHead {
    pub id: CaseId,
    pub subject: String,
    pub kind: String,
    pub state: State,
    pub outcome: Option<Outcome>,
    pub opened_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub first_letter_at: Option<Timestamp>,
}

/// Which cases a list shows; all that is `None` is not asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CaseFilter {
    /// `Some(true)`: all but closed ones.
    pub open: Option<bool>,
    pub state: Option<State>,
    pub outcome: Option<Outcome>,
    pub owner: Option<PersonId>,
    pub team: Option<String>,
    pub kind: Option<String>,
    pub customer: Option<Address>,
    /// Something of it came due before then.
    pub due_before: Option<Timestamp>,
    /// 0: all.
    pub limit: usize,
}

/// What the rows of a case are now.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// `None`: it has no row yet.
    document: Option<String>,
    clocks: Vec<ClockRow>,
    participants: Vec<ParticipantRow>,
    held: Vec<HeldRow>,
    log_lines: i64,
    /// Who owns it, while it is open.
    open_owner: Option<PersonId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ParticipantRow {
    pub(super) address: String,
    pub(super) no: Option<i64>,
    pub(super) mentioned: bool,
}

/// The rows that the case's document asks for; of two with one address the first counts.
pub(super) fn participant_rows(case: &Case) -> Vec<ParticipantRow> {
    let mut rows: Vec<ParticipantRow> = Vec::new();
    for p in &case.participants {
        let address = p.address.folded();
        if rows.iter().all(|r| r.address != address) {
            let no = (!p.mentioned_only).then_some(p.no.0);
            rows.push(ParticipantRow { address, no, mentioned: p.mentioned_only });
        }
    }
    rows
}

/// A mail of staff that waits for a confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeldRow {
    pub(super) mail: i64,
    pub(super) person: String,
    pub(super) asked_at: i64,
}

/// Only what waits for a `#confirm`: these are counted, so that nobody is asked too often.
pub(super) fn held_rows(case: &Case) -> Vec<HeldRow> {
    let unproven = case.held.iter().filter(|h| h.why == HeldBecause::Unproven);
    let row = |h: &Held| HeldRow { mail: h.mail.0, person: h.person.to_string(), asked_at: micros(h.asked_at) };
    unproven.map(row).collect()
}

fn open_owner(case: &Case) -> Option<PersonId> {
    if case.is_closed() { None } else { case.owner.clone() }
}

impl Tx {
    /// The id of a case that is about to be opened: the number of its reference. The first is 1001.
    pub async fn next_case_id(&mut self) -> Result<CaseId, StoreError> {
        let id = CaseId(self.next(Number::Case).await?);
        self.known.insert(id, Known::default());
        Ok(id)
    }

    pub async fn case(&mut self, id: CaseId) -> Result<Option<Case>, StoreError> {
        let found = sqlx::query_as("SELECT document, log_lines FROM cases WHERE id = $1").bind(id.0);
        let found: Option<(String, i64)> = found.fetch_optional(&mut *self.inner).await?;
        let Some((document, log_lines)) = found else { return Ok(None) };
        let case = read_document(id.0, &document)?;
        let known = Known {
            clocks: clock_rows(&case),
            participants: participant_rows(&case),
            held: held_rows(&case),
            log_lines,
            open_owner: open_owner(&case),
            document: Some(document),
        };
        self.known.insert(id, known);
        Ok(Some(case))
    }

    /// Writes the case, its clocks, its participants, and its new log lines, which are cleared.
    pub async fn save_case(&mut self, case: &mut Case) -> Result<(), StoreError> {
        let was = self.known_of(case.id).await?;
        let log = std::mem::take(&mut case.log);
        let document = serde_json::to_string(case).map_err(|e| broken(format!("case {}: {e}", case.id)))?;
        let now = Known {
            clocks: clock_rows(case),
            participants: participant_rows(case),
            held: held_rows(case),
            log_lines: was.log_lines + log.len() as i64,
            open_owner: open_owner(case),
            document: Some(document),
        };
        if now.document != was.document || !log.is_empty() {
            self.write_row(case, &was, &now).await?;
        }
        self.write_clocks(case.id, &was.clocks, &now.clocks).await?;
        self.write_participants(case.id, &was.participants, &now.participants).await?;
        if was.held != now.held {
            self.write_held(case.id, &now.held).await?;
        }
        let lines = (was.log_lines + 1..).zip(log);
        self.late.log.extend(lines.map(|(n, line)| (case.id, n, line)));
        self.count_owner(was.open_owner.as_ref(), now.open_owner.as_ref());
        self.known.insert(case.id, now);
        Ok(())
    }

    async fn known_of(&mut self, id: CaseId) -> Result<Known, StoreError> {
        if !self.known.contains_key(&id) {
            self.case(id).await?;
        }
        Ok(self.known.get(&id).cloned().unwrap_or_default())
    }

    async fn write_row(&mut self, case: &Case, was: &Known, now: &Known) -> Result<(), StoreError> {
        let customer = case.customer().map(|c| c.address.folded());
        self.absent.now_has_sender(customer.as_deref());
        let text = if was.document.is_some() { UPDATE_CASE } else { INSERT_CASE };
        let write = sqlx::query(text).bind(case.id.0).bind(case.mailbox.as_str()).bind(word(&case.state)?);
        let write = write.bind(case.outcome.as_ref().map(word).transpose()?);
        let write = write.bind(case.owner.as_ref().map(PersonId::as_str)).bind(case.team.as_str());
        let write = write.bind(case.kind.as_str()).bind(case.sla.as_str()).bind(word(&case.priority)?);
        let write = write.bind(customer).bind(case.subject.as_str());
        let write = write.bind(micros(case.opened_at)).bind(case.closed_at.map(micros));
        let write = write.bind(case.told.first_letter_at.map(micros)).bind(case.next_due().map(micros));
        let write = write.bind(now.log_lines).bind(now.document.as_deref());
        write.execute(&mut *self.inner).await?;
        Ok(())
    }

    async fn write_held(&mut self, case: CaseId, now: &[HeldRow]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM held WHERE case_id = $1").bind(case.0).execute(&mut *self.inner).await?;
        for row in now {
            let insert = sqlx::query("INSERT INTO held (mail_id, case_id, person, asked_at) VALUES ($1, $2, $3, $4)");
            let insert = insert.bind(row.mail).bind(case.0).bind(row.person.as_str()).bind(row.asked_at);
            insert.execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    async fn write_participants(
        &mut self,
        case: CaseId,
        was: &[ParticipantRow],
        now: &[ParticipantRow],
    ) -> Result<(), StoreError> {
        for gone in was.iter().filter(|row| now.iter().all(|n| n.address != row.address)) {
            let delete = sqlx::query("DELETE FROM participants WHERE case_id = $1 AND address = $2");
            delete.bind(case.0).bind(gone.address.as_str()).execute(&mut *self.inner).await?;
        }
        let new: Vec<ParticipantRow> = now.iter().filter(|row| !was.contains(row)).cloned().collect();
        self.insert_participants(case, &new).await
    }

    async fn insert_participants(&mut self, case: CaseId, new: &[ParticipantRow]) -> Result<(), StoreError> {
        for some in new.chunks(ROWS_AT_ONCE) {
            // Who was mentioned stays mentioned, and a mention takes nobody's number away.
            let text = format!(
                "INSERT INTO participants (case_id, address, no, mentioned) VALUES {} ON CONFLICT (case_id, address) \
                 DO UPDATE SET no = COALESCE(excluded.no, participants.no), \
                 mentioned = CASE WHEN excluded.mentioned = 1 THEN 1 ELSE participants.mentioned END",
                rows(some.len(), 4)
            );
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for row in some {
                insert = insert.bind(case.0).bind(row.address.as_str()).bind(row.no).bind(i64::from(row.mentioned));
            }
            insert.execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    pub(super) async fn insert_log(&mut self, lines: &[(CaseId, i64, LogLine)]) -> Result<(), StoreError> {
        for some in lines.chunks(ROWS_AT_ONCE) {
            let text = format!("INSERT INTO log (case_id, n, at, who, what) VALUES {}", rows(some.len(), 5));
            let mut insert = sqlx::query(AssertSqlSafe(text));
            for (case, n, line) in some {
                insert = insert.bind(case.0).bind(*n).bind(micros(line.at));
                insert = insert.bind(line.who.as_str()).bind(line.what.as_str());
            }
            insert.execute(&mut *self.inner).await?;
        }
        Ok(())
    }

    fn count_owner(&mut self, was: Option<&PersonId>, now: Option<&PersonId>) {
        let Some(counts) = &mut self.counted.open_cases else { return };
        if was == now {
            return;
        }
        if let Some(count) = was.and_then(|person| counts.get_mut(person)) {
            *count = count.saturating_sub(1);
        }
        if let Some(person) = now {
            *counts.entry(person.clone()).or_default() += 1;
        }
    }

    /// People in To or Cc of a case's mail: their mail joins the case, they are sent nothing.
    pub async fn mention(&mut self, case: CaseId, addresses: &[Address]) -> Result<(), StoreError> {
        let addresses: BTreeSet<String> = addresses.iter().map(Address::folded).collect();
        let mentioned = |address| ParticipantRow { address, no: None, mentioned: true };
        let rows: Vec<ParticipantRow> = addresses.into_iter().map(mentioned).collect();
        self.insert_participants(case, &rows).await
    }

    /// Everybody whom a mail of the case named, whether they wrote or not.
    pub async fn mentioned(&mut self, case: CaseId) -> Result<Vec<Address>, StoreError> {
        let found = sqlx::query_scalar("SELECT address FROM participants WHERE case_id = $1 ORDER BY address");
        let found: Vec<String> = found.bind(case.0).fetch_all(&mut *self.inner).await?;
        found.iter().map(|text| Address::parse(text).ok_or_else(|| broken(format!("address {text}")))).collect()
    }

    /// Ordered by what is due next; those without anything due last, by number.
    pub async fn list_cases(&mut self, filter: &CaseFilter) -> Result<Vec<Case>, StoreError> {
        let open = filter.open.map(i64::from);
        let limit = if filter.limit == 0 { i64::MAX } else { filter.limit as i64 };
        let list = sqlx::query_as(
            "SELECT id, document FROM cases WHERE \
             (CAST($1 AS BIGINT) IS NULL OR CASE WHEN state <> 'closed' THEN 1 ELSE 0 END = $1) \
             AND (CAST($2 AS TEXT) IS NULL OR state = $2) AND (CAST($3 AS TEXT) IS NULL OR outcome = $3) AND (CAST($4 AS TEXT) IS NULL OR owner = $4) \
             AND (CAST($5 AS TEXT) IS NULL OR team = $5) AND (CAST($6 AS TEXT) IS NULL OR kind = $6) AND (CAST($7 AS TEXT) IS NULL OR customer = $7) \
             AND (CAST($8 AS BIGINT) IS NULL OR next_due_at < $8) \
             ORDER BY CASE WHEN next_due_at IS NULL THEN 1 ELSE 0 END, next_due_at, id LIMIT $9",
        );
        let list = list.bind(open).bind(filter.state.as_ref().map(word).transpose()?);
        let list = list.bind(filter.outcome.as_ref().map(word).transpose()?);
        let list = list.bind(filter.owner.as_ref().map(PersonId::as_str)).bind(filter.team.as_deref());
        let list = list.bind(filter.kind.as_deref()).bind(filter.customer.as_ref().map(Address::folded));
        let list = list.bind(filter.due_before.map(micros)).bind(limit);
        let found: Vec<(i64, String)> = list.fetch_all(&mut *self.inner).await?;
        found.iter().map(|(id, document)| read_document(*id, document)).collect()
    }

    /// Oldest first.
    pub async fn case_log(&mut self, id: CaseId) -> Result<Vec<LogLine>, StoreError> {
        self.write_late().await?;
        let lines = sqlx::query_as("SELECT at, who, what FROM log WHERE case_id = $1 ORDER BY n").bind(id.0);
        let lines: Vec<(i64, String, String)> = lines.fetch_all(&mut *self.inner).await?;
        lines.into_iter().map(|(at, who, what)| Ok(LogLine { at: instant(at)?, who, what })).collect()
    }

    /// The cases of a customer, newest first.
    pub async fn cases_of(&mut self, customer: &Address, limit: usize) -> Result<Vec<CaseHead>, StoreError> {
        if self.absent.lacks_sender(customer) {
            return Ok(Vec::new());
        }
        let text = format!(
            "SELECT id, subject, kind, state, outcome, opened_at, closed_at, first_letter_at FROM cases \
             WHERE customer = $1 ORDER BY opened_at DESC, id DESC LIMIT {limit}"
        );
        let heads = sqlx::query_as::<_, HeadRow>(AssertSqlSafe(text));
        let heads = heads.bind(customer.folded()).fetch_all(&mut *self.inner).await?;
        heads.into_iter().map(HeadRow::read).collect()
    }

    /// How many cases a customer opened since then.
    pub async fn opened_since(&mut self, customer: &Address, since: Timestamp) -> Result<u32, StoreError> {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM cases WHERE customer = $1 AND opened_at >= $2");
        number(count.bind(customer.folded()).bind(micros(since)).fetch_one(&mut *self.inner).await?)
    }

    /// How many open cases each person owns. Counted once a transaction and kept up by its saves.
    pub async fn open_cases(&mut self) -> Result<BTreeMap<PersonId, u32>, StoreError> {
        if self.counted.open_cases.is_none() {
            let counts =
                "SELECT owner, COUNT(*) FROM cases WHERE state <> 'closed' AND owner IS NOT NULL GROUP BY owner";
            let counts: Vec<(String, i64)> = sqlx::query_as(counts).fetch_all(&mut *self.inner).await?;
            let count = |(person, n)| Ok((PersonId::new(person), number(n)?));
            self.counted.open_cases = Some(counts.into_iter().map(count).collect::<Result<_, StoreError>>()?);
        }
        Ok(self.counted.open_cases.clone().unwrap_or_default())
    }
}

const INSERT_CASE: &str = "INSERT INTO cases (id, mailbox, state, outcome, owner, team, kind, sla, priority, customer, \
     subject, opened_at, closed_at, first_letter_at, next_due_at, log_lines, document) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";

const UPDATE_CASE: &str = "UPDATE cases SET mailbox = $2, state = $3, outcome = $4, owner = $5, team = $6, kind = $7, \
     sla = $8, priority = $9, customer = $10, subject = $11, opened_at = $12, closed_at = $13, first_letter_at = $14, \
     next_due_at = $15, log_lines = $16, document = $17 WHERE id = $1";

/// A document that cannot be read is `Broken` with the case's number, whoever asked.
pub(super) fn read_document(id: i64, document: &str) -> Result<Case, StoreError> {
    serde_json::from_str(document).map_err(|e| broken(format!("the document of case {id} cannot be read: {e}")))
}

#[derive(sqlx::FromRow)]
struct HeadRow {
    id: i64,
    subject: String,
    kind: String,
    state: String,
    outcome: Option<String>,
    opened_at: i64,
    closed_at: Option<i64>,
    first_letter_at: Option<i64>,
}

impl HeadRow {
    fn read(self) -> Result<CaseHead, StoreError> {
        Ok(CaseHead {
            id: CaseId(self.id),
            subject: self.subject,
            kind: self.kind,
            state: from_word(&self.state)?,
            outcome: self.outcome.as_deref().map(from_word).transpose()?,
            opened_at: instant(self.opened_at)?,
            closed_at: instant_or_none(self.closed_at)?,
            first_letter_at: instant_or_none(self.first_letter_at)?,
        })
    }
}
