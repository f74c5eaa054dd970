//! Who would be staff: a matrix of mails that say so, and what each reached by it.
//!
//! `row`, `proof` and `body` hold the ingredients, each with what it is worth by mail-rules section 5; `oracle` adds that up for a row
//! without asking the program. Every row gets its `verdict`; some hundred go through a whole desk (`house`), each to a
//! case of its own. No mail may reach more than the oracle allows, and the honest ones among them reach exactly that, so
//! that refusing everything is no way to pass.

mod body;
mod house;
mod mail;
mod oracle;
mod proof;
mod row;
mod verdict;

use house::{House, Seen};
use rayon::prelude::*;
use row::{Row, Token};
use verdict::Court;

/// Mails that share a turn's transaction, as after an outage.
const BATCH: usize = 200;
/// Fewer would be no matrix.
const LEAST_ROWS: usize = 5_000;
const LEAST_THROUGH_DESK: usize = 400;

#[test]
fn no_forged_mail_is_judged_above_what_its_ingredients_are_worth() {
    let (court, rows) = (Court::new(), row::all());
    let wrong: Vec<String> = rows.par_iter().filter_map(|row| overrated(row, &court)).collect();
    let mut levels = [0; 5];
    rows.iter().for_each(|row| levels[usize::from(oracle::worth(row).level)] += 1);
    println!("{} rows; worth levels 0 to 4: {levels:?}", rows.len());
    none(&wrong, rows.len());
    assert!(rows.len() >= LEAST_ROWS && levels.iter().all(|count| *count > 100), "{} rows, {levels:?}", rows.len());
}

fn overrated(row: &Row, court: &Court) -> Option<String> {
    let (worth, verdict) = (oracle::worth(row), court.judge(row));
    let more = verdict.level.0 > worth.level;
    let less = row.is_honest() && (verdict.level.0, verdict.commands) != (worth.level, true);
    let (level, commands, sign) = (verdict.level, verdict.commands, verdict.sign);
    (more || less).then(|| format!("{row}: {worth:?}, but {level:?}, commands {commands}, {sign}"))
}

#[tokio::test]
async fn no_forged_mail_closes_a_case_or_writes_to_a_customer() {
    let rows: Vec<Row> = row::all().into_iter().filter(|row| row.through_desk).collect();
    let mut house = House::open().await;
    let mut wrong = Vec::new();
    let (mut honest, mut closed, mut written) = (0, 0, 0);
    for (n, batch) in rows.chunks(BATCH).enumerate() {
        let seen = house.come(n * BATCH, batch).await;
        for (row, seen) in batch.iter().zip(&seen) {
            honest += usize::from(row.is_honest());
            closed += usize::from(seen.closed);
            written += usize::from(seen.written);
            wrong.extend(misjudged(row, seen));
        }
    }
    println!(
        "{} rows, {honest} of them honest; {closed} closed their case, {written} wrote to its customer",
        rows.len()
    );
    none(&wrong, rows.len());
    assert!(rows.len() >= LEAST_THROUGH_DESK, "only {} rows", rows.len());
    assert!(honest >= 100 && closed >= 20 && written >= 20, "{honest} honest, {closed} closed, {written} written");
}

/// A signed mail of hers that somebody got hold of is hers once: fields that she did not sign make no other mail of it.
#[tokio::test]
async fn a_signed_mail_that_comes_again_says_nothing_more() {
    let signed = |row: &&Row| row.proof.name == "a signature" && row.token == Token::Reply && row.is_honest();
    let with_words = |row: &&Row| row.body.name == "words" || row.body.name == "a command and words";
    let rows = row::all();
    let mut tried = 0;
    for row in rows.iter().filter(signed).filter(|row| row.from.person == Some("mei") && with_words(row)) {
        let (levels, letters) = House::open().await.comes_again(row, &AGAIN).await;
        assert_eq!((levels[0], letters), (4, 1), "{row}");
        assert!(levels[1..].iter().all(|level| *level <= 2), "{row}: {levels:?}");
        tried += 1;
    }
    assert!(tried > 0, "no signed mail of hers");
}

/// What whoever sends it again puts on top.
const AGAIN: [&str; 5] = [
    "Cc: victim@other.example\r\n",
    "Cc: Klaus <klaus@customer.example>\r\nX-Road: 2\r\n",
    "Resent-From: eve@evil.example\r\nCc: eve@evil.example\r\n",
    "Reply-To: eve@evil.example\r\nCc: rosa@customer.example\r\n",
    "Content-Type: text/plain; charset=iso-8859-1\r\nCc: rosa@customer.example\r\n",
];

/// What the program made of the row, where that is more than it is worth, or of an honest one less.
fn misjudged(row: &Row, seen: &Seen) -> Option<String> {
    let worth = oracle::worth(row);
    let more = seen.level > worth.level
        || seen.closed && !worth.may_close
        || seen.other_closed && !worth.may_close_other
        || seen.written && !worth.may_write
        || seen.moved && worth.level < 4
        || seen.held && worth.level < 2
        || seen.shows_command;
    let exactly = (worth.level, worth.may_close, worth.may_write);
    let less = row.is_honest() && (seen.level, seen.closed, seen.written) != exactly;
    (more || less).then(|| format!("{row}: {worth:?}, but {seen:?}"))
}

#[track_caller]
fn none(wrong: &[String], of: usize) {
    assert!(wrong.is_empty(), "{} of {of} rows:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
