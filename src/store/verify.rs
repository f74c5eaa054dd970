//! `amends verify`: the invariants of mail-rules section 1, and those of our own tables.
//!
//! Reads one consistent picture and changes nothing. Every finding names the row, so that a person can look. Two
//! kinds of rule: a query that finds rows which must not exist, and the comparison of each case's document with
//! the rows that were made from it.

use std::collections::{BTreeMap, BTreeSet};

use super::cases::{held_rows, participant_rows, read_document};
use super::clocks::clock_rows;
use super::dialect::FILE_CHECK;
use super::values::micros;
use super::{Store, StoreError, Tx};
use crate::decide::case::{Case, ClockState};

/// An invariant that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which rule, in a few words: the same for all its findings.
    pub rule: &'static str,
    /// Which row, and what is wrong with it.
    pub what: String,
}

/// A rule, and a query for the rows that break it: one column of text, which names the row.
struct Rule {
    says: &'static str,
    finds: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        says: "a mail that has ended has one disposition, and one that has not has none",
        finds: "SELECT 'mail ' || id FROM mails WHERE \
                (settled_at IS NULL AND (disposition IS NOT NULL OR case_id IS NOT NULL)) OR (settled_at IS NOT NULL AND \
                (disposition IS NULL OR disposition NOT IN ('case_new', 'case_append', 'staff_action', 'bounce_linked', \
                'machine_parked', 'self_echo', 'quarantined', 'blocked', 'imported', 'pre_existing'))) LIMIT 100",
    },
    Rule {
        says: "a mail has its raw bytes",
        finds: "SELECT 'mail ' || m.id FROM mails m LEFT JOIN raw_mails r ON r.mail_id = m.id \
                WHERE r.mail_id IS NULL LIMIT 100",
    },
    Rule {
        says: "a mail has its row in the ledger",
        finds: "SELECT 'mail ' || id FROM mails WHERE id NOT IN \
                (SELECT mail_id FROM ledger WHERE mail_id IS NOT NULL) LIMIT 100",
    },
    Rule {
        says: "a row of the ledger points to a mail",
        finds: "SELECT 'message ' || l.uid || ' of ' || l.account || '/' || l.folder || ': mail ' || l.mail_id \
                FROM ledger l LEFT JOIN mails m ON m.id = l.mail_id \
                WHERE l.mail_id IS NOT NULL AND m.id IS NULL LIMIT 100",
    },
    Rule {
        says: "the server is changed only after the mail's turn",
        finds: "SELECT 'mail ' || m.id || ' is marked in ' || l.account || '/' || l.folder FROM ledger l \
                JOIN mails m ON m.id = l.mail_id WHERE l.marked_at IS NOT NULL AND m.settled_at IS NULL LIMIT 100",
    },
    Rule {
        says: "a mail's case exists",
        finds: "SELECT 'mail ' || m.id || ': case ' || m.case_id FROM mails m LEFT JOIN cases c ON c.id = m.case_id \
                WHERE m.case_id IS NOT NULL AND c.id IS NULL LIMIT 100",
    },
    Rule {
        says: "a mail that opened or joined a case names it",
        finds: "SELECT 'mail ' || id || ' is ' || disposition || ' without a case' FROM mails \
                WHERE disposition IN ('case_new', 'case_append') AND case_id IS NULL LIMIT 100",
    },
    Rule {
        says: "a case is opened by one mail",
        finds: "SELECT 'case ' || case_id || ' is opened by ' || COUNT(*) || ' mails' FROM mails \
                WHERE disposition = 'case_new' AND duplicate_of IS NULL GROUP BY case_id HAVING COUNT(*) > 1 LIMIT 100",
    },
    Rule {
        says: "a copy shares the disposition of its original",
        finds: "SELECT 'mail ' || m.id || ' is a copy of ' || m.duplicate_of FROM mails m \
                LEFT JOIN mails o ON o.id = m.duplicate_of WHERE m.duplicate_of IS NOT NULL AND \
                (o.id IS NULL OR o.disposition IS NULL OR o.disposition <> m.disposition) LIMIT 100",
    },
    Rule {
        says: "a letter's state is one that exists, with the marks of that state",
        finds: "SELECT 'letter ' || id || ' is ' || state FROM outbox WHERE state NOT IN ('queued', 'sending', \
                'committing', 'sent', 'deferred', 'failed', 'in_doubt', 'held', 'voided') \
                OR (state = 'sent' AND sent_at IS NULL) OR (state <> 'sent' AND sent_at IS NOT NULL) \
                OR (state IN ('sending', 'committing') AND lease_until IS NULL) \
                OR (state NOT IN ('sending', 'committing') AND lease_until IS NOT NULL) \
                OR (state = 'in_doubt' AND doubts = 0) LIMIT 100",
    },
    Rule {
        says: "a letter has its bytes",
        finds: "SELECT 'letter ' || o.id FROM outbox o LEFT JOIN letter_bytes b ON b.letter_id = o.id \
                WHERE b.letter_id IS NULL LIMIT 100",
    },
    Rule {
        says: "a letter that was sent has the attempt that sent it, once",
        finds: "SELECT 'letter ' || o.id || ' was sent in ' || COUNT(a.n) || ' attempts' FROM outbox o \
                LEFT JOIN attempts a ON a.letter_id = o.id AND a.outcome = 'sent' \
                WHERE o.state = 'sent' GROUP BY o.id HAVING COUNT(a.n) <> 1 LIMIT 100",
    },
    Rule {
        says: "a letter that was not sent has no attempt that sent it",
        finds: "SELECT 'letter ' || o.id || ' is ' || o.state FROM outbox o JOIN attempts a ON a.letter_id = o.id \
                WHERE a.outcome = 'sent' AND o.state <> 'sent' LIMIT 100",
    },
    Rule {
        says: "an attempt belongs to a letter",
        finds: "SELECT 'attempt ' || a.n || ' of letter ' || a.letter_id FROM attempts a \
                LEFT JOIN outbox o ON o.id = a.letter_id WHERE o.id IS NULL LIMIT 100",
    },
    Rule {
        says: "a letter's case exists",
        finds: "SELECT 'letter ' || o.id || ': case ' || o.case_id FROM outbox o LEFT JOIN cases c ON c.id = o.case_id \
                WHERE o.case_id IS NOT NULL AND c.id IS NULL LIMIT 100",
    },
    Rule {
        says: "a key is used once, by a letter or by a ring that is told in a digest",
        finds: "SELECT 'key ' || o.key FROM outbox o JOIN folded_rings f ON f.key = o.key LIMIT 100",
    },
    Rule {
        says: "a case has one first letter",
        finds: "SELECT 'case ' || case_id || ' has ' || COUNT(*) || ' first letters' FROM outbox \
                WHERE letter IN ('apology', 'acknowledgement', 'after-call') AND state <> 'voided' AND person IS NULL \
                GROUP BY case_id HAVING COUNT(*) > 1 LIMIT 100",
    },
    Rule {
        says: "clocks, log and participants belong to a case",
        finds: "SELECT 'case ' || x.case_id FROM (SELECT case_id FROM clocks UNION SELECT case_id FROM log \
                UNION SELECT case_id FROM participants UNION SELECT case_id FROM folded_rings) AS x \
                LEFT JOIN cases c ON c.id = x.case_id WHERE c.id IS NULL LIMIT 100",
    },
    Rule {
        says: "the lines of a case's log are numbered through",
        finds: "SELECT 'case ' || c.id || ' should have ' || c.log_lines || ' lines' FROM cases c \
                LEFT JOIN (SELECT case_id, COUNT(*) AS lines, MAX(n) AS last FROM log GROUP BY case_id) AS l \
                ON l.case_id = c.id WHERE COALESCE(l.lines, 0) <> c.log_lines OR COALESCE(l.last, 0) <> c.log_lines \
                LIMIT 100",
    },
    Rule {
        says: "the next free number was not used yet",
        finds: "SELECT d.name || ' is ' || d.value FROM desk d WHERE \
                (d.name = 'next_case' AND CAST(d.value AS BIGINT) <= (SELECT COALESCE(MAX(id), 0) FROM cases)) OR \
                (d.name = 'next_letter' AND CAST(d.value AS BIGINT) <= (SELECT COALESCE(MAX(id), 0) FROM outbox)) OR \
                (d.name = 'next_mail' AND CAST(d.value AS BIGINT) <= (SELECT COALESCE(MAX(id), 0) FROM mails))",
    },
];

