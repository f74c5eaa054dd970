//! What reading costs: does it grow with the bytes alone, and how fast is an ordinary mail?
//!
//! `cargo bench --bench reading` prints two tables. The first reads and judges each hostile form at half a megabyte and
//! at five: ten times the bytes may cost twelve times the time. The second reads and judges ordinary mails of about 4 kB
//! and sets it against mail-parser's bare parsing of the same bytes: at least a fifth of its rate is asked. It prints a
//! verdict and asserts nothing. Times are those that the processor gave this thread, so that a busy machine matters
//! little. `-- forms` or `-- ordinary` for one of them, `-- forms NAME`
//! for one form.

#[path = "../../tests/support/bombs.rs"]
#[allow(dead_code)] // Those of a fixed size are for tests.
mod bombs;
mod ordinary;

use std::hint::black_box;
use std::time::Duration;

use amends::arrive::parse;
use amends::classify::{self, Found, Proven, Rules, Verdict};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SMALL: usize = 500_000;
const LARGE: usize = 5_000_000;
/// Ten times the bytes may cost so many times the time.
const MOST_GROWTH: f64 = 12.0;
/// Below this a ratio of times says nothing but how steady the machine is.
const TELLING: Duration = Duration::from_millis(2);

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let wants = |name: &str| asked.first().is_none_or(|first| first == name);
    if wants("forms") {
        forms(asked.get(1).map(String::as_str));
    }
    if wants("ordinary") {
        ordinary::compare();
    }
}

/// As the daemon does before a mail's turn.
pub fn read(raw: &[u8]) -> Verdict {
    let mail = parse::parse(raw);
    let (proven, rules) = (Proven::default(), Rules::default());
    black_box(classify::questions(&mail, proven, &rules));
    classify::classify(&mail, proven, &Found::default(), &rules)
}

fn forms(only: Option<&str>) {
    println!("{:<24} {:>10} {:>10} {:>7} {:>9}", "", "0.5 MB", "5 MB", "growth", "MB/s");
    let mut bent = Vec::new();
    for form in bombs::FORMS.iter().filter(|form| only.is_none_or(|name| form.name == name)) {
        let (small, large) = (form.of(SMALL), form.of(LARGE));
        let (few, many) = (best(&small, 5), best(&large, 2));
        let growth = many.as_secs_f64() / few.as_secs_f64() * (small.len() as f64 * 10.0 / large.len() as f64);
        let rate = large.len() as f64 / 1e6 / many.as_secs_f64();
        println!("{:<24} {:>8.2}ms {:>8.2}ms {growth:>7.1} {rate:>9.0}", form.name, millis(few), millis(many));
        if growth > MOST_GROWTH && many > TELLING {
            bent.push(form.name);
        }
    }
    match bent.is_empty() {
        true => println!("linear: no form grows more than {MOST_GROWTH} times"),
        false => println!("NOT linear: {}", bent.join(", ")),
    }
}

fn best(raw: &[u8], tries: usize) -> Duration {
    let one = |_| {
        let began = used();
        black_box(read(black_box(raw)));
        used() - began
    };
    (0..tries).map(one).min().unwrap_or_default()
}

/// How long the processor has worked for this thread.
pub fn used() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().unwrap_or(0))
    }
    #[cfg(not(unix))]
    {
        static BEGAN: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        BEGAN.elapsed()
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
