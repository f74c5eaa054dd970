//! The line above a quote, as programs of many languages write it: each with a marked quote, with an unmarked one,
//! above an answer, and wrapped at every blank.

use super::*;

/// With an address, or with a day and a time: what only programs write.
const SURE: &[(&str, &[&str])] = &[
    (
        "Gmail",
        &[
            "On Fri, Nov 20, 2026 at 11:40 PM Mei Tan <mei@n.example> wrote:",
            "On Fri, Nov 20, 2026 at 11:40\u{202f}PM Mei Tan <mei@n.example> wrote:",
            "Am Fr., 20. Nov. 2026 um 23:40 Uhr schrieb Mei Tan <mei@n.example>:",
            "Le ven. 20 nov. 2026 à 23:40, Mei Tan <mei@n.example> a écrit :",
            "Le ven. 20 nov. 2026 à 23:40, Mei Tan <mei@n.example> a écrit\u{a0}:",
            "El vie, 20 nov 2026 a las 23:40, Mei Tan (<mei@n.example>) escribió:",
            "Il giorno ven 20 nov 2026 alle ore 23:40 Mei Tan <mei@n.example> ha scritto:",
            "Em sex., 20 de nov. de 2026 às 23:40, Mei Tan <mei@n.example> escreveu:",
            "Mei Tan <mei@n.example> escreveu (sexta, 20/11/2026 à(s) 23:40):",
            "Op vr 20 nov 2026 om 23:40 schreef Mei Tan <mei@n.example>:",
            "pt., 20 lis 2026 o 23:40 Mei Tan <mei@n.example> napisał(a):",
            "Den fre 20 nov. 2026 kl 23:40 skrev Mei Tan <mei@n.example>:",
            "Den fre. 20. nov. 2026 kl. 23.40 skrev Mei Tan <mei@n.example>:",
            "fre. 20. nov. 2026 kl. 23:40 skrev Mei Tan <mei@n.example>:",
            "pe 20. marrask. 2026 klo 23.40 Mei Tan (mei@n.example) kirjoitti:",
            "пт, 20 нояб. 2026 г. в 23:40, Mei Tan <mei@n.example>:",
            "пт, 20 лист. 2026 р. о 23:40 Mei Tan <mei@n.example> пише:",
            "На пт, 20.11.2026 г. в 23:40 Mei Tan <mei@n.example> написа:",
            "pá 20. 11. 2026 v 23:40 odesílatel Mei Tan <mei@n.example> napsal:",
            "pi 20. 11. 2026 o 23:40 Mei Tan <mei@n.example> napísal(a):",
            "pet, 20. stu 2026. u 23:40 Mei Tan <mei@n.example> napisao je:",
            "Mei Tan <mei@n.example> ezt írta (időpont: 2026. nov. 20., P, 23:40):",
            "În vin., 20 nov. 2026 la 23:40, Mei Tan <mei@n.example> a scris:",
            "Missatge de Mei Tan <mei@n.example> del dia dv., 20 de nov. 2026 a les 23:40:",
            "Στις Παρ 20 Νοε 2026 στις 23:40, ο χρήστης Mei Tan <mei@n.example> έγραψε:",
            "Mei Tan <mei@n.example>, 20 Kas 2026 Cum, 23:40 tarihinde şunu yazdı:",
            "Pada tanggal Jum, 20 Nov 2026 pukul 23.40 Mei Tan <mei@n.example> menulis:",
            "Vào Th 6, 20 thg 11, 2026 vào lúc 23:40 Mei Tan <mei@n.example> đã viết:",
            "ในวันที่ ศ. 20 พ.ย. 2026 เวลา 23:40 Mei Tan <mei@n.example> เขียนว่า:",
            "\u{202b}בתאריך יום ו׳, 20 בנוב׳ 2026 ב-23:40 מאת \u{202a}Mei Tan\u{202c}\u{200f} <\u{202a}mei@n.example\u{202c}\u{200f}>:\u{202c}",
            "في الجمعة، 20 نوفمبر 2026 في 11:40 م تمت كتابة ما يلي بواسطة Mei Tan <mei@n.example>:",
            "Mei Tan <mei@n.example> 于2026年11月20日周五 23:40写道：",
            "Mei Tan <mei@n.example> 於 2026年11月20日 週五 下午11:40寫道：",
            "2026年11月20日(金) 23:40 Mei Tan <mei@n.example>:",
            "2026년 11월 20일 (금) 오후 11:40, Mei Tan <mei@n.example>님이 작성:",
            "2026-11-20 23:40 GMT+01:00 Mei Tan <mei@n.example>:",
        ],
    ),
    (
        "Apple Mail",
        &[
            "On 20. Nov 2026, at 23:40, Mei Tan <mei@n.example> wrote:",
            "On Nov 20, 2026, at 11:40\u{202f}PM, Mei Tan <mei@n.example> wrote:",
            "Am 20.11.2026 um 23:40 schrieb Mei Tan <mei@n.example>:",
            "Le 20 nov. 2026 à 23:40, Mei Tan <mei@n.example> a écrit :",
            "El 20 nov 2026, a las 23:40, Mei Tan <mei@n.example> escribió:",
            "Il giorno 20 nov 2026, alle ore 23:40, Mei Tan <mei@n.example> ha scritto:",
            "Em 20 de nov. de 2026, à(s) 23:40, Mei Tan <mei@n.example> escreveu:",
            "No dia 20/11/2026, às 23:40, Mei Tan <mei@n.example> escreveu:",
            "Op 20 nov. 2026 om 23:40 heeft Mei Tan <mei@n.example> het volgende geschreven:",
            "Wiadomość napisana przez Mei Tan <mei@n.example> w dniu 20 lis 2026, o godz. 23:40:",
            "20 nov. 2026 kl. 23:40 skrev Mei Tan <mei@n.example>:",
            "Den 20. nov. 2026 kl. 23.40 skrev Mei Tan <mei@n.example>:",
            "Mei Tan <mei@n.example> kirjoitti 20.11.2026 kello 23.40:",
            "20 нояб. 2026 г., в 23:40, Mei Tan <mei@n.example> написал(а):",
            "20. 11. 2026 v 23:40, Mei Tan <mei@n.example>:",
            "Mei Tan <mei@n.example> şunları yazdı (20 Kas 2026 23:40):",
            "2026/11/20 23:40、Mei Tan <mei@n.example>のメール:",
            "2026/11/20 23:40、Mei Tan <mei@n.example> のメッセージ:",
            "在 2026年11月20日，23:40，Mei Tan <mei@n.example> 写道：",
            "Mei Tan <mei@n.example> 於 2026年11月20日 下午11:40 寫道：",
            "2026. 11. 20. 오후 11:40, Mei Tan <mei@n.example> 작성:",
            "2026. nov. 20. dátummal, 23:40 időpontban Mei Tan <mei@n.example> írta:",
        ],
    ),
    (
        "Thunderbird",
        &[
            "On 20/11/2026 23:40, Mei Tan wrote:",
            "Am 20.11.26 um 23:40 schrieb Mei Tan:",
            "Le 20/11/2026 à 23:40, Mei Tan a écrit :",
            "El 20/11/26 a las 23:40, Mei Tan escribió:",
            "Il 20/11/26 23:40, Mei Tan ha scritto:",
            "Às 23:40 de 20/11/2026, Mei Tan escreveu:",
            "Op 20-11-2026 om 23:40 schreef Mei Tan:",
            "W dniu 20.11.2026 o 23:40, Mei Tan pisze:",
            "Den 2026-11-20 kl. 23:40, skrev Mei Tan:",
            "Den 20.11.2026 23:40, skrev Mei Tan:",
            "20.11.2026, 23:40, Mei Tan kirjoitti:",
            "20.11.2026 23:40, Mei Tan пишет:",
            "20.11.2026 23:40, Mei Tan пише:",
            "Dne 20. 11. 2026 v 23:40 Mei Tan napsal(a):",
            "Dňa 20. 11. 2026 o 23:40 Mei Tan napísal(a):",
            "Dana 20.11.2026. u 23:40, Mei Tan je napisao/la:",
            "2026. 11. 20. 23:40 keltezéssel, Mei Tan írta:",
            "20.11.2026 23:40 tarihinde Mei Tan yazdı:",
            "Στις 20/11/2026 23:40, ο/η Mei Tan έγραψε:",
            "2026/11/20 23:40 に、Mei Tan さんは書きました:",
            "在 2026/11/20 23:40, Mei Tan 写道:",
            "2026-11-20 23:40에 Mei Tan 이(가) 쓴 글:",
        ],
    ),
    (
        "Outlook for the phone, the new Outlook, Exchange",
        &[
            "Mei Tan <mei@n.example> wrote on 20/11/2026 23:40:11:",
            "Mei Tan <mei@n.example> schrieb am 20.11.2026 23:40:11:",
            "On 20 Nov 2026, at 23:40, Mei Tan via Support <mei@n.example<mailto:mei@n.example>> wrote:",
            "Am 20.11.2026 um 23:40 schrieb Mei Tan <mei@n.example<mailto:mei@n.example>>:",
        ],
    ),
    (
        "Yahoo, AOL",
        &[
            "On Friday, November 20, 2026 at 11:40:11 PM GMT+1, Mei Tan <mei@n.example> wrote:",
            "Am Freitag, 20. November 2026 um 23:40:11 MEZ hat Mei Tan <mei@n.example> Folgendes geschrieben:",
            "Le vendredi 20 novembre 2026 à 23:40:11 UTC+1, Mei Tan <mei@n.example> a écrit :",
            "En viernes, 20 de noviembre de 2026 23:40:11 CET, Mei Tan <mei@n.example> escribió:",
            "Il venerdì 20 novembre 2026 alle ore 23:40:11 CET, Mei Tan <mei@n.example> ha scritto:",
            "Em sexta-feira, 20 de novembro de 2026 23:40:11 BRT, Mei Tan <mei@n.example> escreveu:",
            "El viernes, 20 de noviembre de 2026, Mei Tan escribió:",
        ],
    ),
    (
        "K-9, Spark, Proton, Airmail, Front, eM Client, BlueMail, Hey",
        &[
            "Am 20. November 2026 23:40:11 MEZ schrieb Mei Tan <mei@n.example>:",
            "On 20 November 2026 23:40:11 CET, Mei Tan <mei@n.example> wrote:",
            "Le 20 novembre 2026 23:40:11 GMT+01:00, Mei Tan <mei@n.example> a écrit :",
            "On 20 Nov 2026 at 23:40 +0100, Mei Tan <mei@n.example>, wrote:",
            "On Friday, November 20th, 2026 at 11:40 PM, Mei Tan <mei@n.example> wrote:",
            "On 20 November 2026 at 23:40:11, Mei Tan (mei@n.example) wrote:",
            "Am 20. Nov. 2026, um 23:40, Mei Tan <mei@n.example> schrieb:",
            "On November 20, 2026, Mei Tan <mei@n.example> wrote:",
        ],
    ),
    (
        "Zoho, Zimbra",
        &[
            "---- On Fri, 20 Nov 2026 23:40:11 +0530 Mei Tan <mei@n.example> wrote ----",
            "---- El vie, 20 nov 2026 23:40:11 +0100 Mei Tan <mei@n.example> escribió ----",
            "----- Le 20 Nov 26, à 23:40, Mei Tan mei@n.example a écrit :",
            "----- On 20 Nov, 2026, at 23:40, Mei Tan mei@n.example wrote:",
        ],
    ),
    (
        "QQ, 163, Foxmail, Xiaomi",
        &[
            "At 2026-11-20 23:40:11, \"Mei Tan\" <mei@n.example> wrote:",
            "在 2026-11-20 23:40:11，\"Mei Tan\" <mei@n.example> 写道：",
            "\"Mei Tan\"<mei@n.example>在 2026年11月20日 下午11:40写道：",
            "在 2026年11月20日星期五，Mei Tan 写道：",
        ],
    ),
    (
        "mail.ru, Yandex",
        &[
            "Пятница, 20 ноября 2026, 23:40 +03:00 от Mei Tan <mei@n.example>:",
            "20.11.2026, 23:40, \"Mei Tan\" <mei@n.example>:",
        ],
    ),
    (
        "Onet, WP, Interia",
        &[
            "Dnia 20 listopada 2026 23:40 Mei Tan <mei@n.example> napisał(a):",
            "W dniu 2026-11-20 23:40:11 użytkownik Mei Tan <mei@n.example> napisał:",
        ],
    ),
    (
        "Open-Xchange, Roundcube, Horde",
        &[
            "Mei Tan <mei@n.example> hat am 20.11.2026 23:40 CET geschrieben:",
            "On 11/20/2026 11:40 PM Mei Tan <mei@n.example> wrote:",
            "On 2026-11-20 23:40, Mei Tan wrote:",
            "Am 2026-11-20 23:40, schrieb Mei Tan:",
            "Mei Tan schreef op 2026-11-20 23:40:",
            "Mei Tan писал 2026-11-20 23:40:",
            "2026-11-20 23:40 に Mei Tan さんは書きました:",
            "Quoting Mei Tan <mei@n.example>:",
            "Zitat von Mei Tan <mei@n.example>:",
            "Citando Mei Tan <mei@n.example>:",
        ],
    ),
    (
        "mutt, Gnus, KMail, Evolution, Claws",
        &[
            "On Fri, Nov 20, 2026 at 11:40:11PM +0100, Mei Tan wrote:",
            "Mei Tan <mei@n.example> writes:",
            "Am Freitag, 20. November 2026, 23:40:11 CET schrieb Mei Tan:",
            "On Fri, 2026-11-20 at 23:40 +0100, Mei Tan wrote:",
            "On Fri, 20 Nov 2026 23:40:11 +0100 Mei Tan <mei@n.example> wrote:",
        ],
    ),
];

