//! Footers, signatures, notes of lists and lawyers: what is folded, and what only looks like it.

use super::*;

const FOOTERS: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "Sent from my iPhone",
            "Sent from my Galaxy",
            "Get Outlook for iOS<https://aka.ms/o0ukef>",
            "Get [Outlook for Android](https://aka.ms/ghei36)",
            "Sent from Mail for Windows 10",
            "Sent from Yahoo Mail on Android",
            "Sent with Proton Mail secure email.",
            "Sent from my Android device with K-9 Mail. Please excuse my brevity.",
            "Sent from mobile",
            "(sent from a phone)",
            "<<sent by galaxy>>",
            "Klaus from mobile",
            "Virus-free. www.avast.com",
            "_Sent from my iPad_",
        ],
    ),
    (
        "de",
        &[
            "Von meinem iPhone gesendet",
            "Gesendet von meinem iPad",
            "Gesendet mit der GMX Mail App",
            "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
            "Holen Sie sich Outlook für iOS<https://aka.ms/o0ukef>",
            "Outlook für Android herunterladen",
            "Gesendet von Mail für Windows",
            "Von Samsung Mobile gesendet",
            "Virenfrei. www.avast.com",
        ],
    ),
    (
        "fr",
        &[
            "Envoyé de mon iPhone",
            "Envoyé depuis mon appareil Galaxy",
            "Envoyé à partir de Courrier pour Windows",
            "Télécharger Outlook pour Android",
            "Envoyé depuis l'application Mail Orange",
            "Envoyé depuis l\u{2019}application Mail Orange",
        ],
    ),
    (
        "es",
        &[
            "Enviado desde mi iPhone",
            "Obtener Outlook para iOS",
            "Enviado desde Correo para Windows 10",
            "Enviado con Proton Mail",
        ],
    ),
    (
        "it",
        &["Inviato da iPhone", "Inviato dal mio telefono Huawei", "Ottieni Outlook per iOS", "Inviato da Libero Mail"],
    ),
    (
        "pt",
        &[
            "Enviado do meu iPhone",
            "Enviado a partir do meu smartphone Samsung Galaxy.",
            "Obter o Outlook para iOS",
            "Enviado do Email para Windows",
        ],
    ),
    (
        "nl",
        &[
            "Verzonden vanaf mijn iPhone",
            "Verstuurd vanaf mijn iPad",
            "Verzonden met BlackBerry Work",
            "Outlook voor iOS downloaden",
        ],
    ),
    (
        "pl",
        &[
            "Wysłane z iPhone'a",
            "Wysłane z iPhone\u{2019}a",
            "Wysłano z telefonu",
            "Pobierz aplikację Outlook dla systemu iOS",
        ],
    ),
    ("sv", &["Skickat från min iPhone", "Hämta Outlook för iOS", "Skickat från Outlook"]),
    ("da", &["Sendt fra min iPhone", "Hent Outlook til iOS", "Sendt fra Mail til Windows"]),
    ("nb", &["Sendt fra min iPhone", "Skaff deg Outlook for iOS"]),
    ("fi", &["Lähetetty iPhonesta", "Hanki Outlook for iOS"]),
    (
        "ru",
        &[
            "Отправлено с iPhone",
            "Отправлено из мобильной Яндекс.Почты",
            "Отправлено из Почты для Windows",
            "Скачать Outlook для iOS",
        ],
    ),
    ("uk", &["Надіслано з iPhone", "Надіслано з Outlook для Android"]),
    ("cs", &["Odesláno z iPhonu", "Odesláno z mobilu", "Získejte Outlook pro iOS"]),
    ("sk", &["Odoslané z iPhonu"]),
    ("hu", &["Elküldve az iPhone-omról", "iPhone-ról küldve"]),
    ("ro", &["Trimis de pe iPhone-ul meu", "Obțineți Outlook pentru iOS"]),
    ("ca", &["Enviat des del meu iPhone"]),
    ("el", &["Στάλθηκε από το iPhone μου"]),
    ("tr", &["iPhone'umdan gönderildi", "iOS için Outlook'u edinin"]),
    ("id", &["Dikirim dari iPhone saya"]),
    ("vi", &["Đã gửi từ iPhone của tôi"]),
    ("th", &["ส่งจาก iPhone ของฉัน"]),
    ("he", &["\u{200f}נשלח מה-iPhone שלי"]),
    ("ar", &["أُرسلت من الـ iPhone الخاص بي"]),
    ("zh", &["发自我的 iPhone", "发自我的华为手机", "從我的 iPhone 傳送", "从我的手机发送", "获取 Outlook for iOS"]),
    ("ja", &["iPhoneから送信", "私のiPhoneから送信", "Yahoo!メールアプリから送信", "Outlook for iOS を入手"]),
    ("ko", &["나의 iPhone에서 보냄", "iOS용 Outlook 받기"]),
];

