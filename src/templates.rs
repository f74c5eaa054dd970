//! The words of the letters: built-in templates, the owner's own in their place, and the check of both.
//!
//! One file a letter: `Subject: ...`, an empty line, the body in a little markup (see [`markup`]). It becomes a text
//! and, through `layout.html`, an HTML template once, at the start; strict mode makes an unknown value an error.
//! Every file of the owner is tried with samples of all it may meet, and every mistake is reported in one go with
//! file and line. Should one fail all the same, the built-in letter goes out, and says so to whoever asked for it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

use handlebars::{Context, Handlebars, RenderError, no_escape};

mod check;
pub mod markup;
mod quote;
pub mod variables;

pub use variables::{LETTERS, LetterKind, Values, letter_kind};

/// Where the layout takes the letter.
const PLACE: &str = "<!-- letter -->";
const BUILT_IN: &str = "built-in:";
/// What every letter has at least.
pub const DEFAULT_LANGUAGE: &str = "en";

const BUILT_IN_LAYOUT: &str = include_str!("../templates/layout.html");
const BUILT_IN_LETTERS: &[(&str, &str)] = &[
    ("apology", include_str!("../templates/en/apology.md")),
    ("acknowledgement", include_str!("../templates/en/acknowledgement.md")),
    ("after-call", include_str!("../templates/en/after-call.md")),
    ("holding", include_str!("../templates/en/holding.md")),
    ("escalated", include_str!("../templates/en/escalated.md")),
    ("update", include_str!("../templates/en/update.md")),
    ("fixed", include_str!("../templates/en/fixed.md")),
    ("check-in", include_str!("../templates/en/check-in.md")),
    ("nudge", include_str!("../templates/en/nudge.md")),
    ("sorry-again", include_str!("../templates/en/sorry-again.md")),
    ("recovered", include_str!("../templates/en/recovered.md")),
    ("new-case", include_str!("../templates/en/new-case.md")),
    ("customer-wrote", include_str!("../templates/en/customer-wrote.md")),
    ("transcript", include_str!("../templates/en/transcript.md")),
    ("confirm", include_str!("../templates/en/confirm.md")),
    ("reminder", include_str!("../templates/en/reminder.md")),
    ("question", include_str!("../templates/en/question.md")),
    ("seems-away", include_str!("../templates/en/seems-away.md")),
    ("case-story", include_str!("../templates/en/case-story.md")),
    ("listing", include_str!("../templates/en/listing.md")),
    ("delivery-failed", include_str!("../templates/en/delivery-failed.md")),
    ("escalation", include_str!("../templates/en/escalation.md")),
    ("escalation-digest", include_str!("../templates/en/escalation-digest.md")),
    ("today", include_str!("../templates/en/today.md")),
    ("before-you-go", include_str!("../templates/en/before-you-go.md")),
    ("welcome", include_str!("../templates/en/welcome.md")),
    ("measured", include_str!("../templates/en/measured.md")),
    ("alert", include_str!("../templates/en/alert.md")),
];

/// All letters in all languages, parsed.
#[derive(Debug, Clone)]
pub struct Templates {
    text: Handlebars<'static>,
    html: Handlebars<'static>,
    /// `en/apology` for each that exists.
    names: BTreeSet<String>,
    /// Those of them that are the owner's, layout included.
    own: BTreeSet<String>,
}

/// A letter as it reads, before it is a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub subject: String,
    /// Lines end with LF; paragraphs are one line each.
    pub text: String,
    pub html: String,
    /// Why the built-in letter stands here instead of the owner's.
    pub fell_back: Option<String>,
}

/// A mistake in the owner's templates, with the place to mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateMistake {
    pub file: PathBuf,
    /// From 1; 0 where it is about the file as a whole.
    pub line: usize,
    pub what: String,
}

impl fmt::Display for TemplateMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file.display(), self.what),
            line => write!(f, "{}:{line}: {}", self.file.display(), self.what),
        }
    }
}

/// A letter that cannot be rendered with these values.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    #[error("there is no letter \"{0}\"")]
    NoLetter(String),
    #[error("the letter \"{letter}\" cannot be written: {source}")]
    Render { letter: String, source: Box<RenderError> },
}

/// A file that was read: which letter in which language, and its two parts.
struct Source<'a> {
    file: &'a Path,
    language: &'a str,
    letter: &'static LetterKind,
    whole: &'a str,
}

