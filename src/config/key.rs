//! The key under which reply tokens and loop marks are made: 32 random bytes, kept as one line of base64.
//!
//! Whoever has it can write as staff, so it stands in a file of its own. A key of other makers is taken as hex,
//! base64 or raw bytes, if it is long enough and looks random.

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER_PERMISSIVE};

use super::model::Secret;

/// RFC 2104 section 3: a key shorter than the hash weakens the code; SHA-256 has 32 bytes.
const BYTES: usize = 32;

/// A new key, as the line to write into `amends.key`.
///
/// Fails only where the system has no random numbers to give.
pub fn make() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{}\n", BASE64.encode(&bytes)))
}

/// The key in a file: hex, base64 or raw, at least 32 bytes.
pub fn read(file: &[u8]) -> Result<Secret, String> {
    let line = file.trim_ascii();
    let text = [HEXLOWER_PERMISSIVE, BASE64, BASE64_NOPAD].iter().find_map(|way| way.decode(line).ok());
    let is_text = line.iter().all(|b| b.is_ascii_graphic());
    let bytes = text.unwrap_or_else(|| if is_text { line.to_vec() } else { file.to_vec() });
    let mut different = bytes.clone();
    different.sort_unstable();
    different.dedup();
    match bytes.len() {
        0..BYTES => Err(format!("the key has {} bytes and must have 32 or more. `amends init` makes one", bytes.len())),
        _ if different.len() < 8 => {
            Err("the key repeats itself and could be guessed. `amends init` makes one".to_owned())
        }
        _ => Ok(Secret::new(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_key_is_read_back_and_no_two_are_alike() {
        let (a, b) = (make().expect("random"), make().expect("random"));
        assert_ne!(a, b);
        assert_eq!(read(a.as_bytes()).expect("a key").expose().len(), BYTES);
    }

    #[test]
    fn a_short_or_silly_key_is_refused() {
        assert!(read(b"secret").is_err());
        assert!(read(&[b'a'; 64]).is_err());
        assert!(read(b"").is_err());
        let raw: Vec<u8> = (0..32).map(|i| i * 7).collect();
        assert!(read(&raw).is_ok());
    }
}