/// What a person could have written, too: only with a marked quote below.
const ONLY_IF_QUOTED: &[&str] = &[
    "Mei Tan wrote:",
    "Mei Tan schrieb:",
    "Mei Tan a écrit :",
    "On 2026-11-20, Mei Tan wrote:",
    "Friday, November 20, 2026, 11:40:11 PM, you wrote:",
    "Am 20.11.2026 schrieben Sie:",
    "Mei Tan さんは書きました：",
    "> Mei Tan wrote:",
];

fn all() -> impl Iterator<Item = &'static str> {
    SURE.iter().flat_map(|(_, lines)| lines.iter().copied())
}

#[test]
fn the_answer_above_a_quote_is_left_whether_it_is_marked_or_not() {
    let quotes = ["> Dear Klaus\n>\n> we are sorry", "Dear Klaus,\n\nwe are sorry", "&gt; Dear Klaus"];
    let rows = all().flat_map(|introduction| {
        let forms =
            quotes.iter().flat_map(move |quote| ["", "\n"].map(|gap| format!("{introduction}\n{gap}{quote}\n")));
        forms.map(|form| (format!("It broke again.\n\nKlaus\n\n{form}"), "It broke again.\n\nKlaus".to_owned()))
    });
    compare(rows);
    compare(all().map(|it| (format!("It broke again.\n*{it}*\n> Dear Klaus"), "It broke again.".to_owned())));
}

