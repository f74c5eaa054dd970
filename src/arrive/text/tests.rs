use super::*;
use crate::mail::REPLY_MARKER;

mod blocks;
mod footers;
mod introductions;

/// Compares the new words of many texts, and names all that differ at once.
fn compare(rows: impl IntoIterator<Item = (String, String)>) {
    let wrong: Vec<String> = rows
        .into_iter()
        .filter(|(text, wanted)| new_words(text) != *wanted)
        .map(|(text, wanted)| format!("{text}\n  gave {:?}\n  not  {wanted:?}", new_words(&text)))
        .collect();
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
}

#[test]
fn quotes_and_their_introductions_are_folded() {
    for introduction in [
        "On Fri, 20 Nov 2026 at 23:40, Mei Tan <mei@n.example> wrote:",
        "On Fri, 20 Nov 2026 at 23:40, Mei Tan\n<mei@n.example> wrote:",
        "Am 20.11.2026 um 23:40 schrieb Mei Tan <mei@n.example>:",
        "Am Fr., 20. Nov. 2026 um 23:40 Uhr schrieb Mei Tan <\nmei@n.example>:",
        "Le ven. 20 nov. 2026 \u{e0} 23:40, Mei Tan <mei@n.example> a \u{e9}crit\u{a0}:",
        "El vie, 20 nov 2026 a las 23:40, Mei Tan (<mei@n.example>) escribi\u{f3}:",
        "Op vr 20 nov. 2026 om 23:40 schreef Mei Tan <mei@n.example>:",
        "-----Original Message-----\nFrom: Mei",
        "________________________________\nVon: Mei Tan\nGesendet: Freitag, 20. November 2026\nAn: Klaus\nBetreff: Lampe",
        "From: Mei Tan <mei@n.example>\nSent: Friday\nTo: Klaus\nSubject: Re: lamp",
        "2026-11-20 23:40 GMT+01:00 Mei Tan <mei@n.example>:",
    ] {
        for quote in ["> Dear Klaus\n> we are sorry", "Dear Klaus, we are sorry"] {
            let text = format!("It broke again.\n\nKlaus\n\n{introduction}\n\n{quote}\n");
            assert_eq!(new_words(&text), "It broke again.\n\nKlaus", "{introduction}");
        }
    }
}

#[test]
fn answers_between_and_below_quotes_are_kept() {
    let text = "On 20 Nov 2026, Mei wrote:\n> What broke?\nThe hinge.\n> And what would you like?\nA new lamp.";
    assert_eq!(new_words(text), "The hinge.\nA new lamp.");
}

#[test]
fn words_that_look_like_an_introduction_are_kept() {
    for text in [
        "My wish is this:\na new lamp",
        "The manual wrote:\npress 3 times",
        "From: the heart\nI thank you",
        "| a | b |",
    ] {
        assert_eq!(new_words(text), text);
    }
}

#[test]
fn signatures_and_footers_are_folded_and_closings_kept() {
    assert_eq!(new_words("Broken.\nThanks, Alex\n-- \nAlex Ltd\n1 Street"), "Broken.\nThanks, Alex");
    assert_eq!(new_words("Broken.\n\nSent from my iPhone"), "Broken.");
    assert_eq!(new_words(&format!("Broken.\n\n{REPLY_MARKER}\nDear Klaus")), "Broken.");
}

#[test]
fn if_nothing_would_be_left_all_is_shown() {
    assert_eq!(new_words("> only a quote\n"), "> only a quote");
}

#[test]
fn a_text_of_endless_lines_is_shown_whole() {
    let text = "> a\n".repeat(MAX_LINES);
    assert_eq!(new_words(&format!("own\n{}", &text[4..])), "own");
    assert_eq!(new_words(&format!("own\n{text}")).lines().count(), MAX_LINES + 1);
}
