//! Login by OAuth 2: access tokens for the mail servers, and the refresh token that `amends login` fetched, kept and
//! renewed.
//!
//! RFC 6749 (tokens), RFC 8628 (a code for a person's browser), RFC 8252 and RFC 7636 (a browser that comes back to this
//! machine). A provider may give another refresh token with every access token and void the old one: the new one is on
//! the disk, synced, before anything is done with it. No token stands in a log or an error.

mod answer;
mod browser;
mod device;
mod error;
mod file;
mod http;
mod keeper;

pub use browser::{Page, Visit};
pub use device::Code;
pub use error::OAuthError;
pub use file::{Kept, kept, replace};
pub use keeper::{Keeper, Keepers};
