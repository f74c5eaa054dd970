//! Header blocks and rules above a mail that is answered or passed on, in the languages of mail programs.

use super::*;

/// From, Sent, To, Subject, as Outlook writes them.
const OUTLOOK: &[(&str, [&str; 4])] = &[
    ("en", ["From:", "Sent:", "To:", "Subject:"]),
    ("de", ["Von:", "Gesendet:", "An:", "Betreff:"]),
    ("fr", ["De :", "Envoyé :", "À :", "Objet :"]),
    ("fr, no-break blanks", ["De\u{a0}:", "Envoyé\u{a0}:", "À\u{a0}:", "Objet\u{a0}:"]),
    ("es", ["De:", "Enviado el:", "Para:", "Asunto:"]),
    ("it", ["Da:", "Inviato:", "A:", "Oggetto:"]),
    ("pt", ["De:", "Enviada em:", "Para:", "Assunto:"]),
    ("nl", ["Van:", "Verzonden:", "Aan:", "Onderwerp:"]),
    ("pl", ["Od:", "Wysłano:", "Do:", "Temat:"]),
    ("sv", ["Från:", "Skickat:", "Till:", "Ämne:"]),
    ("da", ["Fra:", "Sendt:", "Til:", "Emne:"]),
    ("fi", ["Lähettäjä:", "Lähetetty:", "Vastaanottaja:", "Aihe:"]),
    ("ru", ["От:", "Отправлено:", "Кому:", "Тема:"]),
    ("uk", ["Від:", "Надіслано:", "Кому:", "Тема:"]),
    ("bg", ["От:", "Изпратено:", "До:", "Относно:"]),
    ("cs", ["Od:", "Odesláno:", "Komu:", "Předmět:"]),
    ("sk", ["Od:", "Odoslané:", "Komu:", "Predmet:"]),
    ("sl", ["Od:", "Poslano:", "Za:", "Zadeva:"]),
    ("hr", ["Od:", "Poslano:", "Prima:", "Predmet:"]),
    ("hu", ["Feladó:", "Elküldve:", "Címzett:", "Tárgy:"]),
    ("ro", ["De la:", "Trimis:", "Către:", "Subiect:"]),
    ("ca", ["De:", "Enviat:", "Per a:", "Tema:"]),
    ("el", ["Από:", "Στάλθηκε:", "Προς:", "Θέμα:"]),
    ("tr", ["Kimden:", "Gönderildi:", "Kime:", "Konu:"]),
    ("id", ["Dari:", "Dikirim:", "Kepada:", "Subjek:"]),
    ("vi", ["Từ:", "Đã gửi:", "Đến:", "Chủ đề:"]),
    ("th", ["จาก:", "ส่ง:", "ถึง:", "เรื่อง:"]),
    ("he", ["\u{200f}\u{200f}מאת:", "נשלח:", "אל:", "נושא:"]),
    ("ar", ["من:", "تم الإرسال:", "إلى:", "الموضوع:"]),
    ("lt", ["Nuo:", "Išsiųsta:", "Kam:", "Tema:"]),
    ("lv", ["No:", "Nosūtīts:", "Kam:", "Tēma:"]),
    ("et", ["Saatja:", "Saadetud:", "Adressaat:", "Teema:"]),
    ("zh-CN", ["发件人:", "发送时间:", "收件人:", "主题:"]),
    ("zh-CN, Foxmail", ["发件人：", "发送时间：", "收件人：", "主题："]),
    ("zh-TW", ["寄件者:", "寄件日期:", "收件者:", "主旨:"]),
    ("ja", ["差出人:", "送信日時:", "宛先:", "件名:"]),
    ("ko", ["보낸 사람:", "보낸 날짜:", "받는 사람:", "제목:"]),
];

/// What stands in the fields.
const VALUES: [&str; 4] = ["Mei Tan <mei@n.example>", "20.11.2026 23:40", "Klaus", "Re: lamp"];

/// A block, each name between two signs.
fn block(names: &[&str; 4], order: [usize; 4], bold: &str) -> String {
    order.iter().map(|n| format!("{bold}{}{bold} {}\n", names[*n], VALUES[*n])).collect()
}

#[test]
fn header_blocks_of_all_languages_begin_the_quoted_mail() {
    for (language, names) in OUTLOOK {
        for bold in ["", "*"] {
            // Outlook; the phones of Samsung; Gmail passing on; Zimbra.
            for order in [[0, 1, 2, 3], [0, 1, 3, 2], [0, 2, 1, 3], [1, 0, 2, 3]] {
                for rule in ["", "________________________________\n", "--\n"] {
                    let block = block(names, order, bold);
                    let text = format!("It broke again.\n\nKlaus\n\n{rule}{block}\nDear Klaus,\nwe are sorry.");
                    assert_eq!(new_words(&text), "It broke again.\n\nKlaus", "{language}: {text}");
                }
            }
        }
    }
}

#[test]
fn a_quoted_header_block_leaves_the_answers_between() {
    for (language, names) in OUTLOOK {
        let block: String = block(names, [0, 1, 2, 3], "").lines().map(|line| format!("> {line}\n")).collect();
        let text = format!("See below.\n\n{block}>\n> What broke?\nThe hinge.\n> And now?\nA lamp.");
        assert_eq!(new_words(&text), "See below.\n\nThe hinge.\nA lamp.", "{language}");
    }
}

