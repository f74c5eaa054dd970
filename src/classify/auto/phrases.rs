//! Lists of phrases that machines write, as data, and how a text is compared with them: without regard to case, accents
//! and white space, from the beginning of a word on (a phrase may be a stem), in time that grows with the text.

/// Phrases of one section of a list.
pub struct Phrases(Vec<Phrase>);

/// Phrases of several sections, found in one walk over a text.
pub struct Index<R> {
    /// By their first three bytes, see [`slot`].
    slots: Vec<Vec<(Phrase, R)>>,
}

impl<R: Copy> Index<R> {
    /// The sections of the list, and what a phrase of each says.
    pub fn new(list: &str, sections: &[(&str, R)]) -> Self {
        let mut slots: Vec<Vec<(Phrase, R)>> = Vec::new();
        slots.resize_with(SLOTS, Vec::new);
        for (section, says) in sections {
            for phrase in Phrases::section(list, section).0 {
                let Some(slot) = slot(&phrase.parts[0]) else { continue };
                slots[slot].push((phrase, *says));
            }
        }
        Self { slots }
    }

    /// What the phrases in the (folded) text say: each with whether the text begins with it.
    pub fn scan(&self, text: &str, mut says: impl FnMut(R, bool)) {
        let mut in_word = false;
        for (at, c) in text.char_indices() {
            let starts = !in_word || is_unspaced(&text[at..]);
            in_word = c.is_alphanumeric();
            if !starts || !in_word {
                continue;
            }
            for (phrase, means) in self.of(&text[at..]) {
                if phrase.after_start(&text[at..]).is_some() {
                    says(*means, at == 0 || phrase.unspaced);
                }
            }
        }
    }

    /// Those that a text may begin with.
    fn of(&self, text: &str) -> &[(Phrase, R)] {
        slot(text).map_or(&[], |slot| &self.slots[slot])
    }

    /// The (folded) text without the phrases, as whole words.
    pub fn without(&self, text: &str) -> String {
        let mut left = String::with_capacity(text.len());
        let (mut go_on_at, mut in_word) = (0, false);
        for (at, c) in text.char_indices() {
            if at < go_on_at {
                continue;
            }
            let starts = !in_word || is_unspaced(&text[at..]);
            in_word = c.is_alphanumeric();
            match self.whole_word(&text[at..]).filter(|_| starts && in_word) {
                Some(length) => (go_on_at, in_word) = (at + length, false),
                None if c == ' ' => push_blank(&mut left),
                None => left.push(c),
            }
        }
        left.truncate(left.trim_end().len());
        left
    }

    /// How long the phrase is that the text begins with, and that ends with a word.
    fn whole_word(&self, text: &str) -> Option<usize> {
        let ends = self.of(text).iter().filter_map(|(phrase, _)| {
            let rest = phrase.after_start(text)?;
            (phrase.unspaced || !rest.starts_with(char::is_alphanumeric)).then(|| text.len() - rest.len())
        });
        ends.max()
    }
}

const SLOTS: usize = 4096;

/// Few phrases share one, and most texts find an empty one.
fn slot(text: &str) -> Option<usize> {
    let [a, b, c] = text.as_bytes().first_chunk().copied()?.map(usize::from);
    Some((a * 961 + b * 31 + c) % SLOTS)
}

struct Phrase {
    /// Between the `*`: what stands there may be anything.
    parts: Vec<String>,
    /// Writes no blanks between words: it is found anywhere.
    unspaced: bool,
}

impl Phrases {
    /// The lines between `== section` and the next section.
    pub fn section(list: &str, section: &str) -> Self {
        let lines = list.lines().map(str::trim).skip_while(|line| line.strip_prefix("== ") != Some(section)).skip(1);
        let own = lines.take_while(|line| !line.starts_with("== "));
        let own = own.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(own.map(Phrase::new).collect())
    }

    /// Does the (folded) subject begin with one, and end there or go on with a separator? `*` may go on as it likes; a
    /// phrase that begins with `*` may stand anywhere.
    pub fn heads(&self, subject: &str) -> bool {
        let separates = |rest: &str| rest.trim_start().chars().next().is_none_or(|c| SEPARATORS.contains(&c));
        self.0.iter().any(|phrase| match phrase.parts.as_slice() {
            [one] => subject.strip_prefix(one.as_str()).is_some_and(separates),
            [empty, rest] if empty.is_empty() => found(subject, rest).is_some_and(|end| separates(&subject[end..])),
            _ => phrase.after_start(subject).is_some(),
        })
    }

    pub fn ends(&self, subject: &str) -> bool {
        self.0.iter().any(|phrase| subject.ends_with(phrase.parts[0].as_str()))
    }
}

/// What stands behind the words of a responder in its subject.
const SEPARATORS: [char; 14] =
    [':', '\u{ff1a}', ']', ')', '}', '>', '-', '\u{2013}', '\u{2014}', '|', '"', '(', '[', '\u{3011}'];

impl Phrase {
    fn new(line: &str) -> Self {
        let folded = fold(line);
        let parts: Vec<String> = folded.split('*').map(|part| part.trim().to_owned()).collect();
        let unspaced = parts.iter().find(|part| !part.is_empty()).is_some_and(|part| is_unspaced(part));
        Self { parts, unspaced }
    }

    /// What follows the phrase that the text begins with.
    fn after_start<'t>(&self, text: &'t str) -> Option<&'t str> {
        let mut rest = text.strip_prefix(self.parts[0].as_str())?;
        for part in &self.parts[1..] {
            rest = &rest[found(rest, part)?..];
        }
        Some(rest)
    }
}

