//! The names of header fields as mail programs of many languages write them above a quoted mail.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    From,
    Date,
    To,
    Subject,
}

/// The field that a line begins with, bold, quoted or indented as it may be.
pub(super) fn field_of(line: &str) -> Option<Field> {
    let line = line.trim_start_matches(['*', ' ', '>', '\u{a0}', '\t', '|']);
    let colon = line.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '\u{ff1a}'))?.0;
    let name = line[..colon].trim_end_matches(['*', ' ', '\u{a0}']).to_lowercase();
    let name = name.as_str();
    match () {
        () if FROM.contains(&name) => Some(Field::From),
        () if DATE.contains(&name) => Some(Field::Date),
        () if TO.contains(&name) => Some(Field::To),
        () if SUBJECT.contains(&name) => Some(Field::Subject),
        () => None,
    }
}

const FROM: [&str; 16] = [
    "from",
    "von",
    "de",
    "da",
    "van",
    "od",
    "fr\u{e5}n",
    "fra",
    "l\u{e4}hett\u{e4}j\u{e4}",
    "kimden",
    "\u{43e}\u{442}",
    "expéditeur",
    "\u{43e}\u{442} \u{43a}\u{43e}\u{433}\u{43e}",
    "\u{53d1}\u{4ef6}\u{4eba}",
    "\u{5dee}\u{51fa}\u{4eba}",
    "reply-to",
];

const DATE: [&str; 27] = [
    "sent",
    "date",
    "gesendet",
    "datum",
    "envoy\u{e9}",
    "enviado",
    "enviada",
    "enviado el",
    "fecha",
    "inviato",
    "data",
    "verzonden",
    "wys\u{142}ano",
    "wys\u{142}any",
    "skickat",
    "sendt",
    "dato",
    "l\u{e4}hetetty",
    "p\u{e4}iv\u{e4}ys",
    "tarih",
    "\u{434}\u{430}\u{442}\u{430}",
    "\u{43e}\u{442}\u{43f}\u{440}\u{430}\u{432}\u{43b}\u{435}\u{43d}\u{43e}",
    "\u{53d1}\u{9001}\u{65f6}\u{95f4}",
    "\u{65e5}\u{671f}",
    "\u{9001}\u{4fe1}\u{65e5}\u{6642}",
    "date d'envoi",
    "data invio",
];

const TO: [&str; 15] = [
    "to",
    "an",
    "\u{e0}",
    "para",
    "a",
    "aan",
    "do",
    "till",
    "til",
    "vastaanottaja",
    "\u{43a}\u{43e}\u{43c}\u{443}",
    "\u{6536}\u{4ef6}\u{4eba}",
    "\u{5b9b}\u{5148}",
    "kime",
    "destinataire",
];

const SUBJECT: [&str; 15] = [
    "subject",
    "betreff",
    "objet",
    "asunto",
    "oggetto",
    "assunto",
    "onderwerp",
    "temat",
    "\u{e4}mne",
    "emne",
    "aihe",
    "konu",
    "\u{442}\u{435}\u{43c}\u{430}",
    "\u{4e3b}\u{9898}",
    "\u{4ef6}\u{540d}",
];