/// What programs write into the rule above a quoted or forwarded mail.
const RULES: &[&str] = &[
    "Original Message",
    "Ursprüngliche Nachricht",
    "Originalnachricht",
    "Message d'origine",
    "Message d\u{2019}origine",
    "Mail original",
    "Mensaje original",
    "Messaggio originale",
    "Mensagem original",
    "Oorspronkelijk bericht",
    "Oryginalna wiadomość",
    "Ursprungligt meddelande",
    "Originalmeddelande",
    "Oprindelig meddelelse",
    "Oprindelig besked",
    "Opprinnelig melding",
    "Alkuperäinen viesti",
    "Исходное сообщение",
    "Оригінальне повідомлення",
    "Původní zpráva",
    "Pôvodná správa",
    "Eredeti üzenet",
    "Mesaj original",
    "Missatge original",
    "Αρχικό μήνυμα",
    "Orijinal mesaj",
    "原始邮件",
    "原始郵件",
    "元のメッセージ",
    "원본 메시지",
    "Forwarded message",
    "Weitergeleitete Nachricht",
    "Message transféré",
    "Mensaje reenviado",
    "Messaggio inoltrato",
    "Mensagem encaminhada",
    "Doorgestuurd bericht",
    "Wiadomość przekazana dalej",
    "Vidarebefordrat meddelande",
    "Videresendt besked",
    "Välitetty viesti",
    "Пересылаемое сообщение",
    "转发的邮件",
    "転送メッセージ",
    "전달된 메시지",
    "Original",
];

#[test]
fn rules_of_all_languages_begin_the_quoted_mail() {
    for name in RULES {
        for rule in [
            format!("-----{name}-----"),
            format!("---------- {name} ----------"),
            format!("------------------&nbsp;{name}&nbsp;------------------"),
            format!("\u{2010}\u{2010}\u{2010}\u{2010} {name} \u{2010}\u{2010}\u{2010}"),
            format!("_____ {name} _____"),
            format!("*-----{name}-----*"),
        ] {
            let text = format!("It broke again.\n\n{rule}\nDear Klaus,\nwe are sorry.");
            assert_eq!(new_words(&text), "It broke again.", "{rule}");
        }
    }
    for rule in
        ["----- Forwarded by Mei Tan/N on 20/11/2026 23:40 -----", "----- Weitergeleitet von Mei Tan am 20.11. -----"]
    {
        assert_eq!(new_words(&format!("See this.\n\n{rule}\n\nwords")), "See this.", "{rule}");
    }
}

#[test]
fn what_apple_writes_above_a_forwarded_mail_needs_no_rule() {
    for line in [
        "Begin forwarded message:",
        "Anfang der weitergeleiteten Nachricht:",
        "Début du message réexpédié :",
        "Inicio del mensaje reenviado:",
        "Inizio messaggio inoltrato:",
        "Início da mensagem encaminhada:",
        "Begin doorgestuurd bericht:",
        "Początek przekazywanej wiadomości:",
        "Vidarebefordrat brev:",
        "Start på videresendt besked:",
        "Välitetty viesti alkaa:",
        "Начало переадресованного сообщения:",
        "开始转发的邮件：",
        "転送されたメッセージ：",
        "전달된 메시지:",
    ] {
        assert_eq!(new_words(&format!("See this.\n\n{line}\n\nwords")), "See this.", "{line}");
    }
}

#[test]
fn other_forms_of_blocks_begin_it_too() {
    for block in [
        // Orange; T-Online; GMX and WEB.DE; Libero; Yandex; Naver.
        "Message du : 20/11/2026 23:40\nDe : \"Mei\" <mei@n.example>\nA : k@b.example\nCopie à : \nSujet : lamp",
        "-----Original-Nachricht-----\nBetreff: Lampe\nDatum: 2026-11-20T23:40:11+0100\nVon: \"Mei\" <mei@n.example>\nAn: k@b.example",
        "Betreff: Lampe\nDatum: 2026-11-20T23:40:11+0100\nVon: \"Mei\" <mei@n.example>\nAn: k@b.example",
        "Gesendet: Freitag, 20. November 2026 um 23:40 Uhr\nVon: \"Mei\" <mei@n.example>\nAn: k@b.example\nBetreff: Lampe",
        "----Messaggio originale----\nDa: mei@n.example\nData: 20-nov-2026\nA: <k@b.example>\nOgg: lampada",
        "----------------\nКому: Klaus (k@b.example);\nТема: lamp;\n20.11.2026, 23:40, \"Mei Tan\" <mei@n.example>:",
        "-----Original Message-----\nFrom: \"Mei\"<mei@n.example>\nTo: <k@b.example>;\nCc:\nSent: 2026-11-20 (금) 23:40:11 (GMT+09:00)\nSubject: lamp",
        "------ Original Message ------\nFrom \"Mei\" <mei@n.example>\nTo k@b.example\nDate 20/11/2026 23:40:11\nSubject lamp",
        "##- Please type your reply above this line -##",
        "=-=-= Reply ABOVE THIS LINE to add a note =-=-=",
        "Original Message\nFrom: Mei\nSent: Friday\nTo: Klaus\nSubject: lamp",
    ] {
        let got = new_words(&format!("It broke again.\n\n{block}\n\nDear Klaus,\nwe are sorry."));
        // Yandex names two fields above its introduction; what is left of them is no word of the quote.
        assert!(got == "It broke again." || block.contains("Кому") && !got.contains("Dear"), "{block}\n\n{got}");
    }
}

#[test]
fn what_only_looks_like_a_rule_is_kept() {
    for words in [
        "-- original packaging is gone, and the lamp",
        "- Original message attached",
        "* original message: it broke",
        "---------- cut here ----------\none",
        "Forwarded message:\nis what I got",
        "The original message:\nsee the file",
        "=== Error ===\nline 1\nline 2",
    ] {
        let text = format!("It broke.\n\n{words}\n\nKlaus");
        assert_eq!(new_words(&text), text, "{words}");
    }
}