/// Where the word or stem ends that stands first in the text, at the beginning of a word.
fn found(text: &str, word: &str) -> Option<usize> {
    let starts_word = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
    let unspaced = is_unspaced(word);
    let mut hits = text.match_indices(word);
    hits.find(|(at, _)| unspaced || starts_word(*at)).map(|(at, _)| at + word.len())
}

/// Chinese, Japanese, Korean (which joins its endings) and Thai.
fn is_unspaced(text: &str) -> bool {
    text.chars().next().is_some_and(|c| matches!(c, '\u{2e80}'..='\u{d7ff}' | '\u{e00}'..='\u{e7f}'))
}

/// Lower case, without accents, white space as single blanks, "i'm" as "i am".
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Nearly all letters are of this kind, and need no tables.
            'a'..='z' => out.push(c),
            c if c.is_ascii() => push_folded(&mut out, c.to_ascii_lowercase()),
            c => c.to_lowercase().for_each(|c| push_folded(&mut out, c)),
        }
    }
    out.truncate(out.trim_end().len());
    if !out.contains('\'') {
        return out;
    }
    for (short, long) in [("i'm ", "i am "), ("i'll ", "i will "), ("we're ", "we are "), ("we'll ", "we will ")] {
        out = out.replace(short, long);
    }
    out
}

fn push_folded(out: &mut String, c: char) {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{feff}' => {}
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '\u{b4}' | '`' => out.push('\''),
        '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => out.push('"'),
        'ß' => out.push_str("ss"),
        'æ' => out.push_str("ae"),
        'œ' => out.push_str("oe"),
        c if c.is_whitespace() => push_blank(out),
        c => out.push(bare(c)),
    }
}

/// One between words, and none at the beginning.
fn push_blank(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

/// A letter without its accent: many people write none.
fn bare(c: char) -> char {
    const FAMILIES: [(char, &str); 15] = [
        ('a', "àáâãäåāăą"),
        ('c', "çćĉċč"),
        ('d', "ďđ"),
        ('e', "èéêëēĕėęě"),
        ('g', "ğģ"),
        ('i', "ìíîïīĭįı"),
        ('l', "ĺļľł"),
        ('n', "ñńņň"),
        ('o', "òóôõöøōŏő"),
        ('r', "ŕř"),
        ('s', "śŝşšș"),
        ('t', "ţťț"),
        ('u', "ùúûüũūŭůűų"),
        ('y', "ýÿŷ"),
        ('z', "źżž"),
    ];
    const GREEK: [(char, &str); 7] =
        [('α', "ά"), ('ε', "έ"), ('η', "ή"), ('ι', "ίϊΐ"), ('ο', "ό"), ('υ', "ύϋΰ"), ('ω', "ώ")];
    let families = match c {
        '\u{c0}'..='\u{21b}' => &FAMILIES[..],
        '\u{370}'..='\u{3ff}' => &GREEK[..],
        'ё' => return 'е',
        _ => return c,
    };
    families.iter().find(|(_, accented)| accented.contains(c)).map_or(c, |(plain, _)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "# words\n== one\nhors du bureau\nbis * nicht\n外出中\n== two\nréponse automatique\nuntil*\n\
                        *est absent\n自動応答\n[autoreply]\n";

    #[test]
    fn accents_case_and_apostrophes_do_not_matter() {
        assert_eq!(fold("Je  Suis\u{a0}ABSENT(É)"), "je suis absent(e)");
        assert_eq!(fold("I\u{2019}m Außer\nHaus"), "i am ausser haus");
        assert_eq!(fold("cafe\u{301}"), "cafe");
    }

    #[test]
    fn a_phrase_is_found_from_the_beginning_of_a_word() {
        let index = Index::new(LIST, &[("one", 1)]);
        let said = |text: &str| {
            let mut said = Vec::new();
            index.scan(text, |what, begins| said.push((what, begins)));
            said
        };
        assert_eq!(said("hors du bureau jusqu'au 3"), [(1, true)]);
        assert_eq!(said("je suis hors du bureaux"), [(1, false)]);
        assert_eq!(said("bis zum 3. dezember nicht im haus"), [(1, true)]);
        assert_eq!(said("本日は外出中です"), [(1, true)]);
        assert!(said("dehors du bureau").is_empty() && said("nicht bis").is_empty());
    }

    #[test]
    fn a_subject_begins_with_a_phrase_and_ends_or_separates() {
        let two = Phrases::section(LIST, "two");
        for subject in ["reponse automatique", "reponse automatique : lampe", "until monday", "自動応答: lamp"] {
            assert!(two.heads(subject), "{subject}");
        }
        assert!(two.heads("jean dupont est absent (retour le 3)"));
        for subject in ["reponse automatique jamais recue", "re: reponse automatique", "jean est absent encore"] {
            assert!(!two.heads(subject), "{subject}");
        }
        assert!(two.ends("lamp [autoreply]"));
    }

    #[test]
    fn fillers_go_as_whole_words() {
        let fill = Index::new("== fill\ngerade\nzur zeit\n現在\n", &[("fill", ())]);
        assert_eq!(fill.without("ich bin gerade zur zeit im urlaub"), "ich bin im urlaub");
        assert_eq!(fill.without("geradeaus"), "geradeaus");
        assert_eq!(fill.without("私は現在外出中"), "私は外出中");
    }
}
