//! The token file: the refresh token of one login, for this user's eyes alone.
//!
//! Written beside and moved in, both synced: a crash leaves the old file or the new one, never half of either. A lock
//! beside it keeps the daemon and a command from renewing at once, for the provider voids the token that was used.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::OAuthError;
use crate::config::Secret;

/// What a login left behind.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    refresh_token: String,
    /// When somebody logged in.
    pub since: Timestamp,
    /// Until when the provider said that the refresh token is good.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl Kept {
    pub fn new(refresh: &Secret, since: Timestamp, until: Option<Timestamp>) -> Self {
        Self { refresh_token: String::from_utf8_lossy(refresh.expose()).into_owned(), since, until }
    }

    /// The end that the provider named, where it is near: within two weeks, or within the last third of a shorter life.
    pub fn ends_soon(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.until?;
        let early = SignedDuration::from_hours(14 * 24).min(until.duration_since(self.since) / 3);
        (until.duration_since(now) <= early).then_some(until)
    }

    pub(super) fn refresh(&self) -> &str {
        &self.refresh_token
    }
}

/// No token in a log by way of `{:?}`.
impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept {{ since: {}, until: {:?} }}", self.since, self.until)
    }
}

/// What the file holds; `None` where nobody has logged in.
///
/// # Errors
/// Where it cannot be read, or holds something else.
pub fn kept(path: &Path) -> Result<Option<Kept>, OAuthError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, format!("cannot be read: {error}"))),
    };
    let kept = serde_json::from_slice(&text);
    kept.map(Some).map_err(|_| failed(path, "holds no login: run `amends login` again".to_owned()))
}

/// Puts a new login in the place of an older one: behind whoever renews that at the moment, who would write it back.
///
/// # Errors
/// Where that cannot be: the login is not kept then.
pub fn replace(path: &Path, login: &Kept) -> Result<(), OAuthError> {
    let _alone = lock(path)?;
    keep(path, login)
}

/// Puts the login into the file; when it returns, the disk has it. For whoever holds the lock.
///
/// # Errors
/// Where that cannot be: the login is not kept then, and the old one may be void.
pub(super) fn keep(path: &Path, login: &Kept) -> Result<(), OAuthError> {
    let text = serde_json::to_vec_pretty(login).map_err(|error| failed(path, error.to_string()))?;
    let written = write_beside(path, &text);
    written.map_err(|error| failed(path, format!("cannot be written: {error}")))
}

fn write_beside(path: &Path, text: &[u8]) -> io::Result<()> {
    let beside = with_suffix(path, ".new");
    let mut file = private(&beside, true)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// Waits for whoever renews the login at the moment, and keeps others waiting while it lives.
pub(super) fn lock(path: &Path) -> Result<File, OAuthError> {
    let file = private(&with_suffix(path, ".lock"), false).and_then(|file| file.lock().map(|()| file));
    file.map_err(|error| failed(path, format!("cannot be locked: {error}")))
}

fn private(path: &Path, empty: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(empty);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn failed(path: &Path, what: String) -> OAuthError {
    OAuthError::File { path: path.to_owned(), what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_kept_for_this_user_alone_and_read_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("support.token");
        assert_eq!(kept(&path).expect("no file is no error"), None);
        let login = Kept::new(&Secret::new("r-1"), Timestamp::UNIX_EPOCH, None);
        for _ in 0..2 {
            keep(&path, &login).expect("kept");
        }
        assert_eq!(kept(&path).expect("read"), Some(login.clone()));
        assert!(!format!("{login:?}").contains("r-1"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
        }
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing is left beside it");
    }

    #[test]
    fn an_end_is_near_in_the_last_third_or_within_two_weeks() {
        let at = |text: &str| -> Timestamp { format!("{text}T12:00:00Z").parse().expect("an instant") };
        let soon = |until: Option<&str>, now: &str| {
            Kept::new(&Secret::new("r"), at("2026-01-01"), until.map(at)).ends_soon(at(now)).is_some()
        };
        assert!(!soon(None, "2027-01-01"), "no end was named");
        assert!(!soon(Some("2026-04-01"), "2026-03-17") && soon(Some("2026-04-01"), "2026-03-18"));
        assert!(!soon(Some("2026-01-08"), "2026-01-05") && soon(Some("2026-01-08"), "2026-01-06"));
        assert!(soon(Some("2026-01-08"), "2026-02-01"), "it has ended");
    }

    #[test]
    fn what_is_no_login_says_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("support.token");
        fs::write(&path, "{}").expect("written");
        assert!(kept(&path).expect_err("no login").to_string().contains("run `amends login` again"));
        let nowhere = folder.path().join("no/such/folder");
        let login = Kept::new(&Secret::new("r"), Timestamp::UNIX_EPOCH, None);
        assert!(keep(&nowhere, &login).expect_err("no folder").to_string().contains("cannot be written"));
    }
}