/// All that is broken; empty when all is well. At most 100 findings a rule.
pub async fn verify(store: &Store) -> Result<Vec<Broken>, StoreError> {
    let mut tx = store.look().await?;
    let mut broken = file_is_whole(&mut tx).await?;
    for rule in RULES {
        let found: Vec<String> = sqlx::query_scalar(rule.finds).fetch_all(&mut *tx.inner).await?;
        broken.extend(found.into_iter().map(|what| Broken { rule: rule.says, what }));
    }
    broken.extend(cases_match_their_rows(&mut tx).await?);
    tx.commit().await?;
    Ok(broken)
}

async fn file_is_whole(tx: &mut Tx) -> Result<Vec<Broken>, StoreError> {
    let says: Vec<String> = sqlx::query_scalar(FILE_CHECK).fetch_all(&mut *tx.inner).await?;
    let bad = says.into_iter().filter(|line| line != "ok");
    Ok(bad.map(|what| Broken { rule: "the database file is whole", what }).collect())
}

/// Cases read at a time: a desk of years has more than fit in memory.
const CASES_AT_ONCE: i64 = 500;

async fn cases_match_their_rows(tx: &mut Tx) -> Result<Vec<Broken>, StoreError> {
    let (mut broken, mut after) = (Findings::default(), 0);
    loop {
        let rows = sqlx::query_as::<_, CaseRow>(
            "SELECT id, state, owner, customer, closed_at, first_letter_at, next_due_at, document FROM cases \
             WHERE id > $1 ORDER BY id LIMIT $2",
        );
        let rows = rows.bind(after).bind(CASES_AT_ONCE).fetch_all(&mut *tx.inner).await?;
        let Some(last) = rows.last().map(|row| row.id) else { break };
        let clocks = clocks_between(tx, after, last).await?;
        let people = participants_between(tx, after, last).await?;
        let held = held_between(tx, after, last).await?;
        let letters = first_letters_between(tx, after, last).await?;
        for row in &rows {
            match read_document(row.id, &row.document) {
                Ok(case) => {
                    check_columns(row, &case, &mut broken);
                    check_clocks(&case, clocks.get(&row.id), &mut broken);
                    check_participants(&case, people.get(&row.id), &mut broken);
                    check_held(&case, held.get(&row.id), &mut broken);
                    check_first_letter(&case, letters.contains(&row.id), &mut broken);
                }
                Err(error) => broken.add("a case's document can be read", error.to_string()),
            }
        }
        after = last;
    }
    Ok(broken.all)
}

