//! `#merge CASE`: which case is meant.

use crate::mail::{CaseId, CaseRef};

use super::{Command, Reader, Wrong, block};

pub(super) fn merge(text: &str, reader: &Reader<'_>) -> Result<Command, Wrong> {
    let prefix = &reader.policy.company.case_prefix;
    case(text, prefix).map(Command::Merge).ok_or_else(|| {
        Wrong::because(format!("#merge asks for the case that this one becomes part of: #merge {prefix}-1042."))
    })
}

/// As people write it: `NW-1042`, `[nw-1042]`, `1042`.
fn case(text: &str, prefix: &str) -> Option<CaseId> {
    let number = || text.trim().trim_start_matches('#').parse().ok().map(CaseId);
    CaseRef::parse(prefix, text).map(|found| found.id).or_else(number)
}

/// The cases that a mail's commands name: what is known of them is looked up before it is decided.
pub fn cases_named(words: &str, prefix: &str) -> Vec<CaseId> {
    let (lines, _, _) = block::split(words);
    let named = lines.into_iter().filter_map(block::word_of).filter(|(word, _)| word.eq_ignore_ascii_case("merge"));
    named.filter_map(|(_, argument)| case(argument, prefix)).collect()
}
