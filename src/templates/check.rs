//! Finding every mistake in the owner's templates: names, values, helpers, layout, each with its line.
//!
//! Strict mode alone would not do: `{{#if typo}}` is silently false in it. So the parsed template is walked and
//! every path in it looked up among the letter's values, and then the file is rendered with all samples.

use std::path::{Path, PathBuf};

use handlebars::template::{HelperTemplate, Parameter, Template, TemplateElement};
use handlebars::{Handlebars, RenderError, RenderErrorReason, TemplateError};
use serde_json::Value;

use super::quote;
use super::variables::{LETTERS, LetterKind, letter_kind};
use super::{PLACE, Source, TemplateMistake};

const BLOCKS: [&str; 4] = ["if", "unless", "each", "with"];
const INLINE: [&str; 10] = ["eq", "ne", "gt", "gte", "lt", "lte", "and", "or", "not", "len"];
/// Ours: the lines of a value, each marked as a quote.
const QUOTE: &str = "quote";
const LAYOUT_VALUES: [&str; 4] = ["title", "language", "house", "company"];

/// A strict registry with this way to escape values.
pub(super) fn registry(escape: fn(&str) -> String) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(escape);
    registry.register_helper(QUOTE, Box::new(quote::Quote { escape }));
    registry
}

type OwnFile = (PathBuf, String, &'static LetterKind, String);

/// The letters in the owner's folder; what is misplaced or unreadable is reported.
pub(super) fn own_files(folder: &Path, mistakes: &mut Vec<TemplateMistake>) -> Vec<OwnFile> {
    let mut out = Vec::new();
    for language in entries(folder, mistakes).into_iter().filter(|p| p.is_dir()) {
        let Some(tag) = language.file_name().and_then(|n| n.to_str()).filter(|n| is_language(n)) else { continue };
        for file in entries(&language, mistakes) {
            let stem = file.file_stem().and_then(|s| s.to_str()).unwrap_or_default().to_owned();
            if file.extension().is_none_or(|e| e != "md") || stem.eq_ignore_ascii_case("readme") {
                continue;
            }
            match (letter_kind(&stem), read(&file, mistakes)) {
                (Some(letter), Some(whole)) => out.push((file, tag.to_ascii_lowercase(), letter, whole)),
                (None, Some(_)) => mistakes.push(TemplateMistake { what: no_letter(&stem), file, line: 0 }),
                (_, None) => {}
            }
        }
    }
    out
}

/// `de`, `gsw`, `de-AT`, `zh-Hant`.
fn is_language(name: &str) -> bool {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

fn no_letter(stem: &str) -> String {
    let hint = match nearest(stem, LETTERS.iter().map(|l| l.name.to_owned())) {
        Some(name) => format!("did you mean {name}.md?"),
        None => format!("there are: {}", LETTERS.iter().map(|l| l.name).collect::<Vec<_>>().join(" ")),
    };
    format!("there is no letter of that name; {hint}")
}

/// The owner's layout, if there is one and it can hold a letter.
pub(super) fn own_layout(folder: &Path, mistakes: &mut Vec<TemplateMistake>) -> Option<String> {
    let file = folder.join("layout.html");
    if !file.exists() {
        return None;
    }
    let layout = read(&file, mistakes)?;
    let found = layout_mistakes(&file, &layout);
    let good = found.is_empty();
    mistakes.extend(found);
    good.then_some(layout)
}

fn layout_mistakes(file: &Path, layout: &str) -> Vec<TemplateMistake> {
    let mistake = |line: usize, what: String| TemplateMistake { file: file.to_owned(), line, what };
    let mut out = raw_tags(file, layout);
    if layout.matches(PLACE).count() != 1 {
        out.push(mistake(0, format!("the layout must hold {PLACE} once: there the letter stands")));
    }
    // mail-rules section 3: no remote content, no script.
    for (n, line) in layout.lines().enumerate() {
        let line = line.to_ascii_lowercase();
        for bad in ["<script", "src=\"http", "src='http", "url(", "@import", "<link", "<iframe", "<form"] {
            if line.contains(bad) {
                out.push(mistake(n + 1, format!("{bad}: a letter brings no script and fetches nothing")));
            }
        }
    }
    let names: Vec<String> = LAYOUT_VALUES.map(String::from).to_vec();
    let shape = Value::Object(names.iter().map(|n| (n.clone(), Value::String(String::new()))).collect());
    match Template::compile(layout) {
        Ok(template) => walk(&template, &mut vec![&shape], &mut |line, what| out.push(mistake(line, what))),
        Err(error) => out.push(mistake(error.pos().map_or(0, |p| p.0), parse_words(&error))),
    }
    out
}

fn entries(folder: &Path, mistakes: &mut Vec<TemplateMistake>) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).and_then(|dir| dir.map(|e| e.map(|e| e.path())).collect());
    let mut paths: Vec<PathBuf> = listed.unwrap_or_else(|error| {
        mistakes.push(unreadable(folder, &error));
        Vec::new()
    });
    paths.sort();
    paths
}

