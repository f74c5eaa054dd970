//! (in work)
pub mod intake;
pub mod sender;
pub mod ticker;
pub mod turn;
