//! The rows that the program wrote, written once more by bare statements in groups of 100 mails a commit.

use std::path::Path;
use std::time::Instant;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Column, Row, SqliteConnection, TypeInfo, ValueRef};

use crate::raw::{Measured, database};

const GROUP: usize = 100;

/// A row, ready to be bound again.
enum Cell {
    Null,
    Number(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

struct Table {
    insert: String,
    rows: Vec<Vec<Cell>>,
}

/// Reads all tables of `from` and writes them into a fresh file of the same schema.
pub async fn commit_again(folder: &Path, from: &Path, mails: usize) -> Measured {
    let name = from.display().to_string();
    let mut source = database(Path::new("/"), &name).await;
    let mut target = database(folder, "rows.db").await;
    let tables = read(&mut source, &mut target).await;
    // A share of each table goes into each commit, whichever row points to which.
    sqlx::query("PRAGMA foreign_keys = OFF").execute(&mut target).await.unwrap();
    let began = Instant::now();
    for group in 0..mails.div_ceil(GROUP) {
        sqlx::query("BEGIN IMMEDIATE").execute(&mut target).await.unwrap();
        for table in &tables {
            let share = table.rows.len().div_ceil(mails.div_ceil(GROUP)).max(1);
            for row in table.rows.iter().skip(group * share).take(share) {
                insert(&mut target, table, row).await;
            }
        }
        sqlx::query("COMMIT").execute(&mut target).await.unwrap();
    }
    Measured { count: mails, took: began.elapsed() }
}

async fn insert(target: &mut SqliteConnection, table: &Table, row: &[Cell]) {
    let mut query = sqlx::query::<sqlx::Sqlite>(AssertSqlSafe(table.insert.clone()));
    for cell in row {
        query = match cell {
            Cell::Null => query.bind(None::<i64>),
            Cell::Number(n) => query.bind(*n),
            Cell::Real(n) => query.bind(*n),
            Cell::Text(text) => query.bind(text.as_str()),
            Cell::Bytes(bytes) => query.bind(bytes.as_slice()),
        };
    }
    query.execute(target).await.unwrap();
}

async fn read(source: &mut SqliteConnection, target: &mut SqliteConnection) -> Vec<Table> {
    let schema = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name <> 'letters' ORDER BY type DESC";
    let schema: Vec<(String, String, String)> = sqlx::query_as(schema).fetch_all(&mut *source).await.unwrap();
    let mut tables = Vec::new();
    for (kind, name, sql) in schema {
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *target).await.unwrap();
        if kind == "table" {
            let rows = sqlx::query(AssertSqlSafe(format!("SELECT * FROM {name}")));
            let rows = rows.fetch_all(&mut *source).await.unwrap();
            let columns = rows.first().map_or(0, |r| r.columns().len());
            let places: Vec<String> = (1..=columns).map(|n| format!("${n}")).collect();
            let insert = format!("INSERT INTO {name} VALUES ({})", places.join(", "));
            tables.push(Table { insert, rows: rows.iter().map(cells).collect() });
        }
    }
    tables
}

fn cells(row: &SqliteRow) -> Vec<Cell> {
    let cell = |at: usize| {
        let value = row.try_get_raw(at).unwrap();
        match value.type_info().name() {
            _ if value.is_null() => Cell::Null,
            "INTEGER" => Cell::Number(row.get(at)),
            "REAL" => Cell::Real(row.get(at)),
            "BLOB" => Cell::Bytes(row.get(at)),
            _ => Cell::Text(row.get(at)),
        }
    };
    row.columns().iter().map(|c| cell(c.ordinal())).collect()
}