/// Keeps at most 100 findings a rule.
#[derive(Default)]
struct Findings {
    all: Vec<Broken>,
    counts: BTreeMap<&'static str, usize>,
}

impl Findings {
    fn add(&mut self, rule: &'static str, what: String) {
        let count = self.counts.entry(rule).or_default();
        *count += 1;
        if *count <= 100 {
            self.all.push(Broken { rule, what });
        }
    }
}

#[derive(sqlx::FromRow)]
struct CaseRow {
    id: i64,
    state: String,
    owner: Option<String>,
    customer: Option<String>,
    closed_at: Option<i64>,
    first_letter_at: Option<i64>,
    next_due_at: Option<i64>,
    document: String,
}

type Clocks = BTreeMap<i64, BTreeSet<(String, i64, i64, i64)>>;
type People = BTreeMap<i64, BTreeMap<String, Option<i64>>>;

async fn clocks_between(tx: &mut Tx, after: i64, last: i64) -> Result<Clocks, StoreError> {
    let rows =
        sqlx::query_as("SELECT case_id, what, n, version, due_at FROM clocks WHERE case_id > $1 AND case_id <= $2");
    let rows: Vec<(i64, String, i64, i64, i64)> = rows.bind(after).bind(last).fetch_all(&mut *tx.inner).await?;
    let mut clocks = Clocks::new();
    for (case, what, n, version, due_at) in rows {
        clocks.entry(case).or_default().insert((what, n, version, due_at));
    }
    Ok(clocks)
}

async fn held_between(tx: &mut Tx, after: i64, last: i64) -> Result<BTreeMap<i64, BTreeSet<i64>>, StoreError> {
    let rows = sqlx::query_as("SELECT case_id, mail_id FROM held WHERE case_id > $1 AND case_id <= $2");
    let rows: Vec<(i64, i64)> = rows.bind(after).bind(last).fetch_all(&mut *tx.inner).await?;
    let mut held: BTreeMap<i64, BTreeSet<i64>> = BTreeMap::new();
    for (case, mail) in rows {
        held.entry(case).or_default().insert(mail);
    }
    Ok(held)
}