#[test]
fn the_answer_below_and_between_is_left() {
    compare(all().map(|it| {
        let text = format!("{it}\n\n> What broke?\nThe hinge.\n> And now?\nA new lamp.\n");
        (text, "The hinge.\nA new lamp.".to_owned())
    }));
}

#[test]
fn a_wrapped_one_is_one() {
    let rows = all().flat_map(|introduction| {
        introduction.match_indices(' ').filter_map(move |(at, _)| {
            let (head, tail) = (&introduction[..at], introduction[at..].trim());
            // Programs break lines near their ends, and never before a sign alone.
            let fits = head.chars().count() >= 24 && !head.ends_with(':') && tail.chars().count() >= 4;
            let text = format!("It broke again.\n\n{head}\n{tail}\n\n> Dear Klaus\n> we are sorry");
            fits.then(|| (text, "It broke again.".to_owned()))
        })
    });
    compare(rows);
}

#[test]
fn what_people_write_too_needs_a_marked_quote() {
    for introduction in ONLY_IF_QUOTED {
        let quoted = format!("It broke again.\n\n{introduction}\n> Dear Klaus\n> we are sorry");
        assert_eq!(new_words(&quoted), "It broke again.", "{introduction}");
        if !introduction.starts_with('>') {
            let unmarked = format!("It broke again.\n\n{introduction}\nthe lamp is mended.\nIt is not.");
            assert_eq!(new_words(&unmarked), unmarked, "{introduction}");
        }
    }
}

