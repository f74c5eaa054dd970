//! Header fields that hold bytes beyond ASCII and are no UTF-8 (RFC 5322 and RFC 6532 know neither): read in the charset
//! of the words below them, else in what they look like all together, else in one that another part of the mail names.
//! Escapes of ISO-2022 in them are read for what they are: their letters may look like quotes and brackets.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

use memchr::memchr;

use super::tree::{Kind, Part, Tree};
use super::{charset, detect, field};

/// Makes UTF-8 of every field of the tree, and reads anew what was read of such fields.
pub fn read(tree: &mut Tree<'_>) {
    let has_raw = |part: &Part<'_>| part.header.fields.iter().any(|f| is_raw(&f.value) || is_escaped(&f.value));
    let raw: Vec<usize> = (0..tree.parts.len()).filter(|at| has_raw(&tree.parts[*at])).collect();
    if raw.is_empty() {
        return;
    }
    let named: Vec<Option<&'static Encoding>> = tree.parts.iter().map(label).collect();
    let anywhere: Vec<&'static Encoding> = named.iter().flatten().copied().fold(Vec::new(), |mut all, one| {
        if !all.contains(&one) {
            all.push(one);
        }
        all
    });
    let below = charsets_below(tree, &named);
    for at in raw {
        let part = &mut tree.parts[at];
        let bytes: Vec<u8> =
            part.header.fields.iter().filter(|f| is_raw(&f.value)).flat_map(|f| f.value.iter().copied()).collect();
        let encoding = choose(&bytes, below[at], &anywhere);
        for field in part.header.fields.iter_mut().filter(|f| is_raw(&f.value)) {
            let text = encoding.decode_without_bom_handling(&field.value).0.into_owned();
            field.value = Cow::Owned(text.into_bytes());
        }
        for field in part.header.fields.iter_mut().filter(|f| is_escaped(&f.value)) {
            field.value = Cow::Owned(charset::to_utf8(&field.value, None).0.into_bytes());
        }
        if let Some(typed) = part.header.get("Content-Type").and_then(field::typed) {
            part.content_type.params = typed.params;
        }
    }
}

fn is_raw(value: &[u8]) -> bool {
    !value.is_ascii() && std::str::from_utf8(value).is_err()
}

fn is_escaped(value: &[u8]) -> bool {
    memchr(0x1b, value).is_some() && value.is_ascii()
}

fn label(part: &Part<'_>) -> Option<&'static Encoding> {
    part.content_type.param("charset").and_then(charset::telling)
}

/// For each part the charset of its own words, else of the first text in it or beside it that names one; a mail inside a
/// mail has its own.
fn charsets_below(tree: &Tree<'_>, named: &[Option<&'static Encoding>]) -> Vec<Option<&'static Encoding>> {
    let mut below = named.to_vec();
    // A child stands behind its parent: the first one's word is the last that is written.
    let mut parents = vec![None; tree.parts.len()];
    for (at, part) in tree.parts.iter().enumerate() {
        part.children.iter().for_each(|child| parents[*child] = Some(at));
    }
    for at in (0..tree.parts.len()).rev() {
        if let (Some(parent), Some(encoding)) = (parents[at], below[at])
            && tree.parts[parent].kind != Kind::Message
        {
            below[parent] = named[parent].or(Some(encoding));
        }
    }
    for at in 0..tree.parts.len() {
        let from_parent = parents[at].filter(|parent| tree.parts[*parent].kind != Kind::Message).and_then(|p| below[p]);
        below[at] = below[at].or(from_parent);
    }
    below
}

fn choose(bytes: &[u8], below: Option<&'static Encoding>, anywhere: &[&'static Encoding]) -> &'static Encoding {
    let fits = |encoding: &&'static Encoding| charset::exactly(bytes, encoding).is_some();
    below
        .filter(fits)
        .or_else(|| detect::encoding(bytes).filter(|found| *found != WINDOWS_1252))
        .or_else(|| anywhere.iter().copied().filter(|e| !e.is_single_byte()).find(fits).filter(|_| is_dense(bytes)))
        .unwrap_or(WINDOWS_1252)
}

/// Are nearly all bytes beyond ASCII beside another one, as in a script of two bytes and in no Latin word?
fn is_dense(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|b| !b.is_ascii()).count();
    let alone = bytes.split(u8::is_ascii).filter(|run| run.len() == 1).count();
    high >= 6 && alone * 4 <= high
}
