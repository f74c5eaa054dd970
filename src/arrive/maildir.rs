//! Mail from local folders: a Maildir, or one mail from an MTA's pipe; and letters into a Maildir, for hosts without SMTP.
//!
//! A Maildir (D. J. Bernstein, cr.yp.to/proto/maildir.html) needs no locks: a file appears by rename, whole or not at all,
//! and its name up to the first `:` names the mail for ever. We never delete a file. All of this blocks: call it on a
//! thread where that matters. Errors name the path; a file that is gone is not an error, people may tidy up at any time.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::Timestamp;

/// Of a mail above the size cap only this much of its header is read: the parser's own limit (mail-rules section 6).
const HEADER_BYTES: u64 = 256 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum MaildirError {
    #[error("cannot {doing} {}: {source}", path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
    #[error("{name:?} is no name for a file in a Maildir: letters, digits and . _ - only, and no dot in front")]
    Name { name: String },
}

/// A folder with `tmp`, `new` and `cur` in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Maildir {
    root: PathBuf,
}

/// A mail that lies in `new` or `cur`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name that stays: up to the first `:`, odd bytes as `%XX`.
    pub unique: String,
    pub size_bytes: u64,
    /// When the file was written; `None` where the system does not tell a usable time.
    pub received_at: Option<Timestamp>,
    /// Where it lay when it was listed.
    path: PathBuf,
}

impl Maildir {
    /// Opens the Maildir at `root`, making what is missing of it.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, MaildirError> {
        let root = root.into();
        for part in ["tmp", "new", "cur"] {
            let path = root.join(part);
            // As maildirmake does: nobody else's business.
            let made = DirBuilder::new().recursive(true).mode(0o700).create(&path);
            made.map_err(failed("make the folder", &path))?;
        }
        Ok(Self { root })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// All mail in `new` and `cur`, oldest first. Hidden files, folders and links are not mail.
    ///
    /// # Errors
    /// When a folder cannot be read: never a list that stops half-way.
    pub fn list(&self) -> Result<Vec<Entry>, MaildirError> {
        let mut found = BTreeMap::new();
        // `new` first: a mail that a reader moves to `cur` meanwhile is met at least once.
        for part in ["new", "cur"] {
            for path in self.files(part)? {
                if let Some(entry) = entry_at(path)? {
                    found.insert(entry.unique.clone(), entry);
                }
            }
        }
        let mut entries: Vec<Entry> = found.into_values().collect();
        entries.sort_by(|a, b| (a.received_at, &a.unique).cmp(&(b.received_at, &b.unique)));
        Ok(entries)
    }

