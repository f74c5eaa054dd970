//! That no letter waits for the one before it: with Nagle's algorithm some twenty a second would leave.

use std::time::{Duration, Instant};

use amends::deliver::smtp::Connection;

use super::sink::Sink;
use super::{address, config, kind, patient, send};

/// A delayed acknowledgement takes 40 ms (Linux), and with Nagle every letter waits for one. On a machine that is
/// busy with other things some letters wait longer, but not the quickest of them.
const DELAYED: Duration = Duration::from_millis(40);
const LETTERS: usize = 400;

#[tokio::test]
async fn letters_do_not_wait_for_delayed_acknowledgements() {
    let sink = Sink::start(true).expect("a sink");
    let mut connection =
        Connection::open(&config(sink.port()), None, "amends.example", &patient()).await.expect("open");
    let letter =
        [b"Subject: sorry\r\n\r\n".as_slice(), &b"We are sorry, and here is what we do.\r\n".repeat(150)].concat();
    let mut took = Vec::with_capacity(LETTERS);
    for _ in 0..LETTERS {
        let started = Instant::now();
        assert_eq!(kind(&send(&mut connection, &letter).await), "sent");
        took.push(started.elapsed());
    }
    let rate = LETTERS as f64 / took.iter().sum::<Duration>().as_secs_f64();
    println!("{rate:.0} letters of {} bytes a second on one connection", letter.len());
    took.sort();
    assert!(took[LETTERS / 4] < DELAYED / 2, "a quarter of the letters took {:?} or more", took[LETTERS / 4]);
    connection.quit().await;

    assert_eq!(sink.wait_for(LETTERS, Duration::ZERO), LETTERS);
    let arrivals = sink.arrivals();
    assert!(arrivals.is_sorted_by_key(|arrival| arrival.at));
    let last = arrivals.last().expect("a letter");
    assert_eq!(address(&last.from), address("support+b.x@northwind.example"));
    assert_eq!(last.to, "klaus@customer.example");
    assert_eq!(last.bytes, letter);
}

#[tokio::test]
async fn a_sink_that_only_counts_keeps_no_bytes_and_knows_the_null_sender() {
    let sink = Sink::start(false).expect("a sink");
    assert_eq!(sink.wait_for(1, Duration::from_millis(1)), 0);
    let mut connection =
        Connection::open(&config(sink.port()), None, "amends.example", &patient()).await.expect("open");
    connection.offer(None, &address("a@b.example"), 4).await.expect("a go-ahead");
    assert_eq!(kind(&connection.hand_over(b".\r\n").await), "sent");
    assert_eq!(sink.wait_for(1, Duration::from_secs(20)), 1);
    let arrivals = sink.arrivals();
    assert!(arrivals[0].bytes.is_empty() && arrivals[0].from.is_empty());
}
