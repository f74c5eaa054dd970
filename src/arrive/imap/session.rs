//! A session with one folder selected: what is there, and the mails themselves by UID.
//!
//! Every answer is complete or an error: a mail that is absent from an `Ok` is gone from the server, never "not
//! transmitted". Mail is read with `BODY.PEEK[]`, so that nothing on the server changes by our looking (RFC 3501 section
//! 6.4.5). After an error that does not leave the session usable, drop it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_imap::imap_proto::{AttributeValue, MessageSection, Response, ResponseCode, SectionPath, Status};
use jiff::Timestamp;

use super::wire::{ByteStream, Wire};
use super::{Deadlines, FolderState, ImapError, login, names};
use crate::config;
use crate::tls;

/// Above the hard size cap only this much of a mail's header is read: the parser's own limit (mail-rules section 6).
const HEADER_BYTES: u64 = 256 * 1024;

/// A server that understates a mail's size (some only estimate it) may go this far over.
const UNDERSTATED_BYTES: u64 = 64 << 20;

/// A logged-in connection with the configured folder selected.
#[derive(Debug)]
pub struct Session<S: ByteStream = tls::Stream> {
    pub(super) wire: Wire<S>,
    pub(super) folder: FolderState,
    pub(super) deadlines: Deadlines,
    pub(super) poll: Duration,
}

/// A mail in the folder, not yet read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    pub uid: u32,
    /// RFC822.SIZE: near the truth with most servers, exact with good ones.
    pub size_bytes: u64,
    /// INTERNALDATE; `None` where it cannot be read.
    pub internal_date: Option<Timestamp>,
}

/// A mail that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Fetched {
    pub uid: u32,
    pub internal_date: Option<Timestamp>,
    /// The whole mail, byte by byte; of [`Session::fetch_header`] its header.
    pub raw: Vec<u8>,
}

/// No mail in a log by way of `{:?}`.
impl std::fmt::Debug for Fetched {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Fetched {{ uid: {}, {} bytes }}", self.uid, self.raw.len())
    }
}

impl<S: ByteStream> Session<S> {
    /// Logs in over `stream`, which is as secure as it will be, and selects the folder.
    ///
    /// `greeted`: the greeting has been read already, before STARTTLS.
    ///
    /// # Errors
    /// As [`super::open`].
    pub async fn begin(
        stream: S,
        greeted: bool,
        config: &config::Imap,
        credentials: &config::Credentials,
        deadlines: &Deadlines,
    ) -> Result<Self, ImapError> {
        let mut wire = Wire::new(stream, deadlines.command);
        let told = if greeted { None } else { login::greeting(&mut wire, deadlines).await? };
        let offered = match told {
            Some(offered) => offered,
            None => login::capabilities(&mut wire, deadlines).await?,
        };
        login::log_in(&mut wire, &offered, credentials, deadlines).await?;
        // Asked anew: many servers offer IDLE, MOVE and UIDPLUS only to those whom they know.
        let offered = login::capabilities(&mut wire, deadlines).await?;
        let folder = select(&mut wire, &config.folder, &offered, deadlines).await?;
        wire.news = false;
        Ok(Self { wire, folder, deadlines: *deadlines, poll: config.poll })
    }

    /// The folder as it was selected.
    pub fn folder(&self) -> &FolderState {
        &self.folder
    }

    /// The UIDs from `first` on, ascending.
    ///
    /// # Errors
    /// As every method here: anything but a complete answer.
    pub async fn uids_from(&mut self, first: u32) -> Result<Vec<u32>, ImapError> {
        // An empty folder has no `*`, and a server may take it for a fault; NOOP brings the news of a first mail.
        if self.wire.exists == Some(0) {
            self.wire.news = false;
            self.wire.command("NOOP", "NOOP", self.deadlines.answer, |_| ()).await?;
        }
        if self.wire.exists == Some(0) {
            return Ok(Vec::new());
        }
        let mut uids = BTreeSet::new();
        // FETCH and not SEARCH: an answer a mail is read in linear time, one line of 500,000 numbers in quadratic.
        let on = |answer: &Response<'_>| uids.extend(uid_of(answer));
        let line = format!("UID FETCH {}:* (UID)", first.max(1));
        // What comes while the list is read may or may not be in it, and counts as news.
        self.wire.news = false;
        self.wire.command("UID FETCH", &line, self.deadlines.answer, on).await?;
        // RFC 3501 section 6.4.8: `n:*` holds the last mail even when its UID is below n.
        Ok(uids.split_off(&first.max(1)).into_iter().collect())
    }