impl Templates {
    /// The built-in letters, and the owner's in `folder` in their place: `<folder>/en/apology.md`,
    /// `<folder>/layout.html`. A folder for another language adds it, letter by letter.
    pub fn load(folder: Option<&Path>) -> Result<Self, Vec<TemplateMistake>> {
        let mut mistakes = Vec::new();
        let mut own_files = Vec::new();
        let mut layout = None;
        if let Some(folder) = folder {
            own_files = check::own_files(folder, &mut mistakes);
            layout = check::own_layout(folder, &mut mistakes);
        }
        let mut templates = Self::empty();
        let spare = layout.is_some() || !own_files.is_empty();
        templates.add_built_in(layout.as_deref(), spare, &mut mistakes);
        for (file, language, letter, whole) in &own_files {
            let source = Source { file, language, letter, whole };
            templates.add_own(&source, layout.as_deref(), &mut mistakes);
        }
        if mistakes.is_empty() { Ok(templates) } else { Err(mistakes) }
    }

    fn empty() -> Self {
        Self {
            text: check::registry(no_escape),
            html: check::registry(handlebars::html_escape),
            names: BTreeSet::new(),
            own: BTreeSet::new(),
        }
    }

    /// `spare` keeps each under a second name, in our own layout: what goes out when the owner's letter fails.
    fn add_built_in(&mut self, layout: Option<&str>, spare: bool, mistakes: &mut Vec<TemplateMistake>) {
        for (name, whole) in BUILT_IN_LETTERS {
            let key = format!("{DEFAULT_LANGUAGE}/{name}");
            let file = PathBuf::from(format!("(built in) {key}.md"));
            let spare = spare.then(|| (format!("{BUILT_IN}{key}"), BUILT_IN_LAYOUT));
            let used = (key.clone(), layout.unwrap_or(BUILT_IN_LAYOUT));
            for (key, layout) in std::iter::once(used).chain(spare) {
                if let Err((line, what)) = self.register(&key, whole, layout) {
                    mistakes.push(TemplateMistake { file: file.clone(), line, what });
                }
            }
            if layout.is_some() {
                self.own.insert(key.clone());
            }
            self.names.insert(key);
        }
    }

    fn add_own(&mut self, source: &Source<'_>, layout: Option<&str>, mistakes: &mut Vec<TemplateMistake>) {
        let found = check::mistakes_in(source);
        if !found.is_empty() {
            mistakes.extend(found);
            return;
        }
        let key = format!("{}/{}", source.language, source.letter.name);
        match self.register(&key, source.whole, layout.unwrap_or(BUILT_IN_LAYOUT)) {
            Ok(()) => mistakes.extend(self.try_all(&key, source)),
            Err((line, what)) => mistakes.push(TemplateMistake { file: source.file.to_owned(), line, what }),
        }
        self.names.insert(key.clone());
        self.own.insert(key);
    }

    /// Parses one letter into both registries. An error has the line of the file.
    fn register(&mut self, key: &str, whole: &str, layout: &str) -> Result<(), (usize, String)> {
        let (subject, body, body_line) = split(whole)?;
        let forms = markup::compile(body).map_err(|b| (b.line + body_line, b.what))?;
        let html = layout.replace(PLACE, &forms.html);
        let broken = |e: handlebars::TemplateError| (0, check::parse_words(&e));
        self.text.register_template_string(&subject_key(key), subject).map_err(broken)?;
        self.text.register_template_string(key, &forms.text).map_err(broken)?;
        self.html.register_template_string(key, html).map_err(broken)
    }

    /// The trial of a whole letter; what strict mode finds in the file itself was reported before.
    fn try_all(&self, key: &str, source: &Source<'_>) -> Option<TemplateMistake> {
        let mistake = |what: String| TemplateMistake { file: source.file.to_owned(), line: 0, what };
        for values in source.letter.samples() {
            match self.render_named(key, &values) {
                Err(error) => return Some(mistake(check::render_words(&error))),
                Ok(done) if source.letter.to_customer && done.text.len() > MAX_CUSTOMER_TEXT => {
                    return Some(mistake(format!(
                        "the letter has {} bytes; a customer gets at most 4 kB",
                        done.text.len()
                    )));
                }
                Ok(_) => {}
            }
        }
        None
    }

