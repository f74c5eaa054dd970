//! Which lines of a reply are its writer's new words, in the text and in the HTML, by the same rules.
//!
//! The HTML is cut line by line: tags of lines that go are kept only where they hold something that stays, so what is
//! left is well-formed. Commands on top are taken out of both.

use std::collections::HashSet;

use crate::arrive::html;
use crate::arrive::text::{self, Caution, Line};

use super::answers;
use super::compare;
use super::markup::{self, Kind, Page, Token};

/// Lines between the beginning of an introduction and the quote that it introduces.
const MAX_INTRODUCTION: usize = 6;

/// The new part of an HTML body.
#[derive(Debug, Default)]
pub(super) struct Cut {
    /// With the attributes of its writer's program: not to be shown before it is sanitised.
    pub html: String,
    /// The command lines that were taken out of it, as [`compare::squeezed`].
    pub commands: String,
    /// Lines that nothing marks as quoted were left out.
    pub short: bool,
    /// `cid:` names of the pictures in the whole HTML, and in its new part.
    pub pictures_in_all: HashSet<String>,
    pub pictures: HashSet<String>,
}

/// The new part of `source`; `None` where it is too deep or too long to be looked at (html.rs).
pub(super) fn html(source: &str, command_lines: usize) -> Option<Cut> {
    let whole = html::well_formed(&without_comments(source))?;
    let page = markup::read(&whole);
    let lines: Vec<&str> = page.lines.iter().map(|line| line.text.as_str()).collect();
    let known: Vec<Line> = page.lines.iter().map(|line| if line.quoted { Line::Quoted } else { Line::Own }).collect();
    let (mut keep, short) = new_lines(&lines, &known);
    let commands = drop_commands(&lines, &mut keep, command_lines, "");
    drop_margins(&page, &mut keep);
    let kept = kept_tokens(&page.tokens, &keep);
    let html = kept.iter().map(|token| written(token)).collect();
    Some(Cut { html, commands, short, pictures_in_all: pictures(&page.tokens), pictures: pictures(&kept) })
}

/// Outlook writes hundreds of XML tags into conditional comments, which count as depth before anything is parsed. Taken
/// out by bytes: what is looked at next is exactly what is left.
fn without_comments(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, comment)) = rest.split_once("<!--") {
        let Some((_, behind)) = comment.split_once("-->") else { break };
        out.push_str(before);
        rest = behind;
    }
    out + rest
}

/// The new words of a plain text. `commands` are those of the HTML beside it: Gmail wraps a long line of its text, and a
/// note that stays internal would go on from its second line.
pub(super) fn plain(source: &str, command_lines: usize, commands: &str) -> (String, bool) {
    let source = text::armor::without(source);
    let lines: Vec<&str> = source.lines().collect();
    let (mut keep, short) = new_lines(&lines, &vec![Line::Own; lines.len()]);
    drop_commands(&lines, &mut keep, command_lines, commands);
    let kept: Vec<String> =
        lines.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(line, _)| without_placeholders(line)).collect();
    let kept = kept.join("\n");
    (kept.trim_matches('\n').trim_end().to_owned(), short)
}

/// Which lines are new, and whether their writer has to see that first: some were left out that nothing marks as quoted,
/// or some were found below the line that asks to write above it.
fn new_lines(lines: &[&str], known: &[Line]) -> (Vec<bool>, bool) {
    let marks = text::marks(lines, known.to_vec(), Caution::Hold);
    let mut short = leaves_out_unmarked(lines, &marks, known);
    let mut keep = own(&marks);
    let below = answers::below(lines, known);
    short |= !below.is_empty();
    below.into_iter().for_each(|at| keep[at] = true);
    (keep, short)
}

fn own(marks: &[Line]) -> Vec<bool> {
    marks.iter().map(|mark| matches!(mark, Line::Own | Line::Signature)).collect()
}

/// Would lines go of which only a guess says that they are a quote? No bar, no markup and no marker of ours tells so: the
/// writer's own "On 20 November you wrote:" may begin them, or an appointment that looks like a header.
fn leaves_out_unmarked(lines: &[&str], marks: &[Line], known: &[Line]) -> bool {
    let guessed = |at: usize| {
        marks[at] == Line::Quoted && known[at] == Line::Own && !lines[at].trim_start().starts_with(['>', '|'])
    };
    let ours = answers::marker(lines);
    // Below a marker that is marked as quoted, what is not was written between or below the lines of our notice.
    if let Some(at) = ours.filter(|at| answers::is_marked(lines, known, *at)) {
        return (at + 1..lines.len()).any(|n| guessed(n) && !lines[n].trim().is_empty());
    }
    // An introduction is told by the marked quote below it.
    let introduces = |at: usize| {
        let near = lines.len().min(at + 1 + MAX_INTRODUCTION);
        let behind = (at + 1..near).find(|n| !lines[*n].trim().is_empty() && !guessed(*n));
        behind.is_some_and(|n| marks[n] == Line::Quoted)
    };
    ours.is_none() && (0..lines.len()).any(|at| guessed(at) && !lines[at].trim().is_empty() && !introduces(at))
}

