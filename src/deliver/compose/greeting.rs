//! How a letter greets: the name in a stranger's From, if it is one. Else nothing, and the letter has its neutral greeting.
//!
//! mail-rules section 3 and letters.md: only for an authenticated sender, which the caller knows, and only what looks like
//! a name: no address, no link, no digits, no company, no role, at most 40 characters. A wrong name offends more than
//! none, so every doubt is a no. The words that tell are data (`greeting/words.txt`).

use std::collections::HashMap;
use std::sync::OnceLock;

use super::wording::holds_address_or_url;
use crate::mail::clean_line;

const NAME_CHARS: usize = 40;
const NAME_WORDS: usize = 5;
/// Longer than any name: nothing of it is looked at.
const LINE_CHARS: usize = 200;

/// A display name as a greeting may use it; `None` for what does not look like one.
pub fn greeting_name(name: &str) -> Option<String> {
    let line = clean_line(name);
    if line.chars().count() > LINE_CHARS || holds_address_or_url(&line) {
        return None;
    }
    let bare = without_pictures(&without_brackets(&line));
    let bare = before_the_house(&bare);
    let words = in_natural_order(bare)?;
    let words = without_courtesies(words);
    let name = cased(&words);
    is_name(&words, &name).then_some(name)
}

/// "Klaus Berger (Berger Ltd)" is Klaus Berger, "[EXTERN] Klaus" is Klaus, and "(Klaus Berger)" is he, too.
fn without_brackets(line: &str) -> String {
    let mut outside = String::new();
    let mut inside = String::new();
    let mut depth = 0usize;
    let mut round = false;
    for c in line.chars() {
        match c {
            '(' | '[' | '（' | '【' => {
                (depth, round) = (depth + 1, matches!(c, '(' | '（'));
            }
            ')' | ']' | '）' | '】' => depth = depth.saturating_sub(1),
            c if depth == 0 => outside.push(c),
            c if round => inside.push(c),
            _ => {}
        }
    }
    if outside.chars().any(char::is_alphabetic) { clean_line(&outside) } else { clean_line(&inside) }
}

/// Emoji and ornaments stand in many names and are none.
fn without_pictures(line: &str) -> String {
    let is_picture = |c: char| {
        matches!(c, '\u{a1}'..='\u{b6}' | '\u{b8}'..='\u{bf}' | '\u{d7}' | '\u{f7}' | '\u{2000}'..='\u{200f}'
            | '\u{2020}'..='\u{2bff}' | '\u{3000}'..='\u{303f}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f000}'..='\u{1ffff}'
            | '\u{e0000}'..='\u{e0fff}')
            && !matches!(c, 'ª' | 'º' | '•')
    };
    clean_line(&line.chars().map(|c| if is_picture(c) { ' ' } else { c }).collect::<String>())
}

/// What parts a person from the house they write for: "Mei Tan via Acme", "Mei Tan | Acme", "Mei from Acme".
const BEFORE_A_HOUSE: [&str; 22] = [
    " via ",
    " on behalf of ",
    " im auftrag von ",
    " im namen von ",
    " über ",
    " a través de ",
    " mediante ",
    " tramite ",
    " através de ",
    " przez ",
    " from ",
    " at ",
    " bei ",
    " chez ",
    " c/o ",
    " | ",
    " / ",
    " - ",
    " – ",
    " — ",
    " • ",
    " · ",
];

fn before_the_house(line: &str) -> &str {
    let quotes = |c: char| "\"'`´‘’‚“”„«»‹›".contains(c) || c.is_whitespace();
    let folded = line.to_lowercase();
    // Lower case can be longer than what it was; then places are not comparable and the line stays whole.
    let cut = match folded.len() == line.len() {
        true => BEFORE_A_HOUSE.iter().filter_map(|mark| folded.find(mark)).min(),
        false => None,
    };
    cut.and_then(|at| line.get(..at)).unwrap_or(line).trim_matches(quotes)
}