fn read(file: &Path, mistakes: &mut Vec<TemplateMistake>) -> Option<String> {
    match std::fs::read_to_string(file) {
        Ok(whole) => Some(whole.trim_start_matches('\u{feff}').replace("\r\n", "\n")),
        Err(error) => {
            mistakes.push(unreadable(file, &error));
            None
        }
    }
}

fn unreadable(file: &Path, error: &std::io::Error) -> TemplateMistake {
    TemplateMistake { file: file.to_owned(), line: 0, what: format!("it cannot be read: {error}") }
}

/// All that can be said about the file with its line: the file itself is parsed, not what the markup makes of it.
pub(super) fn mistakes_in(source: &Source<'_>) -> Vec<TemplateMistake> {
    let mistake = |line: usize, what: String| TemplateMistake { file: source.file.to_owned(), line, what };
    let mut out = raw_tags(source.file, source.whole);
    if let Err((line, what)) = super::split(source.whole) {
        out.push(mistake(line, what));
    }
    match Template::compile(source.whole) {
        Ok(template) => {
            let shape = Value::Object(source.letter.shape());
            walk(&template, &mut vec![&shape], &mut |line, what| out.push(mistake(line, what)));
        }
        Err(error) => out.push(mistake(error.pos().map_or(0, |p| p.0), parse_words(&error))),
    }
    if out.is_empty() {
        out.extend(first_failure(source).map(|(line, what)| mistake(line, what)));
    }
    out
}

/// `{{{x}}}` and `{{&x}}` would put a stranger's words unescaped into the HTML.
fn raw_tags(file: &Path, whole: &str) -> Vec<TemplateMistake> {
    let found = whole.lines().enumerate().filter(|(_, line)| {
        line.contains("{{{")
            || line
                .match_indices("{{")
                .any(|(at, _)| line[at + 2..].trim_start_matches('~').trim_start().starts_with('&'))
    });
    let what = "{{{ and {{& would let a stranger's words into the letter's HTML; write {{name}}";
    found.map(|(n, _)| TemplateMistake { file: file.to_owned(), line: n + 1, what: what.into() }).collect()
}

/// Renders the file as it stands with all samples: a value used without asking whether it is there.
fn first_failure(source: &Source<'_>) -> Option<(usize, String)> {
    let mut trial = registry(handlebars::no_escape);
    trial.register_template_string("trial", source.whole).ok()?;
    source.letter.samples().iter().find_map(|values| {
        let error = trial.render("trial", values).err()?;
        Some((error.line_no.unwrap_or(0), render_words(&error)))
    })
}

/// Looks every path of the template up in the shapes of its surroundings, innermost last.
fn walk(template: &Template, scopes: &mut Vec<&Value>, report: &mut dyn FnMut(usize, String)) {
    for (n, element) in template.elements.iter().enumerate() {
        let line = template.mapping.get(n).map_or(0, |m| m.0);
        match element {
            // `{{{x}}}` is an HtmlExpression, and has been reported by `raw_tags`.
            TemplateElement::RawString(_) | TemplateElement::Comment(_) | TemplateElement::HtmlExpression(_) => {}
            TemplateElement::Expression(tag) => walk_tag(tag, line, scopes, report),
            TemplateElement::HelperBlock(block) => walk_block(block, line, scopes, report),
            _ => report(line, "partials, decorators and raw values have no place in a letter".into()),
        }
    }
}

fn walk_tag(tag: &HelperTemplate, line: usize, scopes: &[&Value], report: &mut dyn FnMut(usize, String)) {
    let name = tag.name.as_name().unwrap_or_default();
    if tag.params.is_empty() && tag.hash.is_empty() {
        return walk_parameter(&tag.name, line, scopes, report);
    }
    if !INLINE.contains(&name) && name != QUOTE {
        let hint = nearest(name, INLINE.iter().chain(&BLOCKS).map(|s| (*s).to_owned()));
        report(line, format!("there is no {{{{{name} ..}}}}{}", did_you_mean(hint)));
    }
    walk_parameters(tag, line, scopes, report);
}