    /// All UIDs of the folder, ascending: for the full comparison with the ledger.
    ///
    /// # Errors
    /// As [`Session::uids_from`]; also where nothing is listed of a folder that holds mail.
    pub async fn all_uids(&mut self) -> Result<Vec<u32>, ImapError> {
        let uids = self.uids_from(1).await?;
        // A list may be shorter than EXISTS where somebody deletes mail meanwhile; an empty one is a list that broke off.
        match self.wire.exists {
            Some(count) if count > 0 && uids.is_empty() => {
                let what = format!("it lists none of {count} mails");
                return Err(ImapError::Protocol { command: "UID FETCH", what });
            }
            _ => {}
        }
        Ok(uids)
    }

    /// Sizes and dates of these mails, ascending. One that is gone is absent.
    ///
    /// # Errors
    /// As [`Session::uids_from`].
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<Listed>, ImapError> {
        let asked: BTreeSet<u32> = uids.iter().copied().collect();
        let mut listed: BTreeMap<u32, Listed> = BTreeMap::new();
        for set in names::uid_sets(uids) {
            let on = |answer: &Response<'_>| {
                if let Some(mail) = listed_of(answer).filter(|mail| asked.contains(&mail.uid)) {
                    listed.entry(mail.uid).or_insert(mail);
                }
            };
            let line = format!("UID FETCH {set} (UID RFC822.SIZE INTERNALDATE)");
            self.wire.command("UID FETCH", &line, self.deadlines.answer, on).await?;
        }
        Ok(listed.into_values().collect())
    }

    /// The mails of one batch, ascending by UID. One that is gone is absent.
    ///
    /// # Errors
    /// As [`Session::uids_from`]; then nothing of the batch is given out.
    pub async fn fetch(&mut self, batch: &[Listed]) -> Result<Vec<Fetched>, ImapError> {
        let sizes: BTreeMap<u32, u64> = batch.iter().map(|mail| (mail.uid, mail.size_bytes)).collect();
        let largest = sizes.values().copied().max().unwrap_or_default();
        let within = self.deadlines.for_body(largest);
        let mut mails: BTreeMap<u32, Fetched> = BTreeMap::new();
        for set in names::uid_sets(&sizes.keys().copied().collect::<Vec<_>>()) {
            let on = |answer: &Response<'_>| {
                // Data of a mail that was not asked for is another's, or a lie (mail-rules section 6).
                if let Some((uid, date, raw)) = body_of(answer, whole_mail)
                    && let Some(size) = sizes.get(&uid)
                    // Some servers send an empty string for a mail that they fail to read.
                    && (!raw.is_empty() || *size == 0)
                {
                    mails.entry(uid).or_insert_with(|| Fetched { uid, internal_date: date, raw: raw.to_vec() });
                }
            };
            let line = format!("UID FETCH {set} (UID INTERNALDATE BODY.PEEK[])");
            let bytes = largest.saturating_add(UNDERSTATED_BYTES);
            self.wire.command_for_mail("UID FETCH", &line, within, bytes, on).await?;
        }
        Ok(mails.into_values().collect())
    }

    /// The header alone of a mail above the hard size cap, at most 256 kB of it; `None` when the mail is gone.
    ///
    /// # Errors
    /// As [`Session::uids_from`].
    pub async fn fetch_header(&mut self, uid: u32) -> Result<Option<Fetched>, ImapError> {
        let mut found = None;
        let on = |answer: &Response<'_>| {
            if let Some((_, date, raw)) = body_of(answer, header_only).filter(|(of, ..)| *of == uid) {
                found.get_or_insert_with(|| Fetched { uid, internal_date: date, raw: raw.to_vec() });
            }
        };
        let line = format!("UID FETCH {uid} (UID INTERNALDATE BODY.PEEK[HEADER]<0.{HEADER_BYTES}>)");
        let within = self.deadlines.for_body(HEADER_BYTES);
        self.wire.command_for_mail("UID FETCH", &line, within, HEADER_BYTES, on).await?;
        Ok(found)
    }

    /// Takes leave. Not needed for safety: everything asked for is done.
    ///
    /// # Errors
    /// When the server was gone already.
    pub async fn logout(mut self) -> Result<(), ImapError> {
        match self.wire.command("LOGOUT", "LOGOUT", self.deadlines.answer, |_| ()).await {
            // RFC 3501 section 6.1.3: BYE comes before the tagged OK.
            Ok(_) | Err(ImapError::Bye { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// # Errors
/// Also for an OK without UIDVALIDITY or EXISTS: a session that broke off looks like that, and no ledger works on it.
async fn select<S: ByteStream>(
    wire: &mut Wire<S>,
    name: &str,
    offered: &login::Capabilities,
    deadlines: &Deadlines,
) -> Result<FolderState, ImapError> {
    const COMMAND: &str = "SELECT";
    let (mut uid_validity, mut uid_next, mut sticky_uids) = (None, None, true);
    let on = |answer: &Response<'_>| {
        // UIDNOTSTICKY comes with an untagged NO (RFC 4315 section 3), the others with OK.
        if let Response::Data { status: Status::Ok | Status::No, outcome } = answer {
            match outcome.code {
                Some(ResponseCode::UidValidity(value)) => uid_validity = Some(value),
                Some(ResponseCode::UidNext(value)) => uid_next = Some(value),
                Some(ResponseCode::UidNotSticky) => sticky_uids = false,
                _ => {}
            }
        }
    };
    let done = wire.command(COMMAND, &format!("SELECT {}", names::folder(name)?), deadlines.answer, on).await?;
    let untold = |what: &str| ImapError::Protocol { command: COMMAND, what: format!("it does not tell {what}") };
    Ok(FolderState {
        uid_validity: uid_validity.ok_or_else(|| untold("UIDVALIDITY"))?,
        uid_next,
        exists: wire.exists.ok_or_else(|| untold("how many mails there are"))?,
        sticky_uids,
        read_only: matches!(done.code, Some(ResponseCode::ReadOnly)),
        can_idle: offered.has("IDLE"),
        can_move: offered.has("MOVE"),
        can_uidplus: offered.has("UIDPLUS"),
    })
}

fn uid_of(answer: &Response<'_>) -> Option<u32> {
    let Response::Fetch(_, items) = answer else { return None };
    items.iter().find_map(|item| match item {
        AttributeValue::Uid(uid) => Some(*uid),
        _ => None,
    })
}

fn date_of(items: &[AttributeValue<'_>]) -> Option<Timestamp> {
    items.iter().find_map(|item| match item {
        AttributeValue::InternalDate(date) => read_date(date),
        _ => None,
    })
}

/// `17-Jul-1996 02:44:25 -0700`, the day padded with a space or not (RFC 3501 section 9, date-time).
fn read_date(text: &str) -> Option<Timestamp> {
    let parsed = jiff::fmt::strtime::parse("%d-%b-%Y %H:%M:%S %z", text.trim()).ok()?;
    parsed.to_timestamp().ok()
}

fn listed_of(answer: &Response<'_>) -> Option<Listed> {
    let uid = uid_of(answer)?;
    let Response::Fetch(_, items) = answer else { return None };
    let size_bytes = items.iter().find_map(|item| match item {
        AttributeValue::Rfc822Size(size) => Some(u64::from(*size)),
        _ => None,
    })?;
    Some(Listed { uid, size_bytes, internal_date: date_of(items) })
}

/// UID, date and bytes of an answer with the wanted section in it.
fn body_of<'a>(
    answer: &'a Response<'_>,
    wanted: fn(&Option<SectionPath>) -> bool,
) -> Option<(u32, Option<Timestamp>, &'a [u8])> {
    let uid = uid_of(answer)?;
    let Response::Fetch(_, items) = answer else { return None };
    let raw = items.iter().find_map(|item| match item {
        AttributeValue::BodySection { section, index: None | Some(0), data: Some(data) } if wanted(section) => {
            Some(data.as_ref())
        }
        _ => None,
    })?;
    Some((uid, date_of(items), raw))
}

fn whole_mail(section: &Option<SectionPath>) -> bool {
    section.is_none()
}

fn header_only(section: &Option<SectionPath>) -> bool {
    matches!(section, Some(SectionPath::Full(MessageSection::Header)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_dates_are_read() {
        let cases = [
            ("17-Jul-1996 02:44:25 -0700", Some("1996-07-17T09:44:25Z")),
            (" 7-Jul-1996 02:44:25 +0000", Some("1996-07-07T02:44:25Z")),
            ("07-JUL-2026 02:44:25 +0530", Some("2026-07-06T21:14:25Z")),
            ("31-Feb-2026 02:44:25 +0000", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read_date(text).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_fetched_mail_does_not_print_itself() {
        let mail = Fetched { uid: 7, internal_date: None, raw: b"Subject: secret".to_vec() };
        assert!(!format!("{mail:?}").contains("secret"));
    }
}