/// "Berger, Klaus" is Klaus Berger; degrees and departments behind a comma are left out. `None` where the commas tell
/// nothing.
fn in_natural_order(line: &str) -> Option<Vec<&str>> {
    let mut parts: Vec<Vec<&str>> = line.split([',', '、', '，']).map(|p| p.split_whitespace().collect()).collect();
    // "Acme, Inc."
    let is_form = |part: &Vec<&str>| part.iter().all(|w| matches!(kind(w), Some(Kind::Company | Kind::Short)));
    if parts.iter().skip(1).any(|part| !part.is_empty() && is_form(part)) {
        return None;
    }
    let mut titles: Vec<&str> = Vec::new();
    let mut first = true;
    parts.retain(|part: &Vec<&str>| {
        let is_title = !part.is_empty() && part.iter().all(|w| matches!(kind(w), Some(Kind::Title | Kind::Qualifier)));
        let is_suffix = part.iter().all(|w| kind(w) == Some(Kind::Suffix));
        let is_house = part.iter().any(|w| matches!(kind(w), Some(Kind::Role | Kind::Company)));
        let keep = std::mem::take(&mut first) || !(is_title || is_suffix || is_house);
        if is_title && !keep {
            titles.extend(part);
        }
        keep
    });
    let short = |part: &Vec<&str>| (1..=4).contains(&part.len());
    let name = match parts.as_slice() {
        [whole] => whole.clone(),
        [family, given] if short(family) && short(given) => [given.as_slice(), family].concat(),
        _ => return None,
    };
    Some([titles, name].concat())
}

/// Without degrees and courtesies. "Herr Berger" keeps his: without it the family name alone would be left.
fn without_courtesies(mut words: Vec<&str>) -> Vec<&str> {
    let shouts = words.iter().all(|w| is_capitals(w));
    while words.len() > 2 && words.last().is_some_and(|w| is_suffix(w, shouts)) {
        words.pop();
    }
    let titles: Vec<&str> = words.iter().copied().filter(|w| kind(w) == Some(Kind::Title)).collect();
    let mut left: Vec<&str> = Vec::new();
    let mut after_title = false;
    for word in words {
        let known = kind(word);
        after_title = known == Some(Kind::Title) || after_title && known == Some(Kind::Qualifier);
        if !after_title {
            left.push(word);
        }
    }
    let courtesy = left.first().is_some_and(|w| is_honorific(w));
    if courtesy && (left.len() > 2 || !titles.is_empty()) {
        left.remove(0);
    }
    [titles, left].concat()
}

/// "Ma" is a name, "MA" behind one a degree; in a line of capitals nobody can tell, and it stays.
fn is_suffix(word: &str, shouts: bool) -> bool {
    let short = word.chars().filter(|c| c.is_alphabetic()).count() <= 3;
    kind(word) == Some(Kind::Suffix)
        && (!short || word.contains('.') || is_capitals(word) && !shouts || is_generation(word))
}

fn is_generation(word: &str) -> bool {
    ["jr", "sr", "ii", "iii", "iv"].contains(&folded(word).as_str())
}

/// Also what is written as a suffix elsewhere: "Sr. Ana Ruiz".
fn is_honorific(word: &str) -> bool {
    // "M. Dupont" is a courtesy, "M Dupont" an initial.
    let single = folded(word).chars().count() == 1;
    kind(word) == Some(Kind::Honorific) && (!single || word.ends_with('.'))
        || ["sr", "dr"].contains(&folded(word).as_str())
}

/// "MEI TAN" and "mei tan" as a letter writes them; what has both cases is the writer's own.
fn cased(words: &[&str]) -> String {
    let shouts = words.iter().all(|w| is_capitals(w) || !w.chars().any(char::is_alphabetic));
    let whispers = words.iter().all(|w| !w.chars().any(char::is_uppercase));
    let one = |word: &&str| match kind(word) {
        Some(Kind::Particle) if shouts || whispers => word.to_lowercase(),
        _ if whispers || shouts && !is_initials(word) => capitalised(word),
        // "Marie DUPONT": families in capitals, as French forms ask for.
        _ if is_capitals(word) && word.chars().count() > 3 => capitalised(word),
        _ => (*word).to_owned(),
    };
    let mut words: Vec<String> = words.iter().map(one).collect();
    if let Some(first) = words.first_mut().filter(|_| whispers || shouts) {
        *first = upper_first(first);
    }
    words.join(" ")
}