fn walk_parameters(tag: &HelperTemplate, line: usize, scopes: &[&Value], report: &mut dyn FnMut(usize, String)) {
    for parameter in tag.params.iter().chain(tag.hash.values()) {
        walk_parameter(parameter, line, scopes, report);
    }
}

fn walk_parameter(parameter: &Parameter, line: usize, scopes: &[&Value], report: &mut dyn FnMut(usize, String)) {
    match parameter {
        Parameter::Literal(_) => {}
        Parameter::Subexpression(inner) => {
            if let TemplateElement::Expression(tag) = inner.as_element() {
                walk_tag(tag, line, scopes, report);
            }
        }
        Parameter::Name(_) | Parameter::Path(_) => {
            let path = parameter.as_name().unwrap_or_default();
            if let Err(what) = look_up(path, scopes) {
                report(line, what);
            }
        }
        _ => report(line, "this kind of tag has no place in a letter".into()),
    }
}

fn walk_block(block: &HelperTemplate, line: usize, scopes: &mut Vec<&Value>, report: &mut dyn FnMut(usize, String)) {
    let name = block.name.as_name().unwrap_or_default();
    if !BLOCKS.contains(&name) {
        let hint = nearest(name, BLOCKS.iter().map(|s| (*s).to_owned()));
        report(line, format!("there is no {{{{#{name} ..}}}}{}", did_you_mean(hint)));
        return;
    }
    walk_parameters(block, line, scopes, report);
    let within = inner_scope(name, block, scopes);
    let depth = scopes.len();
    scopes.extend(within);
    if let Some(template) = &block.template {
        walk(template, scopes, report);
    }
    scopes.truncate(depth);
    if let Some(template) = &block.inverse {
        walk(template, scopes, report);
    }
}

/// `each` and `with` put their value in the place of the surroundings.
fn inner_scope<'a>(name: &str, block: &HelperTemplate, scopes: &[&'a Value]) -> Option<&'a Value> {
    let path = block.params.first().and_then(|p| p.as_name())?;
    let value = look_up(path, scopes).ok().flatten()?;
    match name {
        "each" => value.get(0),
        "with" => Some(value),
        _ => None,
    }
}

/// The shape at a path; `Ok(None)` for what is not looked up: `this`, `@index`.
fn look_up<'a>(path: &str, scopes: &[&'a Value]) -> Result<Option<&'a Value>, String> {
    if path.starts_with('@') {
        return Ok(None);
    }
    let ups = path.matches("../").count();
    let bare = path.trim_start_matches("../").trim_start_matches("./");
    let bare = bare.strip_prefix("this.").or_else(|| bare.strip_prefix("this/")).unwrap_or(bare);
    let scope = scopes.len().checked_sub(1 + ups).map(|at| scopes[at]);
    let mut value = scope.ok_or_else(|| format!("{{{{{path}}}}} points outside of the letter"))?;
    if matches!(bare, "this" | ".") {
        return Ok(Some(value));
    }
    for segment in bare.split(['.', '/']) {
        let names = value.as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
        value = value.get(segment).ok_or_else(|| unknown(path, segment, names))?;
    }
    Ok(Some(value))
}

fn unknown(path: &str, segment: &str, names: Vec<String>) -> String {
    let hint = match nearest(segment, names.iter().cloned()) {
        None if names.is_empty() => String::new(),
        None => format!("; there are: {}", names.join(" ")),
        found => did_you_mean(found),
    };
    format!("{{{{{path}}}}} is no value of this letter{hint}")
}

fn did_you_mean(hint: Option<String>) -> String {
    hint.map(|name| format!("; did you mean {name}?")).unwrap_or_default()
}

fn nearest(word: &str, names: impl Iterator<Item = String>) -> Option<String> {
    let near = names.map(|name| (strsim::jaro_winkler(word, &name), name)).filter(|(likeness, _)| *likeness > 0.75);
    near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// handlebars' grammar in our own words.
pub(super) fn parse_words(error: &TemplateError) -> String {
    use handlebars::TemplateErrorReason::*;
    match error.reason() {
        MismatchingClosedHelper(open, closed) => format!("{{{{#{open}}}}} is closed by {{{{/{closed}}}}}"),
        InvalidSyntax(_) => "a {{tag}} here is not closed, or is no tag that a letter may hold".into(),
        other => other.to_string(),
    }
}

/// What strict mode says, in our own words.
pub(super) fn render_words(error: &RenderError) -> String {
    match error.reason() {
        RenderErrorReason::MissingVariable(Some(path)) => {
            format!("{{{{{path}}}}} may be lacking: ask for it with {{{{#if {path}}}}} first")
        }
        other => other.to_string(),
    }
}