#[test]
fn footers_of_all_languages_are_folded() {
    let quote = "On Fri, 20 Nov 2026 at 23:40, Mei Tan <mei@n.example> wrote:\n> Dear Klaus";
    for footer in FOOTERS.iter().flat_map(|(_, footers)| *footers) {
        let within = format!("It broke.\n\n{footer}\n\nWhat now?");
        let folded = [
            format!("It broke.\n\n{footer}"),
            format!("It broke.\n{footer}\n\n{quote}"),
            format!("It broke.\n\n-- \nKlaus\n\n{footer}\n\n{quote}"),
        ];
        compare(folded.map(|text| (text, "It broke.".to_owned())));
        compare([(within.clone(), within)]);
    }
}

#[test]
fn last_lines_of_people_are_kept() {
    let kept = [
        "Sent by DHL, number 7",
        "Sent from my what?",
        "From my phone I cannot reach your shop at all.",
        "I cannot log in from mobile",
        "Gesendet von Klaus Berger per Einschreiben.",
        "Von meinem Handy aus geht es nicht.",
        "Ich habe es Ihnen schon dreimal per Mail gesendet",
        "Mein Outlook für iOS zeigt nichts an.",
        "Envoyé par colis hier",
        "Enviado por correos el lunes",
        "Trimis de la magazin ieri",
        "Elküldve tegnap",
        "Inviato da Napoli con corriere",
        "Verzonden met PostNL",
        "私のiPhoneは動きません",
        "从你们的店买的手机坏了",
        "내 iPhone이 고장났어요",
        "Regards, Klaus",
        "\u{2014} Klaus",
        "\u{1f389}",
    ]
    .map(|words| format!("It broke.\n\n{words}"));
    compare(kept.map(|text| (text.clone(), text)));
}

#[test]
fn signatures_below_rules_are_folded_and_sections_kept() {
    for signature in [
        "-- \nKlaus Berger\nBerger Ltd\n1 Street",
        "--\nKlaus Berger",
        "--\u{a0}\nKlaus Berger",
        "___\nKlaus Berger\nTel. +49 30 1234567",
        "----------\nKlaus Berger\nBerger Ltd\nwww.berger.example",
        "****\nKlaus Berger\nklaus@b.example",
    ] {
        assert_eq!(new_words(&format!("It broke.\n\n{signature}")), "It broke.", "{signature}");
        let both = format!("It broke.\n\n{signature}\n\n> Dear Klaus\n\nAnd again.");
        assert_eq!(new_words(&both), "It broke.\n\n\nAnd again.", "{signature}");
    }
    for section in [
        "-----\nhere is the log:\nline 1\nline 2",
        "=====\nOrder 1234567 of 20 November\nhttps://n.example/1",
        "---\nAnd another thing: it smells.",
        "* one\n* two",
    ] {
        let text = format!("It broke.\n\n{section}");
        assert_eq!(new_words(&text), text, "{section}");
    }
    let long = format!("It broke.\n--\n{}end", "one more line\n".repeat(40));
    assert_eq!(new_words(&long), long);
}

#[test]
fn rules_with_nothing_below_are_folded_but_not_those_of_tables() {
    assert_eq!(
        new_words("This is no ----- rule.\n\n\u{1427}\n--\n***\n ~~~~\n=====\n____\n"),
        "This is no ----- rule."
    );
    let table = "+---+\n| a |\n+---+";
    assert_eq!(new_words(table), table);
    assert_eq!(new_words("-----"), "-----");
}

