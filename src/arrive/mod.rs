//! (in work)
pub mod html;
pub mod imap;
pub mod maildir;
pub mod parse;
pub mod proof;
pub mod relay;
pub mod text;