#[test]
fn what_the_writer_says_is_no_introduction() {
    for words in [
        "On Monday I bought 3 lamps, as follows:",
        "Am 20.11. habe ich Ihnen geschrieben, und zwar Folgendes:",
        "In 2026 your manual wrote:",
        "Le 20 novembre j'ai acheté chez vous :",
        "My address is Klaus <klaus@b.example>, my number is this:",
        "Please call before 10:30 or after 12:00, at one of these numbers:",
        "2016-03-03 17:21 GMT+01:00 error 7 in module hinge",
        "2016-03-03 17:21:40 GMT+01:00 Server down",
        "20 lamps, ordered from shop@n.example:",
        "Mei Tan, who is very kind, once told me all about it and even wrote to the boss of the whole shop, whom she wrote:",
    ] {
        let text = format!("Hello.\n\n{words}\n\none\ntwo");
        assert_eq!(new_words(&text), text, "{words}");
    }
}

#[test]
fn a_line_of_the_writer_right_above_is_kept() {
    let on = "On Fri, 20 Nov 2026 at 23:40, Mei Tan <mei@n.example> wrote:\n> Dear Klaus";
    for words in ["Thanks", "I called at 3.", "Please call me at 030 123456", "Grüße\nKlaus"] {
        assert_eq!(new_words(&format!("{words}\n{on}")), words);
    }
}

#[test]
fn gmails_link_to_an_address_is_part_of_it() {
    let text = "It broke again.\n\nOn Fri, 20 Nov 2026 at 23:40 Mei Tan\n\n<\nmailto:Mei Tan <mei@n.example>\n> wrote:\n\nDear Klaus";
    assert_eq!(new_words(text), "It broke again.");
    let text = "It broke again.\n\nOn Fri, 20 Nov 2026 at 23:40, Mei Tan <mei@n.example\n> wrote:\n\n> Dear Klaus";
    assert_eq!(new_words(text), "It broke again.");
}

#[test]
fn quotes_by_initials_need_an_introduction() {
    let text = "Hello Mei,\n\nFriday, November 20, 2026, 11:40:11 PM, you wrote:\n\nMT> What broke?\nThe hinge.\nMT> And now?\nA lamp.";
    assert_eq!(new_words(text), "Hello Mei,\n\n\nThe hinge.\nA lamp.");
    let prompt = "I typed this\n\nSQL> select 1\nSQL> quit\n\nand nothing came.";
    assert_eq!(new_words(prompt), prompt);
}