#[test]
fn footers_of_lists_are_folded() {
    for footer in [
        "_______________________________________________\nlamps mailing list\nlamps@l.example\nhttps://l.example/mailman/listinfo/lamps",
        "__\nlamps mailing list\nlamps@l.example",
        "-- \nYou received this message because you are subscribed to the Google Groups \"lamps\" group.\nTo unsubscribe, write to x@l.example.",
        "------------------------------\nTo unsubscribe from the LAMPS list, click this link: https://l.example",
        "________________\nListe de diffusion lampes\nhttps://l.example",
        "________________\nMailingliste lampen@l.example\nhttps://l.example",
    ] {
        assert_eq!(new_words(&format!("It broke.\n\n{footer}")), "It broke.", "{footer}");
        let below = format!("It broke.\n\nOn 20 Nov 2026, Mei <m@n.example> wrote:\n> words\n\n{footer}");
        assert_eq!(new_words(&below), "It broke.", "{footer}");
    }
    let own = "-----\nPlease unsubscribe me.\n\nI never asked for it, and now I want it to end.";
    assert_ne!(new_words(&format!("It broke.\n\n{own}\n> x\n\nmore words")), "It broke.");
}

#[test]
fn notes_of_lawyers_are_folded_where_they_surely_are() {
    for note in [
        "This e-mail and any attachments are confidential and intended solely for the addressee. If you are not the intended recipient, delete it.",
        "CONFIDENTIALITY NOTICE: This message is for the intended recipient only and may be privileged. Any other use is forbidden.",
        "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den Absender.",
        "Ce message et toutes les pièces jointes sont confidentiels et établis à l'intention exclusive de ses destinataires.",
        "Este mensaje y sus archivos adjuntos son confidenciales y se dirigen exclusivamente a su destinatario.",
        "Questo messaggio e gli eventuali allegati sono riservati e destinati unicamente ai destinatari indicati.",
        "Esta mensagem e os seus anexos são confidenciais e destinados exclusivamente aos seus destinatários indicados.",
        "De informatie in deze e-mail is vertrouwelijk en uitsluitend bestemd voor de geadresseerde. Bent u dat niet, wis hem dan.",
        "Niniejsza wiadomość jest poufna i przeznaczona wyłącznie dla adresata. Jeśli nie jesteś adresatem, usuń ją.",
    ] {
        let wrapped = note.replacen(" a", "\na", 1);
        for note in [note, &wrapped, &format!("*{note}*")] {
            assert_eq!(new_words(&format!("It broke.\n\n{note}")), "It broke.", "{note}");
        }
        assert_eq!(new_words(note), note, "all that there is");
    }
    for words in [
        "This email and any other that I wrote were never answered by you, which is more than I can understand.",
        "This message is confidential.",
    ] {
        let text = format!("It broke.\n\n{words}");
        assert_eq!(new_words(&text), text);
    }
}

#[test]
fn signed_in_place_it_reads_as_it_was_written() {
    let text = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nIt broke.\n- -- \nKlaus\n-----BEGIN PGP SIGNATURE-----\n\niQ\n-----END PGP SIGNATURE-----\n";
    assert_eq!(new_words(text), "It broke.");
}

#[test]
fn hostile_text_is_read_in_good_time() {
    for torn in [
        "--\n",
        "--\n\n",
        "-- \nx\n",
        "---\nKlaus\n",
        "On 1.1.2026 10:00 wrote <a@b.c>:\n",
        "On 1.1.2026 10:00\n",
        "<a@b.c> wrote:\n\n\n",
        "From: a@b.c\n",
        "From: a@b.c\nTo:\n",
        "---- Original\n",
        "> -- please write above this line --\n",
        "a@b.c\n>:\n",
        "MT> x:\n",
        "This email and any\n",
        "This email and any\n---\n",
        "Sent from my iPhone\n",
        "-----BEGIN PGP SIGNED MESSAGE-----\n",
        "_____\nmailing list\n",
    ] {
        let _ = new_words(&torn.repeat(5_000));
    }
    let long = "On 1.1.2026 10:00 <a@b.c> ".repeat(40_000);
    assert_eq!(new_words(&format!("{long} wrote:")).len(), long.len() + 7);
}
