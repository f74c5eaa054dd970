//! How fast letters leave on one connection: with Nagle's algorithm on it would be some twenty a second.

use std::time::{Duration, Instant};

use amends::deliver::smtp::Connection;

use super::sink::Sink;
use super::{address, config, kind, patient, send};

/// Far from what a quiet machine does (thousands), and far above what Nagle would leave (22).
const LEAST_A_SECOND: f64 = 200.0;
const LETTERS: usize = 1000;

#[tokio::test]
async fn letters_do_not_wait_for_delayed_acknowledgements() {
    let sink = Sink::start(true).expect("a sink");
    let mut connection = Connection::open(&config(sink.port()), "amends.example", &patient()).await.expect("open");
    let letter =
        [b"Subject: sorry\r\n\r\n".as_slice(), &b"We are sorry, and here is what we do.\r\n".repeat(150)].concat();
    let started = Instant::now();
    for _ in 0..LETTERS {
        assert_eq!(kind(&send(&mut connection, &letter).await), "sent");
    }
    let rate = LETTERS as f64 / started.elapsed().as_secs_f64();
    println!("{rate:.0} letters of {} bytes a second on one connection", letter.len());
    assert!(rate > LEAST_A_SECOND, "{rate:.0} a second");
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
    let mut connection = Connection::open(&config(sink.port()), "amends.example", &patient()).await.expect("open");
    connection.offer(None, &address("a@b.example"), 4).await.expect("a go-ahead");
    assert_eq!(kind(&connection.hand_over(b".\r\n").await), "sent");
    assert_eq!(sink.wait_for(1, Duration::from_secs(20)), 1);
    let arrivals = sink.arrivals();
    assert!(arrivals[0].bytes.is_empty() && arrivals[0].from.is_empty());
}