    /// The mail's bytes; `None` when it is gone. A reader may have renamed it since it was listed.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn read(&self, entry: &Entry) -> Result<Option<Vec<u8>>, MaildirError> {
        self.read_up_to(entry, u64::MAX)
    }

    /// The header alone of a mail above the hard size cap, at most 256 kB of it; `None` when it is gone.
    ///
    /// # Errors
    /// As [`Maildir::read`].
    pub fn read_header(&self, entry: &Entry) -> Result<Option<Vec<u8>>, MaildirError> {
        let mut head = self.read_up_to(entry, HEADER_BYTES)?;
        if let Some(bytes) = &mut head {
            bytes.truncate(header_end(bytes));
        }
        Ok(head)
    }

    /// After a mail is safe with us: out of `new` into `cur`, with the flag S where `seen`. Doing it twice changes nothing.
    ///
    /// # Errors
    /// When it is there and cannot be renamed.
    pub fn settle(&self, unique: &str, seen: bool) -> Result<(), MaildirError> {
        let Some(path) = self.find(unique)? else { return Ok(()) };
        let to = self.root.join("cur").join(settled_name(&path, seen));
        match fs::rename(&path, &to) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other.map_err(failed("rename", &path)),
        }
    }

    /// Writes a letter into `new`, durably: after `Ok` it survives a power cut. `now` becomes the file's time.
    ///
    /// `unique` is made from the letter's id, so that a second try after a crash meets the file of the first and leaves it:
    /// one letter, one file, also where a reader has moved it to `cur` since.
    ///
    /// # Errors
    /// When `unique` is no file name, or the disk refuses.
    pub fn deliver(&self, bytes: &[u8], now: Timestamp, unique: &str) -> Result<PathBuf, MaildirError> {
        if !is_plain_name(unique) {
            return Err(MaildirError::Name { name: unique.to_owned() });
        }
        let path = match self.delivered(unique)? {
            Some(there) => there,
            None => self.write(bytes, now, unique)?,
        };
        // Also for a file of an earlier try: that one may have ended between the rename and this.
        let folder = path.parent().unwrap_or(&self.root);
        File::open(folder).and_then(|open| open.sync_all()).map_err(failed("sync", folder))?;
        Ok(path)
    }

    /// A letter of this name from an earlier try. In `new` it bears the plain name; only `cur` has to be looked through.
    fn delivered(&self, unique: &str) -> Result<Option<PathBuf>, MaildirError> {
        let fresh = self.root.join("new").join(unique);
        if fresh.symlink_metadata().is_ok() {
            return Ok(Some(fresh));
        }
        Ok(self.files("cur")?.into_iter().find(|path| unique_name(path) == unique))
    }

    fn write(&self, bytes: &[u8], now: Timestamp, unique: &str) -> Result<PathBuf, MaildirError> {
        let (tmp, new) = (self.root.join("tmp").join(unique), self.root.join("new").join(unique));
        let open = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp);
        let written = open.and_then(|mut file| {
            file.write_all(bytes)?;
            file.set_modified(SystemTime::from(now))?;
            file.sync_all()
        });
        written.map_err(failed("write", &tmp))?;
        fs::rename(&tmp, &new).map_err(failed("rename", &tmp))?;
        Ok(new)
    }

    fn read_up_to(&self, entry: &Entry, most: u64) -> Result<Option<Vec<u8>>, MaildirError> {
        if let Some(bytes) = read_file(&entry.path, most)? {
            return Ok(Some(bytes));
        }
        match self.find(&entry.unique)? {
            Some(path) => read_file(&path, most),
            None => Ok(None),
        }
    }

    /// Where the mail of this name lies now. The two likely places first: a look through a large folder is dear.
    fn find(&self, unique: &str) -> Result<Option<PathBuf>, MaildirError> {
        if is_plain_name(unique) {
            let likely = [("new", ""), ("cur", ":2,"), ("cur", ":2,S")];
            for (part, flags) in likely {
                let path = self.root.join(part).join(format!("{unique}{flags}"));
                if path.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
                    return Ok(Some(path));
                }
            }
        }
        for part in ["new", "cur"] {
            let here = self.files(part)?.into_iter().find(|path| unique_name(path) == unique);
            if here.is_some() {
                return Ok(here);
            }
        }
        Ok(None)
    }

    fn files(&self, part: &str) -> Result<Vec<PathBuf>, MaildirError> {
        let folder = self.root.join(part);
        let read = || -> io::Result<Vec<PathBuf>> { fs::read_dir(&folder)?.map(|item| Ok(item?.path())).collect() };
        let mut files = read().map_err(failed("list", &folder))?;
        files.retain(|path| !path.file_name().is_some_and(|name| name.as_bytes().starts_with(b".")));
        Ok(files)
    }
}

impl Entry {
    /// See [`ledger_folder`].
    pub fn ledger_folder(&self) -> String {
        ledger_folder(&self.unique)
    }
}

/// The folder under which the ledger keeps a mail of a Maildir, which has no UIDs: UIDVALIDITY and UID are 0 there.
pub fn ledger_folder(unique: &str) -> String {
    format!("maildir/{unique}")
}