    /// In which language this letter can be written: of each wish `de-AT`, then `de`; last the default.
    pub fn language(&self, letter: &str, wishes: &[&str]) -> String {
        let found = wishes.iter().find_map(|wish| self.nearest_language(letter, wish));
        found.unwrap_or_else(|| DEFAULT_LANGUAGE.to_owned())
    }

    fn nearest_language(&self, letter: &str, wish: &str) -> Option<String> {
        let wish = wish.to_ascii_lowercase().replace('_', "-");
        let mut tag = wish.as_str();
        loop {
            if self.names.contains(&format!("{tag}/{letter}")) {
                return Some(tag.to_owned());
            }
            tag = tag.rsplit_once('-')?.0;
        }
    }

    /// The languages in which at least one letter exists.
    pub fn languages(&self) -> BTreeSet<&str> {
        self.names.iter().filter_map(|name| name.split('/').next()).collect()
    }

    /// The letter with these values. Fails only for a name that is none, or where even the built-in letter cannot
    /// be written with them.
    pub fn render(&self, letter: &str, language: &str, values: &Values) -> Result<Rendered, TemplateError> {
        let key = format!("{}/{letter}", self.language(letter, &[language]));
        if !self.names.contains(&key) {
            return Err(TemplateError::NoLetter(letter.to_owned()));
        }
        let failed =
            |source: RenderError| TemplateError::Render { letter: letter.to_owned(), source: Box::new(source) };
        match self.render_named(&key, values) {
            Ok(done) => Ok(done),
            Err(error) if self.own.contains(&key) => {
                let mut built_in = self.built_in(letter, values).map_err(failed)?;
                built_in.fell_back = Some(format!("{key}.md: {}", check::render_words(&error)));
                Ok(built_in)
            }
            Err(error) => Err(failed(error)),
        }
    }

    fn built_in(&self, letter: &str, values: &Values) -> Result<Rendered, RenderError> {
        self.render_named(&format!("{BUILT_IN}{DEFAULT_LANGUAGE}/{letter}"), values)
    }

    fn render_named(&self, key: &str, values: &Values) -> Result<Rendered, RenderError> {
        let mut context = Context::wraps(values)?;
        let subject = self.text.render_with_context(&subject_key(key), &context)?;
        let text = self.text.render_with_context(key, &context)?;
        let language = key.trim_start_matches(BUILT_IN).split('/').next().unwrap_or(DEFAULT_LANGUAGE);
        if let Some(data) = context.data_mut().as_object_mut() {
            data.insert("title".into(), subject.clone().into());
            data.insert("language".into(), language.into());
        }
        let mut html = self.html.render_with_context(key, &context)?;
        for empty in markup::EMPTY.iter().filter(|empty| html.contains(**empty)).collect::<Vec<_>>() {
            html = html.replace(empty, "");
        }
        Ok(Rendered { subject: tidy_line(&subject), text: tidy(&text), html, fell_back: None })
    }
}

/// mail-rules section 3: to outsiders at most 4 kB of text.
pub const MAX_CUSTOMER_TEXT: usize = 4096;

fn subject_key(key: &str) -> String {
    format!("{key}.subject")
}

/// Subject, body, and how many lines stand above the body.
fn split(whole: &str) -> Result<(&str, &str, usize), (usize, String)> {
    let (first, rest) = whole.split_once('\n').unwrap_or((whole, ""));
    let Some(subject) = first.trim_end().strip_prefix("Subject:").map(str::trim).filter(|s| !s.is_empty()) else {
        return Err((1, "the first line must be \"Subject: ...\"".into()));
    };
    match rest.split_once('\n') {
        Some((second, body)) if second.trim().is_empty() && !body.trim().is_empty() => Ok((subject, body, 3)),
        _ => Err((2, "after the subject comes an empty line, then the letter".into())),
    }
}

/// Blanks at line ends, doubled blanks and doubled empty lines come from conditions that did not hold.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty_lines = 0;
    for line in text.lines() {
        let line = if line.starts_with('>') { line.trim_end().to_owned() } else { tidy_line(line) };
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        if empty_lines > 0 && !out.is_empty() {
            out.push('\n');
        }
        empty_lines = 0;
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn tidy_line(line: &str) -> String {
    let line = line.trim();
    if !line.contains("  ") {
        return line.to_owned();
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
