//! How the story is told: 80 columns of plain text, with pauses to read by where somebody sits in front of it.
//!
//! Only writes; what it writes is given. Bold and dim text where the output is a terminal that has asked for no less
//! (no-color.org). An error is the output's own: a closed pipe ends the telling.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use jiff::Zoned;

use super::stage::Letter;

const WIDTH: usize = 80;
const INDENT: &str = "  ";
/// So that a scene grows before one's eyes.
const LINE: Duration = Duration::from_millis(55);
/// So that one may read it: after each scene, and for each of its lines.
const SCENE: Duration = Duration::from_millis(1200);
const READING: Duration = Duration::from_millis(100);

pub struct Telling<W> {
    out: W,
    pauses: bool,
    colours: bool,
    /// Lines since the last pause.
    unread: u32,
}

impl Telling<io::Stdout> {
    /// To the terminal: with pauses unless `fast`; to a file or pipe: plain and at once.
    pub fn to_stdout(fast: bool) -> Self {
        let out = io::stdout();
        let terminal = out.is_terminal();
        let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
            || std::env::var_os("TERM").is_some_and(|v| v == "dumb");
        Self { out, pauses: terminal && !fast, colours: terminal && !plain, unread: 0 }
    }
}

impl<W: Write> Telling<W> {
    /// Words of the teller, wrapped.
    pub fn says(&mut self, words: &str) -> io::Result<()> {
        if words.is_empty() {
            return Ok(());
        }
        for line in wrapped(words, WIDTH - 2 * INDENT.len()) {
            self.line(&format!("{INDENT}{line}"))?;
        }
        self.line("")
    }

    /// Something to copy: never wrapped.
    pub fn verbatim(&mut self, text: &str) -> io::Result<()> {
        self.line(&format!("{INDENT}{INDENT}{text}"))
    }

    /// A name and its words, in two columns.
    pub fn fact(&mut self, name: &str, words: &str) -> io::Result<()> {
        let column = 20;
        for (n, line) in wrapped(words, WIDTH - column - INDENT.len()).iter().enumerate() {
            let name = if n == 0 { name } else { "" };
            let name = self.dim(&format!("{INDENT}{name:<width$}", width = column - INDENT.len()));
            self.line(&format!("{name}{line}"))?;
        }
        Ok(())
    }

    pub fn heading(&mut self, left: &str, right: &str) -> io::Result<()> {
        let rule = self.dim(&"─".repeat(WIDTH));
        let gap = WIDTH.saturating_sub(2 * INDENT.len() + length(left) + length(right)).max(2);
        let right = if right.is_empty() { String::new() } else { " ".repeat(gap) + &self.dim(right) };
        let left = self.bold(left);
        self.line(&rule)?;
        self.line(&format!("{INDENT}{left}{right}"))?;
        self.line(&rule)?;
        self.line("")
    }

    pub fn scene(&mut self, at: &Zoned, title: &str) -> io::Result<()> {
        self.heading(title, &at.strftime("%A %-d %B, %H:%M").to_string())
    }

    /// Between two scenes.
    pub fn meanwhile(&mut self, at: &Zoned) -> io::Result<()> {
        let hour = self.dim(&at.strftime("%A %-d %B, %H:%M").to_string());
        self.line(&format!("{INDENT}{hour}"))
    }

    /// A mail that comes in.
    pub fn arrives(&mut self, name: &str, address: &str, subject: &str, words: &str) -> io::Result<()> {
        let head = format!(" <{address}> writes: ");
        let subject = cut(subject, WIDTH - INDENT.len() - length(name) - length(&head));
        let who = self.bold(name);
        self.line(&format!("{INDENT}{who}{head}{subject}"))?;
        self.line("")?;
        for line in words.trim_end().lines() {
            self.line(format!("{INDENT}{INDENT}> {line}").trim_end())?;
        }
        self.line("")
    }

    /// A letter in one line, to whom and its subject.
    pub fn leaves(&mut self, to: &str, subject: &str) -> io::Result<()> {
        let head = format!("{INDENT}→ {to:<14} ");
        let subject = cut(subject, WIDTH - length(&head));
        self.line(&format!("{head}{subject}"))
    }

    /// Something that Amends did, in one line.
    pub fn does(&mut self, what: &str) -> io::Result<()> {
        for (n, line) in wrapped(what, WIDTH - 2 * INDENT.len() - 2).iter().enumerate() {
            self.line(&format!("{INDENT}{} {line}", if n == 0 { "•" } else { " " }))?;
        }
        Ok(())
    }

