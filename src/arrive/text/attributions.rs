//! How the line above a quote begins and ends, in the languages of mail programs: `On ... wrote:`.

/// Words that stand first in an attribution, by language; a digit or a name may, too.
pub(super) const STARTS: [&str; 26] = [
    "on ", "am ", "le ", "el ", "il ", "em ", "op ", "w dniu ", "den ", "dnia ", "dne ", "la ", "a ", "\u{432} ",
    "kl ", "fra ", "from: ", "at ", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "na ",
];

/// Verbs of attributions. Each stands before a colon, or before the name that does (`schrieb Mei Tan <...>:`).
pub(super) const VERBS: [&str; 26] = [
    "wrote",
    "writes",
    "schrieb",
    "geschrieben",
    "a \u{e9}crit",
    "a ecrit",
    "escribi\u{f3}",
    "escribio",
    "ha scritto",
    "scrive",
    "escreveu",
    "schreef",
    "heeft geschreven",
    "napisa\u{142}",
    "napisa\u{142}(a)",
    "pisze",
    "napsal",
    "skrev",
    "kirjoitti",
    "\u{43d}\u{430}\u{43f}\u{438}\u{441}\u{430}\u{43b}",
    "\u{43f}\u{438}\u{448}\u{435}\u{442}",
    "\u{5199}\u{9053}",
    "\u{5beb}\u{9053}",
    "yazd\u{131}",
    "a scris",
    "\u{30b5}\u{30f3}\u{306f}",
];
