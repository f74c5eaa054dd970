//! What a colleague answered to one of our notices, made ready to go on to the customer: their new words and files.
//!
//! Mail programs quote the notice below, and it is not for the customer. So everything is cut by the rules of `text.rs`
//! and `html/quotes.rs`; the HTML goes along only where it says what the text says; and what then still holds a mark of
//! ours is a [`Leak`]: nothing is sent. Linear in the bytes, never panics. RFC 2046, RFC 2392, mail-rules section 5.

mod answers;
mod compare;
mod cut;
mod files;
mod leak;
mod markup;

use crate::mail::{Address, File, Relayed};

use super::parse::opened::{self, Opened};
use super::{html, parse, text};
use cut::Cut;
use files::Shown;
use leak::Guard;
pub use leak::{Leak, Leaked, Place};

/// What goes on to the customer. `command_lines`: how many lines at the top of the new words are commands, blank ones not
/// counted; `own`: the addresses of our mailboxes.
pub fn relayed(raw: &[u8], command_lines: usize, own: &[Address]) -> Result<Relayed, Leak> {
    let mail = parse::open(raw);
    let guard = Guard::new(own, &mail.subject);
    mail.files
        .iter()
        .try_for_each(|file| refuse(files::is_opaque(file).then_some(Leaked::Opaque), || Place::File(named(file))))?;
    let cut = mail.html.as_deref().and_then(|source| cut::html(source, command_lines));
    let (text, cut_short) = new_text(&mail, cut.as_ref(), command_lines);
    refuse(text::armor::is_encrypted(&text).then_some(Leaked::Opaque), || Place::Text)?;
    refuse(guard.find(&text), || Place::Text)?;
    let shown = match (&cut, &mail.html) {
        (Some(cut), _) => Shown::In(cut),
        (None, Some(_)) => Shown::Unknown,
        (None, None) => Shown::Nowhere,
    };
    let mut files = files::going_along(mail.files, &shown);
    files.iter().try_for_each(|file| refuse(leak_in(file, &guard), || Place::File(named(file))))?;
    let html = cut.and_then(|cut| fitting(&cut, &text, &files)).filter(|html| !leaks(html, &guard));
    files::place(&mut files, html.as_deref());
    Ok(Relayed { text, html, files, cut_short })
}

/// The files of a customer's mail for whoever answers it, as many as fit into so many bytes. What does not fit is named in
/// a file of its own: nobody may believe that there was no more.
pub fn files(raw: &[u8], most_bytes: usize) -> Vec<File> {
    let mut left = most_bytes;
    let mut fits = |file: &File| {
        let fits = file.bytes.len() <= left;
        left -= if fits { file.bytes.len() } else { 0 };
        fits
    };
    let attached = |file: File| File { inline: false, ..file };
    let (fitting, too_large): (Vec<File>, Vec<File>) = parse::open(raw).files.into_iter().partition(|file| fits(file));
    fitting.into_iter().map(attached).chain(files::left_out(&too_large)).collect()
}

fn refuse(found: Option<Leaked>, place: impl Fn() -> Place) -> Result<(), Leak> {
    found.map_or(Ok(()), |what| Err(Leak { what, place: place() }))
}

/// Does anything of a notice of ours stand in these words?
pub fn leak_in_words(words: &str, own: &[Address]) -> Option<Leak> {
    Guard::new(own, "").find(words).map(|what| Leak { what, place: Place::Text })
}

/// The new words: of the plain part, or of the HTML where that is all there is; and whether they were cut short.
fn new_text(mail: &Opened, cut: Option<&Cut>, command_lines: usize) -> (String, bool) {
    if !mail.plain.trim().is_empty() {
        return cut::plain(&mail.plain, command_lines, cut.map_or("", |cut| &cut.commands));
    }
    match (cut, &mail.html) {
        // Cut already; the rules for text may still know a quote that stood in no block of its own.
        (Some(cut), _) => {
            let (text, short) = cut::plain(&html::to_text(&files::with_own_pictures(&cut.html, &[])).text, 0, "");
            (text, short || cut.short)
        }
        (None, Some(source)) => cut::plain(&html::to_text(source).text, command_lines, ""),
        (None, None) => (String::new(), false),
    }
}

/// The HTML as a customer may see it, if it says what the text says.
fn fitting(cut: &Cut, text: &str, files: &[File]) -> Option<String> {
    let html = html::sanitise_with_pictures(&files::with_own_pictures(&cut.html, files))?;
    (!text.is_empty() && compare::same_words(text, &html)).then_some(html)
}

/// Tags and attributes too, and the words without their tags.
fn leaks(html: &str, guard: &Guard) -> bool {
    let words: String = markup::read(html).lines.iter().map(|line| line.text.as_str()).collect();
    guard.find(&html::unescape(html)).or_else(|| guard.find(&words)).is_some()
}

/// What our notice could hide in: the file's name, and all words of an attached mail or text.
fn leak_in(file: &File, guard: &Guard) -> Option<Leaked> {
    let of_name = file.name.as_deref().and_then(|name| guard.find(name));
    of_name.or_else(|| opened::words_within(file).iter().find_map(|words| guard.find(words)))
}

fn named(file: &File) -> String {
    file.name.clone().unwrap_or_else(|| file.mime_type.clone())
}

#[cfg(test)]
mod tests;