async fn participants_between(tx: &mut Tx, after: i64, last: i64) -> Result<People, StoreError> {
    let rows = sqlx::query_as("SELECT case_id, address, no FROM participants WHERE case_id > $1 AND case_id <= $2");
    let rows: Vec<(i64, String, Option<i64>)> = rows.bind(after).bind(last).fetch_all(&mut *tx.inner).await?;
    let mut people = People::new();
    for (case, address, no) in rows {
        people.entry(case).or_default().insert(address, no);
    }
    Ok(people)
}

async fn first_letters_between(tx: &mut Tx, after: i64, last: i64) -> Result<BTreeSet<i64>, StoreError> {
    let rows = sqlx::query_scalar(
        "SELECT case_id FROM outbox WHERE case_id > $1 AND case_id <= $2 \
         AND letter IN ('apology', 'acknowledgement', 'after-call') AND person IS NULL",
    );
    let rows: Vec<i64> = rows.bind(after).bind(last).fetch_all(&mut *tx.inner).await?;
    Ok(rows.into_iter().collect())
}

fn check_columns(row: &CaseRow, case: &Case, broken: &mut Findings) {
    let says = "a case's columns are those of its document";
    let state = super::values::word(&case.state).unwrap_or_default();
    let same = row.id == case.id.0
        && row.state == state
        && row.owner.as_deref() == case.owner.as_ref().map(|p| p.as_str())
        && row.customer == case.customer().map(|c| c.address.folded())
        && row.closed_at == case.closed_at.map(micros)
        && row.first_letter_at == case.told.first_letter_at.map(micros)
        && row.next_due_at == case.next_due().map(micros);
    if !same {
        broken.add(says, format!("case {}", row.id));
    }
    if case.is_closed() != case.closed_at.is_some() {
        broken.add("a case is closed with its instant, or neither", format!("case {}", row.id));
    }
}

fn check_clocks(case: &Case, rows: Option<&BTreeSet<(String, i64, i64, i64)>>, broken: &mut Findings) {
    let wanted = clock_rows(case);
    let wanted: BTreeSet<(String, i64, i64, i64)> =
        wanted.into_iter().map(|r| (r.what.to_owned(), i64::from(r.n), i64::from(r.version), r.due_at)).collect();
    let empty = BTreeSet::new();
    let rows = rows.unwrap_or(&empty);
    for row in wanted.symmetric_difference(rows) {
        let (what, n, version, _) = row;
        let how = if rows.contains(row) { "has a row and should not" } else { "lacks its row" };
        broken
            .add("a case's clocks are those of its document", format!("case {}: {what}.{n}.{version} {how}", case.id));
    }
    if case.is_closed() && case.clocks.iter().any(|c| c.state == ClockState::Running) {
        broken.add("a closed case has no running clock", format!("case {}", case.id));
    }
}

fn check_participants(case: &Case, rows: Option<&BTreeMap<String, Option<i64>>>, broken: &mut Findings) {
    let says = "a case's participants are those of its document";
    let wanted = participant_rows(case);
    for p in &wanted {
        let row = rows.and_then(|rows| rows.get(&p.address));
        if row.is_none_or(|no| p.no.is_some() && *no != p.no) {
            broken.add(says, format!("case {}: number {} is not as written", case.id, p.no.unwrap_or(-1)));
        }
    }
    let strangers = rows
        .into_iter()
        .flatten()
        .filter(|(address, no)| no.is_some() && !wanted.iter().any(|p| p.address == **address && p.no.is_some()));
    for (_, no) in strangers {
        broken.add(says, format!("case {}: number {} takes no part", case.id, no.unwrap_or(-1)));
    }
}

/// Who may be asked to confirm how often is counted by these rows.
fn check_held(case: &Case, rows: Option<&BTreeSet<i64>>, broken: &mut Findings) {
    let wanted: BTreeSet<i64> = held_rows(case).into_iter().map(|row| row.mail).collect();
    if rows.map_or(!wanted.is_empty(), |rows| *rows != wanted) {
        broken.add("what waits for a confirmation is what the case's document says", format!("case {}", case.id));
    }
}

fn check_first_letter(case: &Case, has_one: bool, broken: &mut Findings) {
    if !has_one && case.told.no_letter_because.is_none() {
        let says = "a case has its first letter, or the reason why not";
        broken.add(says, format!("case {}", case.id));
    }
}