    /// A letter as it is read.
    pub fn letter(&mut self, letter: &Letter) -> io::Result<()> {
        let from = letter.mail.from.first();
        let from = from.map(|p| p.name.clone().unwrap_or_else(|| p.address.to_string())).unwrap_or_default();
        self.edge('╭', '╮')?;
        self.within(&format!("From: {from}"))?;
        self.within(&format!("To: {}", letter.row.to))?;
        self.within(&format!("Subject: {}", letter.subject()))?;
        self.within("")?;
        for paragraph in letter.mail.text.trim_end().lines() {
            self.within(paragraph)?;
        }
        self.edge('╰', '╯')?;
        self.line("")
    }

    pub fn end_of_scene(&mut self) -> io::Result<()> {
        self.out.flush()?;
        let unread = std::mem::take(&mut self.unread);
        self.wait(SCENE + READING * unread);
        Ok(())
    }

    fn edge(&mut self, left: char, right: char) -> io::Result<()> {
        let width = WIDTH - 2 * INDENT.len() - 2;
        let edge = self.dim(&format!("{left}{}{right}", "─".repeat(width)));
        self.line(&format!("{INDENT}{edge}"))
    }

    /// A paragraph inside a letter's frame.
    fn within(&mut self, paragraph: &str) -> io::Result<()> {
        let width = WIDTH - 2 * INDENT.len() - 4;
        let side = self.dim("│");
        for line in wrapped(&without_links(paragraph), width) {
            let gap = " ".repeat(width.saturating_sub(length(&line)));
            self.line(&format!("{INDENT}{side} {line}{gap} {side}"))?;
        }
        Ok(())
    }

    pub fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")?;
        self.unread += 1;
        self.wait(LINE);
        Ok(())
    }

    fn wait(&self, pause: Duration) {
        if self.pauses {
            std::thread::sleep(pause);
        }
    }

    fn bold(&self, text: &str) -> String {
        self.styled("1", text)
    }

    fn dim(&self, text: &str) -> String {
        self.styled("2", text)
    }

    fn styled(&self, style: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{style}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// A link that writes a mail is longer than any line; the letter's page has it whole.
fn without_links(paragraph: &str) -> String {
    let short = |word: &str| if word.starts_with("mailto:") { "mailto:…".to_owned() } else { word.to_owned() };
    paragraph.split(' ').map(short).collect::<Vec<_>>().join(" ")
}

fn cut(text: &str, width: usize) -> String {
    match length(text) <= width {
        true => text.to_owned(),
        false => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Lines of at most `width`; what follows a list's or a quote's mark stays under its first word.
fn wrapped(paragraph: &str, width: usize) -> Vec<String> {
    let (first, next) = match paragraph.split_once(' ') {
        Some(("-", _)) => ("- ", "  "),
        Some((">", _)) => ("> ", "> "),
        _ => ("", ""),
    };
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    for word in paragraph[first.len()..].split_whitespace() {
        let begun = line.ends_with(|c: char| c != ' ') && length(&line) > 0;
        if begun && length(&line) + 1 + length(word) > width {
            lines.push(std::mem::replace(&mut line, next.to_owned()));
        }
        if line.ends_with(|c: char| c != ' ') {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_item_of_a_list_stays_under_its_first_word() {
        assert_eq!(wrapped("- one two three", 9), ["- one two", "  three"]);
        assert_eq!(wrapped("> one two three", 9), ["> one two", "> three"]);
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped(">", 7), [">"]);
    }

    #[test]
    fn a_word_that_is_too_long_stands_alone() {
        assert_eq!(wrapped("a incomprehensibilities b", 5), ["a", "incomprehensibilities", "b"]);
    }

    #[test]
    fn a_subject_is_cut_to_its_room() {
        assert_eq!(cut("Lamp broken", 11), "Lamp broken");
        assert_eq!(cut("Lamp broken", 6), "Lamp …");
    }

    #[test]
    fn a_frame_fills_eighty_columns_but_its_margins() {
        let mut telling = Telling { out: Vec::new(), pauses: false, colours: false, unread: 0 };
        telling.within("Dear Klaus Berger,").expect("a Vec takes all");
        let line = String::from_utf8(telling.out).expect("text");
        assert_eq!(length(line.trim_end_matches('\n')), WIDTH - INDENT.len());
    }
}
