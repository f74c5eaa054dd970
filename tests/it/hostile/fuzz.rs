//! The fuzz targets as tests: each first reads its files, then changes to them.
//!
//! Plain `cargo test` tries a fixed number of cases by proptest. With `AMENDS_FUZZ_SECONDS` each target runs for so long
//! instead, from `AMENDS_FUZZ_SEED` or a new number that is printed. What is found is shrunk and written into
//! `tests/hostile/TARGET`, where every later run finds it: mend the program, and keep the file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};

use super::super::support::changes::{self, Change, Numbers};
use super::super::support::seeds;
use super::super::support::targets::{self, Target};

/// Cases of a target in plain `cargo test`.
const CASES: u32 = 120;
const MOST_BYTES: usize = 16 * 1024;
const MOST_CHANGES: usize = 12;
/// A small case that takes so long never ends: its thread is given up.
const HANGS: Duration = Duration::from_secs(60);

type Seeds = Vec<(PathBuf, Vec<u8>)>;

#[test]
fn header() {
    run("header");
}

#[test]
fn mime() {
    run("mime");
}

#[test]
fn new_text() {
    run("new_text");
}

#[test]
fn bounce() {
    run("bounce");
}

#[test]
fn results() {
    run("results");
}

#[test]
fn token() {
    run("token");
}

#[test]
fn commands() {
    run("commands");
}

#[test]
fn address() {
    run("address");
}

#[test]
fn every_target_is_run_here_and_has_its_program() {
    let here = include_str!("fuzz.rs");
    let programs = include_str!("../../../fuzz/Cargo.toml");
    for target in &targets::TARGETS {
        assert!(here.contains(&format!("run(\"{}\")", target.name)), "{} is not run", target.name);
        assert!(programs.contains(&format!("name = \"{}\"", target.name)), "{} has no program", target.name);
    }
}

fn run(name: &str) {
    let target = targets::named(name);
    let seeds = seeds::of(name);
    for (path, bytes) in &seeds {
        assert!(holds(target, bytes), "{name}: {} breaks a promise; see above", path.display());
    }
    match std::env::var("AMENDS_FUZZ_SECONDS") {
        Ok(seconds) => for_a_time(target, seeds, seconds.parse().expect("AMENDS_FUZZ_SECONDS in whole seconds")),
        Err(_) => some_cases(target, &seeds),
    }
}

fn holds(target: &Target, bytes: &[u8]) -> bool {
    catch_unwind(AssertUnwindSafe(|| (target.body)(bytes))).is_ok()
}

/// A case: which seed, which second one, and what is changed.
type Case = (usize, usize, Vec<Change>);

fn bytes_of(seeds: &Seeds, (first, second, list): &Case) -> Vec<u8> {
    let seed = |n: usize| seeds[n % seeds.len()].1.as_slice();
    changes::apply(seed(*first), list, seed(*second), MOST_BYTES)
}

fn some_cases(target: &Target, seeds: &Seeds) {
    let change = (any::<u8>(), any::<u32>(), any::<u32>()).prop_map(|(kind, at, by)| Change { kind, at, by });
    let case = (any::<usize>(), any::<usize>(), proptest::collection::vec(change, 0..MOST_CHANGES));
    // What is found lies in a file of its own.
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let judged = TestRunner::new(config).run(&case, |case| match holds(target, &bytes_of(seeds, &case)) {
        true => Ok(()),
        false => Err(TestCaseError::fail("a promise is broken")),
    });
    match judged {
        Ok(()) => {}
        Err(TestError::Fail(_, case)) => found(target, &bytes_of(seeds, &case)),
        Err(TestError::Abort(why)) => panic!("{}: {why}", target.name),
    }
}

/// In a thread of its own, so that a case which never ends is told, too.
fn for_a_time(target: &'static Target, seeds: Seeds, seconds: u64) {
    let now: Arc<Mutex<Vec<u8>>> = Arc::default();
    let (say, heard) = mpsc::channel();
    let tried = now.clone();
    let end = Instant::now() + Duration::from_secs(seconds);
    std::thread::spawn(move || {
        let broken = until(target, &seeds, end, &tried);
        // Nobody listens any more where this was given up.
        say.send(broken).ok();
    });
    match heard.recv_timeout(Duration::from_secs(seconds) + HANGS) {
        Ok(None) => {}
        Ok(Some(bytes)) => found(target, &bytes),
        Err(RecvTimeoutError::Timeout) => {
            println!("{}: a case does not end", target.name);
            found(target, &now.lock().expect("the case"));
        }
        Err(RecvTimeoutError::Disconnected) => panic!("{}: the thread died", target.name),
    }
}

/// Tries cases until then; the smallest form of the first that breaks a promise.
fn until(target: &Target, seeds: &Seeds, end: Instant, tried: &Mutex<Vec<u8>>) -> Option<Vec<u8>> {
    let seed = match std::env::var("AMENDS_FUZZ_SEED") {
        Ok(seed) => seed.parse().expect("AMENDS_FUZZ_SEED as a number"),
        Err(_) => getrandom::u64().expect("a random number"),
    };
    let mut numbers = Numbers(seed);
    let mut cases = 0u64;
    while Instant::now() < end {
        let list = (0..1 + numbers.next() as usize % MOST_CHANGES).map(|_| numbers.change()).collect();
        let case: Case = (numbers.next() as usize, numbers.next() as usize, list);
        let bytes = bytes_of(seeds, &case);
        tried.lock().expect("the case").clone_from(&bytes);
        if !holds(target, &bytes) {
            println!("{}: case {cases} of seed {seed}", target.name);
            return Some(smallest(target, seeds, case));
        }
        cases += 1;
    }
    println!("{}: {cases} cases of seed {seed}", target.name);
    None
}

/// Leaves out every change that the case does not need.
fn smallest(target: &Target, seeds: &Seeds, mut case: Case) -> Vec<u8> {
    let mut at = 0;
    while at < case.2.len() {
        let mut less = case.clone();
        less.2.remove(at);
        match holds(target, &bytes_of(seeds, &less)) {
            true => at += 1,
            false => case = less,
        }
    }
    bytes_of(seeds, &case)
}

fn found(target: &Target, bytes: &[u8]) -> ! {
    let name = format!("found-{}", &amends::mail::Digest::of(bytes).to_hex()[..12]);
    let path = seeds::folder(target.name).join(name);
    std::fs::write(&path, bytes).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    panic!("{}: a promise is broken by {} (see above)", target.name, path.display());
}
