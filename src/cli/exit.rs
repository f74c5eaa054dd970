//! How a command ends: the codes of sysexits.h that MTAs, service managers and scripts know, and one line that says
//! what to do.

use crate::store::StoreError;

/// The command line cannot be read.
pub const USAGE: u8 = 64;
/// What was given is wrong.
pub const DATA: u8 = 65;
/// No such case, letter, mailbox or file.
pub const UNKNOWN: u8 = 66;
/// A server, or the database's other daemon, stands in the way.
pub const UNAVAILABLE: u8 = 69;
/// It would overwrite something.
pub const EXISTS: u8 = 73;
/// The output cannot be written.
pub const OUTPUT: u8 = 74;
/// Try again later: MTAs keep the mail.
pub const AGAIN: u8 = 75;
/// The configuration has mistakes.
pub const CONFIG: u8 = 78;

/// How every command ends.
pub type Answer = Result<(), Trouble>;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub struct Trouble {
    pub code: u8,
    /// Empty where everything has been said already.
    pub says: String,
}

impl Trouble {
    pub fn new(code: u8, says: impl Into<String>) -> Self {
        Self { code, says: says.into() }
    }

    pub fn unknown(says: impl Into<String>) -> Self {
        Self::new(UNKNOWN, says)
    }

    pub fn usage(says: impl Into<String>) -> Self {
        Self::new(USAGE, says)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Locked { .. } => UNAVAILABLE,
            StoreError::Url { .. } => CONFIG,
            StoreError::Broken(_) => DATA,
            _ => AGAIN,
        };
        Self::new(code, error.to_string())
    }
}

impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        let says = format!("{error:#}");
        match error.downcast::<StoreError>() {
            Ok(store) => Self { says, ..Self::from(store) },
            Err(_) => Self::new(AGAIN, says),
        }
    }
}
