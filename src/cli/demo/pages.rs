//! The letters as pages: one HTML file a letter, just as a mail program shows it, and an index in the story's order.
//!
//! Without scripts and without anything from elsewhere: a browser opens them from the disk.

use std::io;
use std::path::{Path, PathBuf};

use handlebars::html_escape;
use jiff::Zoned;

use super::stage::Letter;

const TOP: &str = include_str!("pages.html");

/// Collects what is shown, and writes it at the end.
pub struct Pages {
    folder: PathBuf,
    rows: String,
    letters: usize,
}

impl Pages {
    pub fn in_folder(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), rows: String::new(), letters: 0 }
    }

    /// A heading of the index.
    pub fn scene(&mut self, at: &Zoned, title: &str) {
        let hour = at.strftime("%A %-d %B, %H:%M");
        self.rows.push_str(&format!("<h2>{} <time>{hour}</time></h2>\n", html_escape(title)));
    }

    /// A customer's mail.
    pub fn arrives(&mut self, name: &str, subject: &str, words: &str) {
        let (name, subject, words) = (html_escape(name), html_escape(subject), html_escape(words.trim()));
        self.rows.push_str(&format!("<p><b>{name}</b> writes: {subject}</p>\n<blockquote>{words}</blockquote>\n"));
    }

    /// A letter, and the page that shows it.
    pub fn leaves(&mut self, letter: &Letter, to: &str) -> io::Result<()> {
        self.letters += 1;
        let first = to.split(' ').next().unwrap_or(to).to_lowercase();
        let file = format!("{:02}-{}-to-{first}.html", self.letters, letter.row.letter);
        std::fs::write(self.folder.join(&file), page(letter))?;
        let (to, subject) = (html_escape(to), html_escape(letter.subject()));
        self.rows.push_str(&format!("<p class=\"letter\">to {to}: <a href=\"{file}\">{subject}</a></p>\n"));
        Ok(())
    }

    /// Writes the index; gives its path.
    pub fn finish(self) -> io::Result<PathBuf> {
        let index = self.folder.join("index.html");
        std::fs::write(&index, format!("{TOP}{}</body>\n</html>\n", self.rows))?;
        Ok(index)
    }
}

/// The letter's own HTML; its words where it has none.
fn page(letter: &Letter) -> String {
    match &letter.mail.html {
        Some(html) => html.clone(),
        None => format!("<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<pre>{}</pre>\n", html_escape(&letter.mail.text)),
    }
}
