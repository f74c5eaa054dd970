use super::*;

/// A display name, and how a letter greets it; empty for the neutral greeting.
const GREETED: &[(&str, &str)] = &[
    ("Klaus Berger", "Klaus Berger"),
    ("Mei", "Mei"),
    // Families first, with whatever hangs on them.
    ("Tan, Mei", "Mei Tan"),
    ("\"Berger, Klaus\"", "Klaus Berger"),
    ("van der Berg, Jan Willem", "Jan Willem van der Berg"),
    ("Berger, Klaus, Dr.", "Dr. Klaus Berger"),
    ("Berger, Dr. Klaus", "Dr. Klaus Berger"),
    ("Tan, Mei (Acme, Berlin)", "Mei Tan"),
    ("Tan, Mei, PhD", "Mei Tan"),
    ("Tan, Mei, Sales", "Mei Tan"),
    ("TAN, MEI", "Mei Tan"),
    // Titles stay, courtesies and degrees go.
    ("Dr. Mei Tan (Acme)", "Dr. Mei Tan"),
    ("Dr. K. Berger", "Dr. K. Berger"),
    ("Dr. Tan", "Dr. Tan"),
    ("Dr.-Ing. Mei Tan", "Dr.-Ing. Mei Tan"),
    ("Dr. rer. nat. Mei Tan", "Dr. Mei Tan"),
    ("Prof. Dr. Mei Tan", "Prof. Dr. Mei Tan"),
    ("Frau Dr. Mei Tan", "Dr. Mei Tan"),
    ("Herr Klaus Berger", "Klaus Berger"),
    ("Herr Berger", "Herr Berger"),
    ("Mr. Tan", "Mr. Tan"),
    ("Mme Marie Dupont", "Marie Dupont"),
    ("M. Jean Dupont", "Jean Dupont"),
    ("Sr. Pedro Ruiz", "Pedro Ruiz"),
    ("Sra. Ana Ruiz", "Ana Ruiz"),
    ("Dipl.-Ing. Klaus Berger", "Klaus Berger"),
    ("Joe Smith Jr.", "Joe Smith"),
    ("Joe Smith, Jr.", "Joe Smith"),
    ("Joe Smith III", "Joe Smith"),
    ("Mei Tan, PhD, MBA", "Mei Tan"),
    ("Mei Tan Ph.D.", "Mei Tan"),
    ("Yo-Yo Ma", "Yo-Yo Ma"),
    ("Jack Ma", "Jack Ma"),
    // The house beside the person.
    ("Mei Tan via Acme Support", "Mei Tan"),
    ("mei via Forms", "Mei"),
    ("'Mei Tan' via Support", "Mei Tan"),
    ("'Mei Tan'", "Mei Tan"),
    ("“Mei Tan”", "Mei Tan"),
    ("Mei Tan on behalf of Acme", "Mei Tan"),
    ("Mei Tan über Formulare", "Mei Tan"),
    ("Mei Tan | Acme GmbH", "Mei Tan"),
    ("Mei Tan - Acme Support", "Mei Tan"),
    ("Mei Tan, Acme GmbH", "Mei Tan"),
    ("Mei from Acme", "Mei"),
    ("Mei Tan [Acme]", "Mei Tan"),
    ("[EXTERN] Mei Tan", "Mei Tan"),
    ("(Mei Tan)", "Mei Tan"),
    ("Tan Mei (陈美)", "Tan Mei"),
    ("陈美 (Mei Tan)", "陈美"),
    // Upper and lower case.
    ("MEI TAN", "Mei Tan"),
    ("mei tan", "Mei Tan"),
    ("ludwig van beethoven", "Ludwig van Beethoven"),
    ("JEAN-LUC O'NEIL", "Jean-Luc O'Neil"),
    ("JP Morgan", "JP Morgan"),
    ("KT TAN", "KT Tan"),
    ("Marie DUPONT", "Marie Dupont"),
    ("Ronald McDonald", "Ronald McDonald"),
    ("de Vries", "de Vries"),
    // Of all the world.
    ("山田太郎", "山田太郎"),
    ("Анна Петрова", "Анна Петрова"),
    ("Łukasz Żółć", "Łukasz Żółć"),
    ("Nguyễn Văn An", "Nguyễn Văn An"),
    ("प्रिया शर्मा", "प्रिया शर्मा"),
    ("محمد علي", "محمد علي"),
    ("D’Arcy Müller-Lüdenscheidt", "D’Arcy Müller-Lüdenscheidt"),
    // Ornaments and what cannot be seen.
    ("Mei Tan 🚀", "Mei Tan"),
    ("✨ Mei ✨ Tan ✨", "Mei Tan"),
    ("Mei\u{200b}\u{202e} Tan\u{2069}", "Mei Tan"),
    ("Mei\u{a0}\u{3000}Tan", "Mei Tan"),
    ("Mei\r\nBcc: Tan", ""),
];

/// What stands in From and is nobody's name.
const NEUTRAL: &[&str] = &[
    "",
    " ",
    "\u{200b}\u{202e}",
    "🚀",
    "-",
    "'",
    "M",
    "()",
    "Dr.",
    "Herr",
    "Prof. Dr.",
    "klaus@customer.example",
    "mei.tan@x.example",
    "mei.tan",
    "mei_tan",
    "Mei Tan <mei@x.example>",
    "https://x",
    "Win at casino.example now",
    "casino.example/win",
    "info",
    "INFO",
    "support",
    "support@",
    "No Reply",
    "no-reply",
    "Team Acme",
    "Acme Team",
    "The Acme Family",
    "Your friends",
    "Acme GmbH",
    "Acme Ltd.",
    "Acme, Inc.",
    "Berger & Söhne",
    "Berger AG",
    "Tan S.p.A.",
    "ACME",
    "IBM",
    "Kundenservice",
    "Customer Care",
    "Hotel Berger",
    "Contact form",
    "Anonymous",
    "undefined",
    "user123",
    "123",
    "٣٤٥",
    "+49 30 5550123",
    "**x**",
    "{{name}}",
    "[Acme]",
    "[a](b)",
    "**bold** [a](b)",
    "<b>Mei</b>",
    "$$$ money $$$",
    "Mei! Tan!",
    "a, b, c, d",
    ", ,",
    "𝓜𝓮𝓲 𝓣𝓪𝓷",
    "We have sent you a parcel please read it now",
    "A name that is longer than forty characters is no name",
];

#[test]
fn a_name_is_greeted_as_a_letter_writes_it() {
    for (name, greeting) in GREETED {
        assert_eq!(greeting_name(name).unwrap_or_default(), *greeting, "{name}");
    }
}

#[test]
fn what_is_no_name_gets_the_neutral_greeting() {
    for name in NEUTRAL {
        assert_eq!(greeting_name(name), None, "{name}");
    }
    assert_eq!(greeting_name(&"Mei ".repeat(10_000)), None);
    assert_eq!(greeting_name(&"(".repeat(100)), None);
}

#[test]
fn a_word_has_one_kind_and_the_list_is_read() {
    assert_eq!(kind("Support"), Some(Kind::Role));
    assert_eq!(kind("G.m.b.H."), Some(Kind::Company));
    assert_eq!(kind("Dr.-Ing."), Some(Kind::Title));
    assert_eq!(kind("Mei"), None);
    assert!(read(include_str!("words.txt")).len() > 300);
}
