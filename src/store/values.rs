//! How values stand in columns: instants as UTC microseconds, digests as 32 bytes, bytes packed by zstd.
//!
//! Whatever cannot be read back is `StoreError::Broken` with the column's name: never a default.

use std::cell::RefCell;

use jiff::Timestamp;
use serde::{Serialize, de::DeserializeOwned};

use super::StoreError;
use crate::mail::{Address, Digest, MessageId};

/// Above this, packing moves to a thread of its own; below, the move costs more than the work.
const LARGE_BYTES: usize = 256 * 1024;

pub(super) fn broken(what: impl Into<String>) -> StoreError {
    StoreError::Broken(what.into())
}

pub(super) fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

pub(super) fn instant(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(|_| broken(format!("{micros} is no instant")))
}

pub(super) fn instant_or_none(micros: Option<i64>) -> Result<Option<Timestamp>, StoreError> {
    micros.map(instant).transpose()
}

/// `at` and so many seconds before it.
pub(super) fn micros_before(at: Timestamp, seconds: i64) -> i64 {
    micros(at).saturating_sub(seconds * 1_000_000)
}

pub(super) fn number(value: i64) -> Result<u32, StoreError> {
    u32::try_from(value).map_err(|_| broken(format!("{value} is no count")))
}

pub(super) fn address(text: &str) -> Result<Address, StoreError> {
    Address::parse(text).ok_or_else(|| broken(format!("\"{text}\" is no mail address")))
}

pub(super) fn message_id(text: &str) -> Result<MessageId, StoreError> {
    MessageId::new(text).ok_or_else(|| broken(format!("\"{text}\" is no Message-ID")))
}

pub(super) fn digest(bytes: Vec<u8>) -> Result<Digest, StoreError> {
    bytes.try_into().map(Digest).map_err(|_| broken("a digest has not 32 bytes"))
}

/// The word that a plain enum is in JSON, as its column holds it.
pub(super) fn word<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        Ok(other) => Err(broken(format!("{other} is no word"))),
        Err(error) => Err(broken(error.to_string())),
    }
}

pub(super) fn from_word<T: DeserializeOwned>(word: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::from(word)).map_err(|_| broken(format!("\"{word}\" is no known word")))
}

thread_local! {
    // A compressor is half a megabyte of tables: made once a thread, not once a mail.
    static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

pub(super) async fn pack(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    if bytes.len() < LARGE_BYTES {
        return pack_here(bytes);
    }
    let owned = bytes.to_vec();
    tokio::task::spawn_blocking(move || pack_here(&owned)).await.map_err(|e| broken(e.to_string()))?
}

/// At once, on this thread.
pub(super) fn pack_here(bytes: &[u8]) -> Result<Vec<u8>, StoreError> {
    PACKER.with_borrow_mut(|slot| {
        let mut packer = match slot.take() {
            Some(packer) => packer,
            None => zstd::bulk::Compressor::new(1).map_err(|e| broken(format!("zstd: {e}")))?,
        };
        let packed = packer.compress(bytes).map_err(|e| broken(format!("zstd: {e}")));
        *slot = Some(packer);
        packed
    })
}

pub(super) async fn unpack(packed: Vec<u8>, size_bytes: usize) -> Result<Vec<u8>, StoreError> {
    if size_bytes < LARGE_BYTES {
        return unpack_here(&packed, size_bytes);
    }
    let unpack = move || unpack_here(&packed, size_bytes);
    tokio::task::spawn_blocking(unpack).await.map_err(|e| broken(e.to_string()))?
}

fn unpack_here(packed: &[u8], size_bytes: usize) -> Result<Vec<u8>, StoreError> {
    UNPACKER.with_borrow_mut(|slot| {
        let mut unpacker = match slot.take() {
            Some(unpacker) => unpacker,
            None => zstd::bulk::Decompressor::new().map_err(|e| broken(format!("zstd: {e}")))?,
        };
        let bytes = unpacker.decompress(packed, size_bytes).map_err(|e| broken(format!("zstd: {e}")));
        *slot = Some(unpacker);
        bytes
    })
}
