//! The language of a text, guessed only where the guess is worth something.
//!
//! Common short words decide nearly all mail in a few microseconds; whatlang, which needs a hundred times as long,
//! answers for the rest, and only when it calls itself reliable.

/// Shorter texts are not judged; longer ones need no more than their beginning.
const MIN_CHARS: usize = 60;
const SAMPLE_CHARS: usize = 240;
/// So many common words of one language, and twice as many as of any other.
const ENOUGH_WORDS: usize = 4;

/// ISO 639-1 where there is such a code. `None` where the text is too short or fits no language.
pub fn of(text: &str) -> Option<String> {
    let sample: String = text.chars().take(SAMPLE_CHARS).collect();
    if sample.chars().count() < MIN_CHARS {
        return None;
    }
    if let Some(language) = by_common_words(&sample.to_lowercase()) {
        return Some(language.to_owned());
    }
    let guess = whatlang::detect(&sample).filter(whatlang::Info::is_reliable)?;
    Some(two_letters(guess.lang().code()).to_owned())
}

/// Words that are frequent in one language and rare in its neighbours.
const COMMON: [(&str, &[&str]); 8] = [
    (
        "en",
        &[
            "the", "and", "is", "my", "you", "it", "was", "have", "that", "for", "with", "not", "this", "of", "to",
            "your", "are", "we",
        ],
    ),
    (
        "de",
        &[
            "der", "die", "das", "und", "ist", "nicht", "ich", "mein", "meine", "sie", "mit", "ein", "eine", "auf",
            "wir", "bei", "sich", "habe", "f\u{fc}r", "es",
        ],
    ),
    (
        "fr",
        &[
            "le", "la", "les", "et", "est", "je", "vous", "une", "un", "pas", "pour", "que", "dans", "avec", "mon",
            "ma", "nous", "des", "du", "ne",
        ],
    ),
    (
        "es",
        &[
            "el", "la", "los", "las", "y", "es", "una", "un", "que", "por", "para", "con", "mi", "no", "se", "del",
            "muy", "pero",
        ],
    ),
    (
        "it",
        &[
            "il", "la", "che", "\u{e8}", "una", "un", "non", "per", "con", "mi", "della", "sono", "ho", "di", "gli",
            "anche",
        ],
    ),
    (
        "nl",
        &[
            "de", "het", "een", "en", "is", "niet", "ik", "mijn", "van", "voor", "met", "dat", "wij", "zijn", "op",
            "maar",
        ],
    ),
    (
        "pt",
        &[
            "o",
            "a",
            "os",
            "n\u{e3}o",
            "uma",
            "um",
            "que",
            "para",
            "com",
            "meu",
            "minha",
            "voc\u{ea}",
            "est\u{e1}",
            "de",
            "\u{e9}",
            "mas",
        ],
    ),
    (
        "pl",
        &[
            "nie",
            "jest",
            "si\u{119}",
            "na",
            "to",
            "w",
            "z",
            "mi",
            "prosz\u{119}",
            "mam",
            "jak",
            "ale",
            "do",
            "\u{17c}e",
            "moja",
            "dzie\u{144}",
        ],
    ),
];

fn by_common_words(lower: &str) -> Option<&'static str> {
    let mut counts = [0usize; COMMON.len()];
    for word in lower.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty()) {
        for (count, (_, words)) in counts.iter_mut().zip(&COMMON) {
            *count += usize::from(words.contains(&word));
        }
    }
    let (best, most) = counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
    let second = counts.iter().enumerate().filter(|(at, _)| *at != best).map(|(_, n)| *n).max().unwrap_or(0);
    (*most >= ENOUGH_WORDS && *most >= 2 * second).then_some(COMMON[best].0)
}

/// ISO 639-3, as whatlang says it, to 639-1.
fn two_letters(code: &'static str) -> &'static str {
    match code {
        "eng" => "en",
        "deu" => "de",
        "fra" => "fr",
        "spa" => "es",
        "ita" => "it",
        "por" => "pt",
        "nld" => "nl",
        "pol" => "pl",
        "swe" => "sv",
        "dan" => "da",
        "nob" => "nb",
        "fin" => "fi",
        "ces" => "cs",
        "tur" => "tr",
        "rus" => "ru",
        "ukr" => "uk",
        "cmn" => "zh",
        "jpn" => "ja",
        "kor" => "ko",
        "ara" => "ar",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_mail_is_told_by_its_common_words() {
        let mails = [
            ("en", "The hinge of my lamp broke again. That is the second time now, and I want my money back."),
            (
                "de",
                "Das Scharnier meiner Lampe ist schon wieder gebrochen. Ich habe keine Geduld mehr und will mein Geld.",
            ),
            (
                "fr",
                "La charni\u{e8}re de ma lampe est cass\u{e9}e et je ne veux pas une autre lampe, je veux un remboursement.",
            ),
            (
                "es",
                "La l\u{e1}mpara no funciona y es la segunda vez que se rompe. Quiero una soluci\u{f3}n para el problema.",
            ),
            (
                "ko",
                "\u{b7a8}\u{d504}\u{ac00} \u{b610} \u{ace0}\u{c7a5}\u{b0ac}\u{c2b5}\u{b2c8}\u{b2e4}. \u{bc8c}\u{c368} \u{b450} \u{bc88}\u{c9f8}\u{c785}\u{b2c8}\u{b2e4}. \u{c800}\u{b294} \u{c0c8} \u{b7a8}\u{d504}\u{b97c} \u{c6d0}\u{d558}\u{c9c0} \u{c54a}\u{ace0} \u{b3c8}\u{c744} \u{b3cc}\u{b824}\u{bc1b}\u{ace0} \u{c2f6}\u{c2b5}\u{b2c8}\u{b2e4}. \u{c5b8}\u{c81c} \u{c5f0}\u{b77d}\u{c744} \u{c8fc}\u{c2e4} \u{c218} \u{c788}\u{b294}\u{c9c0} \u{c54c}\u{b824} \u{c8fc}\u{c138}\u{c694}. \u{ac10}\u{c0ac}\u{d569}\u{b2c8}\u{b2e4}.",
            ),
        ];
        for (language, text) in mails {
            assert_eq!(of(text).as_deref(), Some(language), "{text}");
        }
    }

    #[test]
    fn short_words_are_no_language() {
        assert_eq!(of("Lampe kaputt"), None);
        assert_eq!(of(&"x7 ".repeat(60)), None);
    }
}
