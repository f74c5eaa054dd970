//! (in work)
pub mod compose;
pub mod outbox;
pub mod smtp;
