//! The kinds that every house has: `danger`, `legal` and `other`, as data in four languages.
//!
//! Danger lists what happens to people and houses, not what a device merely does wrong: a false ring at night costs
//! sleep, a missed one costs more. Words are folded to lower case; a trailing `*` ends a stem.

use std::collections::BTreeMap;

use crate::decide::policy::{FirstLetter, Kind, OTHER};

/// By language; in words, `|` stands between two.
type Words = &'static [(&'static str, &'static str)];
type Says = &'static [(&'static str, &'static str)];

const DANGER_WORDS: Words = &[
    (
        "en",
        "caught fire | catches fire | on fire | set fire | set on fire | burst into flames | in flames | \
         flames | smoke | is smoking | was smoking | started smoking | smoulder* | smolder* | sparks | sparking | sparked | burning smell | \
         smells of burning | smells burnt | burnt smell | melted | melting | scorched | exploded | explosion | \
         explodes | electric shock | electrical shock | got shocked | electrocut* | injur* | burned my | \
         burnt my | burned her | burned his | bleeding | to hospital | in hospital | to the hospital | \
         in the hospital | ambulance | gas leak | leaking gas | poison* | choked | choking | short circuit | \
         dangerous",
    ),
    (
        "de",
        "feuer gefangen | fing feuer | in brand geraten | in brand gesteckt | in brand gesetzt | \
         stand in brand | es brennt | angefangen zu brennen | begann zu brennen | flammen | rauch | raucht | rauchentwicklung | \
         qualm | qualmt | gequalmt | schmort | geschmort | verschmort | funken | funkensprühen | brandgeruch | \
         verbrannt riecht | riecht verbrannt | riecht verschmort | geschmolzen | schmilzt | explodiert | \
         explosion | stromschlag | stromschläge | elektrischer schlag | elektrischen schlag | \
         einen schlag bekommen | eine gewischt | verletzt | verletzung* | verbrennung | verbrennungen | \
         ins krankenhaus | im krankenhaus | notarzt | rettungswagen | blutet | gasgeruch | vergiftet | \
         vergiftung | erstickt | kurzschluss | lebensgefahr | gefährlich",
    ),
    (
        "fr",
        "pris feu | prend feu | en feu | en flammes | flammes | incendie | l'incendie | d'incendie | fumée | \
         fume | fumait | étincelle | étincelles | d'étincelles | odeur de brûlé | sent le brûlé | a brûlé | \
         fondu | explosé | explosion | décharge électrique | choc électrique | électrocut* | pris le courant | \
         blessé | blessée | blessés | blessure | blessures | brûlure | brûlures | à l'hôpital | ambulance | \
         saigne | fuite de gaz | intoxication | intoxiqué* | étouffé* | court-circuit | dangereux | \
         dangereuse",
    ),
    (
        "es",
        "prendió fuego | se prendió fuego | en llamas | las llamas | incendio | incendió | humo | humeando | \
         chispas | chispazo | olor a quemado | huele a quemado | se quemó | me quemé | derretido | derretida | \
         se derritió | explotó | explosión | descarga eléctrica | calambre | electrocut* | herido | herida | \
         heridas | heridos | lesión | lesiones | lesionado | quemadura | quemaduras | al hospital | \
         en el hospital | ambulancia | sangra | sangrando | fuga de gas | intoxicación | intoxicado | asfixia | \
         cortocircuito | peligroso | peligrosa",
    ),
];

const DANGER_SAYS: Says = &[
    ("en", "something that may hurt somebody"),
    ("de", "etwas, das jemanden verletzen könnte"),
    ("fr", "quelque chose qui pourrait blesser quelqu'un"),
    ("es", "algo que podría herir a alguien"),
];

const LEGAL_WORDS: Words = &[
    (
        "en",
        "lawyer | lawyers | attorney | solicitor | solicitors | legal action | legal proceedings | \
         legal advice | sue you | suing you | lawsuit | small claims | take you to court | court order | \
         court case | in court | to court | ombudsman | trading standards | gdpr | data request | \
         subject access request | data protection officer | right to be forgotten | delete my data | \
         delete all my data | erase my data | copy of my data | personal data you hold",
    ),
    (
        "de",
        "anwalt | anwälte | anwältin | rechtsanwalt | rechtsanwältin | rechtsanwälte | rechtsweg | \
         rechtliche schritte | klage einreichen | verklage | verklagen | vor gericht | zum gericht | \
         amtsgericht | gerichtlich* | mahnbescheid | verbraucherzentrale | schlichtungsstelle | abmahnung | \
         dsgvo | datenschutz-grundverordnung | datenauskunft | auskunft nach art | auskunft gemäß art | \
         datenschutzbeauftragte* | daten löschen | löschung meiner daten | kopie meiner daten",
    ),
    (
        "fr",
        "mon avocat | mon avocate | notre avocat | un avocat | avocate | l'avocat | tribunal | tribunaux | \
         poursuites judiciaires | action en justice | mise en demeure | porter plainte | huissier | médiateur | \
         rgpd | données personnelles | droit d'accès | supprimer mes données | suppression de mes données | \
         effacer mes données | copie de mes données | cnil",
    ),
    (
        "es",
        "abogado | abogada | abogados | tribunal | tribunales | juzgado | demanda judicial | acciones legales | \
         medidas legales | voy a denunciar | les demandaré | hoja de reclamaciones | oficina del consumidor | \
         rgpd | protección de datos | datos personales | derecho de acceso | eliminar mis datos | \
         borrar mis datos | copia de mis datos",
    ),
];

const LEGAL_SAYS: Says = &[
    ("en", "a question of your rights"),
    ("de", "eine Frage Ihrer Rechte"),
    ("fr", "une question qui touche à vos droits"),
    ("es", "una cuestión de sus derechos"),
];

/// Danger before legal before `other`, which stays last: it is what none of the others matches.
pub fn kinds() -> Vec<Kind> {
    vec![
        Kind { danger: true, ..kind("danger", FirstLetter::Apology, DANGER_WORDS, DANGER_SAYS) },
        kind("legal", FirstLetter::Acknowledgement, LEGAL_WORDS, LEGAL_SAYS),
        kind(OTHER, FirstLetter::Apology, &[], &[]),
    ]
}

fn kind(name: &str, letter: FirstLetter, words: Words, says: Says) -> Kind {
    let list = |words: &str| words.split('|').map(|word| word.trim().to_owned()).collect();
    Kind {
        name: name.to_owned(),
        words: words.iter().map(|(language, words)| ((*language).to_owned(), list(words))).collect(),
        says: says
            .iter()
            .map(|(language, says)| ((*language).to_owned(), (*says).to_owned()))
            .collect::<BTreeMap<_, _>>(),
        letter,
        sla: None,
        fix_team: None,
        design_team: None,
        check_in: None,
        danger: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_words_are_folded_and_none_stands_twice() {
        for kind in kinds() {
            for (language, words) in &kind.words {
                let mut seen = std::collections::BTreeSet::new();
                for word in words {
                    assert_eq!(*word, word.to_lowercase(), "{language}");
                    assert!(seen.insert(word), "{} {language}: {word} stands twice", kind.name);
                }
            }
        }
    }

    #[test]
    fn danger_and_legal_are_known_in_four_languages() {
        for name in ["danger", "legal"] {
            let kind = kinds().into_iter().find(|k| k.name == name).expect("built in");
            assert_eq!(kind.words.keys().collect::<Vec<_>>(), ["de", "en", "es", "fr"]);
            assert_eq!(kind.says.len(), 4);
        }
    }
}