/// The name back out of [`ledger_folder`]; `None` for a folder of another kind.
pub fn ledger_unique(folder: &str) -> Option<&str> {
    folder.strip_prefix("maildir/")
}

fn entry_at(path: PathBuf) -> Result<Option<Entry>, MaildirError> {
    // Not through links: one could point at any file that we may read.
    let meta = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed("look at", &path))?,
    };
    if !meta.is_file() {
        return Ok(None);
    }
    let received_at = meta.modified().ok().and_then(|time| Timestamp::try_from(time).ok());
    Ok(Some(Entry { unique: unique_name(&path), size_bytes: meta.len(), received_at, path }))
}

/// The name up to the first `:`. What is no plain character becomes `%XX`, so that no two names become one.
fn unique_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(OsStr::new("")).as_bytes();
    let base = name.split(|byte| *byte == b':').next().unwrap_or(name);
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'%';
    base.iter().map(|byte| if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The name in `cur`: flags that are there stay, sorted as the specification asks; S is added where `seen`.
fn settled_name(path: &Path, seen: bool) -> std::ffi::OsString {
    let name = path.file_name().unwrap_or(OsStr::new("")).as_bytes();
    let base = name.split(|byte| *byte == b':').next().unwrap_or(name);
    let info = name.get(base.len()..).unwrap_or_default();
    let mut flags = info.strip_prefix(b":2,").unwrap_or_default().to_vec();
    if seen {
        flags.push(b'S');
    }
    flags.sort_unstable();
    flags.dedup();
    OsStr::from_bytes(&[base, b":2,", flags.as_slice()].concat()).to_owned()
}

/// Names that we choose: nothing that leads out of the folder, hides, or begins the flags.
fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=200).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain)
}

fn read_file(path: &Path, most: u64) -> Result<Option<Vec<u8>>, MaildirError> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed("open", path))?,
    };
    let mut bytes = Vec::new();
    file.take(most).read_to_end(&mut bytes).map_err(failed("read", path))?;
    Ok(Some(bytes))
}

/// Behind the empty line that ends a header (RFC 5322 section 2.1), or all there is.
fn header_end(bytes: &[u8]) -> usize {
    let crlf = bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
    let lf = bytes.windows(2).position(|two| two == b"\n\n").map(|at| at + 2);
    [crlf, lf].into_iter().flatten().min().unwrap_or(bytes.len())
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> MaildirError {
    let path = path.to_owned();
    move |source| MaildirError::Io { doing, path, source }
}

#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    #[error("the mail is larger than {max_bytes} bytes (security.max_message_size)")]
    TooLarge { max_bytes: u64 },
    #[error("there was no mail: the input was empty")]
    Empty,
    #[error("the mail could not be read: {0}")]
    Io(#[from] io::Error),
}

/// One mail from an MTA's pipe, without the mbox `From ` line that some put in front of it.
///
/// # Errors
/// [`PipeError`]; then the MTA must keep the mail.
pub fn read_one(reader: impl Read, max_bytes: u64) -> Result<Vec<u8>, PipeError> {
    let mut bytes = Vec::new();
    // Room for the line that is not part of the mail.
    reader.take(max_bytes.saturating_add(1024)).read_to_end(&mut bytes)?;
    bytes.drain(..mbox_line(&bytes));
    match bytes.len() {
        0 => Err(PipeError::Empty),
        length if u64::try_from(length).unwrap_or(u64::MAX) > max_bytes => Err(PipeError::TooLarge { max_bytes }),
        _ => Ok(bytes),
    }
}

/// The length of a leading mbox line (RFC 4155, default format). `From : a@b` is a header field (RFC 5322 section 4.5).
fn mbox_line(bytes: &[u8]) -> usize {
    let Some(rest) = bytes.strip_prefix(b"From ") else { return 0 };
    if rest.trim_ascii_start().starts_with(b":") {
        return 0;
    }
    bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1)
}