/// Each piece of "JEAN-LUC" and "O'NEIL" begins with a capital.
fn capitalised(word: &str) -> String {
    let mut begins = true;
    let mut out = String::new();
    for c in word.chars() {
        match begins {
            true => out.extend(c.to_uppercase()),
            false => out.extend(c.to_lowercase()),
        }
        begins = matches!(c, '-' | '\'' | '’' | '.' | '‐');
    }
    out
}

fn upper_first(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

fn is_capitals(word: &str) -> bool {
    word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase)
}

/// "K.", "JP": no name is spoken without a vowel.
fn is_initials(word: &str) -> bool {
    word.ends_with('.') || word.chars().count() <= 2 && !word.chars().any(|c| "AEIOUYÄÖÜ".contains(c))
}

fn is_name(words: &[&str], name: &str) -> bool {
    let letters = name.chars().filter(|c| c.is_alphabetic()).count();
    let fits = name.chars().count() <= NAME_CHARS && words.len() <= NAME_WORDS && letters >= 2;
    let spells = |c: char| c.is_alphabetic() || " -'’.·•‐‑ʼ".contains(c) || !c.is_ascii() && !c.is_numeric();
    let fancy = |c: char| matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}');
    let is_title = |w: &&str| matches!(kind(w), Some(Kind::Title | Kind::Qualifier)) || is_honorific(w);
    let is_house = |(at, w): (usize, &&str)| match kind(w) {
        Some(Kind::Role | Kind::Company) => true,
        Some(Kind::Short) => at > 0 && is_capitals(w) && !words.iter().all(|w| is_capitals(w)),
        _ => false,
    };
    // One short word in capitals is a house or a machine.
    let is_acronym = words.len() == 1 && is_capitals(words[0]) && letters <= 4;
    fits && !is_acronym
        && name.chars().all(|c| spells(c) && !fancy(c))
        && !words.iter().all(is_title)
        && !words.iter().enumerate().any(is_house)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Role,
    Company,
    Short,
    Title,
    Qualifier,
    Honorific,
    Suffix,
    Particle,
}

/// What a word beside names is; the first kind that lists it.
fn kind(word: &str) -> Option<Kind> {
    static WORDS: OnceLock<HashMap<String, Kind>> = OnceLock::new();
    let words = WORDS.get_or_init(|| read(include_str!("greeting/words.txt")));
    let word = folded(word);
    // "Dr.-Ing.", "Prof.Dr.": a title, whatever hangs on it.
    let head = word.split('-').next().unwrap_or_default();
    words.get(&word).copied().or_else(|| words.get(head).copied().filter(|k| *k == Kind::Title))
}

fn read(text: &str) -> HashMap<String, Kind> {
    let mut words = HashMap::new();
    let mut kind = Kind::Role;
    for line in text.lines().filter(|l| !l.starts_with('#')) {
        kind = match line.trim() {
            "[role]" => Kind::Role,
            "[company]" => Kind::Company,
            "[short]" => Kind::Short,
            "[title]" => Kind::Title,
            "[qualifier]" => Kind::Qualifier,
            "[honorific]" => Kind::Honorific,
            "[suffix]" => Kind::Suffix,
            "[particle]" => Kind::Particle,
            list => {
                for word in list.split_whitespace() {
                    words.entry(folded(word)).or_insert(kind);
                }
                kind
            }
        };
    }
    words
}

/// Lower case without dots: "Ph.D." and "PhD" are one.
fn folded(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '.' | ',' | ';' | ':')).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