/// Takes the first `count` lines that are not empty out, and what is empty up to there; then as many more as `commands`
/// says that the last command went on for. Returns what was taken.
fn drop_commands(lines: &[&str], keep: &mut [bool], count: usize, commands: &str) -> String {
    let filled: Vec<usize> =
        (0..lines.len()).filter(|at| keep[*at] && !compare::squeezed(lines[*at]).is_empty()).collect();
    let count = count.min(filled.len());
    let mut taken: String = filled[..count].iter().map(|at| compare::squeezed(lines[*at])).collect();
    let mut end = count;
    while end > 0 && end < filled.len() && taken.len() < commands.len() && commands.starts_with(&taken) {
        taken.push_str(&compare::squeezed(lines[filled[end]]));
        end += 1;
    }
    if let Some(last) = end.checked_sub(1).and_then(|at| filled.get(at)) {
        keep[..=*last].fill(false);
    }
    taken
}

/// Empty lines above the first and below the last line that holds something.
fn drop_margins(page: &Page<'_>, keep: &mut [bool]) {
    let full = |at: &usize| keep[*at] && !page.lines[*at].text.is_empty();
    let first = (0..keep.len()).find(full).unwrap_or(keep.len());
    let last = (0..keep.len()).rev().find(full).map_or(first, |at| at + 1);
    keep[..first].fill(false);
    keep[last..].fill(false);
}

/// An element while its content is looked at.
struct Element {
    starts_at: usize,
    holds_something: bool,
    lost_something: bool,
}

/// The tokens of lines that stay, and the tags around them; an element that lost all it held goes.
fn kept_tokens<'a>(tokens: &[Token<'a>], keep: &[bool]) -> Vec<Token<'a>> {
    let mut out: Vec<Token<'a>> = Vec::new();
    let mut open = vec![Element { starts_at: 0, holds_something: false, lost_something: false }];
    for token in tokens {
        let stays = keep.get(token.line).copied().unwrap_or(false);
        let inside = open.len() > 1;
        let Some(top) = open.last_mut() else { break };
        match token.kind {
            Kind::Open(_) => {
                let element = Element { starts_at: out.len(), holds_something: false, lost_something: !stays };
                out.push(*token);
                open.push(element);
            }
            Kind::Close(_) if inside => close(&mut out, &mut open, token),
            Kind::Words | Kind::Void(_) if stays => {
                top.holds_something = true;
                out.push(*token);
            }
            Kind::Words | Kind::Void(_) => top.lost_something = true,
            Kind::Close(_) => {}
        }
    }
    out
}

fn close<'a>(out: &mut Vec<Token<'a>>, open: &mut Vec<Element>, token: &Token<'a>) {
    let (Some(element), Some(parent)) = (open.pop(), open.last_mut()) else { return };
    if !element.holds_something && element.lost_something {
        out.truncate(element.starts_at);
        parent.lost_something = true;
    } else {
        out.push(*token);
        parent.holds_something = true;
    }
}

/// What is still a block quote is indented by its writer; as one of ours it would read as somebody else's words.
fn written<'a>(token: &Token<'a>) -> &'a str {
    match token.kind {
        Kind::Open("blockquote") => "<div>",
        Kind::Close("blockquote") => "</div>",
        _ => token.source,
    }
}

fn pictures(tokens: &[Token<'_>]) -> HashSet<String> {
    let images = tokens.iter().filter(|token| token.kind == Kind::Void("img"));
    images.filter_map(|image| super::files::picture_id(image.source)).collect()
}

/// `[cid:image001.png@01DC]` of Outlook, `[image: lamp.jpg]` of Gmail, the object sign of Apple: pictures, not words.
fn without_placeholders(line: &str) -> String {
    // RFC 3676 section 4.3: the blank belongs to the delimiter of a signature.
    if line == "-- " {
        return line.to_owned();
    }
    let line = line.trim_end();
    if !line.contains(['[', markup::PICTURE]) {
        return line.to_owned();
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, tail)) = rest.split_once('[') {
        out.push_str(before);
        let picture = tail.starts_with("cid:") || tail.starts_with("image: ");
        let end = if picture { tail.find(']') } else { None };
        if end.is_none() {
            out.push('[');
        }
        rest = end.map_or(tail, |end| &tail[end + 1..]);
        // None ends any more: looking for each would cost the square of the length.
        if picture && end.is_none() {
            break;
        }
    }
    out.push_str(rest);
    out.replace(markup::PICTURE, "").trim_end().to_owned()
}
