//! Changes to bytes, as a fuzzer makes them: a seed, and a few of these, are a case that can be made again and shrunk.

use std::sync::LazyLock;

/// One change: what is done, where, and with what. Any numbers are a change, so that any generator can make them.
#[derive(Debug, Clone, Copy)]
pub struct Change {
    pub kind: u8,
    pub at: u32,
    pub by: u32,
}

/// Pieces that mail is made of, in the form of libFuzzer's dictionaries.
const DICTIONARY: &str = include_str!("../hostile/pieces.dict");

static PIECES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| DICTIONARY.lines().filter_map(piece).collect());

/// Bytes at which readers of mail differ.
const TELLING: [u8; 16] = *b"\0\r\n\t <>\"(\\=?;:-\xff";

/// A line of the dictionary, `"..."` with `\xAB`, `\\` and `\"` in it; `None` for a comment.
fn piece(line: &str) -> Option<Vec<u8>> {
    let inner = line.strip_prefix('"')?.strip_suffix('"')?;
    let mut bytes = Vec::new();
    let mut rest = inner.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'\\' => match rest.next()? {
                b'x' => {
                    let digits = [rest.next()?, rest.next()?];
                    u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
                }
                escaped => escaped,
            },
            byte => byte,
        });
    }
    Some(bytes)
}

/// The seed with all changes made, in their order. Never longer than `most`.
pub fn apply(seed: &[u8], changes: &[Change], other: &[u8], most: usize) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for change in changes {
        one(&mut bytes, *change, other);
        bytes.truncate(most);
    }
    bytes
}

fn one(bytes: &mut Vec<u8>, change: Change, other: &[u8]) {
    let (at, by) = (change.at as usize, change.by as usize);
    let place = at % (bytes.len() + 1);
    let end = (place + by % 64).min(bytes.len());
    match change.kind % 8 {
        0 => replace(bytes, place, &[by as u8]),
        1 => replace(bytes, place, &[TELLING[by % TELLING.len()]]),
        2 => insert(bytes, place, &PIECES[by % PIECES.len()]),
        3 => drop(bytes.drain(place..end)),
        4 => {
            let again = bytes[place..end].repeat(1 + by % 5);
            insert(bytes, place, &again);
        }
        // From here on the other seed.
        5 => {
            bytes.truncate(place);
            bytes.extend(&other[by % (other.len() + 1)..]);
        }
        6 => {
            let from = by % (other.len() + 1);
            insert(bytes, place, &other[from..(from + 80).min(other.len())]);
        }
        _ => bytes.truncate(place),
    }
}

fn replace(bytes: &mut [u8], place: usize, with: &[u8]) {
    if let Some(byte) = bytes.get_mut(place) {
        *byte = with[0];
    }
}

fn insert(bytes: &mut Vec<u8>, place: usize, piece: &[u8]) {
    drop(bytes.splice(place..place, piece.iter().copied()));
}

/// SplitMix64: the same numbers from the same seed, on every machine.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn change(&mut self) -> Change {
        let (a, b) = (self.next(), self.next());
        Change { kind: a as u8, at: (a >> 32) as u32, by: b as u32 }
    }
}
